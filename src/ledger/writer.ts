/**
 * The writer: appends events to a ledger, in batches that are made durable together and then signed.
 *
 * `append` is synchronous and only fills a buffer. The buffer goes to the file when it is full or the interval is
 * over; fdatasync(2) runs beside the event loop, and the checkpoint that covers a batch is signed once it is durable.
 * A failure is final: it is told once through `onFailure`, and every later `append` throws, so nothing runs unrecorded.
 *
 * @module
 */
import { closeSync, fdatasync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Context, EventBody, EventKind } from '../contract/index.ts';
import { CLIP_ABOVE, clip } from './clip.ts';
import { LedgerError, reasonOf } from './errors.ts';
import { CHECKPOINTS, KEY, listSegments, placeFile, segmentName, syncFolder, writeAll } from './files.ts';
import { type LedgerLock, takeLock } from './lock.ts';
import { type Signer, signCheckpoint, verifierText } from './note.ts';
import { encodeRecord, FIRST_PREV, MAX_RECORD_BYTES, roomFor } from './record.ts';
import { makeRedactor, type Redactor } from './redact.ts';
import { timeFormatter, wallClock } from './time.ts';
import { isSealedKind, Sealer } from './transcript.ts';

const fdatasyncAsync = promisify(fdatasync);

export interface LedgerOptions {
  /** folder of this run's ledger; made if it does not exist, must hold no ledger */
  dir: string;
  run: string;
  cell: string;
  /** first line of the checkpoints: what log this is, such as `ringfence/1a2b3c4d/RUN` (default: signer's name / run) */
  origin?: string;
  signer: Signer;
  /** 32 secret bytes for the marks of redacted secrets */
  redactionKey: Uint8Array;
  /** exact values that must never be recorded */
  secrets?: readonly string[];
  /** called once, when recording has become impossible; the caller stops the cell */
  onFailure: (error: LedgerError) => void;
  /** bytes after which a new segment is begun (default 64 MiB) */
  segmentBytes?: number;
  /** bytes buffered before they are written (default 256 KiB): what a kill -9 can lose, with `intervalMs` */
  batchBytes?: number;
  /** milliseconds until a batch is written and made durable (default 100) */
  intervalMs?: number;
}

/** How far a ledger has come. */
export interface LedgerHead {
  /** number of records */
  size: number;
  /** hash of the last one */
  head: string;
}

export interface Ledger {
  readonly dir: string;
  /** records that are durable and signed */
  readonly durable: LedgerHead;
  /**
   * Records an event and returns its `seq`. Not durable until {@link Ledger.flush} resolves.
   *
   * @param time microseconds since 1970 (default: now)
   * @throws LedgerError `ledger-failed` or `ledger-closed`
   */
  append(body: EventBody, time?: number, context?: Context): number;
  /** Resolves when everything appended so far is durable and under a signed checkpoint. Rejects with `ledger-failed`. */
  flush(): Promise<LedgerHead>;
  /** Writes the closing record and the closing checkpoint; resolves to that checkpoint's text. Rejects with `ledger-failed`. */
  close(): Promise<LedgerHead & { checkpoint: string }>;
}

/**
 * Opens a new ledger.
 *
 * @throws LedgerError `ledger-exists`, `ledger-busy`, or `ledger-failed` where the first files cannot be made
 * @example
 * const { signer, redactionKey } = loadKeys(stateFolder);
 * const ledger = openLedger({ dir, run: 'r1', cell: 'c1', signer, redactionKey, onFailure: (e) => stop(e) });
 * ledger.append({ kind: 'note', text: 'hello' });
 * await ledger.close();
 */
export function openLedger(options: LedgerOptions): Ledger {
  const { dir } = options;
  let lock: LedgerLock | undefined;
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    lock = takeLock(dir);
    if (listSegments(dir).length > 0) {
      throw new LedgerError(
        'ledger-exists',
        `${dir} already holds a ledger`,
        'Give each run a folder of its own.',
      );
    }
    placeFile(dir, KEY, Buffer.from(`${verifierText(options.signer)}\n`));
    return new ChainWriter(options, lock, {
      segment: 0,
      bytes: 0,
      size: 0,
      head: FIRST_PREV,
      checkpoints: 0,
      fresh: true,
    });
  } catch (error) {
    lock?.release();
    throw error instanceof LedgerError ? error : failure(dir, error);
  }
}

function failure(dir: string, error: unknown): LedgerError {
  const reason = reasonOf(error);
  const hint =
    reason === 'ENOSPC' || reason === 'EDQUOT'
      ? 'The disk or quota is full: free some space there and start again.'
      : 'Check that the folder is writable and its disk is healthy.';
  return new LedgerError('ledger-failed', `cannot write the ledger in ${dir}: ${reason}`, hint, error);
}

