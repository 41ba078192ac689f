/**
 * The prover notices: changes of one instruction, of every kind, are refuted by a call that the interpreter and the running kernel decide as
 * the prover says, or they are proved to change nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type LoadableFilter, loadableFilters } from '../../src/cell/filters/index.ts';
import { AUDIT_ARCH, compileSeccomp, specificationOf } from '../../src/cell/seccomp/index.ts';
import {
  type Call,
  decode,
  type FilterVerdict,
  type Instruction,
  interpret,
  proveFilter,
  wantedOf,
} from '../../src/prove/artefacts/filter/index.ts';
import { openSolver } from '../../src/prove/artefacts/solver/index.ts';
import { policyOfProfile } from './docker-profile.ts';
import { type Case, NOT_ASKED, needsToBeAlone, openKernel, said } from './kernel/kernel.ts';
import { type Mutant, mutantsOf } from './mutants.ts';

const MUTANTS = Number(process.env.RINGFENCE_TEST_MUTANTS ?? 1000);
const WILD = Math.ceil(MUTANTS / 10);
const SEED = 20_260;
const PROFILE =
  process.env.RINGFENCE_DOCKER_PROFILE ??
  join(import.meta.dirname, '../../../shared/data/seccomp-docker-default.json');

const solvers = [openSolver(), openSolver()];
const kernel = openKernel();
if (typeof kernel === 'string') console.log(`skipped: counterexamples are not tried in a kernel: ${kernel}`);
afterAll(async () => {
  for (const solver of solvers) await solver[Symbol.asyncDispose]();
  if (typeof kernel !== 'string') kernel[Symbol.dispose]();
});

/** Milliseconds that a process has computed (proc(5), stat: user and system time in hundredths of a second). */
function processorTime(pid = 0): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

type Filter = Pick<LoadableFilter, 'name' | 'program' | 'specification'>;

function dockerFilter(): Filter | undefined {
  if (!existsSync(PROFILE)) return undefined;
  const json: unknown = JSON.parse(readFileSync(PROFILE, 'utf8'));
  const policy = policyOfProfile(json, 'x86_64');
  // a container's engine lets more run than a cell
  const specification = specificationOf(policy, 'x86_64', []);
  return { name: 'docker', program: compileSeccomp(policy, 'x86_64'), specification };
}
const docker = dockerFilter();
if (docker === undefined)
  console.log('skipped: no profile of Docker’s is here (RINGFENCE_DOCKER_PROFILE names one)');

describe.skipIf(docker === undefined)('Docker’s default profile', () => {
  it('is compiled by our compiler, and proved in a second', async () => {
    const { program, specification } = docker as Filter;
    const [solver] = solvers as [ReturnType<typeof openSolver>];
    await solver.ask({ text: '' });
    // the processor's time, so that what else the machine does is not counted
    const before = processorTime(solver.pid);
    expect(await proveFilter(program, specification, solver)).toEqual({ verdict: 'proved' });
    const took = processorTime(solver.pid) - before;
    console.log(
      `Docker's default profile: ${specification.calls.length} calls, ${program.length / 8} instructions, proved in ${Math.round(took)} ms`,
    );
    expect(took).toBeLessThan(1000);
  });
});

interface Tried {
  filter: Filter;
  mutant: Mutant;
  verdict: FilterVerdict;
}

/** The cell's filter, the reduced isolation's, and Docker's where it is here. */
const originals: Filter[] = [
  ...loadableFilters('x86_64').slice(0, 2),
  ...(docker === undefined ? [] : [docker]),
];

/** Equal shares of the filters. */
async function tryAll(count: number, wild: boolean): Promise<Tried[]> {
  const share = Math.ceil(count / originals.length);
  const waiting = originals.flatMap((filter, at) =>
    mutantsOf(decode(filter.program), share, SEED + at, wild).map((mutant) => ({ filter, mutant })),
  );
  const tried: Tried[] = [];
  await Promise.all(
    solvers.map(async (solver) => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { filter, mutant } = next;
        tried.push({ ...next, verdict: await proveFilter(mutant.program, filter.specification, solver) });
      }
    }),
  );
  return tried;
}

