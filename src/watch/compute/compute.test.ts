import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Detection } from '../detector.ts';
import type { Category, FieldValue, Observation } from '../observation.ts';
import { COMPUTE_RULES, computeDetectors, cpuOf } from './index.ts';

const SECOND = 1_000_000;

/** Processes whose CPU (ms) the test says, and detections over time. */
function setting() {
  const cpu = new Map<number, number>();
  const found: Detection[] = [];
  const detectors = computeDetectors((pid) => cpu.get(pid));
  let seq = 0;
  const see = (category: Category, fields: Record<string, FieldValue>) => {
    seq += 1;
    const observation: Observation = { category, time: 0, run: 'r', cell: 'c', cites: [seq], fields };
    for (const detector of detectors) detector.observe(observation, (one) => found.push(one));
  };
  const pass = (from: number, to: number, burn: Record<number, number>) => {
    for (let second = from; second <= to; second += 2) {
      for (const [pid, share] of Object.entries(burn))
        cpu.set(Number(pid), (cpu.get(Number(pid)) ?? 0) + 2000 * share);
      for (const detector of detectors) detector.tick?.(second * SECOND, (one) => found.push(one));
    }
  };
  const start = (pid: number, parent: number, line: string) => {
    cpu.set(pid, 0);
    see('process_creation', { ProcessId: pid, ParentProcessId: parent, CommandLine: line });
  };
  return { cpu, found, see, pass, start };
}

test('a program that computes on after its starter ended is told once', () => {
  const { found, see, pass, start } = setting();
  start(10, 1, 'sh -c "helper &"');
  start(11, 10, 'helper');
  pass(0, 8, { 11: 1 });
  see('process_termination', { ProcessId: 10, ExitCode: 0 });
  pass(10, 80, { 11: 1 });
  expect(found).toMatchObject([{ rule: COMPUTE_RULES.orphan, key: '11', cites: [2] }]);
});

test('a build that computes for long, its starter waiting, is not told; nor is a server that was left behind and idles', () => {
  const { found, see, pass, start } = setting();
  start(10, 1, 'make');
  start(11, 10, 'cc1');
  start(12, 9, 'server');
  see('process_termination', { ProcessId: 9, ExitCode: 0 });
  pass(0, 200, { 11: 1, 12: 0.01 });
  expect(found).toEqual([]);
});

test('computing without pause beside a connection is told; beside one that was closed it is not', () => {
  const { found, see, pass, start } = setting();
  start(10, 1, 'worker');
  start(11, 1, 'other');
  for (const [flow, pid] of [
    ['1', 10],
    ['2', 11],
  ] as const)
    see('egress_flow', {
      Phase: 'open',
      Flow: flow,
      ProcessId: pid,
      DestinationHostname: 'pool.example.com',
      DestinationPort: 443,
    });
  see('egress_flow', { Phase: 'close', Flow: '2', ProcessId: 11 });
  pass(0, 120, { 10: 0.99, 11: 0.99 });
  expect(found).toMatchObject([{ rule: COMPUTE_RULES.quietFlow, cites: [1, 3] }]);
});

test('the kernel’s count grows with work, and is none for a process that is no more', async () => {
  const child = spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore' });
  const deadline = performance.now() + 20_000;
  while ((cpuOf(child.pid ?? 0) ?? 0) < 100 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(cpuOf(child.pid ?? 0)).toBeGreaterThanOrEqual(100);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.on('close', resolve));
  expect(cpuOf(child.pid ?? 0)).toBeUndefined();
});
