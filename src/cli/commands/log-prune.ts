/**
 * `ringfence log prune`.
 *
 * @module
 */
import { formatSize, parseSize } from '../../contract/index.ts';
import { loadKeys, pruneLedger } from '../../ledger/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { readTime } from '../event-filter.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';
import { ensureFolder, folders } from '../folders.ts';
import { safe } from '../text.ts';

export function run({ options, args, terminal }: Invocation<'log prune'>): number {
  const keepBytes = options.keep === undefined ? undefined : parseSize(options.keep);
  if (options.keep !== undefined && keepBytes === undefined) {
    throw new CommandError(
      'usage',
      `--keep ${safe(options.keep)} is not a size`,
      'write for example --keep 64MiB',
      EXIT.usage,
    );
  }
  const before =
    options.before === undefined ? undefined : new Date(readTime('before', options.before) / 1000);
  const { signer } = loadKeys(ensureFolder(folders().keys));
  const { id, ledger } = findRun(args[0]);
  const pruned = pruneLedger(ledger, {
    signer,
    ...(keepBytes !== undefined && { keepBytes }),
    ...(before && { before }),
  });
  if (pruned.state === 'refused') {
    const [first] = pruned.problems;
    throw new CommandError(
      'broken-ledger',
      `the record of ${id} does not verify, and removing a part would hide that${first ? `: ${first.text}` : ''}`,
      `see where: ringfence log verify ${id}`,
    );
  }
  if (pruned.state === 'nothing') terminal.out(`${id}: nothing to remove`);
  else terminal.out(`${id}: ${pruned.records} events removed, ${formatSize(pruned.bytes)} freed`);
  return EXIT.ok;
}
