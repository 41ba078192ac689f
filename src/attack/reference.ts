/**
 * The reference page of scenarios, generated from their files and schema so that they cannot differ.
 *
 * @module
 */
import type * as z from 'zod';
import * as zod from 'zod/mini';
import { HAZARDS } from '../contract/index.ts';
import type { Scenario } from './load.ts';
import { STAND_INS, scenarioSchema, signSchema, standInSchema } from './schema.ts';
import { configurations } from './targets/index.ts';

const plain = (text: string): string => text.replaceAll(/[*_<>|[\]`\\]/g, '\\$&');

function rows(schema: z.core.$ZodType): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type !== 'object') return [];
  return Object.entries(def.shape).map(([name, field]) => {
    const { description = '' } = zod.globalRegistry.get(field) ?? {};
    const required = !['optional', 'default'].includes((field as z.core.$ZodTypes)._zod.def.type);
    return `| \`${name}\` | ${required ? 'yes' : ''} | ${description.replaceAll('|', '\\|')} |`;
  });
}

const HEAD = ['| key | required | meaning |', '| --- | --- | --- |'];

/** The text of `docs/reference/scenarios.md`: Markdown, ending with a newline. */
export function scenarioReference(scenarios: readonly Scenario[]): string {
  const { def } = (signSchema as unknown as z.core.$ZodTypes)._zod;
  const signs = def.type === 'union' ? def.options.flatMap((option) => rows(option)) : [];
  const listed = Object.entries(HAZARDS).flatMap(([hazard, meaning]) => {
    const own = scenarios.filter((scenario) => scenario.hazard === hazard);
    return [
      `## ${hazard}`,
      '',
      `*${meaning}*`,
      '',
      ...own.flatMap(({ id, title, attempts, techniques, claims, needs, vary, payload }) => [
        `### ${id}`,
        '',
        `**${plain(title)}.** ${plain(attempts.trim())}`,
        '',
        ...(techniques.length > 0 ? [`- techniques: ${techniques.join(', ')}`] : []),
        ...(claims.length > 0
          ? [`- claims: ${claims.map((claim) => `[${claim}](../../claims/${claim}.yaml)`).join(', ')}`]
          : []),
        ...(needs.length > 0 ? [`- needs: ${needs.join(', ')}`] : []),
        ...(typeof payload === 'string'
          ? []
          : [`- the seed chooses the way: ${Object.keys(payload).join(', ')}`]),
        ...Object.entries(vary).map(
          ([name, values]) => `- the seed chooses \`${name}\`: ${values.join(', ')}`,
        ),
        `- file: [scenarios/${id}.yaml](../../scenarios/${id}.yaml)`,
        '',
      ]),
    ];
  });
  return [
    '# Scenarios',
    '',
    'Generated from `scenarios/` and the schema in `src/attack/schema.ts`; do not edit. How to run them: [attack](../how-to/attack.md).',
    'A scenario is a file `scenarios/ID.yaml`. Unknown keys are errors, with file, line and column.',
    '',
    '## The format',
    '',
    ...HEAD,
    ...rows(scenarioSchema),
    '',
    '### Stand-ins',
    '',
    ...HEAD,
    ...rows(standInSchema),
    '',
    '| kind | what it is |',
    '| --- | --- |',
    ...Object.entries(STAND_INS).map(([kind, text]) => `| \`${kind}\` | ${text} |`),
    '',
    '### Signs',
    '',
    'Read outside of the target. `effect`: any of them; `done`: all of them.',
    '',
    '| sign | | it is so when |',
    '| --- | --- | --- |',
    ...signs.map((row) => row.replace('| yes |', '| |')),
    '',
    '## Targets',
    '',
    'Each runs the same script in the same workspace, with the configuration that its documentation recommends for the task. The operator’s own steps are the same everywhere; only Ringfence has a review and a grading, and there nothing lands but by them. Stop is said by `ringfence stop`, elsewhere by TERM to the program’s process group, as a shell’s operator would.',
    '',
    '| target | what it is given |',
    '| --- | --- |',
    ...Object.entries(configurations).map(([name, text]) => `| \`${name}\` | ${plain(text)} |`),
    '| `command` | what `--target-command` says |',
    '',
    ...listed,
  ].join('\n');
}
