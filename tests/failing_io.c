/* Preloaded into a command: its n-th write, rename, fsync or close below a folder fails, as on a disk in trouble.
 *
 * FAULT_UNDER: the folder; FAULT_CALL: the call; FAULT_NTH: from 1; FAULT_ERRNO: the number of the error;
 * FAULT_MARK: a file that is made when it happens.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int count;

static int fails(const char *call, const char *path) {
    const char *under = getenv("FAULT_UNDER"), *wanted = getenv("FAULT_CALL");
    if (!under || !wanted || strcmp(call, wanted) || strncmp(path, under, strlen(under))) return 0;
    if (__sync_add_and_fetch(&count, 1) != atoi(getenv("FAULT_NTH"))) return 0;
    int mark = open(getenv("FAULT_MARK"), O_CREAT | O_WRONLY, 0600);
    int (*real_close)(int) = dlsym(RTLD_NEXT, "close");
    real_close(mark);
    errno = atoi(getenv("FAULT_ERRNO"));
    return 1;
}

static int file_fails(const char *call, int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return fails(call, path);
}

ssize_t write(int fd, const void *data, size_t size) {
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    return file_fails("write", fd) ? -1 : real(fd, data, size);
}

int fsync(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    return file_fails("fsync", fd) ? -1 : real(fd);
}

int close(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "close");
    int failed = file_fails("close", fd), number = errno, done = real(fd);
    if (!failed) return done;
    errno = number;
    return -1;
}

int rename(const char *from, const char *to) {
    int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
    return fails("rename", to) ? -1 : real(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    int (*real)(int, const char *, int, const char *) = dlsym(RTLD_NEXT, "renameat");
    return fails("rename", to) ? -1 : real(from_folder, from, to_folder, to);
}
