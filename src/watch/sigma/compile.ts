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
import { type Prefilter, Program } from './program.ts';
import { loadEngine } from './regex.ts';
import { categoriesOf } from './sources.ts';
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
  /** correlations that it is part of, by their number, and its place in their `rules` */
  readonly feeds: readonly (readonly [correlation: number, rule: number])[];
}

/** The rules about one category. */
interface OfCategory {
  readonly compiled: readonly Compiled[];
  readonly program: Program;
}

/** Category → what a build found out of the rules about it, as JSON of a {@link Prefilter}. Of just the rules that it is used with. */
export type Prefilters = Partial<Readonly<Record<Category, string>>>;

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
  readonly #detections: readonly SigmaDetection[];
  readonly #prefilters: Prefilters;
  readonly #feedsOf: (rule: SigmaDetection | SigmaCorrelation) => Compiled['feeds'];
  readonly #isSilent: (rule: SigmaDetection | SigmaCorrelation) => boolean;
  /** those that were seen; null: no rule is about them */
  readonly #byCategory = new Map<Category, OfCategory | null>();
  readonly #keys = new Map<SigmaDetection, readonly string[]>();
  /** correlation → what of it was matched by the observation that is looked at */
  readonly #pending: Match[][];
  #time = 0;

  constructor(rules: readonly (SigmaDetection | SigmaCorrelation)[], prefilters: Prefilters = {}) {
    this.#prefilters = prefilters;
    this.#detections = rules.filter((rule) => rule.kind === 'detection');
    this.rules = rules.map(({ info }) => info);
    const correlations = inOrder(rules.filter((rule) => rule.kind === 'correlation'));
    const places = new Map<string, (readonly [number, number])[]>();
    const silent = new Set<string>();
    for (const [index, { rules: names, generate }] of correlations.entries())
      for (const [place, name] of names.entries()) {
        places.set(name, [...(places.get(name) ?? []), [index, place]]);
        if (!generate) silent.add(name);
      }
    this.#feedsOf = (rule) =>
      [...namesOfRule(rule), rule.uuid?.toUpperCase()].flatMap((name) => places.get(name ?? '') ?? []);
    this.#isSilent = (rule) =>
      [...namesOfRule(rule), rule.uuid?.toUpperCase()].some((name) => name !== undefined && silent.has(name));
    this.#correlations = correlations.map((rule) => ({
      rule,
      correlator: new Correlator(rule),
      reports: !this.#isSilent(rule),
      feeds: this.#feedsOf(rule),
    }));
    this.#pending = correlations.map(() => []);
  }

  /** Compiled when the first such observation comes: many runs have few kinds. */
  #of(category: Category): OfCategory | null {
    const known = this.#byCategory.get(category);
    if (known !== undefined) return known;
    const rules = this.#detections.filter(({ source }) => categoriesOf(source).includes(category));
    const prefilter = this.#prefilters[category];
    const made =
      rules.length === 0
        ? null
        : {
            compiled: rules.map((rule) => ({
              rule,
              reports: !this.#isSilent(rule),
              feeds: this.#feedsOf(rule),
            })),
            program: new Program(rules, prefilter ? (JSON.parse(prefilter) as Prefilter) : undefined),
          };
    this.#byCategory.set(category, made);
    return made;
  }

  /** What a build would keep. */
  prefilters(categories: readonly Category[]): Prefilters {
    return Object.fromEntries(
      categories.flatMap((category) => {
        const program = this.#of(category)?.program;
        return program ? [[category, JSON.stringify(program.prefilter)]] : [];
      }),
    );
  }

  /** Every run executes something: what that is judged by is compiled before it does. */
  prepare(): void {
    for (const category of ['process_creation', 'shell_command'] as const) this.#of(category);
  }

  /** What scripts are judged by: its rules, and what reads their regular expressions. */
  pieces(): readonly (() => void)[] {
    const entry = this.#of('shell_command');
    return entry ? [loadEngine, ...entry.program.pieces()] : [];
  }

  #keyOf(rule: SigmaDetection): readonly string[] {
    const key = rule.key ?? this.#keys.get(rule) ?? [...new Set(fieldsOf(rule.expression))].sort();
    this.#keys.set(rule, key);
    return key;
  }

  observe(observation: Observation, report: Report): void {
    // a clock that is set back does not make what was over begin again
    this.#time = Math.max(this.#time, observation.time);
    const entry = this.#of(observation.category);
    if (entry === null) return;
    let correlated = false;
    entry.program.observe(observation, (number) => {
      const { rule, reports, feeds } = entry.compiled[number] as Compiled;
      for (const [correlation, place] of feeds) {
        this.#pending[correlation]?.push({ rule: place, cites: observation.cites });
        correlated = true;
      }
      if (reports) this.#report(rule, observation, observation.cites, '', this.#keyOf(rule), report);
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
export function compileSigma(
  rules: readonly (SigmaDetection | SigmaCorrelation)[],
  prefilters?: Prefilters,
): SigmaDetector[] {
  return rules.length === 0 ? [] : [new SigmaDetector(rules, prefilters)];
}
