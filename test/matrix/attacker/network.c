/* Ways out over sockets. Every message carries a mark; only where the mark arrives counts. */
#include "attacker.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/un.h>

#define WAIT_MS 1500

static int send_and_listen(int fd, const char *text, const char *where) {
  char reply[64];
  struct timeval limit = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0) return blocked("send to %s", where);
  ssize_t got = recv(fd, reply, sizeof reply - 1, 0);
  if (got <= 0) return blocked("no answer from %s", where);
  reply[got] = 0;
  return reached("%s answered %s", where, reply);
}

/* tcp ADDRESS PORT TEXT [WAY]: blocking, nonblock, dup, unspec, files (from a thread with its own file table) */
static int tcp(int argc, char **argv) {
  struct sockaddr_storage to;
  socklen_t length = parse_address(need(argc, argv, 1), need(argc, argv, 2), &to);
  const char *text = need(argc, argv, 3), *way = argc > 4 ? argv[4] : "nonblock";
  int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return blocked("socket");
  if (!strcmp(way, "dup")) fd = dup2(fd, 200);
  if (!strcmp(way, "unspec")) {
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    connect(fd, &none, sizeof none);
  }
  if (!strcmp(way, "blocking")) {
    struct timeval limit = {2, 0};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&to, length)) return blocked("connect %s:%s", argv[1], argv[2]);
  } else if (connect_within(fd, (struct sockaddr *)&to, length, WAIT_MS))
    return blocked("connect %s:%s", argv[1], argv[2]);
  return send_and_listen(fd, text, argv[1]);
}

struct separated {
  char **argv;
  int argc, result;
};

static void *own_files(void *argument) {
  struct separated *work = argument;
  work->result = unshare(CLONE_FILES) ? blocked("unshare(CLONE_FILES)") : tcp(work->argc, work->argv);
  return NULL;
}

/* tcp-thread: the same from a thread whose descriptors are not its process's. */
static int tcp_thread(int argc, char **argv) {
  struct separated work = {argv, argc, CANNOT};
  pthread_t thread;
  need(argc, argv, 3);
  if (pthread_create(&thread, NULL, own_files, &work)) return blocked("thread");
  pthread_join(thread, NULL);
  return work.result;
}

/* udp ADDRESS PORT TEXT WAY: sendto, connected, sendmsg, sendmmsg */
static int udp(int argc, char **argv) {
  struct sockaddr_storage to;
  socklen_t length = parse_address(need(argc, argv, 1), need(argc, argv, 2), &to);
  char *text = need(argc, argv, 3);
  const char *way = need(argc, argv, 4);
  int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return blocked("socket");
  struct iovec part = {text, strlen(text)};
  struct mmsghdr messages[1] = {{.msg_hdr = {.msg_name = &to, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1}}};
  ssize_t sent = -1;
  if (!strcmp(way, "sendto")) sent = sendto(fd, text, strlen(text), 0, (struct sockaddr *)&to, length);
  if (!strcmp(way, "sendmsg")) sent = sendmsg(fd, &messages[0].msg_hdr, 0);
  if (!strcmp(way, "sendmmsg")) sent = sendmmsg(fd, messages, 1, 0);
  if (!strcmp(way, "connected") && !connect(fd, (struct sockaddr *)&to, length)) sent = send(fd, text, strlen(text), 0);
  return sent < 0 ? blocked("%s %s", way, argv[1]) : reached("sent to %s", argv[1]);
}

/* fastopen ADDRESS PORT TEXT WAY: data in the SYN: sendto, sendmsg or the socket option; no connect(2) is seen. */
static int fastopen(int argc, char **argv) {
  struct sockaddr_storage to;
  socklen_t length = parse_address(need(argc, argv, 1), need(argc, argv, 2), &to);
  char *text = need(argc, argv, 3);
  const char *way = need(argc, argv, 4);
  int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  struct timeval limit = {2, 0};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  struct iovec part = {text, strlen(text)};
  struct msghdr message = {.msg_name = &to, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1};
  ssize_t sent = -1;
  if (!strcmp(way, "sendto")) sent = sendto(fd, text, strlen(text), MSG_FASTOPEN, (struct sockaddr *)&to, length);
  if (!strcmp(way, "sendmsg")) sent = sendmsg(fd, &message, MSG_FASTOPEN);
  if (!strcmp(way, "option")) {
    if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on)) return blocked("TCP_FASTOPEN_CONNECT");
    if (!connect(fd, (struct sockaddr *)&to, length)) sent = send(fd, text, strlen(text), MSG_NOSIGNAL);
  }
  if (sent < 0) return blocked("fast open by %s", way);
  pause_ms(200);
  return reached("sent in the first packet to %s", argv[1]);
}

