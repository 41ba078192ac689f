/* A thread of its own for commands, limits, freeze and kill: nothing that the agent stalls can stall these. */
#include "rf.h"
#include <dirent.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

static struct cell *the_cell;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool frozen, go, refused, acknowledged;
static const char *kill_reason;
static struct buf out;

void control_kill(struct cell *cell, const char *reason) {
  pthread_mutex_lock(&lock);
  if (!kill_reason) kill_reason = strdup(reason);
  frozen = false;
  refused = true;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < cell->plan->count; i++) { /* one write ends all (Linux 5.14); init's death does it anyway */
    const struct op *op = &cell->plan->ops[i];
    char path[4096];
    if (strcmp(op->name, "cgroup") || strcmp(op->arg[1], "freeze")) continue;
    snprintf(path, sizeof path, "%s/cgroup.kill", op->arg[0]);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "1", 1) < 0) errno = 0;
    if (fd >= 0) close(fd);
  }
  syscall(SYS_pidfd_send_signal, cell->init_pidfd, SIGKILL, NULL, 0);
}

const char *control_kill_reason(void) { return kill_reason; }

void control_wait_thawed(void) {
  if (!__atomic_load_n(&frozen, __ATOMIC_ACQUIRE)) return;
  pthread_mutex_lock(&lock);
  while (frozen) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
}

bool control_wait_go(void) {
  pthread_mutex_lock(&lock);
  while (!go && !refused) pthread_cond_wait(&changed, &lock);
  bool result = go && !refused;
  pthread_mutex_unlock(&lock);
  return result;
}

/* Node's protocol for handles (lib/internal/child_process.js): one JSON line with the descriptor, then an answer. */
void control_send_handle(const char *name, const char *type, const char *extra, int fd) {
  char text[256];
  int n = snprintf(text, sizeof text, "{\"cmd\":\"NODE_HANDLE\",\"type\":\"%s\",\"msg\":{\"ev\":\"socket\",\"socket\":\"%s\"}%s}\n", type, name, extra);
  emit_flush();
  acknowledged = false;
  TRY("send-handle", name, send_fd(CONTROL_FD, text, (size_t)n, fd) ? 0 : -1);
  pthread_mutex_lock(&lock);
  while (!acknowledged && !refused) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  close(fd);
}

/* ---- freeze ---- */
static int64_t freeze_started;

static bool cgroup_freeze(bool on) {
  for (int i = 0; i < the_cell->plan->count; i++) {
    const struct op *op = &the_cell->plan->ops[i];
    char path[4096], text[256];
    if (strcmp(op->name, "cgroup") || strcmp(op->arg[1], "freeze")) continue;
    snprintf(path, sizeof path, "%s/cgroup.freeze", op->arg[0]);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool ok = write(fd, on ? "1" : "0", 1) == 1;
    close(fd);
    snprintf(path, sizeof path, "%s/cgroup.events", op->arg[0]);
    for (int tries = 0; ok && on && tries < 200; tries++) {
      fd = open(path, O_RDONLY | O_CLOEXEC);
      ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
      if (fd >= 0) close(fd);
      if (n > 0 && (text[n] = 0, strstr(text, "frozen 1"))) return true;
      usleep(50);
    }
    return ok && !on;
  }
  return false;
}

static void freeze_done(int64_t tasks, bool ok) {
  json_open(&out, "frozen");
  json_number(&out, "tasks", tasks);
  json_number(&out, "us", now_us() - freeze_started);
  buf_format(&out, ",\"ok\":%s", ok ? "true" : "false");
  emit(&out);
  emit_flush();
}

static int task_count(void);

static void set_frozen(bool on) {
  pthread_mutex_lock(&lock);
  bool was = frozen;
  frozen = on;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  if (on == was) return;
  freeze_started = now_us();
  bool done = cgroup_freeze(on);
  if (on && done) return freeze_done(task_count(), true);
  send(the_cell->init_command[0], (char[]){on ? MSG_FREEZE : MSG_THAW}, 1, MSG_NOSIGNAL);
  if (on) {
    struct message_number reply = {0};
    struct pollfd p = {.fd = the_cell->init_command[0], .events = POLLIN};
    bool answered = poll(&p, 1, 2000) == 1 && recv(the_cell->init_command[0], &reply, sizeof reply, 0) == sizeof reply;
    return freeze_done(reply.a, answered && reply.b);
  }
  json_open(&out, "thawed");
  emit(&out);
  emit_flush();
}

/* ---- what the cell uses ---- */
struct usage {
  long long cpu_ms, memory, disk;
  int tasks;
};
static long long disk_used, disk_unreadable;

static int count_entry(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
  (void)path, (void)ftw;
  if (kind == FTW_DNR || kind == FTW_NS) disk_unreadable++;
  else disk_used += (long long)info->st_blocks * 512;
  return 0;
}

