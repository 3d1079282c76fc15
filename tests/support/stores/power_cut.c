/* Keeps, beside a folder, a copy of its files that has only what was synced: what a power cut would leave.

   Loaded with LD_PRELOAD into the process that writes. POWER_CUT_FOLDER is watched, POWER_CUT_KEPT is the copy. Writes to
   files of the folder are noted as ranges; fsync and fdatasync copy the noted ranges, and the file's length, to the copy;
   rename and unlink act on the copy at once (a file system with a journal orders them after the data they depend on). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 4096
#define RANGES 65536

static struct { char name[PATH_MAX]; int buffered; } opened[FILES];
static struct { ino_t inode; off_t from, to; } ranges[RANGES];
static int range_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder, *kept;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
  const char *from = getenv("POWER_CUT_FOLDER"), *to = getenv("POWER_CUT_KEPT");
  folder = from ? strdup(from) : NULL; /* Redis overwrites its environment */
  kept = to ? strdup(to) : NULL;
}

static int copy_name(const char *name, char *out) {
  char full[PATH_MAX];
  if (!folder || !kept || !name) return 0;
  if (!realpath(name, full)) {
    char parent[PATH_MAX];
    strncpy(parent, name, sizeof parent - 1);
    parent[sizeof parent - 1] = 0;
    char *slash = strrchr(parent, '/');
    const char *last = slash ? slash + 1 : name;
    char base[PATH_MAX];
    strncpy(base, last, sizeof base - 1);
    base[sizeof base - 1] = 0;
    if (slash) *slash = 0;
    if (!realpath(slash ? parent : ".", full)) return 0;
    strncat(full, "/", sizeof full - strlen(full) - 1);
    strncat(full, base, sizeof full - strlen(full) - 1);
  }
  size_t length = strlen(folder);
  if (strncmp(full, folder, length) || full[length] != '/') return 0;
  snprintf(out, PATH_MAX, "%s%s", kept, full + length);
  return 1;
}

static void make_parent(const char *name) {
  char path[PATH_MAX];
  strncpy(path, name, sizeof path - 1);
  path[sizeof path - 1] = 0;
  for (char *p = path + strlen(kept) + 1; *p; p++)
    if (*p == '/') { *p = 0; mkdir(path, 0700); *p = '/'; }
}

static void note(int fd, off_t from, off_t to) {
  struct stat s;
  if (fd < 0 || fd >= FILES || !opened[fd].name[0] || fstat(fd, &s)) return;
  pthread_mutex_lock(&lock);
  if (range_count && ranges[range_count - 1].inode == s.st_ino && ranges[range_count - 1].to == from)
    ranges[range_count - 1].to = to;
  else if (range_count < RANGES) {
    ranges[range_count].inode = s.st_ino;
    ranges[range_count].from = from;
    ranges[range_count++].to = to;
  } else abort();
  pthread_mutex_unlock(&lock);
}

static void keep(int fd) {
  struct stat s;
  char out[PATH_MAX], link[64], name[PATH_MAX];
  if (fd < 0 || fd >= FILES || !opened[fd].name[0] || fstat(fd, &s) || !S_ISREG(s.st_mode)) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, name, sizeof name - 1);
  if (length < 0) return;
  name[length] = 0;
  if (!copy_name(name, out)) return;
  make_parent(out);
  if (opened[fd].buffered) note(fd, 0, s.st_size);
  int (*real_open)(const char *, int, ...) = real("open");
  ssize_t (*real_pwrite)(int, const void *, size_t, off_t) = real("pwrite");
  int (*real_close)(int) = real("close");
  int to = real_open(out, O_RDWR | O_CREAT, 0600), from = real_open(link, O_RDONLY);
  if (to < 0 || from < 0) abort();
  pthread_mutex_lock(&lock);
  int left = 0;
  char buffer[1 << 16];
  for (int i = 0; i < range_count; i++) {
    if (ranges[i].inode != s.st_ino) { ranges[left++] = ranges[i]; continue; }
    for (off_t at = ranges[i].from; at < ranges[i].to;) {
      size_t want = ranges[i].to - at < (off_t)sizeof buffer ? ranges[i].to - at : sizeof buffer;
      ssize_t got = pread(from, buffer, want, at);
      if (got <= 0) break;
      if (real_pwrite(to, buffer, got, at) != got) abort();
      at += got;
    }
  }
  range_count = left;
  fstat(from, &s);
  if (ftruncate64(to, s.st_size)) abort();
  pthread_mutex_unlock(&lock);
  real_close(to);
  real_close(from);
}

