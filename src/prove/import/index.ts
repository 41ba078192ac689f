/**
 * Readers of other people's set-ups: launch lines, compose files, pods, other sandboxes' settings → the intermediate form.
 *
 * @module
 */
export { importSettings } from './import.ts';
export { placesOf } from './sources.ts';
export { type ForeignKind, type Imported, type Input, MAX_INPUT_BYTES } from './types.ts';
