/**
 * Questions and orders at the gateway's process: what leaves before an answer, what an answer opens, what learning lets
 * through, and what stays shut under both.
 *
 * @module
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import dnsPacket from 'dns-packet';
import { afterEach, expect, test } from 'vitest';
import {
  type GatewayMessage,
  type GatewayOrder,
  questionDigest,
  type RuleTerms,
} from '../../contract/index.ts';
import { Harness, until } from '../harness.fixture.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  cleanups.push(() => socket.close());
  return socket;
}

/** A resolver that answers every name's A with one address. */
async function upstream(address: string): Promise<{ address: string; asked: string[] }> {
  const socket = await bound();
  const asked: string[] = [];
  socket.on('message', (bytes, peer) => {
    const query = dnsPacket.decode(bytes);
    const [question] = query.questions ?? [];
    asked.push(question?.name ?? '');
    const answers: dnsPacket.Answer[] =
      question?.type === 'A' ? [{ type: 'A', name: question.name, data: address, ttl: 60 }] : [];
    const flags = dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE;
    const head = { type: 'response' as const, id: query.id ?? 0, flags, questions: query.questions ?? [] };
    socket.send(dnsPacket.encode({ ...head, answers }), peer.port, peer.address);
  });
  return { address: `127.0.0.1:${socket.address().port}`, asked };
}

async function gateway(...parameters: Parameters<typeof Harness.config>): Promise<Harness> {
  const harness = await Harness.start(Harness.config(...parameters));
  cleanups.push(() => harness.stop());
  return harness;
}

let id = 0;

/** Sends a query; the answer's code and addresses, when it comes. */
async function resolve(
  harness: Harness,
  name: string,
  more: { socket?: Socket; id?: number; type?: 'A' | 'TXT' } = {},
) {
  const socket = more.socket ?? (await bound());
  id += 1;
  const reply = once(socket, 'message') as Promise<[Buffer]>;
  const questions: dnsPacket.Question[] = [{ name, type: more.type ?? 'A', class: 'IN' }];
  const query = dnsPacket.encode({
    type: 'query',
    id: more.id ?? id,
    flags: dnsPacket.RECURSION_DESIRED,
    questions,
  });
  socket.send(query, harness.ports['dns-udp'] as number, '127.0.0.1');
  const packet = dnsPacket.decode((await reply)[0]);
  return {
    code: (packet.flags ?? 0) & 15,
    addresses: (packet.answers ?? []).map((answer) => ('data' in answer ? answer.data : '')),
  };
}

const asked = (harness: Harness) =>
  harness.messages.filter(
    (message): message is Extract<GatewayMessage, { type: 'ask' }> => message.type === 'ask',
  );
const order = (harness: Harness, message: GatewayOrder) => harness.child.send(message);
/** An answer to a question as it was shown. */
function answer(
  harness: Harness,
  question: number,
  given: { allow: boolean; rule?: ReturnType<typeof rule> } & RuleTerms,
): void {
  const shown = asked(harness).find((message) => message.question === question);
  if (!shown) throw new Error(`question ${question} was not asked`);
  order(harness, { order: 'answer', question, digest: questionDigest(shown), ...given });
}
const rule = (host: string, port = 443) => ({ host, port, protocol: 'https' as const });
const approve = { effects: ['network.new-host'], patience: 60_000 };

test('a name that nobody knows waits, and nothing of it leaves before the answer', async () => {
  const machine = await upstream('203.0.113.9');
  const harness = await gateway([], { approve, resolvers: [machine.address] });
  const [first, second] = [resolve(harness, 'New.Example.com'), resolve(harness, 'new.example.com')];
  const [question] = await until('a question', () =>
    asked(harness).length > 0 ? asked(harness) : undefined,
  );
  expect(question).toMatchObject({
    effect: 'network.new-host',
    what: 'resolve new.example.com',
    question: 1,
  });
  expect(question?.rule).toEqual({ host: 'new.example.com', port: 443, protocol: 'https' });
  // others are served meanwhile
  expect((await resolve(harness, 'new.example.com', { type: 'TXT' })).code).toBe(3);
  expect(machine.asked).toEqual([]);
  answer(harness, 1, { allow: true, rule: rule('new.example.com', 8443) });
  expect(await first).toEqual({ code: 0, addresses: ['203.0.113.9'] });
  expect(await second).toEqual(await first);
  expect(harness.pins).toContain('4 203.0.113.9 8443 tcp');
  expect(asked(harness)).toHaveLength(1);
});

