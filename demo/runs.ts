/**
 * Runs the agent twice: as it is, and through `ringfence run`.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { DemoError } from './errors.ts';
import { type Outside, visitThroughTunnel } from './outside/index.ts';
import type { Stage } from './stage.ts';

const RUN_LIMIT_MS = 55_000;

export const RINGFENCE = resolve(import.meta.dirname, '..', 'ringfence');

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** what the agent printed */
  transcript: string;
  /** what was printed on standard error: by `ringfence run` its summary */
  messages: string;
  milliseconds: number;
}

interface Job {
  program: string;
  words: string[];
  cwd: string;
  environment: NodeJS.ProcessEnv;
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // nobody is left in it
  }
}

async function carryOut(job: Job, outside: Outside, cleanup: Cleanup): Promise<Outcome> {
  const started = performance.now();
  const child: ChildProcess = spawn(job.program, job.words, {
    cwd: job.cwd,
    env: job.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  cleanup.killTree(child);
  const outcome: Outcome = { code: null, signal: null, transcript: '', messages: '', milliseconds: 0 };
  child.stdout?.on('data', (data: Buffer) => {
    outcome.transcript += data.toString('utf8');
  });
  child.stderr?.on('data', (data: Buffer) => {
    outcome.messages += data.toString('utf8');
  });
  const timer = setTimeout(() => child.kill('SIGTERM'), RUN_LIMIT_MS);
  const killer = setTimeout(() => child.kill('SIGKILL'), RUN_LIMIT_MS + 5000);
  let over = false;
  const visit = visitThroughTunnel(outside, () => over);
  await new Promise<void>((done, fail) => {
    child.on('error', (error) => {
      fail(new DemoError('NOT_STARTED', `${job.program}: ${error.message}`, 'set up first: npm run setup'));
    });
    // What the agent left running in the background ends with it; it is all in one process group.
    child.on('exit', () => killGroup(child.pid));
    child.on('close', (code, signal) => {
      outcome.code = code;
      outcome.signal = signal;
      done();
    });
  });
  over = true;
  clearTimeout(timer);
  clearTimeout(killer);
  await visit;
  outcome.milliseconds = performance.now() - started;
  return outcome;
}

/** The agent as any program: the operator's environment, nothing in its way. */
export function runUncontained(
  stage: Stage,
  plan: string,
  outside: Outside,
  cleanup: Cleanup,
): Promise<Outcome> {
  return carryOut(
    {
      program: process.execPath,
      words: [join(stage.kit, 'agent.ts'), plan],
      cwd: stage.project,
      environment: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...stage.environment },
    },
    outside,
    cleanup,
  );
}

/** Fills in the contract's template beside the project. Gives its path. */
export function writeContract(folder: string, stage: Stage, outside: Outside): string {
  const values: Record<string, string | number> = {
    KIT: stage.kit,
    NODE: process.execPath,
    SOURCE_PORT: outside.sourcePort,
    SSH_PORT: outside.sshd.port,
    POOL_PORT: outside.poolPort,
  };
  const template = readFileSync(join(import.meta.dirname, 'contract.yaml'), 'utf8');
  const file = join(folder, 'ringfence.yaml');
  writeFileSync(
    file,
    template.replace(/\$\{([A-Z_]+)\}/g, (whole, name: string) => String(values[name] ?? whole)),
  );
  return file;
}

/** The invoking user's own folders for Ringfence's records, while `HOME` is the scene's. */
export function operatorFolders(): NodeJS.ProcessEnv {
  const home = process.env.HOME ?? '/';
  return {
    XDG_STATE_HOME: process.env.XDG_STATE_HOME ?? join(home, '.local/state'),
    XDG_DATA_HOME: process.env.XDG_DATA_HOME ?? join(home, '.local/share'),
    XDG_CONFIG_HOME: process.env.XDG_CONFIG_HOME ?? join(home, '.config'),
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(home, '.cache'),
  };
}

/** The same agent, started by the same operator with the same secrets around, inside the contract. */
export function runContained(
  stage: Stage,
  files: { plan: string; contract: string; record: string },
  outside: Outside,
  cleanup: Cleanup,
): Promise<Outcome> {
  return carryOut(
    {
      program: RINGFENCE,
      words: [
        ...['run', '--no-input', '--contract', files.contract, '--json', files.record, '--'],
        ...[process.execPath, join(stage.kit, 'agent.ts'), files.plan],
      ],
      cwd: stage.project,
      environment: { ...process.env, ...operatorFolders(), ...stage.environment },
    },
    outside,
    cleanup,
  );
}
