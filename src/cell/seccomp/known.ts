/**
 * What the way to an instruction has learned of the words of a call, so that nothing is asked twice.
 *
 * @module
 */
import type { Look, Word } from './graph.ts';

/** Of one masked word: its values lie in `least`–`most` and are none of `others`; bits that are 0, and masks of which some bit is 1. */
interface Facts {
  least: number;
  most: number;
  others: readonly number[];
  zeros: number;
  some: readonly number[];
}

/** Facts by word and mask, in no order. Never changed in place. */
export type Known = ReadonlyMap<string, Facts>;

export const NOTHING: Known = new Map();

export const nameOf = ({ at, mask }: Word): string => `${at}&${mask}`;

const factsOf = (known: Known, word: Word): Facts =>
  known.get(nameOf(word)) ?? { least: 0, most: word.mask, others: [], zeros: ~word.mask >>> 0, some: [] };

/** Whether it is known that a look holds, or that it does not; undefined where both can be. */
export function outcome(known: Known, word: Word, look: Look, k: number): boolean | undefined {
  const { least, most, others, zeros, some } = factsOf(known, word);
  switch (look) {
    case 'greater':
      return least > k ? true : most <= k ? false : undefined;
    case 'equal':
      if (k < least || k > most || others.includes(k) || (k & zeros) !== 0) return false;
      if (some.some((mask) => (mask & k) === 0)) return false;
      return least === most ? true : undefined;
    case 'any-bit':
      if ((k & ~zeros) === 0) return false;
      if (least === most) return (least & k) !== 0;
      return some.some((mask) => (mask & ~zeros & ~k) === 0) ? true : undefined;
  }
}

/** What is known once a look held, or did not. */
export function learn(known: Known, word: Word, look: Look, k: number, held: boolean): Known {
  const facts = { ...factsOf(known, word) };
  if (look === 'equal' && held) facts.least = facts.most = k;
  else if (look === 'equal') facts.others = [...facts.others, k].sort((a, b) => a - b);
  else if (look === 'greater' && held) facts.least = Math.max(facts.least, k + 1);
  else if (look === 'greater') facts.most = Math.min(facts.most, k);
  else if (held) facts.some = [...facts.some, k].sort((a, b) => a - b);
  else facts.zeros = (facts.zeros | k) >>> 0;
  while (facts.least < facts.most && facts.others.includes(facts.least)) facts.least++;
  while (facts.least < facts.most && facts.others.includes(facts.most)) facts.most--;
  facts.others = facts.others.filter((value) => value > facts.least && value < facts.most);
  return new Map(known).set(nameOf(word), facts);
}

/** What is known of some words, as a text that is the same for the same. */
export function textOf(known: Known, words: Iterable<string>): string {
  return [...words]
    .map((name) => {
      const facts = known.get(name);
      return facts === undefined ? '' : JSON.stringify(facts);
    })
    .join(';');
}

/**
 * The instruction's comparison for a look that can come out either way. "Equal to the greatest that is possible" would be the same as "at
 * least that"; "greater than the one before" is the same as nothing else.
 */
export function written(known: Known, word: Word, look: Look, k: number): { look: Look; k: number } {
  if (look === 'equal' && k === factsOf(known, word).most) return { look: 'greater', k: k - 1 };
  return { look, k };
}
