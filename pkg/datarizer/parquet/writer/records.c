/* parquet/writer/records.c - a nested column takes in records: whole ones, so that pages end between them. Called by
 * writer.c with what shred.c made; pages and dictionary are column.c's.
 * Spec: parquet-format README.md "Nested Encoding"; parquet.thrift, DataPageHeader. */
#include "parquet/writer/writer.h"

/* Where a run of records ends: levels, values and records before that. */
typedef struct place {
    int64_t level, value, n_rows;
} place;

/* The place behind the record that begins at `at`. */
static place after_record(const dzr_column_writer *column, const dzr_shreds *records, place at)
{
    const uint32_t *const reps = (const uint32_t *)(const void *)records->reps.at;
    const uint32_t *const defs = (const uint32_t *)(const void *)records->defs.at;
    do {
        at.value += defs[at.level] == column->max_def ? 1 : 0;
        at.level++;
    } while (at.level < records->n_levels && reps[at.level] != 0);
    at.n_rows++;
    return at;
}

static const int64_t *value_rows(const dzr_shreds *records)
{
    return (const int64_t *)(const void *)records->rows.at;
}

/* What levels [from, to) take as strings in PLAIN; nulls and empty lists count as empty strings. */
static int64_t string_bytes(const dzr_column *in, const dzr_shreds *records, place from, place to)
{
    int64_t bytes = (to.level - from.level) * (int64_t)sizeof(uint32_t);
    for (int64_t i = from.value; i < to.value; i++)
        bytes += ((const dzr_view *)in->values)[value_rows(records)[i]].len;
    return bytes;
}

/* The place up to which records still fit into the page at hand, which takes one in any case. */
static place records_that_fit(dzr_column_writer *column, const dzr_column *in, const dzr_shreds *records, place from)
{
    const bool strings = dzr__column_has_plain_strings(column);
    const int64_t room = dzr__column_page_levels(column) - column->n_levels;
    int64_t bytes = column->page_plain_bytes;
    place end = from;
    while (end.level < records->n_levels && column->n_rows + end.n_rows - from.n_rows < column->page_rows) {
        const place next = after_record(column, records, end);
        const int64_t more = strings ? bytes + string_bytes(in, records, end, next) : 0;
        const bool fits = next.level - from.level <= room && more <= column->page_bytes;
        if (!fits && column->n_rows + end.n_rows - from.n_rows > 0)
            break;
        end = next;
        bytes = more;
    }
    column->page_plain_bytes = bytes;
    return end;
}

/* The dictionary took n_done of the values between from and *end: cuts *end back to whole records, and takes back the
 * codes of the one that was begun. Its values stay entries, though no code may name them. */
static void cut_to_records(dzr_column_writer *column, const dzr_column *values, const dzr_shreds *records, place from,
        place *end, int64_t n_done)
{
    const int64_t last = from.value + n_done;
    place cut = from;
    for (place next = after_record(column, records, cut); next.value <= last; next = after_record(column, records, cut))
        cut = next;
    const int64_t kept = cut.value - from.value;
    int64_t taken_back = (n_done - kept) * (int64_t)(column->width > 0 ? column->width : sizeof(uint32_t));
    for (int64_t i = kept; column->width == 0 && i < n_done; i++)
        taken_back += ((const dzr_view *)values->values)[i].len;
    column->dictionary.plain_bytes -= taken_back;
    column->codes.len -= (size_t)(n_done - kept) * sizeof(uint32_t);
    *end = cut;
}

static dzr_status append_levels(
        dzr_column_writer *column, const dzr_shreds *records, place from, place end, dzr_error *err)
{
    const size_t start = (size_t)from.level * sizeof(uint32_t);
    const size_t n_bytes = (size_t)(end.level - from.level) * sizeof(uint32_t);
    if (n_bytes == 0)
        return DZR_OK;
    if (column->max_rep > 0)
        DZR_TRY(dzr__bytebuf_append(&column->reps, records->reps.at + start, n_bytes, err));
    if (column->max_def > 0)
        DZR_TRY(dzr__bytebuf_append(&column->defs, records->defs.at + start, n_bytes, err));
    return DZR_OK;
}

/* Takes in the records between from and *end, which fit; *end moves back, with *full set, when the dictionary ends
 * before. */
static dzr_status append_records(dzr_column_writer *column, dzr_page_press *press, const dzr_column *in,
        const dzr_shreds *records, place from, place *end, bool *full, dzr_error *err)
{
    dzr_column values;
    DZR_TRY(dzr__dense_rows(column->leaf, in, value_rows(records) + from.value, end->value - from.value,
            &press->scratch, &values, err));
    if (column->use_dictionary) {
        int64_t n_done = 0;
        DZR_TRY(dzr__dictionary_encode(&column->dictionary, &values, &column->codes, &n_done, err));
        *full = n_done < values.n_rows;
        if (*full)
            cut_to_records(column, &values, records, from, end, n_done);
        values.n_rows = end->value - from.value;
    } else {
        DZR_TRY(dzr__column_append_plain(column, &values, err));
    }
    dzr__minmax_count_nan(&column->page_minmax, &values);
    DZR_TRY(append_levels(column, records, from, *end, err));
    column->n_rows += (int32_t)(end->n_rows - from.n_rows);
    column->n_levels += end->level - from.level;
    column->n_values += values.n_rows;
    return DZR_OK;
}

dzr_status dzr__column_append_records(dzr_column_writer *column, dzr_page_press *press, const dzr_column *in,
        const dzr_shreds *records, dzr_error *err)
{
    place at = {0};
    while (at.level < records->n_levels) {
        place end = records_that_fit(column, in, records, at);
        if (end.level == at.level) {
            DZR_TRY(dzr__column_end_page(column, press, false, err));
            continue;
        }
        bool full = false;
        DZR_TRY(append_records(column, press, in, records, at, &end, &full, err));
        if (full)
            DZR_TRY(dzr__column_leave_dictionary(column, press, err));
        at = end;
    }
    return DZR_OK;
}
