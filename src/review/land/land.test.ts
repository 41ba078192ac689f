import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Item, sameContentAs, sameState, stateAt } from '../set/index.ts';
import { journalPath, land, recover, undoItems } from './index.ts';

let root: string;
let workspace: string;
let wanted: string;
let runFolder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'land-'));
  [workspace, wanted, runFolder] = [join(root, 'w'), join(root, 'n'), join(root, 'r')];
  for (const path of [workspace, wanted, runFolder]) mkdirSync(path);
});
afterEach(() => removeTree(root));

/** Folders that are closed even to their owner are part of these trees. */
function removeTree(path: string): void {
  spawnSync('chmod', ['-R', 'u+rwX', path], { stdio: 'ignore' });
  rmSync(path, { recursive: true, force: true });
}

/** A tree as text: types, modes, targets, content digests. */
const treeOf = (path: string): string =>
  execFileSync(
    'sh',
    [
      '-c',
      'cd "$1" && find . -printf "%p %y %m %l\\n" | sort && find . -type f -exec sha256sum {} + | sort',
      'sh',
      path,
    ],
    { encoding: 'utf8' },
  );

function build(path: string, script: string): void {
  execFileSync('sh', ['-ec', script], { cwd: path });
}

/** Items that make `wanted` of `workspace`. */
function itemsBetween(): Item[] {
  const names = (path: string) =>
    execFileSync('find', ['.', '-mindepth', '1', '-printf', '%P\\0'], { cwd: path })
      .toString('latin1')
      .split('\0')
      .filter((name) => name !== '');
  const items: Item[] = [];
  for (const name of new Set([...names(workspace), ...names(wanted)])) {
    const path = Buffer.from(name, 'latin1');
    const place = (folder: string) => Buffer.concat([Buffer.from(`${folder}/`), path]);
    const [before, after] = [stateAt(place(workspace)), stateAt(place(wanted))];
    if (sameState(before, after)) continue;
    const same = before && after && sameContentAs(before, after);
    const kind = !before ? 'added' : !after ? 'deleted' : same ? 'mode' : 'modified';
    const item: Item = { path, shown: name, kind, source: place(wanted) };
    if (before) item.before = before;
    if (after) item.after = after;
    items.push(item);
  }
  return items;
}

const OLD =
  'mkdir -p a/b/c d e; echo 1 >a/1; echo 2 >a/b/2; echo 3 >a/b/c/3; echo x >d/x; ln -s a l; echo s >"s p"; echo m >m; chmod 755 m; echo f >turns; mkdir turned; echo q >turned/q; printf "n" >"n\nl"; mkdir -p shut/in gone; echo 1 >shut/in/1; echo 2 >gone/2; chmod 500 shut/in shut gone';
const NEW =
  'mkdir -p a/b/new/er e turns; echo 1 >a/1; echo changed >a/b/2; echo 4 >a/b/new/er/4; ln -s a/b l; echo s >"s p"; chmod 600 "s p"; echo m >m; echo in >turns/in; echo file >turned; ln -s /nowhere e/dangling; chmod 700 e; mkdir closed; echo c >closed/c; chmod 500 closed; echo file >shut; chmod 640 shut';

const landAll = (items: Item[], onStep?: (done: number) => void) =>
  land({
    kind: 'apply',
    workspace,
    items,
    digest: 'd',
    runFolder,
    subject: 'landed-1',
    process: { pid: 0, startTime: '' },
    onLanded: () => {},
    ...(onStep && { onStep }),
  });

const undoAll = () =>
  land({
    kind: 'undo',
    workspace,
    items: undoItems(runFolder, 'landed-1'),
    digest: 'd',
    runFolder,
    subject: 'landed-1',
    process: { pid: 0, startTime: '' },
    onLanded: () => {},
  });

test('everything lands, and is taken back exactly', () => {
  build(workspace, OLD);
  build(wanted, NEW);
  const [old, fresh] = [treeOf(workspace), treeOf(wanted)];
  expect(landAll(itemsBetween())).toMatchObject({ ok: true });
  expect(treeOf(workspace)).toBe(fresh);
  expect(undoAll()).toMatchObject({ ok: true });
  expect(treeOf(workspace)).toBe(old);
  expect(existsSync(join(runFolder, 'landed-1'))).toBe(false);
});

