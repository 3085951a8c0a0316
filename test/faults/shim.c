/*
 * Faults of the file system, from outside of the process: loaded with LD_PRELOAD, it counts the calls that touch files
 * below ATC_FAULT_DIR and makes the n-th of the chosen kinds fail, fall short, or kill the process. What to do is in a
 * control file (ATC_FAULT_CONTROL, mapped and shared), so that the process under test arms and disarms it itself.
 * Little-endian 32-bit fields, in this order:
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct control {
  int armed;  /* 0: count nothing */
  int kinds;  /* bits of enum kind */
  int nth;    /* the first call that is hit, from 1 */
  int error;  /* errno of a failure */
  int mode;   /* enum mode */
  int sticky; /* 1: every later call as well */
  int count;  /* calls of these kinds so far */
  int fired;  /* calls that were hit */
};

enum kind { OPEN = 1, READ = 2, WRITE = 4, SYNC = 8, RENAME = 16, LINK = 32, UNLINK = 64, MKDIR = 128, LIST = 256, STAT = 512, CLOSE = 1024, MAP = 2048 };
enum mode { FAIL = 0, SHORT = 1, KILL_BEFORE = 2, KILL_AFTER = 3 };
enum verdict { PASS, FAILED, CUT, DIE };

#define MOST_DESCRIPTORS 65536
#define NEXT(name) ((__typeof__(&name))next_symbol(#name))

static struct control *control;
static char root[PATH_MAX];
static size_t root_length;
static unsigned char ours[MOST_DESCRIPTORS];

static void *next_symbol(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void start(void) {
  const char *directory = getenv("ATC_FAULT_DIR"), *file = getenv("ATC_FAULT_CONTROL");
  if (directory == NULL || file == NULL) return;
  snprintf(root, sizeof root, "%s", directory);
  root_length = strlen(root);
  int descriptor = syscall(SYS_openat, AT_FDCWD, file, O_RDWR);
  if (descriptor < 0) return;
  void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (mapped != MAP_FAILED) control = mapped;
  syscall(SYS_close, descriptor);
}

static int is_below(const char *path) {
  return control != NULL && path != NULL && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}
static int is_ours(int descriptor) { return control != NULL && descriptor >= 0 && descriptor < MOST_DESCRIPTORS && ours[descriptor]; }
static void die(void) { kill(getpid(), SIGKILL); for (;;) pause(); }

static enum verdict judge(enum kind kind, int touches) {
  if (!touches || !control->armed || !(control->kinds & kind)) return PASS;
  int count = __sync_add_and_fetch(&control->count, 1);
  if (count < control->nth || (count > control->nth && !control->sticky)) return PASS;
  __sync_add_and_fetch(&control->fired, 1);
  if (control->mode == KILL_BEFORE) die();
  if (control->mode == KILL_AFTER) return DIE;
  if (control->mode == SHORT) return CUT;
  errno = control->error;
  return FAILED;
}

/* `call` with `length` cut to a half where the verdict says so. */
#define TRANSFER(kind, descriptor, length, call)                   \
  do {                                                             \
    enum verdict verdict = judge(kind, is_ours(descriptor));       \
    if (verdict == FAILED) return -1;                              \
    if (verdict == CUT && (length) > 1) length /= 2;               \
    ssize_t result = call;                                         \
    if (verdict == DIE) die();                                     \
    return result;                                                 \
  } while (0)

#define SIMPLE(kind, touches, failed, type, call)                  \
  do {                                                             \
    enum verdict verdict = judge(kind, touches);                   \
    if (verdict == FAILED) return failed;                          \
    type result = call;                                            \
    if (verdict == DIE) die();                                     \
    return result;                                                 \
  } while (0)

static int open_any(const char *path, int flags, mode_t mode) {
  int below = is_below(path);
  enum verdict verdict = judge(OPEN, below);
  if (verdict == FAILED) return -1;
  int descriptor = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
  if (descriptor >= 0 && descriptor < MOST_DESCRIPTORS) ours[descriptor] = below;
  if (verdict == DIE) die();
  return descriptor;
}

#define OPEN_ARGUMENTS va_list list; va_start(list, flags); mode_t mode = va_arg(list, int); va_end(list)
int open(const char *path, int flags, ...) { OPEN_ARGUMENTS; return open_any(path, flags, mode); }
int open64(const char *path, int flags, ...) { OPEN_ARGUMENTS; return open_any(path, flags | O_LARGEFILE, mode); }

int close(int descriptor) {
  int touches = is_ours(descriptor);
  enum verdict verdict = judge(CLOSE, touches);
  if (descriptor >= 0 && descriptor < MOST_DESCRIPTORS) ours[descriptor] = 0;
  int error = errno, result = syscall(SYS_close, descriptor);
  if (verdict == DIE) die();
  if (verdict != FAILED) return result;
  errno = error;
  return -1;
}

ssize_t read(int fd, void *to, size_t n) { TRANSFER(READ, fd, n, syscall(SYS_read, fd, to, n)); }
ssize_t pread(int fd, void *to, size_t n, off_t at) { TRANSFER(READ, fd, n, syscall(SYS_pread64, fd, to, n, at)); }
ssize_t pread64(int fd, void *to, size_t n, off64_t at) { TRANSFER(READ, fd, n, syscall(SYS_pread64, fd, to, n, at)); }
ssize_t write(int fd, const void *from, size_t n) { TRANSFER(WRITE, fd, n, syscall(SYS_write, fd, from, n)); }
ssize_t pwrite(int fd, const void *from, size_t n, off_t at) { TRANSFER(WRITE, fd, n, syscall(SYS_pwrite64, fd, from, n, at)); }
ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at) { TRANSFER(WRITE, fd, n, syscall(SYS_pwrite64, fd, from, n, at)); }

