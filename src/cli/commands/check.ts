/**
 * `ringfence check`.
 *
 * @module
 */
import { formatProblem, loadContract } from '../../contract/index.ts';
import type { Invocation } from '../command.ts';
import { contractFile } from '../contract-file.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';

export function run({ options, args, terminal }: Invocation<'check'>): number {
  if (options.contract !== undefined && args[0] !== undefined) {
    throw new CommandError('usage', 'two contracts are named', 'name one: ringfence check FILE');
  }
  const path = contractFile(options.contract ?? args[0]);
  const loaded = loadContract(path);
  if (!loaded.ok) {
    if (options.json)
      terminal.out(JSON.stringify({ file: path, valid: false, problems: loaded.problems }, null, 2));
    else for (const problem of loaded.problems) terminal.err(formatProblem(problem));
    return EXIT.usage;
  }
  terminal.out(`${path}: valid`);
  return EXIT.ok;
}
