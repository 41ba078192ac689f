/*
 * Kernel interfaces that widen the attack surface or the agent's power. Dangerous ones are called with arguments that
 * the kernel rejects after its permission check, so that the errno tells who would have been allowed.
 */
#include "attacker.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>

/* A system call whose success (not ENOSYS, not EPERM) is the reach. */
static int answer(const char *what, long result) {
  if (result >= 0) return reached("%s", what);
  if (absent()) return cannot("%s: the kernel does not have it (or says so)", what);
  return blocked("%s", what);
}

/* For calls whose arguments are wrong on purpose: EPERM and EACCES mean refused, anything else passed the check. */
static int passed_check(const char *what, long result) {
  if (result < 0 && (errno == EPERM || errno == EACCES)) return blocked("%s", what);
  if (result < 0 && absent()) return cannot("%s: the kernel does not have it (or says so)", what);
  return reached("%s passed the permission check (%s)", what, result < 0 ? strerror(errno) : "done");
}

static int io_uring(int argc, char **argv) {
  (void)argc, (void)argv;
  char parameters[256] = {0};
  return answer("io_uring_setup", syscall(SYS_io_uring_setup, 2, parameters));
}

static int bpf(int argc, char **argv) {
  (void)argc, (void)argv;
  union bpf_attr map = {0};
  map.map_type = BPF_MAP_TYPE_ARRAY;
  map.key_size = 4, map.value_size = 4, map.max_entries = 1;
  return answer("bpf map", syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map));
}

static int perf(int argc, char **argv) {
  (void)argc, (void)argv;
  struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof event, .config = PERF_COUNT_SW_TASK_CLOCK};
  event.exclude_kernel = 1, event.exclude_hv = 1;
  return answer("perf_event_open", syscall(SYS_perf_event_open, &event, 0, -1, -1, 0));
}

static int userfaultfd(int argc, char **argv) {
  (void)argc, (void)argv;
  return answer("userfaultfd", syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */));
}

static int keyring(int argc, char **argv) {
  const char *which = need(argc, argv, 1);
  if (!strcmp(which, "add"))
    return answer("add_key", syscall(SYS_add_key, "user", "matrix", "x", 1, -2 /* process keyring */));
  if (!strcmp(which, "request")) return passed_check("request_key", syscall(SYS_request_key, "user", "none", NULL, 0));
  return answer("keyctl", syscall(SYS_keyctl, 0 /* GET_KEYRING_ID */, -2, 1));
}

/* unshare FLAG...: alone, then together with a new user namespace. */
static int unshare_any(int argc, char **argv) {
  long flags = strtol(need(argc, argv, 1), NULL, 16);
  if (!unshare((int)flags)) return reached("unshare 0x%lx", flags);
  if (!unshare((int)flags | CLONE_NEWUSER)) return reached("unshare 0x%lx with a user namespace", flags);
  return blocked("unshare 0x%lx", flags);
}

static int clone_user(int argc, char **argv) {
  (void)argc, (void)argv;
  long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (!pid) _exit(0);
  if (pid > 0) waitpid((pid_t)pid, NULL, 0);
  return answer("clone with a user namespace", pid);
}

static int clone3_user(int argc, char **argv) {
  (void)argc, (void)argv;
  struct clone_args arguments = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
  long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (!pid) _exit(0);
  if (pid > 0) waitpid((pid_t)pid, NULL, 0);
  return answer("clone3 with a user namespace", pid);
}

static int set_time(int argc, char **argv) {
  (void)argc, (void)argv;
  struct timex wrong = {.modes = ADJ_TICK, .tick = 1};
  return passed_check("adjtimex", adjtimex(&wrong));
}

static int set_hostname(int argc, char **argv) {
  const char *name = need(argc, argv, 1);
  return answer("sethostname", sethostname(name, strlen(name)));
}

static int restart(int argc, char **argv) {
  (void)argc, (void)argv;
  return passed_check("reboot", syscall(SYS_reboot, 0, 0, 0, NULL)); /* wrong magic: never reboots */
}

static int kexec(int argc, char **argv) {
  (void)argc, (void)argv;
  return passed_check("kexec_load", syscall(SYS_kexec_load, 0, 0xffff, NULL, 0xffff)); /* wrong flags and segments */
}

static int module(int argc, char **argv) {
  (void)argc, (void)argv;
  return passed_check("init_module", syscall(SYS_init_module, "", 0, ""));
}

static int remove_module(int argc, char **argv) {
  (void)argc, (void)argv;
  return passed_check("delete_module", syscall(SYS_delete_module, "matrix_no_such_module", O_NONBLOCK));
}

static int swap_on(int argc, char **argv) {
  (void)argc, (void)argv;
  return passed_check("swapon", swapon("/proc/matrix/no/such/file", 0));
}

static int quota(int argc, char **argv) {
  (void)argc, (void)argv;
  char info[256];
  /* Q_GETQUOTA of user 1: others' quotas are a privilege. Asked by descriptor: a device path is looked up first. */
  int here = open(".", O_RDONLY | O_DIRECTORY);
  return passed_check("quotactl_fd", syscall(443 /* quotactl_fd */, here, 0x80000700, 1, info));
}

