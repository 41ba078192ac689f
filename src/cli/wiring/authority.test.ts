import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { certificatesOf, makeAuthority } from '../../cell/trust/index.ts';
import { parseContract } from '../../contract/index.ts';
import { runAuthority } from './authority.ts';

let base = '';
let runs = 0;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'ringfence-authority-'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function prepare(text: string, env: Record<string, string> = {}) {
  const loaded = parseContract(`ringfence: 1\nname: t\n${text}\n`, 'c.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  runs += 1;
  const folder = join(base, `trust-${runs}`);
  return {
    folder,
    result: runAuthority({ contract: loaded.contract, run: 'r', base, home: base, env, folder }),
  };
}

const own = makeAuthority({ run: 'own', hosts: ['x.example.com'], time: 1000 }).certificate;

test('where nothing is terminated there is nothing, not even a folder', () => {
  const { folder, result } = prepare('network: [{ host: api.example.com }]');
  expect(result).toEqual({ ok: true });
  expect(existsSync(folder)).toBe(false);
});

test('an authority for the terminated hosts alone; what the cell reads has its certificate and never its key', () => {
  const mask = process.umask(0o077);
  try {
    const { result } = prepare(
      'network: [{ host: api.example.com, methods: [GET] }, { host: web.example.com }]',
    );
    if (!result.ok || !result.inspection) throw new Error('no authority');
    const { authority, files, trusted } = result.inspection;
    const certificate = new X509Certificate(authority.certificate);
    expect(certificate.raw.includes('api.example.com')).toBe(true);
    expect(certificate.raw.includes('web.example.com')).toBe(false);
    expect(readFileSync(files.authority, 'utf8')).toBe(authority.certificate);
    expect(readFileSync(files.bundle, 'utf8')).toBe(trusted.machine + authority.certificate);
    expect(readFileSync(files.java).includes(certificate.raw)).toBe(true);
    for (const file of [files.authority, files.bundle, files.java]) {
      expect(readFileSync(file, 'latin1')).not.toContain('PRIVATE');
      // as root, the cell's user is somebody else
      expect(statSync(file).mode & 0o777).toBe(0o644);
    }
    expect(certificatesOf(trusted.machine)).not.toContain(authority.certificate);
  } finally {
    process.umask(mask);
  }
});

test('lists that the contract hands in by a variable are believed inside as well', () => {
  const file = join(base, 'own.pem');
  writeFileSync(file, own);
  const { result } = prepare(
    'network: [{ host: api.example.com, methods: [GET] }]\nenvironment: { pass: [REQUESTS_CA_BUNDLE] }',
    { REQUESTS_CA_BUNDLE: file },
  );
  if (!result.ok || !result.inspection) throw new Error('no authority');
  expect(readFileSync(result.inspection.files.bundle, 'utf8')).toContain(own);
});

test('a rule’s own authorities are read, and are an error with its place where they cannot be', () => {
  writeFileSync(join(base, 'ours.pem'), own);
  const good = prepare(
    'network: [{ host: web.example.com }, { host: api.example.com, ca: ours.pem }]',
  ).result;
  if (!good.ok || !good.inspection) throw new Error('no authority');
  expect(good.inspection.trusted.rules).toEqual({ 1: own });
  const bad = prepare('network: [{ host: api.example.com, ca: absent.pem }]');
  expect(bad.result).toMatchObject({ ok: false, field: 'network[0].ca' });
  expect(existsSync(bad.folder)).toBe(false);
});
