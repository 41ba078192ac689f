/**
 * The anchor: a signed note that stands for segments that retention has removed.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from './errors.ts';
import { ANCHOR, placeFile } from './files.ts';
import { extension, openCheckpoint, type Signer, signCheckpoint, type Verifier } from './note.ts';
import type { Problem } from './problem.ts';
import { FIRST_PREV } from './record.ts';

/** Where the kept part of a ledger begins. */
export interface Anchor {
  origin: string;
  /** first segment that is kept */
  segment: number;
  /** records that were removed: the `seq` of the first one kept */
  size: number;
  /** hash of the last record removed */
  head: string;
  /** when, RFC 3339; empty where nothing was removed */
  time: string;
}

/** The anchor of a ledger from which nothing was removed. */
export const NO_ANCHOR: Anchor = { origin: '', segment: 0, size: 0, head: FIRST_PREV, time: '' };

/** Reads the anchor; {@link NO_ANCHOR} where there is none. */
export function readAnchor(dir: string, verifier: Verifier): { anchor: Anchor; problem?: Problem } {
  let note: Buffer;
  try {
    note = readFileSync(join(dir, ANCHOR));
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return { anchor: NO_ANCHOR };
    throw error;
  }
  const place = { file: ANCHOR, line: 1, offset: 0 };
  const opened = openCheckpoint(note, verifier);
  if (!opened.ok) {
    const nature = opened.why === 'malformed' ? 'edited' : 'wrong-signature';
    return { anchor: NO_ANCHOR, problem: { ...place, nature, text: `anchor: ${opened.detail}` } };
  }
  const segment = Number(extension(opened.checkpoint, 'pruned') ?? Number.NaN);
  if (!Number.isSafeInteger(segment)) {
    return { anchor: NO_ANCHOR, problem: { ...place, nature: 'edited', text: 'not a signed anchor' } };
  }
  const { origin, size, head } = opened.checkpoint;
  return { anchor: { origin, segment, size, head, time: extension(opened.checkpoint, 'at') ?? '' } };
}

/** Puts an anchor in place durably. */
export function writeAnchor(dir: string, anchor: Anchor, signer: Signer): void {
  const note = signCheckpoint(
    {
      origin: anchor.origin,
      size: anchor.size,
      head: anchor.head,
      extensions: [`pruned ${anchor.segment}`, `at ${anchor.time}`],
    },
    signer,
  );
  placeFile(dir, ANCHOR, Buffer.from(note));
}
