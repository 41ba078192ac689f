/* Tries what the reduced isolation must refuse. One line an attempt: `NAME held ERRNO` or `NAME REACHED`.
 * Usage: attacker SECRET_FILE OUTSIDE_FOLDER VICTIM_PID UNIX_SOCKET ABSTRACT_NAME PORT ORIGINAL */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#define TRY(name, attempt)                                                     \
  do {                                                                         \
    errno = 0;                                                                 \
    if (attempt) printf("%s REACHED\n", name);                                 \
    else printf("%s held %s\n", name, errno ? strerrorname_np(errno) : "-");   \
    fflush(stdout);                                                            \
  } while (0)

static int opens(const char *path, int flags) { return open(path, flags, 0600) >= 0; }

static int sends_datagram(const char *path) { /* by a socket of a pair, whose peer may be changed */
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair)) return 0;
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  strncpy(to.sun_path, path, sizeof to.sun_path - 1);
  return sendto(pair[0], "x", 1, 0, (struct sockaddr *)&to, sizeof to) == 1;
}

static int reconnects(const char *path, int abstract) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) return 0;
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  strncpy(to.sun_path + abstract, path, sizeof to.sun_path - 2);
  return connect(pair[0], (struct sockaddr *)&to, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)abstract + strlen(path))) == 0;
}

