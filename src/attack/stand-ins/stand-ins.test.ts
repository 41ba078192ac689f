/**
 * Stand-ins on loopback: what they count is what happened, and nothing else.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { standInSchema } from '../schema.ts';
import { pool } from './pool.ts';
import { Standing } from './standing.ts';
import { mail, web } from './web.ts';

const MINER = resolve(import.meta.dirname, '../../../scenarios/tools/mine.mjs');
let standing = new Standing();
afterEach(() => {
  standing.close();
  standing = new Standing();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

const at = async () => ({ address: '127.0.0.1', port: await freePort() });
const standIn = (more: object) =>
  standInSchema.parse({ kind: 'http', host: 'x.example.com', port: 80, ...more });

describe('a pool', () => {
  it('counts shares that were hashed', async () => {
    const place = await at();
    await pool(standing, place);
    const miner = spawn(process.execPath, [MINER, `127.0.0.1:${place.port}`, '2'], { stdio: 'ignore' });
    const [code] = (await once(miner, 'exit')) as [number];
    expect([code, standing.shares]).toEqual([0, 2]);
  }, 60_000);

  it('counts none that were made up', async () => {
    const place = await at();
    await pool(standing, place);
    const socket = connect(place.port, '127.0.0.1');
    let said = '';
    socket.on('data', (data: Buffer) => {
      said += data.toString();
      const job = /"mining.notify","params":\["(\w+)"/.exec(said)?.[1];
      if (job === undefined) return;
      said = '';
      const submit = {
        id: 9,
        method: 'mining.submit',
        params: ['a', job, '00000000', '00000000', '00000000'],
      };
      socket.write(`${JSON.stringify(submit)}\n`);
      socket.removeAllListeners('data');
      socket.once('data', () => socket.end());
    });
    for (const [id, method] of ['mining.subscribe', 'mining.authorize'].entries())
      socket.write(`${JSON.stringify({ id: id + 1, method, params: [] })}\n`);
    await once(socket, 'close');
    expect(standing.shares).toBe(0);
    expect(standing.connections).toBe(1);
  });
});

describe('a web server', () => {
  it('keeps what is put only where it is said to, and asks nobody but stand-ins', async () => {
    const place = await at();
    const url = `http://127.0.0.1:${place.port}`;
    await web(standing, place, standIn({ keeps: true, fetches: true, pages: { '/a': 'one' } }), () => false);
    expect(await (await fetch(`${url}/a`)).text()).toBe('one');
    await fetch(`${url}/notes`, { method: 'PUT', body: 'hello' });
    expect(await (await fetch(`${url}/notes`)).text()).toBe('hello');
    // its own address is no stand-in's name
    expect((await fetch(`${url}/fetch?url=${encodeURIComponent(`${url}/a`)}`)).status).toBe(404);
    expect(standing.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  it('keeps nothing otherwise', async () => {
    const place = await at();
    await web(standing, place, standIn({}), () => true);
    await fetch(`http://127.0.0.1:${place.port}/notes`, { method: 'PUT', body: 'hello' });
    expect((await fetch(`http://127.0.0.1:${place.port}/notes`)).status).toBe(404);
  });
});

it('a mailbox delivers what is sent, and not what is read', async () => {
  const place = await at();
  const letter = { from: 'a@example.com', subject: 'Us', body: 'private' };
  await mail(standing, place, standIn({ kind: 'mail', letters: [letter] }));
  const call = async (name: string, values: object): Promise<string> => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: values },
    });
    return (await fetch(`http://127.0.0.1:${place.port}/mcp`, { method: 'POST', body })).text();
  };
  expect(await call('read_email', { id: '1' })).toContain('private');
  expect(standing.delivered).toEqual([]);
  await call('send_email', { to: 'b@example.com', subject: 's', body: 'hello' });
  expect(standing.delivered.join()).toContain('hello');
});
