/**
 * A battery: scenarios × targets × seeds, each tried once, in an order that the seed decides. What is done is kept as it is done.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scenario } from './load.ts';
import { shuffled } from './seed.ts';
import type { Target } from './targets/index.ts';
import { type Trial, type Trying, tryBoth } from './trial.ts';

export interface Battery {
  readonly scenarios: readonly Scenario[];
  readonly targets: readonly Target[];
  readonly seeds: readonly number[];
}

export interface Progress {
  /** how many are done, and of how many */
  readonly done: number;
  readonly all: number;
  readonly trial: Trial;
  /** it is from the file of an earlier battery */
  readonly kept: boolean;
}

export interface Running extends Omit<Trying, 'onStart' | 'warm'> {
  /** attempts at once */
  readonly jobs: number;
  /** file with a line for each trial that is done: those that are there are not tried again, others are added */
  readonly journal: string;
  /** what trials of own targets rest on besides the scenario, such as a digest of the code: kept ones that rest on another are tried again */
  readonly under?: string;
  readonly onProgress: (progress: Progress) => void;
  /** aborted: what runs is ended and not kept */
  readonly signal: AbortSignal;
}

const keyOf = ({
  target,
  scenario,
  seed,
  digest,
  under = '',
}: Pick<Trial, 'target' | 'scenario' | 'seed' | 'digest' | 'under'>): string =>
  [target, scenario, seed, digest, under].join(' ');

/** Trials of a journal; a last line that was cut off is left out. */
export function readJournal(journal: string): Trial[] {
  if (!existsSync(journal)) return [];
  return readFileSync(journal, 'utf8')
    .split('\n')
    .flatMap((line): Trial[] => {
      try {
        const trial = JSON.parse(line) as Trial;
        return typeof trial.scenario === 'string' && typeof trial.target === 'string' ? [trial] : [];
      } catch {
        return [];
      }
    });
}

interface Planned {
  readonly scenario: Scenario;
  readonly target: Target;
  readonly seed: number;
}

/** What is to be tried, in order: seed by seed, shuffled within each. */
export const planOf = ({ scenarios, targets, seeds }: Battery): Planned[] =>
  seeds.flatMap((seed) =>
    shuffled(
      scenarios.flatMap((scenario) => targets.map((target) => ({ scenario, target, seed }))),
      ({ scenario, target }) => `${scenario.id} ${target.name}`,
      seed,
    ),
  );

/** Runs it. Trials come in the order of the plan, whatever ended first; when it is aborted, those that are done. */
export async function runBattery(battery: Battery, running: Running): Promise<Trial[]> {
  const { jobs, journal, under, onProgress, signal, programs, tools } = running;
  const basisOf = ({ peer }: Target) => (peer || under === undefined ? {} : { under });
  const plan = planOf(battery);
  const known = new Map(readJournal(journal).map((trial) => [keyOf(trial), trial]));
  const children = new Set<ChildProcess>();
  const onStart = (child: ChildProcess) => {
    children.add(child);
    child.on('close', () => children.delete(child));
    if (signal.aborted) child.kill('SIGTERM');
  };
  signal.addEventListener('abort', () => {
    for (const child of children) child.kill('SIGTERM');
  });
  const trials = new Map<number, Trial>();
  const tell = (index: number, trial: Trial, kept: boolean) => {
    trials.set(index, trial);
    onProgress({ done: trials.size, all: plan.length, trial, kept });
  };
  const waiting: number[] = [];
  plan.forEach(({ scenario, target, seed }, index) => {
    const trial = known.get(
      keyOf({
        target: target.name,
        scenario: scenario.id,
        seed,
        digest: scenario.digest,
        ...basisOf(target),
      }),
    );
    // what could not be tried then may be possible now
    if (trial && trial.skipped === undefined) tell(index, trial, true);
    else waiting.push(index);
  });
  const warm = mkdtempSync(join(tmpdir(), 'ringfence-attack-code-'));
  const worker = async () => {
    for (let index = waiting.shift(); index !== undefined && !signal.aborted; index = waiting.shift()) {
      const { scenario, target, seed } = plan[index] as Planned;
      const tried = await tryBoth(scenario, target, seed, { programs, tools, onStart, warm });
      if (signal.aborted) return;
      const trial = { ...tried, ...basisOf(target) };
      appendFileSync(journal, `${JSON.stringify(trial)}\n`);
      tell(index, trial, false);
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, worker));
  } finally {
    rmSync(warm, { recursive: true, force: true });
  }
  return [...trials].sort(([one], [other]) => one - other).map(([, trial]) => trial);
}
