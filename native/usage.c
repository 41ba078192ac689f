/* What the cell uses, against what it may: a thread of its own, because looking takes as long as the agent makes it. */
#include "rf.h"
#include <dirent.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#define THRASHING 100 /* pages a second that are read from disk again */
#define MUCH_SHARED (64l << 20) /* bytes from which on a process's shared memory is looked at more closely */
struct usage {
  long long cpu_ms, memory, disk;
  int tasks;
};
static struct cell *the_cell;
static struct usage last;
static pthread_mutex_t walking = PTHREAD_MUTEX_INITIALIZER;
static long long disk_used, unreadable_told;

/* ---- disk ---- */
static struct {
  long long used, unreadable;
} found;

static int count_entry(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
  (void)path, (void)ftw;
  if (kind == FTW_DNR || kind == FTW_NS) found.unreadable++;
  if (kind != FTW_NS) found.used += (long long)info->st_blocks * 512;
  return 0;
}

/* In a process of its own, which as the owner of the cell's user namespace enters folders that the agent closed. */
static void __attribute__((noreturn)) walk_child(int result) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (the_cell->kind == KIND_CELL && !the_cell->privileged && setns(the_cell->userns_fd, CLONE_NEWUSER) < 0) found.unreadable++;
  for (int i = 0; i < the_cell->plan->count; i++)
    if (!strcmp(the_cell->plan->ops[i].name, "usage") &&
        nftw(the_cell->plan->ops[i].arg[0], count_entry, 64, FTW_PHYS | FTW_MOUNT | FTW_CHDIR) != 0)
      found.unreadable++;
  _exit(write(result, &found, sizeof found) != sizeof found);
}

static void walk(void) {
  int result[2];
  pthread_mutex_lock(&walking);
  pid_t child = pipe2(result, O_CLOEXEC) < 0 ? -2 : fork();
  if (child == 0) walk_child(result[1]);
  if (child != -2) close(result[1]);
  bool ok = child > 0 && read(result[0], &found, sizeof found) == sizeof found;
  if (child != -2) close(result[0]);
  if (child > 0)
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR);
  if (!ok) found.unreadable = 1;
  if (ok) __atomic_store_n(&disk_used, found.used, __ATOMIC_RELEASE);
  if (found.unreadable != unreadable_told && found.unreadable) {
    struct buf own = {0};
    json_open(&own, "loss");
    json_key(&own, "sensor", "disk");
    json_key(&own, "reason", "folders of the workspace's changes could not be measured");
    json_number(&own, "count", found.unreadable);
    emit(&own);
    free(own.data);
  }
  unreadable_told = found.unreadable;
  found.used = found.unreadable = 0;
  pthread_mutex_unlock(&walking);
}

/* ---- processes ---- */
static bool read_at(int folder, const char *process, const char *name, char *text, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "%.10s/%s", process, name);
  int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
  if (fd >= 0) close(fd);
  if (n > 0) text[n] = 0;
  return n > 0;
}

static long long field(const char *text, const char *key) {
  const char *at = strstr(text, key);
  return at ? atoll(at + strlen(key)) : 0;
}

static void measure_process(const char *process, struct usage *u) {
  char text[2048];
  unsigned long times[4] = {0}, resident, shared;
  long threads = 1, page = sysconf(_SC_PAGESIZE), tick = sysconf(_SC_CLK_TCK);
  int proc = the_cell->proc_fd;
  if (!read_at(proc, process, "stat", text, sizeof text)) return;
  char *rest = strrchr(text, ')');
  /* proc(5): utime, stime, cutime, cstime are fields 14 to 17, the number of threads is 20 */
  if (rest && sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu %*d %*d %ld", &times[0], &times[1], &times[2],
                     &times[3], &threads) == 5)
    for (int i = 0; i < 4; i++) u->cpu_ms += (long long)(times[i] * 1000 / (unsigned long)tick);
  u->tasks += (int)threads;
  if (!read_at(proc, process, "statm", text, sizeof text) || sscanf(text, "%*u %lu %lu", &resident, &shared) != 2) return;
  if (resident > shared) u->memory += (long long)(resident - shared) * page;
  /* Memory that is mapped shared and is no file's, each page divided among those that map it. */
  if ((long)shared * page > MUCH_SHARED && read_at(proc, process, "smaps_rollup", text, sizeof text)) u->memory += field(text, "Pss_Shmem:") * 1024;
}

/* A file of a control group; before its first line, too, there is a line's end, so that keys can be searched for with it. */
static const char *group_text(const char *folder, const char *file, char *text, size_t size) {
  char path[4200];
  snprintf(path, sizeof path, "%s/%s", folder, file);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text + 1, size - 2);
  if (fd >= 0) close(fd);
  text[0] = '\n';
  text[n > 0 ? n + 1 : 1] = 0;
  return text;
}

static long long group_number(const char *folder, const char *file, const char *key) {
  char text[4096];
  return field(group_text(folder, file, text, sizeof text), key);
}

