/**
 * Attacks on an objective before it is used, on three kinds of projects, each with a contract that lets them pass and with
 * one that does not; and the known solution, applied and graded.
 */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identities, Place, ROOT } from '../run/place.ts';

const PROGRAM = join(ROOT, 'ringfence');

interface Answer {
  attacks: {
    attack: string;
    how?: string;
    diff?: string;
    verdict?: { state: string; left: string; restored: string; hidden?: string };
  }[];
  open: string[];
}

const ADD_FIX = (path: string, wrong: string, right: string) =>
  `--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-${wrong}\n+${right}\n`;

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  function contract(objective: string): string {
    return place.file(
      join(place.root, 'records/contract.yaml'),
      `ringfence: 1\nname: t\nobjective:\n${objective}files: { workspace: ../home/project }\n`,
    );
  }

  async function attacked(
    objective: string,
  ): Promise<{ states: Record<string, string>; answer: Answer; code: number | null }> {
    const checked = await place.start([PROGRAM, 'check', '--objective', '--json', contract(objective)], {
      within: 170,
    }).result;
    expect(checked.stdout, checked.stderr).not.toBe('');
    const answer = JSON.parse(checked.stdout) as Answer;
    return {
      states: Object.fromEntries(
        answer.attacks.map(({ attack, verdict }) => [attack, verdict?.state ?? 'none']),
      ),
      answer,
      code: checked.code,
    };
  }

  describe('node', () => {
    beforeEach(() => {
      place.file('package.json', '{ "name": "p", "scripts": { "test": "node --test" } }\n');
      place.file('src/add.js', 'exports.add = (a, b) => a - b;\n');
      place.file(
        'test/add.test.js',
        "const { test } = require('node:test');\nconst assert = require('node:assert');\nconst { add } = require('../src/add.js');\ntest('add', () => assert.strictEqual(add(2, 2), 4));\n",
      );
    });

    test('a contract that protects nothing lets all of them pass', async () => {
      const { states, answer, code } = await attacked('  success: { run: npm test }\n');
      expect(code).toBe(1);
      expect(states).toEqual({
        'no-op': 'rejected',
        'early-exit': 'finding',
        'always-equal': 'finding',
        'skipped-test': 'finding',
        'edited-configuration': 'finding',
        'special-cased': 'finding',
      });
      const diffs = Object.fromEntries(answer.attacks.map(({ attack, diff }) => [attack, diff]));
      expect(diffs['early-exit']).toContain('+process.exit(0);');
      expect(diffs['edited-configuration']).toContain('"test": "true"');
      expect(diffs['special-cased']).toContain('JSON.stringify([2, 2])] = 4;');
      expect(answer.open.join()).toMatch(/no hidden check.*nothing is protected/s);
    });

    test('a check outside of the process that it judges, with what decides protected, lets none of them pass', async () => {
      place.file(
        'test/check.sh',
        'for n in 1 2 3; do r=$(od -An -N2 -tu2 /dev/urandom | tr -d " "); out=$(node -p "require(\'./src/add.js\').add($r, $n)"); test "$out" = $((r + n)) || exit 1; done\n',
      );
      place.file('test/add.test.js', '');
      const success = '  success: { run: sh test/check.sh, protect: [test/**, package.json] }\n';
      const { states, code } = await attacked(success);
      expect(states).toEqual({
        'no-op': 'rejected',
        'early-exit': 'rejected',
        'always-equal': 'rejected',
        'skipped-test': 'caught',
        'edited-configuration': 'caught',
        'special-cased': 'none',
      });
      expect(code).toBe(0);
    });

    test('success that accepts that nothing is done is a finding', async () => {
      const { states, code } = await attacked('  success: { run: "true", protect: [test/**] }\n');
      expect(states['no-op']).toBe('finding');
      expect(code).toBe(1);
    });
  });

  describe('python', () => {
    beforeEach(() => {
      place.file('calc.py', 'def add(a, b):\n    return a - b\n');
      place.file(
        'tests/test_calc.py',
        'import unittest\nfrom calc import add\n\nclass T(unittest.TestCase):\n    def test_add(self):\n        self.assertEqual(add(2, 2), 4)\n',
      );
      place.file('tests/__init__.py', '');
    });

    test('a contract that protects nothing lets all of them pass', async () => {
      const { states, answer } = await attacked(
        '  success: { run: python3 -m unittest -q tests.test_calc }\n',
      );
      expect(states).toEqual({
        'no-op': 'rejected',
        'early-exit': 'finding',
        'always-equal': 'finding',
        'skipped-test': 'finding',
        'edited-configuration': 'finding',
        'special-cased': 'finding',
      });
      expect(answer.attacks.find(({ attack }) => attack === 'edited-configuration')?.diff).toContain(
        '+++ b/unittest.py',
      );
    });

    test('tests and the shadowed module protected, and a hidden check of another kind: what is left is special-cased', async () => {
      const check = `python3 -I -c 'import subprocess, sys; out = subprocess.run([sys.executable, "-c", "from calc import add; print(add(20, 30))"], capture_output=True, text=True).stdout; sys.exit(out != "50\\\\n")'`;
      const { states, code } = await attacked(
        `  success: { run: python3 -m unittest -q tests.test_calc, protect: [tests/**, unittest.py] }\n  hidden: { run: "${check.replaceAll('"', '\\"')}" }\n`,
      );
      // in-process tests can be ended and fooled by what they test; the hidden check is not
      expect(states).toEqual({
        'no-op': 'rejected',
        'early-exit': 'finding',
        'always-equal': 'finding',
        'skipped-test': 'caught',
        'edited-configuration': 'caught',
        'special-cased': 'finding',
      });
      expect(code).toBe(1);
    });
  });

  describe('make and shell', () => {
    beforeEach(() => {
      place.file('add.sh', 'echo $(($1 - $2))\n');
      place.file('Makefile', 'test:\n\tsh tests.sh\n');
    });

    test('a contract that protects the Makefile alone', async () => {
      place.file('tests.sh', 'test "$(sh add.sh 2 2)" = 4\n');
      const { states, answer, code } = await attacked('  success: { run: make test, protect: [Makefile] }\n');
      expect(states).toMatchObject({
        'no-op': 'rejected',
        'skipped-test': 'finding',
        'edited-configuration': 'finding',
        'special-cased': 'finding',
      });
      expect(answer.attacks.find(({ attack }) => attack === 'edited-configuration')?.diff).toContain(
        '+++ b/GNUmakefile',
      );
      expect(code).toBe(1);
    });

    test('everything that decides protected, and values that are not written down', async () => {
      place.file(
        'tests.sh',
        'r=$(od -An -N2 -tu2 /dev/urandom | tr -d " ")\nout=$(sh add.sh $r 7)\ntest "$out" = $((r + 7))\n',
      );
      const { states, code } = await attacked(
        '  success: { run: make test, protect: [Makefile, makefile, GNUmakefile, tests.sh] }\n',
      );
      expect(states).toEqual({
        'no-op': 'rejected',
        'early-exit': 'rejected',
        'always-equal': 'none',
        'skipped-test': 'caught',
        'edited-configuration': 'caught',
        'special-cased': 'none',
      });
      expect(code).toBe(0);
    });
  });

  test('the known solution is applied in a cell and graded; the run says since when it is known', async () => {
    place.file('calc.sh', 'echo wrong\n');
    place.file('check.sh', 'test "$(sh calc.sh)" = right\n');
    const objective = '  success: { run: sh check.sh, protect: [check.sh] }\n  feasible: { by: fix.patch }\n';
    const patch = (text: string) => place.file(join(place.root, 'records/fix.patch'), text);
    const check = () => place.command('check', '--feasible', contract(objective));
    const start = async () =>
      (await place.command('run', '-c', contract(objective), '--no-grade', '--', 'true')).stderr;

    patch(ADD_FIX('calc.sh', 'echo wrong', 'echo also wrong'));
    const not = await check();
    expect([not.code, not.stdout]).toEqual([
      1,
      expect.stringMatching(/^not feasible by .*fix\.patch: R 0 as left/),
    ]);
    expect(await start()).toContain(
      'no evidence that the task can be done inside this contract (ringfence check --feasible has not shown it)',
    );

    patch(ADD_FIX('../outside.sh', 'echo wrong', 'echo right'));
    expect((await check()).stdout).toMatch(/cannot be applied: .*not a path inside the workspace/);

    patch(ADD_FIX('calc.sh', 'echo wrong', 'echo right'));
    const shown = await check();
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringMatching(/^feasible: /)]);
    expect(place.read('calc.sh')).toBe('echo wrong\n');
    expect(await start()).toMatch(/the task can be done inside this contract: shown on \d{4}-\d\d-\d\d/);

    // another solution is another claim
    patch(`# another\n${ADD_FIX('calc.sh', 'echo wrong', 'echo right')}`);
    expect(await start()).toContain('no evidence');
  });
});
