/* A program that brings its own resolver, as static Go and musl programs do: asks 127.0.0.1:53 from an unconnected UDP
 * socket, or over TCP, for an IPv4 address, then fetches / from it. resolver udp|tcp NAME PORT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int fail(const char *what) {
  perror(what);
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int tcp = !strcmp(argv[1], "tcp");
  unsigned char query[514] = {0, 0, 0x12, 0x34, 1, 0, 0, 1}, reply[2048];
  size_t at = 14;
  for (const char *label = argv[2]; *label;) {
    size_t len = strcspn(label, ".");
    query[at++] = (unsigned char)len;
    memcpy(query + at, label, len);
    at += len;
    label += len + (label[len] == '.');
  }
  memcpy(query + at, "\0\0\1\0\1", 5); /* root, type A, class IN (RFC 1035) */
  size_t len = at + 5 - 2;
  query[0] = (unsigned char)(len >> 8);
  query[1] = (unsigned char)len;
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int s = socket(AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
  struct timeval limit = {5, 0};
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  unsigned char *answer = reply;
  if (tcp) {
    if (connect(s, (void *)&server, sizeof server) < 0) return fail("connect to the resolver");
    if (send(s, query, len + 2, 0) < 0) return fail("send");
    if (recv(s, reply, sizeof reply, 0) < 14) return fail("receive");
    answer += 2;
  } else {
    if (sendto(s, query + 2, len, 0, (void *)&server, sizeof server) < 0) return fail("sendto");
    if (recv(s, reply, sizeof reply, 0) < 12) return fail("receive");
  }
  close(s);
  printf("rcode %d, %d answers\n", answer[3] & 15, answer[6] << 8 | answer[7]);
  if ((answer[3] & 15) || !(answer[6] << 8 | answer[7])) return 3;
  /* the first record follows the question; its name is a pointer of two bytes, its data lie twelve bytes in */
  struct sockaddr_in host = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[3]))};
  memcpy(&host.sin_addr, answer + len + 12, 4);
  s = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(s, (void *)&host, sizeof host) < 0) return fail("connect");
  char text[1024];
  int n = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", argv[2]);
  if (write(s, text, (size_t)n) != n) return fail("write");
  while ((n = (int)read(s, text, sizeof text)) > 0) fwrite(text, 1, (size_t)n, stdout);
  return 0;
}
