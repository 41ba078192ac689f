import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toolchainView, type View } from '../view/index.ts';
import {
  certificatesOf,
  machineAuthorities,
  makeAuthority,
  readAuthorities,
  trustEnvironment,
  trustedView,
} from './index.ts';

const openssl = (...words: string[]) => execFileSync('openssl', words, { encoding: 'utf8', stdio: 'pipe' });
let folder = '';
const at = (...parts: string[]) => join(folder, ...parts);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-trust-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe('the authority of a run', () => {
  const make = (...hosts: string[]) =>
    makeAuthority({ run: '20261121-201500-1a2b3c', hosts, time: 1_800_000 });

  /** Whether OpenSSL believes a server of this name whose certificate the authority made. */
  function verifies(
    authority: { certificate: string; key: string },
    alternative: string,
    host: string[],
  ): boolean {
    const ca = put(at('ca.pem'), authority.certificate);
    const key = put(at('ca.key'), authority.key);
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-noenc',
      '-subj',
      '/CN=leaf',
      '-keyout',
      at('leaf.key'),
      '-out',
      at('leaf.csr'),
    );
    const extensions = put(at('leaf.ext'), `subjectAltName=${alternative}\nbasicConstraints=CA:FALSE\n`);
    openssl(
      'x509',
      '-req',
      '-in',
      at('leaf.csr'),
      '-CA',
      ca,
      '-CAkey',
      key,
      '-days',
      '1',
      '-extfile',
      extensions,
      '-out',
      at('leaf.pem'),
    );
    const result = spawnSync('openssl', [
      'verify',
      '-x509_strict',
      '-purpose',
      'sslserver',
      '-CAfile',
      ca,
      ...host,
      at('leaf.pem'),
    ]);
    return result.status === 0;
  }

  test('is believed for its hosts, and for nothing else whoever holds its key', () => {
    const authority = make('api.example.com', '*.example.org', '203.0.113.5');
    const dns = (name: string) => verifies(authority, `DNS:${name}`, ['-verify_hostname', name]);
    expect(dns('api.example.com')).toBe(true);
    expect(dns('deep.below.example.org')).toBe(true);
    expect(dns('example.com')).toBe(false);
    expect(dns('api.example.com.example.net')).toBe(false);
    expect(dns('registry.example.net')).toBe(false);
    const ip = (address: string) => verifies(authority, `IP:${address}`, ['-verify_ip', address]);
    expect(ip('203.0.113.5')).toBe(true);
    expect(ip('203.0.113.6')).toBe(false);
    expect(ip('2001:db8::5')).toBe(false);
    expect(verifies(authority, 'DNS:api.example.com,DNS:other.example.net', [])).toBe(false);
  });

  test('with names alone vouches for no address, with addresses alone for no name', () => {
    expect(verifies(make('api.example.com'), 'IP:203.0.113.5', [])).toBe(false);
    expect(verifies(make('2001:db8::5'), 'IP:2001:db8::5', ['-verify_ip', '2001:db8::5'])).toBe(true);
    expect(verifies(make('2001:db8::5'), 'DNS:api.example.com', [])).toBe(false);
  });

  test('cannot make another authority, lives as long as the run and a day, and is another each time', () => {
    const now = Date.now();
    const { certificate } = make('api.example.com');
    const { ca, validFrom, validTo, serialNumber, subject } = new X509Certificate(certificate);
    expect(ca).toBe(true);
    expect(subject).toBe('CN=Ringfence run 20261121-201500-1a2b3c');
    expect(openssl('x509', '-in', put(at('ca.pem'), certificate), '-noout', '-text')).toContain(
      'CA:TRUE, pathlen:0',
    );
    expect(new Date(validFrom).getTime()).toBeLessThan(now);
    expect(new Date(validTo).getTime() - now).toBeGreaterThan(1_800_000);
    expect(new Date(validTo).getTime() - now).toBeLessThan(26 * 3_600_000);
    expect(new X509Certificate(make('api.example.com').certificate).serialNumber).not.toBe(serialNumber);
  });

  test('has the hash that OpenSSL looks for', () => {
    const { certificate, hash } = make('api.example.com');
    expect(openssl('x509', '-in', put(at('ca.pem'), certificate), '-noout', '-hash').trim()).toBe(hash);
  });

  test('far dates are written as RFC 5280 wants them', () => {
    const { certificate } = makeAuthority({
      run: 'r',
      hosts: ['a.example.com'],
      time: 40 * 365 * 86_400_000,
    });
    expect(new Date(new X509Certificate(certificate).validTo).getUTCFullYear()).toBeGreaterThan(2060);
  });
});

describe('what is believed already', () => {
  const { certificate } = makeAuthority({ run: 'other', hosts: ['a.example.com'], time: 1000 });

  test('the user’s own files count, and everything that is no certificate is left out', () => {
    const own = put(
      at('own.pem'),
      `# ours\r\n${certificate.replaceAll('\n', '\r\n')}garbage\n-----BEGIN PRIVATE KEY-----\nAAAA\n`,
    );
    expect(certificatesOf(`${certificate}text${certificate}`)).toEqual([certificate, certificate]);
    expect(machineAuthorities({ SSL_CERT_FILE: own })).toBe(certificate);
    const added = machineAuthorities({ NODE_EXTRA_CA_CERTS: own });
    expect(certificatesOf(added).length).toBeGreaterThan(1);
    expect(added).toContain(certificate);
    expect(certificatesOf(machineAuthorities({ SSL_CERT_FILE: '/nonexistent' })).length).toBeGreaterThan(1);
  });

  test('a file that a contract names must hold certificates', () => {
    expect(readAuthorities(put(at('good.pem'), certificate))).toEqual({ ok: true, pem: certificate });
    expect(readAuthorities(at('absent.pem'))).toMatchObject({
      ok: false,
      problem: expect.stringContaining('ENOENT'),
    });
    expect(readAuthorities(put(at('empty.pem'), 'hello'))).toMatchObject({ ok: false });
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(readAuthorities(put(at('broken.pem'), certificate + broken))).toMatchObject({
      ok: false,
      problem: expect.stringContaining('certificate 2'),
    });
  });
});

