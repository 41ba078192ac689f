/* Ringfence's launcher and supervisor: shared declarations.
 *
 * One static binary, no libraries. `main.c` reads a plan (src/contract/plan.ts), `start.c` makes the namespaces, `setup.c`
 * and `confine.c` apply the plan in a child, which becomes `init.c` and forks `warden.c`; `readback.c` compares the
 * effective state with the plan, `super.c` stays on the seccomp notification fd. */
#ifndef RF_H
#define RF_H
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Newer than the oldest headers we build with. Sources: include/uapi/linux of Linux 6.18. */
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#define RF_PIDFD_THREAD O_EXCL
#define RF_SO_NETNS_COOKIE 71
#define RF_MFD_EXEC 0x10u
#define RF_LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#define RF_LANDLOCK_SCOPE_ABSTRACT_UNIX (1ULL << 0)
#define RF_LANDLOCK_SCOPE_SIGNAL (1ULL << 1)

#define CONTROL_FD 3 /* Node's IPC channel to the controller */
#define PLAN_FD 4
#define MAX_PINS 16384
#define MAX_FDS 4 /* in one message */

/* ---- plan ---- */
struct op {
  const char *name;
  char **arg; /* arg[0] is the first argument */
  int argc;
};
struct plan {
  struct op *ops;
  int count;
};
bool plan_read(int fd, struct plan *plan, char *error, size_t size);
const struct op *plan_find(const struct plan *plan, const char *name);
const char *plan_value(const struct plan *plan, const char *name, int index, const char *fallback);
long plan_number(const struct plan *plan, const char *name, int index, long fallback);
bool flag_in(const char *list, const char *flag);
size_t hex_decode_into(const char *hex, unsigned char *bytes, size_t room);
size_t hex_decode(const char *hex, unsigned char **bytes);

