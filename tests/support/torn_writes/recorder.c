/* Preloaded into a process: records what it does to the files of a folder, in order, and what it prints.
 *
 * RECORDED_FOLDER: the folder. RECORD: the record, a sequence of
 *   kind (1 byte), inode (8), offset (8), length (8), and `length` bytes of data
 * kinds: W written at offset; T cut to offset; S synced; N made under the name in data; R renamed, data "old\0new";
 * L linked, data "old\0new"; U removed; P printed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 65536
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int record = -1;
static const char *folder;
static char tracked[FILES];

__attribute__((constructor)) static void begin(void) {
  folder = getenv("RECORDED_FOLDER");
  const char *path = getenv("RECORD");
  if (folder && path) record = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static const char *name_in(const char *path) {
  size_t length = folder ? strlen(folder) : 0;
  return record >= 0 && path && !strncmp(path, folder, length) && path[length] == '/' ? path + length + 1 : NULL;
}

static void put(char kind, uint64_t inode, uint64_t offset, const void *data, uint64_t length) {
  char head[25];
  head[0] = kind;
  memcpy(head + 1, &inode, 8);
  memcpy(head + 9, &offset, 8);
  memcpy(head + 17, &length, 8);
  REAL(write)(record, head, sizeof head);
  if (length) REAL(write)(record, data, length);
}

static uint64_t inode_of(int file) {
  struct stat found;
  if (record < 0 || file < 0 || file >= FILES || !tracked[file] || fstat(file, &found)) return 0;
  return S_ISREG(found.st_mode) || S_ISDIR(found.st_mode) ? found.st_ino : 0;
}

static int opened(int file, const char *path, int flags, int existed) {
  if (file >= 0 && file < FILES) {
    const char *name = name_in(path);
    tracked[file] = record >= 0 && (name || (path && folder && !strcmp(path, folder)));
    uint64_t inode = inode_of(file);
    if (inode && name && (flags & O_CREAT) && !existed) put('N', inode, 0, name, strlen(name));
    if (inode && name && existed && (flags & O_TRUNC)) put('T', inode, 0, NULL, 0);
  }
  return file;
}

#define OPEN(name)                                       \
  int name(const char *path, int flags, ...) {           \
    va_list more;                                        \
    va_start(more, flags);                               \
    mode_t mode = va_arg(more, int);                     \
    va_end(more);                                        \
    pthread_mutex_lock(&lock);                           \
    int existed = name_in(path) && !access(path, F_OK);  \
    int file = REAL(name)(path, flags, mode);            \
    opened(file, path, flags, existed);                  \
    pthread_mutex_unlock(&lock);                         \
    return file;                                         \
  }
OPEN(open)
OPEN(open64)

#define PWRITE(name, offset_t)                                              \
  ssize_t name(int file, const void *data, size_t length, offset_t offset) { \
    pthread_mutex_lock(&lock);                                              \
    ssize_t done = REAL(name)(file, data, length, offset);                  \
    uint64_t inode = inode_of(file);                                        \
    if (done > 0 && inode) put('W', inode, offset, data, done);             \
    pthread_mutex_unlock(&lock);                                            \
    return done;                                                            \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int file, const void *data, size_t length) {
  if (record < 0 || (file != 1 && !(file >= 0 && file < FILES && tracked[file]))) return REAL(write)(file, data, length);
  pthread_mutex_lock(&lock);
  uint64_t inode = inode_of(file);
  if (file == 1) put('P', 0, 0, data, length);
  ssize_t done = REAL(write)(file, data, length);
  if (inode && done > 0) put('W', inode, lseek(file, 0, SEEK_CUR) - done, data, done);
  pthread_mutex_unlock(&lock);
  return done;
}

#define TRUNCATE(name, offset_t)                       \
  int name(int file, offset_t size) {                  \
    pthread_mutex_lock(&lock);                         \
    int failed = REAL(name)(file, size);               \
    uint64_t inode = inode_of(file);                   \
    if (!failed && inode) put('T', inode, size, NULL, 0); \
    pthread_mutex_unlock(&lock);                       \
    return failed;                                     \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(name)                                \
  int name(int file) {                            \
    pthread_mutex_lock(&lock);                    \
    uint64_t inode = inode_of(file);              \
    int failed = inode ? 0 : REAL(name)(file);    \
    if (inode) put('S', inode, 0, NULL, 0);       \
    pthread_mutex_unlock(&lock);                  \
    return failed;                                \
  }
SYNC(fsync)
SYNC(fdatasync)

static void put_names(char kind, const char *from, const char *to) {
  char both[1024];
  size_t length = strlen(from);
  memcpy(both, from, length + 1);
  memcpy(both + length + 1, to, strlen(to));
  put(kind, 0, 0, both, length + 1 + strlen(to));
}

int rename(const char *from, const char *to) {
  pthread_mutex_lock(&lock);
  int failed = REAL(rename)(from, to);
  if (!failed && name_in(from) && name_in(to)) put_names('R', name_in(from), name_in(to));
  pthread_mutex_unlock(&lock);
  return failed;
}

static void linked(int failed, const char *from, const char *to) {
  if (!failed && name_in(from) && name_in(to)) put_names('L', name_in(from), name_in(to));
}

int link(const char *from, const char *to) {
  pthread_mutex_lock(&lock);
  int failed = REAL(link)(from, to);
  linked(failed, from, to);
  pthread_mutex_unlock(&lock);
  return failed;
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  pthread_mutex_lock(&lock);
  int failed = REAL(linkat)(from_folder, from, to_folder, to, flags);
  linked(failed, from, to);
  pthread_mutex_unlock(&lock);
  return failed;
}

int unlink(const char *path) {
  pthread_mutex_lock(&lock);
  int failed = REAL(unlink)(path);
  if (!failed && name_in(path)) put('U', 0, 0, name_in(path), strlen(name_in(path)));
  pthread_mutex_unlock(&lock);
  return failed;
}
