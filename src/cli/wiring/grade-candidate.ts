/**
 * Grading what we make ourselves, before any agent runs: a solution that is known, or an attack on the objective.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { attributesByLauncher, readChanges } from '../../cell/changes/index.ts';
import { findWorkspace } from '../../cell/plan/index.ts';
import { removeTree } from '../../cell/reduced/index.ts';
import { type Edits, writeEdits } from '../../grade/index.ts';
import { Layer } from '../../grade/layers/index.ts';
import type { ValidContract } from '../contract-file.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { ensureFolder, folders } from '../folders.ts';
import { installation } from '../installation.ts';
import type { Bench } from './grade-bench.ts';
import { graderRedaction } from './grade-redaction.ts';
import { type Graded, gradeLayers } from './grade-run.ts';
import { hostUser, unprivilegedIds } from './machine-facts.ts';

/** Where checks keep what they need and what they found out. */
export const checksFolder = (): string => join(dirname(folders().runs), 'checks');

const cannot = (problem: string, hint: string) => new CommandError('not-graded', problem, hint, EXIT.usage);

/**
 * Gives a bench to `work`, and clears it away afterwards. An interrupt ends the cell that is running.
 *
 * @throws CommandError where nothing can be graded under this contract
 */
export async function withBench<Result>(
  { contract, source }: ValidContract,
  work: (bench: Bench) => Promise<Result>,
): Promise<Result> {
  if (!contract.objective.success) {
    throw cannot(
      'the contract does not say how success is decided',
      'write objective: { success: { run: COMMAND, protect: [test/**] } }',
    );
  }
  if (contract.isolation !== 'process') {
    throw cannot(
      `isolation: ${contract.isolation} is not graded`,
      'check the objective with isolation: process',
    );
  }
  const base = dirname(resolve(source.path));
  const host = hostUser(process.env);
  const ids = unprivilegedIds();
  if (host.uid === 0 && !ids.ok)
    throw cannot('you are root of a user namespace that knows no other user', 'run it as an ordinary user');
  const id = `check-${randomBytes(6).toString('hex')}`;
  const scratch = join(ensureFolder(checksFolder()), id);
  const found = findWorkspace({ contract, base, folders: { upper: scratch } }, host.home);
  if (!found.ok) throw cannot(found.problem, found.hint);
  const { launcher, gateway } = installation();
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  mkdirSync(scratch, { mode: 0o700 });
  try {
    return await work({
      run: id,
      contract,
      source: resolve(source.path),
      base,
      workspace: found.path,
      host,
      unprivileged: ids.ok ? ids.id : 0,
      launcher,
      gatewayScript: gateway,
      scratch,
      signal: interrupted.signal,
      onEvent: () => {},
      redact: graderRedaction(contract, base),
    });
  } finally {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, interrupt);
    removeTree(scratch);
  }
}

/**
 * Grades the workspace with these edits, all three ways.
 *
 * @param repeat how often each grading runs; default: as the contract says
 */
export async function gradeEdits(bench: Bench, edits: Edits, repeat?: number): Promise<Graded> {
  const place = join(bench.scratch, 'candidate');
  try {
    mkdirSync(place, { mode: 0o700 });
    const layer = new Layer({
      folder: join(place, 'layer'),
      owner: bench.host.uid === 0 ? bench.unprivileged : undefined,
      launcher: bench.launcher,
      maximum: bench.contract.compute.disk.max,
    });
    writeEdits(layer, bench.workspace, edits);
    const changes = readChanges({
      lower: bench.workspace,
      upper: layer.folder,
      attributes: attributesByLauncher(bench.launcher),
    });
    const own = { ...bench, scratch: place };
    return await gradeLayers(own, {
      upper: layer.folder,
      changes,
      violations: 0,
      ...(repeat !== undefined && { repeat }),
    });
  } finally {
    removeTree(place);
  }
}
