/* Mounts and roots. Each is tried as we are, then as root of a new user and mount namespace of our own. */
#include "attacker.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Bare runs as root stay in a mount namespace of their own, so that nothing needs undoing. */
static void own_mounts(void) {
  if (unshare(CLONE_NEWNS) && unshare(CLONE_NEWUSER | CLONE_NEWNS)) return;
  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static int answer(const char *what, long result) { return result < 0 ? blocked("%s", what) : reached("%s", what); }

static int mount_tmpfs(int argc, char **argv) {
  own_mounts();
  return answer("mount", mount("matrix", need(argc, argv, 1), "tmpfs", 0, "size=4k"));
}

static int remount(int argc, char **argv) {
  own_mounts();
  return answer("remount", mount(NULL, need(argc, argv, 1), NULL, MS_REMOUNT | MS_BIND, NULL));
}

/* uncover PATH FILE: unmounts what covers a path, then reads a file. */
static int uncover(int argc, char **argv) {
  char text[256];
  const char *path = need(argc, argv, 1), *file = need(argc, argv, 2);
  own_mounts();
  int gone = 0;
  while (gone < 4 && !umount2(path, MNT_DETACH)) gone++;
  if (!gone) return blocked("umount %s", path);
  int fd = open(file, O_RDONLY);
  ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  text[got > 0 ? got : 0] = 0;
  return reached("unmounted %d, below lies: %s", gone, text);
}

static int pivot(int argc, char **argv) {
  const char *root = need(argc, argv, 1);
  own_mounts();
  if (mount("matrix", root, "tmpfs", 0, NULL) || chdir(root)) return blocked("mount");
  return answer("pivot_root", syscall(SYS_pivot_root, ".", "."));
}

static int new_mount_api(int argc, char **argv) {
  const char *which = need(argc, argv, 1);
  own_mounts();
  if (!strcmp(which, "fsopen")) return answer("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
  long tree = syscall(SYS_open_tree, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */ | AT_RECURSIVE);
  if (!strcmp(which, "open_tree")) return answer("open_tree", tree);
  if (tree < 0) tree = open("/", O_PATH);
  return answer("move_mount", syscall(SYS_move_mount, tree, "", AT_FDCWD, need(argc, argv, 2), 4 /* EMPTY_PATH */));
}

/* chroot-escape FOLDER FILE: the classic double chroot; then reads a host file from the outermost root. */
static int chroot_escape(int argc, char **argv) {
  char text[256];
  const char *folder = need(argc, argv, 1), *file = need(argc, argv, 2);
  mkdir(folder, 0755);
  if (chroot(folder) && (unshare(CLONE_NEWUSER) || chroot(folder))) return blocked("chroot");
  for (int i = 0; i < 64; i++)
    if (chdir("..")) break;
  if (chroot(".")) return blocked("second chroot");
  int fd = open(file, O_RDONLY);
  ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (got <= 0) return blocked("after leaving the root, %s", file);
  text[got] = 0;
  return reached("outside the root: %s", text);
}

const struct technique mount_techniques[] = {
    {"mount", mount_tmpfs}, {"remount", remount},           {"uncover", uncover},
    {"pivot", pivot},       {"mount-api", new_mount_api},   {"chroot-escape", chroot_escape},
    {NULL, NULL}};
