/**
 * The generated pages are what the program would generate now. To write them anew: `vitest run test/docs/reference.test.ts -u`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { loadScenarios, scenarioReference } from '../../src/attack/index.ts';
import { COMMANDS } from '../../src/cli/table.ts';
import { contractReference } from '../../src/contract/reference.ts';
import { attestationReference } from '../../src/evidence/attest/index.ts';

import { evidenceReference } from '../../src/evidence/reference.ts';
import { statusReference } from '../../src/evidence/status-reference.ts';
import { affordanceReference, loadCatalogue } from '../../src/prove/catalogue/index.ts';
import { rulesReference } from '../../src/prove/explain/index.ts';
import { detectionReference } from '../../src/watch/analyse/reference.ts';
import { loadRules } from '../../src/watch/sigma/index.ts';

const PAGES = resolve(import.meta.dirname, '../../docs/reference');

/** One row for each exit code of each command. */
function exitCodes(): string {
  const rows = COMMANDS.flatMap(({ name, exitCodes }) =>
    exitCodes.map(({ code, when }) => `| \`${name}\` | ${code} | ${when} |`),
  );
  return [
    '# Exit codes',
    '',
    'Generated from the command table; do not edit.',
    '',
    '| command | code | when |',
    '| --- | --- | --- |',
    ...rows,
    '',
    'Every command: 125 where `dist/` or Node is missing, so that nothing could start.',
    '',
  ].join('\n');
}

it('docs/reference/contract.md is that of the schema', async () => {
  await expect(contractReference()).toMatchFileSnapshot(join(PAGES, 'contract.md'));
});

it('docs/reference/exit-codes.md is that of the command table', async () => {
  await expect(exitCodes()).toMatchFileSnapshot(join(PAGES, 'exit-codes.md'));
});

it('docs/reference/affordances.md is that of the catalogue', async () => {
  const loaded = loadCatalogue(resolve(import.meta.dirname, '../../rules/affordances'));
  if (!loaded.ok) throw new Error('the catalogue is not valid');
  await expect(affordanceReference(loaded.catalogue)).toMatchFileSnapshot(join(PAGES, 'affordances.md'));
});

it('docs/reference/evidence-format.md is that of the schemas', async () => {
  await expect(evidenceReference()).toMatchFileSnapshot(join(PAGES, 'evidence-format.md'));
});

it('docs/reference/evidence-status.md is that of the rules', async () => {
  await expect(statusReference()).toMatchFileSnapshot(join(PAGES, 'evidence-status.md'));
});

it('docs/reference/hazards-and-rules.md is that of the model', async () => {
  const loaded = loadCatalogue(resolve(import.meta.dirname, '../../rules/affordances'));
  if (!loaded.ok) throw new Error('the catalogue is not valid');
  await expect(rulesReference(loaded.catalogue)).toMatchFileSnapshot(join(PAGES, 'hazards-and-rules.md'));
});

it('docs/reference/rules.md is that of the rules', async () => {
  const root = resolve(import.meta.dirname, '../../rules');
  const texts = ['detections', 'monitors'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .sort()
      .map((name) => [name, readFileSync(join(root, folder, name), 'utf8')] as const),
  );
  const { rules, formulas, problems } = loadRules(texts);
  expect(problems).toEqual([]);
  await expect(detectionReference([...rules, ...formulas])).toMatchFileSnapshot(join(PAGES, 'rules.md'));
});

it('docs/reference/attestations.md is that of the statements', async () => {
  await expect(attestationReference()).toMatchFileSnapshot(join(PAGES, 'attestations.md'));
});

it('docs/reference/scenarios.md is that of the scenarios', async () => {
  const loaded = loadScenarios(resolve(import.meta.dirname, '../..'));
  if (!loaded.ok) throw new Error('the scenarios are not valid');
  await expect(scenarioReference(loaded.scenarios)).toMatchFileSnapshot(join(PAGES, 'scenarios.md'));
});
