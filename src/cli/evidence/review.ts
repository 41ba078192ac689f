/**
 * The statement that a review of the evidence base leaves behind.
 *
 * @module
 */
import { reviewedIn } from '../../evidence/attest/index.ts';
import { VERSION } from '../installation.ts';
import { safe } from '../text.ts';
import { keep, present } from './attestations.ts';

/**
 * Signs and keeps that nothing is wrong in the claims and sources that come with this installation.
 *
 * @returns what people should hear: why there is none
 */
export function attestReview(found: {
  on: string;
  claims: number;
  drafts: number;
  sources: number;
}): string | undefined {
  try {
    const here = present();
    keep({
      kind: 'review',
      subjects: here.subjects(reviewedIn(here)),
      predicate: { made: new Date().toISOString(), ringfence: VERSION, ...found, complete: true },
    });
    return undefined;
  } catch (error) {
    return `no statement could be kept: ${safe(error instanceof Error ? error.message : String(error))}`;
  }
}
