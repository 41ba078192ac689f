/**
 * What a contract gives beyond a maximum, for people.
 *
 * @module
 */
import { wrap } from '../report/layout.ts';
import type { Beyond, Containment } from './types.ts';

/** Where a path of the contract, or of the maximum, is written: `file:line:column`; the file alone, where its default holds. */
export interface Places {
  readonly contract: (clause: string) => string;
  readonly maximum: (clause: string) => string;
}

const whereOf = (place: string, clause: string): string =>
  /:\d+:\d+$/.test(place) ? `at ${place} ${clause}` : `by ${clause} of ${place}, which says nothing of it`;

function describe({ clause, text, witness, limit, fix }: Beyond, places: Places): string[] {
  const example = text.includes(witness) ? '' : `, for example ${witness}`;
  return [
    ...wrap(`BEYOND   ${text}${example}`, '', '         '),
    ...wrap(`given ${whereOf(places.contract(clause), clause)}`, '    - ', '      '),
    ...wrap(`and not ${whereOf(places.maximum(limit), limit)}`, '    - ', '      '),
    ...wrap(`to be contained: ${fix}`, '    - ', '      '),
    '',
  ];
}

/** The answer, with a line break at its end: 80 columns, safe for a terminal. */
export function containmentText(
  names: { contract: string; maximum: string },
  { beyond, undecided }: Containment,
  places: Places,
): string {
  const verdict =
    beyond.length > 0
      ? `gives more than ${names.maximum} does: ${beyond.length} ${beyond.length === 1 ? 'thing' : 'things'} beyond it`
      : undecided.length > 0
        ? `may be contained in ${names.maximum}: not all could be compared`
        : `is contained in ${names.maximum}: it gives no more`;
  const lines = [
    ...wrap(`${names.contract} ${verdict}`, ''),
    '',
    ...beyond.flatMap((each) => describe(each, places)),
    ...undecided.flatMap(({ clause, text }) => [...wrap(`UNKNOWN  ${clause}: ${text}`, '', '         '), '']),
    ...wrap(
      'Links and programs’ names are followed as they lead on this machine now. Of lock files and certificates the names are compared, not what they hold; of the commands that decide success, nothing.',
      '',
    ),
  ];
  return `${lines.join('\n')}\n`;
}
