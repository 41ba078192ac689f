/* What happens between clone and exec: mounts, network, identity. Runs as pid 1 of the new pid namespace. */
#include "rf.h"
#include <linux/mount.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <grp.h>

static int sys_open_tree(int fd, const char *path, unsigned flags) { return (int)syscall(SYS_open_tree, fd, path, flags); }
static int sys_mount_setattr(int fd, const char *path, unsigned flags, struct mount_attr *attr) {
  return (int)syscall(SYS_mount_setattr, fd, path, flags, attr, sizeof *attr);
}
static int sys_move_mount(int from, int to) {
  return (int)syscall(SYS_move_mount, from, "", to, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}
/* Resolves `path` as if `root` were "/": no symlink in it leads outside (openat2(2), RESOLVE_IN_ROOT). */
static int open_in(int root, const char *path, int flags, uint64_t resolve) {
  struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT | resolve};
  while (*path == '/') path++;
  return (int)syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof how);
}

/* ---- user namespaces ---- */
void write_map(pid_t pid, const char *file, const char *text) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
  int fd = (int)TRY("open-map", path, open(path, O_WRONLY | O_CLOEXEC));
  TRY("write-map", path, write(fd, text, strlen(text)));
  close(fd);
}

/* A user namespace that nobody lives in yet: a child makes it, we map it and keep its descriptor. */
int make_userns(unsigned inside_uid, unsigned inside_gid, unsigned outside_uid, unsigned outside_gid) {
  int wait_pipe[2];
  TRY("pipe", "", pipe2(wait_pipe, O_CLOEXEC));
  pid_t child = (pid_t)TRY("clone-userns", "", syscall(SYS_clone, (long)(CLONE_NEWUSER | SIGCHLD), 0L, 0L, 0L, 0L));
  if (child == 0) {
    char c;
    close(wait_pipe[1]);
    _exit(read(wait_pipe[0], &c, 1) != 0);
  }
  close(wait_pipe[0]);
  char text[64];
  snprintf(text, sizeof text, "%u %u 1", inside_uid, outside_uid);
  write_map(child, "uid_map", text);
  snprintf(text, sizeof text, "%u %u 1", inside_gid, outside_gid);
  write_map(child, "gid_map", text);
  snprintf(text, sizeof text, "/proc/%d/ns/user", child);
  int fd = (int)TRY("open-userns", text, open(text, O_RDONLY | O_CLOEXEC));
  close(wait_pipe[1]);
  while (waitpid(child, NULL, 0) < 0 && errno == EINTR);
  return fd;
}

/* One for each owner on disk that the plan names; made before the new pid namespace hides our children's /proc. */
void make_id_maps(struct cell *cell) {
  for (int i = 0; i < cell->plan->count; i++) {
    const struct op *op = &cell->plan->ops[i];
    const char *text = !strcmp(op->name, "bind") ? op->arg[3] : !strcmp(op->name, "overlay") ? op->arg[4] : !strcmp(op->name, "layer") ? op->arg[2] : "-";
    unsigned uid, gid;
    if (!strcmp(text, "-")) continue;
    if (sscanf(text, "%u:%u", &uid, &gid) != 2) fail("id-map", text, EINVAL);
    int known = 0;
    while (known < cell->id_maps && (cell->id_map[known].uid != uid || cell->id_map[known].gid != gid)) known++;
    if (known < cell->id_maps) continue;
    if (known == MAX_ID_MAPS) fail("id-map", "too many owners", E2BIG);
    cell->id_map[known] = (struct id_map){uid, gid, make_userns(uid, gid, cell->outside_uid, cell->outside_gid)};
    cell->id_maps++;
  }
}

/* ---- the file view ---- */
struct view {
  struct cell *cell;
  int host; /* O_PATH of the host's root, below the staging mount */
  int root; /* O_PATH of the new root */
  int layers; /* number of overlay layer folders made */
  char under[128]; /* layers for the next overlay, topmost first, each followed by ':' */
};

static unsigned long long attributes(const char *flags) {
  unsigned long long set = 0;
  if (flag_in(flags, "ro") && !sabotage("ro")) set |= MOUNT_ATTR_RDONLY;
  if (flag_in(flags, "nosuid") && !sabotage("nosuid")) set |= MOUNT_ATTR_NOSUID;
  if (flag_in(flags, "nodev") && !sabotage("nodev")) set |= MOUNT_ATTR_NODEV;
  if (flag_in(flags, "noexec") && !sabotage("noexec")) set |= MOUNT_ATTR_NOEXEC;
  return set;
}

