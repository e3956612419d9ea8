/* fuzz/parquet_check.c - see parquet_check.h. */
#include "parquet_check.h"

#include "base/internal.h"
#include "counting.h"
#include "require.h"

#include <datarizer/parquet_validate.h>

static void check_error(dzr_status st, const dzr_error *err)
{
    REQUIRE(err->status == st && (strncmp(err->message, "memory: ", 8) == 0 || st == DZR_ERR_NOMEM));
}

/* ---- what a batch holds ---- */

/* Nulls are counted right; offsets begin at 0, never fall, and end at the rows below; structs' children have its rows.
 */
static void check_column(const dzr_column *column)
{
    int64_t n_nulls = 0;
    for (int64_t row = 0; row < column->n_rows; row++)
        n_nulls += dzr_column_is_null(column, row) ? 1 : 0;
    REQUIRE(column->type.id == DZR_TYPE_NULL || n_nulls == column->n_nulls);
    for (int32_t i = 0; i < column->n_children; i++) {
        REQUIRE(column->type.id != DZR_TYPE_STRUCT || column->children[i]->n_rows == column->n_rows);
        check_column(column->children[i]);
    }
    if (column->type.id != DZR_TYPE_LIST && column->type.id != DZR_TYPE_MAP)
        return;
    const int32_t *const offsets = column->values;
    REQUIRE(column->n_children == 1 && offsets[0] == 0 && offsets[column->n_rows] == column->children[0]->n_rows);
    for (int64_t row = 0; row < column->n_rows; row++) {
        REQUIRE(offsets[row] <= offsets[row + 1]);
        REQUIRE(!dzr_column_is_null(column, row) || offsets[row] == offsets[row + 1]);
    }
}

static uint64_t mix_bytes(uint64_t sum, const uint8_t *at, size_t n)
{
    sum = sum * 31 + n;
    for (size_t i = 0; i < n; i++)
        sum = sum * 31 + at[i];
    return sum;
}

/* Touches every byte of a row; the sum is the same wherever the row lies. */
static uint64_t mix_row(uint64_t sum, const dzr_column *column, int64_t row)
{
    if (dzr_column_is_null(column, row) || column->type.id == DZR_TYPE_NULL)
        return sum * 31 + 1;
    const size_t width = dzr_type_bits(column->type) / 8;
    switch (column->type.id) {
    case DZR_TYPE_DICTIONARY: { /* under a null struct a code means nothing, and there may be no entry */
        const int32_t code = ((const int32_t *)column->values)[row];
        REQUIRE(code >= 0 && code < column->children[0]->n_rows);
        return mix_row(sum, column->children[0], code);
    }
    case DZR_TYPE_STRUCT:
        for (int32_t i = 0; i < column->n_children; i++)
            sum = mix_row(sum, column->children[i], row);
        return sum;
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP: {
        int64_t first = 0;
        const int64_t n = dzr_column_list(column, row, &first);
        sum = sum * 31 + (uint64_t)n;
        for (int64_t i = 0; i < n; i++)
            sum = mix_row(sum, column->children[0], first + i);
        return sum;
    }
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY: {
        const dzr_bytes value = dzr_column_bytes(column, row);
        return mix_bytes(sum, value.at, value.len);
    }
    case DZR_TYPE_BOOL:
        return sum * 31 + (dzr_column_bool(column, row) ? 3 : 2);
    default:
        return mix_bytes(sum, (const uint8_t *)column->values + (size_t)row * width, width);
    }
}

static uint64_t mix_column(const dzr_column *column)
{
    uint64_t sum = 0;
    check_column(column);
    for (int64_t row = 0; row < column->n_rows; row++)
        sum = mix_row(sum, column, row);
    return sum;
}

static uint64_t mix_batch(uint64_t sum, const dzr_batch *batch)
{
    const int32_t n = dzr_schema_n_fields(dzr_batch_schema(batch));
    for (int32_t i = 0; i < n; i++)
        check_column(dzr_batch_column(batch, i));
    for (int64_t row = 0; n > 0 && row < dzr_batch_n_rows(batch); row++) /* without columns there may be any number */
        for (int32_t i = 0; i < n; i++)
            sum = mix_row(sum, dzr_batch_column(batch, i), row);
    return sum;
}

