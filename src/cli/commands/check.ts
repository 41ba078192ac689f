/**
 * `ringfence check`.
 *
 * @module
 */
import { explainContract, renderExplanation } from '../../contract/explain.ts';
import { formatProblem, loadContract } from '../../contract/index.ts';
import type { Invocation } from '../command.ts';
import { contractFile } from '../contract-name.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { safe } from '../text.ts';

/** Lines longer than this are hard to read, however wide the terminal is. */
const WIDEST = 110;

export function run({ options, args, terminal }: Invocation<'check'>): number {
  if (options.contract !== undefined && args[0] !== undefined) {
    throw new CommandError('usage', 'two contracts are named', 'name one: ringfence check FILE');
  }
  const file = contractFile(options.contract ?? args[0]);
  const loaded = loadContract(file);
  if (!loaded.ok) {
    const { problems } = loaded;
    if (options.json) terminal.out(JSON.stringify({ file, valid: false, problems }, null, 2));
    else for (const problem of problems) terminal.err(formatProblem(problem));
    return EXIT.usage;
  }
  const explanation = explainContract(loaded.contract, loaded.source);
  if (options.json) {
    terminal.out(
      JSON.stringify({ file, valid: true, sha256: loaded.source.sha256, ...explanation }, null, 2),
    );
  } else if (options.quiet) {
    for (const { text, line } of explanation.notes)
      terminal.out(safe(`${file}${line ? `:${line}` : ''}: ${text}`));
  } else {
    terminal.out(`${safe(file)} is valid.\n`);
    terminal.out(renderExplanation(explanation, Math.min(terminal.columns(), WIDEST)).trimEnd());
  }
  return explanation.notes.length > 0 ? EXIT.failed : EXIT.ok;
}
