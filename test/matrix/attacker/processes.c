/* Processes: other processes' memory, descriptors, signals and life; privileges of our own. */
#include "attacker.h"

#include <grp.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

static pid_t pid_of(int argc, char **argv, int i) { return (pid_t)atoi(need(argc, argv, i)); }

static int send_signal(int argc, char **argv) {
  int number = atoi(need(argc, argv, 2));
  return kill(pid_of(argc, argv, 1), number) ? blocked("kill %s", argv[1]) : reached("signalled %s", argv[1]);
}

static int pidfd_signal(int argc, char **argv) {
  int fd = (int)syscall(SYS_pidfd_open, pid_of(argc, argv, 1), 0);
  if (fd < 0) return blocked("pidfd_open");
  if (syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0)) return blocked("pidfd_send_signal");
  return reached("signalled %s", argv[1]);
}

/* signal-init PID: everything that could stop, kill or confuse it, then waits: who ends the run now? */
static int signal_init(int argc, char **argv) {
  pid_t pid = pid_of(argc, argv, 1);
  static const int numbers[] = {SIGSTOP, SIGTSTP, SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1, SIGSEGV, SIGKILL};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) kill(pid, numbers[i]);
  if (pid != 1) return reached("signalled %d", pid);
  signal(SIGTERM, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  pause_ms(10000);
  return reached("nobody ended this run");
}

static uintptr_t address_of(int argc, char **argv, int i) { return strtoul(need(argc, argv, i), NULL, 16); }

static int trace(int argc, char **argv) {
  pid_t pid = pid_of(argc, argv, 1);
  if (ptrace(PTRACE_SEIZE, pid, 0, 0)) return blocked("ptrace %d", pid);
  if (argc < 3) {
    ptrace(PTRACE_DETACH, pid, 0, 0);
    return reached("seized %d", pid);
  }
  ptrace(PTRACE_INTERRUPT, pid, 0, 0);
  waitpid(pid, NULL, __WALL);
  char text[65] = "";
  for (size_t i = 0; i < 64; i += sizeof(long)) {
    long word = ptrace(PTRACE_PEEKDATA, pid, address_of(argc, argv, 2) + i, 0);
    memcpy(text + i, &word, sizeof word);
  }
  ptrace(PTRACE_DETACH, pid, 0, 0);
  return reached("memory of %d: %s", pid, text);
}

static int vm_read(int argc, char **argv) {
  char text[65] = "";
  struct iovec local = {text, 64}, remote = {(void *)address_of(argc, argv, 2), 64};
  if (process_vm_readv(pid_of(argc, argv, 1), &local, 1, &remote, 1, 0) <= 0) return blocked("process_vm_readv");
  return reached("memory: %s", text);
}

static int vm_write(int argc, char **argv) {
  char *text = need(argc, argv, 3);
  struct iovec local = {text, strlen(text)}, remote = {(void *)address_of(argc, argv, 2), strlen(text)};
  if (process_vm_writev(pid_of(argc, argv, 1), &local, 1, &remote, 1, 0) <= 0) return blocked("process_vm_writev");
  return reached("wrote memory");
}

static int mem_write(int argc, char **argv) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", pid_of(argc, argv, 1));
  char *text = need(argc, argv, 3);
  int fd = open(path, O_RDWR);
  if (fd < 0) return blocked("open %s", path);
  if (pwrite(fd, text, strlen(text), (off_t)address_of(argc, argv, 2)) <= 0) return blocked("write %s", path);
  return reached("wrote %s", path);
}

static int take_descriptor(int argc, char **argv) {
  char text[129] = "";
  int pid = (int)syscall(SYS_pidfd_open, pid_of(argc, argv, 1), 0);
  if (pid < 0) return blocked("pidfd_open");
  int fd = (int)syscall(SYS_pidfd_getfd, pid, atoi(need(argc, argv, 2)), 0);
  if (fd < 0) return blocked("pidfd_getfd");
  if (pread(fd, text, sizeof text - 1, 0) <= 0) return blocked("read");
  return reached("took: %s", text);
}

