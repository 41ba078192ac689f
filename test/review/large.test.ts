/**
 * 50,000 files: reviewed, landed, taken back.
 */
import { expect, onTestFinished, test } from 'vitest';
import { identities } from '../run/place.ts';
import { PROGRAM, ReviewPlace } from './place.ts';

const COUNT = 50_000;

test.each(identities())(
  `${COUNT} files, as %s`,
  async (identity) => {
    const place = new ReviewPlace(identity);
    onTestFinished(() => place.remove());
    const python = (body: string) => `python3 - <<'PY'\nimport os\n${body}\nPY`;
    await place.build(
      python(
        `for i in range(${COUNT}):\n    os.makedirs('d%d' % (i % 200), exist_ok=True)\n    open('d%d/f%d' % (i % 200, i), 'w').write('line %d\\n' % i)`,
      ),
    );
    const before = place.tree();
    await place.agent(
      python(
        `for i in range(${COUNT}):\n    p = 'd%d/f%d' % (i % 200, i)\n    if i % 5 == 0: os.unlink(p)\n    elif i % 5 == 1: os.rename(p, p + '.moved')\n    else: open(p, 'a').write('more\\n')`,
      ),
      'compute: { time: 20m, disk: 4GiB }',
      500,
    );
    const { digest, items } = await place.review();
    expect(items).toHaveLength(COUNT + COUNT / 5);
    const landed = await place.start([PROGRAM, 'apply', 'latest', '--digest', digest], { within: 500 })
      .result;
    expect(landed.code, landed.stderr).toBe(0);
    expect(place.read('d2/f2')).toBe('line 2\nmore\n');
    expect(place.read('d1/f1.moved')).toBe('line 1\n');
    const undone = await place.start([PROGRAM, 'undo'], { within: 500 }).result;
    expect(undone.code, undone.stderr).toBe(0);
    expect(place.tree()).toBe(before);
    const seconds = (took: number) => (took / 1000).toFixed(1);
    console.log(
      `${identity}: ${items.length} items, apply ${seconds(landed.took)} s, undo ${seconds(undone.took)} s`,
    );
  },
  900_000,
);
