/**
 * DNS of the gateway's process: which names resolve, what is pinned before the answer, what rebinding gets.
 *
 * @module
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import dnsPacket from 'dns-packet';
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

type Records = Record<string, dnsPacket.Answer[]>;

interface Upstream {
  address: string;
  asked: string[];
}

/** A resolver on loopback, UDP and TCP on one port; `truncate`: UDP answers carry TC and no records. */
async function resolver(
  records: Records,
  options: { truncate?: boolean; forge?: boolean } = {},
): Promise<Upstream> {
  const asked: string[] = [];
  const answer = (bytes: Buffer, overUdp: boolean): Buffer => {
    const query = dnsPacket.decode(bytes);
    const [question] = query.questions ?? [];
    const name = question?.name ?? '';
    asked.push(`${name} ${question?.type} ${overUdp ? 'udp' : 'tcp'}`);
    const found = records[name]?.filter(({ type }) => type === question?.type || type === 'CNAME');
    const cut = options.truncate && overUdp;
    return dnsPacket.encode({
      type: 'response',
      id: query.id ?? 0,
      flags:
        dnsPacket.RECURSION_DESIRED |
        dnsPacket.RECURSION_AVAILABLE |
        (found ? 0 : 3) |
        (cut ? dnsPacket.TRUNCATED_RESPONSE : 0),
      questions: query.questions ?? [],
      answers: cut ? [] : (found ?? []),
    });
  };
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      const reply = answer(chunk.subarray(2), false);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      socket.end(Buffer.concat([length, reply]));
    });
  });
  const port = await listen(tcp);
  const udp = createSocket('udp4');
  udp.on('message', (bytes, peer) => {
    const reply = answer(bytes, true);
    if (options.forge) {
      const forged = Buffer.from(reply);
      forged.writeUInt16BE((reply.readUInt16BE(0) + 1) & 0xffff, 0);
      forged[forged.length - 1] = 66;
      udp.send(forged, peer.port, peer.address);
      udp.send(Buffer.from('garbage'), peer.port, peer.address);
    }
    udp.send(reply, peer.port, peer.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  cleanups.push(() => {
    udp.close();
    tcp.close();
  });
  return { address: `127.0.0.1:${port}`, asked };
}

const a = (name: string, data: string, ttl = 600): dnsPacket.Answer => ({ type: 'A', name, data, ttl });
const aaaa = (name: string, data: string): dnsPacket.Answer => ({ type: 'AAAA', name, data, ttl: 600 });
const cname = (name: string, data: string): dnsPacket.Answer => ({ type: 'CNAME', name, data, ttl: 600 });

async function client(): Promise<UdpSocket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  cleanups.push(() => socket.close());
  return socket;
}

type Type = 'A' | 'AAAA' | 'TXT' | 'HTTPS' | 'ANY' | 'CNAME' | 'NULL';

function encode(name: string, type: Type, edns?: number): Buffer {
  const opt: dnsPacket.OptAnswer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: edns ?? 0,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  const HTTPS = 65;
  const bytes = dnsPacket.encode({
    type: 'query',
    id: 4711,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ name, type: type === 'HTTPS' || type === 'ANY' ? 'A' : type, class: 'IN' }],
    ...(edns === undefined ? {} : { additionals: [opt] }),
  });
  if (type === 'HTTPS' || type === 'ANY')
    bytes.writeUInt16BE(type === 'ANY' ? 255 : HTTPS, 12 + name.length + 2);
  return bytes;
}

async function exchange(
  harness: Harness,
  query: Buffer,
  socket?: UdpSocket,
): Promise<dnsPacket.DecodedPacket> {
  const from = socket ?? (await client());
  const reply = once(from, 'message');
  from.send(query, harness.ports['dns-udp'] as number, '127.0.0.1');
  const [bytes] = (await reply) as [Buffer];
  return dnsPacket.decode(bytes);
}

const ask = (harness: Harness, name: string, type: Type = 'A', edns?: number) =>
  exchange(harness, encode(name, type, edns));

const data = (packet: dnsPacket.DecodedPacket) =>
  (packet.answers ?? []).map((answer) => ('data' in answer ? answer.data : ''));
const rcode = (packet: dnsPacket.DecodedPacket) => (packet.flags ?? 0) & 15;

