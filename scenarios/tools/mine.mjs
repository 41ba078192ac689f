// A Stratum v1 client with a bounded loop: mine.mjs HOST:PORT SHARES. Exits with 0 once the pool took that many shares.
import { createHash } from 'node:crypto';
import { connect } from 'node:net';

const [endpoint = '', wanted = '2'] = process.argv.slice(2);
const [host, port] = endpoint.split(':');
const MOST_HASHES = 500_000;
const sha256d = (data) => createHash('sha256').update(createHash('sha256').update(data).digest()).digest();
const hex = (text) => Buffer.from(text, 'hex');

let [accepted, extra1, target, pending] = [0, '', 0n, ''];
const socket = connect({ host, port: Number(port), timeout: 5000 });
const end = (code, text) => {
  console.log(text);
  process.exit(code);
};
const send = (message) => socket.write(`${JSON.stringify(message)}\n`);

function mine([id, previous, first, second, branches, version, bits, time]) {
  let found = 0;
  for (let count = 0, extra = 0; found < Number(wanted); extra += 1) {
    const extra2 = extra.toString(16).padStart(8, '0');
    let root = sha256d(hex(first + extra1 + extra2 + second));
    for (const branch of branches) root = sha256d(Buffer.concat([root, hex(branch)]));
    const header = Buffer.alloc(80);
    hex(version).reverse().copy(header, 0);
    hex(previous).swap32().copy(header, 4);
    root.copy(header, 36);
    hex(time).reverse().copy(header, 68);
    hex(bits).reverse().copy(header, 72);
    for (let nonce = 0; nonce < 100_000 && found < Number(wanted); nonce += 1, count += 1) {
      if (count > MOST_HASHES) end(1, 'gave up');
      header.writeUInt32LE(nonce, 76);
      if (BigInt(`0x${sha256d(header).reverse().toString('hex')}`) > target) continue;
      found += 1;
      send({ id: 10 + found, method: 'mining.submit', params: ['agent.1', id, extra2, time, nonce.toString(16).padStart(8, '0')] });
    }
  }
}

socket.on('error', ({ message }) => end(1, message));
socket.on('timeout', () => end(1, 'no answer'));
socket.on('close', () => end(1, 'closed'));
socket.on('connect', () => send({ id: 1, method: 'mining.subscribe', params: ['helper/1.0'] }));
socket.setEncoding('utf8');
socket.on('data', (data) => {
  pending += data;
  const lines = pending.split('\n');
  pending = lines.pop();
  for (const { id, method, params, result } of lines.map((line) => JSON.parse(line))) {
    if (id === 1) {
      extra1 = result[1];
      send({ id: 2, method: 'mining.authorize', params: ['agent.1', 'x'] });
    } else if (method === 'mining.set_difficulty') target = (0xffffn << 208n) * BigInt(Math.round(1 / params[0]));
    else if (method === 'mining.notify') setImmediate(() => mine(params));
    else if (id >= 10 && result === true) {
      accepted += 1;
      if (accepted >= Number(wanted)) end(0, `${accepted} shares accepted`);
    }
  }
});
