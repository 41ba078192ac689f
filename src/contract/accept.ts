/**
 * What a contract says that its people bear. It changes nothing of what is enforced, watched or proved: it is an argument of the
 * safety case, written where the rest of the contract is reviewed.
 *
 * @module
 */
import type { State, Statement } from './explain.ts';
import type { Hazard } from './hazards.ts';
import type { Finding } from './problem.ts';
import type { Contract } from './schema.ts';

/** A reason shorter than this says no more than that there is one. Unit: words. */
const FEWEST_WORDS = 5;

export interface Acceptance {
  readonly hazard: Hazard;
  readonly reason: string;
  readonly by?: string;
  /** the last day on which it counts, `YYYY-MM-DD` */
  readonly until?: string;
  /** its last day is over: it does not count any more */
  readonly expired: boolean;
  /** path of the contract */
  readonly clause: string;
}

/** Today in UTC, `YYYY-MM-DD`. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/** @param day the day that last days are held against */
export const acceptancesOf = ({ accept }: Pick<Contract, 'accept'>, day: string = today()): Acceptance[] =>
  accept.map(({ hazard, reason, by, until }, index) => ({
    ...{ hazard, reason: reason.trim(), expired: until !== undefined && until < day },
    ...(by !== undefined && { by }),
    ...(until !== undefined && { until }),
    clause: `accept[${index}]`,
  }));

/** Who and until when, as the end of a sentence; empty where nothing is said. */
export const acceptedBy = ({ by, until, expired }: Acceptance): string =>
  [
    ...(by === undefined ? [] : [`by ${by}`]),
    ...(until === undefined ? [] : [`${expired ? 'expired after' : 'until'} ${until}`]),
  ].join(', ');

const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
};

export function checkAccept({ accept }: Contract): Finding[] {
  const seen = new Set<string>();
  return accept.flatMap(({ hazard, reason, by, until }, index): Finding[] => {
    const findings: Finding[] = [];
    const say = (key: string, message: string, hint: string) =>
      findings.push({ path: ['accept', index, key], message, hint });
    if (seen.has(hazard)) say('hazard', `${hazard} is accepted twice`, 'Keep one of the two.');
    seen.add(hazard);
    const words = reason.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
    if (words < FEWEST_WORDS)
      say(
        'reason',
        `${words === 1 ? 'one word is' : `${words} words are`} no reason that anybody could judge`,
        'Write why this may stay open here, for example: the only host is our own mirror, which takes no uploads.',
      );
    if (by !== undefined && by.trim() === '')
      say('by', 'nobody is named', 'Write who decided, or remove the line.');
    if (until !== undefined && !isDay(until))
      say('until', `${JSON.stringify(until)} is not a day that there is`, 'Write for example 2027-06-30.');
    return findings;
  });
}

/** The statements of `explain`: what is borne, and by whom. */
export const explainAccept = (contract: Contract, state: State): Statement[] =>
  acceptancesOf(contract).map((acceptance) => {
    const { hazard, reason, clause } = acceptance;
    const who = acceptedBy(acceptance);
    return state(
      clause,
      `that ${hazard} stays possible as far as it is not prevented is accepted: "${reason}"${who === '' ? '' : ` (${who})`}; nothing is enforced less for it`,
    );
  });

/** What deserves a second look: what is not borne any more. */
export const noteAccept = (contract: Contract, state: State): Statement[] =>
  acceptancesOf(contract)
    .filter(({ expired }) => expired)
    .map(({ hazard, until, clause }) =>
      state(
        `${clause}.until`,
        `${hazard} was accepted until ${until}, which is over: the safety case counts it no more`,
      ),
    );