/** Where writing goes on: after recovery, not at the start. */
export interface StartingPoint {
  segment: number;
  /** bytes already in that segment */
  bytes: number;
  size: number;
  head: string;
  /** number of checkpoints already written */
  checkpoints: number;
  /** true: the segment must not exist yet */
  fresh: boolean;
}

/** The writer itself; recovery uses it to go on where a ledger was left. */
export class ChainWriter implements Ledger {
  readonly dir: string;
  readonly #options: LedgerOptions;
  readonly #lock: LedgerLock;
  readonly #redactor: Redactor;
  readonly #sealer: Sealer;
  readonly #formatTime = timeFormatter();
  readonly #now = wallClock();
  readonly #fixed: string;
  readonly #segmentBytes: number;
  readonly #batchBytes: number;
  readonly #intervalMs: number;
  readonly #checkpointFile: number;
  #buffer: Buffer;
  #buffered = 0;
  #segment: number;
  #segmentFile: number;
  #inSegment: number;
  #size: number;
  #head: string;
  #checkpoints: number;
  /** files of segments that are full, kept open until they are durable */
  #full: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #syncing: Promise<void> | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #failed: LedgerError | undefined;
  #durable: LedgerHead;
  #lastCheckpoint = '';

  constructor(options: LedgerOptions, lock: LedgerLock, start: StartingPoint) {
    this.dir = options.dir;
    this.#options = options;
    this.#lock = lock;
    this.#redactor = makeRedactor(options.redactionKey, options.secrets);
    this.#sealer = new Sealer(options.dir, options.run);
    this.#fixed = `"run":${JSON.stringify(options.run)},"cell":${JSON.stringify(options.cell)},`;
    this.#segmentBytes = options.segmentBytes ?? 64 << 20;
    this.#batchBytes = options.batchBytes ?? 256 << 10;
    this.#intervalMs = options.intervalMs ?? 100;
    this.#buffer = Buffer.allocUnsafeSlow(this.#batchBytes + (64 << 10));
    this.#segment = start.segment;
    this.#inSegment = start.bytes;
    this.#size = start.size;
    this.#head = start.head;
    this.#durable = { size: start.size, head: start.head };
    this.#checkpoints = start.checkpoints;
    this.#segmentFile = this.#openSegment(start.fresh ? 'ax' : 'a');
    this.#checkpointFile = openSync(join(this.dir, CHECKPOINTS), 'a', 0o600);
    syncFolder(this.dir);
  }

  get durable(): LedgerHead {
    return this.#durable;
  }

