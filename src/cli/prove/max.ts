/**
 * `prove --max`: whether a contract gives no more than another one does.
 *
 * @module
 */
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { programRules } from '../../cell/plan/index.ts';
import { formatProblem, positionOf } from '../../contract/index.ts';
import { loadMaximum } from '../../contract/maximum.ts';
import { containmentSarif } from '../../prove/forms/index.ts';
import { type Containment, containmentJson, containmentText, exceeds } from '../../prove/maximum/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { noGraph } from './format.ts';
import { aboutOf } from './others.ts';
import type { Question } from './types.ts';

/** @returns the exit code */
export async function max({ subject, setup, format, invocation }: Question, file: string): Promise<number> {
  const { terminal } = invocation;
  const { contract } = subject;
  if (contract === undefined)
    throw new CommandError(
      'usage',
      '--max holds a contract against another, and --from reads none',
      'prove what --from reads by itself, or write a contract that gives the same',
    );
  const loaded = loadMaximum(file);
  if (!loaded.ok) {
    const { problems } = loaded;
    if (format === 'json') terminal.out(JSON.stringify({ file, valid: false, problems }, null, 2));
    else for (const problem of problems) terminal.err(formatProblem(problem));
    return EXIT.usage;
  }
  const { maximum, source } = loaded;
  const { home } = setup;
  const found = exceeds(contract, maximum, {
    home,
    folder: dirname(resolve(subject.file)),
    resolveProgram: (name) => {
      const rules = programRules([name], process.env.PATH ?? '', home);
      return rules.ok ? rules.paths : undefined;
    },
    realPath: (path) => {
      try {
        return realpathSync(path);
      } catch {
        return undefined; // nothing is there: no run could show it
      }
    },
  });
  const at = (name: string, place: { line: number; column: number } | undefined): string =>
    place === undefined ? name : `${name}:${place.line}:${place.column}`;
  const ofMaximum = (clause: string) => {
    // of several, the first
    const { position, exact } = positionOf(source, clause.split(', ', 1)[0] as string);
    return { ...position, ...(exact ? {} : { implied: true }) };
  };
  switch (format) {
    case 'text': {
      const places = {
        contract: (clause: string) => at(subject.file, subject.place(clause)),
        maximum: (clause: string) => {
          const place = ofMaximum(clause);
          return at(file, place.implied ? undefined : place);
        },
      };
      terminal.out(containmentText({ contract: subject.file, maximum: file }, found, places).trimEnd());
      break;
    }
    case 'json': {
      const { beyond, ...json } = containmentJson(found);
      const placed = found.beyond.map((each) => ({
        ...each,
        place: subject.place(each.clause),
        limitPlace: ofMaximum(each.limit),
      }));
      const names = { file: subject.file, valid: true, sha256: subject.sha256 };
      const limit = { file, sha256: source.sha256 };
      terminal.out(JSON.stringify({ ...names, maximum: limit, ...json, beyond: placed }, null, 2));
      break;
    }
    case 'sarif':
      terminal.out(JSON.stringify(containmentSarif(found, contract.name, aboutOf(subject)), null, 2));
      break;
    case 'graph':
    case 'dot':
      throw noGraph('--max', format);
  }
  return exitOf(found);
}

function exitOf({ beyond, undecided }: Containment): number {
  if (beyond.length > 0) return EXIT.failed;
  return undecided.length === 0 ? EXIT.ok : EXIT.unknown;
}
