/* stdin, stdout and stderr: bytes between the host's descriptors and the cell's pipes. No host descriptor enters. */
#include "rf.h"
#include <poll.h>
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

static void *pump(void *arg) {
  struct stream *s = arg;
  char data[1 << 16];
  for (;;) {
    ssize_t n = read(s->from, data, sizeof data);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN && wait_for(s->from, POLLIN)) continue;
    if (n <= 0) break;
    for (ssize_t done = 0; done < n;) {
      ssize_t w = write(s->to, data + done, (size_t)(n - done));
      if (w < 0 && errno == EINTR) continue;
      if (w < 0 && errno == EAGAIN && wait_for(s->to, POLLOUT)) continue;
      if (w < 0) goto out;
      done += w;
    }
  }
out:
  close(s->from); /* the writer gets SIGPIPE, the reader end-of-file: as without us */
  if (s == &streams[0]) close(s->to);
  return NULL;
}

void relay_start(struct cell *cell) {
  const int from[] = {0, cell->stdio[1][0], cell->stdio[2][0]}, to[] = {cell->stdio[0][1], 1, 2};
  for (int i = 0; i < 3; i++) {
    streams[i] = (struct stream){.from = from[i], .to = to[i]};
    if (from[i] < 0) continue;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 1 << 18);
    streams[i].running = pthread_create(&streams[i].thread, &attr, pump, &streams[i]) == 0;
    pthread_attr_destroy(&attr);
    if (!streams[i].running) fail("relay", "", EAGAIN);
  }
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
}
