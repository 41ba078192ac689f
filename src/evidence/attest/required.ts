/**
 * What a statement must be about to count: one that leaves out what it depends on would stay fresh for ever.
 *
 * @module
 */
import { type Changed, changedSince, type Present } from './present.ts';
import { conditionsOf } from './reproductions.ts';
import type { AnyStatement } from './statement.ts';

/** What the build made of a folder of texts: that is what is read, so it counts as they do. */
export const compiledOf = (present: Present, name: string): string[] =>
  present.namesBelow('compiled/').filter((one) => one === `compiled/${name}`);

/** What the verdicts of a proof come from. */
export const provedFrom = (present: Present): string[] => [
  'contract',
  'program',
  ...present.namesBelow('rules/affordances/'),
  ...compiledOf(present, 'affordances.json'),
];

/** What a run would load, and by what: a proof of these is one of what runs. */
export const LOADING = ['plan', 'launcher', 'kernel'] as const;

/** All that a review reads. */
export const reviewedIn = (present: Present): string[] => [
  ...present.namesBelow('claims/'),
  ...present.namesBelow('claims/sources/'),
  ...compiledOf(present, 'claims.json'),
];

/** Names of the subjects that a statement made now would have. A plan is one of them where there is one. */
export function requiredOf(statement: AnyStatement, present: Present): string[] {
  const hasPlan = present.digestOf('plan') !== undefined;
  const loading = LOADING.filter((name) => name !== 'plan' || hasPlan);
  switch (statement.kind) {
    case 'proof':
      return [...provedFrom(present), ...loading];
    case 'reproduction':
      return [...conditionsOf(present), `scenarios/${statement.predicate.scenario}`];
    case 'read-back':
      return ['contract', 'program', ...loading, ...compiledOf(present, 'rules.json')];
    case 'review':
      return reviewedIn(present);
  }
}

/** Subjects that changed since, and what is here and the statement says nothing of; none: it is fresh. */
export function staleIn(statement: AnyStatement, present: Present): Changed[] {
  const told = new Set(statement.subjects.map(({ name }) => name));
  const lacking = requiredOf(statement, present).filter((name) => !told.has(name));
  return [
    ...changedSince(statement, present),
    ...lacking.map((name) => ({ name, before: undefined, now: present.digestOf(name) })),
  ];
}