static void measure(struct usage *u, bool disk) {
  char path[64], text[1024];
  *u = (struct usage){.disk = disk_used};
  long page = sysconf(_SC_PAGESIZE), tick = sysconf(_SC_CLK_TCK);
  int fd = dup(the_cell->proc_fd);
  DIR *list = fd < 0 ? NULL : fdopendir(fd);
  if (list) rewinddir(list);
  for (struct dirent *entry; list && (entry = readdir(list));) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    snprintf(path, sizeof path, "%.10s/stat", entry->d_name);
    int stat_fd = openat(the_cell->proc_fd, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = stat_fd < 0 ? -1 : read(stat_fd, text, sizeof text - 1);
    if (stat_fd >= 0) close(stat_fd);
    if (n <= 0) continue;
    text[n] = 0;
    unsigned long times[4] = {0};
    long threads = 1;
    char *rest = strrchr(text, ')');
    /* proc(5): utime, stime, cutime, cstime are fields 14 to 17, the number of threads is 20 */
    if (rest && sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu %*d %*d %ld", &times[0], &times[1], &times[2],
                       &times[3], &threads) == 5)
      for (int i = 0; i < 4; i++) u->cpu_ms += (long long)(times[i] * 1000 / (unsigned long)tick);
    u->tasks += (int)threads;
    snprintf(path, sizeof path, "%.10s/statm", entry->d_name);
    stat_fd = openat(the_cell->proc_fd, path, O_RDONLY | O_CLOEXEC);
    n = stat_fd < 0 ? -1 : read(stat_fd, text, sizeof text - 1);
    if (stat_fd >= 0) close(stat_fd);
    unsigned long resident, shared;
    if (n > 0 && (text[n] = 0, sscanf(text, "%*u %lu %lu", &resident, &shared)) == 2 && resident > shared)
      u->memory += (long long)(resident - shared) * page;
  }
  if (list) closedir(list);
  for (int i = 0; i < the_cell->plan->count; i++) { /* temporary file systems are memory */
    const struct op *op = &the_cell->plan->ops[i];
    struct statfs info;
    if (strcmp(op->name, "tmpfs")) continue;
    int at = openat(the_cell->root_fd, op->arg[0] + 1, O_PATH | O_CLOEXEC);
    if (at >= 0 && fstatfs(at, &info) == 0) u->memory += (long long)(info.f_blocks - info.f_bfree) * info.f_bsize;
    if (at >= 0) close(at);
  }
  if (!disk) return;
  disk_used = disk_unreadable = 0;
  for (int i = 0; i < the_cell->plan->count; i++)
    if (!strcmp(the_cell->plan->ops[i].name, "usage")) nftw(the_cell->plan->ops[i].arg[0], count_entry, 64, FTW_PHYS | FTW_MOUNT);
  u->disk = disk_used;
}

static int task_count(void) {
  struct usage u;
  measure(&u, false);
  return u.tasks;
}

static void sample_event(const struct usage *u, struct buf *b) {
  json_open(b, "sample");
  json_number(b, "cpu", u->cpu_ms);
  json_number(b, "memory", u->memory);
  json_number(b, "processes", u->tasks);
  json_number(b, "disk", u->disk);
  emit(b);
}

void control_sample(struct cell *cell) {
  (void)cell;
  static struct buf own;
  struct usage u;
  pthread_mutex_lock(&lock);
  measure(&u, true);
  pthread_mutex_unlock(&lock);
  sample_event(&u, &own);
}

