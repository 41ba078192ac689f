/* Addresses and the little of netlink that both the attacker and its host need. */
#include "attacker.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/un.h>

socklen_t parse_address(const char *address, const char *port, struct sockaddr_storage *into) {
  memset(into, 0, sizeof *into);
  struct sockaddr_in *four = (struct sockaddr_in *)into;
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)into;
  if (inet_pton(AF_INET, address, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons((uint16_t)atoi(port));
    return sizeof *four;
  }
  if (inet_pton(AF_INET6, address, &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)atoi(port));
    return sizeof *six;
  }
  fprintf(stderr, "%s: not an address\n", address);
  exit(2);
}

socklen_t unix_address(const char *path, struct sockaddr_storage *into) {
  struct sockaddr_un *address = (struct sockaddr_un *)into;
  memset(into, 0, sizeof *into);
  address->sun_family = AF_UNIX;
  snprintf(address->sun_path, sizeof address->sun_path, "%s", path);
  if (*path == '@') address->sun_path[0] = 0;
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + (*path != '@'));
}

int connect_within(int fd, const struct sockaddr *address, socklen_t length, int ms) {
  int flags = fcntl(fd, F_GETFL), error = 0;
  fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  if (connect(fd, address, length)) {
    if (errno != EINPROGRESS) return -1;
    struct pollfd ready = {fd, POLLOUT, 0};
    if (poll(&ready, 1, ms) != 1) {
      errno = ETIMEDOUT;
      return -1;
    }
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  fcntl(fd, F_SETFL, flags);
  errno = error;
  return error ? -1 : 0;
}

int netlink_add_address(const char *address) {
  struct {
    struct nlmsghdr head;
    struct ifaddrmsg body;
    struct rtattr attribute;
    unsigned char bytes[16];
  } request = {0};
  struct sockaddr_storage parsed;
  socklen_t length = parse_address(address, "0", &parsed);
  size_t size = length == sizeof(struct sockaddr_in) ? 4 : 16;
  request.head.nlmsg_len = (uint32_t)(offsetof(__typeof__(request), bytes) + size);
  request.head.nlmsg_type = RTM_NEWADDR;
  request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
  request.body.ifa_family = (uint8_t)parsed.ss_family;
  request.body.ifa_prefixlen = (uint8_t)(size * 8);
  request.body.ifa_index = if_nametoindex("lo");
  request.body.ifa_flags = IFA_F_NODAD;
  request.attribute.rta_type = IFA_LOCAL;
  request.attribute.rta_len = (uint16_t)RTA_LENGTH(size);
  if (size == 4) memcpy(request.bytes, &((struct sockaddr_in *)&parsed)->sin_addr, 4);
  else memcpy(request.bytes, &((struct sockaddr_in6 *)&parsed)->sin6_addr, 16);
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  struct {
    struct nlmsghdr head;
    struct nlmsgerr error;
    char rest[256];
  } reply;
  if (fd < 0 || send(fd, &request, request.head.nlmsg_len, 0) < 0 || recv(fd, &reply, sizeof reply, 0) < 0) return -1;
  close(fd);
  errno = -reply.error.error;
  return errno ? -1 : 0;
}
