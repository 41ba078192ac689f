/**
 * What an index upstream told of the listed artefacts, as it is kept between runs. It is written by one process and read
 * by another, and came from outside: every reader checks all of it.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { PackageIndex, PackageOffer } from './gateway.ts';
import { installManifest, parseDigest } from './packages.ts';

/** Name of a file as an index may tell it: no separator, no surprise. */
export const PACKAGE_FILE = /^[A-Za-z0-9][A-Za-z0-9._+!-]{0,254}$/;
/** `Requires-Python` of a file (PEP 440 specifiers). */
export const REQUIRES_PYTHON = /^[0-9A-Za-z.,*<>=!~ ]{1,128}$/;
/** Files of all versions that are listed of one index. */
export const MAX_OFFERS = 50_000;
const LONGEST_URL = 2048;

/** Name of the file that the offers of an index are kept in: where it is, and what is listed of it. */
export function offersKey({ ecosystem, from, artefacts }: PackageIndex): string {
  const listed = artefacts.map(({ name, version, digests }) => [name, version, ...digests]);
  const what = JSON.stringify(['offers', ecosystem, from, listed]);
  return `${createHash('sha256').update(what).digest('hex')}.offers`;
}

/** Whether a file may be fetched from there: over TLS, or at the same place as the index. */
export function isOfferedAt(address: string, from: string): boolean {
  if (address.length > LONGEST_URL || !URL.canParse(address)) return false;
  const url = new URL(address);
  const secure = url.protocol === 'https:' || url.origin === new URL(from).origin;
  return secure && url.username === '' && url.password === '' && url.hash === '';
}

/** Reads kept offers; `undefined` where anything about them is not as we write it, or an artefact has none. */
export function readOffers(value: unknown, index: PackageIndex): PackageOffer[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_OFFERS) return undefined;
  const offers = value.map((entry) => readOffer(entry, index));
  if (!offers.every((offer) => offer !== undefined)) return undefined;
  const told = new Set(offers.map(({ artefact }) => artefact));
  return told.size === index.artefacts.length ? offers : undefined;
}

function readOffer(value: unknown, { artefacts, from }: PackageIndex): PackageOffer | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { artefact, file, url, digests, manifest, requiresPython } = value as Record<string, unknown>;
  const isText = (text: unknown): text is string => typeof text === 'string';
  if (!Number.isSafeInteger(artefact) || !artefacts[artefact as number]) return undefined;
  if (!isText(file) || !PACKAGE_FILE.test(file) || !isText(url) || !isOfferedAt(url, from)) return undefined;
  if (!Array.isArray(digests) || !digests.every((digest) => isText(digest) && parseDigest(digest)))
    return undefined;
  const object = typeof manifest === 'object' && manifest !== null ? manifest : undefined;
  const python = isText(requiresPython) && REQUIRES_PYTHON.test(requiresPython) ? requiresPython : undefined;
  return {
    artefact: artefact as number,
    file,
    url,
    digests: digests as string[],
    ...(object && { manifest: installManifest(object as Record<string, unknown>) }),
    ...(python !== undefined && { requiresPython: python }),
  };
}
