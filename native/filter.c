/* What a program writes to its terminal, on the way to the operator's. */
#include "terminal.h"

size_t filter_output(struct filter *f, const unsigned char *in, size_t len, unsigned char *out) {
  (void)f;
  memcpy(out, in, len);
  return len;
}

size_t filter_undo(const struct filter *f, char *out, size_t size) {
  (void)f, (void)out, (void)size;
  return 0;
}
