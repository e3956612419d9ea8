/* cmd/datarizer/meta_json.c - `datarizer meta --json`: all of it as one object. What a file does not say is not there.
 */
#include "cmd/datarizer/meta.h"
#include "cmd/datarizer/values.h"

#include <inttypes.h>

static void text(const char *key, const char *value)
{
    printf("\"%s\":", key);
    print_json_text(value, stdout);
}

static void number(const char *key, int64_t value)
{
    printf(",\"%s\":%" PRId64, key, value);
}

static void flag(const char *key, bool value)
{
    printf(",\"%s\":%s", key, value ? "true" : "false");
}

static void numbers(const char *key, const int64_t *values, int32_t n)
{
    if (n == 0)
        return;
    printf(",\"%s\":[", key);
    for (int32_t i = 0; i < n; i++)
        printf(i > 0 ? ",%" PRId64 : "%" PRId64, values[i]);
    putchar(']');
}

/* Keys may repeat, so that entries are objects of their own; a value that is not there is null. */
static void entry(const char *before, const dzr_parquet_metadata *pair)
{
    printf("%s{\"key\":", before);
    print_json_string(pair->key, stdout);
    fputs(",\"value\":", stdout);
    if (pair->value.at == NULL)
        fputs("null", stdout);
    else
        print_json_string(pair->value, stdout);
    putchar('}');
}

/* `,"min":1,"max":2`: as values, where they are such. */
static dzr_status bounds(const meta_choice *what, int32_t column, dzr_bytes min, dzr_bytes max, dzr_error *err)
{
    dzr_batch *batch = NULL;
    if (!meta_bounds(what->parquet, column, min, max, &batch))
        return DZR_OK;
    fputs(",\"min\":", stdout);
    dzr_status st = print_json_value(batch, 0, 0, stdout, err);
    fputs(",\"max\":", stdout);
    if (st == DZR_OK)
        st = print_json_value(batch, 0, 1, stdout, err);
    dzr_batch_free(batch);
    return st;
}

/* ---- pages ---- */

typedef struct walk {
    const meta_choice *what;
    int32_t column, n;
} walk;

static dzr_status page(void *ctx, const dzr_parquet_page_facts *facts, dzr_error *err)
{
    walk *const w = ctx;
    char name[32];
    printf(w->n++ > 0 ? ",{" : "{");
    text("type", meta_page_type(facts->type, name));
    if (facts->encoding >= 0) {
        putchar(',');
        text("encoding", meta_encoding(facts->encoding, name));
    }
    number("offset", facts->offset);
    number("header_bytes", facts->header_bytes);
    number("n_bytes", facts->n_bytes);
    number("n_bytes_uncompressed", facts->n_bytes_uncompressed);
    const struct {
        const char *key;
        int64_t value;
    } others[] = {{"n_values", facts->n_values}, {"n_rows", facts->n_rows}, {"n_nulls", facts->n_nulls},
            {"rep_bytes", facts->rep_bytes}, {"def_bytes", facts->def_bytes}, {"null_count", facts->null_count}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].value >= 0)
            number(others[i].key, others[i].value);
    if (facts->n_rows >= 0)
        flag("is_compressed", facts->is_compressed);
    if (facts->is_sorted)
        flag("is_sorted", true);
    if (facts->has_crc)
        printf(",\"crc\":\"%08" PRIx32 "\"", facts->crc);
    const dzr_status st = facts->has_min_max ? bounds(w->what, w->column, facts->min, facts->max, err) : DZR_OK;
    putchar('}');
    return st;
}

static dzr_status page_index(const meta_choice *what, int32_t group, int32_t column, dzr_error *err)
{
    static const char *const orders[] = {"unordered", "ascending", "descending"};
    dzr_parquet_page_index *index = NULL;
    dzr_status st = dzr_parquet_reader_page_index(what->parquet, group, column, &index, err);
    if (st == DZR_ERR_CORRUPT || st == DZR_ERR_TRUNCATED) { /* nothing else depends on it */
        putchar(',');
        text("page_index_error", err->message);
        return DZR_OK;
    }
    if (st != DZR_OK || index == NULL)
        return st;
    fputs(",\"page_index\":{", stdout);
    if (index->has_bounds)
        printf("\"order\":\"%s\",", orders[index->order]);
    fputs("\"pages\":[", stdout);
    for (int32_t i = 0; st == DZR_OK && i < index->n_pages; i++) {
        const dzr_parquet_page *const p = &index->pages[i];
        printf("%s{\"offset\":%" PRId64, i > 0 ? "," : "", p->offset);
        number("n_bytes", p->n_bytes);
        number("first_row", p->first_row);
        number("n_rows", p->n_rows);
        if (p->has_string_bytes)
            number("n_string_bytes", p->n_string_bytes);
        if (index->has_bounds)
            flag("is_null", p->is_null);
        if (p->has_null_count)
            number("n_nulls", p->n_nulls);
        if (p->has_nan_count)
            number("n_nan", p->n_nan);
        if (p->has_min_max)
            st = bounds(what, column, p->min, p->max, err);
        numbers("rep_levels", index->reps + (int64_t)i * index->n_reps, index->n_reps);
        numbers("def_levels", index->defs + (int64_t)i * index->n_defs, index->n_defs);
        putchar('}');
    }
    fputs("]}", stdout);
    dzr_parquet_page_index_free(index);
    return st;
}

