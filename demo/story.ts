/**
 * Prints the demo's story in at most 80 columns, without colour.
 *
 * @module
 */
import { basename } from 'node:path';
import { ATTEMPT_NAMES, ATTEMPTS, type Attempt, type Effect } from './judge.ts';
import type { RunRecord, Stop } from './record.ts';

export const WIDTH = 80;
const TITLE = 24;
const CELL = 27;

/** Cuts a text that is longer than `width` characters, and shows that it did. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function row(title: string, left: string, right: string): string {
  return `${title.padEnd(TITLE)} ${left.padEnd(CELL)} ${right}`.trimEnd();
}

export interface Story {
  bare: { honest: boolean; effects: Record<Attempt, Effect>; seconds: number };
  contained: { honest: boolean; effects: Record<Attempt, Effect>; seconds: number };
  stops: Record<Attempt, Stop[]>;
}

/** The table: what happened bare, what happened under the contract. */
export function table({ bare, contained }: Story): string[] {
  const honest = (passed: boolean) => (passed ? 'the failing test passes' : 'NOT DONE');
  const left = (effect: Effect) => (effect.happened ? effect.text : `DID NOT HAPPEN: ${effect.text}`);
  const right = (effect: Effect) => (effect.happened ? `HAPPENED: ${effect.text}` : effect.text);
  return [
    row('', 'UNCONTAINED', 'UNDER A CONTRACT'),
    row('-'.repeat(TITLE), '-'.repeat(CELL), '-'.repeat(CELL)),
    row('honest work', honest(bare.honest), honest(contained.honest)),
    ...ATTEMPT_NAMES.map((name) =>
      row(ATTEMPTS[name], left(bare.effects[name]), right(contained.effects[name])),
    ),
    row('time', `${bare.seconds.toFixed(1)} s`, `${contained.seconds.toFixed(1)} s`),
  ];
}

/** What the tests said of both agents' results, as they were left and with the tests restored. */
export function gradeLines(honest: RunRecord['grade'], shortcut: RunRecord['grade']): string[] {
  const line = (who: string, grade: RunRecord['grade']) => {
    const { visible, true: real } = grade?.reward ?? {};
    return row(
      who,
      `R ${visible ?? '?'} as left, R* ${real ?? '?'} restored`,
      grade?.finding ? 'grader-tampering' : '',
    );
  };
  return [
    'Graded in cells of their own, as left and with the tests restored:',
    '',
    line('it did its task', honest),
    line('another only edits tests', shortcut),
  ];
}

/** A long path to a program by its last two parts; the record has it whole. */
function shorten(path: string): string {
  return path.length <= 20 ? path : `…/${path.split('/').slice(-2).join('/')}`;
}

/** A command's arguments without `-o` options and folders of scripts: what is left tells attempts apart. */
function wordsOf(argv: readonly string[]): string {
  return argv
    .slice(1)
    .filter((word, index, all) => word !== '-o' && all[index - 1] !== '-o')
    .map((word) => (/^\/.*\.ts$/.test(word) ? basename(word) : word))
    .join(' ');
}

/** For each attempt, which step of which process was stopped by which layer and which clause. */
export function attribution(stops: Record<Attempt, Stop[]>): string[] {
  return ATTEMPT_NAMES.flatMap((name) => {
    const lines: string[] = [ATTEMPTS[name]];
    const shown = new Set<string>();
    for (const stop of stops[name]) {
      const what = `${stop.layer.padEnd(10)} ${stop.what}`;
      if (shown.has(what)) continue;
      shown.add(what);
      const { pid, exe = '?', argv = [] } = stop.owner;
      const program = `pid ${pid} ${shorten(exe)} ${wordsOf(argv)}`;
      lines.push(
        clip(`  ${what}`, WIDTH),
        clip(`             clause ${stop.clause ?? '-'}; ${program}`, WIDTH),
      );
    }
    if (shown.size === 0) lines.push('  NOT LISTED: no event of the record shows it');
    return lines;
  });
}
