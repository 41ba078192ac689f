/**
 * Correlations: what several matches of rules amount to. Each is judged whenever one of its rules matches, over the time
 * from `timespan` before to now, both included. State is bounded: groups by number, and within a group only what the
 * condition can still ask for; what had to be dropped is counted.
 *
 * @module
 */
import type { Observation } from '../observation.ts';
import { keyPart } from './keys.ts';
import { namesOfRule } from './names.ts';
import type { SigmaCorrelation } from './types.ts';
import { chainWindow, eventWindow, presenceWindow, sizeOf, valueWindow, type Window } from './windows.ts';

/** What all groups of one correlation may remember together, in events. */
const BUDGET = 200_000;

export interface Firing {
  /** what is the same in it, for people: `User=root` */
  readonly group: string;
  /** ledger events, ascending */
  readonly cites: readonly number[];
  /** true: it was not so at the event before */
  readonly risen: boolean;
}

interface Group {
  readonly window: Window;
  firedAt: number;
}

/** A match of one of the rules that a correlation refers to. */
export interface Match {
  /** index in the correlation's `rules` */
  readonly rule: number;
  readonly cites: readonly number[];
}

export class Correlator {
  readonly #rule: SigmaCorrelation;
  readonly #groups = new Map<string, Group>();
  readonly #maxGroups: number;
  #lost = 0;

  /**
   * @param maxGroups groups that are remembered; beyond them the one that was quiet longest is forgotten. Default: 64 to
   * 5000, fewer where each remembers more.
   */
  constructor(
    rule: SigmaCorrelation,
    maxGroups = Math.max(64, Math.min(5000, Math.floor(BUDGET / sizeOf(rule)))),
  ) {
    this.#rule = rule;
    this.#maxGroups = maxGroups;
  }

  #fieldOf(name: string, rule: number): string {
    return this.#rule.aliases[name]?.[this.#rule.rules[rule] as string] ?? name;
  }

  #keyOf({ run, cell, fields }: Observation, rule: number): string {
    const { groupBy, across } = this.#rule;
    const parts = groupBy.map((name) => keyPart(fields[this.#fieldOf(name, rule)]));
    return JSON.stringify(across ? parts : [run, cell, ...parts]);
  }

  /** All of its rules that one observation matched, at once. `time` never goes back. */
  observe(observation: Observation, time: number, matches: readonly Match[]): Firing[] {
    const firings: Firing[] = [];
    const byKey = new Map<string, Match[]>();
    for (const match of [...matches].sort((first, second) => first.rule - second.rule)) {
      const key = this.#keyOf(observation, match.rule);
      const same = byKey.get(key);
      if (same === undefined) byKey.set(key, [match]);
      else same.push(match);
    }
    for (const [key, same] of byKey) {
      const group = this.#group(key, time);
      const rules = same.map(({ rule }) => rule);
      const cites = [...new Set(same.flatMap((match) => match.cites))].sort(
        (first, second) => first - second,
      );
      const values = this.#rule.fields.map(
        (name) => observation.fields[this.#fieldOf(name, rules[0] as number)],
      );
      const judged = group.window.add(time, rules, values, cites);
      this.#lost += group.window.lost?.() ?? 0;
      if (judged === undefined) continue;
      const risen = group.firedAt < 0 || time - group.firedAt > this.#rule.timespan || !group.window.held;
      group.window.held = judged;
      if (!judged) continue;
      group.firedAt = time;
      firings.push({
        group: this.#describe(observation, rules[0] as number),
        cites: risen ? group.window.cites(time) : cites,
        risen,
      });
    }
    return firings;
  }

  #describe({ fields }: Observation, rule: number): string {
    return this.#rule.groupBy
      .map((name) => {
        const value = fields[this.#fieldOf(name, rule)];
        return `${name}=${value === undefined ? 'none' : String(value).slice(0, 80)}`;
      })
      .join(', ');
  }

  #group(key: string, time: number): Group {
    const known = this.#groups.get(key);
    if (known !== undefined) {
      // last in the order of the map: the one that was quiet longest is first
      this.#groups.delete(key);
      this.#groups.set(key, known);
      return known;
    }
    for (const [oldest, { window }] of this.#groups) {
      const alive = time - window.last <= this.#rule.timespan;
      if (alive && this.#groups.size < this.#maxGroups) break;
      this.#groups.delete(oldest);
      if (alive) this.#lost += 1;
      // two at a time, so that what is over goes, and no event pays for all of it
      if (!alive && this.#groups.size < this.#maxGroups / 2) break;
    }
    const group: Group = { window: windowOf(this.#rule), firedAt: -1 };
    this.#groups.set(key, group);
    return group;
  }

  lost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }
}

function windowOf(rule: SigmaCorrelation): Window {
  switch (rule.type) {
    case 'event_count':
      return eventWindow(rule);
    case 'value_count':
    case 'value_sum':
    case 'value_avg':
    case 'value_median':
    case 'value_percentile':
      return valueWindow(rule);
    case 'temporal':
      return presenceWindow(rule);
    case 'temporal_ordered':
      return chainWindow(rule);
  }
}

/** Correlations so that each comes after those it refers to; what refers to nothing that is there never matches. */
export function inOrder(rules: readonly SigmaCorrelation[]): SigmaCorrelation[] {
  const byName = new Map(rules.flatMap((rule) => namesOfRule(rule).map((name) => [name, rule] as const)));
  const ordered = new Set<SigmaCorrelation>();
  const visit = (rule: SigmaCorrelation, open: ReadonlySet<SigmaCorrelation>): void => {
    if (ordered.has(rule) || open.has(rule)) return;
    for (const name of rule.rules) {
      const below = byName.get(name) ?? byName.get(name.toLowerCase());
      if (below !== undefined) visit(below, new Set([...open, rule]));
    }
    ordered.add(rule);
  };
  for (const rule of rules) visit(rule, new Set());
  return [...ordered];
}
