/**
 * What `prove` is asked about: our contract, or what `--from` reads.
 *
 * @module
 */
import { formatProblem, type Loaded, loadContract, positionOf } from '../../contract/index.ts';
import { prove } from '../../prove/report/index.ts';
import { contractFile } from '../contract-name.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { formatOf } from './format.ts';
import type { ProveInvocation, Read, Setup, Subject } from './types.ts';

/** @throws CommandError where two files are named, or none and none is found */
export function readContract({ options, args, terminal }: ProveInvocation, setup: Setup): Read<Subject> {
  if (options.contract !== undefined && args[0] !== undefined)
    throw new CommandError('usage', 'two contracts are named', 'name one: ringfence prove FILE');
  const file = contractFile(options.contract ?? args[0]);
  const loaded = loadContract(file);
  if (loaded.ok) return { ok: true, value: subjectOf(loaded, setup) };
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
  return {
    file: source.path,
    sha256: source.sha256,
    contract,
    report: prove({ contract, catalogue, home }),
    place: (clause) => {
      const { position, exact } = positionOf(source, clause, 'key');
      return { file: source.path, ...position, ...(exact ? {} : { implied: true }) };
    },
  };
}
