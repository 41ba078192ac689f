/**
 * What is read is what is written: numbers, keys, bounds; and conditions over it.
 */
import { describe, expect, it } from 'vitest';
import { compileCondition } from './condition.ts';
import { readDefinition } from './definitions.ts';
import { type Json, parseJson, writeJson } from './json.ts';
import { lineReader } from './lines.ts';
import { readMessage } from './rpc.ts';
import { mismatch } from './schema.ts';
import { sseReader } from './sse.ts';

const again = (text: string) => {
  const parsed = parseJson(text);
  return parsed.ok ? writeJson(parsed.value) : parsed.why;
};
const value = (text: string): Json => {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.value;
};

describe('JSON', () => {
  it.each([
    ['{"n":9007199254740993}', '{"n":9007199254740993}'],
    ['{"n":-123456789012345678901234567890}', '{"n":-123456789012345678901234567890}'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['{"__proto__":{"x":1}}', '{"__proto__":{"x":1}}'],
    ['[1.5,1e3,-0]', '[1.5,1000,0]'],
    ['{"n":1e999}', 'a number is too large'],
    ['{', 'not JSON'],
    [`${'['.repeat(100)}${']'.repeat(100)}`, 'it nests deeper than 64'],
  ])('%s', (text, written) => expect(again(text)).toBe(written));
});

describe('conditions', () => {
  const holds = (condition: string, args: string, calls = 0) => {
    const compiled = compileCondition(condition);
    if (!compiled.ok) throw new Error(compiled.why);
    return compiled.condition({ args: value(args), tool: 't', server: 's', calls }).ok;
  };
  it.each([
    ["args.to.like('*@example.com')", '{"to":"a@example.com"}', true],
    ["args.to.like('*@example.com')", '{"to":"a@example.com.evil.example"}', false],
    ['args.n == 9007199254740993', '{"n":9007199254740993}', true],
    ['args.n == 9007199254740993', '{"n":9007199254740992}', false],
    ['args.n < 10', '{"n":1.0}', true],
    ['args.n < 10', '{}', false],
    ['args.n < 10', '{"n":"1"}', false],
    ["!('bcc' in args)", '{"bcc":""}', false],
    ["!('bcc' in args)", '{"to":"x"}', true],
    ['calls < 1', '{}', true],
  ] as const)('%s over %s', (condition, args, expected) => expect(holds(condition, args)).toBe(expected));
  it('are not judged over more than a bound', () =>
    expect(holds('args.l.all(x, args.l.all(y, x == y))', `{"l":[${'1,'.repeat(3000)}1]}`)).toBe(false));
  it.each(["args.to.matches('(a+)+$')", 'nope == 1', '1 +', '"text"'])('%s is none', (text) =>
    expect(compileCondition(text).ok).toBe(false),
  );
});

describe('definitions', () => {
  const read = (description: string, name = 'a') =>
    readDefinition({ name, description, inputSchema: { type: 'object' } });
  it('has one digest whatever the order of its keys', () => {
    const one = readDefinition(value('{"name":"a","description":"b","inputSchema":{"type":"object","x":1}}'));
    const other = readDefinition(
      value('{"inputSchema":{"x":1,"type":"object"},"description":"b","name":"a"}'),
    );
    expect(one.ok && other.ok && one.digest === other.digest).toBe(true);
  });
  it.each(['tag \u{E0041}', 'bidi \u202E', 'zero \u200B', 'escape \u001b[2J'])(
    'refuses what nobody sees: %j',
    (text) => expect(read(text).ok).toBe(false),
  );
  it.each(['', 'a b', 'ä', '../x'])('refuses the name %j', (name) => expect(read('x', name).ok).toBe(false));
});

describe('arguments against a schema', () => {
  const schema = value(
    '{"type":"object","properties":{"n":{"type":"integer"},"k":{"enum":["a"]}},"required":["n"],"additionalProperties":false}',
  );
  it.each([
    ['{"n":1}', true],
    ['{"n":123456789012345678901}', true],
    ['{"n":1.5}', false],
    ['{"n":1,"k":"b"}', false],
    ['{"n":1,"x":1}', false],
    ['{}', false],
  ] as const)('%s', (args, fits) => expect(mismatch(value(args), schema) === undefined).toBe(fits));
});

describe('framing', () => {
  it('gives lines whatever pieces they come in, and ends with one that is too long', () => {
    const lines: string[] = [];
    let over = 0;
    const read = lineReader(
      20,
      (line) => lines.push(line),
      () => (over += 1),
    );
    for (const byte of Buffer.from('{"a":"ä"}\r\n\n{}\n')) read(Buffer.of(byte));
    expect(lines).toEqual(['{"a":"ä"}', '{}']);
    read(Buffer.from('x'.repeat(21)));
    read(Buffer.from('\n{}\n'));
    expect([lines.length, over]).toEqual([2, 1]);
  });
  it('reads server-sent events in pieces', () => {
    const events: string[] = [];
    const read = sseReader(100, ({ data, id }) => events.push(`${id} ${data}`));
    for (const byte of Buffer.from(': hello\n\nid: 7\ndata: {"a":1}\r\n\r\ndata: x\ndata: y\n\n'))
      read(Buffer.of(byte));
    expect(events).toEqual(['7 {"a":1}', '7 x\ny']);
    expect(() => read(Buffer.from(`data: ${'x'.repeat(200)}\n`))).toThrow();
  });
  it.each([
    '[]',
    '{"id":1}',
    '{"jsonrpc":"2.0","id":null,"method":"x"}',
    '{"jsonrpc":"2.0","id":1.5,"method":"x"}',
    '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}',
  ])('%s is no message', (text) => expect(readMessage(value(text))).toBeUndefined());
});
