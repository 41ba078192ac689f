/**
 * The threat model and the tests cite each other: no page without a test, no attempt without its place on the page.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TOPICS } from '../matrix/attempt.ts';
import { ATTEMPTS } from '../matrix/attempts/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'THREAT-MODEL.md'), 'utf8');

/** Sections below "Attack by attack": heading → text. */
const sections = new Map(
  (page.split('\n## Attack by attack\n')[1]?.split('\n## ')[0] ?? '')
    .split('\n### ')
    .slice(1)
    .map((text): [string, string] => [text.split('\n', 1)[0] as string, text]),
);

/** What stands between backticks after *Shown by*, up to the end of the paragraph. */
function citations(text: string): string[] {
  return [...text.matchAll(/\*Shown by\*([\s\S]*?)(?:\n\n|$)/g)].flatMap((match) =>
    [...(match[1] as string).matchAll(/`([^`]+)`/g)].map((cited) => cited[1] as string),
  );
}

const isFile = (cited: string) => cited.includes('/');
const matches = (pattern: string, id: string) =>
  pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;

const cited = citations(page);

describe('THREAT-MODEL.md', () => {
  it('has a section for each topic of the matrix, and no other', () => {
    expect([...sections.keys()].sort()).toEqual([...TOPICS].sort());
  });

  it('cites tests that exist', () => {
    expect(cited.length).toBeGreaterThan(100);
    const unknown = cited.filter((citation) =>
      isFile(citation)
        ? !existsSync(join(ROOT, citation))
        : !ATTEMPTS.some(({ id }) => matches(citation, id)),
    );
    expect(unknown).toEqual([]);
  });

  it('names every attempt', () => {
    const patterns = cited.filter((citation) => !isFile(citation));
    const missing = ATTEMPTS.filter(({ id }) => !patterns.some((pattern) => matches(pattern, id)));
    expect(missing.map(({ id, topic }) => `${id} (${topic})`)).toEqual([]);
  });

  it('shows each topic by an attempt of that topic', () => {
    const unshown = TOPICS.filter((topic) => {
      const patterns = citations(sections.get(topic) ?? '');
      return !ATTEMPTS.some(
        (attempt) => attempt.topic === topic && patterns.some((pattern) => matches(pattern, attempt.id)),
      );
    });
    expect(unshown).toEqual([]);
  });
});

describe('the decisions', () => {
  it('name files that exist', () => {
    const index = readFileSync(join(ROOT, 'docs/decisions/README.md'), 'utf8');
    const pages = [...index.matchAll(/\]\((\d{4}-[^)]+)\)/g)].map((match) => match[1] as string);
    expect(pages.length).toBeGreaterThan(10);
    const missing = pages.flatMap((name) => {
      const text = readFileSync(join(ROOT, 'docs/decisions', name), 'utf8');
      return [...text.matchAll(/`((?:src|native|test)\/[\w/.-]+)`/g)]
        .map((match) => match[1] as string)
        .filter((path) => !existsSync(join(ROOT, path)))
        .map((path) => `${name}: ${path}`);
    });
    expect(missing).toEqual([]);
  });
});
