/**
 * Landing items: all of them or none, whatever happens meanwhile.
 *
 * POSIX renames one name at a time. So new content is staged beside the workspace's files, a journal is made durable, and
 * only then names change, each by a rename that can be asked for again. Killed before the journal says `committing` it
 * never was; killed after, {@link recover} does the rest. A step that fails takes all before it back.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { type BigIntStats, linkSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { joinPath, parentPath, pathKey } from '../../cell/changes/index.ts';
import { type Item, sameContentAs, sameState, stateAt } from '../set/index.ts';
import {
  backward,
  ConflictError,
  expectState,
  forward,
  removeStage,
  type Stage,
  stagedPath,
} from './commit.ts';
import { OpenFolder, SwappedFolderError } from './folder.ts';
import {
  fromText,
  type Journal,
  readJournal,
  removeJournal,
  STAGING,
  toText,
  writeDurably,
  writeJournal,
} from './journal.ts';
import { makeAt, StagedDifferenceError, syncAll } from './stage.ts';
import { type Step, stepsOf } from './steps.ts';

export interface LandInput {
  kind: 'apply' | 'undo';
  /** absolute path of the folder */
  workspace: string;
  items: readonly Item[];
  digest: string;
  /** the run's own folder: takes journal and archive */
  runFolder: string;
  /** name of the archive below it: apply makes it, undo takes it back */
  subject: string;
  process: { pid: number; startTime: string };
  /** called once when everything has landed, before the journal goes; after a crash {@link recover} calls it again */
  onLanded: (journal: Journal) => void;
  /** for tests: called between any two steps */
  onStep?: (done: number) => void;
}

export type LandResult =
  | { ok: true; when: number }
  /** nothing was changed */
  | { ok: false; why: 'conflict'; paths: Buffer[]; problem: string }
  | { ok: false; why: 'failed'; problem: string; hint: string };

/** What an archive holds: enough to take the landing back. */
export interface Archive {
  version: 1;
  when: number;
  digest: string;
  steps: Step[];
}

export const archivePath = (runFolder: string, name: string): string => join(runFolder, name);

export function readArchive(runFolder: string, name: string): Archive {
  return fromText<Archive>(readFileSync(join(archivePath(runFolder, name), 'steps.json'), 'utf8'));
}

type Stamps = Map<string, BigIntStats>;

const sameStamp = (a: BigIntStats | undefined, b: BigIntStats | undefined): boolean =>
  a === undefined || b === undefined
    ? a === b
    : a.ino === b.ino &&
      a.dev === b.dev &&
      (a.isDirectory() || (a.mode === b.mode && a.ctimeNs === b.ctimeNs && a.size === b.size));

/** Every path is what the change was made against; and no folder that goes holds more than what goes with it. */
function verify(folder: OpenFolder, items: readonly Item[]): { stamps: Stamps; conflicts: Buffer[] } {
  const stamps: Stamps = new Map();
  const conflicts: Buffer[] = [];
  const byPath = new Map(items.map((item) => [pathKey(item.path), item]));
  const device = BigInt(folder.device);
  for (const { path, before, after } of items) {
    try {
      const stats = folder.stat(path);
      if (stats) stamps.set(pathKey(path), stats);
      const found = stats && stateAt(folder.at(path), stats);
      if (!sameState(found, before)) conflicts.push(path);
      else if (stats && stats.dev !== device) conflicts.push(path);
      if (found?.type !== 'directory' || after?.type === 'directory') continue;
      for (const name of folder.names(path)) {
        const below = joinPath(path, name);
        const gone = byPath.get(pathKey(below));
        if (!gone?.before) conflicts.push(below);
      }
    } catch (error) {
      if (!(error instanceof SwappedFolderError)) throw error;
      conflicts.push(path);
    }
  }
  // what is put needs a real folder above it, there already or put as well
  for (const { path, after } of items) {
    const above = parentPath(path);
    if (!after || above.length === 0) continue;
    const item = byPath.get(pathKey(above));
    const stats = item ? undefined : folder.stat(above);
    const fine = item ? item.after?.type === 'directory' : stats?.isDirectory() && stats.dev === device;
    if (!fine) conflicts.push(above);
  }
  return { stamps, conflicts: [...new Map(conflicts.map((path) => [pathKey(path), path])).values()] };
}

function stageAll(stage: Stage, steps: readonly Step[], items: readonly Item[], keep: boolean): void {
  const sources = new Map(items.map(({ path, source }) => [pathKey(path), source]));
  for (const step of steps) {
    if ((step.do !== 'put' && step.do !== 'replace') || !step.after) continue;
    const source = sources.get(pathKey(step.path));
    const target = stage.folder.at(stagedPath(stage, 'new', step.n));
    if (!(keep && source && linked(source, target, step))) {
      const times =
        keep && source && step.after.type !== 'directory' ? lstatSync(source, { bigint: true }) : undefined;
      makeAt(target, step.after, source, times);
    }
    step.ino = lstatSync(target, { bigint: true }).ino.toString();
  }
}

