/**
 * Evaluates a formula event by event. Each subformula becomes a function that finds, one after the other, the values
 * for its variables that the ones before it have not given, and calls what comes next for each: what the present event
 * says is looked up in the past by its values, and no relation is ever made whole. The past is in windows (`window.ts`),
 * which are brought up to the present before anything is looked up.
 *
 * @module
 */
import { type Core, type CoreArgument, type CoreTerm, freeSlots, slotsOf } from './core.ts';
import { type Group, Groups } from './groups.ts';
import { assigns, Checked, orderOf } from './safety.ts';
import { aggregate, calculate, compare, tupleKey, type Value } from './values.ts';
import { Window } from './window.ts';

/** What a field holds; of several, the predicate holds for each. Booleans are "true" and "false". */
export type Field = Value | boolean | readonly string[] | undefined;

/** One predicate that holds at a time point. */
export interface Fact {
  readonly name: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** numbers of the events that show it */
  readonly cites: readonly number[];
}

/** A function of the host: pure, of values that are known. */
export type External = (...args: Value[]) => boolean;

/** Finds solutions; true: enough, look no further. */
type Run = () => boolean;
type Bound = ReadonlySet<number>;

const NONE: Bound = new Set();

/** How many events one tuple cites at most: the latest. */
const CITED = 16;

/** Numbers of events, or how to get them, where that takes time. */
type Shown = readonly number[] | (() => readonly number[]);

/** Rows of a relation that are kept from one time point to the next. */
interface Row {
  tuple: readonly Value[];
  cites: Shown;
}

export interface Limits {
  /** tuples of one window at most */
  tuples: number;
  /** characters of their texts at most */
  characters: number;
}

export class Evaluator {
  readonly #externals: ReadonlyMap<string, External>;
  readonly #limits: Limits;
  readonly #env: Value[];
  readonly #windows = new Map<Core, Window>();
  readonly #updates: (() => void)[] = [];
  readonly #checked = new Checked();
  readonly #run: Run;
  /** what shows the solution that is being looked for */
  readonly #trail: Shown[] = [];
  #facts: readonly Fact[] = [];
  #time = 0;
  #point = -1;
  #lost = 0;
  #found: (values: readonly Value[], cites: readonly number[]) => void = () => {};

