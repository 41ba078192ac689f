/* See hold.h. No I/O, no clock, no globals. */
#include "hold.h"

static unsigned end(struct hold *hold) {
  hold->ended = true;
  hold->frozen = false;
  hold->withheld = 0; /* who waits for an answer dies with the cell */
  return HOLD_END;
}

unsigned hold_step(struct hold *hold, enum hold_input input) {
  if (input == HOLD_KILL) return end(hold); /* again, too: a first attempt may have failed */
  if (hold->ended) return 0;
  switch (input) {
    case HOLD_GO:
      if (hold->go) return 0;
      hold->go = true;
      return HOLD_START;
    case HOLD_FREEZE: /* before the program starts nothing runs, and the controller keeps back `go` */
      if (hold->frozen || !hold->go) return 0;
      hold->frozen = true;
      hold->attempts = 1;
      return HOLD_STOP_TASKS;
    case HOLD_QUIET:
      return hold->frozen ? HOLD_TELL_FROZEN : 0;
    case HOLD_RESTLESS:
      if (!hold->frozen) return 0;
      if (hold->attempts++ < HOLD_ATTEMPTS) return HOLD_STOP_TASKS;
      return HOLD_TELL_FAILED | end(hold); /* what cannot be held is ended */
    case HOLD_THAW:
      if (!hold->frozen) return 0;
      hold->frozen = false;
      hold->withheld = 0;
      return HOLD_RELEASE | HOLD_LET_GO | HOLD_TELL_THAWED;
    case HOLD_ANSWER:
      if (!hold->frozen) return HOLD_SEND;
      hold->withheld++;
      return HOLD_KEEP;
    case HOLD_CONTINUE:
      return hold->frozen ? 0 : HOLD_PASS;
    default:
      return 0;
  }
}
