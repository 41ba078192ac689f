/* The effective state, read from outside and compared with the plan before the program runs and at every probe. */
#include "rf.h"
#include <sys/stat.h>

static char *read_file(const char *path, size_t *len) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  size_t cap = 1 << 16;
  char *data = malloc(cap + 1);
  *len = 0;
  for (ssize_t n; data && (n = read(fd, data + *len, cap - *len)) > 0;) {
    *len += (size_t)n;
    if (*len == cap && *len < (8u << 20)) {
      char *more = realloc(data, (cap *= 2) + 1);
      if (!more) break;
      data = more;
    }
  }
  close(fd);
  if (data) data[*len] = 0;
  return data;
}

static char *read_proc(pid_t pid, const char *name) {
  char path[64];
  size_t len;
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  return read_file(path, &len);
}

static void status_field(const char *status, const char *key, char *value, size_t size) {
  char name[32];
  snprintf(name, sizeof name, "\n%s:", key);
  const char *at = strstr(status, name);
  value[0] = 0;
  if (!at) return;
  at += strlen(name);
  at += strspn(at, "\t ");
  size_t n = strcspn(at, "\n");
  snprintf(value, size, "%.*s", (int)n, at);
}

static ino_t ns_inode(pid_t pid, const char *name) {
  char path[64];
  struct stat info;
  if (pid) snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, name);
  else snprintf(path, sizeof path, "/proc/self/ns/%s", name);
  return stat(path, &info) == 0 ? info.st_ino : 0;
}

