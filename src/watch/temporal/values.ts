/**
 * Values of the temporal logic: numbers and strings, and how they compare. A number never equals a string.
 *
 * @module
 */

export type Value = string | number;

export type Comparison = '=' | '<' | '<=' | '>' | '>=' | 'SUBSTRING';

/** Whether `left op right`. Values of two types are in no relation at all; strings are ordered by their UTF-16 units. */
export function compare(left: Value, op: Comparison, right: Value): boolean {
  if (typeof left !== typeof right) return false;
  switch (op) {
    case '=':
      return left === right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case 'SUBSTRING':
      return typeof right === 'string' && right.includes(left as string);
  }
}

/** The result of arithmetic; undefined where there is none: of strings, or beyond what numbers hold. */
export function calculate(left: Value, op: '+' | '-' | '*', right: Value): Value | undefined {
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  const result = op === '+' ? left + right : op === '-' ? left - right : left * right;
  // -0 and 0 are one value
  return Number.isFinite(result) ? result + 0 : undefined;
}

/** Identifies a tuple among those of one width: what a map is indexed by. */
export function tupleKey(tuple: readonly Value[]): Value {
  if (tuple.length === 1) return tuple[0] as Value;
  let key = '';
  for (const value of tuple) key += typeof value === 'number' ? `${value};` : `${value.length}:${value}`;
  return key;
}

export type Aggregate = 'CNT' | 'SUM' | 'AVG' | 'MIN' | 'MAX' | 'MED';

/**
 * An aggregate of the numbers given (of anything, for CNT); of nothing only CNT and SUM have a value, 0. MED of an even
 * number of values is the mean of the middle two. Sums are taken in ascending order, so that the same values have the
 * same sum however they came.
 */
export function aggregate(op: Aggregate, values: readonly Value[]): number | undefined {
  if (op === 'CNT') return values.length;
  const numbers = values.filter((value) => typeof value === 'number').sort((left, right) => left - right);
  const count = numbers.length;
  if (op === 'SUM') return sumOf(numbers);
  if (count === 0) return undefined;
  if (op === 'AVG') return sumOf(numbers) / count;
  if (op === 'MIN') return numbers[0];
  if (op === 'MAX') return numbers[count - 1];
  const half = Math.floor(count / 2);
  const upper = numbers[half] as number;
  return count % 2 === 1 ? upper : ((numbers[half - 1] as number) + upper) / 2;
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0);
