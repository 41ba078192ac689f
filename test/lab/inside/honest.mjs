// Honest flows from inside: HOST EACH; prints how many were carried to their end.
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { KINDS, play, portOf, VARIANTS } from './kinds.mjs';

const [host, each] = process.argv.slice(2);
const all = Object.keys(KINDS).flatMap((kind) =>
  Array.from({ length: Number(each) }, (_, n) => [kind, n % VARIANTS]),
);
// of every kind some at the same time as others, not all of one together
all.sort(([, a], [, b]) => a - b);
let carried = 0;
const failed = new Set();

async function one([kind, variant]) {
  const { tls, alpn, steps } = KINDS[kind];
  const port = portOf(kind, variant);
  const socket = await new Promise((resolve) => {
    const made = tls
      ? connectTls(
          {
            host,
            port,
            servername: host,
            rejectUnauthorized: false,
            ...(alpn ? { ALPNProtocols: ['http/1.1'] } : {}),
          },
          () => resolve(made),
        )
      : connect({ host, port }, () => resolve(made));
    made.on('error', () => resolve(undefined));
  });
  if (socket && (await play(socket, 'c', steps(variant)))) carried += 1;
  else failed.add(kind);
}

const next = all.values();
await Promise.all(
  Array.from({ length: 60 }, async () => {
    for (const flow of next) await one(flow);
  }),
);
console.log(JSON.stringify({ carried, failed: [...failed] }));
process.exit(0);
