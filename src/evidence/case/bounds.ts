/**
 * What a rate can be, given so many of so many: one-sided exact bounds (Clopper and Pearson 1934, Biometrika 26).
 *
 * @module
 */

const CONFIDENCE = 0.95;

/** P(X ≤ k) of n trials with probability p, summed in logarithms. */
function cumulative(k: number, n: number, p: number): number {
  if (p <= 0) return 1;
  if (p >= 1) return k >= n ? 1 : 0;
  let [sum, choose] = [0, 0];
  for (let i = 0; i <= k; i += 1) {
    if (i > 0) choose += Math.log(n - i + 1) - Math.log(i);
    sum += Math.exp(choose + i * Math.log(p) + (n - i) * Math.log1p(-p));
  }
  return Math.min(1, sum);
}

/**
 * The highest rate that `k` of `n` still allow, at 95 %; 1 where nothing was tried.
 *
 * @example
 * rateAtMost(0, 20) // 0.139: tried twenty times, never seen
 */
export function rateAtMost(k: number, n: number): number {
  if (n === 0 || k >= n) return 1;
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (cumulative(k, n, middle) > 1 - CONFIDENCE) low = middle;
    else high = middle;
  }
  return high;
}

/** The lowest rate that `k` of `n` still allow, at 95 %; 0 where nothing was tried. */
export const rateAtLeast = (k: number, n: number): number => 1 - rateAtMost(n - k, n);
