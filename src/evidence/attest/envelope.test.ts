import { sign } from 'node:crypto';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../contract/tools.ts';
import { freshKey, pretender, reproduction } from './attest.fixture.ts';
import {
  keyIdOf,
  openStatement,
  PAYLOAD_TYPE,
  preAuthenticationEncoding,
  signStatement,
} from './envelope.ts';
import { toInToto } from './statement.ts';

const key = freshKey();
const known = [key.verifier];
const file = Buffer.from(signStatement(reproduction(), key.signer));
const open = (bytes: Uint8Array | string, verifiers = known) => openStatement(Buffer.from(bytes), verifiers);

interface Envelope {
  payload: string;
  payloadType: string;
  signatures: { keyid: string; sig: string }[];
}
const envelope = () => JSON.parse(file.toString()) as Envelope;
const written = (value: unknown) => `${canonicalJson(value)}\n`;
const payloadOf = (): Record<string, unknown> =>
  JSON.parse(Buffer.from(envelope().payload, 'base64').toString()) as Record<string, unknown>;
/** An envelope of any text, with a signature that holds. */
const signed = (text: string, payloadType = PAYLOAD_TYPE) => {
  const payload = Buffer.from(text);
  const sig = sign(null, preAuthenticationEncoding(payloadType, payload), key.signer.privateKey);
  return written({
    payloadType,
    payload: payload.toString('base64'),
    signatures: [{ keyid: keyIdOf(key.signer), sig: sig.toString('base64') }],
  });
};

it('encodes what is signed as the protocol says', () => {
  // the test vector of DSSE’s protocol.md
  const encoded = preAuthenticationEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));
  expect(encoded.toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  expect(preAuthenticationEncoding('é', Buffer.from('ü')).toString()).toBe('DSSEv1 2 é 2 ü');
});

it('reads back what was signed', () => {
  const opened = open(file);
  if (!opened.ok) throw new Error(opened.detail);
  expect(opened.statement).toEqual(reproduction());
  expect(opened.signers).toEqual([keyIdOf(key.verifier)]);
  expect(opened.others).toEqual([]);
});

it('writes one text for one statement, whatever the order of keys and subjects', () => {
  const { subjects, ...rest } = reproduction();
  const other = { ...rest, subjects: [...subjects].reverse() };
  expect(signStatement(other, key.signer)).toBe(file.toString());
});

it('rejects it after any change of a byte', () => {
  const accepted: string[] = [];
  for (let at = 0; at < file.length; at += 1)
    for (const flip of [0x01, 0x20, 0x80]) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] as number) ^ flip;
      if (open(changed).ok) accepted.push(`${at} ^ ${flip}`);
    }
  expect(accepted).toEqual([]);
});

it('rejects it after a byte was left out, doubled or put in', () => {
  const accepted: number[] = [];
  for (let at = 0; at <= file.length; at += 1) {
    const [before, after] = [file.subarray(0, at), file.subarray(at)];
    const variants = [
      Buffer.concat([before, Buffer.from(' '), after]),
      ...(after.length > 0
        ? [
            Buffer.concat([before, after.subarray(1)]),
            Buffer.concat([before, after.subarray(0, 1), after]),
            before,
          ]
        : []),
    ];
    // a letter that stands twice may be left out at either place: the text is the same
    if (variants.some((one) => !one.equals(file) && open(one).ok)) accepted.push(at);
  }
  expect(accepted).toEqual([]);
  expect(open('').ok).toBe(false);
});

it('rejects another payload under the signature', () => {
  const payload = payloadOf();
  (payload.predicate as Record<string, unknown>).ringfence = '0.1.1';
  const changed = { ...envelope(), payload: Buffer.from(canonicalJson(payload)).toString('base64') };
  expect(open(written(changed))).toMatchObject({ ok: false, why: 'bad signature' });
});

it('rejects another type of payload, even where that is signed', () => {
  const text = canonicalJson(toInToto(reproduction()));
  expect(open(signed(text)).ok).toBe(true);
  expect(open(signed(text, 'application/json'))).toMatchObject({ ok: false, why: 'malformed' });
  expect(open(signed(text).replace(/"payloadType":"[^"]*"/, '"payloadType":"application/json"')).ok).toBe(
    false,
  );
});

it('rejects what another key signed, also under the name of the known one', () => {
  const other = freshKey();
  expect(open(signStatement(reproduction(), other.signer))).toMatchObject({ ok: false, why: 'unsigned' });
  expect(open(signStatement(reproduction(), pretender(key)))).toMatchObject({
    ok: false,
    why: 'bad signature',
  });
  expect(open(file, [])).toMatchObject({ ok: false, why: 'unsigned' });
});

it('takes several signatures: one of a known key must hold, and none of a known key may be wrong', () => {
  const [own] = envelope().signatures;
  const other = freshKey();
  const [theirs] = (JSON.parse(signStatement(reproduction(), other.signer)) as Envelope).signatures;
  const both = { ...envelope(), signatures: [theirs, own] };
  const opened = open(written(both));
  expect(opened).toMatchObject({ ok: true, signers: [own?.keyid], others: [theirs?.keyid] });
  expect(open(written(both), [key.verifier, other.verifier])).toMatchObject({ ok: true, others: [] });
  const wrong = { ...both, signatures: [{ keyid: theirs?.keyid, sig: own?.sig }, own] };
  expect(open(written(wrong), [key.verifier, other.verifier])).toMatchObject({
    ok: false,
    why: 'bad signature',
  });
  expect(open(written({ ...both, signatures: [own, own] }))).toMatchObject({ ok: false, why: 'malformed' });
  expect(open(written({ ...both, signatures: [] }))).toMatchObject({ ok: false, why: 'malformed' });
});

it('rejects statements that say more, less or something twice, although they are signed', () => {
  const statement = toInToto(reproduction());
  const predicate = statement.predicate as Record<string, unknown>;
  const not = (value: unknown) =>
    expect(open(signed(canonicalJson(value)))).toMatchObject({ ok: false, why: 'not a statement' });
  not({ ...statement, more: 1 });
  not({ ...statement, predicate: { ...predicate, more: 1 } });
  not({ ...statement, predicate: { ...predicate, made: 'yesterday' } });
  not({ ...statement, predicateType: 'https://slsa.dev/provenance/v1' });
  not({ ...statement, _type: 'https://in-toto.io/Statement/v0.1' });
  not({ ...statement, subject: [] });
  const [first] = statement.subject as Record<string, unknown>[];
  not({ ...statement, subject: [first, first] });
  not({ ...statement, subject: [{ ...first, name: 'a\u001b[31m' }] });
  not({ ...statement, subject: [{ ...first, digest: { sha512: 'a'.repeat(64) } }] });
  not([statement]);
  const text = canonicalJson(statement);
  for (const other of [
    text.replace('"_type"', '"_type":"x","_type"'),
    text.replace(/}$/, ',"__proto__":{"kind":"proof"}}'),
    ` ${text}`,
    `${text}\n`,
    `\ufeff${text}`,
    text.replace('12.5', '1.25e1'),
    text.replace('"skipped":0', '"skipped":-0'),
    `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
  ])
    expect(open(signed(other))).toMatchObject({ ok: false, why: 'not a statement' });
});

it('does not sign what it would not read', () => {
  const { predicate, ...rest } = reproduction();
  const wrong = { ...rest, predicate: { ...predicate, techniques: [1] } } as unknown as ReturnType<
    typeof reproduction
  >;
  expect(() => signStatement(wrong, key.signer)).toThrow(/not a statement/);
});
