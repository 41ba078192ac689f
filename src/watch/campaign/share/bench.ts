/**
 * The judge's bench: reads what all runs tell, in the order of time, and writes down what it finds.
 *
 * @module
 */
import { closeSync, constants, ftruncateSync, readdirSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Judge } from '../judge.ts';
import { parseSignal, type Signal } from '../signal.ts';
import type { Campaign, Verdict } from '../suspicions.ts';
import { openOwn, Tail, TailFolder } from './tail.ts';
import { parseVerdict } from './verdict.ts';

export const SIGNALS = '.signals';
export const VERDICTS = 'verdicts';

/**
 * What comes from several files is put in order by waiting so long; longer where runs tell late, as on a machine with too
 * much to do. Unit: microseconds.
 */
const HOLD = { least: 150_000, most: 1_000_000 };
/** A judge that begins reads so much of what was told before. Unit: bytes. */
const BUDGET = 8 * 1024 * 1024;
/** At one look so much of each file. Unit: bytes. */
const LOOK = 4 * 1024 * 1024;
/** After so many signals it is shown that the judge lives. */
const BREATH = 1000;
/** Runs that told nothing for so long are forgotten. Unit: milliseconds. */
const KEEP = 7 * 24 * 3_600_000;
/** All runs together may keep so much, those that still tell left out. Unit: bytes. */
const FOLDER = 1024 * 1024 * 1024;
const STILL = 3_600_000;
/** Then the file of verdicts begins anew. Unit: bytes. */
const MOST_VERDICTS = 8 * 1024 * 1024;

export interface BenchOptions {
  /** bytes of what was told before that are read, the newest */
  budget?: number;
  /** called now and then while much is read */
  alive?: () => void;
}

const tellingOf = ({ run, kind, service }: Verdict): string => `${run} ${kind} ${service}`;

export class JudgeBench {
  readonly #folder: string;
  readonly #judge: Judge;
  readonly #signals: TailFolder;
  readonly #told = new Set<string>();
  readonly #alive: () => void;
  #waiting: Signal[] = [];
  #untold: Verdict[] = [];
  #hold = HOLD.least;

  /** Reads what was told before: a judge knows what the one before it knew. */
  constructor(folder: string, { budget = BUDGET, alive = () => {} }: BenchOptions = {}) {
    this.#folder = folder;
    this.#alive = alive;
    this.#signals = new TailFolder(folder, SIGNALS, budget);
    const names = new Map<string, string>();
    for (const line of new Tail(join(folder, VERDICTS)).lines(2 * MOST_VERDICTS)) {
      const verdict = parseVerdict(line);
      if (!verdict) continue;
      this.#told.add(tellingOf(verdict));
      if (verdict.time > (Date.now() - KEEP) * 1000) names.set(verdict.service, verdict.campaign);
    }
    this.#judge = new Judge({}, names);
    this.read();
  }

  /** bytes that were told before and are left out, as they are too many */
  get skipped(): number {
    return this.#signals.skipped;
  }

  /** Takes in what is new. @param now microseconds; by it is known how late runs tell */
  read(name?: string, now?: number): void {
    let late = 0;
    for (const lines of this.#signals.lines(name, LOOK)) {
      for (const line of lines) {
        const signal = parseSignal(line);
        if (!signal) continue;
        this.#waiting.push(signal);
        if (now !== undefined) late = Math.max(late, now - signal.time);
      }
      if (lines.length > 0) this.#alive();
    }
    if (now !== undefined) {
      const wanted = Math.min(HOLD.most, Math.max(HOLD.least, late * 1.5));
      this.#hold = wanted > this.#hold ? wanted : Math.max(HOLD.least, this.#hold * 0.95);
    }
  }

  /** Judges what has waited long enough; `all`: everything. @param now microseconds */
  judge(now: number, all = false): Verdict[] {
    if (this.#waiting.length === 0) return [];
    this.#waiting.sort((a, b) => a.time - b.time);
    const until = this.#waiting.findIndex(
      ({ time }) => !all && time > now - this.#hold && time <= now + this.#hold,
    );
    const ready = until === -1 ? this.#waiting.splice(0) : this.#waiting.splice(0, until);
    const found: Verdict[] = [];
    for (const [index, signal] of ready.entries()) {
      found.push(...this.#judge.hear(signal).filter((verdict) => this.#isNew(verdict)));
      if (index % BREATH === BREATH - 1) this.#alive();
    }
    return found;
  }

  /**
   * Puts verdicts where all controllers read them.
   *
   * @throws where they cannot be written; they are told with the next ones then
   */
  tell(verdicts: readonly Verdict[]): void {
    this.#untold.push(...verdicts);
    if (this.#untold.length === 0) return;
    // the first line ends what a judge left that was killed while it wrote
    const text = `\n${this.#untold.map((verdict) => `${JSON.stringify(verdict)}\n`).join('')}`;
    const path = join(this.#folder, VERDICTS);
    const opened = openOwn(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
    if (!opened) throw new Error(`${path} is no file of this user`);
    try {
      if (opened.status.size > MOST_VERDICTS) ftruncateSync(opened.fd, 0);
      if (writeSync(opened.fd, text) < Buffer.byteLength(text)) throw new Error(`${path}: the disk is full`);
      this.#untold = [];
    } finally {
      closeSync(opened.fd);
    }
  }

  ranked(now: number): Campaign[] {
    return this.#judge.campaigns(now);
  }

  /** Removes what is too old to count, and of what is too much the oldest. @param now milliseconds */
  prune(now: number): void {
    const files = readdirSync(this.#folder)
      .filter((name) => name.endsWith(SIGNALS))
      .flatMap((name) => {
        const path = join(this.#folder, name);
        const status = statSync(path, { throwIfNoEntry: false });
        return status ? [{ path, size: status.size, age: now - status.mtimeMs }] : [];
      })
      .sort((a, b) => a.age - b.age);
    let sum = 0;
    for (const { path, size, age } of files) {
      sum += size;
      if (age <= KEEP && (sum <= FOLDER || age <= STILL)) continue;
      try {
        unlinkSync(path);
      } catch {
        // somebody else did
      }
    }
  }

  #isNew(verdict: Verdict): boolean {
    const telling = tellingOf(verdict);
    if (this.#told.has(telling)) return false;
    this.#told.add(telling);
    return true;
  }
}
