/**
 * The judges' process, confined: it has their keys, and reads what their models answer.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { givePlan } from '../../../cell/supervise/index.ts';
import type { JudgeAnswer, JudgeAsk } from '../../../contract/index.ts';
import type { PreparedJudges } from './prepare.ts';

export interface JudgeProcess {
  ask(ask: JudgeAsk): void;
  /** resolves when it is gone */
  stop(): Promise<void>;
}

export interface JudgeProcessOptions {
  launcher: string;
  judges: PreparedJudges;
  onAnswer: (answer: JudgeAnswer) => void;
  /** it ended, or never began */
  onGone: (why: string) => void;
}

const STDERR = 2000;
/** Milliseconds from the end of its channel to the end of its patience. */
const PATIENCE = 500;

export function startJudgeProcess({ launcher, judges, onAnswer, onGone }: JudgeProcessOptions): JudgeProcess {
  let stderr = '';
  let stopping = false;
  const child: ChildProcess = spawn(launcher, ['run'], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
    env: {},
  });
  givePlan(child, judges.plan);
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-STDERR);
  });
  child.on('message', (message: JudgeAnswer) => onAnswer(message));
  const gone = new Promise<void>((resolve) => {
    const tell = (why: string) => {
      if (!stopping) onGone(why);
      resolve();
    };
    child.on('error', (error) => tell(error.message));
    child.on('exit', (code, signal) =>
      tell(`it ended with ${signal ?? code}${stderr ? `: ${stderr.trim()}` : ''}`),
    );
  });
  child.send(judges.config, () => {});
  return {
    ask: (ask) => {
      if (child.connected) child.send(ask, () => {});
    },
    async stop() {
      stopping = true;
      if (child.connected) child.disconnect();
      const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
      await gone;
      clearTimeout(force);
    },
  };
}
