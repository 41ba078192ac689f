/* The programs that run in the cell by an operator's wish: the one of the plan, and those that `ringfence exec` adds. The
 * supervisor listens on a Unix socket of the operator's alone; a client gets the outer ends of its program's streams. */
#include "terminal.h"
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

static struct session {
  int number; /* none comes twice; 0: the place is free */
  bool granted;
  int client;          /* -1: it hung up */
  int given[MAX_FDS], count; /* the client's ends, until it is told */
  pid_t program;
  int pidfd;
  int exec_error;
} sessions[MAX_SESSIONS];
static int listener = -1, last_number;
static struct buf out;

static struct session *find(int number) {
  for (int i = 0; i < MAX_SESSIONS; i++)
    if (number > 0 && sessions[i].number == number) return &sessions[i];
  return NULL;
}

/* ---- the plan's program ---- */
static bool plan_terminal(const struct plan *plan, int stream) {
  char digit[] = {(char)('0' + stream), 0};
  return flag_in(plan_value(plan, "terminal", 0, ""), digit);
}

void session_main(struct cell *cell) {
  static struct wanted wanted = {.type = MSG_EXEC};
  int slave = -1;
  for (int i = 0; i < 3; i++)
    if (plan_terminal(cell->plan, i)) wanted.terminal |= 1u << i;
  if (!strcmp(plan_value(cell->plan, "terminal", 1, ""), "clipboard")) relay_allow_clipboard();
  if (wanted.terminal) terminal_describe(&wanted);
  if (wanted.terminal && cell->kind == KIND_LANDLOCK) slave = reduced_terminal(cell, 0);
  wanted.passed = slave >= 0;
  TRY("start-program", "", send_fds(cell->warden[0], &wanted, WANTED_SIZE(&wanted), &slave, slave >= 0) ? 0 : -1);
  if (slave >= 0) close(slave);
  for (int i = 0; i < 3; i++)
    if (wanted.terminal >> i & 1 && cell->stdio[i][i == 0] >= 0) {
      close(cell->stdio[i][i == 0]);
      cell->stdio[i][i == 0] = -1;
    }
  relay_start(cell);
}

static void tell_stopped(void) {
  struct buf own = {0};
  json_open(&own, "suspend");
  emit(&own);
  free(own.data);
}

static void tell_resumed(void) {
  struct buf own = {0};
  json_open(&own, "resume");
  emit(&own);
  free(own.data);
}

/* ---- clients ---- */
void sessions_listen(struct cell *cell) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  const char *path = plan_value(cell->plan, "sessions", 0, NULL);
  if (!path) return;
  if (strlen(path) >= sizeof at.sun_path) fail("sessions", path, ENAMETOOLONG);
  strcpy(at.sun_path, path);
  unlink(path);
  listener = (int)TRY("sessions", path, socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  mode_t before = umask(0177);
  TRY("sessions", path, bind(listener, (struct sockaddr *)&at, sizeof at));
  umask(before);
  TRY("sessions", path, listen(listener, 16));
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = TAG_SESSIONS};
  TRY("epoll", "", epoll_ctl(cell->epoll, EPOLL_CTL_ADD, listener, &event));
}

static void reply(int client, char type, int number, bool failed, const char *text, const int *fds, int count) {
  struct client_message message = {.type = type, .number = number, .failed = failed};
  snprintf(message.text, sizeof message.text, "%s", text);
  if (client >= 0) send_fds(client, &message, sizeof message, fds, count);
}

static void close_all(int *fds, int *count) {
  for (int i = 0; i < *count; i++)
    if (fds[i] >= 0) close(fds[i]);
  *count = 0;
}

static void drop(struct cell *cell, struct session *s) {
  if (s->client >= 0) {
    epoll_ctl(cell->epoll, EPOLL_CTL_DEL, s->client, NULL);
    close(s->client);
  }
  close_all(s->given, &s->count);
  s->client = -1;
}

static void forget(struct cell *cell, struct session *s) {
  drop(cell, s);
  if (s->pidfd >= 0) close(s->pidfd);
  s->number = 0;
}

void sessions_accept(struct cell *cell) {
  int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), slot = 0;
  struct ucred who;
  socklen_t len = sizeof who;
  if (client < 0) return;
  if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0 || (who.uid != 0 && who.uid != getuid())) {
    close(client); /* the folder's mode says so already */
    return;
  }
  while (slot < MAX_SESSIONS && sessions[slot].number) slot++;
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = TAG_CLIENT + (uint64_t)slot};
  if (slot == MAX_SESSIONS || !control_running()) {
    reply(client, CLIENT_REFUSED, 0, false, slot == MAX_SESSIONS ? "too many sessions are open in this run" : "the run has not started, or is ending", NULL, 0);
    close(client);
    return;
  }
  sessions[slot] = (struct session){.number = ++last_number, .client = client, .pidfd = -1};
  epoll_ctl(cell->epoll, EPOLL_CTL_ADD, client, &event);
}

/* Pipes for what is no terminal: [0] the program's end, [1] the client's. */
static bool make_pipes(struct cell *cell, const struct wanted *w, struct session *s, int *inner, int *count) {
  for (int i = 0; i < 3; i++) {
    int ends[2];
    if (w->terminal >> i & 1 || (i == 2 && w->joined)) continue;
    if (pipe2(ends, O_CLOEXEC) < 0) return false;
    inner[(*count)++] = ends[i != 0];
    s->given[s->count++] = ends[i == 0];
    if (cell->privileged && fchown(ends[0], cell->outside_uid, cell->outside_gid) < 0) return false;
  }
  return true;
}

