/**
 * Runs a witness of the catalogue in a scratch folder: bare, where it must work, and in a cell, where it must not.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { personOf as personWith } from '../../src/cli/wiring/replay/person.ts';
import {
  personalVariables,
  type Witness,
  type WitnessPlaces,
  witnessScript,
  witnessVariables,
} from '../../src/prove/catalogue/index.ts';
import { startStandIn } from './stand-in.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const SECONDS = 30;

/** Daemons that a witness starts end with its process namespace. */
const PROCESSES = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** A witness whose effect exits with this cannot be shown on this machine. */
const CANNOT = 77;

export interface Outcome {
  /** whether the effect happened */
  happened: boolean;
  /** this machine lacks what it takes to show it */
  cannot: boolean;
  /** what was printed meanwhile, for a failed test */
  output: string;
}

class Scratch {
  readonly root = mkdtempSync(join(tmpdir(), 'ringfence-witness-'));
  readonly work = join(this.root, 'work');
  readonly home = join(this.root, 'home');
  readonly outside = join(this.root, 'outside');
  output = '';

  constructor() {
    for (const folder of [this.work, this.home, this.outside]) mkdirSync(folder);
    chmodSync(this.root, 0o755);
  }

  places(relay: string): WitnessPlaces {
    const canary = `canary${randomBytes(8).toString('hex')}`;
    return { canary, mark: join(this.outside, 'mark'), outside: this.outside, relay };
  }

  /** Runs a program to its end, or to the deadline; everything that it leaves behind ends with `group`. */
  async run(command: readonly string[], environment: Record<string, string>): Promise<number | null> {
    const [program = '', ...rest] = command;
    const child = spawn(program, rest, {
      cwd: this.work,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => {
        if (this.output.length < 20_000) this.output += data.toString();
      });
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // it has ended
      }
    };
    const timer = setTimeout(end, SECONDS * 1000);
    const status = await new Promise<number | null>((done) => {
      child.on('error', () => done(null));
      child.on('close', done);
    });
    clearTimeout(timer);
    return status;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A person’s ordinary environment, with what the witness says that they have in it. */
const personOf = (witness: Witness, scratch: Scratch, places: WitnessPlaces): Record<string, string> => ({
  ...personWith(witness.needs, scratch.home),
  ...witnessVariables(places),
  ...personalVariables(witness, places),
});

/**
 * Setup, attempt and effect, each a shell of its own, within one process namespace: nothing outlives it. Root has no
 * more rights there than over its own files.
 */
export async function runBare(
  witness: Witness,
  parts: 'all' | 'without the attempt' = 'all',
): Promise<Outcome> {
  const scratch = new Scratch();
  const standIn = await startStandIn(scratch.outside);
  try {
    const places = scratch.places(standIn.address);
    const attempt = parts === 'all' ? witness.attempt : [];
    const scripts = { setup: witness.setup, attempt, effect: [witness.effect] };
    for (const [name, lines] of Object.entries(scripts))
      writeFileSync(join(scratch.outside, `${name}.sh`), witnessScript(lines));
    const all = `sh ${scratch.outside}/setup.sh; sh ${scratch.outside}/attempt.sh; sh ${scratch.outside}/effect.sh`;
    const namespaces = ['unshare', '--user', '--map-root-user', ...PROCESSES];
    const status = await scratch.run([...namespaces, 'sh', '-c', all], personOf(witness, scratch, places));
    return { happened: status === 0, cannot: status === CANNOT, output: scratch.output };
  } finally {
    await standIn.close();
    scratch.remove();
  }
}

/** A name for the stand-in, which a contract can let a cell reach. */
const RELAY_NAME = 'relay.example.com';

/** What a contract opens: the workspace itself, without review, and the stand-in, with any bytes. */
function openings(scratch: Scratch, places: WitnessPlaces): Record<string, unknown> {
  const port = Number(places.relay.split(':')[1]);
  return {
    files: { workspace: { path: scratch.work, mode: 'direct' } },
    network: [{ host: RELAY_NAME, port, protocol: 'tcp' }],
    resolve: { [RELAY_NAME]: ['127.0.0.1'] },
  };
}

/**
 * Setup and effect outside, the attempt in a cell: `plain`, of a contract with nothing but an overlay of the workspace, or
 * `open`, of one that gives away what most witnesses need.
 */
export async function runInCell(
  witness: Witness,
  contractKind: 'plain' | 'open' = 'plain',
): Promise<Outcome & { started: boolean }> {
  const scratch = new Scratch();
  const standIn = await startStandIn(scratch.outside);
  try {
    const places = scratch.places(standIn.address);
    const person = personOf(witness, scratch, places);
    const isOpen = contractKind === 'open';
    const relayInside = places.relay.replace(/^[^:]*/, RELAY_NAME);
    const contract = join(scratch.root, 'contract.yaml');
    const began = `began-${places.canary}`;
    writeFileSync(
      contract,
      JSON.stringify({
        ringfence: 1,
        name: 'witness',
        ...(isOpen ? openings(scratch, places) : { files: { workspace: scratch.work } }),
        environment: { set: { ...witnessVariables(places), ...(isOpen && { RELAY: relayInside }) } },
        compute: { time: `${SECONDS}s` },
        // the layers are tried, not the rules that watch them
        oversight: { on: { finding: { critical: 'note', high: 'note' } } },
      }),
    );
    const script = join(scratch.outside, 'cell.sh');
    const ringfence = join(REPOSITORY, 'ringfence');
    const attempt = `echo ${began}; ${witnessScript(witness.attempt)}`;
    writeFileSync(join(scratch.outside, 'setup.sh'), witnessScript(witness.setup));
    writeFileSync(join(scratch.outside, 'effect.sh'), `${witness.effect}\n`);
    writeFileSync(
      script,
      `sh ${scratch.outside}/setup.sh\n${ringfence} run --contract ${contract} -- sh -c "$ATTEMPT"\nsh ${scratch.outside}/effect.sh\n`,
    );
    const user = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user'];
    const status = await scratch.run(['unshare', ...user, ...PROCESSES, 'sh', script], {
      ...person,
      ATTEMPT: attempt,
    });
    return {
      happened: status === 0,
      cannot: status === CANNOT,
      started: scratch.output.includes(began),
      output: scratch.output,
    };
  } finally {
    await standIn.close();
    scratch.remove();
  }
}
