/**
 * The terminal is the operator's again, whole: no answer to the program is typed into their shell, and whoever stops or kills
 * what, keys go where they belong. Further programs: refused where they cannot start, bounded in number, hung up.
 *
 * @module
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { identities, Place, ROOT } from '../run/place.ts';
import { until } from '../run/wait.ts';
import { groupOf, running, supervisorOf, untilRaw } from './look.ts';
import { Screen, type ScreenOptions } from './screen.ts';

const PROGRAM = join(ROOT, 'ringfence');
const LAUNCHER = join(ROOT, 'native/build/ringfence-cell');
const LANDLOCK = 'isolation: landlock\n';

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
  const socketOf = (place: Place): string => {
    const folder = join(place.root, 'runtime/ringfence');
    return join(folder, readdirSync(folder).find((name) => name.endsWith('.tty')) as string);
  };

  it('answers that come after the end are nobody’s input', async () => {
    const place = newPlace();
    place.file(
      'ask.sh',
      'i=0; while [ $i -lt 50 ]; do printf "\\033[6n\\033[c\\033]11;?\\007\\033P+q544e\\033\\\\"; i=$((i+1)); done',
    );
    const line = place.runWords(['sh', 'ask.sh'], { options: ['--quiet'] }).join(' ');
    const left = 'stty -icanon -echo min 0 time 10; dd bs=1 count=64 2>/dev/null | od -An -c';
    const screen = show(place, ['sh', '-c', `${line}; echo "left <$(${left})>"`]);
    await screen.wrote('left <>');
  });

  it('answers that come after Ctrl-Z are nobody’s input', async () => {
    const place = newPlace();
    place.file('ask.sh', 'printf "\\033[6n\\033[6n\\033[6n"; kill -STOP $$; echo on');
    const line = place.runWords(['sh', 'ask.sh'], { options: ['--quiet'] }).join(' ');
    const screen = show(place, ['bash', '--norc', '--noprofile', '--noediting', '-i'], { columns: 300 });
    await screen.shows(/[#$]/);
    screen.type(`${line}\r`);
    await screen.wrote('Stopped');
    screen.type('echo "li"ne\r');
    await screen.shows(/(^|[#$] )line$/m); // a busy machine draws the prompt late
    screen.type('fg\r');
    await screen.shows(/^on$/m);
  });

  it('a job that is stopped from outside, and put in the background, has the keys again by fg', async () => {
    const place = newPlace();
    place.file('lines.sh', 'echo up; while read x; do echo "got $x"; done');
    const line = place.runWords(['sh', 'lines.sh', place.root], { options: ['--quiet'] }).join(' ');
    const screen = show(place, ['bash', '--norc', '--noprofile', '--noediting', '-i'], { columns: 300 });
    await screen.shows(/[#$]/);
    screen.type(`${line}\r`);
    await untilRaw(screen);
    await screen.wrote('up\r');
    const group = groupOf(supervisorOf(`sh lines.sh ${place.root}`));
    process.kill(-group, 'SIGSTOP');
    await screen.wrote('Stopped');
    screen.type('bg\r');
    await screen.wrote('bg\r\n');
    screen.type('echo "mi"ne\r');
    await screen.shows(/^mine$/m);
    screen.type('fg\r');
    await untilRaw(screen);
    screen.type('yours\r');
    await screen.wrote('got yours');
  });

  it('exec into a frozen cell is refused, with what to do', async () => {
    const { place, screen } = open(['sh', '-c', 'echo up; read x']);
    await screen.shows('up');
    expect((await place.command('freeze', '--all')).code).toBe(0);
    const refused = await place.command('exec', '--', 'true');
    expect(refused).toMatchObject({ code: 125, stdout: '' });
    expect(refused.stderr).toMatch(/frozen.*ringfence thaw/);
    expect((await place.command('thaw', '--all')).code).toBe(0);
    expect((await place.command('exec', '--', 'true')).code).toBe(0);
    screen.type('\r');
    expect((await screen.ended).code).toBe(0);
  });

  it('so many sessions and no more, each freed again', async () => {
    const { place, screen } = open(['sh', '-c', 'echo up; read x']);
    await screen.shows('up');
    const attach = (...words: string[]) =>
      place.start([LAUNCHER, 'attach', socketOf(place), '-', ...words], { input: '' });
    const mark = `7${process.pid}${identity.length}`;
    const clients = Array.from({ length: 32 }, () => attach('sleep', mark));
    await until('all run', () => running(`^sleep ${mark}$`).length === 32, 30_000);
    expect(await attach('true').result).toMatchObject({
      code: 125,
      stderr: 'ringfence: too many sessions are open in this run\n',
    });
    for (const { child } of clients) child.kill('SIGKILL');
    await Promise.all(clients.map(({ result }) => result));
    await until('none runs', () => running(`^sleep ${mark}$`).length === 0, 30_000);
    const deadline = performance.now() + 30_000; // it is said after it is done
    while ((await attach('true').result).code !== 0) expect(performance.now()).toBeLessThan(deadline);
    screen.type('\r');
    expect((await screen.ended).code).toBe(0);
  });

  it('a session that forks for its life is ended with its client', async () => {
    const place = newPlace();
    place.file('bomb.py', BOMB);
    const words = place.runWords(['sh', '-c', 'echo up; read x'], {
      options: ['--quiet'],
      contract: 'compute: { processes: 60 }\n',
    });
    const screen = show(place, words);
    await screen.shows('up');
    const second = show(place, [PROGRAM, 'exec', '--', 'python3', 'bomb.py', place.root]);
    await second.shows('begun');
    const inside = () => running(`^python3 bomb.py ${place.root}$`).length;
    const [client] = running(`attach .*${place.root}$`); // the first: the second keeps its terminal
    process.kill(client as number, 'SIGKILL');
    await until('nothing of it is left', () => inside() === 0, 30_000);
    screen.type('\r');
    expect((await screen.ended).code).toBe(0);
  });

  it('isolation: landlock has terminals, and exec, too', async () => {
    const { place, screen } = open(['bash', '--norc', '--noprofile'], LANDLOCK);
    await screen.shows('$');
    screen.type('stty size; test -t 0 && echo is"a"tty; ls /dev/pts | wc -l\r');
    await screen.shows('24 80');
    await screen.shows('isatty');
    screen.type('sleep 1111\r');
    await until('the job runs', () => running('^sleep 1111$').length > 0, 30_000);
    screen.type('\u001a');
    await screen.shows('Stopped');
    const second = show(place, [PROGRAM, 'exec', '--', 'bash', '--norc', '--noprofile']);
    await second.shows('$');
    second.type('stty size; echo con"tent" >made\r');
    await second.shows('24 80');
    await second.resize(70, 11);
    second.type('stty size\r');
    await second.shows('11 70');
    second.type('exit 9\r');
    expect(await second.ended).toEqual({ code: 9, signal: undefined });
    expect(await place.command('exec', '--', 'cat', 'made')).toMatchObject({ code: 0, stdout: 'content\n' });
    const third = show(place, [
      PROGRAM,
      'exec',
      '--',
      'sh',
      '-c',
      `trap "" HUP; echo begun; sleep 2222; : ${place.root}`,
    ]);
    await third.shows('begun');
    const [client] = running(`attach .*${place.root}`);
    process.kill(client as number, 'SIGKILL');
    await until('its session is gone', () => running('^sleep 2222$').length === 0, 30_000);
    screen.type('exit\rexit 4\r');
    expect(await screen.ended).toEqual({ code: 4, signal: undefined });
    await until('nothing is left', () => running('^sleep 1111$').length === 0, 30_000);
  });
});

const BOMB = `
import os, signal, time
signal.signal(signal.SIGHUP, signal.SIG_IGN)
first = os.getpid()
print('begun', flush=True)
while True:
    try: os.fork()
    except OSError: time.sleep(0.001)
    if os.getpid() != first and os.getpid() % 7 == 0: os._exit(0)
`;
