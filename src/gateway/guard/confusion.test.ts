import { describe, expect, test } from 'vitest';
import { clientHello, helloFor } from '../hello.fixture.ts';
import type { Direction } from '../sniff/sniffer.ts';
import type { Candidates } from './guard.ts';
import { candidates, latin1, run, SERVER_HELLO, up } from './guards.fixture.ts';

describe('host confusion: SNI', () => {
  const api = candidates('https', 443, 'api.example.com');
  const literal = candidates('https', 443, '203.0.113.5');
  const literal6 = candidates('https', 443, '2001:db8::5');

  test.each<[string, Candidates, Buffer]>([
    ['the name', api, helloFor('api.example.com')],
    ['the name in capitals', api, helloFor('API.Example.COM')],
    [
      'one of several names',
      candidates('https', 443, 'www.example.com', 'api.example.com'),
      helloFor('api.example.com'),
    ],
    ['no name to an address', literal, clientHello()],
    ['the address itself', literal, helloFor('203.0.113.5')],
    ['the IPv6 address itself', literal6, helloFor('2001:DB8:0::5')],
    ['no name under tls', candidates('tls', 443, 'api.example.com'), clientHello()],
  ])('passes: %s', (_, to, hello) => {
    const outcome = run(to, [
      ['up', hello],
      ['down', SERVER_HELLO],
    ]);
    expect(outcome).toMatchObject({ violation: undefined, allowed: 'tls', up: hello.toString('latin1') });
  });

  test.each<[string, Candidates, Buffer]>([
    ['no name', api, clientHello()],
    ['another name', api, helloFor('evil.example')],
    ['a name below', api, helloFor('x.api.example.com')],
    ['a name above', api, helloFor('example.com')],
    ['the name as a prefix', api, helloFor('api.example.com.evil.example')],
    ['the name as a suffix', api, helloFor('evilapi.example.com')],
    ['a final dot', api, helloFor('api.example.com.')],
    ['a first dot', api, helloFor('.api.example.com')],
    ['a port', api, helloFor('api.example.com:443')],
    ['a user', api, helloFor('api.example.com@evil.example')],
    ['an address', api, helloFor('203.0.113.5')],
    ['an empty name', api, helloFor('')],
    ['a NUL', api, helloFor('api.example.com\0')],
    ['a NUL and another name', api, helloFor('api.example.com\0.evil.example')],
    ['a space', api, helloFor(' api.example.com')],
    ['a wildcard', api, helloFor('*.example.com')],
    [
      'two names, ours first',
      api,
      clientHello({
        names: [
          [0, 'api.example.com'],
          [0, 'evil.example'],
        ],
      }),
    ],
    [
      'two names, ours last',
      api,
      clientHello({
        names: [
          [0, 'evil.example'],
          [0, 'api.example.com'],
        ],
      }),
    ],
    ['a name of another type', api, clientHello({ names: [[1, 'api.example.com']] })],
    [
      'two server_name extensions',
      api,
      helloFor('api.example.com', { extensions: [[0, Buffer.from('000c00000965766c2e746573742e', 'hex')]] }),
    ],
    ['a homograph', api, helloFor('xn--pi-7bc.example.com')],
    ['another address', literal, helloFor('203.0.113.6')],
    ['a name to an address', literal, helloFor('api.example.com')],
    ['another name under tls', candidates('tls', 443, 'api.example.com'), helloFor('evil.example')],
    ['an SSLv2 hello', api, latin1('\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10')],
    ['a hello with bytes behind it', api, helloFor('api.example.com', { trailing: Buffer.of(0) })],
  ])('ends: %s', (_, to, hello) => {
    const outcome = run(to, [['up', hello]]);
    expect(outcome).toMatchObject({ up: '', allowed: undefined });
    expect(outcome.violation).toBeTypeOf('string');
  });
});

