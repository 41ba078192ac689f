/**
 * The folder of statements: a file each, written whole or not at all, read newest first. What does not verify is told, never left out.
 *
 * @module
 */
import { hash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Signer, Verifier } from '../../ledger/index.ts';
import { LONGEST, type Opened, openStatement, signStatement } from './envelope.ts';
import { type AnyStatement, fromInToto, type Statement, type StatementKind } from './statement.ts';

/** Statements of one kind about one thing that are kept; older ones go. */
const KEPT = 32;
/** Files that are read; what is beyond is told. */
const MOST_READ = 5000;
const CERTIFICATES = 'certificates';

/** A statement that holds, with the file that it is from. */
export type Attested<K extends StatementKind = StatementKind> = Omit<
  Extract<Opened, { ok: true }>,
  'statement' | 'ok'
> & {
  readonly file: string;
  readonly statement: Extract<AnyStatement, { kind: K }>;
};

/** A file that does not verify. */
export interface Rejected {
  readonly file: string;
  readonly why: Extract<Opened, { ok: false }>['why'] | 'unreadable';
  readonly detail: string;
}

export interface Stored {
  /** newest first */
  readonly attested: readonly Attested[];
  readonly rejected: readonly Rejected[];
}

/** Reads one file: a plain one, not through a link. */
export function readStatement(
  file: string,
  known: readonly Verifier[],
): { ok: true; attested: Attested } | { ok: false; rejected: Rejected } {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const status = fstatSync(descriptor);
    const reject = (detail: string) =>
      ({ ok: false, rejected: { file, why: 'unreadable', detail } }) as const;
    if (!status.isFile()) return reject('not a plain file');
    if (status.size > LONGEST) return reject(`longer than ${LONGEST >> 20} MiB`);
    const opened = openStatement(readFileSync(descriptor), known);
    if (!opened.ok) return { ok: false, rejected: { file, why: opened.why, detail: opened.detail } };
    const { ok: _ok, ...rest } = opened;
    return { ok: true, attested: { file, ...rest } };
  } catch (error) {
    const detail = (error as NodeJS.ErrnoException).code ?? String(error);
    return { ok: false, rejected: { file, why: 'unreadable', detail } };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const newestFirst = (one: Attested, other: Attested): number => {
  const [then, now] = [one.statement.predicate.made, other.statement.predicate.made];
  return then < now ? 1 : then > now ? -1 : one.file < other.file ? 1 : -1;
};

/** All statements of a folder; none where there is no folder. @throws where it is there and cannot be read */
export function readStatements(folder: string, known: readonly Verifier[]): Stored {
  const attested: Attested[] = [];
  const rejected: Rejected[] = [];
  let names: string[] = [];
  try {
    names = readdirSync(folder)
      .filter((name) => !name.startsWith('.') && name !== CERTIFICATES)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  for (const name of names.slice(0, MOST_READ)) {
    const read = readStatement(join(folder, name), known);
    if (read.ok) attested.push(read.attested);
    else rejected.push(read.rejected);
  }
  for (const name of names.slice(MOST_READ))
    rejected.push({
      file: join(folder, name),
      why: 'unreadable',
      detail: `more than ${MOST_READ} files: it was not read`,
    });
  return { attested: attested.sort(newestFirst), rejected };
}

/** What a statement is about, as a part of its file's name. */
function topicOf({ kind, subjects, predicate }: AnyStatement): string {
  switch (kind) {
    case 'reproduction':
      return predicate.scenario;
    case 'read-back':
      return predicate.run;
    case 'proof':
      return subjects.find(({ name }) => name === 'contract')?.digest.sha256.slice(0, 16) ?? 'contract';
    case 'review':
      return 'claims';
  }
}

const plainName = (text: string): string => text.replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, 100);

/** Puts bytes into place, durably and at once. */
function place(folder: string, name: string, content: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  const beside = join(folder, `.${name}.${process.pid}.${randomBytes(4).toString('hex')}`);
  const descriptor = openSync(beside, 'wx', 0o600);
  try {
    const bytes = Buffer.from(content);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return path;
}

/** An attempt that had its effect, was not seen or kept an honest twin from its task: trying again does not make it go away. */
function tellsOfFailure(file: string): boolean {
  try {
    const { payload } = JSON.parse(readFileSync(file, 'utf8')) as { payload: string };
    const read = fromInToto(JSON.parse(Buffer.from(payload, 'base64').toString('utf8')));
    return (
      read.ok &&
      read.statement.kind === 'reproduction' &&
      read.statement.predicate.results.some(
        ({ target, trials }) =>
          target === 'ringfence' &&
          trials.some(
            ({ contained, honest, seen, attributed }) =>
              !contained || !honest || seen === 'no' || attributed === false,
          ),
      )
    );
  } catch {
    return false; // it says nothing
  }
}

/**
 * Signs a statement and keeps it: `KIND.TOPIC.TIME.DIGEST.json`. The {@link KEPT} newest of a topic stay, and all that tell of a failure.
 *
 * @returns the file
 * @throws what writing throws
 */
export function keepStatement(folder: string, statement: AnyStatement, signer: Signer): string {
  const text = signStatement(statement as Statement, signer);
  const start = `${statement.kind}.${plainName(topicOf(statement))}.`;
  const time = statement.predicate.made.replaceAll(/[^0-9]/g, '');
  const path = place(folder, `${start}${time}.${hash('sha256', text).slice(0, 12)}.json`, text);
  const own = readdirSync(folder).filter(
    (name) => name.startsWith(start) && /^\d{17}\.[0-9a-f]{12}\.json$/.test(name.slice(start.length)),
  );
  for (const name of own.sort().slice(0, -KEPT))
    if (!tellsOfFailure(join(folder, name))) rmSync(join(folder, name), { force: true });
  return path;
}

/** Where {@link keepCertificate} puts a file with this digest. */
export const certificateFileOf = (folder: string, digest: string): string =>
  join(folder, CERTIFICATES, `${digest}.json`);

/** Whether the file of a certificate that a statement names is there, and still is that. */
export function certificateState(folder: string, digest: string): 'kept' | 'gone' | 'changed' {
  try {
    return hash('sha256', readFileSync(certificateFileOf(folder, digest))) === digest ? 'kept' : 'changed';
  } catch {
    return 'gone';
  }
}

/** Keeps a file of a certificate by its digest, which is given back. */
export function keepCertificate(folder: string, text: string): string {
  const digest = hash('sha256', text);
  place(join(folder, CERTIFICATES), `${digest}.json`, text);
  return digest;
}
