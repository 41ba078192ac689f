import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type Fact, solve, type World } from '../logic/index.ts';
import { anyWorld } from '../logic/worlds.fixture.ts';
import {
  type Certificate,
  certificateFile,
  digestOf,
  makeCertificate,
  verifyCertificate,
  worldFile,
} from './index.ts';

const x = { var: 'x' };
const y = { var: 'y' };

const WORLD: World = {
  facts: [
    ['writes', 'agent', 'hook'],
    ['runs', 'hook', 'operator'],
    ['link', 'agent', 'cache'],
    ['link', 'cache', 'outside'],
  ],
  rules: [
    {
      id: 'trigger',
      head: ['controls', y],
      body: [
        ['writes', 'agent', x],
        ['runs', x, y],
      ],
      text: '',
      source: '',
    },
    { id: 'first', head: ['reaches', x], body: [['link', 'agent', x]], text: '', source: '' },
    {
      id: 'relay',
      head: ['reaches', y],
      body: [
        ['reaches', x],
        ['link', x, y],
      ],
      text: 'ä " \\',
      source: '\u0000',
    },
  ],
  bad: [
    ['controls', 'root'],
    ['reaches', 'vault'],
  ],
};

function certified(world: World): Certificate | undefined {
  const solved = solve(world);
  if (!solved.ok) throw new Error(solved.message);
  const made = makeCertificate(world, solved.solution);
  return made.ok ? made.certificate : undefined;
}

const made = certified(WORLD) as Certificate;
const [WORLD_FILE, CERTIFICATE_FILE] = [worldFile(WORLD), certificateFile(made)];

