/**
 * What a contract gives beyond its objective, for people: 80 columns, safe for a terminal.
 *
 * @module
 */
import { listed, wrap } from '../report/layout.ts';
import { type View, written } from '../report/view.ts';
import type { Excess, ExcessReport, Judged, Left } from './types.ts';

const bullet = (text: string) => wrap(text, '    - ', '      ');

/** The whole answer, with a line break at its end. */
export function excessText(
  { from, excess, needed, unsaid, together, limits }: ExcessReport,
  view: View,
): string {
  const what = from.length === 0 ? 'nothing says what is needed' : `by ${listed(from)}`;
  const count = excess.length === 0 ? 'nothing beyond it is known' : `${excess.length} given beyond it`;
  const lines = [
    ...wrap(`${view.file ?? 'the contract'}: what the objective needs, ${what}: ${count}`, ''),
    '',
    ...excess.flatMap((each) => tellExcess(each, view)),
    ...(excess.length > 1 && together.length > 0
      ? [...wrap(`Without all of that: ${leftText(together)}.`, ''), '']
      : []),
    ...section('NEEDED', needed, view),
    ...section('NOT KNOWN', unsaid, view),
    'What this cannot say',
    ...limits.flatMap((text) => wrap(text, '  - ', '    ')),
  ];
  return `${lines.join('\n')}\n`;
}

function tellExcess({ clause, grant, why, fix, leaves }: Excess, view: View): string[] {
  return [
    ...wrap(`EXCESS   ${grant}`, '', '         '),
    ...bullet(`${why} [${written(clause, view)}]`),
    ...bullet(leaves.length === 0 ? 'without it no verdict changes' : `without it: ${leftText(leaves)}`),
    ...(fix === undefined ? [] : bullet(fix)),
    '',
  ];
}

const leftText = (left: readonly Left[]): string =>
  listed(
    (['PROVED', 'UNKNOWN'] as const).flatMap((word) => {
      const hazards = left.filter(({ verdict }) => verdict === word).map(({ hazard }) => hazard);
      return hazards.length === 0
        ? []
        : [`${listed(hazards)} ${hazards.length === 1 ? 'is' : 'are'} ${word}`];
    }),
  );

function section(word: string, judged: readonly Judged[], view: View): string[] {
  if (judged.length === 0) return [];
  return [
    word,
    ...judged.flatMap(({ clause, grant, why }) =>
      wrap(`${grant}: ${why} [${written(clause, view)}]`, '  - ', '    '),
    ),
    '',
  ];
}
