import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandError } from './errors.ts';
import { fastParse } from './fast-parse.ts';
import { fullParse } from './full-parse.ts';
import { COMMANDS, type CommandSpec, GLOBAL_OPTIONS, type OptionSpec } from './table.ts';

const SPECS: readonly CommandSpec[] = COMMANDS;

describe('run', () => {
  it.each([
    [
      ['run', 'ls', '-l'],
      ['ls', '-l'],
    ],
    [
      ['run', '--', 'ls', '--help'],
      ['ls', '--help'],
    ],
    [
      ['run', '-q', 'ls', '--', 'x'],
      ['ls', '--', 'x'],
    ],
    [
      ['run', '--contract', 'c.yaml', 'sh', '-c', 'exit 7'],
      ['sh', '-c', 'exit 7'],
    ],
    [
      ['run', 'ls', '--contract', 'c.yaml'],
      ['ls', '--contract', 'c.yaml'],
    ],
    [
      ['run', '--', '--', 'x'],
      ['--', 'x'],
    ],
    [['run', '--', ''], ['']],
  ])('passes the program of %j on untouched', (words, args) => {
    expect(fastParse(words)?.args).toEqual(args);
    expect(fullParse(words)).toMatchObject({ name: 'run', args });
  });

  it('needs a program, and says so with the code for "nothing ran"', () => {
    expect(fastParse(['run'])).toBeUndefined();
    expect(() => fullParse(['run'])).toThrow(
      expect.objectContaining({ exitCode: 125, message: "missing required argument 'COMMAND'" }),
    );
  });
});

const word = fc.oneof(
  fc.constantFrom('--', '-', '', 'ls', 'x=y', '-l', '--help', '--version', 'log', 'show', 'bash', '7', '-qv'),
  fc.constantFrom(
    ...SPECS.flatMap((spec) => spec.options as readonly OptionSpec[]).map((option) => `--${option.name}`),
  ),
  fc.constantFrom(...GLOBAL_OPTIONS.map((option) => `--${option.name}`)),
  fc.constantFrom(
    '-c',
    '-q',
    '-n',
    '-o',
    '--contract=c.yaml',
    '--json=',
    '--quiet=1',
    '--kind=denial',
    '--draft=7',
    '--cont',
  ),
);

it('gives the same answer on the fast way as on the full one', () => {
  const line = fc
    .tuple(fc.constantFrom(...SPECS.map((spec) => spec.name)), fc.array(word, { maxLength: 6 }))
    .map(([name, words]) => [...name.split(' '), ...words]);
  let compared = 0;
  fc.assert(
    fc.property(line, (words) => {
      const fast = fastParse(words);
      if (!fast) return;
      compared += 1;
      expect(fullParse(words)).toEqual(fast);
    }),
    { numRuns: 3000 },
  );
  expect(compared).toBeGreaterThan(300);
});

describe('mistakes', () => {
  it.each([
    [['rum'], "unknown command 'rum' (Did you mean run?)", 2],
    [['check', '--contrat', 'x'], "unknown option '--contrat' (Did you mean --contract?)", 2],
    [['run', '--contract'], "option '-c, --contract <FILE>' argument missing", 125],
    [
      ['schema', '--draft', '8'],
      "option '--draft <DRAFT>' argument '8' is invalid. Allowed choices are 7, 2020-12.",
      2,
    ],
    [['version', 'x'], 'too many arguments', 2],
  ])('%j', (words, message, exitCode) => {
    let error: unknown;
    try {
      fullParse(words);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({ exitCode });
    expect((error as CommandError).message).toContain(message);
  });
});
