/**
 * Connects to each address given and says who answers: `probe.ts HOST:PORT…`. Sends nothing.
 *
 * @module
 */
import { connect } from 'node:net';
import { splitEndpoint } from './plan.ts';

const LIMIT_MS = 1500;

function probe(endpoint: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ ...splitEndpoint(endpoint), timeout: LIMIT_MS });
    const done = (text: string) => {
      socket.destroy();
      resolve(`${endpoint} ${text}`);
    };
    socket.on('connect', () => done('open'));
    socket.on('timeout', () => done('no answer'));
    socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
  });
}

const lines = await Promise.all(process.argv.slice(2).map(probe));
console.log(lines.join('\n'));
if (!lines.some((line) => line.endsWith(' open'))) process.exitCode = 1;
