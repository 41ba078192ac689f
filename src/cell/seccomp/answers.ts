/**
 * Which calls a filter answers with an error whatever they ask for: probes make them, and see whether it is the filter that was
 * planned.
 *
 * @module
 */
import { type Architecture, decide, ERRNO, type Policy, syscallNumber } from './policy.ts';

/** Numbers that kernels know so far, and some room: what is unknown to the policy is answered, too. */
const NUMBERS = 480;
/** Every argument: no address, no descriptor, no process, no known flags. A call that runs with it does nothing. */
const ALL_ONES: readonly bigint[] = Array<bigint>(6).fill((1n << 64n) - 1n);

/** `[number, errno]` of each call that fails for these arguments, by the filter alone or by the supervisor's refusal. */
export function answeredCalls(policy: Policy, architecture: Architecture): [number: number, errno: number][] {
  const rules = new Map(
    [...policy.rules].map(([name, decision]) => [syscallNumber(name, architecture), decision]),
  );
  return Array.from({ length: NUMBERS }, (_, number) => number).flatMap((number): [number, number][] => {
    const action = decide(rules.get(number) ?? policy.otherwise, ALL_ONES);
    return action.do === 'errno' || action.do === 'deny' ? [[number, ERRNO[action.errno]]] : [];
  });
}
