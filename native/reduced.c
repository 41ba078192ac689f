/* The reduced isolation: no namespaces and no mounts, for machines that refuse them. What confines is Landlock (files,
 * signals, tracing), seccomp and limits; what namespaces do otherwise is done here with what is left.
 *
 * Init lives in a Landlock domain of its own whose scope is signals: its kill(-1) reaches exactly the processes that
 * descend from it, at once and whatever they do, as in a process namespace (landlock(7), ABI 6; kill(2)). */
#include "terminal.h"
#include <dirent.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <poll.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#define NEEDED_ABI 6 /* signals and abstract sockets: without them the program could end its warden */
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static pid_t supervisor, init; /* `init`: in the supervisor of a cell without namespaces */
static bool scoped; /* in init: kill(-1) reaches the cell alone */

/* ---- the supervisor's side, before init ---- */
static bool has_capability(int capability) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[2] = {0};
  return syscall(SYS_capget, &header, sets) == 0 && (sets[capability / 32].effective >> (capability % 32) & 1);
}

void reduced_prepare(void) {
  char text[96];
  supervisor = getpid();
  snprintf(text, sizeof text, "the reduced isolation needs ABI %d (Linux 6.12), this kernel gives %d", NEEDED_ABI, landlock_abi());
  if (landlock_abi() < NEEDED_ABI) fail("landlock", text, EOPNOTSUPP);
  TRY("subreaper", "", prctl(PR_SET_CHILD_SUBREAPER, 1)); /* what outlives init comes to us */
}

/* As root: the main thread, which handles what the program names, has the program's own rights on files. Where root may
 * not trace (containers), it takes the program's user as its real one, too: the Landlock domain stands between them. */
void reduced_settle(struct cell *cell) {
  init = cell->init;
  if (!cell->privileged) return;
  if (!has_capability(CAP_SYS_PTRACE) || !has_capability(CAP_KILL)) {
    TRY("real-gid", "", syscall(SYS_setresgid, cell->outside_gid, -1, -1));
    TRY("real-uid", "", syscall(SYS_setresuid, cell->outside_uid, -1, -1));
  }
}

void reduced_lower(struct cell *cell, bool on) {
  if (!cell->privileged) return;
  syscall(SYS_setfsgid, on ? cell->outside_gid : getegid());
  syscall(SYS_setfsuid, on ? cell->outside_uid : geteuid());
}

/* ---- init ---- */
static void take_identity(struct cell *cell) {
  if (cell->privileged) {
    for (int cap = 0; cap < 64; cap++)
      if (prctl(PR_CAPBSET_DROP, cap) < 0) break;
    TRY("groups", "", setgroups(0, NULL));
    TRY("set-gid", "", syscall(SYS_setresgid, cell->outside_gid, cell->outside_gid, cell->outside_gid));
    TRY("set-uid", "", syscall(SYS_setresuid, cell->outside_uid, cell->outside_uid, cell->outside_uid));
  }
  if (getuid() != cell->outside_uid || geteuid() != cell->outside_uid || getgid() != cell->outside_gid) fail("identity", "", EPERM);
  drop_privileges(cell);
}

/* Not the program's layer (confine_scope): this one must hold whatever a test takes away from that. */
static void enter_domain(void) {
  struct {
    uint64_t fs, net, scoped;
  } ruleset = {.fs = LANDLOCK_ACCESS_FS_REFER, .scoped = RF_LANDLOCK_SCOPE_ABSTRACT_UNIX | RF_LANDLOCK_SCOPE_SIGNAL};
  int fd = (int)TRY("domain-ruleset", "", syscall(SYS_landlock_create_ruleset, &ruleset, sizeof ruleset, 0));
  struct landlock_path_beneath_attr everywhere = {.allowed_access = LANDLOCK_ACCESS_FS_REFER};
  everywhere.parent_fd = (int)TRY("domain-root", "/", open("/", O_PATH | O_CLOEXEC));
  TRY("domain-rule", "/", syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &everywhere, 0));
  TRY("domain-restrict", "", syscall(SYS_landlock_restrict_self, fd, 0));
  close(everywhere.parent_fd);
  close(fd);
  if (kill(supervisor, 0) == 0 || errno != EPERM) fail("domain", "signals still leave it", EPERM);
  scoped = true;
}