/* spy PID: what its /proc shows: environment, memory, descriptors, executable. */
static int spy(int argc, char **argv) {
  static const char *const names[] = {"environ", "mem", "maps", "auxv", "syscall"};
  char path[64], target[256], found[512] = "";
  pid_t pid = pid_of(argc, argv, 1);
  for (size_t i = 0; i < 5; i++) {
    snprintf(path, sizeof path, "/proc/%d/%s", pid, names[i]);
    int fd = open(path, O_RDONLY);
    if (fd < 0) continue;
    char byte;
    /* memory at address 0 is unmapped: that it opens is enough */
    int shows = i == 1 || read(fd, &byte, 1) == 1;
    close(fd);
    if (shows) strcat(strcat(found, " "), names[i]);
  }
  static const char *const links[] = {"exe", "cwd", "root", "fd/0", "fd/3", "ns/net"};
  for (size_t i = 0; i < 6; i++) {
    snprintf(path, sizeof path, "/proc/%d/%s", pid, links[i]);
    if (readlink(path, target, sizeof target) > 0) strcat(strcat(found, " "), links[i]);
  }
  return *found ? reached("process %d shows%s", pid, found) : blocked("process %d", pid);
}

static int enter_namespaces(int argc, char **argv) {
  static const char *const names[] = {"mnt", "net", "pid", "ipc", "uts", "user"};
  char path[64], own[64], entered[128] = "";
  for (size_t i = 0; i < 6; i++) {
    struct stat theirs, ours;
    snprintf(path, sizeof path, "/proc/%d/ns/%s", pid_of(argc, argv, 1), names[i]);
    snprintf(own, sizeof own, "/proc/self/ns/%s", names[i]);
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &theirs) || stat(own, &ours)) continue;
    if (!setns(fd, 0)) strcat(strcat(entered, " "), names[i]);
  }
  return *entered ? reached("entered%s", entered) : blocked("setns");
}

static int limit_other(int argc, char **argv) {
  struct rlimit limit = {77, 77};
  if (prlimit(pid_of(argc, argv, 1), RLIMIT_MEMLOCK, &limit, NULL)) return blocked("prlimit");
  return reached("set another process's limit");
}

/* Lowers a hard limit of its own and raises it again: only a privileged process may. */
static int raise_limit(int argc, char **argv) {
  static const int which[] = {RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_CORE, RLIMIT_MEMLOCK, RLIMIT_FSIZE, RLIMIT_RTPRIO};
  (void)argc, (void)argv;
  for (size_t i = 0; i < 6; i++) {
    struct rlimit limit;
    getrlimit((unsigned)which[i], &limit);
    if (limit.rlim_max == RLIM_INFINITY) {
      limit.rlim_cur = limit.rlim_max = 1 << 20;
      if (setrlimit((unsigned)which[i], &limit)) continue;
    }
    limit.rlim_max += 1;
    if (!setrlimit((unsigned)which[i], &limit)) return reached("raised hard limit %d", which[i]);
  }
  return blocked("setrlimit");
}

static int priority(int argc, char **argv) {
  (void)argc, (void)argv;
  struct sched_param fifo = {.sched_priority = 1};
  if (!sched_setscheduler(0, SCHED_FIFO, &fifo)) {
    struct sched_param other = {0};
    sched_setscheduler(0, SCHED_OTHER, &other);
    return reached("became a real-time process");
  }
  errno = 0;
  if (!setpriority(PRIO_PROCESS, 0, -5)) return reached("raised its priority");
  return blocked("sched_setscheduler, setpriority");
}

static int oom_immunity(int argc, char **argv) {
  (void)argc, (void)argv;
  int fd = open("/proc/self/oom_score_adj", O_WRONLY);
  if (fd < 0 || put(fd, "-1000")) return blocked("oom_score_adj");
  return reached("immune to the out-of-memory killer");
}

/* capabilities: anything in the effective, permitted or ambient set, or that can be raised. */
static int capabilities(int argc, char **argv) {
  char line[256], found[256] = "";
  (void)argc, (void)argv;
  FILE *status = fopen("/proc/self/status", "r");
  if (!status) return blocked("status");
  while (fgets(line, sizeof line, status))
    if ((!strncmp(line, "CapEff", 6) || !strncmp(line, "CapPrm", 6) || !strncmp(line, "CapAmb", 6)) &&
        strtoull(line + 8, NULL, 16)) {
      line[strcspn(line, "\n")] = 0;
      strcat(strcat(found, " "), line);
    }
  fclose(status);
  errno = EPERM;
  return *found ? reached("holds%s", found) : blocked("no capability");
}

static int become_other(int argc, char **argv) {
  (void)argc, (void)argv;
  gid_t group = 0;
  uid_t was = geteuid();
  if (was && !setuid(0)) return reached("became root");
  if (!setgroups(1, &group)) return reached("chose its groups");
  if (!setresuid(1, 1, 1) && was != 1) return reached("became user 1");
  return blocked("setuid, setgroups");
}

