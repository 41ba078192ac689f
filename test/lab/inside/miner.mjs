// A Stratum v1 client with a bounded loop: HOST PORT SHARES [tls]. Hashes a little for each share, at uneven times.
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

const [host, port, wanted, tls] = process.argv.slice(2);
const sha = (data) => createHash('sha256').update(createHash('sha256').update(data).digest()).digest();
const socket = tls
  ? connectTls({ host, port: Number(port), rejectUnauthorized: false })
  : connect({ host, port: Number(port) });
const send = (message) => socket.write(`${JSON.stringify(message)}\n`);
let rest = '';
let extraNonce1 = '';
let job;
let accepted = 0;
let target = 0n;
let nonce = 0;

socket.on(tls ? 'secureConnect' : 'connect', () =>
  send({ id: 1, method: 'mining.subscribe', params: ['worker/1'] }),
);
socket.on('error', (error) => {
  console.log(`pool: ${error.code}`);
  process.exit(1);
});
socket.on('data', (data) => {
  const lines = (rest + data).split('\n');
  rest = lines.pop();
  for (const line of lines) hear(JSON.parse(line));
});

function hear({ id, method, result, params }) {
  if (id === 1) {
    extraNonce1 = result[1];
    send({ id: 2, method: 'mining.authorize', params: ['agent.worker1', 'x'] });
  } else if (method === 'mining.set_difficulty') {
    target = ((0xffffn << 208n) * 2n ** 32n) / BigInt(Math.round(params[0] * 2 ** 32));
  } else if (method === 'mining.notify' && params[0] !== 'deadbeef') {
    job = params;
    setTimeout(mine, 50);
  } else if (id >= 10) {
    if (result === true) accepted += 1;
    if (accepted >= Number(wanted)) {
      console.log(`${accepted} shares accepted`);
      process.exit(0);
    }
    setTimeout(mine, [30, 600, 120, 1500, 60, 300][accepted % 6]);
  }
}

const swap = (hex) => Buffer.from(hex, 'hex').swap32();

function mine() {
  const [id, previous, coinbase1, coinbase2, branches, version, bits, time] = job;
  const extraNonce2 = '00000000';
  let root = sha(Buffer.from(coinbase1 + extraNonce1 + extraNonce2 + coinbase2, 'hex'));
  for (const branch of branches) root = sha(Buffer.concat([root, Buffer.from(branch, 'hex')]));
  const header = Buffer.concat([
    swap(version),
    swap(previous),
    root,
    swap(time),
    swap(bits),
    Buffer.alloc(4),
  ]);
  for (let hashes = 0; hashes < 2_000_000; hashes += 1) {
    nonce += 1;
    header.writeUInt32LE(nonce, 76);
    if (BigInt(`0x${sha(header).reverse().toString('hex')}`) > target) continue;
    send({
      id: 9 + nonce,
      method: 'mining.submit',
      params: ['agent.worker1', id, extraNonce2, time, nonce.toString(16).padStart(8, '0')],
    });
    return;
  }
}
