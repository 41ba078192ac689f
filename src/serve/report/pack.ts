/**
 * Columns of a table as little JSON: what is always the same stands once, words that come again stand in a list, numbers that grow
 * are differences. `script/events.ts` reads it.
 *
 * @module
 */

export type Value = string | number | boolean | null;

/** Columns by their names, each in one of four ways. */
export interface Packed {
  /** rows of each column */
  count: number;
  /** one value, which all rows have */
  same: Record<string, Value>;
  /** places in a list of words */
  words: Record<string, { list: string[]; places: number[] }>;
  /** numbers, each the difference to the one before */
  steps: Record<string, number[]>;
  plain: Record<string, Value[]>;
}

const isInteger = (value: Value): value is number => Number.isSafeInteger(value);
const isText = (value: Value): value is string => typeof value === 'string';

const differences = (numbers: readonly number[]): number[] =>
  numbers.map((number, index) => (index === 0 ? number : number - (numbers[index - 1] as number)));

function listed(words: readonly string[]): { list: string[]; places: number[] } {
  const places = new Map<string, number>();
  for (const word of words) if (!places.has(word)) places.set(word, places.size);
  return { list: [...places.keys()], places: words.map((word) => places.get(word) as number) };
}

/** @param columns all of the same length */
export function pack(columns: Readonly<Record<string, readonly Value[]>>): Packed {
  const packed: Packed = { count: 0, same: {}, words: {}, steps: {}, plain: {} };
  for (const [name, values] of Object.entries(columns)) {
    packed.count = values.length;
    const [first = null] = values;
    if (values.every((value) => value === first)) packed.same[name] = first;
    else if (values.every(isInteger)) {
      const steps = differences(values);
      if (JSON.stringify(steps).length < JSON.stringify(values).length) packed.steps[name] = steps;
      else packed.plain[name] = [...values];
    } else if (values.every(isText)) {
      const words = listed(values);
      if (words.list.length <= values.length / 2) packed.words[name] = words;
      else packed.plain[name] = [...values];
    } else packed.plain[name] = [...values];
  }
  return packed;
}

/** Rows of the same shape as columns; what a row does not have is `null` there. */
export function columnsOf<Row extends object>(rows: readonly Row[]): Record<string, Value[]> {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      rows.map((row) => (row as Record<string, Value | undefined>)[name] ?? null),
    ]),
  );
}
