import { expect, test } from 'vitest';
import { parseBounded } from './bounded-json.ts';
import { readNpmDocument } from './documents.ts';
import { readPipDocument } from './pip-index.ts';

test('reads what JSON.parse reads, brackets and quotes in texts included', () => {
  const value = { a: ['[[[{{{', '\\"]', { 'b,c': null }], d: 1 };
  expect(parseBounded(JSON.stringify(value))).toEqual(value);
  expect(() => parseBounded('{')).toThrow(SyntaxError);
});

test('what would take many times its size as objects is refused first', () => {
  expect(() => parseBounded('['.repeat(20_000_000))).toThrow('nests deeper');
  expect(() => parseBounded(`[${'[],'.repeat(2_000_000)}0]`)).toThrow('values');
});

test.each(['null', '[]', '"x"', '{"versions":null}', '{"versions":{"1.0.0":null}}', '{"files":{}}'])(
  'a document that is %s tells of nothing',
  (text) => {
    expect([...readNpmDocument(text).values()].every(({ integrity }) => integrity.length === 0)).toBe(true);
    expect(readPipDocument(text, 'application/json', 'https://a.example.com/simple/a/')).toEqual([]);
  },
);

test('a page of openings alone is read in one pass', { timeout: 60_000 }, () => {
  const page = '<a '.repeat(4_000_000);
  expect(readPipDocument(page, 'text/html', 'https://a.example.com/simple/a/')).toEqual([]);
  const hex = 'ab'.repeat(32);
  const anchor = `<A class=x\nhref="../../f/a-1.0.tar.gz#sha256=${hex}" data-requires-python="&gt;=3.8, <4">a-1.0.tar.gz</A >`;
  expect(readPipDocument(`<p>${anchor}`, 'text/html', 'https://a.example.com/simple/a/')).toEqual([
    {
      file: 'a-1.0.tar.gz',
      url: 'https://a.example.com/f/a-1.0.tar.gz',
      digests: [`sha256-${Buffer.from(hex, 'hex').toString('base64')}`],
      requiresPython: '>=3.8, <4',
    },
  ]);
});
