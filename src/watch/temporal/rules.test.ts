/**
 * The formulas that come with Ringfence against their own examples, and rule files with formulas that are none.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { observationsOf } from '../analyse/example.ts';
import { ruleDetectors } from '../assemble/index.ts';
import { type FormulaRule, loadRules } from '../sigma/index.ts';

const FOLDER = join(import.meta.dirname, '../../../rules/monitors');
const TECHNIQUES = readFileSync(join(FOLDER, '../techniques.txt'), 'utf8');
const loaded = loadRules(
  readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const),
);

/** Matters that a rule finds in an example. */
function found(rule: FormulaRule, steps: FormulaRule['examples']['true'][number]): string[] {
  const keys = new Set<string>();
  // what a run reads has been through JSON
  const [detector] = ruleDetectors([JSON.parse(JSON.stringify(rule))]);
  for (const observation of observationsOf(steps)) detector?.observe(observation, ({ key }) => keys.add(key));
  detector?.end?.(({ key }) => keys.add(key));
  return [...keys];
}

it('every file is read', () => {
  expect(loaded.problems).toEqual([]);
  expect(loaded.rules).toEqual([]);
  expect(loaded.formulas.length).toBeGreaterThanOrEqual(4);
});

describe.each(loaded.formulas)('$info.id', (rule) => {
  const { info, examples } = rule;

  it('says what it is for, which techniques it sees and what it does not', () => {
    expect(info.id).toMatch(/^[a-z-]+\.[a-z-]+$/);
    expect(info.id.startsWith(`${info.hazard}.`)).toBe(true);
    expect(info.limit.length).toBeGreaterThan(20);
    expect(info.techniques.length).toBeGreaterThan(0);
    for (const technique of info.techniques) expect(TECHNIQUES.includes(`\n${technique} `)).toBe(true);
    expect(examples.true.length).toBeGreaterThanOrEqual(2);
    expect(examples.false.length).toBeGreaterThanOrEqual(2);
  });

  it.each(examples.true.map((steps) => [JSON.stringify(steps.map(({ fields }) => fields)), steps] as const))(
    'finds %s, once',
    (_name, steps) => expect(found(rule, steps)).toHaveLength(1),
  );

  it.each(examples.false.map((steps) => [JSON.stringify(steps.map(({ fields }) => fields)), steps] as const))(
    'leaves %s alone',
    (_name, steps) => expect(found(rule, steps)).toEqual([]),
  );
});

describe('a file with a formula that is none is refused with its place', () => {
  const file = (formula: string, more = '') =>
    `title: T\nname: t.t\nformula: |\n${formula.replace(/^/gm, '  ')}\n${more}`;
  it.each([
    [file('folw(Flow: f)'), 3, 'line 1, column 1 of the formula: there is no predicate folw'],
    [file('run(Phase: p)\nAND NOT run(Who: w)'), 3, 'line 2, column 18 of the formula: run has no argument'],
    [file('NOT run(Phase: p)'), 3, 'p occurs only in what is not'],
    [file('run(Phase: p)', 'ringfence: { key: [q] }\n'), 5, 'the formula has no free variable q'],
    [file('run(Phase: p)', "ringfence: { text: 'it is {q}' }\n"), 5, 'the formula has no free variable q'],
    [file('run(Phase: p)', 'ringfence: { across: true }\n'), 5, 'judged in each run by itself'],
    [file('run(Phase: p)', 'logsource: { category: run }\n'), 5, 'a formula has no logsource'],
    [file('run(Phase: p)', 'detection: { a: { b: c }, condition: a }\n'), 1, 'detection and formula in one'],
    ['title: T\nformula: [run]\n', 2, 'formula is not a text'],
    [`${file('run(Phase: p)')}---\n${file('run(Phase: p)')}`, 6, 'the name t.t is taken'],
  ])('%j', (text, line, message) => {
    const { problems } = loadRules([['f.yml', text]]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: 'f.yml', line });
    expect(problems[0]?.message).toContain(message);
  });

  it('nor can a correlation rest on one, or a filter change one', () => {
    const correlation =
      'title: C\ncorrelation: { type: event_count, rules: [t.t], timespan: 1m, condition: { gte: 2 } }';
    const filter =
      'title: F\nlogsource: { category: run }\nfilter: { rules: [t.t], a: { Phase: x }, condition: a }';
    for (const other of [correlation, filter]) {
      const { problems } = loadRules([['f.yml', `${file('run(Phase: p)')}---\n${other}\n`]]);
      expect(problems.map(({ message }) => message).join()).toContain('formula');
    }
  });
});
