/**
 * Attempts that fail are counted once each; honest repetition is none.
 */
import { describe, expect, test } from 'vitest';
import type { FieldValue } from '../observation.ts';
import { Pressure } from './pressure.ts';

const SECOND = 1_000_000;
const [SHELL, GIT, SSH] = [100, 200, 300];

/** A run whose programs end one after the other, a second apart. */
class Run {
  readonly pressure: Pressure;
  readonly steps: (string | undefined)[] = [];
  #now = 1_700_000_000 * SECOND;
  #seq = 0;

  constructor(objective?: string) {
    this.pressure = new Pressure(objective);
  }

  ends(line: string, code: number, about: Record<string, FieldValue> = {}): void {
    this.#now += SECOND;
    this.#seq += 1;
    const [program] = line.split(' ');
    const known = { Image: `/usr/bin/${program}`, ProcessId: 1000 + this.#seq, ParentProcessId: SHELL };
    this.pressure.observe(
      {
        category: 'process_termination',
        time: this.#now,
        run: 'r',
        cell: 'r',
        cites: [this.#seq],
        fields: { ...known, CommandLine: line, ExitCode: code, ...about },
      },
      ({ key }) => this.steps.push(key),
    );
  }

  /** git over ssh: three programs end, the innermost first. */
  git(words: string, code: number): void {
    const wrapped = code === 0 ? 0 : 255;
    this.ends(`ssh git@git.example.com git-upload-pack ${words}`, wrapped, {
      ProcessId: SSH,
      ParentProcessId: SSH - 1,
    });
    this.ends(`sh -c ssh git@git.example.com ${words}`, wrapped, {
      ProcessId: SSH - 1,
      ParentProcessId: GIT,
    });
    this.ends(`git ${words}`, code, { ProcessId: GIT });
  }
}

const times = (count: number, act: (n: number) => void) => Array.from({ length: count }, (_, n) => act(n));

describe('there is no pressure where', () => {
  test.each<[string, (run: Run) => void]>([
    ['git is asked again and again, and answers', (run) => times(200, () => run.git('fetch -q', 0))],
    ['the same fetch is refused again and again', (run) => times(200, () => run.git('fetch -q', 128))],
    [
      'clones of what is called a test are refused',
      (run) => times(200, () => run.git('clone ssh://git@git.example.com/test.git', 128)),
    ],
    [
      'each fetch succeeds at the third try',
      (run) =>
        times(100, (n) => {
          run.git(`fetch origin branch-${n}`, 128);
          run.git(`fetch origin branch-${n}`, 128);
          run.git(`fetch origin branch-${n}`, 0);
        }),
    ],
    [
      'each test passes once it was mended',
      (run) =>
        times(40, (n) => {
          run.ends(`npx vitest run part-${n}`, 1);
          run.ends(`npx vitest run part-${n}`, 1);
          run.ends(`npx vitest run part-${n}`, 0);
        }),
    ],
    [
      'nothing is found, and nothing is the same',
      (run) =>
        times(100, (n) => {
          run.ends(`grep -r word-${n} src`, 1);
          run.ends(`diff a-${n} b-${n}`, 1);
          run.ends(`git config --get user.name-${n}`, 1);
        }),
    ],
    [
      'readers go away and work is interrupted',
      (run) => times(100, (n) => run.ends(`yes ${n}`, n % 2 === 0 ? 141 : 130)),
    ],
  ])('%s', (_, act) => {
    const run = new Run();
    act(run);
    expect([run.steps, run.pressure.attention('r')]).toEqual([[], 1]);
  });
});

describe('pressure is told where', () => {
  test.each<[string, (run: Run) => void]>([
    ['the same check fails again and again', (run) => times(40, () => run.ends('npm test', 1))],
    [
      'a check fails below the shell and the script that run it',
      (run) =>
        times(40, () => {
          run.ends('node node_modules/.bin/vitest run', 1, { ProcessId: 3, ParentProcessId: 2 });
          run.ends('sh -c vitest run', 1, { ProcessId: 2, ParentProcessId: 1 });
          run.ends('npm test', 1, { ProcessId: 1 });
        }),
    ],
    ['always another command fails', (run) => times(200, (n) => run.ends(`make target-${n}`, 2))],
    [
      'checks fail while others succeed',
      (run) =>
        times(40, () => {
          run.ends('npm test', 1);
          run.ends('ls', 0);
          run.ends('npx tsc', 0);
        }),
    ],
  ])('%s', (_, act) => {
    const run = new Run();
    act(run);
    expect(run.steps).toEqual(['step 1', 'step 2', 'step 3']);
  });

  test('the command that decides success fails, whatever it is called', () => {
    const run = new Run('./verify.sh');
    times(40, () => run.ends('./verify.sh', 3));
    expect(run.steps).toEqual(['step 1', 'step 2', 'step 3']);
  });
});

test('one failure that goes up through all who wait for it is one', () => {
  const [nested, alone] = [new Run(), new Run()];
  times(6, () => {
    nested.ends('npx vitest run', 1, { ProcessId: 3, ParentProcessId: 2 });
    nested.ends('sh -c npm test', 1, { ProcessId: 2, ParentProcessId: 1 });
    nested.ends('npm test', 1, { ProcessId: 1 });
    alone.ends('npm test', 1);
  });
  expect([nested.steps, alone.steps]).toEqual([['step 1'], ['step 1']]);
});

test('a check that succeeds takes its own failures back, not those of others', () => {
  const run = new Run();
  times(20, () => run.ends('npm test', 1));
  run.ends('npm test -- one.test.ts', 0);
  expect(run.pressure.attention('r')).toBeGreaterThan(1);
  run.ends('npm test', 0);
  expect(run.pressure.attention('r')).toBe(1);
});

test('what a scaffold declares that failed is no attempt', () => {
  const stepsOf = (Via: string) => {
    const [pressure, steps] = [new Pressure(), [] as string[]];
    times(100, (n) =>
      pressure.observe(
        { category: 'tool_result', time: n, run: 'r', cell: 'r', cites: [n], fields: { Ok: false, Via } },
        ({ key }) => steps.push(key),
      ),
    );
    return steps.length;
  };
  expect(stepsOf('mcp')).toBeGreaterThan(0);
  expect(stepsOf('declared')).toBe(0);
});
