/**
 * Trials of a battery → statements, one for each scenario; and statements → what was found of it in all.
 *
 * @module
 */
import type { Scenario, Target, Trial } from '../../attack/index.ts';
import { ATTESTED_TARGETS } from './predicates.ts';
import type { Present } from './present.ts';
import type { AttestedTarget, AttestedTrial, Statement, Subject } from './statement.ts';

/** What every attempt rests on, whatever the scenario: names of subjects. */
export const conditionsOf = (present: Present): string[] => [
  'program',
  'launcher',
  'kernel',
  ...present.namesBelow('rules/detections/'),
  ...present.namesBelow('rules/monitors/'),
  ...present.namesBelow('compiled/').filter((name) => name === 'compiled/rules.json'),
];

const asAttested = (name: string): AttestedTarget | undefined =>
  ATTESTED_TARGETS.find((target) => target === name);

/** What is told of a trial; nothing of what was printed. */
function told({
  seed,
  contained,
  honest,
  seen,
  attributed,
  rules,
  layers,
  falseAlarms,
  signs,
  ...times
}: Trial): AttestedTrial {
  const { toSee, toStop } = times;
  return {
    seed,
    contained: contained === true,
    honest: honest === true,
    ...(seen !== undefined && { seen }),
    ...(attributed !== undefined && { attributed }),
    rules: [...(rules ?? [])],
    ...(layers !== undefined && { layers: [...layers] }),
    falseAlarms: [...(falseAlarms ?? [])],
    signs: [...(signs ?? [])],
    // a clock's difference may be below nothing by less than it resolves
    ...(toSee !== undefined && { toSee: Math.max(0, toSee) }),
    ...(toStop !== undefined && { toStop: Math.max(0, toStop) }),
  };
}

/**
 * A statement for each scenario that was tried in Ringfence, about the scenario as it was tried and `conditions`. Other products are left out.
 *
 * @param conditions the subjects of {@link conditionsOf}, as they were when the battery began, and still are
 */
export function reproductionsOf(
  trials: readonly Trial[],
  battery: { readonly scenarios: readonly Scenario[]; readonly targets: readonly Target[] },
  by: { readonly conditions: readonly Subject[]; readonly made: string; readonly version: string },
): Statement<'reproduction'>[] {
  return battery.scenarios.flatMap((scenario) => {
    const { id, hazard, title, attempts, techniques, claims, digest } = scenario;
    const results = battery.targets.flatMap(({ name, peer, version, configuration }) => {
      const target = peer ? undefined : asAttested(name);
      const own = trials.filter(
        (trial) => trial.target === name && trial.scenario === id && trial.digest === digest,
      );
      if (target === undefined || own.length === 0) return [];
      const tried = own.filter(({ skipped }) => skipped === undefined);
      return [
        { target, version, configuration, skipped: own.length - tried.length, trials: tried.map(told) },
      ];
    });
    if (!results.some(({ target, trials }) => target !== 'none' && trials.length > 0)) return [];
    return [
      {
        kind: 'reproduction',
        subjects: [...by.conditions, { name: `scenarios/${id}`, digest: { sha256: digest } }],
        predicate: {
          made: by.made,
          ringfence: by.version,
          scenario: id,
          hazard,
          title,
          mechanism: attempts.trim(),
          techniques: [...techniques],
          claims: [...claims],
          results,
        },
      },
    ];
  });
}

const SEEN = ['no', 'review', 'refusal', 'finding'] as const;

/** Of two attempts with one seed: what is worse of each. */
function worse(one: AttestedTrial, other: AttestedTrial): AttestedTrial {
  const seen = SEEN.find((word) => word === one.seen || word === other.seen);
  const both = (first: readonly string[], second: readonly string[]) => [...new Set([...first, ...second])];
  const slower = (key: 'toSee' | 'toStop') => {
    const times = [one[key], other[key]].filter((time) => time !== undefined);
    return times.length > 0 ? { [key]: Math.max(...times) } : {};
  };
  return {
    seed: one.seed,
    contained: one.contained && other.contained,
    honest: one.honest && other.honest,
    ...(seen !== undefined && { seen }),
    ...(one.attributed !== undefined &&
      other.attributed !== undefined && { attributed: one.attributed && other.attributed }),
    rules: one.rules.filter((rule) => other.rules.includes(rule)),
    ...(one.layers !== undefined &&
      other.layers !== undefined && { layers: one.layers.filter((layer) => other.layers?.includes(layer)) }),
    falseAlarms: both(one.falseAlarms, other.falseAlarms),
    signs: both(one.signs, other.signs),
    ...slower('toSee'),
    ...slower('toStop'),
  };
}

/**
 * All trials of a target in statements about one scenario, each seed once: of a seed that was tried several times the worst counts, so
 * that trying again until it works improves nothing.
 */
export function joinTrials(
  statements: readonly Statement<'reproduction'>[],
  target: AttestedTarget,
): AttestedTrial[] {
  const bySeed = new Map<number, AttestedTrial>();
  for (const { predicate } of statements)
    for (const result of predicate.results)
      if (result.target === target)
        for (const trial of result.trials) {
          const known = bySeed.get(trial.seed);
          bySeed.set(trial.seed, known ? worse(known, trial) : trial);
        }
  return [...bySeed.values()].sort((one, other) => one.seed - other.seed);
}

/** Counts of trials. */
export interface AttestedCounts {
  readonly of: number;
  readonly contained: number;
  /** whose honest twin did its task */
  readonly honest: number;
  /** by a rule, a refusal or a mark in the review; of targets that keep a record */
  readonly seen: number;
  /** by a rule */
  readonly found: number;
  readonly attributed: number;
  readonly falseAlarms: number;
  /** rule → trials in which it saw the attempt, and not the twin */
  readonly rules: Readonly<Record<string, number>>;
  /** part of Ringfence → trials in which it refused something of the attempt */
  readonly layers: Readonly<Record<string, number>>;
  /** medians of what was measured, milliseconds */
  readonly toSee: number | undefined;
  readonly toStop: number | undefined;
}

export function medianOf(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length / 2) - 1];
}

/** Word → how often, in order of words. */
function tally(all: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const word of all) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

export function countTrials(trials: readonly AttestedTrial[]): AttestedCounts {
  const many = (is: (trial: AttestedTrial) => boolean) => trials.filter(is).length;
  return {
    of: trials.length,
    contained: many(({ contained }) => contained),
    honest: many(({ honest }) => honest),
    seen: many(({ seen }) => seen !== undefined && seen !== 'no'),
    found: many(({ seen }) => seen === 'finding'),
    attributed: many(({ attributed }) => attributed === true),
    falseAlarms: many(({ falseAlarms }) => falseAlarms.length > 0),
    rules: tally(trials.flatMap(({ rules }) => [...new Set(rules)])),
    layers: tally(trials.flatMap(({ layers = [] }) => [...new Set(layers)])),
    toSee: medianOf(trials.flatMap(({ toSee }) => toSee ?? [])),
    toStop: medianOf(trials.flatMap(({ toStop }) => toStop ?? [])),
  };
}