test('a yes does not let a name lead to a private address; written out, it does', async () => {
  const machine = await upstream('10.0.0.7');
  const harness = await gateway([], { approve, resolvers: [machine.address] });
  const waiting = resolve(harness, 'inside.example.com');
  await until('a question', () => asked(harness)[0]);
  answer(harness, 1, { allow: true, rule: rule('inside.example.com') });
  expect(await waiting).toEqual({ code: 3, addresses: [] });
  expect(harness.pins).toEqual([]);
  order(harness, { order: 'rule', rule: rule('written.example.com'), addresses: ['10.0.0.8'] });
  await until('the pin', () => harness.pins.includes('4 10.0.0.8 443 tcp'));
  expect((await resolve(harness, 'written.example.com')).addresses).toEqual(['10.0.0.8']);
});

test('a no until later holds without a question; a rule that comes meanwhile ends it', async () => {
  const machine = await upstream('203.0.113.9');
  const harness = await gateway([], { approve, resolvers: [machine.address] });
  const waiting = resolve(harness, 'new.example.com');
  await until('a question', () => asked(harness)[0]);
  answer(harness, 1, { allow: false, until: Date.now() + 60_000 });
  expect((await waiting).code).toBe(3);
  expect((await resolve(harness, 'new.example.com')).code).toBe(3);
  expect(asked(harness)).toHaveLength(1);
  order(harness, { order: 'rule', rule: rule('*.example.com') });
  await expect.poll(async () => (await resolve(harness, 'new.example.com')).code).toBe(0);
});

test('an answer to what was not shown lets nothing on', async () => {
  const machine = await upstream('203.0.113.9');
  const harness = await gateway([], { approve, resolvers: [machine.address] });
  const waiting = resolve(harness, 'new.example.com');
  const [shown] = await until('a question', () => (asked(harness).length > 0 ? asked(harness) : undefined));
  const digest = questionDigest({
    ...(shown as NonNullable<typeof shown>),
    what: 'resolve other.example.com',
  });
  order(harness, { order: 'answer', question: 1, digest, allow: true });
  expect((await waiting).code).toBe(3);
  expect(machine.asked).toEqual([]);
});

test('the repetition of a query that waits is the same query', async () => {
  const harness = await gateway([], { approve });
  const socket = await bound();
  const answers: Buffer[] = [];
  socket.on('message', (bytes) => answers.push(bytes));
  const waiting = resolve(harness, 'new.example.com', { socket, id: 7 });
  await until('a question', () => asked(harness)[0]);
  const again = resolve(harness, 'new.example.com', { socket, id: 7 });
  const other = resolve(harness, 'second.example.com');
  await until('the second question', () => asked(harness)[1]);
  answer(harness, 1, { allow: false });
  answer(harness, 2, { allow: false });
  expect([(await waiting).code, (await again).code, (await other).code]).toEqual([3, 3, 3]);
  expect(answers).toHaveLength(1);
});

test('a rule ends with its time: the name, new connects', async () => {
  const harness = await gateway([], { approve: { effects: [], patience: 1000 } });
  const host = 'short.example.com';
  order(harness, { order: 'rule', rule: rule(host), addresses: ['127.0.0.1'], until: Date.now() + 4000 });
  await until('the pin', () => harness.pins[0]);
  expect((await resolve(harness, host)).code).toBe(0);
  const code = async () => (await resolve(harness, host)).code;
  await expect.poll(code, { timeout: 30_000, interval: 100 }).toBe(3);
  expect((await harness.connect('127.0.0.1', 443, { wait: true })).errno).toBe(111);
});

test('learning lets public names through on the usual ports, and private addresses not', async () => {
  const machine = await upstream('203.0.113.9');
  const harness = await gateway([], { permissive: true, resolvers: [machine.address] });
  expect((await resolve(harness, 'any.example.net')).addresses).toEqual(['203.0.113.9']);
  expect(harness.pins.toSorted()).toEqual([
    '4 203.0.113.9 22 tcp',
    '4 203.0.113.9 443 tcp',
    '4 203.0.113.9 80 tcp',
  ]);
  const inside = await upstream('169.254.169.254');
  const other = await gateway([], { permissive: true, resolvers: [inside.address] });
  expect(await resolve(other, 'metadata.example.net')).toEqual({ code: 3, addresses: [] });
  expect(other.pins).toEqual([]);
});
