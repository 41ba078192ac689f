/**
 * Packages: each index serves the artefacts that the contract's list names, by their digests, and no others.
 *
 * @module
 */
import type { GatewayConfig, PackageArtefact, PackageRule } from '../../../contract/index.ts';
import type { EgressBreach, EgressFacts } from './types.ts';

export function packageBreaches({ packages = [], store }: GatewayConfig, facts: EgressFacts): EgressBreach[] {
  const { contract, copiesOnly = false, lists = {} } = facts;
  const breaches = packages.flatMap((index): EgressBreach[] => {
    const clause = `packages[${index.rule}]`;
    const rule = contract.packages[index.rule];
    if (rule === undefined)
      return [
        { says: `an index that the contract does not name: ${index.from}`, witness: index.from, clause },
      ];
    if (index.ecosystem !== rule.ecosystem || index.from !== rule.from)
      return [
        { says: `the index of ${index.from} in the place of ${rule.from}`, witness: index.from, clause },
      ];
    if (index.ca !== undefined && rule.ca === undefined)
      return [{ says: 'authorities for an index that names none', clause }];
    return index.artefacts.flatMap((artefact): EgressBreach[] => {
      const says = beyond(artefact, rule, lists[index.rule]);
      return says === undefined
        ? []
        : [
            {
              says: `${artefact.name} ${artefact.version} ${says}`,
              witness: artefact.name,
              clause: `${clause}.only`,
            },
          ];
    });
  });
  if (copiesOnly && packages.length > 0 && store?.copiesOnly !== true)
    breaches.push({ says: 'packages would be fetched for a grader', clause: 'packages' });
  return breaches;
}

const pipName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** Why an artefact is not one that the list names; `undefined` where it is. */
function beyond(
  artefact: PackageArtefact,
  { ecosystem, only }: PackageRule,
  list: string | undefined,
): string | undefined {
  const { name, version, digests } = artefact;
  if (typeof only !== 'string') {
    const named = only.some((entry) => {
      const [, one = '', what = ''] = /^\s*(@?[^@=\s]+)\s*(?:==|@)\s*(\S+)\s*$/.exec(entry) ?? [];
      return what === version && (ecosystem === 'pip' ? pipName(one) === name : one === name);
    });
    return named ? undefined : 'is not one of the named set';
  }
  if (list === undefined) return undefined;
  // each digest is written in the list itself, as npm writes it or in hexadecimal
  const missing = digests.find((digest) => {
    const [, value = ''] = digest.split(/-(.*)/s);
    const hex = Buffer.from(value, 'base64').toString('hex');
    return !list.includes(digest) && !list.toLowerCase().includes(hex);
  });
  if (missing !== undefined) return `has a digest that the list does not have: ${missing.slice(0, 24)}…`;
  if (digests.length === 0 && ecosystem !== 'npm') return 'has no digest';
  if (ecosystem === 'files') return undefined;
  const short = name.slice(name.lastIndexOf('/') + 1);
  const written =
    ecosystem === 'pip'
      ? [...list.matchAll(/[A-Za-z0-9._-]+/g)].some(([word]) => pipName(word) === name)
      : list.includes(short);
  return written && list.includes(version) ? undefined : 'is not in the list';
}
