/**
 * Runs attempts on a target: bare, in a cell, or in another sandbox given as a command template. Independent attempts
 * share one start; an attempt that ends the run is named, and the rest go on in a new one.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attempt, ContractName, Evidence, RunOutcome } from './attempt.ts';
import { writeContract } from './contracts.ts';
import { type Host, processesWith } from './host.ts';

export interface Result {
  id: string;
  topic: string;
  layer: string;
  hazard: string;
  control: boolean;
  /** `reached`: the judge saw an effect (for a control: it worked). `held`: none. `cannot`: it cannot succeed here.
   *  `not run`: the target did not start it. */
  outcome: 'reached' | 'held' | 'cannot' | 'not run';
  detail: string;
  milliseconds: number;
}

/** How to start a command on the target. `template` is a shell prefix such as `bwrap … --`; it sees $WORKSPACE, $HOME. */
export interface Target {
  ringfence?: string;
  template?: string;
}

/** Most attempts that run alone wait rather than compute. */
const AT_ONCE = 4;

function argvFor(host: Host, target: Target, contract: ContractName, argv: string[]): string[] {
  if (host.mode === 'bare') return argv;
  if (target.template !== undefined) return ['sh', '-c', `exec ${target.template} "$@"`, 'sh', ...argv];
  if (target.ringfence === undefined)
    throw new Error('a cell target needs the ringfence command or a template');
  return [target.ringfence, 'run', '--contract', writeContract(host, contract), '--', ...argv];
}

function environment(host: Host): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: host.home,
    USER: host.identity === 'root' ? 'root' : 'matrix',
    LANG: 'C.UTF-8',
    TERM: 'xterm',
    WORKSPACE: host.workspace,
    MATRIX_SECRET: host.secret,
    SSH_AUTH_SOCK: join(host.home, '.agent.sock'),
    XDG_CONFIG_HOME: join(host.state, 'config'),
    XDG_DATA_HOME: join(host.state, 'share'),
    XDG_STATE_HOME: join(host.state, 'state'),
    XDG_CACHE_HOME: join(host.state, 'cache'),
    XDG_RUNTIME_DIR: join(host.state, 'run'),
  };
}

function collect(child: ChildProcess, into: { stdout: string; stderr: string }): void {
  child.stdout?.on('data', (data: Buffer) => {
    into.stdout += data.toString('latin1');
  });
  child.stderr?.on('data', (data: Buffer) => {
    into.stderr += data.toString('latin1');
  });
}

