/**
 * Medians, quartiles and paired ratios. What is compared is measured in turns, so that a machine that slows down slows
 * all of them down.
 *
 * @module
 */

export interface Summary {
  median: number;
  /** first and third quartile */
  low: number;
  high: number;
  samples: number;
}

/** The value below which the given share of the sorted values lies, by linear interpolation (Hyndman and Fan, type 7). */
export function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    samples: sorted.length,
  };
}

/** Of `left` to `right`, round by round. */
export function pairedRatio(left: readonly number[], right: readonly number[]): Summary {
  return summarize(left.map((value, round) => value / (right[round] ?? Number.NaN)));
}

/** Of `left` less `right`, round by round. */
export function pairedDifference(left: readonly number[], right: readonly number[]): Summary {
  return summarize(left.map((value, round) => value - (right[round] ?? Number.NaN)));
}

type Measurements = Readonly<Record<string, (() => Promise<unknown>) | undefined>>;

/** name → one value for each round; a measurement that may be absent may lack its values. */
type Values<M extends Measurements> = {
  [Name in keyof M]: Awaited<ReturnType<NonNullable<M[Name]>>>[];
};

/**
 * Runs each of several measurements once a round, first to last and then last to first. The first rounds warm caches up
 * and do not count.
 */
export async function inTurns<M extends Measurements>(
  measurements: M,
  rounds: number,
  warmUp = 1,
): Promise<Values<M>> {
  const present = Object.entries(measurements).filter((entry) => entry[1] !== undefined);
  const values: Record<string, unknown[]> = Object.fromEntries(present.map(([name]) => [name, []]));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const [name, measure] of round % 2 === 0 ? present : [...present].reverse()) {
      const value = await measure?.();
      if (round >= 0) values[name]?.push(value);
    }
  }
  return values as Values<M>;
}
