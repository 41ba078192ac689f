/**
 * The schema of `accept`: hazards that somebody bears, with the reason.
 *
 * @module
 */
import * as z from 'zod/mini';
import { HAZARD_NAMES } from './hazards.ts';
import { describe } from './schema-parts.ts';

export const acceptRule = z.strictObject({
  hazard: describe('The hazard that is borne.', z.enum(HAZARD_NAMES)),
  reason: describe(
    'Why it may stay open here, in five words at least: the safety case quotes it.',
    z.string(),
  ),
  by: describe('Who decided.', z.optional(z.string())),
  until: describe(
    'The last day on which it counts, in UTC; afterwards the safety case fails until somebody decides again. Default: no end.',
    z.optional(z.string()),
    ['2027-06-30'],
  ),
});

export type AcceptRule = z.output<typeof acceptRule>;
