/* What a program writes to its terminal reaches the operator's, but for what would make that terminal type, read, store or
 * print something for the program: reports of texts the program chose (titles, settings, the answerback), the clipboard, keys
 * that it programs, printing, reading the screen or files. States as in ECMA-48 and xterm's ctlseqs. Reports that are only
 * numbers (cursor, size, colours, attributes) pass: programs need them. What is too long to be judged does not pass. */
#include "terminal.h"

enum { GROUND, ESCAPE, CSI, OSC, DCS, STRING, STRING_ESCAPE };
#define ESC 0x1b
#define BEL 0x07

/* ---- private modes: what is still set when the program is gone is taken back ---- */
static const struct {
  unsigned number;
  const char *undo;
} modes[] = {{9, "\033[?9l"},       {1000, "\033[?1000l"}, {1001, "\033[?1001l"}, {1002, "\033[?1002l"}, {1003, "\033[?1003l"},
             {1004, "\033[?1004l"}, {1005, "\033[?1005l"}, {1006, "\033[?1006l"}, {1015, "\033[?1015l"}, {1016, "\033[?1016l"},
             {2004, "\033[?2004l"}, {2026, "\033[?2026l"}, {1, "\033[?1l"},       {47, "\033[?47l"},     {1047, "\033[?1047l"},
             {1049, "\033[?1049l"}, {25, "\033[?25h"}};
#define MODES (sizeof modes / sizeof *modes)
#define KEYBOARD (1u << 30)   /* kitty's keyboard protocol */
#define OTHER_KEYS (1u << 31) /* xterm's modifyOtherKeys */

static void note_modes(struct filter *f, const char *numbers, bool on) {
  for (const char *p = numbers; *p; p += strcspn(p, ";"), p += *p == ';')
    for (size_t i = 0; i < MODES; i++)
      if (modes[i].number == strtoul(p, NULL, 10)) f->modes = on == (modes[i].number != 25) ? f->modes | 1u << i : f->modes & ~(1u << i);
}

size_t filter_undo(const struct filter *f, char *out, size_t size) {
  size_t n = 0;
  bool in_string = f->state == STRING || f->state == STRING_ESCAPE;
  if (in_string && !f->swallow) n += (size_t)snprintf(out + n, size - n, "\033\\");
  if (f->modes & KEYBOARD) n += (size_t)snprintf(out + n, size - n, "\033[<9u");
  if (f->modes & OTHER_KEYS) n += (size_t)snprintf(out + n, size - n, "\033[>4m");
  for (size_t i = 0; i < MODES; i++)
    if (f->modes & 1u << i && n + 16 < size) n += (size_t)snprintf(out + n, size - n, "%s", modes[i].undo);
  return n;
}

/* ---- what passes ---- */
/* A whole control sequence: parameters and intermediates, and the final byte. */
static bool csi_passes(struct filter *f, const char *text, char final) {
  char prefix = *text >= '<' && *text <= '?' ? *text++ : 0;
  unsigned first = (unsigned)strtoul(text, NULL, 10);
  if (final == 't' && !prefix && !strpbrk(text, " $")) return first != 20 && first != 21; /* report the icon's, the window's title */
  if (final == 'i') return false;                        /* media copy: prints */
  if (final == 'y' && strchr(text, '*')) return false;   /* DECRQCRA: reads the screen */
  if (prefix == '?' && (final == 'h' || final == 'l')) note_modes(f, text, final == 'h');
  if (final == 'u' && (prefix == '>' || prefix == '=')) f->modes |= KEYBOARD;
  if (final == 'u' && prefix == '<') f->modes &= ~KEYBOARD;
  if (final == 'm' && prefix == '>' && first == 4) f->modes = strchr(text, ';') ? f->modes | OTHER_KEYS : f->modes & ~OTHER_KEYS;
  return true;
}

