/**
 * The rules of the house that neither the compiler nor the linter knows.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** Each part may import those before it; `contract` nobody. */
const ORDER = [
  'contract',
  'prove',
  'cell',
  'review',
  'grade',
  'gateway',
  'watch',
  'ledger',
  'attack',
  'lab',
  'evidence',
  'serve',
  'cli',
];

/** Doors beside `index.ts`, for what only some commands need and `run` must not load. */
const DOORS = new Set([
  'src/cell/trust/der.ts',
  'src/contract/amend.ts',
  'src/contract/base-view.ts',
  'src/contract/document.ts',
  'src/contract/explain.ts',
  'src/contract/glob.ts',
  'src/contract/init.ts',
  'src/contract/json-schema.ts',
  'src/contract/maximum.ts',
  'src/contract/package-offers.ts',
  'src/contract/project.ts',
  'src/contract/packages.ts',
  'src/contract/reference.ts',
  'src/contract/write-yaml.ts',
  'src/contract/schema-tools.ts',
  'src/contract/tools.ts',
  'src/contract/triggers.ts',
  'src/gateway/tools/ask.ts',
  'src/gateway/tools/condition.ts',
  'src/gateway/tls/authority.ts',
]);

const LONGEST = 500;

function trackedFiles(): string[] {
  const output = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return output.split('\0').filter((path) => path !== '');
}

const files = trackedFiles()
  .map((path) => {
    try {
      return { path, text: readFileSync(join(ROOT, path), 'utf8') };
    } catch {
      return undefined; // deleted, but not committed yet
    }
  })
  .filter((file) => file !== undefined)
  // This file names what it looks for.
  .filter(({ path }) => path !== 'test/house/house.test.ts');
const sources = files.filter(({ path }) => /\.(ts|c|h|sh)$/.test(path));
const typescript = files.filter(({ path }) => path.endsWith('.ts'));

/** Every line that matches, as `path:line: text`. */
function matches(among: readonly { path: string; text: string }[], pattern: RegExp): string[] {
  return among.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 100)}`] : [],
      ),
  );
}

/** What a TypeScript file imports from this repository, as paths. */
function importsOf({ path, text }: { path: string; text: string }): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)].map((match) =>
    normalize(join(dirname(path), match[1] as string)),
  );
}

const partOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];

it('looks at the files of the repository', () => {
  expect(files.length).toBeGreaterThan(50);
});

describe('imports', () => {
  it('point up the list of parts only', () => {
    const wrong = typescript.flatMap((file) =>
      importsOf(file).flatMap((target) => {
        const [from, to] = [partOf(file.path), partOf(target)];
        if (from === undefined || to === undefined || from === to) return [];
        const known = ORDER.includes(from) && ORDER.includes(to);
        return known && ORDER.indexOf(to) < ORDER.indexOf(from) ? [] : [`${file.path} imports ${target}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('enter a part by its door', () => {
    const wrong = typescript
      .filter(({ path }) => path.startsWith('src/') && !path.endsWith('.test.ts'))
      .flatMap((file) =>
        importsOf(file).flatMap((target) => {
          const to = partOf(target);
          if (to === undefined || to === partOf(file.path)) return [];
          // a part of several folders has a door to each
          return new RegExp(`^src/${to}/(\\w+/){0,2}index\\.ts$`).test(target) || DOORS.has(target)
            ? []
            : [`${file.path} imports ${target}`];
        }),
      );
    expect(wrong).toEqual([]);
  });
});

describe('files', () => {
  it(`have at most ${LONGEST} lines`, () => {
    const long = sources
      .map(({ path, text }) => ({ path, lines: text.split('\n').length }))
      .filter(({ lines }) => lines > LONGEST)
      .map(({ path, lines }) => `${path}: ${lines} lines`);
    expect(long).toEqual([]);
  });

  it('in src/ say what they are for', () => {
    const silent = typescript
      .filter(({ path }) => path.startsWith('src/') && !path.endsWith('.test.ts'))
      .filter(({ text }) => !/^\/\*\*[\s\S]*?@module[\s\S]*?\*\//.test(text))
      .map(({ path }) => path);
    expect(silent).toEqual([]);
  });

  it('hold no half-merged text', () => {
    expect(matches(files, /^(<{7}|>{7}) /)).toEqual([]);
  });

  it('switch no check off and put nothing off', () => {
    // `any` and unused code are the linter's to find.
    const words = ['@ts-ignore', '@ts-nocheck', '@ts-expect-error', 'TODO\\b', 'FIXME\\b'];
    expect(matches(sources, new RegExp(words.join('|')))).toEqual([]);
  });
});

describe('the repository', () => {
  it('names no machine of its authors', () => {
    const pattern = /(?<![\w}.])(\/work\/|\/root\/\w)|\/bash_jobs/;
    expect(matches(files, pattern)).toEqual([]);
  });

  it('names no host of a package registry', () => {
    // By their shape, so that this file names none either.
    const pattern =
      /\b(registry|deb|security|ftp|files|static|proxy|index)\.(?!example\b)[a-z-]+\.(org|com|io|net)\b/;
    expect(matches(files, pattern)).toEqual([]);
  });

  it('has a lock file without addresses', () => {
    const lock = files.find(({ path }) => path === 'package-lock.json');
    expect(lock?.text).toContain('"lockfileVersion": 3');
    expect(lock?.text).not.toContain('"resolved"');
    expect(lock?.text).not.toMatch(/https?:\/\/[^"]*\.tgz/);
  });

  it('has no package with an install script', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
    const scripted = Object.entries<{ hasInstallScript?: boolean; optional?: boolean }>(lock.packages)
      .filter(([, entry]) => entry.hasInstallScript && !entry.optional)
      .map(([name]) => name);
    expect(scripted).toEqual([]);
  });
});
