/**
 * Questions to the operator as people read them, and who it is that answers.
 *
 * @module
 */
import { readlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { commandLine, safe } from './text.ts';
import type { PendingQuestion } from './wiring/approvals.ts';
import { askRun, servedRuns } from './wiring/control-socket.ts';

/** Columns: of the label before what an agent chose, and the fewest that are shown of it. */
const LABEL = 11;
const NARROWEST = 40;

/** Cuts what an agent chose so that it stays on its line: wrapped, spaces would make lines of their own of it. */
function onOneLine(text: string, columns: number): string {
  let left = Math.max(columns, NARROWEST) - LABEL - 1;
  let end = 0;
  for (const character of text) {
    // letters of other scripts may take two columns
    left -= character < '\u007f' ? 1 : 2;
    if (left < 0) return `${text.slice(0, end)}…`;
    end += character.length;
  }
  return text;
}

/**
 * A question, what a yes opens, and the commands that answer it. Everything of the agent's is escaped, and on one line.
 *
 * @param columns width of what it is printed to
 */
export function questionLines(run: string, question: PendingQuestion, columns = 80): string[] {
  const { rule, owner, shown, lookalike, number, most } = question;
  const isFinding = question.effect === 'finding';
  const process = owner
    ? onOneLine(`pid ${owner.pid}${owner.exe ? `, ${safe(owner.exe)}` : ''}`, columns)
    : 'a process that is not known';
  const command = owner?.argv?.length ? onOneLine(commandLine(owner.argv), columns) : undefined;
  const lines = [
    isFinding
      ? `question ${question.question} of run ${run}: may it go on? It is frozen for what was found`
      : `question ${question.question} of run ${run}: may it ${safe(question.what)}?`,
    ...(isFinding ? [`  found    ${onOneLine(safe(question.what), columns)}`] : []),
    `  ${isFinding ? 'done by ' : 'asked by'} ${process}`,
    ...(command === undefined ? [] : [`  running  ${command}`]),
  ];
  if (shown !== undefined) lines.push(`  shown as ${safe(shown)}: letters of other scripts`);
  if (lookalike !== undefined) lines.push(`  CAUTION  it looks like ${safe(lookalike)}, and is not`);
  if (rule) lines.push(`  allows   ${safe(rule.host)}, port ${rule.port}, ${rule.protocol}`);
  lines.push(
    `  opens    ${question.opens}`,
    `  answer   ringfence allow ${run} ${question.question}${rule || isFinding ? ' [--once | --for 10m]' : ''}`,
    `           ringfence deny ${run} ${question.question}`,
    `           until ${question.until}; then ${isFinding ? 'the run is ended' : 'it is denied once'}`,
    `  budget   ${number} of ${most} questions asked in this run; beyond, ${isFinding ? 'the run is ended' : 'all is denied'}`,
  );
  return lines;
}

/** Who answers: user, id and terminal of this process. Only this user can reach the run's socket. */
export function operator(): string {
  return `${userName()} (uid ${process.getuid?.() ?? '?'}${terminalName()})`;
}

/** An id need not have a name: a container's often has none. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'nameless';
  }
}

function terminalName(): string {
  for (const descriptor of [0, 2]) {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`);
      if (/^\/dev\/(pts\/\d+|tty\w*|console)$/.test(target)) return `, ${target}`;
    } catch {
      // closed, or no /proc
    }
  }
  return ', no terminal';
}

export interface RunQuestions {
  run: string;
  questions: PendingQuestion[];
}

/** What waits in each of these runs; runs that do not answer are left out. */
export async function askQuestions(runs: readonly string[] = servedRuns()): Promise<RunQuestions[]> {
  const answers = await Promise.all(
    runs.map(async (run) => ({ run, questions: await askRun<PendingQuestion[]>(run, { do: 'questions' }) })),
  );
  return answers.flatMap(({ run, questions }) => (Array.isArray(questions) ? [{ run, questions }] : []));
}
