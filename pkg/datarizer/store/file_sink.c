/* store/file_sink.c - a file that appears whole or not at all, or standard output. */
#include "store/internal.h"
#include "store/s3/s3.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct file_sink {
    dzr_sink sink;
    dzr_arena arena; /* the paths, and this struct's other strings */
    const dzr_allocator *alloc;
    int fd;
    bool straight;    /* standard output, a FIFO or a device: written through, nothing to rename */
    const char *path; /* final, symbolic links followed */
    const char *folder;
    char *temporary; /* beside path; its last six bytes are random */
    bool named;      /* temporary exists in the folder */
    bool flushed;    /* nothing was appended since the last fsync */
} file_sink;

static dzr_status sink_error(const file_sink *file, int error_number, const char *what, dzr_error *err)
{
    return dzr__store_system_error(err, error_number, file->sink.name, what);
}

static dzr_status file_append(dzr_sink *sink, const void *bytes, size_t n, dzr_error *err)
{
    file_sink *const file = (file_sink *)sink;
    const uint8_t *const from = bytes;
    file->flushed = false;
    for (size_t done = 0; done < n;) {
        const ssize_t put = write(file->fd, from + done, DZR_MIN(n - done, (size_t)1 << 30));
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return sink_error(file, errno, "writing failed", err);
        done += (size_t)put;
    }
    return DZR_OK;
}

/* ---- names ---- */

/* Puts six fresh random letters at the end of the temporary name. */
static int new_temporary_name(file_sink *file)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    uint8_t random[6];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return errno;
    char *const tail = file->temporary + strlen(file->temporary) - sizeof random;
    for (size_t i = 0; i < sizeof random; i++)
        tail[i] = letters[random[i] & 31];
    return 0;
}

static dzr_status name_parts(file_sink *file, const char *path, dzr_error *err)
{
    const char *const slash = strrchr(path, '/');
    const char *const base = slash != NULL ? slash + 1 : path;
    const size_t folder_len = (size_t)(base - path);
    const size_t base_len = DZR_MIN(strlen(base), (size_t)200); /* with dot and tail still a legal name */
    file->path = dzr__arena_text(&file->arena, path, strlen(path), err);
    file->folder = folder_len > 0 ? dzr__arena_text(&file->arena, path, folder_len, err) : ".";
    file->temporary = dzr__arena_zeroed(&file->arena, 1, folder_len + base_len + sizeof "..XXXXXX", err);
    if (file->path == NULL || file->folder == NULL || file->temporary == NULL)
        return DZR_ERR_NOMEM;
    snprintf(file->temporary, folder_len + base_len + sizeof "..XXXXXX", "%.*s.%.*s.XXXXXX", (int)folder_len, path,
            (int)base_len, base);
    return DZR_OK;
}

/* ---- commit and close ---- */

/* Gives a file without a name its temporary one; linkat alone can't replace what is there. */
static int give_name(file_sink *file)
{
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", file->fd);
    for (int tries = 0; tries < 100; tries++) {
        const int failed = new_temporary_name(file);
        if (failed != 0)
            return failed;
        if (linkat(AT_FDCWD, self, AT_FDCWD, file->temporary, AT_SYMLINK_FOLLOW) == 0) {
            file->named = true;
            return 0;
        }
        if (errno != EEXIST)
            return errno;
    }
    return EEXIST;
}

