/* Asks the running kernel what it does with calls under a seccomp filter, without any of them being carried out.
 *
 * Reads cases from a file, in the machine's byte order: uint32 alone, uint32 instructions, struct sock_filter[], uint32 calls, struct call[]; until its end.
 * Prints a line for each call: `run`, `notify`, `errno N`, `trap N`, `trace N`, `kill`, or `impossible` where no call can be made so;
 * or one line `refused N` (errno) for a program that is not loaded.
 *
 * A child is traced. It first takes a filter that stops every call for the tracer, then the filter in question. The kernel takes the
 * stronger of two answers (seccomp(2)), and stopping for a tracer is stronger than running alone: what would run stops, with the first
 * filter's data, and is then skipped. The tracer sets the registers of each call itself and sees its end at a breakpoint.
 *
 * Answers that the kernel does not know end the process, but some of them are weaker than stopping for a tracer: under a filter `alone` the
 * first one is left out. What such a filter lets run does run. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

struct call {
  uint32_t nr, arch;
  uint64_t ip; /* 0: any */
  uint64_t args[6];
};

#define WOULD_RUN 0x5eedu /* data of the first filter's answer */
#define CODE 0x10000000ul /* where calls are made from, unless an address is asked for */

static void die(const char *what) {
  fprintf(stderr, "decide: %s: %s\n", what, strerror(errno));
  exit(2);
}

static uint64_t address(const struct call *c) {
  return c->ip ? c->ip : CODE + 2 + (c->arch == AUDIT_ARCH_I386 ? 16 : 0);
}

/* The two instructions of a call have two bytes each; behind them a breakpoint. */
static int place(const struct call *c) {
  uint64_t start = address(c) - 2, page = start & ~4095ul;
  if (start < 65536 || start > 0x7fffffffe000ul) return -1;
  void *at = mmap((void *)page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (at == MAP_FAILED && (errno != EEXIST || page != CODE)) return -1;
  unsigned char *code = (unsigned char *)start;
  code[0] = c->arch == AUDIT_ARCH_I386 ? 0xcd : 0x0f;
  code[1] = c->arch == AUDIT_ARCH_I386 ? 0x80 : 0x05;
  code[2] = 0xcc;
  return 0;
}

static int can_be_made(const struct call *c) {
  if (c->arch == AUDIT_ARCH_X86_64) return 1;
  if (c->arch != AUDIT_ARCH_I386) return 0;
  for (int i = 0; i < 6; i++)
    if (c->args[i] >> 32) return 0;
  return 1;
}

static void child(struct sock_fprog *program, uint32_t alone) {
  struct sock_filter stop[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | WOULD_RUN)};
  struct sock_fprog first = {1, stop};
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) || ptrace(PTRACE_TRACEME, 0, 0, 0)) _exit(3);
  raise(SIGSTOP);
  if (!alone && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &first)) _exit(4);
  /* from here on there is no call that is not under the filter: its result is read at the breakpoint */
  __asm__ volatile("syscall; int3"
                   :
                   : "a"((long)SYS_seccomp), "D"((long)SECCOMP_SET_MODE_FILTER), "S"((long)SECCOMP_FILTER_FLAG_NEW_LISTENER), "d"(program)
                   : "rcx", "r11", "memory");
  for (;;) __asm__ volatile("int3");
}

/* Waits for the child's next stop; 0 where it ended. Answers for a supervisor meanwhile. */
static int next_stop(pid_t pid, int listener, int *notified) {
  for (int round = 0;; round++) {
    int status;
    pid_t got = waitpid(pid, &status, WNOHANG | __WALL);
    if (got < 0) die("waitpid");
    if (got == pid) return WIFSTOPPED(status) ? status : 0;
    struct pollfd fd = {.fd = listener, .events = POLLIN};
    if (listener >= 0 && poll(&fd, 1, 0) == 1 && fd.revents & POLLIN) {
      struct seccomp_notif asked;
      memset(&asked, 0, sizeof asked);
      if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked)) continue;
      struct seccomp_notif_resp answer = {.id = asked.id, .error = -EXDEV};
      *notified = 1;
      if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) && errno != ENOENT) die("answer");
    }
    if (round > 50) usleep(20);
    else sched_yield();
  }
}

static void set_registers(pid_t pid, const struct call *c) {
  struct user_regs_struct r;
  if (ptrace(PTRACE_GETREGS, pid, 0, &r)) die("registers");
  r.rip = address(c) - 2;
  r.rax = c->nr;
  r.orig_rax = (unsigned long)-1;
  if (c->arch == AUDIT_ARCH_I386) {
    r.rbx = c->args[0], r.rcx = c->args[1], r.rdx = c->args[2];
    r.rsi = c->args[3], r.rdi = c->args[4], r.rbp = c->args[5];
  } else {
    r.rdi = c->args[0], r.rsi = c->args[1], r.rdx = c->args[2];
    r.r10 = c->args[3], r.r8 = c->args[4], r.r9 = c->args[5];
  }
  if (ptrace(PTRACE_SETREGS, pid, 0, &r)) die("registers");
}

