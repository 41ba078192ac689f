/**
 * Classic BPF as the kernel takes it for seccomp: the instructions, and what makes a program one that it loads.
 *
 * From the kernel's documentation (Documentation/networking/filter.rst), its user headers (linux/bpf_common.h,
 * linux/filter.h, linux/seccomp.h) and the checks of `bpf_check_classic` (net/core/filter.c) and `seccomp_check_filter` (kernel/seccomp.c).
 *
 * @module
 */

/** struct sock_filter: operation, jump distances 0–255, 32-bit operand. */
export interface Instruction {
  code: number;
  jt: number;
  jf: number;
  k: number;
}

/** Operations on A with the operand or with X: the code's high four bits, shifted down by four. */
export const ARITHMETIC = [
  'add',
  'sub',
  'mul',
  'div',
  'or',
  'and',
  'lsh',
  'rsh',
  'neg',
  'mod',
  'xor',
] as const;
export type Arithmetic = Exclude<(typeof ARITHMETIC)[number], 'mod'>;

/** Conditions of jumps: the code's high four bits, shifted down by four. */
const CONDITIONS = ['always', 'equal', 'greater', 'at-least', 'any-bit'] as const;
export type Condition = Exclude<(typeof CONDITIONS)[number], 'always'>;

export type Operand = { from: 'k'; k: number } | { from: 'x' };

/** An instruction, read. Distances are counted from the instruction behind it. */
export type Operation =
  /** a 32-bit word of struct seccomp_data, by its place: 0 is the number, 1 the architecture, 2–3 the address, 4–15 the arguments */
  | { do: 'load-word'; word: number }
  | { do: 'load'; to: 'a' | 'x'; from: { constant: number } | { cell: number } }
  | { do: 'store'; from: 'a' | 'x'; cell: number }
  | { do: 'copy'; from: 'a' | 'x' }
  | { do: 'arithmetic'; operator: Arithmetic; operand: Operand }
  | { do: 'jump'; distance: number }
  | { do: 'branch'; condition: Condition; operand: Operand; yes: number; no: number }
  | { do: 'return'; value: { constant: number } | 'a' };

/** Bytes of struct seccomp_data. */
const DATA_SIZE = 64;
/** BPF_MEMWORDS */
const CELLS = 16;
/** BPF_MAXINSNS */
const LONGEST = 4096;

export type Checked = { ok: true; operations: readonly Operation[] } | { ok: false; problem: string };

/** Instructions from bytes, 8 a piece, little endian. @throws RangeError when the length is no multiple of 8 */
export function decode(bytes: Uint8Array): Instruction[] {
  if (bytes.length % 8 !== 0) throw new RangeError(`a BPF program of ${bytes.length} bytes is cut off`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, index) => ({
    code: view.getUint16(index * 8, true),
    jt: view.getUint8(index * 8 + 2),
    jf: view.getUint8(index * 8 + 3),
    k: view.getUint32(index * 8 + 4, true),
  }));
}

const isUnsigned = (value: number, bits: number): boolean =>
  Number.isInteger(value) && value >= 0 && value < 2 ** bits;

/** Reads one instruction; undefined for one that seccomp does not take, and for fields that struct sock_filter cannot hold. */
function read({ code, jt, jf, k }: Instruction): Operation | undefined {
  if (!isUnsigned(code, 8) || !isUnsigned(jt, 8) || !isUnsigned(jf, 8) || !isUnsigned(k, 32))
    return undefined;
  const operand: Operand = (code & 0x08) !== 0 ? { from: 'x' } : { from: 'k', k };
  const group = code >> 4;
  switch (code & 0x07) {
    case 0x00: // BPF_LD
      if (code === 0x20) return k % 4 === 0 && k < DATA_SIZE ? { do: 'load-word', word: k / 4 } : undefined;
      return readLoad(code & ~0x07, 'a', k);
    case 0x01: // BPF_LDX
      return readLoad(code & ~0x07, 'x', k);
    case 0x02: // BPF_ST, BPF_STX
    case 0x03:
      return code <= 0x03 && k < CELLS
        ? { do: 'store', from: code === 0x02 ? 'a' : 'x', cell: k }
        : undefined;
    case 0x04:
      return readArithmetic(group, operand);
    case 0x05: {
      const condition = CONDITIONS[group];
      if (condition === undefined) return undefined;
      if (condition === 'always') return code === 0x05 ? { do: 'jump', distance: k } : undefined;
      return { do: 'branch', condition, operand, yes: jt, no: jf };
    }
    case 0x06: // BPF_RET
      if (code === 0x06) return { do: 'return', value: { constant: k } };
      return code === 0x16 ? { do: 'return', value: 'a' } : undefined;
    default: // BPF_MISC
      if (code === 0x07) return { do: 'copy', from: 'a' };
      return code === 0x87 ? { do: 'copy', from: 'x' } : undefined;
  }
}

