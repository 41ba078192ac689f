/**
 * The agents, from the package registry that npm is set to: installed once into the user's cache.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Exact, so that what the how-tos say was seen with these. */
export const VERSIONS = { '@anthropic-ai/claude-code': '2.1.330', '@openai/codex': '0.169.0' } as const;

export type Agents =
  /** `bin` holds `claude` and `codex`, for whoever may enter its folder */
  { ok: true; prefix: string; bin: string } | { ok: false; reason: string };

/** A registry that does not answer is no reason to wait for hours. About 750 MB, 10 s where the registry is near. */
const PATIENCE_MS = 300_000;

/** Installs both agents below the user's cache, unless they are there already. */
export function installAgents(): Agents {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const packages = Object.entries(VERSIONS).map(([name, version]) => `${name}@${version}`);
  const prefix = join(cache, 'ringfence-test', `agents-${Object.values(VERSIONS).join('-')}`);
  const found: Agents = { ok: true, prefix, bin: join(prefix, 'bin') };
  if (existsSync(prefix)) return found;
  mkdirSync(dirname(prefix), { recursive: true });
  const unfinished = mkdtempSync(`${prefix}-`);
  const options = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', '--ignore-scripts'];
  const words = ['install', '--global', '--prefix', unfinished, ...options, '--fetch-retries=1', ...packages];
  try {
    execFileSync('npm', words, { stdio: ['ignore', 'ignore', 'pipe'], timeout: PATIENCE_MS });
    // its own script puts the program into place; whether npm would have run it depends on npm's version
    const script = join(unfinished, 'lib/node_modules/@anthropic-ai/claude-code/install.cjs');
    execFileSync('node', [script], { stdio: ['ignore', 'ignore', 'pipe'], timeout: PATIENCE_MS });
    chmodSync(unfinished, 0o755);
    renameSync(unfinished, prefix);
    return found;
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    const said = String((error as { stderr?: Buffer }).stderr ?? '').trim();
    return { ok: false, reason: said.split('\n')[0] || (error as Error).message };
  }
}

/** The same files where everybody can reach them: by hard links where that is possible. To be removed afterwards. */
export function reachableByAll({ prefix }: { prefix: string }): {
  prefix: string;
  bin: string;
  remove: () => void;
} {
  for (let at = prefix; (statSync(at).mode & 0o001) !== 0; at = dirname(at))
    if (at === '/') return { prefix, bin: join(prefix, 'bin'), remove: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-agents-'));
  chmodSync(folder, 0o755);
  const copy = join(folder, 'agents');
  try {
    execFileSync('cp', ['--archive', '--link', prefix, copy], { stdio: 'ignore' });
  } catch {
    rmSync(copy, { recursive: true, force: true }); // another file system
    execFileSync('cp', ['--archive', prefix, copy]);
  }
  return {
    prefix: copy,
    bin: join(copy, 'bin'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
