/**
 * Evidence → links: each is fresh, stale or missing, and knows what makes it again.
 *
 * @module
 */
import type { StatementKind } from '../attest/index.ts';
import type { CaseInput, Held } from './input.ts';
import type { CaseProblem, Link } from './schema.ts';

/** Subjects of which there are many: they are counted, and named where they changed. */
const MANY = /^(rules|claims|compiled)\//;

function linkOf<K extends StatementKind>(id: string, title: string, held: Held<K>): Link {
  const { found } = held;
  const command = [...held.command];
  if (found === undefined) return { id, title, state: 'missing', about: [], others: 0, changed: [], command };
  const few = found.subjects.filter(({ name }) => !MANY.test(name));
  return {
    ...{ id, title, command, made: found.predicate.made, file: found.file, sha256: found.sha256 },
    state: found.changed.length === 0 ? 'fresh' : 'stale',
    about: few.map(({ name, digest, annotations }) => ({
      ...{ name, sha256: digest.sha256 },
      ...(annotations && { words: annotations.words }),
    })),
    others: found.subjects.length - few.length,
    changed: found.changed.map(({ name, before, now }) => ({
      ...{ name },
      ...(before !== undefined && { was: before }),
      ...(now !== undefined && { now }),
    })),
  };
}

export const reproductionLink = (scenario: string): string => `reproduction:${scenario}`;

/** All links, those of the contract first. */
export const linksOf = ({ proof, readBack, review, reproductions }: CaseInput): Link[] => [
  linkOf('proof', 'the proof of this contract', proof),
  linkOf('read-back', 'what a run of this contract read back as effective', readBack),
  linkOf('review', 'the review of the claims', review),
  ...reproductions.map(({ scenario, held }) =>
    linkOf(reproductionLink(scenario.id), `the attempt ${scenario.id}`, held),
  ),
];

/** Day and minute of a time in RFC 3339. */
export const minuteOf = (time: string): string => time.slice(0, 16).replace('T', ' ');

const listed = (names: readonly string[]): string =>
  names.slice(0, 4).join(', ') + (names.length > 4 ? ` and ${names.length - 4} more` : '');

/** What of it changed, in words. */
export const changedWords = ({ changed }: Link): string =>
  listed(
    changed.map(({ name, was, now }) =>
      now === undefined
        ? `${name} (not here any more)`
        : was === undefined
          ? `${name} (not part of it)`
          : name,
    ),
  );

const MISSING: Readonly<Record<string, string>> = {
  proof: 'no proof of this contract is on record',
  'read-back': 'no run of this contract has read its layers back',
  review: 'nobody has checked the claims',
};

/** What is wrong with a link, or nothing. */
export function problemOf(link: Link): CaseProblem | undefined {
  const { id, title, state, made, command } = link;
  switch (state) {
    case 'fresh':
      return undefined;
    case 'stale':
      return {
        text: `${title}, of ${minuteOf(made ?? '')}, is stale: changed since: ${changedWords(link)}`,
        link: id,
        command,
      };
    case 'missing':
      return { text: MISSING[id] ?? `${title} was never made here`, link: id, command };
  }
}
