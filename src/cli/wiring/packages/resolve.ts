/**
 * `packages` of a contract → the indexes that the gateway makes: lists are read here, outside, before the run, so what
 * the agent does to a lock file later changes nothing.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { readAuthorities } from '../../../cell/trust/index.ts';
import type { Contract, PackageArtefact, PackageIndex, PackageRule } from '../../../contract/index.ts';
import { readNamed } from '../../../contract/packages.ts';
import { readFileList } from './file-list.ts';
import type { Listed } from './listed.ts';
import { type Machine, readNpmLock } from './npm-lock.ts';
import { readRequirements } from './requirements.ts';

/** Bytes. The largest lock files of monorepositories have some 5 MB. */
const MAX_LIST = 64 * 1024 * 1024;

/** What one rule of `packages` comes to. */
export interface ListSummary {
  /** such as `packages[0]` */
  clause: string;
  /** the list as the contract names it; absent: the set stands in the contract */
  list?: string;
  /** SHA-256 of the list as it was read, hexadecimal */
  sha256?: string;
  /** that can be had */
  artefacts: number;
  /** for other machines, left out */
  foreign: number;
  withoutDigest: number;
  /** entries that no index gives, each with its reason; hostile text */
  elsewhere: string[];
}

export type Resolved =
  | { ok: true; indexes: PackageIndex[]; summaries: ListSummary[] }
  | { ok: false; field: string; problem: string; hint: string };

const HERE: Machine = { os: process.platform, cpu: process.arch };

/** @param base folder that relative paths start at: the contract's */
export function resolvePackages(contract: Contract, base: string, machine: Machine = HERE): Resolved {
  const indexes: PackageIndex[] = [];
  const summaries: ListSummary[] = [];
  for (const [rule, written] of contract.packages.entries()) {
    const field = `packages[${rule}]`;
    const list = readList(written, base, machine);
    if (!list.ok) return { ...list, field: `${field}.only` };
    if (list.artefacts.length === 0)
      return {
        ok: false,
        field: `${field}.only`,
        problem: 'it lists nothing that could be had',
        hint: 'Remove the rule, or name a list with artefacts.',
      };
    const { artefacts } = list;
    const foreign = artefacts.filter((artefact) => artefact.foreign).length;
    summaries.push({
      clause: field,
      ...(typeof written.only === 'string' && { list: written.only }),
      ...(list.sha256 !== undefined && { sha256: list.sha256 }),
      artefacts: artefacts.length - foreign,
      foreign,
      withoutDigest: artefacts.filter(({ digests }) => digests.length === 0).length,
      elsewhere: list.remarks,
    });
    const index: PackageIndex = {
      rule,
      ecosystem: written.ecosystem,
      from: written.from,
      artefacts: list.artefacts,
    };
    if (written.ca !== undefined) {
      const ca = readAuthorities(resolve(base, written.ca));
      if (!ca.ok) return { ...ca, field: `${field}.ca` };
      index.ca = ca.pem;
    }
    indexes.push(index);
  }
  return { ok: true, indexes, summaries };
}

type List =
  | { ok: true; sha256?: string; artefacts: PackageArtefact[]; remarks: string[] }
  | { ok: false; problem: string; hint: string };

function readList({ ecosystem, from, only }: PackageRule, base: string, machine: Machine): List {
  if (typeof only !== 'string') {
    const artefacts = only.flatMap((text) => readNamed(ecosystem, text) ?? []);
    return { ok: true, artefacts, remarks: [] };
  }
  const path = resolve(base, only);
  const file = readText(path, MAX_LIST);
  if (!file.ok) return { ...file, hint: 'Name a lock file, or a list of NAME@VERSION.' };
  const readers: Record<PackageRule['ecosystem'], () => Listed> = {
    npm: () => readNpmLock(file.text, from, machine),
    pip: () => readRequirements(file.text),
    files: () => readFileList(file.text, from),
  };
  const listed = readers[ecosystem]();
  if (listed.ok) return { ...listed, sha256: createHash('sha256').update(file.text).digest('hex') };
  const { line, message, hint } = listed.problem;
  return { ok: false, problem: `${path}${line > 0 ? `:${line}` : ''}: ${message}`, hint };
}

function readText(path: string, most: number): { ok: true; text: string } | { ok: false; problem: string } {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return { ok: false, problem: `${path} is not a file` };
    if (stats.size > most) return { ok: false, problem: `${path} is larger than ${most / 1024 / 1024} MiB` };
    return { ok: true, text: readFileSync(path, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return {
      ok: false,
      problem: code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read (${code})`,
    };
  }
}
