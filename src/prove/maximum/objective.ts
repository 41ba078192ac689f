/**
 * What decides success: what the maximum wants of it, and what graders may have.
 *
 * @module
 */
import { isAbsolute, join, normalize } from 'node:path';
import { type Contract, formatDuration } from '../../contract/index.ts';
import { compareKept } from './files.ts';
import type { ContainmentOptions, Findings } from './types.ts';
import { type Below, isBelow } from './workspace.ts';

/** Grading where the maximum says nothing of it: as the schema has it by default. Milliseconds. */
const USUAL = { time: 600_000, repeat: 2 };

/** The commands themselves are each contract's own: what they decide cannot be compared. */
export function compareObjective(
  { objective }: Contract,
  { objective: limit, files }: Contract,
  findings: Findings,
  options: ContainmentOptions,
  below: Below,
): void {
  if (findings.isAny('objective')) return;
  const lacks = (key: 'success' | 'hidden' | 'feasible', text: string, fix: string): void => {
    if (limit[key] !== undefined && objective[key] === undefined)
      findings.add({
        clause: `objective.${key}`,
        text,
        witness: `no objective.${key}`,
        limit: `objective.${key}`,
        fix,
      });
  };
  lacks(
    'success',
    'nothing says how success is decided',
    'add objective.success: { run: COMMAND, protect: […] }',
  );
  lacks('hidden', 'there is no check that the agent does not see', 'add objective.hidden: { run: COMMAND }');
  lacks('feasible', 'nothing shows that the task can be done', 'add objective.feasible: { by: FILE }');
  if (objective.success?.network && !limit.success?.network)
    findings.add({
      clause: 'objective.success.network',
      text: 'graders have the network and the secrets',
      witness: 'network: true',
      limit: 'objective.success.network',
      fix: 'remove it',
    });
  if (objective.success !== undefined && limit.success !== undefined)
    compareKept(
      findings,
      'objective.success.protect',
      { kept: limit.success.protect, by: objective.success.protect, below },
      (text) => [text.replace(/(.)\/+$/, '$1')],
      (path) => ({ text: `${path} is not protected`, fix: 'add to objective.success.protect' }),
    );
  compareAmounts(objective, limit, findings);
  const folder = objective.hidden?.files;
  // where any folder may be the workspace, graders have any
  if (folder === undefined || findings.isAny('files.workspace') || findings.isAny('files.read')) return;
  const { folder: base, home } = options;
  const absolute = (path: string): string => {
    const written = home === undefined ? path : path.replace(/^~(?=\/|$)/, home);
    const plain = isAbsolute(written) || base === undefined ? normalize(written) : join(base, written);
    return plain.replace(/(.)\/+$/, '$1');
  };
  const real = (path: string): string => options.realPath?.(absolute(path)) ?? absolute(path);
  const { files: checked } = limit.hidden ?? {};
  const allowed = [files.workspace.path, ...files.read, ...(checked === undefined ? [] : [checked])];
  if (allowed.some((path) => isBelow(absolute(folder), absolute(path)) && isBelow(real(folder), real(path))))
    return;
  findings.add({
    clause: 'objective.hidden.files',
    text: `graders may read ${folder}`,
    witness: real(folder),
    limit: limit.hidden === undefined ? 'objective' : 'objective.hidden',
    fix: 'name a folder of the workspace, or one that the maximum lets be read',
  });
}

/** How long graders may compute. */
function compareAmounts(
  { success }: Contract['objective'],
  { success: limit }: Contract['objective'],
  findings: Findings,
): void {
  if (success === undefined) return;
  const { time, repeat } = limit ?? USUAL;
  const at = limit === undefined ? 'objective' : 'objective.success';
  if (success.time > time)
    findings.add({
      clause: 'objective.success.time',
      text: `a grading may take ${formatDuration(success.time)}, and ${formatDuration(time)} at most`,
      witness: formatDuration(success.time),
      limit: at,
      fix: `write time: ${time / 1000}s`,
    });
  if (success.repeat > repeat)
    findings.add({
      clause: 'objective.success.repeat',
      text: `each grading is done ${success.repeat} times, and ${repeat} times at most`,
      witness: `repeat: ${success.repeat}`,
      limit: at,
      fix: `write repeat: ${repeat}`,
    });
}
