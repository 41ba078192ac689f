/**
 * What `prove` is asked about: our contract, or what `--from` reads.
 *
 * @module
 */
import { formatProblem, type Loaded } from '../../contract/index.ts';
import { withObjective } from '../../prove/objective/index.ts';
import { prove, type Report } from '../../prove/report/index.ts';
import { knownContract } from '../contract-cache.ts';
import { contractFile } from '../contract-name.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { formatOf } from './format.ts';
import type { ProveInvocation, Read, Setup, Subject } from './types.ts';
import { placesOf } from './view.ts';

/** @throws CommandError where two files are named, or none and none is found */
export async function readContract(
  { options, args, terminal }: ProveInvocation,
  setup: Setup,
): Promise<Read<Subject>> {
  if (options.contract !== undefined && args[0] !== undefined)
    throw new CommandError('usage', 'two contracts are named', 'name one: ringfence prove FILE');
  const file = contractFile(options.contract ?? args[0]);
  const known = knownContract(file);
  if (known.contract) return { ok: true, value: subjectOf(known.contract, setup) };
  const { loadContract } = await import('./load.ts');
  const loaded = loadContract(file);
  if (loaded.ok) {
    known.keep(loaded);
    return { ok: true, value: subjectOf(loaded, setup) };
  }
  const { problems } = loaded;
  if (formatOf(options) === 'json') terminal.out(JSON.stringify({ file, valid: false, problems }, null, 2));
  else for (const problem of problems) terminal.err(formatProblem(problem));
  return { ok: false, exit: EXIT.usage };
}

/** A contract that was read, with what is proved of it. */
export function subjectOf(
  { contract, source }: Extract<Loaded, { ok: true }>,
  { catalogue, home }: Setup,
): Subject {
  let report: Report | undefined;
  return {
    file: source.path,
    sha256: source.sha256,
    contract,
    // not every question needs it
    get report() {
      report ??= withObjective(prove({ contract, catalogue, home }), contract);
      return report;
    },
    place: placesOf(source),
  };
}
