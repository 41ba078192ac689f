import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EventBody } from '../contract/index.ts';
import { EXPORT_FORMATS, exportEvents } from './export.ts';
import { collect, makeKeys, temporaryFolder } from './fixtures.ts';
import { readLedger } from './read.ts';
import { openIndex } from './search-index.ts';
import { eraseTranscript, TRANSCRIPT_KEY } from './transcript.ts';
import { verifyLedger } from './verify.ts';
import { openLedger } from './writer.ts';

const SAID = 'I would rather not say this aloud.';
const TURN: EventBody = {
  kind: 'model.turn',
  turn: 'turn-1',
  provider: 'anthropic',
  api: 'messages',
  model: 'm-1',
  stream: false,
  ms: 1,
  input: [{ role: 'user', type: 'text', text: 'My key is of-the-operator-123.' }],
  output: [{ role: 'assistant', type: 'reasoning', text: SAID }],
  allowed: true,
  clause: 'models[0]',
};

async function record(dir: string, turns = 1) {
  const keys = makeKeys();
  const secrets = ['of-the-operator-123'];
  const fail = () => {
    throw new Error('must not fail');
  };
  const ledger = openLedger({ dir, run: 'r', cell: 'r', ...keys, secrets, onFailure: fail });
  ledger.append({ kind: 'note', text: 'before' });
  for (let turn = 0; turn < turns; turn += 1) ledger.append(TURN);
  await ledger.close();
  return keys;
}

const linesOf = (dir: string) => readFileSync(join(dir, '000000.jsonl'), 'utf8');

test('what was said lies encrypted, and is read with the key', async () => {
  using folder = temporaryFolder();
  await record(folder.path, 2);
  const text = linesOf(folder.path);
  expect(text).not.toContain(SAID);
  expect(text).not.toContain('My key');
  const [, first, second] = text.split('\n').map((line) => line && JSON.parse(line));
  expect(first.sealed).not.toBe(second.sealed);
  expect(statSync(join(folder.path, TRANSCRIPT_KEY)).mode & 0o777).toBe(0o600);

  const [, turn] = await collect(readLedger(folder.path));
  expect(turn).toMatchObject({ output: TURN.output, model: 'm-1' });
  expect(turn).not.toHaveProperty('sealed');
  // secrets were taken out before: the key does not give them back
  expect(JSON.stringify(turn)).not.toContain('of-the-operator');
  const index = openIndex(folder.path);
  expect(index.query({ kinds: ['model.turn'] })[0]).toMatchObject({ output: TURN.output });
  index.close();
});

test('erased, it is gone from everywhere, and the chain holds', async () => {
  using folder = temporaryFolder();
  const { signer } = await record(folder.path);
  openIndex(folder.path).close();
  expect(eraseTranscript(folder.path)).toBe(true);
  expect(eraseTranscript(folder.path)).toBe(false);
  expect(existsSync(join(folder.path, TRANSCRIPT_KEY))).toBe(false);
  const [, turn] = await collect(readLedger(folder.path));
  expect(turn).toMatchObject({ input: [], output: [], turn: 'turn-1' });
  expect(readFileSync(join(folder.path, 'index.sqlite')).includes(SAID)).toBe(false);
  expect(verifyLedger(folder.path, { publicKey: signer })).toMatchObject({ status: 'ok', problems: [] });
});

test('a text that was moved, or another key, opens nothing', async () => {
  using folder = temporaryFolder();
  await record(folder.path);
  const path = join(folder.path, TRANSCRIPT_KEY);
  const key = readFileSync(path);
  writeFileSync(path, Buffer.alloc(32, 1));
  expect((await collect(readLedger(folder.path)))[1]).toMatchObject({ input: [], output: [] });
  writeFileSync(path, key);
  const file = join(folder.path, '000000.jsonl');
  writeFileSync(file, linesOf(folder.path).replace('{"seq":1,', '{"seq":7,'));
  expect((await collect(readLedger(folder.path)))[1]).toMatchObject({ input: [], output: [] });
});

const CALLED: EventBody[] = [
  {
    kind: 'tool.call',
    call: 'call_1',
    tool: 'send',
    arguments: JSON.stringify({ body: SAID }),
    via: 'mcp',
    decision: 'held',
  },
  { kind: 'tool.result', call: 'call_1', ok: true, content: SAID, ms: 1 },
  {
    kind: 'message',
    call: 'call_1',
    channel: 'mail',
    to: ['a@example.com'],
    subject: SAID,
    text: SAID,
    state: 'held',
    clause: 'people',
  },
];

async function recordAll(dir: string) {
  const fail = () => {
    throw new Error('must not fail');
  };
  const ledger = openLedger({ dir, run: 'r', cell: 'r', ...makeKeys(), onFailure: fail });
  for (const body of [TURN, ...CALLED]) ledger.append(body);
  await ledger.close();
}

test('what was said to tools and people lies encrypted as well', async () => {
  using folder = temporaryFolder();
  await recordAll(folder.path);
  expect(linesOf(folder.path)).not.toContain('aloud');
  const events = await collect(readLedger(folder.path));
  expect(events.slice(1, 4)).toMatchObject(CALLED);
  eraseTranscript(folder.path);
  const erased = await collect(readLedger(folder.path));
  expect(erased.slice(1, 4)).toMatchObject([
    { arguments: '{}', tool: 'send' },
    { content: '', ok: true },
    { text: '', to: ['a@example.com'] },
  ]);
});

test.each(EXPORT_FORMATS)('an export to %s has what was said only when it is asked for', async (format) => {
  using folder = temporaryFolder();
  await recordAll(folder.path);
  const exported = async (options = {}) =>
    (await collect(exportEvents(readLedger(folder.path), format, options))).join('');
  const unasked = await exported();
  expect(unasked).not.toContain('aloud');
  expect(unasked).not.toContain('My key is');
  if (format === 'sarif') return; // it has findings alone
  expect(unasked).toContain('call_1');
  expect(await exported({ transcripts: true })).toContain('aloud');
});
