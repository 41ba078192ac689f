/* Files: reading, changing and planting what lies outside, by every name a path can have. */
#include "attacker.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static int show(const char *path, int fd) {
  char text[512];
  ssize_t got = read(fd, text, sizeof text - 1);
  close(fd);
  if (got <= 0) return blocked("read %s", path);
  text[got] = 0;
  return reached("%s", text);
}

static int read_file(int argc, char **argv) {
  int fd = open(need(argc, argv, 1), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  return fd < 0 ? blocked("open %s", argv[1]) : show(argv[1], fd);
}

static void make_parents(const char *path) {
  char copy[4096];
  snprintf(copy, sizeof copy, "%s", path);
  for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdir(copy, 0755);
    *slash = '/';
  }
}

/* write PATH TEXT: appends, creating the file and its folders. */
static int write_file(int argc, char **argv) {
  make_parents(need(argc, argv, 1));
  int fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0755);
  if (fd < 0) return blocked("open %s", argv[1]);
  if (put(fd, need(argc, argv, 2)) || put(fd, "\n")) return blocked("write %s", argv[1]);
  return reached("wrote %s", argv[1]);
}

/* open-write PATH: write access itself is the witness; nothing is written. */
static int open_write(int argc, char **argv) {
  int present = 0;
  for (int i = 1; i < argc; i++) {
    int fd = open(argv[i], O_WRONLY);
    if (fd >= 0) return reached("opened %s for writing", argv[i]);
    present += errno != ENOENT;
  }
  if (!present) return cannot("no such file on this machine");
  return blocked("open %s", need(argc, argv, 1));
}

/* rewrite PATH: writes the value that is there already. */
static int rewrite(int argc, char **argv) {
  char value[512];
  int fd = open(need(argc, argv, 1), O_RDWR);
  if (fd < 0) return blocked("open %s", argv[1]);
  ssize_t got = read(fd, value, sizeof value);
  if (got <= 0 || lseek(fd, 0, SEEK_SET) < 0 || write(fd, value, (size_t)got) != got)
    return blocked("write %s", argv[1]);
  return reached("%s accepted its own value", argv[1]);
}

static int truncate_file(int argc, char **argv) {
  return truncate(need(argc, argv, 1), 0) ? blocked("truncate %s", argv[1]) : reached("cut %s", argv[1]);
}

static int unlink_file(int argc, char **argv) {
  return unlink(need(argc, argv, 1)) ? blocked("unlink %s", argv[1]) : reached("removed %s", argv[1]);
}

static int chmod_file(int argc, char **argv) {
  int mode = (int)strtol(need(argc, argv, 2), NULL, 8);
  return chmod(argv[1], (mode_t)mode) ? blocked("chmod %s", argv[1]) : reached("changed %s", argv[1]);
}

static int xattr_file(int argc, char **argv) {
  const char *text = need(argc, argv, 2);
  if (setxattr(argv[1], "user.matrix", text, strlen(text), 0)) {
    if (errno == ENOTSUP) return cannot("no user attributes on this file system");
    return blocked("setxattr %s", argv[1]);
  }
  return reached("marked %s", argv[1]);
}

static int rename_file(int argc, char **argv) {
  const char *to = need(argc, argv, 2);
  int fd = open(argv[1], O_WRONLY | O_CREAT, 0644);
  if (fd < 0 || put(fd, need(argc, argv, 3))) return blocked("make %s", argv[1]);
  close(fd);
  return rename(argv[1], to) ? blocked("rename to %s", to) : reached("moved to %s", to);
}

/* link TARGET NAME TEXT: a hard link to the target, then a write through it. */
static int link_write(int argc, char **argv) {
  const char *name = need(argc, argv, 2);
  if (link(argv[1], name)) return blocked("link %s", argv[1]);
  int fd = open(name, O_WRONLY | O_APPEND);
  int failed = fd < 0 || put(fd, need(argc, argv, 3));
  unlink(name);
  return failed ? blocked("write through %s", name) : reached("wrote through %s", name);
}

/* symlink TARGET NAME TEXT */
static int symlink_write(int argc, char **argv) {
  const char *name = need(argc, argv, 2);
  if (symlink(argv[1], name)) return blocked("symlink %s", name);
  int fd = open(name, O_WRONLY | O_APPEND);
  int failed = fd < 0 || put(fd, need(argc, argv, 3));
  unlink(name);
  return failed ? blocked("write through %s", name) : reached("wrote through %s", name);
}

/* proc-root PATH: the same path below every process's root and working directory. */
static int proc_root(int argc, char **argv) {
  const char *path = need(argc, argv, 1);
  DIR *proc = opendir("/proc");
  if (!proc) return blocked("opendir /proc");
  int last = ENOENT;
  for (struct dirent *entry; (entry = readdir(proc));) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    if (atoi(entry->d_name) == getpid()) continue;
    for (int i = 0; i < 2; i++) {
      char name[4096];
      snprintf(name, sizeof name, "/proc/%s/%s%s", entry->d_name, i ? "cwd/../../../../../../../.." : "root", path);
      int fd = open(name, O_RDONLY);
      if (fd >= 0) return show(name, fd);
      last = errno;
    }
  }
  errno = last;
  return blocked("no process shows %s", path);
}

