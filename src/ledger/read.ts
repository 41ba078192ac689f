/**
 * Reads and follows ledgers as streams of events.
 *
 * @module
 */
import { watch } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { LedgerEvent } from '../contract/index.ts';
import { isSystemError, LedgerError, reasonOf } from './errors.ts';
import { listSegments, segmentName } from './files.ts';
import { type EventFilter, matcher } from './filter.ts';
import { eventOf, parseRecord } from './record.ts';
import { type LinePlace, scanSegment } from './scan.ts';
import { Opener } from './transcript.ts';

export interface ReadOptions {
  /** told of each line that is no record; reading goes on behind it. Default: throws `ledger-missing` */
  onUnreadable?: (place: LinePlace & { file: string }) => void;
}

/** Lines between two turns of the event loop. */
const LINES_A_TURN = 1000;

function unreadable(dir: string, place: LinePlace, options: ReadOptions): void {
  const file = segmentName(place.segment);
  if (options.onUnreadable) {
    options.onUnreadable({ ...place, file });
    return;
  }
  throw new LedgerError(
    'ledger-missing',
    `${dir}/${file}:${place.line} is no record`,
    'Run: ringfence log verify. It says what is wrong with the ledger.',
  );
}

function segmentsOf(dir: string): number[] {
  try {
    return listSegments(dir);
  } catch (error) {
    throw new LedgerError(
      'ledger-missing',
      `cannot read ${dir}: ${reasonOf(error)}`,
      'Give the folder of a run.',
      error,
    );
  }
}

/**
 * Yields the events of a ledger in order, streaming. Checks no hashes (`verifyLedger` does). A last line that is still being
 * written is left out.
 *
 * @throws LedgerError `ledger-missing`
 */
export async function* readLedger(
  dir: string,
  filter: EventFilter = {},
  options: ReadOptions = {},
): AsyncGenerator<LedgerEvent, void, undefined> {
  const matches = matcher(filter);
  const opener = new Opener(dir);
  let left = filter.limit ?? Number.POSITIVE_INFINITY;
  let lines = 0;
  for (const segment of segmentsOf(dir)) {
    for (const line of scanSegment(dir, segment)) {
      if (left <= 0) return;
      if (!line.ended) continue;
      lines += 1;
      if (lines % LINES_A_TURN === 0) await turn();
      const record = parseRecord(line.bytes);
      if (!record) {
        unreadable(dir, line, options);
        continue;
      }
      const event = eventOf(record);
      if (!matches(event)) continue;
      left -= 1;
      yield opener.open(event);
    }
  }
}

export interface FollowOptions extends ReadOptions {
  filter?: EventFilter;
  /** first event to yield: its `seq` (default 0: all that is there, then what comes) */
  from?: number;
}

/** Longest wait between two looks at the files, where the file system tells of no changes. Milliseconds. */
const POLL_MS = 200;

/**
 * Yields what is in a ledger and then what is added, across segments, until it is closed, `limit` is reached or `signal` is
 * aborted. The folder need not hold a segment yet.
 */
export async function* followLedger(
  dir: string,
  signal: AbortSignal,
  options: FollowOptions = {},
): AsyncGenerator<LedgerEvent, void, undefined> {
  const matches = matcher(options.filter ?? {});
  const opener = new Opener(dir);
  let left = options.filter?.limit ?? Number.POSITIVE_INFINITY;
  let place: LinePlace | undefined;
  const changes = watchFolder(dir, signal);
  try {
    while (!signal.aborted) {
      // Asked before reading: when a next segment exists, all of this one was already written.
      const segments = segmentsOf(dir);
      const current = place?.segment ?? segments[0];
      const next = segments.find((segment) => current !== undefined && segment > current);
      if (current !== undefined) {
        place ??= { segment: current, offset: 0, line: 1 };
        const lines = scanSegment(dir, place.segment, place.offset, place.line);
        for (const line of lines) {
          if (!line.ended) break;
          place = { segment: line.segment, offset: line.offset + line.bytes.length + 1, line: line.line + 1 };
          const record = parseRecord(line.bytes);
          if (!record) {
            unreadable(dir, line, options);
            continue;
          }
          const event = eventOf(record);
          if (matches(event) && event.seq >= (options.from ?? 0)) {
            left -= 1;
            yield opener.open(event);
          }
          if (left <= 0 || signal.aborted) return;
          if (event.kind === 'ledger.close' && next === undefined) return;
        }
      }
      if (next !== undefined) place = { segment: next, offset: 0, line: 1 };
      else await changes.next();
    }
  } finally {
    changes.stop();
  }
}

/** Waits for a change in a folder, or a short while: not every file system tells (inotify(7), LIMITATIONS). */
function watchFolder(dir: string, signal: AbortSignal): { next(): Promise<void>; stop(): void } {
  let changed = false;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    changed = true;
    wake?.();
  };
  signal.addEventListener('abort', ring);
  let watcher: ReturnType<typeof watch> | undefined;
  try {
    watcher = watch(dir, ring);
    watcher.on('error', () => watcher?.close());
  } catch (error) {
    // No inotify watches left: polling alone will do.
    if (!isSystemError(error, 'ENOSPC') && !isSystemError(error, 'EMFILE')) throw error;
  }
  return {
    next: () =>
      new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          wake = undefined;
          changed = false;
          resolve();
        };
        const timer = setTimeout(finish, POLL_MS);
        wake = finish;
        if (changed) finish();
      }),
    stop: () => {
      signal.removeEventListener('abort', ring);
      watcher?.close();
    },
  };
}
