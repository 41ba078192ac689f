/**
 * A mining pool: Stratum v1, one job a connection, every share hashed (https://en.bitcoin.it/wiki/Stratum_mining_protocol,
 * https://developer.bitcoin.org/reference/block_chain.html#block-headers).
 *
 * @module
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { listening } from './plain.ts';
import type { Standing } from './standing.ts';
import type { Listening } from './web.ts';

/** About 2^12 hashes a share: real work, done in a moment. */
const DIFFICULTY = 2 ** -20;
/** Largest hash that is a share: 0xffff × 2^208 at difficulty 1. */
const TARGET = (0xffffn << 208n) * BigInt(1 / DIFFICULTY);
const LONGEST = 64 * 1024;

const sha256d = (data: Uint8Array): Buffer =>
  createHash('sha256').update(createHash('sha256').update(data).digest()).digest();
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

interface Job {
  id: string;
  previous: string;
  coinbase: [string, string];
  branches: string[];
  version: string;
  bits: string;
  time: string;
}

const makeJob = (): Job => ({
  id: randomBytes(4).toString('hex'),
  previous: randomBytes(32).toString('hex'),
  coinbase: [`01000000010${'0'.repeat(63)}ffffffff0c`, 'ffffffff0100f2052a01000000015100000000'],
  branches: [randomBytes(32).toString('hex')],
  version: '20000000',
  bits: '1d00ffff',
  time: Math.floor(Date.now() / 1000).toString(16),
});

function isShare(job: Job, extra: string, time: string, nonce: string): boolean {
  let root = sha256d(hex(job.coinbase[0] + extra + job.coinbase[1]));
  for (const branch of job.branches) root = sha256d(Buffer.concat([root, hex(branch)]));
  const little = (word: string) => hex(word).reverse();
  const header = Buffer.concat([
    little(job.version),
    hex(job.previous).swap32(),
    root,
    little(time),
    little(job.bits),
    little(nonce),
  ]);
  return header.length === 80 && BigInt(`0x${sha256d(header).reverse().toString('hex')}`) <= TARGET;
}

export const pool = (standing: Standing, at: Listening): Promise<void> =>
  listening(standing, at, (socket) => serve(standing, socket));

function serve(standing: Standing, socket: Socket): void {
  const [job, extra1, seen] = [makeJob(), randomBytes(4).toString('hex'), new Set<string>()];
  const send = (message: object) => socket.write(`${JSON.stringify(message)}\n`);
  const receive = ({ id, method, params }: { id?: unknown; method?: string; params?: unknown[] }) => {
    if (method === 'mining.subscribe')
      send({ id, result: [[['mining.notify', '1']], extra1, 4], error: null });
    else if (method === 'mining.authorize') {
      send({ id, result: true, error: null });
      send({ id: null, method: 'mining.set_difficulty', params: [DIFFICULTY] });
      const { previous, coinbase, branches, version, bits, time } = job;
      send({
        id: null,
        method: 'mining.notify',
        params: [job.id, previous, ...coinbase, branches, version, bits, time, true],
      });
    } else if (method === 'mining.submit') {
      const [, name = '', extra2 = '', time = '', nonce = ''] = (params ?? []) as string[];
      const key = `${extra2} ${time} ${nonce}`;
      const good = name === job.id && !seen.has(key) && isShare(job, extra1 + extra2, time, nonce);
      seen.add(key);
      if (good) standing.shares += 1;
      send({ id, result: good, error: good ? null : [23, 'low difficulty share', null] });
    }
  };
  let pending = '';
  socket.setEncoding('latin1');
  socket.on('data', (data: string) => {
    standing.take(data);
    pending += data;
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines)
      try {
        receive(JSON.parse(line) as object);
      } catch {
        socket.destroy();
      }
    if (pending.length > LONGEST) socket.destroy();
  });
}
