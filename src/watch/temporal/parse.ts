/**
 * Reads formulas. Operators bind as in MonPoly, the weakest first: SINCE; PREVIOUS, ONCE, HISTORICALLY; EXISTS, FORALL and
 * aggregations; EQUIV; IMPLIES; OR; AND; NOT. Where that is not what most people read, brackets are required: what MonPoly
 * takes as `ONCE (p() AND q())` may not be written `ONCE p() AND q()`.
 *
 * @module
 */
import { type Argument, type Formula, FormulaError, type Interval, type Place, type Term } from './syntax.ts';
import { type Token, tokensOf } from './tokens.ts';
import type { Aggregate, Comparison } from './values.ts';

/** How deep formulas and terms nest at most. */
const DEEPEST = 100;

/** Operators, arguments and operands that one formula has at most: checking it takes more than linear time. */
const LARGEST = 600;

const BINDING = {
  since: 1,
  temporal: 2,
  quantifier: 3,
  equivalent: 4,
  implies: 5,
  or: 6,
  and: 7,
  not: 8,
} as const;

// maps, not objects: what is looked up in them may be called `constructor`
const UNARY: ReadonlyMap<string, 'previous' | 'once' | 'historically'> = new Map([
  ['PREVIOUS', 'previous'],
  ['ONCE', 'once'],
  ['HISTORICALLY', 'historically'],
  ['PAST_ALWAYS', 'historically'],
]);
const INFIX: ReadonlyMap<
  string,
  { kind: 'and' | 'or' | 'implies' | 'equivalent'; binds: number; right: boolean }
> = new Map([
  ['AND', { kind: 'and', binds: BINDING.and, right: false }],
  ['OR', { kind: 'or', binds: BINDING.or, right: false }],
  ['IMPLIES', { kind: 'implies', binds: BINDING.implies, right: true }],
  ['EQUIV', { kind: 'equivalent', binds: BINDING.equivalent, right: false }],
]);
const FUTURE = new Set(['NEXT', 'EVENTUALLY', 'ALWAYS', 'UNTIL']);
const AGGREGATES = new Set(['CNT', 'SUM', 'AVG', 'MIN', 'MAX', 'MED']);
const COMPARISONS = new Set(['=', '<', '<=', '>', '>=', 'SUBSTRING']);
const KEYWORDS = new Set([
  ...UNARY.keys(),
  ...INFIX.keys(),
  ...FUTURE,
  ...AGGREGATES,
  ...['SINCE', 'NOT', 'EXISTS', 'FORALL', 'TRUE', 'FALSE', 'SUBSTRING'],
]);

/** Microseconds. Without a unit it is seconds, as in MonPoly; `ms` and `us` are ours. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ...[['us', 1] as const, ['ms', 1e3] as const, ['', 1e6] as const, ['s', 1e6] as const],
  ...[['m', 60e6] as const, ['h', 3600e6] as const, ['d', 86_400e6] as const],
]);

/**
 * @example
 * parseFormula('flow(f, h) AND NOT ONCE[0,60s] resolved(h)');
 * @throws FormulaError with the place and what to write instead
 */
export function parseFormula(text: string): Formula {
  const parser = new Parser(tokensOf(text));
  const formula = parser.formula(0);
  parser.end();
  return formula;
}

