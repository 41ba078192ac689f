/**
 * What judges said, as findings. It reads what is on record, so a replay comes to the same and asks nobody.
 *
 * @module
 */
import type { FindingLevel, Hazard } from '../../contract/index.ts';
import type { Detector, Report, RuleInfo } from '../detector.ts';
import type { Observation } from '../observation.ts';

const LIMIT =
  'a model that reads what the agent wrote: it errs, and may be talked into a low score; it is asked after the act, and prevents nothing';

export class Judgements implements Detector {
  readonly name = 'judges';
  readonly #rules = new Map<string, RuleInfo>();

  observe({ category, cites, fields, time, run, cell }: Observation, report: Report): void {
    if (category !== 'judgement') return;
    const { Judge, Score, Threshold, Hazard, Level, Of } = fields;
    if (typeof Score !== 'number' || typeof Threshold !== 'number' || !(Score >= Threshold)) return;
    const rule = this.#ruleOf(String(Judge), Hazard as Hazard, Level as FindingLevel);
    const what = String(Of) === 'changes' ? 'the changes' : `one of its ${String(Of)}`;
    report({
      rule,
      text: `judge ${String(Judge)} scores ${what} ${Score} (threshold ${Threshold})`,
      cites,
      time,
      key: cites.join(),
      run,
      cell,
    });
  }

  #ruleOf(judge: string, hazard: Hazard, level: FindingLevel): RuleInfo {
    const id = `judge.${judge}`;
    const known = this.#rules.get(id);
    if (known) return known;
    const rule: RuleInfo = {
      id,
      title: `The judge ${judge} says so`,
      hazard,
      level,
      techniques: [],
      limit: LIMIT,
    };
    this.#rules.set(id, rule);
    return rule;
  }
}
