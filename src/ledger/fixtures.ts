/**
 * What the ledger's tests share: folders, keys, sample events, and a verifier that is slow and obviously right.
 *
 * @module
 */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventBody } from '../contract/index.ts';
import { LOCK } from './files.ts';
import type { LedgerKeys } from './keys.ts';
import { signerFromPem } from './note.ts';
import { openLedger } from './writer.ts';

/** A folder that is removed at the end of a `using` block. */
export function temporaryFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'ringfence-ledger-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Keys that live in memory only. */
export function makeKeys(name = 'ringfence/test'): LedgerKeys {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { signer: signerFromPem(name, pem.toString()), redactionKey: Buffer.alloc(32, 7) };
}

/** Event number `index` of an ordinary run: each kind in turn. */
export function sampleEvent(index: number): EventBody {
  const owner = { pid: 1000 + (index % 5), ppid: 1, exe: '/usr/bin/tool', argv: ['tool', `--item=${index}`] };
  const flow = `f${Math.floor(index / 9)}`;
  const kinds: EventBody[] = [
    { kind: 'process.exec', owner, path: '/usr/bin/tool', cwd: '/home/user/project', observed: true },
    {
      kind: 'flow.open',
      flow,
      owner,
      host: 'api.example.com',
      address: '192.0.2.7',
      port: 443,
      transport: 'tcp',
    },
    { kind: 'file.change', owner, op: 'write', path: `/home/user/project/src/${index}.ts`, observed: true },
    { kind: 'dns.query', owner, name: 'paste.example.com', type: 'A', answer: [], denied: 'not declared' },
    {
      kind: 'flow.verdict',
      flow,
      protocol: 'tls',
      declared: 'https',
      ok: index % 2 === 0,
      sni: 'api.example.com',
    },
    { kind: 'denial', layer: 'network', owner, what: 'connect 198.51.100.7:22/tcp', clause: 'network' },
    { kind: 'resource.sample', cpu: index, memory: 1024, processes: 3, disk: 0 },
    { kind: 'flow.close', flow, sent: 10, received: 20, ms: 5, reason: 'done' },
    { kind: 'process.exit', owner, code: index % 3 },
  ];
  return kinds[index % kinds.length] ?? { kind: 'note', text: 'none' };
}

export interface SampleOptions {
  events: number;
  keys?: LedgerKeys;
  segmentBytes?: number;
  /** events between two flushes, so between two checkpoints */
  flushEvery?: number;
  close?: boolean;
}

/** Writes a ledger of sample events and returns the keys it was signed with. */
export async function writeSample(dir: string, options: SampleOptions): Promise<LedgerKeys> {
  const keys = options.keys ?? makeKeys();
  const ledger = openLedger({
    dir,
    run: 'run-1',
    cell: 'cell-1',
    ...keys,
    segmentBytes: options.segmentBytes ?? 1 << 20,
    intervalMs: 60_000,
    onFailure: (error) => {
      throw error;
    },
  });
  const start = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000;
  for (let index = 0; index < options.events; index += 1) {
    ledger.append(sampleEvent(index), start + index * 1000);
    if ((index + 1) % (options.flushEvery ?? 1000) === 0) await ledger.flush();
  }
  if (options.close ?? true) await ledger.close();
  else {
    await ledger.flush();
    // As if this process had died: its lock is void.
    rmSync(join(dir, LOCK));
  }
  return keys;
}

/** Where the naive verifier first finds the chain broken: line of the concatenated segments, from 0; or all well. */
export type NaiveResult = { ok: true; size: number; head: string } | { ok: false; line: number };

/**
 * The chain's definition written down as directly as possible, as an oracle: all lines in memory, JSON parsed, the hash
 * field cut off by text, numbers counted. Knows nothing of checkpoints.
 */
export function verifyNaively(dir: string): NaiveResult {
  const names = readdirSync(dir)
    .filter((name) => name.endsWith('.jsonl'))
    .sort();
  const text = names.map((name) => readFileSync(join(dir, name), 'latin1')).join('');
  const lines = text.split('\n');
  if (lines.pop() !== '') return { ok: false, line: lines.length };
  let prev = '0'.repeat(64);
  for (const [index, line] of lines.entries()) {
    const broken: NaiveResult = { ok: false, line: index };
    const cut = line.lastIndexOf(',"hash":"');
    if (cut < 0) return broken;
    const digest = createHash('sha256')
      .update(Buffer.from(line.slice(0, cut), 'latin1'))
      .digest('hex');
    if (line.slice(cut) !== `,"hash":"${digest}"}`) return broken;
    let record: { seq?: unknown; prev?: unknown };
    try {
      record = JSON.parse(line);
    } catch {
      return broken;
    }
    if (record.seq !== index || record.prev !== prev) return broken;
    prev = digest;
  }
  return { ok: true, size: lines.length, head: prev };
}

/** All that a stream yields. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}
