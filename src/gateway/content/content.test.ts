/**
 * Marks of what passes: the same for the same, nothing for what is everybody's, in time that hostile text cannot stretch.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ContentReader } from './reader.ts';
import { markOf, oddWords, packedLength, placesIn } from './words.ts';

describe('odd words', () => {
  it('are names and identifiers, not language', () => {
    expect(oddWords('the package of the content is version 1.2.3', 10)).toEqual([]);
    expect(oddWords('/npm/zz-need-route%2D7f31/x?key=a1b2c3d4e5', 10)).toEqual([
      'zz-need-route-7f31',
      'a1b2c3d4e5',
    ]);
  });

  it('are kept from both ends where there are too many', () => {
    const words = Array.from({ length: 100 }, (_, index) => `word-number-${index}`);
    expect(oddWords(words.join(' '), 4)).toEqual([...words.slice(0, 2), ...words.slice(-2)]);
  });
});

describe('places', () => {
  it.each([
    ['/x?url=http://198.51.100.7/a', ['198.51.100.7']],
    ['/x?url=http://0306.063.0144.07/a', ['198.51.100.7']],
    ['/connect/away.example.net:443', ['away.example.net']],
    ['{"homepage":"https://Away.example.net/x"}', ['away.example.net']],
    ['/x?url=http://own.example.com/a', []],
    ['/left-pad/-/left-pad-1.3.0.tgz', []],
    ['Mozilla/5.0 Chrome/120.0.6099.71', []],
    ['at 12:30:15 and 2026-11-22T07:34:07', []],
  ])('of %s', (text, places) => {
    expect(placesIn(text, 'own.example.com')).toEqual(places);
  });
});

describe('packed bytes', () => {
  it('are told from names and digests', () => {
    expect(
      packedLength(`/x/${Buffer.from('what was found in /etc/hosts, line 1').toString('base64url')}`),
    ).toBe(48);
    expect(packedLength(`/ac/${createHash('sha256').update('x').digest('hex')}`)).toBe(0);
    expect(packedLength('/projects/some-long-name-of-a-package/versions')).toBe(0);
  });
});

describe('a request and its answer', () => {
  const of = (target: string, asked?: string | Buffer, answered?: string | Buffer) => {
    const reader = new ContentReader('own.example.com', target);
    if (asked !== undefined) reader.asked(Buffer.from(asked));
    if (answered !== undefined) reader.answered(Buffer.from(answered));
    return reader.content();
  };

  it('are read where gzip makes much of little', () => {
    const text = `zz-route-wanted-9182 ${'so it is '.repeat(100_000)}`;
    expect(of('/a', undefined, gzipSync(text))?.heard).toEqual([markOf('zz-route-wanted-9182')]);
  });

  it('are named by a digest only where the digest is the name', () => {
    const body = 'meet at nine';
    const digest = createHash('sha256').update(body).digest('hex');
    expect(of(`/blobs/${digest}`, body)).toMatchObject({ addressed: true, named: [markOf(digest)] });
    const beside = of(`/npm/zz-route-wanted-9182?d=${digest}`, body);
    expect(beside?.addressed).toBeUndefined();
    expect(beside?.named).toContain(markOf('zz-route-wanted-9182'));
    const before = of(`/npm/zz-route-wanted-9182/${digest}`, body);
    expect(before).toMatchObject({ addressed: true, named: [markOf(digest)] });
    expect(before?.told).toContain(markOf('zz-route-wanted-9182'));
  });

  it('name a place that is gone to', () => {
    const away = 'away.example.net';
    const packed = Buffer.from(`https://${away}/x`).toString('base64url');
    for (const target of [
      `/mirror?url=https://${away}/x`,
      `/get?target=https%253A%252F%252F${away}`,
      `/p?u=${packed}`,
    ])
      expect([target, of(target)?.places]).toEqual([target, [away]]);
    for (const target of [
      `/login?redirect_uri=https://${away}/`,
      `/search?q=https://${away}`,
      `/x?url=see+https://${away}`,
    ])
      expect([target, of(target)?.places]).toEqual([target, undefined]);
  });

  it('leave equal marks for equal things, and none for nothing', () => {
    expect(of('/health')).toBeUndefined();
    expect(of('/a', 'what is said')?.asked).toBe(of('/b', undefined, 'what is said')?.answered);
    expect(of('/a', undefined, gzipSync('zz-need-route-7f31'))?.heard).toEqual([
      markOf('zz-need-route-7f31'),
    ]);
  });

  it('are known as content under its own name', () => {
    const body = Buffer.from('content');
    const name = createHash('sha256').update(body).digest('hex');
    expect(of(`/cas/${name}`, body)?.addressed).toBe(true);
    expect(of(`/cas/${name}`, 'other')?.addressed).toBeUndefined();
  });

  it.each([
    ['separators', '-'.repeat(70_000)],
    ['schemes', 'a://'.repeat(20_000)],
    ['users', `http://${'x'.repeat(60_000)}`],
    ['dots', 'a.'.repeat(35_000)],
    ['numbers', '1.'.repeat(35_000)],
    ['escapes', '%25'.repeat(25_000)],
    ['bad escapes', '%ff%'.repeat(17_000)],
    ['base64', 'QUJD'.repeat(17_000)],
    ['a bomb', gzipSync(Buffer.alloc(1 << 26))],
  ])('take no longer for hostile text: %s', (_name, text) => {
    const started = performance.now();
    of('/x', text, text);
    expect(performance.now() - started).toBeLessThan(1500);
  });
});
