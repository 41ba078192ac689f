/**
 * What a run's summary counts as denied: calls of tools too, each kind once with how often.
 */
import { expect, test } from 'vitest';
import type { LedgerEvent } from '../../contract/index.ts';
import { Tally } from './tally.ts';

const call = (seq: number, tool: string, decision: 'allowed' | 'held' | 'denied'): LedgerEvent => ({
  ...{ seq, time: '2026-01-01T00:00:00Z', run: 'r', cell: 'r' },
  ...{ kind: 'tool.call', call: `mcp-${seq}`, server: 'mail', tool, arguments: '{"to":"a@example.com"}' },
  ...{ via: 'mcp', decision, clause: 'people[0].approve' },
});

test('denied calls of tools are denials, alike ones with their number; held and allowed ones are none', () => {
  const tally = new Tally();
  for (const event of [
    call(1, 'send', 'held'),
    call(2, 'send', 'denied'),
    call(3, 'send', 'denied'),
    call(4, 'read', 'allowed'),
    call(5, 'drop', 'denied'),
  ])
    tally.add(event);
  expect(tally.totals.denials).toBe(3);
  expect(tally.denials).toMatchObject([
    { seq: 2, what: 'call mail.send', clause: 'people[0].approve', count: 2 },
    { seq: 5, what: 'call mail.drop' },
  ]);
  expect(JSON.stringify(tally.denials)).not.toContain('a@example.com');
});
