/**
 * How other commands reach a run that is going on: a Unix socket in the runtime folder, JSON lines, one answer each.
 *
 * @module
 */
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { runtimeFolder } from '../folders.ts';
import type { ApprovalRequest } from './approvals.ts';

export type ControlRequest =
  | ApprovalRequest
  | { do: 'status' }
  | { do: 'stop' | 'kill' | 'freeze' | 'thaw'; by: string };

export interface RunStatus {
  id: string;
  name: string;
  pid: number;
  command: string[];
  workspace: string;
  started: string;
  events: number;
  flows: number;
  denials: number;
  processes: number;
  /** questions that wait for an answer */
  questions: number;
  /** how many were asked in all, of how many may be */
  budget: { asked: number; most: number };
}

/** Milliseconds since 1970 after which whoever asked does not wait for an answer any more. */
interface Deadline {
  before?: number;
}

/** Characters of a request. */
const LONGEST_REQUEST = 4096;

/** Socket names are short: a path of more than 107 bytes is refused (unix(7)). */
const socketPath = (id: string) => join(runtimeFolder(), `${id}.sock`);

/** Serves one run. Closing removes the socket. */
export async function serveControl(
  id: string,
  answer: (request: ControlRequest) => unknown,
): Promise<Server> {
  const path = socketPath(id);
  const server = createServer((socket) => {
    let text = '';
    let asked = false;
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.on('data', (chunk: string) => {
      if (asked) return;
      text += chunk;
      if (text.length > LONGEST_REQUEST) socket.destroy();
      const end = text.indexOf('\n');
      if (end < 0 || socket.destroyed) return;
      asked = true;
      const line = text.slice(0, end);
      // what throws, now or later, gets no answer
      Promise.resolve(line)
        .then((json) => {
          const { before, ...request } = JSON.parse(json) as ControlRequest & Deadline;
          // who asked was told that nobody answers: what is done now would be done behind their back
          if (before !== undefined && Date.now() > before) throw new Error('too late');
          return answer(request as ControlRequest);
        })
        .then(
          (reply) => socket.end(`${JSON.stringify(reply)}\n`),
          () => socket.destroy(),
        );
    });
  });
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  // the folder is the operator's alone; whoever opened it to others has not opened this
  chmodSync(path, 0o600);
  server.unref();
  return server;
}

/** Ids of runs that have a socket; some of them may be dead. */
export function servedRuns(): string[] {
  return readdirSync(runtimeFolder())
    .filter((name) => name.endsWith('.sock'))
    .map((name) => name.slice(0, -5))
    .sort();
}

/** What a controller leaves that was killed; one that ends removes it itself. */
export const removeControlSocket = (id: string): void => rmSync(socketPath(id), { force: true });

/** Whether a run has a socket: with one, and without an answer, its controller hangs or is stopped. */
export const isServed = (id: string): boolean => existsSync(socketPath(id));

/**
 * Sends one request; `undefined` where nobody answers within that time, and then nothing comes of it later. The socket of
 * a run that is over is removed.
 */
export async function askRun<Answer>(
  id: string,
  request: ControlRequest,
  withinMs = 2000,
): Promise<Answer | undefined> {
  const path = socketPath(id);
  return await new Promise((resolve) => {
    const socket = createConnection(path);
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(withinMs, () => socket.destroy());
    const before = Date.now() + withinMs;
    socket.on('connect', () => socket.write(`${JSON.stringify({ ...request, before })}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') rmSync(path, { force: true });
    });
    socket.on('close', () => {
      try {
        resolve(JSON.parse(text) as Answer);
      } catch {
        resolve(undefined);
      }
    });
  });
}
