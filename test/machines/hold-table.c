/* Prints every transition of native/hold.c that can be reached, one a line: state, input, next state, output. States are
 * go ended frozen attempts withheld; no more than two answers are withheld at once. */
#include "hold.h"
#include <stdio.h>
#include <string.h>
#define MOST 256

static struct hold states[MOST];
static int count = 1;

static int number(const struct hold *h) {
  for (int i = 0; i < count; i++)
    if (states[i].go == h->go && states[i].ended == h->ended && states[i].frozen == h->frozen && states[i].attempts == h->attempts &&
        states[i].withheld == h->withheld)
      return i;
  states[count] = *h;
  return count++;
}

int main(void) {
  for (int i = 0; i < count && count < MOST - HOLD_INPUTS; i++)
    for (int input = 0; input < HOLD_INPUTS; input++) {
      struct hold next = states[i];
      if ((input == HOLD_ANSWER && next.withheld == 2) || (input == HOLD_RESTLESS && next.attempts > HOLD_ATTEMPTS)) continue;
      unsigned output = hold_step(&next, (enum hold_input)input);
      printf("%d %d %d %u %d %d %d %u\n", i, input, number(&next), output, next.go, next.ended, next.frozen, next.withheld);
    }
  return count < MOST - HOLD_INPUTS ? 0 : 1;
}
