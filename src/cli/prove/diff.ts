/**
 * `prove --diff`: what a change of the contract opens and closes.
 *
 * @module
 */
import { dirname, resolve } from 'node:path';
import { type Contract, formatProblem } from '../../contract/index.ts';
import {
  compare,
  differenceJson,
  differenceText,
  givenBeyond,
  isOpened,
  isUnknown,
  type Side,
} from '../../prove/compare/index.ts';
import { differenceSarif } from '../../prove/forms/index.ts';
import { modelOf } from '../../prove/model/index.ts';
import { proveModel } from '../../prove/report/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { noGraph } from './format.ts';
import { loadOlder } from './older.ts';
import { aboutOf } from './others.ts';
import { subjectOf } from './subject.ts';
import type { Question } from './types.ts';
import { viewOf } from './view.ts';

/** @returns the exit code */
export async function diff({ subject, setup, format, invocation }: Question, old: string): Promise<number> {
  const { terminal } = invocation;
  const { contract } = subject;
  if (contract === undefined)
    throw new CommandError(
      'usage',
      '--diff compares contracts, and --from reads none',
      'prove both with --from and --json, and compare the verdicts',
    );
  const loaded = loadOlder(old, subject.file);
  if (!loaded.ok) {
    const { problems } = loaded;
    if (format === 'json') terminal.out(JSON.stringify({ file: old, valid: false, problems }, null, 2));
    else for (const problem of problems) terminal.err(formatProblem(problem));
    return EXIT.usage;
  }
  const older = subjectOf(loaded, setup);
  const { catalogue, home } = setup;
  const sideOf = (of: Contract): Side => {
    const model = modelOf({ contract: of, catalogue, home });
    return { model, report: proveModel(model, of.name) };
  };
  // both as if they lay in one place: what moved is the file, not what it gives
  const options = { home, folder: dirname(resolve(subject.file)) };
  const difference = compare(sideOf(loaded.contract), sideOf(contract), {
    opened: givenBeyond(contract, loaded.contract, options),
    closed: givenBeyond(loaded.contract, contract, options),
  });
  switch (format) {
    case 'text': {
      const style = (colour: Parameters<typeof terminal.style>[0], text: string) =>
        terminal.style(colour, text);
      terminal.out(differenceText(difference, viewOf(subject, style), viewOf(older)).trimEnd());
      break;
    }
    case 'json': {
      const { file, sha256 } = subject;
      const from = { file: older.file, sha256: older.sha256 };
      const all = { file, valid: true, sha256, old: from, catalogue: setup.digest };
      terminal.out(JSON.stringify({ ...all, ...differenceJson(difference) }, null, 2));
      break;
    }
    case 'sarif':
      terminal.out(JSON.stringify(differenceSarif(difference, contract.name, aboutOf(subject)), null, 2));
      break;
    case 'graph':
    case 'dot':
      throw noGraph('--diff', format);
  }
  if (isOpened(difference)) return EXIT.failed;
  return isUnknown(difference) ? EXIT.unknown : EXIT.ok;
}
