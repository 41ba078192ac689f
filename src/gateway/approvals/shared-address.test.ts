/**
 * Names that share an address: what one of them may do no longer, the other's connections may not do for it.
 *
 * @module
 */
import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NetworkRule } from '../../contract/index.ts';
import { Harness, listen, until } from '../harness.fixture.ts';

const KNOWN = 'known.example.com';
const NEW = 'new.example.com';
const cleanups: (() => Promise<unknown> | unknown)[] = [];
/** names that the origin was asked as */
let asked: string[] = [];
let port = 0;

beforeEach(async () => {
  asked = [];
  const origin = createServer((request, response) => {
    asked.push(request.headers.host ?? '');
    response.end('ok');
  });
  port = await listen(origin);
  cleanups.push(() => {
    origin.closeAllConnections();
    origin.close();
  });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const rule = (host: string): NetworkRule => ({ host, port, protocol: 'http' });

async function gateway(network: Partial<NetworkRule>[], resolve: Record<string, string[]>): Promise<Harness> {
  const harness = await Harness.start(Harness.config(network, { resolve }));
  cleanups.push(() => harness.stop());
  return harness;
}

/** Connects, asks as `host`, and says what came back: the status, or how it ended. */
async function ask(connection: Awaited<ReturnType<Harness['connect']>>, host: string): Promise<string> {
  connection.socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const ended = connection.ended.then((how) => (connection.text() === '' ? how : connection.text()));
  const answer = until('an answer', () => connection.text() !== '' && connection.text());
  return (await Promise.race([ended, answer])).slice(0, 12);
}

test('what is allowed for one connection is one, however many are open at the shared address', async () => {
  const harness = await gateway([rule(KNOWN)], { [KNOWN]: ['127.0.0.1'] });
  harness.child.send({ order: 'rule', rule: rule(NEW), addresses: ['127.0.0.1'], once: true });
  // orders are obeyed in turn, and only a new address shows from outside
  harness.child.send({ order: 'rule', rule: rule('last.example.com'), addresses: ['127.0.0.2'] });
  await until('the rules', () => harness.pins.some((pin) => pin.includes('127.0.0.2')));
  const open = await Promise.all([1, 2, 3, 4].map(() => harness.connect('127.0.0.1', port)));
  await until('flows', () => harness.events('flow.open').length === 4);
  const answers = await Promise.all(open.map((connection) => ask(connection, NEW)));
  expect(answers.filter((answer) => answer === 'HTTP/1.1 200')).toHaveLength(1);
  expect(asked).toEqual([NEW]);
  expect(harness.events('violation')).toEqual([]);
  const denial = await harness.event('denial');
  expect(denial.what).toContain('its approval is over');
  // the other name is none the worse for it
  expect(await ask(await harness.connect('127.0.0.1', port), KNOWN)).toBe('HTTP/1.1 200');
});

test('a connection that was opened before an approval ended does not outlive it under another name', async () => {
  const harness = await gateway([rule(KNOWN)], { [KNOWN]: ['127.0.0.1'] });
  const order = { order: 'rule', rule: rule(NEW), addresses: ['127.0.0.1'] };
  harness.child.send({ ...order, until: Date.now() + 5000 });
  await expect
    .poll(async () => ask(await harness.connect('127.0.0.1', port), NEW), { timeout: 30_000 })
    .toBe('HTTP/1.1 200');
  const waiting = await harness.connect('127.0.0.1', port);
  await expect
    .poll(async () => ask(await harness.connect('127.0.0.1', port), NEW), { timeout: 30_000, interval: 100 })
    .not.toBe('HTTP/1.1 200');
  const before = asked.length;
  expect(await ask(waiting, NEW)).toBe('ECONNRESET');
  expect(asked).toHaveLength(before);
  expect(await ask(await harness.connect('127.0.0.1', port), KNOWN)).toBe('HTTP/1.1 200');
});

test('a limit of connections holds for a name at an address that it shares', async () => {
  const harness = await gateway([rule(KNOWN), { ...rule(NEW), connections: 1 }], {
    [KNOWN]: ['127.0.0.1'],
    [NEW]: ['127.0.0.1'],
  });
  expect(await ask(await harness.connect('127.0.0.1', port), NEW)).toBe('HTTP/1.1 200');
  expect(await ask(await harness.connect('127.0.0.1', port), NEW)).toBe('ECONNRESET');
  expect(asked).toEqual([NEW]);
  expect(await harness.event('limit.reached')).toMatchObject({ limit: 'network[1].connections', max: 1 });
});
