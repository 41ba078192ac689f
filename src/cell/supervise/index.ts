/**
 * The native supervisor, as a typed source of events.
 *
 * @module
 */

export { type ConfinedInput, confinedPlan } from './confined.ts';
export { givePlan, type Launched, type LaunchOptions, launchCell } from './launch.ts';
