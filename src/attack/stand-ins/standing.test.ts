import { expect, it } from 'vitest';
import { holds, Standing } from './standing.ts';

const WORD = 'canary0123456789';

it.each([
  ['as it is', `name=${WORD}&`],
  ['in hex', Buffer.from(`x${WORD}`).toString('hex')],
  [
    'in hex, cut into labels',
    `${Buffer.from(WORD).toString('hex').replace(/.{10}/g, '$&.')}.drop.example.org`,
  ],
  ['in base64, at any offset', Buffer.from(`ab${WORD}c`).toString('base64')],
  ['in base64, at another', Buffer.from(`a${WORD}`).toString('base64')],
  ['in base32', 'mnqw4ylspeydcmrtgq2tmnzyhe.drop.example.org'],
])('a word is found %s', (_how, text) => {
  expect(holds(text, WORD)).toBe(true);
});

it.each([
  ['another word', 'canary9999999999'],
  ['nothing', ''],
  ['its beginning', WORD.slice(0, 12)],
])('it is not found in %s', (_what, text) => {
  expect(holds(text, WORD)).toBe(false);
});

it('all bytes are counted, and only so many are kept', () => {
  const standing = new Standing();
  for (let count = 0; count < 6; count += 1) standing.take('x'.repeat(1024 * 1024));
  expect(standing.bytes).toBe(6 * 1024 * 1024);
  expect(standing.received.length).toBeLessThanOrEqual(5 * 1024 * 1024);
});
