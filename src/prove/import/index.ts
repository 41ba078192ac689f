/**
 * Readers of other people's set-ups: launch lines, compose files, pods, other sandboxes' settings → the intermediate form.
 *
 * @module
 */
export { importSettings } from './import.ts';
export type { ForeignKind, Imported, Input } from './types.ts';
