/**
 * The contract's schema as JSON Schema, for editors and other tools.
 *
 * @module
 */
import * as z from 'zod';
import { contractSchema } from './schema.ts';

export const DRAFTS = ['draft-07', '2020-12'] as const;
export type Draft = (typeof DRAFTS)[number];

/**
 * JSON Schema of what people write (before defaults and units are applied). Editors such as those built on
 * yaml-language-server read draft-07; 2020-12 is for the rest.
 */
export function contractJsonSchema(draft: Draft = '2020-12'): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(contractSchema, {
    target: draft === 'draft-07' ? 'draft-7' : 'draft-2020-12',
    io: 'input',
    unrepresentable: 'any',
  });
  return {
    $schema,
    $id: `https://example.com/ringfence/contract-1.${draft}.json`,
    title: 'Ringfence contract',
    description: 'What an agent is for, what it may use, and what must never happen.',
    ...schema,
    examples: [
      { ringfence: 1, name: 'fix-unit-tests' },
      {
        ringfence: 1,
        name: 'install-dependencies',
        network: [{ host: 'registry.example.com', bytes: '500MiB' }],
        compute: { time: '10m' },
      },
    ],
  };
}
