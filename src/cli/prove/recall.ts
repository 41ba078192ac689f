/**
 * Verdicts that were found before: on the same contract, by the same rules and catalogue, in this very build. They are kept in the state
 * folder beside the ledgers' keys; nothing in a cell sees that folder, and only what nobody but the operator or root can have written is
 * believed. The proof itself is not kept: forms that show it have it made anew.
 *
 * @module
 */
import { hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { HAZARDS } from '../../contract/index.ts';
import type { Report } from '../../prove/report/index.ts';
import { ensureFolder, folders } from '../folders.ts';
import { VERSION } from '../installation.ts';

/** What verdicts depend on. */
export interface Basis {
  /** Name of the built file that loads the prover: it holds a hash of all of it. */
  readonly build: string;
  /** Digest of the contract's file. */
  readonly contract: string;
  /** What changes whenever the catalogue does. */
  readonly catalogue: string;
  readonly home: string;
  /** What changes whenever any of the code that runs does. */
  readonly program: string;
}

/** A report without its proof. */
export type Verdicts = Omit<Report, 'proof'>;

/** More entries than this are thrown away, oldest first. */
const MOST_KEPT = 256;

const place = (): string => folders().verdicts;

function keyOf({ build, contract, catalogue, home, program }: Basis): string {
  return hash(
    'sha256',
    JSON.stringify(['ringfence verdicts 2', VERSION, build, contract, catalogue, home, program]),
  );
}

/** Whether only this user or root can have written it. */
const isOurs = ({ uid, mode }: { uid: number; mode: number }): boolean =>
  (uid === process.getuid?.() || uid === 0) && (mode & 0o022) === 0;

/** The verdicts, or `undefined` where there are none that can be believed. */
export function recall(basis: Basis): Verdicts | undefined {
  let descriptor: number | undefined;
  try {
    const folder = lstatSync(place());
    if (!folder.isDirectory() || !isOurs(folder)) return undefined;
    const key = keyOf(basis);
    descriptor = openSync(
      join(place(), `${key}.json`),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    const status = fstatSync(descriptor);
    if (!status.isFile() || !isOurs(status)) return undefined;
    const kept: unknown = JSON.parse(readFileSync(descriptor, 'utf8'));
    return isKept(kept) && kept.key === key ? kept.verdicts : undefined;
  } catch {
    return undefined; // absent or damaged: it is proved again
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function isKept(value: unknown): value is { key: string; verdicts: Verdicts } {
  if (typeof value !== 'object' || value === null || !('verdicts' in value)) return false;
  const { verdicts } = value.verdicts as Verdicts;
  return (
    Array.isArray(verdicts) &&
    verdicts.length === Object.keys(HAZARDS).length &&
    verdicts.every(
      ({ hazard, verdict }) =>
        Object.hasOwn(HAZARDS, hazard) && ['PROVED', 'REFUTED', 'UNKNOWN'].includes(verdict),
    )
  );
}

/** Keeps what was found. What cannot be kept costs time, not safety. */
export function remember(basis: Basis, { proof: _proof, ...verdicts }: Report): void {
  try {
    ensureFolder(dirname(folders().runs));
    const folder = ensureFolder(place());
    const key = keyOf(basis);
    const temporary = join(folder, `.${key}.${process.pid}`);
    writeFileSync(temporary, JSON.stringify({ key, verdicts }), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, join(folder, `${key}.json`));
    forgetOldest(folder);
  } catch {
    // another time
  }
}

function forgetOldest(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= MOST_KEPT) return;
  const dated = names.map((name) => ({ name, at: lstatSync(join(folder, name)).mtimeMs }));
  dated.sort((one, other) => one.at - other.at);
  for (const { name } of dated.slice(0, names.length - MOST_KEPT / 2))
    rmSync(join(folder, name), { force: true });
}
