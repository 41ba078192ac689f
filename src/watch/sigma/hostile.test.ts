/**
 * What somebody would write who wants the rules not to see, or the watch to stand still.
 */
import { expect, test } from 'vitest';
import type { Observation } from '../observation.ts';
import { Automaton } from './automaton.ts';
import { compileSigma, loadRules } from './index.ts';
import { requirementOf } from './requirement.ts';

const observation = (fields: Observation['fields'], time = 0, cites = [0]): Observation => ({
  ...{ category: 'process_creation', time, run: 'r', cell: 'c' },
  cites,
  fields,
});

function detectorOf(detection: string, rest = '') {
  const text = `title: T\nname: t\nlogsource: { category: process_creation }\ndetection: ${detection}\n${rest}`;
  const { rules, problems } = loadRules([['t.yml', text]]);
  expect(problems).toEqual([]);
  const [detector] = compileSigma(rules);
  return (fields: Observation['fields']): number => {
    let found = 0;
    detector?.observe(observation(fields), () => {
      found += 1;
    });
    return found;
  };
}

/** Milliseconds of this process's own time. */
function spent(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test('an expression that takes others exponential time is decided in linear time', () => {
  const finds = detectorOf("{ s: { A|re: '(a+)+$' }, condition: s }");
  const short = `${'a'.repeat(50_000)}!`;
  const long = `${'a'.repeat(500_000)}!`;
  finds({ A: short });
  expect(spent(() => expect(finds({ A: long })).toBe(0))).toBeLessThan(2000);
});

test('a field of two mebibytes hides nothing, and is judged at once', () => {
  const finds = detectorOf(
    "{ s: { A|contains|all: [needle, thread] }, w: { A|re: 'n[e]{2}dle' }, g: { A: '*needle*hay*stack?' }, condition: s and w and g }",
  );
  const padding = 'hay '.repeat(2 ** 18);
  expect(
    spent(() => expect(finds({ A: `${padding}NEEDLE needle${padding} thread stack!` })).toBe(1)),
  ).toBeLessThan(2000);
  expect(finds({ A: `${padding}needle${padding}` })).toBe(0);
});

test('many stars take no more than the product of the lengths', () => {
  const finds = detectorOf(`{ s: { A: '${'*a?'.repeat(30)}b' }, condition: s }`);
  expect(spent(() => expect(finds({ A: 'a'.repeat(100_000) })).toBe(0))).toBeLessThan(2000);
});

test('other cases, other widths, and marks between letters', () => {
  const finds = detectorOf('{ s: { A|contains: kill }, condition: s }');
  expect(finds({ A: 'KiLl -9' })).toBe(1);
  // the Kelvin sign is a k
  expect(finds({ A: '\u212aill' })).toBe(1);
  // others are other letters, for the kernel, too
  expect(finds({ A: 'k\u202eill' })).toBe(0);
});

test('names that every object has are no fields', () => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    const text = `title: T\nlogsource: { category: process_creation }\ndetection: { s: { ${name}|exists: true }, condition: s }`;
    expect(loadRules([['t.yml', text]]).problems).toHaveLength(1);
  }
});

test('what a file can do to its reader is bounded', () => {
  const laughs = [
    'a: &a [x, x]',
    ...Array.from({ length: 40 }, (_, index) => {
      const [name, before] = [`a${index}`, index === 0 ? 'a' : `a${index - 1}`];
      return `${name}: &${name} [*${before}, *${before}]`;
    }),
  ].join('\n');
  expect(loadRules([['laughs.yml', laughs]]).problems.length).toBeGreaterThan(0);
  expect(loadRules([['deep.yml', '['.repeat(100_000)]]).problems.length).toBeGreaterThan(0);
  expect(loadRules([['self.yml', 'a: &a [*a]']]).problems.length).toBeGreaterThan(0);
  expect(loadRules([['text.yml', 'only words']]).problems).toHaveLength(1);
  expect(loadRules([['empty.yml', '']]).problems).toHaveLength(1);
  const deep = `title: T\nlogsource: { category: run }\ndetection: { s: [x], condition: '${'('.repeat(5000)}s${')'.repeat(5000)}' }`;
  expect(loadRules([['brackets.yml', deep]]).problems).toHaveLength(1);
});

