/**
 * Rules → a detector.
 *
 * @module
 */
import type { Detector, Report, RuleInfo } from '../detector.ts';
import type { Category, FieldValue, Observation } from '../observation.ts';
import { Correlator, inOrder, type Match } from './correlate.ts';
import { keyPart } from './keys.ts';
import { namesOfRule } from './names.ts';
import { Program } from './program.ts';
import { CATEGORIES, categoriesOf } from './sources.ts';
import type { Expression, SigmaCorrelation, SigmaDetection } from './types.ts';

/** What says most about an observation, in this order. */
const TELLING = [
  ...[
    'CommandLine',
    'TargetFilename',
    'QueryName',
    'DestinationHostname',
    'DestinationIp',
    'Image',
    'text',
    'tool',
  ],
  'what',
];
const LONGEST_TEXT = 300;

const short = (text: string): string =>
  text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;

/** What a detection is about: told to people, and escaped where it is shown. */
function textOf(rule: SigmaDetection | SigmaCorrelation, { fields }: Observation, group: string): string {
  if (rule.text !== undefined)
    return rule.text.replace(/\{([^{}]+)\}/g, (_whole, name: string) => short(String(fields[name] ?? '')));
  const telling =
    group !== '' ? group : TELLING.map((name) => fields[name]).find((value) => value !== undefined);
  return telling === undefined ? rule.info.title : `${rule.info.title}: ${short(String(telling))}`;
}

/** Fields that an expression looks at. */
function fieldsOf(expression: Expression): string[] {
  if ('test' in expression) return expression.test.field === '' ? ['CommandLine'] : [expression.test.field];
  if ('not' in expression) return [];
  return ('and' in expression ? expression.and : expression.or).flatMap(fieldsOf);
}

interface Compiled {
  readonly rule: SigmaDetection;
  readonly reports: boolean;
  readonly key: readonly string[];
  /** correlations that it is part of, by their number, and its place in their `rules` */
  readonly feeds: readonly (readonly [correlation: number, rule: number])[];
}

interface CompiledCorrelation {
  readonly rule: SigmaCorrelation;
  readonly correlator: Correlator;
  readonly reports: boolean;
  readonly feeds: readonly (readonly [correlation: number, rule: number])[];
}

/** One detector for all rules: see {@link Program} for single observations, {@link Correlator} for several. */
export class SigmaDetector implements Detector {
  readonly rules: readonly RuleInfo[];
  readonly #correlations: readonly CompiledCorrelation[];
  readonly #byCategory = new Map<Category, { compiled: readonly Compiled[]; program: Program | undefined }>();
  /** correlation → what of it was matched by the observation that is looked at */
  readonly #pending: Match[][];
  #time = 0;

  constructor(rules: readonly (SigmaDetection | SigmaCorrelation)[]) {
    this.rules = rules.map(({ info }) => info);
    const correlations = inOrder(rules.filter((rule) => rule.kind === 'correlation'));
    const places = new Map<string, (readonly [number, number])[]>();
    const silent = new Set<string>();
    for (const [index, { rules: names, generate }] of correlations.entries())
      for (const [place, name] of names.entries()) {
        places.set(name, [...(places.get(name) ?? []), [index, place]]);
        if (!generate) silent.add(name);
      }
    const feedsOf = (rule: SigmaDetection | SigmaCorrelation) =>
      [...namesOfRule(rule), rule.uuid?.toUpperCase()].flatMap((name) => places.get(name ?? '') ?? []);
    const isSilent = (rule: SigmaDetection | SigmaCorrelation): boolean =>
      [...namesOfRule(rule), rule.uuid?.toUpperCase()].some((name) => name !== undefined && silent.has(name));
    this.#correlations = correlations.map((rule) => ({
      rule,
      correlator: new Correlator(rule),
      reports: !isSilent(rule),
      feeds: feedsOf(rule),
    }));
    this.#pending = correlations.map(() => []);
    for (const category of CATEGORIES) {
      const compiled = rules
        .filter((rule) => rule.kind === 'detection')
        .filter(({ source }) => categoriesOf(source).includes(category))
        .map((rule) => ({
          rule,
          reports: !isSilent(rule),
          key: rule.key ?? [...new Set(fieldsOf(rule.expression))].sort(),
          feeds: feedsOf(rule),
        }));
      // compiled when the first such observation comes: many runs have few kinds
      if (compiled.length > 0) this.#byCategory.set(category, { compiled, program: undefined });
    }
  }

  /** Every run executes something: what that is judged by is compiled before it does. */
  prepare(): void {
    for (const category of ['process_creation', 'shell_command'] as const) {
      const entry = this.#byCategory.get(category);
      if (entry) entry.program ??= new Program(entry.compiled.map(({ rule }) => rule.expression));
    }
  }

  observe(observation: Observation, report: Report): void {
    // a clock that is set back does not make what was over begin again
    this.#time = Math.max(this.#time, observation.time);
    const entry = this.#byCategory.get(observation.category);
    if (entry === undefined) return;
    entry.program ??= new Program(entry.compiled.map(({ rule }) => rule.expression));
    let correlated = false;
    entry.program.observe(observation, (number) => {
      const { rule, reports, key, feeds } = entry.compiled[number] as Compiled;
      for (const [correlation, place] of feeds) {
        this.#pending[correlation]?.push({ rule: place, cites: observation.cites });
        correlated = true;
      }
      if (reports) this.#report(rule, observation, observation.cites, '', key, report);
    });
    if (correlated) this.#correlate(observation, report);
  }

  #correlate(observation: Observation, report: Report): void {
    for (const [index, { rule, correlator, reports, feeds }] of this.#correlations.entries()) {
      const matches = this.#pending[index] as Match[];
      if (matches.length === 0) continue;
      this.#pending[index] = [];
      for (const { group, cites } of correlator.observe(observation, this.#time, matches)) {
        for (const [correlation, place] of feeds) this.#pending[correlation]?.push({ rule: place, cites });
        if (reports) this.#report(rule, observation, cites, group, rule.key ?? rule.groupBy, report);
      }
    }
  }

  #report(
    rule: SigmaDetection | SigmaCorrelation,
    observation: Observation,
    cites: readonly number[],
    group: string,
    key: readonly string[],
    report: Report,
  ): void {
    report({
      rule: rule.info,
      text: textOf(rule, observation, group),
      cites,
      time: observation.time,
      key: key.map((name) => keyPart(observation.fields[name] as FieldValue)).join('\n'),
      run: observation.run,
      cell: observation.cell,
    });
  }

  lost(): number {
    return this.#correlations.reduce((sum, { correlator }) => sum + correlator.lost(), 0);
  }
}

/** One detector for all rules; none where there are none. */
export function compileSigma(rules: readonly (SigmaDetection | SigmaCorrelation)[]): SigmaDetector[] {
  return rules.length === 0 ? [] : [new SigmaDetector(rules)];
}
