import { describe, expect, test } from 'vitest';
import { amendContract } from './amend.ts';
import { explainContract } from './explain.ts';
import { parseContract } from './load.ts';
import { neverCoverage } from './never.ts';
import { formatProblem } from './problem.ts';
import { secretIsFor, terminates } from './termination.ts';

const HEAD = 'ringfence: 1\nname: t\n';
const API =
  'network: [{ host: api.example.com }, { host: "*.example.org" }, { host: ssh.example.com, port: 22, protocol: ssh }]\n';

const print = (text: string): string[] => {
  const loaded = parseContract(HEAD + API + text, 'c.yaml');
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
};

function load(text: string) {
  const loaded = parseContract(HEAD + text, 'c.yaml');
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded;
}

describe('a secret that could not be kept or sent is an error with its place', () => {
  test.each([
    [
      'secrets: { T: { for: web.example.com } }',
      /:4:22: secrets\.T\.for: web\.example\.com is not a host of network/,
    ],
    ['secrets: { T: { for: [api.example.com, web.example.com] } }', /:4:40: secrets\.T\.for\[1\]: web/],
    [
      'secrets: { T: { for: ssh.example.com } }',
      /reached by ssh, and secrets are put into requests over TLS only/,
    ],
    [
      'secrets: { "a b": { for: api.example.com } }',
      /:4:12: secrets\["a b"\]: "a b" is not a variable's name/,
    ],
    ['secrets: { PATH: { for: api.example.com } }', /PATH means something to programs/],
    ['secrets: { LD_PRELOAD: { for: api.example.com } }', /LD_PRELOAD means something/],
    [
      'secrets: { T: { for: api.example.com, as: header } }',
      /secrets\.T\.as: the header is not named\n.*X-Api-Key/,
    ],
    [
      'secrets: { T: { for: api.example.com, as: query } }',
      /secrets\.T\.as: the query parameter is not named/,
    ],
    ['secrets: { T: { for: api.example.com, name: X-Key } }', /bearer is always sent as Authorization/],
    ['secrets: { T: { for: api.example.com, as: header, name: "X Key" } }', /is not a header's name/],
    ['secrets: { T: { for: api.example.com, as: header, name: "X:\\r\\nY" } }', /control or invisible/],
    ...[
      'Host',
      'content-length',
      'Transfer-Encoding',
      'CONNECTION',
      'Upgrade',
      'Proxy-Authorization',
      'TE',
      'Expect',
    ].map((name): [string, RegExp] => [
      `secrets: { T: { for: api.example.com, as: header, name: ${name} } }`,
      /says how a request is carried/,
    ]),
    ['secrets: { T: { for: api.example.com, as: query, name: "a&b" } }', /is not a plain parameter name/],
    ['secrets: { T: { for: api.example.com, user: me } }', /bearer knows no user name/],
    ['secrets: { T: { for: api.example.com, as: basic, user: "a:b" } }', /neither a colon/],
    [
      'secrets: { T: { for: api.example.com, from: "env:a b" } }',
      /secrets\.T\.from: "a b" is not a variable's name/,
    ],
    ['secrets: { T: { for: api.example.com, from: nowhere } }', /write env:NAME or file:PATH/],
    [
      'secrets: { T: { for: api.example.com } }\nenvironment: { pass: [T] }',
      /environment\.pass\[0\]: T is a secret/,
    ],
    [
      'secrets: { T: { for: api.example.com } }\nenvironment: { set: { T: x } }',
      /environment\.set\.T: T is a secret/,
    ],
    [
      'secrets: { T: { for: api.example.com, from: env:SOURCE } }\nenvironment: { pass: [SOURCE] }',
      /environment\.pass\[0\]: SOURCE holds the secret T/,
    ],
    [
      'secrets: { T: { for: api.example.com, from: "file:~/.secrets/t" } }\nfiles: { read: [~/.secrets/] }',
      /files\.read\[0\]: ~\/\.secrets\/ would show the agent ~\/\.secrets\/t/,
    ],
    [
      'secrets: { T: { for: api.example.com }, U: { for: api.example.com, as: basic } }',
      /secrets\.U: U and T are put into the same place of the same requests \(header authorization\)/,
    ],
    [
      'secrets: { T: { for: "*.example.org", as: header, name: X-A }, U: { for: a.example.org, as: header, name: x-a } }',
      /same place/,
    ],
  ])('%s', (text, expected) => {
    const printed = print(`${text}\n`).filter((line) => !line.includes('this version cannot'));
    expect(printed).toHaveLength(1);
    expect(printed[0]).toMatch(expected);
  });
});

describe('which rules terminate', () => {
  const { contract } = load(`network:
  - { host: plain.example.com }
  - { host: "*.example.org" }
  - { host: raw.example.com, protocol: tls }
`);
  const [plain, wild, raw] = contract.network as [never, never, never];
  const secrets = (host: string) => ({ secrets: { T: { for: [host], as: 'bearer' as const } } });
  const none = { secrets: {} };

  test('only https, and only where something is said of requests', () => {
    expect(terminates(none, plain)).toBe(false);
    for (const extra of [{ methods: [] }, { paths: ['/a'] }, { headers: [] }, { body: 1 }, { ca: 'x' }])
      expect(terminates(none, { ...(plain as object), ...extra } as never)).toBe(true);
    expect(terminates(none, { ...(raw as object), methods: ['GET'] } as never)).toBe(false);
  });

  test('or where a secret may have to be put in', () => {
    expect(terminates(secrets('plain.example.com'), plain)).toBe(true);
    expect(terminates(secrets('plain.example.com'), wild)).toBe(false);
    expect(terminates(secrets('a.example.org'), wild)).toBe(true);
    expect(terminates(secrets('*.example.com'), plain)).toBe(true);
    expect(terminates(secrets('raw.example.com'), raw)).toBe(false);
  });

  test('a secret belongs to the name, not to its neighbours', () => {
    expect(secretIsFor(['a.example.org'], 'a.example.org')).toBe(true);
    expect(secretIsFor(['a.example.org'], 'b.example.org')).toBe(false);
    expect(secretIsFor(['a.example.org'], 'x.a.example.org')).toBe(false);
    expect(secretIsFor(['*.example.org'], 'x.a.example.org')).toBe(true);
    expect(secretIsFor(['*.example.org'], 'example.org')).toBe(false);
    expect(secretIsFor(['*.example.org'], 'badexample.org')).toBe(false);
  });
});

test('a rule that comes during a run is terminated only where the run’s authority vouches for its host', () => {
  const { contract } = load(
    'network: [{ host: plain.example.com }, { host: "*.example.org", methods: [GET] }]\nsecrets: { T: { for: a.example.org } }\n',
  );
  const socket = { port: 443, protocol: 'websocket' };
  expect(amendContract(contract, { host: 'new.example.com' })).toMatchObject({ ok: true });
  expect(amendContract(contract, { host: 'new.example.com', ...socket })).toMatchObject({
    ok: false,
    message: expect.stringContaining('authority was not made for it'),
  });
  expect(amendContract(contract, { host: 'a.example.org', port: 8443 })).toMatchObject({ ok: true });
});

test('check says where a secret goes, where it is not, and what would break the trust in the run’s authority', () => {
  const { contract, source } = load(`network:
  - { host: api.example.com, methods: [GET], paths: [/v1/**] }
  - { host: "*.example.org" }
secrets:
  T: { for: API.example.com. }
  U: { for: a.example.org, as: query, name: key, from: file:~/u }
environment: { set: { SSL_CERT_FILE: /etc/ours.pem } }
`);
  const { may, mayNot, notes } = explainContract(contract, source);
  const texts = (statements: readonly { text: string }[]) => statements.map(({ text }) => text).join('\n');
  expect(texts(may)).toContain(
    'your variable T into GET requests for /v1/** to api.example.com, as Authorization: Bearer',
  );
  expect(texts(may)).toContain(
    'the file ~/u into every request to a.example.org, as the query parameter key',
  );
  expect(texts(mayNot)).toContain('read T, U: no variable, file or process inside holds the value');
  expect(texts(notes)).toContain('SSL_CERT_FILE decides which certificates a client believes');
});

test('never says what can be done with a secret that is not seen', () => {
  const { contract } = load(
    'network: [{ host: api.example.com }]\nsecrets: { T: { for: api.example.com }, U: { for: api.example.com, as: header, name: X-U } }\n',
  );
  const { exfiltration, 'resource-acquisition': acquisition } = neverCoverage(contract);
  expect(exfiltration).toMatchObject({ state: 'not covered' });
  expect(exfiltration?.by).toContain('what T, U open there it can read; the value itself stays outside');
  expect(acquisition?.by).toContain(
    'what T, U allow at their hosts the agent can do, new credentials included',
  );
});
