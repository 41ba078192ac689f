/**
 * The copies of a contract's artefacts, outside of every cell: one folder for each contract, written by the controller
 * alone, after it has compared the digest itself; the gateway sees it read-only. What is in it depends on the contract's
 * lists, not on what an agent asked for, so runs of one contract tell each other nothing by it.
 *
 * @module
 */
import { createHash, type Hash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { CopyOf, GatewayMessage, PackageIndex, PackageStore } from '../../../contract/index.ts';
import { offersKey, readOffers } from '../../../contract/package-offers.ts';
import {
  askedFolder,
  copyKey,
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  formatDigest,
  parseDigest,
  strongestDigests,
} from '../../../contract/packages.ts';
import { ensureFolder, folders } from '../../folders.ts';
import { readCopyMessage } from './copy-message.ts';

const LEARNED = '.learned';
/** Milliseconds after which what a killed run left half written is removed. */
const STALE = 24 * 60 * 60 * 1000;
/** Copies that are written at once; the gateway fetches fewer. */
const MAX_OPEN = 64;
/** Copies of one run: more than any list that is read has files. */
const MAX_COPIES = 200_000;
/** Bytes that stay free on the disk with the copies, and how many are written between two looks at it. */
const LEAST_FREE = 1024 * 1024 * 1024;
const LOOK = 64 * 1024 * 1024;

/** One more than the largest artefact that is kept, bytes. */
export const MAX_COPY = 2 * 1024 * 1024 * 1024;

interface Partial {
  path: string;
  fd: number;
  bytes: number;
  hashes: Map<DigestAlgorithm, Hash>;
  key: string;
  expected: readonly string[];
  /** where it is kept, and whether what it is may be learnt for later runs */
  target: string;
  listed: boolean;
}

/** What became of a copy; `problem` says why it was not kept. */
export interface Kept {
  copy: number;
  problem?: string;
}

export class CopyStore {
  readonly folder: string;
  readonly #indexes: readonly PackageIndex[];
  readonly #run: string;
  readonly #partial = new Map<number, Partial>();
  #begun = 0;
  #unseen = LOOK;

  /** @param contract path of the contract's file: whose copies these are */
  constructor(contract: string, run: string, indexes: readonly PackageIndex[]) {
    const name = createHash('sha256').update(resolve(contract)).digest('hex').slice(0, 32);
    const parent = ensureFolder(join(ensureFolder(folders().cache), 'packages'));
    this.folder = join(parent, name);
    mkdirSync(this.folder, { recursive: true, mode: 0o755 });
    // as root, the gateway is another user
    chmodSync(this.folder, 0o755);
    this.#indexes = indexes;
    this.#run = run;
    this.#removeStale();
  }

  /** What the gateway is told of it. */
  describe(): Pick<PackageStore, 'folder' | 'learned'> {
    const learned: Record<string, string> = {};
    for (const name of readdirSync(this.folder)) {
      if (name.endsWith(LEARNED))
        learned[name.slice(0, -LEARNED.length)] = readFileSync(join(this.folder, name), 'latin1');
    }
    return { folder: this.folder, learned };
  }

  /**
   * Does what a message of the gateway asks; a result when a copy is complete or has failed.
   *
   * @throws Error where the message is none that a gateway sends: it is no longer ours
   */
  receive(received: GatewayMessage): Kept | undefined {
    const message = readCopyMessage(received);
    if (message.type === 'offers') {
      this.#keepOffers(message.index, message.offers);
      return undefined;
    }
    const { copy } = message;
    try {
      if (message.type === 'uncopied') this.#forget(copy);
      else if (message.type === 'copied') return this.#complete(copy, message.digest);
      else this.#write(copy, message.of, message.data);
      return undefined;
    } catch (error) {
      this.#forget(copy);
      return { copy, problem: (error as Error).message };
    }
  }

  /** Removes what is half written, and what was for this run alone. */
  close(): void {
    for (const copy of [...this.#partial.keys()]) this.#forget(copy);
    rmSync(this.#asked, { recursive: true, force: true });
  }

  /** What the operator allowed beyond the list lies apart: no other run finds it, or that it was there. */
  get #asked(): string {
    return join(this.folder, askedFolder(this.#run));
  }

  #keepOffers(number: number, told: unknown): void {
    const index = this.#indexes[number];
    const offers = index && readOffers(told, index);
    if (!index || !offers) throw new Error('it tells of artefacts that the contract does not list');
    const path = join(this.folder, `.${this.#run}-offers-${number}`);
    writeFileSync(path, JSON.stringify(offers), { mode: 0o644 });
    chmodSync(path, 0o644);
    renameSync(path, join(this.folder, offersKey(index)));
  }

  #write(copy: number, of: CopyOf | undefined, data: string): void {
    const partial = of ? this.#begin(copy, of) : this.#partial.get(copy);
    if (!partial) return; // it failed before, and the gateway was told
    const bytes = Buffer.from(data, 'base64');
    partial.bytes += bytes.length;
    this.#unseen += bytes.length;
    if (this.#unseen >= LOOK) {
      this.#unseen = 0;
      const { bavail, bsize } = statfsSync(this.folder);
      if (bavail * bsize < LEAST_FREE) throw new Error('the disk with the copies is nearly full');
    }
    if (partial.bytes >= MAX_COPY) throw new Error('it is too large to keep');
    for (const hash of partial.hashes.values()) hash.update(bytes);
    for (let at = 0; at < bytes.length; ) at += writeSync(partial.fd, bytes, at);
  }

  #begin(copy: number, { index, artefact, file, asked }: CopyOf): Partial {
    const from = this.#indexes[index];
    const what = asked ?? from?.artefacts[artefact];
    this.#begun += 1;
    if (!from || !what || this.#begun > MAX_COPIES) throw new Error('the contract lists no such artefact');
    if (this.#partial.has(copy) || this.#partial.size >= MAX_OPEN) throw new Error('too many at once');
    const key = copyKey(from, what, file);
    if (asked) mkdirSync(this.#asked, { recursive: true, mode: 0o755 });
    const path = join(this.folder, `.${this.#run}-${copy}`);
    const algorithms = new Set<DigestAlgorithm>(['sha512']);
    for (const digest of what.digests)
      for (const algorithm of DIGEST_ALGORITHMS)
        if (digest.startsWith(`${algorithm}-`)) algorithms.add(algorithm);
    const hashes = new Map([...algorithms].map((algorithm) => [algorithm, createHash(algorithm)]));
    const partial = {
      path,
      fd: openSync(path, 'wx', 0o644),
      bytes: 0,
      hashes,
      key,
      expected: what.digests,
      target: join(asked ? this.#asked : this.folder, key),
      listed: !asked,
    };
    this.#partial.set(copy, partial);
    return partial;
  }

  #complete(copy: number, claimed: string): Kept {
    const partial = this.#partial.get(copy);
    if (!partial) return { copy, problem: 'nothing of it was written' };
    const digests = [...partial.hashes].map(([algorithm, hash]) => formatDigest(algorithm, hash.digest()));
    const [sha512 = ''] = digests.filter((digest) => digest.startsWith('sha512-'));
    if (sha512 !== claimed) throw new Error('its bytes changed on the way to the controller');
    const wanted = strongestDigests(partial.expected);
    if (wanted.length > 0 && !digests.some((digest) => wanted.includes(digest)))
      throw new Error('its digest is not the listed one');
    if (wanted.length === 0 && partial.listed) this.#learn(partial.key, sha512);
    chmodSync(partial.path, 0o644);
    renameSync(partial.path, partial.target);
    closeSync(partial.fd);
    this.#partial.delete(copy);
    return { copy };
  }

  /** The first fetch of a file without a digest says what it is from then on. */
  #learn(key: string, digest: string): void {
    const path = join(this.folder, `${key}${LEARNED}`);
    try {
      writeFileSync(path, digest, { flag: 'wx', mode: 0o644 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const known = readFileSync(path, 'latin1');
      // a crash may have left half of it
      if (!parseDigest(known)) writeFileSync(path, digest);
      else if (known !== digest)
        throw new Error('its digest is not that of its first fetch', { cause: error });
    }
  }

  #forget(copy: number): void {
    const partial = this.#partial.get(copy);
    if (!partial) return;
    this.#partial.delete(copy);
    closeSync(partial.fd);
    rmSync(partial.path, { force: true });
  }

  #removeStale(): void {
    for (const name of readdirSync(this.folder)) {
      const path = join(this.folder, name);
      if (!name.startsWith('.')) continue;
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats && Date.now() - stats.mtimeMs > STALE) rmSync(path, { recursive: true, force: true });
    }
  }
}
