/**
 * The detectors and analysers of a contract. Each part of `watch` adds its own here, in a line.
 *
 * @module
 */
import type { Contract } from '../../contract/index.ts';
import { analysersOf, type Setting } from '../analyse/index.ts';
import type { Analyser } from '../analyser.ts';
// not by the door: what reads baselines' files would be loaded with every run
import { Novelty } from '../baseline/novelty.ts';
import { clauses } from '../clauses/index.ts';
import type { Detector } from '../detector.ts';
import { flowDetectors } from '../flows/index.ts';
// not by the door: what asks judges would be loaded with every run
import { Judgements } from '../judge/judgements.ts';
// not by the door: what reads rule files would be loaded with every run
import { compileSigma, type Prefilters } from '../sigma/compile.ts';
import type { FormulaRule, SigmaCorrelation, SigmaDetection } from '../sigma/types.ts';
import { Monitors } from '../temporal/index.ts';

/** A rule as it is read from a file, or from what a build made of it. */
export type WatchRule = SigmaDetection | SigmaCorrelation | FormulaRule;

export interface Watchers {
  detectors: Detector[];
  analysers: Analyser[];
}

/**
 * Rules alone, those of both kinds.
 *
 * @param prefilters of just these rules, where a build made them
 */
export function ruleDetectors(rules: readonly WatchRule[], prefilters?: Prefilters): Detector[] {
  const formulas = rules.filter((rule) => rule.kind === 'monitor');
  const texts = formulas.map((rule) => ({ ...rule, text: rule.text ?? rule.info.title }));
  return [
    ...compileSigma(
      rules.filter((rule) => rule.kind !== 'monitor'),
      prefilters,
    ),
    ...(texts.length > 0 ? [new Monitors('monitors', texts)] : []),
  ];
}

/** What watches a run of this contract: these rules, and what no rule can say. */
export function watchersOf(
  contract: Contract,
  setting: Setting = {},
  rules: readonly WatchRule[] = [],
  prefilters?: Prefilters,
): Watchers {
  return {
    detectors: [
      ...ruleDetectors(rules, prefilters),
      ...clauses(contract),
      ...(setting.baseline ? [new Novelty(setting.baseline, setting)] : []),
      ...flowDetectors(),
      // those that are on record, whatever the contract says now
      new Judgements(),
    ],
    analysers: analysersOf(contract, setting),
  };
}
