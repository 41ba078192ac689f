/* connect(2): decided from the table of pinned addresses, registered with the gateway, done by us on the asker's own
 * socket. Nothing that serves others blocks on a socket the agent controls: every connect is cut by a timer. */
#include "rf.h"
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#define MAX_WAITING 2048

static int channel = -1;
static struct buf out, line, input;

/* ---- pins ---- */
struct pin {
  uint8_t family, udp, used;
  uint16_t port;
  uint8_t address[16];
};
static struct pin pins[MAX_PINS];
static int pin_count;

static struct pin *pin_slot(const struct pin *key) {
  uint32_t hash = 2166136261u; /* FNV-1a */
  for (int i = 0; i < 16; i++) hash = (hash ^ key->address[i]) * 16777619u;
  hash = (hash ^ key->port) * 16777619u;
  hash = (hash ^ key->udp) * 16777619u;
  for (uint32_t i = hash;; i++) {
    struct pin *p = &pins[i % MAX_PINS];
    if (!p->used || (p->family == key->family && p->udp == key->udp && p->port == key->port && !memcmp(p->address, key->address, 16)))
      return p;
  }
}

static bool pin_add(int family, const char *address, int port, bool udp) {
  struct pin key = {.family = family == 6 ? AF_INET6 : AF_INET, .udp = udp, .used = 1, .port = (uint16_t)port};
  if (inet_pton(key.family, address, key.address) != 1 || pin_count >= MAX_PINS - 1) return false;
  struct pin *slot = pin_slot(&key);
  pin_count += !slot->used;
  *slot = key;
  return true;
}

static void flow_pin_plan(const struct plan *plan) {
  for (int i = 0; i < plan->count; i++) {
    const struct op *op = &plan->ops[i];
    if (!strcmp(op->name, "pin") && !pin_add(atoi(op->arg[0]), op->arg[1], atoi(op->arg[2]), !strcmp(op->arg[3], "udp")))
      fail("pin", op->arg[1], EINVAL);
  }
}

/* ---- addresses ---- */
struct target {
  int family; /* of the address meant: an IPv4-mapped one is AF_INET */
  bool mapped, udp;
  uint16_t port;
  uint8_t address[16];
  char text[INET6_ADDRSTRLEN];
};

static bool parse_target(const struct sockaddr_storage *from, socklen_t len, struct target *t) {
  const struct sockaddr_in *v4 = (const void *)from;
  const struct sockaddr_in6 *v6 = (const void *)from;
  static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (from->ss_family == AF_INET && len >= sizeof *v4) {
    t->family = AF_INET;
    t->port = ntohs(v4->sin_port);
    memcpy(t->address, &v4->sin_addr, 4);
  } else if (from->ss_family == AF_INET6 && len >= 24) {
    t->mapped = !memcmp(&v6->sin6_addr, mapped, 12);
    t->family = t->mapped ? AF_INET : AF_INET6;
    t->port = ntohs(v6->sin6_port);
    memcpy(t->address, (const uint8_t *)&v6->sin6_addr + (t->mapped ? 12 : 0), t->mapped ? 4 : 16);
  } else {
    return false;
  }
  inet_ntop(t->family, t->address, t->text, sizeof t->text);
  return true;
}

static bool is_loopback(const struct target *t) {
  static const uint8_t none[16] = {0}, one[16] = {[15] = 1};
  if (t->family == AF_INET) return t->address[0] == 127 || !memcmp(t->address, none, 4);
  return !memcmp(t->address, none, 16) || !memcmp(t->address, one, 16);
}

/* What the gateway's own resolver listens on inside; 0.0.0.0 leads there, too: ip(7). */
static bool is_resolver(const struct target *t) {
  static const uint8_t any[4] = {0}, local[4] = {127, 0, 0, 1};
  return t->port == 53 && t->family == AF_INET && (!memcmp(t->address, local, 4) || !memcmp(t->address, any, 4));
}

