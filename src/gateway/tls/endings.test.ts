/**
 * Requests inside TLS that end early, and other protocols where requests are read.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../harness.fixture.ts';
import { HOST, SECRET, secret, setting } from './setting.fixture.ts';

const { world, cleanups, close, httpsWorld, gateway, agent } = setting();
afterEach(close);

describe('what ends early', () => {
  test('a server that resets in the middle of its answer resets the agent, and the request is on the record', async () => {
    const { port } = await httpsWorld(world.issue([HOST]), (request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('begun');
      setTimeout(() => request.socket.destroy(), 20);
    });
    const harness = await gateway([{ host: HOST, port, methods: ['GET'] }]);
    const client = await agent(harness, port);
    client.tls.write(`GET /x HTTP/1.1\r\nHost: ${HOST}:${port}\r\n\r\n`);
    expect(await client.ended).toBe('ECONNRESET');
    const record = await harness.event('http.request');
    expect(record).toMatchObject({ path: '/x', status: 200, received: 5, allowed: true });
    expect(record.detail).toMatch(/in the middle|not finished/);
  });

  test('an agent that goes away ends the request at the server', async () => {
    let gone = false;
    const { port, seen } = await httpsWorld(world.issue([HOST]), (request) => {
      request.on('close', () => {
        gone = true;
      });
    });
    const harness = await gateway([{ host: HOST, port, methods: ['POST'] }]);
    const client = await agent(harness, port);
    client.tls.write(`POST /x HTTP/1.1\r\nHost: ${HOST}:${port}\r\nContent-Length: 10\r\n\r\nhalf`);
    await until('the request', () => seen.length === 1);
    client.tls.destroy();
    await until('its end', () => gone);
    expect((await harness.event('http.request')).sent).toBe(4);
    await harness.event('flow.close');
  });

  test('a budget of bytes ends it', async () => {
    const { port } = await httpsWorld(world.issue([HOST]), (_request, response) => {
      response.end(Buffer.alloc(1_000_000));
    });
    const harness = await gateway([{ host: HOST, port, methods: ['GET'], bytes: 100_000 }]);
    const client = await agent(harness, port);
    client.tls.write(`GET /x HTTP/1.1\r\nHost: ${HOST}:${port}\r\n\r\n`);
    await client.ended;
    expect(await harness.event('limit.reached')).toMatchObject({ limit: 'network[0].bytes', used: 100_000 });
    expect(client.text().length).toBeLessThanOrEqual(100_000);
    expect((await harness.event('http.request')).detail).toBe('not finished: budget');
  });

  test('a reader that stalls stalls the server, not the gateway’s memory', async () => {
    let written = 0;
    let full = false;
    const { port } = await httpsWorld(world.issue([HOST]), (_request, response) => {
      const piece = Buffer.alloc(1_000_000);
      const more = () => {
        while (written < 200) {
          written += 1;
          if (!response.write(piece)) {
            full = true;
            response.once('drain', () => {
              full = false;
              more();
            });
            return;
          }
        }
        response.end();
      };
      more();
    });
    const harness = await gateway([{ host: HOST, port, methods: ['GET'] }]);
    const client = await agent(harness, port);
    await once(client.tls, 'secureConnect');
    client.tls.pause();
    client.tls.write(`GET /x HTTP/1.1\r\nHost: ${HOST}:${port}\r\n\r\n`);
    let last = -1;
    await until('the server to be full', () => {
      const still = full && written === last;
      last = written;
      return still;
    });
    expect(written).toBeLessThan(100);
    client.tls.resume();
    await until('all of it', () => harness.events('http.request').length === 1);
    expect(harness.events('http.request')[0]).toMatchObject({ received: 200_000_000 });
  });
});

describe('other protocols', () => {
  test('WebSocket over TLS passes after its upgrade, to the paths of its rule', async () => {
    const { port, server } = await httpsWorld(world.issue([HOST]));
    server.on('upgrade', (request, socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${request.url}\r\n\r\n`,
      );
      // one text frame for each piece
      socket.on('data', (chunk: Buffer) =>
        socket.write(Buffer.concat([Buffer.of(0x81, chunk.length + 5), Buffer.from(`echo ${chunk}`)])),
      );
      socket.on('end', () => socket.end());
    });
    const rule = { host: HOST, port, protocol: 'websocket' as const, paths: ['/ws/*'] };
    const harness = await gateway([rule], { secrets: [secret()] });
    const upgrade = (path: string) =>
      `GET ${path} HTTP/1.1\r\nHost: ${HOST}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
    const client = await agent(harness, port);
    client.tls.write(upgrade('/other'));
    await until('403', () => client.text().includes('403 Forbidden'));
    client.tls.write(upgrade('/ws/a'));
    await until('101', () => client.text().includes('101 Switching Protocols'));
    client.tls.write('frame');
    await until('echo', () => client.text().endsWith('echo frame'));
    client.tls.write(SECRET);
    await until('echo', () => client.text().endsWith('\x81\x19echo placeholder-of-TOKEN'));
    client.tls.end();
    await client.ended;
    expect((await harness.event('flow.close')).reason).toBe('closed');
  });

  test('another protocol inside TLS is a violation, and named', async () => {
    const { port, seen } = await httpsWorld(world.issue([HOST]));
    const harness = await gateway([{ host: HOST, port, methods: ['GET'] }]);
    const client = await agent(harness, port);
    client.tls.write('SSH-2.0-OpenSSH_9.9\r\n');
    await client.ended;
    const violation = await harness.event('violation');
    expect(violation.what).toMatch(/^ssh where https is declared/);
    expect(violation.hazard).toBe('remote-control');
    expect(seen).toEqual([]);
  });

  test('plain HTTP is judged request by request, and gets no secret', async () => {
    const seen: string[] = [];
    const server = createPlainServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.end('plain');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const harness = await gateway([{ host: HOST, port, protocol: 'http', paths: ['/v1/**'] }], {
      secrets: [secret()],
    });
    const { socket, text } = await harness.connect('127.0.0.1', port);
    socket.write(
      `GET /x HTTP/1.1\r\nHost: ${HOST}:${port}\r\n\r\nGET /v1/x HTTP/1.1\r\nHost: ${HOST}:${port}\r\n\r\n`,
    );
    await until('both answers', () => text().includes('plain'));
    expect(text().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 403', 'HTTP/1.1 200']);
    expect(seen).toEqual(['GET /v1/x undefined']);
    socket.destroy();
  });
});
