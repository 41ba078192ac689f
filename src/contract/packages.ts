/**
 * What a cell and its gateway agree on about packages: the names at which the indexes are found inside, how a digest
 * and a copy are written, and what of a manifest an index may repeat.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { PackageArtefact, PackageIndex } from './gateway.ts';

export type Ecosystem = PackageIndex['ecosystem'];

/** Below `.internal`, which is never delegated (ICANN board resolution of 29 July 2024). */
export const PACKAGE_DOMAIN = 'packages.internal';

/** Where each index is found inside. They share an address; the name says which. */
export const PACKAGE_HOSTS: Record<Ecosystem, string> = {
  npm: `npm.${PACKAGE_DOMAIN}`,
  pip: `pip.${PACKAGE_DOMAIN}`,
  files: `files.${PACKAGE_DOMAIN}`,
};

/** The dummy address (RFC 7600 §4.8): no host has it, and a connect to it never leaves the cell. */
export const PACKAGE_ADDRESS = '192.0.0.8';
export const PACKAGE_PORT = 80;

/** Digests that say what a file is, the strongest first. SHA-1 is there because old lock files have nothing else. */
export const DIGEST_ALGORITHMS = ['sha512', 'sha384', 'sha256', 'sha1'] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];
const DIGEST_BYTES: Record<DigestAlgorithm, number> = { sha512: 64, sha384: 48, sha256: 32, sha1: 20 };

/** A digest as `ALGORITHM-BASE64` (W3C Subresource Integrity). */
export function formatDigest(algorithm: DigestAlgorithm, bytes: Uint8Array): string {
  return `${algorithm}-${Buffer.from(bytes).toString('base64')}`;
}

/** Reads `ALGORITHM-BASE64`; `undefined` for anything else, options after `?` included. */
export function parseDigest(text: string): { algorithm: DigestAlgorithm; bytes: Buffer } | undefined {
  const [, name, value] = /^(sha(?:512|384|256|1))-([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  if (name === undefined || value === undefined) return undefined;
  const algorithm = name as DigestAlgorithm;
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === DIGEST_BYTES[algorithm] ? { algorithm, bytes } : undefined;
}

/** Those of the strongest algorithm: the others add nothing, and must not be a way around it (SRI §3.3.4). */
export function strongestDigests(digests: readonly string[]): string[] {
  for (const algorithm of DIGEST_ALGORITHMS) {
    const found = digests.filter((digest) => digest.startsWith(`${algorithm}-`));
    if (found.length > 0) return found;
  }
  return [];
}

/** Name of the file that a copy is kept in: what was asked for, and what it must be. */
export function copyKey(
  index: PackageIndex,
  artefact: Pick<PackageArtefact, 'name' | 'version' | 'digests'>,
  file: string,
): string {
  const what = [index.ecosystem, index.from, artefact.name, artefact.version, file, ...artefact.digests];
  return createHash('sha256').update(JSON.stringify(what)).digest('hex');
}

/** Name of the folder, among the copies, of what an operator allowed one run beyond its lists. */
export const askedFolder = (run: string): string => `.asked-${run}`;

/** Name of a package as the registry of npm allows it, old names with capitals included. */
export const NPM_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[A-Za-z0-9~_-][A-Za-z0-9._~-]*$/;
export const NPM_VERSION = /^[0-9][0-9A-Za-z.+-]{0,127}$/;
export const PIP_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
export const PIP_VERSION = /^[0-9A-Za-z][0-9A-Za-z.!+_-]{0,127}$/;
export const LONGEST_NAME = 214;

/** PEP 503: one spelling for each name. */
export const normalisePipName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** `@scope/name` 1.0.0 → `name-1.0.0.tgz`. */
export const npmFile = (name: string, version: string): string =>
  `${name.slice(name.indexOf('/') + 1)}-${version}.tgz`;

/** Where the registry of npm keeps a file, below its address. */
export const npmPath = (name: string, version: string): string => `${name}/-/${npmFile(name, version)}`;

const MAP_OF_TEXTS = [
  'dependencies',
  'optionalDependencies',
  'peerDependencies',
  'acceptDependencies',
  'engines',
  'bin',
] as const;
const LISTS_OF_TEXTS = ['os', 'cpu', 'libc', 'bundleDependencies', 'bundledDependencies'] as const;
const FLAGS = ['hasInstallScript', '_hasShrinkwrap'] as const;
const LONGEST_TEXT = 512;
const MOST_ENTRIES = 2000;

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= LONGEST_TEXT;

function textsOf(value: unknown): Record<string, string> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value).filter(
    ([key, text]) => isText(key) && isText(text) && key !== '__proto__',
  );
  return Object.fromEntries(entries.slice(0, MOST_ENTRIES)) as Record<string, string>;
}

/**
 * What an installer needs to know of a version before it has the file: dependencies, programs, which machines. Known
 * keys of known types alone; everything else that a lock file or a registry says is left out.
 */
export function installManifest(source: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const manifest: Record<string, unknown> = {};
  for (const key of MAP_OF_TEXTS) {
    const texts = textsOf(source[key]);
    if (texts) manifest[key] = texts;
  }
  if (isText(source.bin)) manifest.bin = source.bin;
  for (const key of LISTS_OF_TEXTS) {
    const value = source[key];
    if (Array.isArray(value)) manifest[key] = value.filter(isText).slice(0, MOST_ENTRIES);
    else if (isText(value)) manifest[key] = [value];
  }
  for (const key of FLAGS) if (source[key] === true) manifest[key] = true;
  const peers = source.peerDependenciesMeta;
  if (typeof peers === 'object' && peers !== null && !Array.isArray(peers)) {
    const optional = Object.entries(peers).filter(
      ([key, value]) =>
        isText(key) && key !== '__proto__' && (value as { optional?: unknown } | null)?.optional === true,
    );
    manifest.peerDependenciesMeta = Object.fromEntries(
      optional.slice(0, MOST_ENTRIES).map(([key]) => [key, { optional: true }]),
    );
  }
  return manifest;
}

/** One entry of a named set, `name@version` or `name==version`; `undefined` where it is not one of this ecosystem. */
export function readNamed(ecosystem: Ecosystem, written: string): PackageArtefact | undefined {
  if (ecosystem === 'files') return undefined;
  const pattern = ecosystem === 'npm' ? /^(@?[^@]+)@([^@]+)$/ : /^([^=\s]+)\s*==\s*(\S+)$/;
  const [, name = '', version = ''] = pattern.exec(written.trim()) ?? [];
  if (name.length > LONGEST_NAME) return undefined;
  if (ecosystem === 'npm')
    return NPM_NAME.test(name) && NPM_VERSION.test(version)
      ? { name, version, file: npmFile(name, version), digests: [] }
      : undefined;
  return PIP_NAME.test(name) && PIP_VERSION.test(version)
    ? { name: normalisePipName(name), version, digests: [] }
    : undefined;
}
