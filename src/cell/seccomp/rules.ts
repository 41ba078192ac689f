/**
 * The cell's system call policy, as data: which calls run, which the supervisor sees, which are refused.
 *
 * Constants come from the kernel's user headers (linux/sched.h, linux/socket.h, linux/tcp.h, linux/in.h, linux/in6.h,
 * asm-generic/socket.h, asm-generic/fcntl.h, linux/seccomp.h) and are the same on x86_64 and aarch64.
 *
 * @module
 */
import { ALLOWED } from './allowed.ts';
import {
  allow,
  byValue,
  type Decision,
  deny,
  type ErrnoName,
  fail,
  notify,
  type Policy,
  whenAnyBit,
} from './policy.ts';
import type { SyscallName } from './syscalls.ts';

export interface PolicyOptions {
  /** `off` leaves opens for writing, creations and removals to the overlay's change set (renames are still seen) */
  fileEvents: 'on' | 'off';
  /** `deny` where the limit on processors rests on the affinity mask */
  affinity: 'deny' | 'allow';
  /** `shared`: no thread may have a file table of its own (kernels without PIDFD_THREAD, before 6.9) */
  fileTables: 'separate' | 'shared';
  /** `sealed`: memory files are made unexecutable or not at all, where `programs` is a list */
  memoryFiles?: 'any' | 'sealed';
  /** `deny`: no file gets a set-user-id or set-group-id bit, where what is made inside is a file of the host at once */
  setIds?: 'allow' | 'deny';
  /** `kernel`: notified calls get their plain answer from the kernel, for tests without a supervisor */
  supervisor?: 'present' | 'kernel';
}

/** Of helpers that parse hostile input, such as the gateway: no supervisor, and no business with what only it could decide. */
export const HELPER_POLICY: PolicyOptions = {
  fileEvents: 'off',
  affinity: 'allow',
  fileTables: 'separate',
  supervisor: 'kernel',
};

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET; bit 7 is NEWTIME, for unshare only. */
const CLONE_NAMESPACES = 0x7e020000;
const CLONE_NEWTIME = 0x80;
const CLONE_FILES = 0x400;
const CLONE_THREAD = 0x10000;
const CLOSE_RANGE_UNSHARE = 2;
const MFD_NOEXEC_SEAL = 8;
/** Process ids inside the cell of its init and its warden, which share the program's user. */
const OWN_PROCESSES = [1, 2];
/** O_WRONLY, O_RDWR, O_CREAT, O_TRUNC and the bit of O_TMPFILE that is its own. */
const OPEN_WRITES = 0x1 | 0x2 | 0x40 | 0x200 | 0x400000;
const MSG_FASTOPEN = 0x20000000;
/** O_CREAT and the bit of O_TMPFILE that is its own: only then open(2) has a mode. */
const OPEN_MAKES = 0x40 | 0x400000;
/** S_ISUID, S_ISGID */
const SET_IDS = 0o6000;

const FILE_CHANGES: readonly SyscallName[] = [
  'creat',
  'unlink',
  'unlinkat',
  'rmdir',
  'mkdir',
  'mkdirat',
  'link',
  'linkat',
  'symlink',
  'symlinkat',
  'truncate',
];

/** Refused whatever their arguments are, with the errno that programs take best; each attempt is recorded. */
const DENIED: Readonly<Record<'ENOSYS' | 'EPERM', readonly SyscallName[]>> = {
  // libuv and others fall back to older interfaces on ENOSYS
  ENOSYS: ['io_uring_enter', 'io_uring_register'],
  EPERM: [
    // kernel interfaces with a history of privilege escalation, or state that is shared beyond the cell
    'add_key',
    'keyctl',
    'request_key',
    'userfaultfd',
    'bpf',
    'perf_event_open',
    'fanotify_init',
    'syslog',
    // a second view of the file system
    'setns',
    'mount',
    'umount2',
    'pivot_root',
    'chroot',
    'fsopen',
    'fsconfig',
    'fsmount',
    'fspick',
    'move_mount',
    'open_tree',
    'open_tree_attr',
    'mount_setattr',
    'name_to_handle_at',
    'open_by_handle_at',
    // the machine itself
    'kexec_load',
    'kexec_file_load',
    'init_module',
    'finit_module',
    'delete_module',
    'reboot',
    'swapon',
    'swapoff',
    'settimeofday',
    'clock_settime',
    'clock_adjtime',
    'adjtimex',
    'sethostname',
    'setdomainname',
    'acct',
    'quotactl',
    'quotactl_fd',
    'iopl',
    'ioperm',
    'vhangup',
  ],
};

