/**
 * What was said to models, tools and people, and by them, encrypted where it lies: each run has a key of its own, kept beside its records.
 * Without the key what was said is gone, and the chain, which covers the encrypted text, holds as before.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { EventKind, LedgerEvent } from '../contract/index.ts';
import { isSystemError } from './errors.ts';
import { placeFile, syncFolder } from './files.ts';

export const TRANSCRIPT_KEY = 'transcript.key';

/** AES-256 in Galois/counter mode (NIST SP 800-38D): 96 bits of nonce, 128 of tag. */
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Fields that are sealed, and what stands in their place. `cut` is all that is left of a record that was too long. */
const SEALED: Partial<Record<EventKind, Readonly<Record<string, unknown>>>> = {
  'model.turn': { input: [], output: [], cut: undefined },
  'tool.call': { arguments: '{}', cut: undefined },
  'tool.result': { content: '', cut: undefined },
  judgement: { reason: undefined, cut: undefined },
  message: { subject: undefined, text: '', cut: undefined },
};

/** Stands in an export where `sealed` would. */
const NOT_EXPORTED = 'not exported';

export const isSealedKind = (kind: EventKind): boolean => SEALED[kind] !== undefined;

/** The event as it is without what was said in it, which nobody gets unasked. */
export function withoutTranscript(event: LedgerEvent): LedgerEvent {
  const fields = SEALED[event.kind];
  return fields ? ({ ...event, ...fields, sealed: NOT_EXPORTED } as LedgerEvent) : event;
}

/** Binds a text to its place: none can be moved to another record. */
const placeOf = (run: string, seq: number): Buffer => Buffer.from(JSON.stringify([run, seq]));

/** Seals what is appended to one ledger; the key is made with the first of it. */
export class Sealer {
  readonly #dir: string;
  readonly #run: string;
  #key: Buffer | undefined;

  constructor(dir: string, run: string) {
    this.#dir = dir;
    this.#run = run;
  }

  /**
   * @param json of an event of a kind that is sealed, redacted
   * @returns its JSON with the fields sealed
   * @throws what the file system says where the key cannot be kept
   */
  seal(kind: EventKind, json: string, seq: number): string {
    const fields = SEALED[kind];
    if (!fields) return json;
    const body = JSON.parse(json) as Record<string, unknown>;
    const said = Object.fromEntries(
      Object.keys(fields).flatMap((name) => (name in body ? [[name, body[name]]] : [])),
    );
    if (!this.#key) {
      const made = randomBytes(KEY_BYTES);
      placeFile(this.#dir, TRANSCRIPT_KEY, made);
      this.#key = made;
    }
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce);
    cipher.setAAD(placeOf(this.#run, seq));
    const text = Buffer.concat([cipher.update(JSON.stringify(said), 'utf8'), cipher.final()]);
    const sealed = Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64');
    return JSON.stringify({ ...body, ...fields, sealed });
  }
}

/** Opens what one ledger has sealed; the key is looked for when it is first needed. */
export class Opener {
  readonly #dir: string;
  #key: Buffer | undefined;
  #looked = false;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** The event with what was said; as it is where nothing is sealed or the key is gone. */
  open(event: LedgerEvent): LedgerEvent {
    if (!isSealedKind(event.kind) || !('sealed' in event) || typeof event.sealed !== 'string') return event;
    const key = this.#find();
    if (!key) return event;
    try {
      const bytes = Buffer.from(event.sealed, 'base64');
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(placeOf(event.run, event.seq));
      decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
      const text = Buffer.concat([
        decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES)),
        decipher.final(),
      ]);
      const { sealed: _, ...rest } = event;
      return { ...rest, ...JSON.parse(text.toString('utf8')) } as LedgerEvent;
    } catch {
      return event; // sealed with another key, or not as it was sealed: `log verify` says which
    }
  }

  #find(): Buffer | undefined {
    if (this.#looked) return this.#key;
    this.#looked = true;
    try {
      const key = readFileSync(join(this.#dir, TRANSCRIPT_KEY));
      if (key.length === KEY_BYTES) this.#key = key;
    } catch (error) {
      if (!isSystemError(error, 'ENOENT') && !isSystemError(error, 'EACCES')) throw error;
    }
    return this.#key;
  }
}

/**
 * Forgets the key: what was said cannot be read any more. Its bytes are overwritten first, as far as the disk does that in place.
 *
 * @returns false: there was none
 */
export function eraseTranscript(dir: string): boolean {
  const path = join(dir, TRANSCRIPT_KEY);
  let file: number;
  try {
    file = openSync(path, 'r+');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
  try {
    writeSync(file, Buffer.alloc(KEY_BYTES), 0, KEY_BYTES, 0);
    fsyncSync(file);
    ftruncateSync(file, 0);
  } finally {
    closeSync(file);
  }
  rmSync(path);
  syncFolder(dir);
  return true;
}
