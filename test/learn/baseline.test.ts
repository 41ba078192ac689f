/**
 * A baseline by real runs: the same work is not told of, other work is, and a file that is none starts nothing.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identities, Place } from '../run/place.ts';

const identity = identities()[0] as ReturnType<typeof identities>[number];
let place: Place;
beforeEach(() => {
  place = new Place(identity);
});
afterEach(() => place.remove());

test('learnt from runs, held against others', { timeout: 120_000 }, async () => {
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
  place.file('baseline.yaml', 'a: b\n');
  const refused = await run('true');
  expect(refused.code).toBe(125);
  expect(refused.stderr).toContain('oversight.baseline: baseline.yaml');
});
