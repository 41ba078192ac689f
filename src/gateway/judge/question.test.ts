import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { questionOf, quote, requestOf } from './question.ts';

const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/u;
/** Those that end quotations and lines, and any other. */
const CHARACTER = fc.oneof(
  fc.constantFrom('\n', '\r', '"', '\\', 'f'.repeat(32), '\u2028', '\u202e', '}'),
  fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
);
const ACCESS = { asks: 'Does it threaten somebody?', task: 'answer the mail' };
const ask = (what: unknown, cut = 0) => ({ of: 'messages' as const, act: JSON.stringify(what), cut });

describe('the act in a question', () => {
  test('is one line between two that nobody could write, whatever it says', () =>
    fc.assert(
      fc.property(
        fc.array(CHARACTER, { maxLength: 100 }).map((all) => all.join('')),
        (text) => {
          const fence = 'f'.repeat(32);
          const { user } = questionOf(ACCESS, ask({ text }), fence);
          const lines = user.split('\n');
          expect(lines.filter((line) => line === fence)).toHaveLength(2);
          const quoted = lines[lines.indexOf(fence) + 1] ?? '';
          expect(lines.indexOf(fence) + 2).toBe(lines.lastIndexOf(fence));
          expect(JSON.parse(quoted)).toEqual({ text });
          expect(UNSEEN.test(quoted)).toBe(false);
        },
      ),
    ));

  test('cannot guess its fence, which is another each time', () => {
    const fences = [1, 2].map(() => questionOf(ACCESS, ask('x')).user.split('\n').at(-2));
    expect(fences[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(fences[0]).not.toBe(fences[1]);
  });

  test('shows what is invisible, or turns text around', () => {
    expect(quote(JSON.stringify('a\u202eb\u{e0041}\u200b'))).toBe('"a\\u202eb\\udb40\\udc41\\u200b"');
  });

  test('says how much of it is missing', () =>
    expect(questionOf(ACCESS, ask('x', 12)).user).toContain('12 characters of it were left out'));
});

test('both protocols carry both texts, and no tools', () => {
  const texts = questionOf(ACCESS, ask('x'));
  const messages = requestOf('anthropic', 'm', texts);
  expect(messages).toMatchObject({ model: 'm', system: texts.system });
  expect(messages.messages).toEqual([{ role: 'user', content: texts.user }]);
  expect(requestOf('openai', 'm', texts).messages).toEqual([
    { role: 'system', content: texts.system },
    { role: 'user', content: texts.user },
  ]);
  for (const provider of ['anthropic', 'openai'] as const)
    expect(requestOf(provider, 'm', texts)).not.toHaveProperty('tools');
});
