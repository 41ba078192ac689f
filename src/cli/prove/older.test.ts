/** What a change in the working tree could do to what it is compared with. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadOlder } from './older.ts';

const CONTRACT = (name: string) => `ringfence: 1\nname: ${name}\n`;
const NO_GIT = (() => {
  try {
    execFileSync('git', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    console.warn('skipped: git is not installed');
    return true;
  }
})();

let top: string;
let before: string;
const at = (...parts: string[]) => join(top, ...parts);

function git(folder: string, ...command: string[]): void {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'protocol.file.allow=always'];
  execFileSync('git', ['-C', folder, ...who, ...command], {
    stdio: 'ignore',
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  });
}

function commitAll(folder: string): void {
  git(folder, 'add', '.');
  git(folder, 'commit', '-q', '-m', 'a');
}

describe.skipIf(NO_GIT)('the older contract', () => {
  beforeEach(() => {
    before = process.cwd();
    top = realpathSync(mkdtempSync(join(tmpdir(), 'ringfence-older-')));
    mkdirSync(at('contracts'));
    mkdirSync(at('examples'));
    writeFileSync(at('ringfence.yaml'), CONTRACT('top'));
    writeFileSync(at('contracts/agent.yaml'), CONTRACT('strict'));
    writeFileSync(at('examples/agent.yaml'), CONTRACT('loose'));
    git(top, 'init', '-q', '-b', 'main');
    commitAll(top);
    process.chdir(top);
  });
  afterEach(() => {
    process.chdir(before);
    rmSync(top, { recursive: true, force: true });
  });

  const nameOf = (old: string, file = 'ringfence.yaml'): string => {
    const loaded = loadOlder(old, file);
    return loaded.ok ? loaded.contract.name : (loaded.problems[0]?.message ?? '');
  };

  it('is a file, or what git has in the same folder', () => {
    writeFileSync('old.yaml', CONTRACT('old'));
    expect(nameOf('old.yaml')).toBe('old');
    expect(nameOf('main')).toBe('top');
    expect(nameOf('HEAD', 'contracts/agent.yaml')).toBe('strict');
    expect(nameOf('main:examples/agent.yaml')).toBe('loose');
    expect(nameOf('git:main:./../examples/agent.yaml', 'contracts/agent.yaml')).toBe('loose');
  });

  it('is a file outside of any repository', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ringfence-none-')));
    try {
      process.chdir(folder);
      writeFileSync('main', CONTRACT('file'));
      expect(nameOf('main')).toBe('file');
      expect(() => nameOf('git:main')).toThrow('not a git repository');
    } finally {
      process.chdir(top);
      rmSync(folder, { recursive: true });
    }
  });

  it('is not a file that took the name of a revision', () => {
    git(top, 'update-ref', 'refs/remotes/origin/main', 'HEAD');
    mkdirSync('origin');
    for (const name of ['main', 'origin/main', 'main:ringfence.yaml'])
      writeFileSync(name, CONTRACT('planted'));
    for (const name of ['main', 'origin/main', 'main:ringfence.yaml']) {
      expect(() => nameOf(name)).toThrow('a file here, and a revision');
      expect(nameOf(`git:${name}`)).toBe('top');
      expect(nameOf(`./${name}`)).toBe('planted');
    }
  });

  it('is not of a folder that looks like a repository', () => {
    const other = at('other');
    cpSync(at('.git'), other, { recursive: true });
    cpSync(other, at('contracts'), { recursive: true });
    rmSync(other, { recursive: true });
    git(top, 'config', 'core.bare', 'false');
    writeFileSync(at('contracts/config'), '[core]\n\tbare = true\n\trepositoryformatversion = 0\n');
    expect(() => nameOf('main', 'contracts/agent.yaml')).toThrow('cannot use bare repository');
    writeFileSync('main', CONTRACT('planted'));
    expect(() => nameOf('main', 'contracts/agent.yaml')).toThrow('cannot use bare repository');
  });

  it('is not of a folder that a link leads to', () => {
    rmSync('contracts', { recursive: true });
    symlinkSync('examples', 'contracts');
    expect(() => nameOf('main', 'contracts/agent.yaml')).toThrow('reached through a link');
    expect(nameOf('main:contracts/agent.yaml', 'contracts/agent.yaml')).toBe('strict');
    // links above the repository lead to the same one
    const link = `${top}-link`;
    symlinkSync(top, link);
    try {
      expect(nameOf('main', join(link, 'examples/agent.yaml'))).toBe('loose');
      expect(nameOf('main', join(link, 'ringfence.yaml'))).toBe('top');
    } finally {
      rmSync(link);
    }
  });

  it('is not of a repository within this one', () => {
    const other = realpathSync(mkdtempSync(join(tmpdir(), 'ringfence-other-')));
    try {
      git(other, 'init', '-q', '-b', 'main');
      writeFileSync(join(other, 'agent.yaml'), CONTRACT('planted'));
      commitAll(other);
      git(top, 'rm', '-rq', 'contracts');
      git(top, 'submodule', 'add', '-q', other, 'contracts');
      expect(() => nameOf('main', 'contracts/agent.yaml')).toThrow('a repository of its own');
      process.chdir('contracts');
      expect(nameOf('main', 'agent.yaml')).toBe('planted');
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  it('is no option, nothing huge and nothing that was replaced', () => {
    for (const name of ['-h', '--output=x', 'git:--textconv', ':ringfence.yaml'])
      expect(() => nameOf(name)).toThrow('no file and no revision');
    writeFileSync('ringfence.yaml', `# ${'x'.repeat(3_000_000)}\n${CONTRACT('huge')}`);
    commitAll(top);
    expect(() => nameOf('HEAD')).toThrow('larger than a contract');
    writeFileSync('ringfence.yaml', CONTRACT('planted'));
    commitAll(top);
    git(top, 'replace', 'HEAD~2', 'HEAD');
    expect(nameOf('HEAD~2')).toBe('top');
  });
});
