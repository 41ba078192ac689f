/**
 * Two set-ups → what the newer one opens and closes.
 *
 * @module
 */
import { HAZARD_NAMES, type Hazard } from '../../contract/index.ts';
import type { Fact } from '../logic/index.ts';
import { keyOf, type Model } from '../model/index.ts';
import type { Proved, Reason, Verdict } from '../report/index.ts';
import type { Difference, Given, HazardChange, Reached, Side, Way } from './types.ts';
import { waysThrough } from './ways.ts';

/**
 * What changed between two set-ups. Nothing is said of what stayed as it was.
 *
 * @param opened what `now` gives and `before` does not; `closed` the other way round
 * @example
 * compare(before, now, { opened: givenBeyond(contract, old, {}), closed: givenBeyond(old, contract, {}) })
 */
export function compare(
  before: Side,
  now: Side,
  { opened, closed }: { opened: Given; closed: Given },
): Difference {
  const { world, origins } = now.model;
  const fresh = world.facts.filter((fact) => opened.isNew(fact, origins.get(keyOf(fact))?.clause ?? 'model'));
  const ways = waysThrough(now.model, fresh, HAZARD_NAMES);
  const undecided = [...opened.undecided];
  if (ways === undefined)
    undecided.push({ clause: '', text: 'it was too large to find out which paths use what is new' });
  return {
    hazards: HAZARD_NAMES.flatMap((hazard) => {
      const of = ({ report }: Side) => report.verdicts.find((each) => each.hazard === hazard);
      const [old, current] = [of(before), of(now)];
      return old === undefined || current === undefined
        ? []
        : changeOf(hazard, old, current, ways?.get(hazard));
    }),
    opened: { grants: opened.beyond, reached: reachedBeyond(now.model, before.model) },
    closed: { grants: closed.beyond, reached: reachedBeyond(before.model, now.model) },
    undecided,
  };
}

function changeOf(hazard: Hazard, before: Verdict, now: Verdict, way: Way | undefined): HazardChange[] {
  const words = { hazard, before: before.verdict, now: now.verdict } as const;
  switch (now.verdict) {
    case 'REFUTED': {
      if (before.verdict !== 'REFUTED') {
        const { steps, command } = now;
        return [{ ...words, change: 'opened', way: way ?? { steps, command } }];
      }
      return way === undefined ? [] : [{ ...words, change: 'another way', way }];
    }
    case 'UNKNOWN': {
      const reasons = before.verdict === 'UNKNOWN' ? reasonsBeyond(now.reasons, before.reasons) : now.reasons;
      if (before.verdict === 'REFUTED') return [{ ...words, change: 'fewer', reasons }];
      return reasons.length === 0 ? [] : [{ ...words, change: 'unknown', reasons }];
    }
    case 'PROVED': {
      if (before.verdict === 'REFUTED') return [{ ...words, change: 'closed' }];
      if (before.verdict === 'UNKNOWN') return [{ ...words, change: 'proved' }];
      const rests = {
        added: restsBeyond(now.rests, before.rests),
        removed: restsBeyond(before.rests, now.rests),
      };
      return rests.added.length + rests.removed.length === 0 ? [] : [{ ...words, change: 'rests', rests }];
    }
  }
}

const reasonsBeyond = (now: readonly Reason[], before: readonly Reason[]): Reason[] =>
  now.filter(({ text }) => before.every((each) => each.text !== text));

const restsBeyond = (now: Proved['rests'], before: Proved['rests']): Proved['rests'] =>
  now.filter(({ name }) => before.every((each) => each.name !== name));

/** Entries of the catalogue that one model has within reach and the other has not, each once. */
function reachedBeyond(now: Model, before: Model): Reached[] {
  const known = new Set(before.world.facts.flatMap((fact) => reachedBy(before, fact)?.key ?? []));
  const found = new Map<string, Reached>();
  for (const fact of now.world.facts) {
    const reached = reachedBy(now, fact);
    if (reached !== undefined && !known.has(reached.key) && !found.has(reached.key))
      found.set(reached.key, reached.reached);
  }
  return [...found.values()];
}

function reachedBy(
  { origins, destinations }: Model,
  fact: Fact,
): { key: string; reached: Reached } | undefined {
  const [predicate, where = '', id = ''] = fact;
  const text = (origins.get(keyOf(fact))?.text ?? id).split(': ', 1)[0] as string;
  if (predicate === 'trigger')
    return {
      key: `trigger ${id}`,
      reached: { id, kind: 'trigger', where: where.replace(/^file:/, ''), text },
    };
  if (predicate !== 'serves') return undefined;
  const to = destinations.get(where);
  const host = to === undefined ? where : `${to.host}:${to.port}`;
  return { key: `service ${id} ${host}`, reached: { id, kind: 'service', where: host, text } };
}