/* Makes every missing folder of `path` in the new view; returns an O_PATH descriptor of the last one. */
static int make_folders(struct view *view, const char *path) {
  int fd = open_in(view->root, path, O_PATH | O_DIRECTORY, 0);
  if (fd >= 0) return fd;
  char copy[4096];
  snprintf(copy, sizeof copy, "%s", path);
  char *slash = strrchr(copy, '/');
  int parent = view->root;
  const char *name = copy;
  if (slash) {
    *slash = 0;
    parent = slash == copy ? view->root : make_folders(view, copy);
    name = slash + 1;
  }
  if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST) fail("make-folder", path, errno);
  if (parent != view->root) close(parent);
  return (int)TRY("open-folder", path, open_in(view->root, path, O_PATH | O_DIRECTORY, 0));
}

static int parent_of(struct view *view, const char *path, const char **name) {
  char copy[4096];
  snprintf(copy, sizeof copy, "%s", path);
  char *slash = strrchr(copy, '/');
  if (!slash) fail("target", path, EINVAL);
  *name = path + (slash - copy) + 1;
  *slash = 0;
  return make_folders(view, *copy ? copy : "/");
}

/* Where something is mounted: made if absent, as a folder or an empty file. */
static int make_target(struct view *view, const char *path, bool folder) {
  if (folder) return make_folders(view, path);
  int fd = open_in(view->root, path, O_PATH, RESOLVE_NO_SYMLINKS);
  if (fd >= 0) return fd;
  const char *name;
  int parent = parent_of(view, path, &name);
  int file = (int)TRY("make-file", path, openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644));
  close(file);
  close(parent);
  return (int)TRY("open-target", path, open_in(view->root, path, O_PATH, RESOLVE_NO_SYMLINKS));
}

static void set_attributes(int fd, const char *path, const char *flags, const char *idmap, struct view *view) {
  struct mount_attr attr = {.attr_set = attributes(flags)};
  int ns = -1;
  if (idmap && strcmp(idmap, "-") && view->cell->privileged) {
    unsigned uid = 0, gid = 0;
    if (sscanf(idmap, "%u:%u", &uid, &gid) != 2) fail("id-map", idmap, EINVAL);
    for (int i = 0; i < view->cell->id_maps; i++)
      if (view->cell->id_map[i].uid == uid && view->cell->id_map[i].gid == gid) ns = view->cell->id_map[i].fd;
    if (ns < 0) fail("id-map", idmap, ENOENT);
    attr.attr_set |= MOUNT_ATTR_IDMAP;
    attr.userns_fd = (uint64_t)ns;
  }
  if (attr.attr_set)
    TRY("mount-attributes", path,
        sys_mount_setattr(fd, "", AT_EMPTY_PATH | (flag_in(flags, "rec") ? AT_RECURSIVE : 0u), &attr));
}

/* A detached copy of a host folder or file. The plan names it without links, and so it was proved: a link that somebody put
   there meanwhile (a cell with a `direct` workspace can) leads to what nobody looked at. */
static int clone_tree(struct view *view, const char *source, const char *flags, const char *idmap) {
  int at = (int)TRY("open-source", source, open_in(view->host, source, O_PATH, RESOLVE_NO_SYMLINKS));
  int tree = (int)TRY("clone-mount", source,
                      sys_open_tree(at, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
                                                (flag_in(flags, "rec") ? AT_RECURSIVE : 0u)));
  close(at);
  set_attributes(tree, source, flags, idmap, view);
  return tree;
}

static void attach(struct view *view, int tree, const char *target) {
  struct stat info;
  TRY("stat-mount", target, fstat(tree, &info));
  int at = make_target(view, target, S_ISDIR(info.st_mode));
  TRY("attach-mount", target, sys_move_mount(tree, at));
  close(at);
  close(tree);
}

static void do_tmpfs(struct view *view, char **arg) {
  int at = make_folders(view, arg[0]);
  char path[64], options[64];
  snprintf(path, sizeof path, "/host/proc/self/fd/%d", at);
  int n = snprintf(options, sizeof options, "mode=%s", arg[2]);
  if (strcmp(arg[1], "0")) snprintf(options + n, sizeof options - (size_t)n, ",size=%s", arg[1]);
  unsigned long flags = MS_NOSUID | MS_NODEV | (flag_in(arg[3], "noexec") ? MS_NOEXEC : 0u);
  TRY("mount-tmpfs", arg[0], mount("tmpfs", path, "tmpfs", flags, options));
  close(at);
}

