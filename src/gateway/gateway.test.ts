/**
 * The gateway as a process, with real sockets on loopback: what reaches the other side, and what does not.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Harness, listen, until } from './harness.fixture.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function gateway(...parameters: Parameters<typeof Harness.config>): Promise<Harness> {
  const harness = await Harness.start(Harness.config(...parameters));
  cleanups.push(() => harness.stop());
  return harness;
}

async function tcpServer(
  onConnection: (socket: Socket) => void,
  host = '127.0.0.1',
  port = 0,
): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  const actual = await listen(server, host, port);
  cleanups.push(() => server.close());
  return actual;
}

const echo = (socket: Socket) => {
  socket.pipe(socket);
};

test('a tcp flow passes bytes both ways, half-close included, and is accounted to its owner', async () => {
  const port = await tcpServer((socket) => {
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('end', () => socket.end(`got ${Buffer.concat(received).length}`));
  });
  const harness = await gateway([{ host: 'sink.example.com', port, protocol: 'tcp' }], {
    resolve: { 'sink.example.com': ['127.0.0.1'] },
  });
  const agent = await harness.connect('127.0.0.1', port);
  agent.socket.end(Buffer.alloc(3_000_000, 'x'));
  expect(await agent.ended).toBe('end');
  expect(agent.text()).toBe('got 3000000');
  agent.socket.destroy();
  const close = await harness.event('flow.close');
  expect(close).toMatchObject({ sent: 3_000_000, received: 11, reason: 'closed' });
  const open = await harness.event('flow.open');
  expect(open).toMatchObject({
    owner: { pid: 4242 },
    host: 'sink.example.com',
    declared: 'tcp',
    clause: 'network[0]',
  });
});

test('a blocking connect gets the errno of the other side', async () => {
  const harness = await gateway([{ host: '127.0.0.1', port: 9, protocol: 'tcp' }]);
  const agent = await harness.connect('127.0.0.1', 9, { wait: true });
  expect(agent.errno).toBe(111);
});

test('a non-blocking connect to a closed port is reset', async () => {
  const harness = await gateway([{ host: '127.0.0.1', port: 9, protocol: 'tcp' }]);
  const agent = await harness.connect('127.0.0.1', 9);
  expect(await agent.ended).toBe('ECONNRESET');
});

test('the other addresses of the name are tried when the wanted one fails', async () => {
  const port = await tcpServer(echo, '127.9.9.2');
  const harness = await gateway([{ host: 'two.example.com', port, protocol: 'tcp' }], {
    resolve: { 'two.example.com': ['127.9.9.1', '127.9.9.2'] },
  });
  const agent = await harness.connect('127.9.9.1', port);
  agent.socket.write('hello');
  await until('echo', () => agent.text() === 'hello');
  agent.socket.destroy();
});

test('an address that nobody resolved is refused', async () => {
  const port = await tcpServer(echo);
  const harness = await gateway([{ host: '127.0.0.9', port, protocol: 'tcp' }]);
  const agent = await harness.connect('127.0.0.1', port);
  expect(await agent.ended).toBe('ECONNRESET');
  expect(await harness.event('denial')).toMatchObject({ layer: 'gateway', owner: { pid: 4242 } });
});

/** A connection is taken for a forged one after this. */
const UNREGISTERED = { dial: 30_000, verdict: 30_000, registration: 300, idle: 60_000 };

test('a connection that nobody registered is reset and counts as tampering', async () => {
  const port = await tcpServer(echo);
  const harness = await gateway([{ host: '127.0.0.1', port, protocol: 'tcp' }], { timeouts: UNREGISTERED });
  const agent = harness.raw(harness.source());
  expect(await agent.ended).toBe('ECONNRESET');
  await harness.event('tampering');
});

test('a registration serves one connection only, from its own address', async () => {
  const port = await tcpServer(echo);
  const harness = await gateway([{ host: '127.0.0.1', port, protocol: 'tcp' }], { timeouts: UNREGISTERED });
  const registration = harness.registration('127.0.0.1', port);
  harness.tell(registration);
  const forged = harness.raw({ source: '127.0.0.2', sourcePort: registration.sourcePort });
  expect(await forged.ended).toBe('ECONNRESET');
  await harness.event('tampering');
});

test('a connection may overtake its registration', async () => {
  const port = await tcpServer(echo);
  const harness = await gateway([{ host: '127.0.0.1', port, protocol: 'tcp' }]);
  const registration = harness.registration('127.0.0.1', port);
  const agent = harness.raw(registration);
  await once(agent.socket, 'connect');
  agent.socket.write('early');
  harness.tell(registration);
  await until('echo', () => agent.text() === 'early');
  agent.socket.destroy();
});

