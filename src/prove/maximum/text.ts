/**
 * What a contract gives beyond a maximum, for people.
 *
 * @module
 */
import type { Beyond, Containment } from './types.ts';

/** Where a path of the contract, or of the maximum, is written: `file:line:column`. */
export interface Places {
  readonly contract: (clause: string) => string;
  readonly maximum: (clause: string) => string;
}

function describe({ clause, text, witness, limit, fix }: Beyond, places: Places): string[] {
  return [
    `BEYOND   ${clause}: ${text}`,
    `  for example ${witness}`,
    `  at ${places.contract(clause)}; the maximum, at ${places.maximum(limit)}, does not give it`,
    `  ${fix.charAt(0).toUpperCase()}${fix.slice(1)}.`,
    '',
  ];
}

/** Lines without a break at the end; unwrapped, and not yet safe for a terminal. */
export function containmentText(
  names: { contract: string; maximum: string },
  { beyond, undecided }: Containment,
  places: Places,
): string[] {
  const verdict =
    beyond.length > 0
      ? `is not contained in ${names.maximum}: ${beyond.length} beyond it`
      : undecided.length > 0
        ? `may be contained in ${names.maximum}, but not all could be compared`
        : `is contained in ${names.maximum}`;
  return [
    `${names.contract} ${verdict}`,
    '',
    ...beyond.flatMap((each) => describe(each, places)),
    ...undecided.flatMap(({ clause, text }) => [`UNKNOWN  ${clause}: ${text}`, '']),
    'What is compared is what the contract says: links are not followed, programs are the files that their names lead to here, and lock files are known by their names.',
  ];
}
