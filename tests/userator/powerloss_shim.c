/* tests/userator/powerloss_shim.c - what a power loss would leave, beside what is written: preloaded into userator, it
 * keeps for each file whose name has ".db" in it a second one in $DZR_POWERLOSS_FOLDER, into which a write goes only
 * when fsync or fdatasync asks for it. After kill -9 those are the files as a disk without power holds them at worst.
 * $DZR_POWERLOSS_DEAF set: syncs are ignored, so that the test can show that it notices.
 * Used by test_powerloss.py. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILES = 16, MAX_RANGES = 1 << 16 };

typedef struct range {
    off_t at;
    size_t len;
} range;

/* A file that is written, and what of it no sync has covered. */
static struct tracked {
    char name[NAME_MAX + 1];
    range ranges[MAX_RANGES];
    int n_ranges;
} files[MAX_FILES];
static int n_files;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void give_up(const char *why)
{
    fprintf(stderr, "powerloss_shim: %s: %s\n", why, strerror(errno));
    abort();
}

/* The file behind fd when it is one of those watched. */
static struct tracked *tracked_of(int fd)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0)
        return NULL;
    path[len] = '\0';
    const char *const slash = strrchr(path, '/');
    const char *const name = slash != NULL ? slash + 1 : path;
    if (strstr(name, ".db") == NULL || strstr(name, "-shm") != NULL)
        return NULL;
    for (int i = 0; i < n_files; i++) {
        if (strcmp(files[i].name, name) == 0)
            return &files[i];
    }
    if (n_files == MAX_FILES || strlen(name) > NAME_MAX)
        give_up("too many files, or too long a name");
    memcpy(files[n_files].name, name, strlen(name) + 1);
    return &files[n_files++];
}

static void record(int fd, off_t at, ssize_t len)
{
    if (len <= 0)
        return;
    pthread_mutex_lock(&mutex);
    struct tracked *const file = tracked_of(fd);
    if (file != NULL) {
        if (file->n_ranges == MAX_RANGES)
            give_up("too many writes between two syncs");
        file->ranges[file->n_ranges++] = (range){at, (size_t)len};
    }
    pthread_mutex_unlock(&mutex);
}

static int open_durable(const struct tracked *file)
{
    char path[PATH_MAX];
    const char *const folder = getenv("DZR_POWERLOSS_FOLDER");
    if (folder == NULL)
        give_up("DZR_POWERLOSS_FOLDER is not set");
    snprintf(path, sizeof path, "%s/%s", folder, file->name);
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        give_up(path);
    return fd;
}

typedef ssize_t (*pwrite_fn)(int fd, const void *bytes, size_t n, off_t at);
typedef int (*fd_fn)(int fd);
typedef int (*truncate_fn)(int fd, off_t len);

/* The C library's function; dlsym gives it as an object pointer. */
#define REAL(type, name)                                                                                               \
    static type real;                                                                                                  \
    if (real == NULL) {                                                                                                \
        void *const symbol = dlsym(RTLD_NEXT, name);                                                                   \
        memcpy(&real, &symbol, sizeof real);                                                                           \
    }

static ssize_t real_pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    REAL(pwrite_fn, "pwrite64")
    return real(fd, bytes, n, at);
}

static int real_ftruncate(int fd, off_t len)
{
    REAL(truncate_fn, "ftruncate64")
    return real(fd, len);
}

static void make_durable(int fd)
{
    pthread_mutex_lock(&mutex);
    struct tracked *const file = tracked_of(fd);
    if (file != NULL && getenv("DZR_POWERLOSS_DEAF") == NULL) {
        struct stat info;
        const int durable = open_durable(file);
        for (int i = 0; i < file->n_ranges; i++) {
            char *const bytes = malloc(file->ranges[i].len);
            if (bytes == NULL)
                give_up("memory");
            const ssize_t n = pread(fd, bytes, file->ranges[i].len, file->ranges[i].at);
            if (n > 0 && real_pwrite(durable, bytes, (size_t)n, file->ranges[i].at) != n)
                give_up("writing the durable copy");
            free(bytes);
        }
        file->n_ranges = 0;
        if (fstat(fd, &info) != 0 || real_ftruncate(durable, info.st_size) != 0)
            give_up("the length of the durable copy");
        close(durable);
    }
    pthread_mutex_unlock(&mutex);
}

/* ---- what SQLite calls ---- */

__attribute__((visibility("default"))) ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at);
__attribute__((visibility("default"))) ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at);
__attribute__((visibility("default"))) int fsync(int fd);
__attribute__((visibility("default"))) int fdatasync(int fd);

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
    const ssize_t written = real_pwrite(fd, bytes, n, at);
    record(fd, at, written);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    return pwrite64(fd, bytes, n, at);
}

int fsync(int fd)
{
    REAL(fd_fn, "fsync")
    const int failed = real(fd);
    if (failed == 0)
        make_durable(fd);
    return failed;
}

int fdatasync(int fd)
{
    REAL(fd_fn, "fdatasync")
    const int failed = real(fd);
    if (failed == 0)
        make_durable(fd);
    return failed;
}
