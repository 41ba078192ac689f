/**
 * A baseline by real runs: the same work is not told of, other work is, and a file that is none starts nothing.
 */
import { afterEach, expect, test } from 'vitest';
import { identities, Place } from '../run/place.ts';

let place: Place;
afterEach(() => place.remove());

test.each(identities())(
  '$name: learnt from runs, held against others',
  { timeout: 120_000 },
  async (identity) => {
    place = new Place(identity);
    place.file('src/a.txt', 'a\n');
    place.file('work.sh', 'cat src/a.txt > out.txt\nls -l src | sort >> out.txt\n');
    const learnt = await place.command(
      'learn',
      '--baseline',
      'baseline.yaml',
      '--rounds',
      '2',
      '--',
      'sh',
      'work.sh',
    );
    expect(learnt.stderr).toContain('a baseline of 3 runs');
    expect(place.read('baseline.yaml')).toMatch(/^digest: [0-9a-f]{64}$/m);
    place.file('c.yaml', 'ringfence: 1\nname: t\noversight: { baseline: baseline.yaml }\n');
    const run = (...command: string[]) => place.command('run', '--contract', 'c.yaml', '--', ...command);
    expect((await run('sh', 'work.sh')).stderr).not.toContain('novelty.');
    expect((await run('sh', '-c', 'sh work.sh; head -c 1 src/a.txt | od')).stderr).toContain(
      'unlike the 3 honest runs',
    );
    const replayed = await place.command('watch', '--replay');
    expect(replayed.stdout).toContain('unlike the 3 honest runs');
    expect(replayed.stdout).not.toContain('contract.');
    place.file('baseline.yaml', 'a: b\n');
    expect((await place.command('watch', '--replay')).stdout).toMatch(
      /failed {2}baseline: .*what it would have found/,
    );
    const refused = await run('true');
    expect(refused.code).toBe(125);
    expect(refused.stderr).toContain('oversight.baseline: baseline.yaml');
  },
);
