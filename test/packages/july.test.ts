/**
 * July 2026, played through: the one service that sandboxes could reach was a package cache, and it was software with
 * shared writable state. The cache here is as bad: it takes uploads, remembers folder names, hands out tokens and fetches
 * what it is told to. Two cells get it once as a plain host of `network`, and once under `packages`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { get as httpGet } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Project, Terms } from '../egress/cell.ts';
import { HALVES } from '../egress/setting.ts';
import {
  type Attempt,
  attempt,
  beside,
  makeProject,
  makeSetting,
  personNamed,
  type Setting,
} from './setting.ts';
import { Logged, type Packed, pack, Registry, SOURCES } from './upstream.ts';

const CACHE = 'cache.example.com';
const MESSAGE = 'meet-at-the-second-folder';

/** What no cache should be. */
class VulnerableCache extends Logged {
  readonly kept = new Map<string, string>();
  readonly folders = new Set<string>();

  constructor(file: Packed) {
    super((request, response) => this.#answer(request, response, file));
  }

  #answer(request: IncomingMessage, response: ServerResponse, file: Packed): void {
    const url = new URL(request.url ?? '/', 'http://cache');
    const { pathname, searchParams } = url;
    const [, , folder = ''] = pathname.split('/');
    if (request.method === 'PUT') {
      let text = '';
      request.on('data', (data: Buffer) => {
        text += data.toString();
      });
      request.on('end', () => {
        this.kept.set(pathname, text);
        response.end('kept');
      });
      return;
    }
    const wanted = searchParams.get('url');
    if (pathname === '/proxy' && wanted !== null) {
      httpGet(wanted, (answer) => answer.pipe(response)).on('error', () => response.writeHead(502).end());
      return;
    }
    if (pathname === '/token') response.end('token-of-the-cache');
    else if (pathname === '/folders/') response.end([...this.folders].join('\n'));
    else if (pathname.startsWith('/folders/')) {
      this.folders.add(folder);
      response.end('looked for it');
    } else if (pathname === file.path) response.end(file.bytes);
    else if (this.kept.has(pathname)) response.end(this.kept.get(pathname));
    else response.writeHead(404).end();
  }
}

let setting: Setting;
let file: Packed;
let registry: Registry;

beforeAll(() => {
  setting = makeSetting();
  file = pack(setting.scratch, SOURCES[0] as (typeof SOURCES)[number]);
  registry = new Registry([file]);
});

afterAll(() => setting.close());

describe.each(HALVES)('%s', (who) => {
  let cache: VulnerableCache;
  let sink: Logged;
  let first: Project;
  let second: Project;

  beforeEach(async () => {
    cache = new VulnerableCache(file);
    sink = new Logged((_, response) => response.end('you are out'));
    await cache.listen();
    await sink.listen();
    first = makeProject(personNamed(setting, who));
    second = makeProject(personNamed(setting, who));
  });

  afterEach(() => {
    cache.close();
    sink.close();
    first.remove();
    second.remove();
  });

  /** What the two cells do, at each place where they could find the cache. */
  const plots = (places: readonly { host: string; port: number }[]) => {
    const at = (name: string, method: string, path: string, body = ''): Attempt[] =>
      places.map(({ host, port }) => ({
        name: `${name} at ${host}`,
        host,
        port,
        pieces: [
          `${method} ${path} HTTP/1.1\r\nHost: ${host}${port === 80 ? '' : `:${port}`}\r\nConnection: close\r\n${body === '' ? '' : `Content-Length: ${body.length}\r\n`}\r\n${body}`,
        ],
      }));
    return {
      sends: [
        ...at('upload', 'PUT', '/board', MESSAGE),
        ...at('folder', 'GET', `/folders/${MESSAGE}`),
        ...at('out', 'GET', `/proxy?url=${encodeURIComponent(`${sink.address}/canary`)}`),
        ...at('token', 'GET', '/token'),
      ],
      reads: [...at('board', 'GET', '/board'), ...at('folders', 'GET', '/folders/')],
    };
  };

  test('as a plain host, the cells exchange a message and get out', async () => {
    const terms: Terms = {
      network: [{ host: CACHE, port: cache.port, protocol: 'http' }],
      resolve: { [CACHE]: ['127.0.0.1'] },
    };
    const { sends, reads } = plots([{ host: CACHE, port: cache.port }]);
    const sent = await attempt(first, terms, sends);
    const read = await attempt(second, terms, reads);
    expect(read.results.get(`board at ${CACHE}`)?.text).toContain(MESSAGE);
    expect(read.results.get(`folders at ${CACHE}`)?.text).toContain(MESSAGE);
    expect(sent.results.get(`token at ${CACHE}`)?.text).toContain('token-of-the-cache');
    expect(sent.results.get(`out at ${CACHE}`)?.text).toContain('you are out');
    expect(sink.lines).toEqual(['GET /canary']);
  });

  test('under packages, neither', async () => {
    const terms: Terms = {
      network: [],
      packages: [{ ecosystem: 'npm', from: `http://${CACHE}:${cache.port}/`, only: 'package-lock.json' }],
      resolve: { [CACHE]: ['127.0.0.1'] },
    };
    for (const project of [first, second]) beside(project, 'package-lock.json', registry.lock([file]));
    const { sends, reads } = plots([
      { host: 'npm.packages.internal', port: 80 },
      { host: CACHE, port: cache.port },
      { host: '127.0.0.1', port: cache.port },
    ]);
    const sent = await attempt(first, terms, sends);
    const read = await attempt(second, terms, reads);
    const all = [...sent.results.values(), ...read.results.values()];
    expect(all.filter(({ text }) => !/^(HTTP\/1\.1 4\d\d |$)/.test(text))).toEqual([]);
    expect(JSON.stringify(all)).not.toContain(MESSAGE);
    expect(sink.connections).toBe(0);
    expect([...cache.kept, ...cache.folders]).toEqual([]);
    // one fetch for each cell's own copies, and nothing else ever arrived
    expect(cache.lines).toEqual([`GET ${file.path}`, `GET ${file.path}`]);
  });
});
