/**
 * `ringfence runs`.
 *
 * @module
 */
import { CommandError } from '../errors.ts';

export function run(): never {
  throw new CommandError(
    'absent',
    'this build has no command runs',
    'build from a complete checkout: npm run setup',
    125,
  );
}