static char problem[512];
static const char *differs(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *differs(const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(problem, sizeof problem, format, args);
  va_end(args);
  return problem;
}

static const char *check_identity(struct cell *cell, const char *status, struct buf *json) {
  static const char *const caps[] = {"CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"};
  static const char *const keys[] = {"effective", "permitted", "inheritable", "bounding", "ambient"};
  char value[128], expected[128];
  buf_text(json, ",\"capabilities\":{");
  for (int i = 0; i < 5; i++) {
    status_field(status, caps[i], value, sizeof value);
    buf_format(json, "%s\"%s\":\"%s\"", i ? "," : "", keys[i], value);
    /* Without a namespace of our own an ordinary user cannot empty the bounding set; no_new_privs makes it moot. */
    if (cell->kind == KIND_LANDLOCK && i == 3) continue;
    if (strcmp(value, "0000000000000000")) return differs("capabilities: %s is %s, planned none", caps[i], value);
  }
  status_field(status, "NoNewPrivs", value, sizeof value);
  buf_format(json, "},\"noNewPrivs\":%s", strcmp(value, "1") ? "false" : "true");
  if (strcmp(value, "1")) return differs("no_new_privs is off");
  const char *names[] = {"Uid", "Gid"};
  for (int i = 0; i < 2; i++) {
    unsigned id = i ? cell->outside_gid : cell->outside_uid;
    status_field(status, names[i], value, sizeof value);
    snprintf(expected, sizeof expected, "%u\t%u\t%u\t%u", id, id, id, id);
    buf_format(json, ",\"%s\":[%u,%u,%u,%u]", i ? "gid" : "uid", id, id, id, id);
    if (strcmp(value, expected)) return differs("%s is %s, planned %u", names[i], value, id);
    if (id == 0) return differs("%s is 0, the host's own", names[i]);
  }
  status_field(status, "Groups", value, sizeof value);
  if (cell->privileged && cell->kind == KIND_CELL && *value && *value != ' ') return differs("groups: %s, planned none", value);
  return NULL;
}

static const char *check_seccomp(struct cell *cell, pid_t pid, const char *status, struct buf *json, bool first) {
  char mode[16], filters[16], own[16];
  size_t len;
  char *self = read_file("/proc/self/status", &len);
  status_field(self ? self : "", "Seccomp_filters", own, sizeof own);
  free(self);
  status_field(status, "Seccomp", mode, sizeof mode);
  status_field(status, "Seccomp_filters", filters, sizeof filters);
  bool same = true, read = first && filter_read(cell, pid, &same);
  buf_format(json, ",\"seccomp\":{\"mode\":%d,\"filters\":%d%s}", atoi(mode), atoi(filters), read ? ",\"read\":true" : "");
  if (strcmp(mode, "2")) return differs("seccomp: mode is %s, planned 2 (filter)", *mode ? mode : "unknown");
  if (!same) return differs("seccomp: the filter that is loaded is not the planned one");
  if (*filters && atoi(filters) != atoi(own) + 1) return differs("seccomp: %s filters, planned %d", filters, atoi(own) + 1);
  return NULL;
}

static const char *check_namespaces(struct cell *cell, pid_t pid, struct buf *json) {
  static const char *const names[] = {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"};
  buf_text(json, ",\"namespaces\":{");
  for (int i = 0; i < 7; i++) {
    ino_t inside = ns_inode(pid, names[i]), outside = ns_inode(0, names[i]);
    buf_format(json, "%s\"%s\":%llu", i ? "," : "", names[i], (unsigned long long)inside);
    if (!inside) return differs("namespace %s cannot be read", names[i]);
    if (inside == outside) return differs("namespace %s is the host's", names[i]);
  }
  buf_text(json, "}");
  char *map = read_proc(pid, "uid_map"), wanted[64], found[64] = "";
  unsigned inside, outside, count, more;
  int n = map ? sscanf(map, "%u %u %u %u", &inside, &outside, &count, &more) : 0;
  free(map);
  snprintf(wanted, sizeof wanted, "%u %u 1", cell->inside_uid, cell->outside_uid);
  if (n == 3) snprintf(found, sizeof found, "%u %u %u", inside, outside, count);
  json_key(json, "uidMap", found);
  return strcmp(wanted, found) ? differs("uid map is \"%s\", planned \"%s\"", found, wanted) : NULL;
}

static const char *check_network(pid_t pid, struct buf *json) {
  char *text = read_proc(pid, "net/dev");
  buf_text(json, ",\"interfaces\":[");
  const char *result = text ? NULL : differs("the network namespace cannot be read");
  int count = 0;
  for (char *save = NULL, *line = text ? strtok_r(text, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save)) {
    char *colon = strchr(line, ':');
    if (!colon || strchr(line, '|')) continue;
    *colon = 0;
    line += strspn(line, " ");
    buf_text(json, count++ ? "," : "");
    json_string(json, line, strlen(line));
    /* Kernel modules add tunnel devices, which are down, to every namespace; a route is what counts. */
    if (!strcmp(line, "lo") || flag_in("sit0,tunl0,gre0,gretap0,erspan0,ip6tnl0,ip6gre0,ip_vti0,ip6_vti0", line)) continue;
    if (!result) result = differs("the network namespace has an interface %s, planned lo alone", line);
  }
  buf_text(json, "]");
  free(text);
  text = read_proc(pid, "net/route");
  char *second = text ? strchr(text, '\n') : NULL;
  if (!result && second && second[1]) result = differs("the network namespace has a route");
  free(text);
  text = read_proc(pid, "net/ipv6_route"); /* the last field of each line is the device */
  for (char *save = NULL, *line = text ? strtok_r(text, "\n", &save) : NULL; line && !result; line = strtok_r(NULL, "\n", &save)) {
    char *device = strrchr(line, ' ');
    if (device && strcmp(device + 1, "lo")) result = differs("the network namespace has a route to %s", device + 1);
  }
  free(text);
  return result;
}

/* ---- mounts ---- */
struct expected {
  const char *target, *flags;
  bool recursive, optional, seen, readonly;
};

static void unescape(char *text) { /* proc(5): space, tab, newline and backslash are octal */
  char *out = text;
  for (char *p = text; *p; p++)
    if (p[0] == '\\' && p[1] && p[2] && p[3]) *out++ = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0')), p += 3;
    else *out++ = *p;
  *out = 0;
}

static bool below(const char *path, const char *folder) {
  size_t n = strlen(folder);
  return !strncmp(path, folder, n) && path[n] == '/';
}

static int expect_mounts(const struct plan *plan, struct expected *list) {
  int n = 0;
  list[n++] = (struct expected){.target = "/", .flags = "nosuid,nodev"};
  for (int i = 0; i < plan->count; i++) {
    const struct op *op = &plan->ops[i];
    struct expected e = {0};
    if (!strcmp(op->name, "tmpfs")) e = (struct expected){.target = op->arg[0], .flags = op->arg[3]};
    else if (!strcmp(op->name, "bind")) e = (struct expected){.target = op->arg[1], .flags = op->arg[2], .recursive = flag_in(op->arg[2], "rec")};
    else if (!strcmp(op->name, "layer")) e = (struct expected){.target = op->arg[1], .flags = "ro,nosuid,nodev"};
    else if (!strcmp(op->name, "overlay")) e = (struct expected){.target = op->arg[0], .flags = "nosuid,nodev"};
    else if (!strcmp(op->name, "proc")) e = (struct expected){.target = op->arg[0], .flags = "nosuid,nodev,noexec", .recursive = true};
    else if (!strcmp(op->name, "devpts")) e = (struct expected){.target = op->arg[0], .flags = "nosuid,noexec"};
    else if (!strcmp(op->name, "mask")) e = (struct expected){.target = op->arg[0], .flags = "ro", .optional = true};
    else if (!strcmp(op->name, "writable")) e = (struct expected){.target = op->arg[0], .flags = "nosuid,nodev"};
    if (!strcmp(op->name, "readonly"))
      for (int j = 0; j < n; j++) list[j].readonly |= !strcmp(list[j].target, op->arg[0]);
    if (e.target) list[n++] = e;
    if (!strcmp(op->name, "proc") && !strcmp(op->arg[0], "/proc")) list[n++] = (struct expected){.target = "/proc/sys", .flags = "ro"};
  }
  return n;
}

static const char *check_mount(struct expected *list, int count, const char *target, const char *options, const char *type) {
  for (int i = 0; i < count && below(target, "/proc"); i++) list[i].seen |= !strcmp(list[i].target, target);
  if (below(target, "/proc")) return flag_in(options, "ro") ? NULL : differs("mount %s is writable, planned read-only", target);
  struct expected *found = NULL;
  for (int i = count - 1; i >= 0 && !found; i--) /* the last one planned is the one on top */
    if (!strcmp(list[i].target, target)) found = &list[i];
  if (!found)
    for (int i = 0; i < count; i++)
      if (list[i].recursive && below(target, list[i].target)) {
        if (flag_in(list[i].flags, "ro") && !flag_in(options, "ro")) return differs("mount %s is writable, planned read-only", target);
        return NULL;
      }
  if (!found) return differs("mount %s (%s) is not in the plan", target, type);
  found->seen = true;
  if (found->readonly && !flag_in(options, "ro")) return differs("mount %s is writable, planned read-only", target);
  static const char *const flags[] = {"ro", "nosuid", "nodev", "noexec"};
  for (int i = 0; i < 4; i++)
    if (flag_in(found->flags, flags[i]) && !flag_in(options, flags[i]))
      return differs("mount %s lacks %s (has %s)", target, flags[i], options);
  return NULL;
}

/* Nobody can mount anything in a running cell: its mounts are the same at every look, by id, parent, device, target,
 * options and type. (The source may be renamed on the host, which changes nothing.) */
static uint64_t add_text(uint64_t hash, const char *text) { /* FNV-1a; the end of the text counts, too */
  for (size_t i = 0; i <= strlen(text); i++) hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
  return hash;
}

static const char *check_mounts(struct cell *cell, pid_t pid, struct buf *json, bool first) {
  char *text = read_proc(pid, "mountinfo");
  struct expected *list = calloc(2 * (size_t)cell->plan->count + 1, sizeof *list);
  const char *result = !text || !list ? differs("the mounts cannot be read") : NULL;
  int count = result ? 0 : expect_mounts(cell->plan, list), lines = 0;
  static uint64_t hash_at_start;
  uint64_t hash = 14695981039346656037u;
  buf_text(json, ",\"mounts\":[");
  for (char *save = NULL, *line = text ? strtok_r(text, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save)) {
    char *save_field = NULL, *type = strstr(line, " - ");
    const char *fields[6] = {0};
    if (!type) continue;
    *type = 0;
    type += 3;
    type[strcspn(type, " ")] = 0;
    int n = 0;
    for (char *field = strtok_r(line, " ", &save_field); field && n < 6; field = strtok_r(NULL, " ", &save_field)) fields[n++] = field;
    if (n < 6) continue;
    for (int i = 0; i < 6; i++) hash = i == 3 ? hash : add_text(hash, fields[i]);
    hash = add_text(hash, type);
    char *target = (char *)(uintptr_t)fields[4];
    const char *options = fields[5];
    unescape(target);
    struct buf entry = {0};
    buf_format(&entry, "%s %s %s", target, options, type);
    buf_text(json, lines++ ? "," : "");
    json_string(json, entry.data, entry.len);
    free(entry.data);
    if (!result) result = check_mount(list, count, target, options, type);
  }
  buf_text(json, "]");
  for (int i = 0; !result && i < count; i++)
    if (!list[i].seen && !list[i].optional) {
      bool covered = false; /* planned twice: only the one on top is listed under this name first */
      for (int j = 0; j < count; j++) covered |= j != i && list[j].seen && !strcmp(list[j].target, list[i].target);
      if (!covered) result = differs("mount %s is missing", list[i].target);
    }
  if (first) hash_at_start = hash;
  if (!result && hash != hash_at_start) result = differs("the mounts are not those of the start");
  free(text);
  free(list);
  return result;
}

/* Later on the warden hides its namespaces from us, too; what can change then is the network and the mounts. */
const char *read_back(struct cell *cell, struct buf *json, bool first) {
  pid_t pid = cell->warden_pid;
  char *status = read_proc(pid, "status");
  if (!status) return differs("the process status cannot be read: %s", strerror(errno));
  buf_format(json, "\"landlock\":%d", cell->landlock_abi);
  bool reduced = cell->kind == KIND_LANDLOCK;
  if (reduced) buf_text(json, ",\"namespaces\":{},\"uidMap\":\"\",\"interfaces\":[],\"mounts\":[]");
  const char *result = first && !reduced ? check_namespaces(cell, pid, json) : NULL;
  if (!result) result = check_identity(cell, status, json);
  if (!result) result = check_seccomp(cell, pid, status, json, first);
  if (!result) result = limits_differ(cell->plan, pid, problem, sizeof problem);
  free(status);
  if (!result && !reduced) result = check_network(pid, json);
  if (!result && !reduced) result = check_mounts(cell, pid, json, first);
  return result;
}
