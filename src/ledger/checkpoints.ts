/**
 * Reads the checkpoints of a ledger and checks them against each other; against the records, `verify` does.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from './errors.ts';
import { CHECKPOINTS } from './files.ts';
import { type Checkpoint, extension, openCheckpoint, type Verifier } from './note.ts';
import type { Nature, Problem } from './problem.ts';
import { splitNotes } from './scan.ts';

/** A checkpoint whose signature is good, and where it stands. */
export interface PlacedCheckpoint extends Checkpoint {
  line: number;
  offset: number;
  /** counts from 0 */
  number: number;
  closed: boolean;
}

export interface ReadCheckpoints {
  /** signed and in order */
  checkpoints: PlacedCheckpoint[];
  problems: Problem[];
  /** a last note that was not written to its end: where it begins and how long it is */
  torn?: { offset: number; bytes: number };
}

/** Reads all checkpoints. A file that does not exist is one without checkpoints. */
export function readCheckpoints(dir: string, verifier: Verifier): ReadCheckpoints {
  const result: ReadCheckpoints = { checkpoints: [], problems: [] };
  let file: Buffer;
  try {
    file = readFileSync(join(dir, CHECKPOINTS));
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return result;
    throw error;
  }
  const signed: PlacedCheckpoint[] = [];
  for (const note of splitNotes(file)) {
    const place = { file: CHECKPOINTS, line: note.line, offset: note.offset };
    if (!note.ended) {
      result.torn = { offset: note.offset, bytes: note.bytes.length };
      break;
    }
    const opened = openCheckpoint(note.bytes, verifier);
    if (!opened.ok) {
      const nature = opened.why === 'malformed' ? 'edited' : 'wrong-signature';
      result.problems.push({ ...place, nature, text: `checkpoint cannot be trusted: ${opened.detail}` });
      continue;
    }
    const { checkpoint } = opened;
    signed.push({
      ...checkpoint,
      number: Number(extension(checkpoint, 'checkpoint') ?? Number.NaN),
      closed: extension(checkpoint, 'closed') === '',
      line: note.line,
      offset: note.offset,
    });
  }
  const accepted = new Accepted();
  for (const [index, next] of signed.entries()) {
    const problem = compare(accepted, next, signed, index + 1);
    if (problem) {
      const { nature, text } = problem;
      result.problems.push({ nature, file: CHECKPOINTS, line: next.line, offset: next.offset, text });
    }
    if (!problem || problem.advances) accepted.add(next);
  }
  result.checkpoints = accepted.all;
  result.problems.sort((a, b) => a.offset - b.offset);
  return result;
}

/** The checkpoints so far that fit together. A run of an hour has tens of thousands: they are found by key. */
class Accepted {
  readonly all: PlacedCheckpoint[] = [];
  readonly bySize = new Map<number, PlacedCheckpoint>();
  readonly byNumber = new Map<number, PlacedCheckpoint>();

  add(next: PlacedCheckpoint): void {
    this.all.push(next);
    this.bySize.set(next.size, next);
    this.byNumber.set(next.number, next);
  }
}

/** What is wrong with a signed checkpoint, given those before it; those from `from` on stand behind it. */
function compare(
  before: Accepted,
  next: PlacedCheckpoint,
  signed: readonly PlacedCheckpoint[],
  from: number,
): { nature: Nature; text: string; advances?: true } | undefined {
  const last = before.all.at(-1);
  if (!Number.isSafeInteger(next.number)) {
    return { nature: 'edited', text: 'signed note is not a checkpoint of a ledger: it has no number' };
  }
  if (last && next.origin !== last.origin) {
    return { nature: 'edited', text: `checkpoint is of another log: ${next.origin}, not ${last.origin}` };
  }
  const fork = before.bySize.get(next.size);
  if (fork && fork.head !== next.head) {
    return {
      nature: 'forked',
      text: `two signed checkpoints of ${next.size} records differ: lines ${fork.line} and ${next.line}`,
    };
  }
  const twin = before.byNumber.get(next.number);
  if (twin) {
    const same = twin.size === next.size && twin.closed === next.closed;
    return same
      ? { nature: 'duplicated', text: `checkpoint ${next.number} stands twice, first in line ${twin.line}` }
      : {
          nature: 'forked',
          text: `two checkpoints are number ${next.number}: sizes ${twin.size}, ${next.size}`,
        };
  }
  const expected = last ? last.number + 1 : 0;
  if (next.number < expected) {
    return {
      nature: 'reordered',
      text: `checkpoint ${next.number} stands behind checkpoint ${expected - 1}`,
    };
  }
  if (last && (next.size < last.size || last.closed)) {
    return {
      nature: 'forked',
      text: last.closed
        ? `checkpoint ${next.number} follows the closing one`
        : `checkpoint ${next.number} covers ${next.size} records, fewer than the ${last.size} before`,
    };
  }
  if (next.number > expected) {
    const missing =
      next.number - expected === 1 ? `checkpoint ${expected}` : `checkpoints ${expected}–${next.number - 1}`;
    const moved = signed.some(
      (other, index) => index >= from && other.number >= expected && other.number < next.number,
    );
    return {
      nature: moved ? 'reordered' : 'cut',
      text: `${missing} ${moved ? 'stands' : 'is missing'} ${moved ? 'behind' : 'before'} this one`,
      advances: true,
    };
  }
  return undefined;
}