int main(int argc, char **argv) {
  if (argc != 8) return 2;
  const char *secret = argv[1], *outside = argv[2], *unix_path = argv[4], *abstract = argv[5], *original = argv[7];
  pid_t victim = atoi(argv[3]);
  char path[4096], data[64];
  struct stat info;
  struct iovec local = {data, 8}, remote = {&info, 8};

  TRY("read a secret", opens(secret, O_RDONLY));
  snprintf(path, sizeof path, "/proc/self/cwd/../../../../../../../../../..%s", secret);
  TRY("read a secret by dots", opens(path, O_RDONLY));
  TRY("read a secret by a link", symlink(secret, "link") == 0 && opens("link", O_RDONLY));
  TRY("hard link to a secret", link(secret, "hard") == 0);
  TRY("move a secret here", rename(secret, "moved") == 0);
  TRY("append to a secret", opens(secret, O_WRONLY | O_APPEND));
  TRY("truncate a secret", truncate(secret, 0) == 0);
  TRY("truncate by opening", opens(secret, O_RDONLY | O_TRUNC));
  TRY("remove a secret", unlink(secret) == 0);
  TRY("mode of a secret", chmod(secret, 0777) == 0);
  TRY("mode by descriptor", ({ int fd = open(secret, O_PATH); snprintf(path, sizeof path, "/proc/self/fd/%d", fd); chmod(path, 0777) == 0; }));
  TRY("mode by fchmodat2", syscall(452, AT_FDCWD, secret, 0777, 0) == 0);
  TRY("mode by a link", chmod("link", 0777) == 0);
  TRY("times of a secret", utimensat(AT_FDCWD, secret, NULL, 0) == 0);
  TRY("owner of a secret", chown(secret, getuid(), getgid()) == 0);
  TRY("attribute of a secret", setxattr(secret, "user.x", "y", 1, 0) == 0);
  TRY("list the outside", opendir(outside) != NULL);
  TRY("watch the outside", inotify_add_watch(inotify_init1(0), outside, IN_ALL_EVENTS) >= 0);
  snprintf(path, sizeof path, "%s/made", outside);
  TRY("make a file outside", opens(path, O_WRONLY | O_CREAT));
  TRY("make a folder outside", mkdir(path, 0700) == 0);
  TRY("make a link outside", symlink("x", path) == 0);
  TRY("make a pipe outside", mkfifo(path, 0600) == 0);
  TRY("rename out", ({ close(open("mine", O_WRONLY | O_CREAT, 0600)); rename("mine", path) == 0; }));
  snprintf(path, sizeof path, "%s/a.txt", original);
  TRY("read the original", opens(path, O_RDONLY));
  TRY("write the original", opens(path, O_WRONLY));
  TRY("write /tmp", opens("/tmp/ringfence-reduced-test", O_WRONLY | O_CREAT));
  TRY("write /dev/shm", opens("/dev/shm/ringfence-reduced-test", O_WRONLY | O_CREAT));
  TRY("read /etc/shadow", opens("/etc/shadow", O_RDONLY));
  TRY("read /run", opendir("/run") != NULL);
  TRY("execute outside", ({ snprintf(path, sizeof path, "%s/program", outside); access(path, F_OK) == 0 && ({ pid_t p = fork(); if (!p) { execl(path, path, NULL); _exit(99); } int s; p = (pid_t)syscall(SYS_wait4, p, &s, 0, NULL); p > 0 && s == 0; }); }));

  TRY("signal 0", kill(victim, 0) == 0);
  TRY("terminate a process", kill(victim, SIGTERM) == 0);
  TRY("tgkill", syscall(SYS_tgkill, victim, victim, SIGTERM) == 0);
  TRY("queue a signal", sigqueue(victim, SIGTERM, (union sigval){0}) == 0);
  TRY("signal by pidfd", ({ int fd = (int)syscall(SYS_pidfd_open, victim, 0); syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0) == 0; }));
  TRY("signal by SIGIO", ({ int p[2]; pipe(p); fcntl(p[0], F_SETSIG, SIGTERM); fcntl(p[0], F_SETOWN, victim); fcntl(p[0], F_SETFL, O_ASYNC | O_NONBLOCK); write(p[1], "x", 1); usleep(20000); kill(victim, 0) == 0; }));
  TRY("signal the parent", kill(getppid(), 0) == 0);
  TRY("trace", ptrace(PTRACE_SEIZE, victim, NULL, NULL) == 0);
  TRY("trace the parent", ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0);
  TRY("read memory", process_vm_readv(victim, &local, 1, &remote, 1, 0) > 0 || errno == EFAULT);
  TRY("write memory", process_vm_writev(victim, &local, 1, &remote, 1, 0) > 0 || errno == EFAULT);
  static const char *const files[] = {"environ", "mem", "maps", "root/etc/hostname", "fd/0", "cwd/."};
  for (int i = 0; i < 6; i++) {
    char name[64];
    snprintf(path, sizeof path, "/proc/%d/%s", victim, files[i]);
    snprintf(name, sizeof name, "process file %s", files[i]);
    TRY(name, opens(path, O_RDONLY) || (i == 1 && opens(path, O_RDWR)));
  }
  TRY("take a descriptor", ({ int fd = (int)syscall(SYS_pidfd_open, victim, 0); syscall(438, fd, 0, 0) >= 0; }));
  TRY("limit a process", ({ struct rlimit r = {1, 1}; prlimit(victim, RLIMIT_CPU, &r, NULL) == 0; }));
  TRY("priority of a process", setpriority(PRIO_PROCESS, (id_t)victim, 19) == 0);
  TRY("priority of a user", setpriority(PRIO_USER, 0, 19) == 0);
  TRY("affinity of a process", ({ cpu_set_t c; CPU_ZERO(&c); CPU_SET(0, &c); sched_setaffinity(victim, sizeof c, &c) == 0; }));
  TRY("scheduler of a process", ({ struct sched_param p = {0}; sched_setscheduler(victim, SCHED_IDLE, &p) == 0; }));
  TRY("io priority of a process", syscall(SYS_ioprio_set, 1, victim, 3 << 13) == 0);
  TRY("oom score of a process", ({ snprintf(path, sizeof path, "/proc/%d/oom_score_adj", victim); opens(path, O_WRONLY); }));
  TRY("compare processes", syscall(SYS_kcmp, getpid(), victim, 1, 0, 0) >= 0);

  static const int domains[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, 38, 40, 44};
  for (int i = 0; i < 8; i++)
    for (int type = 1; type <= 3; type++) {
      char name[64];
      snprintf(name, sizeof name, "socket %d type %d", domains[i], type);
      TRY(name, socket(domains[i], type, 0) >= 0);
    }
  TRY("datagram pair to a path", sends_datagram(unix_path));
  TRY("pair to a path", reconnects(unix_path, 0));
  TRY("pair to an abstract name", reconnects(abstract, 1));
  TRY("raw pair", ({ int p[2]; socketpair(AF_UNIX, SOCK_RAW, 0, p) == 0; }));
  TRY("shared memory", shmget(IPC_PRIVATE, 4096, 0600 | IPC_CREAT) >= 0);
  TRY("semaphore", semget(IPC_PRIVATE, 1, 0600 | IPC_CREAT) >= 0);
  TRY("message queue", msgget(IPC_PRIVATE, 0600 | IPC_CREAT) >= 0);
  TRY("posix queue", syscall(SYS_mq_open, "rf-test", O_CREAT | O_RDWR, 0600, NULL) >= 0);
  TRY("keyring", syscall(SYS_keyctl, 0, -3, 1) >= 0);
  TRY("add key", syscall(SYS_add_key, "user", "x", "y", 1, -3) >= 0);
  TRY("io_uring", ({ char p[256] = {0}; syscall(SYS_io_uring_setup, 8, p) >= 0; }));
  TRY("bpf", ({ char p[128] = {0}; syscall(SYS_bpf, 0, p, sizeof p) >= 0; }));
  TRY("user namespace", unshare(CLONE_NEWUSER) == 0);
  TRY("mount", mount("none", ".", "tmpfs", 0, NULL) == 0);
  TRY("chroot", chroot(".") == 0);
  TRY("become root", setresuid(0, 0, 0) == 0);
  TRY("file flags", ({ int fd = open("/usr/bin/env", O_RDONLY), f = FS_NODUMP_FL; ioctl(fd, FS_IOC_SETFLAGS, &f) == 0; }));
  TRY("lease", fcntl(open("/usr/bin/env", O_RDONLY), F_SETLEASE, F_RDLCK) == 0);
  return 0;
}
