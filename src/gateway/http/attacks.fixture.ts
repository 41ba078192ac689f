/**
 * Requests that try to reach what a rule does not allow, against
 * `{ host: api.example.com, methods: [GET, POST], paths: [/v1/**], body: 64 }`. In each, whatever must not arrive is for
 * `/forbidden`, for `evil.example.com`, or a header `X-Injected`.
 *
 * @module
 */

export const ATTACKED_HOST = 'api.example.com';

/** `violation`: the flow ends and nothing is sent. `denied`: a 403. `harmless`: it passes, as something that is allowed. */
export type Outcome = 'violation' | 'denied' | 'harmless';

export interface Attack {
  name: string;
  outcome: Outcome;
  bytes: string;
}

const attack = (name: string, outcome: Outcome, bytes: string): Attack => ({ name, outcome, bytes });
const HOST = `Host: ${ATTACKED_HOST}`;
const SECOND = `GET /forbidden HTTP/1.1\r\n${HOST}\r\n\r\n`;

const post = (name: string, outcome: Outcome, headers: readonly string[], body: string): Attack =>
  attack(name, outcome, ['POST /v1/a HTTP/1.1', HOST, ...headers, '', body].join('\r\n'));
const get = (name: string, outcome: Outcome, target: string, ...headers: string[]): Attack =>
  attack(name, outcome, [`GET ${target} HTTP/1.1`, HOST, ...headers, '', ''].join('\r\n'));
const raw = (name: string, outcome: Outcome, ...lines: string[]): Attack =>
  attack(name, outcome, [...lines, '', ''].join('\r\n'));

const CHUNKED = 'Transfer-Encoding: chunked';

export const FRAMING: readonly Attack[] = [
  post('CL.TE', 'violation', ['Content-Length: 4', CHUNKED], `0\r\n\r\n${SECOND}`),
  post('TE.CL', 'violation', [CHUNKED, 'Content-Length: 4'], `5c\r\n${SECOND}\r\n0\r\n\r\n`),
  ...[
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding: identity, chunked',
    'Transfer-Encoding: identity',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding: "chunked"',
    'Transfer-Encoding: chunked;q=1',
    'Transfer-Encoding: chunked, chunked',
    'Transfer-Encoding:\x0bchunked',
    'Transfer-Encoding: \x00chunked',
    'Transfer-Encoding : chunked',
    ' Transfer-Encoding: chunked',
    'Transfer-Encoding\t: chunked',
    'Transfer-Encoding:',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
    'X: y\nTransfer-Encoding: chunked',
    'X: y\rTransfer-Encoding: chunked',
    'Transfer-Encoding:\r\n chunked',
    'Transfer_Encoding: chunked',
  ].map((header) => post(`TE: ${JSON.stringify(header)}`, 'violation', [header], `0\r\n\r\n${SECOND}`)),
  ...[
    'Content-Length: +4',
    'Content-Length: -4',
    'Content-Length: 4, 4',
    'Content-Length: 4, 5',
    'Content-Length: 0x4',
    'Content-Length: 4.0',
    'Content-Length: 4 5',
    'Content-Length: four',
    'Content-Length:',
    'Content-Length: 99999999999999999999',
    'Content-Length: 4\r\nContent-Length: 4',
    'Content-Length: 4\r\ncontent-length: 5',
    'Content-Length : 4',
    'Content-Length:\x0c4',
    'Content_Length: 4',
  ].map((header) => post(`CL: ${JSON.stringify(header)}`, 'violation', [header], `abcd${SECOND}`)),
  post('chunk extension', 'violation', [CHUNKED], `1;x=y\r\na\r\n0\r\n\r\n${SECOND}`),
  post('chunk extension with LF', 'violation', [CHUNKED], `1;\nx\r\n0\r\n\r\n${SECOND}`),
  post('chunk size with sign', 'violation', [CHUNKED], '+1\r\na\r\n0\r\n\r\n'),
  post('chunk size with 0x', 'violation', [CHUNKED], '0x1\r\na\r\n0\r\n\r\n'),
  post('chunk size with a space', 'violation', [CHUNKED], '1 \r\na\r\n0\r\n\r\n'),
  post('chunk size with underscore', 'violation', [CHUNKED], '1_0\r\naaaaaaaaaaaaaaaa\r\n0\r\n\r\n'),
  post('chunk size too large', 'violation', [CHUNKED], 'ffffffffffffffff1\r\na\r\n0\r\n\r\n'),
  post('empty chunk size', 'violation', [CHUNKED], '\r\na\r\n0\r\n\r\n'),
  post('chunk ended by LF', 'violation', [CHUNKED], '1\na\r\n0\r\n\r\n'),
  post('chunk longer than its size', 'violation', [CHUNKED], '1\r\nabc\r\n0\r\n\r\n'),
  post('chunk data without CRLF', 'violation', [CHUNKED], `1\r\na0\r\n\r\n${SECOND}`),
  post('last chunk with LF', 'violation', [CHUNKED], `0\n\n${SECOND}`),
  post('trailer that changes framing', 'violation', [CHUNKED], '0\r\nContent-Length: 5\r\n\r\n'),
  post('trailer that changes the host', 'violation', [CHUNKED], '0\r\nHost: evil.example.com\r\n\r\n'),
  post('trailer folded', 'violation', [CHUNKED], '0\r\nA: b\r\n c\r\n\r\n'),
  post('trailer that injects', 'harmless', [CHUNKED], '0\r\nX-Injected: 1\r\n\r\n'),
  post('zeros before a size', 'harmless', [CHUNKED], '0001\r\na\r\n000\r\n\r\n'),
  post('a request inside a body', 'harmless', [`Content-Length: ${SECOND.length}`], SECOND),
  post('a pipelined request after a body', 'denied', ['Content-Length: 4'], `abcd${SECOND}`),
  post('a body longer than allowed', 'denied', ['Content-Length: 65'], 'x'.repeat(65)),
  post('no length at all, then a request', 'denied', [], SECOND),
  get(
    'GET with a body that is a request',
    'harmless',
    '/v1/a',
    `Content-Length: ${SECOND.length}`,
    '',
    SECOND.trimEnd(),
  ),
  get(
    'Connection names Content-Length',
    'violation',
    '/v1/a',
    'Connection: content-length',
    'Content-Length: 4',
  ),
  get('Connection names Host', 'violation', '/v1/a', 'Connection: close, Host'),
  get('Connection names a header', 'harmless', '/v1/a', 'Connection: X-Injected', 'X-Injected: 1'),
];

