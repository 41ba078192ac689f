/**
 * The compiled filter, loaded into the running kernel by a small C program that prints the errno of each attempt.
 *
 * @module
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Architecture, cellPolicy, compileSeccomp, ERRNO } from './index.ts';

const PROGRAM = String.raw`
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(const char *name, long result) { printf("%s %d\n", name, result < 0 ? errno : 0); }

int main(int argc, char **argv) {
  static struct sock_filter code[4096];
  if (argc != 2) return 2;
  FILE *file = fopen(argv[1], "r");
  if (!file) return 3;
  size_t count = fread(code, 8, 4096, file);
  fclose(file);
  struct sock_fprog program = {(unsigned short)count, code};
  int udp = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) { perror("load"); return 4; }

  tell("getppid", getppid());
  tell("open", open("/dev/null", O_RDWR));
  tell("clone3", syscall(SYS_clone3, 0, 0));
  tell("openat2", syscall(437, 0, 0, 0, 0));
  tell("unknown", syscall(4999));
  tell("io_uring", syscall(SYS_io_uring_setup, 1, 0));
  tell("unshare-user", unshare(CLONE_NEWUSER));
  tell("unshare-fs", unshare(CLONE_FS));
  long child = syscall(SYS_clone, CLONE_NEWUSER | 17, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  tell("clone-user", child);
  child = fork();
  if (child == 0) _exit(0);
  tell("fork", child);
  waitpid((pid_t)child, 0, 0);
  tell("tiocsti-high", syscall(SYS_ioctl, 0, 0xffffffff00005412UL, "x"));
  tell("vsock", socket(40, SOCK_STREAM, 0));
  tell("raw", socket(AF_INET, SOCK_RAW, 1));
  tell("mptcp", socket(AF_INET, SOCK_STREAM, 262));
  tell("netlink-route", socket(AF_NETLINK, SOCK_RAW, 0));
  tell("netlink-audit", socket(AF_NETLINK, SOCK_RAW, 9));
  tell("unix", socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  int value = 255;
  tell("minttl", setsockopt(tcp, IPPROTO_IP, 21, &value, sizeof value));
  tell("ttl", setsockopt(tcp, IPPROTO_IP, IP_TTL, &value, sizeof value));
  tell("keyctl", syscall(SYS_keyctl, 0, -3, 0));
  struct sockaddr_in nowhere = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  tell("fastopen", sendto(tcp, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&nowhere, sizeof nowhere));
  tell("listener", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 8, &program));
  tell("nested", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
  close(udp);
#ifdef __x86_64__
  tell("x32", syscall(0x40000000 | SYS_getppid));
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(64L) : "memory", "r8", "r9", "r10", "r11");
  printf("int80 %ld\n", -result);
#endif
  return 0;
}
`;

const architecture: Architecture | undefined =
  process.platform !== 'linux' ? undefined : ({ x64: 'x86_64', arm64: 'aarch64' } as const)[arch() as 'x64'];
const hasCompiler = spawnSync('cc', ['--version']).status === 0;
const missing = architecture === undefined ? 'not a 64-bit Linux' : hasCompiler ? undefined : 'no C compiler';
if (missing) console.log(`the filter is not tried in a kernel: ${missing}`);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seccomp-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.skipIf(missing && !process.env.CI)('loads into the kernel and has its effects', () => {
  const policy = cellPolicy({
    fileEvents: 'on',
    affinity: 'allow',
    fileTables: 'separate',
    supervisor: 'kernel',
  });
  const source = join(folder, 'try.c');
  writeFileSync(source, PROGRAM);
  writeFileSync(join(folder, 'filter'), compileSeccomp(policy, architecture ?? 'x86_64'));
  execFileSync('cc', ['-O1', '-o', join(folder, 'try'), source]);
  const output = execFileSync(join(folder, 'try'), [join(folder, 'filter')], { encoding: 'utf8' });

  const { ENOSYS, EPERM, EAFNOSUPPORT, EPROTONOSUPPORT, ENOPROTOOPT, EOPNOTSUPP, EBUSY } = ERRNO;
  const expected: Record<string, number> = {
    getppid: 0,
    open: 0,
    clone3: ENOSYS,
    openat2: ENOSYS,
    unknown: ENOSYS,
    io_uring: ENOSYS,
    'unshare-user': EPERM,
    'unshare-fs': 0,
    'clone-user': EPERM,
    fork: 0,
    'tiocsti-high': EPERM,
    vsock: EAFNOSUPPORT,
    raw: EAFNOSUPPORT,
    mptcp: EPROTONOSUPPORT,
    'netlink-route': 0,
    'netlink-audit': EAFNOSUPPORT,
    unix: 0,
    minttl: ENOPROTOOPT,
    ttl: 0,
    keyctl: EPERM,
    fastopen: EOPNOTSUPP,
    listener: EBUSY,
    nested: 0,
    ...(architecture === 'x86_64' ? { x32: ENOSYS, int80: ENOSYS } : {}),
  };
  const got = Object.fromEntries(
    output
      .trim()
      .split('\n')
      .map((line) => line.split(' ')),
  );
  expect(got).toEqual(
    Object.fromEntries(Object.entries(expected).map(([name, errno]) => [name, String(errno)])),
  );
});
