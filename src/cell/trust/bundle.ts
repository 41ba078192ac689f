/**
 * The certificate authorities that this machine trusts, wherever its distribution keeps them.
 *
 * @module
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** One file with all authorities: Debian and Arch, Fedora, openSUSE, Alpine. OpenSSL's own default comes last. */
export const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/var/lib/ca-certificates/ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/etc/pki/tls/cert.pem',
  '/usr/lib/ssl/cert.pem',
] as const;

/** Variables by which a user adds authorities to the machine's, or replaces them. */
const REPLACING = 'SSL_CERT_FILE';
const ADDING = 'NODE_EXTRA_CA_CERTS';

/** The certificates of a PEM text, each as a block of its own; whatever else it holds is left out. */
export function certificatesOf(text: string): string[] {
  return (
    text.match(/-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? []
  ).map((block) => `${block.replaceAll('\r', '')}\n`);
}

function read(path: string | undefined): string[] {
  if (path === undefined || !path.startsWith('/')) return [];
  try {
    return certificatesOf(readFileSync(path, 'utf8'));
  } catch {
    return [];
  }
}

/**
 * The machine's authorities, one PEM text: what its tools believe, or the user's SSL_CERT_FILE in their place, and
 * those of NODE_EXTRA_CA_CERTS. A machine without any, such as a bare container, has the ones that Node comes with.
 */
export function machineAuthorities(env: Readonly<Record<string, string | undefined>>): string {
  let found = read(env[REPLACING]);
  for (const path of BUNDLES) if (found.length === 0) found = read(path);
  if (found.length === 0)
    found = process.getBuiltinModule('node:tls').rootCertificates.map((block) => `${block}\n`);
  return [...new Set([...found, ...read(env[ADDING])])].join('');
}

export type ReadAuthorities = { ok: true; pem: string } | { ok: false; problem: string; hint: string };

/** Authorities of a file that a contract names: it must hold certificates, and nothing that is none. */
export function readAuthorities(path: string): ReadAuthorities {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = `${path} cannot be read: ${code ?? 'unknown error'}`;
    return { ok: false, problem, hint: 'name a readable file; a relative path starts at the contract' };
  }
  const blocks = certificatesOf(text);
  const hint = 'name a file of certificates in PEM form, -----BEGIN CERTIFICATE-----';
  if (blocks.length === 0) return { ok: false, problem: `${path} holds no certificate`, hint };
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch {
      return { ok: false, problem: `certificate ${index + 1} of ${path} cannot be understood`, hint };
    }
  }
  return { ok: true, pem: blocks.join('') };
}
