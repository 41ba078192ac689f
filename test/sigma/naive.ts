/**
 * What Sigma's rules and correlations mean, written down as directly as possible: every rule is asked about every
 * observation, every correlation looks at the whole past again. The oracle of the engine, and what its speed is held
 * against. It shares no code with the engine.
 */
import { BlockList, isIP } from 'node:net';
import { parseAllDocuments } from 'yaml';
import type { FieldValue, Observation } from '../../src/watch/index.ts';

type Values = Readonly<Record<string, FieldValue>>;
type Question = (fields: Values) => boolean;
type Raw = Record<string, unknown>;

export interface NaiveRule {
  names: string[];
  logsource: Record<string, string | undefined>;
  matches: Question;
}

export interface NaiveCorrelation {
  names: string[];
  type: string;
  rules: string[];
  groupBy: string[];
  aliases: Record<string, Record<string, string>>;
  timespan: number;
  condition: unknown;
  across: boolean;
}

/** One character at a time, and only to one character. */
function lower(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  let result = '';
  for (const character of text) {
    const small = character.toLowerCase();
    result += small === 'ς' ? 'σ' : [...small].length === 1 ? small : character;
  }
  return result;
}

const quoted = (character: string): string =>
  /[\w\s]/.test(character) || character > '\x7f'
    ? character
    : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

/** A value with wildcards as a regular expression without the anchors. */
function wildcards(text: string): string {
  let source = '';
  for (let rest = text; rest !== ''; ) {
    if (/^\\[\\*?]/.test(rest)) {
      source += quoted(rest.charAt(1));
      rest = rest.slice(2);
      continue;
    }
    const [character] = [...rest] as [string];
    source += character === '*' ? '.*' : character === '?' ? '.' : quoted(character);
    rest = rest.slice(character.length);
  }
  return source;
}

const texts = (value: FieldValue): string[] =>
  value === undefined ? [] : typeof value === 'object' ? [...value] : [String(value)];

const number = (text: string): number => (/^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN);

const COMPARE: Record<string, (first: number, second: number) => boolean> = {
  lt: (first, second) => first < second,
  lte: (first, second) => first <= second,
  gt: (first, second) => first > second,
  gte: (first, second) => first >= second,
  eq: (first, second) => first === second,
  neq: (first, second) => first !== second,
};

function question(field: string, modifiers: string[], value: unknown): Question {
  const has = (name: string): boolean => modifiers.includes(name);
  const any =
    (test: (text: string) => boolean): Question =>
    (fields) =>
      (field === ''
        ? Object.values(fields)
            .filter((one) => typeof one === 'string' || typeof one === 'object')
            .flatMap(texts)
        : texts(fields[field])
      ).some(test);
  if (value === null) return (fields) => fields[field] === undefined;
  if (has('exists')) return (fields) => (fields[field] !== undefined) === (String(value) === 'true');
  if (has('re')) {
    const flags = ['i', 'm', 's'].filter(has).join('');
    const pattern = new RegExp(String(value), `u${flags}`);
    return any((text) => pattern.test(text));
  }
  if (has('cidr')) {
    const [address = '', bits = ''] = String(value).split('/');
    const list = new BlockList();
    const family = (text: string) => (isIP(text) === 4 ? 'ipv4' : 'ipv6');
    list.addSubnet(address, Number(bits), family(address));
    return any((text) => isIP(text) > 0 && list.check(text, family(text)));
  }
  for (const name of ['lt', 'lte', 'gt', 'gte'])
    if (has(name)) return any((text) => COMPARE[name]?.(number(text), Number(value)) === true);
  const same = (text: string) => (has('cased') ? text : lower(text));
  if (has('fieldref'))
    return (fields) =>
      texts(fields[field]).some((text) =>
        texts(fields[String(value)]).some((other) => {
          if (has('contains')) return same(text).includes(same(other));
          if (has('startswith')) return same(text).startsWith(same(other));
          if (has('endswith')) return same(text).endsWith(same(other));
          return same(text) === same(other);
        }),
      );
  let sources = [wildcards(same(String(value)))];
  // Base64 minds the case of what it encodes
  if (has('base64')) sources = [wildcards(same(Buffer.from(String(value)).toString('base64')))];
  if (has('base64offset'))
    sources = [0, 1, 2].map((before) => {
      const bytes = Buffer.from(`${'\0'.repeat(before)}${value}`);
      const whole = bytes.toString('base64').replace(/=+$/, '');
      const certain = whole.slice([0, 2, 3][before], bytes.length % 3 === 0 ? undefined : -1);
      return wildcards(same(certain));
    });
  const before = field === '' || has('contains') || has('endswith') ? '.*' : '';
  const after = field === '' || has('contains') || has('startswith') ? '.*' : '';
  const plain = String(value);
  if (field !== '' && /^[^*?\\]*$/.test(plain) && !has('base64') && !has('base64offset')) {
    const wanted = same(plain);
    if (has('contains')) return any((text) => same(text).includes(wanted));
    if (has('startswith')) return any((text) => same(text).startsWith(wanted));
    if (has('endswith')) return any((text) => same(text).endsWith(wanted));
    return any((text) => same(text) === wanted);
  }
  const patterns = sources.map((source) => new RegExp(`^${before}${source}${after}$`, 'su'));
  return any((text) => patterns.some((pattern) => pattern.test(same(text))));
}

