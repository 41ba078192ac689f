/**
 * The record: one line of a ledger, and the hash that chains it to the line before.
 *
 * A line is `BODY,"hash":"HASH"}` + newline, where `BODY` is the event's JSON without its closing brace, ending in
 * `,"prev":"PREV"`. `HASH` is the SHA-256 of exactly the bytes of `BODY`; `PREV` is the `HASH` of the record before
 * (64 zeros for the first). So a line is plain JSON, proves itself, and can be checked with a shell and sha256sum.
 *
 * @module
 */
import { hash } from 'node:crypto';
import type { LedgerEvent } from '../contract/index.ts';

/** `prev` of the first record of a run. */
export const FIRST_PREV = '0'.repeat(64);

/** Bytes of `,"prev":"…"`. */
const PREV_BYTES = 9 + 64 + 1;
/** Bytes of `,"hash":"…"}`. */
const HASH_BYTES = 9 + 64 + 2;
const NEWLINE = 10;

/** A line longer than this many bytes is never written, and never read as a record. */
export const MAX_RECORD_BYTES = 1 << 20;

/** The SHA-256, in hex, of the bytes that a record's hash covers. */
export function hashBody(body: Uint8Array): string {
  return hash('sha256', body, 'hex');
}

/**
 * Writes one record into `buffer` at `at` and returns the offset behind it and the record's hash. The caller has made
 * sure of `json.length * 3 + 150` bytes of room. `json` is the event as `JSON.stringify` gives it, an object that is not empty.
 */
export function encodeRecord(
  buffer: Buffer,
  at: number,
  json: string,
  prev: string,
): { end: number; hash: string } {
  // The closing brace is overwritten by what follows.
  let end = at + buffer.write(json, at, 'utf8') - 1;
  end += buffer.write(`,"prev":"${prev}"`, end, 'latin1');
  const digest = hashBody(buffer.subarray(at, end));
  end += buffer.write(`,"hash":"${digest}"}\n`, end, 'latin1');
  return { end, hash: digest };
}

/** Room that {@link encodeRecord} needs for this JSON, at worst, in bytes. */
export function roomFor(json: string): number {
  return json.length * 3 + PREV_BYTES + HASH_BYTES + 1;
}

/** What one line says of itself, before it is compared with its neighbours. */
export type Line =
  /** the bytes are as they were hashed */
  | { state: 'intact'; seq: number; prev: string; hash: string }
  /** it has the shape of a record, but its bytes are not those that were hashed */
  | { state: 'altered'; seq?: number; prev?: string; hash: string; computed: string }
  /** not the shape of a record at all */
  | { state: 'malformed'; why: string };

const HEX64 = /^[0-9a-f]{64}$/;

/** Reads the number after `{"seq":`, with which every record starts; undefined where it is not written canonically. */
function seqOf(line: Buffer): number | undefined {
  if (line.length < 8 || line.toString('latin1', 0, 7) !== '{"seq":') return undefined;
  let seq = 0;
  let at = 7;
  for (; at < line.length && at < 24; at += 1) {
    const digit = (line[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    seq = seq * 10 + digit;
  }
  if (at === 7 || line[at] !== 44 /* , */ || !Number.isSafeInteger(seq)) return undefined;
  return String(seq) === line.toString('latin1', 7, at) ? seq : undefined;
}

/** Reads one line, given without its newline. */
export function readLine(line: Buffer): Line {
  const bodyEnd = line.length - HASH_BYTES;
  if (bodyEnd <= PREV_BYTES) return { state: 'malformed', why: 'too short for a record' };
  if (line.length > MAX_RECORD_BYTES) return { state: 'malformed', why: 'too long for a record' };
  const tail = line.toString('latin1', bodyEnd);
  const digest = tail.slice(9, 73);
  if (!tail.startsWith(',"hash":"') || !tail.endsWith('"}') || !HEX64.test(digest)) {
    return { state: 'malformed', why: 'does not end in a hash' };
  }
  const computed = hashBody(line.subarray(0, bodyEnd));
  const prevField = line.toString('latin1', bodyEnd - PREV_BYTES, bodyEnd);
  const prev = prevField.slice(9, 73);
  const prevOk = prevField.startsWith(',"prev":"') && prevField.endsWith('"') && HEX64.test(prev);
  const seq = seqOf(line);
  if (computed !== digest) {
    return {
      state: 'altered',
      hash: digest,
      computed,
      ...(seq === undefined ? {} : { seq }),
      ...(prevOk ? { prev } : {}),
    };
  }
  if (!prevOk || seq === undefined) return { state: 'malformed', why: 'has no seq or no prev' };
  return { state: 'intact', seq, prev, hash: digest };
}

/** An event and the two hashes of its line. */
export type LedgerRecord = LedgerEvent & { prev: string; hash: string };

/** Parses a line to its event; undefined where it is not JSON of an event. Checks no hash. */
export function parseRecord(line: Buffer | string): LedgerRecord | undefined {
  try {
    const value: unknown = JSON.parse(typeof line === 'string' ? line : line.toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is LedgerRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    typeof value.kind === 'string' &&
    'seq' in value &&
    typeof value.seq === 'number' &&
    'time' in value &&
    typeof value.time === 'string' &&
    'hash' in value &&
    typeof value.hash === 'string'
  );
}

/** The event as it was appended, without the chain's two hashes. */
export function eventOf(record: LedgerRecord): LedgerEvent {
  const { prev: _prev, hash: _hash, ...event } = record;
  return event as LedgerEvent;
}

/** Offset of the newline at or behind `from`, or -1. */
export function findNewline(buffer: Buffer, from: number): number {
  return buffer.indexOf(NEWLINE, from);
}
