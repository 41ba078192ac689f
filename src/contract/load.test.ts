import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { loadContract, parseContract } from './load.ts';
import { formatProblem, type Problem } from './problem.ts';
import { positionOf } from './source.ts';

const HEAD = 'ringfence: 1\nname: t\n';
const folder = mkdtempSync(join(tmpdir(), 'ringfence-contract-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function problems(text: string): Problem[] {
  const loaded = parseContract(text, 'c.yaml');
  return loaded.ok ? [] : loaded.problems;
}

/** The problems of a contract, as people see them. */
const print = (text: string): string[] => problems(text).map(formatProblem);

function contract(text: string) {
  const loaded = parseContract(HEAD + text, 'c.yaml');
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.contract;
}

test('two lines are a contract, with every default filled in', () => {
  const loaded = parseContract(HEAD, 'c.yaml');
  expect(loaded).toMatchObject({
    ok: true,
    contract: {
      isolation: 'process',
      files: { workspace: { path: '.', mode: 'overlay' }, write: ['**'], hide: [], read: [] },
      network: [],
      compute: { cpus: { max: 2, hard: false }, memory: { max: 4 * 2 ** 30 }, time: { max: 1_800_000 } },
      never: { require: [] },
    },
    source: { path: 'c.yaml', sha256: expect.stringMatching(/^[0-9a-f]{64}$/), text: HEAD },
  });
});

test('values in their units', () => {
  const { compute, network } = contract(
    'compute: { cpus: 0.5, memory: { max: 512MiB, hard: true }, time: 90s, processes: 2k }\nnetwork:\n  - { host: API.Example.com., bytes: 100MB }\n',
  );
  expect(compute.cpus).toEqual({ max: 0.5, hard: false });
  expect(compute.memory).toEqual({ max: 512 * 2 ** 20, hard: true });
  expect(compute.time.max).toBe(90_000);
  expect(compute.processes.max).toBe(2000);
  expect(network[0]).toEqual({ host: 'api.example.com', port: 443, protocol: 'https', bytes: 100_000_000 });
});

describe('each problem has its place and says what to write', () => {
  test.each([
    [
      'an unknown key',
      `${HEAD}netwrok: []\n`,
      /^c\.yaml:3:1: netwrok: unknown key "netwrok"\n {2}Did you mean "network"\?$/,
    ],
    [
      'an unknown nested key',
      `${HEAD}compute:\n  cpu-tine: 3m\n`,
      /^c\.yaml:4:3: compute\.cpu-tine: .*\n {2}Did you mean "cpu-time"\?$/,
    ],
    ['a key of another section', `${HEAD}memory: 1GiB\n`, /^c\.yaml:3:1: .*\n {2}Write it below compute: /],
    [
      'a section in a section',
      `${HEAD}files:\n  network: []\n`,
      /^c\.yaml:4:3: .*\n {2}Write it at the left margin/,
    ],
    [
      'an unknown key in a rule',
      `${HEAD}network:\n  - { host: a.example.com, prot: 443 }\n`,
      /^c\.yaml:4:28: network\[0\]\.prot: .*Did you mean "port"/s,
    ],
    ['a missing key', 'ringfence: 1\n', /^c\.yaml:1:1: name: "name" is missing\n {2}Write a short name/],
    [
      'a missing host',
      `${HEAD}network:\n  - port: 443\n`,
      /^c\.yaml:4:5: network\[0\]\.host: "host" is missing/,
    ],
    [
      'a missing maximum',
      `${HEAD}compute:\n  memory: { hard: true }\n`,
      /^c\.yaml:4:3: compute\.memory\.max: "max" is missing/,
    ],
    [
      'a wrong enum value',
      `${HEAD}isolation: proces\n`,
      /^c\.yaml:3:12: isolation: .*\n {2}Did you mean "process"\?$/,
    ],
    [
      'a wrong protocol',
      `${HEAD}network: [{ host: a.example.com, protocol: htps }]\n`,
      /^c\.yaml:3:44: .*Did you mean "https"\?$/s,
    ],
    [
      'a wrong hazard',
      `${HEAD}never: [exfiltraton]\n`,
      /^c\.yaml:3:9: never\[0\]: .*Did you mean "exfiltration"\?$/s,
    ],
    [
      'a wrong required hazard',
      `${HEAD}never:\n  require: [scape]\n`,
      /^c\.yaml:4:13: never\.require\[0\]: .*Did you mean "escape"\?$/s,
    ],
    ['a word near a literal', `${HEAD}programs: ayn\n`, /^c\.yaml:3:11: programs: .*Did you mean "any"\?$/s],
    [
      'a bare value for a list',
      `${HEAD}files:\n  hide: .env\n`,
      /^c\.yaml:4:9: files\.hide: must be a list, not the text "\.env"\n {2}Write a list: \[\.env\]\.$/,
    ],
    [
      'a number for text',
      'ringfence: 1\nname: 7\n',
      /^c\.yaml:2:7: name: must be text, not the number 7\n {2}Put it in quotes: "7"\.$/,
    ],
    ['nothing for a section', `${HEAD}network:\n`, /^c\.yaml:3:\d+: network: must be a list, not nothing/],
    [
      'a bad size',
      `${HEAD}compute:\n  memory: 4XB\n`,
      /^c\.yaml:4:11: compute\.memory: the text "4XB" is not a size\n {2}Write for example 4GiB\.$/,
    ],
    [
      'a bad size in the long form',
      `${HEAD}compute: { memory: { max: lots } }\n`,
      /^c\.yaml:3:27: compute\.memory\.max: .* is not a size/,
    ],
    [
      'zero',
      `${HEAD}compute: { processes: 0 }\n`,
      /^c\.yaml:3:23: compute\.processes: the number 0 is not a count/,
    ],
    [
      'a list for a limit',
      `${HEAD}compute: { memory: [] }\n`,
      /^c\.yaml:3:20: compute\.memory: must be .*, not a list/,
    ],
    [
      'a port out of range',
      `${HEAD}network: [{ host: a.example.com, port: 70000 }]\n`,
      /^c\.yaml:3:40: .*at most 65535, not 70000/,
    ],
    [
      'a URL as host',
      `${HEAD}network: [{ host: 'https://api.example.com:8443/v1' }]\n`,
      /Write \{ host: api\.example\.com, port: 8443 \}\.$/,
    ],
    ['a lone star as host', `${HEAD}network: [{ host: '*' }]\n`, /A contract names its hosts/],
    ['a range as host', `${HEAD}network: [{ host: 203.0.113.0/24 }]\n`, /ranges cannot be allowed/],
    [
      'an unknown format',
      'ringfence: 2\nname: t\n',
      /^c\.yaml:1:12: ringfence: .*\n {2}Write ringfence: 1\.$/,
    ],
    ['a GPU', `${HEAD}compute: { gpu: 1 }\n`, /^c\.yaml:3:17: compute\.gpu: this version cannot give GPUs/],
    ['a bad name', 'ringfence: 1\nname: "a b"\n', /^c\.yaml:2:7: name: .*use letters/],
    ['a list as contract', '- ringfence: 1\n', /^c\.yaml:1:1: a contract is a mapping/],
    ['nothing at all', '# only a comment\n', /^c\.yaml:1:1: the contract is empty\n {2}Write at least: /],
    [
      'a key written twice',
      `${HEAD}files: {}\nname: u\n`,
      /^c\.yaml:4:1: name: the key "name" is written twice\n {2}It stands first on line 2/,
    ],
    [
      'a tab',
      `${HEAD}files:\n\twrite: []\n`,
      /^c\.yaml:4:1: a tab is used for indentation\n {2}Indent with spaces/,
    ],
    ['a second document', `${HEAD}---\nname: u\n`, /^c\.yaml:3:1: a second document starts here/],
    [
      'an unquoted star',
      `${HEAD}network:\n  - host: *.example.com\n`,
      /^c\.yaml:4:11: network\[0\]\.host: .*\n {2}Put it in quotes, '\*\.example\.com'/,
    ],
    [
      'an unquoted double star',
      `${HEAD}files: { write: [**] }\n`,
      /^c\.yaml:3:18: .*Put it in quotes, '\*\*'/s,
    ],
    [
      'an anchor',
      `${HEAD}files: &f { hide: [.env] }\n`,
      /^c\.yaml:3:\d+: files: &f is read as a YAML anchor/,
    ],
    ['a tag', `${HEAD}files: { hide: [!x y] }\n`, /^c\.yaml:3:\d+: .*Unresolved tag|read as a YAML tag/],
    ['a merge key', `${HEAD}files:\n  <<: { hide: [] }\n`, /^c\.yaml:4:3: files.* unknown key "<<"/],
    ['a prototype key', `${HEAD}__proto__: { never: [] }\n`, /^c\.yaml:3:1: __proto__: unknown key/],
    ['a mapping as key', `${HEAD}? [a]\n: 1\n`, /^c\.yaml:3:3: a key is not a plain word/],
    [
      'an open bracket',
      `${HEAD}files: { write: [\n`,
      /^c\.yaml:\d+:\d+: a \[ or \{ before this place is not closed/,
    ],
    ['an open quote', `${HEAD}isolation: "process\n`, /a quotation mark before this place is not closed/],
    ['two colons', `${HEAD}a: b: c\n`, /^c\.yaml:3:4: a second ": " on one line/],
    ['uneven indentation', `${HEAD}files:\n write: []\n  hide: []\n`, /indented differently/],
    ['a line without a colon', `${HEAD}files\nnetwork: []\n`, /this line has no ":"/],
    ['a reserved character', `${HEAD}files: { hide: [@x] }\n`, /Put it in quotes/],
    [
      'a host for a list of rules',
      `${HEAD}network: a.example.com\n`,
      /Write a list of rules: \[\{ host: a\.example\.com \}\]\.$/,
    ],
    ['a host for a rule', `${HEAD}network: [a.example.com]\n`, /Write \{ host: a\.example\.com \}\.$/],
    ['a rule for a list of rules', `${HEAD}network: { host: a.example.com }\n`, /Write a list of rules/],
    ['none for an empty list', `${HEAD}network: none\n`, /Write an empty list: \[\]\.$/],
    ['a command for success', `${HEAD}objective: { success: npm test }\n`, /Write \{ run: npm test \}\.$/],
    [
      'a port in quotes',
      `${HEAD}network: [{ host: a.example.com, port: "8443" }]\n`,
      /Write 8443, without quotes\.$/,
    ],
    [
      'an unencrypted URL',
      `${HEAD}network: [{ host: "http://a.example.com/" }]\n`,
      /Write \{ host: a\.example\.com, port: 80, protocol: http \}\.$/,
    ],
    ['half a process', `${HEAD}compute: { processes: 1.5 }\n`, /the number 1\.5 is not a count/],
    [
      'a reversed reading direction',
      `${HEAD}# \u202e harmless\n`,
      /^c\.yaml:3:3: an invisible or control character, U\+202E/,
    ],
    [
      'an escaped control character',
      `${HEAD}environment: { set: { A: "\\e[31m" } }\n`,
      /^c\.yaml:3:26: environment\.set\.A: contains control/,
    ],
    [
      'something too large',
      `${HEAD}# ${'x'.repeat(300_000)}\n`,
      /^c\.yaml:1:1: the contract is larger than 256 KiB/,
    ],
  ])('%s', (_, text, expected) => {
    const printed = print(text);
    expect(printed).toHaveLength(1);
    expect(printed[0]).toMatch(expected);
  });

  test('several problems come in the order of the file', () => {
    expect(
      print('ringfence: 1\nname: t\nfils: {}\ncompute: { memory: x }\nisolation: vm\n').map(
        (line) => line.split(':')[1],
      ),
    ).toEqual(['3', '4', '5']);
  });

  test('a problem cannot draw on the terminal', () => {
    const printed = formatProblem({
      file: 'a\u001b[2J',
      line: 1,
      column: 1,
      path: '',
      message: 'x\u202e',
      hint: '',
    });
    expect(printed).toBe('a\\x1b[2J:1:1: x\\u{202e}');
  });
});

describe('what could hang or exhaust the reader is refused', () => {
  const bomb = `a: &a [x]\n${Array.from({ length: 30 }, (_, n) => `b${n}: &b${n} [${'*a, '.repeat(9)}*a]\n`).join('')}`;
  test.each([
    ['aliases', bomb],
    ['brackets', '['.repeat(100_000)],
    ['sequences', '- '.repeat(100_000)],
    ['indentation', Array.from({ length: 600 }, (_, n) => `${' '.repeat(n)}a:\n`).join('')],
    ['keys', Array.from({ length: 40_000 }, (_, n) => `k${n}:\n`).join('')],
    ['long numbers', `${HEAD}compute: { memory: ${'9'.repeat(10_000)} }\n`],
  ])('%s', (_, text) => {
    expect(problems(text).length).toBeGreaterThan(0);
  });

  test('bytes that are not UTF-8', () => {
    expect(parseContract(Buffer.from([0x72, 0xff, 0xfe]), 'c.yaml')).toMatchObject({
      ok: false,
      problems: [{ message: 'the contract is not UTF-8 text' }],
    });
  });

  test('a folder, a FIFO, a missing file', () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    for (const [path, message] of [
      [folder, /is a folder/],
      [fifo, /not a regular file/],
      [join(folder, 'absent.yaml'), /no such file/],
      ['/dev/zero', /not a regular file/],
      ['nul\0byte', /cannot be read/],
    ] as const)
      expect(loadContract(path)).toMatchObject({
        ok: false,
        problems: [{ message: expect.stringMatching(message) }],
      });
  });
});

test('a file is read through a link, and its bytes are hashed', () => {
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'c.yaml'), `\uFEFF${HEAD.replaceAll('\n', '\r\n')}`);
  symlinkSync('../c.yaml', join(folder, 'sub', 'link.yaml'));
  const direct = loadContract(join(folder, 'c.yaml'));
  const linked = loadContract(join(folder, 'sub', 'link.yaml'));
  if (!direct.ok || !linked.ok) throw new Error('refused');
  expect(direct.contract.name).toBe('t');
  expect(linked.source.sha256).toBe(direct.source.sha256);
});

