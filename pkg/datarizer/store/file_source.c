/* store/file_source.c - a file or standard input as a source. */
#include "net/client/internal.h"
#include "store/internal.h"
#include "store/s3/s3.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct file_source {
    dzr_source source;
    const dzr_allocator *alloc;
    const dzr_cancel *cancel;
    int fd;
    uint64_t next; /* where read goes on in a file with a size */
} file_source;

/* pread or, for a stream, read: some bytes, 0 at the end, -1 with errno. */
static ssize_t read_some(const file_source *file, void *out, size_t n, uint64_t offset)
{
    const size_t most = DZR_MIN(n, (size_t)1 << 30); /* Linux moves less than 2 GiB a call */
    ssize_t got = 0;
    do
        got = file->source.n_bytes == DZR_SIZE_UNKNOWN ? read(file->fd, out, most)
                                                       : pread(file->fd, out, most, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got;
}

static dzr_status file_read_at(dzr_source *source, uint64_t offset, void *out, size_t n, dzr_error *err)
{
    const file_source *const file = (const file_source *)source;
    uint8_t *const to = out;
    for (size_t done = 0; done < n;) {
        const ssize_t got = read_some(file, to + done, n - done, offset + done);
        if (got < 0)
            return dzr__store_system_error(err, errno, source->name, "reading failed");
        if (got == 0) {
            const dzr_status st =
                    dzr_fail(err, DZR_ERR_TRUNCATED, "%s: ends at byte %" PRIu64 ", it had %" PRIu64 " when opened",
                            source->name, offset + done, source->n_bytes);
            if (err != NULL)
                err->offset = (int64_t)(offset + done);
            return st;
        }
        done += (size_t)got;
    }
    return DZR_OK;
}

/* Until a stream has something to read; a poll that fails leaves it to the read to say why. */
static dzr_status wait_for_stream(const file_source *file, dzr_error *err)
{
    struct pollfd waits[] = {{.fd = file->fd, .events = POLLIN}, {.fd = dzr_cancel_fd(file->cancel), .events = POLLIN}};
    while (poll(waits, 2, -1) < 0 && errno == EINTR)
        continue;
    return waits[1].revents != 0 ? dzr_fail(err, DZR_ERR_CANCELLED, "%s: cancelled", file->source.name) : DZR_OK;
}

static dzr_status file_read(dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err)
{
    file_source *const file = (file_source *)source;
    if (file->cancel != NULL && source->n_bytes == DZR_SIZE_UNKNOWN)
        DZR_TRY(wait_for_stream(file, err));
    const ssize_t got = read_some(file, out, n, file->next);
    if (got < 0)
        return dzr__store_system_error(err, errno, source->name, "reading failed");
    file->next += (uint64_t)got;
    *n_read = (size_t)got;
    return DZR_OK;
}

static void file_close(dzr_source *source)
{
    file_source *const file = (file_source *)source;
    if (file->fd != STDIN_FILENO)
        (void)close(file->fd);
    dzr_release(file->alloc, file);
}

static dzr_status open_file(const char *name, const char *path, file_source *file, dzr_error *err)
{
    file->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0)
        return dzr__store_system_error(err, errno, name, "can't be opened");
    struct stat facts;
    int failed = fstat(file->fd, &facts) != 0 ? errno : 0;
    if (failed == 0 && S_ISDIR(facts.st_mode))
        failed = EISDIR;
    if (failed != 0) {
        (void)close(file->fd);
        return dzr__store_system_error(err, failed, name, "can't be read");
    }
    file->source.n_bytes = S_ISREG(facts.st_mode) ? (uint64_t)facts.st_size : DZR_SIZE_UNKNOWN;
    return DZR_OK;
}

dzr_status dzr_store_open_source(const char *name, const dzr_allocator *alloc, dzr_source **out, dzr_error *err)
{
    return dzr_store_open_source_with(name, &(dzr_store_source_options){.alloc = alloc}, out, err);
}

dzr_status dzr_store_open_source_with(
        const char *name, const dzr_store_source_options *options, dzr_source **out, dzr_error *err)
{
    static const dzr_source_ops ops = {.read_at = file_read_at, .read = file_read, .close = file_close};
    const dzr_store_source_options chosen = options != NULL ? *options : (dzr_store_source_options){0};
    const dzr_allocator *const alloc = chosen.alloc;
    const char *path = NULL;
    if (dzr__s3_is_url(name)) {
        const dzr_s3_options s3 = dzr__s3_options(chosen.s3, alloc, chosen.cancel);
        return dzr_s3_open_source(name, &s3, out, err);
    }
    if (dzr__url_is_http(name))
        return dzr__http_open_source(name, alloc, chosen.cancel, out, err);
    DZR_TRY(dzr__store_path(name, &path, err));
    const char *const shown = path != NULL ? name : "standard input";
    const size_t shown_len = strlen(shown);
    file_source *const file = dzr_alloc_zeroed(alloc, 1, sizeof *file + shown_len + 1, err);
    if (file == NULL)
        return DZR_ERR_NOMEM;
    char *const name_copy = memcpy(file + 1, shown, shown_len + 1);
    file->alloc = alloc;
    file->cancel = chosen.cancel;
    file->fd = STDIN_FILENO;
    file->source = (dzr_source){.ops = &ops, .name = name_copy, .n_bytes = DZR_SIZE_UNKNOWN};
    if (path != NULL) {
        const dzr_status st = open_file(name, path, file, err);
        if (st != DZR_OK) {
            dzr_release(alloc, file);
            return st;
        }
    }
    *out = &file->source;
    return DZR_OK;
}

void dzr_store_source_cancel(dzr_source *source, const dzr_cancel *cancel)
{
    if (dzr__s3_is_source(source))
        dzr__s3_source_cancel(source, cancel);
    else if (dzr__http_is_source(source))
        dzr__http_source_cancel(source, cancel);
    else
        ((file_source *)source)->cancel = cancel;
}