/* ---- ways to read ---- */

enum { MOST_COLUMNS = 64, MOST_GROUPS = 16 };

/* What the footer says of the file, touched to the last byte. */
static void read_facts(const dzr_parquet_reader *reader)
{
    dzr_error err;
    uint64_t sum = strlen(dzr_parquet_reader_created_by(reader));
    for (int32_t i = 0; i < dzr_parquet_reader_n_metadata(reader); i++) {
        const dzr_parquet_metadata pair = dzr_parquet_reader_metadata(reader, i);
        sum = mix_bytes(mix_bytes(sum, pair.key.at, pair.key.len), pair.value.at, pair.value.len);
    }
    for (int32_t group = 0; group < dzr_parquet_reader_n_row_groups(reader); group++)
        for (int32_t i = 0; i < dzr_parquet_reader_n_sorting(reader, group); i++)
            sum += (uint64_t)dzr_parquet_reader_sorting(reader, group, i).column;
    sum += (uint64_t)dzr_parquet_reader_sorted(reader, NULL, 0);
    const dzr_status st = dzr_parquet_reader_check_arrow_schema(reader, &err);
    if (st != DZR_OK)
        check_error(st, &err);
    REQUIRE(sum < UINT64_MAX);
}

/* Whatever statistics say, an answer comes or what is wrong with the question. */
static void prune(const dzr_parquet_reader *reader, int32_t group, int32_t column, const dzr_parquet_chunk *facts)
{
    const uint8_t zeros[16] = {0};
    const dzr_bytes values[] = {facts->min, facts->max, {zeros, 4}, {zeros, 8}, {zeros, 16}, {zeros, 0}};
    for (int compare = DZR_PARQUET_EQ; compare <= DZR_PARQUET_NOT_NULL; compare++)
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            dzr_error err;
            bool may = false;
            const dzr_status st = dzr_parquet_reader_may_match(
                    reader, group, column, (dzr_parquet_compare)compare, values[i], &may, &err);
            if (st != DZR_OK)
                check_error(st, &err);
        }
}

/* A page index that is given out lies in the file and in the row group, and its bounds can be compared. */
static void read_page_index(const dzr_parquet_reader *reader, int32_t group, int32_t column, size_t len)
{
    dzr_error err;
    dzr_parquet_page_index *index = NULL;
    const dzr_status st = dzr_parquet_reader_page_index(reader, group, column, &index, &err);
    if (st != DZR_OK) {
        check_error(st, &err);
        return;
    }
    const int64_t n_rows = dzr_parquet_reader_row_group_rows(reader, group);
    int64_t row = 0, at = 0;
    uint64_t sum = 0;
    for (int32_t i = 0; index != NULL && i < index->n_pages; i++) {
        const dzr_parquet_page *const page = &index->pages[i];
        REQUIRE(page->first_row == row && page->n_rows > 0 && page->n_rows <= n_rows - row);
        REQUIRE(page->offset >= at && page->n_bytes > 0 && (uint64_t)(page->offset + page->n_bytes) <= len);
        row += page->n_rows;
        at = page->offset + page->n_bytes;
        for (size_t k = 0; page->has_min_max && k < page->min.len; k++)
            sum += page->min.at[k];
        for (size_t k = 0; page->has_min_max && k < page->max.len; k++)
            sum += page->max.at[k];
    }
    REQUIRE(index == NULL || index->n_pages == 0 || row == n_rows);
    REQUIRE(sum < UINT64_MAX);
    dzr_parquet_page_index_free(index);
}

/* What reads of whole row groups have found so far. */
typedef struct rows_found {
    bool all; /* every column of every row group could be read */
    int64_t n_rows;
    uint64_t sum;
} rows_found;

