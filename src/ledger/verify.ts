/**
 * Verification: is this ledger what was recorded, and if not, where and how does it differ?
 *
 * @module
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAnchor } from './anchor.ts';
import { type PlacedCheckpoint, readCheckpoints } from './checkpoints.ts';
import { LedgerError, reasonOf } from './errors.ts';
import { CHECKPOINTS, KEY, listSegments } from './files.ts';
import { openCheckpoint, parseVerifier, type Verifier, verifierText } from './note.ts';
import type { Problem } from './problem.ts';
import { type Intact, type Recovery, Walk } from './walk.ts';

export interface Verification {
  /**
   * `ok`: all records are those that were signed, up to a closing record. `incomplete`: nothing contradicts the
   * signatures, but the ledger was not closed (the run goes on, or it crashed and was not recovered). `broken`: see `problems`.
   */
  status: 'ok' | 'incomplete' | 'broken';
  /** in the order of the ledger; at most 100. For `incomplete`, what is missing or torn. */
  problems: Problem[];
  /** records found, pruned ones included, and the hash of the last */
  size: number;
  head: string;
  /** records under the last good checkpoint */
  signed: number;
  /** records that some signed checkpoint vouches for, found or not */
  claimed: number;
  /** number of signed checkpoints */
  checkpoints: number;
  /** run and cell of the last record */
  run?: string;
  cell?: string;
  origin?: string;
  /** what retention removed: records below `size`, segments below `segment` */
  pruned?: { size: number; segment: number; time: string };
  recoveries: Recovery[];
  /** where the intact chain ends: all before it can be trusted as far as it is signed */
  intact: Intact;
  /** an unfinished last line, not under any checkpoint: what a crash leaves */
  torn?: { segment: number; offset: number };
  /** an unfinished last checkpoint */
  tornCheckpoint?: { offset: number; bytes: number };
  closed: boolean;
}

export interface VerifyOptions {
  /** the key that the ledger must be signed with: a verifier key's text (`ledger.vkey`) or a parsed one */
  publicKey: string | Verifier;
  /** what the first line of the checkpoints must be */
  origin?: string;
  /** a checkpoint kept elsewhere: the ledger must contain exactly this state; finds a ledger cut back to an older one */
  expect?: string;
}

const MOST_PROBLEMS = 100;

/**
 * Verifies the ledger in `dir`. Reads every byte of it; memory stays constant while nothing is wrong.
 *
 * @throws LedgerError `ledger-missing` where there is no ledger, `ledger-key` where `publicKey` is not a key
 */
export function verifyLedger(dir: string, options: VerifyOptions): Verification {
  const verifier =
    typeof options.publicKey === 'string' ? parseVerifier(options.publicKey) : options.publicKey;
  if (!verifier) {
    throw new LedgerError(
      'ledger-key',
      'the public key is not a verifier key',
      'Give the line in ledger.vkey: NAME+ID+KEY.',
    );
  }
  const segments = segmentsOf(dir);
  const { anchor, problem } = readAnchor(dir, verifier);
  const notes = readCheckpoints(dir, verifier);
  const walk = new Walk(dir, anchor, notes.checkpoints);
  if (problem) walk.problems.push(problem);
  checkKey(dir, verifier, walk.problems);
  for (const segment of segments) walk.segment(segment);
  walk.end();
  checkExpectations(options, verifier, walk, notes.checkpoints);

  const last = notes.checkpoints.at(-1);
  const closed = walk.closed !== undefined && last?.closed === true && last.size === walk.expected.seq;
  const problems = [...walk.problems, ...notes.problems];
  const broken = problems.length > 0;
  if (walk.torn) problems.push(walk.torn);
  if (notes.torn) {
    problems.push({
      nature: 'cut',
      file: CHECKPOINTS,
      line: 1 + countLines(dir, notes.torn.offset),
      offset: notes.torn.offset,
      text: 'the last checkpoint is not complete',
    });
  }
  const complete = closed && !walk.torn && !notes.torn;
  return {
    status: broken ? 'broken' : complete ? 'ok' : 'incomplete',
    problems: problems.slice(0, MOST_PROBLEMS),
    size: walk.expected.seq,
    head: walk.expected.prev,
    signed: walk.signed,
    claimed: walk.claimed,
    checkpoints: notes.checkpoints.length,
    ...(walk.last ? { run: walk.last.run, cell: walk.last.cell } : {}),
    ...(last ? { origin: last.origin } : {}),
    ...(anchor.segment > 0
      ? { pruned: { size: anchor.size, segment: anchor.segment, time: anchor.time } }
      : {}),
    recoveries: walk.recoveries,
    intact: walk.intact,
    ...(walk.torn ? { torn: { segment: walk.torn.segment ?? 0, offset: walk.torn.offset } } : {}),
    ...(notes.torn ? { tornCheckpoint: notes.torn } : {}),
    closed,
  };
}

