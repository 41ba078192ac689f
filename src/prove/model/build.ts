/**
 * Contract and catalogue → model.
 *
 * @module
 */
import { addFiles } from './files.ts';
import { addNetwork } from './network.ts';
import { gatesOf, RULES } from './rules.ts';
import { Sheet } from './sheet.ts';
import type { Model, ModelInput } from './types.ts';

/**
 * Makes the model of a contract. Never throws for a contract that was loaded: what it cannot read leaves hazards undecided.
 *
 * @example
 * solve(modelOf({ contract, catalogue }).world)
 */
export function modelOf(input: ModelInput): Model {
  const { contract, catalogue } = input;
  const sheet = new Sheet();
  sheet.add(['runs', 'agent'], 'model', 'a program runs in the cell');
  for (const section of ['models', 'tools', 'people'] as const)
    if ((contract[section] ?? []).length > 0) sheet.unread(section, `the model knows nothing of ${section}`);
  sheet.add(['isolation', contract.isolation], 'isolation', `the isolation is ${contract.isolation}`);
  addCompute(sheet, input);
  addFiles(sheet, input);
  addEnvironment(sheet, input);
  addNetwork(sheet, contract, catalogue);
  addGrading(sheet, input);
  for (const actor of ['operator', 'other-user', 'service'])
    sheet.add(
      ['oversees', actor],
      'model',
      `${actor} can change the ledger, the contract and the supervisor`,
    );
  for (const actor of ['operator', 'other-user', 'service', 'ci', 'agent'])
    sheet.add(['online', actor], 'model', `no contract keeps ${actor} from the network`);
  addChanges(sheet, input);
  return {
    world: { facts: sheet.facts, rules: RULES, bad: [] },
    origins: sheet.origins,
    destinations: sheet.destinations,
    attempts: sheet.attempts,
    gates: gatesOf(contract.isolation),
    changes: sheet.changes,
  };
}

function addCompute(sheet: Sheet, { contract: { programs, compute } }: ModelInput): void {
  const list = programs === 'any' ? ['any program'] : programs;
  for (const [index, program] of list.entries())
    sheet.add(
      ['executes', 'agent', program],
      programs === 'any' ? 'programs' : `programs[${index}]`,
      `the agent executes ${program}`,
    );
  sheet.add(
    ['spends', 'agent', 'cpu'],
    'compute',
    `the run has ${compute.cpus.max} CPUs for ${Math.round(compute['cpu-time'].max / 1000)} s of CPU time`,
  );
}

function addEnvironment(sheet: Sheet, { contract: { environment, secrets }, catalogue }: ModelInput): void {
  for (const [index, name] of environment.pass.entries()) {
    sheet.add(
      ['knows', 'agent', `env:${name}`],
      `environment.pass[${index}]`,
      `the agent reads the variable ${name}`,
    );
    for (const entry of catalogue.affordances) {
      const isNamed = (entry.match.env ?? []).some((each) =>
        each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : each === name,
      );
      if (entry.kind === 'authority' && isNamed) sheet.holds(`env:${name}`, entry, name);
    }
  }
  for (const name of Object.keys(environment.set))
    sheet.add(
      ['knows', 'agent', `env:${name}`],
      `environment.set.${name}`,
      `the agent reads the variable ${name}`,
    );
  for (const [name, { for: hosts }] of Object.entries(secrets))
    sheet.add(
      ['lends', name],
      `secrets.${name}`,
      `the gateway puts ${name} into requests to ${hosts.join(', ')}; its value stays outside`,
    );
}

/** What grading has to compare with. */
function addGrading(sheet: Sheet, { contract: { objective, isolation } }: ModelInput): void {
  const { success, hidden } = objective;
  const where = isolation === 'landlock' ? 'copies in the reduced isolation' : 'fresh cells';
  const [kind, clause, text] =
    success === undefined
      ? (['none', 'objective.success', 'nothing says how success is decided'] as const)
      : hidden !== undefined
        ? (['hidden', 'objective.hidden', 'a check that the agent does not see decides, too'] as const)
        : success.protect.length === 0
          ? ([
              'unprotected',
              'objective.success',
              `${success.run} decides, and nothing is protected`,
            ] as const)
          : ([
              'visible',
              'objective.success',
              `${success.run} decides, with protected files restored in ${where}`,
            ] as const);
  sheet.add(['graded', kind], clause, text);
}

/** Costs are of what the objective loses: words of a few at most. */
function addChanges(sheet: Sheet, { contract }: ModelInput): void {
  const origin = (clause: string, cost: number, label: string, predicates: readonly string[]) =>
    sheet.change(label, cost, (fact, from) => from.clause === clause && predicates.includes(fact[0]));
  if (contract.files.workspace.mode === 'direct')
    origin('files.workspace.mode', 1, 'write files.workspace as an overlay', ['direct']);
  for (const [index, effect] of contract.oversight.approve.entries())
    origin(`oversight.approve[${index}]`, 1, `remove ${effect} from oversight.approve`, ['asks']);
  for (const [index, name] of contract.environment.pass.entries())
    origin(`environment.pass[${index}]`, 1, `remove ${name} from environment.pass`, ['knows']);
  for (const [index, path] of contract.files.read.entries())
    origin(`files.read[${index}]`, 2, `remove ${path} from files.read`, ['knows']);
  if (contract.objective.success !== undefined)
    origin('objective.success', 3, 'add a check that the agent does not see: objective.hidden', ['graded']);
  for (const [index, { host, port }] of contract.network.entries())
    origin(`network[${index}]`, 5, `remove network[${index}] (${host}:${port})`, ['reaches']);
  sheet.change('let the agent write nothing: files.write: []', 20, ([predicate]) => predicate === 'writes');
}