describe('the trust stores of a view', () => {
  const files = {
    bundle: '/run-folder/authorities.pem',
    authority: '/run-folder/authority.pem',
    java: '/run-folder/cacerts',
    hash: '0badcafe',
  };
  const targets = (root: string, env: Record<string, string> = {}) => {
    const view = toolchainView({
      machineRoot: root,
      env: { PATH: '/usr/bin', ...env },
      home: '/home/agent',
      identity: { user: 'agent', uid: 1000, gid: 1000, home: '/home/agent' },
    });
    const trusted = trustedView(view, files);
    return { ...trusted, targets: trusted.over.map(({ target }) => target) };
  };
  const linksOf = (view: View, folder: string) =>
    view.symlinks.filter(({ path }) => dirname(path) === folder);

  test('Debian: the bundle is covered, the hashed folder gets a link, its certificates stay', () => {
    const root = at('debian');
    put(join(root, 'etc/ssl/certs/ca-certificates.crt'), 'x'.repeat(20_000));
    put(join(root, 'usr/share/ca-certificates/a.crt'), 'a');
    put(join(root, 'etc/ssl/certs/java/cacerts'), 'j');
    symlinkSync('/usr/share/ca-certificates/a.crt', join(root, 'etc/ssl/certs/a.pem'));
    symlinkSync('a.pem', join(root, 'etc/ssl/certs/0badcafe.0'));
    const { view, over, targets: covered } = targets(root);
    expect(covered).toEqual([
      '/etc/ringfence/authority.pem',
      '/etc/ringfence/authorities.pem',
      '/etc/ssl/certs/ca-certificates.crt',
      '/etc/ssl/certs/java/cacerts',
    ]);
    expect(over.every(({ flags }) => flags.split(',').includes('ro'))).toBe(true);
    expect(linksOf(view, '/etc/ssl/certs').map(({ path, link }) => [path.slice(15), link])).toEqual(
      expect.arrayContaining([
        ['a.pem', '/usr/share/ca-certificates/a.crt'],
        ['0badcafe.0', 'a.pem'],
        ['0badcafe.1', '/etc/ringfence/authority.pem'],
      ]),
    );
    const binds = view.binds.map(({ target }) => target);
    expect(binds).toContain('/etc/ssl/certs/java');
    expect(binds).not.toContain('/etc/ssl/certs');
  });

  test('Fedora: links are followed to what they lead to', () => {
    const root = at('fedora');
    const real = 'etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem';
    put(join(root, real), 'x'.repeat(20_000));
    mkdirSync(join(root, 'etc/pki/tls/certs'), { recursive: true });
    mkdirSync(join(root, 'etc/ssl'), { recursive: true });
    symlinkSync(`/${real}`, join(root, 'etc/pki/tls/certs/ca-bundle.crt'));
    symlinkSync('../pki/tls/certs', join(root, 'etc/ssl/certs'));
    const { targets: covered } = targets(root);
    expect(covered).toContain(`/${real}`);
    expect(covered).not.toContain('/etc/pki/tls/certs/ca-bundle.crt');
  });

  test('Alpine, and a machine with nothing at all', () => {
    const root = at('alpine');
    put(join(root, 'etc/ssl/certs/ca-certificates.crt'), 'x'.repeat(20_000));
    symlinkSync('certs/ca-certificates.crt', join(root, 'etc/ssl/cert.pem'));
    const covered = targets(root).targets;
    expect(covered).toContain('/etc/ssl/certs/ca-certificates.crt');
    mkdirSync(at('bare/usr'), { recursive: true });
    expect(targets(at('bare')).targets).toEqual([
      '/etc/ringfence/authority.pem',
      '/etc/ringfence/authorities.pem',
    ]);
  });

  test('certifi’s own bundles, wherever a toolchain keeps them', () => {
    const root = at('python');
    const places = [
      '/usr/lib/python3/dist-packages/certifi/cacert.pem',
      '/usr/local/lib/python3.13/site-packages/pip/_vendor/certifi/cacert.pem',
      '/opt/conda/lib/python3.12/site-packages/certifi/cacert.pem',
      '/home/agent/.pyenv/versions/3.11.7/lib/python3.11/site-packages/certifi/cacert.pem',
    ];
    for (const place of places) put(join(root, place), 'x');
    put(join(root, '/home/agent/.pyenv/shims/python'), '');
    const covered = targets(root, { PATH: '/usr/bin:/home/agent/.pyenv/shims' }).targets;
    for (const place of places) expect(covered).toContain(place);
  });

  test('this machine’s own view stays whole', () => {
    const { view, over } = trustedView(toolchainView({ env: process.env, home: '/nonexistent' }), files);
    const paths = view.symlinks.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    if (lstatSync('/etc/ssl/certs/ca-certificates.crt', { throwIfNoEntry: false })?.isFile())
      expect(over.map(({ target }) => target)).toContain('/etc/ssl/certs/ca-certificates.crt');
    for (const { path, link } of linksOf(view, '/etc/ssl/certs'))
      if (link !== '/etc/ringfence/authority.pem') expect(readlinkSync(path)).toBe(link);
  });
});

test('every variable names one of the two files', () => {
  expect(new Set(Object.values(trustEnvironment()))).toEqual(
    new Set(['/etc/ringfence/authorities.pem', '/etc/ringfence/authority.pem']),
  );
});
