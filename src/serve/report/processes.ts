/**
 * Processes of a run as a tree: each below the one that started it, in the order in which they began.
 *
 * @module
 */
import type { LedgerEvent } from '../../contract/index.ts';
import type { ProcessNode, TraceGraph } from '../../watch/trace/index.ts';
import { BOUNDS, bounded, shareOf } from './bounds.ts';

export interface ProcessRow {
  pid: number;
  /** how far below the first */
  depth: number;
  /** microseconds since the run’s first event; `to` is absent where its end is not on record */
  from: number;
  to?: number;
  /** programs that it executed, in a line */
  text: string;
  /** number of the event that shows it first */
  seq?: number;
  /** `code 0`, `signal 9` */
  exit: string;
  acts: number;
  flows: number;
  /** tool call that caused it, and how that is known */
  call: string;
  by: string;
}

interface Life {
  number: number;
  from: number;
  seq: number;
  to?: number;
  exit?: string;
}

export class ProcessTable {
  readonly #graph: TraceGraph;
  readonly #lives = new Map<ProcessNode, Life>();

  constructor(graph: TraceGraph) {
    this.#graph = graph;
  }

  /** How many there were. */
  get all(): number {
    return this.#graph.processes.length;
  }

  /** Takes an event that the graph has taken. */
  add(event: LedgerEvent, time: number): void {
    const node = this.#graph.placeOf(event.seq)?.process;
    if (!node) return;
    let life = this.#lives.get(node);
    if (!life) {
      life = { number: this.#lives.size, from: time, seq: event.seq };
      this.#lives.set(node, life);
    }
    if (event.kind !== 'process.exit') return;
    life.to = time;
    life.exit = bounded(
      event.signal === undefined ? `code ${event.code ?? '?'}` : `signal ${event.signal}`,
      40,
    );
  }

  /** Stands for a process in the columns of events; {@link rows} says which row it is. */
  numberOf(node: ProcessNode): number {
    return this.#lives.get(node)?.number ?? -1;
  }

  /** All of them, parents first, and the row of each number. */
  rows(): { rows: ProcessRow[]; rowOf: (number: number) => number } {
    const rows: ProcessRow[] = [];
    const places = new Map<number, number>();
    const seen = new Set<ProcessNode>();
    const share = shareOf(Math.min(this.all, BOUNDS.processes), BOUNDS.programs, 80, 600);
    const waiting = this.#graph.processes
      .filter(({ parent }) => parent === undefined)
      .map((node) => ({ node, depth: 0 }))
      .reverse();
    for (let next = waiting.pop(); next && rows.length < BOUNDS.processes; next = waiting.pop()) {
      const { node, depth } = next;
      if (seen.has(node)) continue;
      seen.add(node);
      const life = this.#lives.get(node);
      if (life) places.set(life.number, rows.length);
      rows.push(rowOf(node, depth, life, share));
      for (let index = node.children.length - 1; index >= 0; index -= 1)
        waiting.push({ node: node.children[index] as ProcessNode, depth: depth + 1 });
    }
    return { rows, rowOf: (number) => places.get(number) ?? -1 };
  }
}

function rowOf(node: ProcessNode, depth: number, life: Life | undefined, share: number): ProcessRow {
  const { context, programs } = node;
  const sure = context?.confidence === undefined ? '' : ` ${context.confidence.toFixed(2)}`;
  return {
    pid: Number(node.pid),
    depth,
    from: life?.from ?? 0,
    ...(life?.to !== undefined && { to: life.to }),
    text:
      programs.length === 0
        ? 'executed nothing that was seen'
        : bounded(programs.map(({ text }) => text).join(' ⇒ '), share),
    ...(life && { seq: life.seq }),
    exit: life?.exit ?? '',
    acts: node.acts.length,
    flows: node.flows.length,
    call: context?.toolCall === undefined ? '' : bounded(context.toolCall, 80),
    by: context?.by === undefined ? '' : `${context.by}${sure}`,
  };
}
