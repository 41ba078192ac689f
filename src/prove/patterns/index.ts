/**
 * Path and host patterns as automata: what they match, have in common, leave out, and the finite classes that they cut words into.
 *
 * @module
 */

export { classesOf, type SegmentClass } from './classes.ts';
export { parseHost } from './host.ts';
export { type PathOptions, parsePath } from './path.ts';
export {
  type Atom,
  type Atoms,
  atomsOf,
  DEFAULT_PATTERN_LIMITS,
  type Found,
  type Included,
  includes,
  intersect,
  matchesHost,
  matchesPath,
  shortestWord,
  subtract,
} from './questions.ts';
export type { Parsed, Pattern, PatternKind, PatternLimits, Segment, TooLarge } from './types.ts';
