/**
 * Time for monitors, which never goes back. Sources report on their own, so small steps back are ordinary: time then
 * stands still for them. A clock that was set back is something else: time goes on from where it was, and it is told.
 *
 * @module
 */

/** Sources differ by less than this. Unit: µs. */
const ORDINARY = 1_000_000;

export class Clock {
  #last = Number.NEGATIVE_INFINITY;
  #ahead = 0;
  /** how often the clock was set back, since it was last asked for */
  setBack = 0;

  /** @param time as it was reported, µs */
  at(time: number): number {
    let now = time + this.#ahead;
    if (now < this.#last - ORDINARY) {
      this.setBack += 1;
      this.#ahead += this.#last - now;
      now = this.#last;
    }
    this.#last = Math.max(now, this.#last);
    return this.#last;
  }

  /** The latest time. */
  get now(): number {
    return this.#last;
  }
}
