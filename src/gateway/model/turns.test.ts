import { expect, test } from 'vitest';
import type { ModelPart } from '../../contract/index.ts';
import { parseRequest } from './json.ts';
import { estimateTokens, fitParts, Turns } from './turns.ts';

const part = (text: string): ModelPart => ({ role: 'user', type: 'text', text });

test('a part is recorded once, whichever call had it', () => {
  const turns = new Turns();
  const asked = turns.fresh([part('a'), part('b'), part('a')]);
  expect(asked).toEqual([part('a'), part('b')]);
  turns.learn([...asked, { ...part('c'), role: 'assistant' }]);
  expect(turns.fresh([part('a'), { ...part('c'), role: 'assistant' }, part('d')])).toEqual([part('d')]);
  expect(turns.next()).not.toBe(turns.next());
});

test('what was asked for and went nowhere, or had no room, is not known: it is recorded when it goes', () => {
  const turns = new Turns();
  turns.fresh([part('hidden')]);
  expect(turns.fresh([part('hidden')])).toEqual([part('hidden')]);
  const long = [part('hidden'.repeat(4000)), part('filler'.repeat(7900))];
  const { input, omitted, kept } = fitParts(turns.fresh(long), []);
  expect([input.length, omitted, kept]).toEqual([1, 1, long.slice(1)]);
  turns.learn(kept);
  expect(turns.fresh(long)).toEqual(long.slice(0, 1));
});

test('names and ids are others’ choice, and stay short', () => {
  const name = 'n'.repeat(10_000_000);
  const parts = Array.from(
    { length: 300 },
    (): ModelPart => ({ role: 'assistant', type: 'tool_call', text: '{}', id: name, name }),
  );
  const { output, omitted } = fitParts([], parts);
  expect(JSON.stringify(output).length).toBeLessThan(60 * 1024);
  expect(output.length + omitted).toBe(300);
});

test.each(['x', '\u0001', '𝄞', '"'])('a record stays within what the ledger takes: %j', (letter) => {
  const long = [part(letter.repeat(40_000)), part(letter.repeat(40_000)), part('last')];
  const { kept: _, ...fitted } = fitParts(long, long);
  expect(JSON.stringify(fitted).length).toBeLessThan(60 * 1024);
  expect(fitted.output[0]?.cut).toBeGreaterThan(0);
  expect(fitted.input.at(-1)).toEqual(part('last'));
  for (const { text, cut = 0 } of [...fitted.input, ...fitted.output]) {
    expect(text.isWellFormed()).toBe(true);
    expect(text === 'last' || text.length + cut === letter.length * 40_000).toBe(true);
  }
});

test('pictures are not counted as text, and text is not counted as a picture', () => {
  const picture = 'a'.repeat(1_000_000);
  const block = (source: object) => ({ messages: [{ content: [{ type: 'image', source }] }] });
  expect(estimateTokens(block({ type: 'base64', data: picture }))).toBeLessThan(40_000);
  expect(estimateTokens('word '.repeat(1000))).toBeGreaterThan(1500);
  for (const words of [
    { messages: [{ role: 'user', content: picture }] },
    { messages: [{ content: [{ type: 'text', text: picture }] }] },
    { messages: [{ content: [{ type: 'tool_use', input: { type: 'base64', data: picture } }] }] },
    { tools: [{ input_schema: { properties: { data: picture } } }] },
    { input: [{ type: 'function_call', arguments: picture }] },
  ])
    expect(estimateTokens(words)).toBeGreaterThan(300_000);
});

test('large integers keep their digits', () => {
  const text = '{"a":12345678901234567890,"b":[-9007199254740993],"c":1.5,"d":7}';
  expect(JSON.stringify(parseRequest(text))).toBe(text);
});
