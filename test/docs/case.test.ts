import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { greenInput } from '../../src/evidence/case/case.fixture.ts';
import { buildCase, caseJson } from '../../src/evidence/case/index.ts';
import { caseJsonSchema } from '../../src/evidence/case/json-schema.ts';

const FILE = join(import.meta.dirname, '../../docs/reference/safety-case.schema.json');

it('the JSON Schema of safety cases is that of the program', async () => {
  await expect(`${JSON.stringify(caseJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(FILE);
});

it('another validator takes a case by it, and no other', () => {
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(FILE, 'utf8')));
  const value = JSON.parse(caseJson(buildCase(greenInput())));
  expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ ...value, verdict: 'safe' })).toBe(false);
  expect(validate({ ...value, more: 1 })).toBe(false);
});
