/**
 * The baseline of a piece of work: it is run again and again, and what its runs have in common and what not is written down.
 *
 * @module
 */
import type { LedgerEvent } from '../../contract/index.ts';
import { makeBaseline, type Places, Profile, writeBaseline } from '../../watch/baseline/index.ts';
import { Observer } from '../../watch/index.ts';

export interface BaselineInput {
  name: string;
  places: Places;
  /** of the run that was recorded */
  first: readonly LedgerEvent[];
  /** runs beside it */
  rounds: number;
  again: () => Promise<readonly LedgerEvent[]>;
  say: (text: string) => void;
}

/** @returns the file's text, and what is to be said of it */
export async function learnBaseline(input: BaselineInput): Promise<{ text: string; summary: string }> {
  const { name, places, first, rounds, again, say } = input;
  const profiles = [profileOf(first, places)];
  for (let round = 1; round <= rounds; round += 1) {
    say(`once more, for the baseline (${round} of ${rounds})`);
    profiles.push(profileOf(await again(), places));
  }
  const baseline = makeBaseline(name, profiles);
  const percent = (share: number) => `${Math.round(share * 1000) / 10} %`;
  const { wanted, given } = baseline.budget;
  const few =
    given > wanted
      ? `; so few runs can keep to ${percent(given)} false alarms, ${percent(wanted)} takes ${Math.ceil(1 / wanted) - 1} runs`
      : '';
  return { text: writeBaseline(baseline), summary: `a baseline of ${baseline.runs} runs${few}` };
}

function profileOf(events: readonly LedgerEvent[], places: Places): Profile {
  const [observer, profile] = [new Observer(), new Profile(places)];
  for (const event of events)
    for (const observation of observer.observe(event, Date.parse(event.time) * 1000))
      profile.add(observation);
  return profile;
}
