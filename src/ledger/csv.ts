/**
 * Events as CSV (RFC 4180), safe to open in a spreadsheet.
 *
 * @module
 */
import type { LedgerEvent } from '../contract/index.ts';
import { flowOf, isDenied } from './filter.ts';
import { describeEvent, escapeForTerminal } from './format.ts';

/** Column names, with the line break. `event` is the whole event as JSON. */
export const CSV_HEADER = 'seq,time,run,cell,kind,pid,exe,flow,denied,message,event\r\n';

/**
 * A field, quoted where needed. A text that a spreadsheet would take for a formula gets a leading apostrophe (OWASP,
 * "CSV injection"): the agent chooses these texts.
 */
function field(value: string | number | boolean | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One event as one row. */
export function csvRow(event: LedgerEvent): string {
  const owner = 'owner' in event ? event.owner : undefined;
  const fields = [
    event.seq,
    event.time,
    event.run,
    event.cell,
    event.kind,
    owner?.pid,
    owner?.exe === undefined ? undefined : escapeForTerminal(owner.exe),
    flowOf(event),
    isDenied(event),
    describeEvent(event),
    JSON.stringify(event),
  ];
  return `${fields.map(field).join(',')}\r\n`;
}