static void remember(int fd, const char *name) {
  char out[PATH_MAX];
  if (fd < 0 || fd >= FILES) return;
  opened[fd].name[0] = 0;
  opened[fd].buffered = 0;
  if (copy_name(name, out)) strncpy(opened[fd].name, out, PATH_MAX - 1);
}

#define OPEN(symbol)                                                        \
  int symbol(const char *name, int flags, ...) {                            \
    int (*call)(const char *, int, ...) = real(#symbol);                    \
    va_list list;                                                           \
    va_start(list, flags);                                                  \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; \
    va_end(list);                                                           \
    int fd = call(name, flags, mode);                                       \
    remember(fd, name);                                                     \
    if (fd >= 0 && flags & O_TRUNC) note(fd, 0, 0);                         \
    return fd;                                                              \
  }
OPEN(open)
OPEN(open64)

FILE *fopen_kept(const char *symbol, const char *name, const char *mode) {
  FILE *(*call)(const char *, const char *) = real(symbol);
  FILE *file = call(name, mode);
  if (file) {
    remember(fileno(file), name);
    opened[fileno(file)].buffered = 1; /* the C library writes by calls of its own: the whole file is copied */
  }
  return file;
}
FILE *fopen(const char *name, const char *mode) { return fopen_kept("fopen", name, mode); }
FILE *fopen64(const char *name, const char *mode) { return fopen_kept("fopen64", name, mode); }

int close(int fd) {
  int (*call)(int) = real("close");
  if (fd >= 0 && fd < FILES) opened[fd].name[0] = 0;
  return call(fd);
}

ssize_t write(int fd, const void *data, size_t size) {
  ssize_t (*call)(int, const void *, size_t) = real("write");
  ssize_t done = call(fd, data, size);
  if (done > 0 && fd < FILES && opened[fd].name[0]) {
    off_t end = lseek(fd, 0, SEEK_CUR);
    note(fd, end - done, end);
  }
  return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  ssize_t (*call)(int, const struct iovec *, int) = real("writev");
  ssize_t done = call(fd, parts, count);
  if (done > 0 && fd < FILES && opened[fd].name[0]) {
    off_t end = lseek(fd, 0, SEEK_CUR);
    note(fd, end - done, end);
  }
  return done;
}

#define PWRITE(symbol)                                                     \
  ssize_t symbol(int fd, const void *data, size_t size, off_t at) {        \
    ssize_t (*call)(int, const void *, size_t, off_t) = real(#symbol);     \
    ssize_t done = call(fd, data, size, at);                               \
    if (done > 0) note(fd, at, at + done);                                 \
    return done;                                                           \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

int fsync(int fd) {
  int (*call)(int) = real("fsync");
  int result = call(fd);
  if (!result) keep(fd);
  return result;
}

int fdatasync(int fd) {
  int (*call)(int) = real("fdatasync");
  int result = call(fd);
  if (!result) keep(fd);
  return result;
}

int rename(const char *old, const char *new) {
  int (*call)(const char *, const char *) = real("rename");
  char from[PATH_MAX], to[PATH_MAX];
  int known = copy_name(old, from) && copy_name(new, to);
  int result = call(old, new);
  if (!result && known) { make_parent(to); call(from, to); } /* if the new file was never synced, the old one stays */
  return result;
}

int unlink(const char *name) {
  int (*call)(const char *) = real("unlink");
  char out[PATH_MAX];
  int known = copy_name(name, out);
  int result = call(name);
  if (!result && known) call(out);
  return result;
}
