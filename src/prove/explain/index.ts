/**
 * Hazards, rules and entries of the catalogue, explained.
 *
 * @module
 */

export { ABOUT, type AboutHazard } from './hazards.ts';
export { rulesReference } from './reference.ts';
export { topicList, topicText } from './text.ts';
export { findTopic, type Topic, topicNames } from './topics.ts';
