/**
 * `ringfence schema`.
 *
 * @module
 */
import { contractJsonSchema } from '../../contract/json-schema.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

export function run({ options, terminal }: Invocation<'schema'>): number {
  const schema = contractJsonSchema(options.draft === '7' ? 'draft-07' : '2020-12');
  terminal.out(JSON.stringify(schema, null, 2));
  return EXIT.ok;
}
