/**
 * Exports: a ledger's events in the formats that other tools read, one text piece per event.
 *
 * @module
 */
import type { LedgerEvent } from '../contract/index.ts';
import { CSV_HEADER, csvRow } from './csv.ts';
import { LedgerError } from './errors.ts';
import { ocsfMapper } from './ocsf.ts';
import { OtlpMapper } from './otlp.ts';
import { SarifMaker } from './sarif.ts';
import { withoutTranscript } from './transcript.ts';

export const EXPORT_FORMATS = ['jsonl', 'csv', 'ocsf', 'otlp', 'sarif'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** True for the name of a format that exists. */
function isFormat(name: string): name is ExportFormat {
  return EXPORT_FORMATS.some((format) => format === name);
}

/**
 * Yields the export as text, in pieces that end in a line break: `jsonl` one event a line; `csv` RFC 4180 with a header;
 * `ocsf` one OCSF 1.x event a line; `otlp` one OTLP request a line; `sarif` one log, in one piece. What was said to models, tools
 * and people is left out.
 *
 * @param transcripts what was said is wanted
 * @throws LedgerError `export-format` for a format that does not exist, at once and not at the first event
 */
export function exportEvents(
  events: AsyncIterable<LedgerEvent>,
  format: string,
  { transcripts = false }: { transcripts?: boolean } = {},
): AsyncGenerator<string, void, undefined> {
  if (!isFormat(format)) {
    throw new LedgerError(
      'export-format',
      `there is no export format ${JSON.stringify(format)}`,
      `Use one of: ${EXPORT_FORMATS.join(', ')}.`,
    );
  }
  return write(transcripts ? events : unsaid(events), format);
}

async function* unsaid(events: AsyncIterable<LedgerEvent>): AsyncGenerator<LedgerEvent> {
  for await (const event of events) yield withoutTranscript(event);
}

async function* write(
  events: AsyncIterable<LedgerEvent>,
  format: ExportFormat,
): AsyncGenerator<string, void, undefined> {
  if (format === 'otlp' || format === 'sarif') {
    yield* format === 'otlp' ? writeOtlp(events) : writeSarif(events);
    return;
  }
  const line = lineWriter(format);
  if (format === 'csv') yield CSV_HEADER;
  for await (const event of events) yield line(event);
}

async function* writeOtlp(events: AsyncIterable<LedgerEvent>): AsyncGenerator<string, void, undefined> {
  const mapper = new OtlpMapper();
  for await (const event of events)
    for (const request of mapper.add(event)) yield `${JSON.stringify(request)}\n`;
  for (const request of mapper.end()) yield `${JSON.stringify(request)}\n`;
}

async function* writeSarif(events: AsyncIterable<LedgerEvent>): AsyncGenerator<string, void, undefined> {
  const maker = new SarifMaker();
  for await (const event of events) maker.add(event);
  yield `${JSON.stringify(maker.log(), null, 2)}\n`;
}

function lineWriter(format: Exclude<ExportFormat, 'otlp' | 'sarif'>): (event: LedgerEvent) => string {
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
