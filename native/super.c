/* The supervisor: answers seccomp notifications, knows the processes, tells the controller. */
#include "rf.h"
#include <arpa/inet.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define TAG(n) ((n) | 1ull << 40) /* epoll tags that are no pids */
static struct cell *the_cell; /* one supervisor, one cell */
static struct buf out;

/* ---- answers ---- */
static void respond(const struct request *request, int error, int64_t value, unsigned flags) {
  control_wait_thawed(); /* a frozen cell gets no answers */
  struct seccomp_notif_resp response = {.id = request->id, .error = -error, .val = value, .flags = flags};
  if (ioctl(the_cell->notify_fd, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 && errno != ENOENT && errno != EINPROGRESS)
    control_kill(the_cell, "supervisor"); /* ENOENT: the asker died or was interrupted */
}

void answer(const struct request *request, int error, int64_t value) { respond(request, error, value, 0); }

/* Only where the call grants nothing that another layer does not check: see docs/decisions. */
void answer_continue(const struct request *request) { respond(request, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE); }

bool request_valid(const struct request *request) {
  return ioctl(the_cell->notify_fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &request->id) == 0;
}

ssize_t read_memory(pid_t tid, uint64_t address, void *buffer, size_t len) {
  struct iovec local = {buffer, len}, remote = {(void *)(uintptr_t)address, len};
  return process_vm_readv(tid, &local, 1, &remote, 1, 0);
}

/* Reads a string, page by page: what lies behind its end may not be mapped. */
ssize_t read_text(pid_t tid, uint64_t address, char *buffer, size_t size) {
  size_t len = 0;
  while (len < size - 1) {
    size_t part = 4096 - ((address + len) & 4095);
    if (part > size - 1 - len) part = size - 1 - len;
    ssize_t n = read_memory(tid, address + len, buffer + len, part);
    if (n <= 0) return -1;
    char *end = memchr(buffer + len, 0, (size_t)n);
    if (end) return end - buffer;
    len += (size_t)n;
  }
  buffer[len] = 0;
  return (ssize_t)len;
}

/* ---- processes ---- */
#define BUCKETS 1024
static struct process *table[BUCKETS];

static pid_t status_number(pid_t pid, const char *key) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (n <= 0) return 0;
  text[n] = 0;
  char *at = strstr(text, key);
  return at ? atoi(at + strlen(key)) : 0;
}

static struct process *find(pid_t pid) {
  struct process *p = table[(unsigned)pid % BUCKETS];
  while (p && p->pid != pid) p = p->next;
  return p;
}

struct process *process_of(pid_t tid, bool *is_thread) {
  *is_thread = false;
  struct process *p = find(tid);
  if (p) return p;
  pid_t pid = status_number(tid, "\nTgid:\t");
  if (!pid) return NULL;
  *is_thread = pid != tid;
  if ((p = find(pid))) return p;
  if (!(p = calloc(1, sizeof *p))) return NULL;
  p->pid = pid;
  p->ppid = status_number(pid, "\nPPid:\t");
  p->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
  /* Children of the warden are ours (probes, folder renames), but for the program itself. */
  p->internal = pid == the_cell->warden_pid || (p->ppid == the_cell->warden_pid && pid != the_cell->agent);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)pid};
  if (p->pidfd < 0 || epoll_ctl(the_cell->epoll, EPOLL_CTL_ADD, p->pidfd, &event) < 0) {
    if (p->pidfd >= 0) close(p->pidfd);
    free(p);
    return NULL;
  }
  p->next = table[(unsigned)pid % BUCKETS];
  table[(unsigned)pid % BUCKETS] = p;
  return p;
}

static void forget_image(struct process *p) {
  free(p->exe);
  free(p->argv_json);
  p->exe = p->argv_json = NULL;
}

void process_forget(pid_t pid) {
  for (struct process **at = &table[(unsigned)pid % BUCKETS]; *at; at = &(*at)->next)
    if ((*at)->pid == pid) {
      struct process *p = *at;
      *at = p->next;
      close(p->pidfd);
      forget_image(p);
      free(p);
      return;
    }
}

