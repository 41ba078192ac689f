/**
 * `learn` on three kinds of projects: what it proposes is a valid contract under which the same work passes, that opens
 * nothing to the attempts of the matrix, and that names a reason for each line.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Contract, loadContract } from '../../src/contract/index.ts';
import { opensOf, widestOf } from '../matrix/contracts.ts';
import { runWorld } from '../matrix/world.ts';
import { identities, Place, ROOT } from '../run/place.ts';

interface Project {
  name: string;
  lay(place: Place): void;
  command: string[];
  /** folders that its work writes */
  writes: string[];
  /** some of the programs that it executes */
  programs?: string[];
}

const PROJECTS: Project[] = [
  {
    name: 'a Node project: build and test by npm scripts',
    lay(place) {
      const scripts = { build: 'node build.mjs', test: 'npm run build && node --test' };
      place.file(
        'package.json',
        JSON.stringify({ name: 'words', version: '1.0.0', type: 'module', scripts }),
      );
      place.file(
        'build.mjs',
        "import { readFileSync, writeFileSync } from 'node:fs';\nwriteFileSync('dist/words.js', readFileSync('src/words.js'));\n",
      );
      place.file(
        'src/words.js',
        'export const count = (text) => text.split(/\\s+/).filter(Boolean).length;\n',
      );
      place.file('dist/.gitkeep', '');
      place.file(
        'test/words.test.js',
        "import assert from 'node:assert';\nimport { test } from 'node:test';\nimport { count } from '../dist/words.js';\ntest('counts', () => assert.equal(count('a b  c'), 3));\n",
      );
    },
    command: ['npm', 'test'],
    writes: ['dist/**'],
  },
  {
    name: 'a Python project: compile and test',
    lay(place) {
      place.file('words/__init__.py', 'def count(text):\n    return len(text.split())\n');
      place.file(
        'tests/test_words.py',
        'import unittest\nfrom words import count\n\n\nclass Words(unittest.TestCase):\n    def test_count(self):\n        self.assertEqual(count("a b  c"), 3)\n',
      );
      place.file('tests/__init__.py', '');
    },
    command: ['sh', '-c', 'python3 -m compileall -q words tests && python3 -m unittest discover'],
    writes: ['tests/**', 'words/**'],
  },
  {
    name: 'a C project: this repository’s launcher, by make',
    lay(place) {
      for (const name of readdirSync(join(ROOT, 'native')))
        if (/\.[ch]$|^Makefile$/.test(name))
          place.file(`native/${name}`, readFileSync(join(ROOT, 'native', name)));
    },
    command: ['sh', '-c', 'make -s -C native'],
    writes: ['native/**'],
    programs: ['/usr/bin/make', '/usr/bin/as'],
  },
];

