/* What is known of the cell's processes. Only the main thread comes here. */
#include "rf.h"
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#define BUCKETS 1024
static struct cell *the_cell;
static struct process *table[BUCKETS];
static struct thread { /* remembered: its process, which still has to have it */
  pid_t tid, pid;
} threads[BUCKETS];
static struct buf out;

void process_init(struct cell *cell) { the_cell = cell; }

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

struct process *process_find(pid_t pid) {
  struct process *p = table[(unsigned)pid % BUCKETS];
  while (p && p->pid != pid) p = p->next;
  return p;
}

/* The process of a thread, whose pid a notification names; NULL where it is gone or no more can be known. */
struct process *process_of(pid_t tid) {
  struct process *p = process_find(tid);
  if (p) return p;
  struct thread *t = &threads[(unsigned)tid % BUCKETS];
  char path[64];
  if (t->tid == tid && (p = process_find(t->pid))) {
    snprintf(path, sizeof path, "/proc/%d/task/%d", t->pid, tid);
    if (access(path, F_OK) == 0) return p;
  }
  pid_t pid = status_number(tid, "\nTgid:\t");
  if (!pid) return NULL;
  if (pid != tid) *t = (struct thread){tid, pid};
  if ((p = process_find(pid))) return p;
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

void process_is_program(pid_t pid) { /* from here on what it does is its own, not ours */
  struct process *p = process_find(pid);
  if (p) p->internal = false;
}

void process_new_image(struct process *p, char *argv_json) {
  free(p->exe);
  free(p->argv_json);
  p->exe = NULL;
  p->argv_json = argv_json;
  p->executed = true;
}

static void forget(pid_t pid) {
  for (struct process **at = &table[(unsigned)pid % BUCKETS]; *at; at = &(*at)->next)
    if ((*at)->pid == pid) {
      struct process *p = *at;
      *at = p->next;
      close(p->pidfd);
      process_new_image(p, NULL);
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

void json_owner(struct buf *b, struct process *p, pid_t tid) {
  learn_image(p);
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
void process_ended(pid_t pid, bool collected) {
  struct process *p = process_find(pid);
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
  forget(pid);
}

void process_end_all(void) { /* what ended together with the cell still gets its exit event */
  for (int i = 0; i < BUCKETS; i++)
    while (table[i]) process_ended(table[i]->pid, true);
}