/* Every TCP listener that /proc/net shows, each once; calls visit until it has seen all. */
static int each_listener(int (*visit)(struct sockaddr_storage *, socklen_t, char *), char *text) {
  int seen = 0;
  for (int v6 = 0; v6 < 2; v6++) {
    char line[512], address[40];
    FILE *table = fopen(v6 ? "/proc/net/tcp6" : "/proc/net/tcp", "r");
    while (table && fgets(line, sizeof line, table)) {
      unsigned port, state;
      if (sscanf(line, " %*d: %39[0-9A-F]:%x %*[^ ] %x", address, &port, &state) != 3 || state != 10) continue;
      struct sockaddr_storage to = {0};
      struct sockaddr_in *four = (struct sockaddr_in *)&to;
      struct sockaddr_in6 *six = (struct sockaddr_in6 *)&to;
      if (!v6) {
        four->sin_family = AF_INET;
        four->sin_addr.s_addr = (uint32_t)strtoul(address, NULL, 16);
        four->sin_port = htons((uint16_t)port);
      } else {
        six->sin6_family = AF_INET6;
        for (int i = 0; i < 4; i++) {
          char word[9] = "";
          memcpy(word, address + i * 8, 8);
          six->sin6_addr.s6_addr32[i] = (uint32_t)strtoul(word, NULL, 16);
        }
        six->sin6_port = htons((uint16_t)port);
      }
      seen += visit(&to, v6 ? sizeof *six : sizeof *four, text);
    }
    if (table) fclose(table);
  }
  return seen;
}

static int knock(struct sockaddr_storage *to, socklen_t length, char *text) {
  int fd = socket(to->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int sent = !connect_within(fd, (struct sockaddr *)to, length, 500) && send(fd, text, strlen(text), MSG_NOSIGNAL) > 0;
  if (sent) pause_ms(100);
  close(fd);
  return sent;
}

static int knock_fast(struct sockaddr_storage *to, socklen_t length, char *text) {
  int fd = socket(to->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int sent = sendto(fd, text, strlen(text), MSG_FASTOPEN, (struct sockaddr *)to, length) > 0;
  if (sent) pause_ms(100);
  close(fd);
  return sent;
}

/* listeners TEXT WAY: speaks to every listener here, the gateway's among them, with or without connect(2). */
static int listeners(int argc, char **argv) {
  char *text = need(argc, argv, 1);
  int seen = each_listener(strcmp(need(argc, argv, 2), "fast") ? knock : knock_fast, text);
  return seen ? reached("spoke to %d listeners", seen) : blocked("no listener");
}

static uint16_t owners_port;

static int borrow_port(struct sockaddr_storage *to, socklen_t length, char *text) {
  if (to->ss_family != AF_INET) return 0;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = owners_port};
  from.sin_addr.s_addr = htonl(0x7f000002);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  int sent = 0;
  if (!bind(fd, (struct sockaddr *)&from, sizeof from)) {
    sent = sendto(fd, text, strlen(text), MSG_FASTOPEN, (struct sockaddr *)to, length) > 0;
    if (!sent)
      sent = !connect_within(fd, (struct sockaddr *)to, length, 500) && send(fd, text, strlen(text), MSG_NOSIGNAL) > 0;
  }
  if (sent) pause_ms(100);
  close(fd);
  return sent;
}

/* borrowed-port ADDRESS PORT TEXT: an honest connection, then a second socket on 127.0.0.2 with its port. */
static int borrowed_port(int argc, char **argv) {
  struct sockaddr_storage to;
  struct sockaddr_in own;
  socklen_t length = parse_address(need(argc, argv, 1), need(argc, argv, 2), &to), size = sizeof own;
  int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect_within(fd, (struct sockaddr *)&to, length, WAIT_MS)) return blocked("the honest connect");
  getsockname(fd, (struct sockaddr *)&own, &size);
  owners_port = own.sin_port;
  int seen = each_listener(borrow_port, need(argc, argv, 3));
  close(fd);
  return seen ? reached("spoke to %d listeners from a borrowed port", seen) : blocked("no listener took it");
}

struct flip {
  atomic_int stop;
  struct sockaddr_in now, honest, denied;
};

static void *flipper(void *argument) {
  struct flip *flip = argument;
  while (!flip->stop) {
    flip->now = flip->denied;
    sched_yield();
    flip->now = flip->honest;
  }
  return NULL;
}