/* ---- chunks ---- */

static void encodings(const meta_choice *what, int32_t group, int32_t column, const dzr_parquet_chunk_facts *facts)
{
    char name[32];
    fputs(",\"encodings\":[", stdout);
    for (int32_t i = 0; i < facts->n_encodings; i++)
        printf("%s\"%s\"", i > 0 ? "," : "", meta_encoding(facts->encodings[i], name));
    putchar(']');
    for (int32_t i = 0; i < facts->n_page_counts; i++) {
        const dzr_parquet_page_count count = dzr_parquet_reader_page_count(what->parquet, group, column, i);
        printf(i > 0 ? ",{" : ",\"page_counts\":[{");
        text("type", meta_page_type(count.page_type, name));
        putchar(',');
        text("encoding", meta_encoding(count.encoding, name));
        number("n_pages", count.n_pages);
        putchar('}');
    }
    if (facts->n_page_counts > 0)
        putchar(']');
}

static void places(const dzr_parquet_chunk_facts *facts)
{
    const struct {
        const char *key;
        int64_t value;
    } all[] = {{"data_page_offset", facts->data_page_offset}, {"dictionary_page_offset", facts->dictionary_page_offset},
            {"index_page_offset", facts->index_page_offset}, {"offset_index_offset", facts->offset_index_offset},
            {"offset_index_bytes", facts->offset_index_bytes}, {"column_index_offset", facts->column_index_offset},
            {"column_index_bytes", facts->column_index_bytes}, {"bloom_filter_offset", facts->bloom_filter_offset},
            {"bloom_filter_bytes", facts->bloom_filter_bytes}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].value != 0 || i == 0)
            number(all[i].key, all[i].value);
}

static dzr_status statistics(const meta_choice *what, int32_t column, const dzr_parquet_chunk *chunk,
        const dzr_parquet_chunk_facts *facts, dzr_error *err)
{
    dzr_status st = DZR_OK;
    if (chunk->has_null_count)
        number("n_nulls", chunk->n_nulls);
    if (facts->has_nan_count)
        number("n_nan", facts->n_nan);
    if (facts->has_distinct_count)
        number("n_distinct", facts->n_distinct);
    if (chunk->has_min_max) {
        st = bounds(what, column, chunk->min, chunk->max, err);
        flag("min_exact", chunk->min_exact);
        flag("max_exact", chunk->max_exact);
    }
    if (facts->has_string_bytes)
        number("n_string_bytes", facts->n_string_bytes);
    numbers("rep_levels", facts->reps, facts->n_reps);
    numbers("def_levels", facts->defs, facts->n_defs);
    return st;
}

