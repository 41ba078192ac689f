/**
 * What a seed decides: canaries, which of several variants is tried, the order of a battery. The same seed decides the same.
 *
 * @module
 */
import { createHash } from 'node:crypto';

/** Hex digits that follow from the parts and from nothing else. */
export const derive = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex');

/** One of `values`. */
export function choose<T>(values: readonly T[], ...parts: readonly (string | number)[]): T {
  return values[Number.parseInt(derive(...parts).slice(0, 8), 16) % values.length] as T;
}

/** The same values in the order of a seed. */
export const shuffled = <T>(values: readonly T[], key: (value: T) => string, seed: number): T[] =>
  values
    .map((value) => ({ value, rank: derive('order', seed, key(value)) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1))
    .map(({ value }) => value);