/* address-race ALLOWED DENIED PORT TEXT: the address changes in memory while connect(2) is being decided. */
static int address_race(int argc, char **argv) {
  struct flip flip = {0};
  struct sockaddr_storage parsed;
  const char *text = need(argc, argv, 4);
  parse_address(argv[1], argv[3], &parsed);
  memcpy(&flip.honest, &parsed, sizeof flip.honest);
  parse_address(argv[2], argv[3], &parsed);
  memcpy(&flip.denied, &parsed, sizeof flip.denied);
  flip.now = flip.honest;
  pthread_t thread;
  pthread_create(&thread, NULL, flipper, &flip);
  int connected = 0;
  long end = milliseconds() + 800;
  for (int i = 0; i < 150 && milliseconds() < end; i++) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!connect_within(fd, (struct sockaddr *)&flip.now, sizeof flip.now, 300)) {
      connected++;
      send(fd, text, strlen(text), MSG_NOSIGNAL);
    }
    close(fd);
  }
  flip.stop = 1;
  pthread_join(thread, NULL);
  pause_ms(200);
  return connected ? reached("%d connects", connected) : blocked("connect");
}

/* socket FAMILY TYPE PROTOCOL */
static int any_socket(int argc, char **argv) {
  int fd = socket(atoi(need(argc, argv, 1)), atoi(need(argc, argv, 2)), atoi(need(argc, argv, 3)));
  if (fd >= 0) return reached("socket(%s, %s, %s)", argv[1], argv[2], argv[3]);
  if (errno == EPROTONOSUPPORT || errno == EAFNOSUPPORT || errno == ESOCKTNOSUPPORT || errno == ENOENT ||
      errno == ENOPROTOOPT)
    return cannot("the kernel has no such socket (or says so)");
  return blocked("socket");
}

/* families: every family and type but Unix, internet and routing netlink. */
static int families(int argc, char **argv) {
  (void)argc, (void)argv;
  char found[1024] = "";
  static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET};
  for (int family = 3; family < 46; family++) {
    if (family == AF_INET6 || family == AF_NETLINK) continue;
    for (size_t t = 0; t < 4; t++) {
      int fd = socket(family, types[t], 0);
      if (fd < 0) continue;
      close(fd);
      size_t used = strlen(found);
      snprintf(found + used, sizeof found - used, " %d/%d", family, types[t]);
    }
  }
  return *found ? reached("families%s", found) : blocked("no other family");
}

/* netlinks: every netlink protocol but routing. */
static int netlinks(int argc, char **argv) {
  (void)argc, (void)argv;
  char found[256] = "";
  for (int protocol = 1; protocol < 23; protocol++) {
    int fd = socket(AF_NETLINK, SOCK_RAW, protocol);
    if (fd < 0) continue;
    close(fd);
    size_t used = strlen(found);
    snprintf(found + used, sizeof found - used, " %d", protocol);
  }
  return *found ? reached("netlink protocols%s", found) : blocked("no other netlink protocol");
}

static int add_address(int argc, char **argv) {
  return netlink_add_address(need(argc, argv, 1)) ? blocked("RTM_NEWADDR") : reached("added %s", argv[1]);
}

/* icmp ADDRESS WAY: an echo request from a raw or a datagram socket. */
static int icmp(int argc, char **argv) {
  struct sockaddr_storage to;
  socklen_t length = parse_address(need(argc, argv, 1), "0", &to);
  int fd = socket(AF_INET, strcmp(need(argc, argv, 2), "raw") ? SOCK_DGRAM : SOCK_RAW, IPPROTO_ICMP);
  if (fd < 0) return blocked("icmp socket");
  struct {
    struct icmphdr head;
    char body[8];
  } echo = {.head = {.type = ICMP_ECHO}, .body = "matrix"};
  uint32_t sum = 0;
  const uint16_t *words = (const uint16_t *)(const void *)&echo;
  for (size_t i = 0; i < sizeof echo / 2; i++) sum += words[i];
  sum = (sum >> 16) + (sum & 0xffff);
  echo.head.checksum = (uint16_t)~(sum + (sum >> 16));
  if (sendto(fd, &echo, sizeof echo, 0, (struct sockaddr *)&to, length) < 0) return blocked("sendto");
  return reached("pinged %s", argv[1]);
}

