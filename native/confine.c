/* What a process puts on itself: capabilities, limits, Landlock, seccomp. None can be taken off again. */
#include "rf.h"
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

void drop_privileges(struct cell *cell) {
  (void)cell;
  for (int cap = 0; cap < 64; cap++)
    if (prctl(PR_CAPBSET_DROP, cap) < 0) {
      if (errno == EINVAL) break; /* past the last one of this kernel */
      if (errno != EPERM) fail("drop-bounding", "", errno);
    }
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2] = {0};
  if (!sabotage("capabilities")) TRY("drop-capabilities", "", syscall(SYS_capset, &header, none));
  if (!sabotage("no-new-privs")) TRY("no-new-privs", "", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static const struct {
  const char *name;
  int resource;
} limits[] = {{"nproc", RLIMIT_NPROC},     {"nofile", RLIMIT_NOFILE},     {"data", RLIMIT_DATA},
              {"fsize", RLIMIT_FSIZE},     {"core", RLIMIT_CORE},         {"cpu", RLIMIT_CPU},
              {"memlock", RLIMIT_MEMLOCK}, {"msgqueue", RLIMIT_MSGQUEUE}, {"stack", RLIMIT_STACK}};

static void apply_limits(const struct plan *plan, bool program) {
  for (int i = 0; i < plan->count; i++) {
    const struct op *op = &plan->ops[i];
    if (!strcmp(op->name, "affinity") && !program) {
      cpu_set_t set;
      CPU_ZERO(&set);
      for (const char *p = op->arg[0]; *p;) {
        char *end;
        long from = strtol(p, &end, 10), to = from;
        if (*end == '-') to = strtol(end + 1, &end, 10);
        for (long cpu = from; cpu <= to && cpu < CPU_SETSIZE; cpu++) CPU_SET((size_t)cpu, &set);
        p = *end == ',' ? end + 1 : end;
        if (p == end && *p) fail("affinity", op->arg[0], EINVAL);
      }
      if (!sabotage("affinity")) TRY("affinity", op->arg[0], sched_setaffinity(0, sizeof set, &set));
    }
    if (strcmp(op->name, "rlimit") || program != !strcmp(op->arg[0], "nproc")) continue;
    size_t n = 0;
    while (n < sizeof limits / sizeof *limits && strcmp(limits[n].name, op->arg[0])) n++;
    if (n == sizeof limits / sizeof *limits) fail("limit", op->arg[0], EINVAL);
    struct rlimit limit = {
        .rlim_cur = strcmp(op->arg[1], "-") ? strtoull(op->arg[1], NULL, 10) : RLIM_INFINITY,
        .rlim_max = strcmp(op->arg[2], "-") ? strtoull(op->arg[2], NULL, 10) : RLIM_INFINITY,
    };
    struct rlimit now;
    if (getrlimit(limits[n].resource, &now) == 0) { /* without privilege a limit only goes down */
      if (limit.rlim_max > now.rlim_max) limit.rlim_max = now.rlim_max;
      if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
    }
    if (sabotage("limits")) continue;
    TRY("limit", op->arg[0], setrlimit(limits[n].resource, &limit));
  }
}

void confine_program(const struct plan *plan) { apply_limits(plan, true); }

/* ---- Landlock ---- */
struct ruleset { /* struct landlock_ruleset_attr of ABI 6 */
  uint64_t handled_access_fs, handled_access_net, scoped;
};

int landlock_abi(void) {
  long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi < 0 ? 0 : (int)abi;
}

static uint64_t rights(const char *list, int abi) {
  uint64_t set = 0;
  /* TRUNCATE and IOCTL_DEV make every open half as slow again, and no descriptor of the host enters the cell that they
     would protect; write, make and remove rights alone cost 1.12 times (facts: Linux 6.18). */
  if (flag_in(list, "write")) {
    set |= LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
           LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
           LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
    if (abi >= 2) set |= LANDLOCK_ACCESS_FS_REFER;
  }
  if (flag_in(list, "read")) set |= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
  if (flag_in(list, "list")) set |= LANDLOCK_ACCESS_FS_READ_DIR;
  if (flag_in(list, "execute")) set |= LANDLOCK_ACCESS_FS_EXECUTE;
  if (flag_in(list, "truncate") && abi >= 3) set |= RF_LANDLOCK_ACCESS_FS_TRUNCATE; /* where no mount shuts the host out */
  return set;
}

static int restrict_self(const struct ruleset *ruleset, size_t size, const struct plan *plan) {
  int fd = (int)TRY("landlock-ruleset", "", syscall(SYS_landlock_create_ruleset, ruleset, size, 0));
  for (int i = 0; i < plan->count; i++) {
    const struct op *op = &plan->ops[i];
    if (strcmp(op->name, "allow")) continue;
    struct landlock_path_beneath_attr rule = {.allowed_access = rights(op->arg[1], 6) & ruleset->handled_access_fs};
    const char *path = sabotage("landlock-rule") ? "/" : op->arg[0];
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS}; /* what was proved, not where a new link leads */
    rule.parent_fd = (int)TRY("landlock-path", op->arg[0], syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
    struct stat info;
    TRY("landlock-path", op->arg[0], fstat(rule.parent_fd, &info));
    if (!S_ISDIR(info.st_mode))
      rule.allowed_access &= LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE | RF_LANDLOCK_ACCESS_FS_TRUNCATE;
    TRY("landlock-rule", op->arg[0], syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0));
    close(rule.parent_fd);
  }
  TRY("landlock-restrict", "", syscall(SYS_landlock_restrict_self, fd, 0));
  close(fd);
  return 0;
}

