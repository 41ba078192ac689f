/* The processes of ours that live in the cell: init (pid 1: reaps, freezes) and the warden (confined like the program;
 * starts it, the probes and folder renames). Neither can be traced or signalled by the program. */
#include "rf.h"
#include <dirent.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

bool send_fd(int socket, const void *data, size_t len, int fd) {
  union {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control = {0};
  struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = len};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)len;
}

/* `sender`: the pid of the sending process as this namespace sees it, where the socket has SO_PASSCRED. */
ssize_t recv_fd(int socket, void *data, size_t len, int *fd, pid_t *sender) {
  union {
    char space[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
    struct cmsghdr align;
  } control;
  struct iovec part = {.iov_base = data, .iov_len = len};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  ssize_t n;
  while ((n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR);
  *fd = -1;
  for (struct cmsghdr *header = n >= 0 ? CMSG_FIRSTHDR(&message) : NULL; header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_type == SCM_RIGHTS) memcpy(fd, CMSG_DATA(header), sizeof *fd);
    struct ucred who;
    if (header->cmsg_type == SCM_CREDENTIALS && sender) memcpy(&who, CMSG_DATA(header), sizeof who), *sender = who.pid;
  }
  return n;
}

static void pause_briefly(void) {
  struct timespec t = {.tv_nsec = 50000};
  nanosleep(&t, NULL);
}

/* ---- the program ---- */
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

static void __attribute__((noreturn)) run_program(struct cell *cell, int report) {
  const struct plan *plan = cell->plan;
  char **argv = calloc((size_t)plan->count + 2, sizeof *argv), **envp = calloc((size_t)plan->count + 1, sizeof *envp);
  char path[4096];
  int error = ENOMEM;
  if (!argv || !envp) goto failed;
  collect(plan, "arg", argv + 1);
  collect(plan, "env", envp);
  environ = envp;
  for (int i = 1; i < 65; i++) signal(i, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (cell->kind == KIND_CELL)
    for (int i = 0; i < 3; i++)
      if (dup2(cell->stdio[i][i != 0], i) < 0) goto failed_errno;
  if (chdir(plan_value(plan, "cwd", 0, "/")) < 0) goto failed_errno;
  if (cell->kind == KIND_CELL) {
    setsid();
    confine_program(plan);
    confine_scope();
    prctl(PR_SET_DUMPABLE, 1);
    syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  }
  if (cell->kind == KIND_CELL) { /* tells the supervisor which process is the program */
    struct message_number started = {.type = MSG_GO};
    send(report, &started, sizeof started, MSG_NOSIGNAL);
  }
  const char *program = argv[1] ? find_program(argv[1], path, sizeof path, &error) : NULL;
  if (!program) goto failed;
  execve(program, argv + 1, envp);
  error = errno;
  if (error == ENOEXEC) { /* a script without #!: shells run it themselves, execvp(3) too */
    argv[0] = (char[]){"/bin/sh"};
    argv[1] = (char *)(uintptr_t)program;
    execve(argv[0], argv, envp);
  }
  goto failed;
failed_errno:
  error = errno;
failed:;
  struct message_number message = {.type = MSG_EXECFAIL, .a = error};
  if (report >= 0) send(report, &message, sizeof message, MSG_NOSIGNAL);
  _exit(error == ENOENT || error == ENOTDIR ? 127 : 126);
}

/* ---- folder renames that the overlay refuses with EXDEV: what mv(1) does, for rename(2) ---- */
static int copy_file(int from, const char *name, int to, const char *as, const struct stat *info) {
  int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  int out = in < 0 ? -1 : openat(to, as, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  int error = out < 0 ? errno : 0;
  static char data[1 << 16];
  for (ssize_t n; !error && (n = read(in, data, sizeof data)) != 0;)
    if (n < 0 || write(out, data, (size_t)n) != n) error = errno ? errno : EIO;
  struct timespec times[2] = {info->st_atim, info->st_mtim};
  if (!error && (fchmod(out, info->st_mode & 07777) < 0 || futimens(out, times) < 0)) error = errno;
  if (in >= 0) close(in);
  if (out >= 0) close(out);
  return error;
}

static int copy_tree(int from, const char *name, int to, const char *as, int depth);

static int copy_entry(int from, const char *name, int to, const char *as, int depth) {
  struct stat info;
  if (fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW) < 0) return errno;
  if (S_ISDIR(info.st_mode)) return copy_tree(from, name, to, as, depth + 1);
  if (renameat(from, name, to, as) == 0) return 0; /* files move without a copy of ours: the overlay copies them up */
  if (errno != EXDEV) return errno;
  if (S_ISREG(info.st_mode)) return copy_file(from, name, to, as, &info);
  if (S_ISLNK(info.st_mode)) {
    char target[4096];
    ssize_t n = readlinkat(from, name, target, sizeof target - 1);
    if (n < 0) return errno;
    target[n] = 0;
    return symlinkat(target, to, as) < 0 ? errno : 0;
  }
  if (S_ISFIFO(info.st_mode)) return mkfifoat(to, as, info.st_mode) < 0 ? errno : 0;
  return EXDEV;
}

static int copy_tree(int from, const char *name, int to, const char *as, int depth) {
  struct stat info;
  if (depth > 128) return ELOOP;
  int source = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (source < 0 || fstat(source, &info) < 0) return errno;
  int error = mkdirat(to, as, 0700) < 0 ? errno : 0;
  int target = error ? -1 : openat(to, as, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (!error && target < 0) error = errno;
  DIR *list = error ? NULL : fdopendir(dup(source));
  if (!error && !list) error = errno;
  for (struct dirent *entry; !error && (entry = readdir(list));)
    if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
      error = copy_entry(source, entry->d_name, target, entry->d_name, depth);
  struct timespec times[2] = {info.st_atim, info.st_mtim};
  if (!error && (fchmod(target, info.st_mode & 07777) < 0 || futimens(target, times) < 0)) error = errno;
  if (list) closedir(list);
  close(source);
  if (target >= 0) close(target);
  return error;
}

static int remove_tree(int at, const char *name, int depth) {
  int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *list = fd < 0 || depth > 128 ? NULL : fdopendir(fd);
  if (!list) return errno;
  int error = 0;
  for (struct dirent *entry; !error && (entry = readdir(list));) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    if (unlinkat(fd, entry->d_name, 0) < 0)
      error = errno == EISDIR || errno == EPERM ? remove_tree(fd, entry->d_name, depth + 1) : errno;
  }
  closedir(list);
  return error ? error : unlinkat(at, name, AT_REMOVEDIR) < 0 ? errno : 0;
}

static int rename_folder(const char *from, const char *to, unsigned flags) {
  if (syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags) == 0) return 0;
  struct stat info;
  if (errno != EXDEV || (flags & ~1u)) return errno;
  if (lstat(from, &info) < 0 || !S_ISDIR(info.st_mode)) return EXDEV;
  if (lstat(to, &info) == 0) { /* rename(2): an empty folder is replaced */
    if (flags & 1) return EEXIST;
    if (!S_ISDIR(info.st_mode)) return ENOTDIR;
    if (rmdir(to) < 0) return errno;
  }
  size_t len = strlen(from);
  if (!strncmp(from, to, len) && to[len] == '/') return EINVAL;
  char staging[4200];
  snprintf(staging, sizeof staging, "%s.%d~", to, getpid());
  int error = copy_tree(AT_FDCWD, from, AT_FDCWD, staging, 0);
  if (!error && rename(staging, to) < 0) error = errno;
  if (error) { /* files that moved already move back: nothing is lost */
    copy_tree(AT_FDCWD, staging, AT_FDCWD, from, 0);
    return error;
  }
  return remove_tree(AT_FDCWD, from, 0);
}

/* ---- warden ---- */
static void __attribute__((noreturn)) warden_main(struct cell *cell, const char *marker) {
  int control = cell->warden[1];
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  drop_privileges(cell);
  confine(cell);
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
  int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  pid_t program = 0;
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
      for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        struct message_number out = {.type = MSG_EXIT, .a = status, .b = pid};
        if (pid == program) send(control, &out, sizeof out, MSG_NOSIGNAL);
      }
    }
    if (!fds[0].revents) continue;
    ssize_t n = recv(control, &in, sizeof in, 0);
    if (n <= 0) _exit(0);
    if (in.type == MSG_EXEC) prctl(PR_SET_DUMPABLE, 0); /* from here on there is somebody to hide from */
    pid_t child = fork();
    if (child < 0) {
      struct message_number out = {.type = in.type == MSG_EXEC ? MSG_EXECFAIL : MSG_FAIL, .a = errno, .b = in.type};
      in.rename.result = errno;
      if (in.type == MSG_RENAME) send(control, &in.rename, sizeof in.rename, MSG_NOSIGNAL);
      else send(control, &out, sizeof out, MSG_NOSIGNAL);
      continue;
    }
    if (child == 0) {
      alarm(in.type == MSG_EXEC ? 0 : 60);
      if (in.type == MSG_EXEC) run_program(cell, control);
      if (in.type == MSG_RENAME) {
        in.rename.result = rename_folder(in.rename.from, in.rename.to, in.rename.flags);
        send(control, &in.rename, sizeof in.rename, MSG_NOSIGNAL);
      } else if (in.type == MSG_PROBE) {
        prctl(PR_SET_DUMPABLE, 1); /* the supervisor reads the addresses it connects to */
        struct message_probe out = {.type = MSG_PROBE};
        out.reached = probe_attempts(cell, marker, (uint16_t)in.number.a, (pid_t)in.number.b);
        send(control, &out, sizeof out, MSG_NOSIGNAL);
      }
      _exit(0);
    }
    if (in.type == MSG_EXEC) {
      program = child;
      for (int i = 0; i < 3; i++) close(cell->stdio[i][i != 0]);
    }
  }
}

