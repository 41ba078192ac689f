/**
 * The plan: what the launcher (`native/`) does between start and exec, compiled from a contract by `cell`.
 *
 * A plan is a list of operations, each a tuple of strings, so that it can be printed, hashed, compared with the
 * effective state and read by a hundred lines of C. On the wire: every field ends with NUL, every operation with an
 * extra NUL (an empty field); the whole ends with the operation `end`. No field is empty; `-` stands for "none".
 *
 * The launcher executes mounts in the order given, below a fresh tmpfs that becomes `/`.
 *
 * @module
 */

/** Mount flags, comma-separated: `ro,nosuid,nodev,noexec,rec` (rec: include submounts); `-` for none. */
export type MountFlags = string;

/** `HOSTUID:HOSTGID` — map this on-disk owner to the cell's identity by an id-mapped mount (root runs only); `-` for none. */
export type IdMap = string;

export type PlanOp =
  /** Run id and kind: `cell` (all namespaces, supervisor) or `confined` (a helper such as the gateway: host network,
   *  no supervisor) or `landlock` (no namespaces at all: the reduced isolation). */
  | ['kind', 'cell' | 'confined' | 'landlock', string]
  /** uid gid inside; uid gid outside (kernel ids as seen by the caller). Outside is never 0. */
  | ['identity', string, string, string, string]
  | ['hostname', string]
  /** target, size in bytes (0: kernel default), octal mode, flags */
  | ['tmpfs', string, string, string, MountFlags]
  /** source on the host, target, flags, id map */
  | ['bind', string, string, MountFlags, IdMap]
  /** target, lower, upper, work, id map. Mounted nosuid,nodev; userxattr when unprivileged, redirect_dir without metacopy when root. */
  | ['overlay', string, string, string, string, IdMap]
  /** folder that becomes one more lower layer of the next overlay, above its `lower` and below those named before it: the
   *  changes of an earlier run. Not mapped to another owner: it belongs to the cell's user already */
  | ['under', string]
  /** source folder on the host, target, id map: read-only as the lower layer of an overlay, so that sockets and named
   *  pipes of the host in it are not connected to anything; submounts are not shown */
  | ['layer', string, string, IdMap]
  /** fresh procfs, with /proc/sys read-only and dangerous entries masked */
  | ['proc', string]
  /** fresh devpts instance */
  | ['devpts', string]
  /** cover a file with /dev/null or a directory with an empty read-only tmpfs; absent is no error */
  | ['mask', string]
  /** directory, octal mode, owner `agent` or `setup` */
  | ['dir', string, string, 'agent' | 'setup']
  /** path, octal mode, content in hex (`-` for empty), owner */
  | ['file', string, string, string, 'agent' | 'setup']
  /** link target, path */
  | ['symlink', string, string]
  /** mount a folder of the view over itself, writable: what stays open when the mount around it becomes read-only */
  | ['writable', string]
  /** make the mount at target read-only (used last for `/`) */
  | ['readonly', string]
  /** name, value: written below /proc/sys in the new namespaces before it becomes read-only */
  | ['sysctl', string, string]
  /** Landlock: the file-system rights that are handled: `write`, `write,execute` or (landlock kind) `read,write,execute` */
  | ['landlock', string]
  /** Landlock rule: path (in the new view), rights: `write`, `write,execute`, `read`, `execute` … */
  | ['allow', string, string]
  /** seccomp program: hex of struct sock_filter[], 8 bytes an instruction */
  | ['seccomp', string]
  /** `,NUMBER:ERRNO,…` of the system calls that the supervisor refuses and records */
  | ['refused', string]
  /** `,NUMBER:ERRNO,…` of the system calls that must fail so with all bits of all arguments set: probes make them, and see
   *  whether the filter is the one that was planned */
  | ['answers', string]
  /** resource (`nproc`, `nofile`, `data`, `fsize`, `core`, `cpu`, `memlock`, `msgqueue`, `stack`), soft, hard (`-` unlimited) */
  | ['rlimit', string, string, string]
  /** CPU list such as `0-1` for sched_setaffinity */
  | ['affinity', string]
  /** existing cgroup directory: init is written to its cgroup.procs; removed after the run. role: `freeze`, `limit` */
  | ['cgroup', string, 'freeze' | 'limit']
  | ['env', string]
  | ['cwd', string]
  /** one argument, prefixed by `=` because no field is empty */
  | ['arg', string]
  /** wall clock budget, milliseconds */
  | ['time', string]
  /** supervised limits, `-` when hard or none: cpu-time (ms), memory (bytes), disk (bytes), sampling period (ms) */
  | ['supervise', string, string, string, string]
  /** directory on the host whose size counts as disk use */
  | ['usage', string]
  /** `on`: the gateway listens inside: 127.0.0.1:53 udp+tcp, one TCP listener per family and one UDP socket per family */
  | ['gateway', 'on' | 'off']
  /** host file that must be invisible inside (the probes look for it), probe interval in ms */
  | ['probe', string, string]
  /** family, address, port, `tcp` or `udp`: connects that the gateway carries from the start */
  | ['pin', string, string, string, 'tcp' | 'udp']
  /** folder inside whose changes are no events: temporary folders, the private home, devices */
  | ['quiet', string]
  /** kinds of events to send: comma list of `exec`, `file`, `sample` */
  | ['events', string]
  /** streams (comma list of `0`, `1`, `2`) that are the program's own terminal, made inside the cell; what of the terminal's
   *  features is allowed beyond the usual: `clipboard` or `-` */
  | ['terminal', string, 'clipboard' | '-']
  /** path on the host of the Unix socket at which the supervisor takes further programs for the cell */
  | ['sessions', string]
  | ['end'];

export type Plan = readonly PlanOp[];
