/* A thread of its own for commands, the time limit, freeze and kill: nothing that the agent stalls can stall these. */
#include "hold.h"
#include "terminal.h"
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#define PROBE_DEADLINE 60000 /* milliseconds: a probe that does not answer is no proof of anything */
static struct cell *the_cell;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct hold hold;
static bool acknowledged;
static const char *kill_reason;
static int64_t probing_since;
static struct answer *withheld;
static size_t withheld_size;
static struct buf out;

int64_t monotonic_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void control_kill(struct cell *cell, const char *reason) {
  pthread_mutex_lock(&lock);
  if (!kill_reason) kill_reason = strdup(reason);
  hold_step(&hold, HOLD_KILL);
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < cell->plan->count; i++) { /* one write ends all (Linux 5.14); init's death does it anyway */
    const struct op *op = &cell->plan->ops[i];
    char path[4200];
    if (strcmp(op->name, "cgroup") || strcmp(op->arg[1], "freeze")) continue;
    snprintf(path, sizeof path, "%s/cgroup.kill", op->arg[0]);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "1", 1) < 0) errno = 0;
    if (fd >= 0) close(fd);
  }
  end_cell(cell);
  emit_wake();
}

/* In a process namespace the kernel ends all others with init; without one init does it before it ends. */
void end_cell(struct cell *cell) {
  if (cell->kind == KIND_LANDLOCK) reduced_end(cell);
  else syscall(SYS_pidfd_send_signal, cell->init_pidfd, SIGKILL, NULL, 0);
}

const char *control_kill_reason(void) {
  pthread_mutex_lock(&lock);
  const char *reason = kill_reason;
  pthread_mutex_unlock(&lock);
  return reason;
}

bool control_frozen(void) { return __atomic_load_n(&hold.frozen, __ATOMIC_ACQUIRE); }
static bool is_ended(void) { return __atomic_load_n(&hold.ended, __ATOMIC_ACQUIRE); }
bool control_running(void) { return __atomic_load_n(&hold.go, __ATOMIC_ACQUIRE) && !is_ended(); }

static unsigned step(enum hold_input input) {
  pthread_mutex_lock(&lock);
  unsigned output = hold_step(&hold, input);
  pthread_mutex_unlock(&lock);
  return output;
}

/* A frozen cell gets no answers: they are kept until it thaws. One that is ended gets none. */
bool control_withholds(const struct answer *a) {
  pthread_mutex_lock(&lock);
  unsigned output = hold_step(&hold, HOLD_ANSWER);
  if (output & HOLD_KEEP && hold.withheld > withheld_size) {
    struct answer *more = realloc(withheld, (withheld_size * 2 + 64) * sizeof *more);
    if (!more) abort(); /* fails closed: the cell dies with its supervisor */
    withheld = more;
    withheld_size = withheld_size * 2 + 64;
  }
  if (output & HOLD_KEEP) withheld[hold.withheld - 1] = *a;
  pthread_mutex_unlock(&lock);
  return !(output & HOLD_SEND);
}

bool control_wait_go(void) {
  pthread_mutex_lock(&lock);
  while (!hold.go && !hold.ended) pthread_cond_wait(&changed, &lock);
  bool result = hold.go && !hold.ended;
  pthread_mutex_unlock(&lock);
  return result;
}

void control_probed(void) { __atomic_store_n(&probing_since, 0, __ATOMIC_RELEASE); }

/* Node's protocol for handles (lib/internal/child_process.js): one JSON line with the descriptor, then an answer. */
void control_send_handle(const char *name, const char *type, const char *extra, int fd) {
  char text[256];
  int n = snprintf(text, sizeof text, "{\"cmd\":\"NODE_HANDLE\",\"type\":\"%s\",\"msg\":{\"ev\":\"socket\",\"socket\":\"%s\"}%s}\n", type, name, extra);
  emit_flush();
  pthread_mutex_lock(&lock);
  acknowledged = false;
  pthread_mutex_unlock(&lock);
  TRY("send-handle", name, send_fd(CONTROL_FD, text, (size_t)n, fd) ? 0 : -1);
  pthread_mutex_lock(&lock);
  while (!acknowledged && !hold.ended) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  close(fd);
}

/* ---- freeze ---- */
static int64_t freeze_started;
static bool frozen_by_group, frozen_by_init; /* both, where a second attempt took the other way */

