/* tests/csv/csv_text.h - for tests of room csv: a source that hands out text in pieces, and what is read of it as JSON
 * lines, which show every value and its kind. */
#ifndef DZR_TESTS_CSV_TEXT_H
#define DZR_TESTS_CSV_TEXT_H

#include "support.h"

#include "csv/internal.h"

typedef struct piece_source {
    dzr_source source;
    dzr_bytes left;
    size_t piece;
} piece_source;

static inline dzr_status piece_read(dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err)
{
    (void)err;
    piece_source *const from = (piece_source *)source;
    *n_read = DZR_MIN(DZR_MIN(n, from->piece), from->left.len);
    if (*n_read > 0)
        memcpy(out, from->left.at, *n_read);
    from->left.at += *n_read;
    from->left.len -= *n_read;
    return DZR_OK;
}

static inline piece_source pieces(const void *bytes, size_t len, size_t piece)
{
    static const dzr_source_ops ops = {.read = piece_read};
    return (piece_source){.source = {.ops = &ops, .name = "in.csv", .n_bytes = DZR_SIZE_UNKNOWN},
            .left = {bytes, len},
            .piece = piece};
}

/* All that the reader gives, as JSON lines in a new sink. */
static inline dzr_status copy_rows(dzr_csv_reader *reader, const dzr_allocator *alloc, dzr_sink **out, dzr_error *err)
{
    dzr_json_writer *writer = NULL;
    dzr_sink *sink = NULL;
    dzr_status st = dzr_sink_memory((size_t)1 << 28, alloc, &sink, err);
    if (st == DZR_OK)
        st = dzr_json_writer_open(
                sink, dzr_csv_reader_schema(reader), &(dzr_json_write_options){.alloc = alloc}, &writer, err);
    while (st == DZR_OK) {
        dzr_batch *batch = NULL;
        st = dzr_csv_reader_next(reader, &batch, err);
        if (batch == NULL)
            break;
        st = dzr_json_writer_append(writer, batch, err);
        dzr_batch_free(batch);
    }
    if (st == DZR_OK)
        st = dzr_json_writer_finish(writer, err);
    dzr_json_writer_close(writer);
    if (st == DZR_OK)
        *out = sink;
    else
        dzr_sink_close(sink);
    return st;
}

static inline dzr_status read_text(
        dzr_bytes text, size_t piece, const dzr_csv_read_options *options, dzr_sink **out, dzr_error *err)
{
    piece_source from = pieces(text.at, text.len, piece);
    dzr_csv_reader *reader = NULL;
    DZR_TRY(dzr_csv_reader_open(&from.source, options, &reader, err));
    const dzr_status st = copy_rows(reader, options != NULL ? options->alloc : NULL, out, err);
    dzr_csv_reader_close(reader);
    return st;
}

/* What is read is `want`, whatever the pieces. */
static inline void assert_reads(const char *text, size_t len, const dzr_csv_read_options *options, const char *want)
{
    static const size_t sizes[] = {1, 2, 3, 7, 64, SIZE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        dzr_error err = {.message = ""};
        dzr_sink *sink = NULL;
        assert_ok(read_text((dzr_bytes){(const uint8_t *)text, len}, sizes[i], options, &sink, &err));
        const dzr_bytes got = dzr_sink_memory_bytes(sink);
        if (got.len != strlen(want) || memcmp(got.at, want, got.len) != 0)
            fail_msg("pieces of %zu: got\n%.*s\nand not\n%s", sizes[i], (int)got.len, (const char *)got.at, want);
        dzr_sink_close(sink);
    }
}

#endif
