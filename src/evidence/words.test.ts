import { expect, it } from 'vitest';
import { titleOf } from './words.ts';

it('makes headings of words', () => {
  expect(titleOf('resource-acquisition')).toBe('Resource acquisition');
  expect(titleOf('not-re-read')).toBe('Not re-read');
  expect(titleOf('pre-release')).toBe('Pre release');
  expect(titleOf('sources-read-in-part')).toBe('Sources read in part');
});
