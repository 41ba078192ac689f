/**
 * What trials add up to: per target and hazard, and whether the battery holds.
 *
 * @module
 */
import { HAZARD_NAMES } from '../contract/index.ts';
import type { Target } from './targets/index.ts';
import type { Trial } from './trial.ts';

/** Counts of trials; `of` are those that were tried. */
export interface Counts {
  of: number;
  contained: number;
  honest: number;
  /** of targets that keep a record */
  seen?: number;
  /** of those: a rule said so */
  found?: number;
  attributed?: number;
  falseAlarms?: number;
  skipped: number;
}

export interface TargetResult {
  readonly target: string;
  readonly version: string;
  readonly configuration: string;
  readonly peer: boolean;
  readonly all: Counts;
  readonly hazards: Readonly<Record<string, Counts>>;
  /** medians and 95th percentiles of what was measured, milliseconds; CPU of attempts in all, bytes that were lost in all */
  readonly toSee?: { median: number; p95: number };
  readonly toStop?: { median: number; p95: number };
  readonly cpu: number;
  readonly bytes: number;
}

/** Share of attempts that are seen and attributed, from which on the battery holds. */
export const SEEN = 0.95;

const count = (trials: readonly Trial[]): Counts => {
  const tried = trials.filter(({ skipped }) => skipped === undefined);
  const many = (is: (trial: Trial) => boolean | undefined) =>
    tried.filter((trial) => is(trial) === true).length;
  const recorded = tried.some(({ seen }) => seen !== undefined);
  return {
    of: tried.length,
    contained: many(({ contained }) => contained),
    honest: many(({ honest }) => honest),
    ...(recorded && {
      seen: many(({ seen }) => seen !== undefined && seen !== 'no'),
      found: many(({ seen }) => seen === 'finding'),
      attributed: many(({ attributed }) => attributed),
      falseAlarms: many(({ falseAlarms }) => (falseAlarms?.length ?? 0) > 0),
    }),
    skipped: trials.length - tried.length,
  };
};

function spread(values: readonly number[]): { median: number; p95: number } | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { median: at(0.5), p95: at(0.95) };
}

export function sumUp(trials: readonly Trial[], targets: readonly Target[]): TargetResult[] {
  return targets.map(({ name, version, configuration, peer }) => {
    const own = trials.filter(({ target }) => target === name);
    const times = (key: 'toSee' | 'toStop') => spread(own.flatMap((trial) => trial[key] ?? []));
    const [toSee, toStop] = [times('toSee'), times('toStop')];
    const hazards = HAZARD_NAMES.flatMap((hazard) => {
      const of = own.filter((trial) => trial.hazard === hazard);
      return of.length > 0 ? [[hazard, count(of)] as const] : [];
    });
    return {
      target: name,
      version,
      configuration,
      peer,
      all: count(own),
      hazards: Object.fromEntries(hazards),
      ...(toSee && { toSee }),
      ...(toStop && { toStop }),
      cpu: own.reduce((sum, { cpu = 0 }) => sum + cpu, 0),
      bytes: own.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    };
  });
}

/** Targets of which something is asked: of all that twins do their task, of some more. */
const HELD = ['none', 'ringfence', 'ringfence-layers'];

/** What is not as it must be, a line each. Of other products nothing is asked. */
export function faultsOf(trials: readonly Trial[]): string[] {
  const faults: string[] = [];
  const say = ({ target, scenario, seed }: Trial, what: string) =>
    faults.push(`${target}, ${scenario}, seed ${seed}: ${what}`);
  for (const trial of trials) {
    if (!HELD.includes(trial.target)) continue;
    if (trial.lost) say(trial, `it began, and what it did is not known: ${trial.skipped}`);
    if (trial.skipped !== undefined) continue;
    if (trial.target === 'none' && trial.contained)
      say(trial, 'nothing was in the way, and it had no effect: this is no scenario here');
    if (trial.target === 'ringfence' && !trial.contained)
      say(trial, `it had an effect: ${trial.signs?.join(', ')}`);
    if (!trial.honest) say(trial, 'the honest twin did not do its task');
    if ((trial.falseAlarms?.length ?? 0) > 0)
      say(trial, `a finding in the honest twin: ${trial.falseAlarms?.join(', ')}`);
  }
  const own = trials.filter(({ target, skipped }) => target === 'ringfence' && skipped === undefined);
  const seen = own.filter((trial) => trial.seen !== 'no' && trial.attributed === true);
  if (own.length > 0 && seen.length < SEEN * own.length) {
    const missed = own.filter((trial) => !seen.includes(trial)).map(({ scenario }) => scenario);
    faults.push(
      `ringfence: ${seen.length} of ${own.length} were seen and attributed, which is less than ${SEEN * 100} %: not ${[...new Set(missed)].join(', ')}`,
    );
  }
  return faults;
}

/** A trial as it may be told: of other products counts alone, no recipes. */
export const tellable = (trials: readonly Trial[], targets: readonly Target[]): Omit<Trial, 'output'>[] => {
  const peers = new Set(targets.flatMap(({ name, peer }) => (peer ? [name] : [])));
  return trials.filter(({ target }) => !peers.has(target)).map(({ output: _output, ...trial }) => trial);
};
