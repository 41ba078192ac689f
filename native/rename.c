/* Folder renames that an ordinary user's overlay refuses with EXDEV: what mv(1) does, in the place of rename(2). Files
 * move by rename, folders are made anew; what fails halfway moves back. */
#include "rf.h"
#include <dirent.h>
#include <linux/fs.h>
#include <sys/stat.h>

#define DEEPEST 128
static int move_tree(int from, const char *name, int to, const char *as, int depth, bool merge);

static int move_entry(int from, const char *name, int to, const char *as, int depth, bool merge) {
  if (renameat(from, name, to, as) == 0) return 0;
  struct stat info;
  int error = errno;
  if (error != EXDEV && error != EACCES && error != ENOTEMPTY && error != EEXIST) return error;
  if (fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW) < 0) return errno;
  /* EACCES: a folder that its owner may not write to needs that for a new parent, but not when it moves with the old one. */
  return S_ISDIR(info.st_mode) && (error == EXDEV || error == EACCES || merge) ? move_tree(from, name, to, as, depth + 1, merge) : error;
}

static int move_entries(DIR *list, int target, int depth, bool merge) {
  int error = 0;
  rewinddir(list);
  for (struct dirent *entry; !error && (entry = readdir(list));)
    if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
      error = move_entry(dirfd(list), entry->d_name, target, entry->d_name, depth, merge);
  return error;
}

/* `merge`: the target may be there already, as when a move is taken back. */
static int move_tree(int from, const char *name, int to, const char *as, int depth, bool merge) {
  struct stat info;
  if (depth > DEEPEST) return ELOOP;
  if (fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW) < 0) return errno;
  mode_t mode = info.st_mode & 07777;
  if ((mode & 0700) != 0700 && fchmodat(from, name, mode | 0700, 0) < 0) return errno;
  int source = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *list = source < 0 ? NULL : fdopendir(source);
  if (!list) return errno;
  int error = mkdirat(to, as, 0700) < 0 && (errno != EEXIST || !merge) ? errno : 0;
  int target = error ? -1 : openat(to, as, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (!error && target < 0) error = errno;
  for (int tries = 0; !error; tries++) { /* again where somebody made something meanwhile */
    error = move_entries(list, target, depth, merge);
    if (error || unlinkat(from, name, AT_REMOVEDIR) == 0) break;
    if (errno != ENOTEMPTY || tries == 8) error = errno;
  }
  struct timespec times[2] = {info.st_atim, info.st_mtim};
  if (target >= 0 && (fchmod(target, mode) < 0 || futimens(target, times) < 0) && !error) error = errno;
  if (error && fchmodat(from, name, mode, 0) < 0 && errno != ENOENT) error = errno;
  closedir(list);
  if (target >= 0) close(target);
  return error;
}

/* Returns an errno, 0 when done. `flags` are those of renameat2(2). */
int rename_folder(const char *from, const char *to, unsigned flags) {
  if (syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags) == 0) return 0;
  struct stat info;
  if (errno != EXDEV || (flags & ~(unsigned)RENAME_NOREPLACE)) return errno;
  if (lstat(from, &info) < 0 || !S_ISDIR(info.st_mode)) return EXDEV;
  size_t len = strlen(from);
  if (!strncmp(from, to, len) && (to[len] == '/' || !to[len])) return to[len] ? EINVAL : 0;
  if (lstat(to, &info) == 0) { /* rename(2): an empty folder is replaced */
    if (flags & RENAME_NOREPLACE) return EEXIST;
    if (!S_ISDIR(info.st_mode)) return ENOTDIR;
    DIR *list = opendir(to);
    int entries = 0;
    while (list && readdir(list)) entries++;
    if (list) closedir(list);
    if (entries != 2) return ENOTEMPTY;
  }
  char staging[4200];
  snprintf(staging, sizeof staging, "%s.%d~", to, getpid());
  int error = move_tree(AT_FDCWD, from, AT_FDCWD, staging, 0, false);
  if (!error && rename(staging, to) < 0) error = errno;
  if (error) move_tree(AT_FDCWD, staging, AT_FDCWD, from, 0, true); /* nothing is lost */
  return error;
}
