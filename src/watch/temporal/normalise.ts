/**
 * From formulas as written to formulas as evaluated: negations pushed inwards as far as relations stay small,
 * HISTORICALLY and FORALL by their duals, one slot for each variable of each scope.
 *
 * @module
 */
import type { Core, CoreArgument, CoreTerm } from './core.ts';
import type { Signature } from './signature.ts';
import { type Argument, type Formula, FormulaError, type Place, type Term } from './syntax.ts';

/** How large a formula may become. EQUIV doubles what it holds. Unit: operators. */
const LARGEST = 1_000;

/** What a formula may speak of. `externals`: names of the host's functions and how many arguments they take. */
export interface Vocabulary {
  signature?: Signature | undefined;
  externals?: ReadonlyMap<string, number> | undefined;
}

export interface Normalised {
  core: Core;
  /** names of the free variables, by slot */
  variables: string[];
  /** how many slots there are, bound ones too */
  slots: number;
}

/** Variables of one scope; what it does not know is its parent's, or, where that ends, free. */
interface Scope {
  names: Map<string, number>;
  parent: Scope | undefined;
}

/** @throws FormulaError for predicates and arguments that there are not */
export function normalise(formula: Formula, vocabulary: Vocabulary = {}): Normalised {
  const normaliser = new Normaliser(vocabulary);
  // free variables first, in the order in which they are written
  const scope: Scope = { names: new Map(), parent: undefined };
  const core = normaliser.formula(formula, false, scope);
  const order = [...scope.names];
  return { core, variables: byslot(order), slots: normaliser.slots };
}

function byslot(names: readonly [string, number][]): string[] {
  const variables: string[] = [];
  for (const [name, slot] of names) variables[slot] = name;
  return variables;
}

