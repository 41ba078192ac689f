/* Terminals: the operator's (outside) and the programs' own (inside), and the messages of those who ask for one. */
#ifndef RF_TERMINAL_H
#define RF_TERMINAL_H
#include "rf.h"
#include <stddef.h>
#include <sys/ioctl.h>
#include <termios.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif
#define MAX_SESSIONS 32
#define MAX_COMMAND 65536

/* What a program is to be started with: from a client of the session socket to the supervisor, and on to the warden. */
struct wanted {
  char type;             /* MSG_EXEC */
  int session;           /* 0: the program of the plan */
  unsigned terminal;     /* a bit for each stream that is the terminal */
  bool joined;           /* stdout and stderr are one */
  bool passed;           /* the slave comes along: the cell has no devpts of its own */
  bool modes_known;
  struct winsize size;
  struct termios modes;
  char term[80];         /* TERM=…, or empty */
  uint32_t length;
  char command[MAX_COMMAND]; /* each argument ends with NUL */
};
#define WANTED_SIZE(w) (offsetof(struct wanted, command) + (w)->length)

/* Supervisor ↔ client of the session socket (SOCK_SEQPACKET: a message is a message). */
enum { CLIENT_GRANTED = 'G', CLIENT_REFUSED = 'F', CLIENT_ENDED = 'E', CLIENT_STOPPED = 'Z', CLIENT_SIGNAL = 's' };
struct client_message {
  char type;
  int number; /* wait(2) status, errno of an exec that failed, or a signal */
  bool failed; /* exec failed: `number` is its errno */
  char text[256];
};

/* terminal.c: the operator's terminal, one for each process of ours */
bool terminal_is(int fd);
void terminal_keep(int fd); /* before any thread: remembers the modes and sees to it that they come back */
void terminal_leave(void);
bool terminal_foreground(void);
void terminal_raw(void);
void terminal_cooked(void);
void terminal_settle(int in, int out); /* before the terminal is given back: no answer to the program reaches the next reader */
struct filter *terminal_filter(void);
bool terminal_eight_bit(void);
bool terminal_describe(struct wanted *wanted);
int terminal_size(struct winsize *size);

/* filter.c and permit.c: what a program writes to its terminal, without what would make the operator's terminal act for it */
struct filter {
  int state;
  unsigned char held[256]; /* of a sequence that is not judged yet */
  size_t len;
  unsigned char bytes[4]; /* of a character */
  int size, left;         /* how many there are, and are to come */
  uint32_t code;
  bool in_string, swallow, hexadecimal, command; /* of a string: passes or not, may hold hexadecimal digits alone, BEL ends it */
  bool clipboard, eight_bit;                     /* the operator's wish; whether the terminal may not know UTF-8 */
  bool asked;                                    /* something that a terminal answers has passed */
  uint64_t modes;                                /* that are set: filter_undo takes them back */
};
enum permit_string { STRING_REFUSED, STRING_PASSES, STRING_HEXADECIMAL };
#define FILTER_ROOM(len) (3 * (len) + 1024)
#define FILTER_UNDO 512
size_t filter_output(struct filter *f, const unsigned char *in, size_t len, unsigned char *out); /* out: FILTER_ROOM(len) */
size_t filter_undo(const struct filter *f, char out[FILTER_UNDO]);
int filter_main(const char *words);
bool permit_escape(const char *intermediates, char final);
bool permit_control(struct filter *f, const char *text, char final);     /* text: between the introducer and the final byte */
int permit_command(struct filter *f, const char *text, bool ended);      /* 1 passes, 0 does not, -1 is not known yet */
enum permit_string permit_device(struct filter *f, const char *text, char final);

/* relay.c */
struct relay_ends {
  int host[3]; /* ours: stdin, stdout, stderr */
  int cell[3]; /* the other ends of pipes; -1 where the stream is the terminal, or joined to another */
  int master;  /* of the program's terminal, -1 */
};
void relay_start_streams(const struct relay_ends *ends);
void relay_start_terminal(int master, int in, int out, void (*paused)(void), void (*resumed)(void));
void relay_allow_clipboard(void); /* before the start */
bool relay_has_terminal(void);
void relay_pause(void);
void relay_resume(void);
void relay_drain(void); /* what is there is written; somebody may still hold the other end */

/* leader.c, in the cell */
void leader_main(struct cell *cell, struct wanted *wanted, int *fds, int count, int control) __attribute__((noreturn));

/* session.c */
void sessions_listen(struct cell *cell);
void sessions_accept(struct cell *cell);
void sessions_client(struct cell *cell, int slot);
void sessions_master(struct cell *cell, int session, int fd);
void sessions_started(struct cell *cell, int session, pid_t program);
void sessions_stopped(struct cell *cell, int session);
void sessions_exec_failed(int session, int error);
void sessions_ended(struct cell *cell, int session, int status);
void sessions_failed(struct cell *cell, int session, const char *text);
void sessions_end_all(struct cell *cell);
void session_main(struct cell *cell); /* starts the plan's program */
#endif
