/**
 * Classic BPF as seccomp takes it: the instructions used here, their encoding, and a disassembler.
 *
 * @module
 */

import { decode, type Instruction } from '../../prove/artefacts/filter/index.ts';

export type { Instruction };

/** Opcodes (linux/bpf_common.h): class, size, mode and operation already combined. */
export const OPCODE = {
  /** A = the 32-bit word at byte offset k of struct seccomp_data */
  load: 0x20,
  /** A = A & k */
  and: 0x54,
  /** skip jt instructions when A == k, else jf */
  jumpEqual: 0x15,
  /** skip jt instructions when A >= k (unsigned), else jf */
  jumpAtLeast: 0x35,
  /** skip jt instructions when A > k (unsigned), else jf */
  jumpGreater: 0x25,
  /** skip jt instructions when A & k, else jf */
  jumpAnyBit: 0x45,
  /** skip k instructions */
  jump: 0x05,
  /** end with the verdict k */
  return: 0x06,
} as const;

/** Seccomp verdicts (linux/seccomp.h); the low 16 bits carry the errno. */
export const VERDICT = { allow: 0x7fff0000, notify: 0x7fc00000, errno: 0x00050000 } as const;

/** Bytes of the program: 8 a piece, little endian (both architectures are). */
export function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, jt, jf, k }, index) => {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, jt);
    view.setUint8(index * 8 + 3, jf);
    view.setUint32(index * 8 + 4, k >>> 0, true);
  });
  return bytes;
}

function verdictText(k: number): string {
  if (k === VERDICT.allow) return 'allow';
  if (k === VERDICT.notify) return 'notify';
  if ((k & 0xffff0000) === VERDICT.errno) return `errno ${k & 0xffff}`;
  return `0x${k.toString(16)}`;
}

function fieldText(offset: number): string {
  if (offset === 0) return 'nr';
  if (offset === 4) return 'arch';
  if (offset >= 16 && offset < 64) {
    return `arg${(offset - 16) >> 3}.${(offset - 16) % 8 === 0 ? 'low' : 'high'}`;
  }
  return `[${offset}]`;
}

/** One line an instruction, with absolute jump targets. */
export function disassemble(bytes: Uint8Array): string {
  return decode(bytes)
    .map(({ code, jt, jf, k }, index) => {
      const hex = `0x${k.toString(16)}`;
      const branch = (operator: string) =>
        `if A ${operator} ${hex} goto ${index + 1 + jt} else ${index + 1 + jf}`;
      const text = {
        [OPCODE.load]: () => `A = ${fieldText(k)}`,
        [OPCODE.and]: () => `A &= ${hex}`,
        [OPCODE.jumpEqual]: () => branch('=='),
        [OPCODE.jumpAtLeast]: () => branch('>='),
        [OPCODE.jumpGreater]: () => branch('>'),
        [OPCODE.jumpAnyBit]: () => branch('&'),
        [OPCODE.jump]: () => `goto ${index + 1 + k}`,
        [OPCODE.return]: () => `return ${verdictText(k)}`,
      }[code];
      return `${String(index).padStart(4)}: ${text ? text() : `unknown opcode 0x${code.toString(16)}`}`;
    })
    .join('\n');
}
