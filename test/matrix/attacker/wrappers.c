/* Ways to start a command: with a host file, a host socket or open descriptors for it, or on a terminal. */
#include "attacker.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <utmp.h>

static int run(char **command) {
  execvp(command[0], command);
  fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
  return 127;
}

static void stdio(int fd, int number) {
  dup2(fd, number);
  if (fd != number) close(fd);
}

/* begin COMMAND...: says that the attempt was reached at all, then becomes the command. */
static int begin(int argc, char **argv) {
  need(argc, argv, 1);
  if (write(2, "@@begun\n", 8) != 8) return 2;
  return run(argv + 1);
}

/* stdin-file PATH COMMAND..., stdout-file PATH COMMAND... (appending) */
static int stdin_file(int argc, char **argv) {
  int fd = open(need(argc, argv, 1), O_RDONLY);
  if (fd < 0) return 2;
  stdio(fd, 0);
  return run(argv + 2);
}

static int stdout_file(int argc, char **argv) {
  int fd = open(need(argc, argv, 1), O_WRONLY | O_APPEND);
  if (fd < 0) return 2;
  stdio(fd, 1);
  return run(argv + 2);
}

/* stdin-tcp | stdin-udp ADDRESS PORT COMMAND...: standard input is a connected socket of the host's. */
static int stdin_connected(int argc, char **argv) {
  struct sockaddr_storage to;
  socklen_t length = parse_address(need(argc, argv, 1), need(argc, argv, 2), &to);
  int fd = socket(to.ss_family, strcmp(argv[0], "stdin-tcp") ? SOCK_DGRAM : SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&to, length)) return 2;
  stdio(fd, 0);
  return run(argv + 3);
}

/* with-descriptors FILE FOLDER COMMAND...: opens both at 3, 4 and once more far up. */
static int with_descriptors(int argc, char **argv) {
  int file = open(need(argc, argv, 1), O_RDWR), folder = open(need(argc, argv, 2), O_RDONLY | O_DIRECTORY);
  int high = fcntl(file, F_DUPFD, 60);
  int low = fcntl(folder, F_DUPFD, 40);
  if (file < 0 || folder < 0 || high < 0 || low < 0) return 2;
  return run(argv + 3);
}

/* terminal TEXT COMMAND...: runs the command on a fresh terminal; what is left to read there was typed by nobody. */
static int terminal(int argc, char **argv) {
  const char *text = need(argc, argv, 1);
  int outer, inner, status;
  char buffer[4096];
  if (openpty(&outer, &inner, NULL, NULL, NULL)) return 2;
  pid_t child = fork();
  if (!child) {
    close(outer);
    if (login_tty(inner)) _exit(2);
    _exit(run(argv + 2));
  }
  fcntl(outer, F_SETFL, O_NONBLOCK);
  for (;;) {
    ssize_t got = read(outer, buffer, sizeof buffer);
    if (got > 0 && write(1, buffer, (size_t)got) < 0) break;
    if (got > 0) continue;
    if (waitpid(child, &status, WNOHANG) == child) break;
    pause_ms(10);
  }
  struct termios raw;
  tcgetattr(inner, &raw);
  cfmakeraw(&raw);
  tcsetattr(inner, TCSANOW, &raw);
  fcntl(inner, F_SETFL, O_NONBLOCK);
  ssize_t got = read(inner, buffer, sizeof buffer - 1);
  buffer[got > 0 ? got : 0] = 0;
  if (strstr(buffer, text)) printf("\ninjected: %s\n", text);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* inject TEXT: puts text into the terminal's input, as if typed. */
static int inject(int argc, char **argv) {
  int done = 0;
  for (const char *c = need(argc, argv, 1); *c; c++) done += !ioctl(0, TIOCSTI, c);
  return done ? reached("typed %d characters", done) : blocked("TIOCSTI");
}

const struct technique wrapper_techniques[] = {
    {"begin", begin},             {"stdin-file", stdin_file},   {"stdout-file", stdout_file},           {"stdin-tcp", stdin_connected},
    {"stdin-udp", stdin_connected}, {"with-descriptors", with_descriptors}, {"terminal", terminal},
    {"inject", inject},           {NULL, NULL}};
