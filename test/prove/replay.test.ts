/**
 * `prove --replay`: the paths that it finds are tried in real cells, in a place of their own, and nothing stays behind.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { identities, Place, ROOT } from '../run/place.ts';
import { until } from '../run/wait.ts';

const places: Place[] = [];
afterEach(() => {
  for (const place of places.splice(0)) place.remove();
});

function makePlace(identity: 'root' | 'user'): Place {
  const place = new Place(identity);
  places.push(place);
  place.folder('tmp', 0o777);
  return place;
}

interface Verdict {
  hazard: string;
  verdict: string;
  replay?: { replayed: string; why: string };
}

async function replay(place: Place, contract: string) {
  place.file('ringfence.yaml', `ringfence: 1\nname: t\n${contract}\n`);
  const words = [join(ROOT, 'ringfence'), 'prove', '--replay', '--json'];
  const env = { TMPDIR: join(place.root, 'tmp'), AWS_SECRET_ACCESS_KEY: 'the true key' };
  const { code, stdout, stderr } = await place.start(words, { within: 120, env }).result;
  expect(stderr).toBe('');
  const { verdicts } = JSON.parse(stdout) as { verdicts: Verdict[] };
  const replays = Object.fromEntries(
    verdicts.flatMap(({ hazard, replay: one }) => (one ? [[hazard, one]] : [])),
  );
  return { code, stdout, verdicts, replays };
}

describe.each(identities())('prove --replay as %s', (identity) => {
  it('shows that hooks of a direct workspace run outside, and touches neither workspace nor records', async () => {
    const place = makePlace(identity);
    place.file('kept.txt', 'as it was');
    const { code, verdicts, replays } = await replay(place, 'files: { workspace: { mode: direct } }');
    expect(code).toBe(1);
    for (const { hazard, verdict } of verdicts)
      expect(replays[hazard]?.replayed, hazard).toBe(verdict === 'REFUTED' ? 'yes' : undefined);
    expect(replays.escape?.why).toContain('executed outside of the cell');
    expect(replays.sabotage?.why).toBeDefined();
    expect(readdirSync(place.project).sort()).toEqual(['kept.txt', 'ringfence.yaml']);
    expect(place.read('kept.txt')).toBe('as it was');
    expect(existsSync(join(place.state, 'ringfence', 'runs'))).toBe(false);
    expect(readdirSync(join(place.root, 'tmp'))).toEqual([]);
  });

  it('lets canaries arrive at stand-ins, whatever is spoken, and no true value', async () => {
    const place = makePlace(identity);
    const { stdout, verdicts, replays } = await replay(
      place,
      [
        'network:',
        '  - { host: api.example.com, methods: [POST], paths: [/v1/**] }',
        '  - { host: "*.example.org", port: 22, protocol: ssh }',
        '  - { host: 203.0.113.7, port: 5432, protocol: postgres }',
        'environment: { pass: [AWS_SECRET_ACCESS_KEY] }',
      ].join('\n'),
    );
    const refuted = verdicts.filter(({ verdict }) => verdict === 'REFUTED').map(({ hazard }) => hazard);
    expect(refuted).toEqual(
      expect.arrayContaining(['exfiltration', 'remote-control', 'resource-acquisition']),
    );
    for (const hazard of refuted) expect([hazard, replays[hazard]?.replayed]).toEqual([hazard, 'yes']);
    expect(stdout).not.toContain('the true key');
  });

  it('says why a path cannot be tried', async () => {
    const place = makePlace(identity);
    const { replays } = await replay(place, 'programs: [sh]\nnetwork: [{ host: api.example.com }]');
    expect(replays.exfiltration?.replayed).toBe('not replayable');
    expect(replays.exfiltration?.why).toContain('programs does not list');
    expect(replays['compute-diversion']?.replayed).toBe('yes');
  });

  it('works in the reduced isolation, too', async () => {
    const place = makePlace(identity);
    const { replays } = await replay(place, 'isolation: landlock');
    expect(replays['compute-diversion']?.replayed).toBe('yes');
  });

  it('ends with the signal that ends it, and leaves nothing', async () => {
    const place = makePlace(identity);
    place.file('ringfence.yaml', 'ringfence: 1\nname: t\nnetwork: [{ host: api.example.com }]\n');
    const tmp = join(place.root, 'tmp');
    const words = [join(ROOT, 'ringfence'), 'prove', '--replay'];
    const { child, result } = place.start(words, { within: 60, env: { TMPDIR: tmp } });
    await until('the first cell', () => {
      const [scratch] = readdirSync(tmp);
      return scratch !== undefined && existsSync(join(tmp, scratch, 'state'));
    });
    process.kill(-(child.pid as number), 'SIGINT');
    const { code, signal } = await result;
    expect([code, signal]).toEqual([130, null]);
    expect(readdirSync(tmp)).toEqual([]);
  });
});
