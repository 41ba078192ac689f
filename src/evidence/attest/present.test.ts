import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { changedSince, type Here, presentDigests } from './present.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** An installation of its own, which may be changed. */
function copied(): Here {
  const root = mkdtempSync(join(tmpdir(), 'ringfence-here-'));
  for (const folder of ['rules', 'claims', 'scenarios', 'src/evidence/attest'])
    cpSync(join(ROOT, folder), join(root, folder), { recursive: true });
  return {
    root,
    code: 'src',
    launcher: join(root, 'rules', 'techniques.txt'),
    contract: 'a'.repeat(64),
    plan: 'b'.repeat(64),
  };
}

const NAMES = [
  'contract',
  'plan',
  'program',
  'launcher',
  'kernel',
  'rules/affordances/git.yaml',
  'claims/unsanctioned-tunnel',
  'scenarios/exfiltration.posted-file',
] as const;

it('names exactly what changed', () => {
  const here = copied();
  const rule = presentDigests(here).namesBelow('rules/detections/')[0] as string;
  const source = presentDigests(here).namesBelow('claims/sources/')[0] as string;
  const affordance = presentDigests(here).namesBelow('rules/affordances/')[0] as string;
  const names = [...NAMES.filter((name) => !name.startsWith('rules/')), rule, source, affordance];
  const statement = { subjects: presentDigests(here).subjects(names) };
  const changed = (now: Here = here) => changedSince(statement, presentDigests(now)).map(({ name }) => name);
  expect(changed()).toEqual([]);
  expect(changed({ ...here, contract: 'c'.repeat(64) })).toEqual(['contract']);
  expect(changed({ ...here, plan: undefined })).toEqual(['plan']);
  const after = (path: string, name: string) => {
    const before = changed();
    appendFileSync(join(here.root, path), '\n');
    expect(changed().filter((one) => !before.includes(one))).toEqual([name]);
  };
  after('src/evidence/attest/present.ts', 'program');
  after('rules/techniques.txt', 'launcher');
  after(rule, rule);
  after(affordance, affordance);
  after('claims/unsanctioned-tunnel.yaml', 'claims/unsanctioned-tunnel');
  after(`${source}.yaml`, source);
  after('scenarios/exfiltration.posted-file.yaml', 'scenarios/exfiltration.posted-file');
  rmSync(join(here.root, 'scenarios'), { recursive: true });
  expect(changedSince(statement, presentDigests(here)).at(-1)).toBeDefined();
  expect(changed()).toContain('scenarios/exfiltration.posted-file');
});

it('does not look outside of its folders, whatever a statement names', () => {
  const present = presentDigests(copied());
  for (const name of [
    'rules/detections/../../claims',
    'claims/../package',
    'dist/cli.js',
    '/etc/passwd',
    'claims/.x',
  ])
    expect(present.digestOf(name)).toBeUndefined();
});

it('does not take a test for the program', () => {
  const here = copied();
  const before = presentDigests(here).digestOf('program');
  appendFileSync(join(here.root, 'src/evidence/attest/present.test.ts'), '\n');
  expect(presentDigests(here).digestOf('program')).toBe(before);
});
