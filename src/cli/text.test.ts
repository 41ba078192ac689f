import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine, safe, safeLines, shorten } from './text.ts';

describe('safe', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['a\u0007b\u007f', 'a\\x07b\\x7f'],
    ['one\ntwo\r\tthree', 'one\\ntwo\\r\\tthree'],
    ['\u009b2J', '\\u{9b}2J'],
    ['user\u202egpj.exe', 'user\\u{202e}gpj.exe'],
    ['\u2066x\u2069', '\\u{2066}x\\u{2069}'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['\u{e0041}', '\\u{e0041}'],
    ['not UTF-8: \udcff', 'not UTF-8: \\xff'],
    ['line\u2028end', 'line\\u{2028}end'],
  ])('shows %j as an escape', (text, shown) => {
    expect(safe(text)).toBe(shown);
  });

  it('leaves what prints alone', () => {
    expect(safe('größe 数 ’…→ 🙂 ~/a b')).toBe('größe 数 ’…→ 🙂 ~/a b');
  });

  it('never lets a control character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safe(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });

  it('keeps line ends where they are asked for', () => {
    expect(safeLines('a\n\u001bb')).toBe('a\n\\x1bb');
  });
});

it('shortens by characters, not by code units', () => {
  expect(shorten('🙂🙂🙂', 3)).toBe('🙂🙂🙂');
  expect(shorten('🙂🙂🙂🙂', 3)).toBe('🙂🙂…');
});

it('writes a command line that a shell reads back', () => {
  expect(commandLine(['ls', '-l', 'a b', "it's"])).toBe("ls -l 'a b' 'it'\\''s'");
  expect(commandLine(['printf', '\u001b[2J\\'])).toBe("printf $'\\x1b[2J\\\\'");
  expect(commandLine(['echo', ''])).toBe("echo ''");
});
