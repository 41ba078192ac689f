/**
 * The definition of the logic, evaluated as it is written: whether a formula holds at a time point of a whole trace, for
 * given values. Slow, without any state, and meant to be obviously right. For formulas whose values all come from the
 * domain given.
 *
 * @module
 */
import type { Fact } from './evaluate.ts';
import type { Formula, Interval, Term } from './syntax.ts';
import { aggregate, calculate, compare, type Value } from './values.ts';

export interface Point {
  time: number;
  facts: Fact[];
}

type Valuation = ReadonlyMap<string, Value>;

export class Oracle {
  readonly #trace: readonly Point[];
  readonly #domain: readonly Value[];

  constructor(trace: readonly Point[], domain: readonly Value[]) {
    this.#trace = trace;
    this.#domain = domain;
  }

  /** All values of the variables for which the formula holds at a time point. */
  solutions(formula: Formula, variables: readonly string[], point: number): Value[][] {
    return this.#valuations(variables, new Map())
      .filter((valuation) => this.holds(formula, valuation, point))
      .map((valuation) => variables.map((name) => valuation.get(name) as Value));
  }

  holds(formula: Formula, v: Valuation, i: number): boolean {
    switch (formula.kind) {
      case 'truth':
        return formula.value;
      case 'predicate': {
        if (formula.name === 'tp') return this.#term(formula.args[0]?.term as Term, v) === i;
        if (formula.name === 'ts') return this.#term(formula.args[0]?.term as Term, v) === this.#time(i);
        return this.#at(i).facts.some(
          (fact) =>
            fact.name === formula.name &&
            formula.args.every(({ field, term }, index) => {
              const value = fact.fields[field ?? String(index)];
              if (term === undefined) return true;
              const wanted = this.#term(term, v);
              return Array.isArray(value)
                ? value.includes(wanted as string)
                : value !== undefined && value === wanted;
            }),
        );
      }
      case 'comparison': {
        const [left, right] = [this.#term(formula.left, v), this.#term(formula.right, v)];
        return left !== undefined && right !== undefined && compare(left, formula.op, right);
      }
      case 'not':
        return !this.holds(formula.body, v, i);
      case 'and':
        return this.holds(formula.left, v, i) && this.holds(formula.right, v, i);
      case 'or':
        return this.holds(formula.left, v, i) || this.holds(formula.right, v, i);
      case 'implies':
        return !this.holds(formula.left, v, i) || this.holds(formula.right, v, i);
      case 'equivalent':
        return this.holds(formula.left, v, i) === this.holds(formula.right, v, i);
      case 'exists':
        return this.#valuations(formula.variables, v).some((one) => this.holds(formula.body, one, i));
      case 'forall':
        return this.#valuations(formula.variables, v).every((one) => this.holds(formula.body, one, i));
      case 'previous':
        return i > 0 && this.#isWithin(i, i - 1, formula.interval) && this.holds(formula.body, v, i - 1);
      case 'once':
        return this.#upTo(i).some(
          (j) => this.#isWithin(i, j, formula.interval) && this.holds(formula.body, v, j),
        );
      case 'historically':
        return this.#upTo(i).every(
          (j) => !this.#isWithin(i, j, formula.interval) || this.holds(formula.body, v, j),
        );
      case 'since':
        return this.#upTo(i).some(
          (j) =>
            this.#isWithin(i, j, formula.interval) &&
            this.holds(formula.right, v, j) &&
            this.#upTo(i).every((k) => k <= j || this.holds(formula.left, v, k)),
        );
      case 'aggregate': {
        const { op, over, groups, body, result } = formula;
        const own = [...new Set(freeNames(body))].filter((name) => !groups.includes(name));
        const fixed = new Map(groups.map((name) => [name, v.get(name) as Value]));
        const rows = this.#valuations(own, fixed).filter((one) => this.holds(body, one, i));
        if (rows.length === 0 && groups.length > 0) return false;
        const value = aggregate(
          op,
          rows.map((row) => row.get(over) as Value),
        );
        return value !== undefined && value === v.get(result);
      }
    }
  }

  #valuations(names: readonly string[], v: Valuation): Valuation[] {
    const [first, ...rest] = names;
    if (first === undefined) return [v];
    return this.#domain.flatMap((value) => this.#valuations(rest, new Map([...v, [first, value]])));
  }

  #term(term: Term, v: Valuation): Value | undefined {
    if (term.kind === 'constant') return term.value;
    if (term.kind === 'variable') return v.get(term.name);
    const [left, right] = [this.#term(term.left, v), this.#term(term.right, v)];
    return left === undefined || right === undefined ? undefined : calculate(left, term.op, right);
  }

  #isWithin(i: number, j: number, { from, to }: Interval): boolean {
    const distance = this.#time(i) - this.#time(j);
    return distance >= from && distance <= to;
  }

  #upTo(i: number): number[] {
    return Array.from({ length: i + 1 }, (_, j) => j);
  }

  #at(i: number): Point {
    return this.#trace[i] as Point;
  }

  #time(i: number): number {
    return this.#at(i).time;
  }
}

/** Names that are free in a formula. */
export function freeNames(formula: Formula): string[] {
  switch (formula.kind) {
    case 'truth':
      return [];
    case 'predicate':
      return formula.args.flatMap(({ term }) => (term ? namesIn(term) : []));
    case 'comparison':
      return [...namesIn(formula.left), ...namesIn(formula.right)];
    case 'not':
    case 'previous':
    case 'once':
    case 'historically':
      return freeNames(formula.body);
    case 'exists':
    case 'forall':
      return freeNames(formula.body).filter((name) => !formula.variables.includes(name));
    case 'aggregate':
      return [formula.result, ...formula.groups];
    default:
      return [...freeNames(formula.left), ...freeNames(formula.right)];
  }
}

function namesIn(term: Term): string[] {
  if (term.kind === 'variable') return [term.name];
  return term.kind === 'constant' ? [] : [...namesIn(term.left), ...namesIn(term.right)];
}
