/**
 * Whether the agent would see the files of the hidden check: then it is not hidden.
 *
 * @module
 */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { hiddenPaths } from '../cell/plan/index.ts';
import { readPaths } from '../cell/view/index.ts';
import { type Contract, isWithin } from '../contract/index.ts';

export interface Exposure {
  ok: false;
  field: string;
  problem: string;
  hint: string;
}

const real = (path: string): string | undefined => {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
};

/** @param base folder that relative paths of the contract start at */
export function hiddenExposure(contract: Contract, base: string, home: string): Exposure | undefined {
  const named = contract.objective.hidden?.files;
  if (named === undefined) return undefined;
  const refuse = (problem: string, hint: string): Exposure => ({
    ok: false,
    field: 'objective.hidden.files',
    problem,
    hint,
  });
  const files = real(resolve(base, named));
  if (files === undefined)
    return refuse(`${named} is not there`, 'name the folder of the hidden check’s files');
  const workspace = real(resolve(base, contract.files.workspace.path));
  if (workspace !== undefined && isWithin(workspace, files))
    return refuse(`${named} holds the workspace`, 'name a folder outside of the workspace');
  if (workspace !== undefined && isWithin(files, workspace)) {
    const hidden = hiddenPaths(workspace, contract.files.hide);
    if (!hidden.ok || !hidden.paths.some((path) => isWithin(files, path))) {
      return refuse(
        `${named} lies in the workspace, where the agent sees it`,
        `keep it outside, or write files: { hide: [${files.slice(workspace.length + 1)}/**] }`,
      );
    }
  }
  const read = readPaths(contract.files.read, { home, base });
  const shown = read.ok
    ? read.binds.find(({ source }) => isWithin(files, source) || isWithin(source, files))
    : undefined;
  if (shown)
    return refuse(`${named} is shown to the agent by files.read (${shown.source})`, 'keep it elsewhere');
  return undefined;
}
