import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventKind, LedgerEvent } from '../contract/index.ts';
import { INDEX, listSegments, segmentName } from './files.ts';
import type { EventFilter } from './filter.ts';
import { collect, makeKeys, sampleEvent, temporaryFolder, writeSample } from './fixtures.ts';
import { pruneLedger } from './prune.ts';
import { followLedger, readLedger } from './read.ts';
import { openIndex } from './search-index.ts';
import { parseTime } from './time.ts';
import { verifyLedger } from './verify.ts';
import { openLedger } from './writer.ts';

const START = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000;
const never = (): void => {
  throw new Error('must not fail');
};

async function read(dir: string, filter: EventFilter = {}): Promise<LedgerEvent[]> {
  return await collect(readLedger(dir, filter));
}

describe('the index', () => {
  test('finds what reading finds, for any filter', async () => {
    using folder = temporaryFolder();
    await writeSample(folder.path, { events: 200, segmentBytes: 20_000, flushEvery: 30 });
    const index = openIndex(folder.path);
    const kinds = fc.constantFrom<EventKind>(
      'process.exec',
      'flow.open',
      'flow.close',
      'denial',
      'note',
      'dns.query',
    );
    const filters = fc.record(
      {
        kinds: fc.array(kinds, { maxLength: 3 }),
        pid: fc.integer({ min: 999, max: 1006 }),
        flow: fc.constantFrom('f0', 'f3', 'f99'),
        since: fc.integer({ min: START - 1, max: START + 220_000 }),
        until: fc.integer({ min: START - 1, max: START + 220_000 }),
        denied: fc.boolean(),
        text: fc.constantFrom('API.example', 'item=1', '198.51.100.7:22', 'nothing like it', '→'),
        limit: fc.nat(30),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        expect(index.query(filter)).toEqual(await read(folder.path, filter));
        const all = await read(folder.path, { ...filter, limit: Number.POSITIVE_INFINITY });
        expect(index.count(filter)).toBe(all.length);
        const { limit = all.length } = filter;
        expect(index.query({ ...filter, newest: true })).toEqual(limit === 0 ? [] : all.slice(-limit));
      }),
      { numRuns: 150 },
    );
    index.close();
  });

  test('is extended while the ledger grows, also across flows, and rebuilt when deleted, foreign or damaged', async () => {
    using folder = temporaryFolder();
    using other = temporaryFolder();
    const dir = folder.path;
    const ledger = openLedger({
      dir,
      run: 'r',
      cell: 'c',
      ...makeKeys(),
      segmentBytes: 3000,
      onFailure: never,
    });
    const open = (): string => {
      const index = openIndex(dir);
      index.close();
      return index.update;
    };
    for (let at = 0; at < 40; at += 1) {
      ledger.append(sampleEvent(at));
      if (at === 1) {
        await ledger.flush();
        expect(open()).toBe('rebuilt');
        expect(open()).toBe('current');
      }
    }
    await ledger.flush();
    expect(open()).toBe('extended');
    const index = openIndex(dir);
    expect(index.query({ pid: 1001, flow: 'f0' })).toEqual(await read(dir, { pid: 1001, flow: 'f0' }));
    expect(index.count({ pid: 1001, flow: 'f0' })).toBe(3);
    index.close();
    await ledger.close();
    rmSync(join(dir, INDEX));
    expect(open()).toBe('rebuilt');
    writeFileSync(join(dir, INDEX), 'not a database');
    expect(open()).toBe('rebuilt');
    await writeSample(other.path, { events: 9 });
    openIndex(other.path).close();
    writeFileSync(join(dir, INDEX), readFileSync(join(other.path, INDEX)));
    expect(open()).toBe('rebuilt');
    expect(open()).toBe('current');
  });

  test('never answers with what is not in the ledger', async () => {
    using folder = temporaryFolder();
    await writeSample(folder.path, { events: 9 });
    const index = openIndex(folder.path);
    const path = join(folder.path, segmentName(0));
    writeFileSync(
      path,
      readFileSync(path, 'latin1').replace('paste.example.com', 'proxy.example.com'),
      'latin1',
    );
    expect(() => index.query({ kinds: ['dns.query'] })).toThrow(/record 3 is not in 000000.jsonl:4 any more/);
    index.close();
  });
});

describe('following', () => {
  test('yields what is there and what comes, across segments, to the closing record', async () => {
    using folder = temporaryFolder();
    const dir = folder.path;
    const ledger = openLedger({
      dir,
      run: 'r',
      cell: 'c',
      ...makeKeys(),
      segmentBytes: 2000,
      intervalMs: 2,
      onFailure: never,
    });
    ledger.append(sampleEvent(0));
    const seen: number[] = [];
    const following = (async () => {
      for await (const event of followLedger(dir, AbortSignal.timeout(20_000))) {
        seen.push(event.seq);
        // Each event read calls forth the next: there is always something to wait for.
        if (event.seq < 60) ledger.append(sampleEvent(event.seq + 1));
        else if (event.seq === 60) void ledger.close();
      }
    })();
    await following;
    expect(seen).toEqual([...Array(62).keys()]);
    expect(listSegments(dir).length).toBeGreaterThan(3);
  });

  test('ends when it is told to, and starts where it is told to', async () => {
    using folder = temporaryFolder();
    await writeSample(folder.path, { events: 5, close: false });
    const stop = new AbortController();
    const seen: number[] = [];
    for await (const event of followLedger(folder.path, stop.signal, { from: 3 })) {
      seen.push(event.seq);
      if (event.seq === 4) setImmediate(() => stop.abort());
    }
    expect(seen).toEqual([3, 4]);
  });
});

