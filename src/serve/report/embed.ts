/**
 * The events of a run as JSON inside a page: columns, packed.
 *
 * @module
 */
import { BOUNDS, bounded, shareOf } from './bounds.ts';
import type { FlowRow } from './flows.ts';
import type { Gathered } from './gather.ts';
import { LANES, laneOf, weightOfLevel } from './kinds.ts';
import { columnsOf, type Packed, pack } from './pack.ts';
import type { ProcessRow } from './processes.ts';

/** What the page’s script works on. */
export interface Embedded {
  run: string;
  /** microseconds since 1970 */
  begin: number;
  /** microseconds since then: of the last event */
  end: number;
  lanes: readonly string[];
  /** words; `kindLane` is the lane of each kind */
  kinds: string[];
  kindLane: number[];
  turns: string[];
  calls: string[];
  seq: number[];
  time: number[];
  /** one digit an event */
  weight: string;
  /** places in `kinds`, `turns` and `calls`; -1 is none */
  kind: number[];
  turn: number[];
  call: number[];
  /** rows; -1 is none */
  process: number[];
  flow: number[];
  text: string[];
  processes: ProcessRow[];
  flows: FlowRow[];
  findings: { seq: number; weight: number; rule: string; cites: readonly number[] }[];
  said: Record<string, (readonly [string, string])[]>;
  samples: readonly (readonly [number, number, number])[];
  spans: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

/** What of it is packed. */
type Columns = 'seq' | 'time' | 'kind' | 'turn' | 'call' | 'process' | 'flow';

/** What stands in the page. */
export interface Written extends Omit<Embedded, Columns | 'processes' | 'flows'> {
  /** {@link Columns} */
  events: Packed;
  processes: Packed;
  flows: Packed;
}

/** Words once, and for each its place. The empty word is -1. */
function indexed(words: readonly string[]): { list: string[]; places: number[] } {
  const places = new Map<string, number>();
  const found = words.map((word) => {
    if (word === '') return -1;
    const known = places.get(word);
    if (known !== undefined) return known;
    places.set(word, places.size);
    return places.size - 1;
  });
  return { list: [...places.keys()], places: found };
}

/** @returns what stands in the page, and the processes in their order there */
export function embed(run: string, gathered: Gathered): { written: Written; processes: ProcessRow[] } {
  const { columns, begin, end, flows, samples } = gathered;
  const { rows, rowOf } = gathered.processes.rows();
  const kinds = indexed(columns.kind);
  const turns = indexed(columns.turn);
  const calls = indexed(columns.call);
  const findings = gathered.list('finding');
  const most = shareOf(findings.length, BOUNDS.allCited, 12, BOUNDS.cited);
  const events: Record<Columns, number[]> = {
    ...{ seq: columns.seq, time: columns.time, flow: columns.flow },
    ...{ kind: kinds.places, turn: turns.places, call: calls.places },
    process: columns.process.map(rowOf),
  };
  const written: Written = {
    ...{ run, begin, end, samples, lanes: LANES },
    kinds: kinds.list,
    kindLane: kinds.list.map(laneOf),
    turns: turns.list,
    calls: calls.list,
    events: pack(events),
    weight: columns.weight.join(''),
    text: columns.text,
    processes: pack(columnsOf(rows)),
    flows: pack(columnsOf(flows.rows)),
    findings: findings.map(({ seq, level, rule, cites }) => ({
      ...{ seq, weight: weightOfLevel(level), rule: bounded(rule, 120) },
      cites: citesOf(cites, most),
    })),
    said: Object.fromEntries(gathered.said),
    spans: gathered.spans,
  };
  return { written, processes: rows };
}

/** Numbers alone, and not too many of them. */
const citesOf = (cites: unknown, most: number): number[] =>
  Array.isArray(cites) ? cites.filter((seq) => Number.isSafeInteger(seq)).slice(0, most) : [];

/**
 * JSON that can stand inside a script element: nothing in it ends the element or begins a comment (HTML, § 4.12.1.3), and
 * nothing needs an encoding.
 */
export const toScriptJson = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
