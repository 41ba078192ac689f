/**
 * The table's answer to one call, looked up: slow, plain, what counterexamples are compared with.
 *
 * @module
 */
import type { ArgumentTest, Comparison, FilterSpecification } from '../../../contract/index.ts';
import type { Call } from './interpret.ts';
import { meaningOf, returnOf } from './meaning.ts';

function compare(how: Comparison, a: bigint, b: bigint): boolean {
  switch (how) {
    case 'equal':
      return a === b;
    case 'not-equal':
      return a !== b;
    case 'less':
      return a < b;
    case 'at-most':
      return a <= b;
    case 'at-least':
      return a >= b;
    case 'greater':
      return a > b;
  }
}

/** Whether a test of arguments holds. */
export function testHolds(test: ArgumentTest, args: readonly bigint[]): boolean {
  if (test.is === 'all') return test.of.every((each) => testHolds(each, args));
  const whole = BigInt.asUintN(64, args[test.arg] ?? 0n);
  const low = Number(whole & 0xffffffffn);
  switch (test.is) {
    case 'any-bit':
      return (low & test.mask) !== 0;
    case 'equal':
      return (low & test.mask) >>> 0 === test.value >>> 0;
    case 'wide':
      return compare(test.compares, test.mask === undefined ? whole : whole & test.mask, test.to);
  }
}

/** SECCOMP_RET_* with its data that a call is to get. */
export function wantedOf(specification: FilterSpecification, call: Call): number {
  const { architecture, calls, otherwise } = specification;
  const row = calls.find(([number]) => number === call.nr >>> 0);
  let choice = call.arch >>> 0 === architecture && row !== undefined ? row[1] : otherwise;
  while ('test' in choice) choice = testHolds(choice.test, call.args) ? choice.yes : choice.no;
  return meaningOf(returnOf(choice));
}
