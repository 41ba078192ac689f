/**
 * The difference of two lists of lines, in bounded time.
 *
 * Common beginning and end are cut off; lines that occur once on either side anchor the rest (patience difference); what
 * lies between is compared by Myers's greedy algorithm (Algorithmica 1, 1986) up to a number of differences, and beyond
 * that shown as replaced: longer than it could be, but never wrong.
 *
 * @module
 */

/** Lines `a[from, to)` give way to lines `b[start, end)`. */
export interface Hunk {
  from: number;
  to: number;
  start: number;
  end: number;
}

/** Differences within one block beyond which it is not looked for the shortest script. */
const MOST_DIFFERENCES = 1000;

type Range = readonly [from: number, to: number, start: number, end: number];

/** Longest increasing run of pairs: anchors in the order of both sides. */
function increasing(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const tails: number[] = [];
  const previous = new Array<number>(pairs.length).fill(-1);
  pairs.forEach(([, position], index) => {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tails[middle] as number] as readonly [number, number])[1] < position) low = middle + 1;
      else high = middle;
    }
    previous[index] = low > 0 ? (tails[low - 1] as number) : -1;
    tails[low] = index;
  });
  const result: (readonly [number, number])[] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = previous[at] as number)
    result.push(pairs[at] as readonly [number, number]);
  return result.reverse();
}

function anchors(
  a: readonly number[],
  b: readonly number[],
  [from, to, start, end]: Range,
): (readonly [number, number])[] {
  const seen = new Map<number, { a: number; b: number; count: number; other: number }>();
  for (let i = from; i < to; i++) {
    const known = seen.get(a[i] as number);
    if (known) known.count++;
    else seen.set(a[i] as number, { a: i, b: -1, count: 1, other: 0 });
  }
  for (let j = start; j < end; j++) {
    const known = seen.get(b[j] as number);
    if (!known) continue;
    known.other++;
    known.b = j;
  }
  const unique = [...seen.values()].filter(({ count, other }) => count === 1 && other === 1);
  return increasing(unique.map((one) => [one.a, one.b] as const).sort((one, two) => one[0] - two[0]));
}

/** Myers's greedy algorithm with a trace; undefined where there are too many differences. */
function myers(
  a: readonly number[],
  b: readonly number[],
  [from, to, start, end]: Range,
): Hunk[] | undefined {
  const [n, m] = [to - from, end - start];
  const most = Math.min(n + m, MOST_DIFFERENCES);
  const offset = most + 1;
  const reach = new Int32Array(2 * most + 3);
  const trace: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    trace.push(reach.slice(offset - d - 1, offset + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down =
        k === -d || (k !== d && (reach[offset + k - 1] as number) < (reach[offset + k + 1] as number));
      let x = down ? (reach[offset + k + 1] as number) : (reach[offset + k - 1] as number) + 1;
      while (x < n && x - k < m && a[from + x] === b[start + x - k]) x++;
      reach[offset + k] = x;
      if (x >= n && x - k >= m) return backtrack(trace, d, [from, to, start, end]);
    }
  }
  return undefined;
}

function backtrack(trace: readonly Int32Array[], last: number, [from, to, start, end]: Range): Hunk[] {
  const hunks: Hunk[] = [];
  let [x, y] = [to - from, end - start];
  for (let d = last; d > 0; d--) {
    const reach = trace[d] as Int32Array; // index 0 is diagonal -d - 1
    const at = (k: number) => reach[k + d + 1] as number;
    const k = x - y;
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const before = down ? k + 1 : k - 1;
    const x0 = at(before);
    const y0 = x0 - before;
    // one line differs, then the diagonal
    const [i, j] = [x0 + from, y0 + start];
    const hunk: Hunk = down
      ? { from: i, to: i, start: j, end: j + 1 }
      : { from: i, to: i + 1, start: j, end: j };
    hunks.push(hunk);
    [x, y] = [x0, y0];
  }
  return hunks.reverse();
}

function compareRange(a: readonly number[], b: readonly number[], range: Range, out: Hunk[]): void {
  const work: Range[] = [range];
  for (let next = work.pop(); next; next = work.pop()) {
    let [from, to, start, end] = next;
    while (from < to && start < end && a[from] === b[start]) [from, start] = [from + 1, start + 1];
    while (from < to && start < end && a[to - 1] === b[end - 1]) [to, end] = [to - 1, end - 1];
    if (from === to && start === end) continue;
    if (from === to || start === end) {
      out.push({ from, to, start, end });
      continue;
    }
    const found = anchors(a, b, [from, to, start, end]);
    if (found.length === 0) {
      out.push(...(myers(a, b, [from, to, start, end]) ?? [{ from, to, start, end }]));
      continue;
    }
    let [i, j] = [from, start];
    for (const [x, y] of found) {
      work.push([i, x, j, y]);
      [i, j] = [x + 1, y + 1];
    }
    work.push([i, to, j, end]);
  }
}

/** @returns hunks in order, none touching the next */
export function compareLines(a: readonly string[], b: readonly string[]): Hunk[] {
  const numbers = new Map<string, number>();
  const numbered = (lines: readonly string[]) =>
    lines.map((line) => {
      const known = numbers.get(line);
      if (known !== undefined) return known;
      numbers.set(line, numbers.size);
      return numbers.size - 1;
    });
  const [left, right] = [numbered(a), numbered(b)];
  const hunks: Hunk[] = [];
  compareRange(left, right, [0, left.length, 0, right.length], hunks);
  hunks.sort((one, two) => one.from - two.from || one.start - two.start);
  const merged: Hunk[] = [];
  for (const hunk of hunks) {
    const last = merged.at(-1);
    if (last && last.to === hunk.from && last.end === hunk.start) [last.to, last.end] = [hunk.to, hunk.end];
    else merged.push({ ...hunk });
  }
  return merged;
}
