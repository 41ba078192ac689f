/**
 * Asks the running kernel what it does with calls under a filter, by `decide.c`: nothing is carried out.
 *
 * @module
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Call, type Instruction, meaningOf, RETURN } from '../../../src/prove/artefacts/filter/index.ts';

export interface Case {
  program: readonly Instruction[];
  calls: readonly Call[];
  /** without the filter that stops what would run: calls do run */
  alone?: boolean;
}

export interface Kernel extends Disposable {
  /**
   * For each case what the kernel does with its calls: `run`, `notify`, `errno N`, `trap N`, `trace N`, `kill`, or `impossible` where
   * this machine can make no such call; or one `refused ERRNO` for a program that it does not load.
   */
  decide(cases: readonly Case[]): string[][];
}

/**
 * uretprobe(2) and uprobe(2) of x86_64, by which the kernel returns from its own probes: newer kernels ask no filter about them
 * (`seccomp_uprobe_exception`, kernel/seccomp.c). Elsewhere than there they end in SIGILL or ENXIO.
 */
export const NOT_ASKED: readonly number[] = [335, 336];

/** Whether a filter's answer shows only where the filter is alone: one that ends the process, but gives way to a tracer. */
export function needsToBeAlone(verdict: number): boolean {
  const action = (verdict & 0xffff0000) >>> 0;
  return action > RETURN.trace && action < RETURN.allow && action !== RETURN.log;
}

/** What {@link Kernel.decide} says of a call for which a filter returns this. */
export function said(verdict: number): string {
  const meaning = meaningOf(verdict);
  const data = meaning & 0xffff;
  switch ((meaning & 0xffff0000) >>> 0) {
    case RETURN.allow:
    case RETURN.log:
      return 'run';
    case RETURN.notify:
      return 'notify';
    case RETURN.errno:
      return `errno ${data}`;
    case RETURN.trap:
      return `trap ${data}`;
    case RETURN.trace:
      return `trace ${data}`;
    default:
      return 'kill';
  }
}

function encode(cases: readonly Case[]): Buffer {
  const parts: Buffer[] = [];
  const word = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value >>> 0);
    parts.push(bytes);
  };
  for (const { program, calls, alone } of cases) {
    word(alone ? 1 : 0);
    word(program.length);
    for (const { code, jt, jf, k } of program) {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt16LE(code);
      bytes.writeUInt8(jt, 2);
      bytes.writeUInt8(jf, 3);
      bytes.writeUInt32LE(k >>> 0, 4);
      parts.push(bytes);
    }
    word(calls.length);
    for (const { nr, arch, ip, args } of calls) {
      word(nr);
      word(arch);
      const wide = Buffer.alloc(56);
      [ip ?? 0n, ...Array.from({ length: 6 }, (_, at) => args[at] ?? 0n)].forEach((value, at) => {
        wide.writeBigUInt64LE(BigInt.asUintN(64, value), at * 8);
      });
      parts.push(wide);
    }
  }
  return Buffer.concat(parts);
}

/** Builds the helper, or says why the kernel cannot be asked here. */
export function openKernel(): Kernel | string {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the helper is for Linux on x86_64';
  if (spawnSync('cc', ['--version']).status !== 0) return 'no C compiler';
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-decide-'));
  const program = join(folder, 'decide');
  execFileSync('cc', [
    '-O1',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-o',
    program,
    join(import.meta.dirname, 'decide.c'),
  ]);
  return {
    decide: (cases) => {
      const file = join(folder, 'cases');
      writeFileSync(file, encode(cases));
      const output = execFileSync(program, [file], {
        encoding: 'utf8',
        timeout: 280_000,
        maxBuffer: 2 ** 28,
      });
      const lines = output.trimEnd().split('\n');
      let at = 0;
      return cases.map(({ calls }) => {
        if (lines[at]?.startsWith('refused')) return [lines[at++] ?? ''];
        const own = lines.slice(at, at + calls.length);
        at += calls.length;
        return own;
      });
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
