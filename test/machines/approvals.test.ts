/**
 * Questions and answers, in every order: the production machines keep their promises, and each fault planted in them
 * breaks one.
 *
 * @module
 */
import { describe, expect, test } from 'vitest';
import * as approvals from '../../src/cli/wiring/approvals-machine.ts';
import * as questions from '../../src/gateway/approvals/machine.ts';
import { EXPLORED } from '../../src/prove/machines/index.ts';
import { MUTANTS } from './approvals-mutants.ts';
import type { ApprovalsCores } from './approvals-state.ts';
import { approvalsSystem } from './approvals-system.ts';
import { explore, stepsOf } from './explore.ts';
import { loadMutant } from './mutant.ts';
import { SCENARIOS } from './scenarios.ts';

const PRODUCTION: ApprovalsCores = { questions, approvals };

describe('every order of', () => {
  test.each(SCENARIOS)('$name', { timeout: 300_000 }, (scenario) => {
    const explored = explore(approvalsSystem(PRODUCTION, scenario));
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
  const bySize = SCENARIOS.toSorted((one, other) => size(one) - size(other));
  test.each(MUTANTS)('$fault', { timeout: 300_000 }, async (mutant) => {
    const cores = { ...PRODUCTION };
    if (mutant.file.startsWith('src/gateway/')) cores.questions = await loadMutant(mutant);
    else cores.approvals = await loadMutant(mutant);
    const found = bySize.some(
      (scenario) => explore(approvalsSystem(cores, scenario)).counterexample !== undefined,
    );
    expect(found, 'nothing was found').toBe(true);
  });
});
