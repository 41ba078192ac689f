/**
 * The contract: schema, loading, units, hazards, and the types through which the other parts meet. What only some
 * commands need has a door of its own: `explain.ts`, `init.ts`, `json-schema.ts`, `reference.ts`.
 *
 * @module
 */
export { type Acceptance, acceptancesOf, acceptedBy, today } from './accept.ts';
export * from './addresses.ts';
export type { Amended, WrittenRule } from './amend.ts';
export * from './calls.ts';
export { type DecidingFiles, decidingFiles } from './deciders.ts';
export * from './discover.ts';
export { escapeByte, escapeCharacter, printable } from './escape.ts';
export * from './events.ts';
export type * from './filter.ts';
export * from './gateway.ts';
export * from './hazards.ts';
export * from './judges.ts';
export * from './load.ts';
export * from './models.ts';
export * from './needs-gateway.ts';
export * from './never.ts';
export { isOverrideHeader } from './override-headers.ts';
export { isWithin } from './paths.ts';
export { directoryOf } from './patterns.ts';
export * from './plan.ts';
export * from './problem.ts';
export * from './question-digest.ts';
export * from './responses.ts';
export * from './rule-line.ts';
export * from './schema.ts';
export type { JudgeRule } from './schema-judges.ts';
export * from './schema-models.ts';
export { shellWord } from './shell.ts';
export { type ContractSource, type Places, positionOf, readBounded } from './source.ts';
export { suggest } from './suggest.ts';
export * from './supervisor.ts';
export { unsupported } from './support.ts';
export * from './termination.ts';
export * from './trust-variables.ts';
export * from './units.ts';