static void learn_image(struct process *p) {
  char path[64], text[8192];
  if (!p->exe) {
    snprintf(path, sizeof path, "/proc/%d/exe", p->pid);
    ssize_t n = readlink(path, text, sizeof text - 1);
    p->exe = strndup(text, n > 0 ? (size_t)n : 0);
  }
  if (p->argv_json) return;
  snprintf(path, sizeof path, "/proc/%d/cmdline", p->pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  struct buf list = {0};
  buf_text(&list, "[");
  for (ssize_t i = 0; i < n;) {
    size_t len = strnlen(text + i, (size_t)(n - i));
    buf_text(&list, i ? "," : "");
    json_string(&list, text + i, len);
    i += (ssize_t)len + 1;
  }
  buf_text(&list, "]");
  p->argv_json = list.data;
}

void json_owner(struct buf *b, const struct process *p, pid_t tid) {
  learn_image((struct process *)(uintptr_t)p);
  buf_format(b, ",\"pid\":%d,\"tid\":%d,\"ppid\":%d", p->pid, tid, p->ppid);
  json_key(b, "exe", p->exe ? p->exe : "");
  buf_text(b, ",\"argv\":");
  buf_text(b, p->argv_json ? p->argv_json : "[]");
}

/* struct pidfd_info, ioctl PIDFD_GET_INFO (Linux 6.13; exit code 6.15). */
static bool exit_status(int pidfd, int *status) {
  struct {
    uint64_t mask, cgroup;
    uint32_t ids[11];
    int32_t exit_code;
  } info = {.mask = 1u << 3};
  errno = 0;
  if (ioctl(pidfd, _IOWR(0xFF, 11, info), &info) < 0 || !(info.mask & (1u << 3))) return false;
  *status = info.exit_code;
  return true;
}

/* A zombie's status can be asked for only when its parent has collected it: then the pidfd says EPOLLHUP (6.15). */
static void on_process_end(pid_t pid, bool collected) {
  struct process *p = find(pid);
  if (!p) return;
  if (p->executed && !p->internal) {
    int status;
    struct epoll_event hangup_only = {.data.u64 = (uint64_t)pid};
    if (!collected && !exit_status(p->pidfd, &status) && errno != ENOTTY &&
        epoll_ctl(the_cell->epoll, EPOLL_CTL_MOD, p->pidfd, &hangup_only) == 0)
      return;
    json_open(&out, "exit");
    json_number(&out, "pid", pid);
    if (exit_status(p->pidfd, &status)) {
      if (WIFSIGNALED(status)) json_number(&out, "signal", WTERMSIG(status));
      else json_number(&out, "code", WEXITSTATUS(status));
    }
    emit(&out);
  }
  process_forget(pid);
}

/* ---- paths ---- */
static void normalise(char *path) { /* lexical: "." and ".." and "//" go; symlinks are not followed */
  char *to = path;
  for (char *p = path; *p;) {
    while (*p == '/') p++;
    size_t n = strcspn(p, "/");
    if (n == 2 && p[0] == '.' && p[1] == '.') {
      while (to > path && *--to != '/');
    } else if (n && !(n == 1 && *p == '.')) {
      *to++ = '/';
      memmove(to, p, n);
      to += n;
    }
    p += n;
  }
  if (to == path) *to++ = '/';
  *to = 0;
}

static bool full_path(pid_t tid, int dirfd, uint64_t address, char *path, size_t size) {
  char text[4096];
  ssize_t len = read_text(tid, address, text, sizeof text);
  if (len < 0) return false;
  size_t base = 0;
  if (text[0] != '/') {
    char link[64];
    if (dirfd == AT_FDCWD) snprintf(link, sizeof link, "/proc/%d/cwd", tid);
    else snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, dirfd);
    ssize_t n = readlink(link, path, size - 2);
    if (n < 0) return false;
    base = (size_t)n;
    path[base++] = '/';
  }
  snprintf(path + base, size - base, "%s", text);
  normalise(path);
  return true;
}

static bool below(const char *path, const char *folder) {
  size_t n = strlen(folder);
  return !strncmp(path, folder, n) && (path[n] == '/' || path[n] == 0);
}

