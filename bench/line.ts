/**
 * One line of the table, and how it is printed.
 *
 * @module
 */
import type { Summary } from './statistics.ts';

export type Unit = 'ms' | 'µs' | 'ns' | 's' | 'MB' | 'MB/s' | 'events/s';

export interface Quantity {
  name: string;
  unit: Unit;
  value: Summary;
}

/** `ratio`: ours to the peer's. `added`: ours less the peer's. `value`: ours alone. */
export interface Goal {
  of: 'ratio' | 'added' | 'value';
  is: 'at most' | 'at least';
  bound: number;
}

export interface Line {
  what: string;
  goal?: Goal;
  ours?: Quantity;
  peer?: Quantity;
  /** ours to the peer's, or less the peer's, paired */
  compared?: Summary;
  /** what `compared` is, where no goal says it; a ratio when absent */
  as?: 'difference';
  /** what was used, or why it was not measured */
  note?: string;
}

export type Verdict = 'met' | 'missed' | 'no goal' | 'not measured';

/** By the median. A benchmark states; nothing fails on it. */
export function verdict({ goal, ours, compared }: Line): Verdict {
  if (!ours) return 'not measured';
  if (!goal) return 'no goal';
  const measured = goal.of === 'value' ? ours.value.median : compared?.median;
  if (measured === undefined) return 'not measured';
  return (goal.is === 'at most' ? measured <= goal.bound : measured >= goal.bound) ? 'met' : 'missed';
}

/** Three significant digits. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

const spread = ({ low, high }: Summary): string => `(${number(low)}–${number(high)})`;

function quantity(of: Quantity | undefined): string {
  return of ? `${of.name} ${number(of.value.median)} ${of.unit} ${spread(of.value)}` : '–';
}

function goalText({ goal, ours }: Line): string {
  if (!goal) return '–';
  const bound = goal.bound >= 1000 ? number(goal.bound) : String(goal.bound);
  const sign = goal.is === 'at most' ? '≤' : '≥';
  if (goal.of === 'ratio') return `${sign} ${bound} ×`;
  return goal.of === 'added'
    ? `${sign} ${bound} ${ours?.unit ?? 'µs'} added`
    : `${sign} ${bound} ${ours?.unit ?? ''}`.trim();
}

function comparedText({ goal, compared, ours, as }: Line): string {
  if (!compared) return '–';
  if (goal?.of === 'added' || as === 'difference')
    return `+${number(compared.median)} ${ours?.unit} ${spread(compared)}`;
  return `${number(compared.median)} × ${spread(compared)}`;
}

/** A table in plain text: a column as wide as its widest cell, notes below their line. */
export function table(lines: readonly Line[]): string {
  const rows = [
    ['what', 'goal', 'ours', 'beside', 'ratio or difference', 'verdict'],
    ...lines.map((line) => [
      line.what,
      goalText(line),
      quantity(line.ours),
      quantity(line.peer),
      comparedText(line),
      verdict(line),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const text: string[] = [];
  for (const [index, row] of rows.entries()) {
    text.push(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
    if (index === 0) text.push(widths.map((width) => '-'.repeat(width)).join('  '));
    const note = lines[index - 1]?.note;
    if (note) text.push(`    ${note}`);
  }
  return `${text.join('\n')}\n`;
}
