import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressKind } from './addresses.ts';
import { loadContract, parseContract } from './load.ts';
import { neverCoverage } from './never.ts';
import { coarserPattern, directoryOf } from './patterns.ts';
import { formatPath, formatProblem, parsePath } from './problem.ts';
import { editDistance, suggest } from './suggest.ts';

const HEAD = 'ringfence: 1\nname: t\n';

const print = (text: string): string[] => {
  const loaded = parseContract(HEAD + text, 'c.yaml');
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
};

describe('what this version cannot enforce is an error that says so', () => {
  test.each([
    ['isolation: microvm', /:3:12: isolation: this version cannot run in a microvm/],
    [
      'isolation: landlock\npackages: [{ ecosystem: npm, from: https://packages.example.com, only: package-lock.json }]',
      /:4:1: packages: isolation: landlock has no network/,
    ],
    [
      'isolation: landlock\nmodels: [{ provider: openai }]',
      /:4:1: models: isolation: landlock has no network at all, so no model could be called/,
    ],
    [
      'isolation: landlock\noversight: { calls: declared }',
      /:4:21: oversight.calls: isolation: landlock has no network at all, so no tool call could be declared/,
    ],
    [
      'isolation: landlock\nfiles: { workspace: { mode: direct } }',
      /files\.workspace\.mode: .*\n.*mode: overlay/,
    ],
    [
      'oversight: { approve: [packages.new] }',
      /:3:\d+: oversight\.approve\[0\]: there is no index that an unlisted package could be asked of/,
    ],
    [
      'isolation: landlock\nnetwork: [{ host: a.example.com }]',
      /:4:1: network: isolation: landlock has no network/,
    ],
    ['never: { require: [deception] }', /:3:20: never\.require\[0\]: deception is required but not covered/],
    [
      'never: { require: [exfiltration] }\nnetwork: [{ host: a.example.com }]',
      /exfiltration is required but not covered: .*a\.example\.com:443/,
    ],
  ])('%s', (text, expected) => {
    const printed = print(`${text}\n`);
    expect(printed).toHaveLength(1);
    expect(printed[0]).toMatch(expected);
  });

  test('what is graded is accepted', () => {
    expect(
      print('objective: { task: x, success: { run: npm test, protect: [test/**] }, hidden: { run: y } }\n'),
    ).toEqual([]);
  });
});

