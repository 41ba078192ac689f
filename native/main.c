/* ringfence-cell: reads a plan from descriptor 4, talks to the controller on descriptor 3. */
#include "terminal.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

extern char **environ;

static int usage(void) {
  dprintf(2, "usage: ringfence-cell run | attach SOCKET STREAMS COMMAND [ARG...] | doctor | xattrs DIR [user|trusted] | whiteouts |\n"
             "       stage ADDRESS,... FOLDER COMMAND [ARG...] | version\n"
             "This is the native half of ringfence; run `ringfence run` instead.\n");
  return 125;
}

static int run(void) {
  static struct plan plan;
  static struct cell cell;
  char error[256];
  for (int i = 1; i < 32; i++)
    if (i != SIGKILL && i != SIGSTOP && i != SIGSEGV && i != SIGBUS && i != SIGFPE && i != SIGILL && i != SIGABRT)
      signal(i, i == SIGCHLD ? SIG_DFL : SIG_IGN);
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGWINCH); /* the thread that relays what is typed takes it */
  sigprocmask(SIG_SETMASK, &mask, NULL);
  cell.umask = umask(0);
  if (!plan_read(PLAN_FD, &plan, error, sizeof error)) fail("plan", error, EINVAL);
  close(PLAN_FD);
  const char *kind = plan_value(&plan, "kind", 0, "");
  cell.plan = &plan;
  cell.kind = !strcmp(kind, "cell") ? KIND_CELL : !strcmp(kind, "confined") ? KIND_CONFINED : KIND_LANDLOCK;
  cell.privileged = geteuid() == 0;
  cell.inside_uid = (unsigned)plan_number(&plan, "identity", 0, -1);
  cell.inside_gid = (unsigned)plan_number(&plan, "identity", 1, -1);
  cell.outside_uid = (unsigned)plan_number(&plan, "identity", 2, 0);
  cell.outside_gid = (unsigned)plan_number(&plan, "identity", 3, 0);
  cell.notify_fd = cell.userns_fd = -1;
  if (cell.outside_uid == 0 || cell.outside_gid == 0) fail("identity", "a cell is never the host's user or group 0", EINVAL);
  for (int i = 0; i < 6; i++) cell.sockets[i] = -1;
  if (plan_find(&plan, "terminal")) terminal_keep(0);
  fcntl(CONTROL_FD, F_SETFD, cell.kind != KIND_CONFINED ? FD_CLOEXEC : 0);
  return supervise(&cell);
}

/* Runs from a sealed copy in memory: no process of the cell can come by a writable descriptor of the launcher's file
 * (CVE-2019-5736), and none sees its path. */
static void run_sealed(char **argv) {
  int self = (int)TRY("seal", "/proc/self/exe", open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  int seals = fcntl(self, F_GET_SEALS);
  if (seals > 0 && seals & F_SEAL_WRITE) return (void)close(self);
  int copy = memfd_create("ringfence", MFD_CLOEXEC | MFD_ALLOW_SEALING | RF_MFD_EXEC);
  if (copy < 0 && errno == EINVAL) copy = memfd_create("ringfence", MFD_CLOEXEC | MFD_ALLOW_SEALING); /* before 6.3 */
  TRY("seal", "memfd", copy);
  for (ssize_t n = 1; n > 0;) n = TRY("seal", "copy", sendfile(copy, self, NULL, 1 << 24));
  int sealed = -1;
  for (int tries = 0; tries < 200 && sealed < 0; tries++) { /* EBUSY: the kernel still holds one of the new pages */
    sealed = fcntl(copy, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    if (sealed < 0 && errno != EBUSY) break;
    if (sealed < 0) usleep(1000);
  }
  TRY("seal", "", sealed);
  argv[0] = (char[]){"ringfence-cell"};
  TRY("seal", "exec", fexecve(copy, argv, environ));
}

int main(int argc, char **argv) {
  for (int fd = 0; fd <= PLAN_FD; fd++) /* what we open must not take the place of a stream */
    if (fcntl(fd, F_GETFD) < 0 && (fd > 2 ? argc == 2 && !strcmp(argv[1], "run") : open("/dev/null", O_RDWR) != fd)) return usage();
  if (argc == 2 && !strcmp(argv[1], "run")) {
    syscall(SYS_close_range, PLAN_FD + 1, ~0u, 0); /* what a shell or a build left open: init and warden would have it */
    run_sealed(argv);
    return run();
  }
  if (argc >= 5 && !strcmp(argv[1], "attach")) return attach_main(argv[2], argv[3], argv + 4);
  if (argc >= 2 && argc <= 3 && !strcmp(argv[1], "filter")) return filter_main(argc == 3 ? argv[2] : "");
  if (argc == 2 && !strcmp(argv[1], "doctor")) return tool_doctor();
  if ((argc == 3 || argc == 4) && !strcmp(argv[1], "xattrs")) return tool_xattrs(argv[2], argc == 4 ? argv[3] : NULL);
  if (argc == 2 && !strcmp(argv[1], "whiteouts")) return tool_whiteouts();
  if (argc >= 5 && !strcmp(argv[1], "stage")) return stage_main(argv[2], argv[3], argv + 4);
  if (argc == 2 && !strcmp(argv[1], "version")) return dprintf(1, "1\n") < 0;
  return usage();
}