test('http: the allowed host passes, a second request for another host ends the connection', async () => {
  const seen: string[] = [];
  const server = createHttpServer((request, response) => {
    seen.push(`${request.headers.host}${request.url}`);
    response.end('fine');
  });
  const port = await listen(server);
  cleanups.push(() => server.close());
  const harness = await gateway([{ host: 'api.example.com', port, protocol: 'http' }], {
    resolve: { 'api.example.com': ['127.0.0.1'] },
  });
  const agent = await harness.connect('127.0.0.1', port);
  agent.socket.write(`GET /one HTTP/1.1\r\nHost: api.example.com:${port}\r\n\r\n`);
  await until('first response', () => agent.text().endsWith('fine'));
  agent.socket.write('GET /two HTTP/1.1\r\nHost: other.example.com\r\n\r\n');
  expect(await agent.ended).toBe('ECONNRESET');
  expect(seen).toEqual([`api.example.com:${port}/one`]);
  expect(await harness.event('violation')).toMatchObject({
    owner: { pid: 4242 },
    clause: 'network[0].host',
    flow: String(agent.flow),
  });
});

test('bytes of another protocol never leave, and are named', async () => {
  const received: Buffer[] = [];
  const port = await tcpServer((socket) => socket.on('data', (chunk: Buffer) => received.push(chunk)));
  const harness = await gateway([{ host: 'api.example.com', port, protocol: 'https' }], {
    resolve: { 'api.example.com': ['127.0.0.1'] },
  });
  const attempts: [string, string, string][] = [
    ['ssh', 'SSH-2.0-OpenSSH_9.2\r\n', 'remote-control'],
    ['stratum', '{"id":1,"method":"mining.subscribe","params":[]}\n', 'compute-diversion'],
    ['socks5', '\x05\x01\x00', 'remote-control'],
    ['connect', 'CONNECT c2.example.com:22 HTTP/1.1\r\n\r\n', 'remote-control'],
    ['http', 'GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n', 'exfiltration'],
    ['unknown', '\xde\xad\xbe\xef', 'exfiltration'],
  ];
  for (const [protocol, bytes, hazard] of attempts) {
    const agent = await harness.connect('127.0.0.1', port);
    agent.socket.write(Buffer.from(bytes, 'latin1'));
    expect(await agent.ended).toBe('ECONNRESET');
    const flow = String(agent.flow);
    const violation = await harness.event('violation', (event) => event.flow === flow);
    expect(violation).toMatchObject({ hazard, clause: 'network[0].protocol' });
    const verdict = await harness.event('flow.verdict', (event) => event.flow === flow);
    expect(verdict).toMatchObject({ protocol, declared: 'https', ok: false });
  }
  expect(Buffer.concat(received).length).toBe(0);
});

test('a client that stalls in the middle of its greeting is cut off', async () => {
  const port = await tcpServer(echo);
  const harness = await gateway([{ host: '127.0.0.1', port, protocol: 'https' }], {
    timeouts: { dial: 2000, verdict: 200, registration: 300, idle: 60_000 },
  });
  const agent = await harness.connect('127.0.0.1', port);
  agent.socket.write(Buffer.from([22, 3, 1]));
  expect(await agent.ended).toBe('ECONNRESET');
  expect((await harness.event('violation')).what).toContain('no verdict');
});

test('a byte budget ends the flow that passes it and refuses the next', async () => {
  const port = await tcpServer((socket) => socket.end(Buffer.alloc(100_000)));
  const harness = await gateway([{ host: '127.0.0.1', port, protocol: 'tcp', bytes: 50_000 }]);
  const first = await harness.connect('127.0.0.1', port);
  expect(await first.ended).toBe('ECONNRESET');
  expect(Buffer.concat(first.received).length).toBeLessThanOrEqual(50_000);
  expect(await harness.event('limit.reached')).toMatchObject({ limit: 'network[0].bytes', max: 50_000 });
  const second = await harness.connect('127.0.0.1', port, { wait: true });
  expect(second.errno).toBe(111);
});

test('a connection budget refuses what comes after it', async () => {
  const port = await tcpServer(echo);
  const harness = await gateway([{ host: '127.0.0.1', port, protocol: 'tcp', connections: 1 }]);
  const first = await harness.connect('127.0.0.1', port, { wait: true });
  expect(first.errno).toBe(0);
  const second = await harness.connect('127.0.0.1', port, { wait: true });
  expect(second.errno).toBe(111);
  first.socket.destroy();
});