/**
 * Known numbers that answer ENOSYS like unknown ones, unrecorded: obsolete calls that no kernel has, calls whose
 * arguments lie in memory and cannot be judged (`clone3`, `openat2`: the C libraries fall back to `clone`, `openat`),
 * memory that the supervisor could not read (`memfd_secret`), and interfaces that nothing inside needs.
 */
export const ABSENT: readonly SyscallName[] = [
  'clone3',
  'openat2',
  'memfd_secret',
  'modify_ldt',
  'file_setattr',
  'lsm_set_self_attr',
  'lsm_list_modules',
  'uselib',
  'ustat',
  'sysfs',
  '_sysctl',
  'create_module',
  'get_kernel_syms',
  'query_module',
  'nfsservctl',
  'getpmsg',
  'putpmsg',
  'afs_syscall',
  'tuxcall',
  'security',
  'vserver',
  'set_thread_area',
  'get_thread_area',
  'lookup_dcookie',
  'epoll_ctl_old',
  'epoll_wait_old',
  'fanotify_mark',
];

/** AF_UNIX; AF_INET(6) stream and datagram with their usual protocol; route netlink. The rest is refused. */
function socketRule(): Decision {
  // Go probes for Multipath TCP (262) in every program that listens: refused, but no attempt worth a record.
  const stream = byValue(
    2,
    [
      [[0, 6], allow],
      [[262], fail('EPROTONOSUPPORT')],
    ],
    deny('EAFNOSUPPORT'),
  );
  const datagram = byValue(2, [[[0, 17], allow]], deny('EAFNOSUPPORT'));
  const internet = byValue(
    1,
    [
      [[1], stream],
      [[2], datagram],
    ],
    deny('EAFNOSUPPORT'),
    0xf, // SOCK_TYPE_MASK: the rest are SOCK_NONBLOCK and SOCK_CLOEXEC
  );
  return byValue(
    0,
    [
      [[2, 10], internet],
      [[1], allow],
      [[16], byValue(2, [[[0], allow]], deny('EAFNOSUPPORT'))],
    ],
    deny('EAFNOSUPPORT'),
  );
}

/**
 * Options by which a socket's owner makes the supervisor's connect hang, takes a flow past it, or changes what the
 * socket is. Each answer is "no such option", which clients that ask for one as an optimisation accept.
 */
function setsockoptRule(): Decision {
  const no = fail('ENOPROTOOPT');
  return byValue(
    1,
    [
      // TCP_MD5SIG, REPAIR, FASTOPEN, FASTOPEN_CONNECT, ULP, MD5SIG_EXT, TCP_AO_ADD_KEY … AO_REPAIR
      [[6], byValue(2, [[[14, 19, 23, 30, 31, 32, 38, 39, 40, 41, 42], no]], allow)],
      // SO_ATTACH_FILTER, ATTACH_BPF, ATTACH_REUSEPORT_CBPF, ATTACH_REUSEPORT_EBPF: programs that drop the SYN-ACK
      [[1], byValue(2, [[[26, 50, 51, 52], no]], allow)],
      // IP_OPTIONS (source routes), IP_TRANSPARENT, IP_MINTTL (drops the SYN-ACK)
      [[0], byValue(2, [[[4, 19, 21], no]], allow)],
      // IPV6_ADDRFORM (turns the socket into IPv4), 2292PKTOPTIONS and RTHDR (routes), MINHOPCOUNT, TRANSPARENT
      [[41], byValue(2, [[[1, 6, 57, 73, 75], no]], allow)],
      // UDP_ENCAP
      [[17], byValue(2, [[[100], no]], allow)],
    ],
    allow,
  );
}

function cloneRule(fileTables: PolicyOptions['fileTables']): Decision {
  const threads: Decision =
    fileTables === 'shared'
      ? whenAnyBit(0, CLONE_THREAD, whenAnyBit(0, CLONE_FILES, allow, deny('EPERM')), allow)
      : allow;
  return whenAnyBit(0, CLONE_NAMESPACES, deny('EPERM'), threads);
}

/** Replace what needs a supervisor by the kernel's own answer: notified calls run, denied ones fail. */
function withoutSupervisor(decision: Decision): Decision {
  if ('do' in decision) {
    if (decision.do === 'notify') return allow;
    return decision.do === 'deny' ? fail(decision.errno) : decision;
  }
  return {
    test: decision.test,
    yes: withoutSupervisor(decision.yes),
    no: withoutSupervisor(decision.no),
  };
}

