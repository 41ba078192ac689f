/**
 * Folders of the original are renamed in the overlay: by the kernel for root, by the warden for ordinary users, whose
 * overlay refuses it. Programs see rename(2) as it always is.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, folderFor, IDENTITIES, type Identity, removeFolders, startCell } from './harness.ts';

beforeAll(() => build('ringfence-cell'));
afterAll(removeFolders);

/** An original: a folder with everything that folders have, and some to rename onto. */
function original(as: Identity): string {
  const workspace = folderFor(as);
  const at = (...names: string[]) => join(workspace, ...names);
  mkdirSync(at('a/deep/deeper'), { recursive: true });
  mkdirSync(at('a/sealed'));
  mkdirSync(at('empty'));
  mkdirSync(at('full'));
  mkdirSync(at('elsewhere'));
  writeFileSync(at('full/x'), '');
  writeFileSync(at('a/file'), 'content');
  writeFileSync(at('a/deep/deeper/leaf'), 'leaf');
  writeFileSync(at('a/script'), '#!/bin/sh\n');
  chmodSync(at('a/script'), 0o755);
  writeFileSync(at('a/sealed/kept'), 'kept');
  linkSync(at('a/file'), at('a/hard'));
  symlinkSync('file', at('a/link'));
  symlinkSync('a', at('to-a'));
  utimesSync(at('a/file'), 1_000_000_000, 1_000_000_000);
  utimesSync(at('a/deep'), 1_000_000_000, 1_000_000_000);
  if (as === 'ordinary') execFileSync('chown', ['-R', '-h', '65533:65533', workspace]);
  chmodSync(at('a/sealed'), 0o555);
  return workspace;
}

const LIST = `
def tree(top):
    out = []
    for folder, folders, files in os.walk(top):
        folders.sort()
        for name in sorted(files) + [f for f in folders if os.path.islink(os.path.join(folder, f))]:
            path = os.path.join(folder, name); info = os.lstat(path)
            text = os.readlink(path) if os.path.islink(path) else open(path).read()
            out.append([os.path.relpath(path, top), oct(info.st_mode), text])
    return out
def attempt(*names):
    try: os.rename(*names); return "ok"
    except OSError as error: return errno.errorcode[error.errno]
`;

async function python(
  as: Identity,
  script: string,
): Promise<{ result: unknown; workspace: string; upper: string }> {
  const workspace = original(as);
  const cell = startCell(['python3', '-c', `import errno, json, os, subprocess\n${LIST}\n${script}`], {
    as,
    workspace,
  });
  const { done } = await cell.end();
  expect(`${done?.code} ${cell.stderr}`).toBe('0 ');
  return { result: JSON.parse(cell.stdout), workspace, upper: cell.upper };
}

