import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { quote } from '../src/quote.js';

const rates = JSON.parse(readFileSync(new URL('../rates/rates.json', import.meta.url), 'utf8'));

test('a begun kilogram is charged as a whole one', () => {
  assert.equal(quote(rates, { zone: 'near', grams: 1200 }), 390 + 2 * 80);
});

test('whole kilograms are charged as they are', () => {
  assert.equal(quote(rates, { zone: 'far', grams: 3000 }), 890 + 3 * 150);
});

test('an unknown zone has no price', () => {
  assert.throws(() => quote(rates, { zone: 'moon', grams: 1 }), RangeError);
});
