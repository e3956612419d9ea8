/* datarizer/io.h - the two doors bytes come and go through: a source is read, a sink is written and committed.
 * The store opens them on paths and URLs; here are the shapes, and the pair that lives in memory. A program may bring
 * its own: put the struct first in its own one and fill the ops. */
#ifndef DATARIZER_IO_H
#define DATARIZER_IO_H

#include <datarizer/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A view of bytes that somebody else owns. */
typedef struct dzr_bytes {
    const uint8_t *at;
    size_t len;
} dzr_bytes;

#define DZR_SIZE_UNKNOWN UINT64_MAX /* n_bytes of a source that is a stream */

/* A part of a source, and where its bytes go. */
typedef struct dzr_source_range {
    uint64_t offset;
    size_t n_bytes;
    void *out;
} dzr_source_range;

typedef struct dzr_source dzr_source;
typedef struct dzr_source_ops {
    /* Exactly n bytes from offset; the range lies within n_bytes (checked before). NULL for a stream. */
    dzr_status (*read_at)(dzr_source *source, uint64_t offset, void *out, size_t n, dzr_error *err);
    /* The next bytes, at least 1 and at most n; *n_read 0 at the end. */
    dzr_status (*read)(dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err);
    /* The bytes in place, good until close; NULL where the source can't (it then copies). */
    dzr_status (*view_at)(dzr_source *source, uint64_t offset, size_t n, const uint8_t **out, dzr_error *err);
    void (*close)(dzr_source *source);
    /* Several ranges at once, for sources where each read costs a round trip; NULL: one after the other by read_at. */
    dzr_status (*read_many)(dzr_source *source, const dzr_source_range *ranges, size_t n, dzr_error *err);
} dzr_source_ops;

/* read_many, read_at and view_at may be called from several threads at once, read from one at a time. */
struct dzr_source {
    const dzr_source_ops *ops;
    const char *name; /* for messages: a path, a URL without secrets, "memory" */
    uint64_t n_bytes; /* or DZR_SIZE_UNKNOWN */
};

/* Errors: DZR_ERR_ARG when the source is a stream, DZR_ERR_TRUNCATED when the range reaches past the end,
 * DZR_ERR_IO with the system's words otherwise. The message starts with the source's name. */
DZR_API DZR_MUST_CHECK dzr_status dzr_source_read_at(
        dzr_source *source, uint64_t offset, void *out, size_t n, dzr_error *err);
/* All ranges, in any order; they may touch. Errors: as read_at. */
DZR_API DZR_MUST_CHECK dzr_status dzr_source_read_many(
        dzr_source *source, const dzr_source_range *ranges, size_t n, dzr_error *err);
/* Like read(2): reads on from where the last call ended, independently of read_at. */
DZR_API DZR_MUST_CHECK dzr_status dzr_source_read(
        dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err);
/* *out is NULL when the source has no view to give (no error). */
DZR_API DZR_MUST_CHECK dzr_status dzr_source_view_at(
        dzr_source *source, uint64_t offset, size_t n, const uint8_t **out, dzr_error *err);
/* Releases the source too. NULL is allowed. */
DZR_API void dzr_source_close(dzr_source *source);

/* A source over bytes that stay the caller's and outlive it. */
DZR_API DZR_MUST_CHECK dzr_status dzr_source_memory(
        dzr_bytes bytes, const dzr_allocator *alloc, dzr_source **out, dzr_error *err);

typedef struct dzr_sink dzr_sink;
typedef struct dzr_sink_ops {
    dzr_status (*append)(dzr_sink *sink, const void *bytes, size_t n, dzr_error *err); /* all of them, or an error */
    dzr_status (*commit)(dzr_sink *sink, dzr_error *err); /* what was appended appears, whole and durable */
    void (*close)(dzr_sink *sink);                        /* what was not committed leaves no trace */
    /* what was appended is on disk, still unseen; NULL: there is nothing to do */
    dzr_status (*flush)(dzr_sink *sink, dzr_error *err);
} dzr_sink_ops;

/* One thread at a time. */
struct dzr_sink {
    const dzr_sink_ops *ops;
    const char *name;
    uint64_t n_bytes; /* appended so far */
    bool committed;
};

/* After an error nothing but close is useful. Errors: DZR_ERR_IO (system's words, with the name), DZR_ERR_ARG after
 * commit. */
DZR_API DZR_MUST_CHECK dzr_status dzr_sink_append(dzr_sink *sink, const void *bytes, size_t n, dzr_error *err);
/* Makes what was appended durable without showing it, so that hardly anything is left for commit to fail at: for those
 * who commit several sinks together and flush them all first. Errors: as append. */
DZR_API DZR_MUST_CHECK dzr_status dzr_sink_flush(dzr_sink *sink, dzr_error *err);
/* Makes the whole visible at once, or nothing. Only the first call acts; a second is DZR_ERR_ARG. */
DZR_API DZR_MUST_CHECK dzr_status dzr_sink_commit(dzr_sink *sink, dzr_error *err);
/* Aborts unless committed, and releases the sink. NULL is allowed. */
DZR_API void dzr_sink_close(dzr_sink *sink);

/* A sink that keeps the bytes; at most max_bytes of them (DZR_ERR_LIMIT beyond). */
DZR_API DZR_MUST_CHECK dzr_status dzr_sink_memory(
        size_t max_bytes, const dzr_allocator *alloc, dzr_sink **out, dzr_error *err);
/* What a memory sink holds, good until the next append or close. */
DZR_API dzr_bytes dzr_sink_memory_bytes(const dzr_sink *sink);

#ifdef __cplusplus
}
#endif
#endif
