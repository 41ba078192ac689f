/**
 * From an index of the contract to its offers: what a lock file says is enough for npm and plain files; for a named
 * set, and for pip, the upstream index is asked first, by one GET for each listed name, in the order of the list. What
 * it told is kept with the copies, so that later runs ask no more.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageArtefact, PackageIndex, PackageOffer } from '../../contract/index.ts';
import { offersKey, readOffers } from '../../contract/package-offers.ts';
import { npmPath } from '../../contract/packages.ts';
import type { Reporter } from '../reporter.ts';
import type { Offer } from './catalogue.ts';
import { readNpmDocument } from './documents.ts';
import { fitsPlatform, normaliseVersion, readFileName, readPipDocument, type ToldFile } from './pip-index.ts';
import { ACCEPT, DOCUMENT_MS, PARALLEL, type Upstream } from './upstream.ts';

/** Bytes; the longest manifests have some 30 MB. Several are read at once. */
const MAX_DOCUMENT = 48 * 1024 * 1024;

export interface PlanContext {
  reporter: Reporter;
  upstream: Upstream;
  /** Node's name of the processor: which wheels can be installed */
  processor: string;
}

export interface ListContext extends PlanContext {
  /** folder with the copies, and what was told before */
  folder: string;
  /** true: nobody is asked */
  copiesOnly: boolean;
  /** keeps what was told, where all that is listed was told of */
  keep: (offers: PackageOffer[]) => void;
}

/** @param number of the index in the configuration */
export async function offersOf(index: PackageIndex, number: number, context: ListContext): Promise<Offer[]> {
  const offerOf = ({ artefact, file, url, digests, manifest, requiresPython }: PackageOffer): Offer => ({
    item: {
      of: { index: number, artefact, file },
      index,
      artefact: index.artefacts[artefact] as PackageArtefact,
      url,
      digests,
    },
    ...(manifest && { manifest }),
    ...(requiresPython !== undefined && { requiresPython }),
  });
  if (index.ecosystem !== 'pip' && index.artefacts.every(({ url }) => url !== undefined))
    return index.artefacts.map(({ file = '', url = '', manifest }, artefact) =>
      offerOf({ artefact, file, url, digests: [], ...(manifest && { manifest }) }),
    );
  const known = await keptOffers(index, context.folder);
  if (known) return known.map(offerOf);
  if (context.copiesOnly) return [];
  const told = await askAll(index, context);
  const complete = new Set(told.map(({ artefact }) => artefact)).size === index.artefacts.length;
  if (complete) context.keep(told);
  return told.map(offerOf);
}

async function keptOffers(index: PackageIndex, folder: string): Promise<PackageOffer[] | undefined> {
  try {
    return readOffers(JSON.parse(await readFile(join(folder, offersKey(index)), 'utf8')), index);
  } catch {
    return undefined; // none yet, or no longer what was written: it is asked for anew
  }
}

/** Asks for each name. A document is read when it comes and not kept: all of them together have no bounds. */
async function askAll(index: PackageIndex, context: PlanContext): Promise<PackageOffer[]> {
  const numbers = Map.groupBy(index.artefacts.keys(), (at) => index.artefacts[at]?.name ?? '');
  const told = await inOrder([...numbers.keys()], PARALLEL, async (name) => {
    const document = await askFor(index, name, context);
    if (!document) return [];
    const own = numbers.get(name) ?? [];
    try {
      if (index.ecosystem === 'npm') return npmOffers(index, own, document);
      const files = readPipDocument(document.text, document.type, document.url);
      return own.flatMap((number) => pipOffers(index, number, files, context.processor));
    } catch (error) {
      const why = `it cannot be read: ${(error as Error).message}`;
      report(index, name, { url: document.url, bytes: 0 }, context, why);
      return [];
    }
  });
  return told.flat().sort((a, b) => a.artefact - b.artefact);
}

/** A document of an index upstream. */
export interface Told {
  text: string;
  type: string;
  url: string;
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

/** Where an index upstream has the document of a name. */
export function documentUrl({ ecosystem, from }: PackageIndex, name: string): string {
  const base = from.replace(/\/+$/, '');
  return ecosystem === 'npm' ? `${base}/${name.replace('/', '%2f')}` : `${base}/${name}/`;
}

/**
 * The document of one name, fetched; `undefined` where there is none, which is reported.
 *
 * @param clause what of the contract lets it be asked for
 */
export async function askFor(
  index: PackageIndex,
  name: string,
  context: PlanContext,
  clause?: string,
): Promise<Told | undefined> {
  const url = documentUrl(index, name);
  const accept = index.ecosystem === 'npm' ? ACCEPT.npm : ACCEPT.pip;
  const begun = performance.now();
  const elapsed = () => Math.round(performance.now() - begun);
  for (let attempt = 0; ; attempt += 1) {
    const pieces: Buffer[] = [];
    const take = (piece: Buffer) => {
      pieces.push(piece);
    };
    const wanted = { url, accept, most: MAX_DOCUMENT, within: DOCUMENT_MS, take };
    const fetched = await context.upstream.get(wanted);
    if (!fetched.ok && fetched.again && attempt === 0) continue;
    if (!fetched.ok) {
      report(index, name, { url, bytes: 0, ms: elapsed() }, context, fetched.why, clause);
      return undefined;
    }
    report(index, name, { url, bytes: fetched.bytes, ms: elapsed() }, context, undefined, clause);
    return { text: Buffer.concat(pieces).toString('utf8'), type: fetched.type, url: fetched.url };
  }
}

function report(
  index: PackageIndex,
  name: string,
  { url, bytes, ms = 0 }: { url: string; bytes: number; ms?: number },
  { reporter }: PlanContext,
  problem?: string,
  clause = `packages[${index.rule}]`,
): void {
  reporter.event({
    kind: 'package.fetch',
    ecosystem: index.ecosystem,
    name,
    url,
    ok: problem === undefined,
    bytes,
    ms,
    ...(problem !== undefined && { detail: problem }),
    clause,
  });
}

function npmOffers(index: PackageIndex, numbers: readonly number[], { text }: Told): PackageOffer[] {
  const wanted = numbers.map((number) => index.artefacts[number]?.version ?? '');
  const told = readNpmDocument(text, wanted);
  return numbers.flatMap((artefact): PackageOffer[] => {
    const { name, version, file = '' } = index.artefacts[artefact] as PackageArtefact;
    const found = told.get(version);
    if (!found) return [];
    const url = tarballUrl(index, name, version, found.tarball);
    return [{ artefact, file, url, digests: found.integrity, manifest: found.manifest }];
  });
}

/** Where a version's file lies: as the index says, where that is at the index; otherwise at the usual place. */
export function tarballUrl(
  { from }: PackageIndex,
  name: string,
  version: string,
  told: string | undefined,
): string {
  if (told !== undefined && URL.canParse(told)) {
    const url = new URL(told);
    const plain = url.search === '' && url.hash === '' && url.username === '' && url.password === '';
    if (plain && url.origin === new URL(from).origin) return url.href;
  }
  return `${from.replace(/\/+$/, '')}/${npmPath(name, version)}`;
}

function pipOffers(
  index: PackageIndex,
  artefact: number,
  files: readonly ToldFile[],
  processor: string,
): PackageOffer[] {
  return files
    .filter((file) => isListed(file, index.artefacts[artefact] as PackageArtefact, processor))
    .map(({ file, url, digests, requiresPython }) => ({
      artefact,
      file,
      url,
      digests,
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
