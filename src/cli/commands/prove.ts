/**
 * `ringfence prove`.
 *
 * @module
 */
import { join } from 'node:path';
import { formatProblem, loadContract } from '../../contract/index.ts';
import { openCatalogue } from '../../prove/catalogue/index.ts';
import { prove, type Report, reportJson, reportText } from '../../prove/report/index.ts';
import type { Invocation } from '../command.ts';
import { contractFile } from '../contract-name.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { installation } from '../installation.ts';
import { hostUser } from '../wiring/machine-facts.ts';

export function run({ options, args, terminal }: Invocation<'prove'>): Promise<number> {
  if (options.contract !== undefined && args[0] !== undefined)
    throw new CommandError('usage', 'two contracts are named', 'name one: ringfence prove FILE');
  const file = contractFile(options.contract ?? args[0]);
  const loaded = loadContract(file);
  if (!loaded.ok) {
    const { problems } = loaded;
    if (options.json) terminal.out(JSON.stringify({ file, valid: false, problems }, null, 2));
    else for (const problem of problems) terminal.err(formatProblem(problem));
    return Promise.resolve(EXIT.usage);
  }
  const { root } = installation();
  const opened = openCatalogue(join(root, 'rules', 'affordances'), join(root, 'dist', 'affordances.json'));
  if (!opened.ok)
    throw new CommandError(
      'catalogue',
      `the catalogue is not valid: ${opened.problems[0]?.message ?? ''}`,
      'mend the file in rules/affordances, or install again',
    );
  const { contract, source } = loaded;
  const whole = prove({ contract, catalogue: opened.catalogue, home: hostUser(process.env).home });
  const named = new Set([...contract.never.aim, ...contract.never.require]);
  // a contract that names none is asked about all
  if (named.size === 0) for (const { hazard } of whole.verdicts) named.add(hazard);
  const report = { ...whole, verdicts: whole.verdicts.filter(({ hazard }) => named.has(hazard)) };
  if (options.json) {
    const { digest } = opened;
    terminal.out(
      JSON.stringify(
        { file, valid: true, sha256: source.sha256, catalogue: digest, ...reportJson(report) },
        null,
        2,
      ),
    );
  } else terminal.out(reportText(report).trimEnd());
  return Promise.resolve(exitOf(report));
}

function exitOf({ verdicts }: Report): number {
  if (verdicts.some(({ verdict }) => verdict === 'REFUTED')) return EXIT.failed;
  return verdicts.every(({ verdict }) => verdict === 'PROVED') ? EXIT.ok : EXIT.unknown;
}
