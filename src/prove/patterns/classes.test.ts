import fc from 'fast-check';
import { expect, it } from 'vitest';
import { classesOf, plainWord } from './classes.ts';
import { parseSegment } from './segment.ts';

const part = fc.constantFrom('a', 'b', '.', '-', '9', '*', '?', '[0-9]', '[!a]', '[.]', '[z-a]', 'é', '_');

it('the plain word of one pattern is that of its class', () => {
  let plain = 0;
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.constantFrom('path' as const, 'host' as const),
      (parts, kind) => {
        const segment = parseSegment(Buffer.from(parts.join('')).toString('latin1'));
        if (segment.kind !== 'glob') return;
        const word = plainWord(segment, kind);
        if (word === undefined) return;
        plain++;
        const classes = classesOf([segment], kind, 50_000);
        expect(word).toBe(classes?.find(({ members }) => members.length === 1)?.word);
      },
    ),
    { numRuns: 3_000, seed: 21 },
  );
  expect(plain).toBeGreaterThan(1_000);
});
