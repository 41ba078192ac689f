/**
 * What is known of a rule before it sees anything: title, level, techniques, and the `ringfence:` block with hazard, limit
 * and examples. Rules that were not written for us have no such block; their hazard follows from their ATT&CK tags.
 *
 * @module
 */
import { basename } from 'node:path';
import {
  FINDING_LEVELS,
  type FindingLevel,
  HAZARD_NAMES,
  type Hazard,
  type Path,
  suggest,
} from '../../../contract/index.ts';
import type { RuleInfo } from '../../detector.ts';
import type { Category } from '../../observation.ts';
import { CATEGORIES } from '../sources.ts';
import type { ExampleStep, Examples } from '../types.ts';
import { type Fields, isFields, type Reader } from './reader.ts';
import { parseTimespan } from './timespan.ts';

/** ATT&CK technique → hazard, where the technique says more than its tactic. */
const TECHNIQUES: readonly (readonly [pattern: RegExp, hazard: Hazard])[] = [
  [/^T1496/, 'compute-diversion'],
  [/^T1611/, 'escape'],
  [/^T(1572|1090|1095|1219|1071|1573)/, 'remote-control'],
  [/^T(1048|1041|1567|1537|1020)/, 'exfiltration'],
  [/^T(1485|1486|1489|1490|1529|1531|1561|1565)/, 'sabotage'],
  [/^T(1562|1070|1685)/, 'oversight-tampering'],
];

/** ATT&CK tactic → hazard; where a rule has several, the first in this order. */
const TACTICS: readonly (readonly [tactic: string, hazard: Hazard])[] = [
  ['impact', 'sabotage'],
  ['exfiltration', 'exfiltration'],
  ['command-and-control', 'remote-control'],
  ['credential-access', 'resource-acquisition'],
  ['lateral-movement', 'intrusion'],
  ['defense-evasion', 'oversight-tampering'],
  ['defense-impairment', 'oversight-tampering'],
  ['stealth', 'oversight-tampering'],
  ['persistence', 'persistence'],
  ['privilege-escalation', 'resource-acquisition'],
  ['collection', 'exfiltration'],
  ['discovery', 'intrusion'],
  ['reconnaissance', 'intrusion'],
  ['initial-access', 'intrusion'],
  ['resource-development', 'resource-acquisition'],
  ['execution', 'intrusion'],
];

/** `attack.t1059.004` → `T1059.004`, `atlas.aml-t0053` → `AML.T0053`. */
export function techniquesOf(tags: readonly string[]): string[] {
  return tags.flatMap((tag) => {
    const attack = /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1];
    if (attack !== undefined) return [attack.toUpperCase()];
    const atlas = /^atlas\.aml[.-](t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1];
    return atlas === undefined ? [] : [`AML.${atlas.toUpperCase()}`];
  });
}

/** The hazard of a rule that states none. */
export function hazardOf(tags: readonly string[], techniques: readonly string[]): Hazard {
  for (const [pattern, hazard] of TECHNIQUES)
    if (techniques.some((technique) => pattern.test(technique))) return hazard;
  const tactics = new Set(tags.map((tag) => tag.replace(/^attack\./, '').replaceAll('_', '-')));
  return TACTICS.find(([tactic]) => tactics.has(tactic))?.[1] ?? 'intrusion';
}

export interface Metadata {
  readonly info: RuleInfo;
  readonly uuid?: string;
  readonly name?: string;
  readonly examples: Examples;
  readonly key?: readonly string[];
  readonly text?: string;
  readonly across: boolean;
}

const OURS = ['id', 'hazard', 'limit', 'reserved', 'examples', 'key', 'text', 'across'];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Words of an example's step that are no fields. */
const STEP = ['category', 'after', 'run', 'cell'];

function step(
  reader: Reader,
  value: unknown,
  path: Path,
  usual: Category | undefined,
): ExampleStep | undefined {
  if (!isFields(value)) {
    reader.say(
      path,
      'an example is an observation',
      'Write FIELD: VALUE, …, and category where it is another.',
    );
    return undefined;
  }
  const name = reader.text(value, 'category', path) ?? usual;
  const category = CATEGORIES.find((one) => one === name);
  if (category === undefined) {
    const near = suggest(String(name), CATEGORIES);
    reader.say(
      path,
      name === undefined ? 'the example does not say its category' : `there is no category ${name}`,
      near === undefined ? `Write category: one of ${CATEGORIES.join(', ')}.` : `Write ${near}.`,
    );
    return undefined;
  }
  const after = value.after === undefined ? 0 : parseTimespan(reader.text(value, 'after', path) ?? '');
  if (after === undefined) reader.say([...path, 'after'], 'not a span of time', 'Write 5s, 10m, 1h or 1d.');
  const fields: Record<string, string | number | boolean | readonly string[]> = {};
  for (const [field, content] of Object.entries(value)) {
    if (STEP.includes(field) || content === null) continue;
    if (typeof content === 'string' || typeof content === 'number' || typeof content === 'boolean')
      fields[field] = content;
    else if (Array.isArray(content)) fields[field] = content.map(String);
    else reader.say([...path, field], 'a field is a text, a number, a boolean or a list of texts');
  }
  const run = reader.text(value, 'run', path);
  const cell = reader.text(value, 'cell', path);
  const { line } = reader.position(path);
  return { category, after: after ?? 0, fields, line, ...(run && { run }), ...(cell && { cell }) };
}

