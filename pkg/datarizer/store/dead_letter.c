/* store/dead_letter.c - bad records of a file put aside instead of ending its conversion: JSON lines with the reason,
 * the place and the record itself. Called by table_reader.c, which opens it with a reader and ends it with the last
 * row. */
#include "store/internal.h"

enum { REASON, LINE, OFFSET, RAW, BASE64, HELD = 256 /* records before they are written */ };

struct dzr__dead_letter {
    const dzr_allocator *alloc;
    dzr_table_writer *writer;
    dzr_builder *builder;
    int64_t n, most; /* records, and how many there may be; most 0: any number */
};

dzr_status dzr__dead_letter_open(
        const char *name, int64_t most, const dzr_allocator *alloc, dzr__dead_letter **out, dzr_error *err)
{
    static const dzr_field fields[] = {[REASON] = {.name = "reason", .type = {.id = DZR_TYPE_STRING}},
            [LINE] = {.name = "line", .type = {.id = DZR_TYPE_INT64}},
            [OFFSET] = {.name = "offset", .type = {.id = DZR_TYPE_INT64}},
            [RAW] = {.name = "raw", .type = {.id = DZR_TYPE_STRING}, .nullable = true},
            [BASE64] = {.name = "raw_base64", .type = {.id = DZR_TYPE_BINARY}, .nullable = true}};
    const dzr_table_write_options options = {.alloc = alloc, .format = DZR_FORMAT_JSONL};
    dzr_schema *schema = NULL;
    dzr__dead_letter *const letter = dzr_alloc_zeroed(alloc, 1, sizeof *letter, err);
    if (letter == NULL)
        return DZR_ERR_NOMEM;
    letter->alloc = alloc;
    letter->most = most;
    dzr_status st = dzr_schema_new(fields, sizeof fields / sizeof *fields, alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr_builder_new(schema, alloc, &letter->builder, err);
    if (st == DZR_OK)
        st = dzr_table_writer_open(name, schema, &options, &letter->writer, err);
    dzr_schema_free(schema);
    if (st != DZR_OK) {
        dzr__dead_letter_close(letter);
        return st;
    }
    *out = letter;
    return DZR_OK;
}

static dzr_status write_held(dzr__dead_letter *letter, dzr_error *err)
{
    dzr_batch *batch = NULL;
    DZR_TRY(dzr_builder_finish(letter->builder, &batch, err));
    const dzr_status st = dzr_table_writer_append(letter->writer, batch, err);
    dzr_batch_free(batch);
    return st;
}

/* A text is told as it is, other bytes in base64. */
static dzr_status add(dzr_builder *b, const dzr_bad_record *record, dzr_error *err)
{
    const char *const reason = record->why->message;
    const bool is_text = dzr__utf8_valid(record->raw.at, record->raw.len);
    DZR_TRY(dzr_builder_bytes(b, REASON, (dzr_bytes){(const uint8_t *)reason, strlen(reason)}, err));
    DZR_TRY(dzr_builder_int(b, LINE, record->line, err));
    DZR_TRY(dzr_builder_int(b, OFFSET, record->offset, err));
    DZR_TRY(dzr_builder_bytes(b, is_text ? RAW : BASE64, record->raw, err));
    return dzr_builder_null(b, is_text ? BASE64 : RAW, err);
}

dzr_status dzr__dead_letter_take(void *ctx, const dzr_bad_record *record, dzr_error *err)
{
    dzr__dead_letter *const letter = ctx;
    if (letter->most > 0 && letter->n == letter->most)
        return dzr_fail(err, DZR_ERR_LIMIT, "%.700s; it is one more than the %lld bad records allowed",
                record->why->message, (long long)letter->most);
    letter->n++;
    DZR_TRY(add(letter->builder, record, err));
    return dzr_builder_n_rows(letter->builder, 0) == HELD ? write_held(letter, err) : DZR_OK;
}

int64_t dzr__dead_letter_n(const dzr__dead_letter *letter)
{
    return letter->n;
}

dzr_status dzr__dead_letter_commit(dzr__dead_letter *letter, dzr_error *err)
{
    if (dzr_builder_n_rows(letter->builder, 0) > 0)
        DZR_TRY(write_held(letter, err));
    return dzr_table_writer_commit(letter->writer, err);
}

void dzr__dead_letter_close(dzr__dead_letter *letter)
{
    if (letter == NULL)
        return;
    dzr_table_writer_close(letter->writer);
    dzr_builder_free(letter->builder);
    dzr_release(letter->alloc, letter);
}
