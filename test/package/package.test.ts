/**
 * The packed package, installed elsewhere, works there; and the set-up leaves alone what is fresh.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

let place: string;
let installed: string;

/** Unpacks the package where a package manager would, without asking a registry for anything. */
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'ringfence-package-'));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', place], { cwd: ROOT, stdio: 'pipe' });
  const archive = readdirSync(place).find((name) => name.endsWith('.tgz')) as string;
  installed = join(place, 'lib', 'node_modules', 'ringfence');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(place, archive), '--strip-components=1', '-C', installed]);
  mkdirSync(join(place, 'bin'));
  execFileSync('ln', ['-s', '../lib/node_modules/ringfence/ringfence', join(place, 'bin', 'ringfence')]);
  mkdirSync(join(place, 'home'));
}, 120_000);
afterAll(() => rmSync(place, { recursive: true, force: true }));

function ringfence(args: string[], path = `${join(process.execPath, '..')}:/usr/bin:/bin`) {
  return spawnSync(join(place, 'bin', 'ringfence'), args, {
    cwd: place,
    encoding: 'utf8',
    env: { PATH: path, HOME: join(place, 'home') },
  });
}

describe('the installed package', () => {
  it('runs through a link, as package managers make it', () => {
    expect(ringfence(['--version'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^ringfence \d+\.\d+\.\d+\n$/),
    });
  });

  it('checks a contract', () => {
    writeFileSync(join(place, 'ringfence.yaml'), 'ringfence: 1\nname: elsewhere\n');
    const result = ringfence(['check']);
    expect(result.stderr).toBe('');
    expect(result.status).toBe(0);
    expect(result.stdout).toContain('Contract "elsewhere"');
  });

  it('holds the launcher, the gateway, the manual page and the licences, and no source', () => {
    const launcher = join(installed, 'dist', 'native', `linux-${process.arch}`, 'ringfence-cell');
    expect(statSync(launcher).mode & 0o111).toBe(0o111);
    const names = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(names).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'dist/cli.js',
        'dist/gateway.js',
        'dist/judge.js',
        'dist/ringfence.1',
        'dist/THIRD-PARTY-LICENSES.txt',
      ]),
    );
    expect(names.filter((name) => name.endsWith('.ts') || /(^|\/)\.[a-z]/.test(name))).toEqual([]);
  });

  it('says so where there is no Node', () => {
    mkdirSync(join(place, 'nothing'));
    const result = spawnSync('/bin/sh', [join(installed, 'ringfence'), 'version'], {
      encoding: 'utf8',
      env: { PATH: join(place, 'nothing') },
    });
    expect(result).toMatchObject({ status: 125, stderr: expect.stringContaining('no Node found') });
  });

  it('says so where Node is too old', () => {
    const pretend = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}})';
    const entry = join(installed, 'dist', 'cli.js');
    const args = ['--import', `data:text/javascript,${pretend}`, entry, 'version'];
    const result = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(result).toMatchObject({ status: 125, stderr: expect.stringContaining('this is Node 20.1.0') });
  });

  it('keeps its cache of compiled code in the cache folder, and not in a folder of others', () => {
    ringfence(['version']);
    expect(readdirSync(join(place, 'home', '.cache', 'ringfence'))).toEqual(['code']);
  });
});

describe('an installation that is not set up', () => {
  it('says what to run', () => {
    const empty = join(place, 'empty');
    mkdirSync(empty);
    execFileSync('cp', [join(ROOT, 'ringfence'), empty]);
    expect(spawnSync(join(empty, 'ringfence'), ['version'], { encoding: 'utf8' })).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('run: npm run setup'),
    });
  });
});

describe('the set-up', () => {
  it('does nothing the second time, and takes under half a second for it', () => {
    const started = performance.now();
    const result = spawnSync('sh', [join(ROOT, 'scripts', 'setup.sh')], { encoding: 'utf8' });
    const elapsed = performance.now() - started;
    expect(result).toMatchObject({ status: 0, stderr: '', stdout: '' });
    expect(elapsed).toBeLessThan(500);
  });
});
