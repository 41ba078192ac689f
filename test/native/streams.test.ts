/**
 * stdin, stdout, stderr, signals and exit codes pass through as if nothing were between.
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, folderFor, IDENTITIES, launch, prepare, removeFolders, startCell } from './harness.ts';

beforeAll(() => build('ringfence-cell'));
afterAll(removeFolders);

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const MIB = 1 << 20;

describe.each(IDENTITIES)('as %s', (as) => {
  it('64 MiB of random bytes through cat', async () => {
    const folder = folderFor();
    const bytes = randomBytes(64 * MIB);
    writeFileSync(join(folder, 'in'), bytes);
    const [stdin, stdout] = [openSync(join(folder, 'in'), 'r'), openSync(join(folder, 'out'), 'w')];
    const { done } = await startCell(['cat'], {
      as,
      stdin,
      stdout,
      contract: 'compute: { disk: 1GiB }',
    }).end();
    closeSync(stdin);
    closeSync(stdout);
    expect(done?.code).toBe(0);
    expect(sha256(readFileSync(join(folder, 'out')))).toBe(sha256(bytes));
  });

  it('an end of input, at once and later', async () => {
    expect((await startCell(['sh', '-c', 'cat; exit 3'], { as, stdin: 'ignore' }).end()).done?.code).toBe(3);
    const cell = startCell(['cat'], { as, stdin: 'pipe' });
    await cell.event('exec');
    cell.child.stdin?.end('said\n');
    expect((await cell.end()).done?.code).toBe(0);
    expect(cell.stdout).toBe('said\n');
  });

  it('a reader that goes away ends the writer by SIGPIPE', async () => {
    const cell = startCell(['sh', '-c', 'yes; echo "$?" >&2'], { as });
    await cell.until('output', () => cell.stdout.length > 0);
    cell.child.stdout?.destroy();
    const { done } = await cell.end();
    expect(done?.code).toBe(0);
    expect(cell.stderr.trim()).toBe(String(128 + 13));
  });

  it('a program that does not read its input is no obstacle', async () => {
    const stdin = openSync('/dev/zero', 'r');
    const { done } = await startCell(['true'], { as, stdin }).end();
    closeSync(stdin);
    expect(done?.code).toBe(0);
  });

  it('stdout and stderr that are one file keep their order', async () => {
    const path = join(folderFor(), 'both');
    const file = openSync(path, 'w');
    const { done } = await startCell(
      ['sh', '-c', 'for i in $(seq 500); do echo out $i; echo err $i >&2; done'],
      { as, stdout: file, stderr: file },
    ).end();
    closeSync(file);
    expect(done?.code).toBe(0);
    const expected = Array.from({ length: 500 }, (_, index) => `out ${index + 1}\nerr ${index + 1}\n`).join(
      '',
    );
    expect(readFileSync(path, 'utf8')).toBe(expected);
  });

  it('the streams can be opened again by their names', async () => {
    const cell = startCell(
      [
        'sh',
        '-c',
        'cat /dev/stdin > /dev/stdout; echo e > /dev/stderr; echo f > /proc/self/fd/1; read x < /proc/self/fd/0; echo ends $?',
      ],
      { as, stdin: 'pipe' },
    );
    cell.child.stdin?.end('through\n');
    expect((await cell.end()).done?.code).toBe(0);
    expect(cell.stdout).toBe('through\nf\nends 1\n');
    expect(cell.stderr).toBe('e\n');
  });

  it.each([
    ['exit 7', { code: 7 }],
    ['exit 255', { code: 255 }],
    ['kill -TERM $$', { signal: 15 }],
    ['kill -KILL $$', { signal: 9 }],
    ['kill -SEGV $$', { signal: 11 }],
  ])('%s', async (script, end) => {
    expect((await startCell(['sh', '-c', script], { as }).end()).done).toMatchObject(end);
  });

  it.each([
    [['no-such-program'], { code: 127 }],
    [['/no/such/program'], { code: 127 }],
    [['/etc/passwd'], { code: 126 }],
  ])('what cannot be run: %s', async (command, end) => {
    expect((await startCell(command, { as }).end()).done).toMatchObject(end);
  });

  it('signals reach the program, and a terminal’s reach its group', async () => {
    const handlers =
      'import os, signal\nsignal.signal(signal.SIGINT, lambda *_: os.write(1, b"int")); signal.signal(signal.SIGTERM, lambda *_: os._exit(4))\nprint("ready", flush=True)\nwhile True: signal.pause()';
    const cell = startCell(['python3', '-c', handlers], { as });
    await cell.until('ready', () => cell.stdout.includes('ready'));
    cell.send('signal 2');
    await cell.until('a caught signal', () => cell.stdout.includes('int'));
    cell.send('signal 15');
    expect((await cell.end()).done?.code).toBe(4);
    const family =
      'import os, time\ntry:\n  if os.fork() == 0: time.sleep(20)\n  else: print("ready", flush=True); os.wait()\nexcept KeyboardInterrupt: print("stopped", flush=True)';
    const group = startCell(['python3', '-c', family], { as });
    await group.until('ready', () => group.stdout.includes('ready'));
    group.send('signal -2');
    await group.until(
      'two that were stopped',
      () => group.stdout.split('stopped').length === 3 || group.exit,
      5000,
    );
    expect(group.stdout.split('stopped').length).toBeGreaterThanOrEqual(2);
    await group.end(5000);
  });

  it('closed descriptors and a strict umask of the caller', async () => {
    const prepared = prepare(
      [
        'sh',
        '-c',
        'umask; ls / > /dev/null && cd /usr/share && cd "$HOME" && touch kept && pwd > /dev/null && ls /proc/self/fd | wc -l',
      ],
      { as },
    );
    const before = process.umask(0o077);
    const cell = launch(prepared, { as });
    process.umask(before);
    expect((await cell.end()).done?.code).toBe(0);
    expect(cell.stdout.split('\n').slice(0, 2)).toEqual(['0077', '4']); // ls itself opens the fourth
  });
});
