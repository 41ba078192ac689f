/* From a plan to a cell that waits for its program: descriptors, namespaces, maps, control groups. */
#include "terminal.h"
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define SETUP_DEADLINE 60000 /* milliseconds between two signs of life: a file system of the view may hang */
static struct cell *the_cell;

void open_probe_listener(struct cell *cell) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof at;
  cell->probe_listener = (int)TRY("probe-listener", "", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  TRY("probe-listener", "", bind(cell->probe_listener, (struct sockaddr *)&at, len));
  TRY("probe-listener", "", listen(cell->probe_listener, 16));
  TRY("probe-listener", "", getsockname(cell->probe_listener, (struct sockaddr *)&at, &len));
  cell->host_port = ntohs(at.sin_port);
}

void await_setup(struct cell *cell) {
  union {
    char type;
    struct message_fail fail;
    struct message_number number;
  } in;
  for (;;) {
    struct pollfd waited[2] = {{.fd = cell->sync[0], .events = POLLIN}, {.fd = CONTROL_FD, .events = POLLRDHUP}};
    int ready = poll(waited, 2, SETUP_DEADLINE);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) fail("set-up", "no progress", ETIMEDOUT);
    if (waited[1].revents & (POLLHUP | POLLRDHUP | POLLERR)) fail("set-up", "the controller is gone", EPIPE);
    int fd;
    pid_t sender = 0;
    ssize_t n = recv_fd(cell->sync[0], &in, sizeof in, 0, &fd, &sender);
    if (n <= 0) fail("set-up", "the process that prepares the cell died", n < 0 ? errno : ECHILD);
    if (in.type == MSG_FAIL) fail(in.fail.stage, in.fail.detail, in.fail.error);
    if (in.type == MSG_NETWORK) {
      socklen_t len = sizeof cell->netns_cookie;
      TRY("network-cookie", "", getsockopt(fd, SOL_SOCKET, RF_SO_NETNS_COOKIE, &cell->netns_cookie, &len));
      if (in.number.a < 0 || in.number.a >= SOCKETS) {
        close(fd); /* the gateway is off: only the namespace's cookie was wanted */
        continue;
      }
      cell->sockets[in.number.a] = fd;
      cell->ports[in.number.a] = (uint16_t)in.number.b;
    }
    if (in.type == MSG_PROC) {
      cell->proc_fd = fd;
      cell->root_fd = (int)TRY("open-view", "", openat(fd, "..", O_PATH | O_CLOEXEC));
    }
    if (in.type == MSG_LISTENER) {
      cell->notify_fd = fd;
      cell->warden_pid = sender;
      cell->landlock_abi = (int)in.number.a;
      char path[64]; /* held to the end: taking a mount namespace down takes 7 ms, which init's death then need not wait for */
      snprintf(path, sizeof path, "/proc/%d/ns/mnt", sender);
      open(path, O_RDONLY | O_CLOEXEC);
      return;
    }
  }
}

/* Bare handles (Native): a server or socket would accept and read in the controller until it has passed them on. */
void send_gateway_sockets(struct cell *cell) {
  static const struct {
    const char *name, *type, *extra;
  } handles[SOCKETS] = {{"dns-udp", "dgram.Native", ""}, {"dns-tcp", "net.Native", ""}, {"tcp4", "net.Native", ""},
                        {"tcp6", "net.Native", ""}, {"udp4", "dgram.Native", ""}, {"udp6", "dgram.Native", ""}};
  int pair[2];
  if (cell->sockets[TCP4] < 0) return;
  TRY("socketpair", "gateway", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  TRY("socketpair", "gateway", fcntl(pair[1], F_SETFL, O_NONBLOCK));
  flow_channel(cell, pair[0]);
  control_send_handle("channel", "net.Native", "", pair[1]);
  for (int i = 0; i < SOCKETS; i++)
    if (cell->sockets[i] >= 0) control_send_handle(handles[i].name, handles[i].type, handles[i].extra, cell->sockets[i]);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = TAG_GATEWAY};
  TRY("epoll", "", epoll_ctl(cell->epoll, EPOLL_CTL_ADD, pair[0], &event));
}

/* Nothing is left when the launcher says that the set-up failed. */
static void abandon(void) {
  if (the_cell->init > 0) {
    kill(the_cell->init, SIGKILL);
    while (waitpid(the_cell->init, NULL, 0) < 0 && errno == EINTR);
  }
  remove_cgroups(the_cell->plan);
}

static void map_ids(struct cell *cell) {
  char text[64];
  snprintf(text, sizeof text, "%u %u 1", cell->inside_uid, cell->outside_uid);
  write_map(cell->init, "uid_map", text);
  write_map(cell->init, "setgroups", "deny");
  snprintf(text, sizeof text, "%u %u 1", cell->inside_gid, cell->outside_gid);
  write_map(cell->init, "gid_map", text);
  snprintf(text, sizeof text, "/proc/%d/ns/user", cell->init);
  cell->userns_fd = (int)TRY("open-userns", text, open(text, O_RDONLY | O_CLOEXEC));
}

