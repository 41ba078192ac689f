/**
 * What no filter of a cell or a helper may let run, written a second time and by number, so that a slip in the policy is found by the
 * proof and not by an agent. Numbers from the kernel's `asm/unistd_64.h` and `asm-generic/unistd.h`, by hand.
 *
 * @module
 */
import type { ArgumentTest, NeverRuns } from '../../contract/index.ts';
import type { Architecture } from './policy.ts';

/** name: [x86_64, aarch64]; −1 where an architecture has no such call. */
export const NEVER: Readonly<Record<string, readonly [number, number]>> = {
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  setns: [308, 268],
  clone3: [435, 435],
  openat2: [437, 437],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  fanotify_init: [300, 262],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  memfd_secret: [447, 447],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  quotactl: [179, 60],
  acct: [163, 89],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  syslog: [103, 116],
  vhangup: [153, 58],
  iopl: [172, -1],
  ioperm: [173, -1],
  modify_ldt: [154, -1],
};

/** Neither of Unix, IPv4, IPv6, netlink: vsock, packets, Bluetooth … The kernel's argument is an `int`. */
const OTHER_FAMILY: ArgumentTest = {
  is: 'all',
  of: [1n, 2n, 10n, 16n].map((to) => ({ arg: 0, is: 'wide', compares: 'not-equal', to, mask: 0xffffffffn })),
};

/** On these arguments. CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET; for unshare(2) also CLONE_NEWTIME. */
export const NEVER_WITH: Readonly<Record<string, readonly [number, number, ArgumentTest, what: string]>> = {
  clone: [56, 220, { arg: 0, is: 'any-bit', mask: 0x7e020000 }, 'a new namespace by clone(2)'],
  unshare: [272, 97, { arg: 0, is: 'any-bit', mask: 0x7e020080 }, 'a new namespace by unshare(2)'],
  socket: [41, 198, OTHER_FAMILY, 'a socket of another family than Unix, IPv4, IPv6 and netlink'],
  ioctl: [
    16,
    29,
    { arg: 1, is: 'equal', mask: 0xffffffff, value: 0x5412 },
    'typing into a terminal (TIOCSTI)',
  ],
};

/** What a filter for an architecture is held against. */
export function neverRuns(architecture: Architecture): NeverRuns[] {
  const column = architecture === 'x86_64' ? 0 : 1;
  return [
    ...Object.entries(NEVER).map(([name, numbers]) => ({ number: numbers[column], what: `${name}(2)` })),
    ...Object.values(NEVER_WITH).map((row) => ({ number: row[column], when: row[2], what: row[3] })),
  ].filter(({ number }) => number >= 0);
}