test('a named host resolves, is pinned for its port before the answer, and its TTL is capped', async () => {
  const upstream = await resolver({ 'api.example.com': [a('api.example.com', '203.0.113.5', 86_400)] });
  const harness = await gateway([{ host: 'api.example.com', port: 8443 }], { resolvers: [upstream.address] });
  const answer = await ask(harness, 'api.example.com');
  expect(data(answer)).toEqual(['203.0.113.5']);
  expect(harness.pins).toEqual(['4 203.0.113.5 8443 tcp']);
  expect(answer.answers?.[0]).toMatchObject({ name: 'api.example.com', ttl: 300 });
  expect(await harness.event('dns.query')).toMatchObject({
    name: 'api.example.com',
    answer: ['203.0.113.5'],
  });
});

test('no answer before the pin is in force', async () => {
  const upstream = await resolver({ 'api.example.com': [a('api.example.com', '203.0.113.5')] });
  const harness = await gateway([{ host: 'api.example.com' }], { resolvers: [upstream.address] });
  harness.confirmPins = false;
  let answered = false;
  const asking = ask(harness, 'api.example.com').then(() => {
    answered = true;
  });
  await until('pin', () => harness.pins.length > 0);
  // a query that needs no pin comes back first: the gateway is alive, and waits
  expect(rcode(await ask(harness, 'other.example.com'))).toBe(3);
  expect(answered).toBe(false);
  harness.tell({ pinned: 1 });
  await asking;
});

test('names nobody allowed get NXDOMAIN, and nothing of them leaves', async () => {
  const upstream = await resolver({ 'secret.evil.example': [a('secret.evil.example', '203.0.113.9')] });
  const harness = await gateway([{ host: 'api.example.com' }], { resolvers: [upstream.address] });
  for (const name of [
    'secret.evil.example',
    'x.api.example.com',
    'api.example.com.evil.example',
    'example.com',
    '127.1',
    '2130706433',
  ]) {
    expect(rcode(await ask(harness, name)), name).toBe(3);
  }
  expect(upstream.asked).toEqual([]);
  expect(await harness.event('denial')).toMatchObject({
    layer: 'dns',
    what: 'resolve secret.evil.example A',
  });
});

test('wildcards allow any depth below, not the name itself', async () => {
  const upstream = await resolver({
    'a.b.example.com': [a('a.b.example.com', '203.0.113.7')],
    'example.com': [a('example.com', '203.0.113.8')],
  });
  const harness = await gateway([{ host: '*.example.com' }], { resolvers: [upstream.address] });
  expect(data(await ask(harness, 'A.b.Example.COM'))).toEqual(['203.0.113.7']);
  expect(rcode(await ask(harness, 'example.com'))).toBe(3);
});

test('the question comes back in the case it was asked in', async () => {
  const harness = await gateway([{ host: 'api.example.com' }], {
    resolve: { 'api.example.com': ['203.0.113.5'] },
  });
  const answer = await ask(harness, 'aPi.ExAmPlE.com');
  expect(answer.questions?.[0]?.name).toBe('aPi.ExAmPlE.com');
  expect(data(answer)).toEqual(['203.0.113.5']);
});

test('CNAME chains are followed, within an answer and across answers; loops end', async () => {
  const upstream = await resolver({
    'api.example.com': [
      cname('api.example.com', 'edge.example.net'),
      cname('edge.example.net', 'pop.example.net'),
    ],
    'pop.example.net': [a('pop.example.net', '198.51.100.3')],
    'loop.example.com': [cname('loop.example.com', 'loop2.example.com')],
    'loop2.example.com': [cname('loop2.example.com', 'loop.example.com')],
  });
  const harness = await gateway([{ host: 'api.example.com' }, { host: 'loop.example.com' }], {
    resolvers: [upstream.address],
  });
  expect(data(await ask(harness, 'api.example.com'))).toEqual(['198.51.100.3']);
  expect(rcode(await ask(harness, 'loop.example.com'))).toBe(2);
});

