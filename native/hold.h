/* The state machine of go, freeze, thaw and kill: pure, so that every order of events can be explored (test/machines).
 * `control.c` runs it under its lock and does what it says. */
#ifndef RF_HOLD_H
#define RF_HOLD_H
#include <stdbool.h>
#define HOLD_ATTEMPTS 2 /* at stopping every task, before the cell is ended instead */

struct hold {
  bool go;            /* the program may start */
  bool ended;         /* killed: nothing is started, answered or let go on any more */
  bool frozen;        /* no answers; the tasks are stopped, or being stopped */
  unsigned attempts;  /* of this freeze */
  unsigned withheld;  /* answers that wait for the thaw */
};
enum hold_input { HOLD_GO, HOLD_FREEZE, HOLD_QUIET, HOLD_RESTLESS, HOLD_THAW, HOLD_KILL, HOLD_ANSWER, HOLD_CONTINUE, HOLD_INPUTS };
enum hold_output { /* what is to be done, in this order */
  HOLD_START = 1,       /* start the program */
  HOLD_STOP_TASKS = 2,  /* try to stop every task; then QUIET, or RESTLESS where some still run */
  HOLD_TELL_FROZEN = 4,
  HOLD_TELL_FAILED = 8,
  HOLD_SEND = 16,       /* the answer goes out */
  HOLD_KEEP = 32,       /* the answer is kept: it is the last of `withheld` */
  HOLD_RELEASE = 64,    /* all that were kept go out */
  HOLD_LET_GO = 128,    /* let every task go on */
  HOLD_TELL_THAWED = 256,
  HOLD_PASS = 512,      /* a signal that makes stopped tasks go on may be sent */
  HOLD_END = 1024,      /* end every task */
};
unsigned hold_step(struct hold *hold, enum hold_input input);
#endif