class Normaliser {
  readonly #vocabulary: Vocabulary;
  #size = 0;
  slots = 0;

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** `formula`, or its negation. */
  formula(formula: Formula, negated: boolean, scope: Scope): Core {
    const { place } = formula;
    this.#size += 1;
    if (this.#size > LARGEST)
      throw new FormulaError(
        'it becomes too large',
        place,
        'use fewer EQUIV, or split it into several rules',
      );
    const not = (core: Core): Core => (negated ? { kind: 'not', body: core, place } : core);
    switch (formula.kind) {
      case 'truth':
        return { kind: 'truth', value: formula.value !== negated, place };
      case 'predicate':
        return not(this.#predicate(formula, scope));
      case 'comparison': {
        const left = this.#term(formula.left, scope);
        return not({ kind: 'compare', op: formula.op, left, right: this.#term(formula.right, scope), place });
      }
      case 'not':
        return this.formula(formula.body, !negated, scope);
      case 'and':
      case 'or':
        return this.#join(formula.kind, formula.left, formula.right, { negated, place, scope });
      case 'implies': {
        const left: Formula = { kind: 'not', body: formula.left, place: formula.left.place };
        return this.#join('or', left, formula.right, { negated, place, scope });
      }
      case 'equivalent': {
        const [left, right] = [formula.left, formula.right];
        const both = this.#join('and', left, right, { negated: false, place, scope }, negated);
        const none = this.#join('and', invert(left), right, { negated: false, place, scope }, !negated);
        return { kind: 'or', parts: [both, none], place };
      }
      case 'exists':
      case 'forall': {
        const inner: Scope = { names: new Map(), parent: scope };
        const slots = formula.variables.map((name) => this.#declare(name, inner));
        const isForall = formula.kind === 'forall';
        const body = this.formula(formula.body, isForall, inner);
        const exists: Core = { kind: 'exists', slots, body, place };
        return isForall === negated ? exists : { kind: 'not', body: exists, place };
      }
      case 'previous':
      case 'once': {
        const { kind, interval } = formula;
        return not({ kind, interval, body: this.formula(formula.body, false, scope), place });
      }
      case 'historically': {
        const { interval } = formula;
        const once: Core = { kind: 'once', interval, body: this.formula(formula.body, true, scope), place };
        return negated ? once : { kind: 'not', body: once, place };
      }
      case 'since': {
        const left = this.formula(formula.left, false, scope);
        const right = this.formula(formula.right, false, scope);
        return not({ kind: 'since', interval: formula.interval, left, right, place });
      }
      case 'aggregate':
        return not(this.#aggregate(formula, scope));
    }
  }

  /** `left kind right`, with `right` negated where `flip`, all of it where `negated`. */
  #join(
    kind: 'and' | 'or',
    left: Formula,
    right: Formula,
    { negated, place, scope }: { negated: boolean; place: Place; scope: Scope },
    flip = false,
  ): Core {
    if (!negated || kind === 'or') {
      const joined = negated ? 'and' : kind;
      const parts = [this.formula(left, negated, scope), this.formula(right, flip !== negated, scope)];
      return { kind: joined, parts: flatten(joined, parts), place };
    }
    // of a conjunction: by its parts only where all of them become positive; else what is inside can be looked up
    if (this.#isPositive(left, true) && this.#isPositive(right, !flip)) {
      const parts = [this.formula(left, true, scope), this.formula(right, !flip, scope)];
      return { kind: 'or', parts: flatten('or', parts), place };
    }
    const body = flatten('and', [this.formula(left, false, scope), this.formula(right, flip, scope)]);
    return { kind: 'not', body: { kind: 'and', parts: body, place }, place };
  }

  /** Whether a formula, or its negation, gives its variables values, as far as its form says. */
  #isPositive(formula: Formula, negated: boolean): boolean {
    switch (formula.kind) {
      case 'truth':
      case 'comparison':
        return false;
      case 'predicate':
        return !negated && !this.#vocabulary.externals?.has(formula.name);
      case 'not':
        return this.#isPositive(formula.body, !negated);
      case 'and':
        return !negated || (this.#isPositive(formula.left, true) && this.#isPositive(formula.right, true));
      case 'or':
      case 'implies':
      case 'equivalent':
        return true;
      case 'forall':
      case 'historically':
        return negated;
      default:
        return !negated;
    }
  }

  #predicate(formula: Formula & { kind: 'predicate' }, scope: Scope): Core {
    const { name, args, place } = formula;
    const externals = this.#vocabulary.externals;
    if (name === 'tp' || name === 'ts') {
      const [term] = this.#positional(name, args, 1, place, scope);
      return { kind: 'instant', what: name, term: term as CoreArgument, place };
    }
    const arity = externals?.get(name);
    if (arity !== undefined)
      return { kind: 'external', name, args: this.#positional(name, args, arity, place, scope), place };
    const signature = this.#vocabulary.signature;
    const known = signature?.get(name);
    if (signature && !known) {
      const names = [...signature.keys(), ...(externals?.keys() ?? [])].sort();
      throw new FormulaError(`there is no predicate ${name}`, place, `there are: ${names.join(', ')}`);
    }
    const seen = new Set<string>();
    const fields = args.map(({ field, term }, index) => {
      const at = term?.place ?? place;
      const byPosition = known ? known.fields[index] : String(index);
      const chosen = field ?? byPosition;
      if (chosen === undefined) {
        const message = `${name} has ${known?.fields.length || 'no'} arguments by position`;
        throw new FormulaError(message, at, 'name the others: p(Field: x)');
      }
      const all = known && [...known.fields, ...(known.named ?? [])];
      if (all && !known.open && !all.includes(chosen))
        throw new FormulaError(`${name} has no argument ${chosen}`, at, `it has: ${all.join(', ')}`);
      if (seen.has(chosen))
        throw new FormulaError(`${chosen} is given twice`, at, 'join two predicates with AND');
      seen.add(chosen);
      return { field: chosen, term: term && (this.#term(term, scope) as CoreArgument) };
    });
    return { kind: 'atom', name, args: fields.filter(isGiven), place };
  }

  #positional(
    name: string,
    args: readonly Argument[],
    arity: number,
    place: Place,
    scope: Scope,
  ): CoreArgument[] {
    const terms = args.flatMap(({ field, term }) => (field === undefined && term ? [term] : []));
    if (terms.length !== arity || args.length !== arity)
      throw new FormulaError(
        `${name} takes ${arity} argument${arity === 1 ? '' : 's'}, by position, none of them _`,
        place,
        `write ${name}(${Array.from({ length: arity }, (_, index) => `x${index + 1}`).join(', ')})`,
      );
    return terms.map((term) => this.#term(term, scope) as CoreArgument);
  }

  #aggregate(formula: Formula & { kind: 'aggregate' }, scope: Scope): Core {
    const { op, place } = formula;
    const groups = formula.groups.map((name) => this.#lookUp(name, scope));
    const result = this.#lookUp(formula.result, scope);
    if (groups.includes(result))
      throw new FormulaError(
        `${formula.result} is both the result and what it is grouped by`,
        place,
        'give the result a name of its own',
      );
    // all variables of the body but the groups are its own
    const inner: Scope = {
      names: new Map(formula.groups.map((name, index) => [name, groups[index] as number])),
      parent: undefined,
    };
    const body = this.formula(formula.body, false, inner);
    const over = inner.names.get(formula.over);
    if (over === undefined)
      throw new FormulaError(
        `${formula.over} does not occur in what is aggregated`,
        place,
        'aggregate a free variable of it',
      );
    return { kind: 'aggregate', result, op, over, groups, body, place };
  }

  #term(term: Term, scope: Scope): CoreTerm {
    if (term.kind === 'constant') return { kind: 'constant', value: term.value };
    if (term.kind === 'variable') return { kind: 'slot', slot: this.#lookUp(term.name, scope) };
    const { op } = term;
    return {
      kind: 'arithmetic',
      op,
      left: this.#term(term.left, scope),
      right: this.#term(term.right, scope),
    };
  }

  #declare(name: string, scope: Scope): number {
    const slot = this.slots;
    this.slots += 1;
    scope.names.set(name, slot);
    return slot;
  }

  #lookUp(name: string, scope: Scope): number {
    const found = scope.names.get(name);
    if (found !== undefined) return found;
    return scope.parent ? this.#lookUp(name, scope.parent) : this.#declare(name, scope);
  }
}

const invert = (body: Formula): Formula => ({ kind: 'not', body, place: body.place });

const isGiven = <T extends { term: CoreArgument | undefined }>(
  argument: T,
): argument is T & { term: CoreArgument } => argument.term !== undefined;

const flatten = (kind: 'and' | 'or', parts: readonly Core[]): Core[] =>
  parts.flatMap((part) => (part.kind === kind ? part.parts : [part]));
