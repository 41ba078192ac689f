import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CHECKPOINTS, listSegments, segmentName } from './files.ts';
import { makeKeys, sampleEvent, temporaryFolder, verifyNaively, writeSample } from './fixtures.ts';
import { type LedgerKeys, loadKeys } from './keys.ts';
import { readLedger } from './read.ts';
import { type RecoverOptions, recoverLedger } from './recover.ts';
import { splitNotes } from './scan.ts';
import { verifyLedger } from './verify.ts';
import { openLedger } from './writer.ts';

const CHILD = fileURLToPath(new URL('./crash.child.ts', import.meta.url));
/** Of a batch of 8,000 bytes and a flush every 37 records: what the last unsynced batch can hold. */
const LAST_BATCH = 64;

/** Runs a writer in a process of its own and kills it after some output; returns the records it called durable. */
async function writeAndKill(dir: string, keys: string, microseconds: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, dir, keys], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    said += text;
  });
  await once(child.stdout, 'data');
  const until = performance.now() + microseconds / 1000;
  // The moment of the kill is the subject of the test: wait for it without the timer's whole milliseconds.
  while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
  child.kill('SIGKILL');
  await once(child, 'close');
  return Number(said.trimEnd().split('\n').at(-1)?.split(' ')[1]);
}

function options(keys: LedgerKeys): RecoverOptions {
  return { ...keys, events: [{ kind: 'note', text: 'recovered' }] };
}

test('a writer killed at 50 random moments loses nothing that was durable', {
  timeout: 180_000,
}, async () => {
  using state = temporaryFolder();
  const keys = loadKeys(state.path);
  for (let round = 0; round < 50; round += 1) {
    using folder = temporaryFolder();
    const dir = join(folder.path, 'run');
    const durable = await writeAndKill(dir, state.path, Math.random() * 60_000);
    expect(verifyLedger(dir, { publicKey: keys.signer }).status).toBe('incomplete');
    const result = await recoverLedger(dir, options(keys));
    const found = verifyLedger(dir, { publicKey: keys.signer });
    expect(result.state, JSON.stringify(found.problems)).toBe('recovered');
    expect(found).toMatchObject({ status: 'ok', problems: [] });
    // Behind the writer's records come the recovery's own, the note and the closing one.
    const written = found.size - 3;
    expect(written).toBeGreaterThanOrEqual(durable);
    expect(written - found.recoveries.reduce((sum, one) => sum + one.unsigned, 0)).toBeGreaterThanOrEqual(
      durable,
    );
    expect(written).toBeLessThanOrEqual(durable + 2 * LAST_BATCH);
    expect(verifyNaively(dir)).toMatchObject({ ok: true, size: found.size });
    let seq = 0;
    for await (const event of readLedger(dir)) {
      if (seq < written) expect(event).toMatchObject(sampleEvent(seq));
      expect(event.seq).toBe(seq);
      seq += 1;
    }
    expect(await recoverLedger(dir, options(keys))).toMatchObject({ state: 'intact' });
  }
});

test('every torn tail behind the last checkpoint is kept aside, stated, and the chain goes on', async () => {
  using folder = temporaryFolder();
  using other = temporaryFolder();
  const keys = await writeSample(folder.path, { events: 4, flushEvery: 2, close: false });
  const path = join(folder.path, '000000.jsonl');
  const whole = readFileSync(path);
  const notes = readFileSync(join(folder.path, CHECKPOINTS));
  const first = splitNotes(notes)[1]?.offset ?? 0;
  const signed = whole.indexOf(10, whole.indexOf(10) + 1) + 1;
  for (let length = signed; length < whole.length; length += 3) {
    const dir = join(other.path, String(length));
    await writeSample(dir, { events: 1, keys });
    for (const name of readdirSync(dir)) if (name !== 'key') writeFileSync(join(dir, name), '');
    writeFileSync(join(dir, '000000.jsonl'), whole.subarray(0, length));
    writeFileSync(join(dir, CHECKPOINTS), notes.subarray(0, first + (length % 40)));
    const result = await recoverLedger(dir, keys);
    expect(result.state).toBe('recovered');
    const found = verifyLedger(dir, { publicKey: keys.signer });
    expect(found).toMatchObject({ status: 'ok', problems: [] });
    const kept = found.recoveries[0]?.torn ?? [];
    const tail = whole.subarray(Math.max(signed, whole.lastIndexOf(10, length - 1) + 1), length);
    const pieces = kept
      .filter((piece) => piece.file.startsWith('000000'))
      .map((piece) => join(dir, piece.file));
    expect(Buffer.concat(pieces.map((piece) => readFileSync(piece)))).toEqual(tail);
    // What was kept aside is under the chain too.
    for (const piece of pieces) {
      appendFileSync(piece, 'x');
      expect(verifyLedger(dir, { publicKey: keys.signer }).problems[0]?.nature).toBe('edited');
    }
  }
});