static void measure(struct usage *u) {
  *u = (struct usage){.disk = __atomic_load_n(&disk_used, __ATOMIC_ACQUIRE)};
  int fd = openat(the_cell->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *list = fd < 0 ? NULL : fdopendir(fd);
  reduced_look();
  for (struct dirent *entry; list && (entry = readdir(list));)
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' && !reduced_foreign(atoi(entry->d_name))) measure_process(entry->d_name, u);
  if (list) closedir(list);
  for (int i = 0; i < the_cell->plan->count; i++) {
    const struct op *op = &the_cell->plan->ops[i];
    struct statfs info;
    if (!strcmp(op->name, "cgroup") && !strcmp(op->arg[1], "freeze")) { /* counts those, too, that nobody waited for */
      long long group = group_number(op->arg[0], "cpu.stat", "usage_usec ") / 1000;
      if (group > u->cpu_ms) u->cpu_ms = group;
    }
    if (strcmp(op->name, "tmpfs")) continue; /* temporary file systems are memory */
    int at = openat(the_cell->root_fd, op->arg[0] + 1, O_PATH | O_CLOEXEC);
    if (at >= 0 && fstatfs(at, &info) == 0) u->memory += (long long)(info.f_blocks - info.f_bfree) * info.f_bsize;
    if (at >= 0) close(at);
  }
  struct timespec own; /* what the supervisor spends on the cell is the cell's */
  struct rusage walks;
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own) == 0) u->cpu_ms += own.tv_sec * 1000 + own.tv_nsec / 1000000;
  if (getrusage(RUSAGE_CHILDREN, &walks) == 0)
    u->cpu_ms += (walks.ru_utime.tv_sec + walks.ru_stime.tv_sec) * 1000 + (walks.ru_utime.tv_usec + walks.ru_stime.tv_usec) / 1000;
}

static void sample_event(const struct usage *u) {
  struct buf own = {0};
  json_open(&own, "sample");
  json_number(&own, "cpu", u->cpu_ms);
  json_number(&own, "memory", u->memory);
  json_number(&own, "processes", u->tasks);
  json_number(&own, "disk", u->disk);
  emit(&own);
  free(own.data);
}

void usage_sample(void) {
  struct usage u;
  measure(&u);
  sample_event(&u);
}

void usage_at_end(void) { measure(&last); } /* while the processes are still there */

void usage_last(void) {
  walk();
  last.disk = disk_used;
  sample_event(&last);
}

/* ---- limits ---- */
bool usage_over(const char *name, long long used, long long max) {
  struct buf own = {0}; /* several threads come here */
  if (max <= 0 || used <= max) return false;
  control_kill(the_cell, name);
  json_open(&own, "limit");
  json_key(&own, "limit", name);
  json_number(&own, "used", used);
  json_number(&own, "max", max);
  emit(&own);
  emit_flush();
  free(own.data);
  return true;
}

/* What the memory controller calls its files, and the keys in them, by its version. */
static const struct memory_files {
  const char *events, *peak, *max, *own;
} memory_files[] = {{"memory.events", "memory.peak", "memory.max", "\nanon "},
                    {"memory.oom_control", "memory.max_usage_in_bytes", "memory.limit_in_bytes", "\nrss "}};

/* The kernel ends one process or all where a group passes its limit (memory.events, version 1: memory.oom_control).
 * Either way the budget ran out, and the run ends as it does where we watch ourselves. */
bool control_memory_exhausted(void) {
  for (int i = 0; i < the_cell->plan->count; i++)
    for (int v = 0; v < 2 && !strcmp(the_cell->plan->ops[i].name, "cgroup"); v++) {
      const char *folder = the_cell->plan->ops[i].arg[0];
      const struct memory_files *files = &memory_files[v];
      if (group_number(folder, files->events, "\noom_kill ") == 0) continue;
      long long max = group_number(folder, files->max, ""), used = group_number(folder, files->peak, "");
      return usage_over("memory", used > max ? used : max + 1, max);
    }
  return false;
}

/* Where all but a sixteenth of the budget is the programs' own memory, the kernel may fetch their code from disk again and again,
 * a page for a page, for minutes, before it calls that out of memory: after a second of it we do. */
static bool memory_thrashes(int64_t now) {
  static long long faults;
  static int64_t looked, since;
  char text[4096];
  for (int i = 0; i < the_cell->plan->count; i++)
    for (int v = 0; v < 2 && !strcmp(the_cell->plan->ops[i].name, "cgroup"); v++) {
      const char *folder = the_cell->plan->ops[i].arg[0];
      long long max = group_number(folder, memory_files[v].max, "");
      if (max <= 0) continue;
      const char *stat = group_text(folder, "memory.stat", text, sizeof text);
      long long total = field(stat, "\npgmajfault ");
      bool busy = field(stat, memory_files[v].own) > max - max / 16 && (total - faults) * 1000 > THRASHING * (now - looked);
      faults = total, looked = now;
      if (!busy) since = now;
      return now - since >= 1000 && usage_over("memory", max + 1, max);
    }
  return false;
}

static void *watch_usage(void *arg) {
  (void)arg;
  const struct plan *plan = the_cell->plan;
  long cpu = plan_number(plan, "supervise", 0, 0), memory = plan_number(plan, "supervise", 1, 0);
  long disk = plan_number(plan, "supervise", 2, 0), period = plan_number(plan, "supervise", 3, 250);
  bool samples = flag_in(plan_value(plan, "events", 0, ""), "sample");
  int64_t reported = monotonic_ms(), walked = 0;
  struct timespec pause = {period / 1000, period % 1000 * 1000000};
  emit_never_blocks();
  for (bool ended = false; !ended;) {
    nanosleep(&pause, NULL);
    if (!control_running()) continue;
    int64_t now = monotonic_ms();
    if (now >= walked) {
      walk();
      walked = monotonic_ms() + (monotonic_ms() - now) * 20; /* walking takes at most a twentieth of a CPU */
    }
    struct usage u;
    measure(&u);
    if (samples && now - reported >= 1000) sample_event(&u), reported = now;
    ended = usage_over("cpu-time", u.cpu_ms, cpu) || usage_over("memory", u.memory, memory) || control_memory_exhausted() ||
            memory_thrashes(now) || usage_over("disk", u.disk, disk);
  }
  return NULL;
}

void usage_start(struct cell *cell) {
  the_cell = cell;
  start_thread("usage", watch_usage, NULL, 1 << 18);
}
