/* Stands between a program and the disk under its ledger (LD_PRELOAD); see failing_disk.py.
 *
 * DISK_FAILS=write|flush DISK_AFTER=n DISK_ERROR=errno: from the n-th such call on, all fail.
 * DISK_REMEMBERS=1: after each flush, what the disk has for certain is kept as FILE.flushed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int calls;

/* Whether this is a file of the ledger; its path goes to name. */
static int is_ledger(int fd, char *name, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, size - 1);
    if (length < 0) return 0;
    name[length] = 0;
    return strstr(name, "/ledger.db") != NULL && strstr(name, "-shm") == NULL;
}

static int fails(int fd, const char *what) {
    char name[4096];
    const char *which = getenv("DISK_FAILS");
    if (!which || strcmp(which, what) || !is_ledger(fd, name, sizeof name)) return 0;
    if (__sync_add_and_fetch(&calls, 1) < atoi(getenv("DISK_AFTER"))) return 0;
    errno = atoi(getenv("DISK_ERROR"));
    return 1;
}

static void remember(int fd) {
    char name[4096], kept[4200], fresh[4200], block[65536];
    if (!getenv("DISK_REMEMBERS") || !is_ledger(fd, name, sizeof name)) return;
    snprintf(kept, sizeof kept, "%s.flushed", name);
    snprintf(fresh, sizeof fresh, "%s.new", kept);
    int from = open(name, O_RDONLY), to = open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (ssize_t n; (n = read(from, block, sizeof block)) > 0;)
        if (write(to, block, n) != n) abort();
    close(from);
    close(to);
    rename(fresh, kept);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    return fails(fd, "write") ? -1 : real(fd, data, size, at);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    return pwrite64(fd, data, size, at);
}

static int flush(int fd, const char *name) {
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    if (fails(fd, "flush")) return -1;
    int done = real(fd);
    remember(fd);
    return done;
}

int fsync(int fd) { return flush(fd, "fsync"); }
int fdatasync(int fd) { return flush(fd, "fdatasync"); }
