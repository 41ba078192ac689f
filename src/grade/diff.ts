/**
 * A unified diff of two texts, for findings: what made the difference between two gradings.
 *
 * Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), bounded: texts that differ in more than {@link MOST}
 * lines are shown as replaced.
 *
 * @module
 */

const MOST = 400;
const CONTEXT = 3;
/** Bytes of a file beyond which only its size is said. */
const LARGEST = 256 * 1024;

type Line = { kind: ' ' | '-' | '+'; text: string };

/** Lines of the shortest edit from `a` to `b`. */
function edit(a: readonly string[], b: readonly string[]): Line[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const same = (texts: readonly string[]): Line[] => texts.map((text) => ({ kind: ' ', text }));
  const middle = shortest(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [...same(a.slice(0, start)), ...middle, ...same(end === 0 ? [] : a.slice(-end))];
}

function shortest(a: readonly string[], b: readonly string[]): Line[] {
  const all = (texts: readonly string[], kind: '-' | '+'): Line[] => texts.map((text) => ({ kind, text }));
  const furthest = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let depth = 0; depth <= Math.min(MOST, a.length + b.length); depth++) {
    trace.push(new Map(furthest));
    for (let k = -depth; k <= depth; k += 2) {
      const down = k === -depth || (k !== depth && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
      let x = down ? (furthest.get(k + 1) ?? 0) : (furthest.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest.set(k, x);
      if (x >= a.length && x - k >= b.length) return backtrack(a, b, trace);
    }
  }
  return [...all(a, '-'), ...all(b, '+')];
}

function backtrack(
  a: readonly string[],
  b: readonly string[],
  trace: readonly Map<number, number>[],
): Line[] {
  const lines: Line[] = [];
  let [x, y] = [a.length, b.length];
  for (let depth = trace.length - 1; depth >= 0; depth--) {
    const furthest = trace[depth] as Map<number, number>;
    const k = x - y;
    const down = k === -depth || (k !== depth && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = depth === 0 ? 0 : (furthest.get(fromK) ?? 0);
    const fromY = depth === 0 ? 0 : fromX - fromK;
    while (x > fromX && y > fromY) {
      lines.push({ kind: ' ', text: a[--x] as string });
      y--;
    }
    if (depth === 0) break;
    if (down) lines.push({ kind: '+', text: b[--y] as string });
    else lines.push({ kind: '-', text: a[--x] as string });
  }
  return lines.reverse();
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** Hunks with their heads; a text that does not end its last line is marked as diff(1) does. */
function hunks(before: string, after: string): string[] {
  const lines = edit(linesOf(before), linesOf(after));
  const output: string[] = [];
  const changed = lines.flatMap(({ kind }, index) => (kind === ' ' ? [] : [index]));
  for (let at = 0; at < changed.length; ) {
    const first = Math.max(0, (changed[at] as number) - CONTEXT);
    let last = changed[at] as number;
    while (at < changed.length && (changed[at] as number) <= last + 2 * CONTEXT + 1)
      last = changed[at++] as number;
    const stop = Math.min(lines.length, last + CONTEXT + 1);
    const shown = lines.slice(first, stop);
    const count = (of: readonly Line[], kind: '-' | '+') =>
      of.filter((line) => line.kind === ' ' || line.kind === kind).length;
    const head = (kind: '-' | '+') => {
      const [skipped, length] = [count(lines.slice(0, first), kind), count(shown, kind)];
      return `${kind}${length === 0 ? skipped : skipped + 1},${length}`;
    };
    output.push(`@@ ${head('-')} ${head('+')} @@`, ...shown.map(({ kind, text }) => kind + text));
  }
  if (before.endsWith('\n') !== after.endsWith('\n') && before !== '' && after !== '')
    output.push('\\ No newline at end of file');
  return output;
}

/** One file of a diff, under a name that is safe to print; empty where both sides are the same. */
export function fileDiff(name: string, before: Buffer | undefined, after: Buffer | undefined): string {
  if (before === undefined && after === undefined) return '';
  if (before !== undefined && after !== undefined && before.equals(after)) return '';
  const heads = [
    `--- ${before === undefined ? '/dev/null' : `a/${name}`}`,
    `+++ ${after === undefined ? '/dev/null' : `b/${name}`}`,
  ];
  const sides = [before ?? Buffer.alloc(0), after ?? Buffer.alloc(0)];
  if (sides.some((side) => side.length > LARGEST || side.includes(0))) {
    return `${heads.join('\n')}\n(${sides.map((side) => `${side.length} bytes`).join(' → ')}, binary or large: not shown)\n`;
  }
  const [old = '', now = ''] = sides.map((side) => side.toString());
  return `${[...heads, ...hunks(old, now)].join('\n')}\n`;
}
