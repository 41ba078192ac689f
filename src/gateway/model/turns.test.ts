import { expect, test } from 'vitest';
import type { ModelPart } from '../../contract/index.ts';
import { parseRequest } from './json.ts';
import { estimateTokens, fitParts, Turns } from './turns.ts';

const part = (text: string): ModelPart => ({ role: 'user', type: 'text', text });

test('a part is recorded once, whichever call had it', () => {
  const turns = new Turns();
  expect(turns.fresh([part('a'), part('b'), part('a')])).toEqual([part('a'), part('b')]);
  turns.learn([{ ...part('c'), role: 'assistant' }]);
  expect(turns.fresh([part('a'), { ...part('c'), role: 'assistant' }, part('d')])).toEqual([part('d')]);
  expect(turns.next()).not.toBe(turns.next());
});

test.each(['x', '\u0001', '𝄞', '"'])('a record stays within what the ledger takes: %j', (letter) => {
  const long = [part(letter.repeat(40_000)), part(letter.repeat(40_000)), part('last')];
  const fitted = fitParts(long, long);
  expect(JSON.stringify(fitted).length).toBeLessThan(60 * 1024);
  expect(fitted.output[0]?.cut).toBeGreaterThan(0);
  expect(fitted.input.at(-1)).toEqual(part('last'));
  for (const { text, cut = 0 } of [...fitted.input, ...fitted.output]) {
    expect(text.isWellFormed()).toBe(true);
    expect(text === 'last' || text.length + cut === letter.length * 40_000).toBe(true);
  }
});

test('pictures are not counted as text', () => {
  expect(estimateTokens({ data: 'a'.repeat(1_000_000) })).toBeLessThan(3000);
  expect(estimateTokens('word '.repeat(1000))).toBeGreaterThan(1500);
});

test('large integers keep their digits', () => {
  const text = '{"a":12345678901234567890,"b":[-9007199254740993],"c":1.5,"d":7}';
  expect(JSON.stringify(parseRequest(text))).toBe(text);
});
