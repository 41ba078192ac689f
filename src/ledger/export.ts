/**
 * Exports: a ledger's events in the formats that other tools read, one text piece per event.
 *
 * @module
 */
import type { LedgerEvent } from '../contract/index.ts';
import { CSV_HEADER, csvRow } from './csv.ts';
import { LedgerError } from './errors.ts';
import { ocsfMapper } from './ocsf.ts';

export const EXPORT_FORMATS = ['jsonl', 'csv', 'ocsf'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** True for the name of a format that exists. */
function isFormat(name: string): name is ExportFormat {
  return EXPORT_FORMATS.some((format) => format === name);
}

/**
 * Yields the export as text, in pieces that end in a line break: `jsonl` one event a line; `csv` RFC 4180 with a header;
 * `ocsf` one OCSF 1.x event a line.
 *
 * @throws LedgerError `export-format` for a format that does not exist, at once and not at the first event
 */
export function exportEvents(
  events: AsyncIterable<LedgerEvent>,
  format: string,
): AsyncGenerator<string, void, undefined> {
  if (!isFormat(format)) {
    throw new LedgerError(
      'export-format',
      `there is no export format ${JSON.stringify(format)}`,
      `Use one of: ${EXPORT_FORMATS.join(', ')}.`,
    );
  }
  return write(events, format);
}

async function* write(
  events: AsyncIterable<LedgerEvent>,
  format: ExportFormat,
): AsyncGenerator<string, void, undefined> {
  const line = lineWriter(format);
  if (format === 'csv') yield CSV_HEADER;
  for await (const event of events) yield line(event);
}

function lineWriter(format: ExportFormat): (event: LedgerEvent) => string {
  switch (format) {
    case 'jsonl':
      return (event) => `${JSON.stringify(event)}\n`;
    case 'csv':
      return csvRow;
    case 'ocsf': {
      const map = ocsfMapper();
      return (event) => `${JSON.stringify(map(event))}\n`;
    }
  }
}
