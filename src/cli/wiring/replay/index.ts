/**
 * Replays: every path that a proof found, tried in a real cell. The cells run in namespaces of the replay's own, where no
 * network is but stand-ins on loopback, on scratch folders with canaries; nothing of the caller's is read but the contract.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAuthority } from '../../../cell/trust/index.ts';
import type { Contract, Hazard } from '../../../contract/index.ts';
import { type Catalogue, witnessVariables } from '../../../prove/catalogue/index.ts';
import type { Destination } from '../../../prove/model/index.ts';
import { quote, type Refuted, type Replayed, type Report } from '../../../prove/report/index.ts';
import { inPlace, type Written, withWorkspace } from './contract.ts';
import { ALL_WITHIN, listeningOf, type Performing, perform, WITHIN } from './perform.ts';
import { type Attempt, fixedFolders, keyOf, type Marks, waysOf } from './recipe.ts';
import { environmentOf, fillHome, Scratch } from './scratch.ts';
import type { Job, Recipe, Result } from './types.ts';

export type { Programs } from './perform.ts';
export { tryWitnesses } from './witnesses.ts';

export interface ReplayInput extends Performing {
  /** The contract as it is written, read as YAML. */
  readonly written: Written;
  readonly report: Report;
  readonly catalogue: Catalogue;
  /** The caller's home. */
  readonly home: string;
}

const refutedOf = ({ verdicts }: Report): Refuted[] =>
  verdicts.filter((verdict): verdict is Refuted => verdict.verdict === 'REFUTED');

/** The report, with what became of each of its paths. */
export async function replayReport(input: ReplayInput): Promise<Report> {
  const outcomes = await replayPaths(input);
  return {
    ...input.report,
    verdicts: input.report.verdicts.map((verdict) => {
      const replay = outcomes.get(verdict.hazard);
      return verdict.verdict === 'REFUTED' && replay ? { ...verdict, replay } : verdict;
    }),
  };
}

interface Planned {
  readonly hazards: Hazard[];
  readonly ways: readonly Attempt[];
  readonly recipes: Recipe[];
}

/** What became of each path. Never throws for what a path does; only where no scratch folder can be made. */
export async function replayPaths(input: ReplayInput): Promise<Map<Hazard, Replayed>> {
  const outcomes = new Map<Hazard, Replayed>();
  const scratch = new Scratch();
  try {
    const { job, planned } = plan(input, scratch, outcomes);
    if (planned.length === 0) return outcomes;
    const { results, problem } = await perform(input, job, scratch);
    for (const { hazards, ways, recipes } of planned)
      for (const hazard of hazards) outcomes.set(hazard, outcomeOf(ways, recipes, results, problem));
    return outcomes;
  } finally {
    scratch.remove();
  }
}

/** Fills `outcomes` with what cannot be tried. */
function plan(
  input: ReplayInput,
  scratch: Scratch,
  outcomes: Map<Hazard, Replayed>,
): { job: Job; planned: Planned[] } {
  const { contract, report, catalogue, home } = input;
  const order = `order${randomBytes(8).toString('hex')}`;
  const canary = `canary${randomBytes(8).toString('hex')}`;
  const refuted = refutedOf(report);
  const names = namesOf(contract, refuted);
  const hosts = [...new Set([...contract.network.map(({ host }) => host), ...names.values()])];
  const authority = makeAuthority({ run: 'replay', hosts, time: ALL_WITHIN });
  writeFileSync(scratch.authority, authority.certificate);
  const inner = inPlace(input.written, contract, { home, names, authority: scratch.authority });
  fillHome(scratch.home, contract, home, canary);
  const planned = new Map<string, Planned>();
  const marks = { canary, order };
  for (const verdict of refuted) {
    const tried = waysOf(verdict, contract, catalogue, marks, home);
    if (!tried.ok) {
      outcomes.set(verdict.hazard, { replayed: 'not replayable', why: tried.why });
      continue;
    }
    const key = keyOf(verdict.trail, tried.ways);
    const known = planned.get(key);
    if (known) {
      known.hazards.push(verdict.hazard);
      continue;
    }
    const id = `path${planned.size}`;
    const recipes = tried.ways.map((way, index) =>
      recipeOf(input, scratch, inner, { path: id, id: `${id}.${index}` }, way, marks),
    );
    planned.set(key, { hazards: [verdict.hazard], ways: tried.ways, recipes });
  }
  const job: Job = {
    recipes: [...planned.values()].flatMap(({ recipes }) => recipes),
    listening: listeningOf(contract),
    order,
    authority,
    ringfence: input.programs.ringfence,
    within: WITHIN,
  };
  return { job, planned: [...planned.values()] };
}

/** Names for wildcards are those that the paths go through. */
function namesOf(contract: Contract, refuted: readonly Refuted[]): Map<number, string> {
  const destinations = refuted.flatMap(({ trail }): Destination[] =>
    trail.destination ? [trail.destination] : [],
  );
  const names = new Map<number, string>();
  for (const [index, { host }] of contract.network.entries()) {
    const reached = destinations.find((to) =>
      host.startsWith('*.') ? to.host.endsWith(host.slice(1)) : to.host === host,
    );
    names.set(index, reached?.host ?? host.replace(/^\*\./, 'stand-in.'));
  }
  return names;
}

function recipeOf(
  { contract }: ReplayInput,
  scratch: Scratch,
  inner: Written,
  { path, id }: { path: string; id: string },
  way: Attempt,
  marks: Marks,
): Recipe {
  const { work, outside } = scratch.recipe(id);
  writeFileSync(join(work, `${marks.canary}.txt`), `${marks.canary}\n`);
  for (const folder of fixedFolders(contract.files.write)) mkdirSync(join(work, folder), { recursive: true });
  const mark = join(outside, 'mark');
  const variables = witnessVariables({ canary: marks.canary, mark, outside, relay: '' });
  const environment = { ...variables, ...environmentOf(contract, way.needs, scratch, marks.canary) };
  const exports = Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quote(value)}`)
    .join('\n');
  const shell = way.needs.includes('bash') ? 'bash' : (way.needs[0] ?? 'sh');
  return {
    id,
    path,
    contract: withWorkspace(inner, work),
    work,
    outside,
    setup: way.setup,
    cells: way.cells.map((text) => [shell, '-c', `${exports}\n${text}`]),
    judges: way.judges,
    environment,
  };
}

function outcomeOf(
  ways: readonly Attempt[],
  recipes: readonly Recipe[],
  results: ReadonlyMap<string, Result>,
  problem: string,
): Replayed {
  const done = recipes.map(({ id }) => results.get(id));
  const at = done.findIndex((result) => result?.seen);
  const seen = done[at];
  if (seen) return { replayed: 'yes', why: ways[at]?.shows[seen.judge] ?? '' };
  if (done.every((result) => result === undefined))
    return {
      replayed: 'not replayable',
      why: `the replay could not be run: ${lastLine(problem) || 'it did not end in time'}`,
    };
  if (done.some((result) => result?.cannot))
    return { replayed: 'not replayable', why: 'this machine cannot show it' };
  const said = lastLine(done.findLast((result) => result !== undefined)?.output ?? '');
  return {
    replayed: 'no',
    why: `no effect was seen outside${said === '' ? '' : `; the last line was: ${said}`}`,
  };
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
