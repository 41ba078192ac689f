/**
 * SigmaHQ's rules for Linux: all of them compile, and the engine finds with them what the specification says.
 */
import { expect, test } from 'vitest';
import { formatProblem } from '../../src/contract/index.ts';
import type { Category, Observation } from '../../src/watch/index.ts';
import { categoriesOf, compileSigma, loadRules, type SigmaDetection } from '../../src/watch/sigma/index.ts';
import { ordinaryObservations, sigmaHqRules } from './corpus.ts';
import { naiveRules } from './naive.ts';

const texts = sigmaHqRules();
if (texts === undefined)
  console.log(
    'SigmaHQ’s rules are not here (RINGFENCE_SIGMA_RULES names their folder): their tests are skipped',
  );

/** Fields of the observations below: those that the rules of a category ask for. */
const TEXT_FIELDS: Partial<Record<Category, readonly string[]>> = {
  process_creation: ['Image', 'CommandLine', 'ParentImage', 'ParentCommandLine', 'CurrentDirectory', 'User'],
  file_event: ['TargetFilename', 'Image'],
  network_connection: ['Image', 'DestinationHostname', 'DestinationIp', 'DestinationPort', 'Initiated'],
  auditd: ['type', 'a0', 'a1', 'a2', 'a3', 'exe', 'name', 'key', 'SYSCALL'],
};

/** Every text that a rule names, in its field. */
function textsOf(value: unknown, field: string, found: Map<string, Set<string>>): void {
  if (Array.isArray(value)) for (const one of value) textsOf(one, field, found);
  else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) textsOf(one, key, found);
  else if (typeof value === 'string') found.set(field, (found.get(field) ?? new Set()).add(value));
}

/** What the expression of a rule names. */
function literalsOf(rules: readonly SigmaDetection[]): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  const walk = (expression: SigmaDetection['expression']): void => {
    if ('test' in expression) {
      const { test: one } = expression;
      if (one.kind === 'text')
        textsOf(one.pattern.filter((part) => typeof part === 'string').join('x'), one.field, found);
    } else if ('not' in expression) walk(expression.not);
    else for (const part of 'and' in expression ? expression.and : expression.or) walk(part);
  };
  for (const { expression } of rules) walk(expression);
  return new Map([...found].map(([field, all]) => [field, [...all]]));
}

test.skipIf(texts === undefined)('all of them compile, and what they want of us is told', () => {
  const loaded = loadRules(texts ?? []);
  expect(loaded.problems.map(formatProblem)).toEqual([]);
  expect(loaded.rules).toHaveLength(210);
  for (const { info } of loaded.rules) expect(info.techniques.join()).toMatch(/^(T\d{4}(\.\d{3})?,?)*$/);
  const sources = loaded.needs.filter(({ what }) => what === 'log source').map(({ name }) => name);
  expect([...new Set(sources)].sort()).toEqual([
    'linux/clamav',
    'linux/cron',
    'linux/guacamole',
    'linux/sshd',
    'linux/syslog',
    'linux/vsftpd',
  ]);
  for (const { line, column, file } of loaded.needs)
    expect([file.endsWith('.yml'), line > 1, column > 0]).toEqual([true, true, true]);
});

test.skipIf(texts === undefined)(
  'engine and specification agree on what the rules name, mixed',
  { timeout: 60_000 },
  () => {
    const { rules } = loadRules(texts ?? []);
    const detections = rules.filter((rule) => rule.kind === 'detection');
    const [detector] = compileSigma(rules);
    const naive = naiveRules((texts ?? []).map(([, text]) => text)).rules;
    let state = 7;
    const next = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    const observations: Observation[] = ordinaryObservations(300);
    for (const [category, fields] of Object.entries(TEXT_FIELDS) as [Category, readonly string[]][]) {
      const named = literalsOf(detections.filter(({ source }) => categoriesOf(source).includes(category)));
      for (let index = 0; index < 500; index += 1) {
        const values: Record<string, string> = {};
        for (const field of fields) {
          const known = [...(named.get(field) ?? []), ...(next(20) === 0 ? (named.get('') ?? []) : [])];
          if (known.length === 0) continue;
          const parts = Array.from(
            { length: 1 + next(field === 'CommandLine' ? 4 : 1) },
            () => known[next(known.length)] as string,
          );
          const text = parts.join(next(2) === 0 ? ' ' : '/');
          values[field] = next(3) === 0 ? text.toUpperCase() : text;
        }
        observations.push({ category, time: index, run: 'r', cell: 'c', cites: [0], fields: values });
      }
    }
    let found = 0;
    for (const observation of observations) {
      const actual: string[] = [];
      detector?.observe(observation, ({ rule }) => actual.push(rule.id.replace(/^sigma\./, '')));
      const expected = naive
        .filter(
          ({ logsource, matches }) =>
            categoriesOf(logsource).includes(observation.category) && matches(observation.fields),
        )
        .map(({ names }) => names[0]);
      expect(actual.sort(), JSON.stringify(observation)).toEqual(expected.sort());
      found += actual.length;
    }
    expect(found).toBeGreaterThan(500);
  },
);
