/**
 * `ringfence init`.
 *
 * @module
 */
import { statSync } from 'node:fs';
import { proposeContract, writeProposal } from '../../contract/init.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { safe } from '../text.ts';

export function run({ options, args, terminal }: Invocation<'init'>): number {
  const folder = args[0] ?? '.';
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CommandError('no-folder', `${folder} is not a folder`, 'name the folder of a project');
  }
  const proposal = proposeContract(folder);
  if (options.print) {
    terminal.out(proposal.text.trimEnd());
    return EXIT.ok;
  }
  const written = writeProposal(proposal);
  if (!written.ok) throw new CommandError('not-written', written.message, written.hint);
  terminal.out(`wrote ${safe(written.path)}: ${safe(proposal.project.found)}`);
  for (const secret of proposal.secrets) terminal.out(`  hides ${safe(secret)}`);
  terminal.out('next: ringfence check, then ringfence run -- COMMAND');
  return EXIT.ok;
}
