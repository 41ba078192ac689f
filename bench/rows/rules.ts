/**
 * SigmaHQ's Linux rules over ordinary observations, beside an engine that asks every rule about each.
 *
 * @module
 */
import { categoriesOf, compileSigma, loadRules } from '../../src/watch/sigma/index.ts';
import { ordinaryObservations, sigmaHqRules } from '../../test/sigma/corpus.ts';
import { naiveRules } from '../../test/sigma/naive.ts';
import type { Line } from '../line.ts';
import { UnmeasuredError } from '../programs.ts';
import { inTurns, pairedRatio, summarize } from '../statistics.ts';
import type { Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

const OBSERVATIONS = 50_000;
/** the naive engine is given fewer: it needs as long for them */
const FEW = 2_000;

/** Per second of this process's own time: others on the machine do not count. */
function rate(count: number, work: () => void): number {
  const before = process.cpuUsage().user;
  work();
  return (count / (process.cpuUsage().user - before)) * 1e6;
}

async function measure(workshop: Workshop): Promise<Line[]> {
  const texts = sigmaHqRules();
  if (texts === undefined)
    throw new UnmeasuredError('SigmaHQ’s rules are not here (RINGFENCE_SIGMA_RULES names their folder)');
  const { rules } = loadRules(texts);
  const [detector] = compileSigma(rules);
  const naive = naiveRules(texts.map(([, text]) => text)).rules.map((rule) => ({
    ...rule,
    categories: new Set(categoriesOf(rule.logsource)),
  }));
  const observations = ordinaryObservations(OBSERVATIONS);
  const few = observations.slice(0, FEW);
  let found = 0;
  const engine = (): number =>
    rate(OBSERVATIONS, () => {
      for (const observation of observations)
        detector?.observe(observation, () => {
          found += 1;
        });
    });
  const asking = (): number =>
    rate(FEW, () => {
      for (const { category, fields } of few)
        for (const { categories, matches } of naive)
          if (categories.has(category) && matches(fields)) found += 1;
    });
  engine();
  asking();
  const values = await inTurns(
    { engine: async () => engine(), naive: async () => asking() },
    Math.max(3, workshop.rounds),
  );
  const [ours, theirs] = [values.engine ?? [], values.naive ?? []];
  return [
    {
      what: `observations judged by ${rules.length} Sigma rules, one core`,
      goal: { of: 'value', is: 'at least', bound: 400_000 },
      ours: { name: 'engine', unit: 'events/s', value: summarize(ours) },
      peer: { name: 'every rule asked', unit: 'events/s', value: summarize(theirs) },
      compared: pairedRatio(ours, theirs),
      note: found === 0 ? 'nothing was found: the numbers mean nothing' : '',
    },
  ];
}

export const sigmaRules: Row = {
  id: 'rules',
  measures: 'rules over observations, beside an engine that asks each rule',
  run: measure,
};
