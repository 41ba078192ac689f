import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchPath } from '../../contract/glob.ts';
import { CharacterAutomaton, combinationsOf } from './characters.fixture.ts';
import {
  atomsOf,
  includes,
  intersect,
  matchesHost,
  matchesPath,
  type PathOptions,
  type Pattern,
  parseHost,
  parsePath,
  shortestWord,
  subtract,
} from './index.ts';

function paths(...texts: string[]): Pattern[] {
  return texts.map((text) => path(text));
}

function path(text: string, options?: PathOptions): Pattern {
  const parsed = parsePath(text, options);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.pattern;
}

function hosts(...texts: string[]): Pattern[] {
  return texts.map((text) => {
    const parsed = parseHost(text);
    if (!parsed.ok) throw new Error(parsed.message);
    return parsed.pattern;
  });
}

const word = (found: ReturnType<typeof intersect>): string | undefined => {
  if (!found.ok) throw new Error(found.message);
  return found.word;
};

const segmentPattern = fc.constantFrom(
  ...[
    'a',
    'b',
    'ab',
    '*',
    '**',
    '?',
    '??',
    'a*',
    '*b',
    '*.b',
    'a*b*',
    '[ab]',
    '[!a]',
    '[!a]*',
    '[a-b]?',
    'a**',
    '.a',
  ],
  ...['{a,b}', '{a,*b}', 'a{b,}', '{a,b/a}', '{a/**,b}', '[', 'é', '*é', '?é', '.*', '[.]*'],
);
const anyPattern = fc
  .array(segmentPattern, { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'));
const anyWord = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'ba', 'aab', 'a.b', '.a', '.b', '...', '[', 'é', 'aé', 'c'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((segments) => segments.join('/'));

describe('what matches', () => {
  it('agrees with the automaton over characters, and with the contract’s matcher, on 100,000 random words', () => {
    let [words, matching] = [0, 0];
    fc.assert(
      fc.property(anyPattern, fc.array(anyWord, { minLength: 50, maxLength: 50 }), (text, tried) => {
        const reference = new CharacterAutomaton(text);
        const contract = text.includes('{') ? undefined : matchPath([text]);
        const pattern = [path(text)];
        for (const each of tried) {
          const expected = reference.matches(each);
          words += 1;
          matching += expected ? 1 : 0;
          if (matchesPath(pattern, each) !== expected)
            throw new Error(`${text} and ${each}: ${expected} by the reference`);
          if (contract !== undefined && contract(each) !== expected)
            throw new Error(
              `${text} and ${each}: ${expected} by the reference, not by the contract’s matcher`,
            );
        }
      }),
      { numRuns: 2_400, seed: 5 },
    );
    expect(words).toBeGreaterThanOrEqual(100_000);
    expect(matching).toBeGreaterThan(3_000);
  }, 60_000);

  it.each([
    ['src/**', ['src/a', 'src/a/b'], ['src', 'srcs/a', '/src/a', 'a/src/b']],
    [
      '**/.git/hooks/*',
      ['.git/hooks/pre-commit', 'a/b/.git/hooks/x'],
      ['.git/hooks', '.git/hooks/a/b', 'git/hooks/a'],
    ],
    ['/etc/**', ['/etc/passwd', '//etc/./cron.d/x'], ['etc/passwd', '/etc', '/etc/../root']],
    ['~/.bashrc', ['~/.bashrc'], ['.bashrc', '/.bashrc', './~/.bashrc']],
    ['.', ['.', ''], ['a']],
    ['/', ['/'], ['', '/a']],
    ['./a/', ['a'], ['a/b']],
    ['[z-a]', [], ['a', 'z', 'm']],
    ['*.{js,ts}', ['a.js', '.ts'], ['a.jsx', 'b/a.js']],
  ])('%s', (text, matching, others) => {
    for (const each of matching) expect([each, matchesPath(paths(text), each)]).toEqual([each, true]);
    for (const each of others) expect([each, matchesPath(paths(text), each)]).toEqual([each, false]);
  });

  it('takes relative patterns from a base, and ~ from a home, whatever characters these have', () => {
    const options = { base: '/home/a*b/[x]', home: '/home/a*b' };
    expect(matchesPath([path('src/*', options)], '/home/a*b/[x]/src/c')).toBe(true);
    expect(matchesPath([path('src/*', options)], '/home/aab/x/src/c')).toBe(false);
    expect(matchesPath([path('~/.bashrc', options)], '/home/a*b/.bashrc')).toBe(true);
    expect(matchesPath([path('~/.bashrc', options)], '~/.bashrc', options)).toBe(true);
    expect(matchesPath([path('**/.git/hooks/*', { base: '/' })], '/srv/x/.git/hooks/a')).toBe(true);
    expect(word(intersect([path('/home/**')], [path('{~/a,b*}', options)]))).toBe('/home/a*b/a');
  });

  it('takes bytes that are no text', () => {
    expect(matchesPath(paths('a/*'), Buffer.from([0x61, 0x2f, 0xff]))).toBe(true);
  });

  it.each([
    ['', 'an empty pattern'],
    ['!a', 'patterns cannot be negated'],
    ['a/../b', 'a/../b has “..” in it'],
    ['{a,..}/b', '{a,..}/b has “..” in it'],
    ['a\0', 'a pattern with the character NUL'],
    ['{a,/b}', '{a,/b} is partly absolute, partly relative'],
    ['[é]', '[é] has a set of other than ASCII characters'],
    ['{a,b}'.repeat(11), `${'{a,b}'.repeat(11)} stands for more than 1,024 patterns`],
  ])('refuses %j', (text, message) => {
    expect(parsePath(text)).toMatchObject({ ok: false, message });
  });
});

describe('questions about paths', () => {
  it('are answered with words that read well', () => {
    expect(word(intersect(paths('**'), paths('**/.git/hooks/*')))).toBe('.git/hooks/a');
    expect(word(intersect(paths('src/**'), paths('**/conftest.py')))).toBe('src/conftest.py');
    expect(word(intersect(paths('src/**'), paths('**/*.pem')))).toBe('src/a.pem');
    expect(word(intersect(paths('src/**'), paths('test/**')))).toBeUndefined();
    expect(word(intersect(paths('/srv/**'), paths('srv/**')))).toBeUndefined();
    expect(word(intersect(paths('a*'), paths('*b'), {}))).toBe('ab');
    expect(word(subtract(paths('src/**'), paths('src/a', 'src/b')))).toBe('src/c');
    expect(word(subtract(paths('src/*'), paths('src/**')))).toBeUndefined();
    expect(word(subtract(paths('[ab]'), paths('a', 'b')))).toBeUndefined();
    expect(
      word(shortestWord({ all: [paths('**'), paths('**/*.ts'), paths('*/*')], none: paths('a/**') })),
    ).toBe('b/a.ts');
    expect(word(shortestWord({ all: [paths('[z-a]')] }))).toBeUndefined();
    expect(word(shortestWord({ all: [paths('?'), paths('.*')] }))).toBeUndefined();
    expect(word(shortestWord({ all: [] }))).toBeUndefined();
    expect(word(shortestWord({ all: [paths('a'), []] }))).toBeUndefined();
    expect(includes(paths('src/**', 'test/**'), paths('src/a/**', 'test/*.ts'))).toEqual({
      ok: true,
      except: undefined,
    });
    expect(includes(paths('src/**'), paths('src/a', '**/*.md'))).toEqual({ ok: true, except: 'a.md' });
    expect(includes(paths('a/**', 'a'), paths('a/**', 'a'))).toEqual({ ok: true, except: undefined });
  });

  it('cut paths into the classes that the automaton over characters finds, each with a word of it', () => {
    const characters = ['a', 'b', '.', '/', '[', 'c', 'Ã', '©'];
    fc.assert(
      fc.property(fc.array(anyPattern, { minLength: 1, maxLength: 3 }), (texts) => {
        const patterns = paths(...texts);
        const cut = atomsOf(patterns);
        if (!cut.ok) throw new Error(cut.message);
        expect(cut.atoms.map(({ members }) => members.join()).sort()).toEqual(
          [...combinationsOf(texts, characters)].sort(),
        );
        for (const { word: each, members } of cut.atoms)
          expect([
            each,
            patterns.flatMap((pattern, at) => (matchesPath([pattern], each) ? [at] : [])),
          ]).toEqual([each, members]);
      }),
      { numRuns: 500, seed: 9 },
    );
  }, 60_000);

  it('have the answers that follow from those classes', () => {
    fc.assert(
      fc.property(anyPattern, anyPattern, (one, other) => {
        const [left, right] = [paths(one), paths(other)];
        const cut = atomsOf([...left, ...right]);
        if (!cut.ok) throw new Error(cut.message);
        // Which of several shortest words it is may differ.
        const shape = (each: string | undefined) => each?.split('/').length;
        const expected = (members: string) =>
          shape(cut.atoms.find((atom) => atom.members.join() === members)?.word);
        expect(shape(word(intersect(left, right)))).toBe(expected('0,1'));
        expect(shape(word(subtract(left, right)))).toBe(expected('0'));
        const included = includes(left, right);
        expect(included.ok && shape(included.except)).toBe(expected('1'));
      }),
      { numRuns: 2_000, seed: 11 },
    );
  }, 60_000);

  it('are about paths of each root', () => {
    const cut = atomsOf([...paths('/etc/**', '~/.ssh/*', 'src/**', '/etc/cron.d/*', '/')]);
    expect(cut.ok && cut.atoms.map(({ word: each, members }) => [each, members])).toEqual([
      ['/', [4]],
      ['/a', []],
      ['/etc/a', [0]],
      ['/etc/cron.d/a', [0, 3]],
      ['~/.ssh/a', [1]],
      ['src/a', [2]],
    ]);
    expect(atomsOf([])).toEqual({ ok: true, atoms: [] });
  });

  it('give up where the answer is too large, and then say nothing', () => {
    const many = paths(
      ...Array.from({ length: 40 }, (_, at) => `*${String.fromCharCode(97 + (at % 26))}${at}*`),
    );
    expect(atomsOf(many, { characterStates: 2_000 })).toMatchObject({
      ok: false,
      message: expect.stringMatching(/more than 2,000 states over characters/),
    });
    const folders = paths(...Array.from({ length: 12 }, (_, at) => `**/x${at}/**`));
    expect(atomsOf(folders, { states: 1_000 })).toMatchObject({ ok: false });
    expect(atomsOf(folders, { atoms: 100 })).toMatchObject({ ok: false });
    expect(shortestWord({ all: [many, paths('**/*z*')] }, { characterStates: 100 })).toMatchObject({
      ok: false,
    });
    expect(intersect(paths('*a*b*c*'), paths('*d*e*f*'), { characterStates: 10 })).toMatchObject({
      ok: false,
    });
  });
});

describe('hosts', () => {
  it('match at any depth below a name, and by name and address', () => {
    expect(matchesHost(hosts('*.example.com'), 'a.example.com')).toBe(true);
    expect(matchesHost(hosts('*.example.com'), 'a.B.EXAMPLE.com.')).toBe(true);
    expect(matchesHost(hosts('*.example.com'), 'example.com')).toBe(false);
    expect(matchesHost(hosts('*.example.com'), 'badexample.com')).toBe(false);
    expect(matchesHost(hosts('*'), 'a.example')).toBe(true);
    expect(matchesHost(hosts('*'), '192.0.2.1')).toBe(false);
    expect(matchesHost(hosts('192.0.2.1', '2001:db8::5'), '[2001:db8::5]')).toBe(true);
    expect(matchesHost(hosts('api-*.example.com'), 'api-1.example.com')).toBe(true);
    expect(matchesHost(hosts('api-*.example.com'), 'a.api-1.example.com')).toBe(false);
    expect(matchesHost(hosts('s3.*.example.com'), 's3.eu.example.com')).toBe(true);
  });

  it('have words in common', () => {
    expect(word(intersect(hosts('*.example.com'), hosts('*.b.example.com')))).toBe('a.b.example.com');
    expect(word(intersect(hosts('example.com'), hosts('*.example.com')))).toBeUndefined();
    expect(word(subtract(hosts('*.example.com'), hosts('a.example.com')))).toBe('b.example.com');
    expect(includes(hosts('*.com', 'example.net'), hosts('*.example.com', 'example.net'))).toEqual({
      ok: true,
      except: undefined,
    });
    expect(includes(hosts('*.example.com'), hosts('*'))).toEqual({ ok: true, except: 'a' });
    const cut = atomsOf(hosts('*.example.com', 'api.example.com', '192.0.2.1'));
    expect(cut.ok && cut.atoms.map(({ word: each, members }) => [each, members])).toEqual([
      ['a', []],
      ['a.example.com', [0]],
      ['api.example.com', [0, 1]],
      ['192.0.2.1', [2]],
    ]);
  });

  it.each(['', 'a b', 'a..b', 'a/b', 'a:1', 'ä.example', '.example.com'])('refuse %j', (text) => {
    expect(parseHost(text)).toMatchObject({ ok: false });
  });
});