void reduced_child(struct cell *cell) {
  char go;
  fail_through(cell->sync[1]);
  if (recv(cell->sync[1], &go, 1, 0) != 1 || go != MSG_GO) _exit(125);
  TRY("session", "", setsid());
  TRY("subreaper", "", prctl(PR_SET_CHILD_SUBREAPER, 1));
  int proc = (int)TRY("open-proc", "", open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct message_number message = {.type = MSG_PROC};
  TRY("send-proc", "", send_fd(cell->sync[1], &message, sizeof message, proc) ? 0 : -1);
  close(proc);
  TRY("folder", "/", chdir("/"));
  take_identity(cell);
  enter_domain();
  init_main(cell);
}

/* Ends every process of the cell, then init. kill(-1) holds the kernel's list of tasks: no fork slips through. */
void reduced_init_end(void) {
  while (scoped) {
    kill(-1, SIGKILL);
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0);
    if (pid < 0 && errno == ECHILD) break;
    usleep(100);
  }
  _exit(0);
}

/* ---- the supervisor's side: end, census ---- */
void reduced_end(struct cell *cell) {
  for (int i = 0; i < cell->plan->count; i++) { /* init may be frozen with the rest */
    const struct op *op = &cell->plan->ops[i];
    char path[4200];
    if (strcmp(op->name, "cgroup") || strcmp(op->arg[1], "freeze")) continue;
    snprintf(path, sizeof path, "%s/cgroup.freeze", op->arg[0]);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "0", 1) < 0) errno = 0;
    if (fd >= 0) close(fd);
  }
  shutdown(cell->init_command[0], SHUT_RDWR);
  syscall(SYS_pidfd_send_signal, cell->init_pidfd, SIGCONT, NULL, 0);
}

/* The host's devpts, because there is no other; the program sees no name in it. */
int reduced_terminal(struct cell *cell, int session) {
  reduced_lower(cell, false);
  int off = 0, master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), slave = -1;
  if (master >= 0 && ioctl(master, TIOCSPTLCK, &off) == 0) slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave >= 0 && cell->privileged && fchown(slave, cell->outside_uid, cell->outside_gid) < 0) close(slave), slave = -1;
  reduced_lower(cell, true);
  if (slave >= 0) sessions_master(cell, session, master);
  if (master >= 0) close(master);
  return slave;
}

/* Each thread has its own: three look, each at its time. */
static __thread struct {
  pid_t pid, parent;
  bool ours;
} *census;
static __thread size_t census_count, census_size;

static pid_t parent_of(const char *pid) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%.10s/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (n <= 0) return 0;
  text[n] = 0;
  int parent;
  const char *rest = strrchr(text, ')');
  return rest && sscanf(rest + 2, "%*c %d", &parent) == 1 ? parent : 0;
}

static size_t place_of(pid_t pid) { /* proc lists ids in ascending order */
  size_t low = 0, high = census_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (census[middle].pid < pid) low = middle + 1;
    else high = middle;
  }
  return low < census_count && census[low].pid == pid ? low : census_count;
}

/* Who descends from `root`. Orphans become children of init, so the tree holds all of them. */
static void take_census(pid_t root) {
  DIR *list = opendir("/proc");
  census_count = 0;
  for (struct dirent *entry; list && (entry = readdir(list));) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    if (census_count == census_size) {
      void *more = realloc(census, (census_size = census_size * 2 + 256) * sizeof *census);
      if (!more) abort(); /* fails closed: init ends the cell */
      census = more;
    }
    pid_t pid = atoi(entry->d_name), parent = parent_of(entry->d_name);
    census[census_count].pid = pid;
    census[census_count].parent = parent;
    census[census_count++].ours = pid == root;
  }
  if (list) closedir(list);
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < census_count; i++) {
      size_t parent = census[i].ours ? census_count : place_of(census[i].parent);
      if (parent < census_count && census[parent].ours) census[i].ours = changed = true;
    }
  }
}