describe('host confusion: HTTP', () => {
  const api = candidates('http', 8080, 'api.example.com');
  const literal = candidates('http', 80, '203.0.113.5');
  const literal6 = candidates('http', 80, '2001:db8::5');
  const get = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

  test.each<[string, Candidates, string]>([
    ['the name', api, get('api.example.com')],
    ['name and port', api, get('api.example.com:8080')],
    ['capitals', api, get('API.example.com')],
    ['a final dot', api, get('api.example.com.')],
    ['spaces around', api, 'GET / HTTP/1.1\r\nHost: \t api.example.com \t\r\n\r\n'],
    ['no space', api, 'GET / HTTP/1.1\r\nhOST:api.example.com\r\n\r\n'],
    ['absolute form', api, 'GET http://api.example.com:8080/x HTTP/1.1\r\nHost: api.example.com\r\n\r\n'],
    [
      'absolute form without path',
      api,
      'GET HTTP://API.example.com HTTP/1.1\r\nHost: api.example.com\r\n\r\n',
    ],
    ['OPTIONS *', api, 'OPTIONS * HTTP/1.1\r\nHost: api.example.com\r\n\r\n'],
    [
      'another host in the query',
      api,
      'GET /?u=http://evil.example/ HTTP/1.1\r\nHost: api.example.com\r\n\r\n',
    ],
    ['HTTP/1.0', api, 'GET / HTTP/1.0\r\nHost: api.example.com\r\n\r\n'],
    ['an address', literal, get('203.0.113.5')],
    ['an IPv6 address', literal6, get('[2001:db8:0::5]:80')],
    ['a body', api, 'POST / HTTP/1.1\r\nHost: api.example.com\r\nContent-Length: 3\r\n\r\nabc'],
    [
      'chunks',
      api,
      'POST / HTTP/1.1\r\nHost: api.example.com\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    ],
    [
      'trailers',
      api,
      'POST / HTTP/1.1\r\nHost: api.example.com\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n',
    ],
    ['pipelined', api, get('api.example.com') + get('api.example.com')],
  ])('passes: %s', (_, to, request) => {
    expect(run(to, up(request))).toMatchObject({ violation: undefined, up: request });
  });

  const evil = get('evil.example');
  const host = 'Host: api.example.com\r\n';
  test.each<[string, Candidates, string]>([
    ['another name', api, evil],
    ['no Host', api, 'GET / HTTP/1.1\r\n\r\n'],
    ['no Host in HTTP/1.0', api, 'GET / HTTP/1.0\r\n\r\n'],
    ['empty Host', api, get('')],
    ['two Hosts', api, `GET / HTTP/1.1\r\n${host}Host: evil.example\r\n\r\n`],
    ['the same Host twice', api, `GET / HTTP/1.1\r\n${host}${host}\r\n`],
    ['two Hosts, other case', api, `GET / HTTP/1.1\r\n${host}hOsT: evil.example\r\n\r\n`],
    ['a list', api, get('api.example.com, evil.example')],
    ['two words', api, get('api.example.com evil.example')],
    ['a user', api, get('api.example.com@evil.example')],
    ['a user, other way', api, get('evil.example@api.example.com')],
    ['a path', api, get('api.example.com/evil.example')],
    ['a fragment', api, get('evil.example#api.example.com')],
    ['a backslash', api, get('evil.example\\api.example.com')],
    ['percent-encoding', api, get('api%2eexample.com')],
    ['another port', api, get('api.example.com:80')],
    ['two ports', api, get('api.example.com:8080:80')],
    ['an empty port', api, get('api.example.com:')],
    ['a long port', api, get('api.example.com:008080')],
    ['two final dots', api, get('api.example.com..')],
    ['a name below', api, get('x.api.example.com')],
    ['the name as a prefix', api, get('api.example.com.evil.example')],
    ['the name as a suffix', api, get('evil-api.example.com')],
    ['brackets', api, get('[api.example.com]')],
    ['an address', api, get('203.0.113.5')],
    ['a NUL', api, get('api.example.com\0.evil.example')],
    ['a tab inside', api, get('api.example.com\tevil.example')],
    ['a bare CR', api, get('api.example.com\rX: evil.example')],
    ['a bare LF before Host', api, `GET / HTTP/1.1\nHost: evil.example\r\n${host}\r\n`],
    ['bare LFs', api, 'GET / HTTP/1.1\nHost: api.example.com\n\n'],
    ['a folded Host', api, 'GET / HTTP/1.1\r\nHost: api.example.com\r\n evil.example\r\n\r\n'],
    ['a folded line before Host', api, `GET / HTTP/1.1\r\nX: y\r\n Host: evil.example\r\n${host}\r\n`],
    ['space before the colon', api, 'GET / HTTP/1.1\r\nHost : evil.example\r\nHost: api.example.com\r\n\r\n'],
    ['space before the first field', api, `GET / HTTP/1.1\r\n X: y\r\n${host}\r\n`],
    ['a field without colon', api, `GET / HTTP/1.1\r\n${host}evil\r\n\r\n`],
    ['a field without name', api, `GET / HTTP/1.1\r\n${host}: x\r\n\r\n`],
    ['absolute form for another', api, `GET http://evil.example/ HTTP/1.1\r\n${host}\r\n`],
    [
      'absolute form, Host of another',
      api,
      'GET http://api.example.com/ HTTP/1.1\r\nHost: evil.example\r\n\r\n',
    ],
    ['absolute form with a user', api, `GET http://api.example.com@evil.example/ HTTP/1.1\r\n${host}\r\n`],
    ['absolute form of another scheme', api, `GET https://api.example.com/ HTTP/1.1\r\n${host}\r\n`],
    ['absolute form of another port', api, `GET http://api.example.com:80/ HTTP/1.1\r\n${host}\r\n`],
    ['a target that is a name', api, `GET evil.example HTTP/1.1\r\n${host}\r\n`],
    ['GET *', api, `GET * HTTP/1.1\r\n${host}\r\n`],
    ['CONNECT', api, `CONNECT api.example.com:8080 HTTP/1.1\r\n${host}\r\n`],
    ['CONNECT elsewhere', api, 'CONNECT evil.example:22 HTTP/1.1\r\nHost: evil.example:22\r\n\r\n'],
    ['two spaces in the request line', api, `GET  / HTTP/1.1\r\n${host}\r\n`],
    ['a tab in the request line', api, `GET\t/ HTTP/1.1\r\n${host}\r\n`],
    ['a space in the target', api, `GET /a b HTTP/1.1\r\n${host}\r\n`],
    ['HTTP/0.9', api, 'GET /\r\n\r\n'],
    ['HTTP/2 in text', api, `GET / HTTP/2.0\r\n${host}\r\n`],
    ['HTTP/1.2', api, `GET / HTTP/1.2\r\n${host}\r\n`],
    ['HTTP/2 preface', api, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['an empty line first', api, `\r\n${get('api.example.com')}`],
    [
      'both lengths',
      api,
      `POST / HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${evil}`,
    ],
    [
      'two Content-Lengths',
      api,
      `POST / HTTP/1.1\r\n${host}Content-Length: 0\r\nContent-Length: 40\r\n\r\n${evil}`,
    ],
    ['a Content-Length list', api, `POST / HTTP/1.1\r\n${host}Content-Length: 0, 40\r\n\r\n${evil}`],
    ['a signed Content-Length', api, `POST / HTTP/1.1\r\n${host}Content-Length: +0\r\n\r\n${evil}`],
    ['a hexadecimal Content-Length', api, `POST / HTTP/1.1\r\n${host}Content-Length: 0x10\r\n\r\n${evil}`],
    ['a negative Content-Length', api, `POST / HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n${evil}`],
    [
      'a huge Content-Length',
      api,
      `POST / HTTP/1.1\r\n${host}Content-Length: 99999999999999999999\r\n\r\n${evil}`,
    ],
    ['an empty Content-Length', api, `POST / HTTP/1.1\r\n${host}Content-Length:\r\n\r\n${evil}`],
    [
      'unknown Transfer-Encoding',
      api,
      `POST / HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n${evil}`,
    ],
    ['chunked twice', api, `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`],
    [
      'two Transfer-Encodings',
      api,
      `POST / HTTP/1.1\r\n${host}Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ],
    ['quoted chunked', api, `POST / HTTP/1.1\r\n${host}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`],
    [
      'chunked with vertical tab',
      api,
      `POST / HTTP/1.1\r\n${host}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`,
    ],
    ['chunked in HTTP/1.0', api, `POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    [
      'Host in trailers',
      api,
      `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\nHost: evil.example\r\n\r\n`,
    ],
    ['h2c upgrade', api, `GET / HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`],
    ['an address for another', literal, get('203.0.113.6')],
    ['a name for an address', literal, get('api.example.com')],
    ['a decimal address', literal, get('3405803781')],
    ['an IPv6 address without brackets', literal6, get('2001:db8::5')],
  ])('ends: %s', (_, to, request) => {
    const outcome = run(to, up(request));
    expect(outcome.violation).toBeTypeOf('string');
    expect(outcome.up).not.toContain('evil');
  });

  test.each([
    ['a chunk size in decimal and sign', '+3\r\nabc\r\n0\r\n\r\n'],
    ['0x before a chunk size', '0x3\r\nabc\r\n0\r\n\r\n'],
    ['an empty chunk size', '\r\nabc\r\n0\r\n\r\n'],
    ['a chunk extension', '3;a=b\r\nabc\r\n0\r\n\r\n'],
    ['a bare LF after the size', '3\nabc\r\n0\r\n\r\n'],
    ['a bare CR after the size', '3\rabc\r\n0\r\n\r\n'],
    ['a chunk longer than its size', '2\r\nabc\r\n0\r\n\r\n'],
    ['a chunk without CRLF', '3\r\nabc0\r\n\r\n'],
    ['a huge chunk size', 'fffffffffffffffff\r\nabc'],
    ['a space after the size', '3 \r\nabc\r\n0\r\n\r\n'],
  ])('ends: %s', (_, body) => {
    const head = `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`;
    expect(run(api, up(head + body + evil)).violation).toBeTypeOf('string');
  });

  test('the second request of a connection is judged like the first, bodies in between or not', () => {
    for (const first of [
      get('api.example.com'),
      `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nGET /`,
      `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
    ]) {
      const outcome = run(api, up(first, evil));
      expect(outcome.up).toBe(first);
      expect(outcome.violation).toBe('Host is evil.example');
    }
  });

  test('a connection stays with its first host, though both are allowed', () => {
    const both = candidates('http', 80, 'api.example.com', 'www.example.com');
    expect(run(both, up(get('api.example.com'), get('www.example.com'))).violation).toBe(
      'Host changed to www.example.com',
    );
  });

  const down = (text: string): [Direction, Uint8Array] => ['down', latin1(text)];
  const ask = up(get('api.example.com'));
  test.each<[string, [Direction, Uint8Array][]]>([
    ['a response without a request', [down('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')]],
    [
      'a second response',
      [...ask, down('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')],
    ],
    [
      'bytes behind a HEAD response',
      [...up(`HEAD / HTTP/1.1\r\n${host}\r\n`), down('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello')],
    ],
    ['101 unasked', [...ask, down('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nshell')]],
    ['another protocol', [...ask, down('SSH-2.0-x\r\n')]],
    [
      'both lengths',
      [...ask, down('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n')],
    ],
    ['a server that speaks first', [down('220 hello\r\n')]],
  ])('the server ends it with %s', (_, conversation) => {
    expect(run(api, conversation).violation).toBeTypeOf('string');
  });

  test.each<[string, [Direction, Uint8Array][]]>([
    ['a body until close', [...ask, down('HTTP/1.0 200 OK\r\n\r\nwhatever')]],
    [
      'informational responses',
      [...ask, down('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n')],
    ],
    [
      'chunks with extensions',
      [...ask, down('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a="b"\r\nx\r\n0\r\n\r\n')],
    ],
    [
      'a time-out unasked',
      [
        ...ask,
        down('HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'),
      ],
    ],
    ['no reason phrase', [...ask, down('HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n')]],
  ])('the server may answer with %s', (_, conversation) => {
    const outcome = run(api, conversation);
    expect(outcome).toMatchObject({ violation: undefined, allowed: 'http' });
  });
});
