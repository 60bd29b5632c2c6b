/*
 * A wall clock that a test sets while programs run: preloaded into them, it adds what stands in the file
 * HOLDFAST_TEST_CLOCK (one 64-bit number, nanoseconds) to the time of day, and to nothing else. Every clock that counts
 * from the start of something is untouched, as it is when an operator sets the clock of a machine.
 *
 * A kernel whose clock is set dates the files that are written by that clock. So does this, for files that are emptied
 * when they are opened, which is how a shell touches one.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t GIGA = 1000000000;
static volatile const int64_t *offset;

__attribute__((constructor)) static void find_offset(void) {
  const char *file = getenv("HOLDFAST_TEST_CLOCK");
  int fd = file ? syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) {
    return;
  }
  void *page = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, fd, 0);
  if (page != MAP_FAILED) {
    offset = page;
  }
  close(fd);
}

static int unshifted(clockid_t clock, struct timespec *now) {
  static int (*next)(clockid_t, struct timespec *);
  if (!next) {
    next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  }
  return next(clock, now);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int failed = unshifted(clock, now);
  if (!failed && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    int64_t nanos = now->tv_sec * GIGA + now->tv_nsec + *offset;
    now->tv_sec = nanos / GIGA;
    now->tv_nsec = nanos % GIGA;
  }
  return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec precise;
  int failed = clock_gettime(CLOCK_REALTIME, &precise);
  (void)zone;
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return failed;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) {
    *result = now.tv_sec;
  }
  return now.tv_sec;
}

static int dated(int fd, int flags) {
  struct stat file;
  if (fd >= 0 && offset && (flags & O_TRUNC) && fstat(fd, &file) == 0 && S_ISREG(file.st_mode)) {
    struct timespec times[2];
    clock_gettime(CLOCK_REALTIME, &times[0]);
    times[1] = times[0];
    futimens(fd, times);
  }
  return fd;
}

static int opened(const char *path, int flags, va_list rest) {
  int makes = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
  mode_t mode = makes ? va_arg(rest, mode_t) : 0;
  return dated(syscall(SYS_openat, AT_FDCWD, path, flags, mode), flags);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int fd = opened(path, flags, rest);
  va_end(rest);
  return fd;
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int fd = opened(path, flags, rest);
  va_end(rest);
  return fd;
}