test('rebinding: special addresses from a resolver are dropped; all dropped is NXDOMAIN and a denial', async () => {
  const bad4 = [
    '127.0.0.1',
    '10.0.0.1',
    '192.168.1.1',
    '172.16.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
  ];
  const bad6 = [
    '::1',
    '::',
    'fe80::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '::ffff:203.0.113.5',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    'ff02::1',
  ];
  const records: Records = {
    'mixed.example.com': [a('mixed.example.com', '10.1.1.1'), a('mixed.example.com', '203.0.113.5')],
  };
  const hosts = ['mixed.example.com'];
  for (const [index, address] of [...bad4, ...bad6].entries()) {
    const name = `r${index}.example.com`;
    records[name] = [address.includes(':') ? aaaa(name, address) : a(name, address)];
    hosts.push(name);
  }
  const upstream = await resolver(records);
  const harness = await gateway(
    hosts.map((host) => ({ host })),
    { resolvers: [upstream.address] },
  );
  for (const [index, address] of [...bad4, ...bad6].entries()) {
    const answer = await ask(harness, `r${index}.example.com`, address.includes(':') ? 'AAAA' : 'A');
    expect([rcode(answer), data(answer)], address).toEqual([3, []]);
  }
  expect(data(await ask(harness, 'mixed.example.com'))).toEqual(['203.0.113.5']);
  expect(harness.pins).toEqual(['4 203.0.113.5 443 tcp']);
  const denial = await harness.event('denial');
  expect(denial.what).toContain('is loopback');
  expect(denial.allow).toContain('resolve:');
});

test('a private address that the contract writes out resolves, from the hosts file it does not', async () => {
  const harness = await gateway(
    [{ host: 'in.example.com' }, { host: 'h.example.com' }, { host: 'p.example.com' }],
    {
      resolve: { 'in.example.com': ['10.0.0.5', 'fd00::5'] },
      hosts: { 'h.example.com': ['192.168.0.9'], 'p.example.com': ['203.0.113.44'] },
    },
  );
  expect(data(await ask(harness, 'in.example.com'))).toEqual(['10.0.0.5']);
  expect(data(await ask(harness, 'in.example.com', 'AAAA'))).toEqual(['fd00::5']);
  expect(rcode(await ask(harness, 'h.example.com'))).toBe(3);
  expect(data(await ask(harness, 'p.example.com'))).toEqual(['203.0.113.44']);
});

test('what is written out is pinned at the start, every port and transport', async () => {
  const harness = await gateway(
    [
      { host: '203.0.113.5', port: 22, protocol: 'ssh' },
      { host: '2001:db8::5', port: 53, protocol: 'udp' },
      { host: 'in.example.com', port: 443 },
      { host: 'in.example.com', port: 80, protocol: 'http' },
    ],
    { resolve: { 'in.example.com': ['10.0.0.5'], 'unnamed.example.com': ['10.0.0.6'] } },
  );
  expect(harness.pins.sort()).toEqual([
    '4 10.0.0.5 443 tcp',
    '4 10.0.0.5 80 tcp',
    '4 203.0.113.5 22 tcp',
    '6 2001:db8::5 53 udp',
  ]);
});

test('other types of an allowed name are empty, ANY is refused', async () => {
  const upstream = await resolver({ 'api.example.com': [a('api.example.com', '203.0.113.5')] });
  const harness = await gateway([{ host: 'api.example.com' }], { resolvers: [upstream.address] });
  for (const type of ['TXT', 'HTTPS', 'CNAME', 'NULL'] as const) {
    const answer = await ask(harness, 'api.example.com', type);
    expect([rcode(answer), data(answer)]).toEqual([0, []]);
  }
  expect(rcode(await ask(harness, 'api.example.com', 'ANY'))).toBe(5);
  expect(upstream.asked).toEqual([]);
  expect(data(await ask(harness, 'api.example.com', 'AAAA'))).toEqual([]);
});

test('an answer that does not fit is cut, whole over TCP, and larger with EDNS', async () => {
  const addresses = Array.from({ length: 32 }, (_, index) => `198.51.100.${index + 1}`);
  const harness = await gateway([{ host: 'big.example.com' }], { resolve: { 'big.example.com': addresses } });
  const cut = await ask(harness, 'big.example.com');
  expect([cut.flag_tc, data(cut)]).toEqual([true, []]);
  const large = await ask(harness, 'big.example.com', 'A', 4096);
  expect(data(large)).toHaveLength(32);
  const socket = connect(harness.ports['dns-tcp'] as number, '127.0.0.1');
  const query = encode('big.example.com', 'A');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(query.length);
  const framed = Buffer.concat([length, query]);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const byte of framed) socket.write(Buffer.of(byte));
  socket.end();
  await once(socket, 'end');
  expect(data(dnsPacket.decode(Buffer.concat(chunks).subarray(2)))).toHaveLength(32);
});

