/**
 * From a contract to a run on a copy: folders, copy, plan; what was made goes again where something is refused.
 *
 * @module
 */
import { findWorkspace, type PlanInput } from '../plan/index.ts';
import { type CompiledReduced, compileReduced } from './compile.ts';
import { makeReducedFolders, type ReducedFolders, removeReducedFolders, standIns } from './folders.ts';

export type Prepared =
  | (Extract<CompiledReduced, { ok: true }> & {
      copy: string;
      folders: ReducedFolders;
      /** where the program works, and what its folders stand for */
      works: { workspace: string; standIns: ReturnType<typeof standIns> };
    })
  | Extract<CompiledReduced, { ok: false }>;

const refuse = (field: string, problem: string, hint: string) =>
  ({ ok: false, field, problem, hint }) as const;

/** @param run the run's id and folder */
export function prepareReduced(input: PlanInput, run: { id: string; path: string }): Prepared {
  const found = findWorkspace(input, input.host.home);
  if (!found.ok) return refuse('files.workspace', found.problem, found.hint);
  const privileged = input.host.uid === 0;
  let folders: ReducedFolders;
  try {
    folders = makeReducedFolders(run, found.path, privileged ? input.unprivileged : undefined);
  } catch (error) {
    return refuse(
      'isolation',
      `no folder for the copy: ${(error as Error).message}`,
      'see the message above',
    );
  }
  try {
    const compiled = compileReduced({
      ...input,
      workspace: found.path,
      folders: { ...folders, marker: input.folders.marker },
    });
    if (compiled.ok) {
      const { copy } = folders;
      const places = { workspace: found.path, home: input.host.home };
      return { ...compiled, copy, folders, works: { workspace: copy, standIns: standIns(run, places) } };
    }
    removeReducedFolders(run, 'all');
    return compiled;
  } catch (error) {
    removeReducedFolders(run, 'all');
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const hint = code === 'ENOSPC' || code === 'EDQUOT' ? 'free some disk space' : 'see the message above';
    return refuse('files.workspace', `the workspace cannot be copied: ${message}`, hint);
  }
}

/** What a person reads when such a run starts. */
export function reducedNotice(copy: string): string[] {
  return [
    `REDUCED ISOLATION (landlock): no namespaces; Landlock and seccomp alone hold. Works on a copy, ${copy}`,
    'no socket of any kind, no /tmp, no /dev/shm; the host’s processes and the names of its files can be seen',
  ];
}
