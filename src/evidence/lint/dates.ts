/**
 * Days in the future, and days in the wrong order.
 *
 * @module
 */
import type { Path } from '../../contract/index.ts';
import type { Claim, Source } from '../load.ts';
import type { Check } from './world.ts';

/** Whether one date is later than another, as far as both say: 2025-12 is not later than 2025-12-31. */
export function isLater(one: string, other: string): boolean {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length) > other.slice(0, length);
}

export function checkDates({ evidence, world: { today }, say }: Check): void {
  const past = (where: Claim | Source, path: Path, date: string | undefined): void => {
    if (date !== undefined && isLater(date, today))
      say(where, path, `${date} is in the future; today is ${today}`, 'Write the day on which it was.');
  };
  const inOrder = (
    where: Claim | Source,
    path: Path,
    first: string | undefined,
    second: string | undefined,
    text: string,
  ): void => {
    if (first !== undefined && second !== undefined && isLater(first, second))
      say(where, path, text, 'One of the two dates is wrong.');
  };
  for (const source of evidence.sources) {
    const { published, updated, accessed, checked } = source;
    past(source, ['published'], published);
    past(source, ['updated'], updated);
    past(source, ['accessed'], accessed);
    past(source, ['checked', 'on'], checked.on);
    inOrder(
      source,
      ['updated'],
      published,
      updated,
      `changed ${updated}, before it was published (${published})`,
    );
    inOrder(
      source,
      ['accessed'],
      published,
      accessed,
      `looked at ${accessed}, before it was published (${published})`,
    );
    if (checked.how !== 'not-re-read' && accessed === undefined)
      say(
        source,
        ['checked'],
        `${checked.how}, but not when it was looked at`,
        'Write accessed: DAY, or how: not-re-read.',
      );
  }
  for (const claim of evidence.claims) {
    for (const list of ['verification', 'history'] as const) {
      for (const [index, { on }] of claim[list].entries()) {
        past(claim, [list, index, 'on'], on);
        const before = claim[list][index - 1];
        inOrder(claim, [list, index, 'on'], before?.on, on, `${on} stands after ${before?.on}`);
      }
    }
    inOrder(
      claim,
      ['verification', 0, 'on'],
      claim.history[0]?.on,
      claim.verification[0]?.on,
      `verified on ${claim.verification[0]?.on}, before it was entered (${claim.history[0]?.on})`,
    );
  }
}