test('stopped between any two steps, recovery leaves the new tree; before the steps, the old one', () => {
  class Stop extends Error {}
  build(workspace, OLD);
  build(wanted, NEW);
  const old = treeOf(workspace);
  const fresh = treeOf(wanted);
  for (let at = 0; ; at++) {
    let journal = '';
    const keep = new Map<string, string>();
    const result = landAll(itemsBetween(), (done) => {
      if (done !== at) return;
      // as a crash leaves it: the journal and the staging folder as they are now
      journal = readFileSync(journalPath(runFolder), 'utf8');
      execFileSync('cp', ['-a', workspace, join(root, 'crashed')]);
      keep.set('done', '1');
    });
    expect(result).toMatchObject({ ok: true });
    if (!keep.has('done')) break;
    removeTree(join(runFolder, 'landed-1'));
    removeTree(workspace);
    renameSync(join(root, 'crashed'), workspace);
    writeFileSync(journalPath(runFolder), journal);
    expect(recover(runFolder, () => {})).toMatchObject({ landed: true });
    expect(treeOf(workspace), `after ${at} steps`).toBe(fresh);
    expect(recover(runFolder, () => {})).toBeUndefined();
    expect(undoAll(), `undo after ${at} steps`).toMatchObject({ ok: true });
    expect(treeOf(workspace)).toBe(old);
  }
  expect(Stop.name).toBe('Stop');
}, 120_000);

test('a path that changes at any moment stops it, and everything else is as it was', () => {
  build(workspace, OLD);
  build(wanted, NEW);
  const items = itemsBetween();
  const last = 200;
  let conflicts = 0;
  for (let at = 0; at < last; at++) {
    let reached = false;
    const old = treeOf(workspace);
    const result = landAll(items, (done) => {
      if (done !== at) return;
      reached = true;
      if (existsSync(join(workspace, 'a/1'))) writeFileSync(join(workspace, 'a/1'), 'theirs\n');
      for (const name of ['turned/q', 'm', 'a/b/c/3']) {
        if (existsSync(join(workspace, name))) writeFileSync(join(workspace, name), 'theirs\n');
      }
    });
    if (!reached) break;
    if (!result.ok) {
      conflicts++;
      const now = treeOf(workspace);
      const theirs = readFileSync(join(workspace, 'a/1'), 'utf8');
      expect(theirs).toBe('theirs\n');
      expect(now.split('\n').filter((line) => line.startsWith('.'))).toEqual(
        old.split('\n').filter((line) => line.startsWith('.')),
      );
    }
    removeTree(workspace);
    removeTree(join(runFolder, 'landed-1'));
    mkdirSync(workspace);
    build(workspace, OLD);
  }
  expect(conflicts).toBeGreaterThan(0);
}, 120_000);

test('a parent that is swapped for a link is not followed', () => {
  build(workspace, 'mkdir -p a/b; echo 1 >a/b/1');
  build(wanted, 'mkdir -p a/b; echo 2 >a/b/1; echo 3 >a/b/3');
  const outside = join(root, 'outside');
  mkdirSync(join(outside, 'b'), { recursive: true });
  writeFileSync(join(outside, 'b/1'), '1\n');
  const items = itemsBetween();
  renameSync(join(workspace, 'a'), join(root, 'moved'));
  symlinkSync(outside, join(workspace, 'a'));
  expect(landAll(items)).toMatchObject({ ok: false, why: 'conflict' });
  expect(treeOf(outside)).toContain('./b/1');
  expect(existsSync(join(outside, 'b/3'))).toBe(false);
  expect(readFileSync(join(outside, 'b/1'), 'utf8')).toBe('1\n');
});

