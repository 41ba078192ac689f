/**
 * `ringfence prove`: verdicts that are known are printed; else the contract is read and proved.
 *
 * @module
 */
import { basename, join } from 'node:path';
import { stampOf } from '../../prove/catalogue/index.ts';
import { knownContract } from '../contract-cache.ts';
import { contractFile } from '../contract-name.ts';
import { CommandError } from '../errors.ts';
import { installation } from '../installation.ts';
import { answer } from '../prove/answer.ts';
import { isAttested, programStamp } from '../prove/attested.ts';
import { formatOf } from '../prove/format.ts';
import { type Basis, recall, remember } from '../prove/recall.ts';
import type { Format, ProveInvocation } from '../prove/types.ts';
import { placesOf } from '../prove/view.ts';
import { hostUser } from '../wiring/machine-facts.ts';

/** Name of the built file, which holds a hash of itself and of the prover that it loads; when run from source, nothing is kept. */
const BUILD = basename(import.meta.filename);

export async function run(invocation: ProveInvocation): Promise<number> {
  const { options } = invocation;
  refuseTogether(options);
  const format = formatOf(options);
  // before the catalogue is read: what is written meanwhile is another one
  const catalogue = stampOf(join(installation().root, 'rules', 'affordances'));
  const known = await quickly(invocation, format, catalogue);
  if (known !== undefined) return known;
  const { ask } = await import('../prove/ask.ts');
  return ask(invocation, format, ({ sha256, report }) => {
    if (BUILD !== 'prove.ts') remember(basisOf(sha256, catalogue), report);
  });
}

const basisOf = (contract: string, catalogue: string): Basis => ({
  build: BUILD,
  contract,
  catalogue,
  home: hostUser(process.env).home,
  program: programStamp(),
});

/** The answer from what was found before, where there is one and the form shows no proof. */
async function quickly(
  invocation: ProveInvocation,
  format: Format,
  catalogue: string,
): Promise<number | undefined> {
  const { options, args } = invocation;
  const { from, replay, loaded: loads, diff, max, recorded, certificate } = options;
  if (replay || loads || [from, diff, max, recorded, certificate].some((value) => value !== undefined))
    return undefined;
  if (BUILD === 'prove.ts' || format === 'json' || (options.contract !== undefined && args.length > 0))
    return undefined;
  const { contract: loaded } = knownContract(contractFile(options.contract ?? args[0]));
  if (loaded === undefined) return undefined;
  const { contract, source } = loaded;
  const verdicts = recall(basisOf(source.sha256, catalogue));
  if (verdicts === undefined) return undefined;
  // what is known leaves no statement: one must be here
  if (!isAttested(source.sha256)) return undefined;
  const report = { ...verdicts, proof: undefined };
  const { path: file, sha256 } = source;
  const subject = { file, sha256, contract, report, place: placesOf(source) };
  return answer({ subject, format, invocation });
}

/** Options that each are a question of their own. */
function refuseTogether(options: ProveInvocation['options']): void {
  const given = [
    ...(options.replay ? ['--replay'] : []),
    ...(options.diff === undefined ? [] : ['--diff']),
    ...(options.max === undefined ? [] : ['--max']),
    ...(options.recorded === undefined ? [] : ['--recorded']),
  ];
  if (given.length > 1)
    throw new CommandError('usage', `${given.join(' and ')} are separate questions`, 'ask one at a time');
  if (options.from !== undefined && options.contract !== undefined)
    throw new CommandError(
      'usage',
      '--from reads no contract',
      'name the file alone: prove --from KIND FILE',
    );
  if (options.from !== undefined && options.replay)
    throw new CommandError(
      'usage',
      '--replay runs a contract’s own cell, and --from reads none',
      'type the commands of the report in the sandbox itself',
    );
  if (options.from === undefined && options.service !== undefined)
    throw new CommandError('usage', '--service is for --from', 'leave it out');
}
