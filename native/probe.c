/* Isolation is probed, not assumed: a process confined like the program tries what must fail. */
#include "rf.h"
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static const char *const names[] = {
    "host-file",      /* a file that lies outside the view */
    "host-loopback",  /* a listener on the host's 127.0.0.1 */
    "route",          /* an address that the contract does not name (198.51.100.1, TEST-NET-2) */
    "udp-route",      /* the same by an unconnected datagram */
    "system-write",   /* a file below /usr */
    "root-write",     /* a file in / */
    "landlock",       /* a folder that only Landlock closes */
    "proc-sys-write", /* kernel.core_pattern */
    "init-view",      /* pid 1's root and environment */
    "mount",          "user-namespace", "trace-init", "raw-socket", "packet-socket", "vsock", "io_uring", "bpf",
    "keyring",        "signal-host",    "change-uid", "device",
    "host-process",   "unix-socket", "shared-memory", "message-queue", "outside-mode", /* reduced isolation */
    "hidden",         /* what the plan covers */
    "filter",         /* a call that the filter answers otherwise than it was proved to */
};

const char *probe_name(int bit) { return names[bit]; }
int probe_count(void) { return (int)(sizeof names / sizeof *names); }

static bool connects(const char *address, uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &to.sin_addr);
  struct timeval limit = {.tv_usec = 200000};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  int result = connect(fd, (struct sockaddr *)&to, sizeof to);
  /* Refused or timed out by somebody beyond is reach, too; only "no route" and "not allowed" are not. */
  int error = result < 0 ? errno : 0;
  close(fd);
  if (port != 9) return error == 0;
  return error == 0 || error == ECONNREFUSED || error == ETIMEDOUT || error == EINPROGRESS || error == EHOSTUNREACH || error == EAGAIN;
}

static bool sends(const char *address) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
  inet_pton(AF_INET, address, &to.sin_addr);
  bool sent = sendto(fd, "", 0, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to) == 0;
  close(fd);
  return sent;
}

static bool opens(const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static bool makes_socket(int domain, int type, int protocol) {
  int fd = socket(domain, type | SOCK_CLOEXEC, protocol);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

/* Inside, something of the cell's own may listen on the same port: only an arrival here is reach. */
uint64_t probe_confirm(struct cell *cell, uint64_t reached) {
  uint64_t host_loopback = 1ull << 1;
  bool arrived = false;
  for (int fd; (fd = accept4(cell->probe_listener, NULL, NULL, SOCK_CLOEXEC)) >= 0; arrived = true) close(fd);
  return arrived ? reached : reached & ~host_loopback;
}

/* Calls that the filter is to answer by itself, with arguments that make none of them do anything. */
static bool filter_answers(const struct plan *plan) {
  for (const char *p = plan_value(plan, "answers", 0, ","); p[0] == ',' && p[1];) {
    char *end;
    long number = strtol(p + 1, &end, 10), error = *end == ':' ? strtol(end + 1, &end, 10) : 0;
    if (syscall(number, -1L, -1L, -1L, -1L, -1L, -1L) != -1 || errno != error) return false;
    p = end;
  }
  return true;
}

/* Asked before the program runs: later it may make files of its own where nothing was to be covered. */
static bool all_covered(const struct plan *plan) {
  for (int i = 0; i < plan->count; i++) {
    const struct op *op = &plan->ops[i];
    struct stat info;
    struct statfs system;
    if (strcmp(op->name, "mask") || lstat(op->arg[0], &info) < 0 || S_ISLNK(info.st_mode)) continue;
    if (S_ISCHR(info.st_mode)) continue;
    if (!S_ISDIR(info.st_mode) || statfs(op->arg[0], &system) < 0 || system.f_type != 0x01021994 /* TMPFS_MAGIC */) return false;
  }
  return true;
}

static uint64_t bit(const char *name) {
  int at = 0;
  while (strcmp(names[at], name)) at++;
  return 1ull << at;
}

static uint64_t cell_probes(struct cell *cell, const char *marker, uint16_t host_port, pid_t host_pid);

uint64_t probe_attempts(struct cell *cell, const char *marker, uint16_t host_port, pid_t host_pid) {
  uint64_t reached = filter_answers(cell->plan) ? 0 : bit("filter");
  if (cell->kind == KIND_LANDLOCK) return reached | reduced_probes(cell, marker);
  if (host_pid && !all_covered(cell->plan)) reached |= bit("hidden");
  return reached | cell_probes(cell, marker, host_port, host_pid);
}

static uint64_t cell_probes(struct cell *cell, const char *marker, uint16_t host_port, pid_t host_pid) {
  uint64_t reached = 0;
  int number = 0;
  char params[128] = {0}, node[64]; /* a name that the agent cannot have taken before */
  snprintf(node, sizeof node, "/tmp/.ringfence-%llx", (unsigned long long)now_us());
#define PROBE(attempt) reached |= (uint64_t)((attempt) ? 1 : 0) << number++
  PROBE(*marker && opens(marker, O_RDONLY));
  PROBE(host_port && connects("127.0.0.1", host_port));
  PROBE(connects("198.51.100.1", 9));
  PROBE(sends("198.51.100.1"));
  PROBE(opens("/usr/.ringfence-probe", O_WRONLY | O_CREAT));
  PROBE(opens("/.ringfence-probe", O_WRONLY | O_CREAT));
  PROBE(cell->landlock_abi > 0 && opens("/run/ringfence/probe", O_WRONLY | O_CREAT));
  PROBE(opens("/proc/sys/kernel/core_pattern", O_WRONLY));
  PROBE(opens("/proc/1/root/etc/hostname", O_RDONLY) || opens("/proc/1/environ", O_RDONLY));
  PROBE(mount("none", "/tmp", "tmpfs", 0, NULL) == 0);
  pid_t child = (pid_t)syscall(SYS_clone, (long)(CLONE_NEWUSER | SIGCHLD), 0L, 0L, 0L, 0L);
  if (child == 0) _exit(0);
  PROBE(child > 0);
  PROBE(ptrace(PTRACE_ATTACH, 1, NULL, NULL) == 0);
  PROBE(makes_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  PROBE(makes_socket(AF_PACKET, SOCK_DGRAM, 0));
  PROBE(makes_socket(40 /* AF_VSOCK */, SOCK_STREAM, 0));
  PROBE(syscall(SYS_io_uring_setup, 1, params) >= 0);
  PROBE(syscall(SYS_bpf, 0, params, sizeof params) >= 0);
  PROBE(syscall(SYS_keyctl, 0, -3, 1) >= 0);
  PROBE(host_pid > 1 && kill(host_pid, 0) == 0);
  PROBE(setresuid(0, 0, 0) == 0 && cell->inside_uid != 0);
  PROBE(mknod(node, S_IFCHR | 0600, 0x0103 /* mem(4): /dev/null */) == 0);
#undef PROBE
  return reached;
}
