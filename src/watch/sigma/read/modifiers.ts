/**
 * `field|modifier|…: values` → what is asked of the field (specification 2.1, appendix "Modifiers").
 *
 * @module
 */
import { isIP } from 'node:net';
import { suggest } from '../../../contract/index.ts';
import { base64Offsets, dashes, literalOf, parsePattern, toUtf16, widen } from '../pattern.ts';
import { checkRegex } from '../regex.ts';
import type { Comparison, Expression, Pattern, Test, TimePart } from '../types.ts';

export type Placeholders = Readonly<Record<string, readonly string[]>>;

export type Modified =
  | { ok: true; expression: Expression }
  | {
      ok: false;
      message: string;
      hint: string;
      /** which of the values, counted from 0 */
      value?: number;
    };

const PLACES = ['contains', 'startswith', 'endswith'] as const;
const ENCODINGS = ['wide', 'utf16le', 'utf16be', 'utf16', 'base64', 'base64offset'] as const;
const COMPARISONS = ['lt', 'lte', 'gt', 'gte'] as const;
const TIMES = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const;
/** What a value is taken for; of these one at most. */
const TYPES = ['re', 'cidr', 'exists', 'fieldref', ...COMPARISONS] as const;
const FLAGS = { i: 'i', m: 'm', s: 's', ignorecase: 'i', multiline: 'm', dotall: 's' } as const;
const MODIFIERS = [
  ...['all', 'cased', 'neq', 'windash', 'expand', ...Object.keys(FLAGS)],
  ...[...PLACES, ...ENCODINGS, ...TIMES, ...TYPES],
];
const DECIMAL = /^[+-]?\d{1,40}(\.\d{1,40})?$/;

class ModifierError extends Error {
  readonly hint: string;
  constructor(message: string, hint = '') {
    super(message);
    this.hint = hint;
  }
}

type Scalar = string | number | boolean | null;

const includes = <Word extends string>(words: readonly Word[], word: string): word is Word =>
  (words as readonly string[]).includes(word);

/** What the chain of modifiers says, checked: order counts for encodings only. */
function checkChain(field: string, chain: readonly string[]): void {
  // what every JavaScript object has is no field of an observation
  if (field in {}) throw new ModifierError(`no field is called ${field}`, 'Name a field of the log source.');
  for (const [index, modifier] of chain.entries()) {
    if (!MODIFIERS.includes(modifier)) {
      const near = suggest(modifier, MODIFIERS);
      throw new ModifierError(
        `there is no modifier ${JSON.stringify(modifier)}`,
        near === undefined ? `Known are: ${MODIFIERS.join(', ')}.` : `Write ${near}.`,
      );
    }
    if (chain.indexOf(modifier) !== index)
      throw new ModifierError(`${modifier} is written twice`, 'Remove one.');
  }
  const types = chain.filter((one) => includes(TYPES, one));
  const texts = chain.filter((one) => includes(ENCODINGS, one) || one === 'windash' || one === 'expand');
  const places = chain.filter((one) => includes(PLACES, one));
  const times = chain.filter((one) => includes(TIMES, one));
  const clash = (first: string, second: string): never => {
    throw new ModifierError(`${first} and ${second} do not go together`, 'Remove one of them.');
  };
  if (types.length > 1) clash(types[0] as string, types[1] as string);
  if (places.length > 1) clash(places[0] as string, places[1] as string);
  if (times.length > 1) clash(times[0] as string, times[1] as string);
  const [type] = types;
  if (type !== undefined && texts.length > 0) clash(type, texts[0] as string);
  if (type !== undefined && type !== 'fieldref' && places.length > 0) clash(type, places[0] as string);
  if (type !== undefined && type !== 'fieldref' && type !== 're' && chain.includes('cased'))
    clash(type, 'cased');
  if (times.length > 0) {
    const other = chain.find((one) => !includes(TIMES, one) && !includes(COMPARISONS, one) && one !== 'neq');
    if (other !== undefined && other !== 'all') clash(times[0] as string, other);
  }
  if (chain.includes('neq') && includes(COMPARISONS, type ?? '')) clash('neq', type as string);
  if (type === 'exists' && chain.length > 1) clash('exists', chain.find((one) => one !== 'exists') as string);
  const flag = chain.find((one) => one in FLAGS);
  if (flag !== undefined && type !== 're')
    throw new ModifierError(`${flag} is a flag of re`, `Write ${field}|re|${flag}.`);
  if (field === '' && (type !== undefined ? type !== 're' : times.length > 0 || chain.includes('neq')))
    throw new ModifierError(
      `keywords have no field for ${type ?? times[0] ?? 'neq'}`,
      'Name a field before the |.',
    );
}

