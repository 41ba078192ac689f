/**
 * What `init` writes protects all that decides its own test command, so that `check` has nothing to remark; neither has it
 * for the ready contracts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Place, ROOT } from '../run/place.ts';

let place: Place;
beforeEach(() => {
  place = new Place(process.getuid?.() === 0 ? 'root' : 'user');
});
afterEach(() => place.remove());

const script = (text: string) => JSON.stringify({ scripts: { test: text } });

test.each([
  ['npm and node --test', { 'package.json': script('node --test'), 'package-lock.json': '{}' }],
  ['pnpm and vitest', { 'package.json': script('vitest run'), 'pnpm-lock.yaml': '' }],
  ['yarn and jest', { 'package.json': script('jest'), 'yarn.lock': '' }],
  ['npm and mocha', { 'package.json': script('mocha') }],
  ['pytest', { 'pyproject.toml': '[tool.pytest.ini_options]\n', 'uv.lock': '' }],
  ['unittest', { 'setup.py': '' }],
  ['django', { 'requirements.txt': 'django', 'manage.py': '' }],
  ['go', { 'go.mod': 'module example.com/x\n' }],
  ['rust', { 'Cargo.toml': '[package]\n' }],
  ['make', { Makefile: 'test:\n\ttrue\n' }],
] as [string, Record<string, string>][])('%s', async (_, files) => {
  for (const [path, text] of Object.entries(files)) place.file(path, text);
  const written = await place.command('init');
  expect(written.code, written.stderr).toBe(0);
  const { code, stdout } = await place.command('check', '--quiet');
  expect([code, stdout]).toEqual([0, '']);
});

const ready = join(ROOT, 'contracts');
test.each(readdirSync(ready))('the ready contract %s', async (name) => {
  place.file('ringfence.yaml', readFileSync(join(ready, name)));
  const { stdout } = await place.command('check', '--quiet');
  expect(stdout).not.toContain('can decide');
});
