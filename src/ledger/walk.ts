/**
 * One pass over the records of a ledger: follows the chain, compares it with the checkpoints, and stops where it breaks.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Anchor } from './anchor.ts';
import type { PlacedCheckpoint } from './checkpoints.ts';
import { diagnose, type Expected } from './diagnose.ts';
import { CHECKPOINTS, segmentName } from './files.ts';
import type { Problem } from './problem.ts';
import { type LedgerRecord, parseRecord, readLine } from './record.ts';
import { type ScannedLine, scanSegment } from './scan.ts';

/** What became of a recovery, as its record states it. */
export interface Recovery {
  seq: number;
  unsigned: number;
  torn: { file: string; bytes: number; sha256: string }[];
}

/** Where the intact chain ends: the place behind its last record, its size and head. */
export interface Intact {
  segment: number;
  offset: number;
  line: number;
  size: number;
  head: string;
}

/** One pass over the records. */
export class Walk {
  readonly problems: Problem[] = [];
  readonly recoveries: Recovery[] = [];
  expected: Expected;
  signed: number;
  intact: Intact;
  /** seq of the closing record */
  closed: number | undefined;
  torn: Problem | undefined;
  readonly #dir: string;
  readonly #anchor: Anchor;
  readonly #checkpoints: PlacedCheckpoint[];
  /** the largest size that a signed checkpoint states */
  readonly claimed: number;
  last: { run: string; cell: string } | undefined;
  #nextCheckpoint = 0;
  #nextSegment: number;
  #diagnosed = false;

  constructor(dir: string, anchor: Anchor, checkpoints: PlacedCheckpoint[]) {
    this.#dir = dir;
    this.#anchor = anchor;
    this.#checkpoints = checkpoints;
    this.claimed = checkpoints.reduce((most, checkpoint) => Math.max(most, checkpoint.size), 0);
    this.#nextSegment = anchor.segment;
    this.expected = { seq: anchor.size, prev: anchor.head };
    this.signed = anchor.size;
    this.intact = { segment: anchor.segment, offset: 0, line: 1, size: anchor.size, head: anchor.head };
    this.#passCheckpoints(true);
  }

