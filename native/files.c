/* Programs that start and files that change: observed, then continued. The overlay's change set is the truth. */
#include "rf.h"
#include <linux/openat2.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

static struct cell *the_cell;
static struct buf out;
static dev_t workspace_device;
static long long unread;
static int64_t unread_told;

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

/* In the cell's view, whatever our own root is (openat2(2)). */
static int open_in_view(const char *path, int flags, uint64_t resolve) {
  struct open_how how = {.flags = (uint64_t)(O_PATH | O_CLOEXEC | flags), .resolve = RESOLVE_IN_ROOT | resolve};
  while (*path == '/') path++;
  return (int)syscall(SYS_openat2, the_cell->root_fd, *path ? path : ".", &how, sizeof how);
}

void files_init(struct cell *cell) {
  the_cell = cell;
  struct stat info;
  int at = open_in_view(plan_value(cell->plan, "overlay", 0, "/"), 0, 0);
  if (at >= 0 && fstat(at, &info) == 0) workspace_device = info.st_dev;
  if (at >= 0) close(at);
}

/* ---- paths ---- */
/* Lexical: "." and ".." and "//" go. Returns whether that is what the kernel does: ".." behind a name may be elsewhere. */
static bool normalise(char *path, size_t resolved) {
  char *to = path;
  bool exact = true;
  for (char *p = path; *p;) {
    while (*p == '/') p++;
    size_t n = strcspn(p, "/");
    if (n == 2 && p[0] == '.' && p[1] == '.') {
      exact = exact && (size_t)(to - path) <= resolved;
      while (to > path && *--to != '/');
      if (resolved > (size_t)(to - path)) resolved = (size_t)(to - path);
    } else if (n && !(n == 1 && *p == '.')) {
      *to++ = '/';
      memmove(to, p, n);
      to += n;
    }
    p += n;
  }
  if (to == path) *to++ = '/';
  *to = 0;
  return exact;
}

enum path { UNREAD, GUESSED, EXACT };
static enum path full_path(pid_t tid, int dirfd, uint64_t address, char *path, size_t size) {
  char text[4096];
  ssize_t len = read_text(tid, address, text, sizeof text);
  if (len < 0) return UNREAD;
  size_t base = 0;
  if (text[0] != '/') {
    char link[64];
    if (dirfd == AT_FDCWD) snprintf(link, sizeof link, "/proc/%d/cwd", tid);
    else snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, dirfd);
    ssize_t n = readlink(link, path, size - 2);
    if (n < 0) return UNREAD;
    base = (size_t)n;
    path[base] = 0;
    if (!text[0]) return GUESSED; /* the descriptor itself: AT_EMPTY_PATH */
    path[base++] = '/';
  }
  snprintf(path + base, size - base, "%s", text);
  return normalise(path, base > 1 ? base - 1 : 0) ? EXACT : GUESSED;
}

static bool below(const char *path, const char *folder) {
  size_t n = strlen(folder);
  return !strncmp(path, folder, n) && (path[n] == '/' || path[n] == 0);
}

static bool in_workspace(const char *path) { /* links in it may lead there: the file system that they end in counts */
  struct stat info;
  int at = open_in_view(path, 0, 0);
  if (at < 0) {
    int link = open_in_view(path, O_NOFOLLOW, 0);
    if (link >= 0) return close(link), !below(path, "/dev"); /* leads nowhere that can be told; those in /dev are ours */
    char parent[8192];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash) *slash = 0;
    at = open_in_view(parent, 0, 0);
  }
  bool known = at >= 0 && fstat(at, &info) == 0;
  if (at >= 0) close(at);
  return !known || info.st_dev == workspace_device;
}

/* Folders whose changes are no events. */
static bool quiet(const char *path) {
  const struct plan *plan = the_cell->plan;
  if (below(path, plan_value(plan, "overlay", 0, "/"))) return false; /* the workspace may lie in such a folder */
  for (int i = 0; i < plan->count; i++)
    if (!strcmp(plan->ops[i].name, "quiet") && below(path, plan->ops[i].arg[0])) return the_cell->kind == KIND_LANDLOCK || !in_workspace(path);
  return false;
}

