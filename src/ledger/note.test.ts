import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeKeys, temporaryFolder } from './fixtures.ts';
import { openCheckpoint, parseVerifier, signCheckpoint, signerFromPem, verifierText } from './note.ts';

const HEAD = 'ab'.repeat(32);

test('key ids are those of the signed-note ecosystem', () => {
  // The public verifier key of the Go checksum database (go.dev/ref/mod#checksum-database).
  const known = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';
  const verifier = parseVerifier(known);
  expect(verifier?.name).toBe('sum.golang.org');
  expect(verifier && verifierText(verifier)).toBe(known);
  expect(parseVerifier(known.replace('033de0ae', '033de0af'))).toBeUndefined();
});

test('a checkpoint has the shape of the specification and comes back', () => {
  const { signer } = makeKeys('example.com/log');
  const checkpoint = { origin: 'example.com/log/run', size: 12, head: HEAD, extensions: ['checkpoint 3'] };
  const note = signCheckpoint(checkpoint, signer);
  const root = Buffer.from(HEAD, 'hex').toString('base64');
  expect(note).toMatch(
    /^example\.com\/log\/run\n12\n[^\n]+\ncheckpoint 3\n\n— example\.com\/log [A-Za-z0-9+/=]+\n$/,
  );
  expect(note.split('\n')[2]).toBe(root);
  expect(openCheckpoint(Buffer.from(note), signer)).toEqual({ ok: true, checkpoint });
  expect(openCheckpoint(Buffer.from(note), makeKeys('example.com/log').signer)).toMatchObject({ ok: false });
});

test('OpenSSL verifies the signature', () => {
  using folder = temporaryFolder();
  const { signer } = makeKeys();
  const note = signCheckpoint({ origin: 'o', size: 1, head: HEAD, extensions: [] }, signer);
  const [text, signature] = [
    note.slice(0, note.lastIndexOf('\n\n') + 1),
    note.trim().split(' ').at(-1) ?? '',
  ];
  const file = (name: string, bytes: string | Buffer): string => {
    writeFileSync(join(folder.path, name), bytes);
    return join(folder.path, name);
  };
  const pem = signer.key.export({ type: 'spki', format: 'pem' });
  const run = spawnSync('openssl', [
    'pkeyutl',
    '-verify',
    '-pubin',
    '-rawin',
    '-inkey',
    file('key.pem', pem),
    '-in',
    file('text', text),
    '-sigfile',
    file('signature', Buffer.from(signature, 'base64').subarray(4)),
  ]);
  expect(run.stdout.toString()).toContain('Signature Verified Successfully');
});

test('key names with spaces or plus signs are refused', () => {
  const pem = makeKeys().signer.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  for (const name of ['', 'a b', 'a+b', 'a\u2003b', 'a\nb'])
    expect(() => signerFromPem(name, pem)).toThrow(TypeError);
});
