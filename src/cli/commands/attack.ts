/**
 * `ringfence attack`.
 *
 * @module
 */
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import {
  configurationLines,
  faultsOf,
  findTargets,
  hazardTable,
  loadScenarios,
  readTools,
  runBattery,
  type Scenario,
  sumUp,
  TARGET_NAMES,
  type Target,
  type TargetName,
  type Trial,
  tellable,
  trialLine,
} from '../../attack/index.ts';
import { formatProblem } from '../../contract/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { Witness } from '../evidence/witness.ts';
import { EXIT } from '../exit-codes.ts';
import { ensureFolder, folders } from '../folders.ts';
import { installation, VERSION } from '../installation.ts';
import { safe } from '../text.ts';

const INTERRUPTED = 130;
const MOST_SEEDS = 10_000;

type Attack = Invocation<'attack'>;

const wrong = (message: string, hint: string) => new CommandError('usage', message, hint, EXIT.usage);

function wholeNumber(text: string | undefined, option: string, fallback: number, most: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw wrong(
      `--${option} ${safe(text)} is not a number from 1 to ${most}`,
      `write for example --${option} 1`,
    );
  return value;
}

const words = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

function targetNames(text: string | undefined): TargetName[] {
  const names = text === undefined ? ['ringfence', 'none'] : words(text);
  const unknown = names.find((name) => !(TARGET_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined || names.length === 0)
    throw wrong(
      unknown === undefined ? '--targets names none' : `there is no target ${safe(unknown)}`,
      `write one or more of ${TARGET_NAMES.join(', ')}; others are started by --target-command`,
    );
  return [...new Set(names)] as TargetName[];
}

function chosen(all: readonly Scenario[], patterns: string | undefined): Scenario[] {
  if (patterns === undefined) return [...all];
  const wanted = words(patterns);
  const matches = (scenario: Scenario, word: string) =>
    scenario.hazard === word || scenario.id.startsWith(word);
  const empty = wanted.find((word) => !all.some((scenario) => matches(scenario, word)));
  if (empty !== undefined || wanted.length === 0)
    throw wrong(`no scenario is called ${safe(empty ?? '')}`, 'list them: ringfence attack --list');
  return all.filter((scenario) => wanted.some((word) => matches(scenario, word)));
}

/** Every problem of the scenarios is printed; `undefined`: there is one. */
function readScenarios(root: string, { terminal }: Attack): Scenario[] | undefined {
  const loaded = loadScenarios(root);
  if (loaded.ok) return loaded.scenarios;
  for (const problem of loaded.problems) terminal.err(formatProblem(problem));
  return undefined;
}

function list(scenarios: readonly Scenario[], { options, terminal }: Attack): number {
  if (options.json) {
    const shown = scenarios.map(({ id, hazard, title, techniques, claims, needs, digest }) => ({
      id,
      hazard,
      title,
      techniques,
      claims,
      needs,
      digest,
    }));
    terminal.out(JSON.stringify(shown, null, 2));
    return EXIT.ok;
  }
  let hazard = '';
  for (const scenario of scenarios) {
    if (scenario.hazard !== hazard) terminal.out(terminal.style('bold', scenario.hazard));
    hazard = scenario.hazard;
    terminal.out(`  ${scenario.id}: ${safe(scenario.title)}`);
  }
  return EXIT.ok;
}

/** Those that are here; of the others it is said why not. */
function targetsHere(
  { options, terminal }: Attack,
  ringfence: readonly string[],
): { targets: Target[]; missing: { target: string; reason: string }[] } {
  const found = findTargets(
    targetNames(options.targets),
    { words: ringfence, version: VERSION },
    options['target-command'],
  );
  const missing = found.flatMap((one) => (one.ok ? [] : [{ target: one.name, reason: one.reason }]));
  for (const { target, reason } of missing) terminal.err(`attack: ${target} is left out: ${safe(reason)}`);
  const targets = found.flatMap((one) => (one.ok ? [one.target] : []));
  if (targets.length === 0) throw new CommandError('no-target', 'no target is here', 'see the reasons above');
  return { targets, missing };
}

function journalOf(resume: string | undefined): string {
  if (resume !== undefined) return resolve(resume);
  const folder = join(folders().runs, '..', 'attacks');
  ensureFolder(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${process.pid}.jsonl`);
}

export async function run(invocation: Attack): Promise<number> {
  const { options, terminal } = invocation;
  const { root, launcher } = installation();
  const all = readScenarios(root, invocation);
  if (all === undefined) return EXIT.usage;
  const scenarios = chosen(all, options.scenarios);
  if (options.list) return list(scenarios, invocation);
  const bundled = import.meta.dirname.startsWith(join(root, 'dist'));
  const ringfence = [
    process.execPath,
    bundled ? join(root, 'dist', 'cli.js') : join(root, 'src', 'cli', 'entry.ts'),
  ];
  const inside = bundled ? join(root, 'dist', 'attack.js') : join(root, 'src', 'attack', 'inside', 'main.ts');
  const { targets, missing } = targetsHere(invocation, ringfence);
  const first = wholeNumber(options.seed, 'seed', 1, Number.MAX_SAFE_INTEGER);
  const count = wholeNumber(options.seeds, 'seeds', 1, MOST_SEEDS);
  const jobs = wholeNumber(options.jobs, 'jobs', availableParallelism(), 64);
  const journal = journalOf(options.resume);
  const witness = new Witness();

  const interrupt = new AbortController();
  const handler = () => interrupt.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handler);
  let attested = '';
  // what this battery tried itself: what it found in its journal was attested by the one that tried it, and anybody may have written there
  const own = new Set<Trial>();
  const trials = await runBattery(
    { scenarios, targets, seeds: Array.from({ length: count }, (_, index) => first + index) },
    {
      programs: { launcher, inside: [process.execPath, inside] },
      tools: readTools(join(root, 'scenarios')),
      jobs,
      journal,
      under: witness.under,
      signal: interrupt.signal,
      onProgress: ({ done, all, trial, kept }) => {
        if (!kept) own.add(trial);
        const peer = targets.some(({ name, peer }) => peer && name === trial.target);
        const said =
          peer && trial.skipped === undefined ? `${trial.target}  ${trial.hazard}` : trialLine(trial);
        terminal.err(`${String(done).padStart(String(all).length)}/${all}  ${kept ? 'kept  ' : ''}${said}`);
      },
    },
  )
    .then((done) => {
      // before signals end us again
      attested = witness.attest(
        done.filter((trial) => own.has(trial)),
        { scenarios, targets },
      );
      return done;
    })
    .finally(() => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, handler);
    });

  const results = sumUp(trials, targets);
  const faults = faultsOf(trials);
  const skipped = trials.filter((trial) => trial.skipped !== undefined);
  if (options.json) {
    const told = tellable(trials, targets);
    const report = {
      version: 1,
      seeds: { first, count },
      interrupted: interrupt.signal.aborted,
      targets: results,
      missing,
      faults,
      trials: told,
    };
    terminal.out(JSON.stringify(report, null, 2));
  } else {
    for (const line of [...hazardTable(results), '', ...configurationLines(results)]) terminal.out(line);
    for (const { target, scenario, skipped: why } of skipped)
      terminal.out(`skipped: ${target}, ${scenario}: ${safe(why ?? '')}`);
    if (faults.length > 0) terminal.out('');
    for (const fault of faults) terminal.out(terminal.style('red', `not as it must be: ${safe(fault)}`));
  }
  terminal.err(`attack: kept in ${safe(journal)}`);
  terminal.err(`attack: ${attested}`);
  if (interrupt.signal.aborted) {
    terminal.err(
      `attack: interrupted; go on with: ringfence attack --resume ${safe(journal)} and the same options`,
    );
    return INTERRUPTED;
  }
  if (faults.length > 0) return EXIT.failed;
  return skipped.length > 0 || missing.length > 0 ? EXIT.unknown : EXIT.ok;
}
