/* The supervisor: answers seccomp notifications, hears the warden, tells the controller how it ended. */
#include "terminal.h"
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

static struct cell *the_cell; /* one supervisor, one cell */
static struct buf out;

/* ---- answers ---- */
void send_answer(const struct answer *a) {
  struct seccomp_notif_resp response = {.id = a->id, .error = -a->error, .val = a->value, .flags = a->flags};
  if (ioctl(the_cell->notify_fd, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 && errno != ENOENT && errno != EINPROGRESS)
    control_kill(the_cell, "supervisor"); /* ENOENT: the asker died or was interrupted */
}

static void respond(const struct request *request, int error, int64_t value, unsigned flags) {
  struct answer a = {.id = request->id, .error = error, .value = value, .flags = flags};
  if (!control_withholds(&a)) send_answer(&a);
}

void answer(const struct request *request, int error, int64_t value) { respond(request, error, value, 0); }

/* Only where the call grants nothing that another layer does not check: see docs/decisions. */
void answer_continue(const struct request *request) { respond(request, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE); }

bool request_valid(const struct request *request) {
  return ioctl(the_cell->notify_fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &request->id) == 0;
}

/* ---- notifications ---- */
static void on_denied(const struct request *r, struct process *p) {
  char key[16];
  snprintf(key, sizeof key, ",%d:", r->nr);
  const char *entry = strstr(plan_value(the_cell->plan, "refused", 0, ""), key);
  int error = entry ? atoi(entry + strlen(key)) : EPERM;
  answer(r, error, 0);
  if (p->internal) return;
  json_open(&out, "deny");
  json_number(&out, "syscall", r->nr);
  json_number(&out, "errno", error);
  buf_text(&out, ",\"args\":[");
  for (int i = 0; i < 6; i++) buf_format(&out, "%s\"0x%llx\"", i ? "," : "", (unsigned long long)r->args[i]);
  buf_text(&out, "]");
  json_owner(&out, p, r->tid);
  emit(&out);
}

static void dispatch(const struct request *r) {
  struct process *p = process_of(r->tid);
  if (!p) return answer(r, EPERM, 0); /* gone, or too many: fails closed */
  if (the_cell->kind == KIND_LANDLOCK) {
    if (reduced_dispatch(the_cell, r)) return;
    if (r->nr == SYS_connect) return on_denied(r, p);
  }
  if (r->nr == SYS_connect) return on_connect(the_cell, r, p);
  if (r->nr == SYS_execve || r->nr == SYS_execveat) return on_exec(r, p);
  if (!on_file_call(r, p)) on_denied(r, p);
}

static void watch_notifications(int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.u64 = TAG_NOTIFY};
  if (the_cell->notify_fd >= 0) epoll_ctl(the_cell->epoll, operation, the_cell->notify_fd, &event);
}

static void on_notification(void) {
  struct seccomp_notif notif = {0};
  if (control_frozen()) return watch_notifications(EPOLL_CTL_MOD, 0); /* what asks now is heard after the thaw */
  if (ioctl(the_cell->notify_fd, SECCOMP_IOCTL_NOTIF_RECV, &notif) < 0) {
    if (errno != EINTR && errno != ENOENT && errno != EAGAIN) watch_notifications(EPOLL_CTL_DEL, 0);
    return;
  }
  struct request r = {.id = notif.id, .tid = (pid_t)notif.pid, .nr = notif.data.nr};
  memcpy(r.args, notif.data.args, sizeof r.args);
  dispatch(&r);
}

/* ---- probes ---- */
static int64_t probe_started;

