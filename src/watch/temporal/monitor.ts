/**
 * One formula over one trace: told what happens, it says for which values of its free variables the formula holds.
 *
 * @module
 */
import { type Core, freeSlots, predicatesOf } from './core.ts';
import { type Brief, wakesOf } from './dormant.ts';
import { Evaluator, type External, type Fact } from './evaluate.ts';
import { normalise } from './normalise.ts';
import { parseFormula } from './parse.ts';
import { requireSafe } from './safety.ts';
import type { Signature } from './signature.ts';
import { canSkip } from './stutter.ts';
import { type Formula, FormulaError } from './syntax.ts';
import type { Value } from './values.ts';

/** Tuples that one window holds at most, unless said otherwise. */
const MOST_TUPLES = 100_000;

/** Characters of the texts that one window holds at most: those inside choose how long a name is. */
const MOST_CHARACTERS = 16 << 20;

export interface ProgramOptions {
  /** predicates and their arguments; absent: any, by position named 0, 1, … */
  signature?: Signature | undefined;
  /** functions of the host; how many arguments they take is their `length` */
  externals?: Readonly<Record<string, External>> | undefined;
  /** tuples that one window holds at most: the oldest are dropped, and counted as lost */
  tuples?: number | undefined;
  /** characters of their texts at most, likewise */
  characters?: number | undefined;
}

export interface Solution {
  /** by name of the variable */
  readonly values: Readonly<Record<string, Value>>;
  /** the same in the order in which the formula names them: identifies the solution */
  readonly tuple: readonly Value[];
  /** numbers of the events that show it, ascending, the latest 16 */
  readonly cites: readonly number[];
}

/** A formula that is checked and can be monitored. Has no state; monitors are made of it. */
export class Program {
  /** names of its free variables in the order of the solutions' tuples */
  readonly variables: readonly string[];
  /** names of the predicates that it speaks of */
  readonly predicates: ReadonlySet<string>;
  /** time points at which none of them holds may be left out */
  readonly canSkip: boolean;
  readonly #core: Core;
  readonly #slots: number;
  readonly #externals: ReadonlyMap<string, External>;
  readonly #limits: { tuples: number; characters: number };

  /** @throws FormulaError with line, column and what to write instead */
  constructor(formula: string | Formula, options: ProgramOptions = {}) {
    const written = typeof formula === 'string' ? parseFormula(formula) : formula;
    this.#externals = new Map(Object.entries(options.externals ?? {}));
    const arities = new Map([...this.#externals].map(([name, { length }]) => [name, length]));
    const normalised = normalise(written, { signature: options.signature, externals: arities });
    this.#core = normalised.core;
    this.#slots = normalised.slots;
    this.#limits = {
      tuples: options.tuples ?? MOST_TUPLES,
      characters: options.characters ?? MOST_CHARACTERS,
    };
    const nameOf = (slot: number) => normalised.variables[slot] ?? 'a variable inside';
    requireSafe(this.#core, nameOf);
    const free = freeSlots(this.#core);
    this.variables = free.map(nameOf);
    if (free.some((slot) => normalised.variables[slot] === undefined))
      throw new FormulaError('a variable has no name', written.place, 'name it');
    this.predicates = predicatesOf(this.#core);
    this.canSkip = canSkip(this.#core);
  }

  /** Undefined where a monitor must see everything from the beginning on. */
  get brief(): Brief | undefined {
    const wakes = this.canSkip ? wakesOf(this.#core) : undefined;
    return wakes && { hears: [...this.predicates], wakes };
  }

  /** A monitor for one trace, at its beginning. */
  monitor(): Monitor {
    return new Monitor(this.variables, new Evaluator(this.#core, this.#slots, this.#externals, this.#limits));
  }
}

export class Monitor {
  readonly #variables: readonly string[];
  readonly #evaluator: Evaluator;
  #time = Number.NEGATIVE_INFINITY;

  constructor(variables: readonly string[], evaluator: Evaluator) {
    this.#variables = variables;
    this.#evaluator = evaluator;
  }

  /**
   * The next time point and all that holds at it. A time before the last counts as the last.
   *
   * @param time µs
   * @returns each solution once
   */
  step(time: number, facts: readonly Fact[]): Solution[] {
    this.#time = Math.max(time, this.#time);
    let solutions: Map<string, Solution> | undefined;
    this.#evaluator.step(this.#time, facts, (tuple, cites) => {
      solutions ??= new Map();
      const key = JSON.stringify(tuple);
      if (solutions.has(key)) return;
      const values = Object.fromEntries(this.#variables.map((name, index) => [name, tuple[index] as Value]));
      solutions.set(key, { values, tuple, cites });
    });
    return solutions ? [...solutions.values()] : [];
  }

  /** Tuples dropped to stay within the limit, since it was last asked. */
  lost(): number {
    return this.#evaluator.lost();
  }

  /** Tuples that are held. */
  get size(): number {
    return this.#evaluator.size;
  }
}