/* An operating system command by its number: 1 passes, 0 does not, -1 is not known yet. `text`: what there is after `]`. */
static int osc_passes(const struct filter *f, const char *text, bool ended) {
  size_t digits = strspn(text, "0123456789");
  if (digits > 6) return 0;
  if (!text[digits] && !ended) return -1;
  if (!digits) return 0;
  unsigned number = (unsigned)strtoul(text, NULL, 10);
  if (text[digits] && text[digits] != ';') return 0;
  if (number == 52 && f->clipboard) { /* to write it was allowed; to read it never is */
    const char *payload = text[digits] ? strchr(text + digits + 1, ';') : NULL;
    if (!payload || !payload[1]) return ended ? 0 : -1;
    return payload[1] != '?';
  }
  /* 50 fonts, 52 clipboard, 60 and 61 features, 1337 iTerm2's files and more, 5113 and 5522 kitty's files and clipboard */
  return number != 50 && number != 52 && number != 60 && number != 61 && number != 1337 && number != 5113 && number != 5522;
}

/* DECRQSS echoes (CVE-2008-2383), DECUDK programs keys, `t` is tmux's way to pass on whatever is in it. */
static bool dcs_passes(const char *text, char final) {
  if (final == 'q') return !strpbrk(text, "$");
  return final != '|' && final != 't';
}

/* ---- the states ---- */
struct output {
  unsigned char *at;
};

static void release(struct filter *f, struct output *o) {
  memcpy(o->at, f->held, f->len);
  o->at += f->len;
  f->len = 0;
}

static bool hold(struct filter *f, unsigned char c) {
  if (f->len + 1 >= sizeof f->held) return false;
  f->held[f->len++] = c;
  f->held[f->len] = 0;
  return true;
}

static const char *body(const struct filter *f) { return (const char *)f->held + f->body; }

static void to_string(struct filter *f, struct output *o, bool passes) {
  f->state = STRING;
  f->swallow = !passes;
  f->more = 0;
  f->c1 = false;
  if (passes) release(f, o);
  f->len = 0;
}

/* A control of the C1 set, spelled with seven or eight bits: `held` has it already. */
static void introduce(struct filter *f, struct output *o, unsigned char c1) {
  f->body = f->len;
  switch (c1) {
    case 0x9b: f->state = CSI; return;
    case 0x9d: f->state = OSC; return;
    case 0x90: f->state = DCS; return;
    case 0x98: /* SOS, PM, APC: titles of screen, kitty's files; nothing that a program needs */
    case 0x9e:
    case 0x9f: to_string(f, o, false); return;
    default: release(f, o), f->state = GROUND;
  }
}

static void in_ground(struct filter *f, struct output *o, unsigned char c) {
  if (f->c1) { /* after 0xc2: a control of eight bits as UTF-8 spells it, or a character */
    f->c1 = false;
    if (c >= 0x80 && c < 0xa0) {
      hold(f, c);
      introduce(f, o, c);
      return;
    }
    release(f, o);
    if (c >= 0xa0 && c < 0xc0) {
      *o->at++ = c;
      return;
    }
  }
  if (f->more && (c & 0xc0) == 0x80) { /* the rest of a character */
    f->more--;
    *o->at++ = c;
    return;
  }
  f->more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc3 ? 1 : 0;
  if (c == ESC) {
    hold(f, c);
    f->state = ESCAPE;
  } else if (c == 0xc2) {
    hold(f, c);
    f->c1 = true;
  } else if (c >= 0x80 && c < 0xa0) {
    hold(f, c);
    introduce(f, o, c);
  } else if (c != 0x05) /* ENQ asks for the answerback */
    *o->at++ = c;
}

static void in_escape(struct filter *f, struct output *o, unsigned char c) {
  if (c >= 0x20 && c < 0x30) { /* intermediates: ESC ( B */
    if (!hold(f, c)) f->len = 0, f->state = GROUND;
    return;
  }
  hold(f, c);
  bool plain = f->len == 2;
  if (plain && c == 'k') return to_string(f, o, true); /* screen's title */
  if (plain && c >= 0x40 && c < 0x60) return introduce(f, o, (unsigned char)(c + 0x40));
  release(f, o);
  f->state = GROUND;
}

static void in_sequence(struct filter *f, struct output *o, unsigned char c) {
  bool passes = f->len + 1 < sizeof f->held;
  if (c == 0x7f) return;
  if (f->state == CSI && c >= 0x40 && c < 0x7f) {
    if (passes && csi_passes(f, body(f), (char)c)) hold(f, c), release(f, o);
    f->len = 0;
    f->state = GROUND;
  } else if (f->state == DCS && c >= 0x40 && c < 0x7f) {
    passes = passes && dcs_passes(body(f), (char)c);
    hold(f, c);
    to_string(f, o, passes);
  } else hold(f, c); /* full: its end shows that it was too long */
}