function examplesOf(reader: Reader, ours: Fields, usual: Category | undefined): Examples {
  const path = ['ringfence', 'examples'];
  const given = reader.fields(ours, 'examples', ['ringfence']) ?? {};
  const read = (key: 'true' | 'false'): ExampleStep[][] => {
    const list = given[key] ?? [];
    if (!Array.isArray(list)) {
      reader.say([...path, key], 'examples are a list', `Write ${key}: and, below it, one "- " for each.`);
      return [];
    }
    return list.map((example: unknown, index) => {
      const at = [...path, key, index];
      const steps = Array.isArray(example)
        ? example.map((one: unknown, place) => step(reader, one, [...at, place], usual))
        : [step(reader, example, at, usual)];
      return steps.filter((one) => one !== undefined);
    });
  };
  for (const key of Object.keys(given))
    if (key !== 'true' && key !== 'false')
      reader.say([...path, key], `examples are true or false, not ${key}`, 'Write true: or false:.', 'key');
  return { true: read('true'), false: read('false') };
}

/**
 * @param usual category of examples that do not say theirs
 */
export function readMetadata(
  reader: Reader,
  rule: Fields,
  file: string,
  index: number,
  usual: Category | undefined,
): Metadata {
  const ours = reader.fields(rule, 'ringfence', []) ?? {};
  for (const key of Object.keys(ours))
    if (!OURS.includes(key)) {
      const near = suggest(key, OURS);
      reader.say(
        ['ringfence', key],
        `there is no key ${JSON.stringify(key)} here`,
        near === undefined ? `Known are: ${OURS.join(', ')}.` : `Write ${near}.`,
        'key',
      );
    }
  const title = reader.text(rule, 'title', []);
  if (title === undefined || title.trim() === '')
    reader.say([], 'the rule has no title', 'Write title: TEXT.');
  const uuid = reader.text(rule, 'id', []);
  const name = reader.text(rule, 'name', []);
  const stem = basename(file).replace(/\.ya?ml$/, '');
  const fallback =
    uuid === undefined ? `sigma.${stem}${index === 0 ? '' : `-${index + 1}`}` : `sigma.${uuid}`;
  const id = reader.text(ours, 'id', ['ringfence']) ?? name ?? fallback;
  if (!ID.test(id) && (ours.id !== undefined || name !== undefined))
    reader.say(
      ours.id === undefined ? ['name'] : ['ringfence', 'id'],
      'not an id',
      'Use letters, digits, dots, - and _: remote-control.reverse-ssh.',
    );
  const level = reader.text(rule, 'level', []) ?? 'medium';
  if (!FINDING_LEVELS.some((one) => one === level))
    reader.say(
      ['level'],
      `there is no level ${JSON.stringify(level)}`,
      `Write one of ${FINDING_LEVELS.join(', ')}.`,
    );
  const tags = reader.texts(rule, 'tags', []) ?? [];
  const techniques = techniquesOf(tags);
  const stated = reader.text(ours, 'hazard', ['ringfence']);
  const hazard = HAZARD_NAMES.find((one) => one === stated);
  if (stated !== undefined && hazard === undefined)
    reader.say(
      ['ringfence', 'hazard'],
      `there is no hazard ${JSON.stringify(stated)}`,
      `Write one of ${HAZARD_NAMES.join(', ')}.`,
    );
  const key = reader.texts(ours, 'key', ['ringfence']);
  const text = reader.text(ours, 'text', ['ringfence']);
  const reserved = reader.flag(ours, 'reserved', ['ringfence']);
  return {
    info: {
      id,
      title: title ?? '',
      hazard: hazard ?? hazardOf(tags, techniques),
      level: level as FindingLevel,
      techniques,
      limit: reader.text(ours, 'limit', ['ringfence']) ?? 'Its author states none.',
      ...(reserved && { reserved }),
    },
    ...(uuid !== undefined && UUID.test(uuid) && { uuid: uuid.toLowerCase() }),
    ...(name !== undefined && { name }),
    examples: examplesOf(reader, ours, usual),
    ...(key !== undefined && { key }),
    ...(text !== undefined && { text }),
    across: reader.flag(ours, 'across', ['ringfence']),
  };
}