/* ---- losses: what could not be read is said, and counted ---- */
static void lost(void) {
  unread++;
  files_tell_losses(false);
}

void files_tell_losses(bool at_once) {
  if (!unread || (!at_once && now_us() - unread_told < 1000000)) return;
  json_open(&out, "loss");
  json_key(&out, "sensor", "files");
  json_key(&out, "reason", "the path of a call could not be read");
  json_number(&out, "count", unread);
  emit(&out);
  unread = 0;
  unread_told = now_us();
}

/* ---- programs ---- */
/* TRACEPARENT among the first variables of an environment: what W3C trace context calls the span that a process belongs to.
   Only the beginnings of the others are looked at, and nothing of them is kept. */
static bool read_trace(pid_t tid, uint64_t list, char *trace, size_t size) {
  enum { MOST = 512, NAME = sizeof "TRACEPARENT=" - 1 };
  uint64_t pointers[MOST];
  char names[MOST][NAME];
  struct iovec remote[MOST];
  int count = 0;
  while (list && count < MOST) { /* page by page: what lies behind the list may not be mapped */
    uint64_t at = list + 8u * (unsigned)count, part = (4096 - (at & 4095)) / 8;
    if (part == 0) return false;
    if (part > (uint64_t)(MOST - count)) part = (uint64_t)(MOST - count);
    if (read_memory(tid, at, pointers + count, 8 * part) != (ssize_t)(8 * part)) return false;
    int end = count + (int)part;
    while (count < end && pointers[count]) count++;
    if (count < end) break;
  }
  for (int i = 0; i < count;) {
    int n = count - i;
    for (int k = 0; k < n; k++) remote[k] = (struct iovec){(void *)(uintptr_t)pointers[i + k], NAME};
    struct iovec local = {names, (size_t)n * NAME};
    ssize_t got = process_vm_readv(tid, &local, 1, remote, (unsigned long)n, 0);
    int whole = got > 0 ? (int)(got / NAME) : 0;
    for (int k = 0; k < whole; k++)
      if (!memcmp(names[k], "TRACEPARENT=", NAME)) return read_text(tid, pointers[i + k] + NAME, trace, size) > 0;
    i += whole < n ? whole + 1 : whole; /* one that cannot be read is shorter than the name */
  }
  return false;
}

