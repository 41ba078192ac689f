/**
 * `watch` and `trace` over real runs.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identities, Place, ROOT } from '../run/place.ts';

const RULE = `title: A canary is executed
id: 0f5a1c2e-6d4b-4c59-9f2e-2f6e3d5b7a01
status: stable
logsource: { category: process_creation }
detection:
  canary: { CommandLine|contains: canary-word }
  condition: canary
level: critical
ringfence: { hazard: sabotage, limit: only this word }
`;

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  function rules(text: string): string {
    const folder = join(place.root, 'rules');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'canary.yml'), text);
    return folder;
  }

  test('an old run is judged by new rules, and its finding says what shows it', async () => {
    await place.run(['sh', '-c', 'env echo canary-word; env echo canary-word']);
    const folder = rules(RULE);
    const { code, stdout, stderr } = await place.command('watch', '--replay', '--rules', folder, '--json');
    expect(code, stderr).toBe(1);
    const replayed = JSON.parse(stdout);
    expect(replayed).toMatchObject({ failed: [], sameContract: true });
    expect(replayed.findings[0]).toMatchObject({ kind: 'finding', hazard: 'sabotage', level: 'critical' });
    const [seq] = replayed.findings[0].cites;

    const text = await place.command('watch', '--replay', '--rules', folder);
    expect(text.stdout).toContain('sabotage');
    expect(text.stdout).toContain('shown by');

    const trace = await place.command('trace', String(seq), '--json');
    expect(trace.code, trace.stderr).toBe(0);
    const { up } = JSON.parse(trace.stdout);
    expect(up.at(-1)).toMatchObject({ what: 'process' });
    expect(up.at(-1).seqs).toContain(seq);
    expect((await place.command('trace', '999999')).code).toBe(1);
  });

  test('without --rules an old run is judged by those of this installation, whose digest is told', async () => {
    const { digest } = JSON.parse(readFileSync(join(ROOT, 'dist/rules.json'), 'utf8')) as { digest: string };
    await place.run(['sh', '-c', 'env nsenter --target 1 --mount true; exit 0']);
    const live = place.lastRecord().findings.map(({ rule }) => rule);
    expect(live).toContain('escape.command');
    const { code, stdout, stderr } = await place.command('watch', '--replay', '--json');
    expect(code, stderr).toBe(1);
    const replayed = JSON.parse(stdout) as {
      rules: string;
      failed: [];
      findings: { rule: string; us?: number }[];
    };
    expect(replayed).toMatchObject({ rules: digest, failed: [] });
    expect(replayed.findings.map(({ rule }) => rule)).toEqual(live);
    const text = await place.command('watch', '--replay');
    expect(text.stdout).toContain(`judged by the rules of this installation (SHA-256 ${digest})`);
    const missing = await place.command('watch', '--replay', '--rules', join(place.root, 'none'));
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('there is no such file or folder');
    expect(missing.stderr).not.toContain('ENOENT');
  });

  test('honest work has nothing, and a rule that cannot be read is an error, not silence', async () => {
    await place.run(['sh', '-c', 'env true']);
    const clean = await place.command('watch', '--replay', '--rules', rules(RULE));
    expect(clean.code, clean.stdout + clean.stderr).toBe(0);
    expect(clean.stdout).toContain('nothing found');
    const broken = await place.command('watch', '--replay', '--rules', rules('title: x\n'));
    expect(broken.code).toBe(2);
    expect(broken.stderr).toContain('canary.yml');
    expect((await place.command('watch', '--rules', '/')).code).toBe(2);
  });
});
