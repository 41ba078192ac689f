/**
 * The way to an index outside: who it is, where it may send the gateway, how much it may say. And what a cell could tell
 * the next one of its contract by what it asks for.
 */
import { copyFileSync, readdirSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ofKind, type Project, type Terms } from '../egress/cell.ts';
import { type Certificates, makeCertificates } from '../egress/certificates.ts';
import { HALVES } from '../egress/setting.ts';
import { attempt, beside, makeProject, makeSetting, personNamed, type Setting } from './setting.ts';
import { Logged, type Packed, pack, Registry, SOURCES } from './upstream.ts';

const INDEX = 'index.example.com';
const OTHER = 'other.example.com';

let setting: Setting;
let file: Packed;
let second: Packed;
let certificates: Certificates;

beforeAll(() => {
  setting = makeSetting();
  [file, second] = [SOURCES[0], SOURCES[3]].map((source) =>
    pack(setting.scratch, source as (typeof SOURCES)[number]),
  ) as [Packed, Packed];
  certificates = makeCertificates(setting.scratch, [INDEX]);
});

afterAll(() => setting.close());

describe.each(HALVES)('%s', (who) => {
  const projects: Project[] = [];
  const servers: { close(): void }[] = [];

  afterEach(() => {
    for (const project of projects.splice(0)) project.remove();
    for (const server of servers.splice(0)) server.close();
  });

  const fresh = (): Project => {
    const project = makeProject(personNamed(setting, who));
    projects.push(project);
    beside(project, 'package-lock.json', new Registry([file, second]).lock([file]));
    return project;
  };

  const listen = async (server: Server, host: string): Promise<number> => {
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, host, done));
    return (server.address() as AddressInfo).port;
  };

  const serve = async (server: Logged): Promise<Logged> => {
    await server.listen();
    servers.push(server);
    return server;
  };

  const npm = (from: string, rest: { only?: string | string[]; ca?: string } = {}): Terms => ({
    contract: 'outside',
    network: [],
    packages: [
      { ecosystem: 'npm', from, only: rest.only ?? 'package-lock.json', ...(rest.ca && { ca: rest.ca }) },
    ],
    resolve: { [INDEX]: ['127.0.0.1'] },
  });

  const one = { name: 'one', pieces: [request(file_())] };
  function file_(): string {
    return '/tiny-left/-/tiny-left-1.0.0.tgz';
  }
  function request(path: string): string {
    return `GET ${path} HTTP/1.1\r\nHost: npm.packages.internal\r\nConnection: close\r\n\r\n`;
  }
  const statusOf = (text: string | undefined) => text?.split('\r\n', 1)[0];

  test('a certificate that nobody vouches for: the operator hears why, the agent nothing', {
    timeout: 60_000,
  }, async () => {
    const project = fresh();
    copyFileSync(certificates.authority, join(project.root, 'authority.pem'));
    let asked = 0;
    const { key, cert } = certificates;
    const port = await listen(
      createHttps({ key, cert }, (_, response) => {
        asked += 1;
        response.end(file.bytes);
      }),
      '127.0.0.1',
    );
    const unknown = await attempt(project, npm(`https://${INDEX}:${port}/`), [one]);
    expect(statusOf(unknown.results.get('one')?.text)).toBe('HTTP/1.1 404 Not Found');
    expect(unknown.results.get('one')?.text).not.toMatch(/certificate|authority/);
    expect(unknown.ended.err).toMatch(
      /packages 1 of 1 fetches failed; tiny-left 1\.0\.0: its certificate is of an authority that is not known here; name it in the contract: ca: FILE\n +all of them: ringfence log show/,
    );
    expect(asked).toBe(0);
    const named = await attempt(project, npm(`https://${INDEX}:${port}/`, { ca: 'authority.pem' }), [one]);
    expect(statusOf(named.results.get('one')?.text)).toBe('HTTP/1.1 200 OK');
    expect(named.ended.err).not.toContain('fetches failed');
    // the right authority for another name is not the right certificate
    const other = fresh();
    copyFileSync(certificates.authority, join(other.root, 'authority.pem'));
    const terms = {
      ...npm(`https://${OTHER}:${port}/`, { ca: 'authority.pem' }),
      resolve: { [OTHER]: ['127.0.0.1'] },
    };
    const wrong = await attempt(other, terms, [one]);
    expect(statusOf(wrong.results.get('one')?.text)).toBe('HTTP/1.1 404 Not Found');
    expect(wrong.ended.err).toMatch(/does not match certificate/);
  });

  test('an index at an IPv6 address', { timeout: 60_000 }, async (context) => {
    const server = createHttp((_, response) => response.end(file.bytes));
    const port = await listen(server, '::1').catch(() => context.skip('this machine has no IPv6 loopback'));
    const { results } = await attempt(fresh(), npm(`http://[::1]:${port}/`), [one]);
    expect(statusOf(results.get('one')?.text)).toBe('HTTP/1.1 200 OK');
  });

  test('no redirect leads to this machine or its neighbours', { timeout: 60_000 }, async () => {
    const sink = await serve(new Logged((_, response) => response.end('out')));
    const { port } = sink;
    const locations = [
      `https://127.0.0.1:${port}/`,
      `https://[::1]:${port}/`,
      `https://[::ffff:127.0.0.1]:${port}/`,
      `https://[64:ff9b::7f00:1]:${port}/`,
      `https://localhost:${port}/`,
      `https://2130706433:${port}/`,
      `https://0x7f.1:${port}/`,
      'https://169.254.169.254/latest/meta-data/',
      'https://user:word@example.com/',
      'file:///etc/passwd',
      'data:text/plain,x',
      `//127.0.0.1:${port}/`,
    ];
    const away = await serve(
      new Logged(({ url = '' }, response) =>
        response.writeHead(302, { location: locations[Number(url.slice(1))] }).end(),
      ),
    );
    const project = fresh();
    beside(project, 'list.txt', locations.map((_, at) => `${'0'.repeat(64)}  ${at}\n`).join(''));
    const terms = {
      network: [],
      packages: [{ ecosystem: 'files', from: away.address, only: 'list.txt' }],
    };
    const host = away.address.replace('http://', '');
    const attempts = locations.map((location, at) => ({
      name: location,
      host: 'files.packages.internal',
      pieces: [`GET /${host}/${at} HTTP/1.1\r\nHost: files.packages.internal\r\nConnection: close\r\n\r\n`],
    }));
    const { results, ended } = await attempt(project, terms, attempts);
    for (const location of locations)
      expect(statusOf(results.get(location)?.text), location).toBe('HTTP/1.1 404 Not Found');
    const fetched = ofKind(ended.events, 'package.fetch');
    expect(fetched).toHaveLength(locations.length);
    for (const { detail } of fetched)
      expect(detail).toMatch(/ is (loopback|mapped|metadata|private)|does not follow/);
    expect(sink.connections).toBe(0);
  });

  test('an index that says too much is not believed, and ends nothing', { timeout: 90_000 }, async () => {
    const endless = (response: import('node:http').ServerResponse) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
      };
      response.on('drain', more);
      more();
    };
    const deep = Buffer.from(`{"versions":${'['.repeat(30_000_000)}`);
    const documents: Record<string, (response: import('node:http').ServerResponse) => void> = {
      '/deep': (response) => response.end(deep),
      '/bomb': (response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1 << 26))),
      '/endless': (response) => endless(response.writeHead(200)),
      '/missing': (response) => endless(response.writeHead(404)),
      '/announced': (response) => response.writeHead(200, { 'content-length': '99999999999' }).write('{'),
    };
    const names = Object.keys(documents).map((path) => path.slice(1));
    const hostile = await serve(
      new Logged((request, response) => {
        const answer = documents[request.url ?? ''];
        if (answer) answer(response);
        else if (request.url === '/tiny-left')
          response.end(JSON.stringify({ versions: { '1.0.0': { dist: { integrity: file.integrity } } } }));
        else response.end(file.bytes);
      }),
    );
    const only = [...names.map((name) => `${name}@1.0.0`), 'tiny-left@1.0.0'];
    const { results, ended } = await attempt(fresh(), npm(hostile.address, { only }), [
      one,
      ...names.map((name) => ({ name, pieces: [request(`/${name}/-/${name}-1.0.0.tgz`)] })),
    ]);
    expect(statusOf(results.get('one')?.text)).toBe('HTTP/1.1 200 OK');
    for (const name of names) expect(statusOf(results.get(name)?.text), name).toBe('HTTP/1.1 404 Not Found');
    const why = new Map(
      ofKind(ended.events, 'package.fetch')
        .filter(({ ok }) => !ok)
        .map(({ name, detail }) => [name, detail]),
    );
    expect(why.get('deep')).toContain('nests deeper');
    expect(why.get('bomb')).toContain('encoded');
    expect(why.get('endless')).toContain('larger');
    expect(why.get('missing')).toContain('404');
    expect(why.get('announced')).toContain('larger');
  });

  test('what a cell asks for leaves nothing that the next cell could read', { timeout: 60_000 }, async () => {
    const registry = new Registry([file, second]);
    await serve(registry);
    const lock = registry.lock([file, second]);
    const left = (project: Project) => {
      const store = join(project.root, 'home/.cache/ringfence/packages');
      return readdirSync(store).flatMap((folder) => readdirSync(join(store, folder)).sort());
    };
    // two agents with the same contract and opposite wishes; both wait until all is there
    const [zero, oneBit] = [fresh(), fresh()];
    for (const project of [zero, oneBit]) beside(project, 'package-lock.json', lock);
    const wait = { name: 'all', pieces: [request(second.path)] };
    await attempt(zero, npm(registry.address), [one, wait]);
    const many = Array.from({ length: 20 }, (_, n) => ({ name: `m${n}`, pieces: [request(second.path)] }));
    const odd = [{ name: 'odd', pieces: [request('/message-for-the-next')] }];
    await attempt(oneBit, npm(registry.address), [...many, ...odd, wait, one]);
    expect(left(zero)).toHaveLength(2);
    expect(left(oneBit)).toEqual(left(zero));
    const looks = [zero, oneBit].map((project) => attempt(project, npm(registry.address), [one, ...odd]));
    const [first, other] = await Promise.all(looks);
    expect([...(other?.results.values() ?? [])]).toEqual([...(first?.results.values() ?? [])]);
  });
});
