import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../contract/index.ts';
import { DeclaredCalls } from './declared.ts';
import { readDeclaration } from './read.ts';

const OWNER = { pid: 7 };
const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const START = { event: 'start', call: 'a', tool: 't', arguments: {} };

function declared() {
  const events: EventBody[] = [];
  const refused: string[] = [];
  let now = 0;
  const reporter = {
    event: (event: EventBody) => events.push(event),
    coalesced: (_key: string, event: EventBody) => refused.push(event.kind === 'denial' ? event.what : ''),
  };
  const calls = new DeclaredCalls(reporter, () => now);
  return {
    events,
    refused,
    take: (value: unknown, pid = OWNER.pid) => calls.take(bytes(value), { pid }),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('reading', () => {
  test('arguments come as a value or as a model has them, and are recorded as JSON within bounds', () => {
    const read = (given: unknown) => {
      const reading = readDeclaration(bytes({ ...START, arguments: given }));
      return reading.ok && reading.declaration.event === 'start' ? reading.declaration.arguments : undefined;
    };
    expect(read({ a: 1 })).toBe('{"a":1}');
    expect(read('{ "a": 1 }')).toBe('{"a":1}');
    expect(read('ls -l')).toBe('"ls -l"');
    expect(read(null)).toBe('null');
    expect(read('x'.repeat(100_000))).toHaveLength(16_384);
  });

  test('whatever the bytes are, it is a declaration or a reason, and never an exception', () => {
    const nearly = fc.record(
      {
        event: fc.constantFrom('start', 'end', 'x', 1),
        call: fc.oneof(fc.string(), fc.constant('a')),
        tool: fc.oneof(fc.string(), fc.constant('b')),
        arguments: fc.jsonValue(),
        ok: fc.constantFrom(true, false, 0, 'x'),
        pid: fc.oneof(fc.integer(), fc.double(), fc.constant('1')),
        turn: fc.string(),
        traceparent: fc.string(),
        content: fc.oneof(fc.string(), fc.jsonValue()),
      },
      { requiredKeys: ['event'] },
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array().map(Buffer.from), fc.json().map(bytes), nearly.map(bytes)),
        (body) => {
          const reading = readDeclaration(Buffer.from(body));
          if (!reading.ok) expect(reading.why).toMatch(/^[a-z]/);
          else expect(reading.declaration.call).toMatch(/^[A-Za-z0-9][\w.:/@+=-]*$/);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

test('names in the record are the gateway’s: an id that comes twice, or looks like another’s, is a call of its own', () => {
  const { events, take } = declared();
  expect(take(START)).toBe('declared-1');
  expect(take(START, 8)).toBe('declared-2');
  expect(take({ ...START, call: 'mcp-1' })).toBe('declared-3');
  take({ event: 'end', call: 'a', ok: true });
  take({ event: 'end', call: 'a', ok: false, content: 'x' }, 8);
  expect(events.slice(3)).toMatchObject([
    { kind: 'tool.result', call: 'declared-1', ok: true, via: 'declared' },
    { kind: 'tool.result', call: 'declared-2', ok: false, content: 'x' },
  ]);
});

test('another process may say that a call ended, once; who began it says so still', () => {
  const { events, refused, take } = declared();
  take(START);
  take({ event: 'end', call: 'a', ok: true }, 8);
  take({ event: 'end', call: 'a', ok: true }, 9);
  take({ event: 'end', call: 'a', ok: true });
  take({ event: 'end', call: 'a', ok: true });
  expect(events).toHaveLength(3);
  expect(refused).toHaveLength(2);
});

test('a flood is refused, by number and by size, and passes', () => {
  const { events, refused, take, pass } = declared();
  for (let index = 0; index < 1000; index += 1) take({ ...START, call: `c${index}` });
  expect(events).toHaveLength(200);
  expect(refused).toHaveLength(800);
  pass(10_000);
  for (let index = 0; index < 100; index += 1) take({ ...START, call: `d${index}` });
  // so many that have not ended
  expect(events).toHaveLength(256);
  for (let index = 0; index < 56; index += 1) take({ event: 'end', call: `c${index}`, ok: true });
  pass(10_000);
  take({ ...START, call: 'again' });
  expect(events).toHaveLength(313);

  const other = declared();
  for (let index = 0; index < 400; index += 1) {
    other.pass(20);
    other.take({ ...START, call: `c${index}`, arguments: 'x'.repeat(200_000) });
    other.take({ event: 'end', call: `c${index}`, ok: true });
  }
  expect(JSON.stringify(other.events).length).toBeLessThan(6_000_000);
  expect(other.refused.some((what) => what.includes('characters'))).toBe(true);
});
