/**
 * Rule files → rules, linked with each other, or every problem with its place.
 *
 * @module
 */
import { hash } from 'node:crypto';
import type { Problem } from '../../../contract/index.ts';
import { namesOfRule } from '../names.ts';
import { categoriesOf, hasField, nameOfSource } from '../sources.ts';
import type {
  FormulaRule,
  LogSource,
  Need,
  SigmaCorrelation,
  SigmaDetection,
  SigmaFilter,
  SigmaRule,
} from '../types.ts';
import { readCorrelation } from './correlation-rule.ts';
import { type FieldUse, readDetection } from './detection.ts';
import { readDocuments } from './documents.ts';
import { readFormulaRule } from './formula-rule.ts';
import { readMetadata } from './metadata.ts';
import type { Placeholders } from './modifiers.ts';
import { type Fields, isFields, Reader } from './reader.ts';

export interface LoadOptions {
  /** values of `%name%` under |expand */
  readonly placeholders?: Placeholders;
}

export interface LoadedRules {
  /** without those that have a problem; filters are part of the rules they filter */
  readonly rules: readonly (SigmaDetection | SigmaCorrelation)[];
  /** rules that are formulas over time */
  readonly formulas: readonly FormulaRule[];
  readonly problems: readonly Problem[];
  /** what rules want that our observations do not have: those parts of them never match */
  readonly needs: readonly Need[];
  /** SHA-256 over names and texts, lower-case hex */
  readonly digest: string;
}

export type RuleTexts = readonly (readonly [file: string, text: string])[];

interface Parsed {
  readonly rule: SigmaRule | FormulaRule;
  readonly reader: Reader;
  readonly uses: readonly FieldUse[];
}

function readSource(reader: Reader, rule: Fields): LogSource {
  const source = reader.fields(rule, 'logsource', []);
  if (source === undefined) {
    if (rule.logsource === undefined || rule.logsource === null)
      reader.say([], 'the rule has no logsource', 'Write logsource: { category: process_creation }.');
    return {};
  }
  const [category, product, service] = ['category', 'product', 'service'].map((key) =>
    reader.text(source, key, ['logsource']),
  );
  if (category === undefined && product === undefined && service === undefined)
    reader.say(['logsource'], 'the logsource is empty', 'Write category: process_creation.');
  return {
    ...(category !== undefined && { category }),
    ...(product !== undefined && { product }),
    ...(service !== undefined && { service }),
  };
}

function parseRule(
  reader: Reader,
  value: Fields,
  file: string,
  line: number,
  index: number,
  options: LoadOptions,
): Parsed | undefined {
  const placeholders = options.placeholders ?? {};
  const at = { file, line };
  const kinds = ['detection', 'correlation', 'filter', 'formula'].filter((key) => value[key] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    reader.say(
      [],
      kind === undefined
        ? 'neither a detection nor a correlation nor a filter nor a formula'
        : `${kinds.join(' and ')} in one rule`,
      kind === undefined
        ? 'Write detection: with selections and a condition.'
        : 'Write them as two documents.',
    );
    return undefined;
  }
  if (kind === 'formula') {
    const rule = readFormulaRule(reader, value, at, index);
    return rule && { rule, reader, uses: [] };
  }
  const section = reader.fields(value, kind, []);
  if (section === undefined) return undefined;
  if (kind === 'correlation') {
    const read = readCorrelation(reader, section);
    return {
      rule: { kind, at, ...readMetadata(reader, value, file, index, undefined), ...read },
      reader,
      uses: [],
    };
  }
  const source = readSource(reader, value);
  if (kind === 'filter') {
    const rules = reader.texts(section, 'rules', ['filter']) ?? [];
    if (rules.length === 0)
      reader.say(['filter'], 'the filter names no rules', 'Write rules: [NAME], or rules: any.');
    const { expression, uses } = readDetection(reader, section, ['filter'], placeholders, ['rules']);
    const title = reader.text(value, 'title', []) ?? '';
    const all = rules.length === 1 && rules[0] === 'any';
    return { rule: { kind, title, at, rules: all ? 'any' : rules, source, expression }, reader, uses };
  }
  const [usual] = categoriesOf(source);
  const { across: _, ...metadata } = readMetadata(reader, value, file, index, usual);
  const { expression, uses } = readDetection(reader, section, ['detection'], placeholders);
  return { rule: { kind: 'detection', at, source, expression, ...metadata }, reader, uses };
}

type Linked = SigmaDetection | SigmaCorrelation | FormulaRule;

