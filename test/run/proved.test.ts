/**
 * Nothing is launched that is not proved: an exit code of its own, and the promise that would have been broken.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identities, Place } from './place.ts';

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  test.each([
    ['the records of runs', 'ringfence/runs'],
    ['the keys that sign them', 'ringfence/keys'],
    ['what holds both', ''],
  ])('a contract that shows %s starts nothing', async (_, folder) => {
    await place.run(['true']); // so that there are some
    const shown = join(place.state, folder);
    const result = await place.run(['sh', '-c', 'echo ran > ran'], {
      contract: `files: { read: [${shown}] }`,
    });
    expect(result).toMatchObject({ code: 123, stdout: '' });
    expect(result.stderr).toContain(
      'not proved, so not started: Ringfence’s own keys, records and sockets cannot be seen',
    );
    expect(result.stderr).toMatch(/:\d+:\d+: /);
    expect(result.stderr).toContain('name the folders that are needed');
    expect(existsSync(join(place.project, 'ran'))).toBe(false);
  });

  test('what is hidden under the name of a link is hidden', async () => {
    place.file('conf/secret', 'a secret');
    const linked = await place.start(['ln', '-s', 'conf', 'folder']).result;
    expect(linked.code).toBe(0);
    const result = await place.run(['cat', 'folder/secret', 'conf/secret'], {
      contract: 'files: { hide: [folder/secret] }',
    });
    expect(result.stdout).toBe('');
  });
});
