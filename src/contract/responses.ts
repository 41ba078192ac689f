/**
 * What can be done about something that happened. Apart from the schema, which a run's watch need not load.
 *
 * @module
 */

/** Answers to what a cell does, weakest first. */
export const ACTIONS = ['note', 'freeze', 'stop', 'kill'] as const;
/** Answers to a finding, weakest first. */
export const RESPONSES = ['none', 'note', 'alert', 'ask', 'freeze', 'stop', 'kill'] as const;
