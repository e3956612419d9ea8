/* datarizer/store.h - a name becomes a source or a sink: a path, `-`, file://, http:// and https:// (only read), or
 * s3:// (s3.h). */
#ifndef DATARIZER_STORE_H
#define DATARIZER_STORE_H

#include <datarizer/cancel.h>
#include <datarizer/s3.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `-` is standard input, a stream; so are FIFOs and devices. Files are read with pread: a file that another process
 * cuts short meanwhile gives DZR_ERR_TRUNCATED, where a mapping would end the program. s3:// is
 * read by range, with the settings of the environment. So is http(s)://, with redirects, retries and proxies as http.h
 * has them: a server that knows no ranges sends the whole file, which goes to one without a name in TMPDIR (or /tmp);
 * and a file that changes while it is read is DZR_ERR_CORRUPT. Errors: DZR_ERR_NOT_FOUND, DZR_ERR_IO (a directory, no
 * permission), DZR_ERR_UNSUPPORTED (a scheme we have not), those of dzr_s3_open_source and
 * dzr_http_client_wait. */
DZR_API DZR_MUST_CHECK dzr_status dzr_store_open_source(
        const char *name, const dzr_allocator *alloc, dzr_source **out, dzr_error *err);

typedef struct dzr_store_source_options {
    const dzr_allocator *alloc;
    const dzr_cancel *cancel; /* as below; ends opening, too */
    const dzr_s3_options *s3; /* of an s3:// name; its alloc is not looked at, its cancel where there is none here.
                                 NULL: the environment's settings */
} dzr_store_source_options;

/* The same; options may be NULL. */
DZR_API DZR_MUST_CHECK dzr_status dzr_store_open_source_with(
        const char *name, const dzr_store_source_options *options, dzr_source **out, dzr_error *err);

/* From now on a read that waits for more of a stream, or for S3, ends with DZR_ERR_CANCELLED once cancel (NULL: never)
 * is set. source is from dzr_store_open_source; cancel outlives it. */
DZR_API void dzr_store_source_cancel(dzr_source *source, const dzr_cancel *cancel);

/* Calls each for every name that a pattern stands for, in order: a path or file:// with * ? or [] in it matches files
 * as in a shell, an s3:// key objects, with the settings of s3 (NULL: the environment's); * and ? match no slash, and a
 * backslash takes a character for itself. A pattern that is a name of its own, that nothing matches, or without such
 * characters, and everything of http(s)://, is passed on as it is. A status other than DZR_OK from each ends it and is
 * returned. Errors: those of dzr_s3_list, DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_store_match(const char *pattern, const dzr_s3_options *s3,
        dzr_status (*each)(void *ctx, const char *name, dzr_error *err), void *ctx, dzr_error *err);

typedef struct dzr_store_sink_options {
    const dzr_allocator *alloc;
    bool make_folders;        /* the folders above the file are made when missing */
    const dzr_cancel *cancel; /* NULL: never. Ends waiting for S3 */
    const dzr_s3_options *s3; /* as above */
} dzr_store_sink_options;

/* A file is written without a name (O_TMPFILE; where the file system has no such thing, as .NAME.XXXXXX beside the
 * final one). Commit flushes it to disk, renames it over the name and flushes the folder: others see the old file or
 * the whole new one, and a program that is killed leaves nothing behind. A new file's mode is 0666 less the umask, a
 * replaced one's is kept; a symbolic link is followed. `-` is standard output, and it, FIFOs and devices are written
 * straight through. s3:// is dzr_s3_open_sink. options may be NULL. Errors:
 * DZR_ERR_IO, DZR_ERR_NOT_FOUND (folder missing), DZR_ERR_UNSUPPORTED (scheme). */
DZR_API DZR_MUST_CHECK dzr_status dzr_store_open_sink(
        const char *name, const dzr_store_sink_options *options, dzr_sink **out, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
