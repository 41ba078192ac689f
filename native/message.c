/* Descriptors over Unix sockets. */
#include "rf.h"
#include <sys/socket.h>

static bool send_some(int socket, const void *data, size_t len, const int *fds, int count, int flags) {
  union {
    char space[CMSG_SPACE(sizeof(int) * MAX_FDS)];
    struct cmsghdr align;
  } control = {0};
  struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = len};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > MAX_FDS) return false;
  if (count > 0) {
    message.msg_control = control.space;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header) return false;
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
    memcpy(CMSG_DATA(header), fds, sizeof(int) * (size_t)count);
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL | flags) == (ssize_t)len;
}

/* Never waits: who does not read does not hold up the supervisor. */
bool send_fds(int socket, const void *data, size_t len, const int *fds, int count) {
  return send_some(socket, data, len, fds, count, MSG_DONTWAIT);
}

bool send_fd(int socket, const void *data, size_t len, int fd) { return send_some(socket, data, len, &fd, 1, 0); }

/* `sender`: the pid of the sending process as this namespace sees it, where the socket has SO_PASSCRED. */
ssize_t recv_fds(int socket, void *data, size_t len, int flags, int *fds, int max, int *count, pid_t *sender) {
  union {
    char space[CMSG_SPACE(sizeof(int) * MAX_FDS) + CMSG_SPACE(sizeof(struct ucred))];
    struct cmsghdr align;
  } control;
  struct iovec part = {.iov_base = data, .iov_len = len};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  ssize_t n;
  while ((n = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR);
  *count = 0;
  for (struct cmsghdr *header = n >= 0 ? CMSG_FIRSTHDR(&message) : NULL; header; header = CMSG_NXTHDR(&message, header)) {
    int got = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    for (int i = 0; header->cmsg_type == SCM_RIGHTS && i < got; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(header) + (size_t)i * sizeof fd, sizeof fd);
      if (*count < max) fds[(*count)++] = fd;
      else close(fd);
    }
    struct ucred who;
    if (header->cmsg_type == SCM_CREDENTIALS && sender) memcpy(&who, CMSG_DATA(header), sizeof who), *sender = who.pid;
  }
  return n;
}

ssize_t recv_fd(int socket, void *data, size_t len, int flags, int *fd, pid_t *sender) {
  int count;
  *fd = -1;
  return recv_fds(socket, data, len, flags, fd, 1, &count, sender);
}
