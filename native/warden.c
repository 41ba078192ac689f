/* The warden: confined like the program, it starts the program, the probes and folder renames. The program can neither
 * trace nor signal it (Landlock), and it holds nothing of the host but its socket to the supervisor. */
#include "terminal.h"
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char **environ;

static const char *find_program(const char *name, char *path, size_t size, int *error) {
  *error = ENOENT;
  if (strchr(name, '/')) return name;
  const char *list = getenv("PATH");
  for (const char *p = list ? list : ""; *p;) {
    size_t n = strcspn(p, ":");
    if (snprintf(path, size, "%.*s/%s", (int)n, p, name) < (int)size) {
      struct stat info;
      if (stat(path, &info) == 0 && S_ISREG(info.st_mode)) {
        if (access(path, X_OK) == 0) return path;
        *error = EACCES;
      }
    }
    p += n + (p[n] == ':');
  }
  return NULL;
}

static void collect(const struct plan *plan, const char *name, char **list) {
  int n = 0;
  for (int i = 0; i < plan->count; i++)
    if (!strcmp(plan->ops[i].name, name)) list[n++] = plan->ops[i].arg[0] + (!strcmp(name, "arg")); /* "=TEXT" */
  list[n] = NULL;
}

static char **program_arguments(const struct plan *plan, const struct wanted *wanted) {
  size_t count = (size_t)plan->count;
  for (uint32_t i = 0; i < wanted->length; i++) count += wanted->command[i] == 0;
  char **argv = calloc(count + 2, sizeof *argv); /* the first place is kept for a shell */
  if (!argv) fail("program", "", ENOMEM);
  if (wanted->session == 0) collect(plan, "arg", argv + 1);
  else
    for (uint32_t i = 0, n = 1; i < wanted->length; i += (uint32_t)strlen(wanted->command + i) + 1)
      argv[n++] = (char *)(uintptr_t)wanted->command + i;
  return argv;
}

static char **program_environment(const struct plan *plan, const struct wanted *wanted) {
  char **envp = calloc((size_t)plan->count + 2, sizeof *envp), **at = envp;
  if (!envp) fail("program", "", ENOMEM);
  collect(plan, "env", envp);
  if (!*wanted->term) return envp;
  while (*at && strncmp(*at, "TERM=", 5)) at++; /* another terminal than the run's, perhaps */
  *at = (char *)(uintptr_t)wanted->term;
  return envp;
}

/* `report`: socket to the supervisor, -1 where there is none. What fails before exec says that nothing ran. */
void run_session(struct cell *cell, const struct wanted *wanted, const int *stdio, int report) {
  const struct plan *plan = cell->plan;
  char **argv = program_arguments(plan, wanted), **envp = program_environment(plan, wanted);
  char path[4096];
  int error = ENOENT;
  environ = envp;
  for (int i = 1; i < 65; i++) signal(i, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int i = 0; i < 3 && cell->kind != KIND_CONFINED; i++) TRY("stdio", "", dup2(stdio[i], i));
  TRY("working-folder", plan_value(plan, "cwd", 0, "/"), chdir(plan_value(plan, "cwd", 0, "/")));
  umask(cell->umask);
  if (cell->kind != KIND_CONFINED) {
    if (getpgrp() != getpid()) TRY("program-session", "", setsid()); /* where no leader made one */
    confine_program(plan);
    confine_scope();
    prctl(PR_SET_DUMPABLE, 1);
    TRY("close-descriptors", "", syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC));
    struct message_number started = {.type = MSG_GO, .b = wanted->session}; /* tells the supervisor which process is the program */
    TRY("tell-program", "", send(report, &started, sizeof started, MSG_NOSIGNAL));
  }
  const char *program = argv[1] ? find_program(argv[1], path, sizeof path, &error) : NULL;
  if (program) {
    execve(program, argv + 1, envp);
    error = errno;
    if (error == ENOEXEC) { /* a script without #!: shells run it themselves, execvp(3) too */
      argv[0] = (char[]){"/bin/sh"};
      argv[1] = (char *)(uintptr_t)program;
      execve(argv[0], argv, envp);
    }
  }
  struct message_number message = {.type = MSG_EXECFAIL, .a = error, .b = wanted->session};
  if (report >= 0) send(report, &message, sizeof message, MSG_NOSIGNAL);
  _exit(error == ENOENT || error == ENOTDIR ? 127 : 126);
}

/* ---- children ---- */
#define PROBE_DONE (1ull << 63)
static int control;
static pid_t program, probe;
static struct {
  pid_t pid;
  int session;
} leaders[2 * MAX_SESSIONS]; /* the supervisor may forget one before we have collected it */
static volatile uint64_t *probe_result; /* shared with the probe, which has no descriptor to be taken from it */
static struct {
  pid_t pid;
  uint64_t id;
} renames[64];

static void tell(char type, int64_t a, int64_t b) {
  struct message_number out = {.type = type, .a = a, .b = b};
  send(control, &out, sizeof out, MSG_NOSIGNAL);
}

static void on_child(pid_t pid, int status) {
  if (pid == program) tell(MSG_EXIT, status, 0);
  for (size_t i = 0; i < sizeof leaders / sizeof *leaders; i++)
    if (leaders[i].pid == pid) {
      leaders[i].pid = 0;
      if (status) tell(MSG_EXIT, status, leaders[i].session); /* it could not tell itself */
    }
  if (pid == probe) {
    struct message_probe out = {.type = MSG_PROBE, .reached = *probe_result & ~PROBE_DONE};
    if (*probe_result & PROBE_DONE) send(control, &out, sizeof out, MSG_NOSIGNAL);
    else tell(MSG_LOSS, WIFSIGNALED(status) ? -WTERMSIG(status) : 0, 0);
    probe = 0;
  }
  for (size_t i = 0; i < sizeof renames / sizeof *renames; i++)
    if (renames[i].pid == pid) {
      tell(MSG_RENAME, (int64_t)renames[i].id, WIFEXITED(status) ? WEXITSTATUS(status) : EIO);
      renames[i].pid = 0;
    }
}

