/**
 * Processes whose connects stall, in every way that is left to them, delay nobody else's.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, IDENTITIES, removeFolders, startCell } from './harness.ts';

beforeAll(() => build('ringfence-cell'));
afterAll(removeFolders);

/** `how` stalls; then 200 connects to a listener that answers are timed. Prints their median and worst in ms. */
const SCRIPT = (how: string) => `
import os, socket, sys, threading, time
full = socket.socket(); full.bind(("127.0.0.1", 7000)); full.listen(0)
fill = []
for _ in range(4):
    s = socket.socket(); s.setblocking(False)
    try: s.connect(("127.0.0.1", 7000))
    except BlockingIOError: pass
    fill.append(s)
def stall():
    try: socket.socket().connect(("127.0.0.1", 7000))
    except OSError: pass
good = socket.socket(); good.bind(("127.0.0.1", 7001)); good.listen(128)
def accept():
    while True: good.accept()[0].close()
threading.Thread(target=accept, daemon=True).start()
${how}
time.sleep(0.2)
times = []
for _ in range(200):
    s = socket.socket(); begin = time.monotonic()
    s.connect(("127.0.0.1", 7001))
    times.append((time.monotonic() - begin) * 1000); s.close()
times.sort()
print(times[100], times[-1], flush=True)
os._exit(0)
`;

const THREADS = `
if os.fork() == 0:
    for _ in range(190): threading.Thread(target=stall).start()
    time.sleep(60)
time.sleep(0.5)
`;
/** Every new process has a first connect, which nothing is known of yet. */
const CHURN = `
for _ in range(4):
    if os.fork() == 0:
        while True:
            pid = os.fork()
            if pid == 0:
                threading.Timer(0.02, lambda: os._exit(0)).start(); stall(); os._exit(0)
            time.sleep(0.004)
            try: os.waitpid(-1, os.WNOHANG)
            except ChildProcessError: pass
`;

describe.each(IDENTITIES)('as %s', (as) => {
  it.each([
    ['190 threads that wait', THREADS],
    ['processes that come and stall', CHURN],
  ])('%s', async (_, how) => {
    const cell = startCell(['python3', '-c', SCRIPT(how)], { as, contract: 'compute: { processes: 512 }' });
    const { done } = await cell.end(30_000);
    expect(`${done?.code} ${done?.reason ?? ''} ${cell.stderr}`).toBe('0  ');
    const [median, worst] = cell.stdout.trim().split(' ').map(Number) as [number, number];
    expect(median).toBeLessThan(20);
    expect(worst).toBeLessThan(500);
  });

  it('the end of the time is not delayed either', async () => {
    const cell = startCell(['python3', '-c', `${SCRIPT(THREADS).split('times = []')[0]}\ntime.sleep(60)`], {
      as,
      contract: 'compute: { processes: 512, time: 2s }',
    });
    const { done } = await cell.end(6000);
    expect(done?.reason).toBe('time');
    expect(done?.us).toBeLessThan(3_000_000);
  });
});
