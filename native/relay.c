/* stdin, stdout and stderr: bytes between the host's descriptors and the cell's pipes or terminal. No host descriptor
 * enters. */
#include "terminal.h"
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>

static struct stream {
  int from, to;
  pthread_t thread;
  bool running;
} streams[3];

static bool wait_for(int fd, short events) {
  struct pollfd p = {.fd = fd, .events = events};
  return poll(&p, 1, -1) >= 0 || errno == EINTR;
}

static bool put(int fd, const void *data, size_t len) {
  for (size_t done = 0; done < len;) {
    ssize_t w = write(fd, (const char *)data + done, len - done);
    if (w < 0 && errno == EINTR) continue;
    if (w < 0 && errno == EAGAIN && wait_for(fd, POLLOUT)) continue;
    if (w < 0) return false;
    done += (size_t)w;
  }
  return true;
}

static int draining; /* an eventfd: readable once the program is gone; then nobody waits for more */

static void *pump(void *arg) {
  struct stream *s = arg;
  char data[1 << 16];
  for (;;) {
    ssize_t n = read(s->from, data, sizeof data);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {
      struct pollfd p[2] = {{.fd = s->from, .events = POLLIN}, {.fd = draining, .events = POLLIN}};
      if (poll(p, 2, -1) < 0 && errno != EINTR) break;
      if (p[1].revents && !p[0].revents) break;
      continue;
    }
    if (n <= 0 || !put(s->to, data, (size_t)n)) break;
  }
  close(s->from); /* the writer gets SIGPIPE, the reader end-of-file: as without us */
  if (s == &streams[0]) close(s->to);
  return NULL;
}

static void start(struct stream *s, void *(*work)(void *)) {
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 1 << 19);
  s->running = pthread_create(&s->thread, &attr, work, s) == 0;
  pthread_attr_destroy(&attr);
  if (!s->running) fail("relay", "", EAGAIN);
}