/* ---- init ---- */
static int running_tasks(int *tasks) {
  DIR *proc = opendir("/proc");
  if (!proc) return 1;
  int running = 0;
  *tasks = 0;
  for (struct dirent *entry; (entry = readdir(proc));) {
    int pid = atoi(entry->d_name);
    if (pid <= 1) continue;
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *list = opendir(path);
    for (struct dirent *task; list && (task = readdir(list));) {
      if (task->d_name[0] == '.') continue;
      snprintf(path, sizeof path, "/proc/%d/task/%.10s/stat", pid, task->d_name);
      int fd = open(path, O_RDONLY | O_CLOEXEC);
      ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
      if (fd >= 0) close(fd);
      if (n <= 0) continue;
      text[n] = 0;
      const char *state = strrchr(text, ')');
      ++*tasks;
      /* A task in an unanswered notification sleeps in D and counts as frozen. */
      if (state && state[1] && !strchr("TtZXD", state[2])) running++;
    }
    if (list) closedir(list);
  }
  closedir(proc);
  return running;
}

static void freeze(int reply) {
  struct message_number out = {.type = MSG_FREEZE};
  int tasks = 0, quiet = 0;
  for (int tries = 0; tries < 2000 && quiet < 2; tries++) {
    kill(-1, SIGSTOP);
    quiet = running_tasks(&tasks) == 0 ? quiet + 1 : 0;
    if (!quiet) pause_briefly();
  }
  out.a = tasks;
  out.b = quiet >= 2;
  send(reply, &out, sizeof out, MSG_NOSIGNAL);
}

