/**
 * Real clients reach the hosts that a contract names, by name and without proxy variables, each flow with its owner.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, ofKind, type Project } from './cell.ts';
import { gitHandler, makeRepository, subjects } from './git-origin.ts';
import { BULK, HOME4 } from './origins.ts';
import { npmHandler, pipHandler } from './package-origin.ts';
import {
  HALVES,
  has,
  makeProject,
  makeSetting,
  ordinaryTerms,
  personNamed,
  type Setting,
  trust,
} from './setting.ts';

let setting: Setting;
beforeAll(async () => {
  setting = await makeSetting();
  execFileSync(
    'cc',
    [
      '-O1',
      '-static',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-o',
      'resolver',
      join(import.meta.dirname, 'inside/resolver.c'),
    ],
    {
      cwd: setting.scratch,
    },
  );
});
afterAll(() => setting.close());

/** Every flow was opened by a process whose execution is on record, and by one of these programs. */
function expectOwners(ended: Ended, ...programs: RegExp[]): void {
  const executed = new Map(ofKind(ended.events, 'process.exec').map(({ owner }) => [owner.pid, owner]));
  const opened = ofKind(ended.events, 'flow.open');
  expect(opened.length).toBeGreaterThan(0);
  for (const { owner } of opened) {
    expect(owner?.argv?.length).toBeGreaterThan(0);
    expect(programs.some((program) => program.test(owner?.exe ?? ''))).toBe(true);
    expect(executed.get(owner?.pid ?? 0)?.argv).toEqual(owner?.argv);
  }
  // what was opened was closed, with its bytes, and spoke what was declared
  expect(ofKind(ended.events, 'flow.close').length).toBe(opened.length);
  expect(ofKind(ended.events, 'violation')).toEqual([]);
  expect(ended.record.flows.map(({ flow }) => flow)).toEqual(opened.map(({ flow }) => flow));
}

