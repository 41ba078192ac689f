/* JSON lines to the controller, and the one way to fail. */
#include "rf.h"
#include <sys/socket.h>
#include <time.h>

static void buf_reserve(struct buf *b, size_t len) {
  if (b->len + len + 1 <= b->cap) return;
  size_t cap = (b->len + len + 1) * 2;
  char *more = realloc(b->data, cap);
  if (!more) abort(); /* fails closed: the cell dies with its supervisor */
  b->data = more;
  b->cap = cap;
}

void buf_add(struct buf *b, const char *data, size_t len) {
  buf_reserve(b, len);
  memcpy(b->data + b->len, data, len);
  b->len += len;
  b->data[b->len] = 0;
}

void buf_text(struct buf *b, const char *text) { buf_add(b, text, strlen(text)); }

void buf_format(struct buf *b, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (n > 0) {
    buf_reserve(b, (size_t)n);
    vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
    b->len += (size_t)n;
  }
  va_end(again);
}

/* Length of the UTF-8 sequence at p, 0 where it is not UTF-8 (RFC 3629: no overlong forms, no surrogates). */
static int utf8_length(const unsigned char *p, size_t left) {
  if (*p < 0x80) return 1;
  int n = *p >= 0xf0 && *p <= 0xf4 ? 4 : *p >= 0xe0 && *p < 0xf0 ? 3 : *p >= 0xc2 && *p < 0xe0 ? 2 : 0;
  if (!n || (size_t)n > left) return 0;
  for (int i = 1; i < n; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) || (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f)) return 0;
  return n;
}

/* Bytes that are not UTF-8 become lone surrogates U+DC80..U+DCFF, as in PEP 383: nothing is lost. */
void json_string(struct buf *b, const char *text, size_t len) {
  const unsigned char *p = (const unsigned char *)text;
  buf_add(b, "\"", 1);
  for (size_t i = 0; i < len;) {
    int n = utf8_length(p + i, len - i);
    if (n == 0)
      buf_format(b, "\\udc%02x", p[i]), n = 1;
    else if (p[i] == '"' || p[i] == '\\')
      buf_add(b, "\\", 1), buf_add(b, text + i, 1);
    else if (p[i] < 0x20 || p[i] == 0x7f)
      buf_format(b, "\\u%04x", p[i]);
    else
      buf_add(b, text + i, (size_t)n);
    i += (size_t)n;
  }
  buf_add(b, "\"", 1);
}

int64_t now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void json_open(struct buf *b, const char *event) {
  b->len = 0;
  buf_format(b, "{\"t\":%lld,\"ev\":\"%s\"", (long long)now_us(), event);
}

void json_key(struct buf *b, const char *key, const char *value) {
  buf_format(b, ",\"%s\":", key);
  json_string(b, value, strlen(value));
}

void json_number(struct buf *b, const char *key, long long value) { buf_format(b, ",\"%s\":%lld", key, value); }

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static struct buf queue;

bool write_all(int fd, const char *data, size_t len) {
  while (len) {
    ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
    if (n < 0 && errno == ENOTSOCK) n = write(fd, data, len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {
      fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
      continue;
    }
    if (n <= 0) return false;
    data += n;
    len -= (size_t)n;
  }
  return true;
}

/* A controller that reads slowly slows the cell down; events are not dropped. Only the main thread sends: those that
 * hold deadlines never wait for somebody to read. */
static int wake_fd = -1;
static _Thread_local bool never_blocks;

void emit_wakes(int fd) { wake_fd = fd; }
void emit_never_blocks(void) { never_blocks = true; }
void emit_wake(void) {
  uint64_t one = 1;
  if (wake_fd >= 0 && write(wake_fd, &one, sizeof one) < 0) return; /* it is awake already */
}

void emit_flush(void) {
  static struct buf sending;
  if (never_blocks) return emit_wake();
  pthread_mutex_lock(&queue_lock);
  struct buf full = queue;
  queue = sending;
  pthread_mutex_unlock(&queue_lock);
  if (full.len) write_all(CONTROL_FD, full.data, full.len);
  full.len = 0;
  sending = full;
}

bool emit_pending(void) {
  pthread_mutex_lock(&queue_lock);
  bool pending = queue.len > 0;
  pthread_mutex_unlock(&queue_lock);
  return pending;
}

void emit(struct buf *b) {
  buf_add(b, "}\n", 2);
  pthread_mutex_lock(&queue_lock);
  buf_add(&queue, b->data, b->len);
  bool full = queue.len > 16384;
  pthread_mutex_unlock(&queue_lock);
  b->len = 0;
  if (full || never_blocks) emit_flush();
}

const char *errno_name(int error) {
  const char *name = strerrorname_np(error);
  return name ? name : "E?";
}

static int failure_socket = -1, failure_session;
static void (*undo)(void);

void fail_through(int sync_fd) { failure_socket = sync_fd; }
void fail_session(int session) { failure_session = session; }
void fail_undoes(void (*action)(void)) { undo = action; }

void fail(const char *stage, const char *detail, int error) {
  if (failure_socket >= 0) {
    struct message_fail message = {.type = MSG_FAIL, .error = error, .session = failure_session};
    snprintf(message.stage, sizeof message.stage, "%s", stage);
    snprintf(message.detail, sizeof message.detail, "%s", detail ? detail : "");
    send(failure_socket, &message, sizeof message, MSG_NOSIGNAL);
    _exit(125);
  }
  struct buf b = {0};
  json_open(&b, "fail");
  json_key(&b, "stage", stage);
  json_number(&b, "errno", error);
  json_key(&b, "code", errno_name(error));
  char text[512];
  snprintf(text, sizeof text, "%s%s%s: %s", stage, detail && *detail ? " " : "", detail ? detail : "", strerror(error));
  json_key(&b, "text", text);
  if (undo) undo();
  never_blocks = false;
  emit(&b);
  emit_flush();
  _exit(125);
}

#ifdef RF_TEST
#ifdef __SANITIZE_ADDRESS__
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; } /* it traces, and we are not dumpable */
#endif
/* RINGFENCE_FAULT=STAGE#N makes the Nth call of that stage fail, counted along each line of descent; the file
 * RINGFENCE_FAULT_LOG gets every STAGE#N. */
bool fault_now(const char *stage) {
  static struct {
    char name[48];
    int count;
  } seen[128];
  static char at[64], name[64];
  static int log = -2;
  if (log == -2) {
    const char *fault = getenv("RINGFENCE_FAULT"), *path = getenv("RINGFENCE_FAULT_LOG");
    if (fault) snprintf(at, sizeof at, "%s", fault);
    log = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666) : -1;
  }
  size_t i = 0;
  while (i < 127 && seen[i].count && strcmp(seen[i].name, stage)) i++;
  snprintf(seen[i].name, sizeof seen[i].name, "%s", stage);
  snprintf(name, sizeof name, "%s#%d", stage, ++seen[i].count);
  if (log >= 0) dprintf(log, "%s\n", name);
  return !strcmp(at, name);
}
bool sabotage(const char *what) {
  static char list[128];
  const char *text = getenv("RINGFENCE_SABOTAGE");
  if (text) snprintf(list, sizeof list, "%s", text);
  return flag_in(list, what);
}
#endif
