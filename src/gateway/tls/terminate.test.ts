/**
 * Rules that look inside TLS, with the gateway's real process, real TLS servers behind it and real TLS clients before it.
 *
 * @module
 */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../harness.fixture.ts';
import { testAuthority } from './authority.fixture.ts';
import { CertificateAuthority } from './authority.ts';
import { HOST, SECRET, secret, setting } from './setting.fixture.ts';

const { run, world, close, httpsWorld, gateway, agent } = setting();
afterEach(close);

describe('a rule that looks inside', () => {
  test('passes what it allows, refuses the rest with a bare 403, and keeps the connection', async () => {
    const { port, seen } = await httpsWorld(world.issue([HOST]));
    const harness = await gateway([{ host: HOST, port, methods: ['GET'], paths: ['/v1/**'] }]);
    const client = await agent(harness, port);
    client.tls.write(`GET /v1/things?key=value HTTP/1.1\r\nhost: ${HOST}:${port}\r\n\r\n`);
    await until('answer', () => client.text().includes('answer to /v1/things'));
    client.tls.write(`POST /v1/things HTTP/1.1\r\nhost: ${HOST}:${port}\r\ncontent-length: 4\r\n\r\nevil`);
    await until('403', () => client.text().includes('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'));
    client.tls.write(`GET /v2 HTTP/1.1\r\nhost: ${HOST}:${port}\r\n\r\n`);
    client.tls.write(`GET /v1/more HTTP/1.1\r\nhost: ${HOST}:${port}\r\nconnection: close\r\n\r\n`);
    await client.ended;
    expect(client.text().match(/HTTP\/1\.1 \d+/g)).toEqual([
      'HTTP/1.1 200',
      'HTTP/1.1 403',
      'HTTP/1.1 403',
      'HTTP/1.1 200',
    ]);
    expect(seen.map(({ line }) => line)).toEqual(['GET /v1/things?key=value', 'GET /v1/more']);
    const denied = await harness.event('http.request', ({ allowed }) => !allowed);
    expect(denied).toMatchObject({
      method: 'POST',
      host: HOST,
      path: '/v1/things',
      status: 403,
      clause: 'network[0].methods',
      owner: { pid: 4242 },
    });
    const allowed = await harness.event('http.request', (event) => event.allowed);
    expect(allowed).toMatchObject({ path: '/v1/things', query: ['key'], status: 200, received: 30 });
    expect(JSON.stringify(harness.messages)).not.toContain('value');
    expect(harness.events('violation')).toEqual([]);
    expect(harness.events('denial').map(({ clause }) => clause)).toEqual([
      'network[0].methods',
      'network[0].paths',
    ]);
  });

  test('shows a certificate of the run for exactly the name, with HTTP/1.1 alone', async () => {
    const { port } = await httpsWorld(world.issue([HOST]));
    const harness = await gateway([{ host: HOST, port, methods: ['GET'] }]);
    const client = await agent(harness, port, { ALPNProtocols: ['h2', 'http/1.1'] });
    await once(client.tls, 'secureConnect');
    const certificate = client.tls.getPeerCertificate();
    expect(certificate.subjectaltname).toBe(`DNS:${HOST}`);
    expect(certificate.issuer.CN).toBe('run');
    expect(client.tls.alpnProtocol).toBe('http/1.1');
  });

  test('stays end-to-end encrypted without such a key', async () => {
    const { port } = await httpsWorld(world.issue([HOST]));
    const harness = await gateway([{ host: HOST, port }]);
    const client = await agent(harness, port, { ca: world.certificate });
    await once(client.tls, 'secureConnect');
    expect(client.tls.getPeerCertificate().issuer.CN).toBe('world');
  });

  test('another server_name is a violation, and nothing reaches the server', async () => {
    const { port, seen } = await httpsWorld(world.issue([HOST, 'evil.example.com']));
    const harness = await gateway([{ host: HOST, port, methods: ['GET'] }]);
    const client = await agent(harness, port, { servername: 'evil.example.com' });
    await client.ended;
    await harness.event('violation');
    expect(seen).toEqual([]);
  });
});

