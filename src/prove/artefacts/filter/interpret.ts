/**
 * An interpreter of seccomp's classic BPF: what the kernel would answer, and what it costs. Tests compare it with the kernel.
 *
 * @module
 */
import {
  type Arithmetic,
  type Condition,
  checkProgram,
  decode,
  type Instruction,
  type Operand,
  type Operation,
} from './program.ts';

/** What seccomp sees of a call (`struct seccomp_data`, linux/seccomp.h). */
export interface Call {
  nr: number;
  /** AUDIT_ARCH_* value, linux/audit.h */
  arch: number;
  /** six unsigned 64-bit values; what is missing is 0 */
  args: readonly bigint[];
  /** address of the instruction behind the call; 0 where it is left out */
  ip?: bigint;
}

export interface Outcome {
  /** SECCOMP_RET_* with its data */
  verdict: number;
  /** instructions executed */
  steps: number;
}

/** The sixteen 32-bit words of struct seccomp_data, little endian. */
export function wordsOf(call: Call): number[] {
  const low = (value: bigint) => Number(BigInt.asUintN(32, value));
  const wide = [call.ip ?? 0n, ...Array.from({ length: 6 }, (_, index) => call.args[index] ?? 0n)];
  return [call.nr >>> 0, call.arch >>> 0, ...wide.flatMap((value) => [low(value), low(value >> 32n)])];
}

/** `a operator b` on unsigned 32-bit integers; undefined for a division by 0. */
export function calculate(operator: Arithmetic, a: number, b: number): number | undefined {
  switch (operator) {
    case 'add':
      return (a + b) >>> 0;
    case 'sub':
      return (a - b) >>> 0;
    case 'mul':
      return Math.imul(a, b) >>> 0;
    case 'div':
      return b === 0 ? undefined : Math.floor(a / b);
    case 'or':
      return (a | b) >>> 0;
    case 'and':
      return (a & b) >>> 0;
    case 'xor':
      return (a ^ b) >>> 0;
    case 'lsh':
      return (a << (b & 31)) >>> 0;
    case 'rsh':
      return a >>> (b & 31);
    case 'neg':
      return -a >>> 0;
  }
}

export function holds(condition: Condition, a: number, b: number): boolean {
  switch (condition) {
    case 'equal':
      return a === b;
    case 'greater':
      return a > b;
    case 'at-least':
      return a >= b;
    case 'any-bit':
      return (a & b) !== 0;
  }
}

/**
 * A program, ready to be run on calls.
 *
 * @throws RangeError for a program that the kernel would not load
 */
export function interpreterOf(program: Uint8Array | readonly Instruction[]): (call: Call) => Outcome {
  const checked = checkProgram(program instanceof Uint8Array ? decode(program) : program);
  if (!checked.ok) throw new RangeError(checked.problem);
  return (call) => run(checked.operations, wordsOf(call));
}

/**
 * Run a program on one call.
 *
 * @throws RangeError for a program that the kernel would not load
 */
export const interpret = (program: Uint8Array | readonly Instruction[], call: Call): Outcome =>
  interpreterOf(program)(call);

function run(operations: readonly Operation[], words: readonly number[]): Outcome {
  const cells = new Array<number>(16).fill(0);
  let a = 0;
  let x = 0;
  const operandValue = (operand: Operand) => (operand.from === 'x' ? x : operand.k);
  for (let at = 0, steps = 1; ; at++, steps++) {
    const operation = operations[at];
    if (operation === undefined) throw new RangeError(`instruction ${at} is outside of the program`);
    switch (operation.do) {
      case 'load-word':
        a = words[operation.word] ?? 0;
        break;
      case 'load': {
        const value = 'cell' in operation.from ? (cells[operation.from.cell] ?? 0) : operation.from.constant;
        if (operation.to === 'a') a = value;
        else x = value;
        break;
      }
      case 'store':
        cells[operation.cell] = operation.from === 'a' ? a : x;
        break;
      case 'copy':
        if (operation.from === 'a') x = a;
        else a = x;
        break;
      case 'arithmetic': {
        const result = calculate(operation.operator, a, operandValue(operation.operand));
        if (result === undefined) return { verdict: 0, steps }; // the kernel ends the program with 0
        a = result;
        break;
      }
      case 'jump':
        at += operation.distance;
        break;
      case 'branch':
        at += holds(operation.condition, a, operandValue(operation.operand)) ? operation.yes : operation.no;
        break;
      case 'return':
        return { verdict: operation.value === 'a' ? a : operation.value.constant, steps };
    }
  }
}
