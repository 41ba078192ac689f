/**
 * The launcher under the address and undefined-behaviour sanitizers: representative work, and plans that nobody wrote.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePlan } from '../../src/cell/plan/index.ts';
import { type Build, build, folderFor, launcherPath, prepare, removeFolders, startCell } from './harness.ts';

const BUILDS: readonly Build[] = ['ringfence-cell-asan', 'ringfence-cell-ubsan'];
beforeAll(() => build(...BUILDS), 60_000);
afterAll(removeFolders);

const REPORT = /Sanitizer|runtime error|SUMMARY:/;

const WORK = `
set -e
git init -q r && cd r && git config user.name t && git config user.email t@example.com
mkdir -p a/b && echo x > a/b/c && git add -A && git commit -qm one && git mv a z && git commit -qm two
cd .. && mv lower moved && mv moved/inner moved2
python3 - <<'END'
import os, socket, subprocess, threading
good = socket.socket(); good.bind(("127.0.0.1", 7001)); good.listen(128)
def accept():
    while True: good.accept()[0].close()
threading.Thread(target=accept, daemon=True).start()
def connect():
    for _ in range(250):
        s = socket.socket(); s.connect(("127.0.0.1", 7001)); s.close()
threads = [threading.Thread(target=connect) for _ in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
for target in (("198.51.100.1", 443), ("127.0.0.1", 9)):
    for family in (socket.AF_INET, socket.AF_INET6):
        try: socket.socket(family).connect(target)
        except (OSError, TypeError): pass
for kind in ((socket.AF_PACKET, socket.SOCK_RAW), (socket.AF_INET, socket.SOCK_RAW)):
    try: socket.socket(*kind)
    except OSError: pass
u = socket.socket(socket.AF_UNIX); u.bind("u"); u.listen(); socket.socket(socket.AF_UNIX).connect("u")
name = b"bad\\xff\\n\\"name"; open(name, "w").close(); os.unlink(name)
subprocess.run([b"/bin/echo", b"\\xfe\\x01"], stdout=subprocess.DEVNULL)
os.execve("/bin/true", ["x" * 5000] * 70, {})
END
echo done
`;

describe.each(BUILDS)('%s', (sanitized) => {
  it('honest work, freeze, thaw, signals, kill', { timeout: 60_000 }, async () => {
    const workspace = folderFor();
    mkdirSync(join(workspace, 'lower/inner'), { recursive: true });
    writeFileSync(join(workspace, 'lower/inner/f'), 'f');
    const cell = startCell(['sh', '-c', `${WORK}\nsleep 30`], {
      build: sanitized,
      workspace,
      probeInterval: 200,
    });
    await cell.until('the work', () => cell.stdout.includes('done') || cell.exit, 40_000);
    expect(`${cell.stderr}`).not.toMatch(REPORT);
    expect(`${cell.exit?.code} ${cell.stderr}`).toMatch(/^undefined /);
    for (const command of ['freeze', 'thaw', 'sample', 'probe', 'signal 0', 'signal 99', 'freeze'] as const)
      cell.send(command);
    await cell.until('two freezes', () => cell.all('frozen').length === 2);
    cell.send('kill test');
    const { done, exit } = await cell.end();
    expect(done?.reason).toBe('test');
    expect(exit).toEqual({ code: 0, signal: null });
    expect(cell.stderr).not.toMatch(REPORT);
    expect(cell.all('probe').every(({ ok }) => ok)).toBe(true);
  });
});

/** Gives bytes to the launcher as its plan. */
function feed(bytes: Uint8Array): Promise<{
  code: number | null;
  signal: string | null;
  events: { ev: string; text?: string }[];
  stderr: string;
}> {
  return new Promise((resolve) => {
    const child = spawn(launcherPath('ringfence-cell-asan'), ['run'], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
      env: {},
    });
    const events: { ev: string; text?: string }[] = [];
    let stderr = '';
    child.stderr?.on('data', (data) => {
      stderr += data;
    });
    child.on('message', (event: { ev: string }) => events.push(event));
    child.on('close', (code, signal) => resolve({ code, signal, events, stderr }));
    const pipe = child.stdio[4] as Writable;
    pipe.on('error', () => {});
    pipe.end(bytes);
  });
}

describe('plans that nobody wrote', () => {
  const good = () => Buffer.from(encodePlan(prepare(['true'], { cgroups: false }).plan));

  it('end in one line and 125, whatever they are', { timeout: 60_000 }, async () => {
    const plan = good();
    const cut = (at: number) => plan.subarray(0, at);
    const change = (...parts: [string, string]) =>
      Buffer.from(plan.toString('latin1').replace(...parts), 'latin1');
    const plans: Buffer[] = [
      Buffer.alloc(0),
      Buffer.from('\0'),
      Buffer.from('end\0\0'),
      Buffer.alloc(1000),
      ...Array.from({ length: 12 }, (_, index) => randomBytes(1 + index ** 4)),
      ...Array.from({ length: 12 }, (_, index) => cut(Math.floor((plan.length * index) / 12))),
      change('tmpfs\0/dev/shm\0', 'tmpfs\0'),
      change('identity\0', 'identitx\0'),
      change('time\0', 'time\0x'),
      change('kind\0cell\0', 'kind\0landlock\0'),
      change('bind\0', `bind\0${'/x'.repeat(5000)}\0`),
      change('seccomp\0', 'seccomp\0z'),
      Buffer.concat([Buffer.from(`env\0${'A=1'.repeat(100)}\0\0`.repeat(300_000)), plan]),
    ];
    // Single bytes: some changes are harmless (a letter of an argument), none may crash.
    for (let index = 0; index < 20; index++) {
      const flipped = Buffer.from(plan);
      flipped[Math.floor((plan.length * index) / 20)] = 0;
      plans.push(flipped);
    }
    for (const bytes of plans) {
      const { code, signal, events, stderr } = await feed(bytes);
      const what = `${bytes.length} bytes, ${bytes.subarray(0, 40).toString('latin1')}: ${JSON.stringify(events).slice(0, 200)}`;
      expect(`${signal} ${stderr}`, what).toBe('null ');
      const failures = events.filter(({ ev }) => ev === 'fail');
      if (code === 125) {
        expect(failures.length, what).toBe(1);
        expect(failures[0]?.text, what).not.toContain('\n');
      } else expect(code, what).toBe(0);
    }
  });
});