describe('the server’s certificate', () => {
  const cases: [string, () => { cert: string; key: string }, RegExp][] = [
    ['expired', () => world.issue([HOST], [-10, -1]), /not valid: expired/],
    ['not valid yet', () => world.issue([HOST], [2, 10]), /not valid: not valid yet/],
    ['for another name', () => world.issue(['other.example.com']), /not valid: for another name/],
    [
      'of an unknown authority',
      () => testAuthority('unknown').issue([HOST]),
      /not valid: of an authority that is not trusted/,
    ],
    ['of the run’s own authority', () => run.issue([HOST]), /not trusted/],
  ];
  test.each(cases)('%s: the agent gets an alert, the operator the reason', async (_name, issue, reason) => {
    const { port, seen } = await httpsWorld(issue());
    const harness = await gateway([{ host: HOST, port, methods: ['GET'] }], { secrets: [secret()] });
    const client = await agent(harness, port);
    expect(await client.ended).toMatch(/ALERT_INTERNAL_ERROR/);
    const denial = await harness.event('denial');
    expect(denial.what).toMatch(reason);
    const close = await harness.event('flow.close');
    expect(close.reason).toMatch(reason);
    expect(harness.events('violation')).toEqual([]);
    expect(seen).toEqual([]);
  });

  test('is checked against the rule’s own authorities where it has some', async () => {
    const own = testAuthority('own');
    const { port } = await httpsWorld(own.issue([HOST]));
    const harness = await gateway([{ host: HOST, port, ca: 'own.pem' }], {
      trusted: { machine: world.certificate, rules: { 0: own.certificate } },
    });
    const client = await agent(harness, port);
    client.tls.write(`GET / HTTP/1.1\r\nHost: ${HOST}:${port}\r\n\r\n`);
    await until('answer', () => client.text().includes('answer to /'));
  });
});

describe('a client that does not trust the run’s authority', () => {
  test('is named to the operator', async () => {
    const { port } = await httpsWorld(world.issue([HOST]));
    const harness = await gateway([{ host: HOST, port, methods: ['GET'], paths: ['/**'] }]);
    const client = await agent(harness, port, { ca: world.certificate });
    await client.ended;
    const denial = await harness.event('denial');
    expect(denial.what).toMatch(
      /process 4242 \(\/usr\/bin\/agent\) does not accept this run’s certificate authority/,
    );
    expect(denial.what).toContain('network[0] looks inside TLS because of methods, paths');
  });

  test('and one that speaks HTTP/2 alone', async () => {
    const { port } = await httpsWorld(world.issue([HOST]));
    const harness = await gateway([{ host: HOST, port, methods: ['GET'] }]);
    const client = await agent(harness, port, { ALPNProtocols: ['h2'] });
    await client.ended;
    expect((await harness.event('denial')).what).toContain('speaks h2 only');
  });
});

describe('secrets', () => {
  test('a bearer token replaces whatever the agent wrote, and is never echoed', async () => {
    const { port, seen } = await httpsWorld(world.issue([HOST]), (request, response) => {
      response.setHeader('x-echo', request.headers.authorization ?? '');
      response.end(`you sent ${request.headers.authorization} ${Buffer.from(SECRET).toString('base64')}`);
    });
    const harness = await gateway([{ host: HOST, port }], { secrets: [secret()] });
    const client = await agent(harness, port);
    client.tls.write(
      `GET / HTTP/1.1\r\nHost: ${HOST}:${port}\r\nAuthorization: Bearer mine\r\nAccept-Encoding: gzip\r\nRange: bytes=0-3\r\n\r\n`,
    );
    await until('answer', () => client.text().includes('you sent'));
    expect(seen[0]?.headers).toContain(`Bearer ${SECRET}`);
    expect(seen[0]?.headers.join()).not.toContain('mine');
    expect(seen[0]?.headers.join()).not.toContain('bytes=');
    expect(seen[0]?.headers.join()).toContain('identity');
    expect(client.text()).not.toContain(SECRET);
    expect(client.text()).not.toContain(Buffer.from(SECRET).toString('base64').slice(4, -6));
    expect(client.text()).toContain('X-Echo: Bearer placeholder-of-TOKEN\r\n');
    expect(client.text()).toContain('you sent Bearer placeholder-of-TOKEN ');
    const use = await harness.event('secret.use');
    expect(use).toMatchObject({ secret: 'TOKEN', host: HOST, clause: 'network[0]' });
    expect(JSON.stringify(harness.messages)).not.toContain(SECRET);
  });

  test('a query parameter replaces the agent’s own of that name', async () => {
    const { port, seen } = await httpsWorld(world.issue([HOST]));
    const harness = await gateway([{ host: HOST, port }], {
      secrets: [secret({ as: 'query', parameter: 'key' })],
    });
    const client = await agent(harness, port);
    client.tls.write(`GET /x?a=1&k%65y=mine&b=2;key=mine HTTP/1.1\r\nHost: ${HOST}:${port}\r\n\r\n`);
    await until('answer', () => client.text().includes('answer'));
    expect(seen[0]?.line).toBe(`GET /x?a=1&key=${encodeURIComponent(SECRET)}`);
    expect(client.text()).not.toContain(encodeURIComponent(SECRET));
  });

  test('a compressed answer is refused, because the secret could be in it', async () => {
    const { port } = await httpsWorld(world.issue([HOST]), (_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end('whatever');
    });
    const harness = await gateway([{ host: HOST, port }], { secrets: [secret()] });
    const client = await agent(harness, port);
    client.tls.write(`GET / HTTP/1.1\r\nHost: ${HOST}:${port}\r\n\r\n`);
    await until('502', () => client.text().startsWith('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0'));
  });
});

