/**
 * Packages: each artefact has to be one that the maximum lists, of the same index.
 *
 * @module
 */
import type { Contract, PackageRule } from '../../contract/index.ts';
import { normalisePipName } from '../../contract/packages.ts';
import type { Findings } from './types.ts';

/** One spelling for each index. */
const indexOf = ({ from }: PackageRule): string => new URL(from).href.replace(/\/+$/, '');

/** One spelling for each artefact: `name==version` of pip knows several. */
const artefactOf = ({ ecosystem }: PackageRule, text: string): string =>
  ecosystem === 'pip'
    ? normalisePipName(text.split('==', 1)[0] as string) + text.slice(text.indexOf('=='))
    : text;

export function comparePackages(
  { packages }: Contract,
  { packages: limit }: Contract,
  findings: Findings,
): void {
  if (findings.isAny('packages')) return;
  for (const [index, rule] of packages.entries()) {
    const clause = `packages[${index}]`;
    const same = [...limit.entries()].filter(
      ([, each]) =>
        each.ecosystem === rule.ecosystem && indexOf(each) === indexOf(rule) && each.ca === rule.ca,
    );
    if (same.length === 0) {
      const known = limit.map(({ ecosystem, from }) => `${ecosystem} from ${from}`);
      findings.add({
        clause,
        text: `packages of ${rule.ecosystem} come from ${rule.from}${rule.ca === undefined ? '' : `, as ${rule.ca} vouches for it`}`,
        witness: `${rule.ecosystem} from ${rule.from}`,
        limit: 'packages',
        fix: known.length === 0 ? `remove ${clause}` : `write one of: ${known.join(', ')}`,
      });
      continue;
    }
    if (same.some(([at]) => findings.isAny(`packages[${at}].only`))) continue;
    const lists = same.map(([, each]) => each);
    for (const wanted of typeof rule.only === 'string' ? [rule.only] : rule.only) {
      const isListed = lists.some((each) =>
        typeof rule.only === 'string' || typeof each.only === 'string'
          ? typeof rule.only === 'string' && rule.only === each.only
          : each.only.some((known) => artefactOf(each, known) === artefactOf(rule, wanted)),
      );
      if (isListed) continue;
      findings.add({
        clause: `${clause}.only`,
        text:
          typeof rule.only === 'string'
            ? `what ${rule.only} lists can be had`
            : `the artefact ${wanted} can be had`,
        witness: wanted,
        limit: `packages[${same[0]?.[0] ?? 0}].only`,
        fix: `remove ${wanted}, or have it listed in the maximum`,
      });
    }
  }
}
