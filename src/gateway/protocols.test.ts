/**
 * Declared protocols against real servers through the gateway's process: TLS, SSH, WebSocket, Postgres, UDP.
 *
 * @module
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { selfSigned } from './certificate.fixture.ts';
import { type Connection, Harness, listen, until } from './harness.fixture.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function gateway(...parameters: Parameters<typeof Harness.config>): Promise<Harness> {
  const harness = await Harness.start(Harness.config(...parameters));
  cleanups.push(() => harness.stop());
  return harness;
}

const resolve = { 'api.example.com': ['127.0.0.1'], 'www.example.com': ['127.0.0.1'] };

async function tcpServer(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  const port = await listen(server);
  cleanups.push(() => server.close());
  return port;
}

async function tlsServer(): Promise<{ port: number; handshakes: string[] }> {
  const handshakes: string[] = [];
  const server = createTlsServer({ ...selfSigned('api.example.com') }, (socket) => {
    handshakes.push(String(socket.servername));
    socket.on('error', () => {});
    socket.on('data', (chunk) => socket.write(chunk));
  });
  server.on('tlsClientError', () => {});
  const port = await listen(server);
  cleanups.push(() => server.close());
  return { port, handshakes };
}

function overTls(agent: Connection, servername: string | undefined): TLSSocket {
  agent.socket.removeAllListeners('data');
  const socket = tlsConnect({
    socket: agent.socket,
    ...(servername === undefined ? {} : { servername }),
    rejectUnauthorized: false,
  });
  socket.on('error', () => {});
  return socket;
}

test('https: the resolved name in SNI passes and carries data; the verdict names it', async () => {
  const { port, handshakes } = await tlsServer();
  const harness = await gateway(
    [
      { host: 'api.example.com', port },
      { host: 'www.example.com', port },
    ],
    { resolve },
  );
  const agent = await harness.connect('127.0.0.1', port, { wait: true });
  const tls = overTls(agent, 'www.example.com');
  await once(tls, 'secureConnect');
  tls.write('ping');
  const [reply] = (await once(tls, 'data')) as [Buffer];
  expect(reply.toString()).toBe('ping');
  expect(handshakes).toEqual(['www.example.com']);
  tls.destroy();
  expect(await harness.event('flow.verdict')).toMatchObject({
    protocol: 'tls',
    ok: true,
    sni: 'www.example.com',
  });
});

test('https: another name, an address or no name in SNI never reaches the server', async () => {
  const { port, handshakes } = await tlsServer();
  const harness = await gateway([{ host: 'api.example.com', port }], { resolve });
  for (const servername of [
    'evil.example.com',
    'www.example.com',
    'xapi.example.com',
    'api.example.com.evil.example',
    undefined,
  ]) {
    const agent = await harness.connect('127.0.0.1', port);
    const tls = overTls(agent, servername);
    await new Promise((resolve) => tls.on('close', resolve));
    await harness.event('violation', ({ flow }) => flow === String(agent.flow));
  }
  expect(handshakes).toEqual([]);
});

test('https to an address written out: no SNI is right', async () => {
  const { port } = await tlsServer();
  const harness = await gateway([{ host: '127.0.0.1', port }]);
  const agent = await harness.connect('127.0.0.1', port);
  const tls = overTls(agent, undefined);
  await once(tls, 'secureConnect');
  tls.destroy();
});

test('https: a server that does not speak TLS ends the flow', async () => {
  const port = await tcpServer((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'));
  const harness = await gateway([{ host: 'api.example.com', port }], { resolve });
  const agent = await harness.connect('127.0.0.1', port);
  expect(await agent.ended).toBe('ECONNRESET');
  expect(agent.text()).toBe('');
  expect(await harness.event('flow.verdict')).toMatchObject({ protocol: 'ssh', ok: false });
});

test('ssh: banners in either order pass; a server or client that speaks otherwise does not', async () => {
  const received: string[] = [];
  const port = await tcpServer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk.toString('latin1'));
      if (received.join('').includes('SSH-2.0-client')) socket.write('SSH-2.0-server\r\nkeys');
    });
  });
  const greeting = await tcpServer((socket) => {
    socket.write('hello, be warned\r\nSSH-2.0-server\r\n');
    socket.pipe(socket);
  });
  const ftp = await tcpServer((socket) => socket.write('220 ftp.example.com ready\r\n'));
  const harness = await gateway(
    [port, greeting, ftp].map((p) => ({ host: '127.0.0.1', port: p, protocol: 'ssh' as const })),
  );
  const first = await harness.connect('127.0.0.1', port);
  first.socket.write('SSH-2.0-client\r\nclient keys');
  await until('server keys', () => first.text().endsWith('keys'));
  await until('client keys', () => received.join('').endsWith('client keys'));
  const second = await harness.connect('127.0.0.1', greeting);
  await until('banner', () => second.text().endsWith('SSH-2.0-server\r\n'));
  second.socket.write('SSH-2.0-client\r\n');
  await until('echo', () => second.text().endsWith('SSH-2.0-client\r\n'));
  const third = await harness.connect('127.0.0.1', ftp);
  expect(await third.ended).toBe('ECONNRESET');
  const fourth = await harness.connect('127.0.0.1', port);
  fourth.socket.write('GET / HTTP/1.1\r\n\r\n');
  expect(await fourth.ended).toBe('ECONNRESET');
  for (const agent of [first, second]) agent.socket.destroy();
});

test('websocket: the upgrade passes, and frames after it; plain http refuses it', async () => {
  const upgraded: string[] = [];
  const server = createHttpServer((_, response) => response.end('plain'));
  server.on('upgrade', (request, socket) => {
    upgraded.push(String(request.headers.host));
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.pipe(socket);
    socket.on('error', () => {});
  });
  const port = await listen(server);
  cleanups.push(() => server.close());
  const ask = `GET /ws HTTP/1.1\r\nHost: api.example.com:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
  const allowed = await gateway([{ host: 'api.example.com', port, protocol: 'websocket' }], { resolve });
  const agent = await allowed.connect('127.0.0.1', port);
  agent.socket.write(ask);
  await until('101', () => agent.text().includes('101'));
  agent.socket.write(Buffer.from([0x81, 0x80, 1, 2, 3, 4]));
  await until('frame', () => agent.text().endsWith('\x81\x80\x01\x02\x03\x04'));
  agent.socket.destroy();
  expect(await allowed.event('flow.verdict')).toMatchObject({ protocol: 'websocket', ok: true });
  const refused = await gateway([{ host: 'api.example.com', port, protocol: 'http' }], { resolve });
  const other = await refused.connect('127.0.0.1', port);
  other.socket.write(ask);
  expect(await other.ended).toBe('ECONNRESET');
  expect(upgraded).toHaveLength(1);
});

const startup = () => {
  const body = Buffer.concat([Buffer.from([0, 3, 0, 0]), Buffer.from('user\0agent\0\0')]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
};
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]);

test('postgres: plain start-up, and the upgrade to TLS with its name checked', async () => {
  const tls = createTlsServer(selfSigned('api.example.com'), (socket) => socket.end('inside'));
  tls.on('tlsClientError', () => {});
  const port = await tcpServer((socket) => {
    socket.once('data', (chunk: Buffer) => {
      if (!chunk.equals(SSL_REQUEST)) {
        socket.write(Buffer.from('R\0\0\0\x08\0\0\0\0', 'latin1'));
        return;
      }
      socket.write('S');
      tls.emit('connection', socket);
    });
  });
  const harness = await gateway([{ host: 'api.example.com', port, protocol: 'postgres' }], { resolve });
  const plain = await harness.connect('127.0.0.1', port);
  plain.socket.write(startup());
  await until('authentication', () => plain.text().startsWith('R'));
  plain.socket.destroy();
  const upgraded = await harness.connect('127.0.0.1', port);
  upgraded.socket.write(SSL_REQUEST);
  await until('S', () => upgraded.text() === 'S');
  const secure = overTls(upgraded, 'api.example.com');
  const [data] = (await once(secure, 'data')) as [Buffer];
  expect(data.toString()).toBe('inside');
  secure.destroy();
  const stuffed = await harness.connect('127.0.0.1', port);
  stuffed.socket.write(Buffer.concat([SSL_REQUEST, startup()]));
  expect(await stuffed.ended).toBe('ECONNRESET');
  const shell = await harness.connect('127.0.0.1', port);
  shell.socket.write('id\n');
  expect(await shell.ended).toBe('ECONNRESET');
});

test('several protocols on one address: the first bytes choose', async () => {
  const { port } = await tlsServer();
  const harness = await gateway(
    [
      { host: 'api.example.com', port, protocol: 'ssh' },
      { host: 'api.example.com', port, protocol: 'https' },
    ],
    { resolve },
  );
  const agent = await harness.connect('127.0.0.1', port);
  const tls = overTls(agent, 'api.example.com');
  await once(tls, 'secureConnect');
  tls.destroy();
  const other = await harness.connect('127.0.0.1', port);
  other.socket.write('{"method":"mining.subscribe"}\n');
  expect(await other.ended).toBe('ECONNRESET');
  expect(await harness.event('violation')).toMatchObject({ hazard: 'compute-diversion' });
});

test('udp: a registered socket is relayed both ways, others are dropped and told', async () => {
  const server = createSocket('udp4');
  const heard: string[] = [];
  server.on('message', (bytes, peer) => {
    heard.push(bytes.toString());
    server.send(`re ${bytes}`, peer.port, peer.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  const { port } = server.address();
  const harness = await gateway([{ host: '127.0.0.1', port, protocol: 'udp' }], {
    timeouts: { dial: 2000, verdict: 1000, registration: 300, idle: 300 },
  });
  const agent = createSocket('udp4');
  agent.bind(0, '127.0.0.1');
  await once(agent, 'listening');
  cleanups.push(() => agent.close());
  agent.send('forged', harness.ports.udp4 as number, '127.0.0.1');
  await harness.event('tampering');
  const { address: source, port: sourcePort } = agent.address();
  harness.tell(harness.registration('127.0.0.1', port, { type: 'udp', source, sourcePort }));
  const reply = once(agent, 'message');
  agent.send('one', harness.ports.udp4 as number, '127.0.0.1');
  const [bytes] = (await reply) as [Buffer];
  expect(bytes.toString()).toBe('re one');
  expect(heard).toEqual(['one']);
  await harness.event('flow.close', ({ reason }) => reason === 'idle');
  const again = once(agent, 'message');
  agent.send('two', harness.ports.udp4 as number, '127.0.0.1');
  expect(String(((await again) as [Buffer])[0])).toBe('re two');
  expect(harness.events('tampering')).toHaveLength(1);
  expect(await harness.event('flow.verdict')).toMatchObject({ declared: 'udp', protocol: 'unknown' });
});

test('http over a kept-alive connection moves a body of many chunks unchanged', async () => {
  const size = 4_000_000;
  const server = createHttpServer((request, response) => {
    let count = 0;
    request.on('data', (chunk: Buffer) => {
      count += chunk.length;
    });
    request.on('end', () => {
      response.setHeader('x-received', count);
      for (let index = 0; index < 40; index += 1) response.write(Buffer.alloc(size / 40, index));
      response.end();
    });
  });
  const port = await listen(server);
  cleanups.push(() => server.close());
  const harness = await gateway([{ host: 'api.example.com', port, protocol: 'http' }], { resolve });
  const agent = await harness.connect('127.0.0.1', port);
  for (let round = 0; round < 2; round += 1) {
    agent.received.length = 0;
    agent.socket.write(`POST /${round} HTTP/1.1\r\nHost: api.example.com\r\nContent-Length: ${size}\r\n\r\n`);
    agent.socket.write(Buffer.alloc(size, 'u'));
    await until('the last chunk', () => agent.received.at(-1)?.toString('latin1').endsWith('0\r\n\r\n'));
    expect(agent.text()).toContain(`x-received: ${size}`);
    expect(Buffer.concat(agent.received).filter((byte) => byte === 39).length).toBeGreaterThanOrEqual(
      size / 40,
    );
  }
  agent.socket.destroy();
});

test('udp: an address that cannot be connected to is silence, not the end of the gateway', async () => {
  const harness = await gateway([{ host: '255.255.255.255', port: 9, protocol: 'udp' }]);
  const agent = createSocket('udp4');
  agent.bind(0, '127.0.0.1');
  await once(agent, 'listening');
  cleanups.push(() => agent.close());
  const { address: source, port: sourcePort } = agent.address();
  harness.tell(harness.registration('255.255.255.255', 9, { type: 'udp', source, sourcePort }));
  agent.send('one', harness.ports.udp4 as number, '127.0.0.1');
  await harness.event('flow.verdict');
  const refused = await harness.connect('127.0.0.1', 1, { wait: true });
  expect(refused.errno).toBe(111);
  expect(harness.messages.some(({ type }) => type === 'fatal')).toBe(false);
});