static void read_group(dzr_parquet_reader *reader, int32_t group, size_t len, rows_found *found)
{
    const int32_t n_columns = DZR_MIN(dzr_parquet_reader_n_columns(reader), (int32_t)MOST_COLUMNS);
    int32_t columns[MOST_COLUMNS];
    uint64_t sums[MOST_COLUMNS];
    int32_t n_good = 0;
    dzr_error err;
    for (int32_t i = 0; i < n_columns; i++) {
        dzr_parquet_chunk facts;
        dzr_status st = dzr_parquet_reader_chunk(reader, group, i, &facts, &err);
        if (st == DZR_OK) {
            REQUIRE(facts.path != NULL && facts.physical_type != NULL && facts.min.len <= SIZE_MAX / 2);
            prune(reader, group, i, &facts);
        } else {
            check_error(st, &err);
        }
        read_page_index(reader, group, i, len);
        dzr_batch *batch = NULL;
        st = dzr_parquet_read_row_group(reader, group, &i, 1, &batch, &err);
        if (st != DZR_OK) {
            check_error(st, &err);
            continue;
        }
        REQUIRE(dzr_parquet_reader_can_read(reader, i, &err) == DZR_OK);
        REQUIRE(dzr_batch_n_rows(batch) == dzr_parquet_reader_row_group_rows(reader, group));
        columns[n_good] = i;
        sums[n_good++] = mix_column(dzr_batch_column(batch, 0));
        dzr_batch_free(batch);
    }
    found->all = found->all && n_good == dzr_parquet_reader_n_columns(reader);
    dzr_batch *batch = NULL;
    const dzr_status st = dzr_parquet_read_row_group(reader, group, columns, n_good, &batch, &err);
    if (st != DZR_OK) { /* each fits into the limit, all may not; and columns of a list may not fit each other */
        REQUIRE(st == DZR_ERR_LIMIT || (st == DZR_ERR_CORRUPT && strstr(err.message, "columns beside it") != NULL));
        found->all = false;
        return;
    }
    /* fields that come whole are not those of their columns alone */
    for (int32_t i = 0; i < n_good && dzr_schema_n_nodes(dzr_batch_schema(batch)) == n_good; i++)
        REQUIRE(mix_column(dzr_batch_column(batch, i)) == sums[i]);
    found->sum = mix_batch(found->sum, batch);
    found->n_rows += dzr_batch_n_rows(batch);
    dzr_batch_free(batch);
}

/* Batch by batch: where both ways work, the rows are the same. coded   columns that may be come as codes. */
static void read_batches(
        dzr_parquet_reader *reader, int64_t first_row, int64_t batch_rows, bool coded, const rows_found *found)
{
    dzr_error err;
    int32_t dictionaries[MOST_COLUMNS], n_dictionaries = 0;
    for (int32_t i = 0; coded && i < DZR_MIN(dzr_parquet_reader_n_columns(reader), (int32_t)MOST_COLUMNS); i++) {
        dzr_parquet_chunk facts;
        if (dzr_parquet_reader_n_row_groups(reader) > 0 &&
                dzr_parquet_reader_chunk(reader, 0, i, &facts, &err) == DZR_OK &&
                strcmp(facts.physical_type, "BOOLEAN") != 0)
            dictionaries[n_dictionaries++] = i;
    }
    dzr_parquet_scan *scan = NULL;
    dzr_batch *batch = NULL;
    const dzr_parquet_scan_options options = {.first_row = first_row,
            .batch_rows = batch_rows,
            .dictionaries = dictionaries,
            .n_dictionaries = n_dictionaries};
    dzr_status st = dzr_parquet_scan_open(reader, &options, &scan, &err);
    int64_t n_rows = 0;
    uint64_t sum = 0;
    while (st == DZR_OK) {
        st = dzr_parquet_scan_next(scan, &batch, &err);
        if (st != DZR_OK || batch == NULL)
            break;
        REQUIRE(dzr_batch_n_rows(batch) > 0 && dzr_batch_n_rows(batch) <= batch_rows);
        n_rows += dzr_batch_n_rows(batch);
        sum = mix_batch(sum, batch);
        dzr_batch_free(batch);
    }
    if (st != DZR_OK)
        check_error(st, &err);
    else if (found->all)
        REQUIRE(n_rows == found->n_rows - DZR_MIN(first_row, found->n_rows) && (first_row > 0 || sum == found->sum));
    dzr_parquet_scan_close(scan);
}