  append(body: EventBody, time: number = this.#now(), context?: Context): number {
    if (this.#failed) throw this.#failed;
    if (this.#state !== 'open') {
      throw new LedgerError(
        'ledger-closed',
        `the ledger in ${this.dir} is closed`,
        'Append before calling close().',
      );
    }
    return this.#append(body, time, context);
  }

  async flush(): Promise<LedgerHead> {
    const goal = this.#size;
    while (!this.#failed && this.#durable.size < goal) {
      this.#writeOut();
      await this.#sync();
    }
    if (this.#failed) throw this.#failed;
    return this.#durable;
  }

  close(): Promise<LedgerHead & { checkpoint: string }> {
    return this.finish('writer');
  }

  /** {@link Ledger.close}; `by` says who closes. */
  async finish(by: 'writer' | 'recovery'): Promise<LedgerHead & { checkpoint: string }> {
    if (this.#state === 'open') {
      if (this.#failed) throw this.#failed;
      this.#append({ kind: 'ledger.close', by }, this.#now(), undefined);
      this.#state = 'closing';
    }
    await this.flush();
    if (this.#state === 'closing') {
      this.#state = 'closed';
      this.#release();
    }
    return { ...this.#durable, checkpoint: this.#lastCheckpoint };
  }

  #append(body: EventBody, time: number, context: Context | undefined): number {
    const seq = this.#size;
    const start = `{"seq":${seq},"time":"${this.#formatTime(time)}",${this.#fixed}`;
    const joined = context === undefined ? '' : `"context":${this.#encode(context)},`;
    const encoded = this.#encode(body);
    const kept = isSealedKind(body.kind) ? this.#seal(body.kind, encoded, seq) : encoded;
    const json = start + joined + kept.slice(1);
    const room = roomFor(json);
    if (room > this.#buffer.length - this.#buffered) {
      this.#writeOut();
      if (this.#failed) throw this.#failed;
      if (room > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(room);
    }
    const { end, hash } = encodeRecord(this.#buffer, this.#buffered, json, this.#head);
    this.#buffered = end;
    this.#head = hash;
    this.#size = seq + 1;
    if (end >= this.#batchBytes) this.#writeOut();
    this.#timer ??= setTimeout(this.#tick, this.#intervalMs);
    return seq;
  }

  /** Where the key cannot be kept, nothing is written: neither the text nor a record without it. */
  #seal(kind: EventKind, json: string, seq: number): string {
    try {
      return this.#sealer.seal(kind, json, seq);
    } catch (error) {
      throw failure(this.dir, error);
    }
  }

  /** JSON without secrets and of bounded length. */
  #encode(value: object): string {
    const json = JSON.stringify(value);
    // Redaction comes first: a secret that a cut goes through would lose its shape and stay.
    const clean = this.#redactor.body(value, json);
    const output = clean === value ? json : JSON.stringify(clean);
    if (output.length <= CLIP_ABOVE) return output;
    const clipped = JSON.stringify(clip(clean));
    // Many middling texts can still add up: then only the beginning is kept, as one text.
    if (clipped.length * 3 < MAX_RECORD_BYTES - 1024) return clipped;
    const kind = 'kind' in value ? value.kind : 'note';
    return JSON.stringify({ kind, cut: clip(clipped) });
  }

  readonly #tick = (): void => {
    this.#timer = undefined;
    if (this.#failed || this.#state === 'closed') return;
    this.#writeOut();
    void this.#sync();
  };

  /** Hands the buffer to the kernel. After this, only a crash of the machine can lose it. */
  #writeOut(): void {
    if (this.#failed || this.#buffered === 0) return;
    try {
      if (this.#inSegment >= this.#segmentBytes) this.#rotate();
      writeAll(this.#segmentFile, this.#buffer.subarray(0, this.#buffered));
      this.#inSegment += this.#buffered;
      this.#buffered = 0;
    } catch (error) {
      this.#fail(error);
    }
  }

  #rotate(): void {
    this.#full.push(this.#segmentFile);
    this.#segment += 1;
    this.#inSegment = 0;
    this.#segmentFile = this.#openSegment('ax');
    syncFolder(this.dir);
  }

  #openSegment(flags: 'a' | 'ax'): number {
    return openSync(join(this.dir, segmentName(this.#segment)), flags, 0o600);
  }

  /** One sync at a time; whoever comes meanwhile waits for it and looks again. */
  #sync(): Promise<void> {
    this.#syncing ??= this.#syncOnce().finally(() => {
      this.#syncing = undefined;
    });
    return this.#syncing;
  }

  async #syncOnce(): Promise<void> {
    // Everything appended so far is written: the buffer is empty when a sync begins.
    this.#writeOut();
    if (this.#failed || this.#durable.size === this.#size) return;
    const covered = { size: this.#size, head: this.#head };
    const closing = this.#state === 'closing';
    // Taken now: during the waits below another batch may begin a new segment.
    const current = this.#segmentFile;
    const full = this.#full;
    this.#full = [];
    try {
      for (const fd of full) {
        await fdatasyncAsync(fd);
        closeSync(fd);
      }
      await fdatasyncAsync(current);
      if (this.#failed) return;
      const note = this.#sign(covered, closing);
      writeAll(this.#checkpointFile, Buffer.from(`${note}\n`));
      this.#checkpoints += 1;
      await fdatasyncAsync(this.#checkpointFile);
      this.#lastCheckpoint = note;
      this.#durable = covered;
    } catch (error) {
      this.#fail(error);
    }
  }

  #sign(covered: LedgerHead, closing: boolean): string {
    const { signer, origin, run } = this.#options;
    return signCheckpoint(
      {
        origin: origin ?? `${signer.name}/${run}`,
        size: covered.size,
        head: covered.head,
        extensions: [`checkpoint ${this.#checkpoints}`, ...(closing ? ['closed'] : [])],
      },
      signer,
    );
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = failure(this.dir, error);
    // A descriptor is not closed under a sync that still uses it.
    void Promise.resolve(this.#syncing).finally(() => this.#release());
    this.#options.onFailure(this.#failed);
  }

  #release(): void {
    clearTimeout(this.#timer);
    for (const fd of [this.#segmentFile, this.#checkpointFile, ...this.#full]) {
      try {
        closeSync(fd);
      } catch {
        // Nothing more can be said: what counts was synced before, or has failed and been reported.
      }
    }
    this.#lock.release();
  }
}
