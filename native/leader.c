/* The leader of a session: what a login shell's parent is to it. It makes the program's terminal inside the cell, starts the
 * program as its foreground job, tells when that stops or ends, and hangs up on all of the session when the client is gone.
 * Confined as the warden is; the program can neither trace nor signal it (Landlock). */
#include "terminal.h"
#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define GRACE 2 /* seconds between the hang-up and the kill */
#define SIGSTOP_MEANT 50000 /* microseconds after which a SIGSTOP is not that of a freeze, which stops us, too */

static int control, session;

static void tell(char type, int64_t a) {
  struct message_number out = {.type = type, .a = a, .b = session};
  send(control, &out, sizeof out, MSG_NOSIGNAL);
}

/* From the cell's own devpts: /dev/tty, ttyname(3) and /dev/pts/N work inside, and nothing of the host's is in there. */
static int make_terminal(void) {
  int off = 0;
  int master = (int)TRY("terminal", "/dev/pts/ptmx", open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
  TRY("terminal-unlock", "", ioctl(master, TIOCSPTLCK, &off));
  int slave = (int)TRY("terminal-slave", "", ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  struct message_number message = {.type = MSG_MASTER, .b = session};
  TRY("send-terminal", "", send_fd(control, &message, sizeof message, master) ? 0 : -1);
  close(master);
  return slave;
}

static int prepare_terminal(const struct wanted *wanted, int passed) {
  int slave = wanted->passed ? passed : make_terminal();
  TRY("terminal-control", "", ioctl(slave, TIOCSCTTY, 0));
  if (wanted->modes_known) TRY("terminal-modes", "", ioctl(slave, TCSETS, &wanted->modes));
  TRY("terminal-size", "", ioctl(slave, TIOCSWINSZ, &wanted->size));
  return slave;
}

static char state_of(pid_t pid, pid_t *its_session) {
  char path[64], text[512], state = 0;
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (n <= 0) return 0;
  text[n] = 0;
  const char *rest = strrchr(text, ')');
  return rest && sscanf(rest + 2, "%c %*d %*d %d", &state, its_session) == 2 ? state : 0;
}

/* To all of the session that is in none of the states; how many there were. */
static int signal_session(int number, const char *but) {
  DIR *list = opendir("/proc");
  int found = 0;
  for (struct dirent *entry; list && (entry = readdir(list));) {
    pid_t pid = atoi(entry->d_name), its_session;
    if (pid <= 1 || pid == getpid()) continue;
    char state = state_of(pid, &its_session);
    if (!state || strchr(but, state) || its_session != getpid()) continue;
    kill(pid, number);
    found++;
  }
  if (list) closedir(list);
  return found;
}

/* All that the session started; what left it (setsid(2)) belongs to the cell alone, and ends with that. First nobody moves: who
 * is killed while others fork only makes room for them. */
static void kill_session(void) {
  for (int tries = 0; tries < 200 && signal_session(SIGSTOP, "TtZX"); tries++) usleep(1000);
  for (int tries = 0; tries < 200 && signal_session(SIGKILL, "ZX"); tries++) usleep(1000);
}

static void hang_up(int slave, pid_t program) {
  pid_t foreground = slave >= 0 ? tcgetpgrp(slave) : -1;
  if (foreground > 1 && foreground != program) kill(-foreground, SIGHUP), kill(-foreground, SIGCONT);
  kill(-program, SIGHUP);
  kill(-program, SIGCONT);
  alarm(GRACE);
}

static void on_stop(pid_t program, int number) {
  pid_t its_session;
  if (number == SIGSTOP) { /* a freeze without a control group: it is no wish of the program's */
    usleep(SIGSTOP_MEANT);
    if (state_of(program, &its_session) != 'T') return;
  }
  tell(MSG_STOPPED, number);
}

void leader_main(struct cell *cell, struct wanted *wanted, int *fds, int count, int control_fd) {
  int slave = -1, given = 0, stdio[3];
  bool hung_up = false;
  control = control_fd;
  session = wanted->session;
  fail_session(session);
  TRY("die-with-warden", "", prctl(PR_SET_PDEATHSIG, SIGKILL));
  TRY("program-session", "", setsid());
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  sigaddset(&watched, SIGHUP);
  sigaddset(&watched, SIGALRM);
  sigaddset(&watched, SIGTTOU);
  sigprocmask(SIG_SETMASK, &watched, NULL);
  if (wanted->terminal) slave = prepare_terminal(wanted, count ? fds[count - 1] : -1);
  for (int i = 0; i < 3; i++) {
    stdio[i] = wanted->terminal >> i & 1 ? slave : given < count ? fds[given++] : -1;
    if (i == 2 && stdio[2] < 0) stdio[2] = stdio[1];
  }
  pid_t program = (pid_t)TRY("fork-program", "", fork());
  if (program == 0) {
    TRY("program-group", "", setpgid(0, 0));
    if (slave >= 0) TRY("terminal-foreground", "", tcsetpgrp(slave, getpid()));
    run_session(cell, wanted, stdio, control);
  }
  setpgid(program, program);
  for (int i = 0; i < count; i++)
    if (fds[i] != slave) close(fds[i]);
  for (;;) {
    int status, number = sigwaitinfo(&watched, NULL);
    if (number == SIGHUP && !hung_up) hung_up = true, hang_up(slave, program);
    if (number == SIGALRM) kill_session();
    if (number != SIGCHLD) continue;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0;) {
      if (pid != program) continue;
      if (WIFSTOPPED(status)) {
        on_stop(program, WSTOPSIG(status));
        continue;
      }
      if (hung_up) kill_session();
      tell(MSG_EXIT, status);
      _exit(0);
    }
  }
}
