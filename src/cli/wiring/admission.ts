/**
 * What a plan and its filter must be proved to be before anything is launched, put together from contract and machine.
 *
 * @module
 */
import { join } from 'node:path';
import type { PlanInput } from '../../cell/plan/index.ts';
import { type ReducedFolders, reducedPolicy } from '../../cell/reduced/index.ts';
import {
  type Architecture,
  cellPolicy,
  type FilterSource,
  filterName,
  HELPER_POLICY,
  openFilters,
  type Policy,
  type PolicyOptions,
  refusedCalls,
  specificationOf,
} from '../../cell/seccomp/index.ts';
import { confinedPlan } from '../../cell/supervise/index.ts';
import { expandPath } from '../../cell/view/index.ts';
import {
  type Contract,
  type GatewayConfig,
  needsGateway,
  type Plan,
  readBounded,
} from '../../contract/index.ts';
import { checkFilter } from '../../prove/artefacts/filter/index.ts';
import {
  type Admission,
  admitCell,
  admitConfig,
  admitHelper,
  type FilterTable,
  type Gate,
  type NotProved,
  type ProvedPlan,
} from '../../prove/artefacts/gate/index.ts';
import type { HelperFacts } from '../../prove/artefacts/plan/index.ts';
import { openProofs } from '../../prove/artefacts/store/index.ts';
import { folders, runtimeFolder } from '../folders.ts';
import { installation } from '../installation.ts';
import { gatewayConfiguration, gatewayInput, type ProvedGateway } from './gateway-process.ts';
import type { PackageSupply } from './packages/supply.ts';
import type { ToolSupply } from './tools/supply.ts';

const ARCHITECTURE: Architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

/** Set where this program is built (scripts/build.ts): the hash of the sources of its filters. */
declare const RINGFENCE_FILTER_SOURCES: string | undefined;

/** Filters that were compiled and proved when this program was built; none where it runs from its sources. */
export function shippedFilters(): FilterSource {
  const sources = typeof RINGFENCE_FILTER_SOURCES === 'undefined' ? undefined : RINGFENCE_FILTER_SOURCES;
  return openFilters(join(installation().root, 'dist', 'filters'), sources);
}

const HELPER = filterName('helper', ARCHITECTURE, HELPER_POLICY);

/** Keys, records, proofs, verdicts, statements and sockets: what nothing that we confine may see. */
function ownFolders(): string[] {
  const { keys, runs, proofs, verdicts, attestations } = folders();
  return [keys, runs, proofs, verdicts, attestations, runtimeFolder()];
}

/** A proof is looked up by the filter's hash, and made where there is none. */
function gateFor(making: () => Policy, name: string, what: string, supervised: boolean): Gate {
  let table: FilterTable | undefined;
  const store = openProofs({
    shipped: join(installation().root, 'dist', 'proofs.json'),
    folder: folders().proofs,
  });
  return {
    known: shippedFilters()(name),
    // only asked for where the filter is not known: a millisecond
    get table() {
      const policy = making();
      table ??= {
        specification: specificationOf(policy, ARCHITECTURE),
        refused: supervised ? refusedCalls(policy, ARCHITECTURE) : new Map(),
      };
      return table;
    },
    filters: (program, specification) => checkFilter(program, specification, store, what),
  };
}

export interface CellAdmission {
  input: Omit<PlanInput, 'cwd' | 'probeInterval'>;
  /** where the run works on a copy */
  copy?: ReducedFolders | undefined;
  /** values that must not be in the plan */
  secrets?: readonly string[];
  clipboard?: boolean;
  /** bytes that lie in a direct workspace, and count as used */
  present?: number;
}

/** Which policy a contract comes to, read from the contract again, and its name. */
function policyOf({ input, copy }: CellAdmission): [making: () => Policy, name: string] {
  const { contract, groups, processors } = input;
  const options: PolicyOptions = {
    fileEvents: 'on',
    affinity: groups.limits.cpus === undefined && contract.compute.cpus.max < processors ? 'deny' : 'allow',
    fileTables: input.pidfdThread ? 'separate' : 'shared',
    memoryFiles: contract.programs === 'any' ? 'any' : 'sealed',
  };
  if (copy) return [() => reducedPolicy(options), filterName('reduced', ARCHITECTURE, options)];
  const own = { ...options, setIds: contract.files.workspace.mode === 'direct' ? 'deny' : 'allow' } as const;
  return [() => cellPolicy(own), filterName('cell', ARCHITECTURE, own)];
}

/** Whether the plan of a run, or of a grader, may be launched. */
export function admitPlan(plan: Plan, about: CellAdmission): Promise<Admission> {
  const { input, copy, secrets, clipboard, present } = about;
  return admitCell(
    plan,
    {
      ...input,
      // what is cached is believed, and compiled code executed as it lies there
      own: [...ownFolders(), folders().cache],
      ...(copy && { copy }),
      ...(secrets && { secrets }),
      ...(clipboard !== undefined && { clipboard }),
      ...(present !== undefined && { present }),
    },
    gateFor(...policyOf(about), `a cell of ${input.contract.name}`, true),
  );
}

/** Whether the plan of a process of our own may be launched. */
export function admitHelperPlan(plan: Plan, facts: Omit<HelperFacts, 'own'>): Promise<Admission> {
  return admitHelper(
    plan,
    { ...facts, own: ownFolders() },
    gateFor(() => cellPolicy(HELPER_POLICY), HELPER, `the helper ${facts.name}`, false),
  );
}

/** Whether everything that a run, or a grader, launches may be: its cell, and the gateway where it needs one. */
export async function admitRun(
  plan: Plan,
  about: CellAdmission & {
    /** the gateway's bundled file */
    script: string;
    /** what the gateway alone gets to know */
    inspection: Pick<GatewayConfig, 'authority' | 'trusted' | 'secrets' | 'models'>;
    supply: PackageSupply | undefined;
    tools?: ToolSupply | undefined;
    learning?: 'names' | 'network' | undefined;
    /** packages are served from copies alone */
    copiesOnly?: boolean;
  },
): Promise<{ ok: true; plan: ProvedPlan; gateway: ProvedGateway | undefined } | NotProved> {
  const cell = await admitPlan(plan, about);
  if (!cell.ok || !needsGateway(about.input.contract))
    return cell.ok ? { ...cell, gateway: undefined } : cell;
  const { run, contract, base, host, unprivileged } = about.input;
  const config = admitConfig(gatewayConfiguration({ ...about, run, contract, packages: about.supply }), {
    contract,
    learning: about.learning,
    lists: listsOf(contract, base, host.home),
    copiesOnly: about.copiesOnly ?? false,
  });
  if (!config.ok) return config;
  const input = gatewayInput(about.script, about.supply?.folder, host, unprivileged + 1);
  const helper = await admitHelperPlan(confinedPlan(input), input);
  return helper.ok ? { ...cell, gateway: { plan: helper.plan, config: config.config } } : helper;
}

/** The texts of the lists that `packages` names, by its index. */
function listsOf(contract: Contract, base: string, home: string): Record<number, string> {
  return Object.fromEntries(
    contract.packages.flatMap(({ only }, index) => {
      const read = typeof only === 'string' ? readBounded(expandPath(only, home, base)) : undefined;
      return read?.ok ? [[index, Buffer.from(read.content).toString()]] : [];
    }),
  );
}