void start_probe(struct cell *cell, bool first) {
  struct message_number message = {.type = MSG_PROBE, .a = cell->host_port, .b = first ? getpid() : 0};
  __atomic_store_n(&probe_started, now_us(), __ATOMIC_RELEASE);
  send(cell->warden[0], &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Returns whether isolation holds. Emits the probe event; kills the run where it does not. */
static bool judge_probe(struct cell *cell, uint64_t reached, struct buf *state, bool first) {
  const char *changed = read_back(cell, state, first);
  reached = probe_confirm(cell, reached);
  json_open(&out, "probe");
  buf_format(&out, ",\"ok\":%s,\"reached\":[", reached || changed ? "false" : "true");
  int n = 0;
  for (int bit = 0; bit < probe_count(); bit++)
    if (reached >> bit & 1) buf_format(&out, "%s\"%s\"", n++ ? "," : "", probe_name(bit));
  buf_text(&out, "],\"changed\":[");
  if (changed) json_string(&out, changed, strlen(changed));
  buf_text(&out, "]");
  json_number(&out, "us", now_us() - probe_started);
  emit(&out);
  control_probed();
  if (reached || changed) control_kill(cell, changed ? "state" : "probe");
  return !reached && !changed;
}

/* ---- the warden ---- */
static bool started, ended;
static int end_status, exec_error;

static void start_program(struct cell *cell, const struct buf *state) {
  send_gateway_sockets(cell);
  json_open(&out, "ready");
  json_number(&out, "init", cell->init);
  buf_format(&out, ",\"effective\":{%s}", state->data ? state->data : "");
  emit(&out);
  emit_flush();
  if (control_wait_go()) session_main(cell);
  started = true;
}

/* Returns false at the end of its messages. */
static bool on_warden(struct cell *cell, int flags) {
  static union {
    char type;
    struct message_number number;
    struct message_probe probe;
    struct message_fail fail;
  } in;
  int fd;
  pid_t sender = 0;
  ssize_t n = recv_fd(cell->warden[0], &in, sizeof in, flags, &fd, &sender);
  if (n > 0 && in.type == MSG_MASTER) sessions_master(cell, (int)in.number.b, fd);
  if (fd >= 0) close(fd);
  if (n <= 0) return false;
  struct buf state = {0};
  if (in.type == MSG_GO) process_is_program(sender);
  if (in.type == MSG_GO && in.number.b) sessions_started(cell, (int)in.number.b, sender);
  else if (in.type == MSG_GO) {
    cell->agent_pidfd = (int)syscall(SYS_pidfd_open, sender, 0);
    __atomic_store_n(&cell->agent, sender, __ATOMIC_RELEASE);
  }
  if (in.type == MSG_FAIL && in.fail.session) {
    char text[200];
    snprintf(text, sizeof text, "the cell could not start it (%s): %s", in.fail.stage, in.fail.error == EAGAIN ? "it has as many processes as it may have" : strerror(in.fail.error));
    sessions_failed(cell, in.fail.session, text);
  }
  else if (in.type == MSG_FAIL) fail(in.fail.stage, in.fail.detail, in.fail.error); /* before exec: nothing ran */
  if (in.type == MSG_EXECFAIL && in.number.b) sessions_exec_failed((int)in.number.b, (int)in.number.a);
  else if (in.type == MSG_EXECFAIL) exec_error = (int)in.number.a;
  if (in.type == MSG_STOPPED) sessions_stopped(cell, (int)in.number.b);
  if (in.type == MSG_RENAME) {
    struct request r = {.id = (uint64_t)in.number.a};
    answer(&r, (int)in.number.b, 0);
  }
  if (in.type == MSG_LOSS) {
    json_open(&out, "loss");
    json_key(&out, "sensor", "probe");
    json_key(&out, "reason", in.number.a < 0 ? "the probe was killed" : "the probe could not start");
    json_number(&out, "count", 1);
    emit(&out);
    if (!started || in.number.a < 0) control_kill(cell, "probe");
    else judge_probe(cell, 0, &state, false); /* what can be seen from outside */
  }
  if (in.type == MSG_PROBE && started) judge_probe(cell, in.probe.reached, &state, false);
  else if (in.type == MSG_PROBE && judge_probe(cell, in.probe.reached, &state, true)) start_program(cell, &state);
  free(state.data);
  if (in.type == MSG_EXIT && in.number.b) sessions_ended(cell, (int)in.number.b, (int)in.number.a);
  else if (in.type == MSG_EXIT) {
    ended = true;
    end_status = (int)in.number.a;
    usage_at_end();
    end_cell(cell);
  }
  return true;
}

static void lost_warden(struct cell *cell) {
  epoll_ctl(cell->epoll, EPOLL_CTL_DEL, cell->warden[0], NULL);
  if (started && !ended) control_kill(cell, "warden");
  else end_cell(cell);
}

/* ---- the loop ---- */
static void prepare(struct cell *cell) {
  struct rlimit files;
  the_cell = cell;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) { /* a descriptor for each process and each connect that waits */
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  if (cell->kind == KIND_LANDLOCK) reduced_prepare();
  flow_init(cell);
  open_probe_listener(cell);
  clone_init(cell);
}

static void watch(struct cell *cell) {
  if (cell->kind == KIND_LANDLOCK) reduced_settle(cell);
  prctl(PR_SET_DUMPABLE, 0);
  if (cell->notify_fd >= 0) { /* 6.6: the answering thread hands its CPU to the asker */
    uint64_t wake = 1;
    ioctl(cell->notify_fd, _IOW('!', 4, uint64_t), wake);
  }
  cell->epoll = (int)TRY("epoll", "", epoll_create1(EPOLL_CLOEXEC));
  cell->wake = (int)TRY("eventfd", "", eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  emit_wakes(cell->wake);
  const struct {
    int fd;
    uint64_t tag;
  } watched[] = {{cell->notify_fd, TAG_NOTIFY}, {cell->warden[0], TAG_WARDEN}, {cell->init_pidfd, TAG_INIT}, {cell->wake, TAG_WAKE}};
  for (int i = 0; i < 4; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = watched[i].tag};
    if (watched[i].fd >= 0) TRY("epoll", "", epoll_ctl(cell->epoll, EPOLL_CTL_ADD, watched[i].fd, &event));
  }
  sessions_listen(cell);
  process_init(cell);
  files_init(cell);
  control_start(cell);
  if (cell->kind == KIND_LANDLOCK) reduced_lower(cell, true);
  start_probe(cell, true);
}

static void loop(struct cell *cell) {
  for (bool alive = true; alive;) {
    struct epoll_event events[32];
    int n = epoll_wait(cell->epoll, events, 32, emit_pending() ? 2 : -1);
    if (n == 0) emit_flush();
    for (int i = 0; i < n; i++) {
      uint64_t tag = events[i].data.u64, count;
      if (tag == TAG_NOTIFY) {
        if (events[i].events & EPOLLIN) on_notification();
        else watch_notifications(EPOLL_CTL_DEL, 0); /* EPOLLHUP: no task is left */
      } else if (tag == TAG_WARDEN) {
        if (!on_warden(cell, 0)) lost_warden(cell);
      } else if (tag == TAG_INIT) alive = false;
      else if (tag == TAG_GATEWAY) flow_channel_readable(cell);
      else if (tag == TAG_SESSIONS) sessions_accept(cell);
      else if (tag >= TAG_CLIENT) sessions_client(cell, (int)(tag - TAG_CLIENT));
      else if (tag != TAG_WAKE) process_ended((pid_t)tag, events[i].events & EPOLLHUP);
      else if (read(cell->wake, &count, sizeof count) > 0) {
        emit_flush();
        files_tell_losses(false);
        if (!control_frozen()) watch_notifications(EPOLL_CTL_MOD, EPOLLIN);
      }
    }
  }
}

int supervise(struct cell *cell) {
  int64_t begin = now_us();
  prepare(cell);
  if (cell->kind == KIND_CONFINED) return run_confined(cell);
  await_setup(cell);
  watch(cell);
  loop(cell);
  while (waitpid(cell->init, NULL, 0) < 0 && errno == EINTR);
  if (cell->kind == KIND_LANDLOCK) reduced_sweep(), reduced_lower(cell, false);
  while (on_warden(cell, MSG_DONTWAIT)); /* what it said before it went */
  if (!started && !control_kill_reason()) fail("set-up", "the cell ended before its program was started", ECHILD);
  sessions_end_all(cell);
  process_end_all();
  files_tell_losses(true);
  usage_last();
  relay_finish();
  if (!control_kill_reason()) control_memory_exhausted();
  remove_cgroups(cell->plan);
  json_open(&out, "done");
  const char *reason = control_kill_reason();
  if (exec_error) json_number(&out, "code", exec_error == ENOENT || exec_error == ENOTDIR ? 127 : 126);
  else if (ended && WIFSIGNALED(end_status)) json_number(&out, "signal", WTERMSIG(end_status));
  else if (ended) json_number(&out, "code", WEXITSTATUS(end_status));
  if (reason) json_key(&out, "reason", reason);
  else if (exec_error) json_key(&out, "reason", errno_name(exec_error));
  else if (!ended) json_key(&out, "reason", "init");
  json_number(&out, "us", now_us() - begin);
  emit(&out);
  emit_flush();
  return 0;
}
