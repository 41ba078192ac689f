/**
 * Hazards, rules and entries of the catalogue by name.
 *
 * @module
 */
import { HAZARD_NAMES, HAZARDS, type Hazard } from '../../contract/index.ts';
import type { Affordance, Catalogue } from '../catalogue/index.ts';
import type { HornRule, Literal } from '../logic/index.ts';
import { RULES } from '../model/index.ts';
import { COVERS_NOT } from '../report/index.ts';
import { ABOUT } from './hazards.ts';

export interface HazardTopic {
  readonly kind: 'hazard';
  readonly id: Hazard;
  readonly meaning: string;
  readonly about: string;
  /** Rules after which it can happen. */
  readonly rules: readonly HornRule[];
  /** Rules after which nothing is known of it. */
  readonly unknown: readonly HornRule[];
  readonly affordances: readonly Affordance[];
  readonly closes: readonly string[];
  readonly coversNot: readonly string[];
}

export interface RuleTopic {
  readonly kind: 'rule';
  readonly id: string;
  readonly rule: HornRule;
  /** Hazards that it derives itself or leaves unknown. */
  readonly hazards: readonly Hazard[];
  /** Rules that use what it derives. */
  readonly leadsTo: readonly HornRule[];
  /** Entries of the catalogue that it applies to. */
  readonly affordances: readonly Affordance[];
}

export interface AffordanceTopic {
  readonly kind: 'affordance';
  readonly id: string;
  readonly affordance: Affordance;
  /** Rules that use what it gives. */
  readonly rules: readonly HornRule[];
}

export type Topic = HazardTopic | RuleTopic | AffordanceTopic;

/** Every name that can be explained: hazards, then rules, then entries. */
export function topicNames({ affordances }: Catalogue): string[] {
  return [...HAZARD_NAMES, ...RULES.map(({ id }) => id), ...affordances.map(({ id }) => id)];
}

/**
 * What bears a name; reports write `rule ID` and `catalogue ID`, which are understood, too.
 *
 * @returns `undefined` where nothing does
 */
export function findTopic(name: string, catalogue: Catalogue): Topic | undefined {
  const id = name.trim().replace(/^(rule|catalogue|hazard)\s+/, '');
  if (Object.hasOwn(HAZARDS, id)) return hazardTopic(id as Hazard, catalogue);
  const rule = RULES.find((each) => each.id === id);
  if (rule !== undefined) return ruleTopic(rule, catalogue);
  const affordance = catalogue.affordances.find((each) => each.id === id);
  if (affordance === undefined) return undefined;
  return { kind: 'affordance', id, affordance, rules: RULES.filter((each) => applies(each, affordance)) };
}

export function hazardTopic(id: Hazard, { affordances }: Catalogue): HazardTopic {
  const { about, closes, beyond } = ABOUT[id];
  return {
    kind: 'hazard',
    id,
    meaning: HAZARDS[id],
    about,
    rules: RULES.filter(({ head }) => head[0] === 'hazard' && head[1] === id),
    unknown: RULES.filter(({ head }) => head[0] === 'undecided' && head[1] === id),
    affordances: affordances.filter(({ hazards }) => hazards.includes(id)),
    closes,
    coversNot: [beyond, ...COVERS_NOT],
  };
}

export function ruleTopic(rule: HornRule, { affordances }: Catalogue): RuleTopic {
  const [predicate, first] = rule.head;
  const isGoal = predicate === 'hazard' || predicate === 'undecided';
  return {
    kind: 'rule',
    id: rule.id,
    rule,
    hazards: isGoal ? [first as Hazard] : [],
    leadsTo: isGoal ? [] : RULES.filter(({ body }) => body.some((literal) => canMatch(literal, rule.head))),
    affordances: affordances.filter((each) => applies(rule, each)),
  };
}

/** Whether a rule asks for something that the entry gives. */
function applies({ body }: HornRule, { gives, kind }: Affordance): boolean {
  const asked = body.filter(([predicate]) => predicate === 'gives').map((literal) => literal[2]);
  if (asked.length === 0) return false;
  const grounds = body.map(([predicate]) => predicate);
  if (grounds.includes('trigger') && kind !== 'trigger') return false;
  if (grounds.includes('serves') && kind === 'trigger') return false;
  return asked.every((gain) => typeof gain !== 'string' || (gives as readonly string[]).includes(gain));
}

/** Whether two literals can be about the same fact. */
function canMatch(one: Literal, other: Literal): boolean {
  if (one.length !== other.length) return false;
  return one.every(
    (term, at) => typeof term !== 'string' || typeof other[at] !== 'string' || term === other[at],
  );
}

/** `knows agent D`: a literal as it is written, variables by their names. */
export function literalText(literal: Literal): string {
  return literal.map((term) => (typeof term === 'string' ? term : term.var)).join(' ');
}
