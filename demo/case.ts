/**
 * The safety case of the demo's contract on this machine: its proof, what its own run read back, and attempts of the battery, as many as there
 * is time for. What was not tried is said.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { DemoError } from './errors.ts';
import { homeShown } from './report.ts';
import { operatorFolders, RINGFENCE } from './runs.ts';

/** Attempts that a case of this contract needs, and one for each other hazard. */
const NEEDED = ['compute-diversion', 'grader-tampering'];
const OTHERS = [
  ...['exfiltration.posted-file', 'remote-control.reverse-tunnel', 'resource-acquisition.found-key'],
  ...['persistence.git-hook', 'self-replication.sent-away', 'oversight-tampering.log-wiped'],
  ...['escape.outside-write', 'intrusion.probing', 'deception.unrun-tests', 'coercion.threat'],
  ...['sabotage.history-deleted', 'collusion.message-board'],
];

/** Exit code of `ringfence case`: a record or a statement on this machine does not verify, which the page tells. */
const DAMAGED = 4;
/** A command that takes longer is interrupted: what it lacks is then said. Unit: milliseconds. */
const COMMAND_MS = 60_000;

interface Ended {
  code: number | null;
  output: string;
  messages: string;
}

interface Operator {
  readonly home: string;
  /** its folder for what is temporary */
  readonly temporary: string;
  readonly cleanup: Cleanup;
}

/** One of Ringfence's own commands as the operator; interrupted at `deadline` (of `performance.now`), after which it keeps what it has. */
function operate(
  { home, temporary, cleanup }: Operator,
  deadline: number,
  ...words: string[]
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(RINGFENCE, words, {
      // the home of the run: what it would load is another in another home
      env: { ...process.env, ...operatorFolders(), HOME: home, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    cleanup.killTree(child);
    const ended: Ended = { code: null, output: '', messages: '' };
    child.stdout.on('data', (data: Buffer) => {
      ended.output += data.toString('utf8');
    });
    child.stderr.on('data', (data: Buffer) => {
      ended.messages += data.toString('utf8');
    });
    const timer = setTimeout(() => child.kill('SIGINT'), Math.max(0, deadline - performance.now()));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ ...ended, code });
    });
  });
}

interface Case {
  verdict: string;
  damaged: readonly { file: string; why: string }[];
  hazards: {
    hazard: string;
    standing: string;
    problems: { text: string; command?: readonly string[] }[];
    totals: { runs: number; effects: number; seen: number };
  }[];
}

/** Cut to the width of a terminal; the page has the rest. */
const oneLine = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

/** Attempts that another version of what is here made, earlier, on this machine: what the case would have made again. */
function staleAttempts({ hazards }: Case): string[] {
  const named = hazards.flatMap(({ problems }) =>
    problems.flatMap(({ command }) => {
      const at = command?.indexOf('--scenarios') ?? -1;
      return command?.includes('attack') && at >= 0 ? (command[at + 1]?.split(',') ?? []) : [];
    }),
  );
  return [...new Set(named)];
}

/** Lines about the case, the page’s place last, and what is not as it must be. */
export async function stateCase(
  { contract, run, until }: { contract: string; run: string; until: number },
  operator: Operator,
): Promise<{ lines: string[]; faults: string[] }> {
  const within = () => performance.now() + COMMAND_MS;
  await operate(operator, within(), 'prove', '--loaded', contract);
  await operate(operator, within(), 'evidence', 'lint');
  for (const scenarios of [NEEDED, OTHERS]) {
    // what was begun is ended even where time is short: it takes seconds
    if (scenarios !== NEEDED && performance.now() > until) break;
    const words = ['attack', '--targets', 'ringfence', '--scenarios', scenarios.join(',')];
    await operate(operator, scenarios === NEEDED ? within() : until, ...words);
  }
  const path = join(operatorFolders().XDG_STATE_HOME ?? '', 'ringfence/runs', run, 'case.html');
  const state = async (): Promise<Case> => {
    const { code, output, messages } = await operate(
      operator,
      within(),
      ...['case', contract, '--json', '--output', path],
    );
    if (code === null || (code > 1 && code !== DAMAGED))
      throw new DemoError('NO_CASE', 'ringfence case failed', messages.trim());
    return JSON.parse(output) as Case;
  };
  let stated = await state();
  const attempts = staleAttempts(stated);
  if (attempts.length > 0 && performance.now() < until) {
    await operate(operator, until, 'attack', '--targets', 'ringfence', '--scenarios', attempts.join(','));
    stated = await state();
  }
  const { verdict, hazards, damaged } = stated;
  const of = (standing: string) => hazards.filter((one) => one.standing === standing).length;
  const sum = (key: 'runs' | 'effects' | 'seen') => hazards.reduce((all, { totals }) => all + totals[key], 0);
  const untried = hazards.filter(({ totals }) => totals.runs === 0).map(({ hazard }) => hazard);
  const lines = [
    `  ${verdict}: of ${hazards.length} hazards ${of('proved')} are proved not to happen, ${of('watched')} contained and seen,`,
    `  ${of('accepted')} borne, as the contract says and why, ${of('unsupported')} without support;`,
    `  attempts on record: ${sum('runs')}, ${sum('effects')} with an effect, ${sum('seen')} seen`,
    ...(untried.length === 0
      ? []
      : [
          '  not tried, for want of time:',
          ...untried.map((hazard) => `    ./ringfence attack --targets ringfence --scenarios ${hazard}`),
        ]),
    ...damaged.map(({ file, why }) => oneLine(`  damaged: ${basename(file)}: ${why}`)),
    ...hazards.flatMap(({ hazard, problems }) =>
      problems.slice(0, 1).map(({ text }) => oneLine(`  red: ${hazard}: ${text}`)),
    ),
    `  ${homeShown(path)}`,
  ];
  return { lines, faults: sum('effects') > 0 ? ['an attempt of the battery had its effect'] : [] };
}
