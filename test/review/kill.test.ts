/**
 * `apply` and `undo` killed at any moment: after the next command the workspace is the old one or the new one, whole.
 *
 * The moments are seeded; RINGFENCE_SEED repeats a failure.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identities } from '../run/place.ts';
import { PROGRAM, ReviewPlace } from './place.ts';

const seed = Number(process.env.RINGFENCE_SEED ?? Date.now() % 1_000_000);
const KILLS = Number(process.env.RINGFENCE_KILLS ?? 50);

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

    const took = Math.max(whole.took, 200);
    let at = 'old';
    const seen = { old: 0, new: 0, unfinished: 0 };
    for (let kill = 0; kill < KILLS; kill++) {
      const words = at === 'old' ? ['apply', 'latest', '--digest', digest] : ['undo'];
      const { child, result } = place.start([PROGRAM, ...words], { within: 60 });
      await pause(took * (0.3 + 1.2 * next()));
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // it was done before
      }
      await result;
      const unfinished = readdirSync(place.project).some((name) => name.startsWith('.ringfence-'));
      if (unfinished) seen.unfinished++;
      const recovered = await place.ringfence('apply', '--recover');
      expect(recovered.code, recovered.stderr).toBe(0);
      const now = place.tree();
      const told = `seed ${seed}, kill ${kill}, from ${at}`;
      expect(now === old || now === fresh, told).toBe(true);
      at = now === old ? 'old' : 'new';
      seen[at as 'old' | 'new']++;
    }
    console.log(`seed ${seed}: ${JSON.stringify(seen)}`);
    expect(existsSync(join(place.project, 'd1'))).toBe(true);
    expect(Math.min(seen.unfinished, seen.old, seen.new)).toBeGreaterThan(0);
  }, 600_000);
});
