/* A place for replays: namespaces of their own for network, mounts and processes, in which `lo` is all there is of a network
 * and one folder all that can be written. Whatever runs there can reach stand-ins on loopback and nothing else, and ends with us. */
#include "rf.h"
#include <arpa/inet.h>
#include <limits.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static volatile sig_atomic_t inner;

static int refuse(const char *what) {
  dprintf(2, "%s: %s\n", what, strerror(errno));
  return 125;
}

static void write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return; /* the caller looks at the effect, not at us */
  ssize_t ignored = write(fd, text, strlen(text));
  (void)ignored;
  close(fd);
}

/* An ordinary user may do this in a user namespace alone; both ids stay what they are. */
static int own_namespaces(void) {
  char map[64];
  unsigned uid = geteuid(), gid = getegid();
  if (uid != 0) {
    if (unshare(CLONE_NEWUSER) < 0) return -1;
    snprintf(map, sizeof map, "%u %u 1", uid, uid);
    write_file("/proc/self/uid_map", map);
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "%u %u 1", gid, gid);
    write_file("/proc/self/gid_map", map);
  }
  return unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC);
}

/* One more address of lo: netdevice(7), ipv6(7). Alone, or, written A.B.C.D/N, with all others of that prefix, which are then
 * as local as those of 127/8 (a prefix on a loopback device is a local route, net/ipv4/fib_frontend.c), and no interface's own. */
static int add_address(int v4, int number, char *text) {
  struct ifreq alias = {0};
  char *slash = strchr(text, '/');
  unsigned bits = slash ? (unsigned)atoi(slash + 1) : 32;
  if (bits < 8 || bits > 32) return errno = EINVAL, -1;
  if (slash) *slash = 0;
  struct sockaddr_in *at = (void *)&alias.ifr_addr;
  at->sin_family = AF_INET;
  if (inet_pton(AF_INET, text, &at->sin_addr) == 1) {
    if (ntohl(at->sin_addr.s_addr) >> 24 == 127) return 0; /* all of 127/8 is there */
    snprintf(alias.ifr_name, sizeof alias.ifr_name, "lo:%d", number);
    if (ioctl(v4, SIOCSIFADDR, &alias) < 0) return -1;
    at->sin_addr.s_addr = htonl(0xffffffffu << (32 - bits));
    return ioctl(v4, SIOCSIFNETMASK, &alias);
  }
  struct { /* struct in6_ifreq of linux/ipv6.h */
    struct in6_addr address;
    uint32_t prefix;
    int index;
  } six = {.prefix = 128, .index = 1};
  if (inet_pton(AF_INET6, text, &six.address) != 1) return errno = EINVAL, -1;
  int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int result = fd < 0 ? -1 : ioctl(fd, SIOCSIFADDR, &six);
  if (result < 0 && errno == EEXIST) result = 0;
  if (fd >= 0) close(fd);
  return result;
}

static int own_network(char *addresses) {
  int v4 = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), number = 1;
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  if (v4 < 0 || ioctl(v4, SIOCSIFFLAGS, &request) < 0) return -1;
  for (char *rest = NULL, *text = strtok_r(addresses, ",", &rest); text; text = strtok_r(NULL, ",", &rest))
    if (add_address(v4, number++, text) < 0) return -1;
  close(v4);
  write_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0"); /* stand-ins listen where the contract says */
  return 0;
}

static void end_inner(int signal_number) {
  (void)signal_number;
  if (inner > 0) kill(inner, SIGKILL); /* pid 1 of its namespace: nothing there outlives it */
}

static int set_readonly(const char *path, bool readonly) {
  struct mount_attr attr = {0};
  *(readonly ? &attr.attr_set : &attr.attr_clr) = MOUNT_ATTR_RDONLY;
  return (int)syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &attr, sizeof attr);
}

/* How long the part of `path` is that names an entry of `shared`, which ends in a slash; 0: it lies elsewhere. */
static size_t entry_of(const char *shared, const char *path) {
  size_t length = strlen(shared);
  if (strncmp(path, shared, length) || !path[length] || path[length] == '/') return 0;
  return length + strcspn(path + length, "/");
}

