/**
 * Statements that the program itself leaves: a proof's, a battery's, a review's; each accepted, each rejected after any change, each stale
 * when what it is about has changed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openStatement, readBackOf } from '../../src/evidence/attest/index.ts';
import { parseVerifier, type Verifier } from '../../src/ledger/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'ringfence-attest-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** An operator with a state folder of their own. */
function operator(name: string) {
  const state = join(scratch, name, 'state');
  const project = join(scratch, name, 'project');
  mkdirSync(state, { recursive: true, mode: 0o700 });
  mkdirSync(project, { recursive: true });
  const words = [join(ROOT, 'dist/cli.js')];
  const env = { ...process.env, XDG_STATE_HOME: state, NO_COLOR: '1' };
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [...words, ...args], {
      encoding: 'utf8',
      env,
      cwd: project,
      timeout: 60_000,
    });
  const folder = join(state, 'ringfence', 'attestations');
  return {
    project,
    state,
    run,
    start: (...args: string[]) => spawn(process.execPath, [...words, ...args], { env, cwd: project }),
    statements: (kind: string) =>
      readdirSync(folder)
        .filter((file) => file.startsWith(`${kind}.`))
        .map((file) => join(folder, file)),
    key: join(state, 'ringfence', 'keys', 'ledger.vkey'),
  };
}

const CONTRACT = 'ringfence: 1\nname: statements\n';
const verifierOf = (path: string) => parseVerifier(readFileSync(path, 'utf8')) as Verifier;

it('a proof leaves a statement, which is accepted until contract or key are others', () => {
  const { project, state, run, statements, key } = operator('proof');
  const contract = join(project, 'ringfence.yaml');
  writeFileSync(contract, CONTRACT);
  expect(run('evidence', 'verify')).toMatchObject({ status: 1, stdout: '' });
  run('prove', contract, '--loaded');
  const [file = ''] = statements('proof');
  const verified = run('evidence', 'verify', '--contract', contract);
  expect(verified.stdout).toMatch(/^accepted {2}proof statements, /);
  expect(verified.status).toBe(0);

  const certificates = join(state, 'ringfence', 'attestations', 'certificates');
  const [certificate = ''] = readdirSync(certificates);
  const proof = readFileSync(join(certificates, certificate));
  writeFileSync(join(certificates, certificate), Buffer.concat([proof, Buffer.from(' ')]));
  const touched = run('evidence', 'verify', '--contract', contract);
  expect(touched.stdout).toContain('CHANGED: the certificate beside it');
  expect(touched.status).toBe(1);
  writeFileSync(join(certificates, certificate), proof);

  writeFileSync(contract, `${CONTRACT}# one byte more\n`);
  const stale = run('evidence', 'verify', '--contract', contract, '--json');
  expect(stale.status).toBe(3);
  const { statements: told } = JSON.parse(stale.stdout) as { statements: { changed: { name: string }[] }[] };
  expect(told[0]?.changed.map(({ name }) => name)).toEqual(['contract']);
  run('prove', contract, '--loaded');
  expect(
    run('evidence', 'verify', statements('proof').find((one) => one !== file) ?? '', '-c', contract).status,
  ).toBe(0);

  const stranger = operator('stranger');
  writeFileSync(join(stranger.project, 'ringfence.yaml'), CONTRACT);
  stranger.run('prove');
  expect(run('evidence', 'verify', file, '--key', stranger.key)).toMatchObject({ status: 1 });
  expect(stranger.run('evidence', 'verify', file)).toMatchObject({ status: 1 });
  expect(stranger.run('evidence', 'verify', file, '--key', key)).toMatchObject({ status: 0 });
  expect(run('evidence', 'verify', file, '--key', contract)).toMatchObject({ status: 2 });
}, 120_000);

it('what is remembered is proved again where its statement is gone', () => {
  const { project, run, statements } = operator('remembered');
  const contract = join(project, 'ringfence.yaml');
  writeFileSync(contract, CONTRACT);
  run('prove', contract);
  for (const file of statements('proof')) rmSync(file);
  run('prove', contract);
  expect(statements('proof')).toHaveLength(1);
  run('prove', contract);
  expect(statements('proof')).toHaveLength(1);
}, 120_000);

it('a review with nothing wrong leaves a statement about every claim and source', () => {
  const { run, statements } = operator('review');
  const linted = run('evidence', 'lint');
  expect(linted).toMatchObject({ status: 0, stderr: '' });
  const { stdout } = run('evidence', 'verify', '--json');
  const [one] = (JSON.parse(stdout) as { statements: { statement: { subject: { name: string }[] } }[] })
    .statements;
  const names = one?.statement.subject.map(({ name }) => name) ?? [];
  const files = (folder: string) => readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.yaml'));
  expect(names.filter((name) => name.startsWith('claims/'))).toHaveLength(
    files('claims').length + files('claims/sources').length,
  );
  // as of another day it says nothing of today
  run('evidence', 'lint', '--on', '2030-01-01');
  expect(statements('review')).toHaveLength(1);
}, 120_000);

