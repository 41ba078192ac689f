/**
 * Claims as a table (RFC 4180), one row each, for spreadsheets.
 *
 * @module
 */
import { sourcesOf } from '../cites.ts';
import { datesOf, type Entry, type Exported, pageOf, techniquesOf } from './entry.ts';

const list = (values: readonly string[]): string => values.join('; ');

function countsOf({ claim }: Entry, state: string): string {
  return String(claim.counterarguments.filter((one) => one.state === state).length);
}

const COLUMNS: Readonly<Record<string, (entry: Entry, exported: Exported) => string>> = {
  id: ({ claim }) => claim.id,
  title: ({ claim }) => claim.title,
  kind: ({ claim }) => claim.kind,
  category: ({ claim }) => claim.category,
  statement: ({ claim }) => claim.statement,
  status: ({ status }) => status.label,
  verified: ({ status }) => status.verified?.on ?? '',
  updated: ({ status }) => status.updated,
  created: (entry) => datesOf(entry).created,
  certainty: ({ status }) => status.certainty.level,
  maturity: ({ claim }) => claim.axes.maturity,
  setting: ({ claim }) => claim.axes.setting,
  sourcing: ({ claim }) => claim.axes.sourcing,
  attribution: ({ claim }) => claim.axes.attribution.to,
  reproduction: ({ claim }) => claim.axes.reproduction.level,
  coverage: ({ coverage }) => coverage?.state ?? 'UNMEASURED',
  hazards: ({ claim }) => list(claim.hazards),
  rules: ({ claim }) => list(claim.rules),
  techniques: ({ claim }) => list(techniquesOf(claim)),
  objections_open: (entry) => countsOf(entry, 'open'),
  objections_answered: (entry) => countsOf(entry, 'answered'),
  objections_conceded: (entry) => countsOf(entry, 'conceded'),
  sources: ({ claim }) => list(sourcesOf(claim)),
  tags: ({ claim }) => list(claim.tags),
  page: ({ claim }, exported) => pageOf(exported, claim.id) ?? '',
};

/** A cell that a spreadsheet would take for a formula is made text by an apostrophe, as OWASP advises for CSV injection. */
function cell(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  const plain = /^[=+\-@]/.test(flat) ? `'${flat}` : flat;
  return /[",]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

export function toCsv(exported: Exported): string {
  const rows = [
    Object.keys(COLUMNS),
    ...exported.entries.map((entry) => Object.values(COLUMNS).map((column) => column(entry, exported))),
  ];
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}
