/**
 * What to open where the work did not pass under a proposal: only what a refusal of that run names.
 *
 * @module
 */
import type { LedgerEvent } from '../../contract/index.ts';
import { existingFolder, type Terms } from './propose.ts';

/** The terms with one step more, and why; `undefined` where no refusal says what is missing. */
export function widen(
  terms: Terms,
  events: readonly LedgerEvent[],
  workspace: string,
): { terms: Terms; why: string[] } | undefined {
  let wider = terms;
  const why: string[] = [];
  for (const event of events) {
    if (event.kind === 'limit.reached' && event.limit in wider.limits) {
      const limit = event.limit as keyof Terms['limits'];
      wider = { ...wider, limits: { ...wider.limits, [limit]: wider.limits[limit] * 2 } };
      why.push(`${limit} is doubled: it ran out`);
    }
    if (event.kind !== 'denial') continue;
    if (event.clause === 'programs' && !('any' in wider.programs)) {
      wider = { ...wider, programs: { any: 'another program was executed when it was tried again' } };
      why.push(`any program may run: ${event.what}`);
    }
    if (event.clause !== 'files.write') continue;
    const path = event.what.slice(event.what.indexOf(` ${workspace}/`) + workspace.length + 2);
    const folder = existingFolder(workspace, path);
    if (wider.write.some((known) => known.folder === '' || known.folder === folder)) continue;
    const added = { folder, because: 'written when it was tried again' };
    wider = { ...wider, write: folder === '' ? [added] : [...wider.write, added] };
    why.push(`${folder === '' ? 'the workspace' : folder} may be written: ${event.what}`);
  }
  return why.length === 0 ? undefined : { terms: wider, why };
}

/** What to try where nothing says what is missing: the limits that show in no event (RLIMIT_DATA, RLIMIT_NPROC). */
export function loosen(terms: Terms): { terms: Terms; why: string[] } {
  const { memory, processes } = terms.limits;
  return {
    terms: { ...terms, limits: { ...terms.limits, memory: memory * 4, processes: processes * 4 } },
    why: ['memory and processes are four times as much: nothing was refused, and it did not pass'],
  };
}
