/**
 * From an index of the contract to its offers: what a lock file says is enough for npm and plain files; for a named
 * set, and for pip, the upstream index is asked first, by one GET for each listed name, in the order of the list.
 *
 * @module
 */
import type { PackageArtefact, PackageIndex } from '../../contract/index.ts';
import { npmPath } from '../../contract/packages.ts';
import type { Reporter } from '../reporter.ts';
import type { Offer } from './catalogue.ts';
import { readNpmDocument } from './documents.ts';
import { fitsPlatform, normaliseVersion, readFileName, readPipDocument, type ToldFile } from './pip-index.ts';
import { ACCEPT, PARALLEL, type Upstream } from './upstream.ts';

/** Bytes; the longest manifests have some 30 MB. */
const MAX_DOCUMENT = 64 * 1024 * 1024;

export interface PlanContext {
  reporter: Reporter;
  upstream: Upstream;
  /** Node's name of the processor: which wheels can be installed */
  processor: string;
}

/** @param number of the index in the configuration */
export async function offersOf(index: PackageIndex, number: number, context: PlanContext): Promise<Offer[]> {
  const of = (artefact: number, file: string) => ({ index: number, artefact, file });
  if (index.ecosystem !== 'pip' && index.artefacts.every(({ url }) => url !== undefined))
    return index.artefacts.map((artefact, at) => ({
      item: { of: of(at, artefact.file ?? ''), index, artefact, url: artefact.url ?? '', digests: [] },
      ...(artefact.manifest && { manifest: artefact.manifest }),
    }));
  const names = [...new Set(index.artefacts.map(({ name }) => name))];
  const told = await inOrder(names, PARALLEL, (name) => ask(index, name, context));
  return index.artefacts.flatMap((artefact, at): Offer[] => {
    const document = told[names.indexOf(artefact.name)];
    if (!document) return [];
    const offers = index.ecosystem === 'pip' ? pipOffers : npmOffers;
    try {
      return offers(index, artefact, document, (file) => of(at, file), context.processor);
    } catch (error) {
      report(index, artefact.name, document, context, `it cannot be read: ${(error as Error).message}`);
      return [];
    }
  });
}

interface Told {
  text: string;
  type: string;
  url: string;
  bytes: number;
}

/** Runs work for each in turn, several at a time, started in order. */
async function inOrder<T, R>(
  values: readonly T[],
  width: number,
  work: (value: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    while (next < values.length) {
      const at = next;
      next += 1;
      results[at] = await work(values[at] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, values.length) }, lane));
  return results;
}

async function ask(index: PackageIndex, name: string, context: PlanContext): Promise<Told | undefined> {
  const base = index.from.replace(/\/+$/, '');
  const url = index.ecosystem === 'npm' ? `${base}/${name.replace('/', '%2f')}` : `${base}/${name}/`;
  const accept = index.ecosystem === 'npm' ? ACCEPT.npm : ACCEPT.pip;
  for (let attempt = 0; ; attempt += 1) {
    const pieces: Buffer[] = [];
    const fetched = await context.upstream.get(url, accept, MAX_DOCUMENT, (piece) => {
      pieces.push(piece);
    });
    if (!fetched.ok && fetched.again && attempt === 0) continue;
    if (!fetched.ok) {
      report(index, name, { url, bytes: 0 }, context, fetched.why);
      return undefined;
    }
    const told = { text: Buffer.concat(pieces).toString('utf8'), type: fetched.type, url: fetched.url };
    report(index, name, { url, bytes: fetched.bytes }, context);
    return { ...told, bytes: fetched.bytes };
  }
}

function report(
  index: PackageIndex,
  name: string,
  { url, bytes }: { url: string; bytes: number },
  { reporter }: PlanContext,
  problem?: string,
): void {
  reporter.event({
    kind: 'package.fetch',
    ecosystem: index.ecosystem,
    name,
    url,
    ok: problem === undefined,
    bytes,
    ms: 0,
    ...(problem !== undefined && { detail: problem }),
    clause: `packages[${index.rule}]`,
  });
}

type NumberOf = (file: string) => { index: number; artefact: number; file: string };

function npmOffers(index: PackageIndex, artefact: PackageArtefact, told: Told, of: NumberOf): Offer[] {
  const { name, version, file = '' } = artefact;
  const found = readNpmDocument(told.text, [version]).get(version);
  if (!found) return [];
  const usual = `${index.from.replace(/\/+$/, '')}/${npmPath(name, version)}`;
  const { tarball } = found;
  const own = tarball !== undefined && URL.canParse(tarball) && isPlainBelow(tarball, index.from);
  const url = own ? new URL(tarball).href : usual;
  return [
    { item: { of: of(file), index, artefact, url, digests: found.integrity }, manifest: found.manifest },
  ];
}

const isPlainBelow = (address: string, from: string): boolean => {
  const url = new URL(address);
  return (
    url.origin === new URL(from).origin && url.search === '' && url.username === '' && url.password === ''
  );
};

function pipOffers(
  index: PackageIndex,
  artefact: PackageArtefact,
  told: Told,
  of: NumberOf,
  processor: string,
): Offer[] {
  return readPipDocument(told.text, told.type, told.url)
    .filter((file) => isListed(file, artefact, processor))
    .map(({ file, url, digests, requiresPython }) => ({
      item: { of: of(file), index, artefact, url, digests },
      ...(requiresPython !== undefined && { requiresPython }),
    }));
}

/** Of this name and version, for this machine, and with one of the listed digests as far as the index tells any. */
function isListed({ file, digests }: ToldFile, artefact: PackageArtefact, processor: string): boolean {
  const is = readFileName(file);
  if (!is || is.name !== artefact.name || normaliseVersion(is.version) !== normaliseVersion(artefact.version))
    return false;
  if (is.platforms && !fitsPlatform(is.platforms, processor)) return false;
  if (artefact.digests.length === 0 || digests.length === 0) return true;
  const comparable = artefact.digests.filter((listed) =>
    digests.some((told) => told.slice(0, 7) === listed.slice(0, 7)),
  );
  return comparable.length === 0 || comparable.some((listed) => digests.includes(listed));
}