export const LINES: readonly Attack[] = [
  raw('HTTP/0.9', 'violation', 'GET /v1/a'),
  raw('HTTP/2 preface', 'violation', 'PRI * HTTP/2.0', '', 'SM'),
  raw('HTTP/1.2', 'violation', 'GET /v1/a HTTP/1.2', HOST),
  raw('HTTP/1.1 in lower case', 'violation', 'GET /v1/a http/1.1', HOST),
  raw('two spaces', 'violation', 'GET  /v1/a HTTP/1.1', HOST),
  raw('tab instead of space', 'violation', 'GET\t/v1/a HTTP/1.1', HOST),
  raw('space at the end', 'violation', 'GET /v1/a HTTP/1.1 ', HOST),
  raw('space in the target', 'violation', 'GET /v1/a /forbidden HTTP/1.1', HOST),
  raw('CR in the target', 'violation', 'GET /v1/a\rX HTTP/1.1', HOST),
  raw('NUL in the target', 'violation', 'GET /v1/a\x00 HTTP/1.1', HOST),
  raw('empty lines first', 'violation', '', '', 'GET /v1/a HTTP/1.1', HOST),
  attack('bare LF line ends', 'violation', `GET /v1/a HTTP/1.1\n${HOST}\n\n`),
  attack('one bare LF', 'violation', `GET /v1/a HTTP/1.1\r\nA: b\n${HOST}\r\n\r\n`),
  attack('bare CR', 'violation', `GET /v1/a HTTP/1.1\r\nA: b\rX-Injected: 1\r\n${HOST}\r\n\r\n`),
  attack('end by LF CR LF', 'violation', `GET /v1/a HTTP/1.1\r\n${HOST}\n\r\n${SECOND}`),
  raw('CONNECT', 'violation', `CONNECT ${ATTACKED_HOST}:443 HTTP/1.1`, HOST),
  raw('authority form', 'violation', `GET ${ATTACKED_HOST}:443 HTTP/1.1`, HOST),
  raw('method not listed', 'denied', 'DELETE /v1/a HTTP/1.1', HOST),
  raw('method in lower case', 'denied', 'get /v1/a HTTP/1.1', HOST),
  raw('TRACE', 'denied', 'TRACE /v1/a HTTP/1.1', HOST),
  raw('OPTIONS of the whole server', 'denied', 'OPTIONS * HTTP/1.1', HOST),
  raw(
    'upgrade to h2c',
    'harmless',
    'GET /v1/a HTTP/1.1',
    HOST,
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAAP__',
  ),
  raw(
    'upgrade to WebSocket',
    'denied',
    'GET /v1/a HTTP/1.1',
    HOST,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Version: 13',
  ),
  raw('half an upgrade', 'violation', 'GET /v1/a HTTP/1.1', HOST, 'Upgrade: websocket'),
  raw('Expect something else', 'denied', 'POST /v1/a HTTP/1.1', HOST, 'Content-Length: 0', 'Expect: 200-ok'),
  raw('Max-Forwards', 'denied', 'GET /v1/a HTTP/1.1', HOST, 'Max-Forwards: 0'),
];

