/**
 * What reading a list of artefacts gives: them, or the first thing that is wrong with it.
 *
 * @module
 */
import type { PackageArtefact } from '../../../contract/index.ts';

export interface ListProblem {
  /** line in the list, from 1; 0: the list as a whole */
  line: number;
  message: string;
  hint: string;
}

/** `remarks`: entries that cannot be had from an index, each with its reason. */
export type Listed =
  | { ok: true; artefacts: PackageArtefact[]; remarks: string[] }
  | { ok: false; problem: ListProblem };

export const wrong = (line: number, message: string, hint: string): Listed => ({
  ok: false,
  problem: { line, message, hint },
});

/** `https://index.example.com/npm` → the same with one slash at its end, below which relative addresses are looked up. */
export const baseOf = (from: string): string => `${from.replace(/\/+$/, '')}/`;

/** An address without user, query and fragment, or `undefined`. */
export function plainAddress(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return plain && (url.protocol === 'https:' || url.protocol === 'http:') ? url : undefined;
}
