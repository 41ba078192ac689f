/**
 * Freeze, thaw, stop and kill, in every order: the production machines keep their promises, and each fault planted in
 * them breaks one.
 *
 * @module
 */
import { describe, expect, test } from 'vitest';
import * as production from '../../src/cli/wiring/control-machine.ts';
import { EXPLORED } from '../../src/prove/machines/index.ts';
import { MUTANTS } from './control-mutants.ts';
import { CONTROL_SCENARIOS } from './control-scenarios.ts';
import { controlSystem, holdTable } from './control-system.ts';
import { explore, stepsOf } from './explore.ts';
import { loadMutant, mutated } from './mutant.ts';

const table = holdTable();

describe('every order of', () => {
  test.each(CONTROL_SCENARIOS)('$name', { timeout: 300_000 }, (scenario) => {
    const explored = explore(controlSystem(production, table, scenario));
    console.log(
      `${scenario.name}: ${explored.states} states, ${explored.transitions} steps, ${explored.depth} deep`,
    );
    expect(stepsOf(explored)).toBe('none');
    expect(explored.resting).toBeGreaterThan(0);
    expect([explored.states, explored.transitions], 'src/prove/machines is current').toEqual(
      EXPLORED[scenario.name],
    );
  });
});

describe('a fault is found:', () => {
  // the smallest first: most faults show there, and only what shows nowhere is looked for everywhere
  const size = ({ name }: { name: string }) => EXPLORED[name]?.[0] ?? 0;
  const bySize = CONTROL_SCENARIOS.toSorted((one, other) => size(one) - size(other));
  test.each(MUTANTS)('$fault', { timeout: 300_000 }, async (mutant) => {
    const isC = mutant.file.endsWith('.c');
    const core = isC ? production : await loadMutant<typeof production>(mutant);
    const states = isC ? holdTable(mutated(mutant)) : table;
    const found = bySize.some(
      (scenario) => explore(controlSystem(core, states, scenario)).counterexample !== undefined,
    );
    expect(found, 'nothing was found').toBe(true);
  });
});
