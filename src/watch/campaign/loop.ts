/**
 * Dead drops, recognised by their loop and not by their host: one object is read again and again; when its answer has
 * changed, something is done; then something is written.
 *
 * @module
 */

/** Objects of a run that are followed at once; the one that was read longest ago goes first. */
const OBJECTS = 256;
/** What comes later than this after a change has nothing to do with it. Unit: microseconds. */
const WITHIN = 120_000_000;
const READS = 16;

interface Polled {
  times: number[];
  reads: number;
  answer: string | undefined;
  /** time of a change that nothing was written after yet */
  changed: number | undefined;
  actedOn: boolean;
  cycles: number;
  acted: number;
}

/** A loop as it is after one more round. */
export interface Loop {
  object: string;
  cycles: number;
  acted: number;
  reads: number;
  /** 1: reads come at equal intervals; 0: at none */
  regular: number;
}

/** How equal the intervals of reads are: 1 minus their coefficient of variation, at least 0. */
export function regularity(times: readonly number[]): number {
  const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
  if (gaps.length < 2) return 0;
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  if (mean <= 0) return 0;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  return Math.max(0, 1 - Math.sqrt(variance) / mean);
}

export class Loops {
  readonly #objects = new Map<string, Polled>();
  #lost = 0;

  lost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** @param answer what tells one answer from another */
  read(object: string, answer: string, time: number): void {
    const polled = this.#objects.get(object) ?? {
      times: [],
      reads: 0,
      answer: undefined,
      changed: undefined,
      actedOn: false,
      cycles: 0,
      acted: 0,
    };
    this.#objects.delete(object);
    this.#objects.set(object, polled); // the most recent is last
    if (this.#objects.size > OBJECTS) {
      const [oldest] = this.#objects.keys();
      if (oldest !== undefined) this.#objects.delete(oldest);
      this.#lost += 1;
    }
    polled.reads += 1;
    polled.times.push(time);
    if (polled.times.length > READS) polled.times.shift();
    if (polled.answer !== undefined && polled.answer !== answer) {
      polled.changed = time;
      polled.actedOn = false;
    }
    polled.answer = answer;
  }

  /** Something was done: a program was started, a tool was called. */
  act(time: number): void {
    for (const polled of this.#objects.values())
      if (polled.changed !== undefined && time - polled.changed <= WITHIN) polled.actedOn = true;
  }

  /** Something was written; the loops that this closes once more, from the second round on. */
  write(object: string | undefined, time: number): Loop[] {
    const closed: Loop[] = [];
    for (const [name, polled] of this.#objects) {
      const { changed } = polled;
      if (changed === undefined || name === object) continue;
      polled.changed = undefined;
      if (time - changed > WITHIN) continue;
      polled.cycles += 1;
      if (polled.actedOn) polled.acted += 1;
      const { cycles, acted, reads, times } = polled;
      if (cycles >= 2 && reads >= 4)
        closed.push({ object: name, cycles, acted, reads, regular: regularity(times) });
    }
    return closed;
  }
}
