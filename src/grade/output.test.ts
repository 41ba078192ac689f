import { expect, test } from 'vitest';
import { Tail } from './output.ts';

const SECRET = 'hunter2hunter2hunter2hunter2';
const redact = (text: string) => text.replaceAll(SECRET, '[redacted]');

function tailOf(...parts: string[]): string {
  const tail = new Tail();
  for (const part of parts) tail.add(Buffer.from(part));
  return tail.text(redact);
}

test('what is short is whole; of what is long the end is kept, and the rest counted', () => {
  expect(tailOf('one\n', 'two')).toBe('one\ntwo');
  const lines = Array.from({ length: 40_000 }, (_, n) => `line ${n}\n`);
  const text = tailOf(...lines);
  const [, dropped] = /^\((\d+) bytes before this are not kept\)\n/.exec(text) ?? [];
  expect(text.endsWith('line 39998\nline 39999\n')).toBe(true);
  expect(text.length).toBeLessThan(9000);
  expect(Number(dropped) + 8192).toBe(lines.join('').length);
});

test('no part of a secret is left where the output is cut', () => {
  for (let shift = 0; shift < 3 * SECRET.length; shift++) {
    for (const filler of ['x', 'x\n', SECRET, `${SECRET}\n`]) {
      const text = tailOf('y'.repeat(shift), SECRET, ...Array.from({ length: 9 }, () => filler.repeat(9000)));
      expect(text).not.toContain('hunter2');
    }
  }
});

test('a line that is longer than all that is kept is only counted', () => {
  expect(tailOf(...Array.from({ length: 20 }, () => 'z'.repeat(9000)))).toBe(
    '(180000 bytes without a line break are not kept)\n',
  );
});
