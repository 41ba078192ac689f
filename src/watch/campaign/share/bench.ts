/**
 * The judge's bench: reads what all runs tell, in the order of time, and writes down what it finds.
 *
 * @module
 */
import { appendFileSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Judge } from '../judge.ts';
import { parseSignal, type Signal } from '../signal.ts';
import type { Campaign, Verdict } from '../suspicions.ts';
import { Tail, TailFolder } from './tail.ts';

export const SIGNALS = '.signals';
export const VERDICTS = 'verdicts';

/** What comes from several files is put in order by waiting so long. Unit: microseconds. */
const HOLD = 150_000;
/** A judge that begins reads so much of what was told before. Unit: bytes. */
const BUDGET = 8 * 1024 * 1024;
/** Runs that told nothing for so long are forgotten. Unit: milliseconds. */
const KEEP = 7 * 24 * 3_600_000;

const tellingOf = ({ run, kind, service }: Verdict): string => `${run} ${kind} ${service}`;

/** Lines of `verdicts`; those that are none are left out. */
export function parseVerdict(line: string): Verdict | undefined {
  try {
    const verdict = JSON.parse(line) as Partial<Verdict>;
    const whole =
      typeof verdict.campaign === 'string' &&
      typeof verdict.run === 'string' &&
      typeof verdict.kind === 'string' &&
      Array.isArray(verdict.cites);
    return whole ? (verdict as Verdict) : undefined;
  } catch {
    return undefined;
  }
}

export class JudgeBench {
  readonly #folder: string;
  readonly #judge = new Judge();
  readonly #signals: TailFolder;
  readonly #told: Set<string>;
  #waiting: Signal[] = [];

  /** Reads what was told before: a judge knows what the one before it knew. @param budget bytes of it, the newest */
  constructor(folder: string, budget: number = BUDGET) {
    this.#folder = folder;
    this.#signals = new TailFolder(folder, SIGNALS, budget);
    const known = new Tail(join(folder, VERDICTS)).lines().flatMap((line) => parseVerdict(line) ?? []);
    this.#told = new Set(known.map(tellingOf));
    this.read();
  }

  /** Takes in what is new. */
  read(name?: string): void {
    for (const line of this.#signals.lines(name)) {
      const signal = parseSignal(line);
      if (signal) this.#waiting.push(signal);
    }
  }

  /** Judges what has waited long enough; `all`: everything. @param now microseconds */
  judge(now: number, all = false): Verdict[] {
    if (this.#waiting.length === 0) return [];
    this.#waiting.sort((a, b) => a.time - b.time);
    const until = this.#waiting.findIndex(({ time }) => !all && time > now - HOLD && time <= now + HOLD);
    const ready = until === -1 ? this.#waiting.splice(0) : this.#waiting.splice(0, until);
    return ready.flatMap((signal) => this.#judge.hear(signal)).filter((verdict) => this.#isNew(verdict));
  }

  /** Puts verdicts where all controllers read them. */
  tell(verdicts: readonly Verdict[]): void {
    if (verdicts.length === 0) return;
    const text = verdicts.map((verdict) => `${JSON.stringify(verdict)}\n`).join('');
    appendFileSync(join(this.#folder, VERDICTS), text, { mode: 0o600 });
  }

  ranked(now: number): Campaign[] {
    return this.#judge.campaigns(now);
  }

  /** Removes what is too old to count. */
  prune(now: number): void {
    for (const name of readdirSync(this.#folder).filter((one) => one.endsWith(SIGNALS))) {
      const path = join(this.#folder, name);
      try {
        if (now - statSync(path).mtimeMs > KEEP) unlinkSync(path);
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
