/**
 * What may be written and executed inside: once by the mounts, once by Landlock, each held against the contract on its own,
 * because each must hold where the other fails.
 *
 * @module
 */
import type { Plan } from '../../../contract/index.ts';
import { includes, type Pattern, parsePath } from '../../patterns/index.ts';
import { lies, look } from './paths.ts';
import { isListed } from './programs.ts';
import type { Breach, CellFacts, Promised } from './types.ts';
import type { View } from './view.ts';

/** Folders of the cell's own that are always open for writing. */
export const ownFolders = (home: string): string[] => [home, '/tmp', '/var/tmp', '/dev', '/proc'];

/** Everything below a folder, whatever characters its name has. */
const below = (folder: string): Pattern => patternOf('**', folder);

function patternOf(text: string, base: string): Pattern {
  const parsed = parsePath(text, { base });
  if (!parsed.ok) throw new TypeError(`${text}: ${parsed.message}`);
  return parsed.pattern;
}

/** A path below `folder` that the contract does not let be written; `undefined` where it lets all be. */
export function beyondWrite(
  folder: string,
  workspace: string,
  patterns: readonly string[],
): string | undefined {
  if (patterns.includes('**') && lies(folder, workspace)) return undefined;
  const outer = patterns.map((text) => patternOf(text, workspace));
  const included = includes(outer, [below(folder)]);
  return included.ok ? included.except : folder;
}

export function mountWrites(view: View, { contract, host }: CellFacts, workspace: string): Breach[] {
  const { write } = contract.files;
  const breaches: Breach[] = [];
  const [root] = view.mounts;
  if (root?.writable)
    breaches.push({
      promise: 'write',
      says: 'the root of the view could be changed',
      witness: '/a',
      operation: root.operation,
    });
  for (const mount of view.mounts) {
    const open =
      mount.writable && mount.source !== undefined && (mount.by === 'writable' || mount.at === workspace);
    if (!open) continue;
    const beyond = beyondWrite(mount.at, workspace, write);
    if (beyond !== undefined)
      breaches.push({
        promise: 'write',
        says: `the mounts let ${beyond} be changed`,
        witness: beyond,
        operation: mount.operation,
        clause: 'files.write',
      });
  }
  for (const path of view.owned)
    if (!lies(path, host.home))
      breaches.push({ promise: 'write', says: `${path} belongs to the program`, witness: path });
  return breaches;
}

const RIGHTS = new Set(['read', 'list', 'write', 'execute', 'truncate']);

/** Rules of Landlock in the full isolation, where the view says what can be read. */
export function landlockBreaches(plan: Plan, view: View, facts: CellFacts, workspace: string): Breach[] {
  const { contract, host } = facts;
  const breaches: Breach[] = [];
  const wrong = (promise: Promised, says: string, operation: number, witness?: string, clause?: string) =>
    breaches.push({
      promise,
      says,
      operation,
      ...(witness !== undefined && { witness }),
      ...(clause !== undefined && { clause }),
    });
  const listed = contract.programs !== 'any';
  const handled = plan.findIndex(([name]) => name === 'landlock');
  const expected = listed ? 'write,execute' : 'write';
  if (handled < 0) wrong('landlock', 'Landlock is not applied at all', plan.length - 1, `${workspace}/..`);
  else if (plan[handled]?.[1] !== expected)
    wrong(
      listed ? 'programs' : 'landlock',
      `Landlock handles ${plan[handled]?.[1]}, not ${expected}`,
      handled,
    );
  const own = new Set(ownFolders(host.home));
  plan.forEach((op, operation) => {
    if (op[0] !== 'allow') return;
    const [, path, list] = op;
    const rights = list.split(',');
    if (rights.some((right) => !RIGHTS.has(right)))
      wrong('form', `rights that nobody knows: ${list}`, operation, path);
    const at = view.resolve(path, true);
    if (at !== path) {
      wrong(
        'landlock',
        `the rule for ${path} is about ${at ?? 'nothing'}, where a link leads`,
        operation,
        path,
      );
      return;
    }
    if (rights.includes('execute')) {
      const source = view.hostPath(path) ?? path;
      if (!listed) wrong('form', 'a rule about programs, and none are listed', operation, path);
      else if (!look(source)?.isFile())
        wrong('programs', `everything in ${path} could be executed`, operation, path, 'programs');
      else if (!isListed(path, facts))
        wrong('programs', `${path} could be executed`, operation, path, 'programs');
    }
    if (rights.every((right) => right === 'execute') || own.has(path)) return;
    const beyond = beyondWrite(path, workspace, contract.files.write);
    if (beyond !== undefined)
      wrong('landlock', `Landlock lets ${beyond} be written`, operation, beyond, 'files.write');
  });
  return breaches;
}
