/**
 * Sigma: rules as data (specification 2.1, with correlations and filters), compiled to one detector.
 *
 * @module
 */
export { compileSigma, type Prefilters, SigmaDetector } from './compile.ts';
export { namesOfRule } from './names.ts';
export type { Placeholders } from './read/modifiers.ts';
export {
  type LoadedRules,
  type LoadOptions,
  loadRules,
  parseSigma,
  type RuleTexts,
} from './read/rule.ts';
export { CATEGORIES, categoriesOf } from './sources.ts';
export type * from './types.ts';
