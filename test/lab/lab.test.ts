/**
 * Real tools carry a payload out of cells, and are found; honest work is not. `RINGFENCE_LAB=whole` runs each act several times
 * and a few thousand honest flows, and writes docs/reference/flow-detection.md.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clopperPearson } from '../../src/evidence/coverage/index.ts';
import { page, type Results } from './report.ts';
import { makeWorld, type World, whyNot } from './world.ts';

const reason = whyNot() ?? (existsSync('/usr/sbin/sshd') ? undefined : 'OpenSSH’s server is not installed');
if (reason !== undefined) console.log(`lab: skipped, ${reason}`);
const whole = process.env.RINGFENCE_LAB === 'whole';

describe.skipIf(reason !== undefined)('the lab', () => {
  let world: World;
  let folder: string;
  let results: Results;

  beforeAll(async () => {
    world = makeWorld();
    folder = mkdtempSync(join(tmpdir(), 'ringfence-lab-'));
    chmodSync(folder, 0o755);
    try {
      // its install scripts only build optional native parts
      const words = [
        'install',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
        '--prefix',
        folder,
        'ssh2@1.17.0',
      ];
      execFileSync('npm', words, { stdio: 'ignore', timeout: 60_000 });
    } catch {
      console.log('lab: without ssh2, which could not be installed');
    }
    const output = join(folder, 'results.json');
    const main = join(import.meta.dirname, 'main.ts');
    const words = [
      'netns',
      'exec',
      world.outside,
      process.execPath,
      main,
      folder,
      world.inside,
      whole ? 'whole' : 'quick',
      output,
    ];
    const child = spawn('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (data: Buffer) => {
      said = (said + data.toString()).slice(-20_000);
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (code !== 0) throw new Error(`the lab ended with ${code}: ${said}`);
    results = JSON.parse(readFileSync(output, 'utf8')) as Results;
    if (process.env.RINGFENCE_LAB_SAVE)
      writeFileSync(process.env.RINGFENCE_LAB_SAVE, JSON.stringify(results));
    for (const { name, skipped } of results.acts)
      if (skipped !== undefined) console.log(`lab: ${name} skipped, ${skipped}`);
  }, 1_800_000);

  afterAll(() => {
    world?.remove();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  test('every act carries its payload where nothing answers, and is found', () => {
    const watched = results.acts.filter(({ skipped, policy }) => skipped === undefined && policy === 'watch');
    expect(watched.length).toBeGreaterThan(12);
    expect(watched.filter(({ carried }) => !carried)).toEqual([]);
    // one try of an act that is told in most tries says nothing
    for (const kind of new Set(watched.map((act) => act.kind))) {
      const tried = watched.filter((act) => act.kind === kind);
      if (tried.length < 3) continue;
      expect({ kind, found: tried.some((act) => act.found) }).toEqual({ kind, found: true });
    }
    // an act that is slowed down by a busy machine may look like something else
    const missed = watched.filter((act) => !act.found).map(({ name, detail }) => `${name}: ${detail}`);
    expect(missed.length, missed.join('\n')).toBeLessThan(0.1 * watched.length);
  });

  test('what is critical freezes the cell', () => {
    const answered = results.acts.filter(
      ({ policy, skipped }) => policy === 'respond' && skipped === undefined,
    );
    const critical = answered.filter(({ kind }) => /^reverse SSH|in the clear|plain reverse/.test(kind));
    expect(critical.length).toBeGreaterThan(4);
    for (const { name, froze } of critical)
      expect({ name, froze: froze !== undefined }).toEqual({ name, froze: true });
  });

  test('a thousand honest flows of forty kinds: no false alarm of a response, and few at all', () => {
    const flows = results.honest.reduce((sum, one) => sum + one.flows, 0);
    expect(flows).toBeGreaterThan(1000);
    const alarms = results.honest.flatMap(({ name, findings }) =>
      findings.map(({ rule, level, text }) => ({ level, told: `${name}: ${level} ${rule} ${text}` })),
    );
    const list = alarms.map(({ told }) => told).join('\n');
    // contracts freeze or alert at these unless told otherwise; what has no level is not forgiven
    const answered = alarms.filter(({ level }) => !['medium', 'low', 'informational'].includes(level ?? ''));
    expect(answered, list).toEqual([]);
    expect(alarms.length, list).toBeLessThanOrEqual(flows / 1000);
    for (const { name, carried, flows: opened } of results.honest)
      if (carried !== undefined) expect({ name, carried }).toEqual({ name, carried: opened });
    if (whole)
      writeFileSync(join(import.meta.dirname, '../../docs/reference/flow-detection.md'), page(results));
  });
});

describe('intervals', () => {
  test.each([
    [0, 10, 0, 0.3085],
    [10, 10, 0.6915, 1],
    [5, 10, 0.1871, 0.8129],
    [0, 1000, 0, 0.0037],
  ])('%i of %i lies in [%f, %f]', (k, n, low, high) => {
    const [from, to] = clopperPearson(k, n);
    expect(from).toBeCloseTo(low, 3);
    expect(to).toBeCloseTo(high, 3);
  });
});
