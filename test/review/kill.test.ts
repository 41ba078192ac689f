/**
 * `apply` and `undo` killed at any moment: after the next command the workspace is the old one or the new one, whole.
 *
 * The moments are seeded; RINGFENCE_SEED repeats a failure. Most kills wait for the staging folder, so that they fall into
 * the landing and not into the start of the program.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identities } from '../run/place.ts';
import { PROGRAM, ReviewPlace } from './place.ts';

const seed = Number(process.env.RINGFENCE_SEED ?? Date.now() % 1_000_000);
const KILLS = Number(process.env.RINGFENCE_KILLS ?? 100);

/** Mulberry32: small, seeded, good enough to choose moments. */
function random(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe.each(identities())('as %s', (identity) => {
  let place: ReviewPlace;
  beforeEach(() => {
    place = new ReviewPlace(identity);
  });
  afterEach(() => place.remove());

  const isLanding = () => readdirSync(place.project).some((name) => name.startsWith('.ringfence-'));

  test(`killed ${KILLS} times, the workspace is the old or the new one`, async () => {
    const next = random(seed);
    await place.build(
      'for i in {1..60}; do mkdir -p d$i/deep; echo $i >d$i/f; echo $i >d$i/deep/g; ln -s f d$i/l; done; mkdir type; echo x >type/x; echo y >turned',
    );
    const old = place.tree();
    await place.agent(
      'for i in {1..60}; do case $((i % 4)) in 0) rm -r d$i;; 1) echo more >>d$i/f; chmod 600 d$i/deep/g; ln -sf deep/g d$i/l;; 2) mv d$i moved$i;; 3) mkdir -p new$i/er; echo n >new$i/er/n; chmod 500 new$i/er;; esac; done; rm -r type; echo file >type; rm turned; mkdir turned; echo in >turned/in',
    );
    const { digest } = await place.review();
    const whole = await place.ringfence('apply', 'latest', '--digest', digest);
    expect(whole.code, whole.stderr).toBe(0);
    const fresh = place.tree();
    expect((await place.ringfence('undo')).code).toBe(0);
    expect(place.tree()).toBe(old);

    let at: 'old' | 'new' = 'old';
    const seen = { old: 0, new: 0, unfinished: 0 };
    for (let kill = 0; kill < KILLS; kill++) {
      const words = at === 'old' ? ['apply', 'latest', '--digest', digest] : ['undo'];
      const { child, result } = place.start([PROGRAM, ...words], { within: 60 });
      let done = false;
      const ended = result.finally(() => {
        done = true;
      });
      while (!done && !isLanding()) await pause(1);
      await pause(whole.took * 0.4 * next() ** 2);
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // it was done before
      }
      await ended;
      if (isLanding()) seen.unfinished++;
      const recovered = await place.ringfence('apply', '--recover');
      const told = `seed ${seed}, kill ${kill}, from ${at}`;
      expect(recovered.code, `${told}: ${recovered.stderr}`).toBe(0);
      const now = place.tree();
      expect(now === old || now === fresh, told).toBe(true);
      at = now === old ? 'old' : 'new';
      seen[at]++;
    }
    console.log(`${identity}, seed ${seed}, ${KILLS} kills: ${JSON.stringify(seen)}`);
    expect(existsSync(join(place.project, 'd1'))).toBe(true);
    expect(Math.min(seen.unfinished, seen.old, seen.new)).toBeGreaterThan(0);
  }, 900_000);

  test('recovered by several at once, it is the old or the new one', async () => {
    await place.build('for i in {1..200}; do echo $i >f$i; done');
    const old = place.tree();
    await place.agent('for i in {1..200}; do echo more >>f$i; mv f$i m$i; done');
    const { digest } = await place.review();
    const { child, result } = place.start([PROGRAM, 'apply', 'latest', '--digest', digest], { within: 60 });
    let done = false;
    const ended = result.finally(() => {
      done = true;
    });
    while (!done && !isLanding()) await pause(1);
    if (!done && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
    const results = await Promise.all(Array.from({ length: 4 }, () => place.ringfence('apply', '--recover')));
    for (const { code, stderr } of results) if (code !== 0) expect(stderr).toContain('another ringfence');
    expect((await place.ringfence('apply', '--recover')).code).toBe(0);
    if (place.tree() !== old) expect((await place.ringfence('undo')).code).toBe(0);
    expect(place.tree()).toBe(old);
  }, 120_000);
});
