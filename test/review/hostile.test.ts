/**
 * The agent as the author of the change set: it forges the overlay's own marks, nests folders beyond what a path can name,
 * gives files of the host its owner's rights.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identities } from '../run/place.ts';
import { ReviewPlace } from './place.ts';

const python = (body: string) => `python3 - <<'PY'\nimport os\n${body}\nPY`;

describe.each(identities())('as %s', (identity) => {
  let place: ReviewPlace;
  beforeEach(() => {
    place = new ReviewPlace(identity);
  });
  afterEach(() => place.remove());

  test('marks of the overlay that the agent sets itself hide nothing, and lead nowhere', async () => {
    await place.build(
      'mkdir -p d ../beside; echo a >d/a; echo b >b; echo m >m; echo secret >../beside/secret',
    );
    const before = place.tree();
    await place.agent(
      python(`
def forge(path, name, value):
    for family in ('user', 'trusted'):
        try: os.setxattr(path, family + '.overlay.' + name, value)
        except OSError: pass
for name in ('up', 'beside'): os.mkdir(name)
forge('up', 'redirect', b'/../beside')
forge('up', 'opaque', b'y')
forge('beside', 'redirect', b'../beside')
forge('d', 'opaque', b'y')
open('d/new', 'w').close()
forge('m', 'metacopy', b'')
open('m', 'w').write('changed')
for name in ('b', 'w'):
    open(name, 'w').close()
    forge(name, 'whiteout', b'y')
for number in range(200):
    try: os.setxattr('d', 'user.%0200d' % number, b'')
    except OSError: break
`),
    );
    const { items } = await place.review();
    expect(items.map(({ kind, path }) => `${kind} ${path}`).sort()).toEqual([
      'added beside',
      'added d/new',
      'added up',
      'added w',
      'modified b',
      'modified m',
    ]);
    expect((await place.ringfence('review')).stdout).not.toContain('secret');
    const landed = await place.apply();
    expect(landed.code, landed.stderr).toBe(0);
    expect(place.read('m')).toBe('changed');
    expect(place.read('d/a')).toBe('a\n');
    expect((await place.ringfence('undo')).code).toBe(0);
    expect(place.tree()).toBe(before);
    expect(place.read('../beside/secret')).toBe('secret\n');
  });

  test('1,000 folders in each other land and are taken back; nested deeper than a path can name, they are refused by name', async () => {
    await place.build('echo x >x');
    const before = place.tree();
    const nest = (name: string, levels: number) =>
      python(
        `for level in range(${levels}):\n    os.mkdir('${name}'); os.chdir('${name}')\nopen('l' * 255, 'w').write('leaf')`,
      );
    await place.agent(nest('a', 1000));
    const landed = await place.apply();
    expect(landed.code, landed.stderr).toBe(0);
    expect(place.read(`${'a/'.repeat(1000)}${'l'.repeat(255)}`)).toBe('leaf');
    expect((await place.ringfence('undo')).code).toBe(0);
    expect(place.tree()).toBe(before);

    await place.agent(nest('d'.repeat(200), 40));
    const refused = await place.apply();
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('nested so deep that what they hold cannot be read: dddd');
    expect(place.tree()).toBe(before);
    const verified = await place.ringfence('log', 'verify');
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
    const discarded = await place.ringfence('discard');
    expect(discarded.code, discarded.stderr).toBe(0);
  });

  test('nothing lands below a run that changes the workspace itself; one in an overlay is told of', async () => {
    await place.build('echo one >a');
    await place.agent('echo two >>a');
    const { digest } = await place.review();
    const apply = () => place.ringfence('apply', runId, '--digest', digest);
    const [, runId = ''] =
      /run (\S+) in contract/.exec((await place.ringfence('review', '--stat')).stdout) ?? [];
    for (const mode of ['direct', 'overlay']) {
      const contract = `files: { workspace: { path: ../home/project, mode: ${mode} } }`;
      const { result } = place.start(place.runWords(['sleep', '100'], { contract }), { within: 120 });
      const deadline = Date.now() + 60_000;
      while (!(await place.ringfence('ps')).stdout.includes('sleep') && Date.now() < deadline)
        await pause(50);
      const landed = await apply();
      if (mode === 'direct') {
        expect(landed.code).not.toBe(0);
        expect(landed.stderr).toContain('itself; nothing was changed');
        expect(place.read('a')).toBe('one\n');
      } else {
        expect(landed.code, landed.stderr).toBe(0);
        expect(landed.stderr).toContain('is going on and sees');
        expect(place.read('a')).toBe('one\ntwo\n');
      }
      expect((await place.ringfence('stop', '--all')).code).toBe(0);
      await result;
    }
  }, 300_000);

  test('in a direct workspace no file gets a set-user-id or set-group-id bit', async () => {
    await place.build('cp /bin/true there');
    const result = await place.agent(
      `! chmod 4755 there; ! chmod g+s there; ! cp -p /bin/true made -T 2>/dev/null || chmod 6755 made || true; ${python(`
for attempt in (
    lambda: os.close(os.open('opened', os.O_CREAT | os.O_WRONLY, 0o6755)),
    lambda: os.close(os.open('.', os.O_TMPFILE | os.O_WRONLY, 0o4755)),
    lambda: os.mknod('node', 0o104755),
    lambda: os.fchmod(os.open('there', os.O_RDONLY), 0o4755),
):
    try: attempt()
    except PermissionError: print('refused')
`)}`,
      'files: { workspace: { path: ../home/project, mode: direct } }',
    );
    expect(result.stdout.match(/refused/g)).toHaveLength(4);
    for (const name of ['there', 'made'])
      expect(statSync(join(place.project, name)).mode & 0o6000, name).toBe(0);
  });
});
