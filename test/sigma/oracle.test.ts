/**
 * The engine against what the specification says, on random rules and random sequences of observations.
 */
import { expect, test } from 'vitest';
import type { Observation } from '../../src/watch/index.ts';
import { CATEGORIES, compileSigma, loadRules, SigmaDetector } from '../../src/watch/sigma/index.ts';
import { naiveFirings, naiveRules } from './naive.ts';

const SETS = 1250;
const SEQUENCES = 80;

/** xorshift32 (Marsaglia, 2003): the same sequences each time. */
function random(seed: number): (below: number) => number {
  let state = seed || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Random = (below: number) => number;
const pick = <Item>(next: Random, items: readonly Item[]): Item => items[next(items.length)] as Item;
const some = <Item>(next: Random, least: number, most: number, make: () => Item): Item[] =>
  Array.from({ length: least + next(most - least + 1) }, make);

const LETTERS = ['a', 'b', 'A', 'c', '-', '/', ' ', 'Σ', 'ς', 'k', '\u{212a}', '😀', 'İ', '\n'];
const FIELDS = ['P', 'Q', 'N'];
const word = (next: Random, most = 4): string => some(next, 0, most, () => pick(next, LETTERS)).join('');

function pattern(next: Random): string {
  return some(next, 0, 4, () => pick(next, [...LETTERS, '*', '?', '\\*', '\\\\', '\\?'])).join('');
}

const EXPRESSIONS = [
  'a+b',
  '^a',
  'b$',
  '[ab]c?',
  'a|bc',
  '(?:a|b)-',
  'k',
  'a.b',
  '.{3,}',
  '\\s',
  '(ab)*c',
  '[^a]b',
];

function entry(next: Random): [key: string, value: unknown] {
  const field = pick(next, FIELDS);
  const place = pick(next, ['', '|contains', '|startswith', '|endswith']);
  switch (next(14)) {
    case 0:
      return [`${field}|re${pick(next, ['', '|i', '|m', '|s', '|i|s'])}`, pick(next, EXPRESSIONS)];
    case 1:
      return [`${field}|${pick(next, ['lt', 'lte', 'gt', 'gte'])}`, next(6)];
    case 2:
      return [`${field}|exists`, next(2) === 0];
    case 3:
      return [field, null];
    case 4:
      return [`${field}${place}|fieldref`, pick(next, FIELDS)];
    case 5:
      return [`${field}${place}|cased`, pattern(next)];
    case 6:
      return [`${field}${place}|neq`, [pattern(next), pattern(next)]];
    case 7:
      return [`${field}${place}|all`, [pattern(next), pattern(next)]];
    case 8:
      return [field, next(6)];
    case 9:
      return [`${field}|base64offset|contains`, `ab${pick(next, ['', 'c', 'cd'])}`];
    default:
      return [`${field}${place}`, some(next, 1, 3, () => pattern(next))];
  }
}

function ruleOf(next: Random, name: string): Record<string, unknown> {
  const selections: Record<string, unknown> = {};
  const names = ['sel_a', 'sel_b', 'fil_c'].slice(0, 1 + next(3));
  for (const one of names)
    selections[one] =
      next(6) === 0
        ? some(next, 1, 2, () => pick(next, ['ab', 'a*b', '-', 'k']))
        : next(4) === 0
          ? some(next, 1, 2, () => Object.fromEntries(some(next, 1, 2, () => entry(next))))
          : Object.fromEntries(some(next, 1, 2, () => entry(next)));
  const term = () => `${pick(next, ['', '', 'not '])}${pick(next, [...names, '1 of sel_*', 'all of them'])}`;
  let condition = term();
  for (let more = next(3); more > 0; more -= 1)
    condition = pick(next, [
      `${condition} and ${term()}`,
      `${condition} or ${term()}`,
      `(${condition}) and ${term()}`,
      `not (${condition}) or ${term()}`,
    ]);
  return {
    title: name,
    name,
    logsource: { category: 'process_creation' },
    detection: { ...selections, condition },
  };
}

function correlationOf(next: Random, name: string, below: readonly string[]): Record<string, unknown> {
  const rules = below.filter(() => next(3) > 0);
  if (rules.length === 0) rules.push(below[0] as string);
  const bounds = pick(next, [
    { gte: 1 + next(3) },
    { gt: next(3) },
    { eq: 1 + next(2) },
    { lte: 1 + next(2) },
    { gt: 0, lt: 3 },
    { neq: 1 },
  ]);
  const temporal = ['temporal', 'temporal', 'temporal_ordered', 'temporal_ordered'];
  const type = pick(next, [
    ...temporal,
    'event_count',
    'event_count',
    'value_count',
    'value_count',
    'value_sum',
    'value_avg',
    'value_median',
    'value_percentile',
  ]);
  let condition: unknown = bounds;
  if (temporal.includes(type)) {
    condition = next(3) > 0 ? undefined : { gte: 1 + next(rules.length) };
    if (type === 'temporal' && next(3) === 0)
      condition = rules
        .map((rule) => `${pick(next, ['', 'not '])}${rule}`)
        .join(pick(next, [' and ', ' or ']));
  } else if (type !== 'event_count')
    condition = {
      ...bounds,
      field: type === 'value_count' ? pick(next, FIELDS) : 'N',
      ...(type === 'value_percentile' && { percentile: pick(next, [10, 50, 90]) }),
    };
  return {
    title: name,
    name,
    correlation: {
      type,
      rules,
      'group-by': pick(next, [[], ['Q'], ['P', 'Q'], ['who']]),
      timespan: pick(next, ['1s', '2s', '5s']),
      generate: true,
      aliases: { who: Object.fromEntries(rules.map((rule) => [rule, pick(next, ['P', 'Q'])])) },
      ...(condition !== undefined && { condition }),
    },
    ringfence: { across: next(4) === 0 },
  };
}

function observationsOf(next: Random, sequence: number): Observation[] {
  // far from the sequence before: none of its windows reaches into this one
  let time = sequence * 1e9;
  return some(next, 1, 7, () => {
    time += pick(next, [0, 0.5e6, 1e6, 1.5e6, 3e6]);
    const fields: Record<string, string | number | boolean | string[]> = {};
    for (const field of FIELDS)
      switch (next(field === 'N' ? 3 : 7)) {
        case 0:
          break;
        case 1:
        case 2:
          if (field === 'N') fields[field] = next(6);
          else fields[field] = pick(next, ['', 'a', 'ab', 'b']);
          break;
        case 3:
          fields[field] = some(next, 0, 2, () => word(next));
          break;
        case 4:
          fields[field] = Buffer.from(word(next) + pick(next, ['ab', 'abc', 'abcd'])).toString('base64');
          break;
        default:
          fields[field] = word(next, 6);
      }
    const run = `r${sequence}-${next(4) === 0 ? 1 : 0}`;
    return { category: 'process_creation' as const, time, run, cell: 'c', cites: [0], fields };
  });
}

test(`engine and oracle agree on ${SETS * SEQUENCES} sequences`, { timeout: 120_000 }, () => {
  const next = random(20260722);
  let sequences = 0;
  let firings = 0;
  for (let set = 0; set < SETS; set += 1) {
    const names = ['r1', 'r2', 'r3'];
    const documents = names.map((name) => ruleOf(next, name));
    for (const name of ['c1', 'c2']) {
      documents.push(correlationOf(next, name, names));
      names.push(name);
    }
    const text = documents.map((document) => JSON.stringify(document)).join('\n---\n');
    const loaded = loadRules([['random.yml', text]]);
    expect(loaded.problems, text).toEqual([]);
    // every other set with what a build would keep of it, as a run has it
    const kept = set % 2 === 0 ? undefined : new SigmaDetector(loaded.rules).prefilters(CATEGORIES);
    const [detector] = compileSigma(loaded.rules, kept);
    const naive = naiveRules([text]);
    for (let sequence = 0; sequence < SEQUENCES; sequence += 1) {
      const observations = observationsOf(next, sequence);
      const actual: Record<string, number[]> = {};
      for (const [index, observation] of observations.entries())
        detector?.observe(observation, ({ rule: { id } }) => {
          actual[id] = [...new Set([...(actual[id] ?? []), index])];
        });
      const expected: Record<string, number[]> = {};
      for (const [name, at] of naiveFirings(naive.rules, naive.correlations, observations))
        expected[name] = [...at];
      const agree = names.every((name) => String(actual[name] ?? '') === String(expected[name] ?? ''));
      if (!agree)
        expect({ text, observations, found: actual }).toEqual({ text, observations, found: expected });
      sequences += 1;
      firings += Object.values(actual).flat().length;
    }
    expect(detector?.lost()).toBe(0);
  }
  expect(sequences).toBeGreaterThanOrEqual(100_000);
  // else it shows nothing
  expect(firings).toBeGreaterThan(sequences);
});