static void in_osc(struct filter *f, struct output *o, unsigned char c) {
  bool ends = c == BEL;
  if (!ends && (c < 0x20 || c == 0x7f || !hold(f, c))) return to_string(f, o, false);
  int passes = osc_passes(f, body(f), ends);
  if (ends) {
    if (passes == 1) release(f, o), *o->at++ = c;
    f->len = 0;
    f->state = GROUND;
  } else if (passes >= 0) to_string(f, o, passes);
}

static void in_string(struct filter *f, struct output *o, unsigned char c) {
  bool pending = f->c1, within = f->more && (c & 0xc0) == 0x80;
  f->c1 = c == 0xc2;
  if (within) f->more--;
  else f->more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc3 ? 1 : 0;
  if (c == BEL) f->state = GROUND, f->c1 = false;
  /* A control of eight bits could end the string for the terminal, and not for us: none passes. */
  if (f->swallow || f->c1 || (!within && c >= 0x80 && c < 0xa0)) return;
  if (pending) *o->at++ = 0xc2;
  *o->at++ = c;
}

static void byte(struct filter *f, struct output *o, unsigned char c) {
  if (f->state == STRING_ESCAPE) { /* ESC ends the string; with a backslash it is only that */
    f->state = GROUND;
    f->more = 0;
    f->c1 = false;
    if (!f->swallow) *o->at++ = ESC, *o->at++ = '\\';
    if (c == '\\') return;
    hold(f, ESC);
    f->state = ESCAPE;
    return byte(f, o, c);
  }
  if (f->state == GROUND) return in_ground(f, o, c);
  if (c == ESC) {
    if (f->state == STRING) {
      f->state = STRING_ESCAPE;
      return;
    }
    if (f->state == OSC) { /* its end, if a backslash follows */
      to_string(f, o, osc_passes(f, body(f), true) == 1);
      f->state = STRING_ESCAPE;
      return;
    }
    f->len = 0; /* unfinished: nothing of it passes */
    hold(f, c);
    f->state = ESCAPE;
    return;
  }
  if (c == 0x18 || c == 0x1a) { /* CAN, SUB */
    f->len = 0;
    f->state = GROUND;
    f->more = 0;
    f->c1 = false;
    *o->at++ = c;
    return;
  }
  if (f->state == STRING) return in_string(f, o, c);
  if (f->state == OSC) return in_osc(f, o, c);
  if (c < 0x20) { /* a terminal obeys it at once and goes on with the sequence */
    if (c != 0x05) *o->at++ = c;
    return;
  }
  if (c >= 0x80) { /* no part of any sequence */
    f->len = 0;
    f->state = GROUND;
    f->more = 0;
    return in_ground(f, o, c);
  }
  if (f->state == ESCAPE) in_escape(f, o, c);
  else in_sequence(f, o, c);
}

size_t filter_output(struct filter *f, const unsigned char *in, size_t len, unsigned char *out) {
  struct output o = {.at = out};
  for (size_t i = 0; i < len;) {
    if (f->state == GROUND && !f->more && !f->c1) { /* plain text goes fast */
      size_t n = i;
      while (n < len && in[n] >= 0x20 && in[n] < 0x7f) n++;
      memcpy(o.at, in + i, n - i);
      o.at += n - i;
      i = n;
      if (i == len) break;
    }
    byte(f, &o, in[i++]);
  }
  return (size_t)(o.at - out);
}

/* `ringfence-cell filter`: as a filter of standard input, for tests. */
int filter_main(bool clipboard) {
  static struct filter f;
  unsigned char in[4096], out[4096 + sizeof f.held + 2];
  char undo[256];
  f.clipboard = clipboard;
  for (ssize_t n; (n = read(0, in, sizeof in)) > 0;)
    if (!write_all(1, (char *)out, filter_output(&f, in, (size_t)n, out))) return 1;
  return !write_all(1, undo, filter_undo(&f, undo, sizeof undo));
}
