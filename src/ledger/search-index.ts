/**
 * The index: an SQLite table of where each event is and what it can be found by. Only a cache: it is brought up to date at
 * every opening, rebuilt where it does not belong to the ledger, and every answer is read from the segments themselves.
 *
 * @module
 */
import { closeSync, existsSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { LedgerEvent } from '../contract/index.ts';
import { LedgerError } from './errors.ts';
import { INDEX, listSegments, segmentName } from './files.ts';
import { type EventFilter, flowOf, isDenied, pidFinder, searchText } from './filter.ts';
import { eventOf, type LedgerRecord, parseRecord, readLine } from './record.ts';
import { scanSegment } from './scan.ts';
import { parseTime } from './time.ts';
import { Opener } from './transcript.ts';

/** A filter, and which end of the ledger to take `limit` from. */
export interface IndexQuery extends EventFilter {
  /** true: the last `limit` events instead of the first; still in order of time */
  newest?: boolean;
}

export interface LedgerIndex {
  /** The events that match, in the order of the ledger. */
  query(query: IndexQuery): LedgerEvent[];
  /** How many match; `limit` is ignored. */
  count(query: IndexQuery): number;
  /** what opening did: nothing was new, events were added, or all was read again */
  readonly update: 'current' | 'extended' | 'rebuilt';
  close(): void;
}

const VERSION = 1;

const SCHEMA = `
  CREATE TABLE event (
    seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, pid INTEGER, flow TEXT,
    denied INTEGER NOT NULL, text TEXT NOT NULL,
    segment INTEGER NOT NULL, line INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL, hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX event_kind ON event (kind);
  CREATE INDEX event_pid ON event (pid);
  CREATE INDEX event_flow ON event (flow) WHERE flow IS NOT NULL;
  CREATE INDEX event_denied ON event (denied) WHERE denied = 1;
  CREATE INDEX event_time ON event (time);
  PRAGMA user_version = ${VERSION};
`;

/**
 * Opens the index of the ledger in `dir`, bringing it up to date first.
 *
 * @param path where the index lies (default: in the ledger's folder; in memory where that cannot be written)
 * @throws LedgerError `ledger-missing` where a line of the ledger cannot be read
 */
export function openIndex(dir: string, path = join(dir, INDEX)): LedgerIndex {
  const opened = openCurrent(dir, path);
  if (opened) return opened;
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    try {
      rmSync(`${path}${suffix}`, { force: true });
    } catch {
      // A folder that cannot be written: the index is then built in memory.
    }
  }
  try {
    return build(dir, path);
  } catch (error) {
    if (error instanceof LedgerError || path === ':memory:') throw error;
    return build(dir, ':memory:');
  }
}

/** The last place that was indexed. */
interface Tail {
  seq: number;
  segment: number;
  line: number;
  offset: number;
  length: number;
  hash: string;
}

/** The existing index, if it is one of this very ledger. */
function openCurrent(dir: string, path: string): LedgerIndex | undefined {
  if (path === ':memory:' || !existsSync(path)) return undefined;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 5000 });
    if (number(database.prepare('PRAGMA user_version').get()?.user_version) !== VERSION)
      throw new Error('old');
    const first = database.prepare('SELECT segment FROM event ORDER BY seq LIMIT 1').get();
    const tail = tailOf(database);
    if (!tail || number(first?.segment) !== listSegments(dir)[0]) throw new Error('other ledger');
    if (readAt(dir, tail).hash !== tail.hash) throw new Error('other ledger');
    const added = extend(dir, database, tail);
    return new SqliteIndex(dir, database, added === 0 ? 'current' : 'extended');
  } catch (error) {
    database?.close();
    if (error instanceof LedgerError && error.code === 'ledger-missing') throw error;
    return undefined;
  }
}

function build(dir: string, path: string): LedgerIndex {
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    // A cache needs no journal: an index that was cut short has no user_version and is thrown away.
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN IMMEDIATE;');
    database.exec(SCHEMA);
    extend(dir, database, undefined);
    database.exec('COMMIT');
    return new SqliteIndex(dir, database, 'rebuilt');
  } catch (error) {
    database.close();
    throw error;
  }
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function tailOf(database: DatabaseSync): Tail | undefined {
  const row = database
    .prepare('SELECT seq, segment, line, offset, length, hash FROM event ORDER BY seq DESC LIMIT 1')
    .get();
  if (!row || typeof row.hash !== 'string') return undefined;
  return {
    seq: number(row.seq),
    segment: number(row.segment),
    line: number(row.line),
    offset: number(row.offset),
    length: number(row.length),
    hash: row.hash,
  };
}

