/**
 * Every witness of the catalogue really works: bare and, where a contract can open what it needs, in a cell. Without the
 * attempt, or in a cell of a plain contract, nothing happens.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { missingPrograms } from '../../src/cli/wiring/replay/person.ts';
import { type Affordance, loadCatalogue, type Witness } from '../../src/prove/catalogue/index.ts';
import { type Outcome, runBare, runInCell } from './witness.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const loaded = loadCatalogue(join(ROOT, 'rules/affordances'));
if (!loaded.ok) throw new Error('the catalogue is not valid');
/** One family or entry alone, while working on it: `RINGFENCE_WITNESS=git.hook`. */
const ONLY = process.env.RINGFENCE_WITNESS;
type Witnessed = Affordance & { witness: Witness };
const witnessed = loaded.catalogue.affordances.filter(
  (one): one is Witnessed => one.witness !== undefined && (ONLY === undefined || one.id.startsWith(ONLY)),
);

it('is run from a repository that was built', () => {
  expect(existsSync(join(ROOT, 'dist/cli.js'))).toBe(true);
});

function each(
  title: string,
  among: readonly Witnessed[],
  run: (witness: Witness) => Promise<Outcome>,
  expected: boolean,
): void {
  describe.concurrent(title, () => {
    for (const { id, witness } of among)
      it(id, async (context) => {
        const missing = missingPrograms(witness);
        if (missing.length > 0) return context.skip(`not here: ${missing.join(', ')}`);
        const { happened, cannot, output } = await run(witness);
        if (cannot) return context.skip('this machine’s kernel does not have it');
        expect(happened, output).toBe(expected);
      });
  });
}

/** Needs no more than the workspace and a service by name, which is what contracts can give. */
function isOpenable({ kind, witness }: Witnessed): boolean {
  const attempt = witness.attempt.join('\n');
  const isOutside =
    /\$HOME|--global|\$SOCKET|\$\{SEEN|\/proc\//.test(attempt) || Object.keys(witness.env).length > 0;
  const isUdp = attempt.includes('SOCK_DGRAM');
  return (
    !isOutside && !isUdp && (kind === 'trigger' || attempt.includes('$RELAY') || attempt.includes('{RELAY'))
  );
}

each('bare, the effect happens', witnessed, (witness) => runBare(witness), true);
each(
  'without the attempt, there is no effect',
  witnessed,
  (witness) => runBare(witness, 'without the attempt'),
  false,
);
each(
  'in a cell whose contract opens the workspace and the service, the effect happens',
  witnessed.filter(isOpenable),
  (witness) => runInCell(witness, 'open'),
  true,
);
each(
  'in a cell of a plain contract, the attempt has no effect',
  witnessed,
  async (witness) => {
    const { started, ...outcome } = await runInCell(witness, 'plain');
    expect(started, outcome.output).toBe(true);
    return outcome;
  },
  false,
);
