/**
 * An index outside that lies, redirects or stalls, a store that was tampered with, clients that flood: what is served
 * is what was listed, or nothing.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ofKind, type Project, type Terms } from '../egress/cell.ts';
import { HALVES } from '../egress/setting.ts';
import {
  type Attempt,
  attempt,
  beside,
  makeProject,
  makeSetting,
  personNamed,
  place,
  type Setting,
} from './setting.ts';
import { digest, Logged, type Packed, pack, Registry, SOURCES } from './upstream.ts';

let setting: Setting;
let file: Packed;
let honest: Registry;

beforeAll(async () => {
  setting = makeSetting();
  file = pack(setting.scratch, SOURCES[0] as (typeof SOURCES)[number]);
  honest = new Registry([file]);
  await honest.listen();
});

afterAll(() => {
  honest.close();
  setting.close();
});

const get = (name: string, path = file.path): Attempt => ({
  name,
  pieces: [`GET ${path} HTTP/1.1\r\nHost: npm.packages.internal\r\nConnection: close\r\n\r\n`],
});

const statusOf = (text: string | undefined): string => text?.split('\r\n', 1)[0] ?? '';

describe.each(HALVES)('%s', (who) => {
  const projects: Project[] = [];
  const servers: Logged[] = [];

  afterEach(() => {
    for (const project of projects.splice(0)) project.remove();
    for (const server of servers.splice(0)) server.close();
  });

  const fresh = (): Project => {
    const project = makeProject(personNamed(setting, who));
    projects.push(project);
    beside(project, 'package-lock.json', honest.lock([file]));
    return project;
  };

  const serve = async (server: Logged): Promise<Logged> => {
    await server.listen();
    servers.push(server);
    return server;
  };

  const termsFor = (from: string, rest: Partial<Terms> = {}): Terms => ({
    contract: 'hostile',
    network: [],
    packages: [{ ecosystem: 'npm', from, only: 'package-lock.json' }],
    ...rest,
  });

  test('other bytes than the listed ones are not served', async () => {
    const liar = await serve(new Registry([file], (_, bytes) => Buffer.concat([bytes, Buffer.from('!')])));
    const { results, ended } = await attempt(fresh(), termsFor(liar.address), [get('one'), get('two')]);
    expect(statusOf(results.get('one')?.text)).toBe('HTTP/1.1 404 Not Found');
    expect(statusOf(results.get('two')?.text)).toBe('HTTP/1.1 404 Not Found');
    expect(liar.lines).toEqual([`GET ${file.path}`]);
    const [fetched] = ofKind(ended.events, 'package.fetch');
    expect(fetched?.detail).toBe('its digest is not the one it must have');
  });

  test('a redirect is followed within the same place, and not to another in the clear', async () => {
    const sink = await serve(new Logged((_, response) => response.end('secret')));
    const away = await serve(
      new Logged((_, response) => response.writeHead(302, { location: `${sink.address}/x` }).end()),
    );
    const { results, ended } = await attempt(fresh(), termsFor(away.address), [get('one')]);
    expect(statusOf(results.get('one')?.text)).toBe('HTTP/1.1 404 Not Found');
    expect(sink.connections).toBe(0);
    expect(ofKind(ended.events, 'package.fetch')[0]?.detail).toContain('redirects');
    const within = await serve(
      new Logged((request, response) => {
        if (request.url === '/elsewhere') response.end(file.bytes);
        else response.writeHead(302, { location: '/elsewhere', 'set-cookie': 'a=b' }).end();
      }),
    );
    const followed = await attempt(fresh(), termsFor(within.address), [get('one')]);
    expect(statusOf(followed.results.get('one')?.text)).toBe('HTTP/1.1 200 OK');
    expect(within.lines).toEqual([`GET ${file.path}`, 'GET /elsewhere']);
    expect(within.log[1]?.headers.cookie).toBeUndefined();
    const round = await serve(
      new Logged((request, response) => response.writeHead(302, { location: `${request.url}x` }).end()),
    );
    await attempt(fresh(), termsFor(round.address), [get('one')]);
    expect(round.log).toHaveLength(4);
  });

  test('a name that leads to this machine is not asked unless that is written out', async () => {
    const { port } = honest;
    honest.log.length = 0;
    const from = `http://index.example.com:${port}/`;
    const unresolved = await attempt(fresh(), termsFor(from), [get('one')]);
    expect(statusOf(unresolved.results.get('one')?.text)).toBe('HTTP/1.1 404 Not Found');
    expect(honest.lines).toEqual([]);
    const written = termsFor(from, { resolve: { 'index.example.com': ['127.0.0.1'] } });
    const resolved = await attempt(fresh(), written, [get('one')]);
    expect(statusOf(resolved.results.get('one')?.text)).toBe('HTTP/1.1 200 OK');
  });

  test('a copy that was changed in the store is fetched anew', async () => {
    const project = fresh();
    await attempt(project, termsFor(honest.address), [get('one')]);
    const store = join(project.root, 'home/.cache/ringfence/packages');
    const [folder = ''] = readdirSync(store);
    const [copy = ''] = readdirSync(join(store, folder));
    const path = join(store, folder, copy);
    expect(readFileSync(path).equals(file.bytes)).toBe(true);
    writeFileSync(path, 'something else');
    honest.log.length = 0;
    const { results } = await attempt(project, termsFor(honest.address), [get('one'), get('two')]);
    expect(results.get('one')?.text.endsWith(file.bytes.toString('latin1'))).toBe(true);
    expect(honest.lines).toEqual([`GET ${file.path}`]);
    expect(readFileSync(path).equals(file.bytes)).toBe(true);
  });

  test('a named artefact stays what it was when it was first fetched', async () => {
    const project = fresh();
    const changed = pack(setting.scratch, {
      ...(SOURCES[0] as (typeof SOURCES)[number]),
      exports: "'changed'",
    });
    let now = file;
    const moving = await serve(
      new Logged((request, response) => {
        if (request.url === file.path) response.end(now.bytes);
        else
          response.end(
            JSON.stringify({
              versions: { '1.0.0': { dist: { integrity: now.integrity, tarball: 'http://example.com/x' } } },
            }),
          );
      }),
    );
    const terms = termsFor(moving.address, {
      packages: [{ ecosystem: 'npm', from: moving.address, only: ['tiny-left@1.0.0'] }],
    });
    const first = await attempt(project, terms, [get('one')]);
    expect(statusOf(first.results.get('one')?.text)).toBe('HTTP/1.1 200 OK');
    const store = join(project.root, 'home/.cache/ringfence/packages');
    const [folder = ''] = readdirSync(store);
    const [copy = ''] = readdirSync(join(store, folder)).filter((name) => !name.includes('.'));
    writeFileSync(join(store, folder, copy), 'gone bad');
    now = changed;
    const { results, ended } = await attempt(project, terms, [get('one')]);
    expect(statusOf(results.get('one')?.text)).toBe('HTTP/1.1 404 Not Found');
    expect(ofKind(ended.events, 'package.fetch').at(-1)?.detail).toContain('digest');
    expect(ofKind(first.ended.events, 'package.fetch').find(({ file: name }) => name)?.digest).toBe(
      `sha512-${digest('sha512', file.bytes)}`,
    );
  });

  test('a lock file that is changed inside changes nothing', async () => {
    const project = fresh();
    place(project, 'package-lock.json', honest.lock([file]).replaceAll('1.0.0', '9.9.9'));
    const { results } = await attempt(project, termsFor(honest.address), [
      get('nine', '/tiny-left/-/tiny-left-9.9.9.tgz'),
      get('one'),
    ]);
    expect(statusOf(results.get('nine')?.text)).toBe('HTTP/1.1 404 Not Found');
    expect(statusOf(results.get('one')?.text)).toBe('HTTP/1.1 200 OK');
  });

  test('a flood of connections is bounded, and does not end the gateway', async () => {
    const project = fresh();
    const flood = `
      const { connect } = require('node:net');
      const open = [];
      let refused = 0;
      const ask = () => {
        const socket = connect(80, '192.0.0.8');
        socket.on('connect', () => socket.write('GET ${file.path} HTTP/1.1\\r\\nHost: npm.packages.internal\\r\\nConnection: close\\r\\n\\r\\n'));
        socket.on('error', () => setTimeout(ask, 100));
        socket.on('data', (data) => { console.log(data.toString('latin1').slice(0, 15)); process.exit(); });
      };
      const enough = () => {
        refused += 1;
        if (refused !== 50) return;
        for (const socket of open) socket.destroy();
        ask();
      };
      for (let n = 0; n < 400; n += 1) {
        const socket = connect(80, '192.0.0.8');
        socket.on('error', enough);
        socket.on('connect', () => socket.write('GET /'));
        open.push(socket);
      }`;
    const ended = await project.run(termsFor(honest.address), 'node', '-e', flood);
    expect(ended.out, ended.err).toBe('HTTP/1.1 200 OK\n');
  });

  test('a list that cannot be read starts nothing, and says where', async () => {
    const project = fresh();
    beside(project, 'requirements.txt', '# two\ntinyone==1.0\n');
    const packages = `[{ ecosystem: pip, from: "${honest.address}", only: requirements.txt }]`;
    beside(
      project,
      'pip.yaml',
      `ringfence: 1\nname: t\nfiles: { workspace: project }\npackages: ${packages}\n`,
    );
    const run = () => project.ringfence('run', '--contract', join(project.root, 'pip.yaml'), '--', 'true');
    expect(run).toThrow(
      /pip\.yaml:4:\d+: .*requirements\.txt:2: tinyone==1\.0 has no hash[\s\S]*pip-compile/,
    );
  });
});
