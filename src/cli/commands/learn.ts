/**
 * `ringfence learn`: records a run in a cell that permits much and leads nowhere, proposes the smallest contract for
 * it, and tries the work again under that.
 *
 * @module
 */
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseContract } from '../../contract/index.ts';
import { proposeContract } from '../../contract/init.ts';
import type { Invocation, OptionValues } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { defaults } from '../fast-parse.ts';
import { observe } from '../learn/observe.ts';
import { withTilde } from '../learn/programs.ts';
import { learnTerms, type Recording, type Terms, writeContract } from '../learn/propose.ts';
import { eventsOf, readRecord, type Trial, tryContract } from '../learn/trial.ts';
import { loosen, widen } from '../learn/widen.ts';
import { COMMANDS } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { commandLine, safe } from '../text.ts';
import { hostUser } from '../wiring/machine-facts.ts';
import { run as runCommand } from './run.ts';

/** How often a proposal is widened before it is given up. */
const MAX_TRIALS = 6;

export async function run({ options, args, terminal }: Invocation<'learn'>): Promise<number> {
  if (args.length === 0)
    throw new CommandError(
      'usage',
      'no program is named',
      'write: ringfence learn -- COMMAND [ARG…]',
      EXIT.usage,
    );
  const output = options.output ?? 'ringfence.yaml';
  if (output !== '-' && existsSync(output))
    throw new CommandError(
      'exists',
      `${safe(output)} is there already, and is not overwritten`,
      'name another file: ringfence learn -o FILE -- COMMAND',
    );
  const rounds = roundsOf(options.rounds);
  if (options.baseline !== undefined && existsSync(options.baseline))
    throw new CommandError(
      'exists',
      `${safe(options.baseline)} is there already, and is not overwritten`,
      'name another file: ringfence learn --baseline FILE -- COMMAND',
    );
  const workspace = realpathSync('.');
  const scratch = mkdtempSync(join(tmpdir(), 'ringfence-learn-'));
  try {
    const { hide } = proposeContract(workspace);
    const recorded = await record({ scratch, workspace, hide, network: options.network, args, terminal });
    const { observed, recording } = recorded;
    let terms = learnTerms(observed, recording);
    const inFull = (proposal: Terms) =>
      writeContract(proposal, observed, { ...recording, written: workspace });
    let verdict = 'it was not tried again';
    let passed = true;
    if (!options['no-verify']) {
      const say = (text: string) => terminal.err(`ringfence: ${text}`);
      const tried = await settle(terms, inFull, { scratch, args, recording, say });
      ({ terms, verdict, passed } = tried);
    }
    const fromThere = output === '-' ? workspace : relative(dirname(resolve(output)), workspace) || '.';
    const written = /^(\/|\.\.)/.test(fromThere) ? withTilde(workspace, recording.home) : fromThere;
    const text = writeContract(terms, observed, { ...recording, written });
    requireValid(text, output);
    if (output === '-') terminal.raw(text);
    else writeFileSync(output, text, { flag: 'wx' });
    terminal.err(`ringfence: ${output === '-' ? 'the contract' : safe(output)}: ${verdict}`);
    terminal.err('  read it before you use it: ringfence check explains it');
    if (options.baseline !== undefined) {
      const { learnBaseline } = await import('../learn/baseline.ts');
      const made = await learnBaseline({
        name: basename(workspace),
        places: { workspace, home: recording.home },
        first: recorded.events,
        rounds,
        again: async () => (await tryContract(scratch, inFull(terms), args)).events,
        say: (text) => terminal.err(`ringfence: ${text}`),
      });
      writeFileSync(options.baseline, made.text, { flag: 'wx' });
      terminal.err(`ringfence: ${safe(options.baseline)}: ${made.summary}`);
    }
    return passed && recording.exit === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface RecordInput {
  scratch: string;
  workspace: string;
  hide: readonly string[];
  network: boolean;
  args: string[];
  terminal: Terminal;
}

async function record(input: RecordInput) {
  const { scratch, workspace, hide, network, args, terminal } = input;
  const contract = join(scratch, 'recording.yaml');
  const json = join(scratch, 'recording.json');
  // JSON is YAML. Much is permitted, and all of it in a cell: overlay, private home, no secret, every layer.
  const permissive = {
    ringfence: 1,
    name: 'learn',
    files: { workspace, hide },
    compute: {
      cpus: availableParallelism(),
      memory: '32GiB',
      processes: 4096,
      time: '4h',
      'cpu-time': '16h',
      disk: '16GiB',
    },
    oversight: {
      approve: ['network.new-host'],
      // names are let through without an operator's word, and work that is held teaches nothing: what is found is on record
      on: { violation: 'note', overload: 'note', finding: { critical: 'note', high: 'note' } },
    },
  };
  writeFileSync(contract, JSON.stringify(permissive), { mode: 0o600 });
  const spec = COMMANDS.find(({ name }) => name === 'run');
  if (!spec) throw new Error('there is no command run');
  const options = { ...defaults(spec), contract, json, quiet: true, name: 'learn' };
  const runOptions = options as unknown as OptionValues<'run'>;
  const learning = network ? 'network' : 'names';
  if (network)
    terminal.err(
      'ringfence: learning with the network: the program reaches every public host while it is recorded',
    );
  const exit = await runCommand({ name: 'run', options: runOptions, args, terminal }, learning);
  const found = readRecord(json);
  if (!found)
    throw new CommandError(
      'no-record',
      'the run left no record to learn from',
      'run it again with --verbose',
    );
  const events = await eventsOf(found.ledger);
  const observed = observe(events, workspace);
  for (const { path } of found.changes)
    if (!observed.written.has(path))
      observed.written.set(path, { event: lastOf(found.totals.events), count: 1 });
  const took = Date.parse(found.ended) - Date.parse(found.started);
  const command = commandLine(found.command);
  const home = hostUser(process.env).home;
  const recording: Recording = {
    run: found.run,
    workspace,
    command,
    took,
    exit,
    hide,
    written: workspace,
    home,
  };
  if (exit !== 0)
    terminal.err(
      `ringfence: the program ended with exit code ${exit} while it was recorded${network ? '' : '; without --network it reaches no host'}`,
    );
  return { observed, recording, events };
}

/** @throws CommandError where it is no number of runs */
function roundsOf(written: string | undefined): number {
  const rounds = Number(written ?? 9);
  if (Number.isSafeInteger(rounds) && rounds >= 1 && rounds <= 1000) return rounds;
  throw new CommandError(
    'usage',
    `--rounds ${safe(String(written))} is no number of runs`,
    'write a number from 1 to 1000',
    EXIT.usage,
  );
}

/** The change set is known when the run has ended: its lines cite the last event. */
const lastOf = (events: number): number => Math.max(0, events - 1);

interface SettleInput {
  scratch: string;
  args: readonly string[];
  recording: Recording;
  say: (text: string) => void;
}

/** Tries the proposal, and opens what was missing, until the work passes as it did. */
async function settle(
  first: Terms,
  inFull: (terms: Terms) => string,
  { scratch, args, recording, say }: SettleInput,
): Promise<{ terms: Terms; verdict: string; passed: boolean }> {
  let terms = first;
  let last: Trial | undefined;
  let loosened = 0;
  for (let trial = 1; trial <= MAX_TRIALS; trial += 1) {
    requireValid(inFull(terms), 'the proposal');
    say(`once more, under the proposed contract (${trial})`);
    last = await tryContract(scratch, inFull(terms), args);
    const passed = last.status === recording.exit;
    const missing = widen(terms, last.events, recording.workspace);
    if (passed && !missing)
      return {
        terms,
        passed,
        verdict: `the work ends with exit code ${last.status} under it, as it did before`,
      };
    const wider = missing ?? loosen(terms, loosened);
    if (!missing) loosened += 1;
    for (const why of wider.why) say(`  ${safe(why)}`);
    terms = wider.terms;
  }
  const said = last?.said.trim().split('\n').at(-1) ?? '';
  return {
    terms,
    passed: false,
    verdict: `the work did not pass under it: exit code ${last?.status} instead of ${recording.exit}${said === '' ? '' : ` (${safe(said)})`}`,
  };
}

/** @throws Error where we ourselves propose what `check` refuses */
function requireValid(text: string, name: string): void {
  const loaded = parseContract(text, basename(name));
  if (loaded.ok) return;
  const [problem] = loaded.problems;
  throw new CommandError(
    'proposal',
    `the proposal is not a valid contract: line ${problem?.line}: ${problem?.message}`,
    `${problem?.hint}`,
  );
}
