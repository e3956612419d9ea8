/* json/lines.c - JSON lines from a source into batches. Called by convert.c of the store and by programs.
 * Text is read in blocks of whole lines, and a block's tokens are found at once: since no string may hold a line feed,
 * a block that simdjson accepts has no token across lines. A line that goes wrong there is taken again on its own for
 * the words; a block that simdjson refuses is taken line by line. */
#include "frame/internal.h"
#include "json/internal.h"

#include <inttypes.h>

enum {
    BLOCK_BYTES = 1 << 20,
    SAMPLE_BYTES = 16 << 20,
    BATCH_BYTES = 64 << 20,
    DEFAULT_LINE_BYTES = 64 << 20,
    DEFAULT_BATCH_ROWS = 65536,
    DEFAULT_SAMPLE_ROWS = 10000,
};

struct dzr_jsonl_reader {
    const dzr_allocator *alloc;
    dzr_source *source;
    dzr_jsonl_read_options options;
    dzr_schema *schema;
    bool inferred;
    dzr_builder *builder;
    dzr__json_record record;
    dzr__json_index index, line_index; /* of the block; of one line */

    dzr_bytebuf buf;     /* text read and not yet done with */
    size_t at, end;      /* the block in it: the next line starts at `at`, its last line ends before `end` */
    uint64_t buf_offset; /* of buf.at[0] in the source */
    int64_t line;        /* lines done */
    dzr__json_walk walk; /* over the block, when it is taken as a whole */
    bool whole;
    bool source_ended;
};

/* ---- text ---- */

