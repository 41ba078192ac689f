/**
 * Every limit of a contract ends a run, or the program that wants more, and what was used beyond it is on record.
 */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identities, Place } from './place.ts';

const MB = 2 ** 20;

/** Lets go of the cached pages of Python and its libraries: the next that reads them is charged for them. */
function forgetPagesOfPython(): void {
  const script = `
import os, sys
for folder in (os.path.dirname(os.path.realpath(sys.executable)), os.path.dirname(os.__file__)):
  for path, _, names in os.walk(folder):
    for name in names:
      try:
        file = os.open(os.path.join(path, name), os.O_RDONLY)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)
      except OSError: pass`;
  execFileSync('python3', ['-c', script]);
}

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  /** What a limit was passed by, in its own unit, as the record says. */
  function overshoot(limit: string): number {
    const reached = place.lastRecord().reached.find((event) => event.limit === limit);
    expect(reached, `${limit} in ${JSON.stringify(place.lastRecord().reached)}`).toBeDefined();
    console.log(`as ${identity}: ${limit} ${reached?.used} of ${reached?.max}`);
    return (reached?.used ?? 0) - (reached?.max ?? 0);
  }

  test('time', async () => {
    const { code, took, stderr } = await place.run(
      ['sh', '-c', 'trap "" TERM INT; sleep 20 & sleep 20; wait'],
      { contract: 'compute: { time: 1s }\n' },
    );
    expect(code, stderr).toBe(124);
    expect(took).toBeGreaterThan(1000);
    expect(took).toBeLessThan(5000);
    expect(overshoot('time')).toBeLessThan(500);
    expect(place.lastRecord().reason).toBe('time');
    expect(stderr).toContain('time ran out');
  });

  test('time, when nobody reads what it writes', async () => {
    const words = place.runWords(['sh', '-c', 'yes; sleep 20'], { contract: 'compute: { time: 1s }\n' });
    const { took } = await place.start([
      'bash',
      '-c',
      `{ "$@"; echo $? >${place.root}/records/status; } | sleep 6`,
      'bash',
      ...words,
    ]).result;
    expect(took).toBeLessThan(9000);
    expect(place.read(`${place.root}/records/status`).trim()).toBe('124');
    expect(Date.parse(place.lastRecord().ended) - Date.parse(place.lastRecord().started)).toBeLessThan(5000);
  });

  test('CPU time, of all processes together', async () => {
    const burn = 'for i in 1 2; do sh -c "while :; do :; done" & done; wait';
    const { code, stderr } = await place.run(['sh', '-c', burn], {
      contract: 'compute: { cpu-time: 1s, time: 20s }\n',
    });
    expect(code, stderr).toBe(124);
    expect(place.lastRecord().reason).toBe('cpu-time');
    expect(overshoot('cpu-time')).toBeLessThan(1500); // two CPUs, two looks
  });

  test('memory', async () => {
    place.file(
      'eat.py',
      `blocks = []\nfor i in range(400):\n  blocks.append(bytearray(${MB}))\nprint('ate all')\n`,
    );
    const { code, stdout, stderr } = await place.run(['python3', 'eat.py'], {
      contract: 'compute: { memory: 64MiB, time: 20s }\n',
    });
    expect(stdout).not.toContain('ate all');
    // RLIMIT_DATA gives the program an error of its own; else the kernel or the supervisor ends the run
    if (code === 124) expect(overshoot('memory')).toBeLessThan(256 * MB);
    else expect(stderr).toContain('MemoryError');
    expect([1, 124], stderr).toContain(code);
  });

  test('memory, where a program’s code has to be read again and again', async () => {
    place.file('eat.py', `blocks = []\nwhile True:\n  blocks.append(bytearray(${MB} // 4))\n`);
    forgetPagesOfPython();
    const { code, stderr } = await place.run(['python3', 'eat.py'], {
      contract: 'compute: { memory: 64MiB, time: 60s }\n',
    });
    expect([1, 124], stderr).toContain(code);
    if (code === 124) expect(place.lastRecord().reason).toBe('memory');
  });

  test('memory, of many processes that each take little', async () => {
    const eat = `import os,time\nfor i in range(12):\n  if os.fork() == 0:\n    block = bytearray(30 * ${MB})\n    time.sleep(10)\n    os._exit(0)\ntime.sleep(10)\n`;
    place.file('eat.py', eat);
    const { code, stderr } = await place.run(['python3', 'eat.py'], {
      contract: 'compute: { memory: 128MiB, time: 20s }\n',
    });
    expect(code, stderr).toBe(124);
    expect(place.lastRecord().reason).toBe('memory');
    expect(stderr).toContain('memory ran out');
    expect(overshoot('memory')).toBeLessThan(512 * MB);
  });

  test('disk', async () => {
    const fill =
      'i=0; while [ $i -lt 60 ]; do i=$((i+1)); dd if=/dev/zero of=f$i bs=1M count=4 2>/dev/null || exit 9; sleep 0.02; done; echo filled';
    const { code, stdout, stderr } = await place.run(['sh', '-c', fill], {
      contract: 'compute: { disk: 20MB, time: 20s }\n',
    });
    expect(stdout).not.toContain('filled');
    expect(code, stderr).toBe(124);
    expect(place.lastRecord().reason).toBe('disk');
    expect(overshoot('disk')).toBeLessThan(240 * MB);
  });

  test('one file, and the private temporary folder', async () => {
    const { stdout } = await place.run(
      [
        'sh',
        '-c',
        'head -c 30000000 /dev/zero >/tmp/x || echo temporary $?; head -c 30000000 /dev/zero >x || echo one file $?',
      ],
      {
        contract: 'compute: { disk: 20MB, time: 20s }\n',
      },
    );
    expect(stdout).toMatch(/temporary \d+/);
    expect(stdout).toMatch(/one file \d+/);
  });

  test('processes', async () => {
    place.file(
      'fork.py',
      'import os,time\nn=0\ntry:\n  while n<200:\n    if os.fork()==0:\n      time.sleep(5); os._exit(0)\n    n+=1\nexcept BlockingIOError:\n  pass\nprint(n, flush=True)\nos.kill(0, 9)\n',
    );
    const { stdout } = await place.run(['python3', 'fork.py'], {
      contract: 'compute: { processes: 24, time: 20s }\n',
    });
    expect(Number(stdout.trim())).toBeGreaterThan(5);
    expect(Number(stdout.trim())).toBeLessThanOrEqual(24);
  });

  test('CPUs', async () => {
    const { stdout, code } = await place.run(
      ['python3', '-c', 'import os;print(len(os.sched_getaffinity(0)))'],
      { contract: 'compute: { cpus: 1 }\n' },
    );
    expect(code).toBe(0);
    const { cpus } = place.lastRecord().limits;
    expect(cpus).toMatchObject({ max: 1, by: 'hard' });
    if (cpus?.how.includes('affinity')) expect(stdout.trim()).toBe('1');
  });

  test('hard: what can only be watched refuses to start, and is named', async () => {
    const { code, stderr } = await place.run(['touch', 'ran'], {
      contract: 'compute: { cpu-time: { max: 10s, hard: true } }\n',
    });
    expect(code).toBe(125);
    expect(stderr).toMatch(/contract\.yaml:3:\d+: .*cpu-time is `hard`.*nothing was started/);
  });
});