/* dns SERVER NAME WAY: one question by hand over udp or tcp, as a static resolver asks it. */
static int dns(int argc, char **argv) {
  unsigned char message[512] = {0, 0, 0x12, 0x34, 1, 0, 0, 1}, reply[512];
  struct sockaddr_storage to;
  socklen_t length = parse_address(need(argc, argv, 1), "53", &to);
  size_t at = 14;
  for (const char *label = need(argc, argv, 2); *label;) {
    size_t size = strcspn(label, ".");
    message[at++] = (unsigned char)size;
    memcpy(message + at, label, size);
    at += size;
    label += size + (label[size] == '.');
  }
  message[at++] = 0;
  memcpy(message + at, "\0\1\0\1", 4);
  at += 4;
  int stream = !strcmp(need(argc, argv, 3), "tcp");
  message[0] = (unsigned char)((at - 2) >> 8), message[1] = (unsigned char)(at - 2);
  int fd = socket(to.ss_family, stream ? SOCK_STREAM : SOCK_DGRAM, 0);
  struct timeval limit = {1, 500000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (connect_within(fd, (struct sockaddr *)&to, length, WAIT_MS)) return blocked("connect %s:53", argv[1]);
  if (send(fd, stream ? message : message + 2, stream ? at : at - 2, MSG_NOSIGNAL) < 0) return blocked("send");
  ssize_t got = recv(fd, reply, sizeof reply, 0);
  if (got < 12) return blocked("no answer");
  const unsigned char *answer = stream ? reply + 2 : reply;
  if ((answer[3] & 15) || !answer[7]) {
    errno = ENOENT;
    return blocked("answered code %d with %d records", answer[3] & 15, answer[7]);
  }
  return reached("%s resolves", argv[2]);
}

/* unix PATH TEXT WAY: stream, dgram (unconnected), connected */
static int unix_socket(int argc, char **argv) {
  struct sockaddr_storage to;
  socklen_t length = unix_address(need(argc, argv, 1), &to);
  char *text = need(argc, argv, 2);
  const char *way = need(argc, argv, 3);
  if (!strcmp(way, "stream")) {
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&to, length)) return blocked("connect %s", argv[1]);
    return send_and_listen(fd, text, argv[1]);
  }
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  ssize_t sent = -1;
  if (!strcmp(way, "dgram")) sent = sendto(fd, text, strlen(text), 0, (struct sockaddr *)&to, length);
  else if (!connect(fd, (struct sockaddr *)&to, length)) sent = send(fd, text, strlen(text), 0);
  return sent < 0 ? blocked("send to %s", argv[1]) : reached("sent to %s", argv[1]);
}

/* unix-take PATH: connects and receives a descriptor from outside. */
static int unix_take(int argc, char **argv) {
  struct sockaddr_storage to;
  socklen_t length = unix_address(need(argc, argv, 1), &to);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  struct timeval limit = {2, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (connect(fd, (struct sockaddr *)&to, length)) return blocked("connect %s", argv[1]);
  char byte, text[128] = "";
  union {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  if (recvmsg(fd, &message, 0) <= 0) return blocked("recvmsg");
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  if (!head || head->cmsg_type != SCM_RIGHTS) return blocked("no descriptor came");
  int taken;
  memcpy(&taken, CMSG_DATA(head), sizeof taken);
  if (pread(taken, text, sizeof text - 1, 0) <= 0) return blocked("read");
  return reached("took: %s", text);
}

/* stdin-socket TEXT: is standard input a socket of the host's? */
static int stdin_socket(int argc, char **argv) {
  const char *text = need(argc, argv, 1);
  if (send(0, text, strlen(text), MSG_NOSIGNAL) < 0 && write(0, text, strlen(text)) < 0) return blocked("send on stdin");
  return reached("sent on stdin");
}

/* serve PORT MS: waits for somebody outside to come in. */
static int serve(int argc, char **argv) {
  struct sockaddr_storage at;
  socklen_t length = parse_address("0.0.0.0", need(argc, argv, 1), &at);
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1, ms = atoi(need(argc, argv, 2));
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct timeval limit = {ms / 1000, ms % 1000 * 1000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (bind(fd, (struct sockaddr *)&at, length) || listen(fd, 4)) return blocked("listen");
  int client = accept(fd, NULL, NULL);
  if (client < 0) return blocked("nobody came");
  put(client, "shell\n");
  pause_ms(100);
  return reached("somebody came");
}

const struct technique network_techniques[] = {
    {"tcp", tcp},           {"tcp-thread", tcp_thread},       {"udp", udp},
    {"fastopen", fastopen}, {"listeners", listeners},         {"borrowed-port", borrowed_port},
    {"socket", any_socket}, {"address-race", address_race},   {"families", families},
    {"netlinks", netlinks}, {"add-address", add_address},     {"icmp", icmp},
    {"dns", dns},           {"unix", unix_socket},            {"unix-take", unix_take},
    {"serve", serve},       {"stdin-socket", stdin_socket},   {NULL, NULL}};
