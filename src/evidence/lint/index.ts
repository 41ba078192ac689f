/**
 * What is wrong with an evidence base beyond its form: links, quotes, dates, statuses.
 *
 * @module
 */
import { basename } from 'node:path';
import type { Problem } from '../../contract/index.ts';
import type { Evidence } from '../load.ts';
import { checkCoverage, checkUse } from './coverage.ts';
import { checkDates } from './dates.ts';
import { checkQuotes } from './quotes.ts';
import { checkReferences } from './references.ts';
import { checkStatus, checkTwins } from './rules.ts';
import type { Check, World } from './world.ts';

export { LONGEST_QUOTE, wordsIn } from './quotes.ts';
export type { KnownRule, World } from './world.ts';

/**
 * Every problem, in the order of files and lines. Never throws.
 *
 * @param complete also asks that each hazard and rule has a claim; not before every file can be read
 */
export function lintEvidence(evidence: Evidence, world: World, complete: boolean): Problem[] {
  const problems: Problem[] = [...evidence.problems];
  const check: Check = {
    evidence,
    world,
    settled: evidence.claims.filter(({ draft }) => !draft),
    unread: new Set(evidence.problems.map(({ file }) => basename(file).replace(/\.ya?ml$/, ''))),
    claimById: new Map(evidence.claims.map((claim) => [claim.id, claim])),
    sourceById: new Map(evidence.sources.map((source) => [source.id, source])),
    say: (where, path, message, hint) => problems.push(where.problem({ path, message, hint })),
    sayAt: (place, message, hint) => problems.push({ ...place, path: '', message, hint }),
  };
  checkReferences(check);
  checkUse(check);
  checkQuotes(check);
  checkDates(check);
  checkStatus(check);
  checkTwins(check);
  if (complete && evidence.problems.length === 0) checkCoverage(check);
  return problems.sort(
    (one, other) =>
      (one.file < other.file ? -1 : one.file > other.file ? 1 : 0) ||
      one.line - other.line ||
      one.column - other.column,
  );
}
