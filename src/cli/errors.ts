/**
 * How failures reach the person: one line says what is wrong, one line says what to do. The stack is for `--verbose`.
 *
 * @module
 */
import type { Terminal } from './terminal.ts';
import { safe, safeLines } from './text.ts';

/** A failure that a command expects and can explain. `hint` says what to do; `exitCode` overrides the command's. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: string;
  readonly hint: string;
  readonly exitCode: number | undefined;

  constructor(code: string, message: string, hint: string, exitCode?: number) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

const text = (value: unknown, key: string): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const field: unknown = Reflect.get(value, key);
  return typeof field === 'string' && field !== '' ? field : undefined;
};

/** Advice for failures of the operating system that every command can meet. */
const SYSTEM_HINTS: Record<string, string> = {
  ENOENT: 'check the path',
  EACCES: 'check the permissions of that path',
  EPERM: 'check the permissions of that path',
  EROFS: 'choose a place that can be written: set XDG_STATE_HOME',
  ENOSPC: 'free some disk space, or set XDG_STATE_HOME to a place that has some',
  EDQUOT: 'free some disk space, or set XDG_STATE_HOME to a place that has some',
  EMFILE: 'raise the limit of open files: ulimit -n',
};

/**
 * Writes a failure to standard error.
 *
 * @returns the exit code: the error's own where it has one, else `fallback`
 */
export function reportError(error: unknown, terminal: Terminal, verbose: boolean, fallback: number): number {
  const message = error instanceof Error ? error.message : String(error);
  const hint =
    text(error, 'hint') ??
    SYSTEM_HINTS[text(error, 'code') ?? ''] ??
    'run it again with --verbose for the details';
  terminal.err(`${terminal.style('red', 'ringfence:', 'err')} ${safeLines(message)}`);
  terminal.err(`  ${safe(hint)}`);
  if (verbose && error instanceof Error) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      terminal.err(safeLines(cause.stack ?? cause.message));
    }
  }
  const own: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'exitCode') : undefined;
  return typeof own === 'number' ? own : fallback;
}
