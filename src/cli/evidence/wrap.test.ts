import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wrapText } from './wrap.ts';

it('breaks at spaces, and indents', () => {
  expect(wrapText('one two three four', 18, '    ', '  • ')).toEqual(['  • one two three', '    four']);
});

it('breaks a word that is wider than a line', () => {
  expect(wrapText('a https://example.com/very/long', 14)).toEqual([
    'a',
    'https://exampl',
    'e.com/very/lon',
    'g',
  ]);
});

it('counts wide characters as two columns', () => {
  expect(wrapText('日本語 日本語 日本語', 14)).toEqual(['日本語 日本語', '日本語']);
});

it('never makes a line too wide, and loses nothing but spaces', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 20, max: 120 }), (text, width) => {
      const lines = wrapText(text, width, '  ', '> ');
      for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
      expect(
        lines
          .map((line) => line.slice(2))
          .join('')
          .replace(/\s/g, ''),
      ).toBe(text.replace(/\s/g, ''));
    }),
    { numRuns: 500 },
  );
});
