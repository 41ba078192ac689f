/**
 * What one set-up gives that another does not, and which facts of its model come from that.
 *
 * @module
 */
import type { Contract } from '../../contract/index.ts';
import { asMaximum, type ContainmentOptions, exceeds, type Undecided } from '../maximum/index.ts';
import { keyOf, type Model } from '../model/index.ts';
import { matchesPath, type Pattern, parsePath } from '../patterns/index.ts';
import type { Given } from './types.ts';

/** What a contract gives that `other` does not. */
export function givenBeyond(contract: Contract, other: Contract, options: ContainmentOptions): Given {
  const { beyond, undecided: unread } = exceeds(contract, asMaximum(other), options);
  const undecided = [...unread, ...otherCommands(contract, other)];
  const clauses = [...beyond, ...unread].map(({ clause }) => clause);
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

/** What decides success, where it is another command: no comparison tells what that accepts. */
function otherCommands({ objective }: Contract, { objective: other }: Contract): Undecided[] {
  return (['success', 'hidden'] as const).flatMap((key) => {
    const [now, before] = [objective[key]?.run, other[key]?.run];
    if (now === undefined || before === undefined || now === before) return [];
    const text = `${key === 'success' ? 'success' : 'the hidden check'} is decided by another command (${before} before, ${now} now), and what that accepts cannot be compared`;
    return [{ clause: `objective.${key}.run`, text }];
  });
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
