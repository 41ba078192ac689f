/* How fast bytes arrive. `fetch HOST PORT raw|http` reads a connection to its end and prints megabytes a second, from the first
 * bytes on (so after the gateway's verdict), and the bytes read. */
#define _GNU_SOURCE
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **words) {
  static char buffer[1 << 18];
  char request[512];
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
  if (count != 4) return 99;
  int failed = getaddrinfo(words[1], words[2], &hints, &found);
  if (failed) {
    fprintf(stderr, "fetch: %s: %s\n", words[1], gai_strerror(failed));
    return 99;
  }
  int flow = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(flow, found->ai_addr, found->ai_addrlen)) {
    perror("fetch: connect");
    return 99;
  }
  int size = snprintf(request, sizeof request, !strcmp(words[3], "http")
    ? "GET / HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n" : "send\n", words[1], words[2]);
  if (write(flow, request, (size_t)size) != size) return 99;
  ssize_t got = read(flow, buffer, sizeof buffer);
  double start = now(), total = 0;
  while ((got = read(flow, buffer, sizeof buffer)) > 0) total += (double)got;
  if (got < 0) {
    perror("fetch: read");
    return 99;
  }
  printf("%.2f %.0f\n", total / 1e6 / (now() - start), total);
  return 0;
}
