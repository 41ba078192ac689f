/**
 * The second list of what must not run: it agrees with the first on numbers, and finds slips in policies.
 */
import { afterAll, expect, it } from 'vitest';
import { proveFilter } from '../../prove/artefacts/filter/index.ts';
import { openSolver } from '../../prove/artefacts/solver/index.ts';
import {
  allow,
  cellPolicy,
  compileSeccomp,
  type Decision,
  HELPER_POLICY,
  SYSCALLS,
  type SyscallName,
  specificationOf,
} from './index.ts';
import { NEVER, NEVER_WITH } from './never.ts';

const solver = openSolver();
afterAll(() => solver[Symbol.asyncDispose]());

it('both tables of numbers say the same', () => {
  const numbers = Object.fromEntries(
    [...Object.entries(NEVER), ...Object.entries(NEVER_WITH)].map(([name, [x86, arm]]) => [name, [x86, arm]]),
  );
  expect(numbers).toEqual(
    Object.fromEntries(Object.keys(numbers).map((name) => [name, [...SYSCALLS[name as SyscallName]]])),
  );
});

it.each<[SyscallName, string]>([
  ['mount', 'mount(2)'],
  ['io_uring_setup', 'io_uring_setup(2)'],
  ['clone', 'a new namespace by clone(2)'],
  ['socket', 'a socket of another family than Unix, IPv4, IPv6 and netlink'],
  ['ioctl', 'typing into a terminal (TIOCSTI)'],
])('a policy that lets %s run is refuted, though its filter is what it says', async (name, what) => {
  const base = cellPolicy(HELPER_POLICY);
  const policy = { ...base, rules: new Map<SyscallName, Decision>([...base.rules, [name, allow]]) };
  const program = compileSeccomp(policy, 'x86_64');
  expect(await proveFilter(program, specificationOf(policy, 'x86_64', []), solver)).toEqual({
    verdict: 'proved',
  });
  const answer = await proveFilter(program, specificationOf(policy, 'x86_64'), solver);
  expect(answer.verdict).toBe('refuted');
  expect('problem' in answer ? answer.problem : '').toContain(`no filter may let it run: ${what}`);
});