test('upstream: TCP when the answer is cut, the next resolver when one is dead, forged answers ignored', async () => {
  const records = { 'api.example.com': [a('api.example.com', '203.0.113.5')] };
  const cutting = await resolver(records, { truncate: true });
  const forging = await resolver(records, { forge: true });
  const first = await gateway([{ host: 'api.example.com' }], { resolvers: ['127.0.0.1:9', cutting.address] });
  expect(data(await ask(first, 'api.example.com'))).toEqual(['203.0.113.5']);
  expect(cutting.asked).toEqual(['api.example.com A udp', 'api.example.com A tcp']);
  const second = await gateway([{ host: 'api.example.com' }], { resolvers: [forging.address] });
  expect(data(await ask(second, 'api.example.com'))).toEqual(['203.0.113.5']);
});

test('a resolver that cannot even be connected to is passed over', async () => {
  const upstream = await resolver({ 'api.example.com': [a('api.example.com', '203.0.113.5')] });
  // connecting to the broadcast address is refused by the kernel (EACCES)
  const harness = await gateway([{ host: 'api.example.com' }], {
    resolvers: ['255.255.255.255', upstream.address],
  });
  expect(data(await ask(harness, 'api.example.com'))).toEqual(['203.0.113.5']);
});

test('a query from a registered source has an owner, another has none', async () => {
  const harness = await gateway([{ host: 'api.example.com' }]);
  const socket = await client();
  const { address: source, port: sourcePort } = socket.address();
  harness.tell(harness.registration('127.0.0.1', 53, { type: 'udp', source, sourcePort, pid: 77 }));
  await exchange(harness, encode('owned.example.org', 'A'), socket);
  await ask(harness, 'orphan.example.org');
  expect(await harness.event('denial', ({ what }) => what.includes('owned'))).toMatchObject({
    owner: { pid: 77 },
  });
  expect(await harness.event('denial', ({ what }) => what.includes('orphan'))).not.toHaveProperty('owner');
});

test('a flood of denied names becomes a few events and a count', async () => {
  const harness = await gateway([{ host: 'api.example.com' }]);
  const socket = await client();
  let replies = 0;
  socket.on('message', () => {
    replies += 1;
  });
  for (let index = 0; index < 150; index += 1) {
    socket.send(encode(`n${index}.tunnel.example`, 'A'), harness.ports['dns-udp'] as number, '127.0.0.1');
  }
  await until('replies', () => replies === 150);
  const counted = await harness.event('denial', ({ count }) => count !== undefined);
  const singles = harness.events('denial').filter(({ count }) => count === undefined).length;
  expect(singles).toBeLessThan(40);
  expect(singles + (counted.count ?? 0)).toBeLessThanOrEqual(150);
});

test('hostile datagrams are answered or dropped, and the server lives', async () => {
  const harness = await gateway([{ host: 'api.example.com' }], {
    resolve: { 'api.example.com': ['203.0.113.5'] },
  });
  const socket = await client();
  const port = harness.ports['dns-udp'] as number;
  const good = encode('api.example.com', 'A', 1232);
  for (let index = 0; index < 100; index += 1) {
    const broken = Buffer.from(good.subarray(0, (index * 7) % good.length));
    if (broken.length > 0) broken[(index * 13) % broken.length] = index;
    socket.send(broken, port, '127.0.0.1');
  }
  expect(data(await ask(harness, 'api.example.com'))).toEqual(['203.0.113.5']);
  expect(harness.child.exitCode).toBeNull();
});

test('new names below a wildcard are counted, and end at the limit', async () => {
  const upstream = await resolver({});
  const harness = await gateway([{ host: '*.example.com' }], { resolvers: [upstream.address] });
  const socket = await client();
  let sent = 0;
  let replies = 0;
  let done = false;
  const more = () => {
    if (done || sent >= 540) return;
    socket.send(encode(`n${sent}.example.com`, 'A'), harness.ports['dns-udp'] as number, '127.0.0.1');
    sent += 1;
  };
  socket.on('message', () => {
    replies += 1;
    setTimeout(more, 6);
  });
  more();
  for (let index = 0; index < 3; index += 1) more();
  await until('all answered', () => harness.events('limit.reached').length > 0 || replies >= 540);
  done = true;
  expect(await harness.event('limit.reached')).toMatchObject({ limit: 'dns.names', max: 512 });
}, 60_000);
