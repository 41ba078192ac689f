/**
 * Calls that scaffolds declare, as events of the record: within bounds of number and size, under names that nobody
 * inside chooses. They are words of the agent's side, and recorded as such.
 *
 * @module
 */
import type { Owner } from '../../contract/index.ts';
import type { Reporter } from '../reporter.ts';
import { type Declaration, readDeclaration } from './read.ts';

/** Calls that have begun and not ended; what comes beyond is refused. */
const MOST_OPEN = 256;
/** Declarations a second, and at once; characters a second, and at once. */
const RATE = { each: 50, burst: 200 };
const ROOM = { each: 64 * 1024, burst: 4 * 1024 * 1024 };

const CLAUSE = 'oversight.calls';

interface Open {
  /** as the scaffold calls it */
  readonly id: string;
  /** as the record does */
  readonly name: string;
  readonly by: number;
  readonly since: number;
  /** another process than the one that began it said that it ended */
  isEnded: boolean;
}

/** Fills at a rate, and holds no more than a burst. */
class Bucket {
  readonly #each: number;
  readonly #burst: number;
  #left: number;
  #at: number;

  constructor({ each, burst }: { each: number; burst: number }, now: number) {
    [this.#each, this.#burst, this.#left, this.#at] = [each, burst, burst, now];
  }

  take(amount: number, now: number): boolean {
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1000) * this.#each);
    this.#at = now;
    if (amount > this.#left) return false;
    this.#left -= amount;
    return true;
  }
}

export class DeclaredCalls {
  readonly #reporter: Pick<Reporter, 'event' | 'coalesced'>;
  readonly #now: () => number;
  readonly #count: Bucket;
  readonly #room: Bucket;
  /** in the order in which they began */
  readonly #open = new Set<Open>();
  #last = 0;

  /** @param now milliseconds, steady */
  constructor(reporter: Pick<Reporter, 'event' | 'coalesced'>, now: () => number = () => performance.now()) {
    this.#reporter = reporter;
    this.#now = now;
    this.#count = new Bucket(RATE, now());
    this.#room = new Bucket(ROOM, now());
  }

  /** Takes one body; what is wrong with it is for the operator alone. @returns the name of the call that began, or ended */
  take(bytes: Buffer, owner: Owner): string | undefined {
    const now = this.#now();
    if (!this.#count.take(1, now)) {
      this.refuse(`more than ${RATE.each} a second`, owner);
      return undefined;
    }
    const read = readDeclaration(bytes);
    if (!read.ok) this.refuse(read.why, owner);
    else if (!this.#room.take(sizeOf(read.declaration), now))
      this.refuse(`more than ${ROOM.each} characters a second`, owner);
    else if (read.declaration.event === 'start') return this.#start(read.declaration, owner, now);
    else return this.#end(read.declaration, owner, now);
    return undefined;
  }

  /** It is not recorded as a call; that it came is. */
  refuse(why: string, owner: Owner): void {
    this.#reporter.coalesced(`declaration ${owner.pid}`, {
      kind: 'denial',
      layer: 'gateway',
      owner,
      what: `declare a tool call: ${why}`,
      clause: CLAUSE,
    });
  }

  #start(
    declared: Extract<Declaration, { event: 'start' }>,
    owner: Owner,
    since: number,
  ): string | undefined {
    if (this.#open.size >= MOST_OPEN)
      for (const each of this.#open) if (each.isEnded) this.#open.delete(each);
    if (this.#open.size >= MOST_OPEN) {
      this.refuse(`more than ${MOST_OPEN} that have not ended`, owner);
      return undefined;
    }
    this.#last += 1;
    const name = `declared-${this.#last}`;
    const { call: id, tool, turn, pid, traceparent } = declared;
    this.#open.add({ id, name, by: owner.pid, since, isEnded: false });
    this.#reporter.event({
      kind: 'tool.call',
      call: name,
      tool,
      arguments: declared.arguments,
      via: 'declared',
      owner,
      ...(traceparent !== undefined && { traceparent }),
      told: { call: id, ...(turn !== undefined && { turn }), ...(pid !== undefined && { pid }) },
      decision: 'allowed',
      clause: CLAUSE,
    });
    return name;
  }

  /**
   * Of several with one id the one that the same process began, else the last. What another process says is recorded
   * once, and takes the word from nobody: who began it may still say how it ended.
   */
  #end(
    { call, ok, content }: Extract<Declaration, { event: 'end' }>,
    owner: Owner,
    now: number,
  ): string | undefined {
    const same = [...this.#open].filter(({ id }) => id === call);
    const own = same.findLast(({ by }) => by === owner.pid);
    const ended = own ?? same.findLast(({ isEnded }) => !isEnded);
    if (!ended) {
      this.refuse('the end of a call that has not begun', owner);
      return undefined;
    }
    if (own) this.#open.delete(own);
    ended.isEnded = true;
    const ms = Math.round(now - ended.since);
    this.#reporter.event({
      ...{ kind: 'tool.result', call: ended.name, ok, content, ms },
      ...{ via: 'declared', owner },
    });
    return ended.name;
  }
}

const sizeOf = (declared: Declaration): number =>
  256 + (declared.event === 'start' ? declared.arguments.length : declared.content.length);