void reduced_look(void) {
  if (init && !scoped) take_census(init);
}

bool reduced_foreign(pid_t pid) {
  if (scoped) return pid == getpid() || kill(pid, 0) < 0; /* in init: what its signals reach */
  if (!init) return false;
  size_t place = place_of(pid);
  return place == census_count || !census[place].ours;
}

/* Init is gone. Where somebody outside ended it, what it left came to us: none of it stays. */
void reduced_sweep(void) {
  for (int tries = 0, left = 1; left && tries < 20000; tries++) {
    take_census(getpid());
    left = 0;
    for (size_t i = 0; i < census_count; i++) {
      pid_t pid = census[i].pid;
      if (!census[i].ours || getsid(pid) == getsid(0)) continue; /* ours, in our session: what measures the disk */
      kill(pid, tries % 2 ? SIGKILL : SIGSTOP);
      if (waitpid(pid, NULL, WNOHANG) != pid) left++;
    }
    if (left) usleep(200);
  }
}

/* ---- calls that Landlock does not judge: modes, times, watches. The supervisor carries them out on what it has judged ---- */
static bool beneath(const char *path, const char *folder) {
  size_t n = strlen(folder);
  return !strncmp(path, folder, n) && (path[n] == '/' || path[n] == 0);
}

static bool allowed(struct cell *cell, int fd, const char *right) {
  char link[64], path[8192];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0 || n == sizeof path - 1) return false;
  path[n] = 0;
  for (int i = 0; i < cell->plan->count; i++) {
    const struct op *op = &cell->plan->ops[i];
    if (!strcmp(op->name, "allow") && flag_in(op->arg[1], right) && beneath(path, op->arg[0])) return true;
  }
  return false;
}

static int open_of(const struct request *r, const char *what, int number) {
  char link[64];
  if (number < 0) snprintf(link, sizeof link, "/proc/%d/%s", r->tid, what);
  else snprintf(link, sizeof link, "/proc/%d/%s/%d", r->tid, what, number);
  return open(link, O_PATH | O_CLOEXEC);
}

/* An O_PATH descriptor of what the call names: from here on nothing the program does changes what is meant. */
static int target_of(const struct request *r, int dirfd, uint64_t address, bool follow, bool empty) {
  char text[4096];
  ssize_t n = address ? read_text(r->tid, address, text, sizeof text) : 0;
  if (n < 0) return errno = EFAULT, -1;
  if (n == 0 && !empty) return errno = ENOENT, -1;
  if (n == 0) return dirfd == AT_FDCWD ? open_of(r, "cwd", -1) : dirfd < 0 ? (errno = EBADF, -1) : open_of(r, "fd", dirfd);
  int flags = O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
  static const char *const own[] = {"/proc/self/", "/proc/thread-self/", "/dev/fd/"};
  for (int i = 0; i < 3; i++)
    if (!strncmp(text, own[i], strlen(own[i]))) {
      char path[4200];
      snprintf(path, sizeof path, "/proc/%d/%s%s", r->tid, i == 2 ? "fd/" : "", text + strlen(own[i]));
      return open(path, flags);
    }
  if (text[0] == '/') return open(text, flags);
  int base = dirfd == AT_FDCWD ? open_of(r, "cwd", -1) : dirfd < 0 ? (errno = EBADF, -1) : open_of(r, "fd", dirfd);
  int fd = base < 0 ? -1 : openat(base, text, flags), error = errno;
  if (base >= 0) close(base);
  return errno = error, fd;
}

static int change_mode(struct cell *cell, int fd, mode_t mode) {
  struct stat info;
  char link[64];
  if (fstat(fd, &info) < 0) return errno;
  if (S_ISLNK(info.st_mode)) return EOPNOTSUPP;
  if (info.st_uid != cell->outside_uid || (!S_ISDIR(info.st_mode) && (mode & (S_ISUID | S_ISGID)))) return EPERM;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  return chmod(link, mode & 07777) < 0 ? errno : 0;
}

