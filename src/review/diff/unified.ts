/**
 * Hunks as a unified diff reads: `@@ -1,3 +1,4 @@`, three lines around.
 *
 * @module
 */
import { compareLines } from './compare.ts';

export interface DiffLine {
  kind: 'hunk' | 'same' | 'removed' | 'added' | 'end';
  /** bytes as latin1, without the line end */
  text: string;
}

const AROUND = 3;

/** Lines with their ends: the last may have none. As latin1, one character a byte. */
export function linesOf(content: Buffer): string[] {
  const text = content.toString('latin1');
  if (text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const whole = lines.map((line) => `${line}\n`);
  return last === '' ? whole : [...whole, last];
}

const range = (from: number, count: number): string => {
  const first = count === 0 ? from : from + 1;
  return count === 1 ? `${first}` : `${first},${count}`;
};

/** The body of a unified diff. */
export function unifiedDiff(before: Buffer, after: Buffer): DiffLine[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  const hunks = compareLines(a, b);
  const out: DiffLine[] = [];
  const push = (kind: DiffLine['kind'], line: string) => {
    const ended = line.endsWith('\n');
    out.push({ kind, text: ended ? line.slice(0, -1) : line });
    if (!ended) out.push({ kind: 'end', text: '\\ No newline at end of file' });
  };
  for (let at = 0; at < hunks.length; ) {
    let last = at;
    while (last + 1 < hunks.length && (hunks[last + 1]?.from ?? 0) - (hunks[last]?.to ?? 0) <= 2 * AROUND)
      last++;
    const group = hunks.slice(at, last + 1);
    const [first, final] = [group[0], group.at(-1)];
    if (!first || !final) break;
    const from = Math.max(0, first.from - AROUND);
    const to = Math.min(a.length, final.to + AROUND);
    const start = first.start - (first.from - from);
    const end = final.end + (to - final.to);
    out.push({ kind: 'hunk', text: `@@ -${range(from, to - from)} +${range(start, end - start)} @@` });
    let i = from;
    for (const hunk of group) {
      for (; i < hunk.from; i++) push('same', a[i] ?? '');
      for (; i < hunk.to; i++) push('removed', a[i] ?? '');
      for (let j = hunk.start; j < hunk.end; j++) push('added', b[j] ?? '');
    }
    for (; i < to; i++) push('same', a[i] ?? '');
    at = last + 1;
  }
  return out;
}

export const MARKS: Record<DiffLine['kind'], string> = {
  hunk: '',
  same: ' ',
  removed: '-',
  added: '+',
  end: '',
};