/* ---- output: JSON lines, and failures ---- */
struct buf {
  char *data;
  size_t len, cap;
};
void buf_add(struct buf *b, const char *data, size_t len);
void buf_text(struct buf *b, const char *text);
void buf_format(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void json_string(struct buf *b, const char *text, size_t len);
void json_open(struct buf *b, const char *event);
void json_key(struct buf *b, const char *key, const char *value);
void json_number(struct buf *b, const char *key, long long value);
void emit(struct buf *b);  /* closes the object, queues it for the controller, resets b */
void emit_flush(void);
bool emit_pending(void);
void emit_wakes(int fd);      /* the eventfd of the thread that sends */
void emit_never_blocks(void); /* this thread only queues */
void emit_wake(void);
bool write_all(int fd, const char *data, size_t len);
int64_t now_us(void);
const char *errno_name(int error);

/* A failure of the set-up: nothing runs. Reported once, in one line, then _exit(125). */
void fail(const char *stage, const char *detail, int error) __attribute__((noreturn));
void fail_session(int session); /* what fails from here on ends that session alone */
void fail_through(int sync_fd); /* in the child: failures travel to the supervisor by this socket */
void fail_undoes(void (*action)(void)); /* in the supervisor: what a failure takes down first */

/* Every system call of the set-up goes through TRY, so that tests can make each one fail in turn. */
#ifdef RF_TEST
bool fault_now(const char *stage);
bool sabotage(const char *what);
#else
#define fault_now(stage) false
#define sabotage(what) false
#endif
#define TRY(stage, detail, call)                                   \
  ({                                                               \
    long try_result_;                                              \
    if (fault_now(stage)) {                                        \
      errno = EIO;                                                 \
      try_result_ = -1;                                            \
    } else {                                                       \
      try_result_ = (long)(call);                                  \
    }                                                              \
    if (try_result_ < 0) fail(stage, detail, errno);               \
    try_result_;                                                   \
  })

/* ---- set-up ---- */
enum kind { KIND_CELL, KIND_CONFINED, KIND_LANDLOCK };
enum { DNS_UDP, DNS_TCP, TCP4, TCP6, UDP4, UDP6, SOCKETS }; /* made inside the cell's network namespace */
#define MAX_ID_MAPS 16
struct id_map {
  unsigned uid, gid; /* on disk */
  int fd;            /* user namespace that maps them to the cell's */
};
struct cell {
  const struct plan *plan;
  enum kind kind;
  bool privileged; /* started by root: mounts first, then the user namespace */
  unsigned inside_uid, inside_gid, outside_uid, outside_gid;
  struct id_map id_map[MAX_ID_MAPS];
  int id_maps;
  int userns_fd;             /* the cell's user namespace */
  int sync[2];               /* [0] supervisor, [1] child; SOCK_SEQPACKET */
  int warden[2];             /* [0] supervisor, [1] warden */
  int init_command[2];       /* [0] supervisor, [1] init */
  int stdio[3][2];           /* pipes; [0]: supervisor writes, [1] and [2]: supervisor reads */
  mode_t umask;              /* the caller's, for the program */
  pid_t init, warden_pid, agent;
  int init_pidfd, agent_pidfd, notify_fd, proc_fd, root_fd, epoll, wake;
  int probe_listener; /* on the host's loopback: probes must not reach it */
  uint16_t host_port;
  int sockets[SOCKETS];
  uint16_t ports[SOCKETS];
  uint64_t netns_cookie;
  ino_t host_network; /* inode of the host's network namespace */
  int landlock_abi;
};
void setup_child(struct cell *cell) __attribute__((noreturn)); /* runs as the new namespace's pid 1 */
void setup_mounts(struct cell *cell);
void setup_network(struct cell *cell);
int make_userns(unsigned inside_uid, unsigned inside_gid, unsigned outside_uid, unsigned outside_gid);
void make_id_maps(struct cell *cell);
void write_map(pid_t pid, const char *file, const char *text);
int landlock_abi(void);
void drop_privileges(struct cell *cell);
void confine(struct cell *cell);       /* rlimits, no_new_privs, Landlock */
int confine_seccomp(struct cell *cell, bool listener);
void confine_program(const struct plan *plan); /* the limit on processes, which the warden must not share */
void confine_scope(void);              /* second Landlock layer: signals and abstract sockets */
void init_main(struct cell *cell) __attribute__((noreturn));
void warden_main(struct cell *cell, const char *marker) __attribute__((noreturn));
struct wanted; /* terminal.h */
void run_session(struct cell *cell, const struct wanted *wanted, const int *stdio, int report) __attribute__((noreturn));
int rename_folder(const char *from, const char *to, unsigned flags);
int tasks_moving(int proc, const char *moving, int *tasks);
bool send_fds(int socket, const void *data, size_t len, const int *fds, int count);
ssize_t recv_fds(int socket, void *data, size_t len, int flags, int *fds, int max, int *count, pid_t *sender);
bool send_fd(int socket, const void *data, size_t len, int fd);
ssize_t recv_fd(int socket, void *data, size_t len, int flags, int *fd, pid_t *sender);

/* Messages on the sync socket and the warden's socket. */
enum message { MSG_FAIL = 'F', MSG_GO = 'g', MSG_NETWORK = 'n', MSG_PROC = 'p', MSG_LISTENER = 'l', MSG_LOSS = 'L',
               MSG_PROBE = 'P', MSG_EXEC = 'x', MSG_EXECFAIL = 'X', MSG_EXIT = 'e', MSG_RENAME = 'r', MSG_FREEZE = 'S',
               MSG_THAW = 'C', MSG_MASTER = 't', MSG_STOPPED = 'z', MSG_HANGUP = 'h' };
struct message_fail {
  char type;
  int session;
  int error;
  char stage[48];
  char detail[256];
};
struct message_probe {
  char type;
  uint64_t reached;
};
struct message_number {
  char type;
  int64_t a, b;
};
struct message_rename {
  char type;
  uint64_t id;
  unsigned flags;
  char from[4096], to[4096];
};

/* ---- probes and read-back ---- */
uint64_t probe_attempts(struct cell *cell, const char *marker, uint16_t host_port, pid_t host_pid);
uint64_t probe_confirm(struct cell *cell, uint64_t reached);
const char *probe_name(int bit);
int probe_count(void);
/* Compares the effective state with the plan. Returns a description of the first difference, or NULL. Fills `json`. */
const char *read_back(struct cell *cell, struct buf *json, bool first);

/* Whether the kernel told us the filter of a process; `same`: it is the plan's. */
bool filter_read(struct cell *cell, pid_t pid, bool *same);
/* The first limit that is looser than planned, said in `problem`, or NULL. */
const char *limits_differ(const struct plan *plan, pid_t pid, char *problem, size_t size);

/* ---- supervisor ---- */
#define TAG_NOTIFY (1ull << 40) /* epoll tags that are no pids */
#define TAG_WARDEN (2ull << 40)
#define TAG_INIT (3ull << 40)
#define TAG_GATEWAY (4ull << 40)
#define TAG_WAKE (5ull << 40)
#define TAG_SESSIONS (6ull << 40)
#define TAG_CLIENT (7ull << 40) /* and the session's number */
int supervise(struct cell *cell);
void start_probe(struct cell *cell, bool first);
void relay_start(struct cell *cell);
void relay_finish(void);

/* start.c */
void open_probe_listener(struct cell *cell);
void clone_init(struct cell *cell);
void await_setup(struct cell *cell);
void send_gateway_sockets(struct cell *cell);
void remove_cgroups(const struct plan *plan);
int run_confined(struct cell *cell);

/* process.c */
struct process { /* what is known of a thread group */
  pid_t pid;
  int pidfd;
  bool executed, internal, stalls;
  pid_t ppid;
  char *exe;
  char *argv_json; /* JSON array */
  struct process *next;
};
void process_init(struct cell *cell);
struct process *process_find(pid_t pid);
struct process *process_of(pid_t tid);
void process_is_program(pid_t pid);
void process_new_image(struct process *p, char *argv_json); /* takes argv_json */
void process_ended(pid_t pid, bool collected);
void process_end_all(void);
void json_owner(struct buf *b, struct process *p, pid_t tid);

struct request { /* a system call that waits for an answer */
  uint64_t id;
  pid_t tid;
  int nr;
  uint64_t args[6];
};
struct answer {
  uint64_t id;
  int64_t value;
  int error;
  unsigned flags;
};
void answer(const struct request *request, int error, int64_t value);
void answer_continue(const struct request *request);
void send_answer(const struct answer *a);
bool request_valid(const struct request *request);

/* files.c */
void files_init(struct cell *cell);
ssize_t read_memory(pid_t tid, uint64_t address, void *buffer, size_t len);
ssize_t read_text(pid_t tid, uint64_t address, char *buffer, size_t size);
void on_exec(const struct request *request, struct process *p);
bool on_file_call(const struct request *request, struct process *p);
void files_tell_losses(bool at_once);

/* reduced.c: the isolation without namespaces */
void reduced_prepare(void);
void reduced_settle(struct cell *cell);
void reduced_lower(struct cell *cell, bool on); /* the calling thread: the program's rights on files, or our own again */
void reduced_child(struct cell *cell) __attribute__((noreturn));
void reduced_init_end(void) __attribute__((noreturn));
void reduced_end(struct cell *cell);
void reduced_sweep(void);
int reduced_terminal(struct cell *cell, int session); /* a pty's slave, owned by the program; its master goes to the session */
bool reduced_dispatch(struct cell *cell, const struct request *request); /* false: not ours, or outside: refuse it */
uint64_t reduced_probes(struct cell *cell, const char *marker);
void reduced_look(void); /* who belongs to the cell now; then, for the calling thread, the next tells */
bool reduced_foreign(pid_t pid); /* never true where a process namespace shows the cell alone */

/* flow.c */
void flow_init(struct cell *cell);
void flow_channel(struct cell *cell, int fd);
void flow_channel_readable(struct cell *cell);
void on_connect(struct cell *cell, const struct request *request, struct process *p);

/* control.c and usage.c: threads of their own */
void start_thread(const char *name, void *(*work)(void *), void *argument, size_t stack);
int64_t monotonic_ms(void);
void control_start(struct cell *cell);
bool control_wait_go(void);
bool control_running(void);
bool control_frozen(void);
bool control_withholds(const struct answer *a);
void control_probed(void);
void control_kill(struct cell *cell, const char *reason);
void end_cell(struct cell *cell); /* init ends, and with it all others */
const char *control_kill_reason(void);
bool control_memory_exhausted(void);
void control_send_handle(const char *name, const char *type, const char *extra, int fd);
void usage_start(struct cell *cell);
void usage_sample(void);
void usage_at_end(void);
void usage_last(void);
bool usage_over(const char *name, long long used, long long max);

int tool_doctor(void);
int attach_main(const char *path, const char *terminal, char **command);
int tool_xattrs(const char *directory, const char *space);
int tool_whiteouts(void);

/* ---- stage.c ---- */
int stage_main(char *addresses, const char *folder, char **command);
int list_sockets(void);
int hide_machine(const char *folder, int sockets);
#endif
