/**
 * The matrix as a table: each attempt, what it did bare, what it did in the cell, by layer.
 *
 * @module
 */
import type { Result } from './run.ts';

export interface Row {
  id: string;
  layer: string;
  topic: string;
  control: boolean;
  bare: Result | undefined;
  cell: Result | undefined;
}

/** One row per attempt that ran in either mode, in the order they ran. */
export function joinResults(bare: readonly Result[], cell: readonly Result[]): Row[] {
  const unbound = new Map(bare.map((result) => [result.id, result]));
  const inCell = new Map(cell.map((result) => [result.id, result]));
  const all = new Map([...bare, ...cell].map((result) => [result.id, result]));
  return [...all.values()].map(({ id, layer, topic, control }) => ({
    id,
    layer,
    topic,
    control,
    bare: unbound.get(id),
    cell: inCell.get(id),
  }));
}

function word(result: Result | undefined): string {
  if (!result) return '-';
  if (result.control)
    return result.outcome === 'reached' ? 'works' : result.outcome === 'not run' ? 'NOT RUN' : 'BROKEN';
  return result.outcome;
}

/** Lines of text: one per attempt grouped by layer, then counts per layer. */
export function table(title: string, rows: readonly Row[]): string {
  const lines = [`${title}: ${rows.filter(({ control }) => !control).length} attempts`];
  const clean = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 90);
  const slow = rows
    .flatMap((row) => [row.bare, row.cell])
    .filter((result) => result !== undefined)
    .sort((a, b) => b.milliseconds - a.milliseconds)
    .slice(0, 5)
    .map((result) => `${result.id} ${result.milliseconds} ms`);
  const layers = [...new Set(rows.map(({ layer }) => layer))].sort();
  for (const layer of layers)
    for (const row of rows.filter((entry) => entry.layer === layer))
      lines.push(
        `${layer.padEnd(11)} ${row.id.padEnd(38)} ${word(row.bare).padEnd(8)} ${word(row.cell).padEnd(8)} ${clean(
          row.bare?.outcome === 'cannot' ? row.bare.detail : (row.cell?.detail ?? row.bare?.detail ?? ''),
        )}`,
      );
  lines.push('', `${'layer'.padEnd(11)} attempts  bare-reached  cannot-here  cell-reached  cell-held`);
  for (const layer of [...layers, 'all']) {
    const mine = rows.filter((row) => !row.control && (layer === 'all' || row.layer === layer));
    const count = (test: (row: Row) => boolean) => String(mine.filter(test).length);
    lines.push(
      [
        layer.padEnd(11),
        String(mine.length).padStart(8),
        count(({ bare }) => bare?.outcome === 'reached').padStart(13),
        count(({ bare }) => bare?.outcome === 'cannot').padStart(12),
        count(({ cell }) => cell?.outcome === 'reached').padStart(13),
        count(({ cell }) => cell?.outcome === 'held').padStart(10),
      ].join(' '),
    );
  }
  lines.push(`longest runs: ${slow.join(', ')}`);
  return lines.join('\n');
}
