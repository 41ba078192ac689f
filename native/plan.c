/* The plan on the wire: fields end with NUL, an empty field ends an operation, the operation `end` ends the plan. */
#include "rf.h"

static char *slurp(int fd, size_t *len) {
  size_t cap = 1 << 16;
  char *data = malloc(cap);
  *len = 0;
  while (data) {
    if (*len == cap) {
      if (cap >= (64u << 20)) break;
      char *more = realloc(data, cap *= 2);
      if (!more) break;
      data = more;
    }
    ssize_t n = read(fd, data + *len, cap - *len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    if (n == 0) return data;
    *len += (size_t)n;
    /* The sender need not close its end: the plan says where it ends. */
    if (*len >= 6 && memcmp(data + *len - 6, "\0end\0", 6) == 0) return data;
  }
  free(data);
  return NULL;
}

/* Every operation with its fields: `n` a number, `o` a number or "-", anything else is text (src/contract/plan.ts). */
static const struct {
  const char *name, *fields;
} known[] = {{"kind", "tt"},     {"identity", "nnnn"}, {"hostname", "t"}, {"tmpfs", "tntt"},     {"bind", "tttt"},   {"layer", "ttt"},
             {"overlay", "ttttt"}, {"under", "t"}, {"proc", "t"},      {"devpts", "t"},   {"mask", "t"},         {"dir", "tnt"},     {"file", "tntt"},
             {"symlink", "tt"},  {"writable", "t"},    {"readonly", "t"}, {"sysctl", "tt"},      {"landlock", "t"},  {"allow", "tt"},
             {"seccomp", "t"},   {"rlimit", "too"},    {"affinity", "t"}, {"cgroup", "tt"},      {"env", "t"},       {"cwd", "t"},
             {"arg", "t"},       {"time", "n"},        {"supervise", "oooo"}, {"usage", "t"},    {"gateway", "t"},   {"probe", "tn"},
             {"pin", "ntnt"},    {"quiet", "t"},       {"refused", "t"},   {"answers", "t"},   {"events", "t"},   {"terminal", "tt"},
             {"sessions", "t"}, {"end", ""}};

static bool well_formed(const struct op *op) {
  size_t n = 0;
  while (n < sizeof known / sizeof *known && strcmp(known[n].name, op->name)) n++;
  if (n == sizeof known / sizeof *known || op->argc != (int)strlen(known[n].fields)) return false;
  for (int i = 0; i < op->argc; i++) {
    const char *text = op->arg[i];
    char kind = known[n].fields[i];
    if (kind == 't' || (kind == 'o' && !strcmp(text, "-"))) continue;
    if (strlen(text) > 20 || strspn(text, "0123456789") != strlen(text)) return false;
  }
  return true;
}

bool plan_read(int fd, struct plan *plan, char *error, size_t size) {
  size_t len;
  errno = EFBIG;
  char *data = slurp(fd, &len);
  if (!data) return snprintf(error, size, "the plan could not be read: %s", strerror(errno)), false;
  snprintf(error, size, "the plan is broken: it has no end");
  size_t fields = 0;
  for (size_t i = 0; i < len; i++) fields += data[i] == 0;
  char **strings = calloc(fields + 1, sizeof *strings);
  plan->ops = calloc(fields + 1, sizeof *plan->ops);
  plan->count = 0;
  if (!strings || !plan->ops || len == 0 || data[len - 1] != 0) goto broken;
  size_t next = 0;
  char *p = data, *end = data + len;
  while (p < end) {
    size_t first = next;
    while (p < end && *p) {
      strings[next++] = p;
      p += strlen(p) + 1;
    }
    p++;
    if (next == first) goto broken;
    struct op *op = &plan->ops[plan->count++];
    op->name = strings[first];
    op->arg = strings + first + 1;
    op->argc = (int)(next - first - 1);
    if (!well_formed(op)) {
      snprintf(error, size, "the plan is broken: operation %d is %.40s with %d fields", plan->count, op->name, op->argc);
      goto broken;
    }
    if (!strcmp(op->name, "end")) return true;
  }
broken:
  free(data);
  free(strings);
  free(plan->ops);
  plan->ops = NULL;
  return false;
}

const struct op *plan_find(const struct plan *plan, const char *name) {
  for (int i = 0; i < plan->count; i++)
    if (!strcmp(plan->ops[i].name, name)) return &plan->ops[i];
  return NULL;
}

const char *plan_value(const struct plan *plan, const char *name, int index, const char *fallback) {
  const struct op *op = plan_find(plan, name);
  return op && index < op->argc && strcmp(op->arg[index], "-") ? op->arg[index] : fallback;
}

long plan_number(const struct plan *plan, const char *name, int index, long fallback) {
  const char *text = plan_value(plan, name, index, NULL);
  return text ? strtol(text, NULL, 10) : fallback;
}

bool flag_in(const char *list, const char *flag) {
  size_t len = strlen(flag);
  for (const char *p = list; p && *p;) {
    const char *comma = strchr(p, ',');
    size_t n = comma ? (size_t)(comma - p) : strlen(p);
    if (n == len && !memcmp(p, flag, n)) return true;
    p += n + (comma != NULL);
  }
  return false;
}

static int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/* Returns the number of bytes, or (size_t)-1 where the text is not hex or `bytes` has no room. "-" is no bytes. */
size_t hex_decode_into(const char *hex, unsigned char *bytes, size_t room) {
  size_t len = strcmp(hex, "-") ? strlen(hex) : 0;
  if (len % 2 || len / 2 > room) return (size_t)-1;
  for (size_t i = 0; i < len; i += 2) {
    int high = nibble(hex[i]), low = nibble(hex[i + 1]);
    if (high < 0 || low < 0) return (size_t)-1;
    bytes[i / 2] = (unsigned char)(high << 4 | low);
  }
  return len / 2;
}

size_t hex_decode(const char *hex, unsigned char **bytes) {
  size_t room = strlen(hex) / 2 + 1, length = (size_t)-1;
  *bytes = malloc(room);
  if (*bytes) length = hex_decode_into(hex, *bytes, room);
  if (length == (size_t)-1) free(*bytes), *bytes = NULL;
  return length;
}
