/**
 * Our own rules against their own examples: each finds what it says it finds, and nothing of what it says it leaves alone.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HAZARD_NAMES } from '../../contract/index.ts';
import { compileSigma, loadRules } from '../sigma/index.ts';
import { observationsOf } from './example.ts';

const FOLDER = join(import.meta.dirname, '../../../rules/detections');
const TECHNIQUES = new Set(
  readFileSync(join(FOLDER, '../techniques.txt'), 'utf8')
    .split('\n')
    .flatMap((line) => /^(T\d{4}(?:\.\d{3})?|AML\.T\d{4}(?:\.\d{3})?) \S/.exec(line)?.[1] ?? []),
);
const loaded = loadRules(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const),
);

test('every file is read, and every field is one of ours', () => {
  expect(loaded.problems).toEqual([]);
  expect(loaded.needs).toEqual([]);
  expect(loaded.rules.length).toBeGreaterThan(40);
});

test('every hazard has a rule', () => {
  const covered = new Set(loaded.rules.map(({ info }) => info.hazard));
  expect(HAZARD_NAMES.filter((hazard) => !covered.has(hazard))).toEqual([]);
});

describe.each(loaded.rules)('$info.id', (rule) => {
  const { info, examples } = rule;
  const needed = new Set([info.id, ...(rule.kind === 'correlation' ? rule.rules : [])]);
  const subset = loaded.rules.filter((one) => needed.has(one.info.id));

  /** Matters that the rule finds in an example. */
  const found = (steps: (typeof examples.true)[number]): string[] => {
    const keys = new Set<string>();
    const [detector] = compileSigma(subset);
    for (const observation of observationsOf(steps))
      detector?.observe(observation, ({ rule: { id }, key }) => id === info.id && keys.add(key));
    return [...keys];
  };

  test('says what it is for, which techniques it sees and what it does not', () => {
    expect(info.id).toMatch(/^[a-z-]+\.[a-z-]+$/);
    expect(info.limit.length).toBeGreaterThan(20);
    expect(info.techniques.length).toBeGreaterThan(0);
    expect(info.techniques.filter((id) => !TECHNIQUES.has(id))).toEqual([]);
    expect(examples.true.length).toBeGreaterThanOrEqual(3);
    expect(examples.false.length).toBeGreaterThanOrEqual(3);
  });

  test.each(
    examples.true.map((steps) => [JSON.stringify(steps.map(({ fields }) => fields)), steps] as const),
  )('finds %s, once', (_name, steps) => expect(found(steps)).toHaveLength(1));

  test.each(
    examples.false.map((steps) => [JSON.stringify(steps.map(({ fields }) => fields)), steps] as const),
  )('leaves %s alone', (_name, steps) => expect(found(steps)).toEqual([]));
});
