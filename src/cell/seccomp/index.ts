/**
 * Seccomp: the cell's system call policy as data, its compiler to classic BPF, and the table that its filters are proved to decide.
 *
 * @module
 */
export { answeredCalls } from './answers.ts';
export { disassemble } from './bpf.ts';
export { compileSeccomp, verdictOf } from './compile.ts';
export { type DeniedCall, deniedCalls, deniedErrno } from './denied.ts';
export {
  type FilterSource,
  type FilterText,
  filterName,
  filterOperations,
  filterText,
  openFilters,
  type ShippedFilter,
} from './loadable.ts';
export {
  type Action,
  type Architecture,
  AUDIT_ARCH,
  allow,
  byValue,
  type Decision,
  deny,
  ERRNO,
  evaluate,
  fail,
  notify,
  type Policy,
  syscallNumber,
} from './policy.ts';
export { refusedCalls } from './refused.ts';
export { ABSENT, cellPolicy, HELPER_POLICY, type PolicyOptions } from './rules.ts';
export { specificationOf } from './specification.ts';
export { SYSCALLS, type SyscallName } from './syscalls.ts';