void init_main(struct cell *cell) {
  const char *marker_text = plan_value(cell->plan, "probe", 0, "");
  char marker[4096];
  snprintf(marker, sizeof marker, "%s", marker_text);
  for (char **p = environ; p && *p; p++) memset(*p, 0, strlen(*p)); /* nothing of the host's environment stays in memory */
  if (cell->kind == KIND_CONFINED) {
    drop_privileges(cell);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of user clears it */
    confine(cell);
    confine_seccomp(cell, false);
    close(cell->sync[1]);
    run_program(cell, -1);
  }
  pid_t warden = (pid_t)TRY("fork-warden", "", fork());
  if (warden == 0) warden_main(cell, marker);
  prctl(PR_SET_DUMPABLE, 0);
  drop_privileges(cell);
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of user clears it; the end of `command` says the same */
  int command = cell->init_command[1];
  for (int i = 0; i < 3; i++) close(cell->stdio[i][i != 0]);
  close(cell->sync[1]);
  close(cell->warden[1]);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_SETMASK, &set, NULL);
  int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  for (;;) {
    struct pollfd fds[2] = {{.fd = command, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    if (poll(fds, 2, -1) < 0) continue;
    if (fds[1].revents) {
      struct signalfd_siginfo info;
      while (read(signals, &info, sizeof info) > 0);
      for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0;)
        if (pid == warden) _exit(0); /* without the warden nothing can be probed: the cell ends */
    }
    if (fds[0].revents) {
      char type;
      if (recv(command, &type, 1, 0) <= 0) _exit(0);
      if (type == MSG_FREEZE) freeze(command);
      if (type == MSG_THAW) kill(-1, SIGCONT);
    }
  }
}