/** Starts argv, waits until it ends (or kills its process group at the deadline); streams may stay held by daemons. */
function execute(host: Host, argv: string[], seconds: number): Promise<RunOutcome> {
  const begin = performance.now();
  const [command = '', ...rest] = argv;
  const child = spawn(command, rest, {
    cwd: host.workspace,
    env: environment(host),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const text = { stdout: '', stderr: '' };
  collect(child, text);
  return new Promise((resolve) => {
    let exit = -1;
    const done = () => {
      clearTimeout(deadline);
      resolve({ exit, ...text, ms: performance.now() - begin });
    };
    const deadline = setTimeout(() => {
      if (child.pid !== undefined)
        try {
          process.kill(-child.pid, 'SIGKILL');
        } catch {
          // it ended at the same moment
        }
    }, seconds * 1000);
    child.on('error', (error) => {
      text.stderr += String(error);
      done();
    });
    child.on('exit', (code, signal) => {
      exit = code ?? (signal ? 128 : -1);
      // `close` follows unless something left behind still holds a stream
      const grace = setTimeout(done, 300);
      child.on('close', () => {
        clearTimeout(grace);
        done();
      });
    });
  });
}

/** A shell script that runs each attempt for itself and prints `@@ id base64(output, exit)`. */
function batchScript(host: Host, attempts: Attempt[]): string {
  const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
  const lines = attempts.map(
    (attempt) =>
      `printf '@@ %s ' ${attempt.id}; { timeout -k 1 ${attempt.seconds ?? 8} ${attempt
        .command(host)
        .map(quote)
        .join(' ')} < /dev/null; echo "@exit $?"; } 2>&1 | base64 -w0; echo`,
  );
  return `cd ${quote(host.workspace)}\n${lines.join('\n')}\n`;
}

interface Claimed {
  exit: number;
  output: string;
}

function parseBatch(stdout: string): Map<string, Claimed> {
  const found = new Map<string, Claimed>();
  for (const match of stdout.matchAll(/^@@ (\S+) ([A-Za-z0-9+/=]+)$/gm)) {
    const text = Buffer.from(match[2] ?? '', 'base64').toString('utf8');
    const exit = /@exit (\d+)\n$/.exec(text);
    if (exit) found.set(match[1] ?? '', { exit: Number(exit[1]), output: text.slice(0, exit.index) });
  }
  return found;
}

function judge(host: Host, attempt: Attempt, evidence: Evidence): Result {
  const base = {
    id: attempt.id,
    topic: attempt.topic,
    layer: attempt.layer,
    hazard: attempt.hazard,
    control: attempt.control === true,
    milliseconds: Math.round(evidence.run.ms),
  };
  const effect = attempt.judge(host, evidence, attempt.id);
  attempt.undo?.(host);
  const claim = evidence.output.trim().split('\n').at(-1) ?? '';
  if (effect) return { ...base, outcome: 'reached', detail: effect };
  if (host.mode === 'cell') return { ...base, outcome: 'held', detail: claim };
  const reason = attempt.bare?.(host) ?? /^cannot: (.*)$/m.exec(evidence.output)?.[1];
  if (reason) return { ...base, outcome: 'cannot', detail: reason };
  return { ...base, outcome: 'held', detail: claim };
}

const notRun = (attempt: Attempt, detail: string): Result => ({
  id: attempt.id,
  topic: attempt.topic,
  layer: attempt.layer,
  hazard: attempt.hazard,
  control: attempt.control === true,
  outcome: 'not run',
  detail: detail.trim().slice(0, 300),
  milliseconds: 0,
});

/** Ends what an attempt left behind on a bare host; by its mark, so only what the matrix itself started. */
function sweep(host: Host, id: string): void {
  for (const pid of processesWith(host.mark(id)))
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // gone already
    }
}

async function runAlone(host: Host, target: Target, attempt: Attempt): Promise<Result> {
  if (host.mode === 'bare' && attempt.cellOnly)
    return {
      ...notRun(attempt, ''),
      outcome: 'cannot',
      detail: attempt.bare?.(host) ?? 'it has no bare form',
    };
  const command = [host.attempts, 'begin', ...attempt.command(host)];
  let argv = argvFor(host, target, attempt.contract ?? 'plain', command);
  if (attempt.start) argv = attempt.start(host, argv);
  let over = false;
  const watching = attempt.watch?.(host, () => over);
  const run = await execute(host, argv, (attempt.seconds ?? 8) + 4);
  over = true;
  const seen = await watching;
  await host.settle();
  const said = `${run.stdout}${run.stderr}`;
  // Terminals write \r\n.
  if (!/^@@begun\r?$/m.test(said))
    return notRun(attempt, `exit ${run.exit} after ${Math.round(run.ms)} ms: ${run.stderr}`);
  const output = said.replace(/^@@begun\r?\n/m, '');
  const result = judge(host, attempt, { exit: run.exit, output, run, ...(seen !== undefined && { seen }) });
  sweep(host, attempt.id);
  return result;
}

async function runBatch(
  host: Host,
  target: Target,
  contract: ContractName,
  batch: Attempt[],
): Promise<Result[]> {
  const results: Result[] = [];
  let rest = batch;
  for (let round = 0; rest.length > 0; round += 1) {
    let script = join(host.workspace, `.matrix/batch-${contract}-${round}.sh`);
    while (existsSync(script)) script = script.replace('.sh', 'x.sh');
    writeFileSync(script, batchScript(host, rest));
    const run = await execute(host, argvFor(host, target, contract, ['sh', script]), 60);
    await host.settle();
    const claimed = parseBatch(run.stdout);
    const [ended, ...later] = rest.filter((attempt) => !claimed.has(attempt.id));
    for (const attempt of rest) {
      const claim = claimed.get(attempt.id);
      if (claim) results.push(judge(host, attempt, { ...claim, run }));
    }
    if (!ended) break;
    // A run that never started says so; one that an attempt ended is judged by what that attempt left outside.
    if (claimed.size === 0 && !run.stdout.includes('@@ ')) {
      results.push(
        ...[ended, ...later].map((attempt) =>
          notRun(attempt, `exit ${run.exit} after ${Math.round(run.ms)} ms: ${run.stderr}`),
        ),
      );
      break;
    }
    const started = run.stdout.includes(`@@ ${ended.id} `);
    results.push(
      started
        ? judge(host, ended, { exit: -1, output: `the run ended here (exit ${run.exit})`, run })
        : notRun(ended, `exit ${run.exit}: ${run.stderr}`),
    );
    rest = later;
  }
  return results;
}

/** Runs all attempts; results come in the attempts' order. */
export async function runAll(host: Host, target: Target, attempts: readonly Attempt[]): Promise<Result[]> {
  const results: Result[] = [];
  const batches = new Map<ContractName, Attempt[]>();
  for (const attempt of attempts) {
    if (attempt.alone) continue;
    const name = attempt.contract ?? 'plain';
    batches.set(name, [...(batches.get(name) ?? []), attempt]);
  }
  const parts = await Promise.all(
    [...batches].map(([contract, batch]) => runBatch(host, target, contract, batch)),
  );
  results.push(...parts.flat());
  const single = attempts.filter((attempt) => attempt.alone);
  const together = single.filter((attempt) => !attempt.quiet);
  const worker = async () => {
    for (let next = together.shift(); next; next = together.shift())
      results.push(await runAlone(host, target, next));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const attempt of single) if (attempt.quiet) results.push(await runAlone(host, target, attempt));
  const order = new Map(attempts.map((attempt, index) => [attempt.id, index]));
  return results.sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
}