static void on_rename(const struct message_rename *in) {
  size_t slot = 0;
  while (slot < sizeof renames / sizeof *renames && renames[slot].pid) slot++;
  pid_t child = slot < sizeof renames / sizeof *renames ? fork() : -1;
  if (child == 0) {
    umask(0);
    _exit(rename_folder(in->from, in->to, in->flags));
  }
  if (child < 0) return tell(MSG_RENAME, (int64_t)in->id, EXDEV);
  renames[slot].pid = child;
  renames[slot].id = in->id;
}

static void on_probe(struct cell *cell, const char *marker, const struct message_number *in) {
  if (probe) return; /* that one's answer is the answer */
  *probe_result = 0;
  probe = fork();
  if (probe < 0) {
    tell(MSG_LOSS, errno, 0);
    probe = 0;
  } else if (probe == 0) {
    prctl(PR_SET_DUMPABLE, 1); /* the supervisor reads the addresses it connects to */
    syscall(SYS_close_range, 0u, ~0u, 0);
    alarm(30);
    *probe_result = probe_attempts(cell, marker, (uint16_t)in->a, (pid_t)in->b) | PROBE_DONE;
    _exit(0);
  }
}

static void on_start(struct cell *cell, struct wanted *wanted, int *fds, int count) {
  prctl(PR_SET_DUMPABLE, 0); /* from here on there is somebody to hide from */
  bool first = wanted->session == 0, led = !first || wanted->terminal;
  int own[3] = {cell->stdio[0][0], cell->stdio[1][1], cell->stdio[2][1]}, ends[3 + MAX_FDS], n = 0;
  for (int i = 0; i < 3 && first; i++)
    if (!(wanted->terminal >> i & 1)) ends[n++] = own[i];
  for (int i = 0; i < count; i++) ends[n++] = fds[i];
  size_t slot = 0;
  while (slot < sizeof leaders / sizeof *leaders && leaders[slot].pid) slot++;
  pid_t child = slot < sizeof leaders / sizeof *leaders ? fork() : -1;
  if (child == 0) {
    if (led) leader_main(cell, wanted, ends, n, control);
    run_session(cell, wanted, own, control);
  }
  if (child < 0 && first) fail("fork-program", "", errno);
  if (child < 0) {
    struct message_fail out = {.type = MSG_FAIL, .session = wanted->session, .error = errno, .stage = "fork-program"};
    send(control, &out, sizeof out, MSG_NOSIGNAL);
  } else if (led) {
    leaders[slot].pid = child;
    leaders[slot].session = wanted->session;
  } else program = child;
  for (int i = 0; i < 3 && first; i++) close(own[i]);
  for (int i = 0; i < count; i++) close(fds[i]);
}

static bool understood(const struct wanted *wanted, ssize_t n) {
  return n >= (ssize_t)offsetof(struct wanted, command) && n == (ssize_t)WANTED_SIZE(wanted) && wanted->session >= 0;
}

void warden_main(struct cell *cell, const char *marker) {
  control = cell->warden[1];
  TRY("die-with-init", "", prctl(PR_SET_PDEATHSIG, SIGKILL));
  confine(cell);
  void *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  TRY("probe-memory", "", shared == MAP_FAILED ? -1 : 0);
  probe_result = shared;
  int listener = confine_seccomp(cell, true);
  struct message_number message = {.type = MSG_LISTENER, .a = cell->landlock_abi};
  if (listener >= 0) TRY("send-listener", "", send_fd(cell->sync[1], &message, sizeof message, listener) ? 0 : -1);
  else TRY("send-listener", "", send(cell->sync[1], &message, sizeof message, MSG_NOSIGNAL));
  if (listener >= 0) close(listener);
  close(cell->sync[1]);
  fail_through(control);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_SETMASK, &set, NULL);
  int signals = (int)TRY("warden-signals", "", signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  static union {
    char type;
    struct message_number number;
    struct message_rename rename;
    struct wanted wanted;
  } in;
  for (;;) {
    struct pollfd fds[2] = {{.fd = control, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    if (poll(fds, 2, -1) < 0) continue;
    if (fds[1].revents) {
      struct signalfd_siginfo info;
      while (read(signals, &info, sizeof info) > 0);
      int status;
      for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) on_child(pid, status);
    }
    if (!fds[0].revents) continue;
    int given[MAX_FDS], count;
    ssize_t n = recv_fds(control, &in, sizeof in, 0, given, MAX_FDS, &count, NULL);
    if (n <= 0) _exit(0);
    if (in.type == MSG_EXEC && understood(&in.wanted, n)) on_start(cell, &in.wanted, given, count);
    for (size_t i = 0; in.type == MSG_HANGUP && i < sizeof leaders / sizeof *leaders; i++)
      if (leaders[i].pid && leaders[i].session == in.number.b) kill(leaders[i].pid, SIGHUP);
    if (in.type == MSG_RENAME) on_rename(&in.rename);
    if (in.type == MSG_PROBE) on_probe(cell, marker, &in.number);
  }
}
