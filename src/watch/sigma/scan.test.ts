/**
 * Literals are found the same with a table and without, and rules match the same with what a build kept of them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { observationsOf } from '../analyse/index.ts';
import { randomOf } from '../random.fixture.ts';
import type { Literal } from './automaton.ts';
import { SigmaDetector } from './compile.ts';
import { CATEGORIES, loadRules } from './index.ts';
import { fold } from './pattern.ts';
import { Program } from './program.ts';
import { literalKey, scanner } from './scan.ts';

const LETTERS = ['a', 'b', 'A', 'B', ' ', 'é', 'É', 'ς', 'Σ', 'İ', 'K', '😀'];

it('finds the same with the table and without', () => {
  let found = 0;
  for (let seed = 1; seed <= 10_000; seed += 1) {
    const random = randomOf(seed);
    const text = (most: number) =>
      Array.from({ length: random(most + 1) }, () => LETTERS[random(LETTERS.length)]).join('');
    const literal = (): Literal => {
      const written = fold(text(3));
      const begin = random(3) === 0;
      return { text: written, begin, end: random(3) === 0 || (written === '' && !begin) };
    };
    const atoms = Array.from({ length: 1 + random(4) }, (_none, id) => {
      const literals = Array.from({ length: 1 + random(3) }, literal);
      return [id, literals.map(literalKey)] as const;
    });
    const heard = new Set<number>();
    const scan = scanner(atoms, (id) => heard.add(id));
    const ask = (value: string): number[] => {
      heard.clear();
      scan(value);
      return [...heard].sort();
    };
    const first = text(6);
    const plain = ask(first);
    // from the first long text on it has a table
    ask('x'.repeat(600));
    expect([seed, first, atoms, ask(first)]).toEqual([seed, first, atoms, plain]);
    found += plain.length;
  }
  expect(found).toBeGreaterThan(1000);
});

const FOLDER = join(import.meta.dirname, '../../../rules/detections');
const { rules } = loadRules(
  readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const),
);
const kept = new SigmaDetector(rules).prefilters(CATEGORIES);
const examples = rules.flatMap(({ examples }) => [...examples.true, ...examples.false]);

it('what a build kept says the same as the rules', () => {
  expect(Object.keys(kept).length).toBeGreaterThan(5);
  let found = 0;
  const [whole, light] = [new SigmaDetector(rules), new SigmaDetector(rules, kept)];
  for (const steps of examples)
    for (const observation of observationsOf(steps)) {
      const said = [whole, light].map((detector) => {
        const all: string[] = [];
        detector.observe(observation, ({ rule, text, key }) => all.push(`${rule.id} ${text} ${key}`));
        return all.sort();
      });
      expect(said[1]).toEqual(said[0]);
      found += said[0]?.length ?? 0;
    }
  expect(found).toBeGreaterThan(80);
});

it('what was kept of other rules is refused, not believed', () => {
  const text = (value: string) => ({
    expression: { test: { kind: 'text', field: 'CommandLine', pattern: [value] } } as const,
  });
  const { prefilter } = new Program([text('curl')]);
  expect(() => new Program([text('curl'), text('wget')], prefilter)).toThrow('of others');
  const observation = {
    category: 'process_creation',
    time: 0,
    run: 'r',
    cell: 'c',
    cites: [],
    fields: { CommandLine: 'curl' },
  } as const;
  expect(() => new Program([text('wget')], prefilter).observe(observation, () => {})).toThrow('of others');
});
