/**
 * Scratch folders of a replay: a home with canaries, and a workspace for each recipe. Nothing in them is the caller's.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Contract } from '../../../contract/index.ts';
import { PLAIN_VARIABLES, placeOf, secretVariable } from './contract.ts';
import { personOf } from './person.ts';

/** Scratch folders of one replay. */
export class Scratch {
  readonly root = mkdtempSync(join(tmpdir(), 'ringfence-replay-'));
  readonly home = join(this.root, 'home');
  readonly temporary = join(this.root, 'tmp');
  readonly authority = join(this.root, 'authority.pem');

  constructor() {
    chmodSync(this.root, 0o755);
    for (const folder of [this.home, this.temporary]) mkdirSync(folder);
    chmodSync(this.temporary, 0o1777);
  }

  recipe(id: string): { work: string; outside: string } {
    const [work, outside] = [join(this.root, id, 'work'), join(this.root, id, 'outside')] as const;
    for (const folder of [work, outside]) mkdirSync(folder, { recursive: true });
    return { work, outside };
  }

  remove(): void {
    // the overlay of a cell that was killed leaves a folder that nobody may enter
    spawnSync('chmod', ['-R', 'u+rwX', this.root], { stdio: 'ignore' });
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** Files of the home that the contract shows: canaries, of the kind that the true ones are. */
export function fillHome(scratch: string, { files }: Contract, home: string, canary: string): void {
  for (const written of files.read) {
    const place = placeOf(written, home);
    if (typeof place === 'string' || /[*?[{]/.test(place.below)) continue;
    const path = join(scratch, place.below);
    const isFolder = lstatSync(join(home, place.below), { throwIfNoEntry: false })?.isDirectory() ?? false;
    try {
      mkdirSync(isFolder ? path : dirname(path), { recursive: true });
      const file = isFolder ? join(path, canary) : path;
      if (!existsSync(file)) writeFileSync(file, `${canary}\n`);
    } catch {
      // no file can have this name, or one that was written before is in its way: then nothing is there to be read
    }
  }
}

/** Variables that decide how the programs of a replay themselves start. */
const STEERS = /^(NODE_|LD_|GLIBC_|MALLOC_|OPENSSL_|SSL_|RINGFENCE_|BASH_ENV$|ENV$|IFS$)/;

/** What the person who starts a cell has in the environment: canaries for what the contract hands in. */
export function environmentOf(
  { environment, secrets }: Contract,
  needs: readonly string[],
  scratch: Scratch,
  canary: string,
): Record<string, string> {
  const passed = environment.pass.filter((name) => !PLAIN_VARIABLES.has(name) && !STEERS.test(name));
  return {
    ...Object.fromEntries(passed.map((name) => [name, canary])),
    ...personOf(needs, scratch.home),
    TMPDIR: scratch.temporary,
    XDG_STATE_HOME: join(scratch.root, 'state'),
    XDG_CACHE_HOME: join(scratch.root, 'cache'),
    XDG_RUNTIME_DIR: join(scratch.root, 'runtime'),
    ...Object.fromEntries(Object.keys(secrets).map((name) => [secretVariable(name), `secret-${canary}`])),
  };
}
