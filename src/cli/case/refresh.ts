/**
 * Runs the commands that a safety case names, one after the other, as the person would have.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { exitCodeOfSignal } from '../exit-codes.ts';
import { installation } from '../installation.ts';
import type { Terminal } from '../terminal.ts';
import { commandLine } from '../text.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * What they print goes to standard error: standard output is the case’s. A command that fails is told; the case says what it leaves. A signal
 * ends the one that runs, which keeps what it has, and those behind it are left.
 *
 * @returns the exit code of a signal that came, or nothing
 */
export async function refresh(
  commands: readonly (readonly string[])[],
  terminal: Terminal,
): Promise<number | undefined> {
  const { root } = installation();
  const bundled = import.meta.dirname.startsWith(join(root, 'dist'));
  const program = bundled ? join(root, 'dist', 'cli.js') : join(root, 'src', 'cli', 'entry.ts');
  let stopped: (typeof SIGNALS)[number] | undefined;
  let pass: (signal: NodeJS.Signals) => void = () => {};
  const handler = (signal: NodeJS.Signals) => {
    // a terminal’s Ctrl-C reaches it by itself, and a second one would cut short what it keeps; what is sent to us alone does not
    if (stopped === undefined && !(signal === 'SIGINT' && terminal.interactive)) pass(signal);
    stopped ??= SIGNALS.find((one) => one === signal);
  };
  for (const signal of SIGNALS) process.on(signal, handler);
  try {
    for (const [index, command] of commands.entries()) {
      if (stopped !== undefined) {
        terminal.err(
          `case: ${stopped}: ${commands.length - index} of ${commands.length} commands were left out`,
        );
        break;
      }
      terminal.err(`case: ${commandLine(['ringfence', ...command])}`);
      const ended = await new Promise<string | undefined>((resolve) => {
        const child = spawn(process.execPath, [program, ...command], { stdio: ['ignore', 2, 2] });
        pass = (signal) => child.kill(signal);
        child.on('error', (error) => resolve(error.message));
        child.on('close', (code, signal) => resolve(code === 0 ? undefined : String(signal ?? code)));
      });
      pass = () => {};
      if (ended !== undefined) terminal.err(`case: ended with ${ended}`);
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, handler);
  }
  return stopped && exitCodeOfSignal(constants.signals[stopped]);
}
