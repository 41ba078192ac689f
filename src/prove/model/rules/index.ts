/**
 * The rules of the model. Data: each has an id, what it says, and where that comes from.
 *
 * Facts of a set-up: `runs` `isolation` `executes` `spends` `unbounded` `delegates` `shells` (programs outside); `knows` `label` `holds`
 * `lends`; `writes` `original` `kept` `decides` `governs` `direct`; `reaches` `near` `posts` `names` `steers` `shared`
 * `fetches` `admits` `connects` `unfamiliar` `opens` `weakens`; `asks` `escalates` `calls` `speaks` `supervised`;
 * `graded` `unrecorded` `unread` `unsaid` `unclear` `harbours` `shows` `beside`. Of the catalogue: `trigger` `gives` `serves` `means`. Of the model: `accepts` `secret` `oversees`
 * `online`. `without` is a layer or a person that is thought away. Derived: `lands` `controls` `has` `uses`; `hazard` can happen; of
 * `undecided` no rule knows.
 *
 * @module
 */
import type { HornRule } from '../../logic/index.ts';
import { HOLDING } from './holding.ts';
import { LANDING } from './landing.ts';
import { REACHING } from './reaching.ts';
import { RUNNING } from './running.ts';
import { UNKNOWN } from './unknown.ts';

/** Unique ids; heads `hazard` and `undecided` are the goals. Of paths as short, the one by the rule written first is shown: the most direct. */
export const RULES: readonly HornRule[] = [...HOLDING, ...LANDING, ...REACHING, ...RUNNING, ...UNKNOWN];
