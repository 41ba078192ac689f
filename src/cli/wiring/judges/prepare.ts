/**
 * Judges of a contract, made ready before anything starts: their keys read, their process proved.
 *
 * @module
 */
import { type ConfinedInput, confinedPlan } from '../../../cell/supervise/index.ts';
import { type JudgeAccess, type JudgeConfig, modelEndpoint } from '../../../contract/index.ts';
import {
  admitJudges,
  type NotProved,
  type ProvedJudges,
  type ProvedPlan,
} from '../../../prove/artefacts/gate/index.ts';
import { installation } from '../../installation.ts';
import { admitHelperPlan } from '../admission.ts';
import { machineHosts, machineResolvers, unprivilegedIds } from '../machine-facts.ts';
import { readAccess } from '../models.ts';
import { type HeldSecret, keepMemoryOutOfDumps, type SecretsInput } from '../secrets.ts';

/** A process that passed the gate, and what it is told. */
export interface PreparedJudges {
  plan: ProvedPlan;
  config: ProvedJudges;
}

export type Prepared =
  | { ok: true; judges: PreparedJudges; keys: readonly HeldSecret[] }
  | { ok: false; field: string; problem: string; hint: string; code?: 'not-proved' };

export interface PrepareInput extends SecretsInput {
  host: { uid: number; gid: number };
  /** of the cell; the gateway has the one after it */
  unprivileged: number;
}

const MEMORY = 1 << 30;

/** Reads keys and authorities; one that is absent is a refusal, as everywhere: a judge that can never answer is a mistake. */
export async function prepareJudges(input: PrepareInput): Promise<Prepared> {
  const judges: JudgeAccess[] = [];
  const keys: HeldSecret[] = [];
  for (const [rule, entry] of input.contract.oversight.judges.entries()) {
    const { model, asks, timeout, budget, prices } = entry;
    const clause = `oversight.judges[${rule}]`;
    const read = readAccess(input, entry, clause);
    if (!read.ok) return read;
    if (read.held) keys.push(read.held);
    const { task } = input.contract.objective;
    judges.push({
      access: {
        ...{ rule, provider: entry.provider, endpoint: modelEndpoint(entry) },
        ...{ models: [model], features: [], budget, prices, ...read.access },
      },
      ...{ model, asks, timeout, ...(task !== undefined && { task }) },
    });
  }
  if (keys.length > 0) keepMemoryOutOfDumps();
  const config: JudgeConfig = {
    judges,
    resolve: input.contract.resolve,
    resolvers: machineResolvers(),
    hosts: machineHosts(),
  };
  const told = admitJudges(config, input.contract);
  if (!told.ok) return refusal(told);
  const plan = await admitPlan(input);
  return plan.ok ? { ok: true, judges: { plan: plan.plan, config: told.config }, keys } : refusal(plan);
}

function admitPlan({ host, unprivileged }: PrepareInput) {
  const script = installation().judge;
  const confined: ConfinedInput = {
    name: 'judge',
    command: [process.execPath, '--max-old-space-size=128', '--disable-sigusr1', script],
    needs: [script],
    host,
    unprivileged: apartFrom(unprivileged),
    memory: MEMORY,
  };
  return admitHelperPlan(confinedPlan(confined), confined);
}

/** An id that neither the cell nor its gateway has. */
function apartFrom(taken: number): number {
  for (let tries = 0; tries < 64; tries += 1) {
    const ids = unprivilegedIds();
    if (!ids.ok) break;
    if (Math.abs(ids.id - taken) > 1) return ids.id;
  }
  return taken + 1;
}

const refusal = ({ breaches, problem, hint }: NotProved): Prepared => ({
  ok: false,
  field: breaches[0]?.clause ?? 'oversight.judges',
  problem,
  hint,
  code: 'not-proved',
});
