/**
 * Grading what we make ourselves, before any agent runs: a solution that is known, or an attack on the objective.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { startTimeOf } from '../../cell/cgroups/index.ts';
import type { Changes } from '../../cell/changes/index.ts';
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
import { type Graded, gradeLayers, removeGrading } from './grade-run.ts';
import { hostUser, unprivilegedIds } from './machine-facts.ts';

/** Where checks keep what they need and what they found out. */
export const checksFolder = (): string => join(dirname(folders().runs), 'checks');

const cannot = (problem: string, hint: string) => new CommandError('not-graded', problem, hint, EXIT.usage);

/** What checks left behind that were killed. */
function removeDead(): void {
  const checks = checksFolder();
  for (const name of existsSync(checks) ? readdirSync(checks) : []) {
    const [, pid, startTime] = /^check-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || startTimeOf(Number(pid)) === startTime) continue;
    removeGrading(name, join(checks, name));
  }
}

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
  const base = dirname(resolve(source.path));
  const host = hostUser(process.env);
  const ids = unprivilegedIds();
  if (host.uid === 0 && !ids.ok)
    throw cannot('you are root of a user namespace that knows no other user', 'run it as an ordinary user');
  removeDead();
  const id = `check-${process.pid}-${startTimeOf(process.pid)}-${randomBytes(4).toString('hex')}`;
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
    removeGrading(id, scratch);
  }
}

/**
 * Grades the workspace with these edits, all three ways.
 *
 * @param repeat how often each grading runs; default: as the contract says
 */
export async function gradeEdits(bench: Bench, edits: Edits, repeat?: number): Promise<Graded> {
  const place = join(bench.scratch, 'candidate');
  const reduced = bench.contract.isolation === 'landlock';
  try {
    mkdirSync(place, { mode: 0o700 });
    const layer = new Layer({
      folder: join(place, 'layer'),
      owner: bench.host.uid === 0 ? bench.unprivileged : undefined,
      launcher: reduced ? undefined : bench.launcher,
      maximum: bench.contract.compute.disk.max,
    });
    writeEdits(layer, bench.workspace, edits);
    const own = { ...bench, scratch: place };
    return await gradeLayers(own, {
      ...(reduced ? { kept: layer } : { upper: layer.folder }),
      changes: changesOf(edits),
      violations: 0,
      ...(repeat !== undefined && { repeat }),
    });
  } finally {
    removeTree(place);
  }
}

/** Edits as a change list, as far as a grading looks at one. */
function changesOf(edits: Edits): Changes {
  const changes = [...edits].map(([name, { content }]): Changes['changes'][number] => ({
    kind: content === undefined ? 'deleted' : 'modified',
    path: Buffer.from(name),
    shown: name,
    executable: false,
  }));
  const summary = { added: 0, modified: 0, mode: 0, deleted: 0, renamed: 0, bytes: 0 };
  return { changes, summary, originalChanged: [], complete: true };
}
