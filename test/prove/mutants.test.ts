/**
 * The prover notices: changes of one instruction are refuted by a call that the interpreter and the running kernel decide as
 * the prover says, or they change nothing.
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
import { mutantsOf } from './mutants.ts';

const MUTANTS = Number(process.env.RINGFENCE_TEST_MUTANTS ?? 1000);
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

function dockerFilter(): Pick<LoadableFilter, 'name' | 'program' | 'specification'> | undefined {
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
    const { program, specification } = docker as NonNullable<typeof docker>;
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
  name: string;
  mutant: Instruction[];
  filter: Pick<LoadableFilter, 'name' | 'program' | 'specification'>;
  verdict: FilterVerdict;
}

async function tryAll(count: number): Promise<Tried[]> {
  const [cell, reduced] = loadableFilters('x86_64') as [LoadableFilter, LoadableFilter];
  // a tenth of Docker's: tests of whole arguments load a half again that some ways have loaded already, which some changes skip unseen
  const ofDocker = docker === undefined ? 0 : Math.ceil(count / 10);
  const ofCells = Math.ceil((count - ofDocker) / 2);
  const waiting = [
    [cell, ofCells] as const,
    [reduced, ofCells] as const,
    ...(docker === undefined ? [] : [[docker, ofDocker] as const]),
  ].flatMap(([filter, share], at) =>
    mutantsOf(decode(filter.program), share, SEED + at).map((mutant) => ({ filter, mutant })),
  );
  const tried: Tried[] = [];
  await Promise.all(
    solvers.map(async (solver) => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { filter, mutant } = next;
        const verdict = await proveFilter(mutant, filter.specification, solver);
        tried.push({ name: filter.name, mutant, filter, verdict });
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

it(`of ${MUTANTS} changes of one instruction ≥ 99 % are refuted, and each refutation is real`, async () => {
  const start = performance.now();
  const tried = await tryAll(MUTANTS);
  expect(tried.length).toBeGreaterThanOrEqual(MUTANTS);
  expect(tried.filter(({ verdict }) => verdict.verdict === 'unknown')).toEqual([]);

  const cases: (Case & { expected: string; shown: string })[] = [];
  for (const { mutant, filter, verdict } of tried) {
    if (verdict.verdict !== 'refuted') continue;
    const { counterExample } = verdict;
    expect(counterExample).toBeDefined();
    if (counterExample === undefined) continue;
    const call = placed(counterExample.call, mutant);
    const { verdict: returned } = interpret(mutant, call);
    // what the prover says of the call is what the interpreter does, and not what the table says
    expect(said(returned)).toBe(said(counterExample.program));
    expect(counterExample.program).not.toBe(wantedOf(filter.specification, call));
    const alone = needsToBeAlone(returned);
    cases.push({
      program: mutant,
      calls: [call],
      alone,
      expected: said(returned),
      shown: counterExample.text,
    });
  }
  const equivalent = tried.length - cases.length;
  let asked = 0;
  if (typeof kernel !== 'string') {
    const answers = kernel.decide(cases).map(([answer]) => answer);
    const seen = cases.flatMap(({ calls: [call], expected, shown }, at) =>
      answers[at] === 'impossible' || NOT_ASKED.includes(call?.nr ?? 0)
        ? []
        : [{ shown, expected, kernel: answers[at] }],
    );
    asked = seen.length;
    expect(seen.filter(({ expected, kernel: answer }) => answer !== expected)).toEqual([]);
    // a call of an architecture that this machine has not cannot be made on it
    expect(asked / cases.length).toBeGreaterThan(0.98);
  }
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(
    `${tried.length} mutants in ${seconds} s: ${cases.length} refuted, ${asked} of them seen in the kernel, ${equivalent} equal to the table (proved)`,
  );
  const unchanged = tried.flatMap(({ name, mutant, filter, verdict }) => {
    if (verdict.verdict !== 'proved') return [];
    const original = decode(filter.program);
    const at = original.findIndex((step, index) => JSON.stringify(step) !== JSON.stringify(mutant[index]));
    return [`${name}, instruction ${at}: ${JSON.stringify(original[at])} → ${JSON.stringify(mutant[at])}`];
  });
  expect(unchanged.length, unchanged.join('\n')).toBeLessThanOrEqual(tried.length / 100);
}, 900_000);