/** Undo gives back the very file where the archive is on the same file system. */
function linked(source: Buffer, target: Buffer, { after }: Step): boolean {
  if (after?.type === 'directory') return false;
  try {
    if (!sameState(stateAt(source), after)) return false;
    linkSync(source, target);
    return true;
  } catch {
    return false;
  }
}

const hintOf = (error: unknown): string => {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM')
    return 'you may not write there: check the permissions, or leave the path out with --except';
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'free some disk space';
  if (code === 'EROFS') return 'the workspace is on a read-only file system';
  return 'see what is at that path, or leave it out with --except';
};

/**
 * Lands items, or changes nothing.
 *
 * @throws errors of the file system met while a failed landing is taken back: the journal then stays for {@link recover}
 */
export function land(input: LandInput): LandResult {
  let folder: OpenFolder;
  try {
    folder = new OpenFolder(input.workspace);
  } catch (error) {
    const problem = `${input.workspace} cannot be opened: ${(error as Error).message}`;
    return { ok: false, why: 'failed', problem, hint: 'it must be the folder that it was, and no link' };
  }
  try {
    return landIn(folder, input);
  } finally {
    folder.close();
  }
}

function landIn(folder: OpenFolder, input: LandInput): LandResult {
  const { stamps, conflicts } = verify(folder, input.items);
  if (conflicts.length > 0) {
    return { ok: false, why: 'conflict', paths: conflicts, problem: 'the original is not what it was' };
  }
  const other = folder.names(Buffer.alloc(0)).find((name) => STAGING.test(name.toString('latin1')));
  if (other)
    return {
      ok: false,
      why: 'failed',
      problem: `${other} in ${input.workspace} belongs to a landing that did not come to its end`,
      hint: 'let the user whose landing it was run ringfence apply --recover; where that is no more, what was replaced lies in it: take what you need, then remove it',
    };
  const steps = stepsOf(input.items);
  const stage: Stage = { folder, name: `.ringfence-${randomBytes(6).toString('hex')}` };
  const journal: Journal = {
    version: 1,
    state: 'staging',
    kind: input.kind,
    workspace: input.workspace,
    staging: stage.name,
    subject: input.subject,
    digest: input.digest,
    process: input.process,
    when: Date.now(),
    steps: [],
  };
  try {
    writeJournal(input.runFolder, journal);
    for (const name of [stage.name, `${stage.name}/new`, `${stage.name}/old`])
      mkdirSync(folder.at(Buffer.from(name)), 0o700);
    stageAll(stage, steps, input.items, input.kind === 'undo');
    syncAll(join(input.workspace, stage.name));
    writeJournal(input.runFolder, { ...journal, state: 'committing', steps });
  } catch (error) {
    return abandon(stage, input.runFolder, error);
  }
  let done = 0;
  try {
    for (const step of steps) {
      input.onStep?.(done);
      forward(stage, step, ({ path }) => {
        if (!sameStamp(folder.stat(path), stamps.get(pathKey(path))))
          throw new ConflictError(path, 'it is not what it was');
      });
      done += 1;
    }
  } catch (error) {
    takeBack(stage, steps.slice(0, done + 1));
    return abandon(stage, input.runFolder, error);
  }
  input.onStep?.(done);
  finish(stage, input.runFolder, { ...journal, steps }, input.onLanded);
  return { ok: true, when: journal.when };
}

/** A transaction can go neither forward nor back, because somebody changes its paths. Nothing is lost; the journal stays. */
export class StuckError extends Error {
  override readonly name = 'StuckError';
  readonly code = 'landing-stuck';
  readonly hint: string;
  constructor(errors: readonly Error[], { name }: Stage) {
    super(`a landing could not be taken back: ${errors.map(({ message }) => message).join('; ')}`);
    this.hint = `nothing is lost: what is missing lies in ${name} in the workspace; put the named paths back as they were, then run ringfence apply --recover`;
  }
}

/** Takes back as much as can be. @throws StuckError where something cannot */
function takeBack(stage: Stage, steps: readonly Step[]): void {
  const errors: Error[] = [];
  for (const step of [...steps].reverse()) {
    try {
      backward(stage, step);
    } catch (error) {
      errors.push(error as Error);
    }
  }
  if (errors.length > 0) throw new StuckError(errors.slice(0, 5), stage);
}

