import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EventBody } from '../contract/index.ts';
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