static void prepare(void) {
  if (!draining) draining = (int)TRY("eventfd", "relay", eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

void relay_start_streams(const struct relay_ends *ends) {
  prepare();
  for (int i = 0; i < 3; i++) {
    bool in = i == 0;
    if (ends->cell[i] < 0) continue;
    streams[i] = (struct stream){.from = in ? ends->host[i] : ends->cell[i], .to = in ? ends->cell[i] : ends->host[i]};
    if (!in) fcntl(ends->cell[i], F_SETFL, fcntl(ends->cell[i], F_GETFL) | O_NONBLOCK);
    start(&streams[i], pump);
  }
}

void relay_start(struct cell *cell) {
  struct relay_ends ends = {.host = {0, 1, 2}, .cell = {cell->stdio[0][1], cell->stdio[1][0], cell->stdio[2][0]}};
  relay_start_streams(&ends);
}

/* ---- a terminal of the program's own ---- */
static struct {
  int master, in, out, wake;
  void (*paused)(void), (*resumed)(void);
  bool active, waiting; /* what is typed is the program's; or will be, once we are in the foreground: the typing thread's */
  int asked;            /* 'p', 'r' or 'e' (the end), by other threads */
  bool settled;         /* at the end the terminal is the operator's again */
  bool resized, quiet;  /* quiet: what the program wrote is out */
  bool used, clipboard;
} tty;

static void on_resize(int number) {
  int error = errno;
  (void)number;
  __atomic_store_n(&tty.resized, true, __ATOMIC_RELEASE);
  uint64_t one = 1;
  if (write(tty.wake, &one, sizeof one) < 0) errno = 0;
  errno = error;
}

static void take_size(bool redraw) {
  struct winsize size, now;
  if (terminal_size(&size) < 0 || !size.ws_row || !size.ws_col) return;
  if (redraw && ioctl(tty.master, TIOCGWINSZ, &now) == 0 && !memcmp(&now, &size, sizeof now)) {
    now.ws_col++; /* a size that does not change tells nobody; the program is to draw anew */
    ioctl(tty.master, TIOCSWINSZ, &now);
  }
  ioctl(tty.master, TIOCSWINSZ, &size);
}

static void activate(bool redraw) {
  tty.active = true;
  terminal_raw();
  take_size(redraw);
}

/* Before the operator's shell has the terminal again, what the program said on leaving is on it. */
static void deactivate(void) {
  for (int tries = 0; tries < 20; tries++) {
    struct pollfd p = {.fd = tty.master, .events = POLLIN};
    if (poll(&p, 1, 0) == 0 && __atomic_load_n(&tty.quiet, __ATOMIC_ACQUIRE)) break;
    usleep(5000);
  }
  if (tty.active) terminal_settle(tty.in, tty.out);
  tty.active = tty.waiting = false;
  terminal_cooked();
}

/* Deals with what other threads and signals asked for. */
static void attend(void) {
  uint64_t count;
  if (read(tty.wake, &count, sizeof count) < 0) errno = 0;
  int asked = __atomic_exchange_n(&tty.asked, 0, __ATOMIC_ACQ_REL);
  if (__atomic_exchange_n(&tty.resized, false, __ATOMIC_ACQ_REL)) take_size(false);
  if (asked == 'p') {
    if (tty.active || tty.waiting) deactivate();
    if (tty.paused) tty.paused();
  }
  if (asked == 'r') { /* by `bg` it goes on, too, and hears nothing until `fg` */
    tty.waiting = !terminal_foreground();
    tty.active = false;
    if (!tty.waiting) activate(true);
    if (tty.resumed) tty.resumed();
  }
  if (asked == 'e') {
    if (tty.active) terminal_settle(tty.in, tty.out);
    tty.active = tty.waiting = false;
    terminal_cooked();
    __atomic_store_n(&tty.settled, true, __ATOMIC_RELEASE);
  }
}

/* Everything typed arrives, in order, at the speed at which the program reads. */
static void feed(const char *data, size_t len) {
  while (len && !__atomic_load_n(&tty.settled, __ATOMIC_ACQUIRE)) {
    ssize_t n = write(tty.master, data, len);
    if (n > 0) data += n, len -= (size_t)n;
    else if (n < 0 && errno == EAGAIN) {
      struct pollfd p[2] = {{.fd = tty.master, .events = POLLOUT}, {.fd = tty.wake, .events = POLLIN}};
      poll(p, 2, -1);
      if (p[1].revents) attend();
      if (p[0].revents & (POLLHUP | POLLERR)) return;
    } else if (n < 0 && errno != EINTR) return;
  }
}

static void feed_end(void) { /* --tty with a stdin that is none: its end is what Ctrl-D says */
  struct termios modes;
  if (tcgetattr(tty.master, &modes) == 0 && modes.c_lflag & ICANON) feed((char *)&modes.c_cc[VEOF], 1);
}

static void *typing(void *arg) {
  char data[1 << 14];
  struct sigaction action = {.sa_handler = on_resize, .sa_flags = SA_RESTART};
  sigset_t winch;
  (void)arg;
  emit_never_blocks();
  sigaction(SIGWINCH, &action, NULL);
  sigemptyset(&winch);
  sigaddset(&winch, SIGWINCH);
  bool open = true;
  tty.waiting = !terminal_foreground(); /* started in the background: it waits for `fg` */
  if (!tty.waiting) activate(false);
  pthread_sigmask(SIG_UNBLOCK, &winch, NULL);
  for (;;) {
    struct pollfd p[2] = {{.fd = tty.wake, .events = POLLIN}, {.fd = open && tty.active ? tty.in : -1, .events = POLLIN}};
    int n = poll(p, 2, tty.waiting ? 200 : -1);
    if (tty.waiting && terminal_foreground()) tty.waiting = false, activate(true);
    if (n <= 0) continue;
    if (p[0].revents) {
      attend();
      continue;
    }
    ssize_t got = read(tty.in, data, sizeof data);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got > 0) feed(data, (size_t)got);
    else if (got < 0 && errno == EIO && !terminal_foreground()) tty.active = false, tty.waiting = true; /* taken from us (SIGSTOP, `bg`) */
    else {
      open = false;
      if (!terminal_is(tty.in)) feed_end();
    }
  }
  return NULL;
}

static void *showing(void *arg) {
  static unsigned char data[1 << 16], shown[FILTER_ROOM(1 << 16)];
  struct filter *filter = terminal_filter();
  (void)arg;
  filter->clipboard = tty.clipboard;
  filter->eight_bit = terminal_eight_bit();
  for (;;) {
    ssize_t n = read(tty.master, data, sizeof data);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {
      __atomic_store_n(&tty.quiet, true, __ATOMIC_RELEASE);
      struct pollfd p[2] = {{.fd = tty.master, .events = POLLIN}, {.fd = draining, .events = POLLIN}};
      if (poll(p, 2, -1) < 0 && errno != EINTR) break;
      if (p[1].revents && !p[0].revents) break;
      __atomic_store_n(&tty.quiet, false, __ATOMIC_RELEASE);
      continue;
    }
    if (n <= 0) break; /* EIO: nobody inside has it open any more */
    size_t len = filter_output(filter, data, (size_t)n, shown);
    if (!put(tty.out, shown, len)) break;
  }
  char undo[FILTER_UNDO];
  size_t len = filter_undo(filter, undo);
  if (len) put(tty.out, undo, len);
  filter->modes = 0;
  filter->in_string = false;
  return NULL;
}

void relay_start_terminal(int master, int in, int out, void (*paused)(void), void (*resumed)(void)) {
  prepare();
  tty.master = master, tty.in = in, tty.out = out, tty.paused = paused, tty.resumed = resumed;
  tty.wake = (int)TRY("eventfd", "terminal", eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  fcntl(master, F_SETFL, fcntl(master, F_GETFL) | O_NONBLOCK);
  tty.used = true;
  start(&streams[1], showing);
  start_thread("typing", typing, NULL, 1 << 18);
}

void relay_allow_clipboard(void) { tty.clipboard = true; }
bool relay_has_terminal(void) { return __atomic_load_n(&tty.used, __ATOMIC_ACQUIRE); }

static void ask(int what) {
  if (!relay_has_terminal()) return;
  __atomic_store_n(&tty.asked, what, __ATOMIC_RELEASE);
  uint64_t one = 1;
  if (write(tty.wake, &one, sizeof one) < 0) errno = 0;
}

void relay_pause(void) { ask('p'); }
void relay_resume(void) { ask('r'); }

void relay_drain(void) {
  uint64_t one = 1;
  if (draining && write(draining, &one, sizeof one) < 0) errno = 0; /* where something was started */
  relay_finish();
}

/* Everything the program wrote is out before the run is said to be done; stdin's reader may stay blocked. A run that
 * we ended does not wait for somebody who has stopped to read. */
void relay_finish(void) {
  int patience = 10;
  for (int i = 1; i < 3; i++)
    while (streams[i].running && patience > 0) {
      struct timespec until;
      clock_gettime(CLOCK_REALTIME, &until);
      until.tv_nsec += 100000000;
      if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
      if (pthread_timedjoin_np(streams[i].thread, NULL, &until) != ETIMEDOUT) streams[i].running = false;
      else if (control_kill_reason()) patience--;
    }
  ask('e');
  for (int tries = 0; relay_has_terminal() && tries < 2000 && !__atomic_load_n(&tty.settled, __ATOMIC_ACQUIRE); tries++) usleep(1000);
  terminal_cooked();
}