void on_exec(const struct request *r, struct process *p) {
  char path[8192], cwd[4096], link[64];
  bool at = r->nr == SYS_execveat;
  enum path known = full_path(r->tid, at ? (int)r->args[0] : AT_FDCWD, r->args[at ? 1 : 0], path, sizeof path);
  if (known == UNREAD) snprintf(path, sizeof path, "?");
  if (known == EXACT) { /* shells try one folder of PATH after the other: answered by us, so that nothing starts unseen */
    int file = open_in_view(path, O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
    if (file >= 0) close(file);
    else if (errno == ENOENT && !below(path, "/proc")) return answer(r, ENOENT, 0);
  }
  struct buf argv = {0};
  buf_text(&argv, "[");
  char text[4096];
  uint64_t pointer, list = r->args[at ? 2 : 1];
  for (int i = 0; list && i < 64 && argv.len < 8192; i++) {
    if (read_memory(r->tid, list + 8u * (unsigned)i, &pointer, 8) != 8 || !pointer) break;
    ssize_t n = read_text(r->tid, pointer, text, sizeof text);
    if (n < 0) break;
    buf_text(&argv, i ? "," : "");
    json_string(&argv, text, (size_t)n);
  }
  buf_text(&argv, "]");
  char trace[80];
  bool traced = read_trace(r->tid, r->args[at ? 3 : 2], trace, sizeof trace);
  if (!request_valid(r)) return free(argv.data);
  snprintf(link, sizeof link, "/proc/%d/cwd", r->tid);
  ssize_t n = readlink(link, cwd, sizeof cwd - 1);
  cwd[n > 0 ? n : 0] = 0;
  json_open(&out, "exec");
  buf_format(&out, ",\"pid\":%d,\"tid\":%d,\"ppid\":%d,\"argv\":%s", p->pid, r->tid, p->ppid, argv.data);
  json_key(&out, "path", path);
  json_key(&out, "cwd", cwd);
  if (traced) json_key(&out, "traceparent", trace);
  emit(&out);
  process_new_image(p, argv.data);
  answer_continue(r);
}

/* ---- files ---- */
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
  static struct message_rename message;
  message = (struct message_rename){.type = MSG_RENAME, .id = r->id, .flags = flags};
  if (strlen(from) >= sizeof message.from || strlen(to) >= sizeof message.to) return false;
  struct stat info;
  int at = open_in_view(from, O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
  bool folder = at >= 0 && fstat(at, &info) == 0 && S_ISDIR(info.st_mode);
  if (at >= 0) close(at);
  if (!folder) return false;
  strcpy(message.from, from);
  strcpy(message.to, to);
  /* A warden that is busy gets no more: the caller has EXDEV from the kernel, as it would without us. */
  return request_valid(r) && send(the_cell->warden[0], &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof message;
}

static void on_file(const struct request *r, struct process *p, const char *op, int dirfd, int path_arg, int to_dirfd, int to_arg, int flags) {
  char path[8192], to[8192];
  if (p->internal) return answer_continue(r);
  enum path known = full_path(r->tid, dirfd, r->args[path_arg], path, sizeof path), second = EXACT;
  if (known != UNREAD && to_arg >= 0) second = full_path(r->tid, to_dirfd, r->args[to_arg], to, sizeof to);
  if (known == UNREAD || second == UNREAD) lost();
  else if (request_valid(r)) {
    file_event(r, p, op, path, to_arg >= 0 ? to : NULL, flags);
    if (!strcmp(op, "rename") && known == EXACT && second == EXACT && rename_by_warden(r, path, to, (unsigned)flags)) return;
  }
  answer_continue(r);
}

/* Returns false where the call is none of these. */
bool on_file_call(const struct request *r, struct process *p) {
  const uint64_t *a = r->args;
  int flags = (int)a[r->nr == SYS_openat ? 2 : 1];
  const char *opens = flags & O_CREAT ? "create" : "write";
  switch (r->nr) {
    case SYS_openat: on_file(r, p, opens, (int)a[0], 1, 0, -1, flags); return true;
    case SYS_renameat2: on_file(r, p, "rename", (int)a[0], 1, (int)a[2], 3, (int)a[4]); return true;
    case SYS_unlinkat: on_file(r, p, (int)a[2] & AT_REMOVEDIR ? "rmdir" : "unlink", (int)a[0], 1, 0, -1, 0); return true;
    case SYS_mkdirat: on_file(r, p, "mkdir", (int)a[0], 1, 0, -1, 0); return true;
    case SYS_linkat: on_file(r, p, "link", (int)a[0], 1, (int)a[2], 3, 0); return true;
    case SYS_symlinkat: on_file(r, p, "symlink", (int)a[1], 2, 0, -1, 0); return true;
    case SYS_truncate: on_file(r, p, "truncate", AT_FDCWD, 0, 0, -1, 0); return true;
#ifdef SYS_renameat
    case SYS_renameat: on_file(r, p, "rename", (int)a[0], 1, (int)a[2], 3, 0); return true;
#endif
#ifdef SYS_open /* absent on newer architectures */
    case SYS_open: on_file(r, p, opens, AT_FDCWD, 0, 0, -1, flags); return true;
    case SYS_creat: on_file(r, p, "create", AT_FDCWD, 0, 0, -1, 0); return true;
    case SYS_rename: on_file(r, p, "rename", AT_FDCWD, 0, AT_FDCWD, 1, 0); return true;
    case SYS_unlink: on_file(r, p, "unlink", AT_FDCWD, 0, 0, -1, 0); return true;
    case SYS_rmdir: on_file(r, p, "rmdir", AT_FDCWD, 0, 0, -1, 0); return true;
    case SYS_mkdir: on_file(r, p, "mkdir", AT_FDCWD, 0, 0, -1, 0); return true;
    case SYS_link: on_file(r, p, "link", AT_FDCWD, 0, AT_FDCWD, 1, 0); return true;
    case SYS_symlink: on_file(r, p, "symlink", AT_FDCWD, 1, 0, -1, 0); return true;
#endif
    default: return false;
  }
}
