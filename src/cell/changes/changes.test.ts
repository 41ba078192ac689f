import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRecords } from './attributes.ts';
import { type Change, escapePath, type OverlayAttribute, type ReadAttributes, readChanges } from './index.ts';

let root: string;
let lower: string;
let upper: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'changes-'));
  [lower, upper] = [join(root, 'lower'), join(root, 'upper')];
  for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(root, name));
});
afterEach(() => {
  // the kernel leaves the overlay's own folder with mode 0, which an ordinary user cannot look into
  const own = join(root, 'work/work');
  if (existsSync(own)) chmodSync(own, 0o700);
  rmSync(root, { recursive: true, force: true });
});

const attribute = (path: string, name: string, value: string): OverlayAttribute => ({
  path: Buffer.from(path),
  name: `user.overlay.${name}`,
  value: Buffer.from(value),
});
const given =
  (...attributes: OverlayAttribute[]): ReadAttributes =>
  () => ({ ok: true, attributes });

const told = (changes: readonly Change[]) => changes.map(({ kind, shown }) => `${kind} ${shown}`);

it('names with variation selectors, fillers and odd spaces are escaped', () => {
  const name = Buffer.from('a\u{e0101}\ufe0f\u3164\u00a0b c');
  expect(escapePath(name)).toBe('a\\u{e0101}\\u{fe0f}\\u{3164}\\u{a0}b c');
});

it.each(['/../../etc', '../etc', '/a//b', '/', '.', '/a/./b', 'a/b', '/link/x'])(
  'a folder redirected to %s is forged',
  (target) => {
    mkdirSync(join(upper, 'folder'));
    mkdirSync(join(lower, 'folder'));
    symlinkSync('/etc', join(lower, 'link'));
    const attributes = given(attribute('folder', 'redirect', target));
    expect(() => readChanges({ lower, upper, attributes })).toThrow('is redirected to');
  },
);

describe('reading an upper directory', () => {
  it('lists additions, modifications, modes and links, and not what was only copied', () => {
    for (const name of ['same', 'content', 'mode']) writeFileSync(join(lower, name), 'old');
    for (const name of ['same', 'mode']) writeFileSync(join(upper, name), 'old');
    writeFileSync(join(upper, 'content'), 'new');
    chmodSync(join(upper, 'mode'), 0o755);
    symlinkSync('a', join(lower, 'link'));
    symlinkSync('b', join(upper, 'link'));
    mkdirSync(join(upper, 'folder'));
    writeFileSync(join(upper, 'folder/run'), 'x', { mode: 0o755 });
    linkSync(join(upper, 'folder/run'), join(upper, 'folder/run2'));
    const { changes, summary, complete } = readChanges({ lower, upper, attributes: given() });
    expect(told(changes)).toEqual([
      'modified content',
      'added folder',
      'added folder/run',
      'added folder/run2',
      'modified link',
      'mode mode',
    ]);
    expect(changes.filter(({ executable }) => executable).map(({ shown }) => shown)).toEqual([
      'folder/run',
      'folder/run2',
      'mode',
    ]);
    expect(changes[3]?.sameFileAs?.toString()).toBe('folder/run');
    expect(changes[4]?.after?.link?.toString()).toBe('b');
    expect(summary).toEqual({ added: 3, modified: 2, mode: 1, deleted: 0, renamed: 0, bytes: 4 });
    expect(complete).toBe(true);
  });

  it('expands deletions: whiteouts as attributes, opaque folders, folders that became files', () => {
    mkdirSync(join(lower, 'gone/deep'), { recursive: true });
    writeFileSync(join(lower, 'gone/deep/file'), '');
    writeFileSync(join(upper, 'gone'), '');
    writeFileSync(join(upper, 'never-there'), '');
    mkdirSync(join(lower, 'new/sub'), { recursive: true });
    for (const name of ['kept', 'lost', 'sub/lost']) writeFileSync(join(lower, 'new', name), 'x');
    mkdirSync(join(upper, 'new/sub'), { recursive: true });
    writeFileSync(join(upper, 'new/kept'), 'x');
    mkdirSync(join(lower, 'swap'));
    writeFileSync(join(lower, 'swap/inside'), '');
    writeFileSync(join(upper, 'swap'), 'now a file');
    const attributes = given(
      attribute('gone', 'whiteout', ''),
      attribute('never-there', 'whiteout', ''),
      attribute('new', 'opaque', 'y'),
    );
    expect(told(readChanges({ lower, upper, attributes }).changes)).toEqual([
      'deleted gone',
      'deleted gone/deep',
      'deleted gone/deep/file',
      'deleted new/lost',
      'deleted new/sub/lost',
      'modified swap',
      'deleted swap/inside',
    ]);
  });

  it('tells a renamed folder once, and hides no deletion behind it', () => {
    for (const name of ['a', 'b']) {
      mkdirSync(join(lower, name));
      for (const file of ['one', 'two']) writeFileSync(join(lower, name, file), name);
    }
    // a → c, b → a, and then a/one (that was b/one) is removed
    for (const name of ['a', 'c']) mkdirSync(join(upper, name));
    writeFileSync(join(upper, 'b'), '');
    writeFileSync(join(upper, 'a/one'), '');
    const attributes = given(
      attribute('c', 'redirect', '/a'),
      attribute('a', 'redirect', 'b'),
      attribute('b', 'whiteout', ''),
      attribute('a/one', 'whiteout', ''),
    );
    const { changes } = readChanges({ lower, upper, attributes });
    expect(told(changes)).toEqual(['renamed a', 'deleted a/one', 'renamed c']);
    expect(changes.map(({ from }) => from?.toString())).toEqual(['b', undefined, 'a']);
  });

  it('keeps names that are not UTF-8 and shows them safely', () => {
    const name = Buffer.from([0x66, 0xff, 0x1b, 0x5b, 0x0a]);
    writeFileSync(Buffer.concat([Buffer.from(`${upper}/`), name]), '');
    const [change] = readChanges({ lower, upper, attributes: given() }).changes;
    expect(change?.path.equals(name)).toBe(true);
    expect(change?.shown).toBe('f\\xff\\x1b[\\n');
    expect(escapePath(Buffer.from('é\u202etxt.\u200bgpj\\'))).toBe('é\\u{202e}txt.\\u{200b}gpj\\\\');
  });

  it('notices that the original changed during the run', () => {
    writeFileSync(join(lower, 'a'), 'old');
    writeFileSync(join(upper, 'a'), 'by the agent');
    const before = { lower, upper, attributes: given(), startedAt: Date.now() - 60_000 };
    const after = { ...before, startedAt: Date.now() + 60_000 };
    expect(readChanges(before).originalChanged.map(String)).toEqual(['a']);
    expect(readChanges(after).originalChanged).toEqual([]);
  });

  it('says when it could not read the marks', () => {
    const attributes: ReadAttributes = () => ({ ok: false, reason: 'no tool' });
    expect(readChanges({ lower, upper, attributes })).toMatchObject({ complete: false, reason: 'no tool' });
  });

  it('parses records and refuses cut ones', () => {
    const output = Buffer.from('/x/up/d\0trusted.overlay.opaque\x0079\0./e\0user.overlay.redirect\x002f61\0');
    expect(parseRecords(output, '/x/up')).toEqual({
      ok: true,
      attributes: [
        { path: Buffer.from('d'), name: 'trusted.overlay.opaque', value: Buffer.from('y') },
        { path: Buffer.from('e'), name: 'user.overlay.redirect', value: Buffer.from('/a') },
      ],
    });
    expect(parseRecords(output.subarray(0, -1), '/x/up').ok).toBe(false);
  });
});