describe.each(HALVES)('as %s', (who) => {
  let project: Project;
  let api: string;
  let web: string;
  beforeAll(() => {
    project = makeProject(setting, personNamed(setting, who));
    project.add(join(setting.scratch, 'resolver'), 'resolver');
    api = `https://api.example.com:${setting.origins.https}`;
    web = `http://web.example.com:${setting.origins.http}`;
  });
  afterAll(() => project.remove());
  const run = (...command: string[]) => project.run(ordinaryTerms(setting, project), ...command);

  test('curl, over TLS and in the clear, IPv4 and IPv6', async () => {
    const ended = await run('sh', '-c', `curl -sS ${api}/ && curl -sS -4 ${web}/ && curl -sS -6 ${web}/`);
    expect(ended.out, ended.err).toBe('hello api.example.comhello web.example.comhello web.example.com');
    expectOwners(ended, /\/curl$/);
    const families = ended.record.flows.map(({ address }) => (address.includes(':') ? 6 : 4));
    expect(families).toEqual([4, 4, 6]);
    const verdicts = ofKind(ended.events, 'flow.verdict').map(({ protocol, sni, ok }) => [protocol, sni, ok]);
    expect(verdicts).toEqual([
      ['tls', 'api.example.com', true],
      ['http', undefined, true],
      ['http', undefined, true],
    ]);
  });

  test('a large download and a large upload are byte-exact', async () => {
    const script = `curl -sS ${api}/bulk -o bulk && sha256sum < bulk && curl -sS -T bulk ${web}/ && echo && curl -sS -T - ${api}/ < bulk`;
    const ended = await run('sh', '-c', script);
    const digests = ended.out
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '-');
    expect(digests, ended.err).toEqual(Array(3).fill(setting.origins.bulkDigest));
    expect(ended.record.totals.sent).toBeGreaterThan(2 * BULK);
    expect(ended.record.totals.received).toBeGreaterThan(BULK);
    expectOwners(ended, /\/curl$/);
  });

  test('Node fetch', async () => {
    const ended = await run('node', 'fetch.mjs', `${api}/`, `${web}/`, `${api}/again`);
    expect(ended.out, ended.err).toBe(
      'hello api.example.com\nhello web.example.com\nhello api.example.com\n',
    );
    expectOwners(ended, /\/node$/);
  });

  test.each([
    ['blocking', 3],
    ['asyncio', 20],
    ['threads', 50],
  ])('Python, %s', async (way, count) => {
    const ended = await run('python3', 'fetch.py', way, `${api}/`, String(count));
    expect(ended.out, ended.err).toBe('hello api.example.com\n'.repeat(count));
    expectOwners(ended, /\/python3/);
    expect(ended.record.flows.length).toBe(count);
    const threads = new Set(ended.record.flows.map(({ owner }) => owner?.tid));
    if (way === 'threads') expect(threads.size).toBe(count);
    else expect(threads.size).toBe(1);
  });

  test('a static program with a resolver of its own, over UDP and TCP', async () => {
    const port = String(setting.origins.http);
    const ended = await run(
      'sh',
      '-c',
      `./resolver udp web.example.com ${port} && ./resolver tcp web.example.com ${port}`,
    );
    expect(ended.out.match(/hello web\.example\.com/g), ended.err).toHaveLength(2);
    expectOwners(ended, /\/resolver$/);
    const queries = ofKind(ended.events, 'dns.query');
    expect(queries.map(({ name, answer }) => [name, answer])).toEqual(
      Array(2).fill(['web.example.com', [HOME4]]),
    );
    // connect(2) tells who asks; sendto(2) on an unconnected socket does not
    expect(queries.map(({ owner }) => owner?.argv?.[1])).toEqual([undefined, 'tcp']);
  });

  test('bash /dev/tcp', async () => {
    const request = 'GET / HTTP/1.1\\r\\nHost: web.example.com\\r\\nConnection: close\\r\\n\\r\\n';
    const script = `exec 3<>/dev/tcp/web.example.com/${setting.origins.http}; printf '${request}' >&3; cat <&3`;
    const ended = await run('bash', '-c', script);
    expect(ended.out, ended.err).toContain('hello web.example.com');
    expectOwners(ended, /\/bash$/);
  });

  test('git clones from and pushes to a server', async () => {
    const root = join(setting.scratch, `git-${who.length}`);
    mkdirSync(root);
    makeRepository(root, 'project');
    const port = await setting.origins.listen(gitHandler(root));
    const terms = {
      network: [{ host: 'git.example.com', port, protocol: 'https' }],
      resolve: { 'git.example.com': [HOME4] },
      environment: {
        ...trust(project),
        GIT_AUTHOR_NAME: 'a',
        GIT_AUTHOR_EMAIL: 'a@example.com',
        GIT_COMMITTER_NAME: 'a',
        GIT_COMMITTER_EMAIL: 'a@example.com',
      },
    };
    const url = `https://git.example.com:${port}/project.git`;
    const work =
      'head -c 3000000 /dev/urandom > big && git add big && git commit -qm second && git push -q origin HEAD:main';
    const ended = await project.run(
      terms,
      'sh',
      '-c',
      `git clone -q ${url} copy && cd copy && ${work} && git ls-remote origin main`,
    );
    expect(ended.status, ended.err).toBe(0);
    expect(subjects(root, 'project')).toEqual(['second', 'first']);
    expectOwners(ended, /\/git-remote-http/);
  });

  test('npm installs from a registry', async (context) => {
    if (!has('npm', '--version')) context.skip('npm is not on the standard PATH');
    const folder = join(setting.scratch, `npm-${who.length}`);
    let origin = '';
    const port = await setting.origins.listen(npmHandler(folder, () => origin));
    origin = `https://registry.example.com:${port}`;
    const terms = {
      network: [{ host: 'registry.example.com', port, protocol: 'https' }],
      resolve: { 'registry.example.com': [HOME4] },
      environment: {
        ...trust(project),
        npm_config_registry: `${origin}/`,
        npm_config_audit: 'false',
        npm_config_fund: 'false',
        npm_config_update_notifier: 'false',
      },
    };
    const script =
      'mkdir app && cd app && npm init -y >/dev/null && npm install --loglevel=error tinypkg && node -p "require(\'tinypkg\')"';
    const ended = await project.run(terms, 'sh', '-c', script);
    expect(ended.out.trim().split('\n').at(-1), ended.err).toBe('42');
    expectOwners(ended, /\/node$/);
  });

  test('pip installs from an index', async (context) => {
    if (!has('python3', '-m', 'pip', '--version')) context.skip('python3 on the standard PATH has no pip');
    const folder = join(setting.scratch, `pip-${who.length}`);
    mkdirSync(folder);
    const port = await setting.origins.listen(pipHandler(folder));
    const terms = {
      network: [{ host: 'index.example.com', port, protocol: 'https' }],
      resolve: { 'index.example.com': [HOME4] },
      environment: {
        ...trust(project),
        PIP_INDEX_URL: `https://index.example.com:${port}/simple/`,
        PIP_DISABLE_PIP_VERSION_CHECK: '1',
      },
    };
    const script =
      'python3 -m pip install -q --target site tinywheel && PYTHONPATH=site python3 -c "import tinywheel; print(tinywheel.ANSWER)"';
    const ended = await project.run(terms, 'sh', '-c', script);
    expect(ended.out.trim(), ended.err).toBe('42');
    expectOwners(ended, /\/python3/);
  });

  test('a name with a dead and a live address', async () => {
    const { origins } = setting;
    const terms = {
      network: [{ host: 'echo.example.com', port: origins.digest, protocol: 'tcp' }],
      resolve: { 'echo.example.com': ['::1', HOME4] }, // nobody listens there on ::1
    };
    const node = `const s = require('net').connect(${origins.digest}, 'echo.example.com', () => s.end('x')); s.pipe(process.stdout)`;
    const digest = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'; // of "x"
    const script = `node -e "${node}"; echo; python3 sockets.py half_close '{"host":"echo.example.com","port":${origins.digest},"bytes":10}'`;
    const ended = await project.run(terms, 'sh', '-c', script);
    expect(ended.out.split('\n').slice(0, 2), ended.err).toEqual([digest, '{"same": true}']);
  });
});
