/**
 * Isolation that is broken from outside while the program runs: the next probe kills the run and says why.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, type Cell, removeFolders, startCell } from './harness.ts';

beforeAll(() => build('ringfence-cell'));
afterAll(removeFolders);

const isRoot = process.getuid?.() === 0;
const nsenter = (cell: Cell, flags: string, ...command: string[]) =>
  execFileSync('nsenter', ['-t', String(cell.all('exec')[0]?.pid), flags, ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });

async function running(): Promise<Cell> {
  const cell = startCell(['sleep', '30'], { probeInterval: 150 });
  await cell.event('exec');
  await cell.until('a first probe during the run', () => cell.all('probe').length >= 2);
  expect(cell.all('probe').every(({ ok }) => ok)).toBe(true);
  return cell;
}

async function isKilled(cell: Cell, why: RegExp): Promise<void> {
  const { done } = await cell.end(5000);
  expect(['state', 'probe']).toContain(done?.reason);
  const last = cell.all('probe').at(-1);
  expect(last?.ok).toBe(false);
  expect([...(last?.changed ?? []), ...(last?.reached ?? [])].join('; ')).toMatch(why);
}

describe.skipIf(!isRoot)('broken from outside (needs root)', () => {
  it('an interface with a route', async () => {
    const cell = await running();
    nsenter(
      cell,
      '-n',
      'sh',
      '-c',
      'ip link add rft0 type veth peer name rft1 && ip link set rft0 up && ip link set rft1 up && ip addr add 192.0.2.1/24 dev rft0',
    );
    await isKilled(cell, /interface rft/);
  });

  it('an IPv6 route on devices that hide behind tunnels’ names', async () => {
    const cell = await running();
    nsenter(
      cell,
      '-n',
      'sh',
      '-c',
      'ip link add sit0 type veth peer name gre0 && ip link set sit0 up && ip link set gre0 up',
    );
    await isKilled(cell, /route to (sit0|gre0)/);
  });

  it('a file system that is mounted', async () => {
    const cell = await running();
    nsenter(cell, '-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/usr/share');
    await isKilled(cell, /mount/);
  });

  it('a read-only mount that is made writable', async () => {
    const cell = await running();
    nsenter(cell, '-m', 'mount', '-o', 'remount,bind,rw', '/');
    await isKilled(cell, /mount \/ is writable|root-write/);
  });

  it('a mount that is taken away', async () => {
    const cell = await running();
    const umount = 'import ctypes,sys; sys.exit(ctypes.CDLL(None).umount2(b"/var/tmp", 2))';
    nsenter(cell, '-m', 'python3', '-c', umount);
    await isKilled(cell, /mount/);
  });
});

/** The port on the host's loopback that probes try: the only TCP socket that the supervisor itself listens on. */
function probedPort(supervisor: number): number {
  const sockets = readdirSync(`/proc/${supervisor}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${supervisor}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  const lines = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const own = lines.find((fields) => fields[3] === '0A' && sockets.includes(`socket:[${fields[9]}]`));
  return Number.parseInt(own?.[1]?.split(':')[1] ?? '', 16);
}

it.skipIf(!isRoot)(
  'a listener of the cell’s own on the port that probes try is no reach (needs root to see the port)',
  async () => {
    const listen =
      'import socket\ns = socket.socket(); s.bind(("127.0.0.1", int(input()))); s.listen(8); print("listens", flush=True)\nwhile s.accept(): pass';
    const cell = startCell(['python3', '-c', listen], { probeInterval: 100, stdin: 'pipe' });
    await cell.event('exec');
    cell.child.stdin?.write(`${probedPort(cell.pid)}\n`);
    await cell.until('a listener', () => cell.stdout.includes('listens'));
    const seen = cell.all('probe').length;
    await cell.until('three more probes', () => cell.all('probe').length >= seen + 3);
    expect(cell.all('probe').flatMap(({ reached }) => reached)).toEqual([]);
    cell.send('kill test');
    await cell.end();
  },
);
