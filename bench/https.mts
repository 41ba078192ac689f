/**
 * Both ends of the rows about HTTPS, as programs of their own: a copy lies in the workspace, so that one runs inside.
 *
 *     node https.mts serve CERTIFICATE KEY MEGABYTES       prints its port; ends with its input
 *     node https.mts fetch HOST PORT NAME [AUTHORITY]       prints megabytes a second, bytes, and milliseconds a request
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { Agent, createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';

const REQUESTS = 300;

function serve(certificate: string, key: string, megabytes: number): void {
  const piece = Buffer.alloc(2 ** 20, 'x');
  const server = createServer(
    { cert: readFileSync(certificate), key: readFileSync(key) },
    (request, response) => {
      if (request.url !== '/v1/large') {
        response.end('small');
        return;
      }
      response.setHeader('content-length', megabytes * piece.length);
      let left = megabytes;
      const more = () => {
        while (left > 0) {
          left -= 1;
          if (!response.write(piece)) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    },
  );
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
  process.stdin.on('end', () => process.exit(0)).resume();
}

async function fetch(
  host: string,
  port: string,
  servername: string,
  authority: string | undefined,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ca = authority === undefined ? {} : { ca: readFileSync(authority) };
  const read = (path: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { host: `${servername}:${port}` };
      get({ host, port, path, servername, headers, agent, ...ca }, (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        response.on('end', () => {
          if (response.statusCode === 200) resolve(bytes);
          else reject(new Error(`status ${response.statusCode}`));
        });
        response.on('error', reject);
      }).on('error', reject);
    });
  const repeat = async (times: number): Promise<number> => {
    const started = performance.now();
    for (let n = 0; n < times; n += 1) await read('/v1/small');
    return (performance.now() - started) / times;
  };
  await repeat(REQUESTS);
  const each = await repeat(REQUESTS);
  const started = performance.now();
  const bytes = await read('/v1/large');
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  process.stdout.write(`${bytes / 1e6 / seconds} ${bytes} ${each}\n`);
}

const [mode, first = '', second = '', third = '', fourth] = process.argv.slice(2);
if (mode === 'serve') serve(first, second, Number(third));
else await fetch(first, second, third, fourth);
