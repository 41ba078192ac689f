/**
 * Signals: what one run tells about itself to those who look at many. Marks, numbers and ids; never content.
 *
 * @module
 */
import type { RequestContent } from '../../contract/index.ts';

/** What a mark is: 12 to 24 characters of a keyed digest. */
const MARK = /^[\w-]{8,24}$/;

/**
 * `use`: a service was used. `place`: a destination was tried that the contract does not give. `name`: something odd was
 * asked for by name. `loop`: an object is read again and again, and its changes are acted upon. `pressure`: how much the
 * run fails.
 */
export type SignalKind = 'use' | 'place' | 'name' | 'loop' | 'pressure';

const LISTS = ['named', 'told', 'heard', 'places', 'mentions', 'shown'] as const;

export interface Signal {
  does: SignalKind;
  /** microseconds since 1970 */
  time: number;
  run: string;
  cell: string;
  /** number of the event that shows it */
  seq: number;
  turn?: string;
  call?: string;
  /** mark of the host or tool server; of the destination or name */
  service: string;
  /** mark of what in the service was used */
  object?: string;
  write?: boolean;
  ok?: boolean;
  content?: RequestContent;
  /** places among `content`'s that are addresses, not names */
  bare?: number;
  /** mark of the object's name without its numbers, and the number in it */
  series?: { of: string; number: number };
  /** of a loop: how often a change was followed by an act or a write, and by both; how regular the reads are (0 to 1) */
  cycles?: number;
  acted?: number;
  regular?: number;
  /** of pressure: 1 none, 2 the most */
  factor?: number;
}

/** One line of the shared folder; `undefined` where it is none of ours. */
export function parseSignal(line: string): Signal | undefined {
  try {
    const value = JSON.parse(line) as Partial<Signal>;
    const { does, time, run, cell, seq, service } = value;
    const known = does && ['use', 'place', 'name', 'loop', 'pressure'].includes(does);
    if (!known || !Number.isFinite(time) || !Number.isSafeInteger(seq)) return undefined;
    if (![run, cell].every((id) => typeof id === 'string' && /^[\w.-]{1,96}$/.test(id))) return undefined;
    if (typeof service !== 'string' || !MARK.test(service)) return undefined;
    const { content = {} } = value;
    if (LISTS.some((list) => content[list] !== undefined && !Array.isArray(content[list]))) return undefined;
    return value as Signal;
  } catch {
    return undefined;
  }
}
