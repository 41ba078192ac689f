import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Contract, Plan, SecretRule } from '../../contract/index.ts';
import { exposure, placeholders, readSecrets } from './secrets.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-secrets-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const VALUE = 'canary-0123456789';
const rule = (given: Partial<SecretRule> = {}): SecretRule => ({
  for: ['api.example.com'],
  as: 'bearer',
  ...given,
});

function read(secrets: Record<string, SecretRule>, env: Record<string, string> = {}) {
  return readSecrets({ contract: { secrets } as Contract, base: folder, home: folder, env });
}

function put(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe('where values come from', () => {
  test('the variable of its name, another, or a file without its last line break', () => {
    const from = (source: string) => rule({ from: source });
    put('token', `${VALUE}\n`);
    put('windows', `${VALUE}\r\n`);
    put('two', `${VALUE}\n\n`);
    const values = (secrets: Record<string, SecretRule>) => {
      const found = read(secrets, { T: VALUE, OTHER: 'another-value' });
      return found.ok ? found.secrets.map(({ value }) => value) : found.problem;
    };
    expect(values({ T: rule() })).toEqual([VALUE]);
    expect(values({ T: from('env:OTHER') })).toEqual(['another-value']);
    expect(
      values({ A: from('file:token'), B: from('file:~/windows'), C: from(`file:${folder}/token`) }),
    ).toEqual([VALUE, VALUE, VALUE]);
    expect(values({ T: from('file:two') })).toMatch(/control characters/);
  });

  test.each<[string, Partial<SecretRule>, Record<string, string>, RegExp]>([
    ['absent', {}, {}, /variable T is not set/],
    ['empty', {}, { T: '' }, /variable T is empty/],
    ['too short', {}, { T: 'short' }, /fewer than 8/],
    ['too long', {}, { T: 'x'.repeat(16_385) }, /more than 16384/],
    ['a line break', {}, { T: 'one-line\nsecond-line' }, /control characters/],
    [
      'a header of its own',
      { as: 'header', name: 'X-A' },
      { T: 'value\r\nX-Admin: 1' },
      /control characters/,
    ],
    ['NUL', { as: 'query', name: 'k' }, { T: 'value\u0000value' }, /control characters/],
    ['C1 controls', { as: 'query', name: 'k' }, { T: 'value\u0085value' }, /control characters/],
    ['no ASCII', {}, { T: 'geheimnis-für-alle' }, /plain ASCII/],
    ['space around it', {}, { T: ' padded-value' }, /plain ASCII/],
    ['no file', { from: 'file:absent' }, {}, /ENOENT/],
    ['a folder', { from: 'file:.' }, {}, /not a regular file|EISDIR/],
    ['a device', { from: 'file:/dev/zero' }, {}, /not a regular file/],
  ])('%s is refused, and the value not said', (_, given, env, problem) => {
    const found = read({ T: rule(given) }, env);
    if (found.ok) throw new Error('it was accepted');
    expect(found.problem).toMatch(problem);
    expect(found.field).toBe(given.from === undefined ? 'secrets.T' : 'secrets.T.from');
    const value = env.T ?? '';
    if (value !== '') expect(found.problem + found.hint).not.toContain(value);
  });

  test('broken text in a file is refused', () => {
    put('binary', Buffer.from([0xff, 0xfe, 1, 2, 3, 4, 5, 6, 7, 8]));
    expect(read({ T: rule({ from: 'file:binary' }) })).toMatchObject({ ok: false });
  });

  test('placeholders say nothing of the value, not even its length', () => {
    const found = read({ A: rule(), B: rule({ as: 'query', name: 'k' }) }, { A: VALUE, B: 'x'.repeat(4000) });
    if (!found.ok) throw new Error(found.problem);
    const inside = Object.values(placeholders(found.secrets));
    expect(new Set(inside.map(({ length }) => length)).size).toBe(1);
    expect(new Set(inside).size).toBe(2);
    for (const placeholder of inside) expect(placeholder).toMatch(/^ringfence-placeholder-[0-9a-f]{24}$/);
  });
});

describe('what a plan would show', () => {
  const held = (source?: string) => [
    {
      name: 'T',
      hosts: ['api.example.com'],
      as: 'bearer' as const,
      value: VALUE,
      placeholder: 'p',
      ...(source && { source }),
    },
  ];
  const workspace = () => {
    const path = mkdtempSync(join(folder, 'workspace-'));
    mkdirSync(join(path, 'private'));
    return path;
  };

  test('a source in the workspace, unless it is hidden', () => {
    const project = workspace();
    const plan: Plan = [['overlay', project, project, '/upper', '/work', '-']];
    const source = join(project, 'private/token');
    expect(exposure(plan, held(source), project)).toMatchObject({ field: 'secrets.T', hint: /files\.hide/ });
    expect(exposure([...plan, ['mask', join(project, 'private')]], held(source), project)).toBeUndefined();
    expect(exposure([...plan, ['mask', join(project, 'private/tok')]], held(source), project)).toBeDefined();
    expect(exposure(plan, held('/elsewhere/token'), project)).toBeUndefined();
  });

  test('a source below anything that is mounted, at whatever place', () => {
    const plan: Plan = [
      ['bind', '/home/me/tools', '/opt/tools', 'ro', '-'],
      ['layer', '/srv/data', '/srv/data', '-'],
    ];
    expect(exposure(plan, held('/home/me/tools/token'), '/w')?.problem).toContain('would be visible inside');
    expect(exposure(plan, held('/srv/data/token'), '/w')).toBeDefined();
    expect(exposure(plan, held('/home/me/tools2/token'), '/w')).toBeUndefined();
    expect(
      exposure([...plan, ['mask', '/opt/tools/token']], held('/home/me/tools/token'), '/w'),
    ).toBeUndefined();
  });

  test('a value in a variable, an argument or a copied file', () => {
    const hex = Buffer.from(`key = ${VALUE}\n`).toString('hex');
    expect(exposure([['env', `OTHER=x${VALUE}`]], held(), '/w')?.problem).toContain('the variable OTHER');
    expect(exposure([['arg', `=--header=Bearer ${VALUE}`]], held(), '/w')?.problem).toContain('the command');
    expect(exposure([['file', '/etc/npmrc', '644', hex, 'setup']], held(), '/w')?.problem).toContain(
      '/etc/npmrc',
    );
    expect(exposure([['env', `OTHER=x${VALUE}`]], held(), '/w')?.problem).not.toContain(VALUE);
  });

  test('a value in one of the project’s usual files, link or not, unless it is hidden', () => {
    const project = workspace();
    writeFileSync(join(project, 'real'), `TOKEN=${VALUE}\n`);
    symlinkSync('real', join(project, '.env'));
    expect(exposure([], held(), project)?.problem).toContain('.env');
    expect(exposure([['mask', join(project, '.env')]], held(), project)).toBeUndefined();
    expect(readFileSync(join(project, 'real'), 'utf8')).toContain(VALUE);
  });
});