test.each([
  ['no such modifier', 'A|endwith: x', 'Write endswith.'],
  ['types that clash', 'A|re|contains: x', 'Remove one of them.'],
  ['all of one', 'A|contains|all: x', 'Remove |all, or write several values.'],
  [
    'lookaround',
    "A|re: '(?=x)'",
    'Backreferences and lookahead are not: what decides in linear time has none.',
  ],
  ['a range that is none', 'A|cidr: 300.0.0.0/8', 'Write 192.0.2.0/24 or 2001:db8::/32.'],
  ['a number that is none', 'A|gt: many', 'Write a decimal number.'],
  [
    'a placeholder',
    "A|expand: '%admins%'",
    'Give its values, or write them out; a plain percent sign is \\%.',
  ],
  ['exists of what', 'A|exists: maybe', 'Write true or false.'],
  ['null with a place', 'A|contains: null', "Write '' for an empty text."],
])('%s is refused, with what to write', (_name, item, hint) => {
  const text = `title: T\nlogsource: { category: run }\ndetection:\n  s:\n    ${item}\n  condition: s\n`;
  const [problem] = loadRules([['t.yml', text]]).problems;
  expect(problem).toMatchObject({ line: 5, column: 5, hint });
});

test('placeholders stand for what somebody says', () => {
  const text =
    "title: T\nlogsource: { category: process_creation }\ndetection: { s: { A|expand: 'x-%who%' }, condition: s }";
  const { rules, problems } = loadRules([['t.yml', text]], { placeholders: { who: ['ann', 'b*'] } });
  expect(problems).toEqual([]);
  const [detector] = compileSigma(rules);
  const found: unknown[] = [];
  for (const A of ['x-ann', 'x-bob', 'x-cy']) detector?.observe(observation({ A }), () => found.push(A));
  expect(found).toEqual(['x-ann', 'x-bob']);
});

test('filters narrow the rules that they name', () => {
  const text = `title: T
name: t
logsource: { category: process_creation }
detection: { s: { A: x }, condition: s }
---
title: Not those of the administrator
logsource: { category: process_creation }
filter: { rules: [t], ours: { User|startswith: adm_ }, condition: not ours }
`;
  const { rules, problems } = loadRules([['t.yml', text]]);
  expect(problems).toEqual([]);
  const [detector] = compileSigma(rules);
  const found: unknown[] = [];
  for (const User of ['adm_a', 'me'])
    detector?.observe(observation({ A: 'x', User }), () => found.push(User));
  expect(found).toEqual(['me']);
});

test('correlations that go in circles, or nowhere, are refused', () => {
  const correlation = (name: string, rule: string) =>
    `title: ${name}\nname: ${name}\ncorrelation: { type: event_count, rules: [${rule}], timespan: 5m, condition: { gte: 2 } }`;
  const circle = loadRules([['c.yml', `${correlation('a', 'b')}\n---\n${correlation('b', 'a')}`]]);
  expect(circle.problems.map(({ message }) => message)).toContain('a correlation that rests on itself');
  expect(loadRules([['c.yml', correlation('a', 'none')]]).problems).toHaveLength(1);
});

test('what an expression needs is never more than it needs', () => {
  expect(requirementOf('\\s-[FT]\\s', '')).toEqual({ literals: ['-'], length: 4 });
  // an s has another small form, beyond ASCII
  expect(requirementOf('(?i)^EXEC:|^SYSTEM:', '')).toEqual({ literals: ['exec:', 'tem:'], length: 5 });
  expect(requirementOf('(?i)(curl|get) +x', '').literals).toEqual(['curl', 'get']);
  expect(requirementOf('ab(cd)?ef', '')).toEqual({ literals: ['ab'], length: 4 });
  expect(requirementOf('(ab|)c', '')).toEqual({ literals: ['c'], length: 1 });
  expect(requirementOf('a{0}b', '').length).toBe(1);
  expect(requirementOf('\\x41', '')).toEqual({ literals: undefined, length: 0 });
});

test('literals are found where they are, and nowhere else', () => {
  const literals = [
    { text: 'ab', begin: true, end: false },
    { text: 'b', begin: false, end: true },
    { text: 'bab', begin: false, end: false },
    { text: '', begin: true, end: true },
    { text: 'é', begin: false, end: false },
  ];
  const automaton = new Automaton(literals);
  const found = (text: string): number[] => {
    const ids = new Set<number>();
    automaton.scan(text, (id) => ids.add(id));
    return [...ids].sort();
  };
  expect(found('')).toEqual([3]);
  expect(found('ABAB')).toEqual([0, 1, 2]);
  expect(found('xabx')).toEqual([]);
  expect(found('abÉb')).toEqual([0, 1, 4]);
});
