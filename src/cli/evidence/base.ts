/**
 * Opens an evidence base: that of this installation, or a folder of somebody's own.
 *
 * @module
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { formatProblem, type Problem, readBounded, suggest } from '../../contract/index.ts';
import type { ClaimCoverage } from '../../evidence/coverage/index.ts';
import {
  type Claim,
  deriveStatus,
  type Evidence,
  isDate,
  loadEvidence,
  openCompiled,
  type Source,
  type Status,
  type Text,
  type Texts,
} from '../../evidence/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { installation } from '../installation.ts';
import { safe } from '../text.ts';
import { coverageOfFolder } from './coverage.ts';

/** Bytes of one file: a claim is a few pages. */
const LONGEST = 1 << 20;
/** So many files of each kind are read. */
const FILES = 20_000;

export interface Base {
  /** as problems call it */
  folder: string;
  /** whether it is the one that comes with Ringfence */
  isOwn: boolean;
  evidence: Evidence;
  sources: ReadonlyMap<string, Source>;
  statusOf: (claim: Claim) => Status;
  /** what was measured, as long as it is about what is here */
  coverageOf: (claim: Pick<Claim, 'id'>) => ClaimCoverage;
  today: string;
}

/** The files of a folder. What cannot be read as a plain file of some pages goes to `problems`. */
function readFolder(folder: string, problems: Problem[]): Text[] {
  const entries = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => /\.ya?ml$/.test(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  if (entries.length > FILES)
    throw new CommandError(
      'too-many-claims',
      `${safe(folder)} holds more than ${FILES} files`,
      'name the folder of claims alone',
      EXIT.usage,
    );
  return entries.flatMap((entry) => {
    const file = join(folder, entry.name);
    const say = (message: string, hint: string): [] => {
      problems.push({ file, line: 1, column: 1, path: '', message, hint });
      return [];
    };
    if (!entry.isFile())
      return say(
        entry.isSymbolicLink() ? 'a symbolic link, which is not followed' : 'not a plain file',
        'Put the file itself there, or remove this.',
      );
    const read = readBounded(file, LONGEST);
    if (!read.ok) return say(read.message, read.hint);
    if (read.content.length > LONGEST)
      return say(`larger than ${LONGEST >> 20} MiB`, 'A claim is a few pages; is this one?');
    return [[file, Buffer.from(read.content).toString('utf8')] as const];
  });
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** The day that dates are held against: that of `--on`, or today in UTC. */
function dayOf(written: string | undefined): string {
  if (written === undefined) return new Date().toISOString().slice(0, 10);
  if (/^\d{4}-\d\d-\d\d$/.test(written) && isDate(written)) return written;
  throw new CommandError(
    'usage',
    `${safe(written)} is not a day`,
    'write for example --on 2026-03-17',
    EXIT.usage,
  );
}

/** What the build made of the own claims, where they are those that it was made from. */
function fromBuild(texts: Texts): Evidence | undefined {
  try {
    return openCompiled(readFileSync(join(installation().root, 'dist', 'claims.json'), 'utf8'), texts);
  } catch {
    return undefined; // not built
  }
}

/**
 * Reads a base. Files with mistakes are in `evidence.problems`.
 *
 * @param options.claims a folder of claims, with `sources/` in it; default: the one that comes with Ringfence
 * @throws CommandError where there is no such folder
 */
export function openBase(options: { claims: string | undefined; on: string | undefined }): Base {
  const own = join(installation().root, 'claims');
  const folder = options.claims ?? own;
  if (!isFolder(folder))
    throw new CommandError(
      'no-claims',
      `there is no folder ${safe(folder)}`,
      options.claims === undefined
        ? 'install Ringfence anew: its claims are missing'
        : 'name a folder with claims: --claims DIR',
      EXIT.usage,
    );
  const sourceFolder = join(folder, 'sources');
  const unread: Problem[] = [];
  const texts = {
    claims: readFolder(folder, unread),
    sources: isFolder(sourceFolder) ? readFolder(sourceFolder, unread) : [],
  };
  const loaded = (options.claims === undefined ? fromBuild(texts) : undefined) ?? loadEvidence(texts);
  const evidence = { ...loaded, problems: [...unread, ...loaded.problems] };
  const sources = new Map(evidence.sources.map((source) => [source.id, source]));
  const today = dayOf(options.on);
  const coverage = coverageOfFolder(folder);
  return {
    coverageOf: ({ id }) => coverage(id),
    folder,
    isOwn: options.claims === undefined,
    evidence,
    sources,
    today,
    statusOf: (claim) => deriveStatus(claim, (id) => sources.get(id), today),
  };
}

/** Says on standard error what could not be read, so that nobody takes a part for the whole. */
export function reportProblems({ evidence: { problems } }: Base, err: (text: string) => void): void {
  for (const problem of problems.slice(0, 5)) err(formatProblem(problem));
  if (problems.length > 0)
    err(
      `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}: what is in those files is left out. See: ringfence evidence lint`,
    );
}

/** @throws CommandError where there is no such claim */
export function findClaim({ evidence: { claims, problems } }: Base, id: string): Claim {
  const exact = claims.find((claim) => claim.id === id);
  if (exact) return exact;
  const beginning = id === '' ? [] : claims.filter((claim) => claim.id.startsWith(id));
  if (beginning.length === 1) return beginning[0] as Claim;
  const near = suggest(
    id,
    claims.map((claim) => claim.id),
  );
  const broken = problems.length > 0 ? '; some files could not be read: ringfence evidence lint' : '';
  throw new CommandError(
    'no-claim',
    beginning.length > 1
      ? `${beginning.length} claims begin with ${JSON.stringify(safe(id))}`
      : `there is no claim ${JSON.stringify(safe(id))}`,
    `${near === undefined ? 'see which there are: ringfence evidence list' : `did you mean ${near}?`}${broken}`,
  );
}