describe('bodies', () => {
  test('large ones pass both ways, chunked and with a length, byte by byte the same', async () => {
    const { port } = await httpsWorld(world.issue([HOST]), (request, response) => {
      if (request.url === '/length') response.setHeader('content-length', String(8_000_000));
      request.pipe(response);
    });
    const harness = await gateway([{ host: HOST, port, methods: ['POST'] }]);
    const client = await agent(harness, port);
    const body = Buffer.alloc(8_000_000, 'abcdefghij');
    client.tls.write(`POST /length HTTP/1.1\r\nHost: ${HOST}:${port}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (let at = 0; at < body.length; at += 1_000_000) {
      client.tls.write('f4240\r\n');
      client.tls.write(body.subarray(at, at + 1_000_000));
      client.tls.write('\r\n');
    }
    client.tls.write('0\r\n\r\n');
    await until('8 MB', () => client.text().length > 8_000_000);
    await until('the record', () => harness.events('http.request').length === 1);
    const [, echoed = ''] = client.text().split('\r\n\r\n');
    expect(Buffer.from(echoed, 'latin1').equals(body)).toBe(true);
    expect(harness.events('http.request')[0]).toMatchObject({ sent: 8_000_000, received: 8_000_000 });
  });

  test('server-sent events arrive as they are sent', async () => {
    let send: (text: string) => void = () => {};
    const { port } = await httpsWorld(world.issue([HOST]), (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      send = (text) => response.write(text);
      send('data: 1\n\n');
    });
    const harness = await gateway([{ host: HOST, port }], { secrets: [secret()] });
    const client = await agent(harness, port);
    client.tls.write(`GET / HTTP/1.1\r\nHost: ${HOST}:${port}\r\n\r\n`);
    for (let n = 1; n <= 5; n += 1) {
      await until(`event ${n}`, () => client.text().includes(`data: ${n}\n\n`));
      send(`data: ${n + 1}\n\n`);
    }
  });

  test('one longer than allowed never ends at the server', async () => {
    const { port, seen } = await httpsWorld(world.issue([HOST]));
    const harness = await gateway([{ host: HOST, port, body: 10 }]);
    const declared = await agent(harness, port);
    declared.tls.write(`POST / HTTP/1.1\r\nHost: ${HOST}:${port}\r\nContent-Length: 11\r\n\r\n12345678901`);
    await until('403', () => declared.text().startsWith('HTTP/1.1 403'));
    expect(seen).toEqual([]);
    const counted = await agent(harness, port);
    counted.tls.write(
      `POST / HTTP/1.1\r\nHost: ${HOST}:${port}\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n`,
    );
    await counted.ended;
    expect(seen.every(({ body }) => body === '')).toBe(true);
    await until('both records', () => harness.events('http.request').length === 2);
    expect(harness.events('http.request').map(({ clause }) => clause)).toEqual([
      'network[0].body',
      'network[0].body',
    ]);
  });
});

test('a certificate of the run satisfies a strict verifier', () => {
  const authority = new CertificateAuthority({ certificate: run.certificate, key: run.key });
  for (const name of [
    HOST,
    '203.0.113.5',
    '2001:db8::5',
    `${'a'.repeat(60)}.${'b'.repeat(60)}.example.com`,
  ]) {
    const leaf = new X509Certificate(authority.mint(name));
    expect(leaf.verify(new X509Certificate(run.certificate).publicKey)).toBe(true);
    expect(name.includes('example') ? leaf.checkHost(name) : leaf.checkIP(name)).toBe(name);
    expect(leaf.checkHost(`x.${name}`)).toBeUndefined();
    expect(leaf.ca).toBe(false);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(Date.parse(leaf.validTo)).toBeLessThanOrEqual(
      Date.parse(new X509Certificate(run.certificate).validTo),
    );
  }
});