export const HEADERS: readonly Attack[] = [
  get('NUL in a value', 'violation', '/v1/a', 'A: b\x00c'),
  get('DEL in a value', 'violation', '/v1/a', 'A: b\x7f'),
  get('space in a name', 'violation', '/v1/a', 'A b: c'),
  get('space before the colon', 'violation', '/v1/a', 'A : c'),
  get('no colon', 'violation', '/v1/a', 'AbC'),
  get('empty name', 'violation', '/v1/a', ': c'),
  get('folded line', 'violation', '/v1/a', 'A: b', ' X-Injected: 1'),
  get('folded by tab', 'violation', '/v1/a', 'A: b', '\tX-Injected: 1'),
  get('non-ASCII name', 'violation', '/v1/a', 'X-Inj\xe9cted: 1'),
  get('two Authorizations', 'violation', '/v1/a', 'Authorization: a', 'authorization: b'),
  get('method override', 'harmless', '/v1/a', 'X-HTTP-Method-Override: DELETE'),
  get('method override with underscores', 'harmless', '/v1/a', 'X_HTTP_Method_Override: DELETE'),
  get('path override', 'harmless', '/v1/a', 'X-Original-URL: /forbidden', 'X-Rewrite-URL: /forbidden'),
  get(
    'host override',
    'harmless',
    '/v1/a',
    'X-Forwarded-Host: evil.example.com',
    'X-Host: evil.example.com',
    'Forwarded: host=evil.example.com',
  ),
  get('encoded CRLF in the query', 'harmless', '/v1/a?x=%0d%0aX-Injected:%201'),
];

