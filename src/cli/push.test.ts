import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { destination, push } from './push.ts';

interface Got {
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

let server: Server | undefined;
afterEach(() => server?.close());

/** A receiver that answers with these codes in turn, the last for ever. */
async function receiver(...codes: number[]): Promise<{ url: string; got: Got[] }> {
  const got: Got[] = [];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    got.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
    const code = codes.length > 1 ? (codes.shift() as number) : (codes[0] as number);
    response
      .writeHead(code, { 'retry-after': '0', ...(code === 302 && { location: '/elsewhere' }) })
      .end('x');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got };
}

test('OTLP goes to its paths below the collector, with the headers of the environment', async () => {
  const { url, got } = await receiver(200);
  const to = destination(`${url}/otel/`, {
    RINGFENCE_EXPORT_HEADERS: 'authorization=Bearer%20x, x-tenant=a%2Cb',
  });
  await push(to, 'otlp', '{"resourceLogs":[]}\n');
  await push(to, 'otlp', '{"resourceSpans":[]}\n');
  expect(got.map(({ path }) => path)).toEqual(['/otel/v1/logs', '/otel/v1/traces']);
  expect(got[0]?.headers).toMatchObject({
    authorization: 'Bearer x',
    'x-tenant': 'a,b',
    'content-type': 'application/json',
  });
});

test('a webhook’s body is signed over time and content', async () => {
  const { url, got } = await receiver(204);
  await push(destination(url, { RINGFENCE_EXPORT_KEY: 'shared' }), 'jsonl', '{"a":1}\n');
  const [, seconds, mac] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(got[0]?.headers['ringfence-signature'])) ?? [];
  expect(createHmac('sha256', 'shared').update(`${seconds}.{"a":1}\n`).digest('hex')).toBe(mac);
});

test('a busy receiver is asked again, one that refuses is not, and no redirection is followed', async () => {
  const busy = await receiver(503, 429, 200);
  await push(destination(busy.url, {}), 'jsonl', 'x');
  expect(busy.got).toHaveLength(3);
  server?.close();
  for (const code of [400, 302]) {
    const refuses = await receiver(code);
    const sent = push(destination(refuses.url, {}), 'jsonl', 'x');
    if (code === 400) {
      await expect(sent).rejects.toMatchObject({ code: 'push', exitCode: 6 });
      expect(refuses.got).toHaveLength(1);
    } else {
      await expect(sent).rejects.toMatchObject({ code: 'push' });
      expect(refuses.got.every(({ path }) => path === '/')).toBe(true);
    }
    server?.close();
  }
});

test.each([
  ['not an address', {}, /no address/],
  ['file:///etc/passwd', {}, /cannot send to file:/],
  ['https://user:secret@collector.example.com', {}, /holds a password/],
  ['https://collector.example.com', { RINGFENCE_EXPORT_HEADERS: 'novalue' }, /cannot be read/],
  ['https://collector.example.com', { RINGFENCE_EXPORT_HEADERS: 'a=%zz' }, /percent-encoded/],
])('%s %j is refused', (to, environment, message) => {
  expect(() => destination(to, environment as NodeJS.ProcessEnv)).toThrow(message);
});
