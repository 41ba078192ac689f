import { expect, it } from 'vitest';
import { amountOf, percentOf } from './figure.ts';

const figure = { what: 'x', setup: 'y', cite: { source: 'paper' } };

it.each([
  [0, '0 %'],
  [7 / 32_768, '0.02 %'],
  [45 / 32_768, '0.1 %'],
  [1e-7, '0.00001 %'],
  [0.3873, '38.7 %'],
  [0.551, '55.1 %'],
  [0.99996, '99.996 %'],
  [1 - 1e-15, 'nearly all'],
  [1, '100 %'],
])('says %d as %s', (share, said) => {
  expect(percentOf(share)).toBe(said);
});

it('writes counts as people read them', () => {
  expect(amountOf({ ...figure, numerator: 7, denominator: 32_768 })).toBe('7 of 32,768 (0.02 %)');
  expect(amountOf({ ...figure, value: 1_943_200, unit: 'rows' })).toBe('1,943,200 rows');
  expect(amountOf({ ...figure, value: 0.83, unit: 'AUC' })).toBe('0.83 AUC');
  expect(amountOf({ ...figure, share: 0.96 })).toBe('96 %');
});
