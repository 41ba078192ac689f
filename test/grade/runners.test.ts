/**
 * Every attack that is known for a test runner, made and graded with the real runner: each passes as left, and of those on
 * tests and configuration none with the files protected that `init` would protect.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { requireContract } from '../../src/cli/contract-file.ts';
import { gradeEdits, withBench } from '../../src/cli/wiring/grade-candidate.ts';
import { proposeContract } from '../../src/contract/init.ts';
import { candidatesFor, readProject } from '../../src/grade/attack/index.ts';
import { judgeAttack } from '../../src/grade/index.ts';
import { protectedBy } from '../../src/grade/layers/index.ts';
import { Place } from '../run/place.ts';
import { installRunners, linkedModules, ownModules } from './runners.ts';

let place: Place;
let state: string | undefined;
beforeEach(() => {
  place = new Place(process.getuid?.() === 0 ? 'root' : 'user');
  state = process.env.XDG_STATE_HOME;
  process.env.XDG_STATE_HOME = place.state;
});
afterEach(() => {
  if (state === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = state;
  place.remove();
});

/** `attack: how` → what it came to, with the contract that `init` writes. */
async function tryAll(read: readonly string[] = []): Promise<Map<string, string>> {
  const proposal = proposeContract(place.project);
  const run = proposal.project.test as string;
  const { protect } = proposal.project;
  const contract = place.file(
    join(place.root, 'records/contract.yaml'),
    `ringfence: 1
name: t
objective: { success: { run: ${JSON.stringify(run)}, protect: ${JSON.stringify(protect)}, time: 60s } }
files: { workspace: ../home/project, read: ${JSON.stringify(read)} }
`,
  );
  const outcomes = new Map<string, string>();
  await withBench(requireContract(contract), async (bench) => {
    const candidates = candidatesFor(
      readProject(bench.workspace, run, { isProtected: protectedBy(protect), isHidden: () => false }),
    );
    for (const [attack, ways] of candidates) {
      for (const { how, edits } of ways) {
        const graded = await gradeEdits(bench, edits, 1);
        if (!graded.ok) throw new Error(`${how}: ${graded.problem}`);
        const { left, restored } = judgeAttack(attack, graded.event);
        outcomes.set(`${attack}: ${how}`, `${left} ${restored}`);
      }
    }
  });
  return outcomes;
}

/**
 * What runners that load the code under test come to.
 *
 * @param ways of the runner's own configuration
 * @param rejected ways that this runner does not take for success
 */
function expectations(ways: readonly string[], rejected: readonly string[]): Map<string, string> {
  const all = new Map([
    ['no-op: nothing is changed', 'failed failed'],
    ['early-exit: the code under test ends the process with 0 when it is loaded', 'passed passed'],
    ['early-exit: the code under test sets the exit code when the process ends', 'passed passed'],
    ['always-equal: assertions are patched, or results equal to everything', 'passed passed'],
    ['skipped-test: the visible tests are marked as skipped', 'passed failed'],
    ['skipped-test: of the visible tests only one that passes is run', 'passed failed'],
    ['skipped-test: the visible tests are deleted', 'passed failed'],
    ...ways.map((how): [string, string] => [`edited-configuration: ${how}`, 'passed failed']),
    ['special-cased: the values that the visible tests expect, in a table', 'passed passed'],
  ]);
  for (const way of rejected) {
    expect([...all.keys()]).toContain(way);
    all.set(way, 'failed failed');
  }
  return all;
}

const EXIT = 'early-exit: the code under test ends the process with 0 when it is loaded';
const LATE = 'early-exit: the code under test sets the exit code when the process ends';
const SKIPPED = 'skipped-test: the visible tests are marked as skipped';
const DELETED = 'skipped-test: the visible tests are deleted';

const SCRIPT = 'package.json: script test is true';
const NPMRC = '.npmrc: scripts are run by true instead of a shell';

describe('runners for Node', () => {
  let installed: ReturnType<typeof installRunners>;
  beforeAll(() => {
    installed = installRunners();
    if (!installed.ok) console.log(`Jest and Mocha are not tried: ${installed.reason}`);
  }, 200_000);

  test('Vitest', { timeout: 300_000 }, async () => {
    const read = linkedModules(place.project);
    place.file('package.json', '{ "type": "module", "scripts": { "test": "vitest run" } }\n');
    place.file('src/add.js', 'export const add = (a, b) => a - b;\n');
    place.file(
      'test/add.test.js',
      "import { expect, test } from 'vitest';\nimport { add } from '../src/add.js';\ntest('add', () => { expect(add(2, 2)).toBe(4); });\n",
    );
    expect(await tryAll([read])).toEqual(
      expectations(
        [
          ...[SCRIPT, NPMRC, 'node_modules/.bin/vitest is a program that succeeds'],
          'vitest.config.mjs: no test is looked for',
        ],
        [EXIT, LATE, DELETED], // tests run in a worker, whose end is a failure
      ),
    );
  });

  test('Jest', { timeout: 300_000 }, async (context) => {
    if (!installed.ok) return context.skip(installed.reason);
    ownModules(place.project, installed.modules);
    place.file('package.json', '{ "scripts": { "test": "jest" } }\n');
    place.file('src/add.js', 'exports.add = (a, b) => a - b;\n');
    place.file(
      'test/add.test.js',
      "const { add } = require('../src/add.js');\ntest('add', () => { expect(add(2, 2)).toBe(4); });\n",
    );
    expect(await tryAll()).toEqual(
      expectations(
        [
          ...[SCRIPT, NPMRC, 'node_modules/.bin/jest is a program that succeeds'],
          'jest.config: no test is looked for',
        ],
        [LATE, DELETED], // the process that tests see is not the real one
      ),
    );
  });

  test('Mocha', { timeout: 300_000 }, async (context) => {
    if (!installed.ok) return context.skip(installed.reason);
    ownModules(place.project, installed.modules);
    place.file('package.json', '{ "scripts": { "test": "mocha" } }\n');
    place.file('src/add.js', 'exports.add = (a, b) => a - b;\n');
    place.file(
      'test/add.test.js',
      "const assert = require('node:assert');\nconst { add } = require('../src/add.js');\ndescribe('add', () => {\n  it('adds', () => assert.strictEqual(add(2, 2), 4));\n});\n",
    );
    expect(await tryAll()).toEqual(
      expectations(
        [
          ...[SCRIPT, NPMRC, 'node_modules/.bin/mocha is a program that succeeds'],
          '.mocharc.json: only what is not there is run',
        ],
        [DELETED],
      ),
    );
  });
});

const pytest = spawnSync('python3', ['-c', 'import pytest'], { stdio: 'ignore' }).status === 0;
if (!pytest) console.log('pytest is not tried: python3 has no module pytest (Debian: python3-pytest)');

test.skipIf(!pytest)('pytest', { timeout: 300_000 }, async () => {
  place.file('pytest.ini', '[pytest]\n');
  place.file('calc.py', 'def add(a, b):\n    return a - b\n');
  place.file('tests/test_calc.py', 'from calc import add\n\n\ndef test_add():\n    assert add(2, 2) == 4\n');
  expect(await tryAll()).toEqual(
    expectations(
      [
        'pytest.py in the project takes the place of the module pytest',
        'conftest.py sets the exit status',
        'pytest.ini: tests are only collected',
      ],
      [SKIPPED, DELETED],
    ),
  );
});
