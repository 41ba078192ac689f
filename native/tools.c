/* What the doctor asks the kernel by really trying, and extended attributes, which Node cannot read. */
#include "rf.h"
#include <ftw.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>

static int write_text(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
  int error = errno;
  if (fd >= 0) close(fd);
  errno = error;
  return n < 0 ? -1 : 0;
}

static int enter_userns(void) {
  char map[64];
  unsigned uid = geteuid(), gid = getegid();
  if (uid == 0) return 0;
  if (unshare(CLONE_NEWUSER) < 0) return -1;
  snprintf(map, sizeof map, "%u %u 1", uid, uid);
  if (write_text("/proc/self/uid_map", map) < 0 || write_text("/proc/self/setgroups", "deny") < 0) return -1;
  snprintf(map, sizeof map, "%u %u 1", gid, gid);
  return write_text("/proc/self/gid_map", map);
}

static int try_userns(void) { return geteuid() ? enter_userns() : unshare(CLONE_NEWUSER); }
static int try_namespaces(void) { return enter_userns() < 0 ? -1 : unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP); }
static int try_netns(void) { return enter_userns() < 0 ? -1 : unshare(CLONE_NEWNET); }
static int staging(void) {
  if (try_namespaces() < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return -1;
  return mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
}
static int try_mount(void) { return staging(); }
static int try_overlay(void) {
  if (staging() < 0 || mkdir("/tmp/l", 0755) || mkdir("/tmp/u", 0755) || mkdir("/tmp/w", 0755) || mkdir("/tmp/m", 0755)) return -1;
  return mount("overlay", "/tmp/m", "overlay", 0, geteuid() ? "lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w,userxattr" : "lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w");
}
static int try_proc(void) {
  if (staging() < 0) return -1;
  pid_t child = fork(); /* the first child is pid 1 of the new namespace */
  if (child == 0) _exit(mkdir("/tmp/p", 0755) < 0 || mount("proc", "/tmp/p", "proc", 0, NULL) < 0 ? errno : 0);
  int status = 0;
  waitpid(child, &status, 0);
  errno = WEXITSTATUS(status);
  return status ? -1 : 0;
}
static int try_seccomp(void) {
  struct sock_filter allow = {.code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW};
  struct sock_fprog program = {.len = 1, .filter = &allow};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}
static int try_pidfd_thread(void) { return (int)syscall(SYS_pidfd_open, getpid(), RF_PIDFD_THREAD); }
static int try_getfd(void) {
  int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
  return self < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, self, 0, 0);
}

static void attempt(struct buf *b, const char *name, int (*test)(void)) {
  int result[2];
  int error = EIO;
  if (pipe(result) < 0) return;
  pid_t child = fork();
  if (child == 0) {
    int value = test() < 0 ? errno ? errno : EIO : 0;
    _exit(write(result[1], &value, sizeof value) != sizeof value);
  }
  close(result[1]);
  if (child < 0 || read(result[0], &error, sizeof error) != sizeof error) error = EIO;
  close(result[0]);
  if (child > 0) waitpid(child, NULL, 0);
  buf_format(b, ",\"%s\":{\"ok\":%s,\"errno\":%d,\"code\":\"%s\"}", name, error ? "false" : "true", error, error ? errno_name(error) : "");
}

int tool_doctor(void) {
  struct buf b = {0};
  buf_format(&b, "{\"uid\":%u,\"landlock\":%d", geteuid(), landlock_abi());
  attempt(&b, "userns", try_userns);
  attempt(&b, "namespaces", try_namespaces);
  attempt(&b, "netns", try_netns);
  attempt(&b, "mount", try_mount);
  attempt(&b, "overlay", try_overlay);
  attempt(&b, "proc", try_proc);
  attempt(&b, "seccomp", try_seccomp);
  attempt(&b, "pidfdThread", try_pidfd_thread);
  attempt(&b, "pidfdGetfd", try_getfd);
  buf_text(&b, "}\n");
  return !write_all(1, b.data, b.len);
}

static const char *base;
static const char *marks; /* prefix of the attributes that the overlay itself makes */

/* Names and values are as long as the kernel lets them be (limits.h: XATTR_LIST_MAX, XATTR_SIZE_MAX): a program may have set
   many of its own beside the overlay's. What cannot be read ends the list as a failure, never as a shorter list. */
static int list_attributes(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
  static char names[65536], value[65536];
  (void)info, (void)ftw;
  if (kind == FTW_DNR || kind == FTW_NS) return dprintf(2, "%s cannot be read\n", path), 1;
  if (kind == FTW_D && strlen(path) > PATH_MAX - 256 - 1) return dprintf(2, "folders are nested too deep\n"), 1; /* nftw aborts */
  ssize_t len = llistxattr(path, names, sizeof names);
  if (len < 0 && errno != ENOTSUP) return dprintf(2, "%s: %s\n", path, strerror(errno)), 1;
  for (ssize_t i = 0; i < len; i += (ssize_t)strlen(names + i) + 1) {
    const char *name = names + i;
    if (strncmp(name, marks, strlen(marks))) continue;
    ssize_t n = lgetxattr(path, name, value, sizeof value);
    if (n < 0) return dprintf(2, "%s: %s: %s\n", path, name, strerror(errno)), 1;
    struct buf b = {0};
    const char *relative = path + strlen(base);
    buf_add(&b, *relative == '/' ? relative + 1 : ".", strlen(*relative == '/' ? relative + 1 : ".") + 1);
    buf_add(&b, name, strlen(name) + 1);
    for (ssize_t j = 0; j < n; j++) buf_format(&b, "%02x", (unsigned char)value[j]);
    buf_add(&b, "", 1);
    bool ok = write_all(1, b.data, b.len);
    free(b.data);
    if (!ok) return 1;
  }
  return 0;
}

/* Only the marks of the overlay that was mounted count (setup.c, do_overlay): root's are trusted.*, and user.overlay.* on
   them is what the program set itself. Unless it is said, whose run it was is told by the owner of the folder around the layer. */
int tool_xattrs(const char *directory, const char *space) {
  char around[4096];
  struct stat info;
  if (snprintf(around, sizeof around, "%s/..", directory) >= (int)sizeof around || stat(around, &info) < 0) return 125;
  base = directory;
  marks = (space ? !strcmp(space, "trusted") : info.st_uid == 0) ? "trusted.overlay." : "user.overlay.";
  return nftw(directory, list_attributes, 64, FTW_PHYS) ? 125 : 0;
}

/* Marks of deletion for an overlay's layer, at paths read from stdin, each ended by NUL. Node cannot make them. */
int tool_whiteouts(void) {
  struct buf b = {0};
  char chunk[65536];
  ssize_t n;
  while ((n = read(0, chunk, sizeof chunk)) > 0) buf_add(&b, chunk, (size_t)n);
  if (n < 0 || (b.len > 0 && b.data[b.len - 1])) return 125;
  for (size_t i = 0; i < b.len; i += strlen(b.data + i) + 1)
    if (mknod(b.data + i, S_IFCHR, makedev(0, 0)) < 0) return dprintf(2, "%s\n", strerror(errno)), 125;
  free(b.data);
  return 0;
}
