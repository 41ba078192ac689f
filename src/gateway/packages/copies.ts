/**
 * One copy of each artefact: taken from the contract's store where it is there and its digest is right, otherwise
 * fetched once, in the order of the list, and kept. A byte is served only after all of them have been compared.
 *
 * @module
 */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  CopyOf,
  GatewayMessage,
  PackageArtefact,
  PackageIndex,
  PackageStore,
} from '../../contract/index.ts';
import {
  copyKey,
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  formatDigest,
  strongestDigests,
} from '../../contract/packages.ts';
import type { Reporter } from '../reporter.ts';
import { ACCEPT, PARALLEL, type Upstream } from './upstream.ts';

/** Largest artefact, bytes; the controller keeps none larger. */
const MAX_ARTEFACT = 2 * 1024 * 1024 * 1024 - 1;
/** Bytes of one message to the controller. */
const PIECE = 512 * 1024;
const READ = 1024 * 1024;

/** A file that can be had: which artefact, and what the index upstream told of it. */
export interface Item {
  of: CopyOf;
  index: PackageIndex;
  artefact: PackageArtefact;
  url: string;
  /** what it must be, where the index says; the list's word counts for more */
  digests: string[];
}

const keyOf = ({ index, artefact, of }: Item): string => copyKey(index, artefact, of.file);

/** An open file with the right digest; or why there is none, for the operator. */
export type Copy =
  | { ok: true; file: FileHandle; bytes: number; from: 'copy' | 'upstream'; digest: string }
  | { ok: false; why: string };

export interface CopiesOptions {
  store: PackageStore;
  reporter: Reporter;
  upstream: (index: PackageIndex) => Upstream;
  /** hands a message to the controller; resolves when there is room for more */
  send: (message: GatewayMessage) => Promise<void>;
}

export class Copies {
  readonly #options: CopiesOptions;
  readonly #known = new Map<string, Promise<Copy>>();
  readonly #kept = new Map<number, (problem: string | undefined) => void>();
  readonly #missing = new Set<string>();
  readonly #queue: (() => Promise<void>)[] = [];
  #running = 0;
  #numbers = 0;

  constructor(options: CopiesOptions) {
    this.#options = options;
  }

  /** Fetches what the store does not have, in this order and whatever is asked for meanwhile. */
  ahead(items: readonly Item[], there: ReadonlySet<string>): void {
    for (const item of items) {
      const key = keyOf(item);
      if (there.has(key) && this.#expected(item, key).length > 0) continue;
      this.#missing.add(key);
      void this.obtain(item);
    }
  }

  /** The copy of a file. What is not in the store goes to the end of the queue, once. */
  obtain(item: Item): Promise<Copy> {
    const key = keyOf(item);
    const known = this.#known.get(key);
    if (known) return known;
    const copy = this.#make(item, key).catch((error: Error): Copy => ({ ok: false, why: error.message }));
    this.#known.set(key, copy);
    return copy;
  }

  /** The controller has kept a copy, or says why not. */
  kept(copy: number, problem: string | undefined): void {
    this.#kept.get(copy)?.(problem);
    this.#kept.delete(copy);
  }

  #next(): void {
    while (this.#running < PARALLEL) {
      const work = this.#queue.shift();
      if (!work) return;
      this.#running += 1;
      void work().finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #make(item: Item, key: string): Promise<Copy> {
    const expected = this.#expected(item, key);
    return await new Promise<Copy>((resolve) => {
      const fetch = async () => {
        const copy = this.#fetch(item, key, expected);
        resolve(copy);
        await copy.catch(() => {});
      };
      const queue = () => {
        this.#queue.push(fetch);
        this.#next();
      };
      // at once, so that the order of the list is the order of the queue
      if (this.#missing.has(key) || expected.length === 0) queue();
      else
        void this.#fromStore(key, expected).then((there) => {
          if (there) resolve(there);
          else queue();
        });
    });
  }

