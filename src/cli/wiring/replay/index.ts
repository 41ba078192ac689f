/**
 * Replays: every path that a proof found, tried in a real cell. The cells run in namespaces of the replay's own, where no
 * network is but stand-ins on loopback, on scratch folders with canaries; nothing of the caller's is read but the contract.
 *
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeAuthority } from '../../../cell/trust/index.ts';
import type { Contract, Hazard } from '../../../contract/index.ts';
import { type Catalogue, witnessVariables } from '../../../prove/catalogue/index.ts';
import type { Destination } from '../../../prove/model/index.ts';
import { quote, type Refuted, type Replayed, type Report } from '../../../prove/report/index.ts';
import { inPlace, PLAIN_VARIABLES, secretVariable, type Written, withWorkspace } from './contract.ts';
import { personOf } from './person.ts';
import { type Attempt, fixedFolders, keyOf, type Marks, waysOf } from './recipe.ts';
import type { Job, Listening, Recipe, Result } from './types.ts';

export interface ReplayInput {
  readonly contract: Contract;
  /** The contract as it is written, read as YAML. */
  readonly written: Written;
  readonly report: Report;
  readonly catalogue: Catalogue;
  /** The caller's home. */
  readonly home: string;
  /** Launcher, the program inside, and the words that start `ringfence`. */
  readonly programs: {
    readonly launcher: string;
    readonly inside: readonly string[];
    readonly ringfence: readonly string[];
  };
  /** Called with each process, so that a signal can end it. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Milliseconds for one part of a recipe, and for all. */
const WITHIN = 30_000;
const ALL_WITHIN = 180_000;

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

/** Scratch folders of one replay. */
class Scratch {
  readonly root = mkdtempSync(join(tmpdir(), 'ringfence-replay-'));
  readonly home = join(this.root, 'home');
  readonly authority = join(this.root, 'authority.pem');

  constructor() {
    chmodSync(this.root, 0o755);
    mkdirSync(this.home);
  }

  recipe(id: string): { work: string; outside: string } {
    const [work, outside] = [join(this.root, id, 'work'), join(this.root, id, 'outside')] as const;
    for (const folder of [work, outside]) mkdirSync(folder, { recursive: true });
    return { work, outside };
  }

  remove(): void {
    // the overlay of a cell that was killed leaves a folder that nobody may enter
    spawnSync('chmod', ['-R', 'u+rwX', this.root], { stdio: 'ignore' });
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
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
    const tried = waysOf(verdict, contract, catalogue, marks);
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

function listeningOf({ network }: Contract): Listening[] {
  const all = new Map<string, Listening>();
  for (const { port, protocol } of network) {
    const transport = protocol === 'udp' ? 'udp' : 'tcp';
    all.set(`${transport}:${port}`, { port, transport });
  }
  return [...all.values()];
}

/** Files of the home that the contract shows: canaries, of the kind that the true ones are. */
function fillHome(scratch: string, { files }: Contract, home: string, canary: string): void {
  for (const written of files.read) {
    const below = written.startsWith('~/')
      ? written.slice(2)
      : written.startsWith(`${home}/`)
        ? written.slice(home.length + 1)
        : undefined;
    if (below === undefined || /[*?[{]|(^|\/)\.\.(\/|$)/.test(below)) continue;
    const path = join(scratch, below);
    const isFolder = lstatSync(join(home, below), { throwIfNoEntry: false })?.isDirectory() ?? false;
    mkdirSync(isFolder ? path : dirname(path), { recursive: true });
    const file = isFolder ? join(path, canary) : path;
    if (!existsSync(file)) writeFileSync(file, `${canary}\n`);
  }
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
  const passed = contract.environment.pass.filter((name) => !PLAIN_VARIABLES.has(name));
  const mark = join(outside, 'mark');
  const variables = witnessVariables({ canary: marks.canary, mark, outside, relay: '' });
  const environment = {
    ...variables,
    ...personOf(way.needs, scratch.home),
    XDG_STATE_HOME: join(scratch.root, 'state'),
    XDG_CACHE_HOME: join(scratch.root, 'cache'),
    XDG_RUNTIME_DIR: join(scratch.root, 'runtime'),
    ...Object.fromEntries(passed.map((name) => [name, marks.canary])),
    ...Object.fromEntries(
      Object.keys(contract.secrets).map((name) => [secretVariable(name), `secret-${marks.canary}`]),
    ),
  };
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

/** Runs the job in namespaces of its own; what it says is its results, and why there are none. */
async function perform(
  { contract, programs, onStart }: ReplayInput,
  job: Job,
  scratch: Scratch,
): Promise<{ results: Map<string, Result>; problem: string }> {
  const file = join(scratch.root, 'job.json');
  writeFileSync(file, JSON.stringify(job), { mode: 0o600 });
  mkdirSync(join(scratch.root, 'runtime'), { mode: 0o700 });
  const child = spawn(programs.launcher, ['stage', addressesOf(contract), ...programs.inside, file], {
    cwd: scratch.root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStart?.(child);
  let [out, problem] = ['', ''];
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    if (problem.length < 2000) problem += data.toString();
  });
  const timer = setTimeout(() => child.kill('SIGTERM'), ALL_WITHIN);
  await new Promise<void>((done) => {
    child.on('error', (error) => {
      problem += error.message;
      done();
    });
    child.on('close', () => done());
  });
  clearTimeout(timer);
  const results = out
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Result);
  return { results: new Map(results.map((result) => [result.id, result])), problem };
}

/** Addresses of the contract's own, which the replay's loopback has, too. */
function addressesOf({ network, resolve }: Contract): string {
  const written = [...network.map(({ host }) => host), ...Object.values(resolve).flat()];
  return [...new Set(['127.0.0.1', ...written.filter((each) => isIP(each) !== 0)])].join(',');
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
