/**
 * What the kernel does with the 32 bits that a filter returns (kernel/seccomp.c, `__seccomp_filter`; seccomp(2)).
 *
 * Two values with the same meaning are the same answer: the kernel ignores the data of some actions, cuts an errno to 4095 and ends the process
 * for an action that it does not know.
 *
 * @module
 */
import type { FilterAnswer } from '../../../contract/index.ts';

const ACTION = 0xffff0000;
const DATA = 0xffff;
const MAX_ERRNO = 4095;

/** SECCOMP_RET_* (linux/seccomp.h). */
export const RETURN = {
  killProcess: 0x80000000,
  killThread: 0x00000000,
  trap: 0x00030000,
  errno: 0x00050000,
  notify: 0x7fc00000,
  trace: 0x7ff00000,
  log: 0x7ffc0000,
  allow: 0x7fff0000,
} as const;

const WITHOUT_DATA: readonly number[] = [
  RETURN.killThread,
  RETURN.killProcess,
  RETURN.notify,
  RETURN.log,
  RETURN.allow,
];

/** The one value that stands for all with the same meaning. */
export function meaningOf(value: number): number {
  const action = (value & ACTION) >>> 0;
  const data = value & DATA;
  if (WITHOUT_DATA.includes(action)) return action;
  if (action === RETURN.errno) return (action | Math.min(data, MAX_ERRNO)) >>> 0;
  if (action === RETURN.trap || action === RETURN.trace) return value >>> 0;
  return RETURN.killProcess;
}

/** The same as a function in SMT-LIB, named `meaning`. */
export const MEANING = `(define-fun meaning ((r (_ BitVec 32))) (_ BitVec 32)
  (let ((action (bvand r ${hex(ACTION)})) (data (bvand r ${hex(DATA)})))
    (ite (or ${WITHOUT_DATA.map((value) => `(= action ${hex(value)})`).join(' ')}) action
    (ite (= action ${hex(RETURN.errno)}) (bvor action (ite (bvugt data ${hex(MAX_ERRNO)}) ${hex(MAX_ERRNO)} data))
    (ite (or (= action ${hex(RETURN.trap)}) (= action ${hex(RETURN.trace)})) r
      ${hex(RETURN.killProcess)})))))`;

/** A 32-bit constant in SMT-LIB. */
export function hex(value: number): string {
  return `#x${(value >>> 0).toString(16).padStart(8, '0')}`;
}

/** The value by which a filter gives an answer. */
export function returnOf(answer: FilterAnswer): number {
  switch (answer.do) {
    case 'allow':
      return RETURN.allow;
    case 'notify':
      return RETURN.notify;
    case 'errno':
      return (RETURN.errno | answer.errno) >>> 0;
  }
}

/** What the kernel does, in words: `fails with errno 38`. */
export function meaningText(value: number): string {
  const meaning = meaningOf(value);
  const data = meaning & DATA;
  switch ((meaning & ACTION) >>> 0) {
    case RETURN.allow:
      return 'runs';
    case RETURN.log:
      return 'runs and is logged';
    case RETURN.trace:
      return `stops for a tracer (${data})`;
    case RETURN.notify:
      return 'is given to the supervisor';
    case RETURN.errno:
      return `fails with errno ${data}`;
    case RETURN.trap:
      return `raises SIGSYS (${data})`;
    case RETURN.killThread:
      return 'kills the thread';
    default:
      return 'kills the process';
  }
}
