/**
 * The other side of connections: the small server in C, on the loopback, for as long as it is needed.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { UnmeasuredError } from './programs.ts';
import type { Workshop } from './workshop.ts';

export interface Server extends AsyncDisposable {
  port: number;
}

/** Ends when it is disposed of, or when this process ends. */
export async function startServer(
  workshop: Workshop,
  mode: 'close' | 'raw' | 'http',
  megabytes = 0,
): Promise<Server> {
  const child = spawn(workshop.tool('server'), [mode, String(megabytes)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [Buffer | number];
  const port = Number(line.toString());
  if (!Buffer.isBuffer(line) || !(port > 0))
    throw new UnmeasuredError('the server on the loopback did not start');
  const dispose = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.stdin.end();
    await gone;
  };
  return { port, [Symbol.asyncDispose]: dispose };
}
