import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Contract, parseContract } from '../../contract/index.ts';
import { loadCatalogue } from '../catalogue/index.ts';
import {
  type Evidence,
  excessOf,
  excessText,
  feasibilityFindings,
  judge,
  namedIn,
  type Recorded,
} from './index.ts';

const loaded = loadCatalogue(join(import.meta.dirname, '..', '..', '..', 'rules', 'affordances'));
if (!loaded.ok) throw new Error('the catalogue is not valid');
const { catalogue } = loaded;

function contractOf(text: string): Contract {
  const parsed = parseContract(`ringfence: 1\nname: t\n${text}\n`, 'c.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.contract;
}

const RUN: Recorded = {
  run: 'r1',
  hosts: [],
  requests: [],
  written: [],
  programs: [],
  secrets: [],
  ecosystems: [],
  asked: [],
  lost: 0,
  succeeded: true,
};

const evidence = (contract: Contract, recorded?: Partial<Recorded>, ecosystems: string[] = []): Evidence => ({
  named: namedIn(contract),
  ecosystems,
  recorded: recorded && { ...RUN, ...recorded },
});

function judged(text: string, clause: string, recorded?: Partial<Recorded>, ecosystems?: string[]) {
  const contract = contractOf(text);
  return judge(contract, evidence(contract, recorded, ecosystems)).find((each) => each.clause === clause);
}

const OBJECTIVE = 'objective: { task: Ask api.example.com for TOKEN_A, success: { run: npm test } }';

describe('by the objective alone', () => {
  it('what its words name is needed, and nothing else that they could name', () => {
    const text = `${OBJECTIVE}\nnetwork: [{ host: api.example.com }, { host: notapi.example.com }, { host: "*.example.org" }]\nenvironment: { pass: [TOKEN_A, TOKEN] }`;
    expect(judged(text, 'network[0]')).toMatchObject({
      need: 'needed',
      why: 'objective.task names api.example.com',
    });
    expect(judged(text, 'network[1]')).toMatchObject({ need: 'excess' });
    expect(judged(text, 'network[2]')).toMatchObject({ need: 'excess' });
    expect(judged(text, 'environment.pass[0]')).toMatchObject({ need: 'needed' });
    expect(judged(text, 'environment.pass[1]')).toMatchObject({ need: 'excess' });
  });

  it('what it cannot say is not said', () => {
    const text = 'network: [{ host: api.example.com }]\nenvironment: { pass: [A] }';
    for (const clause of ['network[0]', 'environment.pass[0]', 'files.write[0]', 'programs'])
      expect(judged(text, clause)).toMatchObject({ need: 'unsaid' });
    expect(
      judged(`objective: { success: { run: npm test, network: true } }\n${text}`, 'network[0]'),
    ).toMatchObject({ need: 'unsaid' });
  });

  it('the project’s own dependencies need their index', () => {
    const packages =
      'packages: [{ ecosystem: npm, from: "https://p.example.com", only: ["a@1.0.0"] }, { ecosystem: pip, from: "https://q.example.com", only: ["a==1"] }]';
    expect(judged(packages, 'packages[0]', undefined, ['npm'])).toMatchObject({ need: 'needed' });
    expect(judged(packages, 'packages[1]', undefined, ['npm'])).toMatchObject({ need: 'excess' });
  });

  it('nothing needs a direct workspace', () => {
    expect(judged('files: { workspace: { mode: direct } }', 'files.workspace.mode')).toMatchObject({
      need: 'excess',
    });
  });
});

describe('by a recorded run', () => {
  it('what it wrote is needed, as narrowly as folders can say', () => {
    const text = 'files: { write: ["**"] }';
    expect(judged(text, 'files.write[0]', { written: ['src/a', 'src/b/c', 'docs/x'] })).toMatchObject({
      need: 'excess',
      keeps: ['docs/**', 'src/**'],
    });
    expect(judged(text, 'files.write[0]', { written: ['src/a', 'README'] })).toMatchObject({
      need: 'needed',
    });
    expect(judged(text, 'files.write[0]', { written: [] })).toMatchObject({ need: 'excess' });
    expect(
      judged('files: { write: [src/**] }', 'files.write[0]', { written: ['src/b/c', 'docs/x'] }),
    ).toMatchObject({ keeps: ['src/b/**'] });
  });

  it('what it reached is needed, as narrowly as hosts and methods can say', () => {
    const text =
      'network: [{ host: "*.example.com" }, { host: a.example.org, methods: [GET, POST] }, { host: b.example.org }]';
    const recorded = {
      hosts: [
        { host: 'x.example.com', port: 443 },
        { host: 'a.example.org', port: 443 },
        { host: 'b.example.org', port: 22 },
      ],
      requests: [{ host: 'a.example.org', method: 'GET', path: '/' }],
    };
    expect(judged(text, 'network[0]', recorded)).toMatchObject({ need: 'excess', keeps: ['x.example.com'] });
    expect(judged(text, 'network[1]', recorded)).toMatchObject({ need: 'excess', methods: ['GET'] });
    expect(judged(text, 'network[2]', recorded)).toMatchObject({
      need: 'excess',
      why: 'run r1 did not reach it',
    });
  });

  it('nothing is called excess for what a sensor may have lost', () => {
    const text = 'network: [{ host: a.example.com }]\nprograms: [sh]';
    for (const clause of ['network[0]', 'files.write[0]', 'programs'])
      expect(judged(text, clause, { lost: 3, programs: ['/usr/bin/env'] })).toMatchObject({ need: 'unsaid' });
  });

  it('nothing is called excess that graders may use, whom no run records', () => {
    const graded = 'objective: { success: { run: git diff --quiet, network: true } }';
    const text = `${graded}\nnetwork: [{ host: a.example.com }]\nsecrets: { S: { for: a.example.com } }\npackages: [{ ecosystem: npm, from: "https://p.example.com", only: ["a@1.0.0"] }]`;
    for (const clause of ['network[0]', 'secrets.S', 'packages[0]'])
      expect(judged(text, clause, {})).toMatchObject({ need: 'unsaid' });
    const listed = `${graded}\nprograms: [sh, git, node]`;
    const ran = { programs: ['/usr/bin/sh'] };
    expect(judged(listed, 'programs', ran)).toMatchObject({
      need: 'excess',
      keeps: ['sh', 'git'],
      fix: 'remove node from programs, unless graders execute them',
    });
    expect(judged(graded, 'programs', ran)?.fix).toBe(
      'write programs: [/usr/bin/sh], and what graders execute',
    );
    expect(judged(text, 'programs', {})).toMatchObject({ need: 'unsaid', why: 'run r1 recorded no program' });
  });

  it('a run of another contract is said to be one', () => {
    const contract = contractOf(OBJECTIVE);
    const report = excessOf({ contract, catalogue }, evidence(contract, { differs: ['was of another'] }));
    expect(report.limits).toContain('run r1 was of another');
  });

  it('secrets, indexes and questions are needed where they were used', () => {
    const text =
      'network: [{ host: a.example.com }]\nsecrets: { S: { for: a.example.com } }\npackages: [{ ecosystem: npm, from: "https://p.example.com", only: ["a@1.0.0"] }]\noversight: { approve: [network.new-host] }';
    const used = { secrets: ['S'], ecosystems: ['npm'], asked: ['network.new-host'] };
    for (const clause of ['secrets.S', 'packages[0]', 'oversight.approve[0]']) {
      expect(judged(text, clause, used)).toMatchObject({ need: 'needed' });
      expect(judged(text, clause, {})).toMatchObject({ need: 'excess' });
    }
  });
});

describe('what excess leaves open', () => {
  const contract = contractOf(
    'objective: { task: Mend it., success: { run: npm test, protect: ["test/**"] } }\nnetwork: [{ host: a.example.com }]\nfiles: { write: ["**"] }',
  );

  it('is what closes without it, by itself and together', () => {
    const report = excessOf(
      { contract, catalogue },
      evidence(contract, { written: ['src/a'], programs: ['/usr/bin/npm'] }),
    );
    const leaves = (clause: string) => report.excess.find((each) => each.clause === clause)?.leaves ?? [];
    expect(leaves('network[0]')).toContainEqual({ hazard: 'exfiltration', verdict: 'PROVED' });
    // what is left of them leads there as well
    expect(leaves('files.write[0]')).toEqual([]);
    expect(leaves('programs')).toEqual([]);
    expect(report.together).toContainEqual({ hazard: 'remote-control', verdict: 'PROVED' });
    expect(report.limits).toContain('what a run does on other days is not in this one');
  });

  it('is told in 80 columns', () => {
    const report = excessOf({ contract, catalogue }, evidence(contract, { succeeded: false }));
    const text = excessText(report, { file: 'ringfence.yaml' });
    expect(text).toContain('run r1 did not succeed: what it lacked is not known');
    expect(text.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
  });
});

describe('feasibility', () => {
  const ids = (text: string, shown?: { by: string }) =>
    feasibilityFindings(contractOf(text), shown).map(({ id, clause }) => `${id} ${clause}`);

  it('an objective that nothing shows to be possible is a finding', () => {
    expect(ids('objective: { task: Mend it., success: { run: npm test } }')).toEqual([
      'objective.unshown objective.success',
    ]);
    expect(ids('objective: { success: { run: npm test }, feasible: { by: a.patch } }')).toEqual([
      'objective.unshown objective.feasible',
    ]);
    expect(ids('objective: { task: Mend it. }')).toEqual(['objective.undecided objective.task']);
  });

  it('one that was shown is none, nor is a contract without an objective', () => {
    expect(ids('objective: { success: { run: npm test } }', { by: 'run r1' })).toEqual([]);
    expect(ids('')).toEqual([]);
  });
});
