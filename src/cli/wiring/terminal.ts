/**
 * Which of a program's standard streams are a terminal of its own inside the cell, and what the plan says of it.
 *
 * @module
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import type { Plan, PlanOp } from '../../contract/index.ts';
import { runtimeFolder } from '../folders.ts';

/** `--tty` and `--no-tty`. */
export interface TerminalWish {
  tty: boolean;
  noTty: boolean;
}

/**
 * A program gets a terminal where both its input and its output are one: with `… | less` or `< file` a stream that is
 * no terminal stays what it is, so that bytes pass unchanged.
 *
 * @param isTerminal of the standard streams 0, 1, 2
 * @returns the streams that are to be the program's terminal
 */
export function terminalStreams(
  { tty, noTty }: TerminalWish,
  isTerminal: (stream: number) => boolean = isatty,
): number[] {
  if (noTty) return [];
  if (!tty && !(isTerminal(0) && isTerminal(1))) return [];
  return isTerminal(2) || (tty && !isTerminal(1)) ? [0, 1, 2] : [0, 1];
}

/** Where the supervisor listens for {@link ../commands/exec.ts}; a path of more than 107 bytes is refused (unix(7)). */
export const sessionSocket = (id: string): string => join(runtimeFolder(), `${id}.tty`);

/** What a supervisor leaves that was killed; one that ends removes it itself. */
export const removeSessionSocket = (id: string): void => rmSync(sessionSocket(id), { force: true });

/** The plan with the program's terminal, and the socket for further programs. */
export function withSessions(
  plan: Plan,
  { id, streams, clipboard }: { id: string; streams: readonly number[]; clipboard: boolean },
): Plan {
  const end = plan.at(-1);
  if (end?.[0] !== 'end') throw new Error('a plan without an end');
  const terminal: PlanOp[] =
    streams.length > 0 ? [['terminal', streams.join(','), clipboard ? 'clipboard' : '-']] : [];
  return [...plan.slice(0, -1), ...terminal, ['sessions', sessionSocket(id)], end];
}

/**
 * Stops this process as Ctrl-Z does. With a terminal of the program's own nobody else of the job has heard of it: npm, or a
 * script around us, would go on waiting in the foreground.
 */
export function stopJob(all: boolean): void {
  if (all) process.kill(0, 'SIGTSTP'); // to ourselves, too: who is stopping does not look
  process.kill(process.pid, 'SIGSTOP');
}