it('an attempt leaves a statement, which is rejected after any change of a byte', () => {
  const { run, statements, key } = operator('attempt');
  const attacked = run('attack', '--scenarios', 'persistence.git-hook');
  const [file = ''] = statements('reproduction');
  if (/skipped: /.test(attacked.stdout)) {
    console.log(`skipped: ${attacked.stdout}`);
    return;
  }
  expect(attacked.status, attacked.stdout + attacked.stderr).toBe(0);
  expect(run('evidence', 'verify', file)).toMatchObject({ status: 0 });
  const bytes = readFileSync(file);
  const verifiers = [verifierOf(key)];
  expect(openStatement(bytes, verifiers)).toMatchObject({
    ok: true,
    statement: {
      predicate: { scenario: 'persistence.git-hook', results: [{ target: 'ringfence' }, { target: 'none' }] },
    },
  });
  const accepted: number[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 1;
    if (openStatement(changed, verifiers).ok) accepted.push(at);
  }
  expect(accepted).toEqual([]);
  // and by the command itself
  const copy = join(scratch, 'copy.json');
  writeFileSync(copy, bytes.subarray(0, -1));
  const rejected = run('evidence', 'verify', file, copy);
  expect(rejected.stdout).toMatch(/^accepted[\s\S]*\nREJECTED .*malformed/);
  expect(rejected.status).toBe(1);
}, 120_000);

it('what was tried before an interruption has its statements, and what was not has none', async () => {
  const { start, statements, run } = operator('interrupted');
  const child = start(
    'attack',
    '--scenarios',
    'persistence,sabotage',
    '--targets',
    'ringfence',
    '--jobs',
    '1',
  );
  let said = '';
  child.stdout.resume();
  let asked = false;
  child.stderr.on('data', (data) => {
    said += data;
    if (asked || !/^ *1\/\d+ /m.test(said)) return;
    asked = true;
    child.kill('SIGINT');
  });
  const [code] = (await once(child, 'close')) as [number];
  expect(code, said).toBe(130);
  const done = said.match(/^ *\d+\/\d+ /gm)?.length ?? 0;
  const skipped = said.match(/skipped/g)?.length ?? 0;
  expect(statements('reproduction')).toHaveLength(done - skipped);
  expect(run('evidence', 'verify').status).toBe(0);
}, 120_000);

it('what a run read back is told by its record, until that is touched', () => {
  const { project, run, key, state } = operator('run');
  writeFileSync(join(project, 'ringfence.yaml'), CONTRACT);
  const ran = run('run', '--no-input', '--', 'true');
  expect(ran.status, ran.stderr).toBe(0);
  const runs = join(state, 'ringfence', 'runs');
  const [id = ''] = readdirSync(runs).filter((name) => /^\d/.test(name));
  const recorded = { id, ledger: join(runs, id, 'ledger') };
  const read = readBackOf(recorded, verifierOf(key));
  if (!read.ok) throw new Error(read.rejected?.detail);
  const { subjects, predicate } = read.attested.statement;
  expect(subjects.map(({ name }) => name)).toEqual([
    'compiled/rules.json',
    'contract',
    'kernel',
    'launcher',
    'plan',
    'program',
  ]);
  expect(predicate).toMatchObject({ run: id, contract: 'statements', effective: { noNewPrivs: true } });
  expect(readBackOf(recorded, verifierOf(key), ({ name }) => name === 'another')).toEqual({ ok: false });
  // another run's record in its place, another key, a byte of it
  expect(readBackOf({ ...recorded, id: `${id}x` }, verifierOf(key))).toMatchObject({
    ok: false,
    rejected: {},
  });
  const stranger = operator('reader');
  writeFileSync(join(stranger.project, 'ringfence.yaml'), CONTRACT);
  stranger.run('prove');
  expect(readBackOf(recorded, verifierOf(stranger.key))).toMatchObject({ ok: false, rejected: {} });
  const segment = join(recorded.ledger, '000000.jsonl');
  writeFileSync(segment, readFileSync(segment, 'utf8').replace('"noNewPrivs":true', '"noNewPrivs":false'));
  expect(readBackOf(recorded, verifierOf(key))).toMatchObject({ ok: false, rejected: { why: 'unreadable' } });
}, 120_000);
