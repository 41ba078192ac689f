/**
 * Figures of claims in words.
 *
 * @module
 */
import type { Claim } from './load.ts';

type Figure = Claim['figures'][number];

/** A share as percent, with a decimal or as many as it takes: what is not none is not shown as `0 %`, and what is not all not as `100 %`. */
export function percentOf(share: number): string {
  const percent = share * 100;
  for (let digits = 1; digits < 10; digits += 1) {
    const shown = Number(percent.toFixed(digits));
    if ((shown !== 0 || share === 0) && (shown !== 100 || share === 1)) return `${shown} %`;
  }
  return share < 0.5 ? 'hardly any' : 'nearly all';
}

/** `79 of 100 (79 %)`, `7 of 32,768 (0.02 %)`, `96 %`, `164 steps`. */
export function amountOf({ numerator, denominator, share, value, unit }: Figure): string {
  const count = (number: number): string => number.toLocaleString('en-US', { maximumFractionDigits: 20 });
  if (numerator !== undefined && denominator !== undefined)
    return `${count(numerator)} of ${count(denominator)} (${percentOf(numerator / denominator)})`;
  return share === undefined ? `${count(value ?? 0)} ${unit}` : percentOf(share);
}