describe.each(IDENTITIES)('as %s', (as) => {
  it('what is in the folder is there under the new name: contents, modes, times, links', async () => {
    const { result, workspace } = await python(
      as,
      `before = tree("a"); times = [os.stat("a/file").st_mtime, os.stat("a/deep").st_mtime]; sealed = os.stat("a/sealed").st_mode
said = attempt("a", "b")
print(json.dumps([said, tree("b") == before, len(before), os.path.exists("a"), [os.stat("b/file").st_mtime, os.stat("b/deep").st_mtime] == times,
  os.stat("b/sealed").st_mode == sealed, os.readlink("b/link"), sorted(os.listdir("."))]))`,
    );
    expect(result).toEqual([
      'ok',
      true,
      6,
      false,
      true,
      true,
      'file',
      ['b', 'elsewhere', 'empty', 'full', 'to-a'],
    ]);
    expect(readdirSync(join(workspace, 'a')).sort()).toEqual([
      'deep',
      'file',
      'hard',
      'link',
      'script',
      'sealed',
    ]); // the original
  });

  it('answers as rename(2) does', async () => {
    const { result } = await python(
      as,
      `print(json.dumps([
  attempt("a", "full"), attempt("a", "full/x"), attempt("a", "a/deep/inside"), attempt("a", "nowhere/b"), attempt("a", "a"),
  attempt("missing", "b"), attempt("to-a", "link-moved"), attempt("a", "empty"), sorted(os.listdir("empty")), os.path.lexists("a")]))`,
    );
    expect(result).toEqual([
      'ENOTEMPTY',
      'ENOTDIR',
      'EINVAL',
      'ENOENT',
      'ok',
      'ENOENT',
      'ok',
      'ok',
      ['deep', 'file', 'hard', 'link', 'script', 'sealed'],
      false,
    ]);
  });

  it('across folders, back, nested, relative to a descriptor and through ".."', async () => {
    const { result } = await python(
      as,
      `out = [attempt("a/deep", "elsewhere/deep"), attempt("elsewhere", "a/elsewhere"), attempt("a/elsewhere/deep", "deep"), attempt("deep", "a/deep")]
os.chdir("a"); out.append(attempt("../full", "../other")); os.chdir("..")
fd = os.open("a", os.O_RDONLY); os.rename("deep", "moved", src_dir_fd=fd, dst_dir_fd=fd)
out += [open("a/moved/deeper/leaf").read(), sorted(os.listdir("other")), sorted(os.listdir("a"))]
print(json.dumps(out))`,
    );
    expect(result).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
      'ok',
      'leaf',
      ['x'],
      ['elsewhere', 'file', 'hard', 'link', 'moved', 'script', 'sealed'],
    ]);
  });

  it('git mv, mv and an update as package managers do it', async () => {
    const { result } = await python(
      as,
      `def run(*argv): return subprocess.run(argv, capture_output=True, text=True).returncode
git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
out = [run("git", "init", "-q"), run("git", "add", "a"), run(*git, "commit", "-qm", "one"), run("git", "mv", "a", "z"), run(*git, "commit", "-qm", "two")]
out += [run("mv", "z", "elsewhere/"), os.path.exists("elsewhere/z/file")]
os.mkdir("full/.new"); open("full/.new/y", "w").close()
out += [attempt("full", ".full-old"), attempt(".full-old/.new", "full"), os.listdir("full"), sorted(os.listdir(".full-old"))]
print(json.dumps(out))`,
    );
    expect(result).toEqual([0, 0, 0, 0, 0, 0, true, 'ok', 'ok', ['y'], ['x']]);
  });

  it('twenty processes that rename at once lose nothing', async () => {
    const { result } = await python(
      as,
      `for i in range(20): os.makedirs(f"many/{i}/sub"); open(f"many/{i}/sub/f", "w").write(str(i))
os.rename("many", "a/many")
pids = []
for i in range(20):
    pid = os.fork()
    if pid == 0:
        for k in range(5): os.rename(f"a/many/{i}", f"a/many/{i}-"); os.rename(f"a/many/{i}-", f"a/many/{i}")
        os._exit(0)
    pids.append(pid)
mover = os.fork()
if mover == 0: os._exit(0 if attempt("elsewhere", "elsewhere2") == "ok" else 1)
codes = [os.waitpid(pid, 0)[1] for pid in pids + [mover]]
print(json.dumps([sum(codes), [open(f"a/many/{i}/sub/f").read() == str(i) for i in range(20)].count(True)]))`,
    );
    expect(result).toEqual([0, 20]);
  });

  it('leaves the original as it was', async () => {
    const { workspace, upper } = await python(as, `print(json.dumps(attempt("a", "b")))`);
    expect(existsSync(join(workspace, 'a/deep/deeper/leaf'))).toBe(true);
    expect(existsSync(join(workspace, 'b'))).toBe(false);
    expect(existsSync(join(upper, 'b'))).toBe(true);
    chmodSync(join(workspace, 'a/sealed'), 0o755);
  });
});

it.skipIf(IDENTITIES.at(-1) === 'self' && process.getuid?.() === 0)(
  'what fails halfway moves back',
  async () => {
    const as = IDENTITIES.at(-1) as Identity;
    const workspace = original(as);
    mkdirSync(join(workspace, 'a/zz'));
    writeFileSync(join(workspace, 'a/zz/hidden'), 'secret');
    if (as === 'ordinary') execFileSync('chown', ['-R', '65533:65533', join(workspace, 'a/zz')]);
    const script = `import errno, json, os\n${LIST}\nbefore = sorted(os.listdir("a")) + sorted(os.listdir("a/deep/deeper")); said = attempt("a", "b"); after = sorted(os.listdir("a")) + sorted(os.listdir("a/deep/deeper"))
print(json.dumps([said, before == after, sorted(os.listdir("."))]))`;
    // A hidden file is a mount of its own, which cannot move: the folder around it stays where it is, whole.
    const cell = startCell(['python3', '-c', script], {
      as,
      workspace,
      contract: 'files: { hide: [a/zz/hidden] }',
    });
    await cell.end();
    const [said, same, names] = JSON.parse(cell.stdout);
    expect(['EBUSY', 'EXDEV']).toContain(said);
    expect(same).toBe(true);
    expect(names).toEqual(['a', 'elsewhere', 'empty', 'full', 'to-a']);
  },
);
