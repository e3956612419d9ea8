/* json/lines.c - JSON lines from a source into batches: the public face, see json.h. Called by convert.c of the store
 * and by programs. Text is read in blocks of whole lines; lines_rows.c makes rows of them. */
#include "json/lines.h"

#include "frame/internal.h"

enum {
    SAMPLE_BYTES = 16 << 20,
    DEFAULT_LINE_BYTES = 64 << 20,
    DEFAULT_BATCH_ROWS = 65536,
    DEFAULT_SAMPLE_ROWS = 10000,
};

struct dzr_jsonl_reader {
    const dzr_allocator *alloc;
    dzr_source *source;
    dzr_jsonl_read_options options;
    dzr_schema *schema;   /* of the lines */
    dzr_schema *built;    /* of the batches */
    dzr_bytebuf buf;      /* text read and not yet done with */
    dzr__jsonl_rows rows; /* over buf */
    bool source_ended;
    dzr__jsonl_ahead *ahead; /* who does it, where several threads do */
};

/* ---- text ---- */

/* Appends a block to buf. *n_read is 0 at the end of the source. */
static dzr_status read_more(dzr_jsonl_reader *reader, size_t *n_read, dzr_error *err)
{
    DZR_TRY(dzr__bytebuf_reserve(&reader->buf, DZR__JSONL_BLOCK_BYTES, err));
    reader->rows.text = reader->buf.at;
    DZR_TRY(dzr_source_read(reader->source, reader->buf.at + reader->buf.len, DZR__JSONL_BLOCK_BYTES, n_read, err));
    reader->buf.len += *n_read;
    reader->source_ended = *n_read == 0;
    return DZR_OK;
}

/* Where the last whole line of buf ends; everything counts once the source has ended. */
static size_t whole_lines_end(const dzr_jsonl_reader *reader, size_t from)
{
    if (reader->source_ended)
        return reader->buf.len;
    const uint8_t *const feed =
            reader->buf.len > from ? memrchr(reader->buf.at + from, '\n', reader->buf.len - from) : NULL;
    return feed != NULL ? (size_t)(feed - reader->buf.at) + 1 : 0;
}

/* Reads on until the block has another whole line or the source has ended. All lines of the block are done. */
static dzr_status extend_block(dzr_jsonl_reader *reader, dzr_error *err)
{
    dzr__jsonl_rows *const rows = &reader->rows;
    const size_t had = rows->end;
    while (rows->end == had && !reader->source_ended) {
        const size_t searched = reader->buf.len;
        size_t n = 0;
        if (searched - had > reader->options.limits.line_bytes)
            return dzr__jsonl_too_long(reader->source->name, &reader->options, rows->line + 1, err);
        DZR_TRY(read_more(reader, &n, err));
        rows->end = DZR_MAX(had, whole_lines_end(reader, searched));
    }
    return DZR_OK;
}

/* Drops the block that is done and reads the next; at == end when the source has ended. */
static dzr_status next_block(dzr_jsonl_reader *reader, dzr_error *err)
{
    dzr_bytebuf *const buf = &reader->buf;
    dzr__jsonl_rows *const rows = &reader->rows;
    if (rows->at > 0) {
        memmove(buf->at, buf->at + rows->at, buf->len - rows->at);
        buf->len -= rows->at;
        rows->offset += rows->at;
    }
    rows->at = rows->end = 0;
    return extend_block(reader, err);
}

static void skip_byte_order_mark(dzr_jsonl_reader *reader)
{
    if (reader->buf.len >= 3 && memcmp(reader->buf.at, "\xef\xbb\xbf", 3) == 0)
        reader->rows.at = 3;
}

/* ---- batches ---- */

