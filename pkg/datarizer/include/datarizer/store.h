/* datarizer/store.h - a name becomes a source or a sink: a path, `-` or file://. (http(s):// and s3:// join here.) */
#ifndef DATARIZER_STORE_H
#define DATARIZER_STORE_H

#include <datarizer/io.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `-` is standard input, a stream. Files are mapped, so that views cost no copy.
 * Errors: DZR_ERR_NOT_FOUND, DZR_ERR_IO (a directory, no permission), DZR_ERR_UNSUPPORTED (a scheme we have not). */
DZR_API DZR_MUST_CHECK dzr_status dzr_store_open_source(
        const char *name, const dzr_allocator *alloc, dzr_source **out, dzr_error *err);

typedef struct dzr_store_sink_options {
    const dzr_allocator *alloc;
    bool make_folders; /* the folders above the file are made when missing */
} dzr_store_sink_options;

/* A file is written beside its final name as .NAME.XXXXXX, and commit flushes it to disk and renames it over the name,
 * then flushes the folder: others see the old file or the whole new one. Closing without commit removes the temporary
 * file. `-` is standard output (nothing to undo there).
 * The mode is 0666 less the umask. Errors: DZR_ERR_IO, DZR_ERR_NOT_FOUND (folder missing), DZR_ERR_UNSUPPORTED. */
DZR_API DZR_MUST_CHECK dzr_status dzr_store_open_sink(
        const char *name, const dzr_store_sink_options *options, dzr_sink **out, dzr_error *err);

#ifdef __cplusplus
}
#endif
#endif
