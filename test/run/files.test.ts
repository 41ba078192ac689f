/**
 * The workspace is an overlay: the original stays as it was, and what changed is listed right. What the contract says
 * of files, programs and the environment is enforced.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identities, Place } from './place.ts';

const digest = (folder: string): string =>
  execFileSync(
    'sh',
    [
      '-c',
      'find . -printf "%P %y %m %s %l\\n" | LC_ALL=C sort; find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum',
    ],
    { cwd: folder, encoding: 'utf8' },
  );

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  test('the original stays untouched, and each kind of change is listed as what it is', async () => {
    for (const name of [
      'kept',
      'edited',
      'deleted',
      'moved',
      'made-executable',
      'made-link',
      'same',
      'folder/inside',
      'old/one',
      'old/deep/two',
      'gone/x',
    ]) {
      place.file(name, `${name}\n`);
    }
    symlinkSync('kept', join(place.project, 'link'));
    const before = digest(place.project);
    const script = `set -e
      echo more >>edited; rm deleted; mv moved renamed; chmod +x made-executable; ln -sf kept made-link
      echo new >added; mkdir -p new/folder; echo x >new/folder/file; ln -s /etc/passwd planted; printf 'same\\n' >same
      mv old young; rm -r gone; rm link
      printf 'odd' >"$(printf 'tab\\there')"; printf odd >"$(printf 'new\\nline')"; printf odd >"$(printf 'bytes\\377')"; printf odd >-rf; printf odd >'sp ace "quote"'
      cp -p kept copied; test "$(cat young/deep/two)" = old/deep/two; test ! -e old`;
    const { code, stderr } = await place.run(['sh', '-c', script]);
    expect(code, stderr).toBe(0);
    expect(digest(place.project)).toBe(before);
    const changes = place.lastRecord().changes;
    const kinds = Object.fromEntries(changes.map(({ path, kind }) => [path, kind]));
    expect(kinds).toMatchObject({
      edited: 'modified',
      deleted: 'deleted',
      'made-executable': 'mode',
      added: 'added',
      'new/folder/file': 'added',
      planted: 'added',
      link: 'deleted',
      copied: 'added',
      '-rf': 'added',
    });
    expect(changes.find(({ path }) => path === 'made-executable')?.executable).toBe(true);
    expect(changes.find(({ path }) => path === 'planted')?.type).toBe('symlink');
    expect(changes.find(({ path }) => path === 'made-link')).toMatchObject({ type: 'symlink' });
    const paths = changes.map(({ path }) => path).join('\n');
    for (const part of ['renamed', 'tab', 'bytes', 'young', 'sp ace', 'gone']) expect(paths).toContain(part);
    for (const name of ['kept', 'folder/inside']) expect(kinds[name]).toBeUndefined();
    for (const { path } of changes) expect(path).not.toMatch(/\p{Cc}/u); // names that are printed cannot forge lines
  });

  test('files.write: only there', async () => {
    place.file('src/a', 'a');
    place.file('other/b', 'b');
    const script =
      'echo x >src/new && echo y >>src/a; echo z >other/new || echo refused; echo z >>other/b || echo refused; rm other/b || echo refused; mv src/a other/ || echo refused; cat other/b';
    const { stdout, stderr } = await place.run(['sh', '-c', script], {
      contract: 'files: { workspace: ../home/project, write: [src/**] }\n',
    });
    expect(stdout, stderr).toBe('refused\nrefused\nrefused\nrefused\nb');
    expect(
      place
        .lastRecord()
        .changes.map(({ path }) => path)
        .sort(),
    ).toEqual(['src/a', 'src/new']);
    expect(stderr).toContain('files.write');
  });

  test('what is shown in the home is read-only, and a program keeps its state beside it', async () => {
    place.file(join(place.home, '.tool/deep/settings'), 'setting\n');
    const script = `set -e
      cat ~/.tool/deep/settings; echo state >~/.tool/deep/state; mkdir ~/.tool/history; cat ~/.tool/deep/state
      ! echo changed 2>/dev/null >~/.tool/deep/settings; ! rm ~/.tool/deep/settings 2>/dev/null`;
    const contract = 'files: { workspace: ../home/project, read: [~/.tool/deep/settings] }\n';
    const { stdout, code, stderr } = await place.run(['sh', '-c', script], { contract });
    expect({ stdout, code }, stderr).toEqual({ stdout: 'setting\nstate\n', code: 0 });
    expect(place.read('../.tool/deep/settings')).toBe('setting\n');
    expect(existsSync(join(place.home, '.tool/history'))).toBe(false);
  });

  test('files.hide and files.read', async () => {
    place.file('.env', 'secret\n');
    place.file('private/key.pem', 'secret\n');
    place.file('shown', 'shown\n');
    place.file('../.gitconfig', '[user]\n\tname = Shown\n');
    place.file('../.netrc', 'secret\n');
    const contract =
      'files: { workspace: ../home/project, hide: [.env, "**/*.pem"], read: [~/.gitconfig] }\n';
    const script =
      'cat .env private/key.pem ~/.netrc; cat shown ~/.gitconfig; echo x >>~/.gitconfig; echo x >.env; rm -f private/key.pem; true';
    const { stdout } = await place.run(['sh', '-c', script], { contract });
    expect(stdout).toBe('shown\n[user]\n\tname = Shown\n');
    expect(place.read('.env')).toBe('secret\n');
    expect(place.read('private/key.pem')).toBe('secret\n');
    expect(place.read('../.gitconfig')).toBe('[user]\n\tname = Shown\n');
  });

  test('programs: the list and nothing else', async () => {
    place.file('own.sh', '#!/bin/sh\necho own\n', 0o755);
    const script =
      'cat /dev/null && echo cat; ls / >/dev/null 2>&1 || echo no ls; ./own.sh || echo no own; cp /bin/ls /tmp/ls && /tmp/ls || echo no copy';
    const { stdout, stderr } = await place.run(['sh', '-c', script], {
      contract: 'programs: [sh, cat, cp]\n',
    });
    expect(stdout, stderr).toBe('cat\nno ls\nno own\nno copy\n');
  });

  test('environment: scrubbed, but for what is passed and set; a secret is not recorded', async () => {
    const env = { PASSED: 'passed', HOST_ONLY: 'host', API_TOKEN: 'tok-3f9a8b7c6d5e' };
    const contract = 'environment: { pass: [PASSED, API_TOKEN], set: { SET: "to this" } }\n';
    const { stdout, stderr } = await place.run(
      ['sh', '-c', 'env; curl -s http://u:tok-3f9a8b7c6d5e@example.com/; true', 'tok-3f9a8b7c6d5e'],
      { env, contract },
    );
    expect(stdout).toContain('PASSED=passed');
    expect(stdout).toContain('SET=to this');
    expect(stdout).toContain('API_TOKEN=tok-3f9a8b7c6d5e');
    expect(stdout).not.toContain('HOST_ONLY');
    expect(stdout).not.toContain('XDG_STATE_HOME');
    expect(stderr).toContain('[redacted:'); // what Ringfence says; the program's own words are its own
    expect(place.read(place.record)).not.toContain('tok-3f9a8b7c6d5e');
    const found = spawnSync('grep', ['-rl', 'tok-3f9a8b7c6d5e', place.state], { encoding: 'utf8' });
    expect(found.stdout).toBe('');
  });
});
