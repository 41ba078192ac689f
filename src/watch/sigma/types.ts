/**
 * Sigma rules as they are read: plain data that goes through JSON unchanged, so that a build can keep them compiled.
 *
 * @module
 */
import type { RuleInfo } from '../detector.ts';
import type { Category } from '../observation.ts';
import type { Brief } from '../temporal/index.ts';
import type { Requirement } from './requirement.ts';

/** `*` in a pattern: any text, also none. */
export const ANY = 0;
/** `?` in a pattern: one character (code point). */
export const ONE = 1;
/** Literal text and wildcards, in order. `[]` is the empty text. */
export type Pattern = readonly (string | typeof ANY | typeof ONE)[];

export type Comparison = 'lt' | 'lte' | 'gt' | 'gte' | 'eq';
export type TimePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/**
 * What is asked of one field. `field` is `''` for keywords: any text field of the observation. A field that is a list
 * fulfils a test where one of its values does.
 */
export type Test =
  | { readonly kind: 'text'; readonly field: string; readonly pattern: Pattern; readonly cased?: true }
  /** `flags`: of `i`, `m`, `s`; found anywhere in the value. `needs`: what every match needs, where a build found it out */
  | {
      readonly kind: 'regex';
      readonly field: string;
      readonly source: string;
      readonly flags: string;
      readonly needs?: Requirement;
    }
  /** `192.0.2.0/24`, `2001:db8::/32` */
  | { readonly kind: 'cidr'; readonly field: string; readonly range: string }
  /** the field is absent */
  | { readonly kind: 'null'; readonly field: string }
  | { readonly kind: 'exists'; readonly field: string }
  | {
      readonly kind: 'compare';
      readonly field: string;
      readonly comparison: Comparison;
      /** decimal */
      readonly value: string;
      /** the value is a date, and this of it is compared */
      readonly part?: TimePart;
    }
  /** against another field of the same observation */
  | {
      readonly kind: 'reference';
      readonly field: string;
      readonly other: string;
      readonly how: 'equals' | 'contains' | 'startswith' | 'endswith';
      readonly cased?: true;
    };

export type Expression =
  | { readonly and: readonly Expression[] }
  | { readonly or: readonly Expression[] }
  | { readonly not: Expression }
  | { readonly test: Test };

export interface LogSource {
  readonly category?: string;
  readonly product?: string;
  readonly service?: string;
}

/** One observation of an example. */
export interface ExampleStep {
  readonly category: Category;
  /** microseconds after the step before */
  readonly after: number;
  readonly run?: string;
  readonly cell?: string;
  readonly fields: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** where it is written */
  readonly line: number;
}

/** What a rule must find (`true`) and what it must not (`false`): each a sequence of observations. */
export interface Examples {
  readonly true: readonly (readonly ExampleStep[])[];
  readonly false: readonly (readonly ExampleStep[])[];
}

interface Common {
  readonly info: RuleInfo;
  /** UUID, where the file has one */
  readonly uuid?: string;
  /** by which correlations may refer to it */
  readonly name?: string;
  readonly at: { readonly file: string; readonly line: number };
  readonly examples: Examples;
  /** detections with the same values of these fields are the same matter */
  readonly key?: readonly string[];
  /** of a finding; `{Field}` stands for the value of a field */
  readonly text?: string;
}

/** A rule about one observation. */
export interface SigmaDetection extends Common {
  readonly kind: 'detection';
  readonly source: LogSource;
  readonly expression: Expression;
}

/** Bounds of a number; all must hold. */
export interface Bounds {
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
  readonly eq?: number;
  readonly neq?: number;
}

/** Over which rules matched in the window: indexes into `rules`. */
export type Presence =
  | { readonly and: readonly Presence[] }
  | { readonly or: readonly Presence[] }
  | { readonly not: Presence }
  | { readonly rule: number };

export type CorrelationType =
  | 'event_count'
  | 'value_count'
  | 'value_sum'
  | 'value_avg'
  | 'value_percentile'
  | 'value_median'
  | 'temporal'
  | 'temporal_ordered';

/** A rule about several. */
export interface SigmaCorrelation extends Common {
  readonly kind: 'correlation';
  readonly type: CorrelationType;
  /** ids or names of rules, as written */
  readonly rules: readonly string[];
  readonly groupBy: readonly string[];
  /** alias → name of a rule as written in `rules` → field */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** microseconds */
  readonly timespan: number;
  /** of value_…: the fields that are counted, summed … */
  readonly fields: readonly string[];
  /** of value_percentile: 0 to 100 */
  readonly percentile?: number;
  readonly bounds?: Bounds;
  readonly presence?: Presence;
  /** true: the rules that it refers to report by themselves, too */
  readonly generate: boolean;
  /** true: observations of all runs and cells together; else of one cell */
  readonly across: boolean;
}

/** A formula over time (docs/reference/temporal-logic.md): no Sigma, and written and tested as its rules are. */
export interface FormulaRule extends Common {
  readonly kind: 'monitor';
  /** holds where something is wrong */
  readonly formula: string;
  /** from when on it must be followed, where a build found it out */
  readonly brief?: Brief;
}

/** A filter: further conditions of rules that it names. */
export interface SigmaFilter {
  readonly kind: 'filter';
  readonly title: string;
  readonly at: { readonly file: string; readonly line: number };
  /** ids or names, or `any` for all of its log source */
  readonly rules: readonly string[] | 'any';
  readonly source: LogSource;
  readonly expression: Expression;
}

export type SigmaRule = SigmaDetection | SigmaCorrelation | SigmaFilter;

/** Something that a rule wants and that our events do not have. */
export interface Need {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly what: 'log source' | 'field';
  /** `linux/sshd`; `process_creation.LogonId` */
  readonly name: string;
}
