/**
 * Whether a filter decides every call as its table says: for all architectures, numbers, addresses and six 64-bit arguments.
 *
 * @module
 */
import type { FilterSpecification } from '../../../contract/index.ts';
import type { Solver } from '../solver/index.ts';
import { difference } from './formula.ts';
import { type Call, interpreterOf } from './interpret.ts';
import { meaningOf, meaningText, RETURN } from './meaning.ts';
import { checkProgram, decode, type Instruction } from './program.ts';
import { malformed } from './table.ts';
import { testHolds, wantedOf } from './wanted.ts';

/** A call that the program decides otherwise than the table, or that neither may let run. */
export interface CounterExample {
  call: Call;
  /** SECCOMP_RET_* with its data: what the program returns, and what it should */
  program: number;
  table: number;
  /** one line in words */
  text: string;
}

export type FilterVerdict =
  | { verdict: 'proved' }
  | { verdict: 'refuted'; problem: string; counterExample?: CounterExample }
  /** not decided, which is not proved */
  | { verdict: 'unknown'; reason: string };

/** AUDIT_ARCH_I386: the other architecture whose calls a kernel for x86_64 takes. */
const AUDIT_ARCH_I386 = 0x40000003;

function callOf(model: Readonly<Record<string, string>>): Call {
  const word = (at: number): bigint => BigInt((model[`w${at}`] ?? '#x0').replace('#', '0'));
  const wide = (at: number): bigint => word(at) | (word(at + 1) << 32n);
  return {
    nr: Number(word(0)),
    arch: Number(word(1)),
    ip: wide(2),
    args: Array.from({ length: 6 }, (_, index) => wide(4 + 2 * index)),
  };
}

/** Why a call must not run, where the table lets it. */
function forbidden(specification: FilterSpecification, call: Call): string | undefined {
  const { architecture, never = [] } = specification;
  if (call.arch !== architecture || wantedOf(specification, call) !== RETURN.allow) return undefined;
  return never.find(
    ({ number, when }) => number === call.nr && (when === undefined || testHolds(when, call.args)),
  )?.what;
}

/**
 * A call that shows the same with less in it, so that people can read it and a kernel can be asked: each part becomes what it
 * mostly is, where program and table still differ.
 */
function simplified(found: Call, differs: (call: Call) => boolean, native: number): Call {
  let call = found;
  const attempt = (change: Partial<Call>) => {
    const changed = { ...call, ...change };
    if (differs(changed)) call = changed;
  };
  attempt({ arch: AUDIT_ARCH_I386 });
  attempt({ arch: native });
  attempt({ ip: 0n });
  attempt({ args: [0n, 0n, 0n, 0n, 0n, 0n] });
  for (let at = 0; at < 6; at++) {
    attempt({ args: call.args.with(at, 0n) });
    attempt({ args: call.args.with(at, (call.args[at] ?? 0n) & 0xffffffffn) });
  }
  return call;
}

const hexText = (value: number | bigint): string => `0x${value.toString(16)}`;

const callText = ({ nr, arch, args }: Call): string =>
  `call ${nr} of architecture ${hexText(arch)} with (${args.map(hexText).join(', ')})`;

/**
 * Proves that a filter's program is its table, and that the table lets nothing run that none may; or finds a call that shows otherwise.
 *
 * @param filter struct sock_filter[], 8 bytes an instruction, little endian, or its instructions
 */
export async function proveFilter(
  filter: Uint8Array | readonly Instruction[],
  specification: FilterSpecification,
  solver: Solver,
): Promise<FilterVerdict> {
  const mistake = malformed(specification);
  if (mistake !== undefined) return { verdict: 'unknown', reason: mistake };
  let instructions: readonly Instruction[];
  try {
    instructions = filter instanceof Uint8Array ? decode(filter) : filter;
  } catch (error) {
    return { verdict: 'refuted', problem: error instanceof Error ? error.message : String(error) };
  }
  const checked = checkProgram(instructions);
  if (!checked.ok) return { verdict: 'refuted', problem: `the kernel would not load it: ${checked.problem}` };
  const answer = await solver.ask({ text: difference(checked.operations, specification) });
  if (answer.answer === 'unknown') return { verdict: 'unknown', reason: answer.reason };
  if (answer.answer === 'unsatisfiable') return { verdict: 'proved' };
  const run = interpreterOf(instructions);
  const returned = (call: Call) => meaningOf(run(call).verdict);
  const differs = (call: Call) => returned(call) !== wantedOf(specification, call);
  const found = callOf(answer.model);
  const runs = forbidden(specification, found);
  if (runs !== undefined && !differs(found)) {
    const call = simplified(
      found,
      (each) => forbidden(specification, each) === runs,
      specification.architecture,
    );
    const text = `${callText(call)} runs by program and table; no filter may let it run: ${runs}`;
    const both = { program: RETURN.allow, table: RETURN.allow };
    return { verdict: 'refuted', problem: text, counterExample: { call, ...both, text } };
  }
  // the solver is not believed without a look
  if (!differs(found)) return { verdict: 'unknown', reason: "z3's counterexample is none" };
  const call = simplified(found, differs, specification.architecture);
  const [program, table] = [returned(call), wantedOf(specification, call)];
  const text = `${callText(call)} ${meaningText(program)}; by the table it ${meaningText(table)}`;
  return { verdict: 'refuted', problem: text, counterExample: { call, program, table, text } };
}
