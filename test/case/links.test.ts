/**
 * A copy of the installation whose safety case is green: after any one byte of what the case rests on, it is red and names the link, and the
 * commands that it names make it green again. As root and as an ordinary user.
 */
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { SafetyCase } from '../../src/evidence/case/index.ts';
import { identities, Place, ROOT } from '../run/place.ts';

/** What a package holds. */
const PARTS = ['ringfence', 'package.json', 'dist', 'rules', 'claims', 'scenarios', 'contracts'];
const TRIED = 'persistence.git-hook';
const BORNE = ['compute-diversion', 'grader-tampering', 'deception', 'coercion'];
const CONTRACT = `ringfence: 1
name: copied
accept:
${BORNE.map((hazard) => `  - { hazard: ${hazard}, reason: this contract is only there to be tested }`).join('\n')}
`;

const HOSTILE = '</bdi><script>pwned=1</script>{{7*7}}';

interface Installed {
  readonly place: Place;
  readonly root: string;
  readonly contract: string;
}

const ringfence = ({ place, root }: Installed, ...words: string[]) =>
  place.start([process.execPath, join(root, 'dist/cli.js'), ...words], { within: 120 }).result;

async function caseOf(
  installed: Installed,
  ...options: string[]
): Promise<{ value: SafetyCase; code: number | null }> {
  const { stdout, stderr, code } = await ringfence(
    installed,
    'case',
    installed.contract,
    '--json',
    ...options,
  );
  if (stdout === '') throw new Error(stderr);
  return { value: JSON.parse(Buffer.from(stdout, 'latin1').toString()) as SafetyCase, code };
}

/** The commands that the case names for what is red, each once. */
function namedBy({ hazards, links }: SafetyCase): string[][] {
  const red = links.filter(({ state }) => state === 'stale').map(({ command }) => command);
  const lacking = hazards.flatMap(({ problems }) =>
    problems.flatMap(({ command }) => (command ? [command] : [])),
  );
  return [...new Map([...red, ...lacking].map((words) => [words.join(' '), words])).values()];
}

const staleIn = ({ links }: SafetyCase) =>
  links
    .filter(({ state }) => state === 'stale')
    .map(({ id, changed }) => [id, changed.map(({ name }) => name)]);

/** One byte more at the end: a comment in YAML, nothing at all behind an ELF file’s last section. */
const addByte = (file: string) => appendFileSync(file, '#');

describe.each(identities())('as %s, the case of a copied installation', (identity) => {
  const place = new Place(identity);
  const root = join(place.root, 'installed');
  const contract = join(place.project, 'ringfence.yaml');
  const installed: Installed = { place, root, contract };
  afterAll(() => place.remove());

  beforeAll(async () => {
    mkdirSync(root, { mode: 0o755 });
    for (const part of PARTS) cpSync(join(ROOT, part), join(root, part), { recursive: true });
    // where the build brought no proofs of filters, z3 makes them
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    place.file(contract, CONTRACT);
    const none = await caseOf(installed);
    expect(none.code).toBe(1);
    await ringfence(installed, 'attack', '--targets', 'ringfence', '--scenarios', TRIED);
    for (const words of namedBy((await caseOf(installed)).value)) await ringfence(installed, ...words);
    const { value, code } = await caseOf(installed);
    expect(value.hazards.flatMap(({ problems }) => problems)).toEqual([]);
    expect(code).toBe(0);
  }, 240_000);

  const reproduction = `reproduction:${TRIED}`;
  /** What the case rests on → its file, and the links that are stale when it is another. */
  const RESTS: readonly (readonly [string, string, readonly (readonly [string, string])[]])[] = [
    [
      'the contract',
      contract,
      [
        ['proof', 'contract'],
        ['read-back', 'contract'],
      ],
    ],
    ['a rule', join(root, 'rules/detections/escape.yml'), [[reproduction, 'rules/detections/escape.yml']]],
    ['a scenario', join(root, 'scenarios', `${TRIED}.yaml`), [[reproduction, `scenarios/${TRIED}`]]],
    ['a claim', join(root, 'claims/sandbox-escape.yaml'), [['review', 'claims/sandbox-escape']]],
    [
      'the launcher',
      join(root, 'dist/native', `linux-${process.arch}`, 'ringfence-cell'),
      [
        ['proof', 'launcher'],
        ['read-back', 'launcher'],
        [reproduction, 'launcher'],
      ],
    ],
  ];

  test.each(RESTS)(
    'is red after a byte of %s, and names the link',
    async (_name, file, stale) => {
      const before = readFileSync(file);
      addByte(file);
      const { value, code } = await caseOf(installed);
      writeFileSync(file, before);
      expect(code).toBe(1);
      expect(value.verdict).toBe('not supported');
      expect(staleIn(value)).toEqual(stale.map(([link, subject]) => [link, [subject]]));
    },
    60_000,
  );

  it('is green again after what it names, when all of these are others', async () => {
    for (const [, file] of RESTS) addByte(file);
    const { stdout, code } = await ringfence(installed, 'case', contract);
    expect(code).toBe(1);
    expect(stdout.replace(/\s+/g, ' ').match(/is stale: changed since: /g)).toHaveLength(4);
    for (const words of namedBy((await caseOf(installed)).value)) await ringfence(installed, ...words);
    const green = await caseOf(installed);
    expect(staleIn(green.value)).toEqual([]);
    expect(green.code).toBe(0);
  }, 240_000);

  it('is red where evidence was altered, with an exit code of its own', async () => {
    const folder = join(place.state, 'ringfence/attestations');
    const [name = ''] = readdirSync(folder).filter((one) => one.startsWith('review.'));
    const file = join(folder, name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"payload":"e', '"payload":"f'));
    const { value, code } = await caseOf(installed);
    expect(code).toBe(4);
    expect(value.damaged.map((one) => one.file)).toEqual([file]);
    writeFileSync(file, text);
    expect((await caseOf(installed)).code).toBe(0);
  }, 60_000);

  it('shows hostile text as text', async () => {
    const reason = `${HOSTILE} is a reason of more than five words`;
    const hostile = CONTRACT.replace(
      'reason: this contract is only there to be tested',
      `reason: ${JSON.stringify(reason)}`,
    );
    place.file(contract, `${hostile}objective: { task: ${JSON.stringify(HOSTILE)} }\n`);
    const page = join(place.project, 'case.html');
    const { code } = await ringfence(installed, 'case', contract, '--output', page);
    expect(code).toBe(1);
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('&lt;script&gt;pwned=1&lt;/script&gt;');
    expect(html.match(/<script/g)).toHaveLength(1);
  }, 60_000);
});
