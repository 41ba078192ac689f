/* `ringfence-cell attach SOCKET TERMINAL -- COMMAND…`: the client of `ringfence exec`. It asks the supervisor for one more
 * program in the cell, gets the outer ends of its streams, and is for it what the supervisor is for the run's own. */
#include "terminal.h"
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

static int complain(const char *text, const char *detail) {
  dprintf(2, "ringfence: %s%s%s\n", text, detail && *detail ? ": " : "", detail ? detail : "");
  return 125;
}

/* All of the job stops, as Ctrl-Z does it, and the operator's shell goes on. */
static void stop_job(void) {
  signal(SIGTSTP, SIG_IGN);
  kill(0, SIGTSTP);
  kill(getpid(), SIGSTOP);
}

static int connect_to(const char *path) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (strlen(path) >= sizeof at.sun_path) return errno = ENAMETOOLONG, -1;
  strcpy(at.sun_path, path);
  return fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0 ? fd : -1;
}

static bool describe(struct wanted *w, const char *terminal, char **command) {
  struct stat one, two;
  const char *term = getenv("TERM");
  w->type = MSG_EXEC;
  for (int i = 0; i < 3; i++)
    if (flag_in(terminal, (char[]){(char)('0' + i), 0})) w->terminal |= 1u << i;
  w->joined = !(w->terminal & 6) && !fstat(1, &one) && !fstat(2, &two) && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
  if (w->terminal) terminal_keep(0), terminal_describe(w);
  if (term && w->terminal && strlen(term) < sizeof w->term - 6) snprintf(w->term, sizeof w->term, "TERM=%s", term);
  for (; *command; command++) {
    size_t n = strlen(*command) + 1;
    if (w->length + n > MAX_COMMAND) return false;
    memcpy(w->command + w->length, *command, n);
    w->length += (uint32_t)n;
  }
  return w->length > 0;
}

static void relay(const struct wanted *w, int *fds, int count) {
  struct relay_ends ends = {.host = {0, 1, 2}, .cell = {-1, -1, -1}};
  int next = 0;
  for (int i = 0; i < 3; i++)
    if (!(w->terminal >> i & 1) && !(i == 2 && w->joined) && next < count) ends.cell[i] = fds[next++];
  relay_start_streams(&ends);
  if (w->terminal && next < count) relay_start_terminal(fds[next], 0, 1, stop_job, NULL);
}

static int ended(const struct client_message *in, const struct wanted *w) {
  relay_drain();
  if (in->failed) {
    complain(w->command, strerror(in->number));
    return in->number == ENOENT || in->number == ENOTDIR ? 127 : 126;
  }
  return WIFSIGNALED(in->number) ? 128 + WTERMSIG(in->number) : WEXITSTATUS(in->number);
}

static void forward(int server, int number) {
  struct client_message message = {.type = CLIENT_SIGNAL, .number = number};
  send(server, &message, sizeof message, MSG_NOSIGNAL);
}

int attach_main(const char *path, const char *terminal, char **command) {
  static struct wanted wanted;
  static const int forwarded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
  sigset_t watched;
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* without the command nobody passes on our end; the keeper gives the terminal back */
  sigemptyset(&watched);
  for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++) sigaddset(&watched, forwarded[i]);
  sigaddset(&watched, SIGCONT);
  sigaddset(&watched, SIGWINCH);
  sigprocmask(SIG_BLOCK, &watched, NULL);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTTOU, SIG_IGN);
  signal(SIGTTIN, SIG_IGN);
  if (flag_in(terminal, "clipboard")) relay_allow_clipboard();
  if (!describe(&wanted, terminal, command)) return complain("the command is too long", "");
  int server = connect_to(path);
  if (server < 0) return complain("the run does not answer", strerror(errno));
  if (send(server, &wanted, WANTED_SIZE(&wanted), MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
    return complain("the run does not listen", strerror(errno)); /* who refused us says why */
  sigdelset(&watched, SIGWINCH); /* the typing thread's */
  int signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
  for (;;) {
    struct pollfd p[2] = {{.fd = server, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    if (poll(p, 2, -1) < 0) continue;
    struct signalfd_siginfo info;
    if (p[1].revents && read(signals, &info, sizeof info) == sizeof info) {
      if (info.ssi_signo == SIGCONT) {
        relay_resume();
        forward(server, SIGCONT);
      } else forward(server, (int)info.ssi_signo);
    }
    if (!p[0].revents) continue;
    struct client_message in;
    int fds[4], count = 0;
    ssize_t n = recv_fds(server, &in, sizeof in, 0, fds, 4, &count, NULL);
    if (n < 0 && errno == ECONNRESET) n = recv_fds(server, &in, sizeof in, 0, fds, 4, &count, NULL); /* it went without hearing us; what it said is there */
    if (n != sizeof in) {
      relay_drain();
      return complain("the run ended", "");
    }
    if (in.type == CLIENT_REFUSED) return complain(in.text, "");
    if (in.type == CLIENT_GRANTED) relay(&wanted, fds, count);
    if (in.type == CLIENT_STOPPED) relay_pause();
    if (in.type == CLIENT_ENDED) return ended(&in, &wanted);
  }
}
