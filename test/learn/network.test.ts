/**
 * `learn --network` against a resolver and servers that are really there: what was spoken becomes rules, under which the same
 * work passes, and nothing private is reached.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadContract } from '../../src/contract/index.ts';
import { compileAttacker } from '../matrix/world.ts';
import { identities, Place, ROOT } from '../run/place.ts';

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  /** Runs a command as the place's user in namespaces where `outside.ts` is the outside. */
  const inWorld = (...words: string[]) => {
    const folder = place.folder('outside', 0o777);
    compileAttacker(folder);
    const user = identity === 'user' ? ['--user', '--map-current-user', '--keep-caps'] : [];
    const script = join(import.meta.dirname, 'outside.sh');
    const before = ['unshare', ...user, '--mount', '--net', '--fork', '--kill-child=SIGKILL'];
    return place.start([...before, 'sh', script, folder, process.execPath, ...words], { within: 120 }).result;
  };

  test('hosts that were spoken with become rules, each under its own name', async () => {
    const program = join(ROOT, 'ringfence');
    const work =
      'curl -sSf http://web.example.com/ && curl -sSf http://same.example.com/ && ! curl -sS -m 5 http://inside.example.com/';
    const learnt = await inWorld(program, 'learn', '--network', '--', 'sh', '-c', work);
    expect(learnt.stderr).toContain('ends with exit code 0 under it, as it did before');
    expect(learnt).toMatchObject({ code: 0, stdout: 'reached\nreached\n' });
    const asked = readFileSync(join(place.root, 'outside/asked'), 'utf8');
    // once while it was recorded, once under the proposal
    expect(asked).toBe('web.example.com\nsame.example.com\n'.repeat(2));
    const path = join(place.project, 'ringfence.yaml');
    const loaded = loadContract(path);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    expect(loaded.contract.network.map(({ host, port, protocol }) => `${host}:${port} ${protocol}`)).toEqual([
      'web.example.com:80 http',
      'same.example.com:80 http',
    ]);
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(/^# {3}- \{ host: inside\.example\.com, .*looked up in/m);
    expect(text).not.toContain('10.0.0.7');
  });
});
