/**
 * Examples of rules, run: what each finds in what it says that it finds, and in what it says that it leaves alone.
 *
 * @module
 */
import { observationsOf } from '../../watch/analyse/index.ts';
import { type Detection, type WatchRule as Rule, ruleDetectors } from '../../watch/index.ts';
import { type ExampleStep, namesOfRule } from '../../watch/sigma/index.ts';

export interface ExampleResult {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  /** what the example says */
  readonly wanted: boolean;
  /** matters that were found */
  readonly found: number;
}

/** The rule and all that it rests on: alone, nothing of it is kept silent for another's sake. */
function withWhatItNeeds(rule: Rule, byName: ReadonlyMap<string, Rule>): Rule[] {
  const needed = new Set<Rule>([rule]);
  for (const one of needed)
    for (const name of one.kind === 'correlation' ? one.rules : []) {
      const below = byName.get(name) ?? byName.get(name.toLowerCase());
      if (below !== undefined) needed.add(below);
    }
  return [...needed];
}

function matters(rule: Rule, rules: readonly Rule[], steps: readonly ExampleStep[]): number {
  const keys = new Set<string>();
  const note = (detection: Detection) => {
    if (detection.rule.id === rule.info.id) keys.add(JSON.stringify([detection.cell, detection.key]));
  };
  for (const detector of ruleDetectors(rules)) {
    for (const observation of observationsOf(steps)) detector.observe(observation, note);
    detector.end?.(note);
  }
  return keys.size;
}

/** One result for each example, in the order of the rules. */
export function runExamples(rules: readonly Rule[]): ExampleResult[] {
  const byName = new Map(rules.flatMap((rule) => namesOfRule(rule).map((name) => [name, rule] as const)));
  return rules.flatMap((rule) => {
    const needed = withWhatItNeeds(rule, byName);
    return ([true, false] as const).flatMap((wanted) =>
      rule.examples[wanted ? 'true' : 'false'].map((steps) => ({
        rule: rule.info.id,
        file: rule.at.file,
        line: steps[0]?.line ?? rule.at.line,
        wanted,
        found: matters(rule, needed, steps),
      })),
    );
  });
}

/** As it should be: a true example is one matter, a false one none. */
export const isRight = ({ wanted, found }: ExampleResult): boolean => found === (wanted ? 1 : 0);
