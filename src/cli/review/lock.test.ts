import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Takes the lock as often as it can, and writes down when it has it; every third time it dies with it. */
const HOLDER = `
import { appendFileSync } from 'node:fs';
const { whileLocked } = await import(process.argv[1]);
const log = process.argv[2];
for (let round = 0; round < 6; ) {
  try {
    whileLocked('/some/where', () => {
      appendFileSync(log, 'in ' + process.pid + '\\n');
      for (const until = performance.now() + 2; performance.now() < until; );
      if (++round % 3 === 0 && process.pid % 2 === 0) process.kill(process.pid, 'SIGKILL');
      appendFileSync(log, 'out ' + process.pid + '\\n');
    });
  } catch (error) {
    if (error.code !== 'landing-at-work') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}`;

test('only one holds it at a time, and those who die with it are followed by one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  const log = join(folder, 'log');
  const module = join(import.meta.dirname, 'lock.ts');
  try {
    const codes = await Promise.all(
      Array.from(
        { length: 4 },
        () =>
          new Promise<string>((resolve) => {
            const child = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, module, log], {
              env: { ...process.env, XDG_STATE_HOME: folder },
              stdio: ['ignore', 'ignore', 'inherit'],
            });
            child.once('exit', (code, signal) => resolve(signal ?? String(code)));
          }),
      ),
    );
    expect(codes.filter((code) => code !== '0' && code !== 'SIGKILL')).toEqual([]);
    let holder: string | undefined;
    for (const line of readFileSync(log, 'utf8').trim().split('\n')) {
      const [what, pid] = line.split(' ');
      if (what === 'out') expect(pid).toBe(holder);
      // a holder that did not come out was killed: it comes in no more
      else holder = pid;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
