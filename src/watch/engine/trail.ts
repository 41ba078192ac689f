/**
 * What findings need to know of the events that they cite: who did it, what caused it, which contract line stands behind it.
 *
 * @module
 */
import type { Context, LedgerEvent } from '../../contract/index.ts';
import { isDeclared } from '../observe/index.ts';

export interface Mark {
  pid: number | undefined;
  clause: string | undefined;
  context: Context | undefined;
  /** ids that the event itself bears */
  turn: string | undefined;
  call: string | undefined;
}

/** So many of the latest events are remembered. */
const MARKS = 65_536;

export class Trail {
  /** a ring: number of the event modulo its size */
  readonly #marks: { seq: number; mark: Mark; isWord: boolean }[] = [];
  readonly #size: number;

  constructor(size: number = MARKS) {
    this.#size = size;
  }

  hear(event: LedgerEvent): void {
    const owner = 'owner' in event ? event.owner : undefined;
    const clause = 'clause' in event ? event.clause : undefined;
    const mark: Mark = {
      pid: owner?.pid,
      clause,
      context: event.context,
      turn: event.kind === 'model.turn' ? event.turn : undefined,
      call: 'call' in event ? event.call : undefined,
    };
    this.#marks[event.seq % this.#size] = { seq: event.seq, mark, isWord: isDeclared(event) };
  }

  /** Whether one of the cited events is no more than what somebody inside declared. */
  hasWord(cites: readonly number[]): boolean {
    return cites.some((seq) => {
      const known = this.#marks[seq % this.#size];
      return known?.seq === seq && known.isWord;
    });
  }

  /** What the cited events say together; where they differ, the last one that says something. */
  of(cites: readonly number[]): Mark {
    const sum: Mark = {
      pid: undefined,
      clause: undefined,
      context: undefined,
      turn: undefined,
      call: undefined,
    };
    for (const seq of cites.toReversed()) {
      const known = this.#marks[seq % this.#size];
      if (known?.seq !== seq) continue;
      sum.pid ??= known.mark.pid;
      sum.clause ??= known.mark.clause;
      sum.context ??= known.mark.context;
      sum.turn ??= known.mark.turn ?? known.mark.context?.turn;
      sum.call ??= known.mark.call ?? known.mark.context?.toolCall;
    }
    return sum;
  }
}
