/* Which escape sequences of a program reach the operator's terminal: those that draw, set modes that can be taken back, or
 * ask for numbers. The list says what passes, not what does not: terminals have commands that read and write files, program
 * keys, start programs (kitty's DCS @, ConEmu's OSC 9;7, OSC 51 in Vim and Emacs, tmux's control mode, DEC's macros), and the
 * next terminal has others. Sources: ECMA-48, xterm's ctlseqs, the manuals of the terminals named. */
#include "terminal.h"

/* ---- modes: what is still set when the program is gone is taken back ---- */
static const struct {
  unsigned number;
  bool ansi, normal; /* normal: as a terminal is before a program came */
} modes[] = {
    {9, false, false},    {1000, false, false}, {1001, false, false}, {1002, false, false}, {1003, false, false}, /* mouse */
    {1004, false, false}, {1005, false, false}, {1006, false, false}, {1015, false, false}, {1016, false, false}, /* focus; mouse */
    {2004, false, false}, {2031, false, false}, {2048, false, false}, {9001, false, false}, /* paste, colours, sizes, keys: it types */
    {2026, false, false}, {1, false, false},    {66, false, false},   {67, false, false},   {5, false, false},
    {6, false, false},    {69, false, false},   {7, false, true},     {25, false, true},    {47, false, false},
    {1047, false, false}, {1049, false, false}, /* the alternate screen last: what is above holds for each screen */
    {2, true, false},     {4, true, false},     {12, true, true},     {20, true, false}, /* keyboard locked, insert, local echo, line feeds */
};
#define MODES (sizeof modes / sizeof *modes)
#define KEYBOARD (1ull << 62)   /* kitty's keyboard protocol */
#define OTHER_KEYS (1ull << 63) /* xterm's modifyOtherKeys */

/* 2: VT52, whose sequences are others; 38: Tektronix, which copies its screen to a file; 5522: kitty tells what is pasted. */
static bool mode_passes(unsigned number, bool ansi) { return ansi || (number != 2 && number != 38 && number != 5522); }

static bool note_modes(struct filter *f, const char *numbers, bool ansi, bool on) {
  for (const char *p = numbers; *p; p += strcspn(p, ";"), p += *p == ';')
    if (!mode_passes((unsigned)strtoul(p, NULL, 10), ansi)) return false;
  for (const char *p = numbers; *p; p += strcspn(p, ";"), p += *p == ';')
    for (size_t i = 0; i < MODES; i++)
      if (modes[i].ansi == ansi && modes[i].number == strtoul(p, NULL, 10))
        f->modes = on != modes[i].normal ? f->modes | 1ull << i : f->modes & ~(1ull << i);
  return true;
}

static size_t keyboard_undo(const struct filter *f, char *out) {
  size_t n = 0;
  if (f->modes & KEYBOARD) n += (size_t)sprintf(out + n, "\033[<99u\033[=0u");
  if (f->modes & OTHER_KEYS) n += (size_t)sprintf(out + n, "\033[>4m");
  return n;
}

size_t filter_undo(const struct filter *f, char out[FILTER_UNDO]) {
  size_t n = 0;
  if (f->in_string && !f->swallow) n += (size_t)sprintf(out + n, "\033\\");
  n += keyboard_undo(f, out + n);
  for (size_t i = 0; i < MODES; i++)
    if (f->modes & 1ull << i) n += (size_t)sprintf(out + n, "\033[%s%u%c", modes[i].ansi ? "" : "?", modes[i].number, modes[i].normal ? 'h' : 'l');
  return n + keyboard_undo(f, out + n); /* each screen has its own */
}

/* ---- control sequences ---- */
static const struct {
  char prefix, intermediate;
  const char *finals;
} control_sequences[] = {
    {0, 0, "@ABCDEFGHIJKLMPSTXZ^`abcdefghjklmnqrstux"}, /* not i: media copy prints */
    {'?', 0, "JKSWchlmnrsu"},                           /* not i */
    {'>', 0, "cfmnpqsu"},                               /* not t: how titles are reported */
    {'<', 0, "u"},                                      {'=', 0, "cu"},
    {0, ' ', "@Aqtu"},                                  {0, '!', "p"},
    {0, '"', "q"},                                      {0, '#', "PQpq{}"},
    {0, '$', "prtvxz{|"},                               {'?', '$', "p"},
    {0, '\'', "}~"},                                    {0, '*', "x"}, /* not *y: reads the screen; not *z: plays a macro */
};

/* Window operations: 20 and 21 report titles. */
static bool window_passes(const char *text) {
  size_t digits = strspn(text, "0123456789");
  unsigned first = (unsigned)strtoul(text, NULL, 10);
  return digits <= 3 && (!text[digits] || text[digits] == ';') && first != 20 && first != 21;
}