test('a reset of the server reaches the agent, and the other way round', async () => {
  const servers: Socket[] = [];
  const port = await tcpServer((socket) => servers.push(socket));
  const harness = await gateway([{ host: '127.0.0.1', port, protocol: 'tcp' }]);
  const first = await harness.connect('127.0.0.1', port);
  (await until('server side', () => servers[0])).resetAndDestroy();
  expect(await first.ended).toBe('ECONNRESET');
  const second = await harness.connect('127.0.0.1', port);
  const server = await until('server side', () => servers[1]);
  // a connection that is reset before it was accepted has no address any more, so it would be nobody's
  second.socket.write('x');
  await once(server, 'data');
  const failed = once(server, 'error');
  server.on('error', () => {});
  server.resume();
  second.socket.resetAndDestroy();
  await Promise.race([failed, once(server, 'close')]);
  await harness.event('flow.close', (event) => event.reason === 'reset by the agent');
});

test('a withdrawn flow never opens', async () => {
  const port = await tcpServer(echo);
  const harness = await gateway([{ host: '127.0.0.1', port, protocol: 'tcp' }]);
  const registration = harness.registration('127.0.0.1', port);
  harness.tell(registration);
  harness.tell({ gone: registration.flow });
  expect(await harness.event('flow.close')).toMatchObject({ reason: 'withdrawn' });
});

test('the process ends when its controller goes, and says fatal when its supervisor speaks nonsense', async () => {
  const first = await gateway([]);
  const exited = once(first.child, 'exit');
  first.child.disconnect();
  await exited;
  const third = await gateway([]);
  third.tellRaw('not json\n');
  await until('fatal', () => third.messages.find((message) => message.type === 'fatal'));
});

test('when the supervisor goes, every flow ends, is accounted, and nothing is accepted any more', async () => {
  const port = await tcpServer(echo);
  const harness = await gateway([{ host: '127.0.0.1', port, protocol: 'tcp' }]);
  const agent = await harness.connect('127.0.0.1', port);
  agent.socket.write('hello');
  await until('echo', () => agent.text() === 'hello');
  harness.dropChannel();
  expect(await agent.ended).toBe('ECONNRESET');
  await until('drained', () => harness.messages.find((message) => message.type === 'drained'));
  expect(harness.events('flow.close')).toMatchObject([{ reason: 'the cell ended', sent: 5, received: 5 }]);
  expect(harness.messages.filter((message) => message.type === 'budget').at(-1)).toMatchObject({
    rule: 0,
    bytes: 10,
    connections: 1,
  });
  const late = harness.raw(harness.source());
  expect(await late.ended).toBe('ECONNRESET');
  expect(harness.messages.some((message) => message.type === 'fatal')).toBe(false);
});

test('an idle flow is ended', async () => {
  const port = await tcpServer(echo);
  const harness = await gateway([{ host: '127.0.0.1', port, protocol: 'tcp' }], {
    timeouts: { dial: 2000, verdict: 1000, registration: 300, idle: 300 },
  });
  const agent = await harness.connect('127.0.0.1', port);
  expect(await agent.ended).toBe('ECONNRESET');
  expect(await harness.event('flow.close')).toMatchObject({ reason: 'idle' });
});

test('IPv6 flows pass', async () => {
  const port = await tcpServer(echo, '::1');
  const harness = await gateway([{ host: 'six.example.com', port, protocol: 'tcp' }], {
    resolve: { 'six.example.com': ['::1'] },
  });
  const agent = await harness.connect('::1', port, { family: 6, source: '::1', wait: true });
  expect(agent.errno).toBe(0);
  agent.socket.write('six');
  await until('echo', () => agent.text() === 'six');
  agent.socket.destroy();
});

test('a hundred flows at once each carry their own bytes, and one that stalls stalls nobody else', async () => {
  const port = await tcpServer(echo);
  const harness = await gateway([{ host: '127.0.0.1', port, protocol: 'tcp' }]);
  const stalled = await harness.connect('127.0.0.1', port);
  stalled.socket.pause();
  stalled.socket.write(Buffer.alloc(8_000_000));
  const agents = await Promise.all(Array.from({ length: 100 }, () => harness.connect('127.0.0.1', port)));
  for (const [index, agent] of agents.entries()) agent.socket.end(Buffer.alloc(100_000, index));
  for (const [index, agent] of agents.entries()) {
    expect(await agent.ended).toBe('end');
    expect(Buffer.concat(agent.received).equals(Buffer.alloc(100_000, index))).toBe(true);
    agent.socket.destroy();
  }
  stalled.socket.destroy();
});
