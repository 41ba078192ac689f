/**
 * Variables that tell clients which authorities to believe, for those that bring a list of their own.
 *
 * @module
 */
import { ADDING_TRUST, REPLACING_TRUST } from '../../contract/index.ts';
import { INSIDE } from './stores.ts';

/** The variables for a cell with the run's authority in it. */
export function trustEnvironment(): Record<string, string> {
  return Object.fromEntries([
    ...REPLACING_TRUST.map((name) => [name, INSIDE.bundle] as const),
    ...ADDING_TRUST.map((name) => [name, INSIDE.authority] as const),
  ]);
}
