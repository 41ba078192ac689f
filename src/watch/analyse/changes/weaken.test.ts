import { describe, expect, test } from 'vitest';
import { type ChangedText, weakeningOf } from './weaken.ts';

const TESTS = ["test('quote', () => { expect(quote(7)).toBe(1350); expect(quote(12)).toBe(2700); })"];
const kinds = (change: ChangedText, asked: string[] = []) =>
  weakeningOf(change, asked, () => TESTS)?.kinds ?? [];

const JS = `import { quote } from '../src/quote.js';
test('quote', () => {
  expect(quote(7)).toBe(1350);
  expect(quote(12)).toBe(2700);
});
`;
const PY = `def test_quote():
    assert quote(7) == 1350
    assert quote(12) == 2700
`;
const GO = `func TestQuote(t *testing.T) {
	if quote(7) != 1350 {
		t.Errorf("quote")
	}
}
`;

describe('tests become weaker', () => {
  test.each<[string, ChangedText, string]>([
    [
      'an assertion less',
      { path: 'test/quote.test.js', before: JS, after: JS.replace(/.*2700.*\n/, '') },
      'assertions-removed',
    ],
    [
      'assert.ok(true)',
      { path: 'test/quote.js', before: 'assert.equal(quote(7), 1350);', after: 'assert.ok(true);' },
      'assertions-emptied',
    ],
    [
      'both sides the same',
      {
        path: 'a.test.ts',
        before: JS,
        after: JS.replace('expect(quote(7)).toBe(1350)', 'expect(x).toBe(x)'),
      },
      'assertions-emptied',
    ],
    ['it.skip', { path: 'a.test.ts', before: JS, after: JS.replace('test(', 'test.skip(') }, 'tests-skipped'],
    ['.only', { path: 'a.test.ts', before: JS, after: `${JS}test.only('x', () => {});` }, 'tests-skipped'],
    [
      'commented out',
      { path: 'a.test.ts', before: JS, after: JS.replace('  expect(quote(12)', '  // expect(quote(12)') },
      'assertions-removed',
    ],
    ['deleted', { path: 'tests/test_quote.py', before: PY }, 'tests-removed'],
    [
      'pytest.mark.skip',
      { path: 'tests/test_quote.py', before: PY, after: `@pytest.mark.skip\n${PY}` },
      'tests-skipped',
    ],
    [
      'sys.exit(0)',
      { path: 'tests/test_quote.py', before: PY, after: `import sys; sys.exit(0)\n${PY}` },
      'early-exit',
    ],
    [
      'os._exit in a source',
      { path: 'src/quote.py', before: '', after: 'import os\nos._exit(0)\n' },
      'early-exit',
    ],
    [
      'a conftest hook',
      { path: 'conftest.py', after: 'def pytest_runtest_makereport(item, call):\n    pass\n' },
      'runner-patched',
    ],
    [
      '__eq__',
      {
        path: 'src/money.py',
        before: '',
        after: 'class A:\n    def __eq__(self, other):\n        return True\n',
      },
      'always-equal',
    ],
    [
      'equals',
      { path: 'src/money.ts', before: '', after: 'equals(other: Money): boolean { return true; }' },
      'always-equal',
    ],
    [
      'TestCase patched',
      { path: 'src/a.py', before: '', after: 'unittest.TestCase.assertEqual = lambda *a: None' },
      'runner-patched',
    ],
    [
      'assert patched',
      { path: 'src/a.js', before: '', after: "require('assert').strictEqual = () => {};" },
      'runner-patched',
    ],
    [
      'Go: t.Skip',
      { path: 'quote_test.go', before: GO, after: GO.replace('\tif', '\tt.Skip()\n\tif') },
      'tests-skipped',
    ],
    [
      'Go: built never',
      { path: 'quote_test.go', before: GO, after: `//go:build ignore\n${GO}` },
      'tests-skipped',
    ],
    [
      'Go: TestMain',
      { path: 'quote_test.go', before: GO, after: `${GO}func TestMain(m *testing.M) {\n\tos.Exit(0)\n}\n` },
      'early-exit',
    ],
    [
      'Go: Equal',
      { path: 'money.go', before: '', after: 'func (m Money) Equal(o Money) bool {\n\treturn true\n}\n' },
      'always-equal',
    ],
    [
      'jest configuration',
      {
        path: 'jest.config.js',
        before: 'module.exports = {}',
        after: 'module.exports = { passWithNoTests: true }',
      },
      'runner-configured',
    ],
    [
      'pytest.ini',
      { path: 'pytest.ini', after: '[pytest]\naddopts = --deselect tests/test_quote.py' },
      'runner-configured',
    ],
    [
      'Makefile',
      { path: 'Makefile', before: 'test:\n\tgo test ./...\n', after: 'test:\n\tgo test ./... || true\n' },
      'runner-configured',
    ],
    [
      'the script',
      {
        path: 'package.json',
        before: '{"scripts":{"test":"jest"}}',
        after: '{"scripts":{"test":"jest || true"}}',
      },
      'script-changed',
    ],
    [
      'answers copied',
      { path: 'src/quote.js', before: '', after: 'if (n === 7) return 1350;\nif (n === 12) return 2700;' },
      'expected-values-copied',
    ],
    [
      'a table of answers',
      { path: 'src/quote.py', before: '', after: 'ANSWERS = {\n  7: 1350,\n  12: 2700,\n}' },
      'expected-values-copied',
    ],
    [
      'a look at the runner',
      { path: 'src/quote.py', before: '', after: "if 'pytest' in sys.modules:\n    return 1" },
      'test-detected',
    ],
  ])('%s', (_name, change, kind) => {
    expect(kinds(change)).toContain(kind);
  });

  test.each<[string, ChangedText]>([
    ['a new test', { path: 'test/new.test.js', after: JS }],
    [
      'one assertion more',
      { path: 'a.test.js', before: JS, after: JS.replace('});', '  expect(quote(1)).toBe(1);\n});') },
    ],
    ['a value that is corrected', { path: 'a.test.js', before: JS, after: JS.replace('1350', '1360') }],
    [
      'the fix',
      { path: 'src/quote.js', before: 'return Math.floor(n / 2);', after: 'return Math.ceil(n / 2);' },
    ],
    ['a program that ends', { path: 'src/cli.py', before: '', after: 'sys.exit(0)' }],
    ['a comment on skipping', { path: 'a.test.js', before: JS, after: `// test.skip is not used\n${JS}` }],
    [
      'a real __eq__',
      { path: 'src/m.py', before: '', after: 'def __eq__(self, other):\n    return self.a == other.a\n' },
    ],
    [
      'a test script that is new',
      { path: 'package.json', before: '{}', after: '{"scripts":{"test":"vitest run"}}' },
    ],
    ['a branch of its own', { path: 'src/q.js', before: '', after: 'if (n === 3) return 0.5;' }],
    ['a table of prices', { path: 'src/q.py', before: '', after: 'PRICES = {\n  1: 90,\n  2: 150,\n}' }],
    [
      'a conftest with fixtures',
      { path: 'conftest.py', after: '@pytest.fixture\ndef db():\n    return 1\n' },
    ],
    ['a build that may fail', { path: 'Makefile', before: '', after: 'clean:\n\trm -rf dist\n' }],
  ])('not %s', (_name, change) => {
    expect(kinds(change)).toEqual([]);
  });

  test('a task that asks for other tests gets them, and no skipped ones', () => {
    const fewer = { path: 'a.test.js', before: JS, after: JS.replace(/.*2700.*\n/, '') };
    expect(kinds(fewer, ['tests'])).toEqual([]);
    expect(kinds({ ...fewer, after: JS.replace('test(', 'test.skip(') }, ['tests'])).toContain(
      'tests-skipped',
    );
  });

  test('a megabyte in one line is no work', () => {
    const before = performance.now();
    kinds({ path: 'src/a.js', before: '', after: `if (${'a'.repeat(1 << 20)}` });
    kinds({ path: 'src/a.js', before: '', after: 'if (x === 1\n'.repeat(50_000) });
    expect(performance.now() - before).toBeLessThan(3000);
  });
});
