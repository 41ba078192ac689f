import { expect, test } from 'vitest';
import { parseTime, timeFormatter, wallClock } from './time.ts';

test('times come back to the microsecond, before and after a change of second', () => {
  const format = timeFormatter();
  const start = Date.UTC(2026, 11, 31, 23, 59, 59) * 1000;
  for (const add of [0, 1, 999_999, 1_000_000, 999_998, 86_400_000_000]) {
    expect(parseTime(format(start + add))).toBe(start + add);
  }
  expect(format(start + 1)).toBe('2026-12-31T23:59:59.000001Z');
});

test('offsets and shorter fractions are read, other texts are not', () => {
  expect(parseTime('2026-01-02T03:04:05+01:00')).toBe(Date.UTC(2026, 0, 2, 2, 4, 5) * 1000);
  expect(parseTime('2026-01-02T03:04:05.5Z')).toBe(Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + 500_000);
  for (const text of ['', 'yesterday', '2026-01-02', '2026-01-02T03:04:05'])
    expect(parseTime(text)).toBeNaN();
});

test('the clock stays with the wall clock', () => {
  const now = wallClock();
  for (let round = 0; round < 1000; round += 1) expect(Math.abs(now() / 1000 - Date.now())).toBeLessThan(5);
});
