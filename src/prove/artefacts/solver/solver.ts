/**
 * Keeps a z3 in a process of its own: started when first asked, asked one question at a time, ended when an answer takes too long or too
 * much memory, and started anew for the next question. What is not answered is unknown, never proved.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Question, Told } from './protocol.ts';

export type SolverAnswer =
  | { answer: 'unsatisfiable' }
  /** constants of a model as SMT-LIB literals; those left out may have any value */
  | { answer: 'satisfiable'; model: Readonly<Record<string, string>> }
  | { answer: 'unknown'; reason: string };

export interface SolverOptions {
  /** milliseconds that one question may take, the solver's start not counted; default 30,000 */
  deadline?: number;
  /** bytes of resident memory that the process may have; default 1 GiB */
  memory?: number;
  /** the process's program; default: the one beside this file, or in the bundle */
  program?: string;
}

export interface Solver extends AsyncDisposable {
  /** Answers in the order in which it is asked. Never rejects. */
  ask(question: Question): Promise<SolverAnswer>;
  /** Process id of the solver, while there is one. */
  readonly pid: number | undefined;
}

const START_DEADLINE = 20_000;
const LOOK_EVERY = 25;

/** Beside this file as source; in the bundle this code lies in `dist/chunks/`, or in `dist/` itself. */
function defaultProgram(): string {
  const here = import.meta.dirname;
  if (import.meta.filename.endsWith('.ts')) return join(here, 'child.ts');
  return join(here, here.endsWith('chunks') ? '..' : '.', 'solver.js');
}

/** Bytes of resident memory (proc(5), statm: pages). */
function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
  } catch {
    return 0; // it has just ended, which is seen elsewhere
  }
}

/** A process that is ready for questions. */
interface Started {
  child: ChildProcess;
  /** settles with the next message; rejects, with the reason, when the process ends first or is ended */
  next(deadline: number): Promise<Told>;
  end(): Promise<void>;
}

function start(program: string, memory: number): Started {
  const child = fork(program, [], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // no flag, preload or inspector of whoever runs this is meant for the solver
    execArgv: [],
    env: { PATH: process.env.PATH ?? '' },
  });
  // a run that has its answer need not wait for the solver's end
  child.unref();
  child.channel?.unref();
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let killedFor: string | undefined;
  const kill = (why: string) => {
    killedFor ??= why;
    child.kill('SIGKILL');
  };
  return {
    child,
    next: (deadline) =>
      new Promise((resolve, reject) => {
        child.ref();
        child.channel?.ref();
        const timer = setTimeout(() => kill(`it took longer than ${deadline} ms`), deadline);
        const watch = setInterval(() => {
          if (residentBytes(child.pid ?? 0) > memory)
            kill(`it took more than ${Math.round(memory / 2 ** 20)} MiB of memory`);
        }, LOOK_EVERY);
        const settle = () => {
          clearTimeout(timer);
          clearInterval(watch);
          child.off('message', onMessage);
          child.off('exit', onExit);
          child.off('error', onError);
          child.unref();
          child.channel?.unref();
        };
        const onMessage = (message: Told) => {
          settle();
          resolve(message);
        };
        const onExit = (code: number | null, signal: string | null) => {
          settle();
          reject(new Error(killedFor ?? `the solver ended (${signal ?? `exit code ${code}`})`));
        };
        const onError = (error: Error) => {
          settle();
          reject(new Error(`the solver does not start: ${error.message}`));
        };
        child.on('message', onMessage as (message: unknown) => void);
        child.on('exit', onExit);
        child.on('error', onError);
        if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
      }),
    end: () => {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
        return Promise.resolve();
      kill('it is not needed any more');
      child.ref();
      return ended;
    },
  };
}

/**
 * A solver; nothing is started before the first question. Dispose of it, else its process stays until this one ends.
 *
 * @example await using solver = openSolver(); await solver.ask({ text: '(assert false)' })
 */
export function openSolver(options: SolverOptions = {}): Solver {
  const { deadline = 30_000, memory = 2 ** 30, program = defaultProgram() } = options;
  let running: Started | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let id = 0;

  const stop = async () => {
    const ending = running;
    running = undefined;
    await ending?.end();
  };
  const answer = async (question: Question): Promise<SolverAnswer> => {
    try {
      if (running === undefined) {
        running = start(program, memory);
        const told = await running.next(START_DEADLINE);
        if (!('ready' in told))
          throw new Error('failed' in told ? told.failed : 'it answers before it is asked');
      }
      id++;
      running.child.send({ id, ...question });
      const told = await running.next(deadline);
      if ('failed' in told) throw new Error(told.failed);
      if (!('id' in told) || told.id !== id) throw new Error('its answer is to another question');
      if (told.answer === 'unsatisfiable') return { answer: told.answer };
      if (told.answer === 'satisfiable') return { answer: told.answer, model: told.model };
      return { answer: 'unknown', reason: told.reason };
    } catch (error) {
      // whatever went wrong, the next question gets a solver that knows nothing of it
      await stop();
      return { answer: 'unknown', reason: error instanceof Error ? error.message : String(error) };
    }
  };
  return {
    ask: (question) => {
      const asked = last.then(() => answer(question));
      last = asked;
      return asked;
    },
    get pid() {
      return running?.child.pid;
    },
    [Symbol.asyncDispose]: async () => {
      await last;
      await stop();
    },
  };
}