/* lower-write NAME TEXT: finds the layers of every overlay in mountinfo and writes NAME below each. */
static int lower_write(int argc, char **argv) {
  const char *name = need(argc, argv, 1), *text = need(argc, argv, 2);
  char line[8192], direct[4096];
  int wrote = 0, layers = 0;
  FILE *mounts = fopen("/proc/self/mountinfo", "r");
  if (!mounts) return blocked("mountinfo");
  while (fgets(line, sizeof line, mounts)) {
    for (char *option = strtok(line, " ,"); option; option = strtok(NULL, " ,")) {
      char *value = strstr(option, "dir=/");
      if (!value || (strncmp(option, "lower", 5) && strncmp(option, "upper", 5))) continue;
      layers++;
      snprintf(direct, sizeof direct, "%.*s/%s", (int)strcspn(value + 4, "\n"), value + 4, name);
      int fd = open(direct, O_WRONLY | O_APPEND);
      if (fd >= 0 && !put(fd, text)) wrote++;
    }
  }
  fclose(mounts);
  if (wrote) return reached("wrote into %d layers", wrote);
  if (!layers) return cannot("no overlay is visible");
  return blocked("%d layers, none writable", layers);
}

/* handle PATH: prints "TYPE HEX", run by the host to give handle-open its target. */
static int handle(int argc, char **argv) {
  struct {
    struct file_handle head;
    unsigned char bytes[128];
  } h = {.head = {.handle_bytes = 128}};
  int mount;
  if (name_to_handle_at(AT_FDCWD, need(argc, argv, 1), &h.head, &mount, 0)) return blocked("name_to_handle_at");
  printf("%d ", h.head.handle_type);
  for (unsigned i = 0; i < h.head.handle_bytes; i++) printf("%02x", h.head.f_handle[i]);
  printf("\n");
  return 0;
}

/* handle-open MOUNT TYPE HEX */
static int handle_open(int argc, char **argv) {
  struct {
    struct file_handle head;
    unsigned char bytes[128];
  } h;
  const char *hex = need(argc, argv, 3);
  h.head.handle_type = atoi(argv[2]);
  h.head.handle_bytes = (unsigned)(strlen(hex) / 2);
  for (unsigned i = 0; i < h.head.handle_bytes && i < 128; i++) {
    unsigned byte;
    sscanf(hex + 2 * i, "%2x", &byte);
    h.head.f_handle[i] = (unsigned char)byte;
  }
  int mount = open(argv[1], O_RDONLY | O_DIRECTORY);
  int fd = open_by_handle_at(mount, &h.head, O_RDONLY);
  return fd < 0 ? blocked("open_by_handle_at") : show("handle", fd);
}

/* devices: raw devices and kernel interfaces that a minimal /dev does not have. Opened read-only, never read. */
static int devices(int argc, char **argv) {
  static const char *const names[] = {
      "mem",  "kmem",          "port",    "kmsg",       "kvm",           "fuse",           "vda",  "sda",   "nvme0n1",
      "loop0", "loop-control", "net/tun", "vhost-net",  "mapper/control", "btrfs-control", "vsock", "zram0", "dm-0",
      "uinput", "snapshot",    "nvram",   "userfaultfd", "autofs",        "vga_arbiter",    "rtc0", "dri/card0"};
  char found[512] = "", path[64];
  (void)argc, (void)argv;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(path, sizeof path, "/dev/%s", names[i]);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) continue;
    close(fd);
    strncat(found, " ", sizeof found - strlen(found) - 1);
    strncat(found, names[i], sizeof found - strlen(found) - 1);
  }
  return *found ? reached("opened%s", found) : blocked("no device");
}

/* mknod-open: makes a node for the null device's neighbour (1,1 = memory) or the root's disk and opens it. */
static int mknod_open(int argc, char **argv) {
  struct stat root;
  const char *name = need(argc, argv, 1);
  if (stat("/etc", &root)) return blocked("stat");
  const struct {
    mode_t mode;
    dev_t device;
  } nodes[] = {{S_IFCHR | 0600, makedev(1, 1)}, {S_IFCHR | 0600, makedev(1, 11)}, {S_IFBLK | 0600, root.st_dev}};
  for (size_t i = 0; i < 3; i++) {
    if (mknod(name, nodes[i].mode, nodes[i].device)) continue;
    int fd = open(name, O_RDONLY | O_NONBLOCK);
    unlink(name);
    if (fd >= 0) return reached("made and opened device %u:%u", major(nodes[i].device), minor(nodes[i].device));
  }
  return blocked("mknod");
}

