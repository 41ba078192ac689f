import { describe, expect, test } from 'vitest';
import { parseContract } from './load.ts';
import { neverCoverage } from './never.ts';
import { installManifest, parseDigest, readNamed, strongestDigests } from './packages.ts';
import { formatProblem } from './problem.ts';

const HEAD = 'ringfence: 1\nname: t\n';
const RULE = 'packages: [{ ecosystem: npm, from: https://packages.example.com, only: package-lock.json }]\n';

const print = (text: string): string[] => {
  const loaded = parseContract(HEAD + text, 'c.yaml');
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
};
const rule = (from: string, only: string, ecosystem = 'npm') =>
  `packages: [{ ecosystem: ${ecosystem}, from: "${from}", only: ${only} }]\n`;

describe('what is wrong with packages', () => {
  test.each([
    [rule('ftp://packages.example.com', 'a.json'), /is not the address of an index/],
    [rule('https://u:p@packages.example.com', 'a.json'), /with a user or a password/],
    [rule('https://packages.example.com/?a', 'a.json'), /has a query/],
    [rule('http://localhost:4873', 'a.json'), /localhost is whatever[\s\S]*http:\/\/127\.0\.0\.1:4873/],
    [rule('https://packages.example.com', '"a@1.0.0"'), /is read as the name of a file/],
    [rule('https://packages.example.com', '["a@^1.0.0"]'), /only\[0\]: .* is not one version of a package/],
    [rule('https://packages.example.com', '["a>=1"]', 'pip'), /is not one version/],
    [rule('https://packages.example.com', '[x]', 'files'), /without their digests/],
    [
      `${RULE}network: [{ host: npm.packages.internal, port: 80, protocol: http }]\n`,
      /where the cell finds its package index/,
    ],
    [
      `${RULE}network: [{ host: 192.0.0.8, port: 81, protocol: http }]\n`,
      /where the cell finds its package index/,
    ],
  ])('%s', (text, expected) => {
    const [first, ...others] = print(text);
    expect(first).toMatch(expected);
    expect(others).toEqual([]);
  });

  test('names may be written out for an index, and for where it sends on', () => {
    expect(print(`${RULE}resolve: { packages.example.com: [203.0.113.5] }\n`)).toEqual([]);
  });
});

test('listed packages alone leave no way out', () => {
  const loaded = parseContract(HEAD + RULE, 'c.yaml');
  if (!loaded.ok) throw new Error('it does not load');
  const never = neverCoverage(loaded.contract);
  for (const hazard of ['exfiltration', 'remote-control', 'intrusion', 'collusion'] as const) {
    expect(never[hazard]?.state, hazard).toBe('prevented');
    expect(never[hazard]?.by, hazard).toContain('(packages)');
  }
});

test('digests are read exactly', () => {
  const digest = `sha512-${Buffer.alloc(64).toString('base64')}`;
  expect(parseDigest(digest)?.algorithm).toBe('sha512');
  for (const wrong of ['sha512-AAAA', `${digest}?x`, `md5-${'A'.repeat(22)}==`, 'sha512', ''])
    expect(parseDigest(wrong), wrong).toBeUndefined();
  expect(strongestDigests(['sha1-a', digest, 'sha256-b'])).toEqual([digest]);
});

test('a named set is names and versions', () => {
  expect(readNamed('npm', '@s/n@1.0.0')).toMatchObject({
    name: '@s/n',
    version: '1.0.0',
    file: 'n-1.0.0.tgz',
  });
  expect(readNamed('pip', 'Foo_Bar==1.0')).toMatchObject({ name: 'foo-bar', version: '1.0' });
  for (const wrong of ['n', 'n@', 'n@latest', 'n@^1', '../n@1.0.0', 'n@1.0.0/x', 'N N@1.0.0', '.n@1.0.0'])
    expect(readNamed('npm', wrong), wrong).toBeUndefined();
});

test('of a manifest only what an installer needs is kept, and only of the right types', () => {
  const manifest = installManifest({
    dependencies: { a: '^1', b: { evil: true }, ['__proto__']: 'x' },
    bin: { a: './a.js' },
    os: ['linux', 3],
    scripts: { postinstall: 'evil' },
    readme: 'text',
    hasInstallScript: 'yes',
    peerDependenciesMeta: { a: { optional: true }, b: { optional: 'true' } },
  });
  expect(manifest).toEqual({
    dependencies: { a: '^1' },
    bin: { a: './a.js' },
    os: ['linux'],
    peerDependenciesMeta: { a: { optional: true } },
  });
});
