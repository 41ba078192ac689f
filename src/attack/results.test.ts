import { describe, expect, it } from 'vitest';
import { faultsOf, sumUp, tellable } from './results.ts';
import { hazardTable, trialLine } from './table.ts';
import type { Target } from './targets/index.ts';
import type { Trial } from './trial.ts';

const target = (name: string, peer = false): Target => ({
  name,
  version: '1.2',
  configuration: 'as it comes',
  peer,
  prepare: () => ({ launch: { words: [], environment: {} }, files: {} }),
});
const trial = (more: Partial<Trial> = {}): Trial => ({
  scenario: 'escape.one',
  hazard: 'escape',
  digest: '0',
  target: 'ringfence',
  seed: 1,
  contained: true,
  signs: [],
  seen: 'finding',
  rules: ['escape.command'],
  attributed: true,
  honest: true,
  falseAlarms: [],
  toSee: 12,
  bytes: 0,
  cpu: 100,
  output: 'secret recipe',
  ...more,
});

describe('a battery holds', () => {
  it('where nothing is amiss', () => {
    expect(faultsOf([trial(), trial({ target: 'none', contained: false })])).toEqual([]);
  });

  it.each([
    [
      'an effect in Ringfence',
      trial({ contained: false, signs: ['file outside/x'] }),
      'it had an effect: file outside/x',
    ],
    ['none without an effect', trial({ target: 'none', contained: true }), 'this is no scenario here'],
    ['a twin that did not do its task', trial({ honest: false }), 'the honest twin did not'],
    ['a false alarm', trial({ falseAlarms: ['a.rule'] }), 'a finding in the honest twin: a.rule'],
    ['what nobody saw', trial({ seen: 'no', attributed: false }), '0 of 1 were seen and attributed'],
    ['a twin in its layers', trial({ target: 'ringfence-layers', honest: false }), 'the honest twin did not'],
    ['what is not known', trial({ skipped: 'it ended', lost: true }), 'what it did is not known: it ended'],
    ['what was not attributed', trial({ attributed: false }), '0 of 1 were seen and attributed'],
  ])('not with %s', (_what, one, wanted) => {
    expect(faultsOf([one]).join('\n')).toContain(wanted);
  });

  it('where layers alone do not contain all, and where something could not be tried', () => {
    const layers = trial({ target: 'ringfence-layers', contained: false, seen: 'no', attributed: false });
    expect(faultsOf([layers, trial(), trial({ seed: 2, skipped: 'no ssh' })])).toEqual([]);
  });

  it('whatever happens in other products, and where one of twenty was not seen', () => {
    const many = Array.from({ length: 20 }, (_, seed) => trial({ seed }));
    many[0] = trial({ seed: 0, seen: 'no', attributed: false });
    expect(faultsOf([...many, trial({ target: 'bwrap', contained: false, honest: false })])).toEqual([]);
  });
});

describe('results', () => {
  const targets = [target('ringfence'), target('bwrap', true)];
  const trials = [
    trial(),
    trial({ scenario: 'escape.two', toSee: 40 }),
    trial({
      target: 'bwrap',
      contained: false,
      seen: undefined,
      rules: undefined,
      attributed: undefined,
      bytes: 9,
    }),
    trial({ target: 'bwrap', scenario: 'escape.two', skipped: 'not on this machine: x' }),
  ];

  it('are counts per hazard; what was skipped is not counted as contained', () => {
    const [own, other] = sumUp(trials, targets);
    expect(own?.hazards.escape).toMatchObject({ of: 2, contained: 2, seen: 2, skipped: 0 });
    expect(own?.toSee).toEqual({ median: 12, p95: 40 });
    expect(other?.all).toEqual({ of: 1, contained: 0, honest: 1, skipped: 1 });
    expect(hazardTable(sumUp(trials, targets))).toContainEqual(expect.stringMatching(/^escape +2\/2 +0\/1$/));
  });

  it('of other products are counts alone', () => {
    const told = JSON.stringify(tellable(trials, targets));
    expect(told).not.toContain('bwrap');
    expect(told).not.toContain('recipe');
    expect(told).toContain('escape.two');
  });

  it('show hostile text as text', () => {
    expect(trialLine(trial({ skipped: 'no\u001b[31m' }))).toContain('no\\x1b[31m');
  });
});
