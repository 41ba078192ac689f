/**
 * What coverage says of a claim: how often its scenarios were stopped, by which parts, how often and by which rules they were seen, and
 * whether that is still about what is here.
 *
 * @module
 */
import type { Coverage, MeasuredCounts } from './file.ts';
import { clopperPearson } from './intervals.ts';

/** What is here now, to hold coverage against. */
export interface CoverageWorld {
  /** scenarios, with the claims that each says it reproduces */
  readonly scenarios: readonly {
    readonly id: string;
    readonly digest: string;
    readonly claims: readonly string[];
  }[];
  /** SHA-256 of a rule file; `undefined`: it is gone */
  readonly ruleDigest: (name: string) => string | undefined;
}

/** So many of so many, and what the rate can be at 95 % (Clopper–Pearson). */
export interface Rate {
  readonly count: number;
  readonly of: number;
  readonly low: number;
  readonly high: number;
}

export interface ClaimCoverage {
  /** `UNMEASURED`: nothing is known, which never counts as covered; `STALE`: it was measured of what has changed since */
  readonly state: 'UNMEASURED' | 'MEASURED' | 'STALE';
  /** all of it in sentences */
  readonly text: string;
  /** scenarios that reproduce the claim's mechanism: measured ones and, apart, those that were not */
  readonly scenarios: readonly string[];
  readonly unmeasured: readonly string[];
  /** `scenarios/ID` and rule files that are others now */
  readonly changed: readonly string[];
  /** day, version and kernel of the measurement */
  readonly on?: string;
  readonly ringfence?: string;
  readonly kernel?: string;
  readonly contained?: Rate;
  /** by layers alone, with every finding only noted */
  readonly layersAlone?: Rate;
  readonly seen?: Rate;
  /** by a rule */
  readonly found?: Rate;
  /** part of Ringfence → trials in which it refused something; rule → trials in which it saw it */
  readonly layers?: Readonly<Record<string, number>>;
  readonly rules?: Readonly<Record<string, number>>;
  /** medians of scenarios, the slowest of them; milliseconds */
  readonly toSee?: number;
  readonly toStop?: number;
}

export const UNMEASURED: ClaimCoverage = {
  state: 'UNMEASURED',
  text: 'No scenario has measured which layer stops it, or which rule sees it.',
  scenarios: [],
  unmeasured: [],
  changed: [],
};

export function rateOf(count: number, of: number): Rate {
  const [low, high] = clopperPearson(count, of);
  return { count, of, low, high };
}

/** `19 of 20 (75–100 %)`; an interval is rounded outwards, and never to certainty. */
export function rateText({ count, of, low, high }: Rate): string {
  return `${count} of ${of} (${Math.floor(low * 100)}–${Math.ceil(high * 100)} %)`;
}

const sum = (all: readonly MeasuredCounts[], key: 'of' | 'contained' | 'seen' | 'found'): number =>
  all.reduce((total, counts) => total + counts[key], 0);

function together(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const totals = new Map<string, number>();
  for (const one of all)
    for (const [word, many] of Object.entries(one)) totals.set(word, (totals.get(word) ?? 0) + many);
  return Object.fromEntries(
    [...totals].sort(([one, many], [other, more]) => more - many || (one < other ? -1 : 1)),
  );
}

const named = (tally: Readonly<Record<string, number>>): string =>
  Object.entries(tally)
    .map(([word, many]) => `${word} (${many})`)
    .join(', ');

const duration = (ms: number): string =>
  ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;

const slowest = (all: readonly (number | undefined)[]): number | undefined => {
  const times = all.filter((time) => time !== undefined);
  return times.length > 0 ? Math.max(...times) : undefined;
};

/** What changed since: scenarios that were measured, and any of the rules. */
function changedSince(
  coverage: Coverage,
  ids: readonly string[],
  { scenarios, ruleDigest }: CoverageWorld,
): string[] {
  const now = new Map(scenarios.map(({ id, digest }) => [id, digest]));
  const others = coverage.scenarios.filter(({ id, digest }) => ids.includes(id) && now.get(id) !== digest);
  const rules = Object.entries(coverage.rules).filter(([name, digest]) => ruleDigest(name) !== digest);
  return [...others.map(({ id }) => `scenarios/${id}`), ...rules.map(([name]) => name)];
}

/** Of a claim, by its id. */
export function claimCoverage(
  claim: string,
  coverage: Coverage | undefined,
  world: CoverageWorld,
): ClaimCoverage {
  const linked = world.scenarios.filter(({ claims }) => claims.includes(claim)).map(({ id }) => id);
  const measured = (coverage?.scenarios ?? []).filter(
    ({ id, targets }) => linked.includes(id) && targets.ringfence !== undefined,
  );
  const ids = measured.map(({ id }) => id);
  const unmeasured = linked.filter((id) => !ids.includes(id));
  if (coverage === undefined || measured.length === 0)
    return linked.length === 0
      ? UNMEASURED
      : {
          ...UNMEASURED,
          text: `Its scenarios were not tried: ${linked.join(', ')}.`,
          unmeasured,
        };
  const full = measured.flatMap(({ targets }) => targets.ringfence ?? []);
  const alone = measured.flatMap(({ targets }) => targets['ringfence-layers'] ?? []);
  const of = sum(full, 'of');
  const contained = rateOf(sum(full, 'contained'), of);
  const seen = rateOf(sum(full, 'seen'), of);
  const found = rateOf(sum(full, 'found'), of);
  const layersAlone = alone.length > 0 ? rateOf(sum(alone, 'contained'), sum(alone, 'of')) : undefined;
  const layers = together([...full, ...alone].map((counts) => counts.layers));
  const rules = together(full.map((counts) => counts.rules));
  const toSee = slowest(full.map((counts) => counts.toSee));
  const toStop = slowest(full.map((counts) => counts.toStop));
  const changed = changedSince(coverage, ids, world);
  const { on, ringfence, kernel } = coverage;
  const sentences = [
    ...(changed.length > 0 ? [`Since it was measured, ${changed.join(', ')} changed.`] : []),
    `${measured.length === 1 ? 'One scenario' : `${measured.length} scenarios`} (${ids.join(', ')}) of its mechanism, on ${on} by ${ringfence}:`,
    `stopped ${rateText(contained)}${layersAlone ? `, by layers alone ${rateText(layersAlone)}` : ''}${Object.keys(layers).length > 0 ? `; refused by ${named(layers)}` : ''};`,
    `seen ${rateText(seen)}, by a rule ${rateText(found)}${Object.keys(rules).length > 0 ? `: ${named(rules)}` : ''}.`,
    ...(toSee !== undefined
      ? [
          `Median until it was seen ${duration(toSee)}${toStop !== undefined ? `, until it was stopped ${duration(toStop)}` : ''}.`,
        ]
      : []),
    ...(unmeasured.length > 0 ? [`Not tried: ${unmeasured.join(', ')}.`] : []),
  ];
  return {
    state: changed.length > 0 ? 'STALE' : 'MEASURED',
    text: sentences.join(' '),
    scenarios: ids,
    unmeasured,
    changed,
    ...{ on, ringfence, kernel, contained, seen, found, layers, rules },
    ...(layersAlone && { layersAlone }),
    ...(toSee !== undefined && { toSee }),
    ...(toStop !== undefined && { toStop }),
  };
}
