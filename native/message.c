/* Descriptors over Unix sockets. */
#include "rf.h"
#include <sys/socket.h>

bool send_fd(int socket, const void *data, size_t len, int fd) {
  union {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control = {0};
  struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = len};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)len;
}

/* `sender`: the pid of the sending process as this namespace sees it, where the socket has SO_PASSCRED. */
ssize_t recv_fd(int socket, void *data, size_t len, int flags, int *fd, pid_t *sender) {
  union {
    char space[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
    struct cmsghdr align;
  } control;
  struct iovec part = {.iov_base = data, .iov_len = len};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  ssize_t n;
  while ((n = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR);
  *fd = -1;
  for (struct cmsghdr *header = n >= 0 ? CMSG_FIRSTHDR(&message) : NULL; header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_type == SCM_RIGHTS) memcpy(fd, CMSG_DATA(header), sizeof *fd);
    struct ucred who;
    if (header->cmsg_type == SCM_CREDENTIALS && sender) memcpy(&who, CMSG_DATA(header), sizeof who), *sender = who.pid;
  }
  return n;
}
