/**
 * Certificates that the gateway writes by hand, read by OpenSSL at its strictest.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { makeAuthority } from '../../cell/trust/index.ts';
import { CertificateAuthority } from './authority.ts';

const present = spawnSync('openssl', ['version']).status === 0;
if (!present) console.log('certificates against OpenSSL: skipped, there is no openssl here');

const folder = mkdtempSync(join(tmpdir(), 'ringfence-certificates-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HOSTS = ['api.example.com', '*.example.org', '192.0.2.7', '2001:db8::5'];
const run = makeAuthority({ run: 'r1', hosts: HOSTS, time: 3_600_000 });
const authority = new CertificateAuthority(run);

function put(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function openssl(...args: string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

const verify = (name: string, wanted: string) => {
  const check = /^[0-9.]+$|:/.test(wanted) ? '-verify_ip' : '-verify_hostname';
  const leaf = put('leaf.pem', authority.mint(name));
  return openssl(
    'verify',
    ...['-x509_strict', '-purpose', 'sslserver', '-CAfile', put('ca.pem', run.certificate)],
    ...[check, wanted, leaf],
  );
};

describe.skipIf(!present)('a certificate of the run', () => {
  test.each([
    'api.example.com',
    'deep.below.example.org',
    '192.0.2.7',
    '2001:db8::5',
    `${'a'.repeat(60)}.${'b'.repeat(60)}.example.org`,
  ])('for %s is good for it and nothing else', (name) => {
    expect(verify(name, name)).toMatchObject({ status: 0 });
    expect(verify(name, 'other.example.org').status).not.toBe(0);
    const text = openssl('x509', '-in', join(folder, 'leaf.pem'), '-noout', '-text').said;
    expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(/X509v3 Extended Key Usage:\s+TLS Web Server Authentication\n/);
    expect(text).toMatch(/Issuer: CN ?= ?Ringfence run r1/);
    // a general reader finds nothing but well-formed values, each where it belongs
    expect(openssl('asn1parse', '-in', join(folder, 'leaf.pem')).status).toBe(0);
  });

  test.each(['evil.example.com', 'example.net', '192.0.2.8', '2001:db8::6'])(
    'for %s is worth nothing: the authority is not for it',
    (name) => expect(verify(name, name).said).toMatch(/permitted subtree violation/),
  );
});
