/**
 * What joins a run to the others of its user: tells them what it sees, hears what was found, and judges where nobody else
 * does. Nothing is read, written or watched before the run has something to tell.
 *
 * @module
 */
import { closeSync, type FSWatcher, ftruncateSync, openSync, watch, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Detector, Report } from '../../detector.ts';
import type { Observation } from '../../observation.ts';
import { detectionOf } from '../campaigns.ts';
import { type ExtractOptions, Extractor } from '../extract.ts';
import { JudgeBench, parseVerdict, SIGNALS, VERDICTS } from './bench.ts';
import { JUDGE, Lease } from './lease.ts';
import { Tail } from './tail.ts';

export interface LinkOptions extends ExtractOptions {
  run: string;
  /** the shared folder, the user's alone; asked for when it is needed */
  folder: () => string;
}

/** Milliseconds between looks, also where the kernel tells of changes. */
const BEAT = 250;
/** So much of one run is kept; then its file begins anew, and who judges has read it. Unit: bytes. */
const MOST = 16 * 1024 * 1024;

export class CampaignLink implements Detector {
  readonly name = 'campaigns';
  readonly #options: LinkOptions;
  readonly #extractor: Extractor;
  readonly #services = new Map<string, string>();
  #open: Open | undefined;
  #failed: Error | undefined;
  #written = 0;
  #ended = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#extractor = new Extractor(options);
  }

  /** @throws where the shared folder cannot be written: then nobody knows what this run does with others */
  observe(observation: Observation, report: Report): void {
    if (this.#failed) throw this.#failed;
    const signals = this.#extractor.observe(observation);
    // of pressure alone nobody needs to know
    if (signals.length === 0 || this.#ended) return;
    if (!this.#open && signals.every(({ does }) => does === 'pressure')) return;
    this.#open ??= this.#join(report);
    const host = observation.fields['cs-host'] ?? observation.fields.Server;
    for (const signal of signals) {
      if (typeof host === 'string' && this.#services.size < 1024) this.#services.set(signal.service, host);
      const line = `${JSON.stringify(signal)}\n`;
      if (this.#written + line.length > MOST) {
        ftruncateSync(this.#open.fd, 0);
        this.#written = 0;
      }
      this.#written += writeSync(this.#open.fd, line);
    }
  }

  tick(): void {
    if (this.#failed) throw this.#failed;
    this.#open?.beat();
  }

  lost(): number {
    // what the judge forgets of others is no loss of this run
    return this.#extractor.lost();
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
  readonly fd: number;
  readonly #folder: string;
  readonly #lease: Lease;
  readonly #verdicts: Tail;
  readonly #told: Told;
  readonly #timer: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #bench: JudgeBench | undefined;

  constructor(folder: string, run: string, told: Told) {
    this.#folder = folder;
    this.#told = told;
    this.fd = openSync(join(folder, `${run}${SIGNALS}`), 'a', 0o600);
    this.#lease = new Lease(folder);
    this.#verdicts = new Tail(join(folder, VERDICTS));
    // what was found before this run has nothing to do with it
    this.#verdicts.lines();
    this.#timer = setInterval(() => this.beat(), BEAT).unref();
    try {
      this.#watcher = watch(folder, { persistent: false }, (event, name) =>
        this.#changed(event, name ?? undefined),
      );
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // no inotify instance is left: the beat sees it a little later
    }
  }

  beat(): void {
    this.#guard(() => {
      if (this.#lease.renew()) {
        if (!this.#bench) {
          this.#bench = new JudgeBench(this.#folder);
          this.#bench.prune(Date.now());
        }
        this.#bench.read();
        this.#bench.tell(this.#bench.judge(Date.now() * 1000));
      } else this.#bench = undefined;
      for (const line of this.#verdicts.lines()) this.#told.found(line);
    });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
    this.#guard(() => {
      if (this.#lease.renew()) {
        this.#bench ??= new JudgeBench(this.#folder);
        this.#bench.read();
        this.#bench.tell(this.#bench.judge(Date.now() * 1000, true));
      }
      for (const line of this.#verdicts.lines()) this.#told.found(line);
    });
    this.#lease.release();
    closeSync(this.fd);
  }

  #changed(event: string, name: string | undefined): void {
    if (name === VERDICTS)
      this.#guard(() => {
        for (const line of this.#verdicts.lines()) this.#told.found(line);
      });
    else if (this.#bench) this.#guard(() => this.#bench?.read(name?.endsWith(SIGNALS) ? name : undefined));
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
