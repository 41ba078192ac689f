/* Limits: more of something than granted. Everything is bounded and given back. */
#include "attacker.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* fork-bomb COUNT: how many live at once? */
static int fork_bomb(int argc, char **argv) {
  int wanted = atoi(need(argc, argv, 1)), alive = 0;
  static pid_t children[2000];
  for (; alive < wanted && alive < 2000; alive++) {
    pid_t pid = fork();
    if (pid < 0) break;
    if (!pid) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      alarm(6);
      pause();
      _exit(0);
    }
    children[alive] = pid;
  }
  int error = errno;
  pause_ms(700); /* a supervised limit may need a period to act */
  int still = 0;
  for (int i = 0; i < alive; i++) still += !kill(children[i], 0) && waitpid(children[i], NULL, WNOHANG) == 0;
  for (int i = 0; i < alive; i++) kill(children[i], SIGKILL);
  errno = error;
  return still >= wanted ? reached("%d processes at once", still) : blocked("%d processes at once", still);
}

static void *idle(void *release) {
  while (!*(atomic_int *)release) pause_ms(50);
  return NULL;
}

static int thread_bomb(int argc, char **argv) {
  static pthread_t threads[2000];
  static atomic_int release;
  pthread_attr_t small;
  int wanted = atoi(need(argc, argv, 1)), alive = 0;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  for (; alive < wanted && alive < 2000; alive++)
    if (pthread_create(&threads[alive], &small, idle, &release)) break;
  int error = errno;
  pause_ms(700);
  release = 1;
  for (int i = 0; i < alive; i++) pthread_join(threads[i], NULL);
  errno = error;
  return alive >= wanted ? reached("%d threads at once", alive) : blocked("%d threads at once", alive);
}

/* memory WAY MIB PROCESSES: each process holds MIB and keeps it for two seconds. */
static int memory(int argc, char **argv) {
  const char *way = need(argc, argv, 1);
  size_t bytes = (size_t)atoi(need(argc, argv, 2)) << 20;
  int processes = atoi(need(argc, argv, 3)), done[2], held = 0;
  if (pipe(done)) return blocked("pipe");
  for (int i = 0; i < processes; i++) {
    if (fork()) continue;
    alarm(20);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS, fd = -1;
    if (!strcmp(way, "memfd")) {
      fd = memfd_create("matrix", MFD_CLOEXEC);
      if (fd < 0 || ftruncate(fd, (off_t)bytes)) _exit(1);
      flags = MAP_SHARED;
    }
    char *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (area == MAP_FAILED) _exit(1);
    for (size_t at = 0; at < bytes; at += 4096) area[at] = 1;
    pause_ms(2000);
    if (write(done[1], "x", 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  close(done[1]);
  char byte;
  fcntl(done[0], F_SETFL, O_NONBLOCK);
  for (long end = milliseconds() + 9000; held < processes && milliseconds() < end;) {
    ssize_t got = read(done[0], &byte, 1);
    if (got == 1) held++;
    else if (got == 0) break;
    else pause_ms(20);
  }
  signal(SIGTERM, SIG_IGN);
  errno = ENOMEM;
  return held == processes ? reached("held %d x %s MiB", held, argv[2]) : blocked("%d of %d held", held, processes);
}

/* disk PATH MIB: writes and keeps it for two seconds. */
static int disk(int argc, char **argv) {
  const char *path = need(argc, argv, 1);
  int mebibytes = atoi(need(argc, argv, 2));
  static char block[1 << 20];
  memset(block, 'x', sizeof block);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0) return blocked("open %s", path);
  for (int i = 0; i < mebibytes; i++)
    if (write(fd, block, sizeof block) != (ssize_t)sizeof block) {
      int error = errno;
      unlink(path);
      errno = error;
      return blocked("after %d MiB", i);
    }
  fsync(fd);
  pause_ms(3000);
  unlink(path);
  return reached("kept %d MiB", mebibytes);
}

static void *spin(void *stop) {
  while (!*(atomic_int *)stop) continue;
  return NULL;
}

static double spin_once(void) {
  static atomic_int stop;
  pthread_t threads[8];
  int started = 0;
  struct rusage before, after;
  stop = 0;
  getrusage(RUSAGE_SELF, &before);
  long begin = milliseconds();
  /* many threads, so that other load on the machine hides less of what could be had */
  for (; started < 8; started++)
    if (pthread_create(&threads[started], NULL, spin, &stop)) break;
  pause_ms(400);
  stop = 1;
  for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
  getrusage(RUSAGE_SELF, &after);
  double used = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
                (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e6;
  return used * 1000 / (double)(milliseconds() - begin);
}

/* cpus GRANTED: takes all CPUs it can name, then measures how many it really gets. */
static int cpus(int argc, char **argv) {
  int granted = atoi(need(argc, argv, 1));
  double best = 0;
  cpu_set_t all;
  if (sysconf(_SC_NPROCESSORS_CONF) <= granted) return cannot("the machine has no more than %d CPUs", granted);
  memset(&all, 0xff, sizeof all);
  sched_setaffinity(0, sizeof all, &all);
  for (int i = 0; i < 12 && best <= granted + 0.4; i++) {
    double used = spin_once();
    if (used > best) best = used;
  }
  if (best > granted + 0.15) return reached("used %.2f CPUs", best);
  errno = EPERM;
  int status = blocked("used %.2f CPUs", best);
  return best < granted * 0.8 ? cannot("the machine is too busy to tell: %.2f CPUs", best) : status;
}

/* cpu-time MS: burns more than the budget. */
static int cpu_time(int argc, char **argv) {
  long wanted = atol(need(argc, argv, 1));
  signal(SIGXCPU, SIG_IGN);
  struct rusage usage;
  do
    for (volatile int i = 0; i < 10000000; i++) continue;
  while (!getrusage(RUSAGE_SELF, &usage) && usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000 < wanted);
  return reached("burnt %ld ms", wanted);
}

const struct technique limit_techniques[] = {
    {"fork-bomb", fork_bomb}, {"thread-bomb", thread_bomb}, {"memory", memory}, {"disk", disk},
    {"cpus", cpus},           {"cpu-time", cpu_time},       {NULL, NULL}};
