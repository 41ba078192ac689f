import { describe, expect, test } from 'vitest';
import { readAnswer } from './answer.ts';

describe('an answer', () => {
  test.each([
    ['{"score": 0.9, "reason": "It threatens."}', 0.9, 'It threatens.'],
    [' {"reason":"No \\"threat\\" \\u2014 none.","score":0}\n', 0, 'No "threat" — none.'],
    ['{"score":1,"reason":""}', 1, ''],
  ])('%s counts', (text, score, reason) => expect(readAnswer(text)).toEqual({ ok: true, score, reason }));

  test.each([
    '',
    '0.9',
    '{"score": 0.9}',
    '{"score": "0.9", "reason": "x"}',
    '{"score": null, "reason": "x"}',
    '{"score": NaN, "reason": "x"}',
    '{"score": 1.1, "reason": "x"}',
    '{"score": -1, "reason": "x"}',
    '{"score": 1e-400, "reason": "x"}',
    '{"score": 0, "score": 1, "reason": "x"}',
    '{"score": 0, "reason": "x", "reason": "y"}',
    '{"score": 0, "reason": "x", "more": 1}',
    '{"score": 0, "reason": "x"} {"score": 1, "reason": "y"}',
    'Here it is: {"score": 0, "reason": "x"}',
    '```json\n{"score": 0, "reason": "x"}\n```',
    '[{"score": 0, "reason": "x"}]',
    '{"score": 0, "reason": "line\nend"}',
    `{"score": 0, "reason": "${'x'.repeat(10_000)}"}`,
  ])('%s is none, and no 0', (text) => expect(readAnswer(text)).toMatchObject({ ok: false }));

  test('is read in time that grows with its length alone', () => {
    const begun = performance.now();
    for (const hostile of ['{"score":', ' '.repeat(8000), '\\'.repeat(8000), '{"reason":"\\\\'.repeat(600)])
      expect(readAnswer(`{"score": 0, "reason": "${hostile}`).ok).toBe(false);
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
