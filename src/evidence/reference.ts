/**
 * The reference page of the formats, generated from their schemas so that the two cannot differ.
 *
 * @module
 */
import type * as z from 'zod';
import * as zod from 'zod/mini';
import { claimSchema } from './schema/claim.ts';
import { citeSchema } from './schema/parts.ts';
import { sourceSchema } from './schema/source.ts';
import * as words from './words.ts';

const code = (text: string): string => `\`${text}\``;

interface Field {
  schema: z.core.$ZodType;
  optional: boolean;
  isList: boolean;
}

/** What is inside wrappers; a list's element. */
function unwrap(schema: z.core.$ZodType, optional = false, isList = false): Field {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'default':
      return unwrap(def.innerType, true, isList);
    case 'array':
      return unwrap(def.element, optional, true);
    case 'pipe':
      return unwrap(def.in, optional, isList);
    default:
      return { schema, optional, isList };
  }
}

/** A row for each key, with those of what is below it. */
function rows(schema: z.core.$ZodType, prefix: string): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type !== 'object') return [];
  return Object.entries(def.shape).flatMap(([name, field]) => {
    const { schema: inner, optional, isList } = unwrap(field);
    const { description = '' } = zod.globalRegistry.get(field) ?? {};
    const key = `${prefix}${name}${isList ? '[]' : ''}`;
    const row = `| ${code(key)} | ${optional ? '' : 'yes'} | ${description.replaceAll('|', '\\|')} |`;
    // citations are the same everywhere
    return /^cites?$/.test(name) ? [row] : [row, ...rows(inner, `${key}.`)];
  });
}

const keys = (schema: z.core.$ZodType): string[] => [
  '| key | required | meaning |',
  '| --- | --- | --- |',
  ...rows(schema, ''),
  '',
];

const table = (title: string, where: string, entries: Record<string, string>): string[] => [
  `### ${title}`,
  '',
  `${where}`,
  '',
  '| word | meaning |',
  '| --- | --- |',
  ...Object.entries(entries).map(([word, text]) => `| ${code(word)} | ${text} |`),
  '',
];

/** The text of `docs/reference/evidence-format.md`: Markdown, ending with a newline. */
export function evidenceReference(): string {
  const lines = [
    '# The format of claims and sources',
    '',
    'Generated from the schemas in `src/evidence/schema`; do not edit. How to write one: [write a claim](../how-to/write-a-claim.md).',
    'A claim is a file `claims/ID.yaml`, a source a file `claims/sources/ID.yaml`. Unknown keys are errors. `[]` marks a list.',
    '',
    '## A claim',
    '',
    ...keys(claimSchema),
    '## A citation',
    '',
    'What `cite` is, and each entry of `cites`.',
    '',
    ...keys(citeSchema),
    '## A source',
    '',
    ...keys(sourceSchema),
    '## Words',
    '',
    ...table('Kinds', '`kind`', words.KINDS),
    ...table('Categories', '`category`', words.CATEGORIES),
    ...table('Maturity', '`axes.maturity`, in the words of MITRE ATLAS', words.MATURITIES),
    ...table('Setting', '`axes.setting`', words.SETTINGS),
    ...table('Sourcing', '`axes.sourcing`', words.SOURCINGS),
    ...table('Attribution', '`axes.attribution.to`', words.ATTRIBUTIONS),
    ...table('Reproduction', '`axes.reproduction.level`', words.REPRODUCTIONS),
    ...table('Certainty', '`axes.certainty.level`', words.CERTAINTIES),
    ...table('Design', '`axes.certainty.design`', words.DESIGNS),
    ...table('Lowered by', '`axes.certainty.down[].because`', words.LOWERED_BY),
    ...table('Raised by', '`axes.certainty.up[].because`', words.RAISED_BY),
    ...table('State of a debate', '`debate.state`', words.DEBATE_STATES),
    ...table('State of a step', '`escalation[].state`', words.STEP_STATES),
    ...table('Strength', '`counterarguments[].strength`', words.STRENGTHS),
    ...table('State of a counterargument', '`counterarguments[].state`', words.COUNTER_STATES),
    ...table('State of a contradiction', '`contradictions[].state`', words.CONTRADICTION_STATES),
    ...table('Relations', '`related[].how`: THIS … OTHER', words.RELATIONS),
    ...table('Verification', '`verification[].how`', words.VERIFIED_HOW),
    ...table('Types of sources', '`type` of a source', words.SOURCE_TYPES),
    ...table('Tiers', '`tier` of a source', words.TIERS),
    ...table('Checks', '`checked.how` of a source', words.CHECKS),
    ...table('Checks of quotes', '`checked` of a citation', words.QUOTE_CHECKS),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
