/**
 * What is red in as few words as tell it, and what a person writes where no command makes it green.
 *
 * @module
 */
import { type Red, redWords } from './build.ts';
import { changedWords } from './links.ts';
import type { CaseProblem, Link, SafetyCase } from './schema.ts';

/** More attempts than these that lack the same are told together. */
const FEW = 2;

/** Id of the scenario that a problem is about, where it is about one. */
export const attemptOf = ({ link = '' }: Pick<CaseProblem, 'link'>): string | undefined =>
  /^reproduction:(.+)$/.exec(link)?.[1];

/** What attempts lack, said of several; nothing where it is no attempt. */
function lacking(red: Red, links: ReadonlyMap<string, Link>): string | undefined {
  const link = attemptOf(red) === undefined ? undefined : links.get(red.link ?? '');
  if (link === undefined) return undefined;
  return link.state === 'missing'
    ? 'attempts were never made here'
    : `attempts are stale: changed since: ${changedWords(link)}`;
}

/** Sentences about what is red, each with what it is about: attempts that lack the same are one. */
export function toldTogether(
  reds: readonly Red[],
  links: ReadonlyMap<string, Link>,
): { readonly text: string; readonly reds: readonly Red[] }[] {
  const groups = new Map<string, Red[]>();
  for (const red of reds) {
    const key = lacking(red, links) ?? redWords(red);
    groups.set(key, [...(groups.get(key) ?? []), red]);
  }
  return [...groups].flatMap(([words, group]) =>
    group.length <= FEW
      ? group.map((red) => ({ text: redWords(red), reds: [red] }))
      : [
          {
            text: `${group.length} ${words}: ${group.map((red) => attemptOf(red) ?? '').join(', ')}`,
            reds: group,
          },
        ],
  );
}

/** The reason is left to whoever decides: one word is refused, so that nothing is accepted by pasting alone. */
const REASON = 'WHY';

/**
 * Lines of the contract that bear what is red, ready to be pasted but for the reason; none where nobody may decide.
 *
 * @example
 * // accept:
 * //   - { hazard: coercion, reason: WHY }
 */
export function acceptLines({ hazards }: SafetyCase, red: Red): string[] {
  if (red.bearable !== true || red.hazards.length === 0) return [];
  const known = new Set(hazards.flatMap(({ hazard, accepted }) => (accepted ? [hazard] : [])));
  const entries = red.hazards.filter((hazard) => !known.has(hazard as never));
  if (entries.length === 0) return [];
  return [
    known.size > 0 ? 'accept: # it is there: put these under it' : 'accept:',
    ...entries.map((hazard) => `  - { hazard: ${hazard}, reason: ${REASON} }`),
  ];
}
