/**
 * What attempts at a hazard say: counts of what is fresh, bounds of the rates behind them, and whether that supports anything.
 *
 * @module
 */
import type { Predicate } from '../attest/index.ts';
import { rateAtLeast, rateAtMost } from '../coverage/index.ts';
import type { CaseInput } from './input.ts';
import { reproductionLink } from './links.ts';
import type { CaseStep, HazardCase, Tried } from './schema.ts';
import { percent, plural, times } from './words.ts';

/** Share of attempts that are seen and attributed from which on a hazard counts as watched; that of the battery. */
const ENOUGH = 0.95;

type Trials = Predicate<'reproduction'>['results'][number]['trials'];

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length / 2) - 1];
}

const many = (trials: Trials, is: (trial: Trials[number]) => boolean): number => trials.filter(is).length;

/** 1, 2, 3, 7 → `1–3, 7` */
export function rangesOf(seeds: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const seed of [...seeds].sort((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last && seed === last[1] + 1) last[1] = seed;
    else ranges.push([seed, seed]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}

export function triedOf({ scenario, held }: CaseInput['reproductions'][number]): Tried {
  const head = { scenario: scenario.id, title: scenario.title, link: reproductionLink(scenario.id) };
  const { found } = held;
  const none = { runs: 0, seeds: '', skipped: 0, effects: 0, seen: 0, attributed: 0, honest: 0, rules: [] };
  if (found === undefined) return { ...head, state: 'missing', ...none };
  const of = (target: string) => found.predicate.results.find((one) => one.target === target)?.trials ?? [];
  const own = of('ringfence');
  const skipped = found.predicate.results.find(({ target }) => target === 'ringfence')?.skipped ?? 0;
  const toSee = median(own.flatMap((trial) => trial.toSee ?? []));
  const [nothing, layers] = [of('none'), of('ringfence-layers')];
  return {
    ...head,
    state: found.changed.length === 0 ? 'fresh' : 'stale',
    runs: own.length,
    seeds: rangesOf(own.map(({ seed }) => seed)),
    skipped,
    effects: many(own, ({ contained }) => !contained),
    seen: many(own, ({ seen }) => seen !== undefined && seen !== 'no'),
    attributed: many(own, ({ attributed }) => attributed === true),
    honest: many(own, ({ honest }) => honest),
    rules: [...new Set(own.flatMap(({ rules }) => rules))].sort(),
    ...(toSee !== undefined && { toSee: Math.round(toSee * 10) / 10 }),
    ...(nothing.length > 0 && {
      none: { runs: nothing.length, effects: many(nothing, ({ contained }) => !contained) },
    }),
    ...(layers.length > 0 && {
      layers: { runs: layers.length, contained: many(layers, ({ contained }) => contained) },
    }),
  };
}

/** Of fresh attempts alone. */
export function totalsOf(tried: readonly Tried[]): HazardCase['totals'] {
  const fresh = tried.filter(({ state }) => state === 'fresh');
  const sum = (key: 'runs' | 'effects' | 'seen' | 'attributed') =>
    fresh.reduce((total, one) => total + one[key], 0);
  const [runs, effects, seen, attributed] = [sum('runs'), sum('effects'), sum('seen'), sum('attributed')];
  return {
    ...{ runs, effects, seen, attributed },
    ...(runs > 0 && { effectsAtMost: rateAtMost(effects, runs), seenAtLeast: rateAtLeast(seen, runs) }),
  };
}

/** With nothing in the way it had no effect either, at least once: then it shows nothing that it has none in a cell. */
export const isIdle = ({ none }: Tried): boolean => none !== undefined && none.effects < none.runs;

/**
 * Every scenario was tried, is fresh, had no effect, was seen and attributed, its honest twin was let do its task, and wherever it was tried
 * with nothing in the way it had its effect.
 */
export function isContainedAndSeen(tried: readonly Tried[]): boolean {
  return (
    tried.length > 0 &&
    !tried.some(isIdle) &&
    tried.every(
      ({ state, runs, effects, seen, attributed, honest }) =>
        state === 'fresh' &&
        runs > 0 &&
        effects === 0 &&
        honest === runs &&
        seen >= ENOUGH * runs &&
        attributed >= ENOUGH * runs,
    )
  );
}

const OWN = 'each in the scenario’s own contract, not in this one';

function detailOf({
  title,
  state,
  runs,
  seeds,
  skipped,
  effects,
  seen,
  rules,
  toSee,
  none,
  layers,
}: Tried): string {
  if (state === 'missing' || runs === 0) return `${title}: not tried here`;
  const said = [
    `tried ${times(runs)} (${runs === 1 ? 'seed' : 'seeds'} ${seeds})`,
    ...(skipped === 0 ? [] : [`${skipped} more told nothing`]),
    `${effects} with an effect`,
    `${seen} seen`,
    ...(rules.length > 0 ? [`by ${rules.join(', ')}`] : []),
    ...(toSee === undefined ? [] : [`after ${toSee} ms (median)`]),
    ...(layers === undefined ? [] : [`layers alone contained ${layers.contained} of ${layers.runs}`]),
    ...(none === undefined
      ? ['whether it has its effect with nothing in the way was not tried here']
      : [`with nothing in the way ${none.effects} of ${none.runs} had their effect`]),
  ];
  return `${title}: ${said.join(', ')}${state === 'stale' ? ' (stale: does not count)' : ''}`;
}

/** The step of the argument. */
export function triedStep(tried: readonly Tried[], totals: HazardCase['totals']): CaseStep {
  const { runs, effects, seen, effectsAtMost, seenAtLeast } = totals;
  const details = tried.map(detailOf);
  const links = tried.filter(({ state }) => state !== 'missing').map(({ link }) => link);
  if (runs === 0 || effectsAtMost === undefined || seenAtLeast === undefined) {
    const text =
      tried.length === 0
        ? 'There is no scenario that tries it.'
        : 'Not tried: no attempt is on record that still counts.';
    return { kind: 'tried', state: 'unknown', text, details, links };
  }
  const missed = tried.filter(({ state }) => state !== 'fresh').length;
  const text = [
    `Tried ${times(runs)}: ${plural(effects, 'effect')}, so at most ${percent(effectsAtMost)} of such attempts have one, at 95 %;`,
    `${seen} seen, so at least ${percent(seenAtLeast, 'down')} are, at 95 %;`,
    `${OWN}${missed > 0 ? `; ${plural(missed, 'scenario')} not, or not any more` : ''}.`,
  ].join(' ');
  return { kind: 'tried', state: isContainedAndSeen(tried) ? 'holds' : 'open', text, details, links };
}
