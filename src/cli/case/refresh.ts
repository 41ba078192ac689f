/**
 * Runs the commands that a safety case names, one after the other, as the person would have.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { installation } from '../installation.ts';
import type { Terminal } from '../terminal.ts';
import { commandLine } from '../text.ts';

/** What they print goes to standard error: standard output is the case’s. A command that fails is told; the case says what it leaves. */
export function refresh(commands: readonly (readonly string[])[], terminal: Terminal): void {
  const { root } = installation();
  const bundled = import.meta.dirname.startsWith(join(root, 'dist'));
  const program = bundled ? join(root, 'dist', 'cli.js') : join(root, 'src', 'cli', 'entry.ts');
  for (const command of commands) {
    terminal.err(`case: ${commandLine(['ringfence', ...command])}`);
    const { status, signal, error } = spawnSync(process.execPath, [program, ...command], {
      stdio: ['ignore', 2, 2],
    });
    if (status !== 0) terminal.err(`case: ended with ${error?.message ?? status ?? signal}`);
  }
}