  /** What a copy must be: the list's word, what the first fetch taught, or else the index's. */
  #expected(item: Item, key: string): readonly string[] {
    const learned = this.#options.store.learned[key];
    const listed = item.artefact.digests;
    return listed.length > 0 ? listed : learned !== undefined ? [learned] : item.digests;
  }

  async #fromStore(key: string, expected: readonly string[]): Promise<Copy | undefined> {
    const path = join(this.#options.store.folder, key);
    const file = await open(path, 'r').catch(() => undefined);
    if (!file) return undefined;
    const found = await digestOf(file, expected).catch(() => undefined);
    if (found?.right) return { ok: true, file, bytes: found.bytes, from: 'copy', digest: found.digest };
    await file.close();
    return undefined;
  }

  async #fetch(item: Item, key: string, expected: readonly string[]): Promise<Copy> {
    const { reporter, upstream } = this.#options;
    const begun = performance.now();
    let outcome = await this.#once(item, upstream(item.index), expected);
    if (!outcome.ok && outcome.again) outcome = await this.#once(item, upstream(item.index), expected);
    const { index, artefact, of } = item;
    reporter.event({
      kind: 'package.fetch',
      ecosystem: index.ecosystem,
      name: artefact.name,
      ...(artefact.version !== '' && { version: artefact.version }),
      file: of.file,
      url: item.url,
      ok: outcome.ok,
      bytes: outcome.bytes,
      ms: Math.round(performance.now() - begun),
      ...(outcome.ok && artefact.digests.length === 0 && { digest: outcome.digest }),
      ...(!outcome.ok && { detail: outcome.why }),
      clause: `packages[${index.rule}]`,
    });
    if (!outcome.ok) return { ok: false, why: outcome.why };
    const copy = await this.#fromStore(key, [outcome.digest]);
    return copy?.ok ? { ...copy, from: 'upstream' } : { ok: false, why: 'its copy cannot be read' };
  }

  async #once(item: Item, upstream: Upstream, expected: readonly string[]): Promise<Outcome> {
    this.#numbers += 1;
    const copy = this.#numbers;
    const hashes = makeHashes(expected);
    let held: Buffer[] = [];
    let size = 0;
    let first = true;
    const { send } = this.#options;
    const flush = async () => {
      const data = Buffer.concat(held).toString('base64');
      held = [];
      size = 0;
      const of = first ? { of: item.of } : {};
      first = false;
      await send({ type: 'copy', copy, ...of, data });
    };
    const fetched = await upstream.get(item.url, ACCEPT.file, MAX_ARTEFACT, async (piece) => {
      for (const hash of hashes.values()) hash.update(piece);
      held.push(piece);
      size += piece.length;
      if (size >= PIECE) await flush();
    });
    const forget = async () => {
      if (!first) await send({ type: 'uncopied', copy });
    };
    if (!fetched.ok) {
      await forget();
      return { ok: false, why: fetched.why, again: fetched.again, bytes: 0 };
    }
    const { bytes } = fetched;
    const { digest, right } = judge(hashes, expected);
    if (!right) {
      await forget();
      return { ok: false, why: 'its digest is not the one it must have', again: false, bytes };
    }
    await flush();
    const problem = await new Promise<string | undefined>((resolve) => {
      this.#kept.set(copy, resolve);
      void send({ type: 'copied', copy, digest });
    });
    if (problem !== undefined) return { ok: false, why: `not kept: ${problem}`, again: false, bytes };
    return { ok: true, bytes, digest };
  }
}

type Outcome =
  | { ok: true; bytes: number; digest: string }
  | { ok: false; why: string; again: boolean; bytes: number };

/** SHA-512 and whatever else is needed to compare. */
function makeHashes(expected: readonly string[]): Map<DigestAlgorithm, Hash> {
  const names = new Set<DigestAlgorithm>(['sha512']);
  for (const algorithm of DIGEST_ALGORITHMS)
    if (expected.some((digest) => digest.startsWith(`${algorithm}-`))) names.add(algorithm);
  return new Map([...names].map((name) => [name, createHash(name)]));
}

/** Compares by the strongest algorithm named; nothing expected: anything is right. */
function judge(hashes: Map<DigestAlgorithm, Hash>, expected: readonly string[]) {
  const digests = [...hashes].map(([algorithm, hash]) => formatDigest(algorithm, hash.digest()));
  const wanted = strongestDigests(expected);
  const right = expected.length === 0 || digests.some((digest) => wanted.includes(digest));
  return { digest: digests[0] as string, right };
}

async function digestOf(file: FileHandle, expected: readonly string[]) {
  const hashes = makeHashes(expected);
  const buffer = Buffer.allocUnsafe(READ);
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, READ, bytes);
    if (bytesRead === 0) break;
    for (const hash of hashes.values()) hash.update(buffer.subarray(0, bytesRead));
    bytes += bytesRead;
  }
  return { bytes, ...judge(hashes, expected) };
}
