import { describe, expect, it, test } from 'vitest';
import { acceptancesOf, acceptedBy } from './accept.ts';
import { explainContract, renderExplanation } from './explain.ts';
import { parseContract } from './load.ts';
import { neverCoverage } from './never.ts';
import { formatProblem } from './problem.ts';

const HEAD = 'ringfence: 1\nname: t\n';
const REASON = 'the only host is our own mirror, which takes no uploads';

const read = (text: string) => parseContract(HEAD + text, 'c.yaml');
function valid(text: string) {
  const parsed = read(text);
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed;
}

describe('accept', () => {
  test.each([
    ['accept: [{ hazard: escape, reason: because }]', /:3:\d+: accept\[0\]\.reason: one word is no reason/],
    ['accept: [{ hazard: escape, reason: "- - - - - -" }]', /0 words are no reason/],
    ['accept: [{ hazard: escape }]', /accept\[0\]\.reason/],
    ['accept: [{ hazard: escpe, reason: x }]', /accept\[0\]\.hazard: .*\n.*escape/],
    [`accept: [{ hazard: escape, reason: "${REASON}", until: 2027-02-30 }]`, /not a day that there is/],
    [`accept: [{ hazard: escape, reason: "${REASON}", by: " " }]`, /nobody is named/],
    [
      `accept: [{ hazard: escape, reason: "${REASON}" }, { hazard: escape, reason: "${REASON}" }]`,
      /accept\[1\]\.hazard: escape is accepted twice/,
    ],
    ['accept: [{ hazard: escape, reason: a b c d e, who: me }]', /who/],
  ])('%s', (text, expected) => {
    const parsed = read(`${text}\n`);
    expect(parsed.ok ? [] : parsed.problems.map(formatProblem)).toEqual([expect.stringMatching(expected)]);
  });

  it('counts to the end of its last day', () => {
    const { contract } = valid(
      `accept: [{ hazard: escape, reason: "${REASON}", by: Ada, until: 2027-06-30 }]\n`,
    );
    const [on, after] = ['2027-06-30', '2027-07-01'].map((day) => acceptancesOf(contract, day)[0]);
    expect([on?.expired, after?.expired]).toEqual([false, true]);
    expect(on && acceptedBy(on)).toBe('by Ada, until 2027-06-30');
    expect(after && acceptedBy(after)).toBe('by Ada, expired after 2027-06-30');
  });

  it('changes nothing of what is prevented, and explain says it', () => {
    const open = 'network: [{ host: api.example.com }]\n';
    const { contract, source } = valid(`${open}accept: [{ hazard: exfiltration, reason: "${REASON}" }]\n`);
    expect(neverCoverage(contract)).toEqual(neverCoverage(valid(open).contract));
    const text = renderExplanation(explainContract(contract, source)).replace(/\s+/g, ' ');
    expect(text).toContain(`is accepted: "${REASON}"; nothing is enforced less for it [line 4: accept[0]]`);
  });

  it('is a remark where it is over', () => {
    const { contract, source } = valid(
      `accept: [{ hazard: escape, reason: "${REASON}", until: 2020-01-01 }]\n`,
    );
    expect(explainContract(contract, source).notes.map(({ text }) => text)).toEqual([
      'escape was accepted until 2020-01-01, which is over: the safety case counts it no more',
    ]);
  });

  it('holds no text that a terminal would obey', () => {
    const parsed = read('accept: [{ hazard: escape, reason: "a b c d \\u001b[31m e \\u202e f" }]\n');
    expect(parsed.ok ? [] : parsed.problems.map(formatProblem)).toEqual([
      expect.stringMatching(/accept\[0\]\.reason: contains control or invisible characters/),
    ]);
  });
});
