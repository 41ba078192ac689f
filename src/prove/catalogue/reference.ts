/**
 * The catalogue's reference page, generated from its data so that the two cannot differ.
 *
 * @module
 */
import type * as z from 'zod';
import * as zod from 'zod/mini';
import type { Affordance, Catalogue } from './load.ts';
import { affordanceSchema, matchSchema, witnessSchema } from './schema.ts';
import { ACTORS, CONTAINER_WORDS, GAINS, KINDS, SECRETS, SERVICES } from './words.ts';

const code = (text: unknown): string => `\`${String(text)}\``;
const codes = (texts: readonly unknown[]): string => texts.map(code).join(', ');

/** Text as it is, whatever Markdown makes of its characters. */
const plain = (text: string): string => text.replace(/[*_<>|[\]`\\]/g, '\\$&');

function words(title: string, meaning: string, entries: Record<string, string>): string[] {
  const rows = Object.entries(entries).map(([word, text]) => `| ${code(word)} | ${plain(text)} |`);
  return [`## ${title}`, '', meaning, '', '| word | meaning |', '| --- | --- |', ...rows, ''];
}

/** A schema's fields and what each means. */
function fields(schema: z.core.$ZodObject, prefix = ''): string[] {
  return Object.entries(schema._zod.def.shape).map(([name, field]) => {
    const { description = '' } = zod.globalRegistry.get(field) ?? {};
    return `| ${code(prefix + name)} | ${description.replaceAll('|', '\\|')} |`;
  });
}

function matchText(affordance: Affordance): string {
  return Object.entries(affordance.match)
    .filter(([, values]) => values !== undefined)
    .map(([what, values]) => `${what} ${codes(values as readonly unknown[])}`)
    .join('; ');
}

function entry(affordance: Affordance): string[] {
  const { id, kind, title, prose, runs, condition, gives, hazards, source, safe, witness } = affordance;
  const acts = runs ? ` Acts as ${code(runs.as)}: ${plain(runs.when)}.` : '';
  const shown = witness
    ? `Witness: ${witness.shows}${witness.needs.length > 0 ? `, with ${codes(witness.needs)}` : ''}.`
    : `No witness: ${plain(affordance.unwitnessed ?? '')}`;
  return [
    `### ${plain(title)}`,
    '',
    `${code(id)}, ${kind}. ${plain(prose)}${acts}${condition ? ` Where: ${plain(condition)}` : ''}`,
    '',
    `- recognised by ${matchText(affordance)}`,
    `- gives ${codes(gives)}, towards ${codes(hazards)}`,
    `- closed by: ${plain(safe)}`,
    `- ${shown} Source: ${plain(source)}.`,
    '',
  ];
}

/** The text of `docs/reference/affordances.md`: Markdown, ending with a newline. */
export function affordanceReference({ affordances, families }: Catalogue): string {
  const lines = [
    '# The catalogue of affordances',
    '',
    'Generated from `rules/affordances/`; do not edit. An affordance is a step that a contract, or another sandbox’s settings,',
    'may leave open and that leads towards a hazard. A list like this is never complete, and nothing that is enforced rests on',
    `it being so. It has ${affordances.length} entries in ${families.length} families: ${families.map(({ name }) => `[${name}](#${name})`).join(', ')}.`,
    '',
    '## Fields of an entry',
    '',
    '| field | meaning |',
    '| --- | --- |',
    ...fields(affordanceSchema),
    ...fields(matchSchema, 'match.'),
    ...fields(witnessSchema, 'witness.'),
    '',
    ...words('Kinds', 'What an affordance is: `kind`.', KINDS),
    ...words('Actors', 'With whose rights a trigger acts: `runs.as`.', ACTORS),
    ...words('Gains', 'What is gained: `gives`.', {
      ...GAINS,
      'secrets:WHICH': 'secrets, of the kinds below',
    }),
    ...words('Secrets', 'Which secrets `secrets:` gives.', SECRETS),
    ...words(
      'Settings of containers',
      'The words of `match.container`; `cap:NAME` is a capability.',
      CONTAINER_WORDS,
    ),
    ...words('Services', 'The words of `match.service`.', SERVICES),
  ];
  for (const { name, about } of families) {
    lines.push(`## ${name}`, '', plain(about), '');
    lines.push(...affordances.filter(({ family }) => family === name).flatMap(entry));
  }
  return `${lines.join('\n').trimEnd()}\n`;
}
