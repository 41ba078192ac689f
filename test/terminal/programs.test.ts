/**
 * What people use at a terminal works in a cell: editors, pagers, monitors, REPLs, shells with job control, programs that
 * ask, at the size the terminal has.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { identities, Place } from '../run/place.ts';
import { Screen, type ScreenOptions } from './screen.ts';

const TUI = join(import.meta.dirname, 'tui.mjs');

describe.each(identities())('as %s', (identity) => {
  const places: Place[] = [];
  const screens: Screen[] = [];
  afterEach(() => {
    for (const screen of screens.splice(0)) screen.close();
    for (const place of places.splice(0)) place.remove();
  });

  function open(
    command: string[],
    {
      options = ['--quiet'],
      prepare,
      contract,
      ...rest
    }: ScreenOptions & {
      options?: string[];
      contract?: string;
      prepare?: (place: Place) => void;
    } = {},
  ): { place: Place; screen: Screen } {
    const place = new Place(identity);
    places.push(place);
    prepare?.(place);
    const words = place.runWords(command, { options, ...(contract !== undefined && { contract }) });
    const screen = new Screen(place, words, rest);
    screens.push(screen);
    return { place, screen };
  }

  /** What a run changed lies in its folder, until it is applied. */
  function changed(place: Place, name: string): string {
    const [run] = readdirSync(join(place.state, 'ringfence/runs'));
    return readFileSync(join(place.state, 'ringfence/runs', run as string, 'cell/upper', name), 'utf8');
  }

  it('an editor edits and saves', async () => {
    const { place, screen } = open(['vi', '-u', 'NONE', 'note.txt'], {
      prepare: (at) => at.file('note.txt', 'first line\n'),
    });
    await screen.shows('first line');
    screen.type('osecond £ läne\u001b');
    await screen.shows('second £ läne');
    screen.type(':wq\r');
    expect(await screen.ended).toEqual({ code: 0, signal: undefined });
    expect(changed(place, 'note.txt')).toBe('first line\nsecond £ läne\n');
  });

  it('a pager and a monitor draw the whole screen and leave it as it was', async () => {
    const { screen } = open(['sh', '-c', 'seq 500 | less; top -d 1']);
    await screen.shows(/^1\n2\n3/);
    expect(screen.full).toBe(true);
    screen.type('G');
    await screen.shows(/499\n500/);
    screen.type('q');
    await screen.shows('%Cpu');
    screen.type('q');
    expect(await screen.ended).toEqual({ code: 0, signal: undefined });
    expect(screen.full).toBe(false);
  });

  it('REPLs edit lines and interrupt', async () => {
    const { screen } = open(['python3', '-q']);
    await screen.shows('>>>');
    screen.type('6*7\r');
    await screen.shows('42');
    screen.type('import time; time.sleep(100)\r');
    await screen.shows('sleep(100)');
    screen.type('\u0003');
    await screen.shows('KeyboardInterrupt');
    screen.type('\u0004');
    expect([0, 130]).toContain((await screen.ended).code); // some versions end by SIGINT after an interrupt, outside as well
    const { screen: node } = open(['node']);
    await node.shows(/^> ?$/m);
    node.type('process.stdout.columns * 1000\r');
    await node.shows('80000');
    node.type('.exit\r');
    expect(await node.ended).toEqual({ code: 0, signal: undefined });
  });

  it('a shell has job control', async () => {
    const { screen } = open(['bash', '--norc', '--noprofile'], { env: { PS1: '' } });
    await screen.shows('$');
    screen.type('PS1="<$?> "; tty\r');
    await screen.shows('/dev/pts/0');
    screen.type('sleep 1000\r');
    await screen.wrote('sleep 1000');
    await screen.wrote('sleep 1000\r\n');
    await untilForeground('sleep 1000');
    screen.type('\u001a');
    await screen.shows(/Stopped +sleep 1000/);
    screen.type('bg\r');
    await screen.shows('sleep 1000 &');
    screen.type('jobs -r\r');
    await screen.shows(/Running +sleep 1000/);
    screen.type('fg\r');
    await screen.wrote('fg\r\n');
    screen.type('\u0003');
    screen.type('echo "got $?"\r');
    await screen.shows('got 130');
    screen.type('exit 5\r');
    expect(await screen.ended).toEqual({ code: 5, signal: undefined });
  });

  it('git add -p and npm init ask and are answered', async () => {
    const { place, screen } = open(
      ['sh', '-c', 'git add -p && git diff --cached --stat | cat && npm init; exit 0'],
      {
        prepare: (at) => {
          at.file('a.txt', 'one\ntwo\n');
          const git = (...words: string[]) =>
            execFileSync(
              'git',
              ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'safe.directory=*', ...words],
              { cwd: at.project },
            );
          git('init', '-q');
          git('add', '.');
          git('commit', '-qm', 'first');
          at.file('a.txt', 'one\n2\n');
          execFileSync('chown', ['-R', '--reference', at.project, at.project]);
        },
      },
    );
    await screen.shows('Stage this hunk');
    screen.type('y\r');
    await screen.shows('1 file changed');
    await screen.shows('package name:', 30_000);
    screen.type('thing\r');
    for (const question of [
      'version:',
      'description:',
      'entry point:',
      'test command:',
      'git repository:',
      'keywords:',
      'author:',
      'license:',
    ]) {
      await screen.shows(question);
      screen.type('\r');
      if (question === 'license:') break;
    }
    await screen.shows(/Is this OK|type:/);
    screen.type('\r');
    await screen.shows('Is this OK');
    screen.type('yes\r');
    expect(await screen.ended).toEqual({ code: 0, signal: undefined });
    expect(JSON.parse(changed(place, 'package.json'))).toMatchObject({ name: 'thing' });
  });

  it('the size is the terminal’s, and follows it', async () => {
    const { screen } = open(
      ['bash', '-c', 'trap "echo now; stty size; exit 0" WINCH; stty size; while :; do sleep 0.05; done'],
      {
        columns: 101,
        rows: 33,
      },
    );
    await screen.shows('33 101');
    await screen.resize(90, 20);
    await screen.shows(/now\n20 90/);
    expect(await screen.ended).toEqual({ code: 0, signal: undefined });
  });

  it('a full-screen program gets keys, paste, mouse, colours, wide characters, resize and Ctrl-C', async () => {
    const { screen } = open(['node', 'tui.mjs'], {
      prepare: (at) => at.file('tui.mjs', readFileSync(TUI)),
    });
    await screen.shows('ready 80x24');
    expect(screen.full).toBe(true);
    await screen.shows('漢字 🙂 é|');
    screen.type('x');
    await screen.shows('key x');
    screen.type('\u001b[200~two\nlines\u001b[201~');
    await screen.shows('paste 9 "two\\nlines"');
    screen.type('\u001b[<0;5;6M');
    await screen.shows('mouse 0;5;6');
    await screen.resize(60, 15);
    await screen.shows('ready 60x15');
    screen.type('\u0003');
    await screen.shows('key \\u0003');
    screen.type('q');
    expect(await screen.ended).toEqual({ code: 3, signal: undefined });
    expect(screen.full).toBe(false);
    expect(screen.bytes).toContain('\u001b[38;2;1;2;3m');
  });

  it('a paste of a mebibyte arrives whole, and a hundred come out', async () => {
    const { screen } = open([
      'bash',
      '-c',
      'stty raw -echo; echo ready; head -c 1048576 | sha256sum; stty sane; head -c 100000000 /dev/zero | tr "\\0" x | fold -w 79; echo; echo END',
    ]);
    await screen.shows('ready');
    const paste = Buffer.alloc(1 << 20, 'a line of text, pasted 0123456789\n');
    screen.type(paste);
    const { createHash } = await import('node:crypto');
    await screen.wrote(createHash('sha256').update(paste).digest('hex'), 1, 30_000);
    expect((await screen.ended).code).toBe(0);
    const out = screen.bytes.replace(/[^x]/g, '');
    expect(out.length).toBe(100_000_000);
    expect(screen.bytes.endsWith('END\r\n')).toBe(true);
  });
});

/** What is typed must meet the program that was started, not the shell that starts it: proc_pid_stat(5), pgrp and tpgid. */
async function untilForeground(command: string): Promise<void> {
  const isForeground = (pid: string) => {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() !== command) return false;
      const [, , group, , , foreground] =
        readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return group !== undefined && group === foreground;
    } catch {
      return false; // it has ended
    }
  };
  await expect.poll(() => readdirSync('/proc').some(isForeground), { timeout: 30_000 }).toBe(true);
}
