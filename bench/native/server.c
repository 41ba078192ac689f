/* The other side, on the loopback: `server close|raw|http MEGABYTES` prints its port and serves until its standard input ends.
 * close: accepts and closes. raw: waits for one line, then sends. http: answers one request with a body of that length. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void serve(int flow, const char *mode, long megabytes) {
  static char bytes[1 << 20];
  char request[4096];
  size_t used = 0;
  int http = !strcmp(mode, "http");
  for (;;) {
    ssize_t got = read(flow, request + used, sizeof request - 1 - used);
    if (got <= 0) return;
    used += (size_t)got;
    request[used] = 0;
    if (strstr(request, http ? "\r\n\r\n" : "\n")) break;
    if (used == sizeof request - 1) return;
  }
  memset(bytes, 'x', sizeof bytes);
  if (http) {
    int size = snprintf(request, sizeof request,
      "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %ld\r\nConnection: close\r\n\r\n",
      megabytes << 20);
    if (write(flow, request, (size_t)size) != size) return;
  }
  for (long index = 0; index < megabytes; index++) {
    for (size_t sent = 0; sent < sizeof bytes;) {
      ssize_t put = write(flow, bytes + sent, sizeof bytes - sent);
      if (put <= 0) return;
      sent += (size_t)put;
    }
  }
}

int main(int count, char **words) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (count != 3) return 99;
  signal(SIGPIPE, SIG_IGN);
  signal(SIGCHLD, SIG_IGN);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024) ||
      getsockname(listener, (struct sockaddr *)&address, &size)) {
    perror("server");
    return 99;
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    struct pollfd ready[2] = {{.fd = 0, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
    if (poll(ready, 2, -1) < 0) continue;
    if (ready[0].revents) return 0;
    int flow = accept(listener, NULL, NULL);
    if (flow < 0) continue;
    if (strcmp(words[1], "close") && fork() == 0) {
      serve(flow, words[1], atol(words[2]));
      _exit(0);
    }
    close(flow);
  }
}
