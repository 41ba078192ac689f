/**
 * Real servers as children of the lab: started, waited for until they accept, and ended with it.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const hasProgram = (name: string): boolean =>
  PATH.split(':').some((folder) => existsSync(`${folder}/${name}`));

export class Children {
  readonly #children: ChildProcess[] = [];
  readonly said = new Map<ChildProcess, string>();

  start(
    command: string,
    words: readonly string[],
    options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
  ): ChildProcess {
    const child = spawn(command, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, HOME: '/root', ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const keep = (data: Buffer) =>
      this.said.set(child, ((this.said.get(child) ?? '') + data.toString()).slice(-4000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', () => {});
    this.#children.push(child);
    return child;
  }

  stop(): void {
    for (const child of this.#children) if (child.exitCode === null) child.kill('SIGKILL');
  }
}

/** Waits until a condition gives something; `undefined` when the time is over. */
export async function within<T>(
  milliseconds: number,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T | undefined> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Sends `text` to a port and returns what came back until `wanted` was in it, or the time was over. */
export async function exchange(
  port: number,
  text: string,
  wanted: string,
  milliseconds = 3000,
  host = '127.0.0.1',
): Promise<string> {
  return await new Promise((resolve) => {
    let got = '';
    const socket = connect({ host, port });
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(got);
    };
    const timer = setTimeout(finish, milliseconds);
    socket.on('connect', () => text !== '' && socket.write(text));
    socket.on('data', (data) => {
      got += data.toString('latin1');
      if (got.includes(wanted)) finish();
    });
    socket.on('error', finish);
    socket.on('close', finish);
  });
}

export async function accepts(port: number, host = '127.0.0.1'): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