static bool group_freeze(bool on, int *tasks) {
  for (int i = 0; i < the_cell->plan->count; i++) {
    const struct op *op = &the_cell->plan->ops[i];
    char path[4200], text[256];
    if (strcmp(op->name, "cgroup") || strcmp(op->arg[1], "freeze")) continue;
    snprintf(path, sizeof path, "%s/cgroup.freeze", op->arg[0]);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool ok = write(fd, on ? "1" : "0", 1) == 1;
    close(fd);
    if (!ok || !on) return ok;
    snprintf(path, sizeof path, "%s/cgroup.events", op->arg[0]);
    for (int tries = 0, quiet = 0; tries < 2000; tries++) {
      fd = open(path, O_RDONLY | O_CLOEXEC);
      ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
      if (fd >= 0) close(fd);
      text[n > 0 ? n : 0] = 0;
      /* A task whose call waits for our answer is never "frozen" to the kernel, and does not run either. */
      if (strstr(text, "frozen 1")) quiet = 2;
      else if (tries >= 20) quiet = tasks_moving(the_cell->proc_fd, "R", tasks) ? 0 : quiet + 1;
      if (quiet >= 2) return tasks_moving(the_cell->proc_fd, "R", tasks), true;
      usleep(50);
    }
    fd = open((snprintf(path, sizeof path, "%s/cgroup.freeze", op->arg[0]), path), O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "0", 1) < 0) errno = 0;
    if (fd >= 0) close(fd);
  }
  return false;
}

static void freeze_done(int64_t tasks, bool ok) {
  json_open(&out, "frozen");
  json_number(&out, "tasks", tasks);
  json_number(&out, "us", now_us() - freeze_started);
  buf_format(&out, ",\"ok\":%s", ok ? "true" : "false");
  emit(&out);
}

