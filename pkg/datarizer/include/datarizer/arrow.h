/* datarizer/arrow.h - batches shared with other engines in the same process, without a copy where the layouts agree.
 * Spec: Arrow C Data Interface, https://arrow.apache.org/docs/format/CDataInterface.html */
#ifndef DATARIZER_ARROW_H
#define DATARIZER_ARROW_H

#include <datarizer/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The two structs as the specification lays them down, under its own guard, so that any number of libraries may. */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

#endif

/* Fills *out with a struct ("+s") whose children are the fields; the receiver releases it.
 * STRING goes out as utf8_view ("vu"), BINARY as binary_view ("vz"), LIST as "+l", MAP as "+m", UUID as the extension
 * type arrow.uuid. Arrow's times know no zone. Zones of timestamps and the fields' metadata go along.
 * Errors: DZR_ERR_NOMEM, DZR_ERR_LIMIT (a note of 2 GiB). */
DZR_API DZR_MUST_CHECK dzr_status dzr_arrow_export_schema(
        const dzr_schema *schema, const dzr_allocator *alloc, struct ArrowSchema *out, dzr_error *err);
/* Fills *out with a struct array over the batch's own buffers; the batch lives until the receiver releases it.
 * The release callback may be called from any thread. Errors: DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_arrow_export_batch(
        const dzr_batch *batch, const dzr_allocator *alloc, struct ArrowArray *out, dzr_error *err);

/* The schema of a struct ("+s"); *in stays the caller's to release.
 * Taken: struct, list (32 and 64-bit offsets), map, bool, (u)int8..64, float, double, utf8 and binary (32 and 64-bit
 * offsets, views), fixed-size binary, the extension arrow.uuid, decimals of any width, float16, null, date32, timestamp
 * and duration in ms, us, ns, time (seconds become ms). Other extension types come as what they are stored as, with the
 * notes that name them. Errors: DZR_ERR_UNSUPPORTED naming column and format, DZR_ERR_ARG. */
DZR_API DZR_MUST_CHECK dzr_status dzr_arrow_import_schema(
        const struct ArrowSchema *in, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err);
/* A batch over the array's buffers; strings with offsets get views made, slots under a null are zeroed in a copy.
 * Takes *in over (its release is NULL afterwards) also when it fails; it is released when the batch is freed.
 * in_schema is the array's and stays the caller's to release. The producer is trusted for the addresses and lengths of
 * its buffers, as the interface has no other way; offsets and lengths inside them are checked.
 * Errors: those of dzr_arrow_import_schema; DZR_ERR_CORRUPT (offsets that go back, nulls in a column declared without,
 * strings that are not UTF-8, decimals of more digits than declared, times outside a day), DZR_ERR_ARG (another shape
 * than the schema's), DZR_ERR_LIMIT (a string of 2 GiB), DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_arrow_import_batch(struct ArrowArray *in, const struct ArrowSchema *in_schema,
        const dzr_allocator *alloc, dzr_batch **out, dzr_error *err);

/* Fills *out with a stream of batches that have this schema; the receiver releases it, which closes the source. A
 * failed call of the stream's returns ENOMEM, EIO, ENOTSUP or EINVAL, and get_last_error has the message. Takes the
 * source over, also when this fails: it is closed then. Errors: DZR_ERR_NOMEM. */
DZR_API DZR_MUST_CHECK dzr_status dzr_arrow_export_stream(dzr_batch_source source, const dzr_schema *schema,
        const dzr_allocator *alloc, struct ArrowArrayStream *out, dzr_error *err);

/* Batches of another engine's stream. */
typedef struct dzr_arrow_reader dzr_arrow_reader;

/* Takes *in over (its release is NULL afterwards), also when it fails. Errors: those of dzr_arrow_import_schema;
 * DZR_ERR_IO with the stream's words, or DZR_ERR_NOMEM when it says so. */
DZR_API DZR_MUST_CHECK dzr_status dzr_arrow_reader_open(
        struct ArrowArrayStream *in, const dzr_allocator *alloc, dzr_arrow_reader **out, dzr_error *err);
/* Lives as long as the reader. */
DZR_API const dzr_schema *dzr_arrow_reader_schema(const dzr_arrow_reader *reader);
/* *out is the next batch, as dzr_arrow_import_batch gives it, or NULL at the end. Errors: as there, and those of open.
 */
DZR_API DZR_MUST_CHECK dzr_status dzr_arrow_reader_next(dzr_arrow_reader *reader, dzr_batch **out, dzr_error *err);
DZR_API void dzr_arrow_reader_close(dzr_arrow_reader *reader); /* NULL is allowed */

#ifdef __cplusplus
}
#endif
#endif