static void attach_layer(struct view *view, const char *source, const char *name, const char *flags, const char *id_map) {
  TRY("make-layer", name, mkdir(name, 0755));
  int tree = clone_tree(view, source, flags, id_map);
  int at = (int)TRY("open-layer", name, open(name, O_PATH | O_CLOEXEC));
  TRY("attach-layer", source, sys_move_mount(tree, at));
  close(at);
  close(tree);
}

/* A read-only layer of an earlier overlay, as it is on disk: it belongs to the cell's user already. */
static void do_under(struct view *view, const char *source) {
  char name[32];
  snprintf(name, sizeof name, "/layers/%da", view->layers++);
  attach_layer(view, source, name, "ro,nosuid,nodev", "-");
  if (strlen(view->under) + strlen(name) + 2 > sizeof view->under) fail("overlay", source, E2BIG);
  strcat(strcat(view->under, name), ":");
}

/* Layers get short names of their own: mount options take no long paths and no ',' or ':'. */
static void do_overlay(struct view *view, char **arg) {
  char lower[32], rw[32], options[1024], parent[4096];
  snprintf(lower, sizeof lower, "/layers/%da", view->layers);
  snprintf(rw, sizeof rw, "/layers/%db", view->layers++);
  const char *names[2] = {strrchr(arg[2], '/'), strrchr(arg[3], '/')};
  if (!names[0] || !names[1] || names[0] - arg[2] != names[1] - arg[3]) fail("overlay", arg[2], EINVAL);
  snprintf(parent, sizeof parent, "%.*s", (int)(names[0] - arg[2]), arg[2]);
  attach_layer(view, arg[1], lower, "nosuid,nodev,rec", arg[4]);
  /* The upper layer is not mapped: what the agent makes belongs to the cell's user on disk, never to root. */
  attach_layer(view, parent, rw, "nosuid,nodev", "-");
  int at = make_folders(view, arg[0]);
  char path[64];
  snprintf(path, sizeof path, "/host/proc/self/fd/%d", at);
  int length = snprintf(options, sizeof options, "lowerdir=%s%s,upperdir=%s%s,workdir=%s%s,%s", view->under, lower, rw, names[0], rw,
                        names[1], view->cell->privileged ? "redirect_dir=on,metacopy=off" : "userxattr");
  if (length >= (int)sizeof options) fail("overlay", arg[0], E2BIG);
  view->under[0] = 0;
  TRY("mount-overlay", arg[0], mount("overlay", path, "overlay", MS_NOSUID | MS_NODEV, options));
  close(at);
}

/* A read-only folder of the host whose sockets and pipes are dead: the overlay gives them inodes of its own. */
static void do_layer(struct view *view, char **arg) {
  char lower[32], options[128], path[64];
  snprintf(lower, sizeof lower, "/layers/%da", view->layers++);
  if (mkdir("/layers/none", 0755) < 0 && errno != EEXIST) fail("make-layer", "none", errno);
  attach_layer(view, arg[0], lower, "ro,nosuid,nodev", arg[2]);
  int at = make_folders(view, arg[1]);
  snprintf(path, sizeof path, "/host/proc/self/fd/%d", at);
  snprintf(options, sizeof options, "lowerdir=%s:/layers/none%s", lower, view->cell->privileged ? "" : ",userxattr");
  TRY("mount-layer", arg[1], mount("overlay", path, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV, options));
  close(at);
}

