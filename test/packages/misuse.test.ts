/**
 * The package path used for anything else: every attempt is made in a cell, over sockets of its own, and judged by what
 * the index outside was asked. It is asked exactly what the list says, whatever is tried.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Project, Terms } from '../egress/cell.ts';
import { ofKind } from '../egress/cell.ts';
import { HALVES } from '../egress/setting.ts';
import {
  type Attempt,
  attempt,
  beside,
  makeProject,
  makeSetting,
  personNamed,
  type Result,
  type Setting,
} from './setting.ts';
import { pack, Registry, SOURCES } from './upstream.ts';

let setting: Setting;
let registry: Registry;

beforeAll(async () => {
  setting = makeSetting();
  registry = new Registry(SOURCES.map((source) => pack(setting.scratch, source)));
  await registry.listen();
});

afterAll(() => {
  registry.close();
  setting.close();
});

const LISTED = [
  { name: 'tiny-left', version: '1.0.0' },
  { name: '@tiny/right', version: '1.1.0' },
];
const FILE = '/tiny-left/-/tiny-left-1.0.0.tgz';
const CANONICAL = [`GET ${FILE}`, 'GET /@tiny/right/-/right-1.1.0.tgz'];
const HOST = 'npm.packages.internal';

const request = (method: string, target: string, headers: readonly string[] = [], body = ''): string =>
  [`${method} ${target} HTTP/1.1`, `Host: ${HOST}`, 'Connection: close', ...headers, '', body].join('\r\n');
const get = (name: string, target: string): Attempt => ({ name, pieces: [request('GET', target)] });
const raw = (name: string, ...pieces: string[]): Attempt => ({ name, pieces });

const body = (text: string): string[] => [`Content-Length: ${text.length}`, 'Content-Type: application/json'];
const post = (name: string, method: string, target: string, text: string): Attempt =>
  raw(name, request(method, target, body(text), text));

const BOUNDARY = '--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nsecret\r\n--x--\r\n';

/** None of these gets anything. */
const REFUSED: readonly Attempt[] = [
  // uploads
  post(
    'publish',
    'PUT',
    '/tiny-left',
    JSON.stringify({ name: 'tiny-left', _attachments: { a: { data: 'c2VjcmV0' } } }),
  ),
  post('publish a new name', 'PUT', '/my-message', '{"readme":"secret"}'),
  post('post', 'POST', '/tiny-left', 'secret'),
  post('patch', 'PATCH', '/tiny-left', 'secret'),
  post('overwrite the file', 'PUT', FILE, 'secret'),
  raw(
    'multipart',
    request(
      'POST',
      '/simple/',
      ['Content-Type: multipart/form-data; boundary=x', `Content-Length: ${BOUNDARY.length}`],
      BOUNDARY,
    ),
  ),
  raw(
    'chunked upload',
    request('POST', '/tiny-left', ['Transfer-Encoding: chunked'], '6\r\nsecret\r\n0\r\n\r\n'),
  ),
  raw('delete', request('DELETE', `${FILE}/-rev/1`)),
  raw('get with a body', request('GET', FILE, body('secret'), 'secret')),
  raw('webdav folder', request('MKCOL', '/secret/')),
  // other functions of a registry
  get('ping', '/-/ping'),
  get('who', '/-/whoami'),
  get('search', '/-/v1/search?text=secret'),
  get('all names', '/-/all'),
  post('audit', 'POST', '/-/npm/v1/security/audits/quick', '{"secret":1}'),
  post('bulk audit', 'POST', '/-/npm/v1/security/advisories/bulk', '{"secret":["1"]}'),
  post('log in', 'PUT', '/-/user/org.couchdb.user:secret', '{"name":"secret"}'),
  post('web log in', 'POST', '/-/v1/login', '{"hostname":"secret"}'),
  post('token', 'POST', '/-/npm/v1/tokens', '{"password":"secret"}'),
  get('tokens', '/-/npm/v1/tokens'),
  post('dist-tag', 'PUT', '/-/package/tiny-left/dist-tags/secret', '"1.0.0"'),
  get('dist-tags', '/-/package/tiny-left/dist-tags'),
  // names and versions that are not listed
  get('unlisted name', '/tiny-sum'),
  get('unlisted file', '/tiny-sum/-/tiny-sum-2.0.0.tgz'),
  get('other version', '/tiny-left/-/tiny-left-1.3.0.tgz'),
  get('version document', '/tiny-left/1.0.0'),
  get('message as a name', '/secret-0123456789abcdef'),
  get('message as a scope', '/@secret/right'),
  get('huge name', `/${'a'.repeat(8000)}`),
  // paths
  get('dots', '/tiny-left/../tiny-sum'),
  get('encoded dots', '/tiny-left/%2e%2e/tiny-sum'),
  get('doubly encoded dots', '/tiny-left/%252e%252e/tiny-sum'),
  get('encoded slash', '/tiny-left%2f-%2ftiny-left-1.0.0.tgz'),
  get('doubled slash', `/${FILE}`),
  get('backslash', '/tiny-left\\-\\tiny-left-1.0.0.tgz'),
  get('other case', '/TINY-LEFT/-/tiny-left-1.0.0.tgz'),
  get('encoded letter', '/%74iny-left/-/tiny-left-1.0.0.tgz'),
  get('trailing slash', '/tiny-left/'),
  get('trailing dot', '/tiny-left.'),
  get('parameter', '/tiny-left;secret'),
  get('nul', '/tiny-left%00secret'),
  get('look-alike letters', '/tiny\xe2\x80\x90left'),
  get('query', `${FILE}?secret=0123456789`),
  get('query of a document', '/tiny-left?write=true&secret=1'),
  get('fragment', `${FILE}#secret`),
  // other destinations, other protocols
  get('absolute form elsewhere', 'http://example.com/secret'),
  raw('another host', `GET ${FILE} HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n`),
  raw('two hosts', `GET ${FILE} HTTP/1.1\r\nHost: ${HOST}\r\nHost: example.com\r\n\r\n`),
  raw('connect', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n'),
  raw(
    'websocket',
    request('GET', FILE, [
      'Upgrade: websocket',
      'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==',
      'Sec-WebSocket-Version: 13',
    ]).replace('Connection: close', 'Connection: Upgrade'),
  ),
  raw('HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  raw('HTTP/0.9', 'GET /\r\n\r\n'),
  raw('TLS', '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00\r\n\r\n'),
  raw('SSH', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'),
  raw('not HTTP at all', `${'\x00\xff'.repeat(9000)}\r\n\r\n`),
  raw('options', request('OPTIONS', '*')),
  raw('trace', request('TRACE', FILE)),
  // where one parser ends a message and another does not
  raw(
    'both lengths',
    request(
      'POST',
      FILE,
      ['Content-Length: 6', 'Transfer-Encoding: chunked'],
      '0\r\n\r\nGET /secret HTTP/1.1\r\n\r\n',
    ),
  ),
  raw('bare line feeds', `GET ${FILE} HTTP/1.1\nHost: ${HOST}\n\n\r\n\r\n`),
  raw('folded header', request('GET', FILE, ['X-A: b', ' secret: c'])),
  raw('space before the colon', request('GET', FILE, ['X-A : b'])),
  raw('huge head', request('GET', FILE, [`X-Secret: ${'s'.repeat(40_000)}`])),
];

/** These are answered with what is listed, and that is all they do. */
const HARMLESS: readonly Attempt[] = [
  raw(
    'credentials',
    request('GET', FILE, ['Authorization: Bearer secret', 'Cookie: secret=1', 'npm-otp: 123456']),
  ),
  raw(
    'forwarding',
    request('GET', FILE, ['X-Forwarded-Host: example.com', 'Forwarded: host=example.com', 'Via: secret']),
  ),
  raw('range', request('GET', FILE, ['Range: bytes=0-0'])),
  raw(
    'condition',
    request('GET', FILE, ['If-None-Match: "secret"', 'If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT']),
  ),
  raw(
    'agent',
    request('GET', FILE, [
      'User-Agent: secret',
      'npm-session: secret',
      'Referer: http://secret.example.com/',
    ]),
  ),
  raw('slowly', request('GET', FILE).slice(0, 20), request('GET', FILE).slice(20)),
];

describe.each(HALVES)('%s', (who) => {
  let project: Project;
  let terms: Terms;
  let results: Map<string, Result>;
  let asked: string[];
  let ended: Awaited<ReturnType<typeof attempt>>['ended'];

  beforeAll(async () => {
    project = makeProject(personNamed(setting, who));
    beside(project, 'package-lock.json', registry.lock(LISTED));
    terms = {
      contract: 'listed',
      network: [],
      packages: [{ ecosystem: 'npm', from: `${registry.address}/`, only: 'package-lock.json' }],
    };
    registry.log.length = 0;
    const pipelined = raw(
      'pipelined',
      request('GET', FILE).replace('close', 'keep-alive') + request('PUT', '/secret'),
    );
    ({ results, ended } = await attempt(project, terms, [...REFUSED, ...HARMLESS, pipelined]));
    asked = registry.lines;
  });

  afterAll(() => project.remove());

  test(`${REFUSED.length} attempts get nothing`, () => {
    expect(REFUSED.length).toBeGreaterThan(40);
    const got = REFUSED.filter(
      ({ name }) => !/^(HTTP\/1\.1 (400|404|405|413) |$)/.test(results.get(name)?.text ?? 'x'),
    );
    expect(got.map(({ name }) => `${name}: ${results.get(name)?.text.slice(0, 60)}`)).toEqual([]);
    const served = REFUSED.filter(({ name }) => results.get(name)?.text.includes(' 200 '));
    expect(served).toEqual([]);
  });

  test('headers change nothing of what is served', () => {
    const { bytes } = registry.packed('tiny-left', '1.0.0');
    for (const { name } of HARMLESS) {
      const text = results.get(name)?.text ?? '';
      const [head = ''] = text.split('\r\n\r\n', 1);
      expect(head.split('\r\n'), name).toEqual([
        'HTTP/1.1 200 OK',
        'content-type: application/octet-stream',
        `content-length: ${bytes.length}`,
        'connection: close',
      ]);
      expect(Buffer.from(text.slice(head.length + 4), 'latin1').equals(bytes), name).toBe(true);
    }
  });

  test('a second request on a connection is judged like the first', () => {
    const text = results.get('pipelined')?.text ?? '';
    expect(text.startsWith('HTTP/1.1 200 OK')).toBe(true);
    expect(text).toContain('HTTP/1.1 405 ');
  });

  test('the index outside was asked for exactly what is listed, in its order, and told nothing', () => {
    expect(asked).toEqual(CANONICAL);
    for (const { headers } of registry.log)
      expect(headers).toEqual({
        host: `127.0.0.1:${registry.port}`,
        'user-agent': 'ringfence',
        accept: '*/*',
        'accept-encoding': 'identity',
        connection: 'keep-alive',
      });
  });

  test('what was refused is on record', () => {
    const denied = ofKind(ended.events, 'denial').filter(({ clause }) => clause === 'packages');
    const count = denied.reduce((sum, event) => sum + (event.count ?? 1), 0);
    expect(count).toBeGreaterThanOrEqual(REFUSED.length);
    expect(JSON.stringify(denied)).toContain('PUT npm.packages.internal/tiny-left');
  });

  test('a second cell of the contract sees the same, whatever the first one tried', async () => {
    registry.log.length = 0;
    const looks = [
      get('document', '/tiny-left'),
      get('scoped', '/@tiny%2fright'),
      get('file', FILE),
      get('message', '/secret'),
    ];
    const other = makeProject(personNamed(setting, who));
    try {
      beside(other, 'package-lock.json', registry.lock(LISTED));
      const fresh = await attempt(other, terms, looks);
      expect(registry.lines).toEqual(CANONICAL);
      registry.log.length = 0;
      const later = await attempt(project, terms, looks);
      expect([...later.results]).toEqual([...fresh.results]);
      // it has its copies, and the index outside learns nothing of it
      expect(registry.lines).toEqual([]);
    } finally {
      other.remove();
    }
  });
});
