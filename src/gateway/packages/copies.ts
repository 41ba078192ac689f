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
  askedFolder,
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

/** What of the contract lets it be had. */
export const clauseOf = ({ index, of }: Item): string =>
  of.asked ? 'oversight.approve' : `packages[${index.rule}]`;

/** An open file with the right digest, which whoever gets it closes; or why there is none, for the operator. */
export type Copy = ({ ok: true; file: FileHandle } & Kept) | { ok: false; why: string };

/** What is known of a copy in the store. Files are opened when they are served: lists can be longer than descriptors last. */
interface Kept {
  path: string;
  bytes: number;
  from: 'copy' | 'upstream';
  digest: string;
  /** which file it was, and when it was last changed */
  stamp: string;
}

type Found = ({ ok: true } & Kept) | { ok: false; why: string };

export interface CopiesOptions {
  store: PackageStore;
  reporter: Reporter;
  upstream: (index: PackageIndex) => Upstream;
  /** id of the run, which what the operator allowed is for */
  run: string;
  /** hands a message to the controller; resolves when there is room for more */
  send: (message: GatewayMessage) => Promise<void>;
}

export class Copies {
  readonly #options: CopiesOptions;
  readonly #known = new Map<string, Promise<Found>>();
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
    if (this.#options.store.copiesOnly) return;
    for (const item of items) {
      const key = keyOf(item);
      if (there.has(key) && this.#expected(item, key).length > 0) continue;
      this.#missing.add(key);
      void this.#find(item);
    }
  }

  /** The copy of a file. What is not in the store goes to the end of the queue, once. */
  async obtain(item: Item): Promise<Copy> {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const found = await this.#find(item);
      if (!found.ok) return found;
      const file = await open(found.path, 'r').catch(() => undefined);
      if (file && (await stampOf(file)) === found.stamp) return { ...found, file };
      await file?.close();
      // somebody changed it since it was compared
      this.#known.delete(keyOf(item));
    }
    return { ok: false, why: 'its copy changes while it is read' };
  }

  #find(item: Item): Promise<Found> {
    const key = keyOf(item);
    const known = this.#known.get(key);
    if (known) return known;
    const found = this.#make(item, key).catch((error: Error): Found => ({ ok: false, why: error.message }));
    this.#known.set(key, found);
    return found;
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

  async #make(item: Item, key: string): Promise<Found> {
    const expected = this.#expected(item, key);
    if (this.#options.store.copiesOnly) {
      const there = expected.length > 0 ? await this.#fromStore(item, key, expected) : undefined;
      return there ?? { ok: false, why: 'there is no copy of it, and nothing is fetched for a grader' };
    }
    return await new Promise<Found>((resolve) => {
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
        void this.#fromStore(item, key, expected).then((there) => {
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

  async #fromStore(item: Item, key: string, expected: readonly string[]): Promise<Found | undefined> {
    const { run, store } = this.#options;
    const path = join(store.folder, ...(item.of.asked ? [askedFolder(run)] : []), key);
    const file = await open(path, 'r').catch(() => undefined);
    if (!file) return undefined;
    try {
      const stamp = await stampOf(file);
      const { bytes, digest, right } = await digestOf(file, expected);
      return right ? { ok: true, path, bytes, from: 'copy', digest, stamp } : undefined;
    } catch {
      return undefined;
    } finally {
      await file.close();
    }
  }

  async #fetch(item: Item, key: string, expected: readonly string[]): Promise<Found> {
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
      ...(outcome.ok && (artefact.digests.length === 0 || of.asked) && { digest: outcome.digest }),
      ...(!outcome.ok && { detail: outcome.why }),
      clause: clauseOf(item),
    });
    if (!outcome.ok) return { ok: false, why: outcome.why };
    const copy = await this.#fromStore(item, key, [outcome.digest]);
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
    const take = async (piece: Buffer) => {
      for (const hash of hashes.values()) hash.update(piece);
      held.push(piece);
      size += piece.length;
      if (size >= PIECE) await flush();
    };
    const fetched = await upstream.get({ url: item.url, accept: ACCEPT.file, most: MAX_ARTEFACT, take });
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

/** Which file it is and its last change: the same stamp, the same bytes (inode(7)). */
async function stampOf(file: FileHandle): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await file.stat({ bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
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
