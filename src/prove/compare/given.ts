/**
 * What one set-up gives that another does not, and which facts of its model come from that.
 *
 * @module
 */
import type { Contract } from '../../contract/index.ts';
import { asMaximum, type ContainmentOptions, exceeds } from '../maximum/index.ts';
import { keyOf, type Model } from '../model/index.ts';
import { matchesPath, type Pattern, parsePath } from '../patterns/index.ts';
import type { Given } from './types.ts';

/** What a contract gives that `other` does not. */
export function givenBeyond(contract: Contract, other: Contract, options: ContainmentOptions): Given {
  const { beyond, undecided } = exceeds(contract, asMaximum(other), options);
  const clauses = [...beyond, ...undecided].map(({ clause }) => clause);
  const written = other.files.write.flatMap((text): Pattern[] => {
    const parsed = parsePath(text);
    return parsed.ok ? [parsed.pattern] : [];
  });
  return {
    beyond,
    undecided,
    isNew: ([predicate, , what = ''], clause) => {
      if (!clauses.some((each) => concerns(each, clause))) return false;
      // of a wider pattern, only what the narrower one did not hold
      return predicate !== 'writes' || !matchesPath(written, what.replace(/^file:/, ''));
    },
  };
}

/** Whether a fact from one clause is there because of what another one gives. */
function concerns(given: string, origin: string): boolean {
  if (given === origin || isBelow(origin, given)) return true;
  // a key of a rule changes the rule; how the workspace is changed says nothing of what it holds
  return isBelow(given, origin) && origin !== 'files' && origin !== 'files.workspace';
}

const isBelow = (inner: string, outer: string): boolean =>
  inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);

/** The same for set-ups of other formats: facts that the other model does not have, wherever they were written. */
export function givenByFacts(other: Model): Given {
  const known = new Set(other.world.facts.map(identityOf));
  return { beyond: [], undecided: [], isNew: (fact) => !known.has(identityOf(fact)) };
}

/** A fact without the numbers of lists in it: entries move without anything being given. */
const identityOf = (fact: readonly string[]): string =>
  keyOf(fact as Parameters<typeof keyOf>[0]).replace(/[\w.-]*\[\d+\][\w.[\]-]*\s/g, '');