/** A text value after its encodings, as all patterns that stand for it. */
function patternsOf(value: Scalar, chain: readonly string[], placeholders: Placeholders): Pattern[] {
  const text = String(value);
  let patterns: Pattern[] = [parsePattern(text, chain.includes('expand'))];
  // one character per byte, once an encoding made it so
  let bytes = false;
  const literals = (modifier: string): string[] =>
    patterns.map((pattern) => {
      const literal = literalOf(pattern);
      if (literal === undefined)
        throw new ModifierError(
          `${modifier} of a text with wildcards`,
          'Escape * and ? with a backslash, or leave them out.',
        );
      return literal;
    });
  const asBytes = (literal: string): string =>
    bytes ? literal : Buffer.from(literal, 'utf8').toString('latin1');
  for (const modifier of chain)
    switch (modifier) {
      case 'expand':
        patterns = expand(text, placeholders);
        break;
      case 'windash':
        patterns = patterns.flatMap((pattern) => {
          const spellings = dashes(pattern);
          if (spellings === undefined)
            throw new ModifierError('windash of more than five dashes', 'Split it into several selections.');
          return spellings;
        });
        break;
      case 'wide':
      case 'utf16le':
        patterns = literals(modifier).map((literal) => [toUtf16(literal, false)]);
        bytes = true;
        break;
      case 'utf16be':
        patterns = literals(modifier).map((literal) => [toUtf16(literal, true)]);
        bytes = true;
        break;
      case 'utf16':
        patterns = literals(modifier).map((literal) => [`\xff\xfe${toUtf16(literal, false)}`]);
        bytes = true;
        break;
      case 'base64':
        patterns = literals(modifier).map((literal) => [
          Buffer.from(asBytes(literal), 'latin1').toString('base64'),
        ]);
        bytes = false;
        break;
      case 'base64offset':
        patterns = literals(modifier).flatMap((literal) =>
          base64Offsets(asBytes(literal)).map((part): Pattern => {
            if (part === '')
              throw new ModifierError(
                'base64offset of a text that is too short',
                'Write three characters or more.',
              );
            return [part];
          }),
        );
        bytes = false;
        break;
    }
  // an encoding of nothing is the empty pattern, not a pattern of an empty text
  return patterns
    .map((pattern) => pattern.filter((part) => part !== ''))
    .map((pattern) =>
      widen(
        pattern,
        chain.includes('contains') || chain.includes('endswith'),
        chain.includes('contains') || chain.includes('startswith'),
      ),
    );
}

/** `%name%` → each of its values, which are patterns themselves. */
function expand(text: string, placeholders: Placeholders): Pattern[] {
  const pieces = text.split(/(?<!\\)%([A-Za-z0-9_.-]+)%/);
  let patterns: Pattern[] = [[]];
  for (const [index, piece] of pieces.entries()) {
    const known =
      index % 2 === 0 ? [piece] : Object.hasOwn(placeholders, piece) ? placeholders[piece] : undefined;
    if (known === undefined || known.length === 0)
      throw new ModifierError(
        `nothing is known of the placeholder %${piece}%`,
        `Give its values, or write them out; a plain percent sign is \\%.`,
      );
    patterns = patterns.flatMap((before) => known.map((value) => joined(before, parsePattern(value, true))));
    if (patterns.length > 10_000)
      throw new ModifierError('placeholders with more than 10,000 values together');
  }
  return patterns;
}

function joined(first: Pattern, second: Pattern): Pattern {
  const [last, next] = [first.at(-1), second[0]];
  if (typeof last === 'string' && typeof next === 'string')
    return [...first.slice(0, -1), last + next, ...second.slice(1)];
  return [...first, ...second];
}

const numberOf = (value: Scalar, modifier: string): string => {
  if (typeof value !== 'boolean' && value !== null && DECIMAL.test(String(value))) return String(value);
  throw new ModifierError(`${modifier} compares numbers`, 'Write a decimal number.');
};