test('a line that is no record is told, not passed over', async () => {
  using folder = temporaryFolder();
  await writeSample(folder.path, { events: 5 });
  const path = join(folder.path, segmentName(0));
  writeFileSync(path, readFileSync(path, 'latin1').replace('{"seq":2', '"seq":2'), 'latin1');
  await expect(read(folder.path)).rejects.toThrow(/000000.jsonl:3 is no record/);
  const told: number[] = [];
  const events = await collect(
    readLedger(folder.path, {}, { onUnreadable: (place) => told.push(place.line) }),
  );
  expect(told).toEqual([3]);
  expect(events.map((event) => event.seq)).toEqual([0, 1, 3, 4, 5]);
});

describe('retention', () => {
  test('removes old segments; the rest verifies and says what is gone', async () => {
    using folder = temporaryFolder();
    const dir = folder.path;
    const { signer } = await writeSample(dir, { events: 60, segmentBytes: 3000, flushEvery: 5 });
    const before = listSegments(dir);
    const size = (segment: number): number => statSync(join(dir, segmentName(segment))).size;
    openIndex(dir).close();
    const keepBytes = before.slice(-2).reduce((sum, segment) => sum + size(segment), 0);
    const result = pruneLedger(dir, { signer, keepBytes });
    expect(result).toMatchObject({ state: 'pruned', segments: before.length - 2 });
    expect(listSegments(dir)).toEqual(before.slice(-2));
    const found = verifyLedger(dir, { publicKey: signer });
    const events = await read(dir);
    expect(found).toMatchObject({
      status: 'ok',
      size: 61,
      pruned: { segment: before.at(-2), size: events[0]?.seq },
    });
    expect(result).toMatchObject({ records: events[0]?.seq });
    const index = openIndex(dir);
    expect(index.count({})).toBe(events.length);
    index.close();
    expect(pruneLedger(dir, { signer, keepBytes })).toEqual({ state: 'nothing' });
    // Without the anchor, or with one of another key, the removal shows.
    const anchor = readFileSync(join(dir, 'anchor'));
    rmSync(join(dir, 'anchor'));
    expect(verifyLedger(dir, { publicKey: signer }).problems[0]?.nature).toBe('missing-segment');
    for (let at = 0; at < anchor.length; at += 1) {
      const changed = Buffer.from(anchor);
      changed[at] = (anchor[at] ?? 0) ^ 1;
      writeFileSync(join(dir, 'anchor'), changed);
      expect(verifyLedger(dir, { publicKey: signer }).problems[0]?.file, `byte ${at}`).toBe('anchor');
    }
    writeFileSync(join(dir, 'anchor'), anchor);
    expect(pruneLedger(dir, { signer, keepBytes: 0 })).toMatchObject({ state: 'pruned', segments: 1 });
    expect(verifyLedger(dir, { publicKey: signer })).toMatchObject({ status: 'ok', problems: [] });
  });

  test('by age: only segments that are old as a whole', async () => {
    using folder = temporaryFolder();
    const dir = folder.path;
    const { signer } = await writeSample(dir, { events: 60, segmentBytes: 3000, flushEvery: 5 });
    const cut = START + 30_500;
    pruneLedger(dir, { signer, before: new Date(cut / 1000) });
    const times = (await read(dir)).map((event) => parseTime(event.time));
    expect(times.filter((time) => time >= cut)).toHaveLength(30);
    expect(times.length).toBeLessThan(60);
    expect(verifyLedger(dir, { publicKey: signer }).status).toBe('ok');
  });

  test('is refused where the ledger does not verify', async () => {
    using folder = temporaryFolder();
    const { signer } = await writeSample(folder.path, { events: 60, segmentBytes: 3000, flushEvery: 5 });
    const path = join(folder.path, segmentName(1));
    writeFileSync(path, `${readFileSync(path, 'latin1')}x`, 'latin1');
    expect(pruneLedger(folder.path, { signer, keepBytes: 0 })).toMatchObject({ state: 'refused' });
    expect(listSegments(folder.path)[0]).toBe(0);
  });
});

test('jq and sha256sum verify a ledger without us', async () => {
  using folder = temporaryFolder();
  await writeSample(folder.path, { events: 8 });
  const script = `prev=$(printf '0%.0s' $(seq 64)); cat "$1"/*.jsonl | while IFS= read -r line; do
    body=\${line%,\\"hash\\":*}
    [ "$(printf %s "$body" | sha256sum | cut -d' ' -f1)" = "$(printf %s "$line" | jq -r .hash)" ] || echo "edited: $line"
    [ "$(printf %s "$line" | jq -r .prev)" = "$prev" ] || echo "broken before: $line"
    prev=$(printf %s "$line" | jq -r .hash); done`;
  const run = (): string =>
    spawnSync('bash', ['-c', script, 'bash', folder.path], { encoding: 'utf8' }).stdout;
  expect(spawnSync('jq', ['--version']).status, 'needs jq').toBe(0);
  expect(run()).toBe('');
  const name = readdirSync(folder.path).find((file) => file.endsWith('.jsonl')) ?? '';
  const path = join(folder.path, name);
  writeFileSync(path, readFileSync(path, 'latin1').replace('paste', 'pasta'), 'latin1');
  expect(run()).toMatch(/^edited: \{"seq":3/);
});
