import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Hazard } from '../../contract/index.ts';
import { openCatalogue } from '../catalogue/index.ts';
import { prove, type Refuted } from '../report/index.ts';
import { importSettings } from './import.ts';
import { placesOf } from './sources.ts';
import type { ForeignKind } from './types.ts';

const ROOT = join(import.meta.dirname, '../../..');
const opened = await openCatalogue(
  join(ROOT, 'rules', 'affordances'),
  join(ROOT, 'dist', 'no-such-file.json'),
);
if (!opened.ok) throw new Error('the catalogue is not valid');
const { catalogue } = opened;

function proved(kind: ForeignKind, content: string) {
  const read = importSettings(kind, { content, file: 'input' });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const [setting] = read.settings;
  if (setting === undefined) throw new Error('no setting');
  const { verdicts } = prove({ setting, catalogue, home: '/home/operator' });
  const of = (hazard: Hazard) => verdicts.find((each) => each.hazard === hazard);
  const refuted = (hazard: Hazard): Refuted => {
    const found = of(hazard);
    if (found?.verdict !== 'REFUTED') throw new Error(`${hazard} is ${found?.verdict}`);
    return found;
  };
  return { setting, places: placesOf(setting), of, refuted };
}

const caseOf = (kind: ForeignKind, name: string): string => {
  const cases: { name: string; input: string }[] = parse(
    readFileSync(join(import.meta.dirname, 'cases', `${kind}.yaml`), 'utf8'),
  );
  return cases.find((each) => each.name.startsWith(name))?.input ?? '';
};

const by = ({ steps }: Refuted): string[] => steps.map((step) => step.by);

describe('a sandbox manager’s launch line, privileged, with a port of the machine at 22', () => {
  const { refuted, places } = proved('docker', caseOf('docker', 'the launch line of a sandbox manager'));

  it('prints the way in, with its place', () => {
    expect(by(refuted('remote-control'))).toContain('-p 31003:22');
    expect(places.get('-p 31003:22')).toMatchObject({ file: 'input', line: 1 });
  });

  it('prints that the machine’s devices are inside', () => {
    expect(by(refuted('sabotage'))).toEqual(
      expect.arrayContaining(['--privileged', 'catalogue machine.raw-disks']),
    );
    expect(by(refuted('escape'))).toContain('--privileged');
  });
});

it('a port that leads inside is a way in, whatever its number outside', () => {
  const { refuted } = proved('docker', 'docker run --privileged -p H:22 sandbox');
  expect(by(refuted('remote-control'))).toContain('-p H:22');
});

describe('a pod with one allowed, shared package cache', () => {
  const { refuted, of } = proved('k8s', caseOf('k8s', 'a pod with one allowed, shared package cache'));

  it('prints the way out through it', () => {
    expect(by(refuted('intrusion'))).toContain('catalogue boundary.package-cache');
    expect(
      refuted('exfiltration')
        .steps.map(({ text }) => text)
        .join('\n'),
    ).toContain('package-cache:3141');
  });

  it('prints the board between runs', () => {
    const { steps } = refuted('collusion');
    expect(steps.map((step) => step.by)).toContain('catalogue boundary.package-cache');
    expect(steps.map(({ text }) => text).join('\n')).toMatch(/other runs|another run/i);
  });

  it('shows no way elsewhere, and proves none closed: its own node answers to it, whatever policies say', () => {
    expect(of('escape')?.verdict).toBe('UNKNOWN');
    expect(of('persistence')?.verdict).toBe('UNKNOWN');
  });
});

it('the same pod without the cache has no way that can be shown', () => {
  const text = caseOf('k8s', 'a pod with one allowed, shared package cache').replace(
    / {2}egress:[\s\S]*$/,
    '',
  );
  const { of } = proved('k8s', text);
  for (const hazard of [
    'exfiltration',
    'remote-control',
    'intrusion',
    'collusion',
    'self-replication',
  ] as const)
    expect(of(hazard)?.verdict, hazard).toBe('UNKNOWN');
});

it('a container from which everything is taken leads nowhere', () => {
  const { of } = proved('docker', caseOf('docker', 'everything taken away that can be'));
  for (const hazard of ['exfiltration', 'remote-control', 'intrusion', 'collusion'] as const)
    expect(of(hazard)?.verdict, hazard).toBe('PROVED');
});

it('the engine’s socket is root on the machine', () => {
  const { refuted } = proved('docker', caseOf('docker', "the engine's socket, read-only"));
  expect(by(refuted('escape')).join(' ')).toContain('docker.sock');
});

it('git hooks in a folder that sandbox-runtime lets be written are open where its own list ends', () => {
  const settings = JSON.stringify({
    network: { allowedDomains: [], deniedDomains: [] },
    filesystem: { denyRead: [], allowWrite: ['.'], denyWrite: [] },
  });
  const { refuted, setting } = proved('srt', settings);
  expect(setting.files.some(({ except }) => except.length > 0)).toBe(true);
  expect(by(refuted('persistence')).join(' ')).toContain('filesystem.allowWrite[0]');
});

it('Codex writes to the folder that people work in, and reads all of the machine', () => {
  const { refuted } = proved('codex', 'sandbox_mode = "workspace-write"\napproval_policy = "never"\n');
  expect(by(refuted('persistence')).join(' ')).toContain('sandbox_mode');
  expect(by(refuted('exfiltration')).length).toBeGreaterThan(0);
});

it('what is not expressed leaves nothing proved', () => {
  const { of } = proved(
    'docker',
    `${caseOf('docker', 'everything taken away that can be').replace('docker run --rm', 'docker run --unheard-of --rm')}`,
  );
  for (const hazard of ['exfiltration', 'escape', 'persistence', 'intrusion'] as const)
    expect(of(hazard)?.verdict, hazard).not.toBe('PROVED');
});
