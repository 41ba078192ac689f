/**
 * The report on the coding agent's contract is the one that the page shows. To write it anew: `vitest run test/docs/prove-report.test.ts -u`.
 */

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { subjectOf } from '../../src/cli/prove/subject.ts';
import { viewOf } from '../../src/cli/prove/view.ts';
import { parseContract } from '../../src/contract/index.ts';
import { loadCatalogue } from '../../src/prove/catalogue/index.ts';
import { reportText } from '../../src/prove/report/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');

function page(): string {
  const file = 'contracts/coding-agent.yaml';
  const catalogue = loadCatalogue(join(ROOT, 'rules/affordances'));
  const contract = parseContract(readFileSync(join(ROOT, file), 'utf8'), file);
  if (!catalogue.ok || !contract.ok) throw new Error('the catalogue or the contract is not valid');
  const subject = subjectOf(contract, { ...catalogue, digest: '', home: '/home/operator' });
  return [
    '# What `prove` says of the coding agent’s contract',
    '',
    'Generated; do not edit. It is what `ringfence prove contracts/coding-agent.yaml` prints; [how to read it](../how-to/prove.md).',
    '',
    '```text',
    reportText(subject.report, viewOf(subject)).trimEnd(),
    '```',
    '',
  ].join('\n');
}

it('docs/reference/prove-report.md is what is printed', async () => {
  await expect(page()).toMatchFileSnapshot(join(ROOT, 'docs/reference/prove-report.md'));
});