function item(key: string, value: unknown): Question {
  const [field = '', ...modifiers] = key.split('|');
  const questions = (Array.isArray(value) ? value : [value]).map((one) => question(field, modifiers, one));
  if (modifiers.includes('neq'))
    return (fields) => fields[field] !== undefined && !questions.some((one) => one(fields));
  return modifiers.includes('all')
    ? (fields) => questions.every((one) => one(fields))
    : (fields) => questions.some((one) => one(fields));
}

function selection(value: unknown): Question {
  if (Array.isArray(value)) {
    const parts = value.map((one) =>
      typeof one === 'object' && one !== null ? selection(one) : item('', one),
    );
    return (fields) => parts.some((one) => one(fields));
  }
  if (typeof value !== 'object' || value === null) return item('', value);
  const parts = Object.entries(value).map(([key, content]) => item(key, content));
  return (fields) => parts.every((one) => one(fields));
}

/** By rewriting into JavaScript, whose precedence is the same. */
function condition<Fact>(
  text: string,
  facts: Record<string, (fact: Fact) => boolean>,
): (fact: Fact) => boolean {
  const names = Object.keys(facts);
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let code = '';
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] as string;
    if (tokens[index + 1] === 'of') {
      const pattern = tokens[index + 2] as string;
      const shape = new RegExp(
        `^${pattern
          .split('*')
          .map((part) => part.replace(/\W/g, '\\$&'))
          .join('.*')}$`,
      );
      const chosen = names.filter((name) => (pattern === 'them' ? !name.startsWith('_') : shape.test(name)));
      const parts = chosen.map((name) => `facts[${JSON.stringify(name)}](fact)`);
      code += `(${parts.join(token === 'all' ? '&&' : '||')})`;
      index += 2;
    } else if (token === '(' || token === ')') code += token;
    else if (token === 'and') code += '&&';
    else if (token === 'or') code += '||';
    else if (token === 'not') code += '!';
    else code += `facts[${JSON.stringify(token)}](fact)`;
  }
  return new Function('facts', `return (fact) => ${code}`)(facts) as (fact: Fact) => boolean;
}

function detection(section: Raw): Question {
  const selections: Record<string, Question> = {};
  for (const [name, value] of Object.entries(section))
    if (name !== 'condition') selections[name] = selection(value);
  const conditions = (Array.isArray(section.condition) ? section.condition : [section.condition]).map(
    (text) => condition(String(text), selections),
  );
  return (fields) => conditions.some((one) => one(fields));
}

const SPAN: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

export function naiveRules(sources: readonly string[]): {
  rules: NaiveRule[];
  correlations: NaiveCorrelation[];
} {
  const rules: NaiveRule[] = [];
  const correlations: NaiveCorrelation[] = [];
  for (const source of sources)
    for (const document of parseAllDocuments(source, { uniqueKeys: false })) {
      const raw = document.toJS() as Raw;
      const names = [raw.name, raw.id].filter((name) => name !== undefined).map(String);
      if (raw.correlation === undefined) {
        const logsource = raw.logsource as NaiveRule['logsource'];
        rules.push({ names, logsource, matches: detection(raw.detection as Raw) });
        continue;
      }
      const given = raw.correlation as Raw;
      const [, count, unit] = /^(\d+)(\w)$/.exec(String(given.timespan)) as unknown as [
        string,
        string,
        string,
      ];
      correlations.push({
        names,
        type: String(given.type),
        rules: given.rules as string[],
        groupBy: (given['group-by'] as string[] | undefined) ?? [],
        aliases: (given.aliases as NaiveCorrelation['aliases'] | undefined) ?? {},
        timespan: Number(count) * (SPAN[unit] as number) * 1e6,
        condition: given.condition,
        across: (raw.ringfence as Raw | undefined)?.across === true,
      });
    }
  return { rules, correlations };
}

