/**
 * Files: what may be written, read and is hidden.
 *
 * @module
 */
import type { Contract } from '../../contract/index.ts';
import { includes, type PathOptions, type Pattern, parsePath, shortestWord } from '../patterns/index.ts';
import type { ContainmentOptions, Findings } from './types.ts';
import { type Below, inside } from './workspace.ts';

export function compareFiles(
  { files }: Contract,
  { files: limit }: Contract,
  findings: Findings,
  options: ContainmentOptions,
  below: Below,
): void {
  if (findings.isAny('files')) return;
  if (!findings.isAny('files.write'))
    compareLists(
      findings,
      'files.write',
      { given: files.write, limit: limit.write },
      {
        expand: (text) => [text],
        text: (path) => `${path} may be written`,
        options: {},
        below,
      },
    );
  if (!findings.isAny('files.read'))
    compareLists(
      findings,
      'files.read',
      { given: files.read, limit: limit.read },
      {
        expand: andBelow,
        text: (path) => `${path} may be read`,
        options: options.home === undefined ? {} : { home: options.home },
        ...(options.realPath && { realPath: realPathOf(options.realPath, options.home) }),
      },
    );
  if (!findings.isAny('files.hide'))
    compareKept(findings, 'files.hide', { kept: limit.hide, by: files.hide, below }, hiddenBy, (path) => ({
      text: `${path} is not hidden`,
      fix: 'add to files.hide',
    }));
}

/** Where what is named in the contract really lies. */
const realPathOf =
  (realPath: (path: string) => string | undefined, home = '~') =>
  (text: string): string =>
    realPath(text.replace(/^~(?=\/|$)/, home)) ?? text;

/** The folder itself and all that lies below it. */
const andBelow = (text: string): string[] => {
  const clean = text.replace(/(.)\/+$/, '$1');
  return [clean, `${clean}/**`];
};

/** `folder/**` covers the folder as well, and a path what lies below it. */
const hiddenBy = (text: string): string[] => andBelow(text.replace(/\/\*\*$/, ''));

interface Lists {
  readonly given: readonly string[];
  readonly limit: readonly string[];
}

interface Reading {
  /** The patterns that an entry stands for. */
  readonly expand: (text: string) => readonly string[];
  readonly text: (path: string) => string;
  readonly options: PathOptions;
  /** Of patterns in the workspace. */
  readonly below?: Below;
  /** Of paths of the machine: what is shown is what links lead to. */
  readonly realPath?: (text: string) => string;
}

/** Every entry that is given has to lie within those of the limit. */
function compareLists(
  findings: Findings,
  clause: string,
  { given, limit }: Lists,
  { expand, text, options, below = '', realPath }: Reading,
): void {
  const [ofLimit, ofGiven] = below === '' ? [options, options] : [{ base: '/' }, { base: `/${below}` }];
  const outer = patternsOf(limit, expand, ofLimit);
  for (const [index, entry] of given.entries()) {
    const inner = patternsOf([entry], expand, ofGiven);
    const included = includes(outer.patterns, inner.patterns);
    const problem = inner.problem ?? (included.ok ? undefined : included.message);
    if (problem !== undefined) findings.leave(`${clause}[${index}]`, problem);
    else if (included.ok && included.except !== undefined) {
      const within = limit.filter((each) => {
        const narrower = includes(inner.patterns, patternsOf([each], expand, ofLimit).patterns);
        return below === '' && narrower.ok && narrower.except === undefined;
      });
      findings.add({
        clause: `${clause}[${index}]`,
        text: text(entry),
        witness: below === '' ? included.except : included.except.slice(1),
        limit: clause,
        fix:
          within.length === 0
            ? `remove ${entry} from ${clause}`
            : `write ${within.join(', ')} instead of ${entry}`,
      });
    } else if (realPath !== undefined) {
      const real = realPath(entry);
      const allowed = patternsOf([...limit, ...limit.map(realPath)], andBelow, options).patterns;
      const led = includes(allowed, patternsOf([real], andBelow, options).patterns);
      if (!led.ok) findings.leave(`${clause}[${index}]`, led.message);
      else if (led.except !== undefined)
        findings.add({
          clause: `${clause}[${index}]`,
          text: `${entry} leads to ${real}, by a link, and ${text(real)}`,
          witness: led.except,
          limit: clause,
          fix: `remove ${entry} from ${clause}`,
        });
    }
  }
}

/** Every entry that the limit keeps has to be kept by the contract, too. */
export function compareKept(
  findings: Findings,
  clause: string,
  { kept, by, below }: { kept: readonly string[]; by: readonly string[]; below: Below },
  expand: Reading['expand'],
  words: (path: string) => { text: string; fix: string },
): void {
  const workspace = inside(below);
  const outer = patternsOf(by, expand, workspace === undefined ? {} : { base: `/${below}` });
  for (const [index, entry] of kept.entries()) {
    const inner = patternsOf([entry], expand, workspace === undefined ? {} : { base: '/' });
    const all = workspace === undefined ? [inner.patterns] : [inner.patterns, workspace];
    const found = shortestWord({ all, none: outer.patterns });
    const problem = inner.problem ?? (found.ok ? undefined : found.message);
    if (problem !== undefined) findings.leave(clause, problem);
    else if (found.ok && found.word !== undefined) {
      const path = workspace === undefined ? found.word : found.word.slice(1);
      const { text, fix } = words(path);
      findings.add({
        clause,
        text,
        witness: path,
        limit: `${clause}[${index}]`,
        fix: workspace === undefined ? `${fix}: ${entry}` : `${fix}: ${entry}, written from the workspace`,
      });
    }
  }
}

function patternsOf(
  texts: readonly string[],
  expand: Reading['expand'],
  options: PathOptions,
): { patterns: Pattern[]; problem: string | undefined } {
  const parsed = texts.flatMap(expand).map((text) => parsePath(text, options));
  const failed = parsed.find((each) => !each.ok);
  return {
    patterns: parsed.flatMap((each) => (each.ok ? [each.pattern] : [])),
    problem: failed && !failed.ok ? failed.message : undefined,
  };
}
