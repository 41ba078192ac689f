/**
 * The attacks of `http/attacks.fixture.ts` through the gateway's real process and real TLS, against a server whose
 * parser is another one and lenient: what counts is what it understood.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Harness, until } from '../harness.fixture.ts';
import { ATTACKED_HOST, ATTACKS } from '../http/attacks.fixture.ts';
import { testAuthority } from './authority.fixture.ts';

const run = testAuthority('run');
const world = testAuthority('world');

interface Understood {
  method: string;
  url: string;
  host: string;
  names: string[];
}

const understood: Understood[] = [];
const server = createServer(
  { ...world.issue([ATTACKED_HOST]), insecureHTTPParser: true },
  (request, response) => {
    const { method = '', url = '', headers } = request;
    understood.push({ method, url, host: headers.host ?? '', names: Object.keys(headers) });
    request.resume();
    response.end('understood');
  },
);
let harness: Harness;
let port = 0;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  const rule = { host: ATTACKED_HOST, port, methods: ['GET', 'POST'], paths: ['/v1/**'], body: 64 };
  harness = await Harness.start(
    Harness.config([rule], {
      resolve: { [ATTACKED_HOST]: ['127.0.0.1'] },
      authority: { certificate: run.certificate, key: run.key },
      trusted: { machine: world.certificate, rules: {} },
    }),
  );
});
afterAll(async () => {
  await harness.stop();
  server.closeAllConnections();
  server.close();
});

test.each(ATTACKS)('$name: $outcome', async ({ bytes, outcome, name }) => {
  understood.length = 0;
  const { socket } = await harness.connect('127.0.0.1', port);
  const tls = connect({ socket, servername: ATTACKED_HOST, ca: run.certificate });
  let received = '';
  let ended = false;
  tls.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  tls.on('close', () => {
    ended = true;
  });
  tls.on('error', () => {
    ended = true;
  });
  tls.write(Buffer.from(bytes, 'latin1'));
  if (outcome === 'violation') await until('the end', () => ended);
  else if (outcome === 'denied') await until('a refusal', () => received.includes('HTTP/1.1 403 Forbidden'));
  else await until('an answer', () => received.includes('understood'));
  tls.destroy();
  for (const { method, url, host, names } of understood) {
    expect(['GET', 'POST']).toContain(method);
    expect(url).toMatch(/^\/v1\/a/);
    expect(url.split('?', 1)[0]).not.toContain('forbidden');
    expect(host).toBe(`${ATTACKED_HOST}:${port}`);
    expect(names).not.toContain('x-injected');
  }
  const first = outcome === 'harmless' || name.endsWith('then a request') || name.startsWith('a pipelined');
  // the head of a request whose body is malformed has gone already; its end never does, and it is not answered
  if (outcome === 'violation') expect(received).not.toContain('understood');
  expect(understood.length).toBeLessThanOrEqual(first || outcome === 'violation' ? 1 : 0);
});
