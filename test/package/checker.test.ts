/**
 * The checker of certificates is shipped as one file, which accepts what `prove --certificate` writes and needs nothing else.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'ringfence-checker-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (command: string, words: string[]) =>
  spawnSync(command, words, { cwd: folder, encoding: 'utf8' });

it('checks by itself what prove writes, and rejects what was changed', () => {
  writeFileSync(join(folder, 'c.yaml'), 'ringfence: 1\nname: t\nnever: [exfiltration, escape]\n');
  const proved = run(join(ROOT, 'ringfence'), ['prove', '--certificate', 'proof', 'c.yaml']);
  expect([proved.status, proved.stderr]).toEqual([0, expect.stringContaining('check-certificate.mjs')]);
  cpSync(join(ROOT, 'dist', 'check-certificate.mjs'), join(folder, 'alone.mjs'));
  const check = (certificate: string) => {
    const { status, stdout, stderr } = run(process.execPath, ['alone.mjs', 'proof/world.json', certificate]);
    expect(stderr).toBe('');
    return [status, stdout];
  };
  expect(check('proof/certificate.json')).toEqual([0, expect.stringMatching(/^valid: \d+ facts, .*\n$/)]);
  const text = readFileSync(join(folder, 'proof', 'certificate.json'), 'utf8');
  writeFileSync(join(folder, 'changed.json'), text.replace('["runs","agent"]', '["runs","nobody"]'));
  expect(check('changed.json')).toEqual([1, expect.stringMatching(/^not valid: .*\n$/)]);
  expect(check('absent.json')[0]).toBe(1);
}, 60_000);

it('is short enough to be read', () => {
  const lines = readFileSync(join(ROOT, 'dist', 'check-certificate.mjs'), 'utf8').split('\n');
  expect(lines.length).toBeLessThanOrEqual(100);
  expect(lines.some((line) => line.length > 160)).toBe(false);
});