static dzr_status chunk(const meta_choice *what, int32_t group, int32_t column, dzr_error *err)
{
    dzr_parquet_chunk facts;
    dzr_parquet_chunk_facts more;
    char name[32];
    putchar('{');
    text("path", dzr_parquet_reader_path(what->parquet, column));
    if (dzr_parquet_reader_chunk(what->parquet, group, column, &facts, NULL) != DZR_OK) { /* the reason is just that */
        flag("is_encrypted", true);
        putchar('}');
        return DZR_OK;
    }
    dzr_status st = dzr_parquet_reader_chunk_facts(what->parquet, group, column, &more, err);
    if (st != DZR_OK)
        return st;
    printf(",\"physical_type\":\"%s\"", facts.physical_type);
    printf(",\"codec\":\"%s\"", meta_codec(facts.codec, name));
    if (more.is_encrypted)
        flag("is_encrypted", true);
    if (more.is_elsewhere)
        flag("is_elsewhere", true);
    number("n_values", facts.n_values);
    number("n_bytes", facts.n_bytes);
    number("n_bytes_uncompressed", facts.n_bytes_uncompressed);
    if (facts.n_bytes > 0)
        printf(",\"ratio\":%.4g", (double)facts.n_bytes_uncompressed / (double)facts.n_bytes);
    encodings(what, group, column, &more);
    places(&more);
    st = statistics(what, column, &facts, &more, err);
    for (int32_t i = 0; i < facts.n_metadata; i++) {
        const dzr_parquet_metadata pair = dzr_parquet_reader_chunk_metadata(what->parquet, group, column, i);
        entry(i > 0 ? "," : ",\"metadata\":[", &pair);
    }
    if (facts.n_metadata > 0)
        putchar(']');
    if (st == DZR_OK && what->pages) {
        walk w = {.what = what, .column = column};
        st = page_index(what, group, column, err);
        fputs(",\"pages\":[", stdout);
        if (st == DZR_OK)
            st = dzr_parquet_reader_each_page(what->parquet, group, column, page, &w, err);
        putchar(']');
    }
    putchar('}');
    return st;
}

/* ---- the file ---- */

static void sorting(const meta_choice *what, int32_t group)
{
    const int32_t n = dzr_parquet_reader_n_sorting(what->parquet, group);
    for (int32_t i = 0; i < n; i++) {
        const dzr_parquet_sorting by = dzr_parquet_reader_sorting(what->parquet, group, i);
        printf(i > 0 ? ",{" : ",\"sorting\":[{");
        if (by.column >= 0 && by.column < dzr_parquet_reader_n_columns(what->parquet))
            text("column", dzr_parquet_reader_path(what->parquet, by.column));
        else
            printf("\"column\":%d", by.column);
        flag("descending", by.descending);
        flag("nulls_first", by.nulls_first);
        putchar('}');
    }
    if (n > 0)
        putchar(']');
}

static dzr_status row_group(const meta_choice *what, int32_t group, dzr_error *err)
{
    const dzr_parquet_group_facts facts = dzr_parquet_reader_group_facts(what->parquet, group);
    printf("{\"number\":%d", group);
    number("n_rows", facts.n_rows);
    number("n_bytes", facts.n_bytes);
    number("n_bytes_uncompressed", facts.n_bytes_uncompressed);
    if (facts.file_offset >= 0)
        number("file_offset", facts.file_offset);
    if (facts.ordinal >= 0)
        number("ordinal", facts.ordinal);
    sorting(what, group);
    fputs(",\"columns\":[", stdout);
    for (int32_t i = 0; i < what->n_columns; i++) {
        if (i > 0)
            putchar(',');
        const dzr_status st = chunk(what, group, what->columns[i], err);
        if (st != DZR_OK)
            return st;
    }
    fputs("]}", stdout);
    return DZR_OK;
}

dzr_status meta_print_json(const meta_choice *what, dzr_error *err)
{
    const dzr_parquet_reader *const parquet = what->parquet;
    const dzr_parquet_file_facts file = dzr_parquet_reader_file_facts(parquet);
    putchar('{');
    text("file", what->file);
    number("version", file.version);
    putchar(',');
    text("created_by", dzr_parquet_reader_created_by(parquet));
    number("n_rows", dzr_parquet_reader_n_rows(parquet));
    if (file.n_rows != dzr_parquet_reader_n_rows(parquet))
        number("n_rows_claimed", file.n_rows);
    number("n_row_groups", dzr_parquet_reader_n_row_groups(parquet));
    number("n_columns", dzr_parquet_reader_n_columns(parquet));
    number("n_bytes", (int64_t)file.n_bytes);
    number("footer_offset", (int64_t)file.footer_offset);
    number("footer_bytes", (int64_t)file.footer_bytes);
    flag("has_column_orders", file.has_column_orders);
    fputs(",\"metadata\":[", stdout);
    for (int32_t i = 0; i < dzr_parquet_reader_n_metadata(parquet); i++) {
        const dzr_parquet_metadata pair = dzr_parquet_reader_metadata(parquet, i);
        entry(i > 0 ? "," : "", &pair);
    }
    fputs("],\"row_groups\":[", stdout);
    for (int32_t i = 0; i < what->n_row_groups; i++) {
        if (i > 0)
            putchar(',');
        const dzr_status st = row_group(what, what->row_groups[i], err);
        if (st != DZR_OK)
            return st;
    }
    puts("]}");
    return DZR_OK;
}
