/* The operator's terminal. It never enters the cell: programs have one of their own, and bytes pass between the two. */
#include "terminal.h"
#include <signal.h>
#include <sys/wait.h>

static struct {
  int fd, keeper;
  struct termios saved;
  bool known, raw;
} terminal = {.fd = -1, .keeper = -1};

bool terminal_is(int fd) {
  struct termios modes;
  return tcgetattr(fd, &modes) == 0;
}

/* The keeper outlives us, however we end, and then gives the operator the terminal back as it was. */
static void __attribute__((noreturn)) keep(int told) {
  char last = 'c', data[64];
  setsid();
  for (ssize_t n; (n = read(told, data, sizeof data)) != 0;) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    last = data[n - 1];
  }
  if (last == 'r') ioctl(terminal.fd, TCSETS, &terminal.saved);
  _exit(0);
}

void terminal_keep(int fd) {
  int ends[2];
  terminal.fd = fd;
  if (ioctl(fd, TCGETS, &terminal.saved) < 0) return;
  terminal.known = true;
  if (pipe2(ends, O_CLOEXEC) < 0) return;
  pid_t middle = fork();
  if (middle == 0) {
    pid_t keeper = fork();
    if (keeper != 0) _exit(keeper < 0);
    for (int i = 0; i < 64; i++) /* nothing of ours stays open because it lives */
      if (i != fd && i != ends[0]) close(i);
    keep(ends[0]);
  }
  while (middle > 0 && waitpid(middle, NULL, 0) < 0 && errno == EINTR);
  close(ends[0]);
  terminal.keeper = ends[1];
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
  if (!terminal.known || terminal.raw) return;
  struct termios modes = terminal.saved;
  cfmakeraw(&modes);
  tell_keeper('r');
  terminal.raw = ioctl(terminal.fd, TCSETS, &modes) == 0;
}

void terminal_cooked(void) {
  if (!terminal.raw) return;
  ioctl(terminal.fd, TCSETS, &terminal.saved);
  terminal.raw = false;
  tell_keeper('c');
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