static int flush_folder(const file_sink *file)
{
    const int folder = open(file->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return errno;
    /* EINVAL: a file system that has nothing to flush there */
    const int failed = fsync(folder) != 0 && errno != EINVAL ? errno : 0;
    (void)close(folder);
    return failed;
}

static dzr_status file_flush(dzr_sink *sink, dzr_error *err)
{
    file_sink *const file = (file_sink *)sink;
    if (file->straight || file->flushed)
        return DZR_OK;
    if (fsync(file->fd) != 0)
        return sink_error(file, errno, "flushing to disk failed", err);
    file->flushed = true;
    return DZR_OK;
}

static dzr_status file_commit(dzr_sink *sink, dzr_error *err)
{
    file_sink *const file = (file_sink *)sink;
    if (file->straight)
        return DZR_OK;
    DZR_TRY(file_flush(sink, err));
    const int failed = file->named ? 0 : give_name(file);
    if (failed != 0)
        return sink_error(file, failed, "the finished file can't be given a name", err);
    if (rename(file->temporary, file->path) != 0)
        return sink_error(file, errno, "can't be replaced", err);
    file->named = false;
    const int unflushed = flush_folder(file);
    return unflushed != 0 ? sink_error(file, unflushed, "flushing its folder failed", err) : DZR_OK;
}

static void file_close(dzr_sink *sink)
{
    file_sink *const file = (file_sink *)sink;
    if (file->named)
        (void)unlink(file->temporary);
    if (file->fd >= 0 && file->fd != STDOUT_FILENO)
        (void)close(file->fd);
    const dzr_allocator *const alloc = file->alloc;
    dzr__arena_fini(&file->arena);
    dzr_release(alloc, file);
}

/* ---- open ---- */

static dzr_status open_temporary(file_sink *file, dzr_error *err)
{
    file->fd = open(file->folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (file->fd >= 0)
        return DZR_OK;
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)
        return sink_error(file, errno, "can't be written", err);
    for (int tries = 0; tries < 100; tries++) { /* no O_TMPFILE here, or no folder: this tells */
        const int failed = new_temporary_name(file);
        if (failed != 0)
            return sink_error(file, failed, "can't be written", err);
        file->fd = open(file->temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
        if (file->fd >= 0) {
            file->named = true;
            return DZR_OK;
        }
        if (errno != EEXIST)
            break;
    }
    return sink_error(file, errno, "can't be written", err);
}

static dzr_status open_path(file_sink *file, const char *path, bool make_folders, dzr_error *err)
{
    struct stat facts;
    const bool there = stat(path, &facts) == 0;
    if (there && S_ISDIR(facts.st_mode))
        return sink_error(file, EISDIR, "can't be written", err);
    if (there && !S_ISREG(facts.st_mode)) {
        file->straight = true;
        file->fd = open(path, O_WRONLY | O_CLOEXEC);
        return file->fd >= 0 ? DZR_OK : sink_error(file, errno, "can't be written", err);
    }
    if (!there && make_folders)
        DZR_TRY(dzr__store_make_folders(file->sink.name, path, file->alloc, err));
    char *const real = there ? realpath(path, NULL) : NULL;
    const dzr_status st = name_parts(file, real != NULL ? real : path, err);
    free(real);
    DZR_TRY(st);
    DZR_TRY(open_temporary(file, err));
    if (there && fchmod(file->fd, facts.st_mode & 07777) != 0)
        return sink_error(file, errno, "its mode can't be kept", err);
    return DZR_OK;
}

dzr_status dzr_store_open_sink(const char *name, const dzr_store_sink_options *options, dzr_sink **out, dzr_error *err)
{
    static const dzr_sink_ops ops = {
            .append = file_append, .flush = file_flush, .commit = file_commit, .close = file_close};
    const dzr_store_sink_options chosen = options != NULL ? *options : (dzr_store_sink_options){0};
    const char *path = NULL;
    if (dzr__s3_is_url(name)) {
        const dzr_s3_options s3 = dzr__s3_options(chosen.s3, chosen.alloc, chosen.cancel);
        return dzr_s3_open_sink(name, &s3, out, err);
    }
    DZR_TRY(dzr__store_path(name, &path, err));
    file_sink *const file = dzr_alloc_zeroed(chosen.alloc, 1, sizeof *file, err);
    if (file == NULL)
        return DZR_ERR_NOMEM;
    file->alloc = chosen.alloc;
    file->fd = path != NULL ? -1 : STDOUT_FILENO;
    file->straight = path == NULL;
    file->sink.ops = &ops;
    dzr__arena_init(&file->arena, chosen.alloc, 0);
    const char *const shown = path != NULL ? name : "standard output";
    file->sink.name = dzr__arena_text(&file->arena, shown, strlen(shown), err);
    dzr_status st = file->sink.name != NULL ? DZR_OK : DZR_ERR_NOMEM;
    if (st == DZR_OK && path != NULL)
        st = open_path(file, path, chosen.make_folders, err);
    if (st != DZR_OK) {
        file_close(&file->sink);
        return st;
    }
    *out = &file->sink;
    return DZR_OK;
}
