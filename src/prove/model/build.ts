/**
 * Set-up and catalogue → model.
 *
 * @module
 */

import type { Setting } from '../setting/index.ts';
import { addAcceptance } from './accepts.ts';
import { addMounted } from './beside.ts';
import { addChanges } from './changes.ts';
import { addData } from './data.ts';
import { addFiles, SOME_HOME } from './files.ts';
import { gatesOf } from './gates.ts';
import { addNetwork } from './network.ts';
import { addOpenings } from './openings.ts';
import { RULES } from './rules/index.ts';
import { Sheet } from './sheet.ts';
import { type Model, type ModelInput, settingIn } from './types.ts';

/**
 * Makes the model of a set-up. Never throws for one that was read: what it cannot understand leaves hazards undecided.
 *
 * @example
 * solve(modelOf({ contract, catalogue }).world)
 */
export function modelOf(input: ModelInput): Model {
  const { catalogue, home = SOME_HOME } = input;
  const setting = settingIn(input);
  const sheet = new Sheet();
  sheet.add(['runs', 'agent'], 'model', 'a program runs in the cell');
  addUnexpressed(sheet, setting);
  const { isolation } = setting;
  sheet.add(['isolation', isolation.kind], isolation, `the isolation is ${isolation.kind}`);
  addCompute(sheet, setting);
  addFiles(sheet, { setting, catalogue, home });
  addMounted(sheet, setting);
  addData(sheet, { setting, catalogue, home });
  addNetwork(sheet, setting, catalogue);
  addOpenings(sheet, { setting, catalogue, home });
  addAcceptance(sheet);
  addGrading(sheet, setting);
  for (const actor of ['operator', 'other-user', 'service', 'machine'])
    sheet.add(
      ['oversees', actor],
      'model',
      `${actor} can change the ledger, the contract and the supervisor`,
    );
  for (const actor of ['operator', 'other-user', 'service', 'machine', 'ci', 'agent'])
    sheet.add(['online', actor], 'model', `no contract keeps ${actor} from the network`);
  addChanges(sheet, setting);
  return {
    world: { facts: sheet.facts, rules: RULES, bad: [] },
    origins: sheet.origins,
    destinations: sheet.destinations,
    attempts: sheet.attempts,
    gates: gatesOf(setting),
    changes: sheet.changes,
  };
}

/** What the form has no word for is decided by nobody. */
function addUnexpressed(sheet: Sheet, { unexpressed }: Setting): void {
  for (const each of unexpressed)
    if (each.hazards === undefined) sheet.add(['unsaid', each.clause], each, each.text);
    else for (const hazard of each.hazards) sheet.add(['unclear', each.clause, hazard], each, each.text);
}

function addCompute(sheet: Sheet, { programs, compute }: Setting): void {
  for (const each of programs) {
    const program = each.program === 'any' ? 'any program' : each.program;
    sheet.add(['executes', 'agent', program], each, `the agent executes ${program}`);
  }
  sheet.add(['spends', 'agent', 'cpu'], compute, `the run has ${compute.text}`);
  for (const gpu of compute.gpus) sheet.add(['spends', 'agent', gpu.text], gpu, `the run has ${gpu.text}`);
  if (!compute.bounded) sheet.add(['unbounded', 'compute'], compute, 'no limit ends what the run uses');
}

/** What grading has to compare with. */
function addGrading(sheet: Sheet, { grading, isolation }: Setting): void {
  const where = isolation.kind === 'reduced' ? 'copies in the reduced isolation' : 'fresh cells';
  const text = {
    none: 'nothing says how success is decided',
    unknown: 'the set-up does not say how success is decided',
    hidden: 'a check that the agent does not see decides, too',
    unprotected: `${grading.run} decides, and nothing is protected`,
    visible: `${grading.run} decides, with protected files restored in ${where}`,
  }[grading.kind];
  sheet.add(['graded', grading.kind], grading, text);
}
