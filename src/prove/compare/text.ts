/**
 * What a change opens and closes, for people: 80 columns, safe for a terminal.
 *
 * @module
 */
import { printable } from '../../contract/index.ts';
import type { Beyond } from '../maximum/index.ts';
import { type View, written } from '../report/index.ts';
import { commandLine, groupBy, listed, wrap } from '../report/layout.ts';
import type { Difference, HazardChange, Reached, Way } from './types.ts';

const MOST_REACHED = 8;

const SAID: Readonly<
  Record<HazardChange['change'], readonly [word: 'OPENED' | 'UNKNOWN' | 'CLOSED' | 'PROVED', said: string]>
> = {
  opened: ['OPENED', 'it can happen now'],
  'another way': ['OPENED', 'it could happen before, and can by what is new, too'],
  unknown: ['UNKNOWN', 'for a reason that is new'],
  closed: ['CLOSED', 'it cannot happen any more'],
  fewer: ['UNKNOWN', 'the path that was known is closed, and whether there is another is not known'],
  proved: ['CLOSED', 'it cannot happen, which was not known'],
  rests: ['PROVED', 'it cannot happen, as before, which now rests on something else'],
};

const ORDER = ['OPENED', 'UNKNOWN', 'CLOSED', 'PROVED'] as const;

/** Whether anything is open that was not: a hazard, a way to one, or a grant. */
export const isOpened = ({ hazards, opened }: Difference): boolean =>
  opened.grants.length > 0 ||
  opened.reached.length > 0 ||
  hazards.some(({ change }) => change === 'opened' || change === 'another way');

/** Whether something that was proved or compared is not known any more. */
export const isUnknown = ({ hazards, undecided }: Difference): boolean =>
  undecided.length > 0 || hazards.some(({ change }) => change === 'unknown');

/** The whole comparison, with a line break at its end. `view` is of the newer file, `older` of the other. */
export function differenceText(difference: Difference, view: View, older: View): string {
  const { hazards, opened, closed, undecided } = difference;
  const changed = ORDER.flatMap((word) =>
    tellChanged(
      hazards.filter(({ change }) => SAID[change][0] === word),
      view,
    ),
  );
  const lines = [
    ...wrap(`${view.file ?? 'the newer'} against ${older.file ?? 'the older'}: ${summary(difference)}`, ''),
    '',
    ...changed,
    ...tellGrants('Given now, and not before', opened.grants, view),
    ...tellReached('Within reach now, by the catalogue', opened.reached),
    ...tellGrants('Given before, and not now', closed.grants, older),
    ...tellReached('Out of reach now', closed.reached),
    ...(undecided.length > 0 ? ['Not known'] : []),
    ...undecided.flatMap(({ clause, text }) =>
      wrap(clause === '' ? text : `${written(clause, view)}: ${text}`, '  - ', '    '),
    ),
    ...(undecided.length > 0 ? [''] : []),
    ...wrap(
      'What stayed as it was is not shown: ringfence prove tells all of it. Two contracts are compared, not what else changed beside them: lock files, links, and what the commands in them do.',
      '',
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function summary(difference: Difference): string {
  if (isOpened(difference)) return 'something is opened';
  if (isUnknown(difference)) return 'something is no longer known';
  const { closed, hazards } = difference;
  const isClosed = closed.grants.length + closed.reached.length + hazards.length > 0;
  return isClosed ? 'nothing is opened' : 'nothing is opened or closed';
}

/** Hazards that changed alike are told together. */
function tellChanged(hazards: readonly HazardChange[], view: View): string[] {
  const grounds = ({ hazard, change, before, way, reasons, rests }: HazardChange) =>
    JSON.stringify([change, before, way && hazard, reasons, rests]);
  return groupBy(hazards, grounds).flatMap((group) => [...tellGroup(group, view), '']);
}

function tellGroup(group: readonly HazardChange[], view: View): string[] {
  const [{ before, now, change, way, reasons, rests }] = group as [HazardChange];
  const [word, said] = SAID[change];
  const verdicts = before === now ? now : `${before} → ${now}`;
  const names = listed(group.map(({ hazard }) => hazard));
  return [
    ...wrap(`${word.padEnd(8)} ${names}: ${said} (${verdicts})`, '', '         '),
    ...(way === undefined ? [] : tellWay(way, view)),
    ...(reasons ?? []).flatMap(({ text, by }) => {
      const where = by.map((clause) => written(clause, view));
      return wrap(where.length > 0 ? `${text} (${where.join(', ')})` : text, '    - ', '      ');
    }),
    ...(rests?.added ?? []).flatMap(({ text }) => wrap(`now also ${text}`, '    - ', '      ')),
    ...(rests?.removed ?? []).flatMap(({ text }) => wrap(`no longer ${text}`, '    - ', '      ')),
  ];
}

function tellWay({ steps, command }: Way, view: View): string[] {
  const lines = steps.flatMap(({ number, text, why, kind, by, from }) => {
    const used = from.length > 0 ? `, from ${from.join(' and ')}` : '';
    const where = kind === 'clause' ? written(by, view) : by;
    return wrap(
      `${text}${why === undefined ? '' : `: ${why}`} [${where}${used}]`,
      `  ${String(number).padStart(2)}. `,
      '      ',
    );
  });
  return [...lines, ...(command === undefined ? [] : ['  in the cell:', commandLine(command)])];
}

function tellGrants(title: string, grants: readonly Beyond[], view: View): string[] {
  if (grants.length === 0) return [];
  return [
    title,
    ...grants.flatMap(({ clause, text, witness }) =>
      wrap(
        `${text}${text.includes(witness) ? '' : `, for example ${witness}`} [${written(clause, view)}]`,
        '  - ',
        '    ',
      ),
    ),
    '',
  ];
}

function tellReached(title: string, reached: readonly Reached[]): string[] {
  if (reached.length === 0) return [];
  const more = reached.length - MOST_REACHED;
  return [
    title,
    ...reached
      .slice(0, MOST_REACHED)
      .flatMap(({ id, where, text }) => wrap(`${text}: ${printable(where)} (${id})`, '  - ', '    ')),
    ...(more > 0 ? [`  - and ${more} more: --json lists them all`] : []),
    '',
  ];
}