static void enter_cgroups(struct cell *cell) {
  for (int i = 0; i < cell->plan->count; i++) {
    const struct op *op = &cell->plan->ops[i];
    char path[4200], pid[16];
    if (strcmp(op->name, "cgroup")) continue;
    snprintf(path, sizeof path, "%s/cgroup.procs", op->arg[0]);
    int fd = (int)TRY("cgroup", path, open(path, O_WRONLY | O_CLOEXEC));
    TRY("cgroup", path, write(fd, pid, (size_t)snprintf(pid, sizeof pid, "%d", cell->init)));
    close(fd);
  }
}

void clone_init(struct cell *cell) {
  int on = 1;
  the_cell = cell;
  fail_undoes(abandon);
  TRY("socketpair", "sync", socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, cell->sync));
  TRY("socketpair", "warden", socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, cell->warden));
  TRY("socketpair", "init", socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, cell->init_command));
  TRY("credentials", "", setsockopt(cell->sync[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
  TRY("credentials", "", setsockopt(cell->warden[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
  for (int i = 0; i < 3 && cell->kind != KIND_CONFINED; i++) {
    TRY("pipe", "stdio", pipe2(cell->stdio[i], O_CLOEXEC));
    if (cell->privileged) TRY("pipe-owner", "stdio", fchown(cell->stdio[i][0], cell->outside_uid, cell->outside_gid));
  }
  struct stat one, two; /* where stdout and stderr are one file, their order is kept */
  if (cell->kind != KIND_CONFINED && !fstat(1, &one) && !fstat(2, &two) && one.st_dev == two.st_dev && one.st_ino == two.st_ino) {
    TRY("pipe", "stdio", dup3(cell->stdio[1][1], cell->stdio[2][1], O_CLOEXEC));
    close(cell->stdio[2][0]);
    cell->stdio[2][0] = -1;
  }
  bool reduced = cell->kind == KIND_LANDLOCK;
  unsigned long flags = SIGCHLD | (reduced ? 0 : CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS);
  if (cell->kind == KIND_CELL && !sabotage("network")) flags |= CLONE_NEWNET;
  if (cell->privileged && !reduced) make_id_maps(cell);
  if (reduced) cell->userns_fd = -1;
  else if (cell->privileged) cell->userns_fd = make_userns(cell->inside_uid, cell->inside_gid, cell->outside_uid, cell->outside_gid);
  else flags |= CLONE_NEWUSER;
  struct stat network;
  TRY("network-namespace", "", stat("/proc/self/ns/net", &network));
  cell->host_network = network.st_ino;
  cell->init = (pid_t)TRY("namespaces", "", syscall(SYS_clone, flags, 0L, 0L, 0L, 0L));
  if (cell->init == 0) {
    close(cell->sync[0]);
    close(cell->warden[0]);
    close(cell->init_command[0]);
    close(cell->probe_listener);
    terminal_leave();
    for (int i = 0; i < 3 && cell->kind != KIND_CONFINED; i++)
      if (cell->stdio[i][i == 0] >= 0) close(cell->stdio[i][i == 0]);
    if (cell->kind != KIND_CONFINED) close(CONTROL_FD);
    if (reduced) reduced_child(cell);
    setup_child(cell);
  }
  close(cell->sync[1]);
  close(cell->warden[1]);
  close(cell->init_command[1]);
  for (int i = 0; i < 3 && cell->kind != KIND_CONFINED; i++) close(cell->stdio[i][i != 0]);
  cell->init_pidfd = (int)TRY("pidfd", "init", syscall(SYS_pidfd_open, cell->init, 0));
  if (!cell->privileged && !reduced) map_ids(cell);
  enter_cgroups(cell);
  ssize_t sent = send(cell->sync[0], (char[]){MSG_GO}, 1, MSG_NOSIGNAL);
  if (sent < 0) await_setup(cell); /* it says what it died of */
  TRY("go", "", sent);
}

void remove_cgroups(const struct plan *plan) {
  for (int i = 0; i < plan->count; i++)
    if (!strcmp(plan->ops[i].name, "cgroup"))
      for (int tries = 0; tries < 100 && rmdir(plan->ops[i].arg[0]) < 0 && errno == EBUSY; tries++) usleep(1000);
}

/* A helper process such as the gateway: confined, no supervisor. Its exit code is ours. */
int run_confined(struct cell *cell) {
  union {
    char type;
    struct message_fail fail;
  } in;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int fd, status;
  ssize_t n = recv_fd(cell->sync[0], &in, sizeof in, 0, &fd, NULL);
  if (n > 0 && in.type == MSG_FAIL) {
    abandon();
    dprintf(2, "%s %s: %s\n", in.fail.stage, in.fail.detail, strerror(in.fail.error));
    _exit(125);
  }
  close(CONTROL_FD); /* the channel belongs to the helper alone */
  while (waitpid(cell->init, &status, 0) < 0 && errno == EINTR);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