/* Writes an address of the socket's own family. */
static socklen_t make_address(struct sockaddr_storage *to, int socket_family, int family, const uint8_t *address, uint16_t port) {
  memset(to, 0, sizeof *to);
  if (socket_family == AF_INET) {
    struct sockaddr_in *v4 = (void *)to;
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    memcpy(&v4->sin_addr, address, 4);
    return sizeof *v4;
  }
  struct sockaddr_in6 *v6 = (void *)to;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  if (family == AF_INET6) memcpy(&v6->sin6_addr, address, 16);
  else {
    memset((uint8_t *)&v6->sin6_addr + 10, 0xff, 2);
    memcpy((uint8_t *)&v6->sin6_addr + 12, address, 4);
  }
  return sizeof *v6;
}

/* ---- connects that cannot hang ---- */
static void on_tick(int signal) { (void)signal; }

/* Ticks until stopped, so that one that comes before connect(2) is entered is followed by another. The timer is the
 * calling thread's own and made once: `timer` lives as long as the thread. */
static int timed_connect(timer_t *timer, bool *made, int sock, const struct sockaddr_storage *to, socklen_t len, long tick_ns) {
  if (!*made) {
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2};
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    if (timer_create(CLOCK_MONOTONIC, &event, timer) < 0) return errno;
    *made = true;
  }
  struct itimerspec on = {{0, tick_ns}, {0, tick_ns}}, off = {0};
  timer_settime(*timer, 0, &on, NULL);
  int error = connect(sock, (const struct sockaddr *)to, len) < 0 ? errno : 0;
  timer_settime(*timer, 0, &off, NULL);
  return error;
}

struct job {
  struct request request;
  int sock;
  struct sockaddr_storage to;
  socklen_t len;
};
static int workers; /* bounded: a waiting connect is a waiting thread of the cell, whose number is limited */

