/**
 * What a report says besides hazards: of the objective, and of what is given beyond it.
 *
 * @module
 */
import { groupBy, listed, wrap } from './layout.ts';
import type { Report, Unneeded } from './types.ts';
import { type View, written } from './view.ts';

export function tellBeside({ unneeded = [], findings = [] }: Report, view: View): string[] {
  const style = view.style ?? ((_colour, text) => text);
  const lines: string[] = [];
  if (findings.length > 0)
    lines.push(
      `${style('yellow', 'FOUND')}: of the objective`,
      '',
      ...findings.flatMap(({ text, clause, fix }) => [
        ...wrap(`${text} (${written(clause, view)})`, '    - ', '      '),
        ...wrap(`${fix.charAt(0).toUpperCase()}${fix.slice(1)}.`, '      '),
      ]),
      '',
    );
  if (unneeded.length > 0)
    lines.push(
      `${style('yellow', 'EXCESS')}: nothing that the objective says needs these`,
      '',
      ...groupBy(unneeded, ({ why, leads }) => JSON.stringify([why, leads])).flatMap((group) => {
        const { why, leads } = group[0] as Unneeded;
        return [
          ...group.flatMap(({ clause, grant }) =>
            wrap(`${grant} (${written(clause, view)})`, '    - ', '      '),
          ),
          ...wrap(`${why}${leads.length === 0 ? '' : `; leads to ${listed(leads)}`}`, '      '),
        ];
      }),
      ...wrap(
        'What the agent’s own program needs, its model among it, a recorded run tells: prove --recorded RUN',
        '    ',
      ),
      '',
    );
  return lines;
}
