/* What connect(2) costs. `connect HOST PORT TIMES blocking|nonblocking ERRNO` resolves HOST once and prints the
 * median and the ninth decile of the nanoseconds that the call itself takes, and how often it ended otherwise
 * than by ERRNO (`refused`: any failure; 0: success).
 * HOST `own`: a listener in this process. Connections are reset, so that none stays in TIME_WAIT. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static void *accepting(void *listener) {
  for (;;) {
    int peer = accept(*(int *)listener, NULL, NULL);
    if (peer >= 0) close(peer);
  }
  return NULL;
}

static int by_size(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

int main(int count, char **words) {
  if (count != 6) return 99;
  static int listener;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(words[2]))};
  int times = atoi(words[3]), blocking = !strcmp(words[4], "blocking"), refused = !strcmp(words[5], "refused"), odd = 0;
  double *took = calloc((size_t)times, sizeof *took);
  if (!took || times < 10) return 99;
  if (!strcmp(words[1], "own")) {
    socklen_t size = sizeof address;
    pthread_t thread;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = 0;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024) ||
        getsockname(listener, (struct sockaddr *)&address, &size) || pthread_create(&thread, NULL, accepting, &listener)) {
      perror("own listener");
      return 99;
    }
  } else {
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    int failed = getaddrinfo(words[1], NULL, &hints, &found);
    if (failed) {
      fprintf(stderr, "connect: %s: %s\n", words[1], gai_strerror(failed));
      return 99;
    }
    address.sin_addr = ((struct sockaddr_in *)found->ai_addr)->sin_addr;
  }
  for (int index = 0; index < times; index++) {
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    int flow = socket(AF_INET, SOCK_STREAM | (blocking ? 0 : SOCK_NONBLOCK), 0), result = 0;
    setsockopt(flow, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    double start = now();
    if (connect(flow, (struct sockaddr *)&address, sizeof address)) result = errno;
    took[index] = now() - start;
    if (result == EINPROGRESS) {
      struct pollfd ready = {.fd = flow, .events = POLLOUT};
      socklen_t size = sizeof result;
      if (poll(&ready, 1, 5000) != 1) result = ETIMEDOUT;
      else getsockopt(flow, SOL_SOCKET, SO_ERROR, &result, &size);
    }
    if ((result != 0) != refused) odd++;
    close(flow);
  }
  qsort(took, (size_t)times, sizeof *took, by_size);
  printf("%.0f %.0f %d\n", took[times / 2], took[times * 9 / 10], odd);
  return 0;
}
