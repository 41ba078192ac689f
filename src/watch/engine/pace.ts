/**
 * Whether what is judged keeps pace with what happens, and whose clock it is judged by.
 *
 * @module
 */

export interface Clocks {
  /** microseconds since 1970, as events have it; may be set */
  wall: () => number;
  /** microseconds from some moment on; goes on evenly */
  steady: () => number;
}

/** An event that is judged so much later than it happened is late, µs. */
export const LATE = 1_000_000;
/**
 * So many late ones in a row are no hiccup of the machine: more comes than can be judged. Fewer than wait between the
 * supervisor and us at most: when that is full, the cell waits, and no more are late than it holds.
 */
export const LATE_EVENTS = 100;
/** A clock that differs by so much from what it was is set, µs. */
const STEP = 500_000;

export class Pace {
  readonly #clocks: Clocks;
  /** wall minus steady: changes only when the wall clock is set, or the machine slept */
  #skew: number;
  /** what is added to times so that they go on where the clock was set back */
  #offset = 0;
  #late = 0;
  #isOverloaded = false;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.#skew = clocks.wall() - clocks.steady();
  }

  /** @returns by how much (µs) the clock was set back since it was last asked; 0 where it was not */
  setBack(): number {
    const skew = this.#clocks.wall() - this.#clocks.steady();
    const step = skew - this.#skew;
    if (Math.abs(step) < STEP) return 0;
    this.#skew = skew;
    if (step > 0) return 0; // times only grow: windows end sooner, and nothing is hidden
    this.#offset -= step;
    return -step;
  }

  /** The time of an event as detectors are to see it: it goes on, whatever the clock is set to. */
  timeOf(time: number): number {
    return time + this.#offset;
  }

  /** @returns the delay (µs) of an event where it means that judging cannot keep up, once */
  overload(time: number): number {
    const delay = this.#clocks.wall() - time;
    if (delay < LATE) {
      this.#late = 0;
      this.#isOverloaded = false;
      return 0;
    }
    this.#late += 1;
    if (this.#isOverloaded || this.#late < LATE_EVENTS) return 0;
    this.#isOverloaded = true;
    return delay;
  }
}
