/**
 * Looking for the process that a call names costs no more than is set aside for it.
 */
import { expect, test } from 'vitest';
import type { EventBody } from '../../contract/index.ts';
import { DeclaredProcesses } from './declared-process.ts';

const declared: EventBody = {
  ...{ kind: 'tool.call', call: 'declared-1', tool: 'x', arguments: '{}', via: 'declared' },
  ...{ owner: { pid: process.pid, ppid: process.ppid }, told: { call: 'a', pid: 4_000_000 } },
  decision: 'allowed',
};

test('who declares again and again is not looked for again and again, and is once more later', () => {
  let now = 0;
  // each look takes a millisecond
  const processes = new DeclaredProcesses(() => {
    now += 1;
    return now;
  });
  const details = Array.from({ length: 200 }, () => {
    const located = processes.located(declared);
    return located.kind === 'tool.call' ? located.detail : undefined;
  });
  expect(details[0]).toContain('no process of number 4000000');
  expect(details.at(-1)).toContain('not looked for');
  expect(details.filter((detail) => detail?.startsWith('no process')).length).toBeLessThan(20);
  now += 5000;
  expect(processes.located(declared)).toMatchObject({ detail: details[0] });
});

test('what names no process, or is no declaration, is as it was', () => {
  const processes = new DeclaredProcesses();
  const plain: EventBody = { ...declared, told: { call: 'a' } } as EventBody;
  const other: EventBody = { ...declared, via: 'mcp' } as EventBody;
  for (const event of [plain, other]) expect(processes.located(event)).toBe(event);
});
