import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalPath, PathPatterns } from './path.ts';

test.each([
  ['/v1/**', ['/v1/', '/v1/a', '/v1/a/b/', '/%761/a'], ['/v1', '/v2/a', '/v1a', '/']],
  ['/**', ['/', '/a', '/a/b'], []],
  ['/', ['/'], ['/a']],
  ['/a/*', ['/a/b'], ['/a', '/a/', '/a/b/c', '/a/b%2Fc']],
  ['/a/*/c', ['/a/b/c'], ['/a/c', '/a/b/b/c']],
  ['/a/**/c', ['/a/c', '/a/b/c', '/a/b/b/c'], ['/a', '/a/b', '/a/c/d']],
  ['/x-*.json', ['/x-.json', '/x-a.json', '/x-a.b.json'], ['/x-a.jso', '/a/x-a.json']],
  ['/*a*b*', ['/ab', '/xaxbx'], ['/ba', '/b']],
  ['/g%2fp/*', ['/g%2Fp/x', '/g%2fp/x'], ['/g/p/x', '/g%2Fq/x']],
  ['/%7Eme', ['/~me', '/%7eme'], ['/me']],
  ['/caf%C3%A9', ['/caf%c3%a9'], ['/cafe']],
])('%s allows %j and not %j', (pattern, allowed, refused) => {
  const patterns = new PathPatterns([pattern]);
  const allows = (path: string) => {
    const read = canonicalPath(path);
    return read.ok && patterns.allow(read.path);
  };
  expect(allowed.filter((path) => !allows(path))).toEqual([]);
  expect(refused.filter(allows)).toEqual([]);
});

/** How a careless server reads a path: decodes it as often as it can, takes off parameters, then resolves it. */
function carelessly(path: string): string {
  let text = path;
  for (let round = 0; round < 3; round += 1) {
    text = text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
  const segments: string[] = [];
  for (const segment of text.replaceAll('\\', '/').split('/')) {
    const [bare = ''] = segment.split(/[;\0]/);
    if (bare.trim() === '..') segments.pop();
    else if (bare.trim() !== '.' && bare !== '') segments.push(bare);
  }
  return `/${segments.join('/')}`;
}

const piece = fc.oneof(
  fc.constantFrom(
    '/',
    '.',
    '..',
    '%2e',
    '%2f',
    '%5c',
    '%252e',
    '%25',
    '%3b',
    ';',
    '\\',
    '//',
    'v1',
    'a',
    '%00',
    '%20',
    '*',
    '%c0%ae',
  ),
  fc.string({ maxLength: 3 }),
);
const path = fc.array(piece, { maxLength: 10 }).map((pieces) => `/${pieces.join('')}`);

test('what is allowed below /v1/ is below /v1 for a careless server too', () => {
  const patterns = new PathPatterns(['/v1/**']);
  const below = fc.array(piece, { maxLength: 8 }).map((pieces) => `/v1/${pieces.join('')}`);
  fc.assert(
    fc.property(fc.oneof(path, below), (text) => {
      const read = canonicalPath(text);
      if (!read.ok || !patterns.allow(read.path)) return;
      expect(carelessly(read.path)).toMatch(/^\/v1(\/|$)/);
      expect(read.path).not.toMatch(/%2e|%00|%5c|;|\\|\/\/|\/\.\.?(\/|$)/i);
    }),
    { numRuns: 5000 },
  );
});

test('a canonical path is its own canonical form, and patterns match themselves', () => {
  fc.assert(
    fc.property(path, (text) => {
      const read = canonicalPath(text);
      if (!read.ok) return;
      expect(canonicalPath(read.path)).toEqual(read);
      if (!read.path.includes('*')) expect(new PathPatterns([read.path]).allow(read.path)).toBe(true);
    }),
  );
});

/** The meaning of patterns, slowly: by regular expression. */
function expected(pattern: string, text: string): boolean {
  const parts = pattern.slice(1).split('/');
  const source = parts.map((part, index) => {
    const last = index === parts.length - 1;
    if (part === '**') return last ? '[^]*' : '(?:[^/]*/)*';
    const name = part.replaceAll('*', '[^/]*');
    return `${part === '' ? '' : '(?=[^/])'}${name}${last ? '' : '/'}`;
  });
  return new RegExp(`^/${source.join('')}$`).test(text);
}

test('patterns mean what a regular expression says', () => {
  const segment = fc.constantFrom('a', 'b', 'ab', '*', '**', 'a*', '*b');
  const plain = fc.constantFrom('a', 'b', 'ab', 'abb', 'c');
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1, maxLength: 4 }),
      fc.array(plain, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      (parts, segments, slash) => {
        const pattern = `/${parts.join('/')}`;
        const text = `/${segments.join('/')}${slash ? '/' : ''}`;
        expect([pattern, text, new PathPatterns([pattern]).allow(text)]).toEqual([
          pattern,
          text,
          expected(pattern, text),
        ]);
      },
    ),
    { numRuns: 3000 },
  );
});