static int put_back(int tree, const char *path) {
  struct stat state;
  if (fstat(tree, &state) < 0) return -1;
  if (!S_ISDIR(state.st_mode)) return 0; /* a single file is no program's home */
  if (mkdir(path, 0755) < 0 && errno != EEXIST) return -1;
  return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

enum { KEPT = 8 };

/* `own` in the place of `shared`, which has what others left for a moment: files, sockets, and other stages. What lies there of us, and of
 * the program, stays where it is. */
static int own_scratch(const char *shared, const char *own, const char *folder, char **command) {
  char kept[KEPT][4096];
  int trees[KEPT], count = 0;
  for (const char *word = folder; word && count < KEPT; word = *command++) {
    size_t length = entry_of(shared, word);
    if (length == 0 || length >= sizeof *kept) continue;
    snprintf(kept[count], sizeof *kept, "%.*s", (int)length, word);
    bool known = false;
    for (int i = 0; i < count; i++) known |= !strcmp(kept[i], kept[count]);
    if (known) continue;
    trees[count] = (int)syscall(SYS_open_tree, AT_FDCWD, kept[count], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (trees[count] >= 0) count++;
  }
  if (mount(own, shared, NULL, MS_BIND, NULL) < 0) return -1;
  for (int i = 0; i < count; close(trees[i++]))
    if (put_back(trees[i], kept[i]) < 0) return -1;
  return 0;
}

/* Nothing but the folder can be written, whoever we are: whatever runs here, the machine's files stay as they are. */
static int only_writable(const char *folder, char **command) {
  if (mount(folder, folder, NULL, MS_BIND, NULL) < 0) return -1;
  if (set_readonly("/", true) < 0 || set_readonly(folder, false) < 0) return -1;
  char own[4096]; /* for who expects to write there: the reduced isolation keeps its copies in /var/tmp (src/cell/reduced/folders.ts) */
  if (snprintf(own, sizeof own, "%s/tmp", folder) >= (int)sizeof own || access(own, W_OK)) own[0] = 0;
  static const char *const shared[] = {"/tmp/", "/var/tmp/"};
  for (unsigned i = 0; own[0] && i < sizeof shared / sizeof *shared; i++)
    if (!access(shared[i], F_OK) && own_scratch(shared[i], own, folder, command) < 0) return -1;
  set_readonly("/sys/fs/cgroup", false); /* where that may not be, limits are supervised, and the record says so */
  return 0;
}

static const char *const NAMES[] = {"/etc/hosts", "/etc/resolv.conf"};
enum { FILES = sizeof NAMES / sizeof *NAMES };

/* Where the files lie in truth: resolv.conf is often a link into /run, which will be empty. */
static void find_names(char places[FILES][PATH_MAX]) {
  for (int i = 0; i < FILES; i++)
    if (!realpath(NAMES[i], places[i])) places[i][0] = 0;
}

static void make_again(const char *path) {
  char part[PATH_MAX];
  for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
    mkdir(part, 0755);
  }
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd >= 0) close(fd);
}

/* Names of the stage's own: FOLDER/etc/NAME in the place of /etc/NAME, where there is one. Without them no name resolves, since nobody is there to ask. */
static int own_names(const char *folder, char places[FILES][PATH_MAX]) {
  for (int i = 0; i < FILES; i++) {
    char own[PATH_MAX];
    if (snprintf(own, sizeof own, "%s%s", folder, NAMES[i]) >= (int)sizeof own || access(own, R_OK) || !places[i][0]) continue;
    if (access(places[i], F_OK)) make_again(places[i]);
    if (mount(own, places[i], NULL, MS_BIND, NULL) < 0) return -1;
  }
  return 0;
}

int stage_main(char *addresses, const char *folder, char **command) {
  pid_t parent = getppid();
  int sockets = list_sockets();
  char names[FILES][PATH_MAX];
  find_names(names);
  if (own_namespaces() < 0) return refuse("namespaces");
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return refuse("parent-death signal");
  if (getppid() != parent) return 125;
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return refuse("mounts");
  if (own_network(addresses) < 0) return refuse("network");
  if (only_writable(folder, command) < 0 || chdir(folder) < 0) return refuse("read-only mounts"); /* after the last write to /proc */
  if (hide_machine(folder, sockets) < 0) return refuse("devices and sockets");
  if (own_names(folder, names) < 0) return refuse("names");
  struct sigaction end = {.sa_handler = end_inner};
  sigset_t blocked, before; /* no signal may come between the fork and our knowing of it */
  sigfillset(&blocked);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  pid_t child = fork();
  if (child < 0) return refuse("fork");
  if (child == 0) {
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) _exit(refuse("parent-death signal"));
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) _exit(refuse("proc"));
    execvp(command[0], command); /* an ordinary user's capabilities end here */
    _exit(refuse(command[0]));
  }
  inner = child;
  sigaction(SIGINT, &end, NULL);
  sigaction(SIGTERM, &end, NULL);
  sigaction(SIGHUP, &end, NULL);
  sigprocmask(SIG_SETMASK, &before, NULL);
  int status;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return refuse("wait");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