function link(parsed: readonly Parsed[]): Linked[] {
  const rules: { rule: Linked; reader: Reader }[] = [];
  const filters: { rule: SigmaFilter; reader: Reader }[] = [];
  for (const { rule, reader } of parsed)
    if (rule.kind === 'filter') filters.push({ rule, reader });
    else rules.push({ rule, reader });
  const byName = new Map<string, number>();
  for (const [index, { rule, reader }] of rules.entries())
    for (const name of new Set(namesOfRule(rule))) {
      const before = byName.get(name);
      if (before === undefined) byName.set(name, index);
      else if (before !== index) {
        const { file, line } = (rules[before] as (typeof rules)[0]).rule.at;
        reader.say([], `the name ${name} is taken`, `It stands first in ${file}, line ${line}.`);
      }
    }
  const find = (name: string): number | undefined => byName.get(name) ?? byName.get(name.toLowerCase());
  for (const { rule: filter, reader } of filters) {
    const names: readonly string[] =
      filter.rules === 'any'
        ? rules
            .filter(({ rule }) => rule.kind === 'detection' && sameSource(filter.source, rule.source))
            .map(({ rule }) => rule.info.id)
        : filter.rules;
    for (const [place, name] of names.entries()) {
      const index = find(name);
      const target = index === undefined ? undefined : rules[index];
      if (index === undefined || target === undefined)
        reader.say(
          ['filter', 'rules', place],
          `there is no rule ${JSON.stringify(name)}`,
          'Name a rule of these files by id or name.',
        );
      else if (target.rule.kind !== 'detection')
        reader.say(
          ['filter', 'rules', place],
          `a ${target.rule.kind === 'correlation' ? 'correlation' : 'formula'} cannot be filtered`,
          'Filter the rules it refers to, or say it in the formula.',
        );
      else
        rules[index] = {
          ...target,
          rule: { ...target.rule, expression: { and: [target.rule.expression, filter.expression] } },
        };
    }
  }
  const state = new Map<number, 'open' | 'done'>();
  const visit = (index: number): boolean => {
    if (state.get(index) === 'done') return true;
    if (state.get(index) === 'open') return false;
    state.set(index, 'open');
    const { rule, reader } = rules[index] as (typeof rules)[0];
    for (const [place, name] of rule.kind === 'correlation' ? rule.rules.entries() : []) {
      const target = find(name);
      if (target === undefined)
        reader.say(
          ['correlation', 'rules', place],
          `there is no rule ${JSON.stringify(name)}`,
          'Name a rule of these files by id or name.',
        );
      else if (rules[target]?.rule.kind === 'monitor')
        reader.say(
          ['correlation', 'rules', place],
          'a correlation does not rest on a formula',
          'Say it in the formula.',
        );
      else if (!visit(target))
        reader.say(
          ['correlation', 'rules', place],
          'a correlation that rests on itself',
          'Break the circle.',
        );
    }
    state.set(index, 'done');
    return true;
  };
  for (const index of rules.keys()) visit(index);
  return rules.filter(({ reader }) => reader.problems.length === 0).map(({ rule }) => rule);
}

const sameSource = (wanted: LogSource, source: LogSource): boolean =>
  (wanted.category === undefined || wanted.category === source.category) &&
  (wanted.product === undefined || wanted.product === source.product) &&
  (wanted.service === undefined || wanted.service === source.service);

function needsOf({ rule, reader, uses }: Parsed): Need[] {
  if (rule.kind === 'correlation' || rule.kind === 'monitor') return [];
  const id = rule.kind === 'filter' ? rule.title : rule.info.id;
  const need = (what: Need['what'], name: string, place: { line: number; column: number }): Need => {
    const { line, column } = place;
    return { rule: id, file: rule.at.file, line, column, what, name };
  };
  const categories = categoriesOf(rule.source);
  if (categories.length === 0)
    return [need('log source', nameOfSource(rule.source), reader.position(['logsource']))];
  return uses
    .filter(({ field }) => categories.every((category) => !hasField(category, field)))
    .map((use) => need('field', `${categories[0]}.${use.field}`, use));
}

/** Reads and links the rules of some files. Never throws: what is wrong is in `problems`. */
export function loadRules(texts: RuleTexts, options: LoadOptions = {}): LoadedRules {
  const problems: Problem[] = [];
  const parsed: Parsed[] = [];
  for (const [file, text] of texts) {
    const read = readDocuments(text, file);
    problems.push(...read.problems);
    for (const [index, document] of read.documents.entries()) {
      const reader = new Reader(document);
      if (!isFields(document.value)) reader.say([], 'not a rule', 'Write title, logsource and detection.');
      const one = isFields(document.value)
        ? parseRule(reader, document.value, file, document.line, index, options)
        : undefined;
      if (one === undefined || reader.problems.length > 0) problems.push(...reader.problems);
      else parsed.push(one);
    }
  }
  const rules = link(parsed);
  problems.push(...parsed.flatMap(({ reader }) => reader.problems));
  // in one go: a hash that is fed loads Node's streams
  const digest = hash('sha256', texts.map((text) => JSON.stringify(text)).join(''));
  return {
    rules: rules.filter((rule) => rule.kind !== 'monitor'),
    formulas: rules.filter((rule) => rule.kind === 'monitor'),
    problems,
    needs: parsed.flatMap(needsOf),
    digest,
  };
}

/** The rules of one text. */
export const parseSigma = (text: string, file: string, options: LoadOptions = {}): LoadedRules =>
  loadRules([[file, text]], options);