static void do_mask(struct view *view, const char *path) {
  int at = sabotage("mask") ? -1 : open_in(view->root, path, O_PATH, RESOLVE_NO_SYMLINKS);
  if (at < 0 && (sabotage("mask") || errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) return;
  if (at < 0) fail("mask", path, errno);
  struct stat info;
  TRY("stat-mask", path, fstat(at, &info));
  char target[64];
  snprintf(target, sizeof target, "/host/proc/self/fd/%d", at);
  if (S_ISDIR(info.st_mode)) {
    TRY("mask-folder", path, mount("tmpfs", target, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=555"));
  } else {
    int tree = clone_tree(view, "/dev/null", "ro,nosuid,noexec", "-");
    TRY("mask-file", path, sys_move_mount(tree, at));
    close(tree);
  }
  close(at);
}

static void do_proc(struct view *view, const char *target) {
  static const char *const masks[] = {"kcore", "keys", "kmsg", "sysrq-trigger", "timer_list", "latency_stats", "sched_debug",
                                      "kallsyms", "kpagecount", "kpageflags", "kpagecgroup", "acpi", "scsi", "asound", "mtrr"};
  static const char *const readonly[] = {"sys", "irq", "fs", "bus"};
  int at = make_folders(view, target);
  char path[4096];
  snprintf(path, sizeof path, "/host/proc/self/fd/%d", at);
  TRY("mount-proc", target, mount("proc", path, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
  close(at);
  for (int i = 0; i < view->cell->plan->count; i++) {
    const struct op *op = &view->cell->plan->ops[i];
    if (strcmp(op->name, "sysctl")) continue;
    snprintf(path, sizeof path, "%s/sys/%s", target, op->arg[0]);
    for (char *p = path + strlen(target) + 5; *p; p++)
      if (*p == '.') *p = '/';
    int fd = open_in(view->root, path, O_WRONLY, 0);
    if (fd < 0 && errno == ENOENT) continue; /* older kernels lack some; the read-back states what holds */
    if (fd < 0) fail("open-sysctl", op->arg[0], errno);
    TRY("write-sysctl", op->arg[0], write(fd, op->arg[1], strlen(op->arg[1])));
    close(fd);
  }
  for (size_t i = 0; i < sizeof readonly / sizeof *readonly && !sabotage("proc"); i++) {
    snprintf(path, sizeof path, "%s/%s", target, readonly[i]);
    int source = open_in(view->root, path, O_PATH, 0);
    if (source < 0) continue;
    int tree = (int)TRY("clone-proc", path, sys_open_tree(source, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
    set_attributes(tree, path, "ro,nosuid,nodev,noexec", "-", view);
    TRY("attach-proc", path, sys_move_mount(tree, source));
    close(source);
    close(tree);
  }
  for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
    snprintf(path, sizeof path, "%s/%s", target, masks[i]);
    do_mask(view, path);
  }
}

static void do_devpts(struct view *view, const char *target) {
  int at = make_folders(view, target);
  char path[64];
  snprintf(path, sizeof path, "/host/proc/self/fd/%d", at);
  TRY("mount-devpts", target, mount("devpts", path, "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620"));
  close(at);
}

static void own(struct view *view, int fd, const char *path, const char *owner) {
  if (view->cell->privileged && !strcmp(owner, "agent"))
    TRY("owner", path, fchownat(fd, "", view->cell->outside_uid, view->cell->outside_gid, AT_EMPTY_PATH));
}

static void do_dir(struct view *view, char **arg) {
  int fd = make_folders(view, arg[0]);
  char path[64];
  snprintf(path, sizeof path, "/host/proc/self/fd/%d", fd);
  TRY("folder-mode", arg[0], chmod(path, (mode_t)strtol(arg[1], NULL, 8)));
  own(view, fd, arg[0], arg[2]);
  close(fd);
}

static void do_file(struct view *view, char **arg) {
  const char *name;
  int parent = parent_of(view, arg[0], &name);
  unsigned char *content;
  size_t len = hex_decode(arg[2], &content);
  if (len == (size_t)-1) fail("file-content", arg[0], EINVAL);
  int fd = (int)TRY("write-file", arg[0], openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (len) TRY("write-file", arg[0], write_all(fd, (const char *)content, len) ? 0 : -1);
  TRY("file-mode", arg[0], fchmod(fd, (mode_t)strtol(arg[1], NULL, 8)));
  own(view, fd, arg[0], arg[3]);
  free(content);
  close(fd);
  close(parent);
}

static void do_symlink(struct view *view, char **arg) {
  const char *name;
  int parent = parent_of(view, arg[1], &name);
  TRY("symlink", arg[1], symlinkat(arg[0], parent, name));
  close(parent);
}

/* A mount of its own over the same folder: it stays writable when the one around it becomes read-only. */
static void do_writable(struct view *view, const char *path) {
  int at = (int)TRY("open-writable", path, open_in(view->root, path, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS));
  int tree = (int)TRY("clone-writable", path, sys_open_tree(at, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  TRY("attach-writable", path, sys_move_mount(tree, at));
  close(tree);
  close(at);
}

static void do_readonly(struct view *view, const char *path) {
  int at = (int)TRY("open-readonly", path, open_in(view->root, path, O_PATH, 0));
  set_attributes(at, path, sabotage("readonly") ? "-" : "ro", "-", view);
  close(at);
}

void setup_mounts(struct cell *cell) {
  static const char *const bases[] = {"/tmp", "/run", "/var/tmp", "/mnt", "/dev"};
  TRY("private-mounts", "/", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  const char *base = NULL;
  for (size_t i = 0; i < sizeof bases / sizeof *bases && !base; i++)
    if (mount("tmpfs", bases[i], "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") == 0) base = bases[i];
  if (!base) fail("staging-mount", "/tmp", errno);
  TRY("staging-folder", base, chdir(base));
  TRY("staging-folder", "host", mkdir("host", 0755));
  TRY("staging-folder", "root", mkdir("root", 0755));
  TRY("staging-folder", "layers", mkdir("layers", 0755));
  TRY("pivot-staging", base, syscall(SYS_pivot_root, ".", "host"));
  TRY("staging-folder", "/", chdir("/"));
  TRY("mount-root", "/", mount("tmpfs", "/root", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=16m"));
  struct view view = {.cell = cell};
  view.host = (int)TRY("open-host", "", open("/host", O_PATH | O_CLOEXEC));
  view.root = (int)TRY("open-root", "", open("/root", O_PATH | O_CLOEXEC));
  for (int i = 0; i < cell->plan->count; i++) {
    const struct op *op = &cell->plan->ops[i];
    if (!strcmp(op->name, "tmpfs")) do_tmpfs(&view, op->arg);
    else if (!strcmp(op->name, "bind")) attach(&view, clone_tree(&view, op->arg[0], op->arg[2], op->arg[3]), op->arg[1]);
    else if (!strcmp(op->name, "layer")) do_layer(&view, op->arg);
    else if (!strcmp(op->name, "under")) do_under(&view, op->arg[0]);
    else if (!strcmp(op->name, "overlay")) do_overlay(&view, op->arg);
    else if (!strcmp(op->name, "proc")) do_proc(&view, op->arg[0]);
    else if (!strcmp(op->name, "devpts")) do_devpts(&view, op->arg[0]);
    else if (!strcmp(op->name, "mask")) do_mask(&view, op->arg[0]);
    else if (!strcmp(op->name, "dir")) do_dir(&view, op->arg);
    else if (!strcmp(op->name, "file")) do_file(&view, op->arg);
    else if (!strcmp(op->name, "symlink")) do_symlink(&view, op->arg);
    else if (!strcmp(op->name, "writable")) do_writable(&view, op->arg[0]);
    else if (!strcmp(op->name, "readonly")) do_readonly(&view, op->arg[0]);
  }
  if (sabotage("host-root")) attach(&view, clone_tree(&view, "/", "rec", "-"), "/srv");
  close(view.host);
  TRY("enter-root", "", fchdir(view.root));
  close(view.root);
  TRY("pivot-root", "", syscall(SYS_pivot_root, ".", "."));
  TRY("leave-staging", "", umount2(".", MNT_DETACH));
  TRY("enter-root", "", chdir("/"));
}

/* ---- the network namespace: lo, and the gateway's sockets ---- */
static int listener(const char *name, int family, int type, uint16_t port, uint16_t *bound) {
  /* Node adopts it as it is: an accept(2) or read(2) with nothing there must not block the gateway. */
  int fd = (int)TRY("socket", name, socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  if (family == AF_INET)
    TRY("bind", name, bind(fd, (struct sockaddr *)&v4, sizeof v4));
  else
    TRY("bind", name, bind(fd, (struct sockaddr *)&v6, sizeof v6));
  if (type == SOCK_STREAM) TRY("listen", name, listen(fd, 4096));
  socklen_t len = sizeof v6;
  if (getsockname(fd, (struct sockaddr *)&v6, &len) < 0) fail("socket-name", name, errno);
  if (bound) *bound = ntohs(family == AF_INET ? ((struct sockaddr_in *)&v6)->sin_port : v6.sin6_port);
  return fd;
}

/* getaddrinfo(3) with AI_ADDRCONFIG answers for no family of which a host has 127.0.0.1 or ::1 alone. */
static void add_addresses(int lo) {
  struct ifreq alias = {0};
  snprintf(alias.ifr_name, sizeof alias.ifr_name, "lo:1");
  struct sockaddr_in *v4 = (void *)&alias.ifr_addr;
  v4->sin_family = AF_INET;
  v4->sin_addr.s_addr = htonl(0x7f000002);
  TRY("loopback-address", "127.0.0.2", ioctl(lo, SIOCSIFADDR, &alias));
  int six = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (six < 0) return; /* a kernel without IPv6 */
  struct { /* struct in6_ifreq of linux/ipv6.h */
    struct in6_addr address;
    uint32_t prefix;
    int index;
  } ula = {.address = {{{0xfd, 'r', 'i', 'n', 'g', 'f', [15] = 1}}}, .prefix = 128, .index = 1};
  if (ioctl(six, SIOCSIFADDR, &ula) < 0 && errno != EOPNOTSUPP && errno != ENODEV && errno != EACCES)
    fail("loopback-address", "IPv6", errno); /* EACCES: disable_ipv6 */
  close(six);
}

void setup_network(struct cell *cell) {
  struct stat own;
  TRY("network-namespace", "", stat("/proc/self/ns/net", &own));
  if (own.st_ino == cell->host_network) fail("network-namespace", "it is the host's", EINVAL); /* nothing of the host's is touched */
  int lo = (int)TRY("socket", "lo", socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  struct ifreq request = {0};
  snprintf(request.ifr_name, sizeof request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  TRY("loopback-up", "lo", ioctl(lo, SIOCSIFFLAGS, &request));
  add_addresses(lo);
  struct message_number message = {.type = MSG_NETWORK};
  if (!plan_value(cell->plan, "gateway", 0, NULL) || strcmp(plan_value(cell->plan, "gateway", 0, ""), "on")) {
    TRY("send-socket", "lo", send_fd(cell->sync[1], &message, sizeof message, lo) ? 0 : -1);
    close(lo);
    return;
  }
  close(lo);
  bool ipv6 = access("/proc/net/if_inet6", R_OK) == 0;
  static const struct {
    const char *name;
    int family, type;
    uint16_t port;
  } wanted[SOCKETS] = {{"dns-udp", AF_INET, SOCK_DGRAM, 53}, {"dns-tcp", AF_INET, SOCK_STREAM, 53}, {"tcp4", AF_INET, SOCK_STREAM, 0},
                       {"tcp6", AF_INET6, SOCK_STREAM, 0},   {"udp4", AF_INET, SOCK_DGRAM, 0},      {"udp6", AF_INET6, SOCK_DGRAM, 0}};
  for (int i = 0; i < SOCKETS; i++) {
    uint16_t port = 0;
    if (wanted[i].family == AF_INET6 && !ipv6) continue;
    int fd = listener(wanted[i].name, wanted[i].family, wanted[i].type, wanted[i].port, &port);
    message.a = i;
    message.b = port;
    TRY("send-socket", wanted[i].name, send_fd(cell->sync[1], &message, sizeof message, fd) ? 0 : -1);
    close(fd);
  }
}

/* ---- identity ---- */
static void take_identity(struct cell *cell) {
  if (cell->privileged) {
    if (!sabotage("groups")) TRY("groups", "", setgroups(0, NULL));
    TRY("enter-userns", "", setns(cell->userns_fd, CLONE_NEWUSER));
    close(cell->userns_fd);
  }
  TRY("set-gid", "", syscall(SYS_setresgid, cell->inside_gid, cell->inside_gid, cell->inside_gid));
  TRY("set-uid", "", syscall(SYS_setresuid, cell->inside_uid, cell->inside_uid, cell->inside_uid));
}

void setup_child(struct cell *cell) {
  char go;
  fail_through(cell->sync[1]);
  if (recv(cell->sync[1], &go, 1, 0) != 1 || go != MSG_GO) _exit(125);
  TRY("die-with-parent", "", prctl(PR_SET_PDEATHSIG, SIGKILL));
  TRY("session", "", setsid());
  TRY("cgroup-namespace", "", unshare(CLONE_NEWCGROUP));
  const char *hostname = plan_value(cell->plan, "hostname", 0, NULL);
  if (hostname) TRY("hostname", hostname, sethostname(hostname, strlen(hostname)));
  setup_mounts(cell);
  if (cell->kind == KIND_CELL) {
    setup_network(cell);
    int proc = (int)TRY("open-proc", "", open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct message_number message = {.type = MSG_PROC};
    TRY("send-proc", "", send_fd(cell->sync[1], &message, sizeof message, proc) ? 0 : -1);
    close(proc);
  }
  take_identity(cell);
  init_main(cell);
}
