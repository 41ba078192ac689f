import { domainToASCII } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lookalike, shownName } from './lookalike.ts';

describe('what a host could be taken for', () => {
  it.each([
    ['api.examp1e.com', 'api.example.com'],
    ['api.exmaple.com', 'api.example.com'],
    ['api.example.com.evil.example', 'api.example.com'],
    [domainToASCII('аррӏе.com'), 'apple.com'],
    ['githuh.com', 'github.com'],
    ['rnicrosoft.com', 'microsoft.com'],
  ])('%s: %s', (host, known) => expect(lookalike(host, ['api.example.com'])).toBe(known));

  it.each(['api.example.com', 'v2.api.example.com', 'docs.github.com', 'unrelated.example.org'])(
    '%s: nothing',
    (host) => expect(lookalike(host, ['api.example.com'])).toBeUndefined(),
  );
});

it('names in other letters are shown in them', () => {
  expect(shownName(domainToASCII('bücher.example'))).toBe('bücher.example');
  expect(shownName('books.example')).toBeUndefined();
});
