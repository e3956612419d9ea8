/* frame/arrow_stream.c - batches one after the other, to other engines and from them, through the Arrow C Stream
 * Interface. Spec: https://arrow.apache.org/docs/format/CStreamInterface.html */
#include "frame/internal.h"
#include <datarizer/arrow.h>

#include <errno.h>

/* ---- out ---- */

typedef struct export_stream {
    const dzr_allocator *alloc;
    dzr_batch_source source;
    dzr_schema *schema;
    dzr_error err; /* of the last call that failed */
    bool failed;
} export_stream;

static int failed(export_stream *stream, dzr_status st)
{
    stream->failed = true;
    switch (st) {
    case DZR_ERR_NOMEM:
        return ENOMEM;
    case DZR_ERR_UNSUPPORTED:
        return ENOTSUP;
    case DZR_ERR_ARG:
        return EINVAL;
    default:
        return EIO;
    }
}

static int stream_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    export_stream *const stream = self->private_data;
    const dzr_status st = dzr_arrow_export_schema(stream->schema, stream->alloc, out, &stream->err);
    return st == DZR_OK ? 0 : failed(stream, st);
}

static int stream_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    export_stream *const stream = self->private_data;
    dzr_batch *batch = NULL;
    dzr_status st = stream->source.next(stream->source.ctx, &batch, &stream->err);
    if (st == DZR_OK && batch == NULL) {
        *out = (struct ArrowArray){.release = NULL}; /* the end */
        return 0;
    }
    if (st == DZR_OK)
        st = dzr_arrow_export_batch(batch, stream->alloc, out, &stream->err);
    dzr_batch_free(batch); /* what was exported holds it */
    return st == DZR_OK ? 0 : failed(stream, st);
}

static const char *stream_error(struct ArrowArrayStream *self)
{
    const export_stream *const stream = self->private_data;
    return stream->failed ? stream->err.message : NULL;
}

static void stream_release(struct ArrowArrayStream *self)
{
    export_stream *const stream = self->private_data;
    if (stream->source.close != NULL)
        stream->source.close(stream->source.ctx);
    dzr_schema_free(stream->schema);
    dzr_release(stream->alloc, stream);
    self->release = NULL;
}

dzr_status dzr_arrow_export_stream(dzr_batch_source source, const dzr_schema *schema, const dzr_allocator *alloc,
        struct ArrowArrayStream *out, dzr_error *err)
{
    export_stream *const stream = dzr_alloc_zeroed(alloc, 1, sizeof *stream, err);
    if (stream == NULL) {
        if (source.close != NULL)
            source.close(source.ctx);
        return DZR_ERR_NOMEM;
    }
    stream->alloc = alloc;
    stream->source = source;
    stream->schema = dzr_schema_hold(schema);
    *out = (struct ArrowArrayStream){.get_schema = stream_schema,
            .get_next = stream_next,
            .get_last_error = stream_error,
            .release = stream_release,
            .private_data = stream};
    return DZR_OK;
}

/* ---- in ---- */

struct dzr_arrow_reader {
    const dzr_allocator *alloc;
    struct ArrowArrayStream stream;
    struct ArrowSchema arrow;
    dzr_schema *schema;
};

/* What the stream's own call returned, in our words and its. */
static dzr_status stream_failed(struct ArrowArrayStream *stream, int code, dzr_error *err)
{
    const char *const words = stream->get_last_error(stream);
    return dzr_fail(err, code == ENOMEM ? DZR_ERR_NOMEM : DZR_ERR_IO, "Arrow stream: %.900s",
            words != NULL ? words : strerror(code));
}

static dzr_status read_schema(dzr_arrow_reader *reader, dzr_error *err)
{
    const int code = reader->stream.get_schema(&reader->stream, &reader->arrow);
    if (code != 0) {
        reader->arrow.release = NULL;
        return stream_failed(&reader->stream, code, err);
    }
    return dzr_arrow_import_schema(&reader->arrow, reader->alloc, &reader->schema, err);
}

dzr_status dzr_arrow_reader_open(
        struct ArrowArrayStream *in, const dzr_allocator *alloc, dzr_arrow_reader **out, dzr_error *err)
{
    dzr_arrow_reader *const reader = dzr_alloc_zeroed(alloc, 1, sizeof *reader, err);
    if (reader == NULL) {
        in->release(in);
        in->release = NULL;
        return DZR_ERR_NOMEM;
    }
    reader->alloc = alloc;
    reader->stream = *in; /* as the interface has a structure moved */
    in->release = NULL;
    const dzr_status st = read_schema(reader, err);
    if (st != DZR_OK) {
        dzr_arrow_reader_close(reader);
        return st;
    }
    *out = reader;
    return DZR_OK;
}

const dzr_schema *dzr_arrow_reader_schema(const dzr_arrow_reader *reader)
{
    return reader->schema;
}

dzr_status dzr_arrow_reader_next(dzr_arrow_reader *reader, dzr_batch **out, dzr_error *err)
{
    struct ArrowArray array = {.release = NULL};
    *out = NULL;
    const int code = reader->stream.get_next(&reader->stream, &array);
    if (code != 0)
        return stream_failed(&reader->stream, code, err);
    if (array.release == NULL)
        return DZR_OK;
    return dzr_arrow_import_batch(&array, &reader->arrow, reader->alloc, out, err);
}

void dzr_arrow_reader_close(dzr_arrow_reader *reader)
{
    if (reader == NULL)
        return;
    dzr_schema_free(reader->schema);
    if (reader->arrow.release != NULL)
        reader->arrow.release(&reader->arrow);
    reader->stream.release(&reader->stream);
    dzr_release(reader->alloc, reader);
}
