/**
 * npm inside a cell, against Verdaccio and against the registry of this machine: lock files and named sets, cold and warm.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ofKind, type Project } from '../egress/cell.ts';
import { HALVES, has } from '../egress/setting.ts';
import { beside, makeProject, makeSetting, personNamed, place, type Setting } from './setting.ts';
import { SOURCES } from './upstream.ts';
import { installVerdaccio, Verdaccio } from './verdaccio.ts';

const RUNS = "console.log(require('tiny-sum'))";

let setting: Setting;
let registry: Verdaccio | undefined;
let absent = '';
let locked: { manifest: string; lock: string };

beforeAll(async () => {
  setting = makeSetting();
  if (!has('npm', '--version')) absent = 'npm is not on the standard PATH';
  const installed = absent === '' ? installVerdaccio(setting.scratch) : { ok: false as const, why: absent };
  if (!installed.ok) {
    absent = installed.why;
    return;
  }
  registry = await Verdaccio.start(installed.program, setting.scratch);
  for (const source of SOURCES) registry.publish(setting.scratch, source);
  locked = registry.lock(setting.scratch, { 'tiny-sum': '^2.0.0' });
}, 300_000);

afterAll(() => {
  registry?.close();
  setting.close();
});

describe.each(HALVES)('%s', (who) => {
  const withProject = async (work: (project: Project) => Promise<void>) => {
    const project = makeProject(personNamed(setting, who));
    try {
      await work(project);
    } finally {
      project.remove();
    }
  };

  test('npm ci installs a lock file, cold and warm', { timeout: 180_000 }, async (context) => {
    const { address } = registry ?? context.skip(absent);
    await withProject(async (project) => {
      place(project, 'package.json', locked.manifest);
      place(project, 'package-lock.json', locked.lock);
      beside(project, 'package-lock.json', locked.lock);
      const terms = {
        contract: 'npm',
        time: '2m',
        network: [],
        packages: [{ ecosystem: 'npm', from: address, only: 'package-lock.json' }],
      };
      const command = `npm ci --loglevel=error && node -e "${RUNS}" && node_modules/.bin/tiny-sum`;
      if (registry) registry.log.length = 0;
      const cold = await project.run(terms, 'sh', '-c', command);
      expect(cold.out, cold.err).toContain('42\nsum 42');
      expect(registry?.lines.sort()).toEqual([
        'GET /@tiny/right/-/right-1.1.0.tgz',
        'GET /tiny-left/-/tiny-left-1.3.0.tgz',
        'GET /tiny-sum/-/tiny-sum-2.0.0.tgz',
      ]);
      expect(ofKind(cold.events, 'package.fetch').every(({ ok }) => ok)).toBe(true);
      if (registry) registry.log.length = 0;
      const warm = await project.run(terms, 'sh', '-c', command);
      expect(warm.out, warm.err).toContain('42\nsum 42');
      expect(registry?.lines).toEqual([]);
      const served = ofKind(warm.events, 'package.request').filter(({ file }) => file !== undefined);
      expect(served.map(({ from }) => from)).toEqual(['copy', 'copy', 'copy']);
    });
  });

  test('npm install gets a named set, with its programs and scopes, and nothing beside it', {
    timeout: 120_000,
  }, async (context) => {
    const { address } = registry ?? context.skip(absent);
    await withProject(async (project) => {
      const only = ['tiny-sum@2.0.0', 'tiny-left@1.0.0', '@tiny/right@1.1.0'];
      const terms = {
        contract: 'named',
        time: '2m',
        network: [],
        packages: [{ ecosystem: 'npm', from: address, only }],
      };
      // a project's own settings lead nowhere else
      place(project, '.npmrc', '@tiny:registry=http://example.com/\nregistry=http://example.com/\n');
      place(project, 'package.json', '{"name":"app","version":"1.0.0"}');
      // without a shell: some drop variables whose names they could not write, and a scope's setting has such a name
      const script = `
        const { execFileSync } = require('node:child_process');
        const npm = (...words) => execFileSync('npm', ['install', '--loglevel=error', ...words], { stdio: 'inherit' });
        npm('tiny-sum');
        console.log(require('./node_modules/tiny-sum'));
        npm('tiny-left@1.3.0');`;
      const first = await project.run(terms, 'node', '-e', script);
      expect(first.out, first.err).toContain('30');
      expect(first.err).toMatch(/ETARGET|No matching version/);
      const learned = ofKind(first.events, 'package.fetch').filter(({ digest }) => digest !== undefined);
      expect(learned).toHaveLength(3);
    });
  });

  test('a real project from the registry of this machine, cold and warm', {
    timeout: 240_000,
  }, async (context) => {
    if (!registry) context.skip(absent);
    const from = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
    const folder = mkdtempSync(join(setting.scratch, 'real-'));
    const manifest = JSON.stringify({
      name: 'real',
      version: '1.0.0',
      dependencies: { express: '^4', yaml: '^2' },
    });
    writeFileSync(join(folder, 'package.json'), manifest);
    try {
      execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], {
        cwd: folder,
        stdio: 'pipe',
        timeout: 60_000,
      });
    } catch {
      context.skip('the registry of this machine does not answer');
    }
    const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
    await withProject(async (project) => {
      place(project, 'package.json', manifest);
      place(project, 'package-lock.json', lock);
      beside(project, 'package-lock.json', lock);
      const terms = {
        contract: 'real',
        time: '2m',
        network: [],
        packages: [{ ecosystem: 'npm', from, only: 'package-lock.json' }],
      };
      const command = 'npm ci --loglevel=error --ignore-scripts && node -p "typeof require(\'express\')"';
      const cold = await project.run(terms, 'sh', '-c', command);
      expect(cold.out, cold.err).toContain('function');
      const warm = await project.run(terms, 'sh', '-c', command);
      expect(warm.out, warm.err).toContain('function');
      expect(ofKind(cold.events, 'package.fetch').length).toBeGreaterThan(40);
      expect(ofKind(warm.events, 'package.fetch')).toEqual([]);
    });
  });
});
