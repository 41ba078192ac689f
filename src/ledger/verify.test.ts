import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHECKPOINTS } from './files.ts';
import { makeKeys, temporaryFolder, verifyNaively, writeSample } from './fixtures.ts';
import { verifierText } from './note.ts';
import { splitNotes } from './scan.ts';
import { verifyLedger } from './verify.ts';

/** Line starts in a file; the last entry is its length. */
function lineStarts(file: Buffer): number[] {
  const starts = [0];
  for (let at = file.indexOf(10); at >= 0; at = file.indexOf(10, at + 1)) starts.push(at + 1);
  return starts;
}

function segmentsOf(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.jsonl'))
    .sort();
}

function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  for (const name of readdirSync(from)) copyFileSync(join(from, name), join(to, name));
}

describe('a ledger as it was written', () => {
  test('verifies, and the naive verifier agrees', async () => {
    using folder = temporaryFolder();
    const { signer } = await writeSample(folder.path, { events: 50, segmentBytes: 2000, flushEvery: 7 });
    const found = verifyLedger(folder.path, { publicKey: verifierText(signer) });
    expect(found.problems).toEqual([]);
    expect(found.status).toBe('ok');
    expect(found.size).toBe(51);
    expect(found.signed).toBe(51);
    expect(segmentsOf(folder.path).length).toBeGreaterThan(3);
    expect(verifyNaively(folder.path)).toEqual({ ok: true, size: 51, head: found.head });
  });

  test('is incomplete until it is closed', async () => {
    using folder = temporaryFolder();
    const { signer } = await writeSample(folder.path, { events: 5, close: false });
    const found = verifyLedger(folder.path, { publicKey: signer });
    expect(found).toMatchObject({ status: 'incomplete', problems: [], size: 5, signed: 5, closed: false });
  });

  test('does not verify with another key', async () => {
    using folder = temporaryFolder();
    await writeSample(folder.path, { events: 5 });
    const found = verifyLedger(folder.path, { publicKey: makeKeys().signer });
    expect(found.status).toBe('broken');
    expect(found.problems[0]?.nature).toBe('wrong-signature');
  });
});

