/**
 * Which path is what. Every path that is answered is in a table, byte for byte, made from what is listed: a request is
 * looked up and never interpreted, so no spelling of a path means another.
 *
 * @module
 */
import type { PackageIndex } from '../../contract/index.ts';
import {
  type Ecosystem,
  npmPath,
  PACKAGE_HOSTS,
  parseDigest,
  strongestDigests,
} from '../../contract/packages.ts';
import type { Item } from './copies.ts';
import {
  type Document,
  filesDocument,
  type NpmVersion,
  npmDocument,
  type PipFile,
  pipDocument,
  pipNames,
} from './documents.ts';

/** What a path leads to. */
export type Resource =
  /** `asked`: the operator allowed it, no list names it */
  | { kind: 'document'; name: string; index: PackageIndex; document: Document; asked?: true }
  | { kind: 'file'; item: Item };

/** An artefact with all that its document says. */
export interface Offer {
  item: Item;
  manifest?: Record<string, unknown>;
  requiresPython?: string;
}

const hostEcosystem = new Map(
  Object.entries(PACKAGE_HOSTS).map(([ecosystem, host]) => [host, ecosystem as Ecosystem]),
);

/** The index that a Host header names, port included or not. */
export const ecosystemOf = (host: string): Ecosystem | undefined =>
  hostEcosystem.get(host.toLowerCase().replace(/:80$/, ''));

const group = <T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
};

/** A file name as clients may write it in an address: as it is, or with each reserved character encoded. */
const spellings = (file: string): string[] => {
  const encoded = encodeURIComponent(file);
  return [
    ...new Set([file, encoded, encoded.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)]),
  ];
};

/** All that an index of one ecosystem answers. Of two rules that list the same, the first counts. */
export function tableOf(ecosystem: Ecosystem, offers: readonly Offer[]): Map<string, Resource> {
  const table = new Map<string, Resource>();
  const add = (path: string, resource: Resource) => {
    if (!table.has(path)) table.set(path, resource);
  };
  if (ecosystem === 'npm') addNpm(offers, add);
  else if (ecosystem === 'pip') addPip(offers, add);
  else addFiles(offers, add);
  return table;
}

type Add = (path: string, resource: Resource) => void;

const integrityOf = ({ artefact, digests }: Item): string[] =>
  strongestDigests(artefact.digests.length > 0 ? artefact.digests : digests);

function addNpm(offers: readonly Offer[], add: Add): void {
  for (const [name, all] of group(offers, ({ item }) => item.artefact.name)) {
    const once = new Map<string, NpmVersion>();
    for (const { item, manifest = {} } of all) {
      const { version, paths = [] } = item.artefact;
      const path = `/${npmPath(name, version)}`;
      // fetching it for whoever asks would let the asking show outside
      if (!item.artefact.foreign) for (const one of [path, ...paths]) add(one, { kind: 'file', item });
      if (!once.has(version)) once.set(version, { version, path, manifest, digests: integrityOf(item) });
    }
    const [{ item } = all[0] as Offer] = all;
    const document = npmDocument(name, [...once.values()]);
    for (const spelt of new Set([name, name.replace('/', '%2f'), name.replace('/', '%2F')]))
      add(`/${spelt}`, { kind: 'document', name, index: item.index, document });
  }
}

function addPip(offers: readonly Offer[], add: Add): void {
  const names = group(offers, ({ item }) => item.artefact.name);
  for (const [name, all] of names) {
    const once = new Map<string, PipFile>();
    for (const { item, requiresPython } of all) {
      const { file } = item.of;
      for (const spelt of spellings(file)) add(`/files/${name}/${spelt}`, { kind: 'file', item });
      const sha256 = item.digests.flatMap((text) => {
        const digest = parseDigest(text);
        return digest?.algorithm === 'sha256' ? [digest.bytes.toString('hex')] : [];
      })[0];
      const about = {
        ...(sha256 !== undefined && { sha256 }),
        ...(requiresPython !== undefined && { requiresPython }),
      };
      if (!once.has(file))
        once.set(file, { file, path: `/files/${name}/${spellings(file)[1] ?? file}`, ...about });
    }
    const [{ item } = all[0] as Offer] = all;
    const document = pipDocument(name, [...once.values()]);
    add(`/simple/${name}/`, { kind: 'document', name, index: item.index, document });
  }
  const [first] = offers;
  if (first)
    add('/simple/', {
      kind: 'document',
      name: '',
      index: first.item.index,
      document: pipNames([...names.keys()]),
    });
}

function addFiles(offers: readonly Offer[], add: Add): void {
  const [first] = offers;
  if (!first) return;
  const files = offers.map(({ item }) => ({
    path: `/${item.artefact.name}`,
    digests: item.artefact.digests,
  }));
  for (const { item } of offers) add(`/${item.artefact.name}`, { kind: 'file', item });
  add('/', { kind: 'document', name: '', index: first.item.index, document: filesDocument(files) });
}