static int watch(int argc, char **argv) {
  int fd = inotify_init1(IN_NONBLOCK);
  if (inotify_add_watch(fd, need(argc, argv, 1), IN_ALL_EVENTS) < 0) return blocked("inotify %s", argv[1]);
  return reached("watches %s", argv[1]);
}

/* scan-proc TEXT: looks for the text in the command line and environment of every other process. */
static int scan_proc(int argc, char **argv) {
  const char *text = need(argc, argv, 1);
  static const char *const files[] = {"cmdline", "environ"};
  static char buffer[65536];
  DIR *proc = opendir("/proc");
  if (!proc) return blocked("opendir /proc");
  for (struct dirent *entry; (entry = readdir(proc));) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9' || atoi(entry->d_name) == getpid()) continue;
    for (int i = 0; i < 2; i++) {
      char path[300], stat_path[300];
      snprintf(path, sizeof path, "/proc/%s/%s", entry->d_name, files[i]);
      snprintf(stat_path, sizeof stat_path, "/proc/%s/comm", entry->d_name);
      int fd = open(path, O_RDONLY);
      if (fd < 0) continue;
      ssize_t got = read(fd, buffer, sizeof buffer);
      close(fd);
      if (got <= 0) continue;
      char *hit = memmem(buffer, (size_t)got, text, strlen(text));
      /* The text minus its last character is given, so that the searcher's own argument does not match. */
      if (hit && hit + strlen(text) < buffer + got && hit[strlen(text)] == 'Z')
        return reached("process %s shows %sZ in its %s", entry->d_name, text, files[i]);
    }
  }
  errno = ENOENT;
  return blocked("no process shows it");
}

/* descriptors: everything open above 2; directories are climbed, files read. */
static int descriptors(int argc, char **argv) {
  (void)argc, (void)argv;
  char found[1024] = "";
  for (int fd = 3; fd < 1024; fd++) {
    char link[64], target[256], text[128] = "";
    if (fcntl(fd, F_GETFD) < 0) continue;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, target, sizeof target - 1);
    target[length > 0 ? length : 0] = 0;
    ssize_t got = pread(fd, text, sizeof text - 1, 0);
    text[got > 0 ? got : 0] = 0;
    size_t used = strlen(found);
    snprintf(found + used, sizeof found - used, " %d=%s(%s)", fd, target, text);
  }
  errno = EBADF;
  return *found ? reached("inherited%s", found) : blocked("descriptors 3 to 1023");
}

/* nameless NAME TEXT: a file made without a name and linked afterwards, by calls that no open of the name shows. */
static int nameless(int argc, char **argv) {
  char link[64];
  int fd = open(".", O_TMPFILE | O_WRONLY, 0755);
  if (fd < 0) return errno == EOPNOTSUPP ? cannot("no nameless files here") : blocked("O_TMPFILE");
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (put(fd, need(argc, argv, 2))) return blocked("write");
  if (linkat(AT_FDCWD, link, AT_FDCWD, argv[1], AT_SYMLINK_FOLLOW)) return blocked("linkat");
  return reached("linked %s", argv[1]);
}

/* openat2 NAME TEXT */
static int open_anew(int argc, char **argv) {
  struct {
    uint64_t flags, mode, resolve;
  } how = {O_WRONLY | O_CREAT, 0644, 0};
  int fd = (int)syscall(437, AT_FDCWD, need(argc, argv, 1), &how, sizeof how);
  if (fd < 0 || put(fd, need(argc, argv, 2))) return blocked("openat2 %s", argv[1]);
  return reached("wrote %s", argv[1]);
}

/* read-any TEXT PATH...: a kernel or host file whose content is meant to be hidden; empty counts as hidden. */
static int read_any(int argc, char **argv) {
  int present = 0;
  for (int i = 1; i < argc; i++) {
    char byte[64];
    int fd = open(argv[i], O_RDONLY | O_NONBLOCK);
    present += fd >= 0 || errno != ENOENT;
    if (fd < 0) continue;
    ssize_t got = read(fd, byte, sizeof byte);
    close(fd);
    if (got > 0) return reached("%s is readable", argv[i]);
  }
  if (!present) return cannot("no such file on this machine");
  return blocked("read %s", need(argc, argv, 1));
}

const struct technique file_techniques[] = {
    {"read", read_file},         {"write", write_file},       {"open-write", open_write},
    {"rewrite", rewrite},        {"truncate", truncate_file}, {"unlink", unlink_file},
    {"chmod", chmod_file},       {"xattr", xattr_file},       {"rename", rename_file},
    {"link", link_write},        {"symlink", symlink_write},  {"proc-root", proc_root},
    {"lower-write", lower_write}, {"handle", handle},         {"handle-open", handle_open},
    {"devices", devices},        {"mknod-open", mknod_open},  {"watch", watch},
    {"scan-proc", scan_proc},    {"descriptors", descriptors}, {"read-any", read_any},     {"nameless", nameless},       {"openat2", open_anew},
    {NULL, NULL}};
