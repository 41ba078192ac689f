/**
 * Runs that are going on in a workspace in which something is about to land.
 *
 * @module
 */
import { isWithin } from '../../contract/index.ts';
import { CommandError } from '../errors.ts';
import { listRuns } from '../find-run.ts';
import { isAlive, readFacts } from '../wiring/leftovers.ts';

/**
 * A run that changes the workspace itself could change what is being landed: that is refused. One in an overlay sees its
 * original change under it, which overlayfs leaves undefined; its review names those paths.
 *
 * @returns lines to say
 * @throws CommandError
 */
export function refuseRunsThere(workspace: string): string[] {
  const said: string[] = [];
  for (const run of listRuns()) {
    const facts = readFacts(run);
    if (!facts || facts.ended !== undefined || !isAlive(facts)) continue;
    if (!isWithin(facts.workspace, workspace) && !isWithin(workspace, facts.workspace)) continue;
    if (facts.direct)
      throw new CommandError(
        'run-in-workspace',
        `run ${run.id} is changing ${facts.workspace} itself; nothing was changed`,
        `wait for its end, or stop it: ringfence stop ${run.id}`,
      );
    if (facts.copy === undefined)
      said.push(
        `run ${run.id} is going on and sees ${facts.workspace} change; its review will name what changed under it`,
      );
  }
  return said;
}