function learnt(path: string): Contract {
  const loaded = loadContract(path);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.contract;
}

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  const learn = (...words: string[]) =>
    place.start([join(ROOT, 'ringfence'), 'learn', ...words], { within: 120 }).result;

  test.each(PROJECTS)('$name', { timeout: 180_000 }, async ({ lay, command, writes, programs }) => {
    lay(place);
    const before = readdirSync(place.project).sort();
    const result = await learn('--', ...command);
    expect(result.stderr).toContain('ends with exit code 0 under it, as it did before');
    expect(result.code, result.stderr).toBe(0);
    expect(readdirSync(place.project).sort()).toEqual([...before, 'ringfence.yaml'].sort());
    expect((await place.command('check', '--quiet')).code).toBeLessThanOrEqual(1);
    const contract = learnt(join(place.project, 'ringfence.yaml'));
    expect(contract.network).toEqual([]);
    expect(contract.files.read).toEqual([]);
    expect(contract.environment).toEqual({ pass: [], set: {} });
    expect(contract.files.write.toSorted()).toEqual(writes);
    if (programs) expect(contract.programs).toEqual(expect.arrayContaining(programs));
    const again = await place.start([join(ROOT, 'ringfence'), 'run', '-q', '--', ...command], { within: 120 })
      .result;
    expect(again.code, again.stderr).toBe(0);
    const text = readFileSync(join(place.project, 'ringfence.yaml'), 'utf8');
    const run = /Learnt from run (\S+):/.exec(text)?.[1] ?? '';
    const [, cited] = new RegExp(`${run}:(\\d+)`).exec(text.replace(/^#.*$/gm, '')) ?? [];
    expect((await place.command('why', `${run}:${cited}`)).code).toBe(0);
    // beyond its workspace it opens what the matrix's plain contract opens, and no more
    expect(contract.resolve).toEqual({});
    expect(contract.oversight.approve).toEqual([]);
  });

  test('names that are looked up are noted, and reach nothing', async () => {
    const result = await learn(
      '-o',
      'learnt.yaml',
      '--',
      'sh',
      '-c',
      'getent hosts wanted.example.com; true',
    );
    expect(result.code, result.stderr).toBe(0);
    const text = readFileSync(join(place.project, 'learnt.yaml'), 'utf8');
    expect(text).toMatch(
      /^# {3}- \{ host: wanted\.example\.com, port: 443, protocol: https \} {3}# looked up in \S+:\d+/m,
    );
    expect(learnt(join(place.project, 'learnt.yaml')).network).toEqual([]);
    const twice = await learn('-o', 'learnt.yaml', '--', 'true');
    expect(twice.code).toBe(1);
    expect(twice.stderr).toContain('is not overwritten');
  });

  test('what is secret stays hidden while learning, and private addresses stay shut', async () => {
    place.file('.env', 'TOKEN=not-for-agents\n');
    const script =
      'cat .env; curl -sS -m 3 http://127.0.0.1:9/ http://10.0.0.1/ 2>&1; echo "$HOME_TOKEN"; true';
    const result = await learn('-o', '-', '--network', '--no-verify', '--', 'sh', '-c', script);
    expect(result.stdout).not.toContain('not-for-agents');
    expect(result.stdout).toContain('hide: ["**/.env"');
    expect(result.stdout).toContain('# Refused even while learning');
    expect(result.stdout).toContain('connect 10.0.0.1:80/tcp');
  });

  test('a program that fails is said to fail', async () => {
    const result = await learn('-o', '-', '--', 'sh', '-c', 'exit 3');
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('ended with exit code 3 while it was recorded');
  });

  test('a hostile name of a file breaks neither the contract nor a terminal', async () => {
    const script = `mkdir -p "$(printf 'a\\nnetwork: [{host: evil.example.com}]\\n#')"; touch "$(printf 'b\\033[31m\\n- x')"; true`;
    const result = await learn('-o', 'learnt.yaml', '--', 'sh', '-c', script);
    expect(result.code, result.stderr).toBe(0);
    expect(learnt(join(place.project, 'learnt.yaml')).network).toEqual([]);
    expect(readFileSync(join(place.project, 'learnt.yaml'), 'utf8')).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

test('the affordance matrix stays closed under what the contracts learnt from these projects open', {
  timeout: 600_000,
}, async () => {
  const [identity = 'user'] = identities();
  const places = PROJECTS.map(() => new Place(identity));
  try {
    const contracts: Contract[] = [];
    for (const [index, { lay, command }] of PROJECTS.entries()) {
      const place = places[index] as Place;
      lay(place);
      // that the work passes under it is shown above
      const words = [join(ROOT, 'ringfence'), 'learn', '--no-verify', '--', ...command];
      const result = await place.start(words, { within: 120 }).result;
      expect(result.code, result.stderr).toBe(0);
      contracts.push(learnt(join(place.project, 'ringfence.yaml')));
    }
    const [first, ...others] = contracts as [Contract, ...Contract[]];
    const results = await runWorld({ mode: 'cell', identity, opens: opensOf(widestOf([first, ...others])) });
    const attempts = results.filter(({ control }) => !control);
    const open = attempts.filter(({ outcome }) => outcome !== 'held');
    expect(open.map(({ id, outcome, detail }) => `${id}: ${outcome}: ${detail}`)).toEqual([]);
    expect(attempts.length).toBeGreaterThan(200);
  } finally {
    for (const place of places) place.remove();
  }
});
