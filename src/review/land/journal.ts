/**
 * The journal of a transaction: written before anything is touched, so that whoever comes after a crash can finish it.
 *
 * It lies in the run's own folder, where no program of a cell can write, and names everything that recovery needs.
 *
 * @module
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { State } from '../set/index.ts';
import type { Step } from './steps.ts';

export interface Journal {
  version: 1;
  /**
   * `staging`: the workspace has one more folder, and that is all; it is removed again.
   * `committing`: everything is staged; the steps are done, or done to the end.
   * `landed`: all steps are done; what was replaced is taken to the run's folder.
   */
  state: 'staging' | 'committing' | 'landed';
  kind: 'apply' | 'undo';
  workspace: string;
  /** name of the staging folder in the workspace */
  staging: string;
  /** name, in the run's folder, of the archive that this landing makes (apply) or takes back (undo) */
  subject: string;
  /** the digest that was applied, for the record */
  digest: string;
  /** process that is at work, as proc_pid_stat(5) tells processes apart */
  process: { pid: number; startTime: string };
  /** milliseconds since 1970 */
  when: number;
  steps: Step[];
}

type Written<T> = T extends Buffer
  ? { bytes: string }
  : T extends object
    ? { [K in keyof T]: Written<T[K]> }
    : T;

const encode = (_key: string, value: unknown): unknown => {
  // Buffer's own toJSON has run by now
  if (typeof value === 'object' && value !== null && Reflect.get(value, 'type') === 'Buffer') {
    return { bytes: Buffer.from(Reflect.get(value, 'data') as number[]).toString('base64') };
  }
  return value;
};

const decode = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const bytes: unknown = Reflect.get(value, 'bytes');
  return typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : value;
};

/** JSON in which bytes are base64. */
export const toText = (value: unknown): string => JSON.stringify(value, encode);
export const fromText = <T>(text: string): T => JSON.parse(text, decode) as T;
export type { State, Written };

/** Makes names of a folder durable. */
export function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Written whole and durable, or not at all. */
export function writeDurably(path: string, text: string): void {
  const temporary = `${path}.new`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const descriptor = openSync(temporary, 'w', 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Names of staging folders: nothing that is landed may have one. */
export const STAGING = /^\.ringfence-[0-9a-f]{12}$/;

export const journalPath = (runFolder: string): string => join(runFolder, 'landing.json');

export function writeJournal(runFolder: string, journal: Journal): void {
  writeDurably(journalPath(runFolder), toText(journal));
}

/** A journal that is none: a disk or a person damaged it. */
export class DamagedJournalError extends Error {
  override readonly name = 'DamagedJournalError';
  readonly code = 'journal-damaged';
  readonly hint: string;
  constructor(path: string, cause?: unknown) {
    super(`the journal of an unfinished landing cannot be read: ${path}`, { cause });
    this.hint =
      'what it replaced lies in a folder .ringfence-… of the workspace: take from there what you need, then remove both';
  }
}

/** @throws DamagedJournalError */
export function readJournal(runFolder: string): Journal | undefined {
  const path = journalPath(runFolder);
  if (!existsSync(path)) return undefined;
  let journal: Journal;
  try {
    journal = fromText<Journal>(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new DamagedJournalError(path, error);
    throw error;
  }
  // what it names is moved and removed: only what this program writes
  const { staging, subject, steps, workspace } = journal;
  const isOurs =
    STAGING.test(staging) && /^(?:landed|direct)-\d+$/.test(subject) && workspace.startsWith('/');
  if (!isOurs || !Array.isArray(steps)) throw new DamagedJournalError(path);
  return journal;
}

export function removeJournal(runFolder: string): void {
  rmSync(journalPath(runFolder), { force: true });
  syncFolder(runFolder);
}
