/**
 * The rules about one category, compiled: each field of an observation is read once, whatever the number of rules; what
 * its text holds says which rules can match at all, and only those are decided.
 *
 * @module
 */
import type { Observation } from '../observation.ts';
import type { Literal } from './automaton.ts';
import { cidrMatcher, compareNumbers, holds, someValue, textMatcher, timePart } from './match.ts';
import { fold } from './pattern.ts';
import { regexMatcher } from './regex.ts';
import { requirementOf } from './requirement.ts';
import { type Atom, literalKey, type Scan, scanner } from './scan.ts';
import { ANY, type Expression, type Pattern, type Test } from './types.ts';

/** A literal is looked for up to this length; the rest of a longer one is compared where its beginning is found. */
const LONGEST_LITERAL = 64;

/** From this many questions on, a field's automaton looks for the keywords, too. */
const MANY_ATOMS = 60;

/**
 * What says which rules can match at all, without the rules: goes through JSON unchanged, so that a build can keep it.
 * The rules themselves are then compiled one by one, when they can match.
 */
export interface Prefilter {
  /** field, and literals of which one is to be found there, as `literalKey` writes them */
  readonly atoms: readonly (readonly [field: string, literals: readonly string[]])[];
  /** rule → atoms of which one at least must be found where it matches; null: it can match without */
  readonly needs: readonly (readonly number[] | null)[];
}

/** So many rules are compiled in a millisecond or two. */
const FEW_RULES = 5;

/** A test's share in what the automata decide. */
interface Gate {
  readonly literals: readonly Literal[];
  /** finding one is the whole test */
  readonly decided: boolean;
}

type Decide = (observation: Observation) => boolean;

/** A part of a rule, ready to be decided. */
interface Node {
  readonly decide: Decide;
  /** relative time it takes */
  readonly cost: number;
  /** atoms of which one at least must be found where it is true; `undefined`: it can be true without */
  readonly needs: readonly number[] | undefined;
  /** how likely one of them is found, roughly */
  readonly weight: number;
}

/** Values that most observations have, in fields that are compared as a whole. */
const COMMON = new Set([
  'true',
  'false',
  'root',
  'syscall',
  'execve',
  'path',
  'success',
  'yes',
  'no',
  '0',
  '1',
]);

function literalWeight({ text, begin, end }: Literal): number {
  if (begin && end) return COMMON.has(text) ? 0.5 : 0.003;
  const base = [1, 0.6, 0.3, 0.12, 0.06, 0.03, 0.015][text.length] ?? 0.006;
  return begin || end ? base / 3 : base;
}

/** The automata's share in a text test. */
function gateOf(pattern: Pattern, cased: boolean): Gate | undefined {
  const texts = pattern.filter((part) => typeof part === 'string');
  if (pattern.length === 0) return { literals: [{ text: '', begin: true, end: true }], decided: true };
  if (texts.length === 0) return undefined;
  const longest = texts.reduce((best, text) => (text.length > best.length ? text : best), '');
  const at = pattern.indexOf(longest);
  const folded = fold(longest);
  const plain = pattern.every((part) => part === longest || part === ANY) && texts.length === 1;
  const literal: Literal = {
    text: folded.slice(0, LONGEST_LITERAL),
    begin: at === 0,
    end: at === pattern.length - 1 && folded.length <= LONGEST_LITERAL,
  };
  return { literals: [literal], decided: plain && !cased && folded.length <= LONGEST_LITERAL };
}

const keysOf = (literals: readonly Literal[]): string[] => [...new Set(literals.map(literalKey))].sort();

export class Program {
  readonly #scanners: ReadonlyMap<string, Scan>;
  readonly #fields: readonly string[];
  /** for fields that no rule names */
  readonly #keywords: Scan | undefined;
  readonly #expressions: readonly { readonly expression: Expression }[];
  /** those that were compiled */
  readonly #rules: (Decide | undefined)[];
  readonly prefilter: Prefilter;
  /** rules that no text can rule out */
  readonly #always: readonly number[];
  /** atom → rules that can match once it is found */
  readonly #wakes: readonly (readonly number[])[];
  readonly #found: Int32Array;
  readonly #woken: Int32Array;
  readonly #candidates: number[] = [];
  #generation = 0;

