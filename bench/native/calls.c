/* What system calls cost here. `calls FILE-TO-READ FILE-TO-WRITE` prints nanoseconds for each of
 * `getppid read-open write-open vfork-exec`: an open is followed by its close, an exec is waited for. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static double opens(const char *path, int flags, int times) {
  double start = now();
  for (int index = 0; index < times; index++) {
    int file = open(path, flags | O_CLOEXEC, 0600);
    if (file < 0) {
      perror(path);
      exit(99);
    }
    close(file);
  }
  return (now() - start) / times;
}

int main(int count, char **words) {
  if (count == 2 && !strcmp(words[1], "nothing")) return 0;
  if (count != 3) return 99;
  enum { CALLS = 400000, READS = 100000, WRITES = 5000, EXECS = 300 };
  double start = now();
  for (int index = 0; index < CALLS; index++) syscall(SYS_getppid);
  double getppid_ns = (now() - start) / CALLS;
  double read_ns = opens(words[1], O_RDONLY, READS);
  double write_ns = opens(words[2], O_WRONLY | O_CREAT, WRITES);
  start = now();
  for (int index = 0; index < EXECS; index++) {
    int status;
    pid_t child = vfork();
    if (child == 0) {
      execl(words[0], words[0], "nothing", (char *)NULL);
      _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0) {
      fprintf(stderr, "calls: the child failed\n");
      return 99;
    }
  }
  printf("%.2f %.1f %.1f %.1f\n", getppid_ns, read_ns, write_ns, (now() - start) / EXECS);
  return 0;
}
