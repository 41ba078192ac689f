/**
 * Exact binomial intervals (Clopper and Pearson 1934, Biometrika 26): what a rate can be, given so many of so many.
 *
 * @module
 */

/** log C(n, k) */
function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i += 1) sum += Math.log(n - k + i) - Math.log(i);
  return sum;
}

/** P(X ≤ k) of n trials with probability p. */
function atMost(k: number, n: number, p: number): number {
  if (p <= 0) return 1;
  if (p >= 1) return k >= n ? 1 : 0;
  let sum = 0;
  for (let i = 0; i <= k; i += 1)
    sum += Math.exp(logChoose(n, i) + i * Math.log(p) + (n - i) * Math.log1p(-p));
  return Math.min(1, sum);
}

/** The p at which a decreasing function falls below `target`. */
function solve(decreasing: (p: number) => number, target: number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (decreasing(middle) > target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The interval that holds the true rate with the given confidence, for `k` of `n`. */
export function clopperPearson(k: number, n: number, confidence = 0.95): [number, number] {
  const tail = (1 - confidence) / 2;
  const low = k === 0 ? 0 : solve((p) => atMost(k - 1, n, p), 1 - tail);
  const high = k === n ? 1 : solve((p) => atMost(k, n, p), tail);
  return [low, high];
}

/** One side of an interval at 95 %: as much of what two sides leave out at 90 %. */
const ONE_SIDED = 0.9;

/**
 * The highest rate that `k` of `n` still allow, at 95 %; 1 where nothing was tried.
 *
 * @example
 * rateAtMost(0, 20) // 0.139: tried twenty times, never seen
 */
export const rateAtMost = (k: number, n: number): number =>
  n === 0 ? 1 : clopperPearson(k, n, ONE_SIDED)[1];

/** The lowest rate that `k` of `n` still allow, at 95 %; 0 where nothing was tried. */
export const rateAtLeast = (k: number, n: number): number =>
  n === 0 ? 0 : clopperPearson(k, n, ONE_SIDED)[0];
