import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { LedgerEvent } from '../contract/index.ts';
import { collect, makeKeys, sampleEvent, temporaryFolder, writeSample } from './fixtures.ts';
import { loadKeys } from './keys.ts';
import { readLedger } from './read.ts';
import { recoverLedger } from './recover.ts';
import { verifyLedger } from './verify.ts';
import { openLedger } from './writer.ts';

const never = (): void => {
  throw new Error('must not fail');
};

async function eventsOf(dir: string): Promise<LedgerEvent[]> {
  return await collect(readLedger(dir));
}

test('events come back as they went in, with run, cell, number, time and context', async () => {
  using folder = temporaryFolder();
  const keys = makeKeys();
  const ledger = openLedger({ dir: folder.path, run: 'r', cell: 'c', ...keys, onFailure: never });
  const time = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + 6;
  expect(ledger.append(sampleEvent(0), time)).toBe(0);
  expect(ledger.append(sampleEvent(1), time + 1_000_000, { turn: 't1' })).toBe(1);
  expect(ledger.durable.size).toBe(0);
  expect(await ledger.flush()).toMatchObject({ size: 2 });
  await ledger.close();
  const [first, second, last] = await eventsOf(folder.path);
  expect(first).toEqual({
    seq: 0,
    time: '2026-01-02T03:04:05.000006Z',
    run: 'r',
    cell: 'c',
    ...sampleEvent(0),
  });
  expect(second).toMatchObject({ time: '2026-01-02T03:04:06.000006Z', context: { turn: 't1' } });
  expect(last).toMatchObject({ kind: 'ledger.close', by: 'writer' });
});

test('bytes that are not UTF-8 survive', async () => {
  using folder = temporaryFolder();
  const keys = makeKeys();
  const ledger = openLedger({ dir: folder.path, run: 'r', cell: 'c', ...keys, onFailure: never });
  const path = '/tmp/\udcff\udc80 \u0000\u202e 😀';
  ledger.append({ kind: 'file.change', owner: { pid: 1 }, op: 'write', path, observed: true });
  await ledger.close();
  expect((await eventsOf(folder.path))[0]).toMatchObject({ path });
  expect(verifyLedger(folder.path, { publicKey: keys.signer }).status).toBe('ok');
});

test('huge arguments are cut, and the cut is said', async () => {
  using folder = temporaryFolder();
  const keys = makeKeys();
  const ledger = openLedger({ dir: folder.path, run: 'r', cell: 'c', ...keys, onFailure: never });
  const argv = ['tool', 'x'.repeat(3_000_000), ...Array.from({ length: 5000 }, (_, index) => `${index}`)];
  const owner = { pid: 1, argv };
  ledger.append({ kind: 'process.exec', owner, path: '/bin/tool', cwd: '/', observed: true });
  ledger.append({
    kind: 'process.exec',
    owner: { pid: 1, argv: Array(200).fill('\u1234'.repeat(4096)) },
    path: '/',
    cwd: '/',
    observed: true,
  });
  await ledger.close();
  const text = readFileSync(join(folder.path, '000000.jsonl'), 'utf8');
  expect(text).toContain('2995904 more characters, sha256 ');
  expect(text).toContain('4746 more items');
  expect(verifyLedger(folder.path, { publicKey: keys.signer })).toMatchObject({ status: 'ok', size: 3 });
});

test('a folder holds one ledger, one writer, and nothing after close', async () => {
  using folder = temporaryFolder();
  const options = { dir: folder.path, run: 'r', cell: 'c', ...makeKeys(), onFailure: never };
  const ledger = openLedger(options);
  expect(() => openLedger(options)).toThrow(expect.objectContaining({ code: 'ledger-busy' }));
  await ledger.close();
  expect(() => openLedger(options)).toThrow(expect.objectContaining({ code: 'ledger-exists' }));
  expect(() => ledger.append(sampleEvent(0))).toThrow(expect.objectContaining({ code: 'ledger-closed' }));
  expect(await ledger.close()).toMatchObject({ size: 1 });
});

test('the lock of a dead process is void', async () => {
  using folder = temporaryFolder();
  // A process that exists, but started at another time.
  writeFileSync(join(folder.path, 'lock'), `${process.pid} 1 00000000-0000-0000-0000-000000000000\n`);
  const ledger = openLedger({ dir: folder.path, run: 'r', cell: 'c', ...makeKeys(), onFailure: never });
  await ledger.close();
});

test('when the disk takes no more, the writer fails once, loudly, and what is there can be recovered', async () => {
  using folder = temporaryFolder();
  const dir = join(folder.path, 'run');
  const state = join(folder.path, 'state');
  const keys = loadKeys(state);
  const child = fileURLToPath(new URL('./crash.child.ts', import.meta.url));
  // RLIMIT_FSIZE makes write(2) fail in the middle of a batch, as a full disk does; 64 blocks of 512 bytes.
  const script = 'trap "" XFSZ; ulimit -f 64; exec "$@"';
  const run = spawnSync('sh', ['-c', script, 'sh', process.execPath, child, dir, state], {
    encoding: 'utf8',
  });
  expect(run.status, run.stderr).toBe(9);
  expect(run.stdout).toMatch(/failed ledger-failed cannot write the ledger in .*EFBIG/);
  expect(run.stdout.match(/failed/g)?.length).toBe(2);
  const durable = Number(run.stdout.trim().split('\n').at(-2)?.split(' ')[1]);
  const result = await recoverLedger(dir, keys);
  expect(result).toMatchObject({ state: 'recovered', torn: [{ file: expect.stringContaining('000000') }] });
  const found = verifyLedger(dir, { publicKey: keys.signer });
  expect(found.status).toBe('ok');
  expect(found.size).toBeGreaterThan(durable);
});

test('keys are made once, closed to others, and refused when open to them', () => {
  using folder = temporaryFolder();
  const one = loadKeys(folder.path);
  const two = loadKeys(folder.path);
  expect(two.signer.id).toEqual(one.signer.id);
  expect(two.redactionKey).toEqual(one.redactionKey);
  expect(statSync(join(folder.path, 'ledger.pem')).mode & 0o777).toBe(0o600);
  spawnSync('chmod', ['644', join(folder.path, 'ledger.pem')]);
  expect(() => loadKeys(folder.path)).toThrow(expect.objectContaining({ code: 'ledger-key' }));
});

test('segments are full at their size and linked', async () => {
  using folder = temporaryFolder();
  const keys = await writeSample(folder.path, { events: 100, segmentBytes: 5000, flushEvery: 4 });
  expect(verifyLedger(folder.path, { publicKey: keys.signer })).toMatchObject({ status: 'ok', size: 101 });
  expect((await eventsOf(folder.path)).map((event) => event.seq)).toEqual([...Array(101).keys()]);
});