dzr_status dzr_jsonl_reader_next(dzr_jsonl_reader *reader, dzr_batch **out, dzr_error *err)
{
    *out = NULL;
    if (reader->ahead != NULL)
        return dzr__jsonl_ahead_next(reader->ahead, out, err);
    dzr__jsonl_rows *const rows = &reader->rows;
    const uint64_t start = rows->offset + rows->at;
    int64_t n_rows = 0;
    while (n_rows < reader->options.batch_rows &&
            (n_rows == 0 || rows->offset + rows->at - start < DZR__JSONL_BATCH_BYTES)) {
        if (rows->at == rows->end) {
            if (reader->source_ended)
                break;
            DZR_TRY(next_block(reader, err));
            DZR_TRY(dzr__jsonl_rows_index(rows, err));
            continue;
        }
        DZR_TRY(dzr__jsonl_rows_take(rows, err));
        n_rows = dzr_builder_n_rows(rows->builder, 0);
    }
    return n_rows > 0 ? dzr_builder_finish(rows->builder, out, err) : DZR_OK;
}

/* ---- opening ---- */

static dzr_status look_at(dzr__json_infer *infer, dzr__json_walk *walk, dzr_error *err)
{
    DZR_TRY(dzr__json_infer_record(infer, walk, err));
    return dzr__jsonl_end_of_line(walk, err);
}

/* Reads the sample and leaves it as the first block. */
static dzr_status infer_schema(dzr_jsonl_reader *reader, dzr__json_infer *infer, dzr_error *err)
{
    dzr__jsonl_rows *const rows = &reader->rows;
    const size_t first = rows->at;
    while (infer->n_records < reader->options.sample_rows && rows->at < SAMPLE_BYTES) {
        if (rows->at == rows->end) {
            if (reader->source_ended)
                break;
            DZR_TRY(extend_block(reader, err));
            continue;
        }
        const dzr_bytes line = dzr__jsonl_rows_line(rows);
        dzr__json_walk walk;
        bool is_blank = false;
        const bool goes_on = reader->options.bad != NULL; /* a bad record is told when rows are made */
        dzr_status st = dzr__jsonl_rows_walk(rows, line, &walk, &is_blank, err);
        if (st != DZR_OK && !(goes_on && st == DZR_ERR_LIMIT))
            return st;
        if (st != DZR_OK || is_blank)
            continue;
        st = look_at(infer, &walk, err);
        if (st != DZR_OK && (!goes_on || st == DZR_ERR_NOMEM))
            return st == DZR_ERR_NOMEM ? st : dzr__jsonl_rows_fail(rows, line, st, err);
    }
    rows->at = first;
    rows->line = 0;
    const dzr_status st = dzr__json_infer_schema(infer, &reader->schema, err);
    return st == DZR_OK || st == DZR_ERR_NOMEM ? st : dzr_fail_at(err, st, "%s: ", reader->source->name);
}

static dzr_status open_schema(dzr_jsonl_reader *reader, dzr_error *err)
{
    DZR_TRY(next_block(reader, err));
    skip_byte_order_mark(reader);
    if (reader->options.schema != NULL) {
        reader->schema = dzr_schema_hold(reader->options.schema);
        return DZR_OK;
    }
    dzr__json_infer infer;
    dzr__json_infer_init(&infer, reader->alloc);
    const dzr_status st = infer_schema(reader, &infer, err);
    dzr__json_infer_fini(&infer);
    reader->options.rules.refuse_unknown = true;
    return st;
}

static dzr_status open_built(dzr_jsonl_reader *reader, dzr_error *err)
{
    const dzr_jsonl_read_options *const options = &reader->options;
    if (options->record_info == NULL) {
        reader->built = dzr_schema_hold(reader->schema);
        return DZR_OK;
    }
    const dzr_status st = dzr__jsonl_origin_schema(
            reader->schema, !options->rules.replace_invalid, reader->alloc, &reader->built, err);
    return st == DZR_OK ? DZR_OK : dzr_fail_at(err, st, "%s: ", reader->source->name);
}

