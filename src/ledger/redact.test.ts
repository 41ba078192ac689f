import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeRedactor } from './redact.ts';

const KEY = Buffer.alloc(32, 1);
const redactor = makeRedactor(KEY);

/** Letters and digits that no pattern takes for anything, built here so that no scanner takes this file for a leak. */
const filler = (length: number): string => 'Q7zR2mK9xT4wB6nV8cJ3hL5pD1sF0gY'.repeat(20).slice(0, length);

const SECRETS: Record<string, string> = {
  aws: `AKI${'A'}${'ABCDEFGH234567QR'}`,
  github: `ghp${'_'}${filler(36)}`,
  gitlab: `glpa${'t'}-${filler(20)}`,
  slack: `xox${'b'}-1234567890-${filler(24)}`,
  jwt: `ey${'J'}${filler(20)}.ey${'J'}${filler(30)}.${filler(43)}`,
  api: `s${'k'}-${filler(40)}`,
  pem: `-----BEGIN ${'OPENSSH'} PRIVATE KEY-----\n${filler(64)}\n-----END ${'OPENSSH'} PRIVATE KEY-----`,
};

describe('what is redacted', () => {
  for (const [kind, secret] of Object.entries(SECRETS)) {
    test(`${kind}, alone, in a sentence, in an event`, () => {
      for (const text of [secret, `before ${secret} after`, `x="${secret}"`]) {
        const clean = redactor.text(text);
        expect(clean).not.toContain(secret.slice(4));
        expect(clean).toMatch(/\[redacted:[a-z-]+:[0-9a-f]{12}\]/);
      }
      expect(redactor.text(secret)).toMatch(new RegExp(`^\\[redacted:${kind}:[0-9a-f]{12}\\]$`));
      const body = { kind: 'note', text: `a ${secret}`, owner: { argv: ['run', secret] } };
      const clean = JSON.stringify(redactor.body(body, JSON.stringify(body)));
      expect(clean).not.toContain(JSON.stringify(secret).slice(5, -1));
    });
  }

  test.each([
    ['--password=hunter2', 'hunter2'],
    ['PGPASSWORD=hunter2', 'hunter2'],
    ['GITHUB_TOKEN=hunter2', 'hunter2'],
    ['export AWS_SECRET_ACCESS_KEY="hun ter2"', 'ter2'],
    ['DEPLOY_KEY: hunter2', 'hunter2'],
    ['{"api_key": "hunter2"}', 'hunter2'],
    ["{'client-secret':'hunter2'}", 'hunter2'],
    ['https://user:hunter2@example.com/x', 'hunter2'],
    ['postgres://u:p@hunter2@example.com/db', 'hunter2'],
    ['https://example.com/?access_token=hunter2&x=1', 'hunter2'],
    ['Authorization: Basic aHVudGVyMmh1bnRlcjI=', 'aHVudGVyMmh1bnRlcjI'],
    ['curl -H "Authorization: Bearer hunter2hunter2"', 'hunter2'],
    ['X-Auth-Token: hunter2', 'hunter2'],
    ['Cookie: session=hunter2; a=b', 'hunter2'],
    ['https://hooks.slack.com/services/T000/B000/hunter2hunter2', 'hunter2'],
    ['--password=[redacted:jwt:0123456789ab]hunter2', 'hunter2'],
  ])('%s', (text, secret) => {
    const once = redactor.text(text);
    expect(once).not.toContain(secret);
    expect(redactor.text(once)).toBe(once);
    const body = { kind: 'note', text };
    expect(JSON.stringify(redactor.body(body, JSON.stringify(body)))).not.toContain(secret);
  });

  test.each([
    [['curl', '-u', 'user:hunter2', 'https://example.com']],
    [['tool', '--password', 'hunter2']],
    [['tool', '--api-key', 'hunter2']],
    [['mysql', '-uroot', '-phunter2']],
    [['sshpass', '-p', 'hunter2', 'ssh', 'host']],
  ])('%j', (argv) => {
    const body = { kind: 'process.exec', owner: { pid: 1, argv } };
    expect(JSON.stringify(redactor.body(body, JSON.stringify(body)))).not.toContain('hunter2');
    expect(redactor.argv(argv).length).toBe(argv.length);
  });

  test('exact values, also as base64 and percent-encoded, under one mark', () => {
    const secret = 'p"w\n/+ä';
    const exact = makeRedactor(KEY, [secret, 'abc']);
    const forms = [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64').replaceAll('=', ''),
    ];
    const marks = forms.map((form) => {
      const body = { kind: 'note', text: `<${form}>` };
      const clean = exact.body(body, JSON.stringify(body)).text;
      expect(clean).not.toContain(form);
      return clean;
    });
    expect(new Set(marks).size).toBe(1);
    expect(exact.text('abc is too short to be hidden')).toContain('abc');
  });

  test('equal secrets have equal marks, under another key other ones', () => {
    const text = 'TOKEN=hunter2';
    expect(redactor.text(text)).toBe(makeRedactor(KEY).text(text));
    expect(redactor.text(text)).not.toBe(makeRedactor(Buffer.alloc(32, 2)).text(text));
  });
});

describe('what is left alone', () => {
  test.each([
    'node --test src/token.test.ts',
    'PWD=/home/user OLDPWD=/',
    'max_tokens=4096',
    '/home/user/.ssh/id_ed25519.pub',
    'https://example.com:8080/path?x=a@b',
    'git clone ssh://git@example.com/repository.git',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'basic usage',
    '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----',
  ])('%s', (text) => {
    expect(redactor.text(text)).toBe(text);
  });

  test('is what was done already', () => {
    const once = redactor.text(`--token=${filler(30)} https://u:pw@example.com`);
    expect(redactor.text(once)).toBe(once);
  });
});

test('the quick look lets no secret by: body and text agree on any mix', () => {
  const pieces = fc.constantFrom(
    ...Object.values(SECRETS),
    'password=',
    'API_KEY: ',
    'Bearer ',
    '://a:b@c',
    '"',
    '\n',
    ' ',
    filler(12),
    '\udc80',
    '-p',
    '=',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const body = { kind: 'note', text: parts.join('') };
      expect(redactor.body(body, JSON.stringify(body)).text).toBe(redactor.text(body.text));
    }),
    { numRuns: 2000 },
  );
});

test('time grows with the length, whatever the text', () => {
  const nasty = [
    'eyJ',
    'eyJ.',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    '://',
    '://a:',
    'password',
    'password=',
    'token-',
    '_key:',
    'authorization',
    'authorization: ',
    'bearer ',
    'cookie: ',
    'a:',
    '@',
    'xoxb-',
    'ghp_',
    'glpat-',
    'sk-',
    ' ',
    '"',
    'secret"',
  ];
  for (const piece of nasty) {
    const measure = (length: number): number => {
      const text = piece.repeat(Math.ceil(length / piece.length));
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 3; round += 1) {
        const start = performance.now();
        redactor.text(text);
        best = Math.min(best, performance.now() - start);
      }
      return best;
    };
    measure(10_000);
    const small = measure(20_000);
    const large = measure(320_000);
    // 16 times the text: a quadratic pattern takes 256 times as long.
    expect(large, `${piece}: ${small} → ${large} ms`).toBeLessThan(Math.max(small, 0.5) * 80);
  }
});
