/**
 * Judges, as far as watch knows of them: which acts they are asked about, and what follows from what they say.
 *
 * @module
 */
export { type Act, Acts, changesAct } from './acts.ts';
export { boundAct } from './bound.ts';
export { Judgements } from './judgements.ts';
