/**
 * A policy as the table that its filter is proved to decide: numbers for names, Linux errno values for theirs. Knows nothing of
 * the compiler.
 *
 * @module
 */
import type { Choice, FilterAnswer, FilterSpecification, NeverRuns } from '../../contract/index.ts';
import { neverRuns } from './never.ts';
import { type Architecture, AUDIT_ARCH, type Decision, ERRNO, type Policy, syscallNumber } from './policy.ts';

function choiceOf(decision: Decision): Choice<FilterAnswer> {
  if ('test' in decision)
    return { test: decision.test, yes: choiceOf(decision.yes), no: choiceOf(decision.no) };
  switch (decision.do) {
    case 'allow':
      return { do: 'allow' };
    // who is denied on record is denied by the supervisor
    case 'notify':
    case 'deny':
      return { do: 'notify' };
    case 'errno':
      return { do: 'errno', errno: ERRNO[decision.errno] };
  }
}

/**
 * What the filter of a policy is to decide on an architecture.
 *
 * @param never what the policy itself is held against; default: what none of a cell may let run
 */
export function specificationOf(
  policy: Policy,
  architecture: Architecture,
  never: readonly NeverRuns[] = neverRuns(architecture),
): FilterSpecification {
  const calls: [number, Choice<FilterAnswer>][] = [];
  for (const [name, decision] of policy.rules) {
    const number = syscallNumber(name, architecture);
    if (number !== undefined) calls.push([number, choiceOf(decision)]);
  }
  calls.sort(([a], [b]) => a - b);
  const otherwise = choiceOf(policy.otherwise);
  if ('test' in otherwise) throw new TypeError('the answer to what a policy does not name asks for nothing');
  return { architecture: AUDIT_ARCH[architecture], calls, otherwise, never };
}
