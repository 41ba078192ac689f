/**
 * What verification can find, and where.
 *
 * @module
 */

/** The kinds of damage. */
export type Nature =
  /** bytes differ from those that were hashed or signed */
  | 'edited'
  /** records or checkpoints are missing, in the middle or at the end */
  | 'cut'
  | 'reordered'
  | 'duplicated'
  /** two signed statements about the same ledger exclude each other, or the chain is not the signed one */
  | 'forked'
  | 'wrong-signature'
  | 'missing-segment'
  /** bytes that belong to no record, or records behind the closing one */
  | 'garbage';

/** One finding of `verifyLedger`: what, and exactly where. */
export interface Problem {
  nature: Nature;
  /** file in the ledger's folder */
  file: string;
  segment?: number;
  /** line, counted from 1 */
  line: number;
  /** offset of the line's first byte */
  offset: number;
  /** number of the record concerned, where it can be known */
  seq?: number;
  /** one sentence */
  text: string;
}
