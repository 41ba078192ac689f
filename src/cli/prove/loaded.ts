/**
 * `prove --loaded`: what a run under the contract would load on this machine, made and proved as a run would, and nothing started.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { compilePlan, type PlanInput } from '../../cell/plan/index.ts';
import { type Contract, needsGateway } from '../../contract/index.ts';
import { PROMISES } from '../../prove/artefacts/plan/index.ts';
import { folders } from '../folders.ts';
import { installation } from '../installation.ts';
import { safe } from '../text.ts';
import { admitRun } from '../wiring/admission.ts';
import { hasThreadPidfds, hostUser, unprivilegedIds } from '../wiring/machine-facts.ts';

/** One thing that a run hands to the kernel or to its gateway. */
export interface LoadedRow {
  readonly artefact: 'filter' | 'plan' | 'gateway';
  readonly state: 'proved' | 'refuted' | 'unknown';
  readonly text: string;
}

const FILTER = 'each system call, whatever its number and arguments, gets what its table says';
const GATEWAY = 'no host, port, protocol, method, path, secret or package beyond the contract';

/** What is planned for a run of `true`. The run's own folder, secrets and packages are not there yet. */
function planInput(
  contract: Contract,
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
  cwd: string,
): PlanInput {
  const host = hostUser(process.env);
  const ids = unprivilegedIds();
  const run = join(folders().runs, 'prove');
  return {
    contract: { ...contract, packages: [], models: [], secrets: {} },
    base: dirname(resolve(file)),
    command: ['true'],
    cwd,
    run: 'prove',
    folders: {
      upper: join(run, 'cell', 'upper'),
      work: join(run, 'cell', 'work'),
      marker: join(run, 'marker'),
    },
    host: { env: environment, ...host },
    unprivileged: ids.ok ? ids.id : 0,
    processors: availableParallelism(),
    groups: { limits: {}, folders: [] },
    pidfdThread: hasThreadPidfds(),
    probeInterval: 10_000,
  };
}

/** Variables that decide what is in a plan, whoever asks from wherever. */
const DECIDING = ['HOME', 'USER', 'PATH'] as const;

/**
 * Digest of what a run of `true` under the contract would load on this machine: the same from any folder and terminal, until contract, view of
 * the machine or program change. `undefined`: nothing can be planned here, or only when a copy was made.
 */
export function planDigest(contract: Contract, file: string): string | undefined {
  if (contract.isolation !== 'process') return undefined;
  const environment = Object.fromEntries(DECIDING.map((name) => [name, process.env[name]]));
  const compiled = compilePlan({
    ...planInput(contract, file, environment, dirname(resolve(file))),
    // a run of root takes an id by chance
    unprivileged: 0,
  });
  return compiled.ok ? hash('sha256', JSON.stringify(compiled.plan)) : undefined;
}

/** Proves what a run of `true` would load. The run's own folder, secrets and packages are not there yet: a start proves them, too. */
export async function provedLoads(contract: Contract, file: string): Promise<LoadedRow[]> {
  const later = (text: string): LoadedRow[] => [{ artefact: 'plan', state: 'unknown', text }];
  if (contract.isolation !== 'process')
    return later('a run on a copy is planned when the copy is made, and proved then');
  const input = planInput(contract, file, process.env, process.cwd());
  const compiled = compilePlan(input);
  if (!compiled.ok) return later(`nothing can be planned here: ${safe(compiled.problem)}`);
  const { gateway: script } = installation();
  const admitted = await admitRun(compiled.plan, { input, script, inspection: {}, supply: undefined });
  if (!admitted.ok) {
    const artefact =
      admitted.promise === 'filter' ? 'filter' : admitted.promise === 'network' ? 'gateway' : 'plan';
    return [{ artefact, state: 'refuted', text: safe(admitted.problem) }];
  }
  const plan = `${compiled.plan.length} operations give no more than the contract: ${Object.keys(PROMISES).length} promises`;
  return [
    { artefact: 'filter', state: 'proved', text: FILTER },
    { artefact: 'plan', state: 'proved', text: plan },
    ...(needsGateway(contract) ? [{ artefact: 'gateway', state: 'proved', text: GATEWAY } as const] : []),
  ];
}

/** The section of the report. */
export const loadedText = (rows: readonly LoadedRow[]): string =>
  [
    '',
    'What is loaded',
    ...rows.map(({ artefact, state, text }) => `  ${artefact.padEnd(8)} ${state}: ${text}`),
  ].join('\n');