/* Makes one call and prints what came of it; false when the child is gone. */
static int make(pid_t pid, int listener, const struct call *c, uint32_t alone) {
  char said[64] = "";
  int notified = 0;
  set_registers(pid, c);
  if (ptrace(PTRACE_CONT, pid, 0, 0)) die("continue");
  for (;;) {
    int status = next_stop(pid, listener, &notified);
    if (!status) {
      puts("kill");
      return 0;
    }
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
      unsigned long data;
      struct user_regs_struct r;
      if (ptrace(PTRACE_GETEVENTMSG, pid, 0, &data) || ptrace(PTRACE_GETREGS, pid, 0, &r)) die("event");
      if (data == WOULD_RUN) strcpy(said, "run");
      else snprintf(said, sizeof said, "trace %lu", data);
      r.orig_rax = (unsigned long)-1; /* skipped */
      if (ptrace(PTRACE_SETREGS, pid, 0, &r)) die("skip");
    } else if (WSTOPSIG(status) == SIGSYS) {
      siginfo_t info;
      if (ptrace(PTRACE_GETSIGINFO, pid, 0, &info)) die("signal");
      snprintf(said, sizeof said, "trap %d", info.si_errno);
    } else if (WSTOPSIG(status) == SIGTRAP) {
      struct user_regs_struct r;
      if (ptrace(PTRACE_GETREGS, pid, 0, &r)) die("result");
      /* a result of 32 bits is extended with its sign */
      if (notified) puts("notify");
      else if (said[0]) puts(said);
      else if (alone && (long)r.rax == getpid()) puts("run"); /* getppid(2) */
      else printf("errno %d\n", -(int)r.rax);
      return 1;
    } else {
      printf("signal %d\n", WSTOPSIG(status));
      kill(pid, SIGKILL);
      waitpid(pid, NULL, __WALL);
      return 0;
    }
    if (ptrace(PTRACE_CONT, pid, 0, 0)) die("continue");
  }
}

/* Starts a child under the filter; -1 and its errno where the kernel does not load it. */
static pid_t start(struct sock_fprog *program, uint32_t alone, const struct call *calls, uint32_t count, char *possible, int *listener) {
  pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid == 0) {
    for (uint32_t i = 0; i < count; i++)
      if (possible[i]) place(&calls[i]);
    child(program, alone);
  }
  int status, ignored = 0;
  if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status)) die("child");
  if (ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL)) die("options");
  for (;;) {
    if (ptrace(PTRACE_CONT, pid, 0, 0)) die("continue");
    status = next_stop(pid, -1, &ignored);
    if (!status) die("child ended");
    if (WSTOPSIG(status) == SIGTRAP && status >> 16 == 0) break;
  }
  struct user_regs_struct r;
  if (ptrace(PTRACE_GETREGS, pid, 0, &r)) die("registers");
  if ((long)r.rax < 0) {
    kill(pid, SIGKILL);
    waitpid(pid, &status, __WALL);
    errno = (int)-(long)r.rax;
    return -1;
  }
  int process = (int)syscall(SYS_pidfd_open, pid, 0);
  if (process < 0) die("pidfd_open");
  *listener = (int)syscall(SYS_pidfd_getfd, process, (int)r.rax, 0);
  if (*listener < 0) die("listener");
  close(process);
  return pid;
}

static int read_all(FILE *file, void *to, size_t size) { return size == 0 || fread(to, size, 1, file) == 1; }

int main(int argc, char **argv) {
  static struct sock_filter code[4096];
  FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
  if (!file) die("usage: decide FILE");
  uint32_t alone, length, count;
  while (read_all(file, &alone, 4)) {
    if (!read_all(file, &length, 4) || length > 4096 || !read_all(file, code, length * sizeof *code) || !read_all(file, &count, 4)) die("the file is cut off");
    struct call *calls = calloc(count, sizeof *calls);
    char *possible = calloc(count, 1);
    if (!calls || !possible || !read_all(file, calls, count * sizeof *calls)) die("the file is cut off");
    for (uint32_t i = 0; i < count; i++) {
      /* a place that the child cannot have is found out here: both have the same memory */
      possible[i] = (char)(can_be_made(&calls[i]) && place(&calls[i]) == 0);
      if (possible[i]) munmap((void *)((address(&calls[i]) - 2) & ~4095ul), 8192);
    }
    struct sock_fprog program = {(unsigned short)length, code};
    pid_t pid = 0;
    int listener = -1;
    for (uint32_t i = 0; i < count; i++) {
      if (!possible[i]) {
        puts("impossible");
        continue;
      }
      if (!pid && (pid = start(&program, alone, calls, count, possible, &listener)) < 0) {
        printf("refused %d\n", errno);
        pid = 0;
        break;
      }
      if (!make(pid, listener, &calls[i], alone)) {
        close(listener);
        pid = 0;
      }
    }
    if (pid) {
      kill(pid, SIGKILL);
      waitpid(pid, NULL, __WALL);
      close(listener);
    }
    free(calls);
    free(possible);
  }
  return 0;
}
