/**
 * Memory of a run beside the agent: controller, supervisor, gateway and the cell's init, while the agent waits.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Line } from '../line.ts';
import { UnmeasuredError } from '../programs.ts';
import { summarize } from '../statistics.ts';
import type { Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

const text = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

interface Process {
  pid: number;
  parent: number;
  command: string;
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      parent: Number(/^PPid:\s+(\d+)$/m.exec(text(`/proc/${name}/status`))?.[1] ?? 0),
      command: text(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim(),
    }));
}

function below(root: number): Process[] {
  const all = processes();
  const found = all.filter(({ pid }) => pid === root);
  for (const one of found) found.push(...all.filter(({ parent }) => parent === one.pid));
  return found;
}

/** Proportional set size; where the kernel refuses (a process of another user namespace), the resident set. Bytes. */
function memoryOf(pid: number): { bytes: number; proportional: boolean } {
  const pss = /^Pss:\s+(\d+) kB$/m.exec(text(`/proc/${pid}/smaps_rollup`))?.[1];
  if (pss !== undefined) return { bytes: Number(pss) * 1024, proportional: true };
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(text(`/proc/${pid}/status`))?.[1];
  return { bytes: Number(rss ?? 0) * 1024, proportional: false };
}

const AGENT = 'sleep 987';

/** One run; the agent is not counted. */
async function measureOnce(
  workshop: Workshop,
  contract: string,
): Promise<{ bytes: number; parts: string; proportional: boolean }> {
  const [command = '', ...rest] = workshop.ringfence(contract, AGENT.split(' '));
  const child = spawn(command, rest, { cwd: workshop.workspace, env: workshop.environment, stdio: 'ignore' });
  try {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const found = below(child.pid ?? 0);
      if (found.some(({ command }) => command === AGENT)) break;
      if (Date.now() > deadline || child.exitCode !== null)
        throw new UnmeasuredError('the agent did not start');
      await pause(50);
    }
    await pause(1500); // the gateway finishes its start meanwhile
    const counted = below(child.pid ?? 0).filter((one) => one.command !== AGENT);
    const sizes = counted.map((one) => ({ ...one, ...memoryOf(one.pid) }));
    const name = (one: Process) =>
      /gateway\.js/.test(one.command) ? 'gateway' : /cli\.js/.test(one.command) ? 'controller' : 'native';
    const parts = new Map<string, number>();
    for (const one of sizes) parts.set(name(one), (parts.get(name(one)) ?? 0) + one.bytes);
    return {
      bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
      parts: [...parts].map(([part, bytes]) => `${part} ${(bytes / 1e6).toFixed(1)}`).join(', '),
      proportional: sizes.every(({ proportional, bytes }) => proportional || bytes === 0),
    };
  } finally {
    if (child.exitCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL'); // the cell dies with its parent
      await gone;
    }
  }
}

async function measure(workshop: Workshop): Promise<Line[]> {
  const lines: Line[] = [];
  for (const network of [true, false]) {
    const contract = network
      ? workshop.contract('memory', [{ port: 443, protocol: 'https' }])
      : workshop.contract('plain');
    const seen = [];
    for (let round = 0; round < 3; round += 1) seen.push(await measureOnce(workshop, contract));
    lines.push({
      what: `memory of a run beside the agent, ${network ? 'one host allowed' : 'no network'}`,
      goal: { of: 'value', is: 'at most', bound: 120 },
      ours: {
        name: seen.every(({ proportional }) => proportional) ? 'PSS' : 'PSS or RSS',
        unit: 'MB',
        value: summarize(seen.map(({ bytes }) => bytes / 1e6)),
      },
      note: seen.at(-1)?.parts ?? '',
    });
  }
  return lines;
}

export const memory: Row = { id: 'memory', measures: 'memory beside the agent', run: measure };
