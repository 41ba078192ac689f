/**
 * The `detection` of a rule, or the `filter` of a filter: selections and condition → one expression.
 *
 * @module
 */
import type { Path } from '../../../contract/index.ts';
import { suggest } from '../../../contract/index.ts';
import type { Expression } from '../types.ts';
import { type Condition, namesOf, parseCondition } from './condition.ts';
import { applyModifiers, type Placeholders } from './modifiers.ts';
import { type Fields, isFields, type Reader } from './reader.ts';

/** A field that is looked at, and where that is written. */
export interface FieldUse {
  readonly field: string;
  readonly line: number;
  readonly column: number;
}

const MAX_TESTS = 20_000;

class Selections {
  readonly #reader: Reader;
  readonly #placeholders: Placeholders;
  readonly uses: FieldUse[] = [];

  constructor(reader: Reader, placeholders: Placeholders) {
    this.#reader = reader;
    this.#placeholders = placeholders;
  }

  /** A map: all of it. A list: of maps any, of texts keywords. */
  read(value: unknown, path: Path): Expression {
    if (isFields(value)) return this.#map(value, path);
    if (!Array.isArray(value)) return this.#item('', [value], path);
    if (value.length === 0) {
      this.#reader.say(path, 'a selection without anything in it', 'Write FIELD: VALUE below it.');
      return { or: [] };
    }
    if (!value.some((item: unknown) => isFields(item) || Array.isArray(item)))
      return this.#item('', value, path);
    return { or: value.map((item: unknown, index) => this.read(item, [...path, index])) };
  }

  #map(map: Fields, path: Path): Expression {
    const entries = Object.entries(map);
    if (entries.length === 0)
      this.#reader.say(path, 'a selection without anything in it', 'Write FIELD: VALUE below it.');
    const parts = entries.map(([key, value]) =>
      this.#item(key, Array.isArray(value) ? value : [value], [...path, key]),
    );
    return parts.length === 1 ? (parts[0] as Expression) : { and: parts };
  }

  #item(key: string, values: readonly unknown[], path: Path): Expression {
    const field = key.split('|')[0] as string;
    if (field !== '') this.uses.push({ field, ...this.#reader.position(path) });
    const modified = applyModifiers(key, values, this.#placeholders);
    if (modified.ok) return modified.expression;
    this.#reader.say(
      modified.value === undefined ? path : [...path, modified.value],
      modified.message,
      modified.hint,
      modified.value === undefined ? 'key' : undefined,
    );
    return { or: [] };
  }
}

function resolve(
  condition: Condition,
  selections: ReadonlyMap<string, Expression>,
  unknown: (name: string) => void,
): Expression {
  const below = (one: Condition) => resolve(one, selections, unknown);
  if ('and' in condition) return { and: condition.and.map(below) };
  if ('or' in condition) return { or: condition.or.map(below) };
  if ('not' in condition) return { not: below(condition.not) };
  if ('name' in condition) {
    const expression = selections.get(condition.name);
    if (expression === undefined) unknown(condition.name);
    return expression ?? { or: [] };
  }
  const parts = namesOf(condition.pattern, [...selections.keys()]).map((name) => below({ name }));
  if (parts.length === 0) unknown(condition.pattern);
  if (parts.length === 1) return parts[0] as Expression;
  return condition.of === 'any' ? { or: parts } : { and: parts };
}

function countTests(expression: Expression): number {
  if ('test' in expression) return 1;
  if ('not' in expression) return countTests(expression.not);
  const parts = 'and' in expression ? expression.and : expression.or;
  return parts.reduce((sum, part) => sum + countTests(part), 0);
}

/**
 * @param section the mapping with selections and `condition`; `path` is where it is
 * @param others keys of the section that are no selections
 */
export function readDetection(
  reader: Reader,
  section: Fields,
  path: Path,
  placeholders: Placeholders,
  others: readonly string[] = [],
): { expression: Expression; uses: readonly FieldUse[] } {
  const reading = new Selections(reader, placeholders);
  const selections = new Map<string, Expression>();
  for (const [name, value] of Object.entries(section)) {
    if (name === 'condition' || others.includes(name)) continue;
    if (name === 'timeframe') {
      reader.say(
        [...path, name],
        'timeframe is not part of Sigma any more',
        'Write a correlation rule.',
        'key',
      );
      continue;
    }
    selections.set(name, reading.read(value, [...path, name]));
  }
  const conditions = reader.texts(section, 'condition', path);
  if (conditions === undefined && section.condition === undefined)
    reader.say(path, 'there is no condition', 'Write condition: selection.');
  const parts = (conditions ?? []).map((text): Expression => {
    const parsed = parseCondition(text);
    const at = [...path, 'condition'];
    if (!parsed.ok) {
      reader.say(at, parsed.message, parsed.hint);
      return { or: [] };
    }
    return resolve(parsed.condition, selections, (name) => {
      const near = suggest(name, [...selections.keys()]);
      reader.say(
        at,
        `there is no selection ${JSON.stringify(name)}`,
        near === undefined ? `There are: ${[...selections.keys()].join(', ')}.` : `Write ${near}.`,
      );
    });
  });
  const expression = parts.length === 1 ? (parts[0] as Expression) : { or: parts };
  if (countTests(expression) > MAX_TESTS)
    reader.say(path, `more than ${MAX_TESTS} things to test`, 'Split the rule.');
  return { expression, uses: reading.uses };
}
