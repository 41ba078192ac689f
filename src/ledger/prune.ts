/**
 * Retention: removes old segments and leaves a signed anchor, so that what is kept still verifies and the gap is stated.
 *
 * @module
 */
import { rmSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { writeAnchor } from './anchor.ts';
import { INDEX, listSegments, segmentName, syncFolder } from './files.ts';
import { takeLock } from './lock.ts';
import type { Signer } from './note.ts';
import type { Problem } from './problem.ts';
import { type LedgerRecord, parseRecord } from './record.ts';
import { scanSegment } from './scan.ts';
import { parseTime } from './time.ts';
import { verifyLedger } from './verify.ts';

export interface PruneOptions {
  signer: Signer;
  /** keep at least the newest segments of this many bytes together */
  keepBytes?: number;
  /** remove only segments whose records are all older than this */
  before?: Date;
}

export type Pruned =
  | { state: 'pruned'; segments: number; records: number; bytes: number }
  | { state: 'nothing' }
  /** the ledger does not verify; removing a part would hide that */
  | { state: 'refused'; problems: Problem[] };

/**
 * Removes the oldest segments that neither option keeps; the last segment always stays. Without an option nothing goes.
 *
 * @throws LedgerError `ledger-busy` while the ledger is written, `ledger-missing`
 */
export function pruneLedger(dir: string, options: PruneOptions): Pruned {
  const lock = takeLock(dir);
  try {
    const found = verifyLedger(dir, { publicKey: options.signer });
    const from = found.pruned?.segment ?? 0;
    const left = listSegments(dir).filter((segment) => segment < from);
    const problems = found.problems.filter((problem) => !left.includes(problem.segment ?? -1));
    if (problems.length > 0) return { state: 'refused', problems };
    const segments = listSegments(dir).filter((segment) => segment >= from);
    const keep = firstKept(dir, segments, options);
    const first = keep === undefined ? undefined : firstRecord(dir, keep);
    let records = 0;
    if (keep !== undefined && first && keep > from && first.seq <= found.signed) {
      writeAnchor(
        dir,
        {
          origin: found.origin ?? options.signer.name,
          segment: keep,
          size: first.seq,
          head: first.prev,
          time: new Date().toISOString(),
        },
        options.signer,
      );
      records = first.seq - (found.pruned?.size ?? 0);
      left.push(...segments.filter((segment) => segment < keep));
    }
    return remove(dir, left, records);
  } finally {
    lock.release();
  }
}

function remove(dir: string, segments: number[], records: number): Pruned {
  if (segments.length === 0) return { state: 'nothing' };
  let bytes = 0;
  for (const segment of segments) {
    bytes += statSync(join(dir, segmentName(segment))).size;
    unlinkSync(join(dir, segmentName(segment)));
  }
  rmSync(join(dir, INDEX), { force: true });
  syncFolder(dir);
  return { state: 'pruned', segments: segments.length, records, bytes };
}

/** Number of the first segment to keep; undefined where all are kept. */
function firstKept(dir: string, segments: number[], options: PruneOptions): number | undefined {
  if (options.keepBytes === undefined && options.before === undefined) return undefined;
  let keep = segments.at(-1);
  let bytes = 0;
  for (const segment of [...segments].reverse()) {
    bytes += statSync(join(dir, segmentName(segment))).size;
    const next = segments[segments.indexOf(segment) + 1];
    // All of a segment is older than the first record behind it.
    const newest = next === undefined ? undefined : firstRecord(dir, next)?.time;
    const tooYoung =
      options.before !== undefined &&
      (newest === undefined || parseTime(newest) >= options.before.getTime() * 1000);
    const fits = options.keepBytes !== undefined && bytes <= options.keepBytes;
    if (next !== undefined && !tooYoung && !fits) break;
    keep = segment;
  }
  return keep;
}

function firstRecord(dir: string, segment: number): LedgerRecord | undefined {
  for (const line of scanSegment(dir, segment)) return parseRecord(line.bytes);
  return undefined;
}