void confine(struct cell *cell) {
  apply_limits(cell->plan, false);
  const char *handled = plan_value(cell->plan, "landlock", 0, NULL);
  cell->landlock_abi = landlock_abi();
  if (handled && cell->landlock_abi > 0 && !sabotage("landlock")) {
    struct ruleset ruleset = {.handled_access_fs = rights(handled, cell->landlock_abi)};
    restrict_self(&ruleset, sizeof ruleset.handled_access_fs, cell->plan);
  }
}

/* The program's own layer: it cannot trace, signal or reach by abstract sockets anything older than itself. A layer that
 * does not handle REFER denies it everywhere (landlock(7)): it is handled, and granted everywhere, so that files move. */
void confine_scope(void) {
  int abi = landlock_abi();
  if (abi < 1 || sabotage("landlock")) return;
  struct ruleset ruleset = {.handled_access_fs = abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : LANDLOCK_ACCESS_FS_MAKE_BLOCK};
  if (abi >= 6) ruleset.scoped = RF_LANDLOCK_SCOPE_ABSTRACT_UNIX | RF_LANDLOCK_SCOPE_SIGNAL;
  int fd = (int)TRY("scope-ruleset", "", syscall(SYS_landlock_create_ruleset, &ruleset, abi >= 6 ? sizeof ruleset : sizeof ruleset.handled_access_fs, 0));
  struct landlock_path_beneath_attr everywhere = {.allowed_access = LANDLOCK_ACCESS_FS_REFER};
  everywhere.parent_fd = (int)TRY("scope-root", "/", open("/", O_PATH | O_CLOEXEC));
  if (abi >= 2) TRY("scope-rule", "/", syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &everywhere, 0));
  close(everywhere.parent_fd);
  TRY("scope-restrict", "", syscall(SYS_landlock_restrict_self, fd, 0));
  close(fd);
}

int confine_seccomp(struct cell *cell, bool listener) {
  const char *hex = plan_value(cell->plan, "seccomp", 0, NULL);
  if (!hex || sabotage("seccomp")) return -1;
  static struct sock_filter filter[BPF_MAXINSNS]; /* the limits hold already: nothing is allocated */
  size_t len = hex_decode_into(hex, (unsigned char *)filter, sizeof filter);
  if (len == (size_t)-1 || len == 0 || len % sizeof *filter) fail("seccomp-program", "", EINVAL);
  struct sock_fprog program = {.len = (unsigned short)(len / sizeof *filter), .filter = filter};
  for (size_t i = 0; i < program.len; i++) { /* another filter: one that allows what it should refuse, or differs in a bit */
    struct sock_filter *step = &program.filter[i];
    if (sabotage("filter-open") && step->code == (BPF_RET | BPF_K) && (step->k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
      step->k = SECCOMP_RET_ALLOW;
    if (sabotage("filter-bit") && i == program.len / 2u) step->k ^= 1;
  }
  unsigned flags = listener ? SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV : 0;
  int fd;
  if (fault_now("seccomp")) fail("seccomp", "", EIO);
  fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  if (fd < 0 && errno == EINVAL && listener) /* before Linux 5.19 */
    fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  if (fd < 0) fail("seccomp", "", errno);
  return fd;
}
