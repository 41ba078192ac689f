/**
 * `packages` in words.
 *
 * @module
 */
import { relative, resolve } from 'node:path';
import type { State, Statement } from './explain.ts';
import { matchPath } from './glob.ts';
import { asksForPackages } from './needs-gateway.ts';
import type { Contract } from './schema.ts';
import { formatDuration } from './units.ts';

/** Whether the agent's writes reach a list without review. */
function agentWrites({ files }: Contract, list: string): boolean {
  const { path, mode } = files.workspace;
  const inside = relative(resolve(path), resolve(list));
  return mode === 'direct' && !inside.startsWith('..') && matchPath(files.write)(inside);
}

const KIND = { npm: 'npm packages', pip: 'Python packages', files: 'files' } as const;

/** What the agent may get. */
export function explainPackages(contract: Contract, state: State): Statement[] {
  const asks = asksForPackages(contract) ? ', but for what you allow when you are asked' : '';
  const statements = contract.packages.map(({ ecosystem, from, only }, index) => {
    const which = typeof only === 'string' ? `that ${only} lists` : `named here (${only.join(', ')})`;
    return state(
      `packages[${index}]`,
      `get the ${KIND[ecosystem]} ${which}, and no others: the gateway fetches them from ${from} by itself, compares their digests and hands out copies; nothing that the agent says or asks for goes there${ecosystem === 'files' ? '' : asks}`,
    );
  });
  if (asksForPackages(contract))
    statements.push(
      state(
        'oversight.approve',
        `ask you for other packages: the name that it asks for goes to the index when you allow it; unanswered within ${formatDuration(contract.oversight.patience)}, it is denied once`,
      ),
    );
  return statements;
}

/** What deserves a second look. */
export function notePackages(contract: Contract, state: State): Statement[] {
  return contract.packages.flatMap(({ ecosystem, from, only }, index) => {
    const notes: Statement[] = [];
    if (typeof only !== 'string')
      notes.push(
        state(
          `packages[${index}].only`,
          `no digest is known beforehand: what the first run fetches is what later runs must get${from.startsWith('http:') ? ', and whoever is between you and the index decides what that is' : ''}`,
        ),
      );
    else if (from.startsWith('http:') && ecosystem !== 'files')
      notes.push(
        state(`packages[${index}].from`, 'it is asked in the clear; the digests of the list still hold'),
      );
    if (typeof only === 'string' && agentWrites(contract, only))
      notes.push(
        state(
          `packages[${index}].only`,
          `${only} lies in the workspace, which is direct: what the agent writes there decides what the next run may get, and which addresses at ${new URL(from).host} are asked`,
        ),
      );
    return notes;
  });
}