describe('what contradicts itself or the machine', () => {
  test.each([
    [
      'files: { write: ["*.test.ts"] }',
      /this version cannot enforce it\n {2}Write the folder pattern \*\*\.$/,
    ],
    ['files: { write: ["src/*.ts"] }', /Write the folder pattern src\/\*\*\.$/],
    ['files: { write: [src/index.ts] }', /Write the folder pattern src\/\*\*\.$/],
    ['files: { write: [src] }', /Write the folder pattern src\/\*\*\.$/],
    ['files: { write: [src/] }', /Write the folder pattern src\/\*\*\.$/],
    ['files: { write: [a/*/b/**] }', /Write the folder pattern a\/\*\*\.$/],
    ['files: { write: [./src/**] }', /Write src\/\*\*\.$/],
    ['files: { write: [../x/**] }', /leaves the workspace/],
    ['files: { write: [/etc/**] }', /not inside the workspace/],
    ['files: { write: [a/b/**], hide: [a/**] }', /:3:18: files\.write\[0\]: .*hidden by files\.hide\[0\]/],
    ['files: { hide: ["**"] }', /hides the whole workspace/],
    ['files: { hide: [../.env] }', /leaves the workspace/],
    ['files: { read: [/] }', /the whole machine is never/],
    ['files: { read: [/proc/self] }', /never handed in/],
    ['files: { read: [lib] }', /not an absolute path/],
    ['files: { read: [~someone/x] }', /only your own home/],
    ['files: { read: [/usr/../etc] }', /must not contain/],
    ['files: { read: ["/etc/*"] }', /patterns are not read here/],
    ['files: { workspace: / }', /the whole machine cannot be the workspace/],
    ['programs: []', /lets nothing run/],
    ['programs: [npm test]', /is a command line\n {2}Name the program alone: npm\.$/],
    ['programs: [bin/x]', /neither a name nor an absolute path/],
    ['network: [{ host: 999.1.1.1 }]', /is not a valid address/],
    ['network: [{ host: "1:2:3" }]', /is not a valid address/],
    ['network: [{ host: localhost }]', /localhost, inside, is the cell itself/],
    ['network: [{ host: 0.0.0.0 }]', /no address to connect to/],
    ['network: [{ host: "::ffff:127.0.0.1" }]', /IPv4 address in IPv6 form/],
    ['network: [{ host: "::ffff:7f00:1" }]', /IPv4 address in IPv6 form/],
    ['network: [{ host: "2001:db8:0::5" }]', /Write 2001:db8::5\.$/],
    ['network: [{ host: a.example.com }, { host: A.example.com }]', /covered twice: also by network\[0\]/],
    ['network: [{ host: "*.example.com" }, { host: a.b.example.com }]', /covered twice/],
    [
      'network: [{ host: a.example.com }, { host: "*.example.com", protocol: tcp }]',
      /contradicts network\[0\]/,
    ],
    [
      'network: [{ host: a.example.com }]\nresolve: { b.example.com: [203.0.113.5] }',
      /:4:12: resolve\["b\.example\.com"\]: .*not a host of network/,
    ],
    ['network: [{ host: a.example.com }]\nresolve: { a.example.com: [] }', /no address is given/],
    ['network: [{ host: 127.0.0.1, port: 53, protocol: udp }]', /the resolver of the cell itself/],
    [
      'network: [{ host: a.example.com, port: 53, protocol: tcp }]\nresolve: { a.example.com: [127.0.0.1] }',
      /the resolver of the cell itself/,
    ],
    [
      'network: [{ host: a.example.com }]\nresolve: { a.example.com: [nowhere] }',
      /:4:28: .*not a valid address/,
    ],
    ['network: [{ host: "*.example.com" }]\nresolve: { "*.example.com": [203.0.113.5] }', /is not one name/],
    ['network: [{ host: a.example.com, protocol: ssh, methods: [GET] }]', /:3:49: .*ssh has none/],
    ['network: [{ host: a.example.com, methods: [] }]', /an empty list allows no request/],
    ['network: [{ host: a.example.com, methods: [TRACE] }]', /TRACE is never passed on/],
    ['network: [{ host: a.example.com, paths: [v1/**] }]', /:3:42: .*\n {2}Write \/v1\/\*\*\.$/],
    ['network: [{ host: a.example.com, paths: ["/v1?x=1"] }]', /queries .*\n {2}Write \/v1:/],
    ['network: [{ host: a.example.com, paths: [/v1/**x] }]', /stands for whole segments/],
    ['network: [{ host: a.example.com, paths: [/v1/../x] }]', /dot segments are always refused/],
    ['network: [{ host: a.example.com, paths: [/v1//x] }]', /Write \/v1\/x\.$/],
    ['network: [{ host: a.example.com, paths: ["/a%252fb"] }]', /malformed or ambiguous/],
    ['network: [{ host: a.example.com, headers: ["x y"] }]', /not the name of a header/],
    ['network: [{ host: a.example.com, headers: [Connection] }]', /written by the gateway itself/],
    ['network: [{ host: a.example.com, protocol: http, ca: x.pem }]', /:3:50: .*http is not/],
    ['network: [{ host: a.example.com, protocol: websocket, methods: [POST] }]', /begins with GET/],
    ['environment: { pass: ["A=b"] }', /not a variable's name/],
    ['environment: { pass: [A], set: { A: b } }', /both handed in and set/],
  ])('%s', (text, expected) => {
    const printed = print(`${text}\n`);
    expect(printed).toHaveLength(1);
    expect(printed[0]).toMatch(expected);
  });

  test.each([
    'network: [{ host: "*.example.com" }, { host: example.com }, { host: a.example.com, port: 22, protocol: ssh }]',
    'network: [{ host: a.example.com }, { host: a.example.com, protocol: udp }]',
    'network: [{ host: 127.0.0.1, port: 5432, protocol: postgres }, { host: "::1", port: 80, protocol: http }]',
    'network: [{ host: a.example.com }]\nresolve: { A.example.com: [127.0.0.1, "2001:db8::5"] }',
    'network: [{ host: a.example.com, methods: [GET, POST], paths: [/, /v1/**, "/**/x*", "/g%2Fp/*"], headers: [accept, x-api-*], body: 1MB }]',
    'network: [{ host: a.example.com, port: 80, protocol: http, methods: [GET], headers: [] }]',
    'network: [{ host: "*.example.com" }]\nresolve: { deep.a.example.com: [203.0.113.5] }',
    'files: { write: [], hide: [.env, "**/*.pem", private/**], read: [~/.gitconfig, /usr/share/x] }',
    'files: { write: [src/**, docs/**] }',
    'programs: [node, git, /usr/bin/make]',
  ])('and what does not: %s', (text) => expect(print(`${text}\n`)).toEqual([]));
});

test('a pattern’s replacement is one that the kernel enforces and that covers it', () => {
  const part = fc.constantFrom('a', 'b.ts', '*', '**', '*.ts', 'a?', 'c');
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const folder = directoryOf(coarserPattern(parts.join('/')));
      expect(folder).toBeDefined();
      expect(folder === '' || parts.join('/').startsWith(folder as string)).toBe(true);
    }),
  );
});

