import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { programRules } from '../../cell/plan/index.ts';
import { type EventBody, type LedgerEvent, parseContract } from '../../contract/index.ts';
import { observe } from './observe.ts';
import { portableName, withTilde } from './programs.ts';
import { learnTerms, type Recording, writeContract } from './propose.ts';
import { widen } from './widen.ts';

let workspace = '';
beforeAll(() => {
  workspace = realpathSync(mkdtempSync(join(tmpdir(), 'ringfence-propose-')));
  for (const folder of ['src/deep', 'out', 'odd[1]']) mkdirSync(join(workspace, folder), { recursive: true });
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

const owner = { pid: 7, exe: '/usr/bin/node' };
const recording = (): Recording => ({
  run: '20260102-030405-1a2b3c',
  workspace,
  command: 'npm test',
  took: 1500,
  exit: 0,
  hide: ['**/.env'],
  written: '.',
  home: '/home/ana',
});
const events = (...bodies: EventBody[]): LedgerEvent[] =>
  bodies.map(
    (body, seq) =>
      ({ seq, time: '2026-01-02T03:04:05.000000Z', run: 'r', cell: 'r', ...body }) as LedgerEvent,
  );
const change = (path: string): EventBody => ({
  kind: 'file.change',
  owner,
  op: 'create',
  path: join(workspace, path),
  observed: true,
});

function propose(...bodies: EventBody[]) {
  const observed = observe(events(...bodies), workspace);
  const terms = learnTerms(observed, recording());
  const text = writeContract(terms, observed, recording());
  const loaded = parseContract(text, 'ringfence.yaml');
  if (!loaded.ok) throw new Error(`${JSON.stringify(loaded.problems)}\n${text}`);
  return { terms, text, contract: loaded.contract };
}

it('folders are the deepest that were there before, without one inside another', () => {
  const { contract, text } = propose(change('src/deep/new/a.js'), change('src/b.js'), change('out/x'));
  expect(contract.files.write.toSorted()).toEqual(['out/**', 'src/**']);
  expect(text).toContain('written in 20260102-030405-1a2b3c:');
});

it('a file in the folder itself, or in one whose name is a pattern, needs all of it', () => {
  expect(propose(change('x')).contract.files.write).toEqual(['**']);
  expect(propose(change('odd[1]/x')).contract.files.write).toEqual(['**']);
  expect(propose().contract.files.write).toEqual([]);
});

it('what was spoken becomes a rule with its protocol and a budget; what was looked up alone a comment', () => {
  const open = {
    kind: 'flow.open',
    flow: '1',
    owner,
    host: 'api.example.com',
    address: '203.0.113.5',
    port: 443,
    transport: 'tcp',
  } as const;
  const { contract, text } = propose(
    { kind: 'dns.query', name: 'api.example.com', type: 'A', answer: ['203.0.113.5'] },
    open,
    { kind: 'flow.verdict', flow: '1', protocol: 'tls', declared: 'https', ok: true },
    { kind: 'flow.close', flow: '1', sent: 1000, received: 3_000_000, ms: 5, reason: 'closed' },
    { kind: 'denial', layer: 'dns', owner, what: 'resolve other.example.com A', clause: 'network' },
    { ...open, flow: '2', host: 'mute.example.com' },
  );
  expect(contract.network).toEqual([
    { host: 'api.example.com', port: 443, protocol: 'https', bytes: 12 * 2 ** 20 },
  ]);
  expect(text).toMatch(/^# {3}- \{ host: other\.example\.com, port: 443, protocol: https \}/m);
});

it('programs are a list, unless one of them was made by the run itself', () => {
  const exec = (path: string): EventBody => ({
    kind: 'process.exec',
    owner: { pid: 7 },
    path,
    cwd: '/',
    observed: true,
  });
  expect(propose(exec('/bin/sh'), exec('/bin/sh')).contract.programs).toEqual(['/bin/sh']);
  const own = exec(join(workspace, 'out/a.out'));
  expect(propose(exec('/bin/sh'), change('out/a.out'), own).contract.programs).toBe('any');
  // a search along PATH tries what is nowhere
  expect(propose(exec('/bin/sh'), own, exec('/usr/bin/is-nowhere')).contract.programs).toEqual(['/bin/sh']);
});

it('what a trial was refused is opened, and only that', () => {
  const { terms } = propose(change('out/x'));
  const denial = {
    kind: 'denial',
    layer: 'landlock',
    owner,
    what: `create ${workspace}/src/y`,
    clause: 'files.write',
  } as const;
  const wider = widen(terms, events(denial), workspace);
  expect(wider?.terms.write.map(({ folder }) => folder)).toEqual(['out', 'src']);
  expect(widen(terms, events({ ...denial, clause: 'network' }), workspace)).toBeUndefined();
  const limit = { kind: 'limit.reached', limit: 'memory', used: 2, max: 1, action: 'kill' } as const;
  expect(widen(terms, events(limit), workspace)?.terms.limits.memory).toBe(terms.limits.memory * 2);
});

it('an installer beside its lock file: the packages, instead of the host', () => {
  const exec = {
    kind: 'process.exec',
    owner: { pid: 7 },
    path: '/usr/bin/npm',
    cwd: '/',
    observed: true,
  } as const;
  const name = {
    kind: 'denial',
    layer: 'dns',
    owner,
    what: 'resolve packages.example.com A',
    clause: 'network',
  } as const;
  expect(propose(exec, name).text).not.toContain('packages:');
  writeFileSync(join(workspace, 'package-lock.json'), '{}');
  expect(propose(exec, name).text).toContain(
    '#   - { ecosystem: npm, from: "https://packages.example.com", only: package-lock.json }',
  );
  expect(propose(exec).text).not.toContain('packages:');
});

it('what could not be executed in a trial is added to the list where it is anywhere, and opens nothing else', () => {
  const sh = {
    kind: 'process.exec',
    owner: { pid: 7 },
    path: '/bin/sh',
    cwd: '/',
    observed: true,
  } as const;
  const { terms } = propose(sh);
  const refused = (path: string) =>
    events({ kind: 'denial', layer: 'landlock', owner, what: `execute ${path}`, clause: 'programs' });
  expect(widen(terms, refused('/usr/bin/env'), workspace)?.terms.programs).toMatchObject({
    list: ['/bin/sh', '/usr/bin/env'],
  });
  expect(widen(terms, refused('/usr/bin/is-nowhere'), workspace)).toBeUndefined();
  writeFileSync(join(workspace, 'out/tool'), '');
  expect(widen(terms, refused(join(workspace, 'out/tool')), workspace)?.terms.programs).toHaveProperty('any');
});

it('a denial that is not about a file in the workspace does not open it', () => {
  const { terms } = propose(change('out/x'));
  const denial = { kind: 'denial', layer: 'landlock', owner, clause: 'files.write' } as const;
  expect(widen(terms, events({ ...denial, what: `chmod ${workspace}` }), workspace)).toBeUndefined();
});

it('names of a shared address are told apart by what was said', () => {
  const open = { kind: 'flow.open', owner, address: '203.0.113.5', port: 443, transport: 'tcp' } as const;
  const verdict = { kind: 'flow.verdict', protocol: 'tls', declared: 'https', ok: true } as const;
  const { contract } = propose(
    { ...open, flow: '1' },
    { ...verdict, flow: '1', sni: 'b.example.com', host: 'b.example.com' },
    { ...open, flow: '2' },
    { ...open, flow: '3' },
    { ...verdict, flow: '3', ok: false, sni: 'evil.example.com' },
  );
  expect(contract.network.map(({ host }) => host)).toEqual(['b.example.com']);
});

it('the home folder is not named, and comments do not grow with what an agent does', () => {
  const home = '/home/ana';
  const refusals = Array.from(
    { length: 50 },
    (_, number): EventBody => ({
      kind: 'denial',
      layer: 'file-view',
      owner: { pid: 7, exe: `${home}/.local/bin/tool` },
      what: `create ${home}/secret-${number}`,
      clause: 'files',
    }),
  );
  const looked = Array.from(
    { length: 50 },
    (_, number): EventBody => ({
      kind: 'denial',
      layer: 'dns',
      owner,
      what: `resolve n${number}.example.com A`,
      clause: 'network',
    }),
  );
  const { text } = propose(...refusals, ...looked);
  expect(text).not.toContain(home);
  expect(text).toContain('create ~/secret-0');
  expect(text.match(/secret-/g)).toHaveLength(20);
  expect(text.match(/example\.com/g)).toHaveLength(20);
  expect(text.match(/… and 30 more/g)).toHaveLength(2);
});

it('paths below other homes, and names that begin alike, are left as they are', () => {
  expect(withTilde('/home/ana/x /home/anabel/x /mnt/home/ana/x', '/home/ana')).toBe(
    '~/x /home/anabel/x /mnt/home/ana/x',
  );
  expect(portableName('/usr/bin/env', '/home/ana')).toBe('/usr/bin/env');
  const tool = join(workspace, 'bin/tool');
  mkdirSync(join(workspace, 'bin'));
  writeFileSync(tool, '#!/bin/sh\n', { mode: 0o755 });
  expect(portableName(tool, workspace, join(workspace, 'bin'))).toBe('tool');
  expect(portableName(tool, workspace, '/usr/bin')).toBe('~/bin/tool');
  expect(programRules(['~/bin/tool'], '', workspace)).toEqual(programRules([tool], '', workspace));
  const text = `ringfence: 1\nname: t\nprograms: [~/bin/tool]\n`;
  expect(parseContract(text, 'x.yaml')).toMatchObject({ ok: true, contract: { programs: ['~/bin/tool'] } });
});

it.each(['1e3', '0x1f', '.inf', 'null', '007', '2.5.'])('a folder named %s is named so', (name) => {
  const folder = join(workspace, name);
  mkdirSync(folder);
  const observed = observe([], folder);
  const written = { ...recording(), workspace: folder };
  const loaded = parseContract(writeContract(learnTerms(observed, written), observed, written), 'x.yaml');
  expect(loaded.ok).toBe(true);
  rmSync(folder, { recursive: true });
});
