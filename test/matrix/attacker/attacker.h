/*
 * The attacker: one static program, one subcommand per technique. Each subcommand tries one thing, says in one line
 * what came of it, and leaves nothing behind that it can clean up. The judges outside decide whether it mattered.
 */
#ifndef ATTACKER_H
#define ATTACKER_H

#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* Exit codes of an attempt. */
enum { REACHED = 0, BLOCKED = 10, CANNOT = 20 };

struct technique {
  const char *name;
  int (*run)(int argc, char **argv); /* argv[0] is the name; the rest are the arguments */
};

extern const struct technique file_techniques[];
extern const struct technique race_techniques[];
extern const struct technique process_techniques[];
extern const struct technique kernel_techniques[];
extern const struct technique mount_techniques[];
extern const struct technique network_techniques[];
extern const struct technique stall_techniques[];
extern const struct technique limit_techniques[];
extern const struct technique host_techniques[];
extern const struct technique wrapper_techniques[];

int reached(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Appends strerror(errno), as it was at the call. */
int blocked(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The machine lacks what the attempt needs: it proves nothing here. */
int cannot(const char *format, ...) __attribute__((format(printf, 1, 2)));

long milliseconds(void);
void pause_ms(long ms);
/* Writes text to an open file; 0 or -1. */
int put(int fd, const char *text);
/* A system call that failed because the kernel does not have it. */
int absent(void);
/* Argument i, or a usage error that ends the program. */
char *need(int argc, char **argv, int i);

/* inet.c */
#include <sys/socket.h>
socklen_t parse_address(const char *address, const char *port, struct sockaddr_storage *into);
/* Connects within ms milliseconds; 0, or -1 with errno. */
int connect_within(int fd, const struct sockaddr *address, socklen_t length, int ms);
int netlink_add_address(const char *address);
/* Address of a Unix socket; a leading @ means the abstract name space. */
socklen_t unix_address(const char *path, struct sockaddr_storage *into);

#endif
