/**
 * The native supervisor, as a typed source of events.
 *
 * @module
 */
export { type Launched, launchCell, type LaunchOptions } from './launch.ts';
export { confinedPlan, type ConfinedInput } from './confined.ts';
