/**
 * Cells without the command around them: a plan compiled as `ringfence run` compiles it, for measurements of the
 * launcher and the supervisor alone.
 *
 * @module
 */
import { randomInt } from 'node:crypto';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { createGroups, detectCgroups } from '../src/cell/cgroups/index.ts';
import { compilePlan, encodePlan } from '../src/cell/plan/index.ts';
import { hasThreadPidfds, hostUser } from '../src/cli/wiring/machine-facts.ts';
import { loadContract, type Plan } from '../src/contract/index.ts';
import { UnmeasuredError } from './programs.ts';
import type { Workshop } from './workshop.ts';

/** Kernel ids for root's cells, as `run` takes them. */
const UNPRIVILEGED = 0x7000_0000;

/**
 * A plan for one run. With `groups`, control groups are made for it where the machine lets us; the launcher removes them.
 *
 * @throws UnmeasuredError where the contract does not compile here
 */
export function planOf(
  workshop: Workshop,
  contractPath: string,
  command: readonly string[],
  groups: boolean,
): Plan {
  const loaded = loadContract(contractPath);
  if (!loaded.ok) throw new UnmeasuredError(`${contractPath}: ${loaded.problems[0]?.message}`);
  const { contract } = loaded;
  const run = `bench-${process.pid}-${randomInt(1e9)}`;
  const folder = workshop.folder(`runs/${run}`);
  const host = hostUser(process.env);
  const unprivileged = UNPRIVILEGED + randomInt(0x00ff_fff0);
  mkdirSync(join(folder, 'cell'), { mode: 0o700 });
  const folders = {
    upper: join(folder, 'cell/upper'),
    work: join(folder, 'cell/work'),
    marker: join(folder, 'marker'),
  };
  for (const path of [folders.upper, folders.work]) {
    mkdirSync(path, { mode: 0o755 });
    if (host.uid === 0) chownSync(path, unprivileged, unprivileged);
  }
  writeFileSync(folders.marker, 'A probe that reads this has left its cell.\n');
  const made = groups
    ? createGroups(detectCgroups(), run, {
        memory: contract.compute.memory.max,
        cpus: contract.compute.cpus.max,
      }).groups
    : [];
  const compiled = compilePlan({
    contract,
    base: dirname(contractPath),
    command,
    cwd: workshop.workspace,
    run,
    folders,
    host: { env: workshop.environment, ...host },
    unprivileged,
    processors: availableParallelism(),
    groups: { limits: {}, folders: made },
    pidfdThread: hasThreadPidfds(),
    probeInterval: 10_000,
  });
  if (!compiled.ok) throw new UnmeasuredError(`${compiled.field}: ${compiled.problem}`);
  return compiled.plan;
}

/** The same, written to a file as the launcher reads it. */
export function planFile(
  workshop: Workshop,
  contractPath: string,
  command: readonly string[],
  groups: boolean,
): string {
  const path = join(workshop.folder('plans'), `${randomInt(1e9)}`);
  writeFileSync(path, encodePlan(planOf(workshop, contractPath, command, groups)));
  return path;
}
