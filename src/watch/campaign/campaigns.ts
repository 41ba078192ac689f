/**
 * Campaigns among runs that are judged in one process: replays, sensors elsewhere, tests. Runs of several controllers
 * meet in a shared folder instead.
 *
 * @module
 */
import type { Detection, Detector, Report } from '../detector.ts';
import type { Observation } from '../observation.ts';
import { KINDS, ruleOf } from './evidence.ts';
import { type ExtractOptions, Extractor } from './extract.ts';
import { Judge, type JudgeLimits } from './judge.ts';
import type { Campaign, Verdict } from './suspicions.ts';

/** Text for people: what, through what, with whom. `service`: its name, where it is known. */
export function verdictText(verdict: Verdict, service: string | undefined): string {
  const { kind, campaign, peers, turns, calls, points } = verdict;
  const others = peers.length === 0 ? '' : `; with ${peers.slice(0, 8).join(', ')}`;
  const more = peers.length > 8 ? ` and ${peers.length - 8} more` : '';
  const where = service === undefined ? '' : ` (${service})`;
  const chain = [
    ...(turns.length > 0 ? [`turns ${turns.slice(0, 8).join(', ')}`] : []),
    ...(calls.length > 0 ? [`tool calls ${calls.slice(0, 8).join(', ')}`] : []),
  ];
  const caused = chain.length === 0 ? '' : `; by ${chain.join(' and ')}`;
  return `${KINDS[kind].title}${where}${others}${more}${caused}; campaign ${campaign}, ${points} points`;
}

/** A verdict as the finding of the run that it is about. */
export function detectionOf(verdict: Verdict, service: string | undefined): Detection {
  const { kind, level, campaign, cites, time, run, cell } = verdict;
  return {
    rule: { ...ruleOf(kind), level },
    text: verdictText(verdict, service),
    cites,
    time,
    key: `${campaign} ${kind}`,
    run,
    cell,
    campaign,
  };
}

/** Sees observations of many runs, in order of time. */
export class Campaigns implements Detector {
  readonly #options: ExtractOptions;
  readonly #judge: Judge;
  readonly #extractors = new Map<string, Extractor>();
  #now = 0;

  constructor(options: ExtractOptions, limits: Partial<JudgeLimits> = {}) {
    this.#options = options;
    this.#judge = new Judge(limits);
  }

  observe(observation: Observation, report: Report): void {
    const { run, time } = observation;
    this.#now = Math.max(this.#now, time);
    let extractor = this.#extractors.get(run);
    if (!extractor) {
      extractor = new Extractor(this.#options);
      this.#extractors.set(run, extractor);
    }
    for (const signal of extractor.observe(observation))
      for (const verdict of this.#judge.hear(signal)) report(detectionOf(verdict, undefined));
  }

  lost(): number {
    const extractors = [...this.#extractors.values()];
    return this.#judge.lost() + extractors.reduce((sum, one) => sum + one.lost(), 0);
  }

  /** The weightiest first. */
  ranked(): Campaign[] {
    return this.#judge.campaigns(this.#now);
  }
}
