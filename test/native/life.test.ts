/**
 * Freeze, thaw, kill, and the end of the cell with each of the processes that hold it.
 */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alive, build, type Cell, IDENTITIES, type Identity, removeFolders, startCell } from './harness.ts';

beforeAll(() => build('ringfence-cell', 'ringfence-cell-test'));
afterAll(removeFolders);

const { SIGCONT } = constants.signals;

/** Twenty processes that work, some with threads; one waits in a connect that nobody answers. */
const BUSY = `
import os, socket, threading, time
full = socket.socket(); full.bind(("127.0.0.1", 7000)); full.listen(0)
fill = []
for _ in range(4):
    s = socket.socket(); s.setblocking(False)
    try: s.connect(("127.0.0.1", 7000))
    except BlockingIOError: pass
    fill.append(s)
def work():
    while True: sum(range(10000))
if os.fork() == 0:
    print("waits", flush=True)
    socket.socket().connect(("127.0.0.1", 7000))
for i in range(20):
    if os.fork() == 0:
        if i < 4: threading.Thread(target=work).start()
        work()
print("busy", flush=True)
while True: time.sleep(1)
`;

/** Processor time of each process of a set, in clock ticks (proc(5), fields 14 and 15). */
const ticks = (pids: readonly number[]): number[] =>
  pids.map((pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ');
      return Number(fields[11]) + Number(fields[12]);
    } catch {
      return -1;
    }
  });

/** Everything below the supervisor. */
function family(pid: number): number[] {
  let children: number[] = [];
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
  } catch {
    // gone
  }
  return children.flatMap((child) => [child, ...family(child)]);
}

async function busy(as: Identity): Promise<{ cell: Cell; pids: number[] }> {
  const cell = startCell(['python3', '-c', BUSY], { as, probeInterval: 60_000 });
  await cell.until(
    'twenty busy processes',
    () => cell.stdout.includes('busy') && cell.stdout.includes('waits') && family(cell.pid).length >= 24,
  );
  return { cell, pids: family(cell.pid) };
}

const wait = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

describe.each(IDENTITIES)('as %s', (as) => {
  it('frozen means that nothing runs, thawed that all goes on, killed that nothing is left', async () => {
    const { cell, pids } = await busy(as);
    cell.send('freeze');
    const frozen = await cell.event('frozen', 3000);
    expect(frozen.ok).toBe(true);
    expect(frozen.tasks).toBeGreaterThanOrEqual(24);
    const before = ticks(pids);
    await wait(150); // a stretch of time is what is measured
    expect(ticks(pids)).toEqual(before);
    cell.send('thaw');
    await cell.event('thawed');
    await cell.until(
      'progress of twenty processes',
      () => ticks(pids).filter((now, index) => now > (before[index] as number)).length >= 20,
    );
    cell.send('freeze');
    await cell.until('second freeze', () => cell.all('frozen').length === 2);
    const killed = performance.now();
    cell.send('kill test');
    const { done } = await cell.end(3000);
    expect(done?.reason).toBe('test');
    expect(pids.filter(alive)).toEqual([]);
    expect(performance.now() - killed).toBeLessThan(1000);
  });

  it('what cannot be frozen is ended', async () => {
    const env = { RINGFENCE_SABOTAGE: 'restless' };
    const script = 'echo runs; while :; do :; done';
    const cell = startCell(['sh', '-c', script], { as, build: 'ringfence-cell-test', cgroups: false, env });
    await cell.until('the program', () => cell.stdout.includes('runs'), 30_000);
    const pids = family(cell.pid);
    cell.send('freeze');
    const { done } = await cell.end(30_000);
    expect(cell.all('frozen').map(({ ok }) => ok)).toEqual([false]);
    expect(done?.reason).toBe('freeze');
    expect(pids.filter(alive)).toEqual([]);
  });

  it('a signal does not let go what is frozen', async () => {
    const script = 'echo runs; while :; do :; done';
    const cell = startCell(['sh', '-c', script], { as, cgroups: false });
    await cell.until('the program', () => cell.stdout.includes('runs'), 30_000);
    cell.send('freeze');
    expect((await cell.event('frozen', 30_000)).ok).toBe(true);
    const pids = family(cell.pid);
    const before = ticks(pids);
    for (const number of [SIGCONT, -SIGCONT]) cell.send(`signal ${number}`);
    cell.send('freeze'); // nothing to do; and what came before is done when the cell is let go
    await wait(150); // a stretch of time is what is measured
    expect(ticks(pids)).toEqual(before);
    cell.send('thaw');
    await cell.event('thawed', 30_000);
    await cell.until('progress', () => ticks(pids).some((now, at) => now > (before[at] as number)), 30_000);
    cell.send('kill test');
    expect((await cell.end(30_000)).done?.reason).toBe('test');
  });

  it('a frozen cell whose init dies comes to its end', async () => {
    const { cell, pids } = await busy(as);
    cell.send('freeze');
    await cell.event('frozen', 3000);
    process.kill(pids[0] as number, 'SIGKILL');
    await cell.end(3000);
    expect(pids.filter(alive)).toEqual([]);
  });

  it.each(['supervisor', 'init', 'warden'] as const)('nothing outlives the %s', async (which) => {
    const { cell, pids } = await busy(as);
    const init = pids[0] as number;
    const victim = which === 'supervisor' ? cell.pid : which === 'init' ? init : (family(init)[0] as number);
    process.kill(victim, 'SIGKILL');
    await cell.end(3000);
    await cell.until('the end of all', () => pids.every((pid) => !alive(pid)), 3000);
  });

  it('nothing outlives the controller', async () => {
    const { cell, pids } = await busy(as);
    cell.child.disconnect(); // what the supervisor sees of a controller that is killed
    await cell.until('the end of all', () => [cell.pid, ...pids].every((pid) => !alive(pid)), 3000);
  });

  it('the program cannot stop or trace the processes that hold it', async () => {
    const script =
      'for p in 1 2; do kill -STOP $p && echo stopped $p; kill -KILL $p && echo killed $p; ls /proc/$p/fd && echo seen $p; done; true';
    const cell = startCell(['sh', '-c', script], { as });
    const { done } = await cell.end();
    expect(done?.code).toBe(0);
    expect(cell.stdout).toBe('');
  });
});