/** The same call from an address that code can have, where the mutant looks at that. */
function placed(call: Call, mutant: readonly Instruction[]): Call {
  const wanted = interpret(mutant, call).verdict;
  const addresses = [
    call.arch === AUDIT_ARCH.x86_64 ? 0x10000002n : 0x10000012n,
    0x100000000n,
    0x7000_00000000n,
  ];
  const ip = addresses.find((address) => interpret(mutant, { ...call, ip: address }).verdict === wanted);
  return ip === undefined ? call : { ...call, ip };
}

/** Each refutation is what the interpreter and the kernel do. @returns how many the kernel was asked about */
function replay(tried: readonly Tried[]): number {
  const cases: (Case & { expected: string; shown: string })[] = [];
  for (const { mutant, filter, verdict } of tried) {
    if (verdict.verdict !== 'refuted') continue;
    const { counterExample } = verdict;
    if (counterExample === undefined) throw new Error(`no call shows it: ${verdict.problem}`);
    const { program } = mutant;
    const call = placed(counterExample.call, program);
    const { verdict: returned } = interpret(program, call);
    // what the prover says of the call is what the interpreter does, and not what the table says
    expect(said(returned)).toBe(said(counterExample.program));
    expect(counterExample.program).not.toBe(wantedOf(filter.specification, call));
    const alone = needsToBeAlone(returned);
    cases.push({ program, calls: [call], alone, expected: said(returned), shown: counterExample.text });
  }
  if (typeof kernel === 'string') return 0;
  const answers = kernel.decide(cases).map(([answer]) => answer);
  const seen = cases.flatMap(({ calls: [call], expected, shown }, at) =>
    answers[at] === 'impossible' || NOT_ASKED.includes(call?.nr ?? 0)
      ? []
      : [{ shown, expected, kernel: answers[at] }],
  );
  expect(seen.filter(({ expected, kernel: answer }) => answer !== expected)).toEqual([]);
  // a call of an architecture that this machine has not cannot be made on it
  expect(seen.length / cases.length).toBeGreaterThan(0.98);
  return seen.length;
}

const isEqual = ({ verdict }: Tried): boolean => verdict.verdict === 'proved';
const rate = (part: number, whole: number): string =>
  `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %)`;

/** One line for all, and one for each filter. */
function report(what: string, tried: readonly Tried[], seen: number): void {
  const refuted = (of: readonly Tried[]) => rate(of.filter((each) => !isEqual(each)).length, of.length);
  const equal = tried.filter(isEqual).length;
  console.log(
    `${what}: ${refuted(tried)} refuted, ${seen} of these calls seen in the kernel; ${equal} proved to change nothing`,
  );
  for (const { name } of originals)
    console.log(`  ${refuted(tried.filter(({ filter }) => filter.name === name))} of ${name}`);
}

it(`of ${MUTANTS} changes of one instruction ≥ 99 % are refuted, and each refutation is real`, async () => {
  const tried = await tryAll(MUTANTS, false);
  expect(tried.length).toBeGreaterThanOrEqual(MUTANTS);
  expect(tried.filter(({ verdict }) => verdict.verdict === 'unknown')).toEqual([]);
  report('changes of one instruction', tried, replay(tried));
  const unchanged = tried.filter(isEqual).map(({ filter, mutant: { at, change, program } }) => {
    const before = decode(filter.program)[at];
    return `${filter.name}, instruction ${at}, ${change}: ${JSON.stringify(before)} → ${JSON.stringify(program[at])}`;
  });
  for (const { name } of originals) {
    const own = tried.filter(({ filter }) => filter.name === name);
    expect(own.filter(isEqual).length, unchanged.join('\n')).toBeLessThanOrEqual(own.length / 100);
  }
}, 900_000);

// a jump to just anywhere often comes, by another way, to the same end: most calls run. These say how often, and that it is noticed when not
it(`of ${WILD} jumps to anywhere each is refuted or proved to change nothing`, async () => {
  const tried = await tryAll(WILD, true);
  expect(tried.filter(({ verdict }) => verdict.verdict === 'unknown')).toEqual([]);
  report('jumps to anywhere', tried, replay(tried));
  expect(tried.filter(isEqual).length).toBeLessThan(tried.length / 2);
}, 900_000);
