/**
 * A server that attacks: answers that split, flood, end early or switch; and what a secret's host may not learn or tell.
 *
 * @module
 */
import { describe, expect, test } from 'vitest';
import { ATTACKED_HOST } from './attacks.fixture.ts';
import { lengthBeyondPlaceholders, secretsFor } from './secrets.ts';
import { GET, OK, PLACEHOLDER, secret, VALUE, world } from './world.fixture.ts';

const REFUSED = 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
const EXPECTING = `POST / HTTP/1.1\r\nHost: ${ATTACKED_HOST}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`;

describe('a hostile server', () => {
  test('cannot send interim answers without end, nor ones that nobody waits for', () => {
    const it = world().client(GET);
    it.server('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n');
    expect(it.down).toBe('');
    for (let n = 0; n < 100 && !it.finished; n += 1) it.server('HTTP/1.1 102 Processing\r\nX: y\r\n\r\n');
    expect(it.down).toBe(REFUSED);
    expect(it.finished).toBe(true);
  });

  test('says 100 Continue once, to who waits for it', () => {
    const it = world().client(EXPECTING).server('HTTP/1.1 100 Continue\r\n\r\n'.repeat(3));
    expect(it.down).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    it.client('hi').server(OK).client(GET).server(`HTTP/1.1 100 Continue\r\n\r\n${OK}`);
    expect(it.down).toBe(`HTTP/1.1 100 Continue\r\n\r\n${OK}${OK}`);
  });

  test.each([
    ['with a length', 'Content-Length: 9\r\nConnection: close\r\n\r\nso'],
    ['in chunks', 'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n9\r\nso'],
  ])('cannot pass half an answer %s off as a whole one by closing', (_name, rest) => {
    for (const secrets of [[], [secret()]]) {
      const it = world({}, secrets).client(GET).server(`HTTP/1.1 200 OK\r\n${rest}`).end('down');
      expect(it.aborted).toBe('answer cut short');
      expect(it.down).not.toMatch(/0\r\n\r\n$/);
    }
  });

  test.each([
    ['too many fields', 'X: y\r\n'.repeat(300)],
    ['too long a head', `X: ${'y'.repeat(70_000)}\r\n`],
  ])('cannot send %s', (_name, fields) => {
    expect(world().client(GET).server(`HTTP/1.1 200 OK\r\n${fields}\r\n`).down).toBe(REFUSED);
  });

  test('cannot split an answer: what is in a value stays there', () => {
    const it = world().client(GET);
    it.server(
      'HTTP/1.1 200 OK\r\nLocation: /a%0d%0aX-Injected:1\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n\r\n',
    );
    expect(it.violation).toBe('a response without a request');
    expect(it.down.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  test('cannot switch to another protocol, also where an upgrade was asked for', () => {
    const asks = GET.replace(
      '\r\n\r\n',
      '\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n',
    );
    const it = world().client(asks);
    expect(it.up).not.toMatch(/upgrade|settings/i);
    it.server('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    expect(it.violation).toMatch(/unasked/);
  });

  test('has its trailers and chunk extensions kept from the agent', () => {
    const it = world({}, [secret()]).client(GET);
    it.server(
      `HTTP/1.1 200 OK\r\nTrailer: X-A\r\nTransfer-Encoding: chunked\r\n\r\n2;${VALUE.replace(/[^\w]/g, '')}=1\r\nhi\r\n0;x=y\r\nX-A: ${VALUE}\r\n\r\n`,
    );
    expect(it.down).toBe('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n');
  });
});

describe('a secret', () => {
  test('for one name is for no other name of the same wildcard, however it is written', () => {
    const lent = [secret({ hosts: ['a.example.com'] })];
    expect(secretsFor(lent, 'a.example.com')?.secrets).toHaveLength(1);
    for (const name of [
      'b.example.com',
      'x.a.example.com',
      'example.com',
      'aa.example.com',
      'a.example.com.evil.example',
    ])
      expect(secretsFor(lent, name)).toBeUndefined();
  });

  test('in the query comes back in a redirect, a cookie or an error page as its placeholder', () => {
    const it = world({}, [secret({ as: 'query', parameter: 'key' })]).client(
      GET.replace('/v1/a', '/v1/a?x=1'),
    );
    const target = /^GET (\S+)/.exec(it.up)?.[1] ?? '';
    expect(target).toContain(encodeURIComponent(VALUE));
    it.server(
      `HTTP/1.1 302 Found\r\nLocation: http://${ATTACKED_HOST}${target}\r\nSet-Cookie: from="${target}"\r\nRefresh: 0;url=${target}\r\nContent-Length: 0\r\n\r\n`,
    );
    expect(it.down.match(new RegExp(`key=${PLACEHOLDER}`, 'g'))).toHaveLength(3);
    expect(it.down).not.toContain(VALUE.slice(0, 8));
  });

  test('takes no more from a budget than its placeholder would', () => {
    const sizes = [10, 46, 300].map((length) => {
      const first = secret({ value: 'k'.repeat(length) });
      const second = secret({ name: 'B', as: 'query', parameter: 'q', value: '+'.repeat(length) });
      const it = world({}, [first, second]).client(GET);
      return it.up.length - lengthBeyondPlaceholders([first, second]);
    });
    expect(new Set(sizes).size).toBe(1);
    const basic = secret({ as: 'basic', user: 'me' });
    const one = world({}, [basic]).client(GET).up.length;
    const other = world({}, [{ ...basic, value: PLACEHOLDER }]).client(GET).up.length;
    expect(one - other).toBe(lengthBeyondPlaceholders([basic]));
  });
});
