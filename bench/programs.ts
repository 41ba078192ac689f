/**
 * Starting programs: each with a deadline, its output collected, nothing of it left behind.
 *
 * @module
 */
import { spawn } from 'node:child_process';

export interface Ended {
  stdout: string;
  stderr: string;
  /** 128 + signal where a signal ended it; 127 where it could not be started */
  status: number;
}

export interface StartOptions {
  cwd?: string;
  environment?: NodeJS.ProcessEnv;
  /** seconds, after which the program and its whole process group are killed */
  within?: number;
}

/** What was to be measured did not work, so there is no number. */
export class UnmeasuredError extends Error {
  override readonly name = 'UnmeasuredError';
  readonly code = 'unmeasured';
}

export async function start(words: readonly string[], options: StartOptions = {}): Promise<Ended> {
  const [command = '', ...rest] = words;
  const child = spawn(command, rest, {
    cwd: options.cwd,
    env: options.environment ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  return await new Promise((resolve) => {
    let late = false;
    const killer = setTimeout(
      () => {
        late = true;
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
        // a descendant in a group of its own may still hold the pipes
        child.stdout.destroy();
        child.stderr.destroy();
      },
      (options.within ?? 60) * 1000,
    );
    const end = (status: number) => {
      clearTimeout(killer);
      resolve({
        stdout,
        stderr: late ? `${stderr}\nnot done within ${options.within ?? 60} s` : stderr,
        status,
      });
    };
    child.on('error', (error) => {
      stderr += error.message;
      end(127);
    });
    child.on('close', (code, signal) => end(code ?? (signal ? 137 : 1)));
  });
}

/**
 * Like {@link start}, for what must succeed.
 *
 * @throws UnmeasuredError with the last lines that it wrote
 */
export async function mustRun(words: readonly string[], options: StartOptions = {}): Promise<string> {
  const { stdout, stderr, status } = await start(words, options);
  if (status === 0) return stdout;
  const lines = `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  throw new UnmeasuredError(
    `${words.slice(0, 3).join(' ')} … ended with ${status}: ${lines.slice(-3).join(' | ').slice(-400)}`,
  );
}
