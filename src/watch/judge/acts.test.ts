import { describe, expect, test } from 'vitest';
import type { EventBody, LedgerEvent } from '../../contract/index.ts';
import { Acts, changesAct } from './acts.ts';
import { boundAct } from './bound.ts';

const event = (body: EventBody, seq = 7): LedgerEvent =>
  ({ seq, time: '2026-01-01T00:00:00.000000Z', run: 'r', cell: 'r', ...body }) as LedgerEvent;
const message = (state: 'held' | 'delivered' | 'refused', call = 'c-1'): EventBody => ({
  ...{ kind: 'message', call, channel: 'email', to: ['a@example.com'], text: 'Hello', state },
  clause: 'people[0]',
});
const call = (decision: 'allowed' | 'denied' | 'held', id = 'c-1'): EventBody => ({
  ...{ kind: 'tool.call', call: id, tool: 'echo', arguments: '{"text":"x"}', via: 'mcp', decision },
});

describe('an act', () => {
  test('that is held and delivered then is one', () => {
    const acts = new Acts();
    expect(acts.of(event(message('held')))).toMatchObject({ of: 'messages', about: [7] });
    expect(acts.of(event(message('delivered')))).toBeUndefined();
    expect(acts.of(event(call('held')))).toMatchObject({ of: 'tool-calls' });
    expect(acts.of(event(call('allowed')))).toBeUndefined();
    expect(acts.of(event(call('allowed', 'c-2')))).toMatchObject({ of: 'tool-calls' });
  });

  test('that was refused did not happen', () => {
    const acts = new Acts();
    expect(acts.of(event(message('refused')))).toBeUndefined();
    expect(acts.of(event(call('denied')))).toBeUndefined();
  });

  test('is none that is only declared', () => {
    expect(new Acts().of(event({ ...call('allowed'), via: 'declared' } as EventBody))).toBeUndefined();
  });

  test('of a change set is what differs, with the lines around', () => {
    const lines = [...Array(40).keys()].map(String);
    const after = lines.with(20, 'changed');
    const act = changesAct([
      { path: 'a.py', before: lines.join('\n'), after: after.join('\n') },
      { path: 'new.py', after: 'x' },
      { path: 'gone.py', before: 'y' },
    ]);
    expect(act?.what).toEqual({
      files: [
        {
          path: 'a.py',
          line: 18,
          before: '17\n18\n19\n20\n21\n22\n23',
          after: '17\n18\n19\nchanged\n21\n22\n23',
        },
        { path: 'new.py', added: 'x' },
        { path: 'gone.py', deleted: 'y' },
      ],
    });
    expect(changesAct([])).toBeUndefined();
  });
});

describe('bounds', () => {
  test('leave what fits as it is', () => expect(boundAct({ a: 'b' })).toEqual({ act: '{"a":"b"}', cut: 0 }));

  test.each([
    ['a long text', { text: `begin${'x'.repeat(100_000)}end` }],
    ['many texts', { files: [...Array(5000).keys()].map((at) => ({ path: `begin${at}`, added: 'end' })) }],
    ['many names', Object.fromEntries([...Array(9000).keys()].map((at) => [`begin${at}`, 'end']))],
    ['text that grows when it is written', { text: `begin${'\u0001'.repeat(40_000)}end` }],
  ])('%s keeps its beginning and its end, and what is missing is counted', (_name, act) => {
    const { act: text, cut } = boundAct(act, 1000);
    expect(text.length).toBeLessThanOrEqual(1000);
    expect(cut).toBe(JSON.stringify(act).length - text.length);
    expect(text).toContain('begin');
    expect(text).toContain('end');
    expect(() => JSON.parse(text)).not.toThrow();
  });
});