/** Attributes by Python, in the launcher's format: an independent reader for the test. */
const byPython: ReadAttributes = (directory) => {
  const script = `
import os, sys
top = os.fsencode(sys.argv[1])
out = sys.stdout.buffer
def tell(path):
    for name in os.listxattr(path, follow_symlinks=False):
        if '.overlay.' in name:
            value = os.getxattr(path, name, follow_symlinks=False)
            out.write(path + b'\\0' + name.encode() + b'\\0' + value.hex().encode() + b'\\0')
for folder, folders, files in os.walk(top):
    tell(folder)
    for name in files: tell(os.path.join(folder, name))
`;
  return parseRecords(execFileSync('python3', ['-c', script, directory]), directory);
};

const SESSION = `
set -e
cd "$1"
rm file
rm -r folder
mkdir folder
echo fresh > folder/new
mv moved-from moved-to
rm moved-to/one
chmod +x script
echo changed >> content
touch untouched
ln -s content link
`;

describe.each([
  { mode: 'userxattr', options: 'userxattr', root: false },
  { mode: 'trusted with redirects', options: 'redirect_dir=on', root: true },
])('a real overlay, $mode', ({ options, root: needsRoot }) => {
  const isRoot = process.getuid?.() === 0;
  const namespace = isRoot ? ['-m'] : ['-Urm'];
  const missing =
    spawnSync('python3', ['--version']).status !== 0
      ? 'no python3 to read attributes'
      : needsRoot && !isRoot
        ? 'needs root'
        : spawnSync('unshare', [...namespace, 'true']).status !== 0
          ? 'no mount namespace'
          : undefined;
  if (missing) console.log(`overlay with ${options} is not tried: ${missing}`);

  it.skipIf(missing)('is read as what was done', () => {
    for (const name of ['file', 'script', 'content', 'untouched']) writeFileSync(join(lower, name), name);
    for (const name of ['folder', 'moved-from']) {
      mkdirSync(join(lower, name));
      for (const file of ['one', 'two']) writeFileSync(join(lower, name, file), file);
    }
    const merged = join(root, 'merged');
    const layers = `lowerdir=${lower},upperdir=${upper},workdir=${join(root, 'work')},${options}`;
    const mounting = `mount -t overlay overlay -o "$2" "$1"\n${SESSION}`;
    // a session of `mv` within an overlay that refuses redirects copies: a rename is then additions and deletions
    execFileSync('unshare', [...namespace, 'sh', '-c', mounting, 'sh', merged, layers]);
    const { changes, complete } = readChanges({ lower, upper, attributes: byPython });
    expect(complete).toBe(true);
    const moved = needsRoot
      ? ['renamed moved-to', 'deleted moved-to/one']
      : [
          'deleted moved-from',
          'deleted moved-from/one',
          'deleted moved-from/two',
          'added moved-to',
          'added moved-to/two',
        ];
    expect(told(changes).sort()).toEqual(
      [
        'modified content',
        'deleted file',
        'added folder/new',
        'deleted folder/one',
        'deleted folder/two',
        'added link',
        'mode script',
        ...moved,
      ].sort(),
    );
  });
});
