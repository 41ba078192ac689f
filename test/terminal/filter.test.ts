/**
 * What of a program's output reaches the operator's terminal: drawing does, what makes a terminal act does not, however it
 * is spelled, and wherever a read cuts it in two.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../run/place.ts';

const LAUNCHER = join(ROOT, 'native/build/ringfence-cell');
const filter = (bytes: string, ...words: string[]): string => {
  const { stdout, status } = spawnSync(LAUNCHER, ['filter', ...words], {
    input: Buffer.from(bytes, 'latin1'),
  });
  expect(status).toBe(0);
  return stdout.toString('latin1');
};
const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

describe('passes', () => {
  it.each([
    ['text', utf8('plain ünïcödé 漢字 🙂\r\n\ttab')],
    ['colours', '\u001b[1;38;2;1;2;3mx\u001b[0m'],
    ['cursor report and device attributes', '\u001b[6n\u001b[c\u001b[>c\u001b[?25$p'],
    ['titles', utf8('\u001b]0;títle\u0007\u001b]2;b\u001b\\')],
    ['links', '\u001b]8;;http://example.com\u001b\\link\u001b]8;;\u001b\\'],
    ['colour questions', '\u001b]11;?\u001b\\\u001b]4;1;?\u0007\u001b]104\u0007'],
    ['size in pixels', '\u001b[14t\u001b[18t\u001b[22;0t'],
    ['character sets and saved cursors', '\u001b(B\u001b7\u001b8\u001b=\u001b>\u001bM'],
    ['sixel and capability questions', '\u001bPq#0;2;0;0;0~-\u001b\\\u001bP+q544e\u001b\\'],
    ['bytes of characters that look like controls', utf8('\u2bdb \u6d9b \u6f5b \u{1f69b}')],
  ])('%s', (_name, bytes) => expect(filter(bytes)).toBe(bytes));
});

/** What a terminal would act on, as parameter and payload of each introducer. */
const ACTS: [string, string][] = [
  ['report of the title', '\u001b[21t'],
  ['report of the icon', '\u001b[20t'],
  ['report of the title, padded', `\u001b[${'0'.repeat(200)}21t`],
  ['report of the title, with a line end in it', '\u001b[2\n1t'],
  ['printing', '\u001b[5i'],
  ['printing, private', '\u001b[?5i'],
  ['reading the screen', '\u001b[1;1;1;1;9;9*y'],
  ['clipboard', '\u001b]52;c;YQ==\u0007'],
  ['clipboard, read', '\u001b]52;c;?\u001b\\'],
  ['clipboard, padded', '\u001b]0052;c;?\u001b\\'],
  ['clipboard, of no kind', '\u001b]52;;?\u0007'],
  ['clipboard, with a strange number', '\u001b]5\u00002;c;?\u0007'],
  ['fonts', '\u001b]50;?\u0007'],
  ['files', '\u001b]1337;File=name=YQ==:YQ==\u0007'],
  ['settings', '\u001bP$q"p\u001b\\'],
  ['keys', '\u001bP0;1|17/6c73\u001b\\'],
  ['pass-through', '\u001bPtmux;\u001b\u001b]52;c;YQ==\u0007\u001b\\'],
  ['application', '\u001b_Gi=1,a=q,t=f;L2V0Yy9wYXNzd2Q=\u001b\\'],
  ['privacy message', '\u001b^52\u001b\\'],
  ['answerback', '\u0005'],
  ['answerback in a sequence', '\u001b[\u00051m'],
];

/** What may be left of them: line ends, an empty sequence, the end of a string that did not begin. */
const HARMLESS = ['\n', '\u001b[1m', '\u001b\\'];

describe('does not pass', () => {
  it.each(ACTS)('%s', (name, bytes) => {
    const out = filter(`a${bytes}b`);
    expect(HARMLESS.reduce((text, rest) => text.replaceAll(rest, ''), out)).toBe('ab');
    expect(out).not.toContain(bytes);
    expect(name).not.toBe('');
  });

  it('what is spelled with eight bits, raw or in UTF-8', () => {
    for (const c1 of ['\u009b21t', '\u009d52;c;?\u0007', '\u0090$q"p\u001b\\', '\u009fGx\u001b\\']) {
      expect(filter(`a${c1}b`)).toBe('ab');
      expect(filter(`a${utf8(c1)}b`)).toBe('ab');
    }
  });

  it('what hides behind an end that only the terminal sees', () => {
    for (const end of ['\u009c', utf8('\u009c'), '\u0018', '\u001b\\', '\u001bx']) {
      for (const act of ['\u009b21t', utf8('\u009b21t'), '\u001b[21t']) {
        const out = filter(`\u001b]0;title${end}${act}`);
        expect(out).not.toContain('\u009b');
        expect(out).not.toContain('[21t');
      }
    }
  });

  it('the clipboard, but for writing where that is allowed', () => {
    expect(filter('\u001b]52;c;YQ==\u0007', 'clipboard')).toBe('\u001b]52;c;YQ==\u0007');
    expect(filter('a\u001b]52;c;?\u0007b', 'clipboard')).toBe('ab');
    expect(filter('a\u001b]52;c;\u0007b', 'clipboard')).toBe('ab');
  });
});

it('takes back the modes that are left', () => {
  const left = '\u001b[?1049h\u001b[?25l\u001b[?1000;1006h\u001b[?1006l';
  expect(filter(left)).toBe(`${left}\u001b[?1000l\u001b[?1049l\u001b[?25h`);
  expect(filter('\u001b[?1049h\u001b[?1049l\u001b[?25l\u001b[?25h')).toBe(
    '\u001b[?1049h\u001b[?1049l\u001b[?25l\u001b[?25h',
  );
});

it('no mixture of pieces makes a sequence that acts', () => {
  const piece = fc.constantFrom(
    '\u001b',
    '[',
    ']',
    'P',
    '_',
    '21t',
    '52;c;?',
    '0;x',
    '\u0007',
    '\u001b\\',
    '\u0018',
    '\u009b',
    '\u009d',
    '\u009c',
    '\u00c2',
    '\u00e2\u0080',
    ';',
    '2',
    '$q',
    'k',
    'tmux;',
    'a',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      // a terminal reads UTF-8: bytes of a character are no controls
      const out = Buffer.from(filter(pieces.join('')), 'latin1').toString();
      for (const act of [
        '\u001b[21t',
        '\u001b]52;c;?',
        '\u009b21t',
        '\u009d52;',
        '\u001bP$q',
        '\u001b_',
        '\u001bPt',
      ]) {
        expect(out.includes(act)).toBe(false);
      }
    }),
    { numRuns: 400 },
  );
});
