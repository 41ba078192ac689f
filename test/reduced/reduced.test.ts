/**
 * `isolation: landlock`: programs work in it, nothing of the host is reached from it, and nothing outlives it.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Kind, machine, makePlace, type Place, parentOf, processesWith, until } from './place.ts';

const REDUCED = 'isolation: landlock\n';
const given = machine();
const why =
  given.landlock < 6 ? `Landlock ABI ${given.landlock} here, 6 needed` : given.root ? undefined : 'not root';
if (why) process.stderr.write(`test/reduced: only what this machine gives (${why})\n`);
const kinds: Kind[] = ['root', 'user', 'restricted root', 'restricted user'];

it.runIf(given.landlock < 6)('refuses to start on a kernel without scopes', async () => {
  const place = await makePlace('root');
  const { status, stderr } = place.run(REDUCED, ['true']);
  place.close();
  expect(status).toBe(125);
  expect(stderr).toMatch(/ABI 6/);
});

describe.runIf(why === undefined).each(kinds)('reduced isolation as %s', (kind) => {
  let place: Place;
  const run = (...command: string[]) => place.run(REDUCED, command);
  const shell = (text: string) => run('sh', '-c', text);
  const succeeded = ({ status, stderr, stdout }: ReturnType<typeof run>) =>
    expect(status, `${stdout}\n${stderr}`).toBe(0);
  beforeAll(async () => {
    place = await makePlace(kind);
  });
  afterAll(() => place.close());

  it('runs programs, with their exit codes and streams', () => {
    expect(run('true').status).toBe(0);
    expect(shell('exit 7').status).toBe(7);
    expect(shell('kill -9 $$').status).toBe(137);
    expect(run('no-such-program').status).toBe(127);
    expect(run('./a.txt').status).toBe(126);
    const { stdout, stderr } = place.run(REDUCED, ['sh', '-c', 'cat; echo error >&2'], 'input');
    expect(stdout).toBe('input');
    expect(stderr).toMatch(/^error$/m);
  });

  it('says that it is reduced, in the start lines and on the record', () => {
    const { stderr } = run('true');
    expect(stderr).toMatch(/REDUCED ISOLATION/);
    const record = place.record() as {
      isolation: string;
      never: Record<string, unknown>;
      effective: Record<string, unknown>;
    };
    expect(record.isolation).toBe('landlock');
    for (const hazard of ['persistence', 'oversight-tampering', 'sabotage'])
      expect(record.never).toHaveProperty([hazard, 'state'], 'not covered');
    expect(record.effective).toMatchObject({ noNewPrivs: true, namespaces: {}, seccomp: { mode: 2 } });
    expect((record.effective.uid as number[])[0]).not.toBe(0);
  });

  if (kind.startsWith('restricted')) {
    it('stands where the full isolation is refused, and that names it', () => {
      const { status, stderr } = place.run('', ['true']);
      expect(status).toBe(125);
      expect(stderr).toMatch(/isolation: landlock/);
    });
  }

  it('holds against every attempt', () => {
    const before = readFileSync(place.secret, 'utf8');
    const listed = readdirSync(place.outside);
    const { mode, mtimeMs } = statSync(place.secret);
    const { sockets, victim } = place;
    const { stdout, stderr, status } = run(
      ...['./attacker', place.secret, place.outside, String(victim.pid)],
      ...[sockets.path, sockets.abstract, '9', place.project],
    );
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => !/ held /.test(line))).toEqual([]);
    expect(lines.length, stderr).toBeGreaterThan(90);
    expect(status).toBe(0);
    expect(readFileSync(place.secret, 'utf8')).toBe(before);
    expect(statSync(place.secret)).toMatchObject({ mode, mtimeMs });
    expect(readdirSync(place.outside)).toEqual(listed);
    expect(sockets.reached()).toBe(0);
    expect(victim.exitCode).toBeNull();
    expect(victim.signalCode).toBeNull();
    expect(existsSync('/tmp/ringfence-reduced-test')).toBe(false);
  });

  it('lists what changed in the copy; the original stays as it is', () => {
    place.write('gone.txt', 'x');
    const { status } = shell(
      'echo more >> a.txt; rm gone.txt; mkdir new; echo 1 > new/file; chmod 700 attacker',
    );
    expect(status).toBe(0);
    expect(place.record().changes).toEqual([
      expect.objectContaining({ path: 'a.txt', kind: 'modified' }),
      expect.objectContaining({ path: 'attacker', kind: 'mode' }),
      expect.objectContaining({ path: 'gone.txt', kind: 'deleted' }),
      expect.objectContaining({ path: 'new', kind: 'added' }),
      expect.objectContaining({ path: 'new/file', kind: 'added' }),
    ]);
    expect(readFileSync(join(place.project, 'a.txt'), 'utf8')).toBe('original\n');
    expect(existsSync(join(place.project, 'gone.txt'))).toBe(true);
    expect(run('true').status).toBe(0);
    expect(place.record().changes).toEqual([]);
  });

  it('leaves hidden files out, and closes what is not to be written', () => {
    const contract = `${REDUCED}files: { hide: [gone.txt], write: [src/**] }\n`;
    place.write('gone.txt', 'x');
    expect(place.run(`${contract}`, ['true']).status).toBe(125); // src is no folder yet
    const { status, stdout } = place.run(`${REDUCED}files: { hide: [gone.txt], write: [] }\n`, [
      ...[
        'sh',
        '-c',
        'test ! -e gone.txt && ! echo x > b.txt 2>/dev/null && ! chmod 700 a.txt 2>/dev/null && cat a.txt',
      ],
    ]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'original\n' });
    expect(place.record().changes).toEqual([]);
  });

  it('runs git, make, Python and Node’s tests', () => {
    place.write(
      'Makefile',
      'all: out\nout: a.txt\n\tcp a.txt out && chmod 750 out && touch -d 2020-01-01 out\n',
    );
    succeeded(shell('make && make && [ "$(stat -c %a out)" = 750 ]'));
    const git =
      'git init -q . && git add -A && git -c user.name=a -c user.email=a@example.com commit -qm a && git gc -q && git fsck && [ -z "$(git status --short)" ]';
    succeeded(shell(git));
    const python =
      'import tempfile,shutil,subprocess; d=tempfile.mkdtemp(); shutil.copy2("a.txt", d); shutil.rmtree(d); subprocess.check_call(["true"])';
    succeeded(run('/usr/bin/python3', '-c', python));
    place.write(
      'x.test.mjs',
      `import { test } from 'node:test'; import assert from 'node:assert'; import fs from 'node:fs';
test('files', () => { fs.writeFileSync('n', '1'); fs.utimesSync('n', 1, 2); assert.equal(fs.statSync('n').mtimeMs, 2000); });`,
    );
    succeeded(run('node', '--test', 'x.test.mjs'));
  });

  it('ends with the time limit whatever the program does', () => {
    const bomb = 'trap "" TERM INT HUP; while :; do (setsid sleep 7.125 &); done';
    const { status } = place.run(`${REDUCED}compute: { time: 2s, processes: 50 }\n`, ['sh', '-c', bomb]);
    expect(status).not.toBe(0);
    expect(processesWith('sleep 7.125')).toEqual([]);
  });

  it('leaves no process behind, at its end and whoever is killed', async () => {
    expect(shell('setsid sleep 611 & (setsid sh -c "sleep 611" &); exit 0').status).toBe(0);
    expect(processesWith('sleep 611')).toEqual([]);
    const own = `sleep ${600 + kinds.indexOf(kind)}.5`;
    for (const victim of ['controller', 'supervisor', 'init'] as const) {
      const child = place.start(REDUCED, ['sh', '-c', `setsid ${own} & ${own}`]);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await until(() => processesWith(own).length === 2);
      const program = processesWith(own)
        .map(parentOf)
        .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sh\0'));
      const init = parentOf(parentOf(program as number)); // program → warden → init
      const pid = { controller: child.pid as number, supervisor: parentOf(init), init }[victim];
      process.kill(pid, 'SIGKILL');
      await until(() => processesWith(own).length === 0);
      await ended;
    }
  });
});