function abandon(stage: Stage, runFolder: string, error: unknown): LandResult {
  removeStage(stage);
  removeJournal(runFolder);
  if (error instanceof ConflictError || error instanceof SwappedFolderError)
    return { ok: false, why: 'conflict', paths: [error.path], problem: error.message };
  if (error instanceof StagedDifferenceError || (error as NodeJS.ErrnoException).code !== undefined)
    return { ok: false, why: 'failed', problem: (error as Error).message, hint: hintOf(error) };
  throw error;
}

/** All steps are done: what was replaced goes to the archive, the staging folder goes. Can be asked for again. */
function finish(
  stage: Stage,
  runFolder: string,
  journal: Journal,
  onLanded: (journal: Journal) => void,
): void {
  syncAll(journal.workspace);
  if (journal.state !== 'landed') writeJournal(runFolder, { ...journal, state: 'landed' });
  if (journal.kind === 'apply') archive(stage, archivePath(runFolder, journal.subject), journal);
  removeStage(stage);
  onLanded(journal);
  if (journal.kind === 'undo')
    rmSync(archivePath(runFolder, journal.subject), { recursive: true, force: true });
  removeJournal(runFolder);
}

function archive(stage: Stage, target: string, { steps, when, digest }: Journal): void {
  mkdirSync(join(target, 'old'), { recursive: true, mode: 0o700 });
  let copied = false;
  for (const { n, before } of steps) {
    const from = stagedPath(stage, 'old', n);
    const stats = stage.folder.stat(from);
    if (!stats || before?.type === 'directory') continue; // a folder is its mode and owner, and those are in the steps
    const to = join(target, 'old', String(n));
    try {
      renameSync(stage.folder.at(from), to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      rmSync(to, { force: true });
      copied = true;
      if (before) makeAt(Buffer.from(to), { ...before, ...ownIds() }, stage.folder.at(from), stats);
    }
  }
  if (copied) syncAll(target); // what was moved is durable with its name
  const kept: Archive = { version: 1, when, digest, steps };
  writeDurably(join(target, 'steps.json'), toText(kept));
}

/** An archive elsewhere is ours; whose a file was is in the steps. */
const ownIds = () => ({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });

/** Steps of an archive as the items that take them back. */
export function undoItems(runFolder: string, name: string): Item[] {
  const { steps } = readArchive(runFolder, name);
  const items = new Map<string, Item>();
  const old = join(archivePath(runFolder, name), 'old');
  for (const step of steps) {
    const key = pathKey(step.path);
    const known = items.get(key);
    // a step undone: what it left is what is there, what the first one found comes back
    const before = step.do === 'remove' ? undefined : step.after;
    const after = known ? known.after : step.do === 'put' ? undefined : step.before;
    const took = step.do === 'remove' || step.do === 'replace';
    const source = took ? Buffer.from(join(old, String(step.n))) : known?.source;
    const same = before && after && sameContentAs(before, after);
    const kind = !before ? 'added' : !after ? 'deleted' : same ? 'mode' : 'modified';
    items.set(key, {
      path: step.path,
      shown: '',
      kind,
      ...(before && { before }),
      ...(after && { after }),
      ...(source && { source }),
    });
  }
  return [...items.values()];
}

/** A folder that was opened so that it could go, and has gone: its name may be something else's by now. */
function unspent(stage: Stage, steps: readonly Step[]): Step[] {
  const removed = new Map<string, number>();
  for (const [index, step] of steps.entries()) {
    if (step.do === 'remove' && stage.folder.stat(stagedPath(stage, 'old', step.n)))
      removed.set(pathKey(step.path), index);
  }
  return steps.filter((step, index) => step.do !== 'mode' || (removed.get(pathKey(step.path)) ?? -1) < index);
}

/**
 * Ends a transaction that was killed: forward where everything was staged, else back.
 *
 * @returns what became of it; undefined: there was none
 * @throws ConflictError where somebody changed its paths since, in both directions; nothing is lost, the journal stays
 */
export function recover(
  runFolder: string,
  onLanded: (journal: Journal) => void,
): { journal: Journal; landed: boolean } | undefined {
  const journal = readJournal(runFolder);
  if (!journal) return undefined;
  const folder = new OpenFolder(journal.workspace);
  try {
    const stage: Stage = { folder, name: journal.staging };
    if (journal.state === 'staging') {
      removeStage(stage);
      removeJournal(runFolder);
      return { journal, landed: false };
    }
    if (journal.state === 'committing') {
      try {
        for (const step of unspent(stage, journal.steps))
          forward(stage, step, ({ path, before }) => expectState(stage, path, before));
      } catch (error) {
        if (!(error instanceof ConflictError || error instanceof SwappedFolderError)) throw error;
        takeBack(stage, journal.steps);
        removeStage(stage);
        removeJournal(runFolder);
        return { journal, landed: false };
      }
    }
    finish(stage, runFolder, journal, onLanded);
    return { journal, landed: true };
  } finally {
    folder.close();
  }
}
