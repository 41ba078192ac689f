/**
 * What a run changed is shown whole, lands as it was shown or not at all, and can be taken back: with real runs.
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identities } from '../run/place.ts';
import { ReviewPlace } from './place.ts';

describe.each(identities())('as %s', (identity) => {
  let place: ReviewPlace;
  beforeEach(() => {
    place = new ReviewPlace(identity);
  });
  afterEach(() => place.remove());

  const PROJECT =
    'mkdir -p src test folder/deep; echo one >src/a.js; echo t >test/t.js; echo gone >gone.txt; echo d >folder/deep/d; ln -s src/a.js link; echo m >mode; printf "\\0\\1" >binary';

  test('the planted hook, edited tests and the rest are in order; only src lands; undo restores all', async () => {
    await place.build(PROJECT);
    const before = place.tree();
    await place.agent(
      'echo two >>src/a.js; echo cheat >test/t.js; rm gone.txt; mkdir -p sub/.git/hooks; echo x >sub/.git/hooks/pre-commit; chmod +x sub/.git/hooks/pre-commit; ln -sf /etc/passwd link; chmod 600 mode; mkdir -p .github/workflows; echo ci >.github/workflows/x.yml; mv folder moved',
      'objective: { task: x, success: { run: "true", protect: ["test/**"] } }',
    );
    expect(place.tree()).toBe(before);
    const { items } = await place.review();
    const sections = new Map(items.map(({ path, section }) => [path, section]));
    expect(sections.get('gone.txt')).toBe('deleted');
    expect(sections.get('mode')).toBe('modes');
    expect(sections.get('link')).toBe('symlinks');
    expect(sections.get('sub/.git/hooks/pre-commit')).toBe('executables');
    expect(sections.get('.github/workflows/x.yml')).toBe('runs later');
    expect(sections.get('test/t.js')).toBe('decides success');
    expect(sections.get('src/a.js')).toBe('rest');
    expect(items.find(({ path }) => path === 'moved/deep/d')?.notes).toContain('moved from folder/deep/d');
    const order = [...new Set(items.map(({ section }) => section))];
    expect(order).toEqual([
      'deleted',
      'modes',
      'symlinks',
      'executables',
      'runs later',
      'decides success',
      'rest',
    ]);

    const landed = await place.apply('src/');
    expect(landed.code, landed.stderr).toBe(0);
    expect(place.read('src/a.js')).toBe('one\ntwo\n');
    expect(place.tree().replace(/^.*src\/a\.js.*\n/gm, '')).toBe(before.replace(/^.*src\/a\.js.*\n/gm, ''));
    const rest = await place.apply();
    expect(rest.code, rest.stderr).toBe(0);
    expect(existsSync(join(place.project, 'moved/deep/d'))).toBe(true);
    expect(existsSync(join(place.project, 'folder'))).toBe(false);
    expect((await place.review()).items).toEqual([]);
    for (const code of [0, 0, 1]) expect((await place.ringfence('undo')).code).toBe(code);
    expect(place.tree()).toBe(before);
    const again = await place.apply();
    expect(again.code, again.stderr).toBe(0);
  });

  test('it refuses without a review, with another digest, and where the original changed meanwhile', async () => {
    await place.build(PROJECT);
    await place.agent('echo two >>src/a.js; echo new >new; echo x >>mode');
    expect((await place.ringfence('apply')).code).toBe(3);
    const { digest } = await place.review();
    expect((await place.ringfence('apply')).stderr).toContain('--digest');
    expect((await place.ringfence('apply', '--digest', '0'.repeat(16))).code).toBe(3);
    writeFileSync(join(place.project, 'src/a.js'), 'mine\n');
    const before = place.tree();
    const changed = await place.ringfence('apply', '--digest', digest);
    expect(changed.code).toBe(3);
    expect(changed.stderr).toContain('src/a.js');
    const conflict = await place.apply();
    expect(conflict.code, conflict.stderr).toBe(4);
    expect(conflict.stderr).toContain('src/a.js');
    expect(place.tree()).toBe(before);
    expect((await place.apply('--except', 'src')).code).toBe(0);
    expect(place.read('src/a.js')).toBe('mine\n');
    expect(place.read('new')).toBe('new\n');
    expect((await place.apply('--overwrite')).code).toBe(0);
    expect(place.read('src/a.js')).toBe('one\ntwo\n');
  });

  test('where both sides changed a file, --merge lands both, and names conflicts', async () => {
    await place.build('seq 1 30 >numbers; echo same >clash');
    await place.agent('sed -i "s/^3$/three/" numbers; echo theirs >clash');
    await place.review();
    await place.build('sed -i "s/^27$/mine/" numbers');
    const merged = await place.apply('numbers', '--merge');
    expect(merged.code, merged.stderr).toBe(0);
    expect(place.read('numbers')).toContain('three');
    expect(place.read('numbers')).toContain('mine');
    expect((await place.ringfence('undo')).code).toBe(0);
    expect(place.read('numbers')).toContain('mine');
    expect(place.read('numbers')).not.toContain('three');
    await place.build('echo ours >clash');
    const conflict = await place.apply('--merge');
    expect(conflict.code, conflict.stdout).toBe(4);
    expect(conflict.stderr).toContain('clash');
    expect(place.read('clash')).toBe('ours\n');
  });

  test('odd names are escaped, marked, and land as they are; escape sequences in content do not reach the terminal', async () => {
    await place.build(PROJECT);
    await place.agent(
      `printf x >$'new\\nline'; printf x >$'\\e[31mred'; printf x >$'bidi\\u202etxt.exe'; printf x >$'bad\\xff'; printf x >' space '; printf x >README; printf x >readme; printf x >$'caf\\u00e9'; printf x >$'cafe\\u0301'; printf '\\e]0;title\\a\\u202e\\n' >content`,
    );
    const { items } = await place.review();
    const paths = items.map(({ path }) => path);
    for (const path of ['new\\nline', '\\x1b[31mred', 'bidi\\u{202e}txt.exe', 'bad\\xff'])
      expect(paths).toContain(path);
    expect(items.find(({ path }) => path === 'README')?.notes.join()).toContain('only in case');
    expect(items.find(({ path }) => path === 'caf\u00e9')?.notes.join()).toContain('Unicode form');
    const shown = await place.ringfence('review');
    const text = Buffer.from(shown.stdout, 'latin1').toString();
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('\\x1b]0;title\\x07\\u{202e}');
    expect((await place.apply()).code).toBe(0);
    const names = readdirSync(place.project, { encoding: 'latin1' as 'utf8' });
    expect(names).toContain('new\nline');
    expect(names).toContain('bad\xff');
  });

  test('what never lands is refused by name, and the rest lands without it', async () => {
    await place.build(PROJECT);
    await place.agent(
      'mkfifo pipe; cp /bin/true tool; chmod u+s tool; python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\'sock\')"; echo fine >fine',
    );
    const refused = await place.apply();
    expect(refused.code, refused.stdout).toBe(5);
    for (const name of ['pipe', 'tool', 'sock']) expect(refused.stderr).toContain(name);
    expect(existsSync(join(place.project, 'fine'))).toBe(false);
    const landed = await place.apply('--except', 'pipe', '--except', 'tool', '--except', 'sock');
    expect(landed.code, landed.stderr).toBe(0);
    expect(place.read('fine')).toBe('fine\n');
    expect(existsSync(join(place.project, 'tool'))).toBe(false);
  });

  test('what the program closed to its owner hides nothing, and does not land', async () => {
    await place.build(PROJECT);
    const ran = await place.run(
      [
        'sh',
        '-ec',
        'mkdir shut; echo x >shut/x; chmod 0 shut/x shut; chmod 0 gone.txt; chmod 500 folder/deep; echo y >y',
      ],
      {},
    );
    expect(ran.code, ran.stderr).toBe(0);
    const { items } = await place.review();
    const refused = items.filter(({ refusal }) => refusal).map(({ path }) => path);
    expect(refused.sort()).toEqual(['gone.txt', 'shut', 'shut/x']);
    expect((await place.apply()).code).toBe(5);
    const landed = await place.apply('--except', 'shut', '--except', 'gone.txt');
    expect(landed.code, landed.stderr).toBe(0);
    expect(lstatSync(join(place.project, 'folder/deep')).mode & 0o777).toBe(0o500);
    expect((await place.ringfence('undo')).code).toBe(0);
    expect(existsSync(join(place.project, 'y'))).toBe(false);
  });

  test('a sparse file of 2 GiB is reviewed by its digest, lands, and stays sparse', async () => {
    await place.build(PROJECT);
    await place.agent(
      'truncate -s 2G big; printf end | dd of=big bs=1 seek=1073741824 conv=notrunc status=none',
      'compute: { disk: 4GiB }',
    );
    const landed = await place.apply();
    expect(landed.code, landed.stderr).toBe(0);
    const { size, blocks } = lstatSync(join(place.project, 'big'));
    expect(size).toBe(2 ** 31);
    expect(blocks * 512).toBeLessThan(16 * 1024 * 1024);
  }, 120_000);

  test('a parent that became a link to elsewhere between review and apply is not followed', async () => {
    await place.build(PROJECT);
    await place.agent('echo evil >>folder/deep/d; echo planted >folder/deep/new');
    const { digest } = await place.review();
    const outside = join(place.root, 'outside');
    renameSync(join(place.project, 'folder'), join(place.root, 'elsewhere'));
    mkdirSync(join(outside, 'deep'), { recursive: true });
    writeFileSync(join(outside, 'deep/d'), 'd\n');
    symlinkSync(outside, join(place.project, 'folder'));
    for (const result of [await place.ringfence('apply', '--digest', digest), await place.apply()])
      expect(result.code, result.stdout).not.toBe(0);
    expect(readdirSync(join(outside, 'deep'))).toEqual(['d']);
  });

  test('discard leaves no trace of the change set, and says so afterwards', async () => {
    await place.build(PROJECT);
    await place.agent('printf SECRET%s MARK >new');
    await place.review();
    expect((await place.ringfence('discard')).code).toBe(0);
    const found = execFileSync(
      'bash',
      ['-c', 'grep -rl SECRETMARK "$1" | grep -v /ledger/ || true', 'sh', place.state],
      {
        encoding: 'utf8',
      },
    );
    expect(found).toBe('');
    const review = await place.ringfence('review');
    expect(review.code).toBe(1);
    expect(review.stderr).toContain('discarded');
  });

  test('git apply of the plain diff makes the same tree', async () => {
    await place.build(`${PROJECT}; printf 'no end' >noend; echo x >'with space'; seq 1 200 >numbers`);
    const copy = join(place.root, 'home/copy');
    await place.build(`cp -a "${place.project}" "${copy}"; cd "${copy}"; git init -q .`);
    await place.agent(
      `echo two >>src/a.js; rm gone.txt; ln -sf elsewhere link; chmod +x mode; printf '\\0\\2\\3' >binary; head -c 3000 /dev/urandom >blob; printf more >>noend; echo y >'with space'; printf q >$'tab\\tn\\u00e9w'; mkdir n; echo n >n/n; sed -i -e '3d;50s/.*/fifty/;199a more' numbers; rm test/t.js; ln -s x test/t.js; mv folder moved`,
    );
    const diff = await place.ringfence('review', '--diff');
    writeFileSync(join(place.root, 'patch'), Buffer.from(diff.stdout, 'latin1'));
    const { code, stderr } = await place.start([
      'git',
      '-C',
      copy,
      'apply',
      '--verbose',
      join(place.root, 'patch'),
    ]).result;
    expect(code, stderr).toBe(0);
    expect((await place.apply()).code).toBe(0);
    const differences = execFileSync(
      'bash',
      ['-c', 'diff -r --no-dereference --exclude=.git "$1" "$2" || true', 'sh', place.project, copy],
      {
        encoding: 'utf8',
      },
    );
    expect(differences).toBe('');
    expect(lstatSync(join(copy, 'mode')).mode & 0o111).not.toBe(0);
  });

  test('the reduced isolation: deletions and all, from the copy', async () => {
    await place.build(PROJECT);
    const before = place.tree();
    const ran = await place.run(
      ['bash', '-ec', 'echo two >>src/a.js; rm gone.txt; chmod 600 mode; mkdir n; echo n >n/n'],
      {
        contract: 'isolation: landlock',
      },
    );
    if (ran.code !== 0) {
      console.log(`the reduced isolation is not tried: ${ran.stderr}`);
      return;
    }
    const { items } = await place.review();
    expect(items.map(({ kind, path }) => `${kind} ${path}`).sort()).toEqual([
      'added n',
      'added n/n',
      'deleted gone.txt',
      'mode mode',
      'modified src/a.js',
    ]);
    expect((await place.apply()).code).toBe(0);
    expect(place.read('n/n')).toBe('n\n');
    expect((await place.ringfence('undo')).code).toBe(0);
    expect(place.tree()).toBe(before);
  });

  test('a direct workspace: said out loud, changed at once, reviewed, rolled back', async () => {
    await place.build(PROJECT);
    const before = place.tree();
    const direct = 'files: { workspace: { path: ../home/project, mode: direct }, hide: [mode] }';
    const ran = await place.agent(
      'echo two >>src/a.js; rm gone.txt; mkdir -p .git/hooks; echo x >.git/hooks/pre-push; mv folder moved; test ! -s mode',
      direct,
    );
    expect(ran.stderr).toContain('DIRECT');
    expect(place.read('src/a.js')).toBe('one\ntwo\n');
    expect((await place.review()).items.map(({ path }) => path)).toContain('.git/hooks/pre-push');
    const rolled = await place.ringfence('undo');
    expect(rolled.code, rolled.stderr).toBe(0);
    expect(place.tree()).toBe(before);
  });

  test('a direct workspace that holds a pipe is refused; what changed since the run ended is not rolled over', async () => {
    await place.build(`${PROJECT}; mkfifo pipe`);
    const direct = 'files: { workspace: { path: ../home/project, mode: direct } }';
    const refused = await place.run(['true'], { contract: direct });
    expect(refused.code).toBe(125);
    expect(refused.stderr).toContain('pipe');
    await place.build('rm pipe');
    await place.agent('echo two >>src/a.js', direct);
    writeFileSync(join(place.project, 'src/a.js'), 'mine\n');
    const rolled = await place.ringfence('undo');
    expect(rolled.code).toBe(4);
    expect(place.read('src/a.js')).toBe('mine\n');
  });
});
