import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { importSettings } from './import.ts';
import { readScript, unknownValue } from './shell.ts';
import { type ForeignKind, MAX_INPUT_BYTES } from './types.ts';

const KINDS: readonly ForeignKind[] = ['docker', 'compose', 'k8s', 'srt', 'codex'];

const inputsOf = (kind: ForeignKind): string[] =>
  parse(readFileSync(join(import.meta.dirname, 'cases', `${kind}.yaml`), 'utf8')).map(
    (each: { input: string }) => each.input,
  );

/** Milliseconds that reading may take, on a busy machine. */
const LONGEST = 5_000;

function readWithin(kind: ForeignKind, content: string | Uint8Array) {
  const start = performance.now();
  const read = importSettings(kind, { content, file: 'x' });
  expect(performance.now() - start).toBeLessThan(LONGEST);
  return read;
}

describe.each(KINDS)('%s', (kind) => {
  const inputs = inputsOf(kind);

  it('never throws, whatever the text: inputs with a part cut, doubled or changed', () => {
    const mutant = fc
      .tuple(
        fc.constantFrom(...inputs),
        fc.nat(),
        fc.nat(60),
        fc.constantFrom('cut', 'double', 'change'),
        fc.string(),
      )
      .map(([text, at, length, how, other]) => {
        const from = at % (text.length + 1);
        const part = text.slice(from, from + length);
        const middle = how === 'cut' ? '' : how === 'double' ? part + part : other;
        return text.slice(0, from) + middle + text.slice(from + length);
      });
    fc.assert(
      fc.property(mutant, (content) => {
        const read = importSettings(kind, { content, file: 'x' });
        if (read.ok) expect(read.settings.length).toBeGreaterThan(0);
        else
          for (const { line, column, message } of read.problems) {
            expect(line).toBeGreaterThan(0);
            expect(column).toBeGreaterThan(0);
            expect(message).not.toBe('');
          }
      }),
      { numRuns: 400 },
    );
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (content) => {
        importSettings(kind, { content, file: 'x' });
      }),
      { numRuns: 300 },
    );
  });

  it('refuses what is too long, and what is not text', () => {
    const long = readWithin(kind, 'x'.repeat(MAX_INPUT_BYTES + 1));
    expect(!long.ok && long.problems[0]?.message).toBe('larger than 256 KiB');
    const binary = readWithin(kind, Uint8Array.of(0xff, 0xfe, 0));
    expect(!binary.ok && binary.problems[0]?.message).toBe('not UTF-8 text');
  });
});

describe('texts made to hang or exhaust their reader', () => {
  const many = (text: string): string => text.repeat(Math.floor((MAX_INPUT_BYTES - 100) / text.length));

  it.each([
    ['docker', many('$(')],
    ['docker', many('`a` ')],
    ['docker', many('"')],
    ['docker', many(`\${a:-`)],
    ['docker', many('docker run -v /a:/a x\n')],
    ['docker', `A=x\n${'A="$A$A"\n'.repeat(60)}docker run "$A"`],
    ['docker', `A=(x x)\n${`A=("\${A[@]}" "\${A[@]}")\n`.repeat(40)}docker run "\${A[@]}"`],
    ['docker', many('<<A\n')],
    ['compose', many('[')],
    ['compose', many('{a: ')],
    ['compose', many('a: &a\n')],
    ['compose', `services: {a: {image: "${many('$').slice(0, 60_000)}"}}`],
    ['k8s', many('---\n')],
    ['k8s', many('- ')],
    ['srt', many('[')],
    ['srt', `{"a":${many('[')}`],
    ['codex', many('[a.')],
    ['codex', `a = ${many('[')}`],
    ['codex', many('a = """\n')],
  ] as const)('%s %#', (kind, content) => {
    readWithin(kind, content);
  });
});

describe('shell', () => {
  const words = (text: string) =>
    readScript(text).commands.map((command) => command.map((word) => word.text));

  it.each([
    ['a \'b c\' "d e" f\\ g', [['a', 'b c', 'd e', 'f g']]],
    ['a;b&&c||d|e &f', [['a'], ['b'], ['c'], ['d'], ['e'], ['f']]],
    ['a \\\n  b # c\nd', [['a', 'b'], ['d']]],
    ['X=1 Y=2\necho $X$Y"$X$Z"', [['echo', `121${unknownValue('Z')}`]]],
    ['a >out 2>&1 <in b', [['a', 'b']]],
    ['echo $(date -u) "`id`"', [['date', '-u'], ['id'], ['echo', unknownValue('?'), unknownValue('?')]]],
    ["cat <<-'E' x\n\tno\n\tE\ny", [['cat', 'x'], ['y']]],
    ['f() { a; }', [['f'], ['{', 'a'], ['}']]],
    ["printf $'a b'", [['printf', 'a b']]],
    [`a\${B:-"c d"}e`, [['ac de']]],
  ])('%j', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });
});
