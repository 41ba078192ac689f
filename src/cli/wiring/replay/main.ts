/**
 * The process inside a replay's own namespaces: starts the stand-ins, runs one recipe after the other, and prints what
 * was seen. Started by `ringfence-cell stage`; the job is in the file that its argument names.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type StandIns, startStandIns } from './stand-in.ts';
import type { Job, Judge, Recipe, Result } from './types.ts';

/** What is kept of one recipe's output. */
const OUTPUT = 64 * 1024;
/** What is told of it. */
const TOLD = 4000;
/** A witness whose effect exits with this cannot be shown on this machine. */
const CANNOT = 77;

interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** Runs to its end or the deadline; with the process group ends what it started. */
function run(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  within: number,
): Promise<Ended> {
  const [program = '', ...rest] = words;
  const child: ChildProcess = spawn(program, rest, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (data: Buffer) => {
      if (output.length < OUTPUT) output += data.toString('latin1');
    });
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  };
  const timer = setTimeout(end, within);
  return new Promise((done) => {
    child.on('error', ({ message }) => done({ status: null, output: output + message }));
    child.on('close', (status) => {
      clearTimeout(timer);
      end();
      done({ status, output });
    });
  });
}

async function replay(recipe: Recipe, job: Job, standIns: StandIns): Promise<Result> {
  const { id, work, outside, environment, judges } = recipe;
  const contract = join(outside, 'contract.yaml');
  const record = join(outside, 'record.json');
  writeFileSync(contract, recipe.contract);
  let output = '';
  const shell = async (lines: readonly string[]) => {
    if (lines.length === 0) return 0;
    const ended = await run(['sh', '-c', `${lines.join('\n')}\n`], work, environment, job.within);
    output += ended.output;
    return ended.status;
  };
  await shell(recipe.setup);
  let last = '';
  for (const words of recipe.cells) {
    const options = ['--contract', contract, '--json', record, '--no-grade', '--no-tty', '--quiet'];
    const command = [...job.ringfence, 'run', ...options, '--', ...words];
    const ended = await run(command, work, environment, job.within);
    last = ended.output;
    output += last;
  }
  const isSeen = async (judge: Judge): Promise<boolean | 'cannot'> => {
    switch (judge.by) {
      case 'effect': {
        const status = await shell([judge.line]);
        return status === CANNOT ? 'cannot' : status === 0;
      }
      case 'arrived':
        return judge.words.some((word) => standIns.received().includes(word));
      case 'printed':
        return last.includes(judge.word);
      case 'written':
        return readIfThere(join(work, judge.path)).includes(judge.word);
      case 'graded':
        return (
          changedIn(record).includes(judge.path) || readIfThere(join(work, judge.path)).includes(judge.word)
        );
    }
  };
  if (recipe.service) writeFileSync(recipe.service.seen, standIns.received());
  let cannot = false;
  for (const [index, judge] of judges.entries()) {
    const seen = await isSeen(judge);
    if (seen === true) return { id, seen, judge: index, output };
    cannot ||= seen === 'cannot';
  }
  return { id, seen: false, judge: -1, ...(cannot && { cannot }), output };
}

const readIfThere = (path: string): string => (existsSync(path) ? readFileSync(path, 'latin1') : '');

/** Paths of the change set, as the run's record has them. */
function changedIn(record: string): string[] {
  const text = readIfThere(record);
  if (text === '') return [];
  const { changes } = JSON.parse(text) as { changes?: { path: string }[] };
  return (changes ?? []).map(({ path }) => path);
}

const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Job;
const sockets = job.recipes.flatMap(({ service }) => (service ? [service.socket] : []));
const standIns = await startStandIns(job.listening, job.order, job.authority, sockets);
const seen = new Set<string>();
for (const recipe of job.recipes) {
  if (seen.has(recipe.path)) continue; // one way is enough
  const result = await replay(recipe, job, standIns);
  if (result.seen) seen.add(recipe.path);
  // at once: what a stream still holds would be lost when we exit
  writeSync(1, `${JSON.stringify({ ...result, output: result.output.slice(-TOLD) })}\n`);
}
process.exit(0);
