/* base/io.c - the checks every source and sink shares, and the pair that lives in memory. */
#include "base/internal.h"

/* ---- sources ---- */

static dzr_status range_ok(const dzr_source *source, uint64_t offset, size_t n, dzr_error *err)
{
    if (source->n_bytes == DZR_SIZE_UNKNOWN)
        return dzr_fail(err, DZR_ERR_ARG, "%s: is a stream, which can't be read out of order", source->name);
    if (offset > source->n_bytes || n > source->n_bytes - offset) {
        const dzr_status st = dzr_fail(err, DZR_ERR_TRUNCATED, "%s: %zu bytes wanted at byte %llu, it has %llu",
                source->name, n, (unsigned long long)offset, (unsigned long long)source->n_bytes);
        if (err != NULL)
            err->offset = (int64_t)offset;
        return st;
    }
    return DZR_OK;
}

dzr_status dzr_source_read_at(dzr_source *source, uint64_t offset, void *out, size_t n, dzr_error *err)
{
    DZR_TRY(range_ok(source, offset, n, err));
    return n == 0 ? DZR_OK : source->ops->read_at(source, offset, out, n, err);
}

dzr_status dzr_source_read_many(dzr_source *source, const dzr_source_range *ranges, size_t n, dzr_error *err)
{
    for (size_t i = 0; i < n; i++)
        DZR_TRY(range_ok(source, ranges[i].offset, ranges[i].n_bytes, err));
    if (source->ops->read_many != NULL)
        return n == 0 ? DZR_OK : source->ops->read_many(source, ranges, n, err);
    for (size_t i = 0; i < n; i++)
        DZR_TRY(dzr_source_read_at(source, ranges[i].offset, ranges[i].out, ranges[i].n_bytes, err));
    return DZR_OK;
}

dzr_status dzr_source_read(dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err)
{
    *n_read = 0;
    return n == 0 ? DZR_OK : source->ops->read(source, out, n, n_read, err);
}

dzr_status dzr_source_view_at(dzr_source *source, uint64_t offset, size_t n, const uint8_t **out, dzr_error *err)
{
    *out = NULL;
    DZR_TRY(range_ok(source, offset, n, err));
    return source->ops->view_at == NULL ? DZR_OK : source->ops->view_at(source, offset, n, out, err);
}

void dzr_source_close(dzr_source *source)
{
    if (source != NULL)
        source->ops->close(source);
}

typedef struct memory_source {
    dzr_source source;
    const dzr_allocator *alloc;
    dzr_bytes bytes;
    size_t next;
} memory_source;

static dzr_status memory_read_at(dzr_source *source, uint64_t offset, void *out, size_t n, dzr_error *err)
{
    (void)err;
    memcpy(out, ((memory_source *)source)->bytes.at + offset, n);
    return DZR_OK;
}

static dzr_status memory_read(dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err)
{
    (void)err;
    memory_source *const memory = (memory_source *)source;
    *n_read = DZR_MIN(n, memory->bytes.len - memory->next);
    if (*n_read > 0)
        memcpy(out, memory->bytes.at + memory->next, *n_read);
    memory->next += *n_read;
    return DZR_OK;
}

static dzr_status memory_view_at(dzr_source *source, uint64_t offset, size_t n, const uint8_t **out, dzr_error *err)
{
    (void)n;
    (void)err;
    *out = ((memory_source *)source)->bytes.at + offset;
    return DZR_OK;
}

static void memory_source_close(dzr_source *source)
{
    dzr_release(((memory_source *)source)->alloc, source);
}

dzr_status dzr_source_memory(dzr_bytes bytes, const dzr_allocator *alloc, dzr_source **out, dzr_error *err)
{
    static const dzr_source_ops ops = {
            .read_at = memory_read_at, .read = memory_read, .view_at = memory_view_at, .close = memory_source_close};
    memory_source *const memory = dzr_alloc_zeroed(alloc, 1, sizeof *memory, err);
    if (memory == NULL)
        return DZR_ERR_NOMEM;
    memory->source = (dzr_source){.ops = &ops, .name = "memory", .n_bytes = bytes.len};
    memory->alloc = alloc;
    memory->bytes = bytes;
    *out = &memory->source;
    return DZR_OK;
}

/* ---- sinks ---- */

dzr_status dzr_sink_append(dzr_sink *sink, const void *bytes, size_t n, dzr_error *err)
{
    if (sink->committed)
        return dzr_fail(err, DZR_ERR_ARG, "%s: is committed, nothing can be appended", sink->name);
    if (n == 0)
        return DZR_OK;
    DZR_TRY(sink->ops->append(sink, bytes, n, err));
    sink->n_bytes += n;
    return DZR_OK;
}

dzr_status dzr_sink_flush(dzr_sink *sink, dzr_error *err)
{
    if (sink->committed)
        return dzr_fail(err, DZR_ERR_ARG, "%s: is committed, nothing can be flushed", sink->name);
    return sink->ops->flush != NULL ? sink->ops->flush(sink, err) : DZR_OK;
}

dzr_status dzr_sink_commit(dzr_sink *sink, dzr_error *err)
{
    if (sink->committed)
        return dzr_fail(err, DZR_ERR_ARG, "%s: is committed already", sink->name);
    DZR_TRY(sink->ops->commit(sink, err));
    sink->committed = true;
    return DZR_OK;
}

void dzr_sink_close(dzr_sink *sink)
{
    if (sink != NULL)
        sink->ops->close(sink);
}

typedef struct memory_sink {
    dzr_sink sink;
    const dzr_allocator *alloc;
    dzr_bytebuf buf;
} memory_sink;

static dzr_status memory_append(dzr_sink *sink, const void *bytes, size_t n, dzr_error *err)
{
    const dzr_status st = dzr__bytebuf_append(&((memory_sink *)sink)->buf, bytes, n, err);
    return st == DZR_OK ? DZR_OK : dzr_fail_at(err, st, "%s: ", sink->name);
}

static dzr_status memory_commit(dzr_sink *sink, dzr_error *err)
{
    (void)sink;
    (void)err;
    return DZR_OK;
}

static void memory_sink_close(dzr_sink *sink)
{
    memory_sink *const memory = (memory_sink *)sink;
    dzr__bytebuf_fini(&memory->buf);
    dzr_release(memory->alloc, memory);
}

dzr_status dzr_sink_memory(size_t max_bytes, const dzr_allocator *alloc, dzr_sink **out, dzr_error *err)
{
    static const dzr_sink_ops ops = {.append = memory_append, .commit = memory_commit, .close = memory_sink_close};
    memory_sink *const memory = dzr_alloc_zeroed(alloc, 1, sizeof *memory, err);
    if (memory == NULL)
        return DZR_ERR_NOMEM;
    memory->sink = (dzr_sink){.ops = &ops, .name = "memory"};
    memory->alloc = alloc;
    memory->buf = (dzr_bytebuf){.alloc = alloc, .max_bytes = max_bytes};
    *out = &memory->sink;
    return DZR_OK;
}

dzr_bytes dzr_sink_memory_bytes(const dzr_sink *sink)
{
    const memory_sink *const memory = (const memory_sink *)sink;
    return (dzr_bytes){.at = memory->buf.at, .len = memory->buf.len};
}
