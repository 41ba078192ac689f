import { describe, expect, it, test } from 'vitest';
import { explainJudges } from './explain-judges.ts';
import { isJudgeResult } from './judges.ts';
import { parseContract } from './load.ts';
import { neverCoverage } from './never.ts';
import { unsupported } from './support.ts';

const ENTRY =
  'name: pressure, provider: anthropic, model: m-1, of: [tool-calls], asks: "Does it threaten?", hazard: coercion';
const parse = (entries: string, more = '') =>
  parseContract(`ringfence: 1\nname: t\noversight: { judges: [${entries}] }\n${more}`, 'c.yaml');
const problems = (entries: string, more = '') => {
  const parsed = parse(entries, more);
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
};

describe('a judge in a contract', () => {
  it('needs a name, a model, a question and a hazard; the rest has defaults', () => {
    const parsed = parse(`{ ${ENTRY} }`);
    expect(parsed.ok && parsed.contract.oversight.judges).toMatchObject([
      {
        ...{ level: 'high', threshold: 0.5, timeout: 30_000, on: { failed: 'alert' } },
        budget: { requests: 500 },
      },
    ]);
  });

  test.each([
    [`{ ${ENTRY} }, { ${ENTRY} }`, 'oversight.judges[1].name: there are two judges pressure'],
    [
      `{ ${ENTRY}, budget: { money: 5 } }`,
      'oversight.judges[0].budget.money: nothing says what a token costs',
    ],
    [
      `{ ${ENTRY}, endpoint: "http://judge.example.com" }`,
      'oversight.judges[0].endpoint: the key and all that is said would go in the clear',
    ],
    [
      `{ ${ENTRY.replace('tool-calls', 'messages')} }`,
      'oversight.judges[0].of[0]: no messages pass the gateway, so none would be judged',
    ],
    [
      `{ ${ENTRY.replace('tool-calls', 'turns')} }`,
      'oversight.judges[0].of[0]: no turns pass the gateway, so none would be judged',
    ],
  ])('%s is refused', (entries, problem) => expect(problems(entries)).toEqual([problem]));

  test.each([
    'threshold: 0',
    'threshold: 1.1',
    'on: { failed: none }',
    'level: bad',
    'name: ../x',
    'key: sk-abc',
    'hazard: x',
  ])('%s is refused', (more) =>
    expect(problems(`{ ${ENTRY.replace(`${more.split(':')[0]}:`, 'x:')}, ${more} }`)).not.toEqual([]),
  );

  it('is not possible without namespaces, and says so', () => {
    const parsed = parse(`{ ${ENTRY} }`, 'isolation: landlock');
    const said = parsed.ok ? unsupported(parsed.contract) : parsed.problems;
    expect(said.map(({ message }) => message).join()).toContain(
      'judges are asked by a process in namespaces',
    );
  });

  it('prevents and detects nothing: what is covered is what is covered without it', () => {
    const [plain, judged] = [parse(''), parse(`{ ${ENTRY} }`)].map((one) =>
      one.ok ? neverCoverage(one.contract) : {},
    );
    const states = (coverage: object = {}) =>
      Object.entries(coverage).map(([hazard, { state }]) => [hazard, state]);
    expect(states(judged)).toEqual(states(plain));
    expect(JSON.stringify(judged)).toContain('what judges are asked, to api.anthropic.com');
  });

  it('is explained with what follows from its failing', () => {
    const parsed = parse(`{ ${ENTRY}, on: { failed: freeze } }`);
    if (!parsed.ok) throw new Error('it is valid');
    const [said] = explainJudges(parsed.contract, (clause, text) => ({ clause, text }) as never);
    expect(said).toMatchObject({
      text: expect.stringContaining('nothing is known, and all its processes are frozen'),
    });
  });
});

describe('what the judges’ process says', () => {
  test.each([
    { ok: true, score: 0, reason: '', ms: 1 },
    { ok: true, score: 1, reason: 'x', ms: 0, usage: { input: 1, output: 2 }, cost: 0.1, status: 200 },
    { ok: false, why: 'timeout', detail: 'x', ms: 1 },
  ])('%j is a result', (result) => expect(isJudgeResult(result)).toBe(true));

  test.each([
    undefined,
    'ok',
    { ok: true, score: 2, reason: '', ms: 1 },
    { ok: true, score: Number.NaN, reason: '', ms: 1 },
    { ok: true, score: '1', reason: '', ms: 1 },
    { ok: true, ms: 1 },
    { ok: true, score: 1, reason: '', ms: Number.NaN },
    { ok: true, score: 1, reason: '', ms: 1, usage: 'x' },
    { ok: true, score: 1, reason: '', ms: 1, usage: { input: 'x' } },
    { ok: false, why: 'toString', detail: '', ms: 1 },
    { ok: false, why: 'timeout', ms: 1 },
    { ok: false, score: 0, reason: '', ms: 1 },
  ])('%j is none', (result) => expect(isJudgeResult(result)).toBe(false));
});
