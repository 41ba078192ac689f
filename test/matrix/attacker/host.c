/*
 * The host's side of the matrix: sinks that write down all they receive, victims, and the loopback network they live
 * in. Never an attempt itself.
 */
#include "attacker.h"

#include <fcntl.h>
#include <mqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>

enum kind { TCP, UDP, DNS, UNIX, UNIX_DGRAM, GIVE, CLIENT, DNS_CLIENT };

struct place {
  enum kind kind;
  const char *name;
};

static FILE *record;

static void note(const char *name, const void *data, size_t size) {
  fprintf(record, "%s\t", name);
  for (size_t i = 0; i < size; i++) {
    unsigned char c = ((const unsigned char *)data)[i];
    fputc(c >= ' ' && c < 127 ? c : '.', record);
  }
  fputc('\n', record);
  fflush(record);
}

/* Answers an A question: rebind.* is the host's own loopback, everything else a documentation address. */
static size_t dns_reply(unsigned char *message, size_t size) {
  static const unsigned char tail[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4};
  if (size < 17 || size > 400) return 0;
  int rebind = !memcmp(message + 13, "rebind", 6);
  message[2] |= 0x80, message[3] = 0x80, message[7] = 1;
  message[8] = message[9] = message[10] = message[11] = 0;
  memcpy(message + size, tail, sizeof tail);
  memcpy(message + size + sizeof tail, rebind ? "\x7f\0\0\1" : "\xc6\x33\x64\x07", 4);
  return size + sizeof tail + 4;
}

static int open_place(struct place *place, char *spec) {
  struct sockaddr_storage at;
  socklen_t length;
  place->name = strdup(spec);
  char *type = strtok(spec, "="), *address = strtok(NULL, "="), *port = strtok(NULL, "=");
  int on = 1, stream = 1;
  if (!strcmp(type, "unix") || !strcmp(type, "unixdgram") || !strcmp(type, "give")) {
    place->kind = !strcmp(type, "unix") ? UNIX : !strcmp(type, "give") ? GIVE : UNIX_DGRAM;
    stream = place->kind != UNIX_DGRAM;
    length = unix_address(address, &at);
  } else {
    place->kind = !strcmp(type, "tcp") ? TCP : !strcmp(type, "udp") ? UDP : !strcmp(type, "dnstcp") ? TCP : DNS;
    stream = place->kind == TCP;
    length = parse_address(address, port, &at);
  }
  int fd = socket(at.ss_family, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
  if (at.ss_family != AF_UNIX) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (at.ss_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (place->kind == TCP) setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&at, length) || (stream && listen(fd, 512))) {
    fprintf(stderr, "%s: %s\n", place->name, strerror(errno));
    return -1;
  }
  if (at.ss_family == AF_UNIX && *address != '@') chmod(address, 0777);
  return fd;
}

