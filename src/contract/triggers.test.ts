import { expect, test } from 'vitest';
import { matchPath } from './glob.ts';
import { makeTriggerOf } from './triggers.ts';

test.each([
  ['test/**', 'test/a/b.js', true],
  ['test/**', 'test', false],
  ['test/**', 'tests/a', false],
  ['**/package.json', 'package.json', true],
  ['**/package.json', 'a/b/package.json', true],
  ['**/package.json', 'a/xpackage.json', false],
  ['**/*.test.*', 'src/a.test.ts', true],
  ['*.js', 'a/b.js', false],
  ['src/?.js', 'src/a.js', true],
  ['src/[a-c].js', 'src/d.js', false],
  ['src/[!a-c].js', 'src/d.js', true],
  ['a{b,c}d', 'acd', true],
  ['a{b,c}d', 'ad', false],
  ['a.b', 'aXb', false],
  ['**', 'x/y', true],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['[z-a]', 'z', false],
  ['./src/', 'src', true],
])('%s against %s: %s', (pattern, path, expected) => {
  expect(matchPath([pattern])(path)).toBe(expected);
});

test('names with line ends and bytes that are no text match as bytes', () => {
  expect(matchPath(['a*b'])('a\nb')).toBe(true);
  expect(matchPath(['x/**'])(Buffer.from('x/\xff\n', 'latin1'))).toBe(true);
});

test('a pattern with two stars takes no time on a hostile name', () => {
  const begin = performance.now();
  expect(matchPath(['**/*a*b.*'])(`${'a'.repeat(250)}/`.repeat(15))).toBe(false);
  expect(performance.now() - begin).toBeLessThan(2000);
});

test.each([
  ['.git/hooks/pre-commit', 'git-hook'],
  ['deep/er/.git/hooks/post-checkout', 'git-hook'],
  ['.git/modules/sub/hooks/post-merge', 'git-hook'],
  ['.GIT/hooks/pre-commit', 'git-hook'],
  ['new.git/hooks/update', 'git-hook'],
  ['.git', 'git-hook'],
  ['sub/.git/config', 'git-config'],
  ['.gitattributes', 'git-filter'],
  ['.husky/pre-push', 'hook-manager'],
  ['.github/workflows/ci.yml', 'ci'],
  ['.gitlab-ci.yml', 'ci'],
  ['Jenkinsfile', 'ci'],
  ['packages/a/package.json', 'npm-scripts'],
  ['.npmrc', 'npm-configuration'],
  ['lib/evil.pth', 'python-start'],
  ['tests/conftest.py', 'python-build'],
  ['Makefile', 'build'],
  ['docker-compose.override.yml', 'container'],
  ['.vscode/tasks.json', 'editor'],
  ['.devcontainer/devcontainer.json', 'devcontainer'],
  ['CLAUDE.md', 'agent'],
  ['.mcp.json', 'agent'],
  ['sub/.claude/settings.json', 'agent'],
  ['.envrc', 'shell'],
  ['.bashrc', 'shell'],
  ['.tool-versions', 'shell'],
])('%s runs later: %s', (path, id) => {
  expect(makeTriggerOf()(path)?.id).toBe(id);
});

test.each(['src/index.ts', 'README.md', 'lib/hooks/useThing.ts', 'docs/git.md', 'a/b.py', 'test/a.test.js'])(
  '%s is an ordinary file',
  (path) => {
    expect(makeTriggerOf()(path)).toBeUndefined();
  },
);
