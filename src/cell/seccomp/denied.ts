/**
 * What the supervisor needs to know of the policy: which notified calls it refuses, with which errno, and their names.
 *
 * @module
 */
import {
  type Architecture,
  type Decision,
  ERRNO,
  type ErrnoName,
  type Policy,
  syscallNumber,
} from './policy.ts';
import type { SyscallName } from './syscalls.ts';

/** A notified call that is refused: answer with `errno` (Linux number), record it under `name`. */
export interface DeniedCall {
  number: number;
  name: SyscallName;
  errno: number;
  errnoName: ErrnoName;
}

function denials(decision: Decision): ErrnoName[] {
  if ('do' in decision) return decision.do === 'deny' ? [decision.errno] : [];
  return [...denials(decision.yes), ...denials(decision.no)];
}

/**
 * The calls that, once notified, are refused, ordered by number. A call has one errno, whatever its arguments, and is
 * never both refused and supervised, so its number alone tells the supervisor what to do.
 */
export function deniedCalls(policy: Policy, arch: Architecture): DeniedCall[] {
  const calls: DeniedCall[] = [];
  for (const [name, decision] of policy.rules) {
    const number = syscallNumber(name, arch);
    const errnoName = denials(decision)[0];
    if (number !== undefined && errnoName !== undefined) {
      calls.push({ number, name, errno: ERRNO[errnoName], errnoName });
    }
  }
  return calls.sort((a, b) => a.number - b.number);
}

/** Linux errno with which the supervisor answers a refused call; undefined for a call that the policy never refuses. */
export function deniedErrno(policy: Policy, syscall: SyscallName): number | undefined {
  const decision = policy.rules.get(syscall);
  const name = decision && denials(decision)[0];
  return name && ERRNO[name];
}
