/**
 * What a filter is to decide, as formulas over the same words: written from the table alone, in its own order, number by number.
 *
 * @module
 */
import type { ArgumentTest, Choice, FilterAnswer, FilterSpecification } from '../../../contract/index.ts';
import { hex, meaningOf, returnOf } from './meaning.ts';

const hex64 = (value: bigint): string => `#x${BigInt.asUintN(64, value).toString(16).padStart(16, '0')}`;

/** Words 4–15 of struct seccomp_data are the arguments, low half first on the two little-endian architectures. */
const lowOf = (arg: number): string => `w${4 + 2 * arg}`;
const highOf = (arg: number): string => `w${5 + 2 * arg}`;

const COMPARED = {
  equal: (a: string, b: string) => `(= ${a} ${b})`,
  'not-equal': (a: string, b: string) => `(not (= ${a} ${b}))`,
  less: (a: string, b: string) => `(bvult ${a} ${b})`,
  'at-most': (a: string, b: string) => `(bvule ${a} ${b})`,
  'at-least': (a: string, b: string) => `(bvuge ${a} ${b})`,
  greater: (a: string, b: string) => `(bvugt ${a} ${b})`,
} as const;

/** On which arguments a test holds. */
export function testTerm(test: ArgumentTest): string {
  switch (test.is) {
    case 'all':
      return test.of.length === 0 ? 'true' : `(and ${test.of.map(testTerm).join(' ')})`;
    case 'any-bit':
      return `(not (= (bvand ${lowOf(test.arg)} ${hex(test.mask)}) ${hex(0)}))`;
    case 'equal':
      return `(= (bvand ${lowOf(test.arg)} ${hex(test.mask)}) ${hex(test.value)})`;
    case 'wide': {
      const whole = `(concat ${highOf(test.arg)} ${lowOf(test.arg)})`;
      const masked = test.mask === undefined ? whole : `(bvand ${whole} ${hex64(test.mask)})`;
      return COMPARED[test.compares](masked, hex64(test.to));
    }
  }
}

/** On which arguments a choice comes to the answer that returns `value`. */
function choiceTerm(choice: Choice<FilterAnswer>, value: number): string {
  if ('do' in choice) return String(meaningOf(returnOf(choice)) === value);
  const [yes, no] = [choiceTerm(choice.yes, value), choiceTerm(choice.no, value)];
  return yes === no ? yes : `(ite ${testTerm(choice.test)} ${yes} ${no})`;
}

/** The values that the table's answers stand for. */
export function answersOf(specification: FilterSpecification): Set<number> {
  const found = new Set([meaningOf(returnOf(specification.otherwise))]);
  const visit = (choice: Choice<FilterAnswer>): void => {
    if ('do' in choice) found.add(meaningOf(returnOf(choice)));
    else {
      visit(choice.yes);
      visit(choice.no);
    }
  };
  for (const [, choice] of specification.calls) visit(choice);
  return found;
}

const or = (terms: readonly string[]): string =>
  terms.length === 0 ? 'false' : terms.length === 1 ? (terms[0] as string) : `(or ${terms.join(' ')})`;

/** Definitions of `wanted<value>` for each answer: on which inputs it is the right one. Each input has exactly one. */
export function specificationTerms(specification: FilterSpecification): string[] {
  const { architecture, calls, otherwise } = specification;
  const isNumber = (number: number) => `(= w0 ${hex(number)})`;
  const definitions = [
    `(define-fun native () Bool (= w1 ${hex(architecture)}))`,
    `(define-fun listed () Bool ${or(calls.map(([number]) => isNumber(number)))})`,
  ];
  for (const value of answersOf(specification)) {
    const cases = calls.flatMap(([number, choice]) => {
      const term = choiceTerm(choice, value);
      if (term === 'false') return [];
      return [term === 'true' ? isNumber(number) : `(and ${isNumber(number)} ${term})`];
    });
    const named = `(and native ${or(cases)})`;
    const whole =
      value === meaningOf(returnOf(otherwise)) ? `(or (not native) (not listed) ${named})` : named;
    definitions.push(`(define-fun wanted${value} () Bool ${whole})`);
  }
  return definitions;
}
