/**
 * The `correlation` of a rule about several observations (correlation rules specification 2.1).
 *
 * @module
 */
import { suggest } from '../../../contract/index.ts';
import type { Bounds, CorrelationType, Presence, SigmaCorrelation } from '../types.ts';
import { type Condition, namesOf, parseCondition } from './condition.ts';
import { type Fields, isFields, type Reader } from './reader.ts';
import { parseTimespan } from './timespan.ts';

export const CORRELATION_TYPES: readonly CorrelationType[] = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'temporal',
  'temporal_ordered',
];

const COMPARISONS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;
const KEYS = ['type', 'rules', 'aliases', 'group-by', 'timespan', 'condition', 'generate', 'field'];
/** Counts beyond this would have to be remembered one by one. */
const MAX_COUNT = 100_000;
const MAX_RULES = 64;

type Read = Omit<
  SigmaCorrelation,
  'kind' | 'info' | 'uuid' | 'name' | 'at' | 'examples' | 'key' | 'text' | 'across'
>;

function readAliases(reader: Reader, section: Fields): Record<string, Record<string, string>> {
  const path = ['correlation', 'aliases'];
  const aliases: Record<string, Record<string, string>> = {};
  for (const [alias, given] of Object.entries(reader.fields(section, 'aliases', ['correlation']) ?? {})) {
    if (!isFields(given)) {
      reader.say([...path, alias], 'an alias is a mapping', 'Write NAME-OF-RULE: FIELD below it.');
      continue;
    }
    const fields: Record<string, string> = {};
    for (const rule of Object.keys(given)) {
      const field = reader.text(given, rule, [...path, alias]);
      if (field !== undefined) fields[rule] = field;
    }
    aliases[alias] = fields;
  }
  return aliases;
}

function presenceOf(
  reader: Reader,
  text: string,
  rules: readonly string[],
  ordered: boolean,
): Presence | undefined {
  const path = ['correlation', 'condition'];
  const parsed = parseCondition(text);
  if (!parsed.ok) {
    reader.say(path, parsed.message, parsed.hint);
    return undefined;
  }
  const resolve = (condition: Condition, negated: boolean): Presence => {
    if ('and' in condition) return { and: condition.and.map((one) => resolve(one, negated)) };
    if ('or' in condition) {
      if (ordered)
        reader.say(path, 'or has no order', 'Write a temporal_ordered rule for each, or use temporal.');
      return { or: condition.or.map((one) => resolve(one, negated)) };
    }
    if ('not' in condition) {
      if (ordered && negated) reader.say(path, 'not within not has no order', 'Write it without.');
      return { not: resolve(condition.not, !negated) };
    }
    if ('of' in condition) {
      const names = namesOf(condition.pattern, rules);
      if (names.length === 0) reader.say(path, `no rule is called ${condition.pattern}`, '');
      const parts = names.map((name): Presence => ({ rule: rules.indexOf(name) }));
      if (condition.of === 'any' && ordered) reader.say(path, '1 of has no order', 'Use temporal.');
      return condition.of === 'any' ? { or: parts } : { and: parts };
    }
    const index = rules.indexOf(condition.name);
    if (index < 0) {
      const near = suggest(condition.name, rules);
      reader.say(
        path,
        `${JSON.stringify(condition.name)} is not among the rules above`,
        near === undefined ? `There are: ${rules.join(', ')}.` : `Write ${near}.`,
      );
    }
    return { rule: Math.max(0, index) };
  };
  return resolve(parsed.condition, false);
}

function boundsOf(reader: Reader, given: Fields): Bounds | undefined {
  const bounds: { -readonly [Key in keyof Bounds]: number } = {};
  for (const [key, value] of Object.entries(given)) {
    if (key === 'field' || key === 'percentile') continue;
    const comparison = COMPARISONS.find((one) => one === key);
    const path = ['correlation', 'condition', key];
    if (comparison === undefined)
      reader.say(path, `there is no comparison ${key}`, `Write one of ${COMPARISONS.join(', ')}.`, 'key');
    else if (typeof value !== 'number' || !Number.isFinite(value))
      reader.say(path, `${key} is not a number`, 'Write a number.');
    else bounds[comparison] = value;
  }
  return Object.keys(bounds).length === 0 ? undefined : bounds;
}