static void give(int client, const char *file) {
  int fd = open(file, O_RDONLY);
  union {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control = {0};
  struct iovec part = {"x", 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET, head->cmsg_type = SCM_RIGHTS, head->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(head), &fd, sizeof fd);
  sendmsg(client, &message, MSG_NOSIGNAL);
  close(fd);
}

#define PLACES 1024

/* sinks RECORD SPEC...: SPEC is tcp=ADDRESS=PORT, udp=…, dns=…, unix=PATH, unixdgram=PATH or give=PATH=FILE. */
static int sinks(int argc, char **argv) {
  static struct pollfd ready[PLACES];
  static struct place places[PLACES];
  static char buffer[65536];
  const char *gift = NULL;
  int count = 0;
  record = fopen(need(argc, argv, 1), "a");
  prctl(PR_SET_PDEATHSIG, 9);
  for (int i = 2; i < argc; i++, count++) {
    char *copy = strdup(argv[i]);
    int fd = open_place(&places[count], argv[i]);
    if (fd < 0) return 1;
    if (places[count].kind == GIVE) gift = strrchr(copy, '=') + 1;
    ready[count] = (struct pollfd){fd, POLLIN, 0};
  }
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    if (poll(ready, (nfds_t)count, -1) < 0) continue;
    for (int i = count - 1; i >= 0; i--) {
      if (!ready[i].revents) continue;
      struct place *place = &places[i];
      if (place->kind == TCP || place->kind == UNIX || place->kind == GIVE) {
        int client = accept4(ready[i].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client < 0) continue;
        note(place->name, "(accepted)", 10);
        if (place->kind == GIVE) give(client, gift);
        if (count == PLACES) {
          close(client);
          continue;
        }
        places[count] = (struct place){CLIENT, place->name};
        ready[count++] = (struct pollfd){client, POLLIN, 0};
        continue;
      }
      struct sockaddr_storage from;
      socklen_t length = sizeof from;
      ssize_t got = recvfrom(ready[i].fd, buffer, sizeof buffer - 64, 0, (struct sockaddr *)&from, &length);
      if (place->kind == CLIENT) {
        if (got > 0) {
          note(place->name, buffer, (size_t)got);
          send(ready[i].fd, "thanks\n", 7, MSG_NOSIGNAL | MSG_DONTWAIT);
          continue;
        }
        if (got < 0 && errno == EAGAIN) continue;
        close(ready[i].fd);
        ready[i] = ready[--count];
        places[i] = places[count];
        continue;
      }
      if (got <= 0) continue;
      note(place->name, buffer, (size_t)got);
      size_t size = place->kind == DNS ? dns_reply((unsigned char *)buffer, (size_t)got) : 0;
      if (size) sendto(ready[i].fd, buffer, size, MSG_DONTWAIT, (struct sockaddr *)&from, length);
    }
  }
}

/* victim SECRETFILE SECRET QUEUE TOUCHED: shows what an outsider has to lose; writes TOUCHED when its memory changes. */
static int victim(int argc, char **argv) {
  static char memory[128];
  char *volatile watched = memory; /* other processes write here */
  const char *secret = need(argc, argv, 2);
  prctl(PR_SET_PDEATHSIG, 9);
  prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
  snprintf(memory, sizeof memory, "%s", secret);
  int fd = open(argv[1], O_RDONLY);
  int segment = shmget(IPC_PRIVATE, 4096, 0666 | IPC_CREAT);
  char *shared = segment < 0 ? NULL : shmat(segment, NULL, 0);
  if (shared && shared != (void *)-1) {
    snprintf(shared, 4096, "%s", secret);
    /* not IPC_RMID: the attacker attaches by number; `unshm` removes it */
  }
  mqd_t queue = mq_open(need(argc, argv, 3), O_RDWR | O_CREAT | O_NONBLOCK, 0666, NULL);
  if (queue != (mqd_t)-1) mq_send(queue, secret, strlen(secret), 0);
  printf("{\"pid\":%d,\"address\":\"%lx\",\"fd\":%d,\"segment\":%d}\n", getpid(), (unsigned long)memory, fd, segment);
  fflush(stdout);
  const char *touched = need(argc, argv, 4);
  while (!strcmp(watched, secret)) pause_ms(20);
  int out = open(touched, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  put(out, memory);
  close(out);
  pause();
  return 0;
}

/* release QUEUE SEGMENT...: removes what victims left in the IPC name spaces. */
static int release(int argc, char **argv) {
  mq_unlink(need(argc, argv, 1));
  for (int i = 2; i < argc; i++) shmctl(atoi(argv[i]), IPC_RMID, NULL);
  return 0;
}

/* network ADDRESS...: brings loopback up and gives it the addresses. Run in a network namespace of its own. */
static int network(int argc, char **argv) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (ioctl(fd, SIOCSIFFLAGS, &request)) return blocked("lo up");
  for (int i = 1; i < argc; i++)
    if (netlink_add_address(argv[i])) return blocked("address %s", argv[i]);
  return 0;
}

const struct technique host_techniques[] = {
    {"sinks", sinks}, {"victim", victim}, {"release", release}, {"network", network}, {NULL, NULL}};
