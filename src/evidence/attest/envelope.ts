/**
 * DSSE envelopes: how statements are signed (https://github.com/secure-systems-lab/dsse, v1.0), and read again by who trusts nothing in them.
 *
 * A file has one form alone: JSON with its keys in order, nothing between, a newline behind; standard base64 with its padding. Whatever byte of
 * it changes, either the form or the signature does not hold. What the signature covers is the type and the payload, not `keyid`: that is
 * compared with the keys that are known.
 *
 * @module
 */
import { hash, sign, verify } from 'node:crypto';
import { canonicalJson } from '../../contract/tools.ts';
import type { Signer, Verifier } from '../../ledger/index.ts';
import { type AnyStatement, fromInToto, type Statement, toInToto } from './statement.ts';

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** Bytes of a file: the longest statement of a battery is a hundredth of that. */
export const LONGEST = 8 << 20;
const MOST_SIGNATURES = 16;

/** What is signed: the pre-authentication encoding of the DSSE protocol, v1. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

/** How signatures name a key: as its verifier key does, without the key. */
export const keyIdOf = ({ name, id }: Verifier): string => `${name}+${id.toString('hex')}`;

/**
 * The file of a statement: one signature of `signer`.
 *
 * @throws TypeError where the statement is none: it would not be read again
 */
export function signStatement(statement: Statement, signer: Signer): string {
  const text = canonicalJson(JSON.parse(JSON.stringify(toInToto(statement))));
  const again = fromInToto(JSON.parse(text));
  if (!again.ok) throw new TypeError(`not a statement: ${again.detail}`);
  const payload = Buffer.from(text);
  const signature = sign(null, preAuthenticationEncoding(PAYLOAD_TYPE, payload), signer.privateKey);
  const envelope = {
    payloadType: PAYLOAD_TYPE,
    payload: payload.toString('base64'),
    signatures: [{ keyid: keyIdOf(signer), sig: signature.toString('base64') }],
  };
  return `${canonicalJson(envelope)}\n`;
}

export type Opened =
  | {
      ok: true;
      statement: AnyStatement;
      /** ids of the known keys whose signatures hold */
      signers: string[];
      /** ids of others, of which nothing is known */
      others: string[];
      /** SHA-256 of the file */
      digest: string;
    }
  | {
      ok: false;
      /**
       * `malformed`: not an envelope of this form; `unsigned`: by no key that is known; `bad signature`: by one that is, and it does not
       * hold; `not a statement`: signed, and of another form
       */
      why: 'malformed' | 'unsigned' | 'bad signature' | 'not a statement';
      detail: string;
    };

/** Bytes → the value, where they are its only text; or what is wrong. */
function readCanonical(bytes: Uint8Array): { ok: true; value: unknown } | { ok: false; detail: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    // a key that is there twice, another order, a blank, a number written otherwise: all of these differ
    return canonicalJson(value) === text
      ? { ok: true, value }
      : { ok: false, detail: 'not the one form of its JSON: keys in order, each once, nothing between' };
  } catch {
    return { ok: false, detail: 'not JSON in UTF-8, or nested too deep' };
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasKeys = (value: Record<string, unknown>, keys: readonly string[]): boolean =>
  Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key));

/** Strict base64: undefined where the text is not the one that the bytes have. */
function fromBase64(text: unknown): Buffer | undefined {
  if (typeof text !== 'string') return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

interface Signature {
  keyid: string;
  sig: Buffer;
}

function readSignatures(value: unknown): Signature[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_SIGNATURES) return undefined;
  const signatures = value.flatMap((one: unknown): Signature[] => {
    if (!isRecord(one) || !hasKeys(one, ['keyid', 'sig']) || typeof one.keyid !== 'string') return [];
    const sig = fromBase64(one.sig);
    return sig === undefined ? [] : [{ keyid: one.keyid, sig }];
  });
  const distinct = new Set(signatures.map(({ keyid }) => keyid)).size === value.length;
  return signatures.length === value.length && distinct ? signatures : undefined;
}

/** Reads a file and checks it against the keys that are known: at least one must have signed, and none of theirs may be wrong. Never throws. */
export function openStatement(file: Uint8Array, known: readonly Verifier[]): Opened {
  const malformed = (detail: string): Opened => ({ ok: false, why: 'malformed', detail });
  if (file.length > LONGEST) return malformed(`longer than ${LONGEST >> 20} MiB`);
  if (file.at(-1) !== 0x0a) return malformed('no newline at its end');
  const envelope = readCanonical(file.subarray(0, -1));
  if (!envelope.ok) return malformed(envelope.detail);
  const { value } = envelope;
  if (!isRecord(value) || !hasKeys(value, ['payload', 'payloadType', 'signatures']))
    return malformed('not an envelope: payload, payloadType and signatures, and nothing else');
  if (value.payloadType !== PAYLOAD_TYPE) return malformed(`payloadType is not ${PAYLOAD_TYPE}`);
  const payload = fromBase64(value.payload);
  if (payload === undefined) return malformed('the payload is not strict base64');
  const signatures = readSignatures(value.signatures);
  if (signatures === undefined)
    return malformed(`not 1 to ${MOST_SIGNATURES} signatures by different keys, each keyid and sig`);

  const signed = preAuthenticationEncoding(PAYLOAD_TYPE, payload);
  const keys = new Map(known.map((key) => [keyIdOf(key), key.key]));
  const signers: string[] = [];
  for (const { keyid, sig } of signatures) {
    const key = keys.get(keyid);
    if (key === undefined) continue;
    if (sig.length !== 64 || !verify(null, signed, key, sig))
      return {
        ok: false,
        why: 'bad signature',
        detail: `the signature of ${keyid} does not fit the payload`,
      };
    signers.push(keyid);
  }
  if (signers.length === 0) {
    const names = signatures.map(({ keyid }) => JSON.stringify(keyid)).join(', ');
    return { ok: false, why: 'unsigned', detail: `signed by ${names}, and by no key that is known here` };
  }
  const payloadValue = readCanonical(payload);
  if (!payloadValue.ok) return { ok: false, why: 'not a statement', detail: payloadValue.detail };
  const read = fromInToto(payloadValue.value);
  if (!read.ok) return { ok: false, why: 'not a statement', detail: read.detail };
  return {
    ok: true,
    statement: read.statement,
    signers,
    others: signatures.map(({ keyid }) => keyid).filter((id) => !keys.has(id)),
    digest: hash('sha256', file),
  };
}
