/**
 * Where graders run: a folder of its own for each execution, a plan from the contract, a cell.
 *
 * @module
 */
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createGroups, detectCgroups, removeGroups } from '../../cell/cgroups/index.ts';
import { compilePlan, type GroupLimits, type PlanInput } from '../../cell/plan/index.ts';
import {
  type Prepared as PreparedCopy,
  prepareReduced,
  removeReducedFolders,
  removeTree,
} from '../../cell/reduced/index.ts';
import type { Contract, EventBody, GradeResult } from '../../contract/index.ts';
import { type Attempt, gradingContract, repeatGrading } from '../../grade/index.ts';
import { applyLayer, type Overlaid } from '../../grade/layers/index.ts';
import { admitRun } from './admission.ts';
import { runGrader } from './grade-cell.ts';
import { prepareInspection } from './inspection.ts';
import { type HostUser, hasThreadPidfds } from './machine-facts.ts';
import type { Prepared } from './packages/supply.ts';
import { graderCopy } from './run-folder.ts';
import { exposure } from './secrets.ts';

export interface Bench {
  /** id that the cells bear: the run's */
  run: string;
  contract: Contract;
  /** path of the contract's file, absolute: whose copies of packages there are */
  source: string;
  /** folder that relative paths of the contract start at */
  base: string;
  /** the original folder */
  workspace: string;
  host: HostUser;
  /** kernel id of a root run's cell, so that the grader may write what the run left */
  unprivileged: number;
  launcher: string;
  gatewayScript: string;
  /** a folder of our own, on the file system of the run's layer */
  scratch: string;
  signal: AbortSignal;
  onEvent: (event: EventBody) => void;
  redact: (text: string) => string;
}

export interface Grader {
  /** shell command */
  command: string;
  /** what the layers lie over, where that is not the original: a result that was made by copying */
  lowest?: string | undefined;
  /** layers over the original, topmost first */
  layers: readonly Overlaid[];
  /** folder of files that are laid over the workspace for this check: they are not hidden from it */
  uncovered?: string | undefined;
  /** how often */
  times: number;
}

const PROBE_INTERVAL = 10_000;

/** Grades one result. Each execution starts from the same layers and leaves nothing behind. */
export async function gradeWith(bench: Bench, grader: Grader): Promise<GradeResult> {
  let number = 0;
  return repeatGrading(grader.times, async () => {
    const folder = join(bench.scratch, `cell-${number++}`);
    try {
      return await gradeOnce(bench, grader, folder);
    } finally {
      removeTree(folder);
    }
  });
}

async function gradeOnce(
  bench: Bench,
  { command, lowest, layers, uncovered }: Grader,
  folder: string,
): Promise<Attempt> {
  const workspace = lowest ?? bench.workspace;
  const contract = gradingContract(bench.contract, workspace, uncovered);
  const reduced = contract.isolation === 'landlock';
  const { host, unprivileged } = bench;
  const cell = join(folder, 'cell');
  const folders = { upper: join(cell, 'upper'), work: join(cell, 'work'), marker: join(folder, 'marker') };
  for (const path of [folder, cell]) mkdirSync(path, { mode: 0o700 });
  for (const path of [folders.upper, folders.work]) {
    mkdirSync(path);
    chmodSync(path, 0o755);
    if (host.uid === 0) chownSync(path, unprivileged, unprivileged);
  }
  writeFileSync(folders.marker, 'A probe that reads this has left its cell.\n', { mode: 0o644 });
  const groups = createGroups(detectCgroups(), bench.run, {
    memory: contract.compute.memory.max,
    cpus: contract.compute.cpus.max,
  });
  try {
    const inspection = prepareInspection({
      contract,
      run: bench.run,
      base: bench.base,
      home: host.home,
      env: process.env,
      folder: join(folder, 'trust'),
    });
    if (!inspection.ok) return { ok: false, failed: inspection.problem, ms: 0, output: '' };
    const hard: GroupLimits = {};
    for (const name of ['cpus', 'memory', 'processes'] as const) {
      const limit = groups.limits[name];
      if (limit?.state === 'hard') hard[name] = limit.how;
    }
    const supply = await copiesFor(contract, bench);
    if (supply && !supply.ok) return { ok: false, failed: supply.problem, ms: 0, output: '' };
    const planInput = {
      ...inspection.plan,
      ...(supply && { packages: supply.supply.indexes }),
      contract,
      base: bench.base,
      command: ['sh', '-c', command],
      cwd: workspace,
      run: bench.run,
      folders,
      host: { env: process.env, ...host },
      unprivileged,
      processors: availableParallelism(),
      groups: { limits: hard, folders: groups.groups },
      pidfdThread: hasThreadPidfds(),
      probeInterval: PROBE_INTERVAL,
    };
    const copied = reduced ? prepareCopy(bench, planInput, workspace, layers, folder) : undefined;
    const compiled =
      copied ?? compilePlan({ ...planInput, layers: layers.flatMap((layer) => layer.folder ?? []) });
    if (!compiled.ok) return { ok: false, failed: compiled.problem, ms: 0, output: '' };
    const exposed = exposure(compiled.plan, inspection.secrets, workspace);
    if (exposed) return { ok: false, failed: exposed.problem, ms: 0, output: '' };
    const secrets = inspection.secrets.map(({ value }) => value);
    const admitted = await admitRun(compiled.plan, {
      input: {
        ...planInput,
        ...(reduced ? { contract: onCopy(contract, workspace) } : {}),
        layers: layers.flatMap((layer) => layer.folder ?? []),
      },
      ...(copied?.ok && { copy: copied.folders }),
      secrets,
      script: bench.gatewayScript,
      inspection: inspection.gateway,
      supply: supply?.supply,
      copiesOnly: true,
    });
    if (!admitted.ok) return { ok: false, failed: admitted.problem, ms: 0, output: '' };
    return await runGrader({
      run: bench.run,
      plan: admitted.plan,
      contract,
      packages: supply?.supply,
      launcher: bench.launcher,
      gateway: admitted.gateway,
      signal: bench.signal,
      onEvent: bench.onEvent,
      redact: bench.redact,
    });
  } finally {
    if (reduced) removeReducedFolders(graderCopy(bench.run, folder), 'all');
    await removeGroups(groups.groups.map(({ path }) => path));
  }
}

/** What can be had of the contract's packages: the copies that its runs have made. */
async function copiesFor(contract: Contract, { source, run }: Bench): Promise<Prepared | undefined> {
  if (contract.packages.length === 0) return undefined;
  const { preparePackages } = await import('./packages/supply.ts');
  return preparePackages(contract, source, run, { copiesOnly: true });
}

const onCopy = (contract: Contract, workspace: string): Contract => ({
  ...contract,
  files: { ...contract.files, workspace: { path: workspace, mode: 'overlay' } },
});

/** Without mounts: a copy of the result, over which the layers are laid before anything runs. */
function prepareCopy(
  bench: Bench,
  input: PlanInput,
  workspace: string,
  layers: readonly Overlaid[],
  folder: string,
): PreparedCopy {
  const contract = onCopy(input.contract, workspace);
  const prepared = prepareReduced({ ...input, contract }, graderCopy(bench.run, folder));
  const owner = bench.host.uid === 0 ? bench.unprivileged : undefined;
  if (prepared.ok) for (const layer of layers.toReversed()) applyLayer(prepared.copy, layer, owner);
  return prepared;
}