function segmentsOf(dir: string): number[] {
  let segments: number[];
  try {
    segments = listSegments(dir);
  } catch (error) {
    throw new LedgerError(
      'ledger-missing',
      `cannot read ${dir}: ${reasonOf(error)}`,
      'Give the folder of a run.',
      error,
    );
  }
  if (segments.length === 0 && !existsSync(join(dir, CHECKPOINTS))) {
    throw new LedgerError('ledger-missing', `${dir} holds no ledger`, 'Give the folder of a run.');
  }
  return segments;
}

function countLines(dir: string, until: number): number {
  const bytes = readFileSync(join(dir, CHECKPOINTS)).subarray(0, until);
  let count = 0;
  for (const byte of bytes) if (byte === 10) count += 1;
  return count;
}

/** The key that the ledger names itself proves nothing, but it must be the one it is verified with. */
function checkKey(dir: string, verifier: Verifier, problems: Problem[]): void {
  let text: string | undefined;
  try {
    text = readFileSync(join(dir, KEY), 'latin1');
  } catch {
    text = undefined;
  }
  if (text === `${verifierText(verifier)}\n`) return;
  problems.push({
    nature: 'wrong-signature',
    file: KEY,
    line: 1,
    offset: 0,
    text: text === undefined ? 'the key file is missing' : 'the ledger names another public key',
  });
}

function checkExpectations(
  options: VerifyOptions,
  verifier: Verifier,
  walk: Walk,
  checkpoints: PlacedCheckpoint[],
): void {
  const last = checkpoints.at(-1);
  const place = { file: CHECKPOINTS, line: last?.line ?? 1, offset: last?.offset ?? 0 };
  if (options.origin !== undefined && last && last.origin !== options.origin) {
    walk.problems.push({
      ...place,
      nature: 'edited',
      text: `the ledger is of ${last.origin}, not of ${options.origin}`,
    });
  }
  if (options.expect === undefined) return;
  const opened = openCheckpoint(Buffer.from(options.expect), verifier);
  if (!opened.ok) {
    walk.problems.push({
      ...place,
      nature: 'wrong-signature',
      text: `expected checkpoint: ${opened.detail}`,
    });
    return;
  }
  const { size, head, origin } = opened.checkpoint;
  const same = checkpoints.find((other) => other.size === size);
  if (last && origin !== last.origin) {
    walk.problems.push({ ...place, nature: 'edited', text: `the expected checkpoint is of ${origin}` });
  } else if (same ? same.head !== head : last !== undefined && last.size > size) {
    walk.problems.push({
      ...place,
      nature: 'forked',
      text: `the ledger does not contain the expected checkpoint of ${size} records`,
    });
  } else if (!same) {
    walk.problems.push({
      ...place,
      nature: 'cut',
      text: `${size} records were signed elsewhere, the checkpoints here end at ${last?.size ?? 0}`,
    });
  }
}
