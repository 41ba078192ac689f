/**
 * The protocol break, byte by byte and without sockets: what goes to the server for what the agent sends, and back.
 *
 * @module
 */
import { describe, expect, test } from 'vitest';
import type { NetworkRule } from '../../contract/index.ts';
import { ATTACKED_HOST, ATTACKS, type Attack } from './attacks.fixture.ts';
import { GET, OK, type World, world } from './world.fixture.ts';

const RULE: Partial<NetworkRule> = { methods: ['GET', 'POST'], paths: ['/v1/**'], body: 64 };

/** Plays a server that answers each request it was sent whole, so that pipelined ones get their turn. */
function play({ bytes }: Attack, cut = bytes.length): World {
  const it = world(RULE);
  for (let at = 0; at < bytes.length && !it.violation; at += cut) it.client(bytes.slice(at, at + cut));
  for (let before = 0; it.up.length > before && !it.violation; ) {
    before = it.up.length;
    it.server(OK);
  }
  return it;
}

describe('attacks', () => {
  test('are many', () => expect(ATTACKS.length).toBeGreaterThan(120));

  test.each(ATTACKS)('$name: $outcome', (attack) => {
    for (const cut of [attack.bytes.length, 1, 7]) {
      const it = play(attack, cut);
      const targets = [...it.up.matchAll(/(?:^|\r\n)([A-Z]+ [^\r\n]*) HTTP\/1\.1\r\nHost: ([^\r\n]*)/g)];
      const heads = it.up.split('\r\n\r\n')[0] ?? '';
      expect(heads).not.toMatch(/^[A-Z]+ [^? ]*forbidden|evil\.example|X-Injected: 1/i);
      expect(targets.every(([, , host]) => host === ATTACKED_HOST)).toBe(true);
      if (attack.outcome === 'violation') expect(it.violation).toBeDefined();
      else expect(it.violation).toBeUndefined();
      if (attack.outcome === 'denied') {
        expect(it.down).toContain('HTTP/1.1 403 Forbidden\r\nContent-Length: 0');
        expect(it.denials).toHaveLength(1);
      }
      if (attack.outcome === 'harmless') {
        expect(it.up).toMatch(/^(GET|POST) \/v1\/a\S* HTTP\/1\.1\r\nHost: api\.example\.com\r\n/);
        expect(it.records.map(({ allowed }) => allowed)).toEqual([true]);
      }
    }
  });
});