test('a parent that is swapped for a link in the middle is not followed', () => {
  build(workspace, 'mkdir -p a b; echo 1 >a/1; echo 1 >b/1');
  build(wanted, 'mkdir -p a b; echo 2 >a/1; echo 2 >b/1');
  const outside = join(root, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, '1'), '1\n');
  const result = landAll(itemsBetween(), (done) => {
    if (done !== 1) return;
    renameSync(join(workspace, 'b'), join(root, 'moved'));
    symlinkSync(outside, join(workspace, 'b'));
  });
  expect(result).toMatchObject({ ok: false, why: 'conflict' });
  expect(readFileSync(join(outside, '1'), 'utf8')).toBe('1\n');
  expect(readFileSync(join(workspace, 'a/1'), 'utf8')).toBe('1\n');
  expect(readFileSync(join(root, 'moved/1'), 'utf8')).toBe('1\n');
});

test('nothing lands above the workspace, whatever a list says', () => {
  writeFileSync(join(root, 'beside'), 'theirs');
  const path = Buffer.from('../beside');
  const state = stateAt(Buffer.from(join(root, 'beside')));
  const items: Item[] = [{ path, shown: '', kind: 'deleted', ...(state && { before: state }) }];
  expect(() => landAll(items)).toThrow('no path below the workspace');
  expect(readFileSync(join(root, 'beside'), 'utf8')).toBe('theirs');
});

test('a staging folder that somebody else left is not landed over', () => {
  build(workspace, OLD);
  build(wanted, NEW);
  const items = itemsBetween();
  mkdirSync(join(workspace, '.ringfence-0123456789ab'));
  expect(landAll(items)).toMatchObject({
    ok: false,
    why: 'failed',
    problem: expect.stringContaining('.ringfence-0123456789ab'),
  });
});

test.each([
  'no JSON',
  '{}',
  '{"staging":"../x","subject":"landed-1","workspace":"/","steps":[]}',
  '{"staging":".ringfence-0123456789ab","subject":"../..","workspace":"/","steps":[]}',
])('a journal that says %s is damaged, and nothing is done', (text) => {
  writeFileSync(journalPath(runFolder), text);
  expect(() => recover(runFolder, () => {})).toThrow('cannot be read');
  expect(existsSync(journalPath(runFolder))).toBe(true);
});

test('content that changed after the review does not land', () => {
  build(wanted, 'echo reviewed >file; echo other >second');
  const items = itemsBetween();
  writeFileSync(join(wanted, 'second'), 'swapped\n');
  expect(landAll(items)).toMatchObject({ ok: false, why: 'failed' });
  expect(treeOf(workspace).trim()).toBe('. d 755');
  expect(existsSync(journalPath(runFolder))).toBe(false);
});

test('undo refuses where a path was changed since, or a new folder holds something else', () => {
  build(workspace, 'echo 1 >one');
  build(wanted, 'echo 2 >one; mkdir new; echo n >new/n');
  expect(landAll(itemsBetween())).toMatchObject({ ok: true });
  writeFileSync(join(workspace, 'new/mine'), 'x');
  expect(undoAll()).toMatchObject({ ok: false, why: 'conflict', paths: [Buffer.from('new/mine')] });
  rmSync(join(workspace, 'new/mine'));
  writeFileSync(join(workspace, 'one'), 'mine');
  expect(undoAll()).toMatchObject({ ok: false, why: 'conflict', paths: [Buffer.from('one')] });
  expect(readFileSync(join(workspace, 'one'), 'utf8')).toBe('mine');
});

test('folders that their owner closed are changed and closed again', () => {
  build(workspace, 'mkdir -p shut/in; echo 1 >shut/in/1; echo 2 >shut/2; chmod 555 shut/in shut');
  build(wanted, 'mkdir shut; echo 3 >shut/2');
  const fresh = treeOf(wanted);
  const old = treeOf(workspace);
  expect(landAll(itemsBetween())).toMatchObject({ ok: true });
  expect(treeOf(workspace)).toBe(fresh);
  expect(undoAll()).toMatchObject({ ok: true });
  expect(treeOf(workspace)).toBe(old);
  for (const folder of ['shut', 'shut/in']) chmodSync(join(workspace, folder), 0o755);
});