static bool read_times(const struct request *r, uint64_t address, struct timespec times[2], bool *now) {
  int64_t raw[4];
  *now = address == 0;
  if (!address) return true;
  bool short_form = false, micro = false;
#ifdef SYS_utime
  short_form = r->nr == SYS_utime;
  micro = r->nr == SYS_utimes || r->nr == SYS_futimesat;
#endif
  if (read_memory(r->tid, address, raw, short_form ? 16 : 32) != (short_form ? 16 : 32)) return false;
  for (int i = 0; i < 2; i++) {
    times[i].tv_sec = short_form ? raw[i] : raw[2 * i];
    times[i].tv_nsec = short_form ? 0 : micro ? raw[2 * i + 1] * 1000 : raw[2 * i + 1];
  }
  return true;
}

static int watch(struct cell *cell, const struct request *r, int fd, int *descriptor) {
  char link[64];
  (void)cell;
  int process = (int)syscall(SYS_pidfd_open, r->tid, 0);
  if (process < 0) process = (int)syscall(SYS_pidfd_open, r->tid, RF_PIDFD_THREAD);
  int queue = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, (int)r->args[0], 0), error = errno;
  if (process >= 0) close(process);
  if (queue < 0) return error;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  *descriptor = inotify_add_watch(queue, link, (uint32_t)r->args[2] & ~(uint32_t)IN_DONT_FOLLOW);
  error = *descriptor < 0 ? errno : 0;
  close(queue);
  return error;
}

/* Returns false where the call names something outside: it is then refused and recorded like any other. */
bool reduced_dispatch(struct cell *cell, const struct request *r) {
  const uint64_t *a = r->args;
  int fd, flags = 0, result = 0, error;
  uint64_t times_at = 0;
  enum { MODE, TIMES, WATCH } what = MODE;
  mode_t mode = 0;
  switch (r->nr) {
    case SYS_fchmod: fd = target_of(r, (int)a[0], 0, true, true), mode = (mode_t)a[1]; break;
    case SYS_fchmodat: fd = target_of(r, (int)a[0], a[1], true, false), mode = (mode_t)a[2]; break;
    case SYS_fchmodat2:
      flags = (int)a[3], mode = (mode_t)a[2];
      fd = target_of(r, (int)a[0], a[1], !(flags & AT_SYMLINK_NOFOLLOW), flags & AT_EMPTY_PATH);
      break;
    case SYS_utimensat:
      flags = (int)a[3], times_at = a[2], what = TIMES;
      fd = target_of(r, (int)a[0], a[1], !(flags & AT_SYMLINK_NOFOLLOW), a[1] == 0 || flags & AT_EMPTY_PATH);
      break;
    case SYS_inotify_add_watch:
      what = WATCH;
      fd = target_of(r, AT_FDCWD, a[1], !(a[2] & IN_DONT_FOLLOW), false);
      break;
#ifdef SYS_chmod /* absent on newer architectures */
    case SYS_chmod: fd = target_of(r, AT_FDCWD, a[0], true, false), mode = (mode_t)a[1]; break;
    case SYS_utime:
    case SYS_utimes: fd = target_of(r, AT_FDCWD, a[0], true, false), times_at = a[1], what = TIMES; break;
    case SYS_futimesat: fd = target_of(r, (int)a[0], a[1], true, a[1] == 0), times_at = a[2], what = TIMES; break;
#endif
    default: return false;
  }
  error = fd < 0 ? errno : 0;
  struct timespec times[2];
  bool now = false;
  if (!error && !allowed(cell, fd, what == WATCH ? "read" : "write")) return close(fd), false;
  if (!error && what == TIMES && !read_times(r, times_at, times, &now)) error = EFAULT;
  if (!request_valid(r)) return fd >= 0 ? close(fd) : 0, true;
  if (!error && what == MODE) error = change_mode(cell, fd, mode);
  if (!error && what == TIMES && utimensat(fd, "", now ? NULL : times, AT_EMPTY_PATH) < 0) error = errno;
  if (!error && what == WATCH) error = watch(cell, r, fd, &result);
  if (fd >= 0) close(fd);
  answer(r, error, result);
  return true;
}

