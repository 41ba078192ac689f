import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, test } from 'vitest';
import { parseContract } from '../../contract/index.ts';
import { parseMaximum } from '../../contract/maximum.ts';
import { type ContainmentOptions, exceeds } from './index.ts';

function found(contract: string, maximum: string, options: ContainmentOptions = {}) {
  const given = parseContract(`ringfence: 1\nname: t\n${contract}\n`, 'c.yaml');
  const limit = parseMaximum(`ringfence: 1\n${maximum}\n`, 'm.yaml');
  if (!given.ok || !limit.ok) throw new Error('not valid');
  const { beyond, undecided } = exceeds(given.contract, limit.maximum, {
    home: '/home/operator',
    folder: '/srv/project',
    ...options,
  });
  expect(undecided).toEqual([]);
  return beyond.map(({ clause, witness }) => `${clause}: ${witness}`);
}

describe('a workspace below that of the maximum', () => {
  test.each([
    ['may write all of it, where the maximum may', 'files: { workspace: app }', '', []],
    [
      'may write what the maximum may there',
      'files: { workspace: app, write: [src/**] }',
      'files: { write: [app/**] }',
      [],
    ],
    [
      'may not write what is called the same elsewhere',
      'files: { workspace: app, write: [src/**] }',
      'files: { write: [src/**] }',
      ['files.write[0]: app/src/a'],
    ],
    [
      'hides what is hidden there',
      'files: { workspace: app, hide: [secrets/**] }',
      'files: { hide: [app/secrets/**, other/**] }',
      [],
    ],
    [
      'hides nothing by a name that is right from the maximum’s workspace alone',
      'files: { workspace: app, hide: [app/secrets/**] }',
      'files: { hide: [app/secrets/**] }',
      ['files.hide: app/secrets'],
    ],
    [
      'is not shown where it is hidden itself',
      'files: { workspace: app, hide: [app/**] }',
      'files: { hide: [app] }',
      ['files.hide: app/a'],
    ],
    [
      'protects what is protected there',
      'files: { workspace: app }\nobjective: { success: { run: x, protect: [app/test/**] } }',
      'objective: { success: { run: x, protect: [app/test/**] } }',
      ['objective.success.protect: app/test/a'],
    ],
    [
      'has a name, not a pattern',
      'files: { workspace: "a*", write: [src/**] }',
      'files: { write: [ab/**] }',
      ['files.write[0]: a*/src/a'],
    ],
  ])('%s', (_, contract, maximum, expected) => {
    expect(found(contract, maximum)).toEqual(expected);
  });

  it('leaves patterns as they are where any folder may be the workspace', () => {
    const limit = 'files: { workspace: any, hide: [.env] }';
    expect(found('files: { workspace: app, hide: [.env] }', limit)).toEqual([]);
  });
});

describe('links', () => {
  let folder: string;
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const at = (...parts: string[]) => join(folder, ...parts);
  const made = () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'ringfence-links-')));
    for (const name of ['project/src', 'elsewhere', 'home/.config/tool', 'home/.ssh'])
      mkdirSync(at(name), { recursive: true });
    writeFileSync(at('home/.ssh/id'), 'x');
    symlinkSync('../elsewhere', at('project/link'));
    symlinkSync('src', at('project/inner'));
    symlinkSync('../../.ssh/id', at('home/.config/tool/settings'));
    const realPath = (path: string) => {
      try {
        return realpathSync(path);
      } catch {
        return undefined;
      }
    };
    return { folder: at('project'), home: at('home'), realPath };
  };

  it('of a workspace that lead out of the maximum’s are found', () => {
    const options = made();
    expect(found('files: { workspace: link }', '', options)).toEqual([`files.workspace: ${at('elsewhere')}`]);
    expect(found('files: { workspace: inner }', '', options)).toEqual([]);
    expect(found('files: { workspace: inner, hide: [a] }', 'files: { hide: [src/a] }', options)).toEqual([]);
    expect(found('files: { workspace: absent }', '', options)).toEqual([]);
  });

  it('of what is read that lead elsewhere are found', () => {
    const options = made();
    const read = (path: string) => `files: { read: [${path}] }`;
    expect(found(read('~/.config/tool/settings'), read('~/.config'), options)).toEqual([
      `files.read[0]: ${at('home/.ssh/id')}`,
    ]);
    expect(found(read('~/.config/tool/settings'), read('~/.config/tool/settings'), options)).toEqual([]);
    expect(found(read('~/.config/tool'), read('~/.config'), options)).toEqual([]);
    expect(found(read('~/.config/absent'), read('~/.config'), options)).toEqual([]);
  });
});