  segment(segment: number): void {
    const place = { file: segmentName(segment), segment, line: 1, offset: 0 };
    if (segment < this.#anchor.segment) {
      this.problems.push({
        ...place,
        nature: 'garbage',
        text: 'this segment was pruned but is still here: prune again to finish',
      });
      return;
    }
    if (segment > this.#nextSegment && !this.#diagnosed) {
      const missing = segmentName(this.#nextSegment);
      this.problems.push({
        ...place,
        file: missing,
        segment: this.#nextSegment,
        nature: 'missing-segment',
        seq: this.expected.seq,
        text: `segment ${missing} is missing; it began with record ${this.expected.seq}`,
      });
      this.#diagnosed = true;
    }
    this.#nextSegment = segment + 1;
    if (this.#diagnosed) return;
    if (this.torn) {
      // An unfinished line is what a crash leaves at the end; with a segment behind it, it is not the end.
      this.problems.push(this.torn);
      this.torn = undefined;
      this.#diagnosed = true;
      return;
    }
    this.intact = { segment, offset: 0, line: 1, size: this.expected.seq, head: this.expected.prev };
    for (const line of scanSegment(this.#dir, segment)) {
      this.#line(line);
      if (this.#diagnosed) return;
    }
  }

  /** What can only be said when everything was read. */
  end(): void {
    if (!this.#diagnosed && this.expected.seq < this.claimed) this.#tellCutEnd();
  }

  #tellCutEnd(): void {
    const { segment, line, offset } = this.intact;
    this.problems.push({
      nature: 'cut',
      file: segmentName(segment),
      segment,
      line,
      offset,
      seq: this.expected.seq,
      text: `the end is missing: ${this.claimed} records were signed, the file ends behind ${this.expected.seq}`,
    });
  }

  #line(line: ScannedLine): void {
    const read = readLine(line.bytes);
    const place = {
      file: segmentName(line.segment),
      segment: line.segment,
      line: line.line,
      offset: line.offset,
    };
    const fits =
      read.state === 'intact' && read.seq === this.expected.seq && read.prev === this.expected.prev;
    const parsed = fits && line.ended ? parseRecord(line.bytes) : undefined;
    // A crash before the closing checkpoint leaves a closing record that nobody signed: recovery goes on behind it.
    if (this.closed !== undefined && parsed?.kind === 'ledger.recover') this.closed = undefined;
    if (this.closed !== undefined) {
      this.problems.push({ ...place, nature: 'garbage', text: 'something follows the closing record' });
      this.#diagnosed = true;
      return;
    }
    if (parsed) {
      this.#accept(line, parsed);
      return;
    }
    if (!line.ended && this.expected.seq >= this.claimed) {
      // The last line of a file that nobody signed: a batch that was being written.
      this.torn = {
        ...place,
        nature: 'cut',
        seq: this.expected.seq,
        text: 'the last record is not complete',
      };
      return;
    }
    this.problems.push(
      ...diagnose(this.#dir, line, this.expected, fits && !line.ended ? 'its newline is gone' : undefined),
    );
    this.#diagnosed = true;
  }

  #accept(line: ScannedLine, record: LedgerRecord): void {
    this.expected = { seq: record.seq + 1, prev: record.hash };
    this.last = { run: record.run, cell: record.cell };
    this.intact = {
      segment: line.segment,
      offset: line.offset + line.bytes.length + 1,
      line: line.line + 1,
      size: this.expected.seq,
      head: record.hash,
    };
    if (record.kind === 'ledger.close') this.closed = record.seq;
    if (record.kind === 'ledger.recover') this.#checkTorn(line, record);
    this.#passCheckpoints(false, line);
  }

  /** Compares the chain with the checkpoints of exactly this size. */
  #passCheckpoints(start: boolean, line?: ScannedLine): void {
    for (;;) {
      const checkpoint = this.#checkpoints[this.#nextCheckpoint];
      if (!checkpoint || checkpoint.size > this.expected.seq) return;
      this.#nextCheckpoint += 1;
      // Those before the anchor speak of records that are gone.
      if (start && checkpoint.size < this.expected.seq) continue;
      if (checkpoint.size === this.expected.seq && checkpoint.head === this.expected.prev) {
        this.signed = checkpoint.size;
        continue;
      }
      if (checkpoint.size < this.expected.seq) continue;
      this.problems.push({
        nature: 'forked',
        file: line ? segmentName(line.segment) : CHECKPOINTS,
        ...(line ? { segment: line.segment } : {}),
        line: line?.line ?? checkpoint.line,
        offset: line?.offset ?? checkpoint.offset,
        seq: checkpoint.size - 1,
        text: `records ${this.signed}–${checkpoint.size - 1} are not those signed by checkpoint ${checkpoint.number}: the chain was rewritten there`,
      });
      this.#diagnosed = true;
      return;
    }
  }

  #checkTorn(line: ScannedLine, record: LedgerRecord): void {
    if (record.kind !== 'ledger.recover') return;
    this.recoveries.push({ seq: record.seq, unsigned: record.unsigned, torn: record.torn });
    for (const piece of record.torn) {
      const path = join(this.#dir, piece.file);
      const place = { file: piece.file, line: 1, offset: 0, seq: record.seq };
      if (!existsSync(path)) {
        this.problems.push({
          ...place,
          nature: 'cut',
          text: `kept aside by the recovery in ${segmentName(line.segment)}:${line.line}, but missing`,
        });
      } else if (statSync(path).size !== piece.bytes || hash('sha256', readFileSync(path)) !== piece.sha256) {
        this.problems.push({
          ...place,
          nature: 'edited',
          text: 'not the bytes that the recovery kept aside',
        });
      }
    }
  }
}