test('every contract path has a place; what is absent has its parent’s', () => {
  const loaded = parseContract(
    `${HEAD}network:\n  - host: a.example.com\n    port: 8443\nresolve:\n  a.example.com: [203.0.113.5]\n`,
    'c.yaml',
  );
  if (!loaded.ok) throw new Error('refused');
  expect(positionOf(loaded.source, 'network[0].port')).toEqual({
    position: { line: 5, column: 11 },
    exact: true,
  });
  expect(positionOf(loaded.source, 'network[0].protocol')).toEqual({
    position: { line: 4, column: 5 },
    exact: false,
  });
  expect(positionOf(loaded.source, 'resolve["a.example.com"][0]')).toEqual({
    position: { line: 7, column: 19 },
    exact: true,
  });
  expect(positionOf(loaded.source, 'compute.memory').exact).toBe(false);
  expect(positionOf(loaded.source, 'no path]').position).toEqual({ line: 1, column: 1 });
});

describe('the loader never throws', () => {
  const total = (content: string | Uint8Array) => {
    const loaded = parseContract(content, 'c.yaml');
    if (!loaded.ok) {
      expect(loaded.problems.length).toBeGreaterThan(0);
      for (const problem of loaded.problems) {
        expect(problem.line).toBeGreaterThan(0);
        expect(problem.column).toBeGreaterThan(0);
        expect(problem.message).not.toBe('');
      }
    }
  };
  test('on any bytes', () =>
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), total), { numRuns: 300 }));
  test('on any text', () =>
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), total), { numRuns: 300 }));
  test('on any YAML-like text', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            'ringfence',
            'name',
            ': ',
            '1',
            't',
            '\n',
            '  ',
            '- ',
            '[',
            ']',
            '{',
            '}',
            ', ',
            '"',
            "'",
            '*',
            '&a ',
            '!',
            '|',
            '>',
            '#',
            '? ',
            '---\n',
            '%',
            '\t',
            'network',
            'host',
            '<<',
            '__proto__',
            '~',
          ),
          { maxLength: 40 },
        ),
        (parts) => total(parts.join('')),
      ),
      { numRuns: 1000 },
    ));
  test('on a key that objects inherit', () => total(`${HEAD}never: [{ toString: "" }]\n`));
  test('on any value below any section', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(
          'objective',
          'isolation',
          'files',
          'programs',
          'network',
          'resolve',
          'environment',
          'compute',
          'oversight',
          'never',
          'packages',
          'secrets',
        ),
        fc.jsonValue(),
        (section, value) => total(`${HEAD}${section}: ${JSON.stringify(value)}\n`),
      ),
      { numRuns: 500 },
    ));
  test('on any value in any field', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(
          'files: { write: ',
          'files: { hide: ',
          'files: { read: ',
          'files: { workspace: ',
          'compute: { memory: ',
          'compute: { cpus: ',
          'environment: { set: ',
          'oversight: { on: ',
          'never: { require: ',
          'objective: { success: ',
        ),
        fc.jsonValue({ maxDepth: 3 }),
        (start, value) => total(`${HEAD}${start}${JSON.stringify(value)} }\n`),
      ),
      { numRuns: 500 },
    ));
});