/** Reads the section; what is wrong is said to the reader, and the result is then not to be used. */
export function readCorrelation(reader: Reader, section: Fields): Read {
  const path = ['correlation'];
  for (const key of Object.keys(section))
    if (!KEYS.includes(key)) {
      const near = suggest(key, KEYS);
      reader.say(
        [...path, key],
        `there is no key ${JSON.stringify(key)} here`,
        near ? `Write ${near}.` : '',
        'key',
      );
    }
  const named = reader.text(section, 'type', path);
  const type = CORRELATION_TYPES.find((one) => one === named);
  if (type === undefined)
    reader.say(
      [...path, 'type'],
      named === undefined ? 'the correlation does not say its type' : `there is no type ${named}`,
      `Write one of ${CORRELATION_TYPES.join(', ')}.`,
    );
  const rules = reader.texts(section, 'rules', path) ?? [];
  if (rules.length === 0) reader.say(path, 'the correlation names no rules', 'Write rules: [NAME].');
  if (rules.length > MAX_RULES)
    reader.say([...path, 'rules'], `more than ${MAX_RULES} rules`, 'Join some of them.');
  if (new Set(rules).size < rules.length)
    reader.say([...path, 'rules'], 'a rule is named twice', 'Name it once, or use event_count.');
  const span = reader.text(section, 'timespan', path);
  const timespan = parseTimespan(span ?? '');
  if (timespan === undefined)
    reader.say(
      [...path, 'timespan'],
      span === undefined ? 'no timespan' : 'not a span of time',
      'Write timespan: 5m.',
    );

  const temporal = type === 'temporal' || type === 'temporal_ordered';
  const condition = section.condition;
  let bounds: Bounds | undefined;
  let presence: Presence | undefined;
  let fields: string[] = [];
  let percentile: number | undefined;
  if (typeof condition === 'string') {
    if (temporal) presence = presenceOf(reader, condition, rules, type === 'temporal_ordered');
    else
      reader.say(
        [...path, 'condition'],
        'only temporal correlations have such a condition',
        'Write gte: 10.',
      );
  } else if (isFields(condition)) {
    bounds = boundsOf(reader, condition);
    // older versions of the specification have the field beside the condition
    const holder = condition.field === undefined ? section : condition;
    fields = reader.texts(holder, 'field', path) ?? [];
    const given = condition.percentile;
    if (given !== undefined) {
      if (typeof given === 'number' && given >= 0 && given <= 100) percentile = given;
      else
        reader.say([...path, 'condition', 'percentile'], 'not a percentile', 'Write a number from 0 to 100.');
    }
  } else if (condition !== undefined && condition !== null)
    reader.say([...path, 'condition'], 'not a condition', 'Write gte: 10 below it.');

  if (type?.startsWith('value_') && fields.length === 0)
    reader.say(path, `${type} does not say of which field`, 'Write condition: { field: NAME, gte: 10 }.');
  if (type !== undefined && !temporal && bounds === undefined && typeof condition !== 'string')
    reader.say(path, 'no comparison in the condition', 'Write condition: { gte: 10 }.');
  if (type === 'value_percentile' && percentile === undefined)
    reader.say(
      path,
      'value_percentile does not say which',
      'Write condition: { field: NAME, percentile: 95, gte: 10 }.',
    );
  if (type !== 'value_count' && fields.length > 1)
    reader.say([...path, 'condition', 'field'], `${type} takes one field`, 'Name one.');
  const counts = type === 'event_count' || type === 'value_count' || temporal;
  for (const [key, value] of Object.entries(bounds ?? {}))
    if (counts && (!Number.isSafeInteger(value) || value < 0 || value > MAX_COUNT))
      reader.say([...path, 'condition', key], 'not a count', `Write a whole number up to ${MAX_COUNT}.`);
  return {
    type: type ?? 'event_count',
    rules,
    groupBy: reader.texts(section, 'group-by', path) ?? [],
    aliases: readAliases(reader, section),
    timespan: timespan ?? 1,
    fields,
    generate: reader.flag(section, 'generate', path),
    ...(percentile !== undefined && { percentile }),
    ...(bounds !== undefined && { bounds }),
    ...(presence !== undefined && { presence }),
  };
}
