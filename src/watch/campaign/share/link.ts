/**
 * What joins a run to the others of its user: tells them what it sees, hears what was found, and judges where nobody else
 * does. Nothing is read, written or watched before the run has something to tell.
 *
 * @module
 */
import { closeSync, constants, type FSWatcher, unlinkSync, watch, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Detector, Report } from '../../detector.ts';
import type { Observation } from '../../observation.ts';
import { detectionOf } from '../campaigns.ts';
import { type ExtractOptions, Extractor } from '../extract.ts';
import type { Signal } from '../signal.ts';
import { JudgeBench, SIGNALS, VERDICTS } from './bench.ts';
import { JUDGE, Lease } from './lease.ts';
import { openOwn, Tail } from './tail.ts';
import { parseVerdict } from './verdict.ts';

export interface LinkOptions extends ExtractOptions {
  run: string;
  /** the shared folder, the user's alone; asked for when it is needed */
  folder: () => string;
}

/** Milliseconds between looks, also where the kernel tells of changes. */
const BEAT = 250;
/** Of so many looks one is at all files: a thousand take 20 ms. */
const SWEEP = 4;
/** A run that tells more than that begins another file. Unit: bytes. */
const SEGMENT = 2 * 1024 * 1024;
/** So many files of one run are kept: the first, and the latest. */
const SEGMENTS = 6;

export class CampaignLink implements Detector {
  readonly name = 'campaigns';
  readonly #options: LinkOptions;
  readonly #extractor: Extractor;
  readonly #services = new Map<string, string>();
  #open: Open | undefined;
  #failed: Error | undefined;
  #attention: Signal | undefined;
  #ended = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#extractor = new Extractor(options);
  }

  /** @throws where the shared folder cannot be written: then nobody knows what this run does with others */
  observe(observation: Observation, report: Report): void {
    if (this.#failed) throw this.#failed;
    const signals = this.#extractor.observe(observation);
    if (signals.length === 0 || this.#ended) return;
    const others = signals.filter(({ does }) => does !== 'pressure');
    this.#attention = signals.findLast(({ does }) => does === 'pressure') ?? this.#attention;
    // of pressure alone nobody needs to know; who joins tells it first
    if (!this.#open && others.length === 0) return;
    const joins = this.#open === undefined;
    this.#open ??= this.#join(report);
    const host = observation.fields['cs-host'] ?? observation.fields.Server;
    for (const signal of joins && this.#attention ? [this.#attention, ...others] : signals) {
      if (typeof host === 'string' && this.#services.size < 1024) this.#services.set(signal.service, host);
      this.#open.tell(`${JSON.stringify(signal)}\n`);
    }
  }

  tick(): void {
    if (this.#failed) throw this.#failed;
    this.#open?.beat();
  }

  lost(): number {
    // what the judge forgets of others is no loss of this run
    return this.#extractor.lost() + (this.#open?.lost() ?? 0);
  }

  end(): void {
    this.#ended = true;
    this.#open?.close();
    this.#open = undefined;
  }

  #join(report: Report): Open {
    const folder = this.#options.folder();
    const { run } = this.#options;
    return new Open(folder, run, {
      found: (line) => {
        const verdict = parseVerdict(line);
        if (verdict?.run === run) report(detectionOf(verdict, this.#services.get(verdict.service)));
      },
      failed: (error) => {
        this.#failed = error;
      },
    });
  }
}

interface Told {
  found(line: string): void;
  failed(error: Error): void;
}

/** A run that takes part. */
class Open {
  readonly #folder: string;
  readonly #run: string;
  #fd: number;
  #segment = 0;
  #written = 0;
  #lost = 0;
  #beats = 0;
  readonly #lease: Lease;
  readonly #verdicts: Tail;
  readonly #told: Told;
  readonly #timer: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #bench: JudgeBench | undefined;

  constructor(folder: string, run: string, told: Told) {
    this.#folder = folder;
    this.#told = told;
    this.#run = run;
    this.#fd = openSegment(this.#path(0));
    this.#lease = new Lease(folder);
    this.#verdicts = new Tail(join(folder, VERDICTS));
    // what was found before this run has nothing to do with it
    this.#verdicts.skipTo(0);
    this.#timer = setInterval(() => this.beat(), BEAT).unref();
    try {
      this.#watcher = watch(folder, { persistent: false }, (event, name) =>
        this.#changed(event, name ?? undefined),
      );
      this.#watcher.on('error', () => {
        this.#watcher?.close();
        this.#watcher = undefined;
      });
    } catch {
      // no inotify instance is left: the beat sees it a little later
    }
  }

  /** @throws where the line cannot be written whole */
  tell(line: string): void {
    if (this.#written > 0 && this.#written + line.length > SEGMENT) this.#next();
    const count = writeSync(this.#fd, line);
    if (count < Buffer.byteLength(line)) throw new Error(`${this.#path(this.#segment)}: the disk is full`);
    this.#written += count;
  }

  /** files of this run that were removed, since it was last asked */
  lost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  beat(): void {
    this.#guard(() => {
      if (this.#lease.renew()) {
        if (!this.#bench) {
          this.#bench = this.#newBench();
          this.#bench.prune(Date.now());
        }
        const now = Date.now() * 1000;
        // the kernel tells which file has grown; all are looked at now and then, as it may have had too much to tell
        if (!this.#watcher || this.#beats % SWEEP === 0) this.#bench.read(undefined, now);
        this.#beats += 1;
        this.#bench.tell(this.#bench.judge(now));
      } else this.#bench = undefined;
      this.#hear();
    });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
    this.#guard(() => {
      if (this.#lease.renew()) {
        this.#bench ??= this.#newBench();
        this.#bench.read();
        this.#bench.tell(this.#bench.judge(Date.now() * 1000, true));
      }
      this.#hear();
    });
    this.#lease.release();
    closeSync(this.#fd);
  }

  /** What one run tells without end takes away what it told itself, never what others did. */
  #next(): void {
    const next = openSegment(this.#path(this.#segment + 1));
    closeSync(this.#fd);
    this.#fd = next;
    this.#written = 0;
    this.#segment += 1;
    const old = this.#segment - SEGMENTS + 1;
    if (old < 1) return;
    unlinkSync(this.#path(old));
    this.#lost += 1;
  }

  #path(segment: number): string {
    return join(this.#folder, `${this.#run}${segment === 0 ? '' : `.${segment}`}${SIGNALS}`);
  }

  #newBench(): JudgeBench {
    return new JudgeBench(this.#folder, { alive: () => this.#lease.renew() });
  }

  #hear(): void {
    for (const line of this.#verdicts.lines()) this.#told.found(line);
  }

  #changed(event: string, name: string | undefined): void {
    if (name === VERDICTS) this.#guard(() => this.#hear());
    else if (this.#bench && name?.endsWith(SIGNALS) !== false)
      this.#guard(() => this.#bench?.read(name, Date.now() * 1000));
    // touched it is by every beat; gone, somebody has to follow
    else if (name === JUDGE && event === 'rename' && !this.#lease.held) this.beat();
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#told.failed(error as Error);
    }
  }
}

function openSegment(path: string): number {
  const opened = openOwn(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
  if (!opened) throw new Error(`${path} is no file of this user`);
  return opened.fd;
}