describe('any change is found at its place', () => {
  test('every single byte of segments, checkpoints and key', { timeout: 120_000 }, async () => {
    using folder = temporaryFolder();
    const dir = folder.path;
    const { signer } = await writeSample(dir, { events: 6, segmentBytes: 900, flushEvery: 2 });
    expect(segmentsOf(dir).length).toBeGreaterThan(1);
    for (const name of [...segmentsOf(dir), CHECKPOINTS, 'key']) {
      const path = join(dir, name);
      const original = readFileSync(path);
      const starts =
        name === CHECKPOINTS ? splitNotes(original).map((note) => note.offset) : lineStarts(original);
      for (let at = 0; at < original.length; at += 1) {
        const changed = Buffer.from(original);
        changed[at] = (original[at] ?? 0) ^ (1 << (at % 8));
        writeFileSync(path, changed);
        const found = verifyLedger(dir, { publicKey: signer });
        const [first] = found.problems;
        const start = starts.filter((offset) => offset <= at).at(-1);
        const where = `${name} byte ${at}: ${JSON.stringify(first)}`;
        expect(found.status, where).not.toBe('ok');
        expect(first?.file, where).toBe(name);
        expect(first?.offset, where).toBe(name === 'key' ? 0 : start);
      }
      writeFileSync(path, original);
    }
    expect(verifyLedger(dir, { publicKey: signer }).status).toBe('ok');
  });

  test('every truncation of the last segment', async () => {
    using folder = temporaryFolder();
    const { signer } = await writeSample(folder.path, { events: 4, flushEvery: 2 });
    const path = join(folder.path, '000000.jsonl');
    const original = readFileSync(path);
    for (let length = 0; length < original.length; length += 1) {
      writeFileSync(path, original.subarray(0, length));
      const found = verifyLedger(folder.path, { publicKey: signer });
      expect(found.status).toBe('broken');
      expect(found.problems[0], `length ${length}`).toMatchObject({ nature: 'cut', file: '000000.jsonl' });
    }
  });

  test('records cut, moved and repeated: same place as the naive verifier', { timeout: 60_000 }, async () => {
    using folder = temporaryFolder();
    using scratch = temporaryFolder();
    const dir = join(scratch.path, 'copy');
    const keys = await writeSample(folder.path, { events: 40, segmentBytes: 3000, flushEvery: 6 });
    const names = segmentsOf(folder.path);
    const all = names.flatMap((name) =>
      readFileSync(join(folder.path, name), 'latin1')
        .split('\n')
        .slice(0, -1)
        .map((line) => ({ name, line })),
    );
    const index = fc.nat(all.length - 1);
    const change = fc.record({
      how: fc.constantFrom('cut', 'move', 'repeat', 'swap'),
      from: index,
      to: index,
    });
    fc.assert(
      fc.property(change, ({ how, from, to }) => {
        const lines = [...all];
        const one = lines[from];
        const two = lines[to];
        if (!one || !two) return;
        if (how === 'cut') lines.splice(from, 1);
        if (how === 'repeat') lines.splice(to, 0, { name: two.name, line: one.line });
        if (how === 'move') {
          lines.splice(from, 1);
          lines.splice(to, 0, { name: two.name, line: one.line });
        }
        if (how === 'swap') {
          lines[from] = { name: one.name, line: two.line };
          lines[to] = { name: two.name, line: one.line };
        }
        if (lines.length === all.length && lines.every((entry, at) => entry.line === all[at]?.line)) return;
        copyFolder(folder.path, dir);
        for (const name of names) {
          const text = lines.filter((entry) => entry.name === name).map((entry) => `${entry.line}\n`);
          writeFileSync(join(dir, name), text.join(''), 'latin1');
        }
        const found = verifyLedger(dir, { publicKey: keys.signer });
        const [first] = found.problems;
        expect(found.status).toBe('broken');
        // A move between the ends of two segments can leave the records in order but not the files: still said.
        const naive = verifyNaively(dir);
        const sorted = names.flatMap((name) => lines.filter((entry) => entry.name === name));
        if (!naive.ok) {
          const entry = sorted[naive.line];
          const line = sorted.slice(0, naive.line).filter((other) => other.name === entry?.name).length + 1;
          expect({ file: first?.file, line: first?.line }).toEqual({ file: entry?.name, line });
        } else {
          expect(first?.nature).toBe('cut');
        }
        if (how === 'cut') expect(first?.nature).toBe('cut');
      }),
      { numRuns: 300 },
    );
  });

  test('checkpoints cut, moved and repeated', async () => {
    using folder = temporaryFolder();
    const { signer } = await writeSample(folder.path, { events: 12, flushEvery: 2 });
    const path = join(folder.path, CHECKPOINTS);
    const original = readFileSync(path);
    const notes = splitNotes(original).map((note) => `${note.bytes.toString('utf8')}\n`);
    expect(notes.length).toBe(7);
    for (let from = 0; from < notes.length; from += 1) {
      const without = notes.filter((_, index) => index !== from);
      const note = notes[from] ?? '';
      writeFileSync(path, without.join(''));
      const cut = verifyLedger(folder.path, { publicKey: signer });
      expect(cut.status).not.toBe('ok');
      if (from < notes.length - 1)
        expect(cut.problems[0]).toMatchObject({ file: CHECKPOINTS, nature: 'cut' });
      for (let to = 0; to < notes.length; to += 1) {
        if (to === from) continue;
        writeFileSync(path, without.toSpliced(to, 0, note).join(''));
        const moved = verifyLedger(folder.path, { publicKey: signer });
        expect(moved.status).toBe('broken');
        expect(['reordered', 'forked']).toContain(moved.problems[0]?.nature);
      }
      writeFileSync(path, notes.toSpliced(from, 0, note).join(''));
      expect(verifyLedger(folder.path, { publicKey: signer }).problems[0]?.nature).toBe('duplicated');
    }
  });

  test('a missing segment, at the start, in the middle, at the end', async () => {
    using folder = temporaryFolder();
    const { signer } = await writeSample(folder.path, { events: 30, segmentBytes: 2000, flushEvery: 3 });
    const names = segmentsOf(folder.path);
    for (const [index, name] of names.entries()) {
      const path = join(folder.path, name);
      const bytes = readFileSync(path);
      rmSync(path);
      const found = verifyLedger(folder.path, { publicKey: signer });
      expect(found.status).toBe('broken');
      if (index < names.length - 1) {
        expect(found.problems[0]).toMatchObject({ nature: 'missing-segment', file: name });
      } else {
        expect(found.problems[0]).toMatchObject({ nature: 'cut', file: names.at(-2) });
      }
      writeFileSync(path, bytes);
    }
  });

  test('a chain rewritten from some record on, without the key', async () => {
    using folder = temporaryFolder();
    using other = temporaryFolder();
    const keys = await writeSample(folder.path, { events: 20, flushEvery: 5 });
    // Another true chain of the same length stands in for one that was rewritten by hand.
    await writeSample(other.path, { events: 19, flushEvery: 19, keys });
    copyFileSync(join(other.path, '000000.jsonl'), join(folder.path, '000000.jsonl'));
    const found = verifyLedger(folder.path, { publicKey: keys.signer });
    expect(found.status).toBe('broken');
    expect(found.problems.some((problem) => problem.nature === 'forked' || problem.nature === 'cut')).toBe(
      true,
    );
  });

  test('two ledgers of one run: a fork shows against a checkpoint kept elsewhere', async () => {
    using one = temporaryFolder();
    using two = temporaryFolder();
    const keys = await writeSample(one.path, { events: 10, flushEvery: 5 });
    await writeSample(two.path, { events: 12, flushEvery: 11, keys });
    const last =
      splitNotes(readFileSync(join(one.path, CHECKPOINTS)))
        .at(-1)
        ?.bytes.toString() ?? '';
    expect(verifyLedger(one.path, { publicKey: keys.signer, expect: last }).status).toBe('ok');
    const found = verifyLedger(two.path, { publicKey: keys.signer, expect: last });
    expect(found.status).toBe('broken');
    expect(found.problems.map((problem) => problem.nature)).toContain('forked');
  });

  test('a ledger cut back with its checkpoints shows against a checkpoint kept elsewhere', async () => {
    using folder = temporaryFolder();
    const { signer } = await writeSample(folder.path, { events: 10, flushEvery: 5 });
    const notes = splitNotes(readFileSync(join(folder.path, CHECKPOINTS)));
    const last = notes.at(-1)?.bytes.toString() ?? '';
    const text = readFileSync(join(folder.path, '000000.jsonl'), 'latin1').split('\n').slice(0, 5);
    writeFileSync(join(folder.path, '000000.jsonl'), `${text.join('\n')}\n`, 'latin1');
    writeFileSync(join(folder.path, CHECKPOINTS), `${notes[0]?.bytes.toString()}\n`);
    expect(verifyLedger(folder.path, { publicKey: signer }).status).toBe('incomplete');
    const found = verifyLedger(folder.path, { publicKey: signer, expect: last });
    expect(found).toMatchObject({ status: 'broken', problems: [{ nature: 'cut' }] });
  });

  test('anything behind the closing record', async () => {
    using folder = temporaryFolder();
    const { signer } = await writeSample(folder.path, { events: 3 });
    const path = join(folder.path, '000000.jsonl');
    const original = readFileSync(path);
    for (const more of ['x', '\n', '{}\n', '\0\0\0\0']) {
      writeFileSync(path, Buffer.concat([original, Buffer.from(more)]));
      const found = verifyLedger(folder.path, { publicKey: signer });
      expect(found.problems[0]).toMatchObject({ nature: 'garbage', offset: original.length });
    }
    expect(existsSync(join(folder.path, 'lock'))).toBe(false);
  });
});