/* ---- probes: what must fail here ---- */
static bool opens(const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static bool makes_socket(int domain, int type) {
  int fd = socket(domain, type | SOCK_CLOEXEC, 0);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static uint64_t bit_of(const char *name) {
  for (int bit = 0; bit < probe_count(); bit++)
    if (!strcmp(probe_name(bit), name)) return 1ull << bit;
  return 1ull << 63; /* unknown names never pass */
}

uint64_t reduced_probes(struct cell *cell, const char *marker) {
  uint64_t reached = 0;
  char params[128] = {0}, path[64];
  char closed[4200]; /* the program's own by its owner and mode: Landlock alone closes it */
  snprintf(closed, sizeof closed, "%s/closed", plan_value(cell->plan, "usage", 0, ""));
  pid_t warden = getppid();
  confine_scope(); /* as the program is */
#define PROBE(name, attempt) reached |= (attempt) ? bit_of(name) : 0
  PROBE("host-file", *marker && opens(marker, O_RDONLY));
  PROBE("landlock", opens(closed, O_RDONLY) || opens(closed, O_WRONLY) || truncate(closed, 0) == 0);
  PROBE("outside-mode", chmod(closed, 0600) == 0 || utimensat(AT_FDCWD, closed, NULL, 0) == 0);
  PROBE("system-write", opens("/usr/.ringfence-probe", O_WRONLY | O_CREAT));
  PROBE("root-write", opens("/.ringfence-probe", O_WRONLY | O_CREAT));
  PROBE("proc-sys-write", opens("/proc/sys/kernel/core_pattern", O_WRONLY));
  snprintf(path, sizeof path, "/proc/%d/environ", supervisor);
  PROBE("host-process", opens(path, O_RDONLY));
  PROBE("trace-init", ptrace(PTRACE_SEIZE, supervisor, NULL, NULL) == 0 || ptrace(PTRACE_SEIZE, warden, NULL, NULL) == 0);
  PROBE("signal-host", kill(supervisor, 0) == 0 || kill(warden, 0) == 0);
  PROBE("route", makes_socket(AF_INET, SOCK_STREAM) || makes_socket(AF_INET6, SOCK_STREAM));
  PROBE("udp-route", makes_socket(AF_INET, SOCK_DGRAM));
  PROBE("unix-socket", makes_socket(AF_UNIX, SOCK_STREAM) || makes_socket(AF_UNIX, SOCK_DGRAM));
  PROBE("packet-socket", makes_socket(AF_PACKET, SOCK_DGRAM) || makes_socket(AF_NETLINK, SOCK_RAW));
  PROBE("vsock", makes_socket(40 /* AF_VSOCK */, SOCK_STREAM));
  PROBE("shared-memory", shmget(IPC_PRIVATE, 4096, 0600) >= 0);
  PROBE("message-queue", syscall(SYS_mq_open, "ringfence-probe", O_RDWR, 0600, NULL) >= 0 || errno == ENOENT);
  PROBE("mount", syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL) == 0);
  pid_t child = (pid_t)syscall(SYS_clone, 0x10000000L /* CLONE_NEWUSER */ | SIGCHLD, 0L, 0L, 0L, 0L);
  if (child == 0) _exit(0);
  PROBE("user-namespace", child > 0);
  PROBE("io_uring", syscall(SYS_io_uring_setup, 1, params) >= 0);
  PROBE("bpf", syscall(SYS_bpf, 0, params, sizeof params) >= 0);
  PROBE("keyring", syscall(SYS_keyctl, 0, -3, 1) >= 0);
  PROBE("change-uid", setresuid(0, 0, 0) == 0);
#undef PROBE
  return reached;
}
