/**
 * Test runners that the attacks on an objective know, for projects of tests: Jest and Mocha from the package registry that
 * npm is set to, installed once into the user's cache; Vitest as this project has it.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../run/place.ts';

const VERSIONS = { jest: '30.5.2', mocha: '12.0.3' } as const;
const PATIENCE_MS = 180_000;

type Modules = { ok: true; modules: string } | { ok: false; reason: string };

/** A `node_modules` with Jest and Mocha. */
export function installRunners(): Modules {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const packages = Object.entries(VERSIONS).map(([name, version]) => `${name}@${version}`);
  const prefix = join(cache, 'ringfence-test', `runners-${Object.values(VERSIONS).join('-')}`);
  const found: Modules = { ok: true, modules: join(prefix, 'node_modules') };
  if (existsSync(prefix)) return found;
  mkdirSync(dirname(prefix), { recursive: true });
  const unfinished = mkdtempSync(`${prefix}-`);
  const options = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', '--ignore-scripts'];
  try {
    execFileSync('npm', ['install', '--prefix', unfinished, ...options, '--fetch-retries=1', ...packages], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: PATIENCE_MS,
    });
    renameSync(unfinished, prefix);
    return found;
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    const said = String((error as { stderr?: Buffer }).stderr ?? '').trim();
    return { ok: false, reason: said.split('\n')[0] || (error as Error).message };
  }
}

/** Puts the modules into a project as its own; where they cannot be linked they are copied. */
export function ownModules(project: string, modules: string): void {
  const target = join(project, 'node_modules');
  try {
    execFileSync('cp', ['--archive', '--link', modules, target], { stdio: 'ignore' });
  } catch {
    rmSync(target, { recursive: true, force: true });
    execFileSync('cp', ['--archive', modules, target]);
  }
}

/** This project's own modules, each by a link; returns the folder that a cell must be shown for it. */
export function linkedModules(project: string): string {
  const modules = realpathSync(join(ROOT, 'node_modules'));
  mkdirSync(join(project, 'node_modules'));
  // the others that begin with a dot are caches of tools: a runner writes to them
  for (const name of readdirSync(modules).filter((one) => !one.startsWith('.') || one === '.bin'))
    symlinkSync(join(modules, name), join(project, 'node_modules', name));
  return modules;
}
