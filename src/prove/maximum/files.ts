/**
 * Files: what may be written, read and is hidden, and what decides success.
 *
 * @module
 */
import { isAbsolute, join, normalize } from 'node:path';
import type { Contract } from '../../contract/index.ts';
import { includes, type PathOptions, type Pattern, parsePath } from '../patterns/index.ts';
import type { ContainmentOptions, Findings } from './types.ts';

export function compareFiles(
  { files }: Contract,
  { files: limit }: Contract,
  findings: Findings,
  options: ContainmentOptions,
): void {
  if (findings.isAny('files')) return;
  compareWorkspace(files.workspace, limit.workspace, findings, options);
  if (!findings.isAny('files.write'))
    compareLists(
      findings,
      'files.write',
      { given: files.write, limit: limit.write },
      {
        expand: (text) => [text],
        text: (path) => `${path} may be written`,
        options: {},
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
      },
    );
  if (!findings.isAny('files.hide'))
    compareKept(findings, 'files.hide', { kept: limit.hide, by: files.hide }, hiddenBy, (path) => ({
      text: `${path} is not hidden`,
      fix: 'add to files.hide',
    }));
}

/** The folder itself and all that lies below it. */
const andBelow = (text: string): string[] => {
  const clean = text.replace(/(.)\/+$/, '$1');
  return [clean, `${clean}/**`];
};

/** `folder/**` covers the folder as well, and a path what lies below it. */
const hiddenBy = (text: string): string[] => andBelow(text.replace(/\/\*\*$/, ''));

function compareWorkspace(
  given: Contract['files']['workspace'],
  limit: Contract['files']['workspace'],
  findings: Findings,
  { home, folder }: ContainmentOptions,
): void {
  if (findings.isAny('files.workspace')) return;
  if (given.mode === 'direct' && limit.mode !== 'direct')
    findings.add({
      clause: 'files.workspace.mode',
      text: 'the agent changes the original itself, unreviewed',
      witness: 'mode: direct',
      limit: 'files.workspace.mode',
      fix: 'write mode: overlay, or leave it out',
    });
  const absolute = (path: string): string => {
    if (home !== undefined && (path === '~' || path.startsWith('~/'))) return join(home, path.slice(1));
    return isAbsolute(path) || folder === undefined ? normalize(path) : join(folder, path);
  };
  const [inner, outer] = [absolute(given.path), absolute(limit.path)].map((path) =>
    path.replace(/(.)\/+$/, '$1'),
  ) as [string, string];
  if (isBelow(inner, outer)) return;
  findings.add({
    clause: 'files.workspace',
    text: `the workspace ${given.path} does not lie in ${limit.path}`,
    witness: inner,
    limit: 'files.workspace',
    fix: `name a folder in ${limit.path}`,
  });
}

/** Both in their simplest form, both absolute or both relative to the same folder; links are not followed. */
function isBelow(inner: string, outer: string): boolean {
  if (isAbsolute(inner) !== isAbsolute(outer)) return false;
  if (inner === outer || outer === '/') return true;
  if (outer === '.') return inner !== '..' && !inner.startsWith('../');
  // ../.. is above ..
  const ups = (path: string): number => path.split('/').filter((part) => part === '..').length;
  if (/^(\.\.\/)*\.\.$/.test(outer)) return ups(inner) <= ups(outer);
  return inner.startsWith(`${outer}/`);
}

interface Lists {
  readonly given: readonly string[];
  readonly limit: readonly string[];
}

interface Reading {
  /** The patterns that an entry stands for. */
  readonly expand: (text: string) => readonly string[];
  readonly text: (path: string) => string;
  readonly options: PathOptions;
}

/** Every entry that is given has to lie within those of the limit. */
function compareLists(
  findings: Findings,
  clause: string,
  { given, limit }: Lists,
  { expand, text, options }: Reading,
): void {
  const outer = patternsOf(limit, expand, options);
  for (const [index, entry] of given.entries()) {
    const inner = patternsOf([entry], expand, options);
    const included = includes(outer.patterns, inner.patterns);
    const problem = inner.problem ?? (included.ok ? undefined : included.message);
    if (problem !== undefined) findings.leave(`${clause}[${index}]`, problem);
    else if (included.ok && included.except !== undefined) {
      const within = limit.filter((each) => {
        const narrower = includes(inner.patterns, patternsOf([each], expand, options).patterns);
        return narrower.ok && narrower.except === undefined;
      });
      findings.add({
        clause: `${clause}[${index}]`,
        text: text(entry),
        witness: included.except,
        limit: clause,
        fix:
          within.length === 0
            ? `remove ${entry} from ${clause}`
            : `write ${within.join(', ')} instead of ${entry}`,
      });
    }
  }
}

/** Every entry that the limit keeps has to be kept by the contract, too. */
function compareKept(
  findings: Findings,
  clause: string,
  { kept, by }: { kept: readonly string[]; by: readonly string[] },
  expand: Reading['expand'],
  words: (path: string) => { text: string; fix: string },
): void {
  const outer = patternsOf(by, expand, {});
  for (const [index, entry] of kept.entries()) {
    const inner = patternsOf([entry], expand, {});
    const included = includes(outer.patterns, inner.patterns);
    const problem = inner.problem ?? (included.ok ? undefined : included.message);
    if (problem !== undefined) findings.leave(clause, problem);
    else if (included.ok && included.except !== undefined) {
      const { text, fix } = words(included.except);
      findings.add({
        clause,
        text,
        witness: included.except,
        limit: `${clause}[${index}]`,
        fix: `${fix}: ${entry}`,
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

/** What the maximum wants success to be decided by; the commands themselves are each contract's own. */
export function compareObjective(
  { objective }: Contract,
  { objective: limit }: Contract,
  findings: Findings,
): void {
  if (findings.isAny('objective')) return;
  const lacks = (key: 'success' | 'hidden' | 'feasible', text: string, fix: string): void => {
    if (limit[key] !== undefined && objective[key] === undefined)
      findings.add({
        clause: `objective.${key}`,
        text,
        witness: `no objective.${key}`,
        limit: `objective.${key}`,
        fix,
      });
  };
  lacks(
    'success',
    'nothing says how success is decided',
    'add objective.success: { run: COMMAND, protect: […] }',
  );
  lacks('hidden', 'there is no check that the agent does not see', 'add objective.hidden: { run: COMMAND }');
  lacks('feasible', 'nothing shows that the task can be done', 'add objective.feasible: { by: FILE }');
  if (objective.success?.network && !limit.success?.network)
    findings.add({
      clause: 'objective.success.network',
      text: 'graders have the network and the secrets',
      witness: 'network: true',
      limit: 'objective.success.network',
      fix: 'remove it',
    });
  if (objective.success !== undefined && limit.success !== undefined)
    compareKept(
      findings,
      'objective.success.protect',
      { kept: limit.success.protect, by: objective.success.protect },
      (text) => [text.replace(/(.)\/+$/, '$1')],
      (path) => ({ text: `${path} is not protected`, fix: 'add to objective.success.protect' }),
    );
}
