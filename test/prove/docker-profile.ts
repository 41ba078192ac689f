/**
 * A seccomp profile in Docker's JSON format as a policy of ours, for one architecture: what the profile gives a container with the
 * engine's default capabilities. Format: runtime-spec, config-linux.md, "Seccomp"; comparisons as seccomp_rule_add(3).
 *
 * @module
 */
import { z } from 'zod';
import {
  type Action,
  type Architecture,
  allow,
  type Decision,
  fail,
  type Policy,
  SYSCALLS,
  type SyscallName,
} from '../../src/cell/seccomp/index.ts';
import type { ArgumentTest, Comparison } from '../../src/contract/index.ts';

const CAPABILITIES =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'
    .split(' ')
    .map((name) => `CAP_${name}`);

const filter = z.optional(
  z.object({
    caps: z.optional(z.array(z.string())),
    arches: z.optional(z.array(z.string())),
    minKernel: z.optional(z.string()),
  }),
);
const profile = z.object({
  defaultAction: z.literal('SCMP_ACT_ERRNO'),
  defaultErrnoRet: z.number(),
  syscalls: z.array(
    z.object({
      names: z.array(z.string()),
      action: z.enum(['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO']),
      errnoRet: z.optional(z.number()),
      args: z.optional(
        z.array(
          z.object({
            index: z.number(),
            value: z.number(),
            valueTwo: z.optional(z.number()),
            op: z.string(),
          }),
        ),
      ),
      includes: filter,
      excludes: filter,
    }),
  ),
});
type Rule = z.infer<typeof profile>['syscalls'][number];

const COMPARED: Record<string, Comparison> = {
  SCMP_CMP_NE: 'not-equal',
  SCMP_CMP_LT: 'less',
  SCMP_CMP_LE: 'at-most',
  SCMP_CMP_EQ: 'equal',
  SCMP_CMP_GE: 'at-least',
  SCMP_CMP_GT: 'greater',
};

function testOf({ index, value, valueTwo = 0, op }: NonNullable<Rule['args']>[number]): ArgumentTest {
  if (op === 'SCMP_CMP_MASKED_EQ')
    return { arg: index, is: 'wide', compares: 'equal', to: BigInt(valueTwo), mask: BigInt(value) };
  const compares = COMPARED[op];
  if (compares === undefined) throw new Error(`an operator that is not known: ${op}`);
  return { arg: index, is: 'wide', compares, to: BigInt(value) };
}

function applies({ includes, excludes }: Rule, arch: Architecture): boolean {
  const word = arch === 'x86_64' ? 'amd64' : 'arm64';
  const holds = (caps: string[] | undefined) => caps?.every((name) => CAPABILITIES.includes(name)) ?? true;
  if (includes && !(holds(includes.caps) && (includes.arches?.includes(word) ?? true))) return false;
  const named = excludes?.caps?.some((name) => CAPABILITIES.includes(name)) ?? false;
  return !named && !(excludes?.arches?.includes(word) ?? false);
}

/** @throws where the profile holds what this reading does not know */
export function policyOfProfile(json: unknown, arch: Architecture): Policy {
  const { syscalls, defaultErrnoRet } = profile.parse(json);
  const errno = (value: number): Action => {
    if (value === 1) return fail('EPERM');
    if (value === 38) return fail('ENOSYS');
    throw new Error(`an errno that is not known: ${value}`);
  };
  const otherwise = errno(defaultErrnoRet);
  const rules = new Map<SyscallName, Decision>();
  // what comes first is asked first
  for (const rule of [...syscalls].reverse()) {
    if (!applies(rule, arch)) continue;
    const action = rule.action === 'SCMP_ACT_ALLOW' ? allow : errno(rule.errnoRet ?? defaultErrnoRet);
    for (const name of rule.names.filter((each): each is SyscallName => each in SYSCALLS)) {
      const rest = rules.get(name) ?? otherwise;
      const tests = (rule.args ?? []).map(testOf);
      rules.set(
        name,
        tests.length === 0 ? action : { test: { is: 'all', of: tests }, yes: action, no: rest },
      );
    }
  }
  return { rules, otherwise };
}