/* One buffer at a time, which the caller has to expect anyway. */
ssize_t readv(int fd, const struct iovec *v, int c) { size_t n = c > 0 ? v[0].iov_len : 0; TRANSFER(READ, fd, n, c == 1 || verdict == CUT ? syscall(SYS_read, fd, v[0].iov_base, n) : syscall(SYS_readv, fd, v, c)); }
ssize_t writev(int fd, const struct iovec *v, int c) { size_t n = c > 0 ? v[0].iov_len : 0; TRANSFER(WRITE, fd, n, c == 1 || verdict == CUT ? syscall(SYS_write, fd, v[0].iov_base, n) : syscall(SYS_writev, fd, v, c)); }

int fsync(int fd) { SIMPLE(SYNC, is_ours(fd), -1, int, syscall(SYS_fsync, fd)); }
int fdatasync(int fd) { SIMPLE(SYNC, is_ours(fd), -1, int, syscall(SYS_fdatasync, fd)); }
int rename(const char *from, const char *to) { SIMPLE(RENAME, is_below(from) || is_below(to), -1, int, syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0)); }
int link(const char *from, const char *to) { SIMPLE(LINK, is_below(from) || is_below(to), -1, int, syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0)); }
int unlink(const char *path) { SIMPLE(UNLINK, is_below(path), -1, int, syscall(SYS_unlinkat, AT_FDCWD, path, 0)); }
int rmdir(const char *path) { SIMPLE(UNLINK, is_below(path), -1, int, syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR)); }
int mkdir(const char *path, mode_t mode) { SIMPLE(MKDIR, is_below(path), -1, int, syscall(SYS_mkdirat, AT_FDCWD, path, mode)); }

typedef int (*filter_t)(const struct dirent *);
typedef int (*order_t)(const struct dirent **, const struct dirent **);
int scandir(const char *path, struct dirent ***to, filter_t filter, order_t order) { SIMPLE(LIST, is_below(path), -1, int, NEXT(scandir)(path, to, filter, order)); }
typedef int (*filter64_t)(const struct dirent64 *);
typedef int (*order64_t)(const struct dirent64 **, const struct dirent64 **);
int scandir64(const char *path, struct dirent64 ***to, filter64_t filter, order64_t order) { SIMPLE(LIST, is_below(path), -1, int, NEXT(scandir64)(path, to, filter, order)); }
DIR *opendir(const char *path) { SIMPLE(LIST, is_below(path), NULL, DIR *, NEXT(opendir)(path)); }

static int touches_mapping(int flags, int fd) { return !(flags & MAP_ANONYMOUS) && is_ours(fd); }
void *mmap(void *at, size_t n, int prot, int flags, int fd, off_t from) { SIMPLE(MAP, touches_mapping(flags, fd), MAP_FAILED, void *, (void *)syscall(SYS_mmap, at, n, prot, flags, fd, from)); }
void *mmap64(void *at, size_t n, int prot, int flags, int fd, off64_t from) { SIMPLE(MAP, touches_mapping(flags, fd), MAP_FAILED, void *, (void *)syscall(SYS_mmap, at, n, prot, flags, fd, from)); }

/* libuv asks for file facts by syscall(SYS_statx, directory, path, …). */
long syscall(long number, ...) {
  static long (*next)(long, ...);
  if (next == NULL) next = (long (*)(long, ...))next_symbol("syscall");
  va_list list;
  va_start(list, number);
  long a[6];
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
  if (number == SYS_statx && control != NULL) {
    const char *path = (const char *)a[1];
    int touches = path != NULL && *path != 0 ? is_below(path) : is_ours((int)a[0]);
    enum verdict verdict = judge(STAT, touches);
    if (verdict == FAILED) return -1;
    if (verdict == DIE) {
      next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
      die();
    }
  }
  return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
