/**
 * What a run under a contract would load on this machine, by digest: the same question for proofs, runs and safety cases.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { compilePlan, type PlanInput } from '../../cell/plan/index.ts';
import type { Contract } from '../../contract/index.ts';
import { folders } from '../folders.ts';
import { hasThreadPidfds, hostUser, unprivilegedIds } from './machine-facts.ts';

/** What is planned for a run of `true`. The run's own folder, secrets and packages are not there yet. */
export function planInput(
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
