/* What a program writes to its terminal reaches the operator's, but for what would make that terminal type, read, store, print
 * or run something for the program (permit.c). States as in ECMA-48. What leaves here is well-formed: characters are whole
 * and shortest UTF-8, controls have seven bits, strings end with an end that every terminal knows; so that no terminal reads
 * it in another way than we do. What is too long to be judged does not pass. */
#include "terminal.h"

enum { GROUND, ESCAPE, CONTROL, COMMAND, DEVICE, STRING, STRING_ESCAPE };
#define ESC 0x1b
#define BEL 0x07
#define REPLACEMENT "\357\277\275"

struct output {
  unsigned char *at;
};

static void put(struct output *o, const void *bytes, size_t len) {
  memcpy(o->at, bytes, len);
  o->at += len;
}

static bool hold(struct filter *f, unsigned char c) {
  if (f->len + 1 >= sizeof f->held) return false;
  f->held[f->len++] = c;
  f->held[f->len] = 0;
  return true;
}

static void ground(struct filter *f) {
  f->state = GROUND;
  f->in_string = false;
  f->len = 0;
}

static void release(struct filter *f, struct output *o) {
  put(o, f->held, f->len);
  ground(f);
}

static const char *body(const struct filter *f) { return (const char *)f->held + 2; }

static void to_string(struct filter *f, struct output *o, enum permit_string kind) {
  f->swallow = kind == STRING_REFUSED;
  f->hexadecimal = kind == STRING_HEXADECIMAL;
  if (!f->swallow) put(o, f->held, f->len);
  f->len = 0;
  f->state = STRING;
  f->in_string = true;
}

/* ---- characters ---- */
/* `c` begins a character, or belongs to one that was begun. Returns its code where it is complete and well-formed (RFC 3629: no
 * overlong forms, no surrogates), 0 where more is to come, -1 where it is none. */
static int32_t character(struct filter *f, unsigned char c) {
  if (!f->left) {
    f->left = c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : 0;
    f->size = 0;
    f->bytes[f->size++] = c;
    f->code = c & (0x7fu >> (f->left + 1));
    return f->left ? 0 : -1;
  }
  f->bytes[f->size++] = c;
  f->code = f->code << 6 | (c & 0x3f);
  if (--f->left) return 0;
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  bool formed = f->code >= least[f->size] && f->code < 0x110000 && !(f->code >= 0xd800 && f->code < 0xe000);
  return formed ? (int32_t)f->code : -1;
}

/* To a terminal that does not know UTF-8 these bytes are controls. */
static bool has_control(const struct filter *f) {
  for (int i = 0; i < f->size; i++)
    if (f->bytes[i] >= 0x80 && f->bytes[i] < 0xa0) return true;
  return false;
}

static void show(const struct filter *f, struct output *o, bool formed) {
  if (formed && !(f->eight_bit && has_control(f))) put(o, f->bytes, (size_t)f->size);
  else put(o, REPLACEMENT, 3);
}

/* ---- the states ---- */
static void byte(struct filter *f, struct output *o, unsigned char c);

static void in_ground(struct filter *f, struct output *o, unsigned char c) {
  if (c == ESC) {
    hold(f, c);
    f->state = ESCAPE;
  } else if ((c >= 0x20 && c < 0x7f) || (c >= BEL && c < 0x10) || c == 0x18 || c == 0x1a) put(o, &c, 1);
} /* no other control draws; ENQ asks for the answerback */

static void in_escape(struct filter *f, struct output *o, unsigned char c) {
  if (c < 0x30) { /* intermediates: ESC ( B */
    if (!hold(f, c)) ground(f);
    return;
  }
  hold(f, c);
  if (f->len == 2) switch (c) {
      case '[': f->state = CONTROL; return;
      case ']': f->state = COMMAND; return;
      case 'P': f->state = DEVICE; return;
      case 'X': case '^': case '_': case 'k': /* SOS, PM, APC, the title of screen: kitty's files and pictures, nothing that a program needs */
        return to_string(f, o, STRING_REFUSED);
    }
  f->held[f->len - 1] = 0;
  bool passes = permit_escape((const char *)f->held + 1, (char)c);
  f->held[f->len - 1] = c;
  if (passes) release(f, o);
  else ground(f);
}

static void in_sequence(struct filter *f, struct output *o, unsigned char c) {
  bool fits = f->len + 2 < sizeof f->held;
  if (c < 0x40) {
    hold(f, c); /* full: its end shows that it was too long */
  } else if (f->state == CONTROL) {
    if (fits && permit_control(f, body(f), (char)c)) hold(f, c), release(f, o);
    else ground(f);
  } else {
    enum permit_string kind = fits ? permit_device(f, body(f), (char)c) : STRING_REFUSED;
    hold(f, c);
    to_string(f, o, kind);
  }
}

