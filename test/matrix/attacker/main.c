#include "attacker.h"

#include <stdarg.h>
#include <time.h>

static int say(const char *verdict, int code, const char *format, va_list arguments, int error) {
  printf("%s: ", verdict);
  vprintf(format, arguments);
  if (error) printf(": %s", strerror(error));
  printf("\n");
  fflush(stdout);
  return code;
}

int reached(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int code = say("reached", REACHED, format, arguments, 0);
  va_end(arguments);
  return code;
}

int blocked(const char *format, ...) {
  int error = errno;
  va_list arguments;
  va_start(arguments, format);
  int code = say("blocked", BLOCKED, format, arguments, error);
  va_end(arguments);
  return code;
}

int cannot(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int code = say("cannot", CANNOT, format, arguments, 0);
  va_end(arguments);
  return code;
}

long milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pause_ms(long ms) {
  struct timespec rest = {ms / 1000, (ms % 1000) * 1000000};
  while (nanosleep(&rest, &rest) && errno == EINTR) continue;
}

int put(int fd, const char *text) {
  size_t length = strlen(text);
  return write(fd, text, length) == (ssize_t)length ? 0 : -1;
}

int absent(void) { return errno == ENOSYS; }

char *need(int argc, char **argv, int i) {
  if (i < argc) return argv[i];
  fprintf(stderr, "%s: argument %d is missing\n", argv[0], i);
  exit(2);
}

int main(int argc, char **argv) {
  static const struct technique *const groups[] = {
      file_techniques,    race_techniques,  process_techniques, kernel_techniques, mount_techniques,
      network_techniques, stall_techniques, limit_techniques,   host_techniques,   wrapper_techniques,
  };
  if (argc < 2) {
    fprintf(stderr, "usage: attempts TECHNIQUE [ARGUMENT...]\n");
    return 2;
  }
  for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
    for (const struct technique *t = groups[g]; t->name; t++)
      if (!strcmp(t->name, argv[1])) return t->run(argc - 1, argv + 1);
  fprintf(stderr, "%s: no such technique\n", argv[1]);
  return 2;
}