/* Appends a block to buf. *n_read is 0 at the end of the source. */
static dzr_status read_more(dzr_jsonl_reader *reader, size_t *n_read, dzr_error *err)
{
    DZR_TRY(dzr__bytebuf_reserve(&reader->buf, BLOCK_BYTES, err));
    DZR_TRY(dzr_source_read(reader->source, reader->buf.at + reader->buf.len, BLOCK_BYTES, n_read, err));
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

static dzr_status line_too_long(const dzr_jsonl_reader *reader, dzr_error *err)
{
    const dzr_status st = dzr_fail(err, DZR_ERR_LIMIT, "%s: line %" PRId64 ": is longer than the %zu bytes allowed",
            reader->source->name, reader->line + 1, reader->options.limits.line_bytes);
    if (err != NULL)
        err->line = reader->line + 1;
    return st;
}

/* Reads on until the block has another whole line or the source has ended. All lines of the block are done. */
static dzr_status extend_block(dzr_jsonl_reader *reader, dzr_error *err)
{
    const size_t had = reader->end;
    while (reader->end == had && !reader->source_ended) {
        const size_t searched = reader->buf.len;
        size_t n = 0;
        if (searched - had > reader->options.limits.line_bytes)
            return line_too_long(reader, err);
        DZR_TRY(read_more(reader, &n, err));
        reader->end = DZR_MAX(had, whole_lines_end(reader, searched));
    }
    return DZR_OK;
}

/* Drops the block that is done and reads the next; at == end when the source has ended. */
static dzr_status next_block(dzr_jsonl_reader *reader, dzr_error *err)
{
    dzr_bytebuf *const buf = &reader->buf;
    if (reader->at > 0) {
        memmove(buf->at, buf->at + reader->at, buf->len - reader->at);
        buf->len -= reader->at;
        reader->buf_offset += reader->at;
    }
    reader->at = reader->end = 0;
    return extend_block(reader, err);
}

static void skip_byte_order_mark(dzr_jsonl_reader *reader)
{
    if (reader->buf.len >= 3 && memcmp(reader->buf.at, "\xef\xbb\xbf", 3) == 0)
        reader->at = 3;
}

/* The line at `at` without its line feed; `at` moves behind it. */
static dzr_bytes take_line(dzr_jsonl_reader *reader)
{
    const uint8_t *const start = reader->buf.at + reader->at;
    const size_t left = reader->end - reader->at;
    const uint8_t *const feed = memchr(start, '\n', left);
    const dzr_bytes line = {.at = start, .len = feed != NULL ? (size_t)(feed - start) : left};
    reader->at += line.len + (feed != NULL);
    reader->line++;
    return line;
}

/* ---- lines ---- */

static dzr_status in_line(const dzr_jsonl_reader *reader, dzr_bytes line, dzr_status st, dzr_error *err)
{
    if (err != NULL) {
        err->line = reader->line;
        if (err->offset >= 0)
            err->offset += (int64_t)(reader->buf_offset + (uint64_t)(line.at - reader->buf.at));
    }
    return dzr_fail_at(err, st, "%s: line %" PRId64 ": ", reader->source->name, reader->line);
}

/* The tokens of one line. *is_blank when it has none. */
static dzr_status walk_line(
        dzr_jsonl_reader *reader, dzr_bytes line, dzr__json_walk *walk, bool *is_blank, dzr_error *err)
{
    if (line.len > reader->options.limits.line_bytes) {
        reader->line--;
        return line_too_long(reader, err);
    }
    dzr__json_index *const index = &reader->line_index;
    DZR_TRY(dzr__json_index_text(index, line, err));
    *walk = (dzr__json_walk){index->text, index->len, index->at, index->at + index->n, index->clean};
    *is_blank = index->n == 0;
    return DZR_OK;
}

static dzr_status end_of_line(const dzr__json_walk *walk, dzr_error *err)
{
    return walk->next < walk->end ? dzr__json_unexpected(walk, *walk->next, "the end of the line", err) : DZR_OK;
}

/* One line on its own into the builder. */
static dzr_status take_alone(dzr_jsonl_reader *reader, dzr_bytes line, dzr_error *err)
{
    dzr__json_walk walk;
    bool is_blank = false;
    DZR_TRY(walk_line(reader, line, &walk, &is_blank, err));
    if (is_blank)
        return DZR_OK;
    reader->record.misfit.status = DZR_OK;
    dzr_status st = dzr__json_take_record(&reader->record, &walk, reader->builder, err);
    if (st == DZR_OK)
        st = end_of_line(&walk, err);
    if (st == DZR_OK && reader->record.misfit.status != DZR_OK) {
        st = DZR_ERR_TYPE;
        if (err != NULL) {
            *err = reader->record.misfit;
            if (reader->inferred && strlen(err->message) < 300)
                strcat(err->message, " (as inferred from the records at the start)");
        }
    }
    return st == DZR_OK || st == DZR_ERR_NOMEM ? st : in_line(reader, line, st, err);
}

/* One line of a block whose tokens are known. False when the line must be taken on its own, with the rows as they were.
 */
static bool take_in_block(dzr_jsonl_reader *reader, dzr_bytes line, int64_t n_rows)
{
    dzr__json_walk *const walk = &reader->walk;
    const size_t line_end = (size_t)(line.at - walk->text) + line.len;
    if (walk->next == walk->end || *walk->next >= line_end)
        return true; /* blank */
    reader->record.misfit.status = DZR_OK;
    if (line.len <= reader->options.limits.line_bytes &&
            dzr__json_take_record(&reader->record, walk, reader->builder, NULL) == DZR_OK &&
            reader->record.misfit.status == DZR_OK && walk->next[-1] < line_end && *walk->next >= line_end)
        return true;
    dzr_builder_truncate(reader->builder, n_rows);
    return false;
}

/* ---- blocks ---- */

/* Finds the tokens of the lines in [at, end). */
static dzr_status index_block(dzr_jsonl_reader *reader, dzr_error *err)
{
    const dzr_bytes text = {.at = reader->buf.at + reader->at, .len = reader->end - reader->at};
    dzr__json_index *const index = &reader->index;
    reader->whole = false;
    const dzr_status st = dzr__json_simd_index(index->simd, text.at, text.len, &index->at, &index->n);
    if (st == DZR_ERR_NOMEM)
        return dzr_fail(err, st, "%s: out of memory: simdjson has none for %zu bytes", reader->source->name, text.len);
    if (st == DZR_OK) {
        reader->walk = (dzr__json_walk){text.at, text.len, index->at, index->at + index->n, true};
        reader->whole = true;
    }
    return DZR_OK;
}

dzr_status dzr_jsonl_reader_next(dzr_jsonl_reader *reader, dzr_batch **out, dzr_error *err)
{
    const uint64_t start = reader->buf_offset + reader->at;
    int64_t n_rows = 0;
    *out = NULL;
    while (n_rows < reader->options.batch_rows && reader->buf_offset + reader->at - start < BATCH_BYTES) {
        if (reader->at == reader->end) {
            if (reader->source_ended)
                break;
            DZR_TRY(next_block(reader, err));
            DZR_TRY(index_block(reader, err));
            continue;
        }
        const dzr_bytes line = take_line(reader);
        reader->whole = reader->whole && take_in_block(reader, line, n_rows);
        if (!reader->whole)
            DZR_TRY(take_alone(reader, line, err));
        n_rows = dzr_builder_n_rows(reader->builder, 0);
    }
    return n_rows > 0 ? dzr_builder_finish(reader->builder, out, err) : DZR_OK;
}

/* ---- opening ---- */

/* Reads the sample and leaves it as the first block. */
static dzr_status infer_schema(dzr_jsonl_reader *reader, dzr__json_infer *infer, dzr_error *err)
{
    const size_t first = reader->at;
    while (infer->n_records < reader->options.sample_rows && reader->at < SAMPLE_BYTES) {
        if (reader->at == reader->end) {
            if (reader->source_ended)
                break;
            DZR_TRY(extend_block(reader, err));
            continue;
        }
        const dzr_bytes line = take_line(reader);
        dzr__json_walk walk;
        bool is_blank = false;
        DZR_TRY(walk_line(reader, line, &walk, &is_blank, err));
        if (is_blank)
            continue;
        dzr_status st = dzr__json_infer_record(infer, &walk, err);
        if (st == DZR_OK)
            st = end_of_line(&walk, err);
        if (st != DZR_OK)
            return st == DZR_ERR_NOMEM ? st : in_line(reader, line, st, err);
    }
    reader->at = first;
    reader->line = 0;
    const dzr_status st = dzr__json_infer_schema(infer, &reader->schema, err);
    return st == DZR_OK || st == DZR_ERR_NOMEM ? st : dzr_fail_at(err, st, "%s: ", reader->source->name);
}

static dzr_status open_schema(dzr_jsonl_reader *reader, const dzr_schema *schema, dzr_error *err)
{
    DZR_TRY(next_block(reader, err));
    skip_byte_order_mark(reader);
    if (schema != NULL) {
        reader->schema = dzr_schema_hold(schema);
        return DZR_OK;
    }
    dzr__json_infer infer;
    dzr__json_infer_init(&infer, reader->alloc);
    const dzr_status st = infer_schema(reader, &infer, err);
    dzr__json_infer_fini(&infer);
    reader->inferred = true;
    reader->options.rules.refuse_unknown = true;
    return st;
}

static dzr_status open_all(dzr_jsonl_reader *reader, const dzr_schema *schema, dzr_error *err)
{
    DZR_TRY(dzr__json_index_init(&reader->index, reader->alloc, err));
    DZR_TRY(dzr__json_index_init(&reader->line_index, reader->alloc, err));
    DZR_TRY(open_schema(reader, schema, err));
    DZR_TRY(index_block(reader, err));
    DZR_TRY(dzr_builder_new(reader->schema, reader->alloc, &reader->builder, err));
    return dzr__json_record_init(
            &reader->record, reader->schema, &reader->options.rules, &reader->options.limits, reader->alloc, err);
}

dzr_status dzr_jsonl_reader_open(
        dzr_source *source, const dzr_jsonl_read_options *options, dzr_jsonl_reader **out, dzr_error *err)
{
    static const dzr_jsonl_read_options defaults = {.schema = NULL};
    if (options == NULL)
        options = &defaults;
    if (options->batch_rows < 0 || options->sample_rows < 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: batch_rows and sample_rows can't be negative", source->name);
    if (options->schema != NULL && dzr_schema_n_fields(options->schema) == 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: a schema without columns", source->name);
    if (options->schema != NULL)
        DZR_TRY(dzr__json_check_keys(options->schema, err));
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
    const dzr_status st = open_all(reader, options->schema, err);
    if (st != DZR_OK) {
        dzr_jsonl_reader_close(reader);
        return st;
    }
    *out = reader;
    return DZR_OK;
}

const dzr_schema *dzr_jsonl_reader_schema(const dzr_jsonl_reader *reader)
{
    return reader->schema;
}

void dzr_jsonl_reader_close(dzr_jsonl_reader *reader)
{
    if (reader == NULL)
        return;
    dzr__json_record_fini(&reader->record);
    dzr_builder_free(reader->builder);
    dzr_schema_free(reader->schema);
    dzr__json_index_fini(&reader->index);
    dzr__json_index_fini(&reader->line_index);
    dzr__bytebuf_fini(&reader->buf);
    dzr_release(reader->alloc, reader);
}