static bool quiet(const char *path) {
  const struct plan *plan = the_cell->plan;
  if (below(path, plan_value(plan, "overlay", 0, "/"))) return false; /* the workspace may lie in such a folder */
  for (int i = 0; i < plan->count; i++)
    if (!strcmp(plan->ops[i].name, "quiet") && below(path, plan->ops[i].arg[0])) return true;
  return false;
}

/* ---- notifications ---- */
static void on_exec(const struct request *r, struct process *p) {
  char path[4096], cwd[4096], link[64];
  bool at = r->nr == SYS_execveat;
  if (!full_path(r->tid, at ? (int)r->args[0] : AT_FDCWD, r->args[at ? 1 : 0], path, sizeof path)) snprintf(path, sizeof path, "?");
  struct stat info; /* shells try one folder of PATH after the other */
  if (path[0] == '/' && fstatat(the_cell->root_fd, path + 1, &info, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT) return answer_continue(r);
  struct buf argv = {0};
  buf_text(&argv, "[");
  char text[4096];
  uint64_t pointers[64] = {0}, list = r->args[at ? 2 : 1];
  for (int i = 0; list && i < 64 && argv.len < 8192; i++) {
    if (read_memory(r->tid, list + 8u * (unsigned)i, &pointers[i], 8) != 8 || !pointers[i]) break;
    ssize_t n = read_text(r->tid, pointers[i], text, sizeof text);
    if (n < 0) break;
    buf_text(&argv, i ? "," : "");
    json_string(&argv, text, (size_t)n);
  }
  buf_text(&argv, "]");
  if (!request_valid(r)) {
    free(argv.data);
    return;
  }
  snprintf(link, sizeof link, "/proc/%d/cwd", r->tid);
  ssize_t n = readlink(link, cwd, sizeof cwd - 1);
  cwd[n > 0 ? n : 0] = 0;
  json_open(&out, "exec");
  buf_format(&out, ",\"pid\":%d,\"tid\":%d,\"ppid\":%d,\"argv\":%s", p->pid, r->tid, p->ppid, argv.data);
  json_key(&out, "path", path);
  json_key(&out, "cwd", cwd);
  emit(&out);
  forget_image(p);
  p->argv_json = argv.data;
  p->executed = true;
  answer_continue(r);
}

static void file_event(const struct request *r, struct process *p, const char *op, const char *path, const char *to, int flags) {
  if (quiet(path) && (!to || quiet(to))) return;
  json_open(&out, "file");
  json_key(&out, "op", op);
  json_key(&out, "path", path);
  if (to) json_key(&out, "to", to);
  if (flags) json_number(&out, "flags", flags);
  json_owner(&out, p, r->tid);
  emit(&out);
}

/* A folder of the overlay's lower layer cannot be renamed by an ordinary user's overlay (EXDEV): the warden does it. */
static bool rename_by_warden(const struct request *r, const char *from, const char *to, unsigned flags) {
  const char *workspace = plan_value(the_cell->plan, "overlay", 0, NULL);
  if (the_cell->privileged || !workspace || !below(from, workspace) || !below(to, workspace)) return false;
  struct stat info;
  if (fstatat(the_cell->root_fd, from + 1, &info, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(info.st_mode)) return false;
  static struct message_rename message;
  message = (struct message_rename){.type = MSG_RENAME, .id = r->id, .flags = flags};
  snprintf(message.from, sizeof message.from, "%s", from);
  snprintf(message.to, sizeof message.to, "%s", to);
  return request_valid(r) && send(the_cell->warden[0], &message, sizeof message, MSG_NOSIGNAL) == sizeof message;
}

static void on_file(const struct request *r, struct process *p, const char *op, int dirfd, int path_arg, int to_dirfd, int to_arg, int flags) {
  char path[8192], to[8192];
  bool known = full_path(r->tid, dirfd, r->args[path_arg], path, sizeof path);
  bool second = known && to_arg >= 0 && full_path(r->tid, to_dirfd, r->args[to_arg], to, sizeof to);
  if (known && request_valid(r)) {
    bool rename = !strcmp(op, "rename") && second;
    if (!p->internal) file_event(r, p, op, path, second ? to : NULL, flags);
    if (rename && !p->internal && rename_by_warden(r, path, to, (unsigned)flags)) return;
  }
  answer_continue(r);
}

static void on_denied(const struct request *r, struct process *p) {
  int error = EPERM;
  if (r->nr == SYS_socket) error = EAFNOSUPPORT;
  if (r->nr == SYS_sendto || r->nr == SYS_sendmsg || r->nr == SYS_sendmmsg) error = EOPNOTSUPP;
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
  bool is_thread;
  struct process *p = process_of(r->tid, &is_thread);
  const uint64_t *a = r->args;
  if (!p) return answer(r, EPERM, 0); /* gone, or too many: fails closed */
  int flags;
  switch (r->nr) {
    case SYS_connect: return on_connect(the_cell, r, p);
    case SYS_execve:
    case SYS_execveat: return on_exec(r, p);
    case SYS_openat:
      flags = (int)a[2];
      return on_file(r, p, flags & O_CREAT ? "create" : "write", (int)a[0], 1, 0, -1, flags);
    case SYS_renameat2: return on_file(r, p, "rename", (int)a[0], 1, (int)a[2], 3, (int)a[4]);
    case SYS_unlinkat: return on_file(r, p, (int)a[2] & AT_REMOVEDIR ? "rmdir" : "unlink", (int)a[0], 1, 0, -1, 0);
    case SYS_mkdirat: return on_file(r, p, "mkdir", (int)a[0], 1, 0, -1, 0);
    case SYS_linkat: return on_file(r, p, "link", (int)a[0], 1, (int)a[2], 3, 0);
    case SYS_symlinkat: return on_file(r, p, "symlink", (int)a[1], 2, 0, -1, 0);
    case SYS_truncate: return on_file(r, p, "truncate", AT_FDCWD, 0, 0, -1, 0);
#ifdef SYS_renameat
    case SYS_renameat: return on_file(r, p, "rename", (int)a[0], 1, (int)a[2], 3, 0);
#endif
#ifdef SYS_open /* absent on newer architectures */
    case SYS_open:
      flags = (int)a[1];
      return on_file(r, p, flags & O_CREAT ? "create" : "write", AT_FDCWD, 0, 0, -1, flags);
    case SYS_creat: return on_file(r, p, "create", AT_FDCWD, 0, 0, -1, 0);
    case SYS_rename: return on_file(r, p, "rename", AT_FDCWD, 0, AT_FDCWD, 1, 0);
    case SYS_unlink: return on_file(r, p, "unlink", AT_FDCWD, 0, 0, -1, 0);
    case SYS_rmdir: return on_file(r, p, "rmdir", AT_FDCWD, 0, 0, -1, 0);
    case SYS_mkdir: return on_file(r, p, "mkdir", AT_FDCWD, 0, 0, -1, 0);
    case SYS_link: return on_file(r, p, "link", AT_FDCWD, 0, AT_FDCWD, 1, 0);
    case SYS_symlink: return on_file(r, p, "symlink", AT_FDCWD, 1, 0, -1, 0);
#endif
    default: return on_denied(r, p);
  }
}

static void on_notification(void) {
  struct seccomp_notif notif = {0};
  if (ioctl(the_cell->notify_fd, SECCOMP_IOCTL_NOTIF_RECV, &notif) < 0) {
    if (errno == EINTR || errno == ENOENT || errno == EAGAIN) return;
    epoll_ctl(the_cell->epoll, EPOLL_CTL_DEL, the_cell->notify_fd, NULL);
    return;
  }
  struct request r = {.id = notif.id, .tid = (pid_t)notif.pid, .nr = notif.data.nr};
  memcpy(r.args, notif.data.args, sizeof r.args);
  dispatch(&r);
}

/* ---- start ---- */
static void await_setup(struct cell *cell) {
  union {
    char type;
    struct message_fail fail;
    struct message_number number;
  } in;
  int *const slots[] = {&cell->sockets.dns_udp, &cell->sockets.dns_tcp, &cell->sockets.tcp4,
                        &cell->sockets.tcp6,    &cell->sockets.udp4,    &cell->sockets.udp6};
  uint16_t *const ports[] = {NULL, NULL, &cell->port4, &cell->port6, &cell->uport4, &cell->uport6};
  for (int i = 0; i < 6; i++) *slots[i] = -1;
  for (;;) {
    int fd;
    pid_t sender = 0;
    ssize_t n = recv_fd(cell->sync[0], &in, sizeof in, &fd, &sender);
    if (n <= 0) fail("set-up", "the process that prepares the cell died", n < 0 ? errno : ECHILD);
    if (in.type == MSG_FAIL) fail(in.fail.stage, in.fail.detail, in.fail.error);
    if (in.type == MSG_NETWORK && in.number.a < 6) {
      socklen_t len = sizeof cell->netns_cookie;
      if (getsockopt(fd, SOL_SOCKET, RF_SO_NETNS_COOKIE, &cell->netns_cookie, &len) < 0) fail("network-cookie", "", errno);
      *slots[in.number.a] = fd;
      if (ports[in.number.a]) *ports[in.number.a] = (uint16_t)in.number.b;
    }
    if (in.type == MSG_PROC) {
      cell->proc_fd = fd;
      cell->root_fd = (int)TRY("open-view", "", openat(fd, "..", O_PATH | O_CLOEXEC));
    }
    if (in.type == MSG_LISTENER) {
      cell->notify_fd = fd;
      cell->warden_pid = sender;
      cell->landlock_abi = (int)in.number.a;
      return;
    }
  }
}

static void open_probe_listener(struct cell *cell) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof at;
  cell->probe_listener = (int)TRY("probe-listener", "", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  TRY("probe-listener", "", bind(cell->probe_listener, (struct sockaddr *)&at, len));
  TRY("probe-listener", "", listen(cell->probe_listener, 16));
  TRY("probe-listener", "", getsockname(cell->probe_listener, (struct sockaddr *)&at, &len));
  cell->host_port = ntohs(at.sin_port);
}

static int64_t probe_started;

static void start_probe(struct cell *cell, bool first) {
  struct message_number message = {.type = MSG_PROBE, .a = cell->host_port, .b = first ? getpid() : 0};
  probe_started = now_us();
  send(cell->warden[0], &message, sizeof message, MSG_NOSIGNAL);
}

/* Returns whether isolation holds. Emits the probe event; kills the run where it does not. */
static bool judge_probe(struct cell *cell, uint64_t reached, struct buf *state, bool first) {
  const char *changed = read_back(cell, state, first);
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
  if (reached || changed) control_kill(cell, changed ? "state" : "probe");
  return !reached && !changed;
}

static void send_gateway_sockets(struct cell *cell) {
  int pair[2];
  if (cell->sockets.tcp4 < 0) return;
  TRY("socketpair", "gateway", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  flow_init(cell, pair[0]);
  flow_pin_plan(cell->plan);
  control_send_handle("channel", "net.Socket", "", pair[1]);
  close(pair[1]);
  control_send_handle("dns-udp", "dgram.Socket", ",\"dgramType\":\"udp4\"", cell->sockets.dns_udp);
  control_send_handle("dns-tcp", "net.Server", "", cell->sockets.dns_tcp);
  control_send_handle("tcp4", "net.Server", "", cell->sockets.tcp4);
  control_send_handle("udp4", "dgram.Socket", ",\"dgramType\":\"udp4\"", cell->sockets.udp4);
  if (cell->sockets.tcp6 >= 0) control_send_handle("tcp6", "net.Server", "", cell->sockets.tcp6);
  if (cell->sockets.udp6 >= 0) control_send_handle("udp6", "dgram.Socket", ",\"dgramType\":\"udp6\"", cell->sockets.udp6);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = TAG(3)};
  TRY("epoll", "", epoll_ctl(cell->epoll, EPOLL_CTL_ADD, pair[0], &event));
}

static void clone_init(struct cell *cell) {
  int on = 1;
  TRY("socketpair", "sync", socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, cell->sync));
  TRY("socketpair", "warden", socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, cell->warden));
  TRY("socketpair", "init", socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, cell->init_command));
  TRY("credentials", "", setsockopt(cell->sync[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
  TRY("credentials", "", setsockopt(cell->warden[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
  for (int i = 0; i < 3 && cell->kind == KIND_CELL; i++) {
    TRY("pipe", "stdio", pipe2(cell->stdio[i], O_CLOEXEC));
    if (cell->privileged) TRY("pipe-owner", "stdio", fchown(cell->stdio[i][0], cell->outside_uid, cell->outside_gid));
  }
  struct stat one, two; /* where stdout and stderr are one file, their order is kept */
  if (cell->kind == KIND_CELL && !fstat(1, &one) && !fstat(2, &two) && one.st_dev == two.st_dev && one.st_ino == two.st_ino) {
    TRY("pipe", "stdio", dup3(cell->stdio[1][1], cell->stdio[2][1], O_CLOEXEC));
    close(cell->stdio[2][0]);
    cell->stdio[2][0] = -1;
  }
  unsigned long flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | SIGCHLD;
  if (cell->kind == KIND_CELL && !sabotage("network")) flags |= CLONE_NEWNET;
  if (cell->privileged) make_id_maps(cell);
  if (cell->privileged) cell->userns_fd = make_userns(cell->inside_uid, cell->inside_gid, cell->outside_uid, cell->outside_gid);
  else flags |= CLONE_NEWUSER;
  cell->init = (pid_t)TRY("namespaces", "", syscall(SYS_clone, flags, 0L, 0L, 0L, 0L));
  if (cell->init == 0) {
    close(cell->sync[0]);
    close(cell->warden[0]);
    close(cell->init_command[0]);
    for (int i = 0; i < 3 && cell->kind == KIND_CELL; i++)
      if (cell->stdio[i][i == 0] >= 0) close(cell->stdio[i][i == 0]);
    if (cell->kind == KIND_CELL) close(CONTROL_FD);
    setup_child(cell);
  }
  close(cell->sync[1]);
  close(cell->warden[1]);
  close(cell->init_command[1]);
  for (int i = 0; i < 3 && cell->kind == KIND_CELL; i++) close(cell->stdio[i][i != 0]);
  cell->init_pidfd = (int)TRY("pidfd", "init", syscall(SYS_pidfd_open, cell->init, 0));
  if (!cell->privileged) {
    char text[64];
    snprintf(text, sizeof text, "%u %u 1", cell->inside_uid, cell->outside_uid);
    write_map(cell->init, "uid_map", text);
    write_map(cell->init, "setgroups", "deny");
    snprintf(text, sizeof text, "%u %u 1", cell->inside_gid, cell->outside_gid);
    write_map(cell->init, "gid_map", text);
  }
  for (int i = 0; i < cell->plan->count; i++) {
    const struct op *op = &cell->plan->ops[i];
    char path[4096], pid[16];
    if (strcmp(op->name, "cgroup")) continue;
    snprintf(path, sizeof path, "%s/cgroup.procs", op->arg[0]);
    int fd = (int)TRY("cgroup", path, open(path, O_WRONLY | O_CLOEXEC));
    TRY("cgroup", path, write(fd, pid, (size_t)snprintf(pid, sizeof pid, "%d", cell->init)));
    close(fd);
  }
  TRY("go", "", send(cell->sync[0], (char[]){MSG_GO}, 1, MSG_NOSIGNAL));
}

static void remove_cgroups(const struct plan *plan) {
  for (int i = 0; i < plan->count; i++)
    if (!strcmp(plan->ops[i].name, "cgroup"))
      for (int tries = 0; tries < 100 && rmdir(plan->ops[i].arg[0]) < 0 && errno == EBUSY; tries++) usleep(1000);
}

/* A helper process such as the gateway: confined, no supervisor. Its exit code is ours. */
static int run_confined(struct cell *cell) {
  union {
    char type;
    struct message_fail fail;
  } in;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int fd, status;
  ssize_t n = recv_fd(cell->sync[0], &in, sizeof in, &fd, NULL);
  if (n > 0 && in.type == MSG_FAIL) {
    dprintf(2, "%s %s: %s\n", in.fail.stage, in.fail.detail, strerror(in.fail.error));
    _exit(125);
  }
  close(CONTROL_FD); /* the channel belongs to the helper alone */
  while (waitpid(cell->init, &status, 0) < 0 && errno == EINTR);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- the loop ---- */
static bool started, ended;
static int end_status, exec_error;

static void on_warden(struct cell *cell) {
  static union {
    char type;
    struct message_number number;
    struct message_probe probe;
    struct message_rename rename;
    struct message_fail fail;
  } in;
  int fd;
  pid_t sender = 0;
  ssize_t n = recv_fd(cell->warden[0], &in, sizeof in, &fd, &sender);
  if (fd >= 0) close(fd);
  if (n <= 0) {
    epoll_ctl(cell->epoll, EPOLL_CTL_DEL, cell->warden[0], NULL);
    if (!ended) control_kill(cell, "warden");
    return;
  }
  struct buf state = {0};
  if (in.type == MSG_GO) cell->agent = sender, process_forget(sender);
  if (in.type == MSG_EXECFAIL) exec_error = (int)in.number.a;
  if (in.type == MSG_RENAME) {
    struct request r = {.id = in.rename.id};
    answer(&r, in.rename.result, 0);
  }
  if (in.type == MSG_FAIL) {
    json_open(&out, "loss");
    json_key(&out, "sensor", "probe");
    json_key(&out, "reason", "the probe could not start");
    json_number(&out, "count", 1);
    emit(&out);
  }
  if (in.type == MSG_PROBE && started) judge_probe(cell, in.probe.reached, &state, false);
  if (in.type == MSG_PROBE && !started) {
    bool holds = judge_probe(cell, in.probe.reached, &state, true);
    if (holds) {
      send_gateway_sockets(cell);
      json_open(&out, "ready");
      json_number(&out, "init", cell->init);
      buf_format(&out, ",\"effective\":{%s}", state.data ? state.data : "");
      emit(&out);
      emit_flush();
      struct message_number message = {.type = MSG_EXEC};
      if (control_wait_go()) send(cell->warden[0], &message, sizeof message, MSG_NOSIGNAL);
      started = true;
      relay_start(cell);
    }
  }
  free(state.data);
  if (in.type == MSG_EXIT) {
    ended = true;
    end_status = (int)in.number.a;
    control_sample(cell);
    syscall(SYS_pidfd_send_signal, cell->init_pidfd, SIGKILL, NULL, 0);
  }
}

int supervise(struct cell *cell) {
  the_cell = cell;
  int64_t begin = now_us();
  open_probe_listener(cell);
  clone_init(cell);
  if (cell->kind == KIND_CONFINED) return run_confined(cell);
  await_setup(cell);
  prctl(PR_SET_DUMPABLE, 0);
  if (cell->notify_fd >= 0) { /* 6.6: the answering thread hands its CPU to the asker */
    uint64_t wake = 1;
    ioctl(cell->notify_fd, _IOW('!', 4, uint64_t), wake);
  }
  cell->epoll = (int)TRY("epoll", "", epoll_create1(EPOLL_CLOEXEC));
  const struct {
    int fd;
    uint64_t tag;
  } watched[] = {{cell->notify_fd, 0}, {cell->warden[0], 1}, {cell->init_pidfd, 2}};
  for (int i = 0; i < 3; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = TAG(watched[i].tag)};
    if (watched[i].fd >= 0) TRY("epoll", "", epoll_ctl(cell->epoll, EPOLL_CTL_ADD, watched[i].fd, &event));
  }
  control_start(cell);
  start_probe(cell, true);
  for (bool alive = true; alive;) {
    struct epoll_event events[32];
    int n = epoll_wait(cell->epoll, events, 32, emit_pending() ? 2 : -1);
    if (n == 0) emit_flush();
    for (int i = 0; i < n; i++) {
      uint64_t tag = events[i].data.u64;
      if (tag == TAG(0)) {
        if (events[i].events & EPOLLIN) on_notification();
        else epoll_ctl(cell->epoll, EPOLL_CTL_DEL, cell->notify_fd, NULL); /* EPOLLHUP: no task is left */
      } else if (tag == TAG(1)) on_warden(cell);
      else if (tag == TAG(2)) alive = false;
      else if (tag == TAG(3)) flow_channel_readable(cell);
      else on_process_end((pid_t)tag, events[i].events & EPOLLHUP);
    }
  }
  while (waitpid(cell->init, NULL, 0) < 0 && errno == EINTR);
  for (int i = 0; i < BUCKETS; i++) /* what ended together with the cell still gets its exit event */
    while (table[i]) on_process_end(table[i]->pid, true);
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
