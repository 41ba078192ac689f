/**
 * What tests of terminals look at from outside: processes, and the modes of the operator's terminal.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Modes, Screen } from './screen.ts';

export const COOKED: Modes = { canonical: true, echo: true, signals: true };
export const RAW: Modes = { canonical: false, echo: false, signals: false };

/** Processes whose command line matches. */
export function running(pattern: string): number[] {
  const found = spawnSync('pgrep', ['-f', '--', pattern], { encoding: 'utf8' });
  return found.stdout.split('\n').filter(Boolean).map(Number);
}

export const parentOf = (pid: number): number =>
  Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** The supervisor above a process, found by its command line: the first of its ancestors that is not in the cell. */
export function supervisorOf(commandLine: string): number {
  let [pid] = running(`^${commandLine}`) as [number];
  while (
    readFileSync(`/proc/${pid}/status`, 'utf8')
      .match(/^NSpid:.*$/m)?.[0]
      .split('\t').length !== 2
  )
    pid = parentOf(pid);
  return pid;
}

/** The process group, which is a shell's job. */
export function groupOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}

/** Waits until the operator's terminal has these modes. */
export async function untilModes(screen: Screen, wanted: Partial<Modes>): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const modes = await screen.modes();
    if (Object.entries(wanted).every(([name, value]) => modes[name as keyof Modes] === value)) return;
    if (performance.now() > deadline) throw new Error(`the terminal is ${JSON.stringify(modes)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const untilRaw = (screen: Screen): Promise<void> => untilModes(screen, RAW);
