/**
 * What the system call policy refuses more where no namespace stands behind it: whatever reaches beyond the cell and is
 * not judged by Landlock (landlock(7), "Current limitations").
 *
 * @module
 */
import {
  allow,
  byValue,
  cellPolicy,
  type Decision,
  deny,
  fail,
  notify,
  type Policy,
  type PolicyOptions,
  type SyscallName,
} from '../seccomp/index.ts';

const SYSTEM_V: readonly SyscallName[] = [
  ...(['shmget', 'shmat', 'shmctl', 'semget', 'semop', 'semctl', 'semtimedop'] as const),
  ...(['msgget', 'msgsnd', 'msgrcv', 'msgctl'] as const),
];
const QUEUES: readonly SyscallName[] = [
  ...(['mq_open', 'mq_unlink', 'mq_timedsend', 'mq_timedreceive', 'mq_notify', 'mq_getsetattr'] as const),
];
/** An owner may do these to any file of his: the supervisor does them, on what lies in the copy. */
const ATTRIBUTES: readonly SyscallName[] = [
  ...(['chmod', 'fchmod', 'fchmodat', 'fchmodat2'] as const),
  ...(['utime', 'utimes', 'futimesat', 'utimensat', 'inotify_add_watch'] as const),
];
const OWNERS: readonly SyscallName[] = ['chown', 'fchown', 'lchown', 'fchownat'];
const EXTENDED: readonly SyscallName[] = [
  ...(['setxattr', 'lsetxattr', 'fsetxattr', 'setxattrat'] as const),
  ...(['removexattr', 'lremovexattr', 'fremovexattr', 'removexattrat'] as const),
];
/** FS_IOC_SETFLAGS, SETVERSION (64 and 32 bits), FSSETXATTR, FICLONE needs writing and stays (linux/fs.h). */
const FILE_FLAGS = [0x40086602, 0x40046602, 0x40087602, 0x40047602, 0x401c5820];
/** TIOCSTI, TIOCLINUX. */
const TERMINAL = [0x5412, 0x541c];
const F_SETLEASE = 1024;

/** Only about the caller itself: these ask for nothing but the same user. */
const self = (argument: number): Decision => byValue(argument, [[[0], allow]], deny('EPERM'));

/** The policy of a cell without namespaces: no socket of any family, no shared IPC, nothing done to others' files. */
export function reducedPolicy(options: PolicyOptions): Policy {
  const base = cellPolicy(options);
  const rules = new Map(base.rules);
  const set = (names: readonly SyscallName[], decision: Decision) => {
    for (const name of names) rules.set(name, decision);
  };
  // a Unix socket's path is judged by nobody: no socket at all; a pair is connected to itself from the start
  set(['socket'], deny('EAFNOSUPPORT'));
  set(['connect', 'bind', 'listen'], deny('EPERM'));
  // SOCK_STREAM and SOCK_SEQPACKET: a datagram socket of a pair can still send to any path
  set(
    ['socketpair'],
    byValue(0, [[[1], byValue(1, [[[1, 5], allow]], deny('EPERM'), 0xf)]], fail('EAFNOSUPPORT')),
  );
  set([...SYSTEM_V, ...QUEUES], deny('EPERM'));
  set(ATTRIBUTES, notify);
  set(OWNERS, fail('EPERM'));
  set(EXTENDED, fail('EOPNOTSUPP'));
  set(['ioctl'], byValue(1, [[[...TERMINAL, ...FILE_FLAGS], fail('EPERM')]], allow));
  set(['fcntl'], byValue(1, [[[F_SETLEASE], fail('EACCES')]], allow));

  set(['prlimit64', 'sched_setscheduler', 'sched_setparam', 'sched_setattr'], self(0));
  set(['sched_setaffinity'], options.affinity === 'deny' ? fail('EPERM') : self(0));
  // PRIO_PROCESS and PRIO_PGRP of the caller; IOPRIO_WHO_PROCESS and _PGRP; never all of a user's
  set(['setpriority'], byValue(0, [[[0, 1], self(1)]], deny('EPERM')));
  set(['ioprio_set'], byValue(0, [[[1, 2], self(1)]], deny('EPERM')));
  return { rules, otherwise: base.otherwise };
}
