/* The warden: confined like the program, it starts the program, the probes and folder renames. The program can neither
 * trace nor signal it (Landlock), and it holds nothing of the host but its socket to the supervisor. */
#include "rf.h"
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

/* `report`: socket to the supervisor, -1 where there is none. What fails before exec says that nothing ran. */
void run_program(struct cell *cell, int report) {
  const struct plan *plan = cell->plan;
  char **argv = calloc((size_t)plan->count + 2, sizeof *argv), **envp = calloc((size_t)plan->count + 1, sizeof *envp);
  char path[4096];
  int error = ENOENT;
  if (!argv || !envp) fail("program", "", ENOMEM);
  collect(plan, "arg", argv + 1);
  collect(plan, "env", envp);
  environ = envp;
  for (int i = 1; i < 65; i++) signal(i, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int i = 0; i < 3 && cell->kind != KIND_CONFINED; i++) TRY("stdio", "", dup2(cell->stdio[i][i != 0], i));
  TRY("working-folder", plan_value(plan, "cwd", 0, "/"), chdir(plan_value(plan, "cwd", 0, "/")));
  umask(cell->umask);
  if (cell->kind != KIND_CONFINED) {
    TRY("program-session", "", setsid());
    confine_program(plan);
    confine_scope();
    prctl(PR_SET_DUMPABLE, 1);
    TRY("close-descriptors", "", syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC));
    struct message_number started = {.type = MSG_GO}; /* tells the supervisor which process is the program */
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
  struct message_number message = {.type = MSG_EXECFAIL, .a = error};
  if (report >= 0) send(report, &message, sizeof message, MSG_NOSIGNAL);
  _exit(error == ENOENT || error == ENOTDIR ? 127 : 126);
}

/* ---- children ---- */
#define PROBE_DONE (1ull << 63)
static int control;
static pid_t program, probe;
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
  if (pid == program) tell(MSG_EXIT, status, pid);
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

static void on_start(struct cell *cell) {
  prctl(PR_SET_DUMPABLE, 0); /* from here on there is somebody to hide from */
  program = (pid_t)TRY("fork-program", "", fork());
  if (program == 0) run_program(cell, control);
  for (int i = 0; i < 3; i++) close(cell->stdio[i][i != 0]);
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
    if (recv(control, &in, sizeof in, 0) <= 0) _exit(0);
    if (in.type == MSG_EXEC) on_start(cell);
    if (in.type == MSG_RENAME) on_rename(&in.rename);
    if (in.type == MSG_PROBE) on_probe(cell, marker, &in.number);
  }
}
