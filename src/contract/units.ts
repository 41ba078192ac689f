/**
 * Quantities people write in contracts: sizes, durations, counts.
 *
 * @module
 */

const BINARY: Record<string, number> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
};

const DURATION: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const COUNT: Record<string, number> = { k: 1e3, M: 1e6, G: 1e9 };

function parse(text: string, units: Record<string, number>, bare: number): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim());
  if (!match) return undefined;
  const name = match[2] as string;
  const unit = name === '' ? bare : Object.hasOwn(units, name) ? units[name] : undefined;
  if (unit === undefined) return undefined;
  // half a byte or half a process is a mistake; half a KiB is not
  if (unit === 1 && match[1]?.includes('.')) return undefined;
  const value = Math.round(Number(match[1]) * unit);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** `"4GiB"` → bytes; a bare number counts bytes. `undefined` when it is not a size. */
export const parseSize = (text: string): number | undefined => parse(text, BINARY, 1);

/** `"30m"` → milliseconds; a bare number counts seconds. `undefined` when it is not a duration. */
export const parseDuration = (text: string): number | undefined => parse(text, DURATION, 1000);

/** `"2M"` → 2,000,000. `undefined` when it is not a count. */
export const parseCount = (text: string): number | undefined => parse(text, COUNT, 1);

/** `"0.5"` → 0.5, for what is counted in fractions (CPUs). `undefined` when it is not a plain number. */
export function parseNumber(text: string): number | undefined {
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(text.trim())) return undefined;
  return Number(text);
}

/** Bytes → `"4 GiB"`, at most one decimal. */
export function formatSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Milliseconds → `"30m"`, `"1m 30s"`, `"250ms"`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)}ms`;
  const parts: string[] = [];
  let rest = Math.round(milliseconds / 1000);
  for (const [name, seconds] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(rest / seconds);
    if (count > 0) parts.push(`${count}${name}`);
    rest -= count * seconds;
  }
  return parts.slice(0, 2).join(' ');
}