test.each([
  ['127.8.0.1', 'loopback'],
  ['::1', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.31.0.1', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.1.1', 'private'],
  ['fd00::1', 'private'],
  ['169.254.1.1', 'link-local'],
  ['fe80::1', 'link-local'],
  ['169.254.169.254', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  ['100.64.0.1', 'shared'],
  ['::ffff:10.0.0.1', 'mapped'],
  ['0:0:0:0:0:ffff:a00:1', 'mapped'],
  ['64:ff9b::a00:1', 'mapped'],
  ['0.0.0.0', 'unspecified'],
  ['::', 'unspecified'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'reserved'],
  ['203.0.113.5', 'public'],
  ['2001:db8::5', 'public'],
  ['fe80::1%eth0', undefined],
  ['1.2.3', undefined],
  ['', undefined],
])('%s is %s', (address, kind) => expect(addressKind(address)).toBe(kind));

describe('never', () => {
  const coverage = (text: string) => {
    const loaded = parseContract(HEAD + text, 'c.yaml');
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
    return neverCoverage(loaded.contract);
  };

  test('every hazard has a state, and a reason', () => {
    const all = coverage('');
    expect(Object.keys(all)).toHaveLength(14);
    for (const { by } of Object.values(all)) expect(by).not.toBe('');
  });

  test('what is written in a direct workspace runs later, where nothing holds it', () => {
    const direct = coverage('files: { workspace: { mode: direct } }\n');
    for (const [hazard, { state }] of Object.entries(direct))
      expect([hazard, state]).toEqual([hazard, 'not covered']);
    expect(direct.escape?.by).toContain('outside of the cell');
    expect(print('files: { workspace: { mode: direct } }\nnever: { require: [escape] }\n')).toHaveLength(1);
  });

  test.each([
    ['127.0.0.1', 'network: [{ host: 127.0.0.1, protocol: http }]\n'],
    ['db.example.com', 'network: [{ host: "*.example.com" }]\nresolve: { db.example.com: [10.0.0.5] }\n'],
  ])('a service that may be of this machine acts outside of the cell: %s', (name, text) => {
    const near = coverage(text);
    for (const hazard of ['escape', 'persistence', 'oversight-tampering'] as const) {
      expect(near[hazard]?.state).toBe('not covered');
      expect(near[hazard]?.by).toContain(name);
    }
    expect(coverage('network: [{ host: 203.0.113.5 }]\n').escape?.state).toBe('prevented');
  });

  test('a network takes away what only its absence prevents', () => {
    const offline = coverage('');
    const online = coverage('network: [{ host: a.example.com }]\n');
    for (const hazard of [
      'exfiltration',
      'remote-control',
      'intrusion',
      'self-replication',
      'collusion',
      'sabotage',
    ] as const) {
      expect(offline[hazard]?.state).toBe('prevented');
      expect(online[hazard]?.state).toBe('not covered');
      expect(online[hazard]?.by).toContain('a.example.com');
    }
    expect(online.persistence?.state).toBe('prevented');
    for (const hazard of ['deception', 'coercion', 'grader-tampering'] as const)
      expect(offline[hazard]?.state).toBe('not covered');
  });

  test('what rules find is detected where the layer that they need is there, with its limit', () => {
    expect(coverage('')['compute-diversion']).toMatchObject({
      state: 'detected',
      by: expect.stringMatching(/rules compute-diversion\.\*.*not told from the task/),
    });
    const models = coverage('models: [{ provider: anthropic }]\n');
    expect(models.deception).toMatchObject({
      state: 'detected',
      by: expect.stringMatching(/what the model answers.*other claims.*are not/),
    });
    const graded = coverage('objective: { success: { run: npm test, protect: [test/**] } }\n');
    expect(graded['grader-tampering']).toMatchObject({
      state: 'detected',
      by: expect.stringContaining('rules grader-tampering.*'),
    });
    const read = coverage('network: [{ host: a.example.com, methods: [GET] }]\n');
    expect(read.collusion).toMatchObject({
      state: 'detected',
      by: expect.stringMatching(/a\.example\.com.*campaign\..*ordinary words.*are not/),
    });
    for (const more of ['', ', { host: b.example.com, protocol: ssh, port: 22 }'])
      expect(
        coverage(`network: [{ host: a.example.com${more === '' ? '' : ', methods: [GET]'} }${more}]\n`)
          .collusion,
      ).toMatchObject({ state: 'not covered' });
    expect(print('never: { require: [compute-diversion] }\n')).toEqual([]);
  });

  test('more rights never make a hazard better covered', () => {
    const rank = { prevented: 2, detected: 1, 'not covered': 0 };
    const offline = coverage('');
    for (const text of ['network: [{ host: a.example.com, protocol: tcp }]\n', 'isolation: landlock\n'])
      for (const [hazard, { state }] of Object.entries(coverage(text)))
        expect(rank[state]).toBeLessThanOrEqual(
          rank[offline[hazard as keyof typeof offline]?.state ?? 'not covered'],
        );
  });

  test('only the hazards that are named count', () => {
    expect(Object.keys(coverage('never: [escape]\n'))).toEqual(['escape']);
    expect(Object.keys(coverage('never: { aim: [], require: [persistence] }\n'))).toEqual(['persistence']);
  });
});

test('did you mean', () => {
  expect(suggest('netwrok', ['network', 'never'])).toBe('network');
  expect(suggest('cpu_time', ['cpu-time', 'time'])).toBe('cpu-time');
  expect(suggest('env', ['environment', 'never'])).toBe('environment');
  expect(suggest('xyz', ['network', 'never'])).toBeUndefined();
  expect(editDistance('ab', 'ba')).toBe(1);
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test('a path is read back as it was written', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.nat(99)), { maxLength: 5 }), (path) => {
      expect(parsePath(formatPath(path))).toEqual(path);
    }),
  );
  for (const text of ['a..b', '.a', 'a[', 'a[x]', 'a]', 'a b', '["\\x"]'])
    expect(parsePath(text)).toBeUndefined();
});

test('a missing file is a problem with a place too', () => {
  expect(loadContract('absent.yaml')).toMatchObject({
    ok: false,
    problems: [{ file: 'absent.yaml', line: 1, column: 1 }],
  });
});
