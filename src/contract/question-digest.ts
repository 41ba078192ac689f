/**
 * What an answer is bound to: the digest of exactly what was asked. Who asks and who shows the question each take it of
 * what they hold themselves, so that an answer cannot be moved to another question.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { NetworkRule } from './schema.ts';

/** What a person is asked: the effect, its words, and the rule that a plain yes adds. */
export interface Asked {
  effect: string;
  what: string;
  rule?: NetworkRule;
}

/** SHA-256 in hexadecimal of a question, whatever the order of its rule's keys. */
export function questionDigest({ effect, what, rule }: Asked): string {
  const written = rule === undefined ? null : JSON.stringify(rule, Object.keys(rule).sort());
  return createHash('sha256')
    .update(JSON.stringify([effect, what, written]))
    .digest('hex');
}
