/**
 * Times of events: microseconds since 1970, written as RFC 3339 in UTC.
 *
 * @module
 */

/** Formats times fast: the second's prefix is kept from one call to the next. One per writer. */
export function timeFormatter(): (microseconds: number) => string {
  let second = Number.NaN;
  let prefix = '';
  return (microseconds) => {
    const whole = Math.floor(microseconds / 1e6);
    if (whole !== second) {
      second = whole;
      // toISOString throws a RangeError outside ±8.64e15 ms; such a time is a bug of the caller.
      prefix = new Date(whole * 1000).toISOString().slice(0, -4);
    }
    const fraction = Math.floor(microseconds - whole * 1e6);
    return `${prefix}${String(fraction).padStart(6, '0')}Z`;
  };
}

/** Microseconds of an RFC 3339 time with up to microseconds; NaN where it is not one. */
export function parseTime(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return Number.NaN;
  const seconds = Date.parse(`${match[1]?.replace(/[t ]/, 'T')}${match[3]?.toUpperCase()}`);
  return seconds * 1000 + Number((match[2] ?? '').padEnd(6, '0').slice(0, 6));
}

/**
 * A clock of microseconds since 1970. Node's Date has milliseconds; the microseconds come from the monotonic clock and
 * are tied to the wall clock again whenever the two differ by more than two milliseconds (it was set, or the machine slept).
 */
export function wallClock(): () => number {
  let base = Date.now() * 1000;
  let start = process.hrtime.bigint();
  return () => {
    const now = base + Number((process.hrtime.bigint() - start) / 1000n);
    const wall = Date.now() * 1000;
    if (Math.abs(now - wall) <= 2000) return now;
    base = wall;
    start = process.hrtime.bigint();
    return wall;
  };
}