static void in_command(struct filter *f, struct output *o, unsigned char c) {
  if (c < 0x20 || !hold(f, c)) return to_string(f, o, STRING_REFUSED); /* long, and still not known */
  int passes = permit_command(f, body(f), false);
  if (passes >= 0) to_string(f, o, passes ? STRING_PASSES : STRING_REFUSED), f->command = true;
}

/* Ends a string as the terminal is sure to understand: BEL ends no other than a command. */
static void end_string(struct filter *f, struct output *o, bool bell) {
  if (!f->swallow) put(o, bell && f->command ? "\a" : "\033\\", bell && f->command ? 1 : 2);
  f->command = false;
  ground(f);
}

static void in_string(struct filter *f, struct output *o, unsigned char c) {
  if (c == BEL) return end_string(f, o, true);
  if (c < 0x20) return;
  if (f->hexadecimal && !strchr("0123456789abcdefABCDEF;", c)) return;
  if (!f->swallow) put(o, &c, 1);
}

static void on_escape(struct filter *f, struct output *o) {
  if (f->state == COMMAND) { /* its end, if a backslash follows */
    bool passes = permit_command(f, body(f), true) == 1;
    to_string(f, o, passes ? STRING_PASSES : STRING_REFUSED);
  }
  if (f->state == STRING) {
    f->state = STRING_ESCAPE;
    return;
  }
  ground(f); /* unfinished: nothing of it passes */
  in_ground(f, o, ESC);
}

static void byte(struct filter *f, struct output *o, unsigned char c) {
  if (f->state == STRING_ESCAPE) { /* ESC ends the string; with a backslash it is only that */
    end_string(f, o, false);
    if (c == '\\') return;
    in_ground(f, o, ESC);
  }
  if (c == 0x7f) return;
  if (c == ESC) return on_escape(f, o);
  if (c == 0x18 || c == 0x1a) { /* CAN, SUB end all */
    if (!(f->state == STRING && f->swallow)) put(o, &c, 1);
    f->command = false;
    return ground(f);
  }
  if (c == BEL && f->state == COMMAND) {
    bool passes = permit_command(f, body(f), true) == 1;
    to_string(f, o, passes ? STRING_PASSES : STRING_REFUSED);
    f->command = true;
    return end_string(f, o, true);
  }
  if (c < 0x20 && (f->state == ESCAPE || f->state == CONTROL || f->state == DEVICE)) { /* a terminal obeys it at once, and goes on */
    if (c >= BEL && c < 0x10) put(o, &c, 1);
    return;
  }
  switch (f->state) {
    case GROUND: return in_ground(f, o, c);
    case ESCAPE: return in_escape(f, o, c);
    case COMMAND: return in_command(f, o, c);
    case STRING: return in_string(f, o, c);
    default: return in_sequence(f, o, c);
  }
}

static void wide(struct filter *f, struct output *o, bool formed) {
  if (formed && f->code < 0xa0) { /* a control of eight bits: its spelling with seven */
    byte(f, o, ESC);
    byte(f, o, (unsigned char)(f->code - 0x40));
    return;
  }
  if (f->state == STRING_ESCAPE) end_string(f, o, false); /* ESC and something else */
  if (f->state == COMMAND) {
    for (int i = 0; i < f->size && f->state == COMMAND; i++) in_command(f, o, formed ? f->bytes[i] : '?');
    return;
  }
  if (f->state == STRING) {
    if (!f->swallow && !f->hexadecimal) show(f, o, formed);
    return;
  }
  ground(f); /* no part of a sequence */
  show(f, o, formed);
}

static void take(struct filter *f, struct output *o, unsigned char c) {
  if (f->left && (c & 0xc0) != 0x80) { /* a character that is not whole */
    f->left = 0;
    wide(f, o, false);
  }
  if (c < 0x80) return byte(f, o, c);
  int32_t code = character(f, c);
  if (code) wide(f, o, code > 0);
}

size_t filter_output(struct filter *f, const unsigned char *in, size_t len, unsigned char *out) {
  struct output o = {.at = out};
  for (size_t i = 0; i < len;) {
    if (f->state == GROUND && !f->left) { /* plain text goes fast */
      size_t n = i;
      while (n < len && in[n] >= 0x20 && in[n] < 0x7f) n++;
      put(&o, in + i, n - i);
      i = n;
      if (i == len) break;
    }
    take(f, &o, in[i++]);
  }
  return (size_t)(o.at - out);
}

/* `ringfence-cell filter [WORDS]`: as a filter of standard input, for tests. */
int filter_main(const char *words) {
  static struct filter f;
  unsigned char in[4096], out[FILTER_ROOM(4096)];
  char undo[FILTER_UNDO];
  f.clipboard = flag_in(words, "clipboard");
  f.eight_bit = flag_in(words, "eight-bit");
  size_t most = flag_in(words, "bytewise") ? 1 : sizeof in; /* however reads cut it */
  for (ssize_t n; (n = read(0, in, most)) > 0;)
    if (!write_all(1, (char *)out, filter_output(&f, in, (size_t)n, out))) return 1;
  return !write_all(1, undo, filter_undo(&f, undo));
}
