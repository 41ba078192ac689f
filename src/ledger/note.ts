/**
 * Checkpoints: signed notes that fix a ledger's size and head.
 *
 * The wire format is C2SP signed-note with Ed25519 (c2sp.org/signed-note) and the text has the shape of C2SP
 * tlog-checkpoint (c2sp.org/tlog-checkpoint): origin, size, base64 of 32 bytes, extension lines. One thing differs:
 * the 32 bytes are the head of the hash chain, not the root of a Merkle tree.
 *
 * @module
 */
import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';

/** RFC 8410: a raw Ed25519 key behind these bytes is a DER SubjectPublicKeyInfo. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** signature type byte of Ed25519 in c2sp.org/signed-note */
const ED25519 = 0x01;

/** A public key that notes are checked with. `name` is the key name of the signature line. */
export interface Verifier {
  name: string;
  id: Buffer;
  key: KeyObject;
}

/** A key that signs notes. */
export interface Signer extends Verifier {
  privateKey: KeyObject;
}

/** True for a key name that c2sp.org/signed-note allows: no space, no plus, not empty; here also no control characters. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && !/[\s+\p{C}\p{Z}]/u.test(name);
}

function rawKey(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length);
}

function keyId(name: string, raw: Buffer): Buffer {
  const text = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ED25519]), raw]);
  return hash('sha256', text, 'buffer').subarray(0, 4);
}

/** Makes a signer from a PKCS #8 PEM of an Ed25519 key. Throws a TypeError for any other key. */
export function signerFromPem(name: string, pem: string): Signer {
  const privateKey = createPrivateKey(pem);
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  if (!isKeyName(name)) throw new TypeError(`not a key name: ${JSON.stringify(name)}`);
  const key = createPublicKey(privateKey);
  return { name, key, privateKey, id: keyId(name, rawKey(key)) };
}

/** The verifier key as text: `NAME+HEX ID+BASE64(type || key)`, the form other signed-note tools read. */
export function verifierText(verifier: Verifier): string {
  const encoded = Buffer.concat([Buffer.from([ED25519]), rawKey(verifier.key)]).toString('base64');
  return `${verifier.name}+${verifier.id.toString('hex')}+${encoded}`;
}

/** Reads a verifier key; undefined where the text is not one, or its id does not belong to its key. */
export function parseVerifier(text: string): Verifier | undefined {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim());
  if (!match) return undefined;
  const [, name = '', id = '', encoded = ''] = match;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== 33 || bytes[0] !== ED25519 || bytes.toString('base64') !== encoded) return undefined;
  const raw = bytes.subarray(1);
  if (!isKeyName(name) || keyId(name, raw).toString('hex') !== id) return undefined;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
  return { name, id: Buffer.from(id, 'hex'), key };
}

/** What a checkpoint says: after `size` records the chain's head is `head` (hex). */
export interface Checkpoint {
  origin: string;
  size: number;
  head: string;
  /** extension lines, such as `checkpoint 3` */
  extensions: string[];
}

/** Signs a checkpoint; the result is the whole note, ending in a newline. */
export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): string {
  const root = Buffer.from(checkpoint.head, 'hex').toString('base64');
  const lines = [checkpoint.origin, String(checkpoint.size), root, ...checkpoint.extensions];
  const text = `${lines.join('\n')}\n`;
  const signature = sign(null, Buffer.from(text), signer.privateKey);
  return `${text}\n— ${signer.name} ${Buffer.concat([signer.id, signature]).toString('base64')}\n`;
}

/** What became of reading a note. */
export type OpenedNote =
  | { ok: true; checkpoint: Checkpoint }
  | { ok: false; why: 'malformed' | 'unsigned' | 'bad signature'; detail: string };

/**
 * Reads a note of exactly one signature line and checks it. A note signed by a key that is not `verifier`'s name and
 * id is `unsigned`. Every byte counts: base64 with stray bits, a missing newline or a leading zero is `malformed`.
 */
export function openCheckpoint(note: Buffer, verifier: Verifier): OpenedNote {
  const malformed = (detail: string): OpenedNote => ({ ok: false, why: 'malformed', detail });
  const source = note.toString('utf8');
  if (!Buffer.from(source).equals(note)) return malformed('not valid UTF-8');
  const split = source.lastIndexOf('\n\n');
  if (split < 0) return malformed('no blank line before the signature');
  const text = source.slice(0, split + 1);
  const match = /^— (\S+) ([A-Za-z0-9+/]+=*)\n$/.exec(source.slice(split + 2));
  if (!match) return malformed('no signature line');
  const [, name = '', encoded = ''] = match;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== 68 || bytes.toString('base64') !== encoded) {
    return malformed('the signature is not base64 of 68 bytes');
  }
  if (name !== verifier.name || !bytes.subarray(0, 4).equals(verifier.id)) {
    return { ok: false, why: 'unsigned', detail: `no signature of ${verifier.name}` };
  }
  if (!verify(null, Buffer.from(text), verifier.key, bytes.subarray(4))) {
    return { ok: false, why: 'bad signature', detail: `the signature of ${name} does not fit the text` };
  }
  return parseText(text) ?? malformed('not the text of a checkpoint');
}

function parseText(text: string): OpenedNote | undefined {
  const [origin = '', size = '', root = '', ...rest] = text.slice(0, -1).split('\n');
  const head = Buffer.from(root, 'base64');
  const count = Number(size);
  if (!origin || !/^(0|[1-9]\d*)$/.test(size) || !Number.isSafeInteger(count)) return undefined;
  if (head.length !== 32 || head.toString('base64') !== root) return undefined;
  if (rest.some((line) => line === '')) return undefined;
  return { ok: true, checkpoint: { origin, size: count, head: head.toString('hex'), extensions: rest } };
}

/** The value of an extension line `NAME VALUE`; the empty string for a line that is just `NAME`. */
export function extension(checkpoint: Checkpoint, name: string): string | undefined {
  for (const line of checkpoint.extensions) {
    if (line === name) return '';
    if (line.startsWith(`${name} `)) return line.slice(name.length + 1);
  }
  return undefined;
}
