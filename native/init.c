/* Init, pid 1 of the cell: reaps, freezes, ends the cell with its own end. Outside the program's Landlock domain,
 * without privileges, without a descriptor of the host. */
#include "terminal.h"
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

/* Counts the tasks of the pid namespace that `proc` shows, but for pid 1; returns how many are in one of the states
 * `moving` (proc(5)), or 1 where that cannot be told. */
int tasks_moving(int proc, const char *moving, int *tasks) {
  int running = 0, fd = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *processes = fd < 0 ? NULL : fdopendir(fd);
  *tasks = 0;
  reduced_look();
  for (struct dirent *entry; processes && (entry = readdir(processes));) {
    if (atoi(entry->d_name) <= 1 || reduced_foreign(atoi(entry->d_name))) continue;
    char path[64], text[512];
    snprintf(path, sizeof path, "%.10s/task", entry->d_name);
    fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *task; list && (task = readdir(list));) {
      if (task->d_name[0] == '.') continue;
      snprintf(path, sizeof path, "%.10s/task/%.10s/stat", entry->d_name, task->d_name);
      fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
      ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
      if (fd >= 0) close(fd);
      if (n <= 0) continue;
      text[n] = 0;
      const char *state = strrchr(text, ')');
      ++*tasks;
      if (state && state[1] && strchr(moving, state[2])) running++;
    }
    if (list) closedir(list);
  }
  if (processes) closedir(processes);
  return processes ? running : 1;
}

static void freeze(int proc, int reply) {
  struct message_number out = {.type = MSG_FREEZE};
  int tasks = 0, quiet = 0;
  for (int tries = 0; tries < 2000 && quiet < 2; tries++) {
    kill(-1, SIGSTOP);
    /* A task in an unanswered notification sleeps in D and counts as frozen: its answer is withheld. */
    quiet = tasks_moving(proc, "RSIP", &tasks) == 0 ? quiet + 1 : 0;
    struct timespec moment = {.tv_nsec = 50000};
    if (!quiet) nanosleep(&moment, NULL);
  }
  out.a = tasks;
  out.b = quiet >= 2;
  send(reply, &out, sizeof out, MSG_NOSIGNAL);
}

static void leave_host_streams(void) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int i = 0; i < 3; i++)
    if (null < 0 || dup2(null, i) < 0) close(i);
  if (null > 2) close(null);
}

static void __attribute__((noreturn)) init_end(const struct cell *cell) {
  if (cell->kind == KIND_LANDLOCK) reduced_init_end();
  _exit(0);
}

void init_main(struct cell *cell) {
  char marker[4096];
  snprintf(marker, sizeof marker, "%s", plan_value(cell->plan, "probe", 0, ""));
  for (char **p = environ; p && *p; p++) memset(*p, 0, strlen(*p)); /* nothing of the host's environment stays in memory */
  drop_privileges(cell);
  /* A change of user clears it. Without a process namespace init must live to end the others; it sees the end of `command`. */
  if (cell->kind != KIND_LANDLOCK) TRY("die-with-parent", "", prctl(PR_SET_PDEATHSIG, SIGKILL));
  if (cell->kind == KIND_CONFINED) {
    confine(cell);
    confine_seccomp(cell, false);
    static const struct wanted own = {.session = 0};
    run_session(cell, &own, (const int[]){0, 1, 2}, -1);
  }
  leave_host_streams();
  int proc = (int)TRY("open-init-proc", "", open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  pid_t warden = (pid_t)TRY("fork-warden", "", fork());
  if (warden == 0) {
    close(proc);
    close(cell->init_command[1]);
    warden_main(cell, marker);
  }
  prctl(PR_SET_DUMPABLE, 0);
  int command = cell->init_command[1];
  for (int i = 0; i < 3; i++) close(cell->stdio[i][i != 0]);
  close(cell->sync[1]);
  close(cell->warden[1]);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_SETMASK, &set, NULL);
  int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) _exit(125);
  for (;;) {
    struct pollfd fds[2] = {{.fd = command, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    if (poll(fds, 2, -1) < 0) continue;
    if (fds[1].revents) {
      struct signalfd_siginfo info;
      while (read(signals, &info, sizeof info) > 0);
      for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0;)
        if (pid == warden) init_end(cell); /* without the warden nothing can be probed: the cell ends */
    }
    if (fds[0].revents) {
      char type;
      if (recv(command, &type, 1, 0) <= 0) init_end(cell);
      if (type == MSG_FREEZE) freeze(proc, command);
      if (type == MSG_THAW) kill(-1, SIGCONT);
    }
  }
}