static int accounting(int argc, char **argv) {
  (void)argc, (void)argv;
  return passed_check("acct", acct("/proc/matrix/no/such/file"));
}

static int port_access(int argc, char **argv) {
  (void)argc, (void)argv;
  long result = ioperm(0x80, 1, 1);
  if (!result) ioperm(0x80, 1, 0);
  return answer("ioperm", result);
}

static int persona(int argc, char **argv) {
  (void)argc, (void)argv;
  int old = personality(0xffffffff);
  int result = personality(PER_SVR4);
  if (result >= 0) personality((unsigned long)old);
  return answer("personality SVR4", result);
}

static int kernel_log(int argc, char **argv) {
  (void)argc, (void)argv;
  char text[64];
  return answer("syslog", syscall(SYS_syslog, 3, text, sizeof text));
}

static int fanotify(int argc, char **argv) {
  (void)argc, (void)argv;
  return answer("fanotify_init", syscall(SYS_fanotify_init, 4 /* FAN_CLASS_CONTENT */, 0));
}

static int handle_name(int argc, char **argv) {
  (void)argc, (void)argv;
  struct {
    struct file_handle head;
    unsigned char bytes[128];
  } h = {.head = {.handle_bytes = 128}};
  int mount;
  return answer("name_to_handle_at", name_to_handle_at(AT_FDCWD, ".", &h.head, &mount, 0));
}

#ifdef __x86_64__
static int x32(int argc, char **argv) {
  (void)argc, (void)argv;
  return answer("x32 getpid", syscall(0x40000000 | SYS_getpid));
}

static int int80(int argc, char **argv) {
  (void)argc, (void)argv;
  pid_t child = fork();
  if (!child) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L /* getpid */) : "memory", "r8", "r9", "r10", "r11");
    _exit(result == getpid() ? 0 : 1);
  }
  int status;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && !WEXITSTATUS(status)) return reached("int 0x80 getpid answered");
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) return cannot("this kernel has no 32-bit entry");
  errno = ENOSYS;
  return blocked("int 0x80 (%s %d)", WIFSIGNALED(status) ? "signal" : "exit",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}
#else
static int x32(int argc, char **argv) {
  (void)argc, (void)argv;
  return cannot("x32 exists on x86-64 alone");
}
#define int80 x32
#endif

/* memfd-exec: a program that never was a file. */
static int memfd_exec(int argc, char **argv) {
  (void)argc, (void)argv;
  int self = open("/proc/self/exe", O_RDONLY), memory = memfd_create("matrix", MFD_CLOEXEC);
  if (memory < 0) return blocked("memfd_create");
  char buffer[65536];
  ssize_t got;
  while ((got = read(self, buffer, sizeof buffer)) > 0)
    if (write(memory, buffer, (size_t)got) != got) return blocked("write");
  char *arguments[] = {"attempts", "say", "ran from memory", NULL}, *environment[] = {NULL};
  fexecve(memory, arguments, environment);
  return blocked("fexecve");
}

/* copy-exec NAME: a new program in the workspace. */
static int copy_exec(int argc, char **argv) {
  const char *name = need(argc, argv, 1);
  int self = open("/proc/self/exe", O_RDONLY), file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  if (file < 0) return blocked("open");
  char buffer[65536];
  ssize_t got;
  while ((got = read(self, buffer, sizeof buffer)) > 0)
    if (write(file, buffer, (size_t)got) != got) return blocked("write");
  close(file);
  execl(name, "attempts", "say", "ran a program of its own making", (char *)NULL);
  return blocked("exec %s", name);
}

static int say_it(int argc, char **argv) { return reached("%s", need(argc, argv, 1)); }

/* cgroup: makes a group in any hierarchy it finds, and removes it. */
static int control_group(int argc, char **argv) {
  static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/memory",
                                      "/sys/fs/cgroup/pids", "/sys/fs/cgroup/freezer", "/sys/fs/cgroup/systemd"};
  char path[256];
  (void)argc, (void)argv;
  for (size_t i = 0; i < 6; i++) {
    snprintf(path, sizeof path, "%s/matrix-%d", roots[i], getpid());
    if (mkdir(path, 0755)) continue;
    rmdir(path);
    return reached("made a group below %s", roots[i]);
  }
  return blocked("mkdir below /sys/fs/cgroup");
}

const struct technique kernel_techniques[] = {
    {"io-uring", io_uring},       {"bpf", bpf},                 {"perf", perf},
    {"userfaultfd", userfaultfd}, {"keyring", keyring},         {"unshare", unshare_any},
    {"clone-user", clone_user},   {"clone3-user", clone3_user}, {"set-time", set_time},
    {"set-hostname", set_hostname}, {"reboot", restart},        {"kexec", kexec},
    {"init-module", module},      {"delete-module", remove_module}, {"swapon", swap_on},
    {"quotactl", quota},          {"acct", accounting},         {"ioperm", port_access},
    {"personality", persona},     {"syslog", kernel_log},       {"fanotify", fanotify},
    {"handle-name", handle_name}, {"x32", x32},                 {"int80", int80},
    {"memfd-exec", memfd_exec},   {"copy-exec", copy_exec},     {"say", say_it},
    {"cgroup", control_group},    {NULL, NULL}};