/** Adds what lies behind `tail`; returns how many events that were. */
function extend(dir: string, database: DatabaseSync, tail: Tail | undefined): number {
  const insert = database.prepare('INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?)');
  const owner = database.prepare(
    "SELECT pid FROM event WHERE flow = ? AND kind = 'flow.open' ORDER BY seq DESC LIMIT 1",
  );
  const pidOf = pidFinder();
  const nested = database.isTransaction;
  let added = 0;
  if (!nested) database.exec('BEGIN IMMEDIATE');
  try {
    for (const segment of listSegments(dir)) {
      if (tail && segment < tail.segment) continue;
      const lines =
        tail?.segment === segment
          ? scanSegment(dir, segment, tail.offset + tail.length + 1, tail.line + 1)
          : scanSegment(dir, segment);
      for (const line of lines) {
        if (!line.ended) break;
        const record = parseRecord(line.bytes);
        if (!record) throw unreadable(dir, segment, line.line);
        const event = eventOf(record);
        const flow = flowOf(event);
        const known = pidOf(event);
        // The flow may have been opened before this part of the ledger was read.
        const found = known ?? (flow === undefined ? undefined : owner.get(flow)?.pid);
        insert.run(
          event.seq,
          parseTime(event.time),
          event.kind,
          typeof found === 'number' ? found : null,
          flow ?? null,
          isDenied(event) ? 1 : 0,
          searchText(event),
          segment,
          line.line,
          line.offset,
          line.bytes.length,
          record.hash,
        );
        added += 1;
      }
    }
    if (!nested) database.exec('COMMIT');
  } catch (error) {
    if (!nested) database.exec('ROLLBACK');
    throw error;
  }
  return added;
}

function unreadable(dir: string, segment: number, line: number): LedgerError {
  return new LedgerError(
    'ledger-missing',
    `${join(dir, segmentName(segment))}:${line} is no record`,
    'Run: ringfence log verify. It says what is wrong with the ledger.',
  );
}

/** Reads one record where the index says it is, and checks that it is that record. */
function readAt(dir: string, place: Tail): LedgerRecord {
  const bytes = Buffer.alloc(place.length);
  const fd = openSync(join(dir, segmentName(place.segment)), 'r');
  try {
    readSync(fd, bytes, 0, place.length, place.offset);
  } finally {
    closeSync(fd);
  }
  const line = readLine(bytes);
  const record = parseRecord(bytes);
  if (line.state !== 'intact' || line.hash !== place.hash || !record)
    throw new Error('not the indexed record');
  return record;
}

class SqliteIndex implements LedgerIndex {
  readonly update: LedgerIndex['update'];
  readonly #dir: string;
  readonly #opener: Opener;
  readonly #database: DatabaseSync;

  constructor(dir: string, database: DatabaseSync, update: LedgerIndex['update']) {
    this.#dir = dir;
    this.#opener = new Opener(dir);
    this.#database = database;
    this.update = update;
  }

  query(query: IndexQuery): LedgerEvent[] {
    const { where, values } = conditions(query);
    const order = query.newest ? 'DESC' : 'ASC';
    const limit = query.limit ?? -1;
    const rows = this.#database
      .prepare(
        `SELECT seq, segment, line, offset, length, hash FROM event WHERE ${where} ORDER BY seq ${order} LIMIT ?`,
      )
      .all(...values, limit);
    const events = rows.map((row) => this.#read(row));
    return query.newest ? events.reverse() : events;
  }

  count(query: IndexQuery): number {
    const { where, values } = conditions(query);
    const row = this.#database.prepare(`SELECT count(*) AS n FROM event WHERE ${where}`).get(...values);
    return number(row?.n);
  }

  close(): void {
    this.#database.close();
  }

  #read(row: Record<string, unknown>): LedgerEvent {
    const place: Tail = {
      seq: number(row.seq),
      segment: number(row.segment),
      line: number(row.line),
      offset: number(row.offset),
      length: number(row.length),
      hash: String(row.hash),
    };
    try {
      return this.#opener.open(eventOf(readAt(this.#dir, place)));
    } catch {
      throw new LedgerError(
        'ledger-missing',
        `record ${place.seq} is not in ${segmentName(place.segment)}:${place.line} any more: the ledger was changed`,
        'Run: ringfence log verify. It says what is wrong with the ledger.',
      );
    }
  }
}

function conditions(query: IndexQuery): { where: string; values: (string | number)[] } {
  const parts = ['1'];
  const values: (string | number)[] = [];
  const add = (part: string, ...bound: (string | number)[]): void => {
    parts.push(part);
    values.push(...bound);
  };
  if (query.kinds) add(`kind IN (${query.kinds.map(() => '?').join(',')})`, ...query.kinds);
  if (query.pid !== undefined) add('pid = ?', query.pid);
  if (query.since !== undefined) add('time >= ?', query.since);
  if (query.until !== undefined) add('time < ?', query.until);
  if (query.flow !== undefined) add('flow = ?', query.flow);
  if (query.denied) add('denied = 1');
  if (query.text !== undefined) add('instr(text, ?) > 0', query.text.toLowerCase());
  return { where: parts.join(' AND '), values };
}