static void record_open(const struct wanted *w) {
  json_open(&out, "session");
  json_number(&out, "session", w->session);
  buf_format(&out, ",\"terminal\":%s,\"command\":[", w->terminal ? "true" : "false");
  for (uint32_t i = 0; i < w->length; i += (uint32_t)strlen(w->command + i) + 1) {
    buf_text(&out, i ? "," : "");
    json_string(&out, w->command + i, strlen(w->command + i));
  }
  buf_text(&out, "]");
  emit(&out);
}

static void begin(struct cell *cell, struct session *s, struct wanted *w) {
  int inner[MAX_FDS], count = 0;
  w->session = s->number;
  w->passed = false;
  w->term[sizeof w->term - 1] = 0;
  w->terminal &= 7;
  record_open(w); /* before it is executed */
  emit_flush();
  bool made = make_pipes(cell, w, s, inner, &count);
  if (made && w->terminal && cell->kind == KIND_LANDLOCK) {
    int slave = reduced_terminal(cell, s->number);
    w->passed = made = slave >= 0;
    if (made) inner[count++] = slave;
  }
  bool sent = made && send_fds(cell->warden[0], w, WANTED_SIZE(w), inner, count);
  close_all(inner, &count);
  if (!sent) sessions_failed(cell, s->number, made ? "the cell takes no program at this moment; is it frozen?" : "there are no more descriptors or terminals");
}

static void signal_session(const struct session *s, int number) {
  if (s->program <= 0 || number <= 0 || number > 64) return;
  if (syscall(SYS_pidfd_send_signal, s->pidfd, 0, NULL, 0) < 0) return;
  kill(-s->program, number);
}

/* A client is the operator's own program, but whatever it sends is looked at as if it were not. */
void sessions_client(struct cell *cell, int slot) {
  static struct wanted w;
  struct session *s = &sessions[slot];
  if (!s->number || s->client < 0) return;
  ssize_t n = recv(s->client, &w, sizeof w, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) { /* its program loses its terminal */
    struct message_number message = {.type = MSG_HANGUP, .b = s->number};
    if (s->granted) send(cell->warden[0], &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (s->granted) drop(cell, s);
    else forget(cell, s);
    return;
  }
  if (w.type == MSG_EXEC && !s->granted && (size_t)n >= offsetof(struct wanted, command) && w.length && w.length <= MAX_COMMAND &&
      (size_t)n == WANTED_SIZE(&w) && w.command[w.length - 1] == 0) {
    if (control_frozen()) {
      reply(s->client, CLIENT_REFUSED, 0, false, "the cell is frozen, or its run suspended, and starts nothing; to let it go on: ringfence thaw", NULL, 0);
      return forget(cell, s);
    }
    s->granted = true;
    return begin(cell, s, &w);
  }
  struct client_message message;
  if ((size_t)n == sizeof message) {
    memcpy(&message, &w, sizeof message);
    if (message.type == CLIENT_SIGNAL) signal_session(s, message.number);
  }
}

/* ---- what the warden and the leaders say ---- */
void sessions_master(struct cell *cell, int session, int fd) {
  (void)cell;
  unsigned number;
  if (fd < 0 || ioctl(fd, TIOCGPTN, &number) < 0) return; /* no pty's master: nothing is made of it */
  if (session == 0) return relay_start_terminal(fcntl(fd, F_DUPFD_CLOEXEC, 3), 0, 1, tell_stopped, tell_resumed);
  struct session *s = find(session);
  if (s && s->count < MAX_FDS) s->given[s->count++] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

void sessions_started(struct cell *cell, int session, pid_t program) {
  struct session *s = find(session);
  (void)cell;
  if (!s) return;
  s->program = program;
  s->pidfd = (int)syscall(SYS_pidfd_open, program, 0);
  reply(s->client, CLIENT_GRANTED, 0, false, "", s->given, s->count);
  close_all(s->given, &s->count); /* the client's alone: its death is a hang-up */
}

void sessions_stopped(struct cell *cell, int session) {
  struct session *s = find(session);
  (void)cell;
  if (session == 0) relay_pause();
  else if (s) reply(s->client, CLIENT_STOPPED, 0, false, "", NULL, 0);
}

void sessions_exec_failed(int session, int error) {
  struct session *s = find(session);
  if (s) s->exec_error = error;
}

void sessions_ended(struct cell *cell, int session, int status) {
  struct session *s = find(session);
  if (!s) return;
  int error = s->exec_error;
  reply(s->client, CLIENT_ENDED, error ? error : status, error != 0, "", NULL, 0);
  json_open(&out, "session-end");
  json_number(&out, "session", session);
  if (error) json_number(&out, "code", error == ENOENT || error == ENOTDIR ? 127 : 126);
  else if (WIFSIGNALED(status)) json_number(&out, "signal", WTERMSIG(status));
  else json_number(&out, "code", WEXITSTATUS(status));
  emit(&out);
  forget(cell, s);
}

void sessions_failed(struct cell *cell, int session, const char *text) {
  struct session *s = find(session);
  if (!s) return;
  reply(s->client, CLIENT_REFUSED, 0, false, text, NULL, 0);
  s->exec_error = ENOEXEC;
  sessions_ended(cell, session, 0);
}

void sessions_end_all(struct cell *cell) { /* the cell is gone, and with it what ran in it */
  for (int i = 0; i < MAX_SESSIONS; i++)
    if (sessions[i].number) sessions_ended(cell, sessions[i].number, SIGKILL);
  const char *path = plan_value(cell->plan, "sessions", 0, NULL);
  if (path && listener >= 0) unlink(path);
}
