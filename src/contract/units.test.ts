import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, formatSize, parseCount, parseDuration, parseNumber, parseSize } from './units.ts';

test.each([
  ['4GiB', 4 * 2 ** 30],
  ['1.5 KiB', 1536],
  ['500MB', 500e6],
  ['12', 12],
  [' 7B ', 7],
])('size %s', (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each([
  ['30m', 1_800_000],
  ['250ms', 250],
  ['90', 90_000],
  ['1d', 86_400_000],
])('duration %s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

test.each([
  ['2M', 2_000_000],
  ['10k', 10_000],
  ['256', 256],
])('count %s', (text, number) => expect(parseCount(text)).toBe(number));

describe('what is no quantity is undefined', () => {
  test.each([
    '',
    'x',
    '-1',
    '1e3',
    '4gib',
    '4 Gi B',
    '0x10',
    '1,5GiB',
    'NaN',
    'Infinity',
    '1constructor',
    '9'.repeat(400),
  ])('%s', (text) => {
    for (const parse of [parseSize, parseDuration, parseCount]) expect(parse(text)).toBeUndefined();
  });
  test('and a fraction is no NaN', () => {
    for (const text of ['', '1.', '.5', '1e9', '-1', 'Infinity', '1'.repeat(20)])
      expect(parseNumber(text)).toBeUndefined();
    expect(parseNumber('0.5')).toBe(0.5);
  });
});

describe('properties', () => {
  const parsers = [parseSize, parseDuration, parseCount, parseNumber];
  test('any text gives a non-negative number or undefined', () =>
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const parse of parsers) {
          const value = parse(text);
          expect(value === undefined || (Number.isFinite(value) && value >= 0)).toBe(true);
        }
      }),
    ));
  test('a formatted size reads back within its rounding', () =>
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 45 }), (bytes) => {
        const back = parseSize(formatSize(bytes));
        expect(back).toBeDefined();
        expect(Math.abs((back as number) - bytes)).toBeLessThanOrEqual(Math.max(1, bytes * 0.06));
      }),
    ));
  test('whole units read back exactly', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1023 }),
        fc.constantFrom('B', 'KiB', 'MiB', 'GiB'),
        (number, unit) => {
          const bytes = parseSize(`${number}${unit}`) as number;
          expect(formatSize(bytes)).toBe(`${number} ${unit}`);
        },
      ),
    ));
  test('a formatted duration never claims more than there is, to a second', () =>
    fc.assert(
      fc.property(fc.nat({ max: 1e10 }), (milliseconds) => {
        const total = formatDuration(milliseconds)
          .split(' ')
          .reduce((sum, part) => sum + (parseDuration(part) ?? Number.NaN), 0);
        expect(total).toBeLessThanOrEqual(milliseconds + 500);
      }),
    ));
});
