/**
 * The operator's terminal and the cell's life: suspended and continued, interrupted, killed from every side; further
 * programs by `exec`; and what a hostile program tries with its terminal.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { identities, Place, ROOT } from '../run/place.ts';
import { until } from '../run/wait.ts';
import { COOKED, parentOf, RAW, running, supervisorOf, untilModes, untilRaw } from './look.ts';
import { Screen, type ScreenOptions } from './screen.ts';

const PROGRAM = `${ROOT}/ringfence`;
let markers = 0;
/** A number of seconds to sleep that no other test uses: its processes can be found by it. */
const marker = () => `9${process.pid}${markers++}`;

describe.each(identities())('as %s', (identity) => {
  const places: Place[] = [];
  const screens: Screen[] = [];
  afterEach(() => {
    for (const screen of screens.splice(0)) screen.close();
    for (const place of places.splice(0)) place.remove();
  });

  function newPlace(): Place {
    const place = new Place(identity);
    places.push(place);
    return place;
  }
  function show(place: Place, words: string[], options: ScreenOptions = {}): Screen {
    const screen = new Screen(place, words, options);
    screens.push(screen);
    return screen;
  }
  function open(command: string[], contract = ''): { place: Place; screen: Screen } {
    const place = newPlace();
    return { place, screen: show(place, place.runWords(command, { options: ['--quiet'], contract })) };
  }
  /** A shell of the operator's, which starts the run as its job. */
  async function shell(command: string[]): Promise<{ place: Place; screen: Screen }> {
    const place = newPlace();
    const line = place.runWords(command, { options: ['--quiet'] }).join(' ');
    const screen = show(place, ['bash', '--norc', '--noprofile', '--noediting', '-i'], {
      env: { PS1: '$ ' },
      columns: 300,
    });
    await screen.shows(/[#$]/);
    screen.type("PS1='OUT''> '\r");
    await screen.shows(/^OUT> $|^OUT>$/m);
    screen.type(`${line}\r`);
    return { place, screen };
  }
  const exec = (place: Place, ...command: string[]) => show(place, [PROGRAM, 'exec', '--', ...command]);

  it('Ctrl-Z suspends a program that has no shell, and fg goes on with it', async () => {
    const { screen } = await shell(['cat']);
    await untilRaw(screen);
    screen.type('one\r');
    await screen.wrote('one\r\none\r\n');
    screen.type('\u001a');
    await screen.shows(/Stopped/);
    expect(await screen.modes()).toMatchObject({ signals: true });
    screen.type('echo the"re"\r');
    await screen.shows('there');
    screen.type('fg\r');
    await untilRaw(screen);
    screen.type('two\r');
    await screen.wrote('two\r\ntwo\r\n');
    screen.type('\u0003');
    await screen.shows(/OUT>\s*$/);
    screen.type('echo "code $?"; stty -a\r');
    await screen.shows('code 130');
    await screen.shows(/ icanon .* echo /);
  });

  it('a full-screen program that stops itself comes back and draws anew', async () => {
    const place = newPlace();
    place.file('tui.mjs', readFileSync(`${import.meta.dirname}/tui.mjs`));
    const line = place.runWords(['node', 'tui.mjs'], { options: ['--quiet'] }).join(' ');
    const screen = show(place, ['bash', '--norc', '--noprofile', '--noediting', '-i'], {
      env: { PS1: '$ ' },
    });
    await screen.shows(/[#$]/);
    screen.type("PS1='OUT''> '\r");
    await screen.shows(/^OUT> $|^OUT>$/m);
    screen.type(`${line}\r`);
    await screen.shows('ready 80x24');
    screen.type('\u001a');
    await screen.wrote('Stopped');
    screen.type('fg\r');
    await screen.shows('continued');
    screen.type('q');
    await screen.wrote('OUT> ', 3);
    screen.type('echo "code $?"\r');
    await screen.shows('code 3');
  });

  it('bg lets it go on without the keyboard, fg gives that back', async () => {
    const { screen } = await shell([
      'sh',
      '-c',
      `'echo up; read x; while [ ! -e go ]; do sleep 0.05; done; echo went; read y; echo got $y'`,
    ]);
    await untilRaw(screen);
    await screen.wrote('\nup\r');
    screen.type('\u001a');
    await screen.wrote('Stopped');
    screen.type('bg\r');
    await screen.wrote('bg\r\n');
    screen.type('echo mi"ne"\r');
    await screen.wrote('mine');
    screen.type('fg\r');
    await untilRaw(screen);
    screen.type('x\r\u001a');
    await screen.wrote('Stopped', 2);
    screen.type('bg; echo in"side"\r');
    await screen.wrote('inside');
    screen.type('kill %1; wait\r');
    await screen.wrote('Exit 143');
  });

  it('Ctrl-Z suspends the client of exec alone', async () => {
    const { place, screen: first } = open(['sh', '-c', 'echo up; while read x; do echo got $x; done']);
    await first.shows('up');
    const second = show(place, ['bash', '--norc', '--noprofile', '--noediting', '-i']);
    await second.shows(/[#$]/);
    second.type(`${PROGRAM} exec -- cat\r`);
    await untilRaw(second);
    second.type('one\r');
    await second.wrote('one\r\none\r\n');
    second.type('\u001a');
    await second.wrote('Stopped');
    first.type('still\r');
    await first.shows('got still');
    second.type('fg\r');
    await untilRaw(second);
    second.type('two\r');
    await second.wrote('two\r\ntwo\r\n');
    second.type('\u0004');
    await second.shows(/[#$] $|[#$]$/);
    first.type('\u0004');
    expect((await first.ended).code).toBe(0);
  });

  it('a run in the background leaves the terminal to the shell, until fg', async () => {
    const { screen } = await shell(['sh', '-c', "'echo begun; read x; echo got $x'", '&']);
    await screen.wrote('begun\r');
    screen.type('echo mi"ne"\r');
    await screen.shows('mine');
    screen.type('fg\r');
    await untilRaw(screen);
    screen.type('yours\r');
    await screen.shows('got yours');
  });

  it('the terminal is the operator’s again after the program’s end, Ctrl-C and signals', async () => {
    const { screen } = await shell(['sh', '-c', "'stty raw -echo; echo raw; exit 4'"]);
    await screen.wrote('raw\n');
    await screen.shows(/OUT>\s*$/);
    screen.type('echo "code $?"\r');
    await screen.shows('code 4');
    const { screen: second } = open(['sh', '-c', 'echo up; exec sleep 1000']);
    await second.shows('up');
    second.type('\u0003');
    expect(await second.ended).toEqual({ code: 130, signal: undefined });
  });

  it.each(['controller', 'supervisor'] as const)(
    'kill -9 of the %s ends the cell and restores the terminal',
    async (whom) => {
      const place = newPlace();
      const seconds = marker();
      const words = place.runWords(
        ['sh', '-c', `'printf "\\033[?1049h\\033[?1003h"; stty raw; echo up; sleep ${seconds}'`],
        { options: ['--quiet'] },
      );
      const screen = show(place, [
        'sh',
        '-c',
        `${words.join(' ')}; echo ended; read line || read line; echo "line $line"; sleep 1`,
      ]);
      await screen.shows('up');
      expect(await screen.modes()).toEqual(RAW);
      await until('the program sleeps', () => running(`^sleep ${seconds}`).length === 1);
      const supervisor = supervisorOf(`sleep ${seconds}`);
      const pid = whom === 'supervisor' ? supervisor : parentOf(supervisor);
      process.kill(pid, 'SIGKILL');
      await until('nothing of the cell is left', () => running(`^sleep ${seconds}`).length === 0);
      await screen.wrote('ended');
      await untilModes(screen, COOKED);
      await screen.wrote('\u001b[?1003l\u001b[?1049l'); // what it left set
      expect(screen.full).toBe(false);
      screen.type('typed\r');
      await screen.wrote('line typed');
    },
  );

  it('exec: a second shell sees the same files and processes, with its own terminal and exit code', async () => {
    const { place, screen } = open(['bash', '--norc', '--noprofile']);
    await screen.shows('$');
    screen.type('echo content > made; sleep 1234\r');
    await screen.wrote('sleep 1234');
    const second = exec(place, 'bash', '--norc', '--noprofile');
    await second.shows('$');
    second.type('tty; cat made; pgrep -x sleep >/dev/null && echo se"es" it; stty size; id -u\r');
    await second.shows('/dev/pts/1');
    await second.shows('content');
    await second.shows('sees it');
    await second.resize(70, 11);
    second.type('stty size\r');
    await second.shows('11 70');
    second.type('sleep 4321\r');
    await until('the job runs', () => running('^sleep 4321').length === 1);
    second.type('\u001a');
    await second.shows('Stopped');
    second.type('exit\rexit 9\r');
    expect(await second.ended).toEqual({ code: 9, signal: undefined });
    const confined = exec(place, 'sh', '-c', 'cat /proc/self/status; touch /usr/x; cat /etc/shadow');
    await confined.ended;
    expect(confined.bytes).toMatch(/Seccomp:\s+2/);
    expect(confined.bytes).toMatch(/NoNewPrivs:\s+1/);
    expect(confined.bytes).toMatch(/CapEff:\s+0+\r/);
    expect(confined.bytes).toMatch(/touch: .*(Read-only|denied)/);
    screen.type('\u0003');
    screen.type('exit 0\r');
    expect(await screen.ended).toEqual({ code: 0, signal: undefined });
    const log = await place.command('log', 'show', '--kind', 'session.open', '--json');
    expect(log.stdout).toContain('"terminal":true');
    const closes = await place.command('log', 'show', '--kind', 'session.close', '--json');
    expect(closes.stdout).toContain('"exit":{"code":9}');
  });

  it('exec without a terminal is clean for bytes, and gives exit codes as a shell does', async () => {
    const { place, screen } = open(['sh', '-c', 'echo up; read x']);
    await screen.shows('up');
    const run = (command: string[], input: Buffer = Buffer.alloc(0)) =>
      place.start([PROGRAM, 'exec', '--', ...command], { input }).result;
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) & 255));
    const back = await run(['cat'], bytes);
    expect(back.code).toBe(0);
    expect(Buffer.from(back.stdout, 'latin1').equals(bytes)).toBe(true);
    expect((await run(['sh', '-c', 'echo out; echo err >&2; exit 42'])).code).toBe(42);
    expect(await run(['sh', '-c', 'echo out; echo err >&2; kill -9 $$'])).toMatchObject({
      code: 137,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect((await run(['no-such-program'])).code).toBe(127);
    expect((await run(['/etc/passwd'])).code).toBe(126);
    const left = await run(['sh', '-c', 'sleep 1000 & echo done']); // what stays behind keeps nobody waiting
    expect(left).toMatchObject({ code: 0, stdout: 'done\n' });
    screen.type('\r');
    expect((await screen.ended).code).toBe(0);
    expect((await run(['true'])).code).toBe(125);
  });

  it('forty sessions, eight at a time, do not mix', async () => {
    const { place, screen } = open(['sh', '-c', 'echo up; read x']);
    await screen.shows('up');
    const one = (code: number) =>
      place.start([PROGRAM, 'exec', '--', 'sh', '-c', `echo ${code}; exit ${code}`]).result;
    for (let round = 0; round < 5; round += 1) {
      const codes = Array.from({ length: 8 }, (_, i) => round * 8 + i + 1);
      const results = await Promise.all(codes.map(one));
      expect(results.map(({ code, stdout }) => [code, stdout])).toEqual(
        codes.map((code) => [code, `${code}\n`]),
      );
    }
    screen.type('\r');
    expect((await screen.ended).code).toBe(0);
  });

  it('a client that is killed takes its session with it, and nothing else', async () => {
    const { place, screen } = open(['sh', '-c', 'echo up; read x; exit 6']);
    await screen.shows('up');
    const [job, stubborn] = [marker(), marker()];
    const second = exec(
      place,
      'bash',
      '-c',
      `trap "" HUP TERM; set -m; sleep ${job} & echo begun; while :; do sleep 0.${stubborn}; done`,
    );
    await second.shows('begun');
    await until('its job runs', () => running(`^sleep ${job}`).length === 1);
    const [client] = running(`attach .* ${job}`); // the first: the second keeps its terminal
    process.kill(client as number, 'SIGKILL');
    await until(
      'nothing of it is left',
      () => running(`^sleep ${job}`).length === 0 && running(`sleep 0.${stubborn}`).length === 0,
      30_000,
    );
    screen.type('\r');
    expect(await screen.ended).toEqual({ code: 6, signal: undefined });
  });

  it('sessions end with the run, and with its client', async () => {
    const { place, screen } = open(['sh', '-c', 'echo up; read x']);
    await screen.shows('up');
    const seconds = marker();
    const second = exec(place, 'sh', '-c', `echo begun; sleep ${seconds}`);
    await second.shows('begun');
    screen.type('\r');
    expect((await screen.ended).code).toBe(0);
    expect(await second.ended).toEqual({ code: 137, signal: undefined });
    expect(running(`^sleep ${seconds}`)).toEqual([]);
    const third = open(['sh', '-c', `echo up; sleep ${seconds}`]);
    await third.screen.shows('up');
    const other = exec(third.place, 'sh', '-c', `echo begun; sleep ${seconds}7`);
    await other.shows('begun');
    process.kill(parentOf(supervisorOf(`sleep ${seconds}`)), 'SIGKILL');
    expect((await other.ended).code).not.toBe(0);
    await until('nothing is left', () => running(`^sleep ${seconds}`).length === 0);
  });

  it('streams that are no terminal stay pipes', async () => {
    const place = newPlace();
    const words = place.runWords(
      ['sh', '-c', "'test -t 0 && echo in; test -t 1 && echo out; test -t 2 && echo err; echo no'"],
      { options: ['--quiet'] },
    );
    const line = words.join(' ');
    const screen = show(place, [
      'sh',
      '-c',
      `${line} | cat; echo --; ${line} </dev/null; echo --; ${line} 2>/dev/null; echo --; ${line.replace('--quiet', '--quiet --no-tty')}; echo --; ${line.replace('--quiet', '--quiet --tty')} </dev/null | cat; echo end`,
    ]);
    await screen.shows('end', 30_000);
    expect(
      screen
        .text()
        .split('--')
        .map((part) => part.trim().split('\n').join(' ')),
    ).toEqual(['no', 'no', 'in out no', 'no', 'in out err no end']);
  });

  it('a hostile program gets nothing out of its terminal', async () => {
    const place = newPlace();
    place.file('attack.py', ATTACK);
    const screen = show(place, place.runWords(['python3', 'attack.py'], { options: ['--quiet'] }));
    expect(await screen.ended).toEqual({ code: 0, signal: undefined });
    const said = screen.bytes.split('\r\n').filter((line) => line.includes('='));
    expect(said.filter((line) => !line.endsWith('=refused') && !line.endsWith('=own'))).toEqual([]);
    expect(said.length).toBe(9);
    for (const kept of ['\u001b[21t', '\u001b]52;', '\u001bP$q', '\u0005', '\u001b_G', '\u001b[5i']) {
      expect(screen.bytes.includes(kept), JSON.stringify(kept)).toBe(false);
    }
    expect(screen.bytes).toContain('\u001b[6n');
    expect(screen.bytes.endsWith('\u001b[?1000l\u001b[?1049l\u001b[5n')).toBe(true); // what it left set; and are all answers there?
  });

  it('a program that leaves its terminal goes on, and its end is seen', async () => {
    const { screen } = open([
      'python3',
      '-c',
      'import os,time\nfor fd in range(3): os.close(fd)\ntime.sleep(0.3)\nos._exit(8)',
    ]);
    expect(await screen.ended).toEqual({ code: 8, signal: undefined });
  });
});

/** Each line says NAME=refused, NAME=own (it reached its own terminal alone), or what it got. */
const ATTACK = `
import fcntl, os, termios, glob, struct
def attempt(name, what):
    try: result = what()
    except OSError: result = None
    print(name + '=' + ('refused' if result is None else result), flush=True)
def ioctl(fd, number, argument): fcntl.ioctl(fd, number, argument); return 'done'
own = os.fstat(0)
attempt('tiocsti', lambda: ioctl(0, termios.TIOCSTI, b'x'))
attempt('tioclinux', lambda: ioctl(0, 0x541c, b'\\3'))
attempt('steal', lambda: ioctl(0, termios.TIOCSCTTY, 1))
attempt('console', lambda: ioctl(0, termios.TIOCCONS, 0))
attempt('hangup', lambda: ioctl(0, 0x5437, 0))
attempt('tty', lambda: 'own' if os.ttyname(0).startswith('/dev/pts/') and os.isatty(os.open('/dev/tty', os.O_RDWR)) else 'strange')
attempt('others', lambda: 'own' if len(glob.glob('/dev/pts/[0-9]*')) == 1 else 'others')
def more():
    master, slave = os.openpty()
    return 'own' if os.fstat(slave).st_dev == own.st_dev else 'another'
attempt('openpty', more)
attempt('host', lambda: str(os.open('/proc/1/root/dev/pts/0', os.O_RDWR)))
os.write(1, b'\\33[21t\\33]52;c;?\\7\\33]52;c;YQ==\\33\\\\\\33P$q"p\\33\\\\\\5\\33_Gx\\33\\\\\\33[5i\\33[6n')
os.write(1, b'\\33[?1049h\\33[?1000h')
`;
