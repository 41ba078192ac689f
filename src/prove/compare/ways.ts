/**
 * Paths that use something new.
 *
 * Every predicate gets a second form for what follows from something new: a rule gives the new form of its head as soon as one of its
 * premises has it. So the shortest proof of a hazard's new form is the shortest path through what was not given before, also where
 * there are shorter ones without.
 *
 * @module
 */
import type { Hazard } from '../../contract/index.ts';
import { type Fact, type HornRule, type Literal, listSteps, type ProofStep, solve } from '../logic/index.ts';
import { hazardFact, keyOf, type Model } from '../model/index.ts';
import { commandOf, stepsOf } from '../report/index.ts';
import type { Way } from './types.ts';

const MARK = 'new ';

const marked = <Of extends Literal>([predicate, ...terms]: Of): Of =>
  [MARK + predicate, ...terms] as unknown as Of;

const isMarked = ([predicate]: Fact): boolean => predicate.startsWith(MARK);

const plain = (fact: Fact): Fact => (isMarked(fact) ? [fact[0].slice(MARK.length), ...fact.slice(1)] : fact);

/** The rules, and for each premise that can be new, what follows from that. */
function markedRules(rules: readonly HornRule[], predicates: Set<string>): HornRule[] {
  for (let size = -1; size !== predicates.size; ) {
    size = predicates.size;
    for (const { head, body } of rules)
      if (body.some(([predicate]) => predicates.has(predicate))) predicates.add(head[0]);
  }
  return rules.flatMap((rule) => [
    rule,
    ...rule.body.flatMap((premise, at) =>
      predicates.has(premise[0])
        ? [
            {
              ...rule,
              id: `${rule.id}#${at}`,
              head: marked(rule.head),
              body: rule.body.map((each, index) => (index === at ? marked(each) : each)),
            },
          ]
        : [],
    ),
  ]);
}

/** Hazard → its shortest path through one of the facts. `undefined` where it was too large to find out. */
export function waysThrough(
  model: Model,
  facts: readonly Fact[],
  hazards: readonly Hazard[],
): ReadonlyMap<Hazard, Way> | undefined {
  if (facts.length === 0) return new Map();
  const { world } = model;
  const rules = markedRules(world.rules, new Set(facts.map(([predicate]) => predicate)));
  const solved = solve({ facts: [...world.facts, ...facts.map((fact) => marked(fact))], rules, bad: [] });
  if (!solved.ok) return undefined;
  const ids = new Map(world.rules.map((rule) => [rule.id, rule]));
  const found = new Map<Hazard, Way>();
  for (const hazard of hazards) {
    const proof = solved.solution.proof(marked(hazardFact(hazard)));
    if (proof === undefined) continue;
    const listed = plainSteps(listSteps(proof), ids);
    found.set(hazard, {
      steps: stepsOf(model, listed),
      command: commandOf(
        model,
        hazard,
        listed.map(({ fact }) => fact),
      ),
    });
  }
  return found;
}

/** The steps of the world's own rules; what is there as both forms is listed once. */
function plainSteps(listed: readonly ProofStep[], rules: ReadonlyMap<string, HornRule>): ProofStep[] {
  const numbers = new Map<string, number>();
  const renumbered = new Map<number, number>();
  const steps: ProofStep[] = [];
  for (const { number, fact, rule, from } of listed) {
    const own = plain(fact);
    const key = keyOf(own);
    const known = numbers.get(key);
    if (known === undefined) {
      const rest = [...new Set(from.map((each) => renumbered.get(each) as number))];
      const used = rule && (rules.get(rule.id.replace(/#\d+$/, '')) ?? rules.get(rule.id));
      steps.push({ number: steps.length + 1, fact: own, rule: used, from: rest });
      numbers.set(key, steps.length);
    }
    renumbered.set(number, known ?? steps.length);
  }
  return steps;
}
