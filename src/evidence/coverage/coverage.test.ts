import { expect, it } from 'vitest';
import { reproduction, trialOf } from '../attest/attest.fixture.ts';
import { makeCoverage, type Statement } from '../attest/index.ts';
import { type CoverageWorld, claimCoverage, coverageText, parseCoverage, rateOf, rateText } from './index.ts';

const CLAIM = 'unsanctioned-tunnel';
const SCENARIO = 'exfiltration.posted-file';
const RULES = 'rules/detections/exfiltration.yml';
const trials = (from: number, to: number, more: Parameters<typeof trialOf>[1] = {}) =>
  Array.from({ length: to - from + 1 }, (_, index) => trialOf(from + index, more));
const result = (
  target: 'ringfence' | 'ringfence-layers' | 'none',
  own: ReturnType<typeof trials>,
): Statement<'reproduction'>['predicate']['results'][number] => ({
  ...{ target, version: '0.1.0', configuration: '', skipped: 0 },
  trials: own,
});
const measured = (...results: ReturnType<typeof result>[]) => makeCoverage([reproduction({ results })]);
const here = (digest = 'e'.repeat(64), rule: string | undefined = 'd'.repeat(64)): CoverageWorld => ({
  scenarios: [{ id: SCENARIO, digest, claims: [CLAIM] }],
  ruleDigest: () => rule,
});

it('rounds intervals outwards, and never to certainty', () => {
  // 1 − 0.025^(1/20), Clopper and Pearson (1934)
  expect(rateOf(20, 20).low).toBeCloseTo(0.8316, 4);
  expect(rateText(rateOf(20, 20))).toBe('20 of 20 (83–100 %)');
  expect(rateText(rateOf(0, 20))).toBe('0 of 20 (0–17 %)');
  expect(rateText(rateOf(1, 1))).toBe('1 of 1 (2–100 %)');
});

it('is UNMEASURED where nothing was tried, and says what could be', () => {
  expect(claimCoverage(CLAIM, undefined, here())).toMatchObject({
    state: 'UNMEASURED',
    unmeasured: [SCENARIO],
  });
  expect(claimCoverage('another', measured(result('ringfence', trials(1, 3))), here())).toMatchObject({
    state: 'UNMEASURED',
    scenarios: [],
  });
  // what happens with nothing in the way covers nothing
  expect(claimCoverage(CLAIM, measured(result('none', trials(1, 3))), here()).state).toBe('UNMEASURED');
});

it('counts what was stopped, by whom, and what was seen', () => {
  const coverage = measured(
    result('ringfence', [
      ...trials(1, 18, { layers: ['network'] }),
      ...trials(19, 20, { seen: 'no', rules: [] }),
    ]),
    result('ringfence-layers', trials(1, 20, { contained: false })),
  );
  const one = claimCoverage(CLAIM, coverage, here());
  expect(one).toMatchObject({
    state: 'MEASURED',
    contained: { count: 20, of: 20 },
    layersAlone: { count: 0, of: 20 },
    seen: { count: 18, of: 20 },
    rules: { 'posted-secret': 18 },
    layers: { network: 18 },
    toSee: 12.5,
  });
  expect(one.text).toContain('stopped 20 of 20 (83–100 %), by layers alone 0 of 20 (0–17 %)');
});

it('is STALE when the scenario or a rule is another, and names it', () => {
  const coverage = measured(result('ringfence', trials(1, 3)));
  expect(claimCoverage(CLAIM, coverage, here('f'.repeat(64)))).toMatchObject({
    state: 'STALE',
    changed: [`scenarios/${SCENARIO}`],
  });
  expect(claimCoverage(CLAIM, coverage, here(undefined, 'f'.repeat(64)))).toMatchObject({
    state: 'STALE',
    changed: [RULES],
  });
  expect(claimCoverage(CLAIM, coverage, { ...here(), ruleDigest: () => undefined }).state).toBe('STALE');
  expect(claimCoverage(CLAIM, coverage, here()).state).toBe('MEASURED');
});

it('takes the worst of a seed that was tried again, and never counts one twice', () => {
  const coverage = makeCoverage([
    reproduction({ results: [result('ringfence', trials(1, 4, { contained: false }))] }),
    reproduction({ made: '2026-03-18T12:00:00.000Z', results: [result('ringfence', trials(3, 6))] }),
  ]);
  expect(coverage?.on).toBe('2026-03-18');
  expect(coverage?.scenarios[0]?.targets.ringfence).toMatchObject({ of: 6, contained: 2 });
});

it('is read back as it was written, and nothing else is', () => {
  const coverage = measured(result('ringfence', trials(1, 3)));
  if (!coverage) throw new Error('nothing measured');
  expect(parseCoverage(coverageText(coverage))).toEqual(coverage);
  for (const text of ['', '{}', coverageText(coverage).replace('"version": 1', '"version": 2')])
    expect(parseCoverage(text)).toBeUndefined();
});
