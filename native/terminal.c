/* The operator's terminal. It never enters the cell: programs have one of their own, and bytes pass between the two. */
#include "terminal.h"
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define SETTLE 1000 /* milliseconds for a far terminal to answer */

static struct {
  int fd, keeper;
  struct termios saved, raw_modes;
  bool known, raw;
  struct filter *filter; /* shared with the keeper */
} terminal = {.fd = -1, .keeper = -1};

bool terminal_is(int fd) {
  struct termios modes;
  return tcgetattr(fd, &modes) == 0;
}

/* What the program writes goes through this one: the keeper knows by it what is to be taken back. */
struct filter *terminal_filter(void) {
  static struct filter own;
  return terminal.filter ? terminal.filter : &own;
}

/* Where somebody else has set other modes meanwhile (the operator's shell), the terminal is theirs. */
static bool still_ours(void) {
  struct termios now;
  return ioctl(terminal.fd, TCGETS, &now) == 0 && now.c_lflag == terminal.raw_modes.c_lflag && now.c_iflag == terminal.raw_modes.c_iflag &&
         now.c_oflag == terminal.raw_modes.c_oflag;
}

/* The keeper outlives us, however we end, and then gives the operator the terminal back as it was. */
static void __attribute__((noreturn)) keep(int told) {
  char last = 'c', data[64], undo[FILTER_UNDO];
  setsid();
  for (ssize_t n; (n = read(told, data, sizeof data)) != 0;) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    last = data[n - 1];
  }
  /* Whoever gave the modes of the line back (we, or Node when it ended): what the screen was set to is left to us. */
  struct pollfd writable = {.fd = 1, .events = POLLOUT}; /* not O_NONBLOCK: the operator's shell shares it */
  size_t len = filter_undo(terminal.filter, undo);
  if (len && terminal_is(1) && poll(&writable, 1, 1000) == 1 && write(1, undo, len) < 0) errno = 0;
  if (last == 'r' && still_ours()) ioctl(terminal.fd, terminal.filter->asked ? TCSETSF : TCSETS, &terminal.saved);
  _exit(0);
}

void terminal_keep(int fd) {
  int ends[2];
  terminal.fd = fd;
  if (ioctl(fd, TCGETS, &terminal.saved) < 0) return;
  terminal.known = true;
  terminal.raw_modes = terminal.saved;
  cfmakeraw(&terminal.raw_modes);
  void *shared = mmap(NULL, sizeof *terminal.filter, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED || pipe2(ends, O_CLOEXEC) < 0) return;
  terminal.filter = shared;
  pid_t middle = fork();
  if (middle == 0) {
    pid_t keeper = fork();
    if (keeper != 0) _exit(keeper < 0);
    dup2(ends[0], 2); /* nothing of ours stays open because it lives */
    if (!terminal_is(1)) close(1);
    syscall(SYS_close_range, 3u, ~0u, 0);
    keep(2);
  }
  while (middle > 0 && waitpid(middle, NULL, 0) < 0 && errno == EINTR);
  close(ends[0]);
  terminal.keeper = ends[1];
  madvise(shared, sizeof *terminal.filter, MADV_DONTFORK);
}

/* In the cell: the keeper waits for the supervisor's end, not for ours. */
void terminal_leave(void) {
  if (terminal.keeper >= 0) close(terminal.keeper);
  terminal.keeper = -1;
  terminal.filter = NULL;
}

static void tell_keeper(char state) {
  if (terminal.keeper >= 0 && write(terminal.keeper, &state, 1) < 0) errno = 0;
}

/* Where it is not our controlling terminal nobody takes turns with us. */
bool terminal_foreground(void) {
  pid_t group = terminal.known ? tcgetpgrp(terminal.fd) : -1;
  return group < 0 || group == getpgrp();
}

void terminal_raw(void) {
  if (!terminal.known) return;
  tell_keeper('r');
  terminal.raw = ioctl(terminal.fd, TCSETS, &terminal.raw_modes) == 0;
}

void terminal_cooked(void) {
  if (!__atomic_exchange_n(&terminal.raw, false, __ATOMIC_ACQ_REL)) return;
  if (still_ours()) ioctl(terminal.fd, TCSETS, &terminal.saved);
  tell_keeper('c');
}

/* A terminal answers in order: once it has answered us, it has answered all that the program asked. What comes until then is
 * an answer, and would else be typed into the operator's shell, in part by the program's choice. */
void terminal_settle(int in, int out) {
  static const char question[] = "\033[5n", answer[] = "\033[0n";
  char seen[256];
  size_t matched = 0;
  int64_t deadline = monotonic_ms() + SETTLE;
  if (!terminal.known || !terminal.raw || !terminal_filter()->asked || !terminal_is(out) || !terminal_foreground()) return;
  struct pollfd writable = {.fd = out, .events = POLLOUT}, readable = {.fd = in, .events = POLLIN};
  if (poll(&writable, 1, 0) != 1 || write(out, question, sizeof question - 1) < 0) return;
  for (int64_t left; matched < sizeof answer - 1 && (left = deadline - monotonic_ms()) > 0;) {
    if (poll(&readable, 1, (int)left) < 0 && errno == EINTR) continue;
    ssize_t n = readable.revents ? read(in, seen, sizeof seen) : 0;
    if (n <= 0) break;
    for (ssize_t i = 0; i < n && matched < sizeof answer - 1; i++) matched = seen[i] == answer[matched] ? matched + 1 : seen[i] == answer[0];
  }
  ioctl(terminal.fd, TCFLSH, TCIFLUSH);
}

/* Whether it may read bytes of UTF-8's characters as controls: its driver was not told of UTF-8, and the locale names another set. */
bool terminal_eight_bit(void) {
  static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  if (!terminal.known || terminal.saved.c_iflag & IUTF8) return false;
  for (int i = 0; i < 3; i++) {
    const char *locale = getenv(names[i]);
    if (locale && *locale) return !strcasestr(locale, "utf-8") && !strcasestr(locale, "utf8");
  }
  return false;
}

int terminal_size(struct winsize *size) { return terminal.known ? ioctl(terminal.fd, TIOCGWINSZ, size) : -1; }

bool terminal_describe(struct wanted *wanted) {
  wanted->size = (struct winsize){.ws_row = 24, .ws_col = 80};
  wanted->modes_known = terminal.known;
  if (!terminal.known) return false;
  struct winsize size;
  if (terminal_size(&size) == 0 && size.ws_row && size.ws_col) wanted->size = size;
  return tcgetattr(terminal.fd, &wanted->modes) == 0;
}
