/* What of the machine a stage does not have, though its files are there to be read: sockets by which the operator's services take
 * commands, and devices. A read-only mount keeps from neither (inode_permission of fs/namei.c asks it of files, folders and links). */
#include "rf.h"
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>

static const char *const DEVICES[] = {"null", "zero", "full", "random", "urandom", "tty"};
enum { MANY = sizeof DEVICES / sizeof *DEVICES };

static int mount_at(int fd, const char *path) {
  return (int)syscall(SYS_move_mount, fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

/* The devices that any program may use, terminals of the stage's own, and a folder for memory that is shared. */
static int few_devices(void) {
  static const char *const links[][2] = {{"/proc/self/fd", "/dev/fd"}, {"fd/0", "/dev/stdin"}, {"fd/1", "/dev/stdout"},
                                         {"fd/2", "/dev/stderr"},      {"pts/ptmx", "/dev/ptmx"}};
  int devices[MANY];
  char path[32];
  struct mount_attr readonly = {.attr_set = MOUNT_ATTR_RDONLY};
  for (int i = 0; i < MANY; i++) {
    snprintf(path, sizeof path, "/dev/%s", DEVICES[i]);
    devices[i] = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  }
  if (mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k") < 0) return -1;
  for (int i = 0; i < MANY; i++) {
    if (devices[i] < 0) continue;
    snprintf(path, sizeof path, "/dev/%s", DEVICES[i]);
    int at = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (at < 0 || mount_at(devices[i], path) < 0) return -1;
    close(at);
    close(devices[i]);
  }
  for (size_t i = 0; i < sizeof links / sizeof *links; i++)
    if (symlink(links[i][0], links[i][1]) < 0) return -1;
  if (mkdir("/dev/pts", 0755) < 0 || mkdir("/dev/shm", 0755) < 0) return -1;
  if (syscall(SYS_mount_setattr, AT_FDCWD, "/dev", 0, &readonly, sizeof readonly) < 0) return -1;
  mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"); /* else there are none */
  return mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=64m");
}

/* A line of /proc/net/unix ends in the path that was bound, where there is one: proc(5). */
static void hide_socket(char *line) {
  struct stat state;
  char *path = strchr(line, '/');
  if (path && lstat(path, &state) == 0 && S_ISSOCK(state.st_mode)) mount("/dev/null", path, NULL, MS_BIND, NULL);
}

static bool hide_sockets(int list) {
  char text[8192];
  size_t have = 0;
  for (ssize_t got; (got = read(list, text + have, sizeof text - 1 - have)) > 0;) {
    have += (size_t)got;
    text[have] = 0;
    char *line = text, *end;
    for (; (end = strchr(line, '\n')); line = end + 1) {
      *end = 0;
      hide_socket(line);
    }
    have = (size_t)(text + have - line);
    if (have == sizeof text - 1) return errno = EOVERFLOW, false; /* no line is that long */
    memmove(text, line, have);
  }
  return true;
}

/* The sockets that are bound outside; read later, it still tells of the network namespace in which it was opened. */
int list_sockets(void) { return open("/proc/self/net/unix", O_RDONLY | O_CLOEXEC); }

static bool lies_in(const char *path, const char *folder) {
  size_t length = strlen(folder);
  return !strncmp(path, folder, length) && path[length] == '/';
}

int hide_machine(const char *folder, int sockets) {
  if (!lies_in(folder, "/dev") && few_devices() < 0) return -1;
  if (!lies_in(folder, "/run") && !access("/run", F_OK) && mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=16m") < 0) return -1;
  if (sockets < 0) return 0; /* without /proc/net there is nothing to be known */
  bool hidden = hide_sockets(sockets);
  close(sockets);
  return hidden ? 0 : -1;
}
