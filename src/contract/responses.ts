/**
 * What can be done about something that happened. Apart from the schema, which a run's watch need not load.
 *
 * @module
 */

/** Answers to what a cell does, weakest first. */
export const ACTIONS = ['note', 'freeze', 'stop', 'kill'] as const;
/** Answers to a finding, weakest first. */
export const RESPONSES = ['none', 'note', 'alert', 'ask', 'freeze', 'stop', 'kill'] as const;

/** How much a finding matters, as Sigma grades it, least first. */
export const FINDING_LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type FindingLevel = (typeof FINDING_LEVELS)[number];
