/**
 * A Stratum v1 client with a bounded hashing loop: `mine.ts HOST:PORT SHARES MAX_HASHES`.
 * Exits 0 once the pool has accepted that many shares, 1 when it could not get there.
 *
 * @module
 */
import { connect } from 'node:net';
import { onJsonLine, sendJsonLine } from './lines.ts';
import { splitEndpoint } from './plan.ts';
import { hashValue, headerOf, type Job, targetOf } from './work.ts';

const [endpoint = '', sharesText = '3', maxHashesText = '1000000'] = process.argv.slice(2);
const wanted = Number(sharesText);
const maxHashes = Number(maxHashesText);

let accepted = 0;
let hashes = 0;
let extraNonce1 = '';
let extraNonce2Size = 4;
let target = targetOf(1);
let nextId = 10;

function end(code: number, text: string): never {
  console.log(text);
  process.exit(code);
}

const socket = connect({ ...splitEndpoint(endpoint), timeout: 10_000 });
socket.on('error', (error: NodeJS.ErrnoException) =>
  end(1, `pool ${endpoint}: ${error.code ?? error.message}`),
);
socket.on('timeout', () => end(1, `pool ${endpoint}: no answer`));
socket.on('close', () => end(1, `pool ${endpoint}: closed the connection`));
socket.on('connect', () => {
  sendJsonLine(socket, { id: 1, method: 'mining.subscribe', params: ['parcel-helper/1.0'] });
});
onJsonLine(socket, (message) => {
  const params = Array.isArray(message.params) ? (message.params as unknown[]) : [];
  if (message.id === 1) {
    const result = message.result as [unknown, string, number];
    extraNonce1 = result[1];
    extraNonce2Size = result[2];
    sendJsonLine(socket, { id: 2, method: 'mining.authorize', params: ['agent.worker1', 'x'] });
  } else if (message.method === 'mining.set_difficulty') {
    target = targetOf(Number(params[0]));
  } else if (message.method === 'mining.notify') {
    const [id, previous, coinbase1, coinbase2, branches, version, bits, time] = params as string[];
    const job = { id, previous, coinbase1, coinbase2, branches, version, bits, time } as unknown as Job;
    setImmediate(() => hashJob(job));
  } else if (typeof message.id === 'number' && message.id >= 10) {
    if (message.result === true) accepted += 1;
    if (accepted >= wanted) end(0, `pool ${endpoint}: ${accepted} shares accepted, ${hashes} hashes`);
  }
});

function hashJob(job: Job): void {
  let found = 0;
  for (let extra = 0; found < wanted; extra += 1) {
    const extraNonce2 = extra.toString(16).padStart(extraNonce2Size * 2, '0');
    const header = headerOf(job, extraNonce1, extraNonce2, job.time);
    for (let nonce = 0; nonce < 100_000 && found < wanted; nonce += 1) {
      if (hashes >= maxHashes) end(1, `pool ${endpoint}: gave up after ${hashes} hashes`);
      hashes += 1;
      header.writeUInt32LE(nonce, 76);
      if (hashValue(header) > target) continue;
      found += 1;
      const nonceHex = nonce.toString(16).padStart(8, '0');
      const id = nextId;
      nextId += 1;
      sendJsonLine(socket, {
        id,
        method: 'mining.submit',
        params: ['agent.worker1', job.id, extraNonce2, job.time, nonceHex],
      });
    }
  }
}