/* ---- every byte ---- */

static dzr_status touch_finding(void *ctx, const dzr_parquet_finding *finding, dzr_error *err)
{
    (void)err;
    REQUIRE(strlen(finding->message) > 0 && strcmp(dzr_parquet_finding_name(finding->kind), "unknown") != 0);
    ++*(int64_t *)ctx;
    return DZR_OK;
}

/* Whatever is wrong is a finding; within a budget, which may not suffice. */
static void validate(dzr_source *source, const dzr_parquet_read_options *options)
{
    dzr_error err;
    dzr_parquet_checked checked;
    int64_t n = 0;
    const dzr_status st = dzr_parquet_validate(source, options, touch_finding, &n, &checked, &err);
    REQUIRE(st == DZR_OK || st == DZR_ERR_NOMEM);
    REQUIRE(n == checked.n_findings + checked.n_unchecked);
}

/* ---- two sources ---- */

/* One that has to be asked for its bytes. */
typedef struct asked_source {
    dzr_source source;
    dzr_bytes bytes;
} asked_source;

static dzr_status read_asked(dzr_source *source, uint64_t offset, void *out, size_t n, dzr_error *err)
{
    (void)err;
    const dzr_bytes bytes = ((const asked_source *)(const void *)source)->bytes;
    REQUIRE(n <= bytes.len && offset <= bytes.len - n);
    if (n > 0)
        memcpy(out, bytes.at + offset, n);
    return DZR_OK;
}

int64_t check_file(dzr_bytes bytes, bool skip_crc, size_t memory)
{
    static const dzr_source_ops ops = {.read_at = read_asked};
    counting count = {0};
    const dzr_allocator alloc = {counting_allocate, counting_release, &count};
    const dzr_parquet_read_options options = {.alloc = &alloc,
            .limits = {.footer_bytes = 1 << 20, .page_bytes = memory / 64, .row_group_bytes = memory / 16},
            .memory = memory,
            .skip_crc = skip_crc};
    asked_source asked = {.source = {.ops = &ops, .name = "memory", .n_bytes = bytes.len}, .bytes = bytes};
    dzr_error err;
    dzr_source *viewed = NULL;
    dzr_parquet_reader *reader = NULL;
    REQUIRE_OK(dzr_source_memory(bytes, NULL, &viewed, &err));
    dzr_status st = dzr_parquet_reader_open(viewed, &options, &reader, &err);
    if (st != DZR_OK) {
        check_error(st, &err);
        REQUIRE(reader == NULL && count.now == 0);
        dzr_source_close(viewed);
        return -1;
    }
    const size_t opened = count.now;
    const int32_t n_groups = dzr_parquet_reader_n_row_groups(reader);
    rows_found found = {.all = n_groups <= MOST_GROUPS};
    read_facts(reader);
    for (int32_t i = 0; i < DZR_MIN(n_groups, (int32_t)MOST_GROUPS); i++)
        read_group(reader, i, bytes.len, &found);
    read_batches(reader, 0, 7, false, &found);
    read_batches(reader, 0, 40, true, &found);
    REQUIRE(count.now == opened);
    dzr_parquet_reader_close(reader);
    validate(viewed, &options);
    dzr_source_close(viewed);
    st = dzr_parquet_reader_open(&asked.source, &options, &reader, &err);
    if (st == DZR_OK)
        read_batches(reader, found.n_rows / 3, 1000, skip_crc, &found);
    else
        REQUIRE(st == DZR_ERR_LIMIT); /* the footer has to be kept, too */
    dzr_parquet_reader_close(reader);
    REQUIRE(count.now == 0 && count.most <= memory);
    return found.n_rows;
}
