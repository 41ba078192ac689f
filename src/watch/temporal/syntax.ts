/**
 * Formulas of past-time metric first-order temporal logic, as they are written. After D. Basin, F. Klaedtke, S. Müller,
 * E. Zălinescu: Monitoring metric first-order temporal properties (J. ACM 62, 2015); the syntax is a subset of MonPoly's.
 *
 * @module
 */
import type { Aggregate, Comparison, Value } from './values.ts';

/** Where something stands in the text: line and column, from 1. */
export interface Place {
  line: number;
  column: number;
}

/** Distances in time, both ends included, in microseconds; `to` may be Infinity. */
export interface Interval {
  from: number;
  to: number;
}

export type Term =
  | { kind: 'variable'; name: string; place: Place }
  | { kind: 'constant'; value: Value; place: Place }
  | { kind: 'arithmetic'; op: '+' | '-' | '*'; left: Term; right: Term; place: Place };

/** `field` absent: by position, as the signature orders them. A term undefined is `_`: anything. */
export interface Argument {
  field?: string;
  term: Term | undefined;
}

export type Formula = { place: Place } & (
  | { kind: 'truth'; value: boolean }
  | { kind: 'predicate'; name: string; args: Argument[] }
  | { kind: 'comparison'; op: Comparison; left: Term; right: Term }
  | { kind: 'not'; body: Formula }
  | { kind: 'and' | 'or' | 'implies' | 'equivalent'; left: Formula; right: Formula }
  | { kind: 'exists' | 'forall'; variables: string[]; body: Formula }
  | { kind: 'previous' | 'once' | 'historically'; interval: Interval; body: Formula }
  | { kind: 'since'; interval: Interval; left: Formula; right: Formula }
  | {
      kind: 'aggregate';
      result: string;
      op: Aggregate;
      over: string;
      groups: string[];
      body: Formula;
    }
);

/** What is wrong with a formula, where, and what to write instead. */
export class FormulaError extends Error {
  override readonly name = 'FormulaError';
  readonly code = 'formula';
  readonly place: Place;
  readonly hint: string;

  constructor(message: string, place: Place, hint: string) {
    super(message);
    this.place = place;
    this.hint = hint;
  }
}