/** Immediate, memory cell, length of the data (always 64 here). */
function readLoad(mode: number, to: 'a' | 'x', k: number): Operation | undefined {
  if (mode === 0x00) return { do: 'load', to, from: { constant: k } };
  if (mode === 0x60) return k < CELLS ? { do: 'load', to, from: { cell: k } } : undefined;
  return mode === 0x80 ? { do: 'load', to, from: { constant: DATA_SIZE } } : undefined;
}

function readArithmetic(group: number, operand: Operand): Operation | undefined {
  const operator = ARITHMETIC[group];
  if (operator === undefined || operator === 'mod') return undefined;
  if (operator === 'neg') return operand.from === 'k' ? { do: 'arithmetic', operator, operand } : undefined;
  if (operand.from === 'k') {
    if (operator === 'div' && operand.k === 0) return undefined;
    if ((operator === 'lsh' || operator === 'rsh') && operand.k >= 32) return undefined;
  }
  return { do: 'arithmetic', operator, operand };
}

/** The instructions that may follow the one at `at`. */
export function successors(operation: Operation, at: number): number[] {
  switch (operation.do) {
    case 'return':
      return [];
    case 'jump':
      return [at + 1 + operation.distance];
    case 'branch':
      return [at + 1 + operation.yes, at + 1 + operation.no];
    default:
      return [at + 1];
  }
}

/** A program as the kernel would take it, or why it would not. */
export function checkProgram(instructions: readonly Instruction[]): Checked {
  const refuse = (at: number, why: string): Checked => ({ ok: false, problem: `instruction ${at} ${why}` });
  const length = instructions.length;
  if (length === 0 || length > LONGEST)
    return { ok: false, problem: `it has ${length} instructions; the kernel takes 1 to ${LONGEST}` };
  const operations: Operation[] = [];
  for (const [at, instruction] of instructions.entries()) {
    const operation = read(instruction);
    if (operation === undefined)
      return refuse(
        at,
        `(code 0x${instruction.code.toString(16)}, operand ${instruction.k}) is none of seccomp's`,
      );
    const beyond = successors(operation, at).find((next) => next >= length);
    if (beyond !== undefined) return refuse(at, `leads behind the last one`);
    operations.push(operation);
  }
  const unset = firstUnsetCell(operations);
  return unset === undefined
    ? { ok: true, operations }
    : refuse(unset, 'reads a memory cell before it is set');
}

/** As `check_load_and_stores` (net/core/filter.c): a cell may be read where every way to the instruction has set it. */
function firstUnsetCell(operations: readonly Operation[]): number | undefined {
  const ALL = 0xffff;
  const arriving = new Array<number>(operations.length).fill(ALL);
  let set = 0;
  for (const [at, operation] of operations.entries()) {
    set &= arriving[at] ?? ALL;
    if (operation.do === 'store') set |= 1 << operation.cell;
    else if (operation.do === 'load' && 'cell' in operation.from) {
      if ((set & (1 << operation.from.cell)) === 0) return at;
    } else if (operation.do === 'jump' || operation.do === 'branch') {
      for (const next of successors(operation, at)) arriving[next] = (arriving[next] ?? ALL) & set;
      set = ALL;
    }
  }
  return undefined;
}
