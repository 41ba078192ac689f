/* What a process has put on itself, as the kernel tells it: its filter, its limits, its processors. */
#include "rf.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ptrace.h>
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
  const char *name, *line;
} limits[] = {{"nofile", "\nMax open files"},     {"data", "\nMax data size"},   {"fsize", "\nMax file size"},
              {"core", "\nMax core file size"}, {"cpu", "Max cpu time"},        {"memlock", "\nMax locked memory"}};

/* The hard limit as proc_pid_limits(5) has it, which everybody may read: name, soft, hard, unit. */
static bool within(const char *text, const char *line, const char *maximum) {
  const char *at = strstr(text, line);
  char soft[32], hard[32];
  if (!at || sscanf(at + strlen(line), "%31s %31s", soft, hard) != 2 || !strcmp(hard, "unlimited")) return false;
  return strtoull(hard, NULL, 10) <= strtoull(maximum, NULL, 10);
}

const char *limits_differ(const struct plan *plan, pid_t pid, char *problem, size_t size) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%d/limits", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (length < 0) return snprintf(problem, size, "limits cannot be read: %s", strerror(errno)), problem;
  text[length] = 0;
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
    if (n == sizeof limits / sizeof *limits || !strcmp(op->arg[2], "-")) continue;
    if (!within(text, limits[n].line, op->arg[2]))
      return snprintf(problem, size, "limit: %s is not limited as planned (%s)", op->arg[0], op->arg[2]), problem;
  }
  return NULL;
}