/* identity MARK: stays a moment so that the host can look at this process's kernel user id. */
static int identity(int argc, char **argv) {
  need(argc, argv, 1);
  pause_ms(1500);
  return reached("lived as %d:%d", (int)getuid(), (int)getgid());
}

/* elevate PATH: runs a set-user-id (or capability-bearing) copy of ourselves, which reports who it is. */
static int elevate(int argc, char **argv) {
  execl(need(argc, argv, 1), "attempts", "who", (char *)NULL);
  return blocked("exec %s", argv[1]);
}

static int who(int argc, char **argv) {
  (void)argc, (void)argv;
  if (geteuid() == 0 && getuid() != 0) return reached("effective user 0");
  char line[256];
  FILE *status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status))
    if (!strncmp(line, "CapEff", 6) && strtoull(line + 8, NULL, 16) && getuid()) return reached("%s", line);
  errno = EPERM;
  return blocked("still user %d", (int)geteuid());
}

/* outlive MARK: a daemon in a session of its own that ignores what it can. */
static int outlive(int argc, char **argv) {
  need(argc, argv, 1);
  if (fork() > 0) return reached("left a daemon");
  setsid();
  if (fork() > 0) _exit(0);
  for (int i = 1; i < 32; i++) signal(i, SIG_IGN);
  for (int fd = 0; fd < 3; fd++) close(fd);
  pause_ms(10000);
  _exit(0);
}

/* overstay MARK: in the foreground, deaf to polite signals. */
static int overstay(int argc, char **argv) {
  need(argc, argv, 1);
  for (int i = 1; i < 32; i++) signal(i, SIG_IGN);
  pause_ms(10000);
  return reached("stayed to the end");
}

/* core-dump FOLDER: raises the core limit and crashes there. */
static int core_dump(int argc, char **argv) {
  struct rlimit all;
  if (chdir(need(argc, argv, 1))) return blocked("chdir");
  getrlimit(RLIMIT_CORE, &all);
  all.rlim_cur = all.rlim_max;
  setrlimit(RLIMIT_CORE, &all);
  prctl(PR_SET_DUMPABLE, 1);
  pid_t child = fork();
  if (!child) abort();
  int status;
  waitpid(child, &status, 0);
  errno = EPERM;
  return WCOREDUMP(status) ? reached("dumped core") : blocked("no core");
}

static void *stuck(void *address) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), hops = 255;
  setsockopt(fd, 0 /* IPPROTO_IP */, 21 /* IP_MINTTL */, &hops, sizeof hops);
  connect(fd, address, sizeof(struct sockaddr_storage));
  pause();
  return NULL;
}

/* outlive-stuck MARK ADDRESS PORT: overstay with threads that sit in connects nobody answers yet. */
static int outlive_stuck(int argc, char **argv) {
  static struct sockaddr_storage to;
  pthread_t thread;
  parse_address(need(argc, argv, 2), need(argc, argv, 3), &to);
  for (int i = 0; i < 8; i++)
    if (pthread_create(&thread, NULL, stuck, &to)) break;
  return overstay(argc, argv);
}

static int shared_memory(int argc, char **argv) {
  const char *text = shmat(atoi(need(argc, argv, 1)), NULL, SHM_RDONLY);
  if (text == (void *)-1) return blocked("shmat");
  return reached("segment: %.100s", text);
}

static int message_queue(int argc, char **argv) {
  char text[8193] = "";
  mqd_t queue = mq_open(need(argc, argv, 1), O_RDWR | O_NONBLOCK);
  if (queue == (mqd_t)-1) return absent() ? cannot("no message queues") : blocked("mq_open");
  if (mq_receive(queue, text, 8192, NULL) < 0) return blocked("mq_receive");
  mq_send(queue, text, strlen(text), 0);
  return reached("message: %s", text);
}

const struct technique process_techniques[] = {
    {"kill", send_signal},         {"pidfd-signal", pidfd_signal}, {"signal-init", signal_init},
    {"trace", trace},              {"vm-read", vm_read},           {"vm-write", vm_write},
    {"mem-write", mem_write},      {"pidfd-getfd", take_descriptor}, {"spy", spy},
    {"setns", enter_namespaces},   {"limit-other", limit_other},   {"raise-limit", raise_limit},
    {"priority", priority},        {"oom-immunity", oom_immunity}, {"capabilities", capabilities},
    {"become", become_other},      {"identity", identity},         {"elevate", elevate},
    {"who", who},                  {"outlive", outlive},           {"overstay", overstay},
    {"outlive-stuck", outlive_stuck}, {"core-dump", core_dump},      {"shm", shared_memory},         {"mq", message_queue},
    {NULL, NULL}};