class Parser {
  readonly #tokens: Token[];
  /** what stood in brackets */
  readonly #bracketed = new WeakSet<Formula>();
  #at = 0;
  #depth = 0;
  #size = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  end(): void {
    const token = this.#peek();
    if (token.kind !== 'end')
      this.#fail(
        token,
        `${said(token)} follows a whole formula`,
        'join formulas with AND, OR, IMPLIES or SINCE',
      );
  }

  /** A formula whose infix operators bind more strongly than `binds`. */
  formula(binds: number): Formula {
    this.#deeper();
    let left = this.#prefix();
    for (;;) {
      this.#count();
      const token = this.#peek();
      if (token.kind !== 'word') break;
      const infix = INFIX.get(token.text);
      if (infix && infix.binds > binds) {
        this.#at += 1;
        const right = this.formula(infix.right ? infix.binds - 1 : infix.binds);
        left = { kind: infix.kind, left, right, place: token.place };
      } else if (token.text === 'SINCE' && BINDING.since > binds) {
        this.#at += 1;
        const interval = this.#interval();
        // from the right: the operand of SINCE may be another
        const right = this.formula(BINDING.since - 1);
        for (const side of [left, right]) this.#requireBrackets(side, 'SINCE');
        left = { kind: 'since', interval, left, right, place: token.place };
      } else if (FUTURE.has(token.text)) this.#refuseFuture(token);
      else break;
    }
    this.#depth -= 1;
    return left;
  }

  #prefix(): Formula {
    const token = this.#peek();
    const { place } = token;
    if (token.kind === 'word') {
      const { text } = token;
      if (FUTURE.has(text)) this.#refuseFuture(token);
      const unary = UNARY.get(text);
      if (unary !== undefined) {
        this.#at += 1;
        const interval = this.#interval();
        const body = this.formula(BINDING.temporal - 1);
        this.#requireBrackets(body, text);
        return { kind: unary, interval, body, place };
      }
      if (text === 'NOT') {
        this.#at += 1;
        return { kind: 'not', body: this.formula(BINDING.not), place };
      }
      if (text === 'EXISTS' || text === 'FORALL') {
        this.#at += 1;
        const variables = this.#names();
        this.#expect('.', 'a dot stands between the variables and what is said of them: EXISTS x. p(x)');
        const kind = text === 'EXISTS' ? 'exists' : 'forall';
        return { kind, variables, body: this.formula(BINDING.quantifier - 1), place };
      }
      if (text === 'TRUE' || text === 'FALSE') {
        this.#at += 1;
        return { kind: 'truth', value: text === 'TRUE', place };
      }
      const next = this.#tokens[this.#at + 1];
      if (!KEYWORDS.has(text) && next?.kind === 'sign' && next.text === '(') return this.#predicate();
      if (!KEYWORDS.has(text) && next?.kind === 'sign' && next.text === '<-') return this.#aggregate();
    }
    if (token.kind === 'sign' && token.text === '(' && !this.#isTermInBrackets()) {
      this.#at += 1;
      const inside = this.formula(0);
      this.#expect(')', 'close the bracket');
      this.#bracketed.add(inside);
      return inside;
    }
    return this.#comparison();
  }

  #deeper(): void {
    this.#depth += 1;
    if (this.#depth > DEEPEST) this.#fail(this.#peek(), `it nests deeper than ${DEEPEST}`, 'split it');
  }

  #count(): void {
    this.#size += 1;
    if (this.#size > LARGEST)
      this.#fail(this.#peek(), `it has more than ${LARGEST} parts`, 'split it into several rules');
  }

  /** `ONCE p() AND q()`: the AND belongs to the ONCE, and hardly anybody means that. */
  #requireBrackets(operand: Formula, operator: string): void {
    const infix = [...INFIX].find(([, { kind }]) => kind === operand.kind)?.[0];
    if (infix === undefined || this.#bracketed.has(operand)) return;
    const hint = `put brackets around what ${operator} is of, or around ${operator} and what it is of`;
    this.#fail(operand, `this ${infix} would be part of ${operator}`, hint);
  }

  /** Whether the bracket ahead holds a term, `(x + 1) * 2 = y`: what closes it is followed by a comparison or arithmetic. */
  #isTermInBrackets(): boolean {
    let depth = 0;
    for (let index = this.#at; index < this.#tokens.length; index += 1) {
      const token = this.#tokens[index] as Token;
      if (token.kind !== 'sign') continue;
      if (token.text === '(') depth += 1;
      if (token.text === ')') depth -= 1;
      if (depth > 0) continue;
      const next = this.#tokens[index + 1];
      if (next?.kind === 'word') return next.text === 'SUBSTRING';
      return next?.kind === 'sign' && (COMPARISONS.has(next.text) || '+-*'.includes(next.text));
    }
    return false;
  }

  #predicate(): Formula {
    const token = this.#next() as Token & { kind: 'word' };
    this.#at += 1;
    const args: Argument[] = [];
    while (!this.#takes(')')) {
      if (args.length > 0) this.#expect(',', 'arguments are separated by commas');
      this.#count();
      args.push(this.#argument());
    }
    return { kind: 'predicate', name: token.text, args, place: token.place };
  }

  #argument(): Argument {
    const [token, next] = [this.#peek(), this.#tokens[this.#at + 1]];
    const named = next?.kind === 'sign' && next.text === ':';
    if (named && (token.kind === 'word' || token.kind === 'string')) {
      this.#at += 2;
      return { field: token.kind === 'word' ? token.text : token.value, term: this.#argumentTerm() };
    }
    return { term: this.#argumentTerm() };
  }

  #argumentTerm(): Term | undefined {
    if (this.#takes('_')) return undefined;
    const term = this.#term();
    if (term.kind !== 'arithmetic') return term;
    return this.#fail(
      term,
      'an argument is a variable, a constant or _',
      'give it a variable, and say with = what that is: p(x) AND x = y + 1',
    );
  }

  #aggregate(): Formula {
    const { place } = this.#peek();
    const result = this.#name();
    this.#at += 1;
    const op = this.#next();
    if (op.kind !== 'word' || !AGGREGATES.has(op.text))
      this.#fail(op, `${said(op)} is no aggregation`, `write one of ${[...AGGREGATES].join(', ')}`);
    const over = this.#name();
    const groups = this.#takes(';') ? this.#names() : [];
    const body = this.formula(BINDING.quantifier - 1);
    this.#requireBrackets(body, 'the aggregation');
    return {
      kind: 'aggregate',
      result,
      op: (op as { text: string }).text as Aggregate,
      over,
      groups,
      body,
      place,
    };
  }

  #comparison(): Formula {
    const { place } = this.#peek();
    const left = this.#term();
    const token = this.#next();
    const op = token.kind === 'sign' || token.kind === 'word' ? token.text : '';
    if (!COMPARISONS.has(op))
      this.#fail(
        token,
        `${said(token)} stands where a comparison is expected`,
        'write = < <= > >= or SUBSTRING after a term',
      );
    return { kind: 'comparison', op: op as Comparison, left, right: this.#term(), place };
  }

  #term(): Term {
    let left = this.#product();
    for (;;) {
      const { place } = this.#peek();
      const op = this.#takes('+') ? '+' : this.#takes('-') ? '-' : undefined;
      if (op === undefined) return left;
      left = { kind: 'arithmetic', op, left, right: this.#product(), place };
    }
  }

  #product(): Term {
    let left = this.#factor();
    for (;;) {
      const { place } = this.#peek();
      if (!this.#takes('*')) return left;
      left = { kind: 'arithmetic', op: '*', left, right: this.#factor(), place };
    }
  }

  #factor(): Term {
    const token = this.#peek();
    const { place } = token;
    this.#count();
    if (this.#takes('(')) {
      this.#deeper();
      const term = this.#term();
      this.#expect(')', 'close the bracket');
      this.#depth -= 1;
      return term;
    }
    if (this.#takes('-')) {
      const number = this.#next();
      if (number.kind === 'number' && number.unit === '')
        return { kind: 'constant', value: 0 - number.value, place };
      this.#fail(number, `${said(number)} follows a minus sign`, 'write a number');
    }
    if (token.kind === 'word' && !KEYWORDS.has(token.text)) {
      this.#at += 1;
      return { kind: 'variable', name: token.text, place };
    }
    if (token.kind === 'string') {
      this.#at += 1;
      return { kind: 'constant', value: token.value, place };
    }
    if (token.kind === 'number' && token.unit === '') {
      this.#at += 1;
      return { kind: 'constant', value: token.value, place };
    }
    return this.#fail(
      token,
      `${said(token)} stands where a formula or a term is expected`,
      'write a predicate p(x), a comparison, or a variable, "string" or number',
    );
  }

  #interval(): Interval {
    const token = this.#peek();
    const opens = token.kind === 'sign' && token.text === '[' ? '[' : undefined;
    // a bracket without a number behind it begins the operand
    const isRound =
      token.kind === 'sign' &&
      token.text === '(' &&
      this.#tokens[this.#at + 1]?.kind === 'number' &&
      (this.#tokens[this.#at + 2] as { text?: string })?.text === ',';
    if (opens === undefined && !isRound) return { from: 0, to: Number.POSITIVE_INFINITY };
    this.#at += 1;
    const low = this.#duration();
    this.#expect(',', 'an interval is written [0,10s]');
    const unbounded = this.#takes('*');
    const high = unbounded ? Number.POSITIVE_INFINITY : this.#duration();
    const closed = !unbounded && this.#takes(']');
    if (!closed)
      this.#expect(')', unbounded ? 'an interval without an end is written [0,*)' : 'close the interval');
    const interval = { from: isRound ? low + 1 : low, to: closed || unbounded ? high : high - 1 };
    if (interval.from > interval.to)
      this.#fail(token, 'the interval is empty', 'write the smaller distance first: [0,10s]');
    return interval;
  }

  #duration(): number {
    const token = this.#next();
    if (token.kind !== 'number')
      return this.#fail(token, `${said(token)} is no distance in time`, 'write 10s, 5m, 2h, 1d');
    const unit = UNITS.get(token.unit);
    if (unit === undefined)
      return this.#fail(
        token,
        `there is no unit ${token.unit}`,
        `write one of ${[...UNITS.keys()].filter(Boolean).join(', ')}`,
      );
    const length = Math.round(token.value * unit);
    return Number.isSafeInteger(length)
      ? length
      : this.#fail(token, 'it is too long', 'write * for ever: [0,*)');
  }

  #names(): string[] {
    const names = [this.#name()];
    while (this.#takes(',')) {
      this.#count();
      names.push(this.#name());
    }
    return names;
  }

  #name(): string {
    const token = this.#next();
    if (token.kind === 'word' && !KEYWORDS.has(token.text)) return token.text;
    return this.#fail(
      token,
      `${said(token)} is no variable`,
      'a variable begins with a letter, and is no keyword',
    );
  }

  #refuseFuture(token: Token & { kind: 'word' }): never {
    return this.#fail(
      token,
      `${token.text} speaks of the future, which is not known yet`,
      'say it of the past: PREVIOUS, ONCE, HISTORICALLY, SINCE',
    );
  }

  #peek(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  #takes(sign: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'sign' || token.text !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string, hint: string): void {
    if (!this.#takes(sign))
      this.#fail(this.#peek(), `${said(this.#peek())} stands where ${sign} is expected`, hint);
  }

  #fail({ place }: { place: Place }, message: string, hint: string): never {
    throw new FormulaError(message, place, hint);
  }
}

function said(token: Token): string {
  if (token.kind === 'end') return 'the end';
  if (token.kind === 'number') return `${token.value}${token.unit}`;
  return token.kind === 'string' ? JSON.stringify(token.value) : token.text;
}
