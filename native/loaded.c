/* What a process has put on itself, as the kernel tells it: its filter, its limits, its processors. */
#include "rf.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif

/* Only root may ask, and only a kernel with CONFIG_CHECKPOINT_RESTORE answers (ptrace(2)); others have the probes alone. */
bool filter_read(struct cell *cell, pid_t pid, bool *same) {
  const char *hex = plan_value(cell->plan, "seccomp", 0, NULL);
  if (!cell->privileged || !hex || ptrace(PTRACE_SEIZE, pid, 0, 0) < 0) return false;
  unsigned char *wanted;
  size_t len = hex_decode(hex, &wanted);
  struct sock_filter *found = calloc(4096, sizeof *found);
  int status;
  bool stopped = ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0;
  while (stopped && waitpid(pid, &status, __WALL) < 0) stopped = errno == EINTR;
  long count = stopped && found ? ptrace(PTRACE_SECCOMP_GET_FILTER, pid, 0L, NULL) : -1; /* 0: the one put on last */
  if (count > 0 && count <= 4096) {
    count = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, 0L, found);
    *same = (size_t)count * sizeof *found == len && !memcmp(found, wanted, len);
  }
  ptrace(PTRACE_DETACH, pid, 0, 0);
  free(found);
  free(wanted);
  return count > 0;
}

static const struct {
  const char *name;
  int resource;
} limits[] = {{"nofile", RLIMIT_NOFILE}, {"data", RLIMIT_DATA}, {"fsize", RLIMIT_FSIZE},
              {"core", RLIMIT_CORE},     {"cpu", RLIMIT_CPU},   {"memlock", RLIMIT_MEMLOCK}};

const char *limits_differ(const struct plan *plan, pid_t pid, char *problem, size_t size) {
  for (int i = 0; i < plan->count; i++) {
    const struct op *op = &plan->ops[i];
    if (!strcmp(op->name, "affinity")) {
      cpu_set_t set;
      int most = 1, from, to;
      if (sscanf(op->arg[0], "%d-%d", &from, &to) == 2) most = to - from + 1;
      if (sched_getaffinity(pid, sizeof set, &set) == 0 && CPU_COUNT(&set) > most)
        return snprintf(problem, size, "limit: %d processors, planned %d", CPU_COUNT(&set), most), problem;
    }
    if (strcmp(op->name, "rlimit")) continue;
    size_t n = 0;
    while (n < sizeof limits / sizeof *limits && strcmp(limits[n].name, op->arg[0])) n++;
    struct rlimit now;
    if (n == sizeof limits / sizeof *limits || !strcmp(op->arg[2], "-")) continue;
    if (prlimit(pid, limits[n].resource, NULL, &now) < 0)
      return snprintf(problem, size, "limit: %s cannot be read: %s", op->arg[0], strerror(errno)), problem;
    if (now.rlim_max > strtoull(op->arg[2], NULL, 10))
      return snprintf(problem, size, "limit: %s is not limited as planned (%s)", op->arg[0], op->arg[2]), problem;
  }
  return NULL;
}
