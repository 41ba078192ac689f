/**
 * Numbers for tests that are the same in each run.
 *
 * @module
 */

/** Xorshift: the same sequence for the same seed. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
