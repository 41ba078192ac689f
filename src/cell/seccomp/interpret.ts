/**
 * An interpreter of the BPF subset that is used: tells what the kernel will answer, and what it costs.
 *
 * @module
 */
import { decode, type Instruction, OPCODE } from './bpf.ts';
import type { CallData } from './policy.ts';

export interface Outcome {
  /** SECCOMP_RET_* with its data */
  verdict: number;
  /** instructions executed */
  steps: number;
}

function loadWord(call: CallData, offset: number): number {
  if (offset === 0) return call.nr >>> 0;
  if (offset === 4) return call.arch >>> 0;
  const arg = call.args[(offset - 16) >> 3];
  if (offset < 16 || offset % 4 !== 0 || arg === undefined) {
    throw new RangeError(`a load at offset ${offset} is outside of what this interpreter knows`);
  }
  return Number(BigInt.asUintN(32, offset % 8 === 0 ? arg : arg >> 32n));
}

/**
 * Run a program on a call.
 *
 * @throws RangeError for an unknown instruction or one that leaves the program, which the kernel would not load
 */
export function interpret(program: Uint8Array | readonly Instruction[], call: CallData): Outcome {
  const instructions = program instanceof Uint8Array ? decode(program) : program;
  let accumulator = 0;
  let at = 0;
  for (let steps = 1; ; steps++) {
    const instruction = instructions[at];
    if (!instruction) throw new RangeError(`instruction ${at} is outside of the program`);
    const { code, jt, jf, k } = instruction;
    at++;
    if (code === OPCODE.return) return { verdict: k, steps };
    else if (code === OPCODE.load) accumulator = loadWord(call, k);
    else if (code === OPCODE.and) accumulator = (accumulator & k) >>> 0;
    else if (code === OPCODE.jump) at += k;
    else if (code === OPCODE.jumpEqual) at += accumulator === k ? jt : jf;
    else if (code === OPCODE.jumpAtLeast) at += accumulator >= k ? jt : jf;
    else if (code === OPCODE.jumpAnyBit) at += (accumulator & k) !== 0 ? jt : jf;
    else throw new RangeError(`instruction ${at - 1} has the unknown opcode 0x${code.toString(16)}`);
  }
}