  // while it is compiled
  readonly #atoms: Atom[] = [];
  readonly #atomIds = new Map<string, number>();

  /**
   * Numbers of rules that match are their index in `rules`.
   *
   * @param prefilter of just these rules, where it is known
   */
  constructor(rules: readonly { readonly expression: Expression }[], prefilter?: Prefilter) {
    this.#expressions = rules;
    this.#rules = rules.map(() => undefined);
    this.prefilter = prefilter ? this.#recall(prefilter) : this.#compileAll();
    const wakes: number[][] = this.#atoms.map(() => []);
    const always: number[] = [];
    for (const [rule, needs] of this.prefilter.needs.entries())
      if (needs === null) always.push(rule);
      else for (const atom of needs) wakes[atom]?.push(rule);
    this.#always = always;
    this.#wakes = wakes;
    this.#found = new Int32Array(this.#atoms.length);
    this.#woken = new Int32Array(rules.length);

    const fields = new Map<string, [id: number, literals: readonly string[]][]>();
    for (const [id, { field, literals }] of this.#atoms.entries()) {
      const atoms = fields.get(field);
      if (atoms) atoms.push([id, literals]);
      else fields.set(field, [[id, literals]]);
    }
    const keywords = fields.get('');
    fields.delete('');
    const scanKeywords = keywords && this.#scanner(keywords);
    const scanners = new Map<string, Scan>();
    for (const [field, atoms] of fields) {
      // a large automaton takes the keywords in; for a small one, a second pass costs less than a second table
      if (keywords !== undefined && atoms.length >= MANY_ATOMS) {
        scanners.set(field, this.#scanner([...atoms, ...keywords]));
        continue;
      }
      const own = this.#scanner(atoms);
      scanners.set(
        field,
        scanKeywords === undefined
          ? own
          : (value) => {
              own(value);
              if (typeof value === 'string' || typeof value === 'object') scanKeywords(value);
            },
      );
    }
    this.#scanners = scanners;
    this.#fields = [...fields.keys()];
    this.#keywords = scanKeywords;
  }

  #scanner(atoms: readonly (readonly [id: number, literals: readonly string[]])[]): Scan {
    return scanner(atoms, (atom) => this.#wake(atom));
  }

  #compileAll(): Prefilter {
    const needs = this.#expressions.map(({ expression }, rule) => {
      const node = this.#compile(expression);
      this.#rules[rule] = node.decide;
      return node.needs ?? null;
    });
    const atoms = this.#atoms.map(({ field, literals }) => [field, literals] as const);
    return { atoms, needs };
  }

  /** @throws where it is of other rules: what they need would never be found */
  #recall(prefilter: Prefilter): Prefilter {
    const { atoms, needs } = prefilter;
    if (needs.length !== this.#expressions.length)
      throw new Error('what was built of the rules is of others');
    for (const [field, keys] of atoms) this.#atoms.push({ field, literals: keys });
    return prefilter;
  }

  #decide(rule: number): Decide {
    const known = this.#rules[rule];
    if (known) return known;
    if (this.#atomIds.size === 0)
      for (const [id, atom] of this.prefilter.atoms.entries()) this.#atomIds.set(JSON.stringify(atom), id);
    const { decide, needs } = this.#compile(
      (this.#expressions[rule] as { expression: Expression }).expression,
    );
    // what the fields are not searched for would never be found
    if (this.#atoms.length > this.#found.length || `${needs ?? null}` !== `${this.prefilter.needs[rule]}`)
      throw new Error('what was built of the rules is of others');
    this.#rules[rule] = decide;
    return decide;
  }

  /** Compiles the rules, some at a time. */
  pieces(): readonly (() => void)[] {
    const pieces: (() => void)[] = [];
    for (let from = 0; from < this.#rules.length; from += FEW_RULES)
      pieces.push(() => {
        for (let rule = from; rule < Math.min(from + FEW_RULES, this.#rules.length); rule += 1)
          this.#decide(rule);
      });
    return pieces;
  }

  /** Calls `matched` for each rule that the observation fulfils, in no order. */
  observe(observation: Observation, matched: (rule: number) => void): void {
    this.#generation += 1;
    if (this.#generation === 0x7fffffff) {
      this.#generation = 1;
      this.#found.fill(0);
      this.#woken.fill(0);
    }
    this.#candidates.length = 0;
    const { fields } = observation;
    const keywords = this.#keywords;
    if (keywords === undefined)
      for (const field of this.#fields) {
        const value = fields[field];
        if (value !== undefined) this.#scanners.get(field)?.(value);
      }
    else
      for (const field in fields) {
        const value = fields[field];
        if (value === undefined) continue;
        const scan = this.#scanners.get(field);
        if (scan !== undefined) scan(value);
        else if (typeof value === 'string' || typeof value === 'object') keywords(value);
      }
    for (const rule of this.#candidates) if (this.#decide(rule)(observation)) matched(rule);
    for (const rule of this.#always) if (this.#decide(rule)(observation)) matched(rule);
  }

  #wake(atom: number): void {
    if (this.#found[atom] === this.#generation) return;
    this.#found[atom] = this.#generation;
    for (const rule of this.#wakes[atom] as readonly number[]) {
      if (this.#woken[rule] === this.#generation) continue;
      this.#woken[rule] = this.#generation;
      this.#candidates.push(rule);
    }
  }

  #atom(field: string, literals: readonly Literal[]): { id: number; weight: number } {
    const keys = keysOf(literals);
    const key = JSON.stringify([field, keys]);
    let id = this.#atomIds.get(key);
    if (id === undefined) {
      id = this.#atoms.length;
      this.#atomIds.set(key, id);
      this.#atoms.push({ field, literals: keys });
    }
    return { id, weight: literals.reduce((sum, literal) => sum + literalWeight(literal), 0) };
  }

  /** A test that the automata decide. */
  #decided(field: string, literals: readonly Literal[]): Node {
    const { id, weight } = this.#atom(field, literals);
    return { decide: () => this.#found[id] === this.#generation, cost: 1, needs: [id], weight };
  }

  /** A test that they only make possible. */
  #gated(field: string, literals: readonly Literal[], decide: Decide, cost: number): Node {
    const { id, weight } = this.#atom(field, literals);
    return {
      decide: (observation) => this.#found[id] === this.#generation && decide(observation),
      cost,
      needs: [id],
      weight,
    };
  }

  #compile(expression: Expression): Node {
    if ('test' in expression) return this.#test(expression.test);
    if ('not' in expression) {
      const { decide, cost } = this.#compile(expression.not);
      return { decide: (observation) => !decide(observation), cost, needs: undefined, weight: 1 };
    }
    return 'and' in expression ? this.#all(expression.and) : this.#any(expression.or);
  }

  #all(parts: readonly Expression[]): Node {
    const nodes = parts.map((part) => this.#compile(part)).sort((first, second) => first.cost - second.cost);
    let best: Node | undefined;
    for (const node of nodes)
      if (node.needs !== undefined && (best === undefined || node.weight < best.weight)) best = node;
    const cost = nodes.reduce((sum, node) => sum + node.cost, 0);
    const [first, second, third] = nodes.map(({ decide }) => decide);
    const rest = nodes.map(({ decide }) => decide);
    let decide: Decide = (observation) => rest.every((one) => one(observation));
    if (first !== undefined && nodes.length === 1) decide = first;
    if (first && second && nodes.length === 2)
      decide = (observation) => first(observation) && second(observation);
    if (first && second && third && nodes.length === 3)
      decide = (observation) => first(observation) && second(observation) && third(observation);
    return { decide, cost, needs: best?.needs, weight: best?.weight ?? 1 };
  }

  #any(parts: readonly Expression[]): Node {
    // literals of one field are one question to its automaton
    const merged = new Map<string, Literal[]>();
    const nodes: Node[] = [];
    const flat = (expression: Expression): readonly Expression[] =>
      'or' in expression ? expression.or.flatMap(flat) : [expression];
    for (const part of parts.flatMap(flat)) {
      const test = 'test' in part ? part.test : undefined;
      const gate = test?.kind === 'text' ? gateOf(test.pattern, test.cased === true) : undefined;
      if (test !== undefined && gate?.decided) {
        const literals = merged.get(test.field) ?? [];
        merged.set(test.field, literals);
        literals.push(...gate.literals);
      } else nodes.push(this.#compile(part));
    }
    for (const [field, literals] of merged) nodes.push(this.#decided(field, literals));
    nodes.sort((first, second) => first.cost - second.cost);
    const decides = nodes.map(({ decide }) => decide);
    const [only] = nodes;
    if (only !== undefined && nodes.length === 1) return only;
    const known = nodes.every(({ needs }) => needs !== undefined);
    return {
      decide: (observation) => decides.some((one) => one(observation)),
      cost: nodes.reduce((sum, node) => sum + node.cost, 0),
      needs: known ? [...new Set(nodes.flatMap(({ needs }) => needs ?? []))] : undefined,
      weight: nodes.reduce((sum, node) => sum + node.weight, 0),
    };
  }

  #test(test: Test): Node {
    const { field } = test;
    /** some value of the field, or, for keywords, of any */
    const some =
      (fulfils: (text: string) => boolean): Decide =>
      ({ fields }) => {
        if (field !== '') return someValue(fields[field], fulfils);
        for (const name in fields) {
          const value = fields[name];
          // keywords are text: numbers and flags are none
          if ((typeof value === 'string' || typeof value === 'object') && someValue(value, fulfils))
            return true;
        }
        return false;
      };
    switch (test.kind) {
      case 'text': {
        const gate = gateOf(test.pattern, test.cased === true);
        if (gate?.decided) return this.#decided(field, gate.literals);
        const decide = some(textMatcher(test.pattern, test.cased === true));
        if (gate === undefined) return { decide, cost: 10, needs: undefined, weight: 1 };
        return this.#gated(field, gate.literals, decide, 20);
      }
      case 'regex': {
        const { literals, length } = test.needs ?? requirementOf(test.source, test.flags);
        const matches = regexMatcher(test.source, test.flags);
        const decide = some((text) => text.length >= length && matches(text));
        const found = literals?.map((text) => ({
          text: text.slice(0, LONGEST_LITERAL),
          begin: false,
          end: false,
        }));
        if (found === undefined || found.length === 0)
          return { decide, cost: 200, needs: undefined, weight: 1 };
        return this.#gated(field, found, decide, 100);
      }
      case 'cidr':
        return { decide: some(cidrMatcher(test.range)), cost: 30, needs: undefined, weight: 1 };
      case 'null':
        return { decide: ({ fields }) => fields[field] === undefined, cost: 2, needs: undefined, weight: 1 };
      case 'exists':
        return { decide: ({ fields }) => fields[field] !== undefined, cost: 2, needs: undefined, weight: 1 };
      case 'compare': {
        const { comparison, value, part } = test;
        const decide = some((text) => {
          const number = part === undefined ? text : timePart(text, part);
          return number !== undefined && holds(compareNumbers(number, value), comparison);
        });
        return { decide, cost: 10, needs: undefined, weight: 1 };
      }
      case 'reference':
        return { decide: referenceTo(test), cost: 20, needs: undefined, weight: 1 };
    }
  }
}

function referenceTo({ field, other, how, cased }: Test & { kind: 'reference' }): Decide {
  const plain = (text: string): string => (cased ? text : fold(text));
  return ({ fields }) =>
    someValue(fields[field], (text) =>
      someValue(fields[other], (reference) => {
        const [whole, part] = [plain(text), plain(reference)];
        switch (how) {
          case 'equals':
            return whole === part;
          case 'contains':
            return whole.includes(part);
          case 'startswith':
            return whole.startsWith(part);
          case 'endswith':
            return whole.endsWith(part);
        }
      }),
    );
}
