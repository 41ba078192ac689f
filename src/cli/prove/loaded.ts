/**
 * `prove --loaded`: what a run under the contract would load on this machine, made and proved as a run would, and nothing started.
 *
 * @module
 */
import { compilePlan } from '../../cell/plan/index.ts';
import { type Contract, needsGateway } from '../../contract/index.ts';
import { PROMISES } from '../../prove/artefacts/plan/index.ts';
import { installation } from '../installation.ts';
import { safe } from '../text.ts';
import { admitRun } from '../wiring/admission.ts';
import { planInput } from '../wiring/plan-digest.ts';

/** One thing that a run hands to the kernel or to its gateway. */
export interface LoadedRow {
  readonly artefact: 'filter' | 'plan' | 'gateway';
  readonly state: 'proved' | 'refuted' | 'unknown';
  readonly text: string;
}

const FILTER = 'each system call, whatever its number and arguments, gets what its table says';
const GATEWAY = 'no host, port, protocol, method, path, secret or package beyond the contract';

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
