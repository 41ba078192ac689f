/**
 * Every witness of the catalogue really works, and a plain contract closes it.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCatalogue, type Witness } from '../../src/prove/catalogue/index.ts';
import { missingPrograms, runBare, runInCell } from './witness.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const loaded = loadCatalogue(join(ROOT, 'rules/affordances'));
if (!loaded.ok) throw new Error('the catalogue is not valid');
const ONLY = process.env.RINGFENCE_WITNESS;
const witnessed = loaded.catalogue.affordances.flatMap(({ id, witness }) =>
  witness && (ONLY === undefined || id.startsWith(ONLY)) ? [{ id, witness }] : [],
);

it('is run from a repository that was built', () => {
  expect(existsSync(join(ROOT, 'dist/cli.js'))).toBe(true);
});

type Expectation = (witness: Witness) => Promise<void>;

function each(title: string, expectation: Expectation): void {
  describe.concurrent(title, () => {
    for (const { id, witness } of witnessed)
      it(id, async (context) => {
        const missing = missingPrograms(witness);
        if (missing.length > 0) return context.skip(`not here: ${missing.join(', ')}`);
        await expectation(witness);
      });
  });
}

each('bare, the effect happens', async (witness) => {
  const { happened, output } = await runBare(witness);
  expect(happened, output).toBe(true);
});

each('without the attempt, there is no effect', async (witness) => {
  const { happened, output } = await runBare(witness, 'without the attempt');
  expect(happened, output).toBe(false);
});

each('in a cell of a plain contract, the attempt has no effect', async (witness) => {
  const { happened, started, output } = await runInCell(witness);
  expect(started, output).toBe(true);
  expect(happened, output).toBe(false);
});