export const HOSTS: readonly Attack[] = [
  raw('another Host', 'violation', 'GET /v1/a HTTP/1.1', 'Host: evil.example.com'),
  raw('no Host', 'violation', 'GET /v1/a HTTP/1.1'),
  raw('empty Host', 'violation', 'GET /v1/a HTTP/1.1', 'Host:'),
  raw('two Hosts', 'violation', 'GET /v1/a HTTP/1.1', HOST, 'Host: evil.example.com'),
  raw('two equal Hosts', 'violation', 'GET /v1/a HTTP/1.1', HOST, HOST),
  raw('Host with a user', 'violation', 'GET /v1/a HTTP/1.1', `Host: ${ATTACKED_HOST}@evil.example.com`),
  raw('Host with another port', 'violation', 'GET /v1/a HTTP/1.1', `${HOST}:8443`),
  raw('Host with a path', 'violation', 'GET /v1/a HTTP/1.1', `${HOST}/forbidden`),
  raw('Host with a comma', 'violation', 'GET /v1/a HTTP/1.1', `${HOST}, evil.example.com`),
  raw('Host with percent-encoding', 'violation', 'GET /v1/a HTTP/1.1', 'Host: api%2eexample.com'),
  raw('Host with a space inside', 'violation', 'GET /v1/a HTTP/1.1', `${HOST} evil.example.com`),
  raw('Host in another script', 'violation', 'GET /v1/a HTTP/1.1', 'Host: \xe0pi.example.com'),
  raw('Host in Punycode', 'violation', 'GET /v1/a HTTP/1.1', 'Host: xn--pi-kia.example.com'),
  raw('Host below the host', 'violation', 'GET /v1/a HTTP/1.1', `Host: x.${ATTACKED_HOST}`),
  raw(
    'Host with an underscore twin',
    'harmless',
    'GET /v1/a HTTP/1.1',
    HOST,
    'X-Forwarded_Host: evil.example.com',
  ),
  raw('Host with a final dot', 'harmless', 'GET /v1/a HTTP/1.1', `${HOST}.`),
  raw('Host in capitals', 'harmless', 'GET /v1/a HTTP/1.1', 'HOST: API.EXAMPLE.COM'),
  raw('absolute form for another host', 'violation', 'GET https://evil.example.com/v1/a HTTP/1.1', HOST),
  raw(
    'absolute form with a user',
    'violation',
    `GET https://${ATTACKED_HOST}@evil.example.com/v1/a HTTP/1.1`,
    HOST,
  ),
  raw('absolute form in another scheme', 'violation', `GET http://${ATTACKED_HOST}/v1/a HTTP/1.1`, HOST),
  raw(
    'absolute form, backslash',
    'violation',
    `GET https://${ATTACKED_HOST}\\@evil.example.com/v1/a HTTP/1.1`,
    HOST,
  ),
  raw(
    'absolute form for a path not allowed',
    'denied',
    `GET https://${ATTACKED_HOST}/forbidden HTTP/1.1`,
    HOST,
  ),
  raw('absolute form', 'harmless', `GET https://${ATTACKED_HOST}/v1/a HTTP/1.1`, HOST),
  raw(
    'absolute form, Host differs',
    'violation',
    `GET https://${ATTACKED_HOST}/v1/a HTTP/1.1`,
    'Host: evil.example.com',
  ),
  attack(
    'another Host in a later request',
    'violation',
    `GET /v1/a HTTP/1.1\r\nHost: evil.example.com\r\n\r\n`,
  ),
];

export const PATHS: readonly Attack[] = [
  ...[
    '/forbidden',
    '/v1/../forbidden',
    '/v1/./../forbidden',
    '/v1/%2e%2e/forbidden',
    '/v1/.%2e/forbidden',
    '/v1/%2E./forbidden',
    '/v1/..;/forbidden',
    '/v1/;/../forbidden',
    '/v1/;x=y/forbidden',
    '/v1;/forbidden',
    '/v1/a;..%2fforbidden',
    '/v1/..%2fforbidden',
    '/v1/%2fforbidden',
    '/v1%2fforbidden',
    '/v1/..%5cforbidden',
    '/v1\\..\\forbidden',
    '/v1/%252e%252e/forbidden',
    '/v1/%25%32%65%25%32%65/forbidden',
    '/v1/..%252fforbidden',
    '/v1/%c0%ae%c0%ae/forbidden',
    '/v1/%e0%80%ae/forbidden',
    '/v1/%c0%af/forbidden',
    '/v1/%ef%bc%8e%ef%bc%8e/forbidden',
    '/v1/a%ef%bc%8fforbidden',
    '/v1/\xc0\xae/forbidden',
    '/v1/%00/forbidden',
    '/v1/a%0d%0aX-Injected:%201',
    '/v1/%zz/forbidden',
    '/v1/%2',
    '/v1/%u002e/forbidden',
    '/v1/.../forbidden',
    '/v1/%20/forbidden',
    '/v1/..%20/forbidden',
    '//forbidden',
    '//evil.example.com/v1/a',
    '/v1//forbidden',
    '/v1//../forbidden',
    '/forbidden/..%2fv1/a',
    '/V1/forbidden',
    '/v1',
    '/',
    '/v1.forbidden',
    '/%76%31/../forbidden',
    '/forbidden?/v1/a',
    '/forbidden;/v1/a',
    '/v1/|forbidden',
    '/v1/"forbidden',
  ].map((target) => get(`path ${JSON.stringify(target)}`, 'denied', target)),
  get('fragment', 'violation', '/v1/a#/../forbidden'),
  get('encoded fragment mark', 'harmless', '/v1/a%23b'),
  get('unreserved characters encoded', 'harmless', '/%76%31/a'),
  get('dots in a query', 'harmless', '/v1/a?next=/../forbidden'),
  get('relative target', 'violation', 'v1/a'),
];

export const ATTACKS: readonly Attack[] = [...FRAMING, ...LINES, ...HEADERS, ...HOSTS, ...PATHS];
