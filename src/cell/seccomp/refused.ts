/**
 * Which calls a supervisor is to refuse, read from the policy anew: what the compiler of plans made of it is held against this.
 *
 * @module
 */
import { type Architecture, type Decision, ERRNO, type Policy, syscallNumber } from './policy.ts';

/** Calls that a policy refuses on record, with the errno of each (Linux numbers). */
export function refusedCalls(policy: Policy, architecture: Architecture): Map<number, number> {
  const found = new Map<number, number>();
  for (const [name, decision] of policy.rules) {
    const pending: Decision[] = [decision];
    const number = syscallNumber(name, architecture);
    for (let at = pending.pop(); at !== undefined && number !== undefined; at = pending.pop()) {
      if ('test' in at) pending.push(at.no, at.yes);
      else if (at.do === 'deny') found.set(number, ERRNO[at.errno]);
    }
  }
  return found;
}
