/**
 * What a person could type to see that a setting, a socket or a port gives what the proof says: it looks, and changes nothing.
 *
 * @module
 */
import type { Fact } from '../logic/index.ts';

/** The partition is mounted so that nothing is written to it: mount(8). */
const DISKS =
  'disk=$(ls /dev/[sv]d[a-z][0-9]* /dev/nvme*n*p* 2>/dev/null | head -n 1); mount -o ro "$disk" /mnt && ls /mnt';

/** By entry of the catalogue. */
const SHOWN: Readonly<Record<string, string>> = {
  'machine.privileged': DISKS,
  'machine.raw-disks': DISKS,
  'machine.host-pid': 'ps -e',
  'machine.host-network': 'ip address',
  'machine.host-ipc': 'ipcs -a',
  'machine.sys-admin': 'mount -t tmpfs none /mnt && ls /mnt',
  'machine.no-limits': 'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max',
  'machine.proc-sys': 'cat /proc/sys/kernel/core_pattern',
  'sockets.docker': 'docker run --rm -v /:/machine:ro busybox ls /machine',
  'sockets.podman': 'podman --remote run --rm -v /:/machine:ro busybox ls /machine',
  'sockets.containerd': 'ctr namespaces list',
  'sockets.ssh-agent': 'ssh-add -l',
  'sockets.x11': 'xwd -root | head -c 100 | od -c',
  'sockets.tmux': 'tmux list-sessions',
};

/** The command for a right that a path rests on, or for a port that leads inside; `undefined` where there is none. */
export function commandOfRight(facts: readonly Fact[]): string | undefined {
  const entry = facts.find(([predicate]) => predicate === 'means')?.[2] ?? '';
  if (Object.hasOwn(SHOWN, entry)) return SHOWN[entry];
  const port = facts.find(([predicate]) => predicate === 'admits')?.[2]?.match(/\d+/)?.[0];
  return port === undefined ? undefined : `echo canary | nc -l -p ${port}`;
}