static void *work(void *arg) {
  struct job *job = arg;
  timer_t timer;
  bool made = false;
  int error;
  for (int ticks = 0; (error = timed_connect(&timer, &made, job->sock, &job->to, job->len, 100000000)) == EINTR; ticks++)
    if (ticks > 300 || !request_valid(&job->request)) {
      error = ETIMEDOUT;
      break;
    }
  if (made) timer_delete(timer);
  close(job->sock);
  answer(&job->request, error == EISCONN ? 0 : error, 0);
  free(job);
  __atomic_sub_fetch(&workers, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

/* The main thread tries for TICK at most, and for no more than PATIENCE in a second, whoever asks: then every connect
 * waits in a thread of its own, so that processes that stall, however many they are, stall nobody else. */
#define TICK 2000000 /* nanoseconds */
#define PATIENCE 4   /* ticks */
static int64_t patience_from;
static int patience = PATIENCE;

static bool may_try(struct process *p) {
  int64_t now = now_us();
  if (now - patience_from > 1000000 || now < patience_from) patience_from = now, patience = PATIENCE;
  return p && !p->stalls && patience > 0;
}

static void connect_and_answer(const struct request *r, int sock, const struct sockaddr_storage *to, socklen_t len, struct process *p) {
  static timer_t timer;
  static bool made;
  if (may_try(p)) {
    int error = timed_connect(&timer, &made, sock, to, len, TICK);
    if (error != EINTR) {
      close(sock);
      return answer(r, error, 0);
    }
    p->stalls = true;
    patience--;
  }
  struct job *job = malloc(sizeof *job);
  pthread_t thread;
  pthread_attr_t attr;
  if (job) *job = (struct job){.request = *r, .sock = sock, .to = *to, .len = len};
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 1 << 16);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  int running = __atomic_add_fetch(&workers, 1, __ATOMIC_SEQ_CST);
  bool ok = job && running <= MAX_WAITING && pthread_create(&thread, &attr, work, job) == 0;
  pthread_attr_destroy(&attr);
  if (ok) return;
  __atomic_sub_fetch(&workers, 1, __ATOMIC_SEQ_CST);
  free(job);
  close(sock);
  answer(r, EAGAIN, 0);
}

/* ---- flows ---- */
struct pending { /* a blocking connect whose upstream the gateway is dialling */
  uint64_t flow;
  struct request request;
  int sock, socket_family;
  struct target target;
  struct pending *next;
};
static struct pending *waiting;
static int waiting_count;
static uint64_t flows;

static void gone(uint64_t flow) {
  line.len = 0;
  buf_format(&line, "{\"gone\":%llu}\n", (unsigned long long)flow);
  write_all(channel, line.data, line.len);
}

static void drop(struct pending **at) {
  struct pending *w = *at;
  *at = w->next;
  waiting_count--;
  if (w->sock >= 0) close(w->sock);
  free(w);
}

/* Those whose asker died hold a descriptor until the gateway has dialled. Returns whether there is room again. */
static bool drop_dead_waiters(void) {
  for (struct pending **at = &waiting; *at;) {
    if (request_valid(&(*at)->request)) at = &(*at)->next;
    else gone((*at)->flow), drop(at);
  }
  return waiting_count < MAX_WAITING;
}

/* An address and port of our choosing, so that the flow has an owner before its first byte. bind(0) would search. */
static int choose_source(int sock, int socket_family, int family, struct sockaddr_storage *at) {
  for (int tries = 0; tries < 256; tries++) {
    uint64_t n = flows + (uint64_t)tries * 7919;
    uint8_t v4[4] = {127, (uint8_t)(64 + (n >> 16 & 63)), (uint8_t)(n >> 8), (uint8_t)n}, v6[16] = {[15] = 1};
    socklen_t len = make_address(at, socket_family, family, family == AF_INET ? v4 : v6, (uint16_t)(1024 + n % 64000));
    if (bind(sock, (struct sockaddr *)at, len) == 0) return 0;
    if (errno == EINVAL) { /* the agent bound it already */
      len = sizeof *at;
      return getsockname(sock, (struct sockaddr *)at, &len) < 0 ? errno : 0;
    }
    if (errno != EADDRINUSE) return errno;
  }
  return EADDRNOTAVAIL;
}

static void register_flow(uint64_t flow, const struct target *t, const struct sockaddr_storage *source, bool wait, struct process *p, pid_t tid) {
  struct target from = {0};
  parse_target(source, sizeof *source, &from);
  static const uint8_t none[16] = {0};
  if (!memcmp(from.address, none, 16)) snprintf(from.text, sizeof from.text, "%s", t->family == AF_INET ? "127.0.0.1" : "::1");
  line.len = 0;
  buf_format(&line, "{\"flow\":%llu,\"family\":%d,\"type\":\"%s\",\"source\":\"%s\",\"sourcePort\":%u,\"address\":\"%s\",\"port\":%u,\"wait\":%s",
             (unsigned long long)flow, t->family == AF_INET ? 4 : 6, t->udp ? "udp" : "tcp", from.text, from.port, t->text, t->port,
             wait ? "true" : "false");
  json_owner(&line, p, tid);
  buf_text(&line, "}\n");
  write_all(channel, line.data, line.len);
}

static void connect_event(const struct target *t, const char *outcome, int error, uint64_t flow, struct process *p, pid_t tid) {
  if (p->internal) return;
  json_open(&out, "connect");
  json_number(&out, "family", t->family == AF_INET ? 4 : 6);
  json_key(&out, "type", t->udp ? "udp" : "tcp");
  json_key(&out, "address", t->text);
  json_number(&out, "port", t->port);
  json_key(&out, "outcome", outcome);
  json_number(&out, "errno", error);
  if (flow) json_number(&out, "flow", (long long)flow);
  json_owner(&out, p, tid);
  emit(&out);
}

static socklen_t gateway_address(struct cell *cell, const struct target *t, int socket_family, struct sockaddr_storage *to) {
  uint8_t v4[4] = {127, 0, 0, 1}, v6[16] = {[15] = 1};
  bool four = t->family == AF_INET;
  uint16_t port = t->udp ? (four ? cell->ports[UDP4] : cell->ports[UDP6]) : (four ? cell->ports[TCP4] : cell->ports[TCP6]);
  return port ? make_address(to, socket_family, t->family, four ? v4 : v6, port) : 0;
}

static void through_gateway(struct cell *cell, const struct request *r, struct process *p, int sock, int socket_family, const struct target *t) {
  struct sockaddr_storage source, to;
  socklen_t len = gateway_address(cell, t, socket_family, &to);
  uint64_t flow = ++flows;
  int error = len ? choose_source(sock, socket_family, t->family, &source) : ENETUNREACH;
  if (!error && waiting_count >= MAX_WAITING && !drop_dead_waiters()) error = EAGAIN;
  if (error) {
    close(sock);
    return answer(r, error, 0);
  }
  bool wait = !t->udp && !(fcntl(sock, F_GETFL) & O_NONBLOCK);
  register_flow(flow, t, &source, wait, p, r->tid);
  connect_event(t, "gateway", 0, flow, p, r->tid);
  if (!wait) return connect_and_answer(r, sock, &to, len, p);
  struct pending *w = calloc(1, sizeof *w);
  if (!w) abort();
  *w = (struct pending){.flow = flow, .request = *r, .sock = sock, .socket_family = socket_family, .target = *t, .next = waiting};
  waiting = w;
  waiting_count++;
}

static void deny(const struct request *r, struct process *p, const struct target *t, int error) {
  answer(r, error, 0);
  connect_event(t, "denied", error, 0, p, r->tid);
}

void on_connect(struct cell *cell, const struct request *r, struct process *p) {
  struct sockaddr_storage address = {0};
  socklen_t len = (socklen_t)r->args[2];
  if ((int)len < 0 || len > sizeof address) return answer(r, EINVAL, 0);
  if (read_memory(r->tid, r->args[1], &address, len) != (ssize_t)len) return answer(r, EFAULT, 0);
  bool thread = r->tid != p->pid;
  int pidfd = thread ? (int)syscall(SYS_pidfd_open, r->tid, RF_PIDFD_THREAD) : p->pidfd;
  if (thread && pidfd < 0 && errno == EINVAL) { /* before 6.9, where the filter forbids separate file tables */
    thread = false;
    pidfd = p->pidfd;
  }
  if (pidfd < 0 || !request_valid(r)) {
    if (thread && pidfd >= 0) close(pidfd);
    return answer(r, EACCES, 0);
  }
  int sock = (int)syscall(SYS_pidfd_getfd, pidfd, (int)r->args[0], 0);
  int error = errno;
  if (thread) close(pidfd);
  if (sock < 0) return answer(r, error == EBADF ? EBADF : EACCES, 0);
  int family = 0, type = 0;
  uint64_t cookie = 0;
  socklen_t size = sizeof family;
  if (getsockopt(sock, SOL_SOCKET, SO_DOMAIN, &family, &size) < 0) {
    close(sock);
    return answer(r, ENOTSOCK, 0);
  }
  size = sizeof type;
  getsockopt(sock, SOL_SOCKET, SO_TYPE, &type, &size);
  size = sizeof cookie;
  if (getsockopt(sock, SOL_SOCKET, RF_SO_NETNS_COOKIE, &cookie, &size) < 0 || cookie != cell->netns_cookie) {
    close(sock);
    answer(r, EACCES, 0);
    json_open(&out, "tamper");
    json_key(&out, "what", "connect on a socket of another network namespace");
    json_owner(&out, p, r->tid);
    return emit(&out);
  }
  if (family == AF_UNIX || family == AF_NETLINK) { /* the cell's own business: docs/decisions/0002 */
    close(sock);
    return answer_continue(r);
  }
  struct target t = {.udp = type == SOCK_DGRAM};
  if (address.ss_family == AF_UNSPEC && len >= sizeof(sa_family_t)) { /* dissolves the association: connect(2) */
    error = connect(sock, (struct sockaddr *)&address, len) < 0 ? errno : 0;
    close(sock);
    return answer(r, error, 0);
  }
  if (!parse_target(&address, len, &t) || (t.family == AF_INET6 && family == AF_INET)) {
    close(sock);
    return answer(r, address.ss_family == AF_INET || address.ss_family == AF_INET6 ? EINVAL : EAFNOSUPPORT, 0);
  }
  struct pin key = {.family = (uint8_t)t.family, .udp = t.udp, .used = 1, .port = t.port};
  memcpy(key.address, t.address, 16);
  /* Pins first: a contract may write out an address of the host's loopback. But the resolver's is what every look-up needs:
   * a rule that leads there opens nothing, and ends no run. */
  bool resolver = channel >= 0 && is_resolver(&t);
  if (channel >= 0 && !resolver && pin_slot(&key)->used) return through_gateway(cell, r, p, sock, family, &t);
  if (is_loopback(&t)) {
    bool ours = t.port && (t.port == cell->ports[TCP4] || t.port == cell->ports[TCP6] || t.port == cell->ports[UDP4] || t.port == cell->ports[UDP6]);
    if (ours) {
      close(sock);
      return deny(r, p, &t, ECONNREFUSED);
    }
    if (resolver) { /* so that queries have an owner */
      struct sockaddr_storage source;
      uint64_t flow = ++flows;
      if (choose_source(sock, family, t.family, &source) == 0) register_flow(flow, &t, &source, false, p, r->tid);
    }
    if (t.port == 53) connect_event(&t, "local", 0, 0, p, r->tid);
    return connect_and_answer(r, sock, &address, len, p);
  }
  close(sock);
  key.udp = 0; /* getaddrinfo(3) connects datagram sockets to sort addresses by: no attempt to send */
  if (t.udp && channel >= 0 && pin_slot(&key)->used) return answer(r, ENETUNREACH, 0);
  deny(r, p, &t, ENETUNREACH); /* what an empty network namespace says */
}

/* ---- the gateway's channel ---- */
void flow_init(struct cell *cell) {
  struct sigaction action = {.sa_handler = on_tick}; /* no SA_RESTART: a tick interrupts connect(2) */
  TRY("tick", "", sigaction(SIGUSR2, &action, NULL));
  flow_pin_plan(cell->plan);
}

void flow_channel(struct cell *cell, int fd) {
  (void)cell;
  channel = fd;
}

static void finish_waiting(struct cell *cell, uint64_t flow, int error) {
  struct pending **at = &waiting;
  while (*at && (*at)->flow != flow) at = &(*at)->next;
  if (!*at) return;
  struct request r = (*at)->request;
  struct process *p = process_of(r.tid);
  struct sockaddr_storage to;
  socklen_t len = gateway_address(cell, &(*at)->target, (*at)->socket_family, &to);
  if (!error && p && len && request_valid(&r)) {
    int sock = (*at)->sock;
    (*at)->sock = -1;
    drop(at);
    return connect_and_answer(&r, sock, &to, len, p);
  }
  if (!error) gone(flow);
  drop(at);
  answer(&r, error ? error : ECONNREFUSED, 0);
}

static void gateway_line(struct cell *cell, const char *text) {
  unsigned long long number;
  int family, port, error;
  char address[INET6_ADDRSTRLEN + 1], transport[8];
  if (sscanf(text, "pin %llu %d %46s %d %7s", &number, &family, address, &port, transport) == 5 && port > 0 && port < 65536 &&
      pin_add(family, address, port, !strcmp(transport, "udp"))) {
    line.len = 0;
    buf_format(&line, "{\"pinned\":%llu}\n", number);
    write_all(channel, line.data, line.len);
  } else if (sscanf(text, "result %llu %d", &number, &error) == 2 && error >= 0 && error < 4096) {
    finish_waiting(cell, number, error);
  } else {
    control_kill(cell, "gateway");
  }
}

void flow_channel_readable(struct cell *cell) {
  char data[16384];
  ssize_t n = recv(channel, data, sizeof data, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0 || input.len > (1 << 20)) return control_kill(cell, "gateway"); /* without the gateway nothing is decided */
  buf_add(&input, data, (size_t)n);
  size_t start = 0;
  for (char *end; (end = memchr(input.data + start, '\n', input.len - start)); start = (size_t)(end - input.data) + 1) {
    *end = 0;
    gateway_line(cell, input.data + start);
  }
  memmove(input.data, input.data + start, input.len - start);
  input.len -= start;
}