/** Position in the sequence and name of each rule that matched and each correlation that held there. */
export function naiveFirings(
  rules: readonly NaiveRule[],
  correlations: readonly NaiveCorrelation[],
  observations: readonly Observation[],
): Map<string, Set<number>> {
  const held = new Map<string, Set<number>>();
  const note = (names: readonly string[], index: number): void => {
    for (const name of names) held.set(name, (held.get(name) ?? new Set()).add(index));
  };
  for (const { names, matches } of rules)
    for (const [index, { fields }] of observations.entries()) if (matches(fields)) note(names, index);
  const open = [...correlations];
  while (open.length > 0) {
    // one whose rules are all known by now
    const next = open.findIndex(
      ({ rules: wanted }) => !open.some(({ names }) => names.some((one) => wanted.includes(one))),
    );
    const [correlation] = open.splice(next, 1) as [NaiveCorrelation];
    for (const index of observations.keys())
      if (holdsAt(correlation, observations, index, held)) note(correlation.names, index);
  }
  return held;
}

function holdsAt(
  correlation: NaiveCorrelation,
  observations: readonly Observation[],
  index: number,
  held: ReadonlyMap<string, ReadonlySet<number>>,
): boolean {
  const { rules, groupBy, aliases, across, timespan, type } = correlation;
  const matched = (rule: string, at: number): boolean => held.get(rule)?.has(at) === true;
  const field = (name: string, rule: string): string => aliases[name]?.[rule] ?? name;
  const group = (at: number, rule: string): string => {
    const { fields, run, cell } = observations[at] as Observation;
    return JSON.stringify([
      ...(across ? [] : [run, cell]),
      ...groupBy.map((name) => {
        const value = fields[field(name, rule)];
        return value === undefined ? null : typeof value === 'object' ? value : String(value);
      }),
    ]);
  };
  const now = (observations[index] as Observation).time;
  const groups = new Set(rules.filter((rule) => matched(rule, index)).map((rule) => group(index, rule)));
  return [...groups].some((key) => {
    /** in the window, per event, its rules in this group, in the order that the correlation names them */
    const window = [...observations.keys()]
      .filter((at) => at <= index && now - (observations[at] as Observation).time <= timespan)
      .map((at) => ({ at, rules: rules.filter((rule) => matched(rule, at) && group(at, rule) === key) }))
      .filter((event) => event.rules.length > 0);
    const given = (typeof correlation.condition === 'object' ? correlation.condition : {}) as Raw;
    const bounds = Object.entries(given).filter(([name]) => name in COMPARE);
    const fits = (value: number): boolean =>
      bounds.every(([name, bound]) => COMPARE[name]?.(value, Number(bound)) === true);
    const names = given.field === undefined ? [] : [given.field].flat().map(String);
    const valuesAt = (event: (typeof window)[0]): FieldValue[] =>
      names.map(
        (name) => (observations[event.at] as Observation).fields[field(name, event.rules[0] as string)],
      );
    switch (type) {
      case 'event_count':
        return fits(window.length);
      case 'value_count': {
        if (valuesAt(window.at(-1) as (typeof window)[0]).includes(undefined)) return false;
        const known = window.map(valuesAt).filter((values) => !values.includes(undefined));
        const different = known.flatMap((values) =>
          values.length === 1 && typeof values[0] === 'object'
            ? values[0].map((one) => JSON.stringify([one]))
            : [JSON.stringify(values.map(String))],
        );
        return fits(new Set(different).size);
      }
      case 'temporal': {
        const seen = rules.filter((rule) => window.some((event) => event.rules.includes(rule)));
        if (typeof correlation.condition !== 'string')
          return bounds.length === 0 ? seen.length === rules.length : fits(seen.length);
        const facts = Object.fromEntries(rules.map((rule) => [rule, () => seen.includes(rule)]));
        return condition(correlation.condition, facts)(undefined);
      }
      case 'temporal_ordered': {
        const longest = (event: number, rule: number): number => {
          if (event >= window.length) return 0;
          const choices = rules
            .map((name, place) => ({ name, place }))
            .filter(({ name, place }) => place >= rule && window[event]?.rules.includes(name))
            .map(({ place }) => 1 + longest(event + 1, place + 1));
          return Math.max(longest(event + 1, rule), ...choices);
        };
        return bounds.length === 0 ? longest(0, 0) === rules.length : fits(longest(0, 0));
      }
      default: {
        const numberAt = (event: (typeof window)[0]): number =>
          number(String(texts(valuesAt(event)[0])[0] ?? ''));
        if (Number.isNaN(numberAt(window.at(-1) as (typeof window)[0]))) return false;
        const numbers = window
          .map(numberAt)
          .filter((value) => !Number.isNaN(value))
          .sort((a, b) => a - b);
        const sum = numbers.reduce((total, one) => total + one, 0);
        if (type === 'value_sum') return fits(sum);
        if (type === 'value_avg') return fits(sum / numbers.length);
        const rank = ((type === 'value_median' ? 50 : Number(given.percentile)) / 100) * (numbers.length - 1);
        const [low, high] = [numbers[Math.floor(rank)] as number, numbers[Math.ceil(rank)] as number];
        return fits(low + (high - low) * (rank - Math.floor(rank)));
      }
    }
  });
}
