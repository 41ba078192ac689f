/**
 * Spans of time as correlations write them: `90m`.
 *
 * @module
 */
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Microseconds; `undefined` where it is not a span, or none that ends. */
export function parseTimespan(text: string): number | undefined {
  const match = /^(\d{1,6})([smhdw])$/.exec(text);
  const count = Number(match?.[1]);
  return match === null || count === 0
    ? undefined
    : count * (SECONDS[match[2] as string] as number) * 1_000_000;
}
