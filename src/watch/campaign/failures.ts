/**
 * What the ends of programs say about attempts that fail. One failure goes up through everybody who waits for it and is
 * still one; the same command again is no new attempt, unless it is a check of the work; what succeeds in the end was
 * no failure; and some programs answer “no” by their exit code.
 *
 * @module
 */
import type { Observation } from '../observation.ts';
import { Bounded } from './bounded.ts';

/** What a failure weighs that is told by an exit code. */
const WEIGHTS = { check: 1.5, command: 0.25 };
/** After this time half of it is forgotten. Unit: microseconds. */
export const HALF_LIFE = 600_000_000;
/** Command lines and processes that are remembered of a run. */
const LINES = 64;
const PROCESSES = 256;

/** Programs and words by which a project is tested. */
const CHECKS =
  /\b(?:test|tests|check|pytest|jest|vitest|mocha|unittest|tox|nox|ctest|phpunit|rspec|tap)\b|cargo test|go test/;
/** What fetches things tests nothing, whatever these are called. */
const FETCHES = /(?:^|\/)(?:git(?:-[\w-]+)?|ssh|dbclient|scp|sftp|rsync|curl|wget)$/;
/** Their exit code 1 is an answer: nothing found, not the same, not so. */
const ANSWERS =
  /(?:^|\/)(?:e?grep|fgrep|zgrep|rg|ag|diff|cmp|test|\[|expr|which|pgrep|pidof|pkill|git|getent|systemctl)$/;
/** They fail because of what they ran, where that was seen to fail. */
const SHELLS = /(?:^|\/)(?:sh|bash|dash|zsh|ksh|fish|busybox)$/;
/** Shells report a program that a signal ended so: interrupted, its reader gone, asked to end. */
const SIGNALLED = new Set([130, 141, 143]);

interface Charge {
  weight: number;
  time: number;
}

/** The weight that is left of something after a time. */
export const faded = (weight: number, from: number, to: number): number =>
  weight * 2 ** (-Math.max(0, to - from) / HALF_LIFE);

export class Failures {
  readonly #objective: string | undefined;
  /** command line → what its failures weigh */
  readonly #charged = new Bounded<string, Charge>(LINES);
  /** process that runs → the heaviest failure of those that it started */
  readonly #below = new Bounded<number, number>(PROCESSES);

  /** @param objective command by which success is decided */
  constructor(objective?: string) {
    this.#objective = objective;
  }

  /** What the end of a program adds to the failures of its run; below zero: what is taken back. */
  ended({ fields, time }: Observation): number {
    const { ExitCode: code, ProcessId: id, ParentProcessId: parent } = fields;
    const line = String(fields.CommandLine ?? '').slice(0, 512);
    const below = typeof id === 'number' ? (this.#below.get(id) ?? 0) : 0;
    if (typeof id === 'number') this.#below.delete(id);
    if (typeof code !== 'number') return 0;
    const before = this.#charged.get(line);
    const left = before ? faded(before.weight, before.time, time) : 0;
    if (code === 0) {
      this.#charged.delete(line);
      return -left;
    }
    const image = String(fields.Image ?? '');
    if (SIGNALLED.has(code) || (code === 1 && ANSWERS.test(image))) return 0;
    const check = this.#isCheck(line, image);
    const itself = check ? WEIGHTS.check : WEIGHTS.command;
    const own = below > 0 && SHELLS.test(image) ? below : itself;
    if (typeof parent === 'number')
      this.#below.set(parent, Math.max(own, below, this.#below.get(parent) ?? 0));
    const again = !check && before !== undefined && time - before.time < HALF_LIFE;
    const added = again ? 0 : Math.max(0, own - below);
    // the time stays that of the first: who goes on for long is heard again
    this.#charged.set(line, again ? before : { weight: left + added, time });
    return added;
  }

  #isCheck(line: string, image: string): boolean {
    if (this.#objective !== undefined && line.includes(this.#objective)) return true;
    return CHECKS.test(line) && !FETCHES.test(image);
  }
}