static bool stop_tasks(int *tasks) {
  frozen_by_group = group_freeze(true, tasks);
  if (frozen_by_group) return true;
  struct message_number reply = {0};
  struct pollfd p = {.fd = the_cell->init_command[0], .events = POLLIN};
  while (recv(p.fd, &reply, sizeof reply, MSG_DONTWAIT) > 0); /* an answer that came too late last time */
  reply = (struct message_number){0};
  frozen_by_init = true;
  send(p.fd, (char[]){MSG_FREEZE}, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  bool answered = poll(&p, 1, 2000) == 1 && recv(p.fd, &reply, sizeof reply, MSG_DONTWAIT) == sizeof reply;
  *tasks = (int)reply.a;
  return answered && reply.b && !sabotage("restless");
}

static void freeze(void) {
  int tasks = 0;
  freeze_started = now_us();
  unsigned output = step(HOLD_FREEZE);
  while (output & HOLD_STOP_TASKS) output = step(stop_tasks(&tasks) ? HOLD_QUIET : HOLD_RESTLESS);
  if (output & (HOLD_TELL_FROZEN | HOLD_TELL_FAILED)) freeze_done(tasks, output & HOLD_TELL_FROZEN);
  if (output & HOLD_END) control_kill(the_cell, "freeze");
}

static void thaw(void) {
  pthread_mutex_lock(&lock);
  size_t count = hold.withheld;
  struct answer *kept = withheld;
  unsigned output = hold_step(&hold, HOLD_THAW);
  if (output & HOLD_RELEASE) withheld = NULL, withheld_size = 0;
  pthread_mutex_unlock(&lock);
  if (!(output & HOLD_RELEASE)) return;
  for (size_t i = 0; i < count; i++) send_answer(&kept[i]); /* not under the lock: one that fails ends the cell */
  free(kept);
  if (frozen_by_group) group_freeze(false, NULL);
  if (frozen_by_init) send(the_cell->init_command[0], (char[]){MSG_THAW}, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  frozen_by_group = frozen_by_init = false;
  json_open(&out, "thawed");
  emit(&out);
}

/* ---- commands: Node sends each as one JSON line ---- */
static void probe(void) {
  __atomic_store_n(&probing_since, monotonic_ms(), __ATOMIC_RELEASE);
  start_probe(the_cell, false);
}

/* Below 0: to the whole process group, as a terminal does. By pidfd: a pid may be somebody else's by now. */
static void signal_program(int number) {
  pid_t agent = __atomic_load_n(&the_cell->agent, __ATOMIC_ACQUIRE);
  if (agent <= 0 || number < -64 || number > 64) return;
  if (abs(number) == SIGCONT && !(step(HOLD_CONTINUE) & HOLD_PASS)) return; /* it would let go what is stopped by signals */
  if (syscall(SYS_pidfd_send_signal, the_cell->agent_pidfd, number < 0 ? 0 : number, NULL, 0) < 0) return;
  if (number < 0) kill(-agent, -number);
}

static void acknowledge(void) {
  pthread_mutex_lock(&lock);
  acknowledged = true;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static void start(void) {
  pthread_mutex_lock(&lock);
  hold_step(&hold, HOLD_GO);
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static void command(char *text) {
  int number;
  size_t len = strlen(text);
  if (strstr(text, "NODE_HANDLE_ACK") || strstr(text, "NODE_HANDLE_NACK")) return acknowledge();
  if (len < 2 || text[0] != '"') return;
  text[len - 1] = 0;
  text++;
  if (!strcmp(text, "go")) start();
  else if (!strcmp(text, "freeze")) freeze();
  else if (!strcmp(text, "thaw")) thaw();
  else if (!strcmp(text, "sample")) usage_sample();
  else if (!strncmp(text, "kill ", 5)) control_kill(the_cell, text + 5);
  else if (!strcmp(text, "probe")) probe();
  else if (!strcmp(text, "suspend")) relay_pause();
  else if (!strcmp(text, "resume")) relay_resume();
  else if (sscanf(text, "signal %d", &number) == 1) signal_program(number);
}

/* Returns false when the controller is gone. */
static bool read_commands(struct buf *input) {
  char data[4096];
  ssize_t n = recv(CONTROL_FD, data, sizeof data, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (n <= 0) return false;
  buf_add(input, data, (size_t)n);
  size_t start = 0;
  for (char *end; (end = memchr(input->data + start, '\n', input->len - start)); start = (size_t)(end - input->data) + 1) {
    *end = 0;
    command(input->data + start);
  }
  memmove(input->data, input->data + start, input->len - start);
  input->len -= start;
  return true;
}

static void *control(void *arg) {
  (void)arg;
  long time = plan_number(the_cell->plan, "time", 0, 0), interval = plan_number(the_cell->plan, "probe", 1, 10000);
  struct buf input = {0};
  int64_t begin = 0, probed = 0;
  bool connected = true;
  emit_never_blocks();
  for (;;) {
    int64_t now = monotonic_ms(), since = __atomic_load_n(&probing_since, __ATOMIC_ACQUIRE);
    if (begin == 0 && control_running()) begin = probed = now; /* the clock starts with the program */
    if (begin && control_running()) {
      if (time > 0 && now - begin >= time) usage_over("time", now - begin > time ? now - begin : time + 1, time);
      if (interval > 0 && now - probed >= interval && !control_frozen()) probe(), probed = now;
    }
    if (control_frozen() && since) __atomic_store_n(&probing_since, now, __ATOMIC_RELEASE);
    else if (since && now - since > PROBE_DEADLINE && !is_ended()) control_kill(the_cell, "probe");
    int64_t wait = begin && interval > 0 && probed + interval - now < 1000 ? probed + interval - now : 1000;
    if (begin && time > 0 && begin + time - now < wait) wait = begin + time - now;
    struct pollfd p = {.fd = connected ? CONTROL_FD : -1, .events = POLLIN};
    poll(&p, 1, is_ended() ? 1000 : wait > 1 ? (int)wait : 1);
    if (p.revents && !read_commands(&input)) { /* the cell dies with its parent */
      connected = false;
      terminal_cooked();
      control_kill(the_cell, "controller");
    }
  }
  return NULL;
}

void start_thread(const char *name, void *(*work)(void *), void *argument, size_t stack) {
  pthread_t thread;
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, stack);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  if (pthread_create(&thread, &attr, work, argument)) fail("thread", name, EAGAIN);
  pthread_attr_destroy(&attr);
}

void control_start(struct cell *cell) {
  the_cell = cell;
  probing_since = monotonic_ms();
  usage_start(cell);
  start_thread("control", control, NULL, 1 << 18);
}
