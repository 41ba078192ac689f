/**
 * The guards without sockets: what they release, for every cutting of the same bytes.
 *
 * @module
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../contract/index.ts';
import { cut, helloFor } from '../hello.fixture.ts';
import type { Direction } from '../sniff/sniffer.ts';
import type { Candidates } from './guard.ts';
import { candidates, latin1, run, SERVER_HELLO, up } from './guards.fixture.ts';

describe('cutting changes nothing', () => {
  const get = 'GET /a HTTP/1.1\r\nHost: api.example.com\r\n\r\n';
  const pieces = fc.array(
    fc.constantFrom(
      get,
      'POST / HTTP/1.1\r\nHost: api.example.com\r\nContent-Length: 12\r\n\r\nGET / HTTP/1.',
      'POST / HTTP/1.1\r\nHost: api.example.com\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n',
      'GET / HTTP/1.1\nHost: api.example.com\n\n',
      'PUT / HTTP/1.1\r\nHost: api.example.com\r\nContent-Length: 0\r\n\r\n',
      '\r\n',
      'xyz',
      '3\r\nabc\r\n',
    ),
    { maxLength: 5 },
  );

  /** What is released may come in other pieces and, before a violation, sooner; its bytes and its end may not differ. */
  function same(to: Candidates, bytes: Buffer, places: number[]): void {
    const whole = run(to, [['up', bytes]]);
    const parts = run(
      to,
      cut(bytes, places).map((piece) => ['up', piece]),
    );
    expect(Boolean(parts.violation)).toBe(Boolean(whole.violation));
    if (!whole.violation) expect(parts).toEqual(whole);
    else expect(bytes.toString('latin1').startsWith(parts.up)).toBe(true);
  }

  test('http', () => {
    const api = candidates('http', 80, 'api.example.com');
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(600)), (texts, places) =>
        same(api, latin1(texts.join('')), places),
      ),
      { numRuns: 2000 },
    );
  });

  test('every protocol, random and almost right bytes; none throws', () => {
    const protocols: Protocol[] = ['https', 'tls', 'http', 'websocket', 'ssh', 'postgres', 'tcp'];
    const almost = fc
      .tuple(
        fc.constantFrom(
          helloFor('api.example.com'),
          helloFor('api.example.com', { fragment: 17 }),
          latin1(get),
          latin1('SSH-2.0-x\r\nabc'),
          latin1('\0\0\0\x08\x04\xd2\x16\x2f'),
          latin1('\0\0\0\x0e\0\x03\0\0user\0\0'),
        ),
        fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 2 }),
        fc.uint8Array({ maxLength: 40 }),
      )
      .map(([sample, changes, tail]) => {
        const bytes = Buffer.concat([sample, tail]);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes;
      });
    const bytes = fc.oneof(
      almost,
      fc.uint8Array({ maxLength: 400 }).map((raw) => Buffer.from(raw)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...protocols), bytes, fc.array(fc.nat(400)), (protocol, input, places) =>
        same(candidates(protocol, 443, 'api.example.com'), input, places),
      ),
      { numRuns: 3000 },
    );
  });

  test('a conversation of random bytes both ways never throws', () => {
    const turn = fc.tuple(
      fc.constantFrom<Direction>('up', 'down'),
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc.constant(latin1(get)),
        fc.constant(latin1('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc')),
        fc.constant(SERVER_HELLO),
        fc.constant(latin1('SSH-2.0-x\r\n')),
      ),
    );
    const protocols = fc.constantFrom<Protocol>(
      'https',
      'tls',
      'http',
      'websocket',
      'ssh',
      'postgres',
      'tcp',
    );
    fc.assert(
      fc.property(protocols, fc.array(turn, { maxLength: 8 }), (protocol, turns) => {
        run(candidates(protocol, 443, 'api.example.com'), turns);
      }),
      { numRuns: 2000 },
    );
  });
});

/** A naive reader of whole request streams: the oracle for what may pass. `undefined`: something is wrong with it. */
function naive(text: string): number | undefined {
  let rest = text;
  let requests = 0;
  while (rest !== '') {
    const [, head, after] = /^([\s\S]*?\r\n)\r\n([\s\S]*)$/.exec(rest) ?? [];
    if (head === undefined || after === undefined) return undefined;
    const lines = head.split('\r\n').slice(0, -1);
    if (!/^[A-Z]+ \/\S* HTTP\/1\.1$/.test(lines[0] ?? '') || lines.some((line) => /[\r\n]/.test(line)))
      return undefined;
    const field = (name: string) =>
      lines
        .filter((line) => line.toLowerCase().startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).trim());
    if (field('host').join('|') !== 'api.example.com') return undefined;
    const [lengths, encodings] = [field('content-length'), field('transfer-encoding')];
    if (lengths.length + encodings.length > 1) return undefined;
    requests += 1;
    rest = after;
    if (lengths[0] !== undefined) {
      if (rest.length < Number(lengths[0])) return undefined;
      rest = rest.slice(Number(lengths[0]));
    } else if (encodings[0] !== undefined) {
      for (;;) {
        const [whole, size] = /^([0-9a-f]+)\r\n/.exec(rest) ?? [];
        if (whole === undefined || size === undefined) return undefined;
        const length = Number.parseInt(size, 16);
        const chunk = rest.slice(whole.length, whole.length + length + 2);
        if (chunk.length !== length + 2 || !chunk.endsWith('\r\n')) return undefined;
        rest = rest.slice(whole.length + length + 2);
        if (length === 0) break;
      }
    }
  }
  return requests;
}

test('the http guard passes exactly what a naive reader accepts', () => {
  const api = candidates('http', 80, 'api.example.com');
  const body = fc.constantFrom(
    ['', ''],
    ['Content-Length: 4\r\n', 'abcd'],
    ['Content-Length: 4\r\n', 'abc'],
    ['Content-Length: 0\r\n', ''],
    ['Transfer-Encoding: chunked\r\n', '4\r\nwxyz\r\n0\r\n\r\n'],
    ['Transfer-Encoding: chunked\r\n', '4\r\nwxy\r\n0\r\n\r\n'],
    ['Transfer-Encoding: chunked\r\nContent-Length: 3\r\n', '0\r\n\r\n'],
  );
  const host = fc.constantFrom(
    'Host: api.example.com\r\n',
    'Host: api.example.com\r\n',
    'Host: api.example.com\r\n',
    'Host: evil.example\r\n',
    '',
  );
  const request = fc
    .tuple(fc.constantFrom('GET', 'POST'), host, body)
    .map(([method, name, [fields, content]]) => `${method} / HTTP/1.1\r\n${name}${fields}\r\n${content}`);
  fc.assert(
    fc.property(fc.array(request, { maxLength: 4 }), (requests) => {
      const text = requests.join('');
      const outcome = run(api, up(text));
      const complete = outcome.violation === undefined && outcome.up === text;
      const accepted = naive(text) !== undefined;
      // a last message that is cut short passes as far as it goes; everything else must agree
      if (accepted) expect(complete).toBe(true);
      else if (complete) expect(naive(`${text}d`) ?? naive(`${text}\r\n`)).toBeDefined();
    }),
    { numRuns: 3000 },
  );
});