const folder = mkdtempSync(join(tmpdir(), 'ringfence-certificate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a certificate', () => {
  it('is accepted for the world it was made for', () => {
    expect(verifyCertificate(WORLD_FILE, CERTIFICATE_FILE)).toEqual({
      valid: true,
      says: 'valid: 7 facts, closed under 3 rules, none of the 2 bad ones',
    });
  });

  it('is not made where something bad follows', () => {
    const world = { ...WORLD, bad: [['controls', 'operator']] as Fact[] };
    const solved = solve(world);
    expect(solved.ok && makeCertificate(world, solved.solution)).toEqual({ ok: false, reached: world.bad });
  });

  it('may hold more than follows, as long as it is closed and nothing in it is bad', () => {
    const facts: Fact[] = [...made.facts, ['reaches', 'elsewhere']];
    expect(verifyCertificate(WORLD_FILE, certificateFile({ ...made, facts })).valid).toBe(true);
  });

  it('names its world: facts, rules and bad facts all change the digest', () => {
    const others: World[] = [
      { ...WORLD, facts: WORLD.facts.slice(1) },
      { ...WORLD, rules: WORLD.rules.slice(1) },
      { ...WORLD, bad: [] },
      { ...WORLD, rules: WORLD.rules.map((rule) => ({ ...rule, text: 'other' })) },
    ];
    expect(new Set([WORLD, ...others].map(digestOf)).size).toBe(5);
    for (const other of others)
      expect(verifyCertificate(worldFile(other), CERTIFICATE_FILE)).toMatchObject({ valid: false });
  });
});

describe('the checker', () => {
  it('accepts every certificate of random worlds, and rejects it without any one of its facts or with a bad one', () => {
    let accepted = 0;
    let rejected = 0;
    fc.assert(
      fc.property(anyWorld, (world) => {
        const certificate = certified(world);
        if (certificate === undefined) return;
        const file = worldFile(world);
        accepted += 1;
        expect(verifyCertificate(file, certificateFile(certificate))).toMatchObject({ valid: true });
        const corrupted = [
          ...certificate.facts.map((dropped) => certificate.facts.filter((fact) => fact !== dropped)),
          ...world.bad.map((bad) => [...certificate.facts, bad]),
        ];
        for (const facts of corrupted) {
          rejected += 1;
          expect(verifyCertificate(file, certificateFile({ ...certificate, facts })).valid).toBe(false);
        }
      }),
      { numRuns: 1_000, seed: 77 },
    );
    expect(accepted).toBeGreaterThan(300);
    expect(rejected).toBeGreaterThan(2_000);
  }, 60_000);

  it('rejects a certificate with any one byte changed, cut off or doubled, unless it says the same of more facts', () => {
    const bytes = Buffer.from(CERTIFICATE_FILE);
    let rejected = 0;
    for (let at = 0; at < bytes.length; at++) {
      for (const other of ['"', '\\', ' ', '0', ']', ',', 'x', '\u0000', '\u00ff']) {
        const changed = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(other, 'latin1'),
          bytes.subarray(at + 1),
        ]);
        if (changed.equals(bytes)) continue;
        // A changed fact is a dropped fact: nothing that follows may be missing, and all of these follow.
        expect(verifyCertificate(WORLD_FILE, changed).valid).toBe(false);
        rejected += 1;
      }
      expect(verifyCertificate(WORLD_FILE, bytes.subarray(0, at)).valid).toBe(false);
      rejected += 1;
    }
    expect(rejected).toBeGreaterThan(1_000);
  });

  const inner = CERTIFICATE_FILE.slice(1, -1);
  const digest = made.worldDigest;
  it.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', '1'],
    ['no facts', JSON.stringify({ facts: [], version: 1, worldDigest: digest })],
    ['facts that are no list', JSON.stringify({ facts: { length: 9 }, version: 1, worldDigest: digest })],
    ['facts that are strings', JSON.stringify({ facts: ['link'], version: 1, worldDigest: digest })],
    ['an empty fact', CERTIFICATE_FILE.replace('[[', '[[],[')],
    ['a number in a fact', CERTIFICATE_FILE.replace('"hook"', '1')],
    ['a variable in a fact', CERTIFICATE_FILE.replace('[[', '[["p",{"var":"x"}],[')],
    ['another version', CERTIFICATE_FILE.replace('"version":1', '"version":2')],
    ['a version as text', CERTIFICATE_FILE.replace('"version":1', '"version":"1"')],
    ['a version as a fraction', CERTIFICATE_FILE.replace('"version":1', '"version":1.0')],
    ['a key too many', `{"a":1,${inner}}`],
    ['a key doubled', `{${inner},"worldDigest":"${digest}"}`],
    ['a doubled key that hides facts', `{"facts":[],${inner}}`],
    ['a prototype', `{"__proto__":{"facts":[]},${inner}}`],
    ['keys through a prototype', `{"__proto__":{${inner}}}`],
    ['a constructor', `{"constructor":1,${inner}}`],
    ['a space', CERTIFICATE_FILE.replace(':', ': ')],
    ['a line feed at the end', `${CERTIFICATE_FILE}\n`],
    ['a byte order mark', `\ufeff${CERTIFICATE_FILE}`],
    ['an escape that is not needed', CERTIFICATE_FILE.replace('"hook"', '"\\u0068ook"')],
    ['a comment', `${CERTIFICATE_FILE}//`],
    ['an upper-case digest', CERTIFICATE_FILE.replace(digest, digest.toUpperCase())],
    ['a digest of another kind', CERTIFICATE_FILE.replace('sha256:', 'sha512:')],
    ['no digest', CERTIFICATE_FILE.replace(digest, '')],
    ['a list as digest', CERTIFICATE_FILE.replace(`"${digest}"`, `["${digest}"]`)],
  ])('rejects %s', (_what, file) => {
    expect(file).not.toBe(CERTIFICATE_FILE);
    expect(verifyCertificate(WORLD_FILE, file)).toMatchObject({ valid: false });
  });

  /** A world of any shape, with the digest that fits: the shape itself must be what is refused. */
  function rejectsWorld(world: string): void {
    const worldDigest = `sha256:${createHash('sha256').update(world).digest('hex')}`;
    expect(verifyCertificate(world, certificateFile({ ...made, worldDigest }))).toMatchObject({
      valid: false,
    });
  }

  it.each([
    ['without rules', JSON.stringify({ bad: [], facts: [] })],
    ['with rules that are no list', JSON.stringify({ bad: [], facts: [], rules: {} })],
    [
      'with a rule without a body',
      JSON.stringify({ bad: [], facts: [], rules: [{ head: ['p'], id: 'r', source: '', text: '' }] }),
    ],
    [
      'with a rule that concludes about nothing',
      JSON.stringify({
        bad: [],
        facts: [],
        rules: [{ body: [], head: ['p', { var: 'x' }], id: 'r', source: '', text: '' }],
      }),
    ],
    [
      'with a variable that is a number',
      JSON.stringify({
        bad: [],
        facts: [],
        rules: [{ body: [['p', { var: 1 }]], head: ['q'], id: 'r', source: '', text: '' }],
      }),
    ],
    ['with a bad fact that is no fact', JSON.stringify({ bad: [[]], facts: [], rules: [] })],
    ['with bad facts that are no list', JSON.stringify({ bad: null, facts: [], rules: [] })],
    ['with a key too many', WORLD_FILE.replace('{"bad"', '{"a":1,"bad"')],
    ['with doubled rules, the last ones empty', WORLD_FILE.replace(/\}$/, ',"rules":[]}')],
    ['in another spelling', JSON.stringify(JSON.parse(WORLD_FILE), undefined, 1)],
    ['nested without end', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
  ])('rejects a world %s', (_what, world) => rejectsWorld(world));

  it('rejects what is too large to look at, in bounded time', () => {
    expect(verifyCertificate(Buffer.alloc(65 * 2 ** 20, '['), CERTIFICATE_FILE)).toEqual({
      valid: false,
      reason: 'a file is larger than 64 MiB',
    });
    const large: World = {
      facts: Array.from({ length: 1_000 }, (_, at): Fact => ['p', String(at)]),
      rules: [
        {
          id: 'r',
          head: ['p', '1'],
          body: ['a', 'b', 'c', 'd'].map((name): [string, { var: string }] => ['p', { var: name }]),
          text: '',
          source: '',
        },
      ],
      bad: [],
    };
    const facts = large.facts;
    const certificate = certificateFile({ version: 1, worldDigest: digestOf(large), facts });
    // 1,000 ^ 4 ways to apply the rule: refused by count
    expect(verifyCertificate(worldFile(large), certificate)).toEqual({
      valid: false,
      reason: 'rule r has too many facts to check',
    });
  }, 60_000);

  it('is one file of at most 100 lines that imports nothing of ours', () => {
    const source = readFileSync(join(import.meta.dirname, 'check.ts'), 'utf8');
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(100);
    const imported = [...source.matchAll(/^import .* from '(.*)';$/gm)].map(([, from]) => from);
    expect(imported).toEqual(['node:crypto', 'node:fs']);
    expect(source).not.toMatch(/\bimport\(|\brequire\(/);
  });

  it('runs alone, wherever it lies', () => {
    cpSync(join(import.meta.dirname, 'check.ts'), join(folder, 'check.ts'));
    symlinkSync('check.ts', join(folder, 'link.ts'));
    writeFileSync(join(folder, 'world.json'), WORLD_FILE);
    writeFileSync(join(folder, 'certificate.json'), CERTIFICATE_FILE);
    writeFileSync(join(folder, 'wrong.json'), CERTIFICATE_FILE.replace('hook', 'hoax'));
    const run = (...words: string[]) => spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' });
    const said = execFileSync(process.execPath, ['link.ts', 'world.json', 'certificate.json'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(said).toBe('valid: 7 facts, closed under 3 rules, none of the 2 bad ones\n');
    const wrong = run('check.ts', 'world.json', 'wrong.json');
    expect([wrong.status, wrong.stdout]).toEqual([1, 'not valid: ["runs","hook","operator"] is missing\n']);
    expect(run('check.ts', 'world.json').status).toBe(1);
    expect(run('check.ts', 'world.json', 'absent.json').status).toBe(1);
  });
});