static dzr_status open_ahead(dzr_jsonl_reader *reader, dzr_error *err)
{
    const dzr__jsonl_rows *const rows = &reader->rows;
    const dzr__jsonl_setup setup = {.alloc = reader->alloc,
            .source = reader->source,
            .options = &reader->options,
            .schema = reader->schema,
            .built = reader->built,
            .inferred = reader->options.schema == NULL};
    const dzr_bytes text = {.at = reader->buf.at + rows->at, .len = reader->buf.len - rows->at};
    DZR_TRY(dzr__jsonl_ahead_open(&setup, text, rows->offset + rows->at, reader->source_ended, &reader->ahead, err));
    dzr__bytebuf_fini(&reader->buf);
    return DZR_OK;
}

static dzr_status open_all(dzr_jsonl_reader *reader, dzr_error *err)
{
    dzr__jsonl_rows *const rows = &reader->rows;
    DZR_TRY(dzr__jsonl_rows_init(rows, reader->source->name, &reader->options, reader->alloc, err));
    DZR_TRY(open_schema(reader, err));
    DZR_TRY(open_built(reader, err));
    if (reader->options.threads > 1 && reader->options.bad == NULL)
        return open_ahead(reader, err);
    DZR_TRY(dzr__jsonl_rows_schema(
            rows, reader->schema, reader->built, reader->options.schema == NULL, reader->alloc, err));
    return dzr__jsonl_rows_index(rows, err);
}

static dzr_status check_options(const dzr_source *source, const dzr_jsonl_read_options *options, dzr_error *err)
{
    if (options->batch_rows < 0 || options->sample_rows < 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: batch_rows and sample_rows can't be negative", source->name);
    if (options->threads < 0 || options->threads > DZR_MAX_THREADS)
        return dzr_fail(err, DZR_ERR_ARG, "%s: option threads is %d, and must be 0 to %d", source->name,
                (int)options->threads, DZR_MAX_THREADS);
    if (options->schema != NULL && dzr_schema_n_fields(options->schema) == 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: a schema without columns", source->name);
    return options->schema != NULL ? dzr__json_check_keys(options->schema, err) : DZR_OK;
}

dzr_status dzr_jsonl_reader_open(
        dzr_source *source, const dzr_jsonl_read_options *options, dzr_jsonl_reader **out, dzr_error *err)
{
    static const dzr_jsonl_read_options defaults = {.schema = NULL};
    if (options == NULL)
        options = &defaults;
    DZR_TRY(check_options(source, options, err));
    dzr_jsonl_reader *const reader = dzr_alloc_zeroed(options->alloc, 1, sizeof *reader, err);
    if (reader == NULL)
        return DZR_ERR_NOMEM;
    reader->alloc = reader->buf.alloc = options->alloc;
    reader->source = source;
    reader->options = *options;
    dzr_jsonl_read_options *const own = &reader->options;
    own->batch_rows = own->batch_rows == 0 ? DEFAULT_BATCH_ROWS : own->batch_rows;
    own->sample_rows = own->sample_rows == 0 ? DEFAULT_SAMPLE_ROWS : own->sample_rows;
    own->limits.line_bytes = own->limits.line_bytes == 0 ? DEFAULT_LINE_BYTES : own->limits.line_bytes;
    const dzr_status st = open_all(reader, err);
    if (st != DZR_OK) {
        dzr_jsonl_reader_close(reader);
        return st;
    }
    *out = reader;
    return DZR_OK;
}

const dzr_schema *dzr_jsonl_reader_schema(const dzr_jsonl_reader *reader)
{
    return reader->built;
}

void dzr_jsonl_reader_close(dzr_jsonl_reader *reader)
{
    if (reader == NULL)
        return;
    dzr__jsonl_ahead_close(reader->ahead);
    dzr__jsonl_rows_fini(&reader->rows);
    dzr_schema_free(reader->schema);
    dzr_schema_free(reader->built);
    dzr__bytebuf_fini(&reader->buf);
    dzr_release(reader->alloc, reader);
}
