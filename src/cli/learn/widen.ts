/**
 * What to open where the work did not pass under a proposal: only what a refusal of that run names.
 *
 * @module
 */
import type { LedgerEvent } from '../../contract/index.ts';
import { madeIn } from './observe.ts';
import { isThere } from './programs.ts';
import { existingFolder, type Terms } from './propose.ts';

/** The terms with one step more, and why; `undefined` where no refusal says what is missing. */
export function widen(
  terms: Terms,
  events: readonly LedgerEvent[],
  workspace: string,
): { terms: Terms; why: string[] } | undefined {
  const made = madeIn(events);
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
      const path = event.what.replace(/^execute /, '');
      const programs = withProgram(wider.programs, path, { made: made.has(path), workspace });
      if (!programs || ('list' in programs && wider.programs.list.includes(path))) continue;
      wider = { ...wider, programs };
      why.push(`${'any' in programs ? 'any program' : path} may run: ${event.what}`);
    }
    if (event.clause !== 'files.write') continue;
    const at = event.what.indexOf(` ${workspace}/`);
    // the folder itself is no file in it: that it was touched asks for nothing
    if (at < 0) continue;
    const folder = existingFolder(workspace, event.what.slice(at + workspace.length + 2));
    if (wider.write.some((known) => known.folder === '' || known.folder === folder)) continue;
    const added = { folder, because: 'written when it was tried again' };
    wider = { ...wider, write: folder === '' ? [added] : [...wider.write, added] };
    why.push(`${folder === '' ? 'the workspace' : folder} may be written: ${event.what}`);
  }
  return why.length === 0 ? undefined : { terms: wider, why };
}

type Programs = Terms['programs'];

/** The list with one more program, or none where it cannot be listed; `undefined` where it was nowhere to be executed. */
function withProgram(
  programs: Extract<Programs, { list: string[] }>,
  path: string,
  { made, workspace }: { made: boolean; workspace: string },
): Programs | undefined {
  if (made || (path.startsWith(`${workspace}/`) && isThere(path)))
    return { any: 'a program of its own was executed when it was tried again' };
  return isThere(path) ? { ...programs, list: [...programs.list, path].sort() } : undefined;
}

/** Factors of memory and processes to try, one after another: each alone before both. */
const STEPS = [
  { memory: 4, processes: 1 },
  { memory: 0.25, processes: 4 },
  { memory: 4, processes: 1 },
] as const;

/**
 * What to try where nothing says what is missing: the limits that show in no event (RLIMIT_DATA, RLIMIT_NPROC).
 *
 * @param tried how often that was done before
 */
export function loosen(terms: Terms, tried: number): { terms: Terms; why: string[] } {
  const { memory, processes } = STEPS[tried] ?? { memory: 4, processes: 4 };
  const limits = {
    ...terms.limits,
    memory: terms.limits.memory * memory,
    processes: terms.limits.processes * processes,
  };
  const changed = memory > 1 && processes > 1 ? 'memory and processes' : memory > 1 ? 'memory' : 'processes';
  return {
    terms: { ...terms, limits },
    why: [`more of ${changed}: nothing was refused, and it did not pass`],
  };
}
