/**
 * The socket of a run that is going on: whose it is, and what is no longer obeyed.
 *
 * @module
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createConnection, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { askRun, type ControlRequest, isServed, serveControl } from './control-socket.ts';

const ID = '20260102-030405-1a2b3c';
const before = process.env.XDG_RUNTIME_DIR;
let folder = '';
let server: Server;
let heard: ControlRequest[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-control-'));
  process.env.XDG_RUNTIME_DIR = folder;
  heard = [];
  server = await serveControl(ID, (request) => {
    heard.push(request);
    return { ok: true };
  });
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
  if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
  else process.env.XDG_RUNTIME_DIR = before;
});

/** What comes back for these bytes until the connection is closed. */
async function say(bytes: string): Promise<string> {
  const socket = createConnection(join(folder, 'ringfence', `${ID}.sock`));
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.on('error', () => {});
  socket.end(bytes);
  await once(socket, 'close');
  return text;
}

it('is the operator’s alone, and so is its folder', () => {
  expect(statSync(join(folder, 'ringfence')).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'ringfence', `${ID}.sock`)).mode & 0o777).toBe(0o600);
});

it('answers what is asked, once for each connection', async () => {
  expect(await askRun(ID, { do: 'status' })).toEqual({ ok: true });
  expect(await say('{"do":"kill","by":"x"}\n{"do":"kill","by":"y"}\n')).toBe('{"ok":true}\n');
  expect(heard).toEqual([{ do: 'status' }, { do: 'kill', by: 'x' }]);
});

it('what comes too late is not obeyed: whoever asked has been told that nobody answers', async () => {
  const late = { do: 'kill', by: 'x', before: Date.now() - 1 };
  expect(await say(`${JSON.stringify(late)}\n`)).toBe('');
  expect(heard).toEqual([]);
});

it('bytes that are no request, and requests without end, are not answered', async () => {
  expect(await say('{"do":\n')).toBe('');
  expect(await say('x'.repeat(5000))).toBe('');
  expect(await say(`${' '.repeat(5000)}{"do":"kill","by":"x"}\n`)).toBe('');
  expect(heard).toEqual([]);
});

it('a run without a socket, or with a dead one, is not served', async () => {
  expect(isServed(ID)).toBe(true);
  expect(isServed('20260102-030405-ffffff')).toBe(false);
  expect(await askRun('20260102-030405-ffffff', { do: 'status' })).toBeUndefined();
});
