/**
 * Runs a program on all calls at once: which inputs lead to which return, as formulas over the sixteen words of struct seccomp_data.
 *
 * Jumps lead only forwards, so one pass in order reaches each instruction after all that lead to it; what arrives there by several ways
 * is merged by cases. Names: `wN` is word N (see `program.ts`), `rN` whether instruction N is reached, `vN` a value.
 *
 * @module
 */
import { calculate, holds } from './interpret.ts';
import { hex } from './meaning.ts';
import type { Arithmetic, Condition, Operand, Operation } from './program.ts';

/** A value: known, or a term in SMT-LIB. */
type Value = number | string;

interface State {
  a: Value;
  x: Value;
  cells: readonly Value[];
}

interface Arrival {
  /** on which inputs, as a term */
  when: string;
  state: State;
}

/** One way to end: on these inputs the program returns this. */
export interface Ending {
  when: string;
  returns: Value;
}

export interface Execution {
  /** definitions that the endings' terms use, in order */
  definitions: string[];
  /** every input is in exactly one */
  endings: Ending[];
}

const BINARY: Record<Exclude<Arithmetic, 'neg'>, string> = {
  add: 'bvadd',
  sub: 'bvsub',
  mul: 'bvmul',
  div: 'bvudiv',
  or: 'bvor',
  and: 'bvand',
  xor: 'bvxor',
  lsh: 'bvshl',
  rsh: 'bvlshr',
};

const term = (value: Value): string => (typeof value === 'number' ? hex(value) : value);

function conditionTerm(condition: Condition, a: Value, b: Value): string {
  if (typeof a === 'number' && typeof b === 'number') return String(holds(condition, a, b));
  const [left, right] = [term(a), term(b)];
  switch (condition) {
    case 'equal':
      return `(= ${left} ${right})`;
    case 'greater':
      return `(bvugt ${left} ${right})`;
    case 'at-least':
      return `(bvuge ${left} ${right})`;
    case 'any-bit':
      return `(not (= (bvand ${left} ${right}) ${hex(0)}))`;
  }
}

function arithmeticTerm(operator: Arithmetic, a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return calculate(operator, a, b) ?? 0;
  if (operator === 'neg') return `(bvneg ${term(a)})`;
  // a shift by X counts its low five bits, as the processor does
  const right = operator === 'lsh' || operator === 'rsh' ? `(bvand ${term(b)} ${hex(31)})` : term(b);
  return `(${BINARY[operator]} ${term(a)} ${right})`;
}

const and = (left: string, right: string): string =>
  left === 'true' ? right : right === 'true' ? left : `(and ${left} ${right})`;
const not = (of: string): string => (of === 'true' ? 'false' : of === 'false' ? 'true' : `(not ${of})`);

/** @param operations of a program that `checkProgram` has passed */
export function execute(operations: readonly Operation[]): Execution {
  const definitions: string[] = [];
  const endings: Ending[] = [];
  const arrivals: Arrival[][] = operations.map(() => []);
  let values = 0;
  const name = (value: Value): Value => {
    if (typeof value === 'number' || !value.startsWith('(')) return value;
    definitions.push(`(define-fun v${values} () (_ BitVec 32) ${value})`);
    return `v${values++}`;
  };
  const merge = (ways: readonly Arrival[], part: (state: State) => Value): Value => {
    const [first, ...others] = ways;
    if (first === undefined) return 0;
    let merged = part(first.state);
    for (const { when, state } of others) {
      const value = part(state);
      if (value !== merged) merged = `(ite ${when} ${term(value)} ${term(merged)})`;
    }
    return name(merged);
  };
  const arrive = (at: number, when: string, state: State) => {
    if (when !== 'false') arrivals[at]?.push({ when, state });
  };
  arrive(0, 'true', { a: 0, x: 0, cells: new Array<Value>(16).fill(0) });

  for (const [at, operation] of operations.entries()) {
    const ways = arrivals[at] ?? [];
    const [only] = ways;
    if (only === undefined) continue;
    const state: State =
      ways.length === 1
        ? only.state
        : {
            a: merge(ways, ({ a }) => a),
            x: merge(ways, ({ x }) => x),
            cells: only.state.cells.map((_, cell) => merge(ways, ({ cells }) => cells[cell] ?? 0)),
          };
    let reached = ways.length === 1 ? only.when : `(or ${ways.map(({ when }) => when).join(' ')})`;
    if (reached.startsWith('(')) {
      definitions.push(`(define-fun r${at} () Bool ${reached})`);
      reached = `r${at}`;
    }
    const operandValue = (operand: Operand): Value => (operand.from === 'x' ? state.x : operand.k);
    switch (operation.do) {
      case 'load-word':
        arrive(at + 1, reached, { ...state, a: `w${operation.word}` });
        break;
      case 'load': {
        const { from, to } = operation;
        const value = 'cell' in from ? (state.cells[from.cell] ?? 0) : from.constant;
        arrive(at + 1, reached, { ...state, [to]: value });
        break;
      }
      case 'store': {
        const cells = state.cells.with(operation.cell, operation.from === 'a' ? state.a : state.x);
        arrive(at + 1, reached, { ...state, cells });
        break;
      }
      case 'copy':
        arrive(at + 1, reached, operation.from === 'a' ? { ...state, x: state.a } : { ...state, a: state.x });
        break;
      case 'arithmetic': {
        const operand = operandValue(operation.operand);
        let goesOn = reached;
        if (operation.operator === 'div') {
          const zero = conditionTerm('equal', operand, 0);
          if (zero !== 'false') endings.push({ when: and(reached, zero), returns: 0 });
          goesOn = zero === 'true' ? 'false' : and(reached, not(zero));
        }
        const a = name(arithmeticTerm(operation.operator, state.a, operand));
        arrive(at + 1, goesOn, { ...state, a });
        break;
      }
      case 'jump':
        arrive(at + 1 + operation.distance, reached, state);
        break;
      case 'branch': {
        const condition = conditionTerm(operation.condition, state.a, operandValue(operation.operand));
        const [yes, no] = [at + 1 + operation.yes, at + 1 + operation.no];
        if (yes === no) {
          arrive(yes, reached, state);
          break;
        }
        if (condition !== 'false') arrive(yes, and(reached, condition), state);
        if (condition !== 'true') arrive(no, and(reached, not(condition)), state);
        break;
      }
      case 'return':
        endings.push({
          when: reached,
          returns: operation.value === 'a' ? state.a : operation.value.constant,
        });
        break;
    }
  }
  return { definitions, endings };
}
