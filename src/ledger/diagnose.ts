/**
 * Says what is wrong where a ledger stops making sense: edited, cut, reordered, duplicated or foreign bytes.
 *
 * @module
 */
import { listSegments, segmentName } from './files.ts';
import type { Problem } from './problem.ts';
import { readLine } from './record.ts';
import { type ScannedLine, scanSegment } from './scan.ts';

/** What the next record must say of itself. */
export interface Expected {
  seq: number;
  /** hash of the record before */
  prev: string;
}

/** Records that are looked at behind a break, to tell a move from a loss. */
const LOOK_AHEAD = 200_000;

/** A line that carries its own proof, behind or at the break. */
interface Witness {
  seq: number;
  prev: string;
  hash: string;
  place: { file: string; segment: number; line: number; offset: number };
}

/**
 * Explains why `line` is not the `expected` record, as the first problem of the result; what else follows from reading on
 * comes behind it.
 *
 * @param why where the line is the right record, what was cut from it all the same
 */
export function diagnose(dir: string, line: ScannedLine, expected: Expected, why?: string): Problem[] {
  const read = readLine(line.bytes);
  const place = {
    file: segmentName(line.segment),
    segment: line.segment,
    line: line.line,
    offset: line.offset,
  };
  if (why !== undefined) return [{ ...place, nature: 'cut', seq: expected.seq, text: why }];
  if (!line.ended && read.state !== 'intact') {
    return [
      { ...place, nature: 'cut', seq: expected.seq, text: 'the last record is not complete, but was signed' },
    ];
  }
  if (read.state === 'altered') {
    return [
      {
        ...place,
        nature: 'edited',
        seq: expected.seq,
        text: `the bytes of record ${expected.seq} are not those that were hashed`,
      },
    ];
  }
  const ahead = lookAhead(dir, line);
  if (read.state === 'malformed') {
    const next = ahead[0];
    if (next && next.seq === expected.seq && next.prev === expected.prev) {
      return [
        { ...place, nature: 'garbage', seq: expected.seq, text: 'bytes that are no record stand here' },
      ];
    }
    return [
      {
        ...place,
        nature: 'edited',
        seq: expected.seq,
        text: `record ${expected.seq} is no record: ${read.why}`,
      },
    ];
  }
  return [misplaced({ seq: read.seq, prev: read.prev, hash: read.hash, place }, expected, ahead)];
}

/** The line is a record, but not the one that belongs here. */
function misplaced(found: Witness, expected: Expected, ahead: Witness[]): Problem {
  const { place, seq } = found;
  if (seq === expected.seq) {
    return {
      ...place,
      nature: 'edited',
      seq,
      text: `record ${seq} does not follow from record ${seq - 1}: one of the two was rewritten`,
    };
  }
  if (seq < expected.seq) {
    const repeated = found.hash === expected.prev;
    return {
      ...place,
      nature: 'duplicated',
      seq,
      text: repeated
        ? `record ${seq} stands twice`
        : `record ${seq} stands here again, where record ${expected.seq} belongs`,
    };
  }
  const late = ahead.find((witness) => witness.seq >= expected.seq && witness.seq < seq);
  if (late) {
    return {
      ...place,
      nature: 'reordered',
      seq: expected.seq,
      text: `record ${seq} stands where record ${expected.seq} belongs; record ${late.seq} is in ${late.place.file}:${late.place.line}`,
    };
  }
  const missing =
    seq - expected.seq === 1 ? `record ${expected.seq} is` : `records ${expected.seq}–${seq - 1} are`;
  return { ...place, nature: 'cut', seq: expected.seq, text: `${missing} missing before this line` };
}

/** Intact records behind a line, in the order of the file. */
function lookAhead(dir: string, from: ScannedLine): Witness[] {
  const found: Witness[] = [];
  const start = from.offset + from.bytes.length + (from.ended ? 1 : 0);
  for (const segment of listSegments(dir)) {
    if (segment < from.segment) continue;
    const lines =
      segment === from.segment ? scanSegment(dir, segment, start, from.line + 1) : scanSegment(dir, segment);
    for (const line of lines) {
      if (found.length >= LOOK_AHEAD) return found;
      const read = readLine(line.bytes);
      if (read.state !== 'intact') continue;
      found.push({
        seq: read.seq,
        prev: read.prev,
        hash: read.hash,
        place: { file: segmentName(segment), segment, line: line.line, offset: line.offset },
      });
    }
  }
  return found;
}
