/**
 * Real clients, told nothing, work with hosts whose TLS the gateway terminates: each finds the run's authority where
 * it looks for authorities, and what the contract says of requests holds for all of them.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, ofKind, type Project, type Terms } from './cell.ts';
import { makeCertificates } from './certificates.ts';
import { gitHandler, makeRepository, subjects } from './git-origin.ts';
import { BULK, HOME4 } from './origins.ts';
import { npmHandler, pipHandler } from './package-origin.ts';
import { HALVES, has, makeProject, makeSetting, personNamed, type Setting } from './setting.ts';

let setting: Setting;
/** a host whose certificate nobody vouches for */
let impostor: Server;
beforeAll(async () => {
  setting = await makeSetting();
  const folder = join(setting.scratch, 'impostor');
  mkdirSync(folder);
  const { key, cert } = makeCertificates(folder, ['other.example.com']);
  impostor = createHttpsServer({ key, cert }, (_request, response) => response.end('impostor'));
  await new Promise<void>((done) => impostor.listen(0, HOME4, done));
});
afterAll(() => {
  impostor.closeAllConnections();
  impostor.close();
  setting.close();
});

describe.each(HALVES)('as %s', (who) => {
  let project: Project;
  let api: string;
  beforeAll(() => {
    project = makeProject(setting, personNamed(setting, who));
    api = `https://api.example.com:${setting.origins.https}`;
  });
  afterAll(() => project.remove());

  /** `host` may be asked anything, but the gateway looks into it. */
  const inspected = (host: string, port: number, extra: Partial<Terms['network'][number]> = {}): Terms => ({
    network: [{ host, port, protocol: 'https', ca: setting.authority, ...extra }],
    resolve: { [host]: [HOME4] },
  });
  const plain = (extra: Partial<Terms['network'][number]> = {}) =>
    inspected('api.example.com', setting.origins.https, extra);
  const run = (...command: string[]) => project.run(plain(), ...command);
  const sh = (script: string) => run('sh', '-c', script);

  function expectClean(ended: Ended): void {
    expect(ofKind(ended.events, 'violation')).toEqual([]);
    expect(ofKind(ended.events, 'tampering')).toEqual([]);
    expect(ofKind(ended.events, 'flow.open').length).toBeGreaterThan(0);
  }

  test('curl (OpenSSL) sees the run’s certificate, by the variable, the bundle and the hashed folder', async () => {
    const unset = 'unset CURL_CA_BUNDLE SSL_CERT_FILE';
    const ended = await sh(
      `curl -sS ${api}/ && ${unset} && curl -sS ${api}/ && curl -sS --cacert /etc/ssl/certs/ca-certificates.crt ${api}/ && curl -sSv ${api}/ 2>&1 | grep issuer`,
    );
    expect(ended.out, ended.err).toContain('hello api.example.com'.repeat(3));
    expect(ended.out).toMatch(/issuer: CN=Ringfence run \d/);
    expectClean(ended);
  });

  test('curl by the hashed folder alone', async () => {
    const ended = await sh(
      `unset CURL_CA_BUNDLE SSL_CERT_FILE; : > none.pem; curl -sS --cacert none.pem --capath /etc/ssl/certs ${api}/ || curl -sS --capath /etc/ssl/certs ${api}/`,
    );
    expect(ended.out, ended.err).toContain('hello api.example.com');
  });

  test('openssl s_client verifies it by default', async (context) => {
    if (!has('openssl', 'version')) context.skip('openssl is not on the standard PATH');
    const target = `-connect api.example.com:${setting.origins.https} -servername api.example.com -verify_hostname api.example.com -verify_return_error`;
    const ended = await sh(
      `printf 'GET / HTTP/1.1\\r\\nHost: api.example.com:${setting.origins.https}\\r\\nConnection: close\\r\\n\\r\\n' | openssl s_client ${target} -ign_eof 2>&1`,
    );
    expect(ended.out, ended.err).toContain('Verification: OK');
    expect(ended.out).toContain('hello api.example.com');
  });

  test('wget (GnuTLS)', async (context) => {
    if (!has('wget', '--version')) context.skip('wget is not on the standard PATH');
    const ended = await sh(`wget -qO- ${api}/ && unset SSL_CERT_FILE && wget -qO- ${api}/again`);
    expect(ended.out, ended.err).toBe('hello api.example.comhello api.example.com');
    expectClean(ended);
  });

  test('Node: fetch and https', async () => {
    const ended = await run(
      'sh',
      '-c',
      `node fetch.mjs ${api}/ ${api}/again && node -e "require('https').get('${api}/', r => r.pipe(process.stdout))"`,
    );
    expect(ended.out, ended.err).toBe(`${'hello api.example.com\n'.repeat(2)}hello api.example.com`);
    expectClean(ended);
  });

  test('Python: urllib, http.client, and requests with the bundle of certifi', async (context) => {
    const script = [
      'import sys, ssl, urllib.request, http.client',
      `print(urllib.request.urlopen('${api}/').read().decode())`,
      `c = http.client.HTTPSConnection('api.example.com', ${setting.origins.https})`,
      "c.request('GET', '/'); r = c.getresponse(); print(r.read().decode())",
      "c.request('GET', '/two'); print(c.getresponse().read().decode())",
    ].join('\n');
    const ended = await run('python3', '-c', script);
    expect(ended.out, ended.err).toBe('hello api.example.com\n'.repeat(3));
    expectClean(ended);
    if (!has('python3', '-c', 'import pip._vendor.requests')) context.skip('no requests, not even pip’s');
    const requests = [
      'import os',
      "[os.environ.pop(n, None) for n in ('REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE')]",
      'from pip._vendor import requests',
      `print(requests.get('${api}/').text)`,
    ].join('\n');
    const second = await run('python3', '-c', requests);
    expect(second.out, second.err).toBe('hello api.example.com\n');
  });

  test('Java', async (context) => {
    if (!has('javac', '-version')) context.skip('no JDK is on the standard PATH');
    const program = [
      'public class Get { public static void main(String[] words) throws Exception {',
      '  System.out.print(new String(new java.net.URL(words[0]).openStream().readAllBytes()));',
      '} }',
    ].join('\n');
    const ended = await run('sh', '-c', `printf '%s' '${program}' > Get.java && java Get.java ${api}/`);
    expect(ended.out, ended.err).toBe('hello api.example.com');
    expectClean(ended);
  });

  test('git clones and pushes over smart HTTP', async () => {
    const root = join(setting.scratch, `git-terminated-${who.length}`);
    mkdirSync(root);
    makeRepository(root, 'project');
    const port = await setting.origins.listen(gitHandler(root));
    const author = ['AUTHOR', 'COMMITTER'].flatMap((role) => [
      [`GIT_${role}_NAME`, 'a'],
      [`GIT_${role}_EMAIL`, 'a@example.com'],
    ]);
    const terms = {
      ...inspected('git.example.com', port, { methods: ['GET', 'POST'], paths: ['/project.git/**'] }),
      environment: Object.fromEntries(author),
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
    expectClean(ended);
  });

  test('npm installs from a registry', async (context) => {
    if (!has('npm', '--version')) context.skip('npm is not on the standard PATH');
    const folder = join(setting.scratch, `npm-terminated-${who.length}`);
    let origin = '';
    const port = await setting.origins.listen(npmHandler(folder, () => origin));
    origin = `https://registry.example.com:${port}`;
    const terms = {
      ...inspected('registry.example.com', port, { methods: ['GET'] }),
      environment: {
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
  });

  test('pip installs from an index', async (context) => {
    if (!has('python3', '-m', 'pip', '--version')) context.skip('python3 on the standard PATH has no pip');
    const folder = join(setting.scratch, `pip-terminated-${who.length}`);
    mkdirSync(folder);
    const port = await setting.origins.listen(pipHandler(folder));
    const terms = {
      ...inspected('index.example.com', port, { methods: ['GET'] }),
      environment: {
        PIP_INDEX_URL: `https://index.example.com:${port}/simple/`,
        PIP_DISABLE_PIP_VERSION_CHECK: '1',
      },
    };
    const script =
      'python3 -m pip install -q --target site tinywheel && PYTHONPATH=site python3 -c "import tinywheel; print(tinywheel.ANSWER)"';
    const ended = await project.run(terms, 'sh', '-c', script);
    expect(ended.out.trim(), ended.err).toBe('42');
  });

  test('one connection carries many requests, and 50 clients at once are served', async () => {
    const many = Array.from({ length: 20 }, (_, index) => `${api}/${index}`).join(' ');
    const kept = await run('sh', '-c', `curl -sS ${many}`);
    expect(kept.out, kept.err).toBe('hello api.example.com'.repeat(20));
    expect(ofKind(kept.events, 'flow.open')).toHaveLength(1);
    const ended = await run('python3', 'fetch.py', 'threads', `${api}/`, '50');
    expect(ended.out, ended.err).toBe('hello api.example.com\n'.repeat(50));
    expectClean(ended);
  });

  test('a large download and a large upload are byte-exact', async () => {
    const ended = await sh(
      `curl -sS ${api}/bulk -o bulk && sha256sum < bulk && curl -sS -T bulk ${api}/ && echo && curl -sS -T - ${api}/ < bulk`,
    );
    const digests = ended.out
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '-');
    expect(digests, ended.err).toEqual(Array(3).fill(setting.origins.bulkDigest));
    expect(ended.record.totals.received).toBeGreaterThan(BULK);
  });

  test('methods and paths hold', async () => {
    const rule = { methods: ['GET'], paths: ['/open/**'] };
    const code = "-o /dev/null -sS -w '%{http_code} '";
    const ended = await project.run(
      plain(rule),
      'sh',
      '-c',
      `curl ${code} ${api}/open/a; curl ${code} ${api}/closed; curl ${code} -X DELETE ${api}/open/a; curl ${code} --path-as-is ${api}/open/../closed; curl ${code} ${api}/open/b; true`,
    );
    const [first, ...rest] = ended.out.trim().split(' ');
    expect(first, ended.err).toBe('200');
    expect(rest.slice(0, 3)).not.toContain('200');
  });

  test('a host whose certificate nobody vouches for is not spoken to', async () => {
    const { port } = impostor.address() as AddressInfo;
    const ended = await project.run(
      inspected('other.example.com', port),
      'sh',
      '-c',
      `curl -sS https://other.example.com:${port}/; echo "exit $?"`,
    );
    expect(ended.out, ended.err).not.toContain('impostor');
  });

  test('a client with a pinned certificate gets nowhere, and the operator is told why', async () => {
    const ended = await sh(
      `curl -sS --cacert ${join(project.folder, 'ca.pem')} --capath /nonexistent ${api}/; echo "exit $?"`,
    );
    expect(ended.out, ended.err).toMatch(/^exit (60|77|35)/m);
    expect(ended.out).not.toContain('hello');
    const said = JSON.stringify([...ofKind(ended.events, 'denial'), ...ofKind(ended.events, 'note')]);
    expect(said).toMatch(/certificate/i);
  });

  test('the agent can change none of it', async () => {
    const ended = await sh(
      [
        'for file in /etc/ringfence/authority.pem /etc/ringfence/authorities.pem /etc/ssl/certs/ca-certificates.crt; do',
        '  echo x 2>/dev/null >> $file && echo "changed $file"; rm -f $file 2>/dev/null && echo "removed $file"; mv $file /tmp/x 2>/dev/null && echo "moved $file"',
        'done; ln -s /tmp/x /etc/ssl/certs/00000000.0 2>/dev/null && echo linked; mkdir /etc/ringfence/x 2>/dev/null && echo made; echo done',
      ].join('\n'),
    );
    expect(ended.out, ended.err).toBe('done\n');
  });

  test('nothing of it is there where no rule needs it', async () => {
    const terms = {
      network: [{ host: 'api.example.com', port: setting.origins.https, protocol: 'https' }],
      resolve: { 'api.example.com': [HOME4] },
    };
    const ended = await project.run(
      terms,
      'sh',
      '-c',
      'ls -d /etc/ringfence 2>&1; env | grep -c /etc/ringfence; grep -c /etc/ringfence /proc/self/mountinfo; true',
    );
    expect(ended.out).toMatch(/No such file/);
    expect(ended.out.trim().split('\n').slice(1)).toEqual(['0', '0']);
  });

  test('the authority’s key is in no file of the run, and its files are gone afterwards', async () => {
    const ended = await sh(`grep -rl 'PRIVATE.KEY' /etc/ringfence /run /dev/shm 2>/dev/null; echo done`);
    expect(ended.out).toBe('done\n');
    const run = join(project.root, 'home/.local/state/ringfence/runs', ended.record.run ?? '');
    expect(readdirSync(run)).not.toContain('trust');
    const found = execFileSync('sh', ['-c', `grep -rl 'PRIVATE KEY' '${run}' || true`], { encoding: 'utf8' });
    expect(found).toBe('');
  });

  test('a rule’s own authorities: unreadable or empty files start nothing', async () => {
    const empty = join(project.root, 'empty.pem');
    writeFileSync(empty, 'nothing\n');
    for (const [ca, message] of [
      [empty, /network\[0\]\.ca|holds no certificate/],
      [join(project.root, 'absent.pem'), /cannot be read: ENOENT/],
    ] as const) {
      const ended = await project.run(plain({ ca }), 'true');
      expect(ended.status).toBe(125);
      expect(ended.err).toMatch(message);
      expect(ended.err).toMatch(/contract-\d+\.yaml:1:\d+: /);
    }
  });
});
