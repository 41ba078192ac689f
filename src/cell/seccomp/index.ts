/**
 * Seccomp: the cell's system call policy as data, its compiler to classic BPF, and an interpreter that checks it.
 *
 * @module
 */
export { disassemble } from './bpf.ts';
export { compileSeccomp, verdictOf } from './compile.ts';
export { type DeniedCall, deniedCalls, deniedErrno } from './denied.ts';
export { interpret, type Outcome } from './interpret.ts';
export {
  type Action,
  type Architecture,
  AUDIT_ARCH,
  allow,
  byValue,
  type CallData,
  type Decision,
  deny,
  ERRNO,
  evaluate,
  fail,
  notify,
  type Policy,
  syscallNumber,
} from './policy.ts';
export { ABSENT, cellPolicy, type PolicyOptions } from './rules.ts';
export { SYSCALLS, type SyscallName } from './syscalls.ts';
