/**
 * From the words after `allow` and `deny` to what is told to a run.
 *
 * @module
 */
import { domainToASCII } from 'node:url';
import { parseDuration, type WrittenRule } from '../contract/index.ts';
import { CommandError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { askQuestions } from './questions.ts';
import type { Terminal } from './terminal.ts';
import { safe } from './text.ts';
import type { ApprovalReply, ApprovalRequest, Scope } from './wiring/approvals.ts';
import { askRun, isServed, servedRuns } from './wiring/control-socket.ts';

/** What was named: a question, or a host. */
export type Named = { run: string; question: number } | { run: string; rule: WrittenRule };

const QUESTION = /^\d{1,6}$/;
/** Milliseconds. */
const LONGEST = 366 * 24 * 3_600_000;
const PORT = /^\d{1,5}$/;

const usage = (message: string, hint: string) => new CommandError('usage', message, hint, EXIT.usage);

/** `--once`, `--for 10m`, or neither: the rest of the run. */
export function scopeOf(options: { once: boolean; for: string | undefined }): Scope {
  if (options.for === undefined) return options.once ? { once: true } : { run: true };
  if (options.once) throw usage('--once and --for contradict each other', 'write one of them');
  const milliseconds = parseDuration(options.for);
  if (milliseconds === undefined || milliseconds <= 0)
    throw usage(`${safe(options.for)} is not a duration`, 'write for example --for 10m');
  if (milliseconds > LONGEST)
    throw usage(
      `${safe(options.for)} is longer than a year`,
      'without --for it holds for the rest of the run',
    );
  return { for: milliseconds };
}

/**
 * Reads `[RUN] QUESTION` or `[RUN] HOST[:PORT] [PROTOCOL]`. Without RUN: the only run that is going on. Every run counts its
 * own questions, so that where several go on, number 1 may be another's by the time that it is answered.
 *
 * @throws CommandError where nothing, or more than one thing, can be meant
 */
export async function readNamed(words: readonly string[]): Promise<Named> {
  const served = servedRuns();
  const [first = '', ...others] = words;
  const isRun = !QUESTION.test(first) && !/[.:]/.test(first);
  const candidates = isRun ? served.filter((id) => id.startsWith(first)) : served;
  const [what = '', protocol, ...more] = isRun ? others : words;
  if (more.length > 0)
    throw usage('there are too many words', 'write: ringfence allow RUN HOST:PORT PROTOCOL');
  const alive = await askQuestions(candidates);
  const silent = candidates.find((id) => isServed(id) && !alive.some(({ run }) => run === id));
  if (silent !== undefined && alive.length === 0) throw noAnswer(silent);
  if (alive.length === 0)
    throw new CommandError(
      'no-run',
      isRun ? `no run that is going on begins with ${safe(first)}` : 'nothing is running',
      'see what runs: ringfence ps',
    );
  if (what === '') throw usage('no question and no host is named', 'see what waits: ringfence questions');
  if (QUESTION.test(what)) {
    if (protocol !== undefined) throw usage('a question takes no further words', 'use --port and --protocol');
    const [run, second] = alive;
    if (!run || second) throw ambiguous(alive);
    return { run: run.run, question: Number(what) };
  }
  const [run, second] = alive;
  if (!run || second) throw ambiguous(alive);
  return { run: run.run, rule: { ...readHost(what), ...(protocol !== undefined && { protocol }) } };
}

const ambiguous = (runs: readonly { run: string }[]) =>
  usage(
    `several runs can be meant: ${runs
      .slice(0, 4)
      .map(({ run }) => run)
      .join(', ')}`,
    'name the run first',
  );

/** `HOST`, `HOST:PORT`, `[IPV6]:PORT`; letters of other scripts become their ASCII form. */
export function readHost(text: string): { host: string; port?: number } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const plain = /^([^:]*)(?::([^:]*))?$/.exec(text);
  const [, written = text, port] = bracketed ?? plain ?? [];
  const bare = written.replace(/^\*\./, '');
  const ascii = domainToASCII(bare);
  const isAscii = /^[!-~]*$/.test(bare);
  const host = isAscii || ascii === '' ? written : written.replace(bare, ascii);
  return port === undefined ? { host } : { host, port: readPort(port) };
}

/** @throws CommandError where it is not a number; the contract's schema says which numbers are ports */
export function readPort(text: string): number {
  if (!PORT.test(text)) throw usage(`${safe(text)} is not a port`, 'write a number, for example 443');
  return Number(text);
}

const noAnswer = (run: string): CommandError =>
  isServed(run)
    ? new CommandError(
        'no-answer',
        `run ${run} does not answer, and nothing was changed: its controller hangs, or is stopped`,
        'let it go on (fg, or kill -CONT), or end it: ringfence stop --kill',
      )
    : new CommandError('no-run', `run ${run} does not answer: it is over`, 'see what runs: ringfence ps');

/**
 * Tells a run, and prints what came of it.
 *
 * @returns the exit code
 */
export async function tellAnswer(
  run: string,
  request: ApprovalRequest,
  { json, terminal }: { json: boolean; terminal: Terminal },
): Promise<number> {
  const reply = await askRun<ApprovalReply>(run, request, 5000);
  if (!reply) throw noAnswer(run);
  if (!reply.ok) throw new CommandError('refused', safe(reply.message), safe(reply.hint));
  if (json) terminal.out(JSON.stringify({ run, ...reply }, null, 2));
  else {
    terminal.out(`${run} ${safe(reply.done)}`);
    if (reply.line) terminal.out(`  to keep it, add under network in the contract: ${safe(reply.line)}`);
  }
  return EXIT.ok;
}