bool permit_control(struct filter *f, const char *text, char final) {
  char prefix = *text >= '<' && *text <= '?' ? *text++ : 0;
  size_t numbers = strspn(text, "0123456789;:");
  char intermediate = text[numbers];
  if (intermediate && (intermediate >= '0' || text[numbers + 1])) return false; /* a second prefix or intermediate */
  size_t i = 0;
  while (i < sizeof control_sequences / sizeof *control_sequences &&
         (control_sequences[i].prefix != prefix || control_sequences[i].intermediate != intermediate || !strchr(control_sequences[i].finals, final)))
    i++;
  if (i == sizeof control_sequences / sizeof *control_sequences) return false;
  if (intermediate) {
    f->asked |= final == 'p' && intermediate == '$';
    return true;
  }
  if (final == 't' && !prefix && !window_passes(text)) return false;
  if (final == 'h' || final == 'l') return note_modes(f, text, !prefix, final == 'h');
  if (final == 'r' && prefix) return note_modes(f, text, false, true); /* as saved: they may be on */
  if (final == 'u' && (prefix == '>' || prefix == '=')) f->modes |= KEYBOARD;
  if (final == 'm' && prefix == '>') f->modes |= OTHER_KEYS;
  f->asked |= strchr("cnxt", final) || (prefix && strchr("qmSu", final));
  return true;
}

bool permit_escape(const char *text, char final) {
  if (!*text) return strchr("6789<=>DEHMNOZ\\clmno|~", final);                     /* not }: Terminology's commands */
  if (strchr("()*+-./", *text)) return true;                                       /* sets of characters */
  if (text[1]) return false;
  if (*text == '#') return final >= '3' && final <= '8';
  return (*text == ' ' && final == 'F') || (*text == '%' && final == 'G'); /* not %@: bytes of UTF-8 would be controls */
}

/* ---- operating system commands ---- */
/* Notifications. ConEmu has commands of the same number: 9;6 and 9;7 start programs. 4 shows progress. */
static int notification_passes(const char *text, bool ended) {
  size_t digits = strspn(text, "0123456789");
  if (!text[digits] && !ended) return -1;
  if (text[digits] && text[digits] != ';') return 1;
  return text[digits] && digits == 1 && *text == '4';
}

/* Kitty's: those that report back what they were called, to whom has the terminal then, do not pass. */
static int desktop_passes(const char *text, bool ended) {
  const char *end = strchr(text, ';');
  if (!end) return ended ? 0 : -1;
  for (const char *p = text; p < end; p++)
    if (*p == '?' || !strncmp(p, "report", 6) || !strncmp(p, "alive", 5) || !strncmp(p, "c=1", 3)) return 0;
  return 1;
}

/* Marks of a prompt and of a command's end, with nothing but the exit code. */
static int mark_passes(const char *text, bool ended) {
  if (!ended) return -1;
  if (!*text || !strchr("ABCDLNP", *text)) return 0;
  if (text[1] && text[1] != ';') return 0;
  return !text[1] || strspn(text + 2, "0123456789") == strlen(text + 2);
}

static int starts(const char *text, const char *with, bool ended) {
  size_t have = strlen(text), want = strlen(with);
  if (strncmp(text, with, have < want ? have : want)) return 0;
  return have >= want ? 1 : ended ? 0 : -1;
}

int permit_command(struct filter *f, const char *text, bool ended) {
  size_t digits = strspn(text, "0123456789");
  if (!digits || digits > 4) return digits || *text ? 0 : ended ? 0 : -1;
  if (!text[digits] && !ended) return -1;
  if (text[digits] && text[digits] != ';') return 0;
  unsigned number = (unsigned)strtoul(text, NULL, 10);
  const char *rest = text + digits + (text[digits] == ';');
  switch (number) {
    case 0: case 1: case 2: /* titles */
    case 8: case 66:        /* links; sizes of text */
    case 104: case 105:
      return 1;
    case 4: case 5: /* colours, which may be asked for */
      f->asked = true;
      return 1;
    case 9: return notification_passes(rest, ended);
    case 22: return *rest ? *rest >= 'a' && *rest <= 'z' : ended ? 0 : -1; /* shape of the pointer */
    case 52: { /* the clipboard: to write it was allowed; to read it never is */
      const char *payload = f->clipboard ? strchr(rest, ';') : NULL;
      if (!f->clipboard) return 0;
      if (!payload || !payload[1]) return ended ? 0 : -1;
      return payload[1] != '?';
    }
    case 99: return desktop_passes(rest, ended);
    case 133: return mark_passes(rest, ended);
    case 777: return starts(rest, "notify;", ended);
    default:
      if (number >= 10 && number <= 19) return f->asked = true, 1;
      return number >= 110 && number <= 119;
  }
}

/* Of device control strings: pictures (sixel), and questions for capabilities, whose answer repeats hexadecimal digits. */
enum permit_string permit_device(struct filter *f, const char *text, char final) {
  if (final != 'q') return STRING_REFUSED;
  if (!strcmp(text, "+")) return f->asked = true, STRING_HEXADECIMAL;
  return text[strspn(text, "0123456789;")] ? STRING_REFUSED : STRING_PASSES;
}