describe('a request', () => {
  test('is written anew: one spelling, one framing, no fields of the connection', () => {
    const it = world();
    it.client(
      `POST /a?b=c HTTP/1.1\r\nhOST: ${ATTACKED_HOST}:443\r\nx-api-key:   k \r\nConnection: keep-alive, x-hop\r\nX-Hop: 1\r\nTE: trailers\r\nTrailer: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n02\r\nde\r\n0\r\nX: y\r\n\r\n`,
    );
    expect(it.up).toBe(
      `POST /a?b=c HTTP/1.1\r\nHost: ${ATTACKED_HOST}\r\nX-Api-Key: k\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`,
    );
  });

  test('passes only the listed headers', () => {
    const it = world({ headers: ['accept', 'x-api-*'] });
    it.client(
      `POST / HTTP/1.1\r\nHost: ${ATTACKED_HOST}\r\nAccept: a\r\nX-Api-One: 1\r\nX-Other: 2\r\nUser-Agent: u\r\nCookie: c\r\nContent-Type: t\r\nContent-Length: 1\r\n\r\nx`,
    );
    expect(it.up).toBe(
      `POST / HTTP/1.1\r\nHost: ${ATTACKED_HOST}\r\nAccept: a\r\nX-Api-One: 1\r\nContent-Type: t\r\nContent-Length: 1\r\n\r\nx`,
    );
  });

  test('waits for the answer to the one before it, and is judged itself', () => {
    const it = world(RULE);
    it.client(
      GET + GET.replace('/v1/a', '/v1/b') + GET.replace('/v1/a', '/x') + GET.replace('/v1/a', '/v1/c'),
    );
    expect(it.up.match(/^GET \S+/gm)).toEqual(['GET /v1/a']);
    expect(it.flow.busy).toBe(true);
    it.server(OK);
    expect(it.up.match(/^GET \S+/gm)).toEqual(['GET /v1/a', 'GET /v1/b']);
    it.server(OK);
    expect(it.up.match(/^GET \S+/gm)).toEqual(['GET /v1/a', 'GET /v1/b', 'GET /v1/c']);
    it.server(OK);
    expect(it.down.match(/HTTP\/1\.1 \d+/g)).toEqual([
      'HTTP/1.1 200',
      'HTTP/1.1 200',
      'HTTP/1.1 403',
      'HTTP/1.1 200',
    ]);
    expect(it.flow.busy).toBe(false);
  });

  test('with Expect waits for the server’s word', () => {
    const it = world();
    it.client(
      `POST / HTTP/1.1\r\nHost: ${ATTACKED_HOST}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
    );
    expect(it.up).toContain('Expect: 100-continue');
    it.server('HTTP/1.1 100 Continue\r\nX: y\r\n\r\n');
    expect(it.down).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    it.client('hi').server(OK);
    expect(it.up.endsWith('hi')).toBe(true);
    expect(it.down.endsWith('hi')).toBe(true);
  });

  test('that is cut short never ends at the server', () => {
    const it = world();
    it.client(
      `POST / HTTP/1.1\r\nHost: ${ATTACKED_HOST}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
    ).end('up');
    expect(it.aborted).toBe('request cut short');
    expect(it.up).not.toContain('0\r\n\r\n');
  });

  test('that grows beyond its limit never ends at the server', () => {
    const it = world({ body: 4 });
    it.client(
      `POST / HTTP/1.1\r\nHost: ${ATTACKED_HOST}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n`,
    );
    expect(it.up).not.toContain('0\r\n\r\n');
    expect(it.down).toBe('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    expect(it.finished).toBe(true);
    expect(it.denials).toHaveLength(1);
  });

  test('that is denied has its body thrown away, and the next one passes', () => {
    const it = world(RULE);
    it.client(`PUT /v1/a HTTP/1.1\r\nHost: ${ATTACKED_HOST}\r\nContent-Length: 5\r\n\r\nhello${GET}`).server(
      OK,
    );
    expect(it.up).toBe(GET);
    expect(it.down).toBe(`HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n${OK}`);
  });
});

describe('an answer', () => {
  const answered = (text: string, rule: Partial<NetworkRule> = {}) => world(rule).client(GET).server(text);

  test('is written anew, chunk by chunk', () => {
    const it = answered(
      'HTTP/1.1 200 Fine\r\nx-one: 1\r\nSet-Cookie: a\r\nset-cookie: b\r\nAlt-Svc: h3=":443"\r\nKeep-Alive: timeout=5\r\nConnection: x-hop\r\nX-Hop: 1\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n',
    );
    expect(it.down).toBe(
      'HTTP/1.1 200 Fine\r\nX-One: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    );
  });

  test.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n', 'Content-Length: 500'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n', 'Content-Length: 500'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', 'HTTP/1.1 204'],
  ])('to %s without a body: %j', (method, text, expected) => {
    const it = world().client(GET.replace('GET', method)).server(text).client(GET).server(OK);
    expect(it.violation).toBeUndefined();
    expect(it.down).toContain(expected);
    expect(it.down.endsWith(OK)).toBe(true);
  });

  test('that lasts until the connection ends does so for the agent too', () => {
    const it = answered('HTTP/1.0 200 OK\r\n\r\nsome');
    it.server(' more').end('down');
    expect(it.down).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nsome more');
    expect(it.finished).toBe(true);
    expect(it.records[0]).toMatchObject({ received: 9, status: 200 });
  });

  test('that is cut short is reset, not ended', () => {
    expect(answered('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nso').end('down').aborted).toBe(
      'answer cut short',
    );
  });

  test('to HTTP/1.0 has no chunks', () => {
    const it = world().client(GET.replace('HTTP/1.1', 'HTTP/1.0'));
    it.server('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
    expect(it.down).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc');
    expect(it.finished).toBe(true);
  });

  test.each([
    ['both framings', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['another coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['a folded header', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
    ['a bare LF', 'HTTP/1.1 200 OK\r\nA: b\nX-Injected: 1\r\n\r\n'],
    ['a bare CR', 'HTTP/1.1 200 OK\r\nA: b\rX-Injected: 1\r\n\r\n'],
    ['NUL', 'HTTP/1.1 200 OK\r\nA: \x00\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
  ])('with %s becomes a bare 502', (_name, text) => {
    const it = answered(text);
    expect(it.down).toBe('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    expect(it.violation).toBeUndefined();
    expect(it.finished).toBe(true);
  });

  test('beyond the one that was asked for is a violation, also when the next request waits', () => {
    const it = world()
      .client(GET + GET)
      .server(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`);
    expect(it.violation).toBe('a response without a request');
    expect(it.up).toBe(GET);
    expect(it.down).not.toContain('evil');
  });

  test('that begins before its request is a violation', () => {
    const it = world().client(GET).server(OK).server('HTTP/1.1 20');
    it.client(GET);
    expect(it.violation).toBe('a response before its request');
  });

  test('in another protocol is a violation', () => {
    expect(answered('SSH-2.0-x\r\n').violation).toBe('the server did not answer with HTTP/1.1');
  });

  test('that switches protocols unasked is a violation', () => {
    expect(answered('HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n').violation).toMatch(
      /unasked/,
    );
  });

  test('that redirects is only passed on', () => {
    const it = answered(
      'HTTP/1.1 302 Found\r\nLocation: http://evil.example.com/\r\nContent-Length: 0\r\n\r\n',
    );
    expect(it.down).toContain('Location: http://evil.example.com/');
    expect(it.up).toBe(GET);
  });
});
