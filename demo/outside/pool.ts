/**
 * A mining pool on the loopback: Stratum v1, one job, trivial difficulty, every share verified by hashing it.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { onJsonLine, sendJsonLine } from '../agent/lines.ts';
import { hashValue, headerOf, type Job, targetOf } from '../agent/work.ts';

/** About 2^14 hashes a share: real work, done in a fraction of a second. */
const DIFFICULTY = 2 ** -18;
const EXTRA_NONCE_2_SIZE = 4;

export interface Pool {
  server: Server;
  /** shares whose hash met the target, each counted once */
  accepted: number;
  rejected: number;
  connections: number;
}

function makeJob(): Job {
  return {
    id: randomBytes(4).toString('hex'),
    previous: randomBytes(32).toString('hex'),
    coinbase1: `01000000010${'0'.repeat(63)}ffffffff0c${randomBytes(4).toString('hex')}`,
    coinbase2: `ffffffff0100f2052a01000000015100000000`,
    branches: [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')],
    version: '20000000',
    bits: '1d00ffff',
    time: Math.floor(Date.now() / 1000).toString(16),
  };
}

export function makePool(): Pool {
  const pool: Pool = { server: createServer(), accepted: 0, rejected: 0, connections: 0 };
  pool.server.on('connection', (socket) => {
    pool.connections += 1;
    serve(pool, socket);
  });
  return pool;
}

function serve(pool: Pool, socket: Socket): void {
  const extraNonce1 = randomBytes(4).toString('hex');
  const job = makeJob();
  const seen = new Set<string>();
  const workers = new Set<string>();

  /** `undefined`: a good share; otherwise Stratum's error code and text. */
  const judge = (params: unknown[]): [number, string] | undefined => {
    if (params.length < 5 || !params.every((part) => typeof part === 'string')) return [20, 'malformed'];
    const [worker, id, extraNonce2, time, nonce] = params as [string, string, string, string, string];
    if (!workers.has(worker)) return [24, 'unauthorized worker'];
    if (id !== job.id) return [21, 'job not found'];
    if (!/^[0-9a-f]{8}$/i.test(time) || !/^[0-9a-f]{8}$/i.test(nonce)) return [20, 'malformed'];
    if (!/^[0-9a-f]*$/i.test(extraNonce2) || extraNonce2.length !== EXTRA_NONCE_2_SIZE * 2) {
      return [20, 'malformed'];
    }
    const name = `${extraNonce2} ${time} ${nonce}`.toLowerCase();
    if (seen.has(name)) return [22, 'duplicate share'];
    const header = headerOf(job, extraNonce1, extraNonce2, time);
    header.writeUInt32LE(Number.parseInt(nonce, 16), 76);
    if (hashValue(header) > targetOf(DIFFICULTY)) return [23, 'low difficulty share'];
    seen.add(name);
    return undefined;
  };

  socket.on('error', () => {});
  onJsonLine(socket, (message) => {
    const id = message.id ?? null;
    const params = Array.isArray(message.params) ? (message.params as unknown[]) : [];
    if (message.method === 'mining.subscribe') {
      const result = [[['mining.notify', 'one']], extraNonce1, EXTRA_NONCE_2_SIZE];
      sendJsonLine(socket, { id, result, error: null });
    } else if (message.method === 'mining.authorize') {
      workers.add(String(params[0]));
      sendJsonLine(socket, { id, result: true, error: null });
      sendJsonLine(socket, { id: null, method: 'mining.set_difficulty', params: [DIFFICULTY] });
      const { previous, coinbase1, coinbase2, branches, version, bits, time } = job;
      const notify = [job.id, previous, coinbase1, coinbase2, branches, version, bits, time, true];
      sendJsonLine(socket, { id: null, method: 'mining.notify', params: notify });
    } else if (message.method === 'mining.submit') {
      const fault = judge(params);
      if (fault === undefined) pool.accepted += 1;
      else pool.rejected += 1;
      sendJsonLine(socket, { id, result: fault === undefined, error: fault ? [...fault, null] : null });
    } else {
      sendJsonLine(socket, { id, result: null, error: [20, 'unknown method', null] });
    }
  });
}