static bool over(const char *name, long long used, long long max) {
  struct buf own = {0}; /* the main thread comes here too, at the end */
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

/* ---- a hard limit on memory ---- */
static long long group_number(const char *folder, const char *file, const char *key) {
  char path[4200], text[512];
  snprintf(path, sizeof path, "%s/%s", folder, file);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (n <= 0) return 0;
  text[n] = 0;
  char *at = strstr(text, key);
  return at ? atoll(at + strlen(key)) : 0;
}

/* The kernel ends one process or all where a group passes its limit (memory.events, version 1: memory.oom_control).
 * Either way the budget ran out, and the run ends as it does where we watch ourselves. */
bool control_memory_exhausted(void) {
  static const char *const files[2][3] = {{"memory.events", "memory.peak", "memory.max"},
                                          {"memory.oom_control", "memory.max_usage_in_bytes", "memory.limit_in_bytes"}};
  for (int i = 0; i < the_cell->plan->count; i++)
    for (int v = 0; v < 2 && !strcmp(the_cell->plan->ops[i].name, "cgroup"); v++) {
      const char *folder = the_cell->plan->ops[i].arg[0];
      if (group_number(folder, files[v][0], "\noom_kill ") == 0) continue;
      long long max = group_number(folder, files[v][2], ""), used = group_number(folder, files[v][1], "");
      return over("memory", used > max ? used : max + 1, max);
    }
  return false;
}

/* ---- commands: Node sends each as one JSON line ---- */
static void command(char *text) {
  int number;
  size_t len = strlen(text);
  if (strstr(text, "NODE_HANDLE_ACK") || strstr(text, "NODE_HANDLE_NACK")) {
    pthread_mutex_lock(&lock);
    acknowledged = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return;
  }
  if (len < 2 || text[0] != '"') return;
  text[len - 1] = 0;
  text++;
  if (!strcmp(text, "go")) {
    pthread_mutex_lock(&lock);
    go = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  } else if (!strcmp(text, "freeze")) set_frozen(true);
  else if (!strcmp(text, "thaw")) set_frozen(false);
  else if (!strcmp(text, "sample")) control_sample(the_cell);
  else if (!strncmp(text, "kill ", 5)) control_kill(the_cell, text + 5);
  else if (!strcmp(text, "probe")) {
    struct message_number message = {.type = MSG_PROBE, .a = the_cell->host_port};
    send(the_cell->warden[0], &message, sizeof message, MSG_NOSIGNAL);
  } else if (sscanf(text, "signal %d", &number) == 1 && the_cell->agent > 0) {
    /* below 0: to the whole process group, as a terminal does */
    kill(number < 0 ? -the_cell->agent : the_cell->agent, number < 0 ? -number : number);
  }
}

static void read_commands(struct buf *input) {
  char data[4096];
  ssize_t n = recv(CONTROL_FD, data, sizeof data, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) { /* the controller is gone: the cell dies with its parent */
    control_kill(the_cell, "controller");
    close(CONTROL_FD);
    input->cap = 0;
    return;
  }
  buf_add(input, data, (size_t)n);
  size_t start = 0;
  for (char *end; (end = memchr(input->data + start, '\n', input->len - start)); start = (size_t)(end - input->data) + 1) {
    *end = 0;
    command(input->data + start);
  }
  memmove(input->data, input->data + start, input->len - start);
  input->len -= start;
}

static int64_t monotonic_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void *control(void *arg) {
  (void)arg;
  const struct plan *plan = the_cell->plan;
  long time = plan_number(plan, "time", 0, 0), cpu = plan_number(plan, "supervise", 0, 0);
  long memory = plan_number(plan, "supervise", 1, 0), disk = plan_number(plan, "supervise", 2, 0);
  long period = plan_number(plan, "supervise", 3, 250), interval = plan_number(plan, "probe", 1, 10000);
  bool samples = flag_in(plan_value(plan, "events", 0, ""), "sample");
  struct buf input = {0};
  int64_t begin = monotonic_ms(), sampled = begin, reported = begin, probed = begin, walked = 0;
  bool connected = true, ended = false;
  buf_add(&input, "", 0);
  for (;;) {
    struct pollfd p = {.fd = connected ? CONTROL_FD : -1, .events = POLLIN};
    int64_t now = monotonic_ms(), next = sampled + period;
    if (time > 0 && !ended && begin + time < next) next = begin + time;
    poll(&p, 1, next > now ? (int)(next - now) : 0);
    if (p.revents) {
      read_commands(&input);
      connected = input.cap != 0;
    }
    now = monotonic_ms();
    if (!go || ended) { /* the clock starts with the program */
      begin = go ? begin : now;
      sampled = now;
      continue;
    }
    if (time > 0 && now - begin >= time) ended = over("time", now - begin, time - 1);
    if (!ended && interval > 0 && now - probed >= interval && !frozen) {
      struct message_number message = {.type = MSG_PROBE, .a = the_cell->host_port};
      send(the_cell->warden[0], &message, sizeof message, MSG_NOSIGNAL);
      probed = now;
    }
    if (now - sampled < period || ended) continue;
    struct usage u;
    bool walk = now >= walked;
    pthread_mutex_lock(&lock);
    measure(&u, walk);
    pthread_mutex_unlock(&lock);
    sampled = monotonic_ms();
    if (walk) walked = sampled + (sampled - now) * 20; /* walking takes at most a twentieth of a CPU */
    if (samples && sampled - reported >= 1000) sample_event(&u, &out), reported = sampled;
    ended = over("cpu-time", u.cpu_ms, cpu) || over("memory", u.memory, memory) || control_memory_exhausted() || over("disk", u.disk, disk);
  }
  return NULL;
}

void control_start(struct cell *cell) {
  pthread_t thread;
  pthread_attr_t attr;
  the_cell = cell;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 1 << 18);
  if (pthread_create(&thread, &attr, control, NULL)) fail("control", "", EAGAIN);
  pthread_attr_destroy(&attr);
}