test('zeros and whole segments behind the last checkpoint, as after a power cut', async () => {
  using folder = temporaryFolder();
  const keys = await writeSample(folder.path, {
    events: 30,
    segmentBytes: 2000,
    flushEvery: 3,
    close: false,
  });
  const segments = listSegments(folder.path);
  const last = segments.at(-1) ?? 0;
  appendFileSync(join(folder.path, segmentName(last)), Buffer.alloc(4096));
  writeFileSync(join(folder.path, segmentName(last + 1)), 'nothing of worth\n');
  const result = await recoverLedger(folder.path, keys);
  expect(result).toMatchObject({ state: 'recovered', unsigned: 0 });
  const found = verifyLedger(folder.path, { publicKey: keys.signer });
  expect(found).toMatchObject({ status: 'ok', size: 32 });
  expect(found.recoveries[0]?.torn.map((piece) => piece.bytes).sort()).toEqual([17, 4096]);
});

test('a closing record without its checkpoint: recovery goes on behind it', async () => {
  using folder = temporaryFolder();
  const keys = await writeSample(folder.path, { events: 6, flushEvery: 3 });
  const path = join(folder.path, CHECKPOINTS);
  truncateSync(path, splitNotes(readFileSync(path)).at(-1)?.offset);
  expect(verifyLedger(folder.path, { publicKey: keys.signer }).status).toBe('incomplete');
  expect(await recoverLedger(folder.path, keys)).toMatchObject({ state: 'recovered', unsigned: 1 });
  expect(verifyLedger(folder.path, { publicKey: keys.signer })).toMatchObject({ status: 'ok', size: 9 });
});

test('damage to what was signed is not called a crash', async () => {
  using folder = temporaryFolder();
  const keys = await writeSample(folder.path, { events: 6, flushEvery: 3, close: false });
  const path = join(folder.path, '000000.jsonl');
  const bytes = readFileSync(path);
  truncateSync(path, bytes.length - 5);
  expect(await recoverLedger(folder.path, keys)).toMatchObject({
    state: 'damaged',
    problems: [{ nature: 'cut' }],
  });
  expect(readFileSync(path).length).toBe(bytes.length - 5);
});

test('a ledger that is being written is not recovered', async () => {
  using folder = temporaryFolder();
  const keys = makeKeys();
  const ledger = openLedger({ dir: folder.path, run: 'r', cell: 'c', ...keys, onFailure: () => {} });
  ledger.append({ kind: 'note', text: 'alive' });
  await expect(recoverLedger(folder.path, keys)).rejects.toMatchObject({ code: 'ledger-busy' });
  await ledger.close();
});

test('a recovery that was itself cut short is taken up where it stopped', async () => {
  using folder = temporaryFolder();
  const keys = await writeSample(folder.path, { events: 6, flushEvery: 3, close: false });
  const path = join(folder.path, '000000.jsonl');
  // The first recovery had put the torn bytes aside and cut the segment, then died while recording that.
  writeFileSync(join(folder.path, '000000.jsonl-999-abcdef01.torn'), 'torn bytes');
  appendFileSync(path, '{"seq":6,"time":"2026-01-02T03:04:05.0000');
  expect(await recoverLedger(folder.path, keys)).toMatchObject({ state: 'recovered' });
  const found = verifyLedger(folder.path, { publicKey: keys.signer });
  expect(found.status).toBe('ok');
  expect(found.recoveries[0]?.torn.map((piece) => piece.bytes).sort()).toEqual([10, 41]);
});
