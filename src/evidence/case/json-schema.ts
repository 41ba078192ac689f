/**
 * The JSON Schema of a safety case, for programs of other people.
 *
 * @module
 */
import * as z from 'zod/mini';
import { caseSchema } from './schema.ts';

export const caseJsonSchema = (): Record<string, unknown> => ({
  $id: 'https://example.com/ringfence/safety-case-1.json',
  title: 'Ringfence safety case, version 1',
  description: 'What `ringfence case --json` prints, and `--diff` reads.',
  ...z.toJSONSchema(caseSchema, { io: 'output' }),
});
