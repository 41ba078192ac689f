import { describe, expect, test } from 'vitest';
import { readFileList } from './file-list.ts';
import type { Listed } from './listed.ts';
import { fitsMachine, readNpmLock } from './npm-lock.ts';
import { readRequirements } from './requirements.ts';

const HERE = { os: 'linux', cpu: 'x64' };
const FROM = 'https://packages.example.com/npm';
const SHA512 = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;
const HEX = 'ab'.repeat(32);
const SHA256 = `sha256-${Buffer.from(HEX, 'hex').toString('base64')}`;

const lock = (packages: Record<string, unknown>): string =>
  JSON.stringify({ lockfileVersion: 3, packages }, null, 2);
const npm = (packages: Record<string, unknown>) => readNpmLock(lock(packages), FROM, HERE);
const listed = (list: Listed) => {
  if (!list.ok) throw new Error(`line ${list.problem.line}: ${list.problem.message}`);
  return list;
};
const problem = (list: Listed): string => (list.ok ? '' : `${list.problem.line}: ${list.problem.message}`);

describe('package-lock.json', () => {
  test('gives each package once, below the contract’s index, with the lock’s own path beside', () => {
    const { artefacts, remarks } = listed(
      npm({
        '': { name: 'app' },
        'node_modules/a': { version: '1.0.0', integrity: SHA512, dependencies: { b: '^1' }, license: 'MIT' },
        'node_modules/b/node_modules/a': {
          version: '1.0.0',
          integrity: SHA512,
          resolved: 'https://npm.example.com/proxy/a/-/a-1.0.0.tgz',
        },
        'node_modules/@s/c': { version: '2.0.0-rc.1', integrity: SHA512 },
        'node_modules/alias': { name: 'real', version: '3.0.0', integrity: SHA512 },
      }),
    );
    expect(remarks).toEqual([]);
    expect(artefacts.map(({ name, version, url }) => `${name}@${version} ${url}`)).toEqual([
      `a@1.0.0 ${FROM}/a/-/a-1.0.0.tgz`,
      `@s/c@2.0.0-rc.1 ${FROM}/@s/c/-/c-2.0.0-rc.1.tgz`,
      `real@3.0.0 ${FROM}/real/-/real-3.0.0.tgz`,
    ]);
    expect(artefacts[0]?.paths).toEqual(['/proxy/a/-/a-1.0.0.tgz']);
    expect(artefacts[0]?.manifest).toEqual({ dependencies: { b: '^1' } });
  });

  test('leaves out workspaces, links and what is bundled', () => {
    const { artefacts } = listed(
      npm({
        'packages/own': { name: 'own', version: '1.0.0' },
        'node_modules/own': { resolved: 'packages/own', link: true },
        'node_modules/a/node_modules/inside': { version: '1.0.0', inBundle: true },
      }),
    );
    expect(artefacts).toEqual([]);
  });

  test('names what comes from elsewhere', () => {
    const { artefacts, remarks } = listed(
      npm({
        'node_modules/g': { version: '1.0.0', resolved: 'git+ssh://git@example.com/g.git#abc' },
        'node_modules/f': { version: '1.0.0', resolved: 'file:../f' },
        'node_modules/t': {
          version: '1.0.0',
          resolved: 'https://other.example.com/t.tgz',
          integrity: SHA512,
        },
        'node_modules/q': {
          version: '1.0.0',
          resolved: 'https://packages.example.com/q.tgz?token=1',
          integrity: SHA512,
        },
      }),
    );
    expect(artefacts).toEqual([]);
    expect(remarks.map((remark) => remark.split(':')[0])).toEqual(['g', 'f', 't', 'q']);
  });

  test('marks what is for other machines', () => {
    const { artefacts } = listed(
      npm({
        'node_modules/mac': { version: '1.0.0', integrity: SHA512, optional: true, os: ['darwin'] },
        'node_modules/not-arm': { version: '1.0.0', integrity: SHA512, optional: true, cpu: ['!arm64'] },
      }),
    );
    expect(artefacts.map(({ name, foreign }) => [name, foreign ?? false])).toEqual([
      ['mac', true],
      ['not-arm', false],
    ]);
    expect(fitsMachine(undefined, 'linux')).toBe(true);
    expect(fitsMachine(['!linux'], 'linux')).toBe(false);
  });

  test.each([
    ['{', /^0: it is not JSON/],
    ['{"lockfileVersion": 1, "dependencies": {}}', /^1: it is not a lock file of version 2 or 3/],
    [lock({ 'node_modules/../x': { version: '1.0.0' } }), /is not a package's name/],
    [lock({ 'node_modules/a': { version: '1.0.0', integrity: 'md5-AAAA' } }), /^4: the integrity of a/],
    [
      lock({
        'node_modules/a': { version: '1.0.0', integrity: SHA512 },
        'node_modules/b/node_modules/a': { version: '1.0.0', integrity: SHA256 },
      }),
      /a@1\.0\.0 is listed with two different digests/,
    ],
  ])('%s', (text, expected) => {
    expect(problem(readNpmLock(text, FROM, HERE))).toMatch(expected);
  });
});

describe('requirements.txt', () => {
  test('is read as pip-compile writes it', () => {
    const { artefacts, remarks } = listed(
      readRequirements(
        [
          '# made by pip-compile',
          '--index-url https://elsewhere.example.com/simple',
          'Foo.Bar[extra]==1.2 ; python_version >= "3.8" \\',
          `    --hash=sha256:${HEX} \\`,
          `    --hash=sha256:${'cd'.repeat(32)}`,
          '    # via -r requirements.in',
          `baz===2.0 --hash sha256:${HEX}`,
          `own @ https://example.com/own.zip --hash=sha256:${HEX}`,
          '-e ./local',
        ].join('\n'),
      ),
    );
    expect(artefacts.map(({ name, version, digests }) => [name, version, digests.length])).toEqual([
      ['foo-bar', '1.2', 2],
      ['baz', '2.0', 1],
    ]);
    expect(artefacts[1]?.digests).toEqual([SHA256]);
    expect(remarks).toHaveLength(2);
  });

  test.each([
    ['\nfoo==1.0\n', /^2: foo==1\.0 has no hash/],
    [`foo>=1.0 --hash=sha256:${HEX}`, /does not name one version/],
    [`foo==1.* --hash=sha256:${HEX}`, /1\.\* is not one version/],
    ['foo==1.0 --hash=md5:00', /--hash=md5:00 is not a hash/],
    ['foo==1.0 --hash=sha256:00', /is not a hash/],
    ['-r other.txt', /^1: another file is named/],
  ])('%s', (text, expected) => {
    expect(problem(readRequirements(text))).toMatch(expected);
  });
});

describe('a list of files', () => {
  const from = 'https://files.example.com/pub';

  test('gives addresses of the host, relative ones too', () => {
    const { artefacts } = listed(
      readFileList(`# c\n${HEX}  a/b.tgz\n${HEX} *https://files.example.com/c.zip\n`, from),
    );
    expect(artefacts.map(({ name, url }) => [name, url])).toEqual([
      ['files.example.com/pub/a/b.tgz', 'https://files.example.com/pub/a/b.tgz'],
      ['files.example.com/c.zip', 'https://files.example.com/c.zip'],
    ]);
  });

  test.each([
    ['abc  x', /^1: "abc {2}x" is not a digest and an address/],
    [`${HEX}  https://other.example.com/x`, /is not at https:\/\/files\.example\.com/],
    [`${HEX}  https://files.example.com/x?y`, /is not the plain address of a file/],
    [`${HEX}  https://u:p@files.example.com/x`, /is not the plain address/],
    [`${HEX}  ../../x/`, /is not the plain address/],
    [`${HEX}  x\n${'cd'.repeat(32)}  x`, /^2: x is listed with two different digests/],
  ])('%s', (text, expected) => {
    expect(problem(readFileList(text, from))).toMatch(expected);
  });
});