  /** @param core safe (`requireSafe`); `slots` how many it has */
  constructor(core: Core, slots: number, externals: ReadonlyMap<string, External>, limits: Limits) {
    this.#externals = externals;
    this.#limits = limits;
    this.#env = new Array<Value>(slots).fill(0);
    const free = freeSlots(core);
    this.#run = this.#compile(core, NONE, () => {
      this.#found(this.#valuesOf(free), this.#cites());
      return false;
    });
  }

  /**
   * The next time point, at `time` (µs, not before the last). `found` is told the solutions, values in the order of the
   * slots; the same one may come twice.
   */
  step(
    time: number,
    facts: readonly Fact[],
    found: (values: readonly Value[], cites: readonly number[]) => void,
  ): void {
    this.#time = time;
    this.#facts = facts;
    this.#point += 1;
    this.#found = found;
    for (const update of this.#updates) update();
    this.#run();
  }

  /** How many tuples were dropped to stay within the limit, since it was last asked. */
  lost(): number {
    let lost = this.#lost;
    this.#lost = 0;
    for (const window of this.#windows.values()) {
      lost += window.lost;
      window.lost = 0;
    }
    return lost;
  }

  /** Tuples that are held. */
  get size(): number {
    return [...this.#windows.values()].reduce((sum, window) => sum + window.size, 0);
  }

  #compile(core: Core, bound: Bound, next: Run): Run {
    switch (core.kind) {
      case 'truth':
        return core.value ? next : () => false;
      case 'atom':
        return this.#atom(core, bound, next);
      case 'external': {
        const test = this.#externals.get(core.name);
        if (!test) throw new TypeError(`the host has no function ${core.name}`);
        const terms = core.args.map((term) => this.#value(term));
        return () => test(...terms.map((term) => term() as Value)) && next();
      }
      case 'instant': {
        const give = this.#give(core.term, bound, next);
        return core.what === 'tp' ? () => give(this.#point) : () => give(this.#time);
      }
      case 'compare':
        return this.#compare(core, bound, next);
      case 'not': {
        const found = this.#compile(core.body, bound, () => true);
        return () => !found() && next();
      }
      case 'and':
        return this.#and(core.parts, bound, next);
      case 'or': {
        const isKnown = freeSlots(core).every((slot) => bound.has(slot));
        if (isKnown) return this.#first((then) => this.#either(core.parts, bound, then), next);
        return this.#either(core.parts, bound, next);
      }
      case 'exists': {
        const inside = new Set([...bound].filter((slot) => !core.slots.includes(slot)));
        const isKnown = freeSlots(core).every((slot) => bound.has(slot));
        if (isKnown) return this.#first((then) => this.#compile(core.body, inside, then), next);
        return this.#compile(core.body, inside, next);
      }
      case 'previous':
        return this.#previous(core, bound, next);
      case 'once':
      case 'since':
        return this.#past(core, bound, next);
      case 'aggregate':
        return this.#aggregate(core, bound, next);
    }
  }

  #either(parts: readonly Core[], bound: Bound, next: Run): Run {
    const runs = parts.map((part) => this.#compile(part, bound, next));
    return () => runs.some((run) => run());
  }

  #and(parts: readonly Core[], bound: Bound, next: Run): Run {
    const ordered = orderOf(parts, bound, this.#checked) as Core[];
    const bounds: Bound[] = [];
    let now: Bound = bound;
    for (const part of ordered) {
      bounds.push(now);
      now = new Set([...now, ...freeSlots(part)]);
    }
    return ordered.reduceRight(
      (then, part, index) => this.#compile(part, bounds[index] as Bound, then),
      next,
    );
  }

  /** What comes next is called for the first solution alone: the others differ in nothing that it sees. */
  #first(make: (then: Run) => Run, next: Run): Run {
    let result = false;
    const run = make(() => {
      result = next();
      return true;
    });
    return () => {
      result = false;
      run();
      return result;
    };
  }

  #atom(core: Core & { kind: 'atom' }, bound: Bound, next: Run): Run {
    const { name } = core;
    let fields: Fact['fields'] = {};
    // from the last argument to the first; a variable that occurs twice is given once
    const given = new Set(bound);
    const steps = core.args.map(({ field, term }) => {
      const before = new Set(given);
      for (const slot of slotsOf(term)) given.add(slot);
      return { field, term, before };
    });
    const run = steps.reduceRight((then, { field, term, before }) => {
      const give = this.#give(term, before, then);
      return () => {
        const value = fields[field];
        // rules name fields of any name; those of every object are none
        if (value === undefined || !Object.hasOwn(fields, field)) return false;
        if (typeof value === 'boolean') return give(String(value));
        if (typeof value !== 'object') return give(value);
        return value.some(give);
      };
    }, next);
    return () => {
      for (const fact of this.#facts) {
        if (fact.name !== name) continue;
        fields = fact.fields;
        this.#trail.push(fact.cites);
        const enough = run();
        this.#trail.pop();
        if (enough) return true;
      }
      return false;
    };
  }

  /** Gives a value to a term: to a variable that has none, else it is a test. */
  #give(term: CoreArgument, bound: Bound, next: Run): (value: Value) => boolean {
    const env = this.#env;
    if (term.kind === 'constant') return (value) => value === term.value && next();
    const { slot } = term;
    if (bound.has(slot)) return (value) => env[slot] === value && next();
    return (value) => {
      env[slot] = value;
      return next();
    };
  }

  #compare(core: Core & { kind: 'compare' }, bound: Bound, next: Run): Run {
    const side = assigns(core, bound);
    if (side !== undefined) {
      const give = this.#give(core[side] as CoreArgument, bound, next);
      const value = this.#value(core[side === 'left' ? 'right' : 'left']);
      return () => {
        const known = value();
        return known !== undefined && give(known);
      };
    }
    const { op } = core;
    const [left, right] = [this.#value(core.left), this.#value(core.right)];
    return () => {
      const [one, other] = [left(), right()];
      return one !== undefined && other !== undefined && compare(one, op, other) && next();
    };
  }

  #value(term: CoreTerm): () => Value | undefined {
    if (term.kind === 'constant') return () => term.value;
    if (term.kind === 'slot') return () => this.#env[term.slot];
    const [left, right] = [this.#value(term.left), this.#value(term.right)];
    return () => {
      const [one, other] = [left(), right()];
      return one === undefined || other === undefined ? undefined : calculate(one, term.op, other);
    };
  }

  #previous(core: Core & { kind: 'previous' }, bound: Bound, next: Run): Run {
    const columns = freeSlots(core);
    const { from, to } = core.interval;
    let shown: readonly Row[] = [];
    let last: { time: number; rows: Map<Value, Row> } | undefined;
    let rows = new Map<Value, Row>();
    const fill = this.#compile(core.body, NONE, () => {
      const tuple = this.#valuesOf(columns);
      if (rows.size < this.#limits.tuples) rows.set(tupleKey(tuple), { tuple, cites: this.#cites() });
      else this.#lost += 1;
      return false;
    });
    this.#updates.push(() => {
      const distance = last ? this.#time - last.time : -1;
      shown = last && distance >= from && distance <= to ? [...last.rows.values()] : [];
      rows = new Map();
      fill();
      last = { time: this.#time, rows };
    });
    const each = this.#row(columns, bound, next);
    return () => shown.some(each);
  }

  #past(core: Core & { kind: 'once' | 'since' }, bound: Bound, next: Run): Run {
    const window = this.#windowOf(core);
    const columns = columnsOf(core);
    const known = columns.flatMap((slot, column) => (bound.has(slot) ? [column] : []));
    const key = () => tupleKey(known.map((column) => this.#env[columns[column] as number] as Value));
    const each = this.#row(columns, bound, next);
    if (known.length === columns.length) {
      return () => {
        const entry = window.get(key());
        return entry !== undefined && each(entry);
      };
    }
    const lookUp = known.length === 0 ? () => window.entries() : window.index(known);
    return () => {
      for (const entry of lookUp(key()) ?? []) if (each(entry)) return true;
      return false;
    };
  }

  /** Takes a row's values for the variables that have none, where it agrees with those that have one. */
  #row(columns: readonly number[], bound: Bound, next: Run): (row: Row) => boolean {
    return ({ tuple, cites }) => {
      for (let column = 0; column < columns.length; column += 1) {
        const slot = columns[column] as number;
        const value = tuple[column] as Value;
        if (!bound.has(slot)) this.#env[slot] = value;
        else if (this.#env[slot] !== value) return false;
      }
      this.#trail.push(cites);
      const enough = next();
      this.#trail.pop();
      return enough;
    };
  }

  #windowOf(core: Core & { kind: 'once' | 'since' }): Window {
    const known = this.#windows.get(core);
    if (known) return known;
    const window = new Window(core.interval.from, core.interval.to, this.#limits);
    this.#windows.set(core, window);
    const columns = columnsOf(core);
    // what is inside is compiled first, and so brought up to date first
    const shrink = core.kind === 'since' ? this.#keeping(core, window, columns) : () => {};
    const grow = this.#compile(core.kind === 'once' ? core.body : core.right, NONE, () => {
      window.insert(this.#time, this.#valuesOf(columns), this.#cites());
      return false;
    });
    this.#updates.push(() => {
      window.advance(this.#time);
      shrink();
      grow();
    });
    return window;
  }

  /** Removes from the window of `left SINCE right` what `left` does not hold for. */
  #keeping(core: Core & { kind: 'since' }, window: Window, columns: readonly number[]): () => void {
    const parts = core.left.kind === 'and' ? core.left.parts : [core.left];
    const removals: Run[] = [];
    const tests: Core[] = [];
    for (const part of parts) {
      // NOT p(x), p an event: what it names is looked up and removed, the rest is not touched
      if (part.kind === 'not' && !this.#checked.problemOf(part.body, NONE))
        removals.push(this.#removal(part.body, window, columns));
      else if (!(part.kind === 'truth' && part.value)) tests.push(part);
    }
    const holds = tests.length > 0 ? this.#and(tests, new Set(columns), () => true) : undefined;
    const isKept = this.#row(columns, NONE, () => holds === undefined || holds());
    return () => {
      if (window.isEmpty) return;
      for (const remove of removals) remove();
      if (holds) for (const entry of window.held()) if (!isKept(entry)) window.remove(entry);
    };
  }

  #removal(body: Core, window: Window, columns: readonly number[]): Run {
    const named = freeSlots(body).map((slot) => columns.indexOf(slot));
    const key = () => tupleKey(named.map((column) => this.#env[columns[column] as number] as Value));
    if (named.length === 0) {
      return this.#compile(body, NONE, () => {
        window.clear();
        return true;
      });
    }
    if (named.length === columns.length) {
      return this.#compile(body, NONE, () => {
        const entry = window.heldAt(key());
        if (entry) window.remove(entry);
        return false;
      });
    }
    const lookUp = window.heldIndex(named);
    return this.#compile(body, NONE, () => {
      for (const entry of [...(lookUp(key()) ?? [])]) window.remove(entry);
      return false;
    });
  }

  #aggregate(core: Core & { kind: 'aggregate' }, bound: Bound, next: Run): Run {
    const give = this.#give({ kind: 'slot', slot: core.result }, bound, next);
    const { body } = core;
    if (body.kind !== 'once' && body.kind !== 'since') return this.#aggregateNow(core, bound, next);
    const columns = columnsOf(body);
    const places = core.groups.map((slot) => columns.indexOf(slot));
    const groups = new Groups(core.op, columns.indexOf(core.over), places);
    this.#windowOf(body).listen(groups);
    let group: Group | undefined;
    const each = this.#row(core.groups, bound, () => {
      const value = group && groups.valueOf(group);
      return value !== undefined && give(value);
    });
    const look = (found: Group): boolean => {
      group = found;
      return each({ tuple: found.tuple, cites: () => found.cites() });
    };
    if (core.groups.every((slot) => bound.has(slot))) {
      return () => {
        const found = groups.get(tupleKey(this.#valuesOf(core.groups)));
        return found !== undefined && look(found);
      };
    }
    return () => {
      for (const found of groups.all()) if (look(found)) return true;
      return false;
    };
  }

  /** Aggregates what is true at present, anew at each look. */
  #aggregateNow(core: Core & { kind: 'aggregate' }, bound: Bound, next: Run): Run {
    const columns = freeSlots(core.body);
    const over = columns.indexOf(core.over);
    let rows = new Map<Value, Row>();
    const fill = this.#compile(core.body, NONE, () => {
      const tuple = this.#valuesOf(columns);
      rows.set(tupleKey(tuple), { tuple, cites: this.#cites() });
      return false;
    });
    const give = this.#give({ kind: 'slot', slot: core.result }, bound, next);
    const places = core.groups.map((slot) => columns.indexOf(slot));
    let value: number | undefined;
    const each = this.#row(core.groups, bound, () => value !== undefined && give(value));
    return () => {
      const before = this.#valuesOf(core.groups);
      rows = new Map();
      fill();
      for (const [index, slot] of core.groups.entries()) this.#env[slot] = before[index] as Value;
      const groups = new Map<Value, { tuple: readonly Value[]; values: Value[]; cites: readonly number[] }>();
      if (places.length === 0) groups.set('', { tuple: [], values: [], cites: [] });
      for (const row of rows.values()) {
        const tuple = places.map((column) => row.tuple[column] as Value);
        const key = tupleKey(tuple);
        const group = groups.get(key) ?? { tuple, values: [], cites: [] };
        group.values.push(row.tuple[over] as Value);
        group.cites = merge([group.cites, row.cites]);
        groups.set(key, group);
      }
      for (const group of groups.values()) {
        value = aggregate(core.op, group.values);
        if (each(group)) return true;
      }
      return false;
    };
  }

  #valuesOf(slots: readonly number[]): Value[] {
    return slots.map((slot) => this.#env[slot] as Value);
  }

  #cites(): readonly number[] {
    const [first] = this.#trail;
    const isOne = this.#trail.length === 1 && typeof first === 'object' && first.length <= CITED;
    return isOne ? first : merge(this.#trail);
  }
}

/** The columns of a window: of SINCE those of its right side, which are all. */
const columnsOf = (core: Core & { kind: 'once' | 'since' }): number[] =>
  freeSlots(core.kind === 'once' ? core.body : core.right);

const merge = (trail: readonly Shown[]): readonly number[] =>
  [...new Set(trail.flatMap((shown) => (typeof shown === 'function' ? shown() : shown)))]
    .sort((left, right) => left - right)
    .slice(-CITED);
