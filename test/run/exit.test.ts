/**
 * Exit codes and streams of `ringfence run`, and what it says when it cannot contain: then nothing ran.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identities, Place, type Result, ROOT } from './place.ts';
import { until } from './wait.ts';

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  /** Two lines on standard error: what is wrong, what to do. Nothing ran: no output, no file. */
  function expectRefused(result: Result, problem: RegExp, hint: RegExp): void {
    const [said = '', todo = '', ...more] = result.stderr.trimEnd().split('\n');
    expect(said).toMatch(problem);
    expect(todo).toMatch(hint);
    expect(more).toEqual([]);
    expect(result).toMatchObject({ code: 125, stdout: '' });
    expect(existsSync(place.record)).toBe(false);
  }

  test.each([
    [['true'], 0],
    [['sh', '-c', 'exit 7'], 7],
    [['sh', '-c', 'kill -TERM $$'], 143],
    [['no-such-program'], 127],
    [['./no-such-program'], 127],
    [['./data'], 126],
    [['/'], 126],
  ])('%j ends with %i', async (command, code) => {
    place.file('data', 'no program', 0o644);
    const result = await place.run(command);
    expect(result.code, result.stderr).toBe(code);
    expect(place.lastRecord()).toMatchObject({ reason: 'ended', incomplete: false, exit: { status: code } });
  });

  test('a two-line contract in the folder is found and used', async () => {
    place.file('ringfence.yaml', 'ringfence: 1\nname: t\n');
    const { stdout, code, stderr } = await place.command('run', '--', 'sh', '-c', 'pwd; exit 3');
    expect({ stdout, code }).toEqual({ stdout: `${place.project}\n`, code: 3 });
    expect(stderr).toContain(join(place.project, 'ringfence.yaml'));
  });

  test('an unknown key: file, line and column; nothing started', async () => {
    const result = await place.run(['touch', 'ran'], { contract: 'netwrok: []\n' });
    expect(result.code).toBe(125);
    expect(result.stderr).toMatch(/contract\.yaml:3:1: .*netwrok/);
    expect(result.stderr).toContain('network');
    expect(existsSync(join(place.state, 'ringfence/runs'))).toBe(false);
  });

  test.each([
    ['never: { require: [coercion] }\n', /contract\.yaml:3:\d+: .*coercion is required but not covered/],
    ['files: { workspace: / }\n', /contract\.yaml:3:\d+: .*cannot be the workspace/],
  ])('%s', async (contract, problem) => {
    const result = await place.run(['touch', 'ran'], { contract });
    expect(result).toMatchObject({ code: 125, stdout: '' });
    expect(result.stderr).toMatch(problem);
    expect(result.stderr).toContain('nothing was started');
    expect(existsSync(join(place.state, 'ringfence/runs'))).toBe(false);
  });

  test('the launcher is missing', async () => {
    const installed = place.folder('installed');
    const script = `cd "$1" && cp "$2/ringfence" . && ln -s "$2/node_modules" . && cp -r "$2/dist" . &&
      rm -r dist/native && cd "$3" && exec "$1/ringfence" run -- touch ran`;
    place.file('ringfence.yaml', 'ringfence: 1\nname: t\n');
    const words = ['sh', '-c', script, 'sh', installed, ROOT, place.project];
    expectRefused(await place.start(words).result, /the launcher .* cannot be started/, /npm run setup/);
  });

  /** Words that run a shell script with the rights to mount and to set limits, then the command without them. */
  function prepared(script: string): string[] {
    const dropped = `${script} && exec setpriv --ambient-caps=-all --inh-caps=-all -- "$@"`;
    const user = identity === 'root' ? [] : ['--user', '--map-current-user', '--keep-caps'];
    return ['unshare', ...user, '--mount', 'sh', '-c', dropped, 'sh'];
  }

  test('namespaces are refused', async () => {
    const before =
      identity === 'root'
        ? ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin', '--'] // a container without privileges
        : prepared('echo 0 >/proc/sys/user/max_user_namespaces');
    expectRefused(await place.run(['touch', 'ran'], { before }), /namespaces/, /doctor/);
  });

  test('root of a user namespace that knows nobody else', async () => {
    const before = ['unshare', '--user', '--map-root-user'];
    expectRefused(await place.run(['touch', 'ran'], { before }), /a cell is never root/, /ordinary user/);
  });

  test.each([0, 1, 2, 5, 9, 14, 24])('the disk is full but for %i pages', async (pages) => {
    const full = `mount -t tmpfs -o size=${4096 * (pages + 1)},mode=700 none "$XDG_STATE_HOME"`;
    const stuffed =
      pages === 0 ? `${full} && { cat /dev/zero >"$XDG_STATE_HOME/x" 2>/dev/null; true; }` : full;
    const result = await place.run(['touch', 'made'], { before: prepared(stuffed) });
    if (result.code === 0)
      expect(result.stderr).toContain('1 added'); // enough for so short a run
    else if (result.code === 122) expect(result.stderr).toMatch(/record could not be written/);
    else expectRefused(result, /ENOSPC|no space/i, /free some .*space/);
  });

  test('the record cannot be written: said before anything runs', async () => {
    const options = ['--json', join(place.root, 'missing/record.json')];
    expectRefused(
      await place.run(['touch', 'ran'], { options }),
      /record cannot be written.*ENOENT/,
      /--json FILE/,
    );
  });

  test.each([
    ['your home', '../home'],
    ['a system folder', '/usr'],
    ['a folder that is not there', '../nowhere'],
    ['a file', '../records/contract.yaml'],
  ])('%s is no workspace', async (_, workspace) => {
    const result = await place.run(['touch', 'ran'], { contract: `files: { workspace: ${workspace} }\n` });
    expectRefused(
      result,
      /contract\.yaml:\d+:\d+: the workspace .*nothing was started/,
      /name a project folder/,
    );
    expect(readdirSync(join(place.state, 'ringfence/runs'))).toEqual([]);
  });

  test('streams are byte-exact, and a reader that goes away ends the writer', async () => {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 31) & 0xff));
    place.file('input', bytes);
    const { stdout, code } = await place.run(['cat'], { input: bytes });
    expect(code).toBe(0);
    expect(Buffer.from(stdout, 'latin1').equals(bytes)).toBe(true);
    const words = place.runWords(['yes']);
    const cut = await place.start(['sh', '-c', '"$@" | head -c 3', 'sh', ...words]).result;
    expect(cut.stdout).toBe('y\ny');
    expect(place.lastRecord().exit).toMatchObject({ signal: 13, status: 141 });
  });

  test.each([
    ['SIGTERM', 'TERM', 143],
    ['SIGINT', 'INT', 130],
    ['SIGHUP', 'HUP', 129],
    ['SIGQUIT', 'QUIT', 131],
  ] as const)('%s reaches the program, which answers or dies of it', async (signal, name, status) => {
    const script = `trap 'echo got ${name}; exit 9' ${name}; echo ready; while :; do sleep 0.05; done`;
    for (const [command, code] of [
      [['sh', '-c', script], 9],
      [['sh', '-c', 'echo ready; exec sleep 60'], status],
    ] as const) {
      const { child, result } = place.start(place.runWords([...command]));
      let seen = '';
      child.stdout?.on('data', (data) => {
        seen += data;
      });
      await until('the program is ready', () => seen.includes('ready'));
      process.kill(child.pid as number, signal);
      expect((await result).code).toBe(code);
      if (code === 9) expect((await result).stdout).toContain(`got ${name}`);
    }
  });

  test('a signal that comes at any moment of the start ends the run', async () => {
    for (let delay = 0; delay < 160; delay += 8) {
      const { child, result } = place.start(place.runWords(['sleep', '60']));
      await until('its time', () => true, delay + 1000);
      await new Promise((resolve) => setTimeout(resolve, delay));
      process.kill(child.pid as number, 'SIGINT');
      const { code, signal, stderr } = await result;
      expect([130, null], `${delay} ms: ${stderr}`).toContain(code);
      if (code === null) expect(signal).toBe('SIGINT'); // before Ringfence itself had begun
    }
  });

  test('Ctrl-C in a shell ends what the shell waits for, too', async () => {
    const { child, result } = place.start(
      place.runWords(['sh', '-c', 'sh -c "echo ready; exec sleep 60"; echo survived']),
    );
    let seen = '';
    child.stdout?.on('data', (data) => {
      seen += data;
    });
    await until('the program is ready', () => seen.includes('ready'));
    process.kill(-(child.pid as number), 'SIGINT'); // as a terminal: everybody in the foreground
    const { code, took } = await result;
    expect(code).toBe(130);
    expect(took).toBeLessThan(10_000);
  });

  test('Ctrl-Z freezes the cell and stops us; fg thaws both', async () => {
    const script = 'i=0; while :; do i=$((i+1)); echo $i >count; done';
    const { child, result } = place.start(place.runWords(['sh', '-c', `echo ready; ${script}`]));
    let seen = '';
    child.stdout?.on('data', (data) => {
      seen += data;
    });
    await until('the program is ready', () => seen.includes('ready'));
    const pid = child.pid as number;
    const state = () => /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const [run = ''] = readdirSync(join(place.state, 'ringfence/runs'));
    const count = join(place.state, 'ringfence/runs', run, 'cell/upper/count');
    await until('it counts', () => existsSync(count));
    process.kill(pid, 'SIGTSTP');
    await until('we are stopped', () => state() === 'T');
    const before = readFileSync(count, 'utf8');
    await new Promise((done) => setTimeout(done, 100));
    expect(readFileSync(count, 'utf8')).toBe(before);
    process.kill(pid, 'SIGCONT');
    await until('it counts again', () => readFileSync(count, 'utf8') !== before);
    process.kill(pid, 'SIGTERM');
    expect((await result).code).toBe(143);
  });
});