function testsOf(field: string, value: Scalar, chain: readonly string[], placeholders: Placeholders): Test[] {
  const cased = chain.includes('cased') ? ({ cased: true } as const) : {};
  const part = chain.find((one): one is TimePart => includes(TIMES, one));
  const type = chain.find((one) => includes(TYPES, one));
  if (part !== undefined || includes(COMPARISONS, type ?? '')) {
    const comparison = (type ?? 'eq') as Comparison;
    const number = numberOf(value, type ?? (part as string));
    return [{ kind: 'compare', field, comparison, value: number, ...(part && { part }) }];
  }
  switch (type) {
    case 'exists':
      throw new ModifierError('exists takes true or false', 'Write true or false.');
    case 're': {
      const source = String(value);
      const flags = chain.map((one) => (FLAGS as Record<string, string>)[one] ?? '').join('');
      const problem = value === null ? 'there is none' : checkRegex(source, flags);
      if (problem !== undefined)
        throw new ModifierError(
          `not a regular expression that is understood: ${problem}`,
          'Backreferences and lookahead are not: what decides in linear time has none.',
        );
      return [{ kind: 'regex', field, source, flags }];
    }
    case 'cidr': {
      const [address = '', bits, ...more] = String(value).split('/');
      const version = isIP(address);
      const most = version === 4 ? 32 : 128;
      if (
        version === 0 ||
        address.includes('%') ||
        more.length > 0 ||
        (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))
      )
        throw new ModifierError(`not a range of addresses`, 'Write 192.0.2.0/24 or 2001:db8::/32.');
      return [
        { kind: 'cidr', field, range: bits === undefined ? `${address}/${most}` : `${address}/${bits}` },
      ];
    }
    case 'fieldref': {
      if (typeof value !== 'string' || value === '' || value in {})
        throw new ModifierError('fieldref takes the name of a field', 'Write, for example, ParentImage.');
      const how = PLACES.find((place) => chain.includes(place)) ?? 'equals';
      return [{ kind: 'reference', field, other: value, how, ...cased }];
    }
  }
  if (value === null) {
    const other = chain.find((one) => one !== 'all' && one !== 'neq');
    if (other !== undefined) throw new ModifierError(`${other} of null`, "Write '' for an empty text.");
    if (field === '') throw new ModifierError('a keyword that is null', 'Write a text.');
    return [{ kind: 'null', field }];
  }
  return patternsOf(value, chain, placeholders).map((pattern) => {
    // keywords are found anywhere in the event
    const searched = field === '' ? widen(pattern, true, true) : pattern;
    return { kind: 'text', field, pattern: searched, ...cased };
  });
}

const anyOf = (parts: Expression[]): Expression =>
  parts.length === 1 ? (parts[0] as Expression) : { or: parts };

/** Never throws for what is written in a rule. `values` are those of the list, or the one value. */
export function applyModifiers(
  key: string,
  values: readonly unknown[],
  placeholders: Placeholders = {},
): Modified {
  const [field = '', ...chain] = key.split('|');
  let current: number | undefined;
  try {
    checkChain(field, chain);
    if (values.length === 0) throw new ModifierError('a list without values', 'Write at least one.');
    if (chain.includes('all') && values.length < 2)
      throw new ModifierError('all of one value', 'Remove |all, or write several values.');
    if (chain[0] === 'exists') {
      const [value] = values;
      if (values.length !== 1 || (typeof value !== 'boolean' && value !== 'true' && value !== 'false'))
        throw new ModifierError('exists takes true or false', 'Write true or false.');
      const expression: Expression = { test: { kind: 'exists', field } };
      return { ok: true, expression: String(value) === 'true' ? expression : { not: expression } };
    }
    const parts = values.map((value, index): Expression => {
      current = index;
      if (typeof value === 'object' && value !== null)
        throw new ModifierError(
          'a value that is a list or mapping',
          'Write texts, numbers, true, false or null.',
        );
      return anyOf(testsOf(field, value as Scalar, chain, placeholders).map((test) => ({ test })));
    });
    const joint = chain.includes('all') && !chain.includes('neq') ? { and: parts } : anyOf(parts);
    // different from each of the values: what is absent differs from nothing
    if (chain.includes('neq'))
      return { ok: true, expression: { and: [{ test: { kind: 'exists', field } }, { not: joint }] } };
    return { ok: true, expression: joint };
  } catch (error) {
    if (!(error instanceof ModifierError)) throw error;
    return {
      ok: false,
      message: error.message,
      hint: error.hint,
      ...(current !== undefined && values.length > 1 && { value: current }),
    };
  }
}