/**
 * The policy of a cell.
 *
 * @example compileSeccomp(cellPolicy({ fileEvents: 'on', affinity: 'allow', fileTables: 'separate' }), 'x86_64')
 */
export function cellPolicy(options: PolicyOptions): Policy {
  const rules = new Map<SyscallName, Decision>();
  const set = (names: readonly SyscallName[], decision: Decision) => {
    for (const name of names) rules.set(name, decision);
  };
  const fileChange = options.fileEvents === 'on' ? notify : allow;
  const shared = options.fileTables === 'shared';

  set(ALLOWED, allow);
  for (const [errno, names] of Object.entries(DENIED)) set(names, deny(errno as ErrnoName));

  // libuv's event loop asks for a ring of 256 entries in every npm run: refused, but no attempt worth a record
  set(['io_uring_setup'], byValue(0, [[[256], fail('ENOSYS')]], deny('ENOSYS')));

  set(['connect', 'execve', 'execveat', 'rename', 'renameat', 'renameat2'], notify);
  set(FILE_CHANGES, fileChange);
  const denySetIds = options.setIds === 'deny';
  const setIds = (arg: number, then: Decision, otherwise: Decision) =>
    denySetIds ? whenAnyBit(arg, SET_IDS, then, otherwise) : otherwise;
  // a call that is supervised is not also recorded as refused (deniedCalls): these fail unrecorded
  const opening = (flags: number) => {
    const writing = whenAnyBit(flags, OPEN_WRITES, fileChange, allow);
    const making = setIds(flags + 1, fail('EPERM'), fileChange);
    return denySetIds ? whenAnyBit(flags, OPEN_MAKES, making, writing) : writing;
  };
  set(['open'], opening(1));
  set(['openat'], opening(2));
  set(['creat'], setIds(1, fail('EPERM'), fileChange));
  set(['chmod', 'fchmod', 'mknod'], setIds(1, deny('EPERM'), allow));
  set(['fchmodat', 'fchmodat2', 'mknodat'], setIds(2, deny('EPERM'), allow));

  set(['clone'], cloneRule(options.fileTables));
  const unshared = CLONE_NAMESPACES | CLONE_NEWTIME | (shared ? CLONE_FILES : 0);
  set(['unshare'], whenAnyBit(0, unshared, deny('EPERM'), allow));
  set(['close_range'], shared ? whenAnyBit(2, CLOSE_RANGE_UNSHARE, fail('EINVAL'), allow) : allow);
  // these ask only for the same user: the program could starve the warden, and with it the probes
  const others = byValue(0, [[OWN_PROCESSES, deny('EPERM')]], allow);
  set(['prlimit64', 'sched_setscheduler', 'sched_setparam', 'sched_setattr'], others);
  set(['sched_setaffinity'], options.affinity === 'deny' ? fail('EPERM') : others);
  if (options.memoryFiles === 'sealed') {
    set(['memfd_create'], whenAnyBit(1, MFD_NOEXEC_SEAL, allow, deny('EACCES')));
  }

  // PER_LINUX, PER_LINUX32, each with UNAME26 or without randomised addresses (debuggers, sanitizers); all ones asks
  set(
    ['personality'],
    byValue(0, [[[0, 8, 0x20000, 0x20008, 0x40000, 0x40008, 0xffffffff], allow]], deny('EPERM')),
  );
  // SECCOMP_FILTER_FLAG_NEW_LISTENER: the cell has its listener; the kernel would say EBUSY too
  set(['seccomp'], whenAnyBit(1, 8, fail('EBUSY'), allow));
  // TIOCSTI types into the terminal, TIOCLINUX pastes into a console
  set(['ioctl'], byValue(1, [[[0x5412, 0x541c], fail('EPERM')]], allow));

  set(['socket'], socketRule());
  set(['socketpair'], byValue(0, [[[1], allow]], fail('EAFNOSUPPORT')));
  set(['setsockopt'], setsockoptRule());
  // connects and sends in one call, past connect(2); the kernel's answer where it is switched off
  set(['sendto', 'sendmmsg'], whenAnyBit(3, MSG_FASTOPEN, deny('EOPNOTSUPP'), allow));
  set(['sendmsg'], whenAnyBit(2, MSG_FASTOPEN, deny('EOPNOTSUPP'), allow));

  if (options.supervisor === 'kernel') {
    for (const [name, decision] of rules) rules.set(name, withoutSupervisor(decision));
  }
  return { rules, otherwise: fail('ENOSYS') };
}
