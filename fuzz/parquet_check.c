/* fuzz/parquet_check.c - see parquet_check.h. The limits are small, so that a fuzzer reaches them. */
#include "parquet_check.h"

#include "base/internal.h"
#include "counting.h"
#include "require.h"

enum { ROW_GROUP = 256 << 10, PAGE = 64 << 10, MEMORY = 4 << 20 };

static void check_error(dzr_status st, const dzr_error *err)
{
    REQUIRE(err->status == st && (strncmp(err->message, "memory: ", 8) == 0 || st == DZR_ERR_NOMEM));
}

static uint64_t sum_column(const dzr_column *column);

/* Offsets begin at 0, never fall, and end at the rows below. */
static uint64_t sum_list(const dzr_column *column)
{
    const int32_t *const offsets = column->values;
    uint64_t sum = 0;
    REQUIRE(column->n_children == 1 && offsets[0] == 0 && offsets[column->n_rows] == column->children[0]->n_rows);
    for (int64_t row = 0; row < column->n_rows; row++) {
        REQUIRE(offsets[row] <= offsets[row + 1]);
        REQUIRE(!dzr_column_is_null(column, row) || offsets[row] == offsets[row + 1]);
        sum = sum * 31 + (uint64_t)offsets[row + 1];
    }
    return sum + sum_column(column->children[0]);
}

static uint64_t sum_nested(const dzr_column *column)
{
    uint64_t sum = column->type.id == DZR_TYPE_STRUCT ? 0 : sum_list(column);
    int64_t n_nulls = 0;
    for (int64_t row = 0; row < column->n_rows; row++)
        n_nulls += dzr_column_is_null(column, row) ? 1 : 0;
    REQUIRE(n_nulls == column->n_nulls);
    for (int32_t i = 0; column->type.id == DZR_TYPE_STRUCT && i < column->n_children; i++) {
        REQUIRE(column->children[i]->n_rows == column->n_rows);
        sum += sum_column(column->children[i]);
    }
    return sum;
}

/* Touches every value; the sum is the same however the column was read. */
static uint64_t sum_column(const dzr_column *column)
{
    if (column->type.id >= DZR_TYPE_STRUCT)
        return sum_nested(column);
    uint64_t sum = (uint64_t)column->n_nulls;
    const size_t width = dzr_type_bits(column->type) / 8;
    for (int64_t row = 0; row < column->n_rows; row++) {
        const bool is_null = dzr_column_is_null(column, row);
        sum = sum * 31 + (is_null ? 1 : 0);
        if (column->type.id == DZR_TYPE_STRING || column->type.id == DZR_TYPE_BINARY) {
            const dzr_bytes value = dzr_column_bytes(column, row);
            REQUIRE(!is_null || value.len == 0);
            for (size_t i = 0; i < value.len; i++)
                sum = sum * 31 + value.at[i];
        } else if (column->type.id == DZR_TYPE_BOOL) {
            sum = sum * 31 + (dzr_column_bool(column, row) ? 1 : 0);
        } else {
            for (size_t i = 0; i < width; i++)
                sum = sum * 31 + ((const uint8_t *)column->values)[(size_t)row * width + i];
        }
    }
    return sum;
}

enum { MOST_COLUMNS = 64, MOST_GROUPS = 16 };

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

/* Returns the rows of all columns together, 0 when those could not be read. */
static int64_t read_group(dzr_parquet_reader *reader, int32_t group, size_t len)
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
        sums[n_good++] = sum_column(dzr_batch_column(batch, 0));
        dzr_batch_free(batch);
    }
    dzr_batch *batch = NULL;
    const dzr_status st = dzr_parquet_read_row_group(reader, group, columns, n_good, &batch, &err);
    if (st !=
            DZR_OK) { /* each fits into the limit, all of them may not; and columns of a list may not fit each other */
        REQUIRE(st == DZR_ERR_LIMIT || (st == DZR_ERR_CORRUPT && strstr(err.message, "columns beside it") != NULL));
        return 0;
    }
    /* fields that come whole are not those of their columns alone */
    for (int32_t i = 0; i < n_good && dzr_schema_n_nodes(dzr_batch_schema(batch)) == n_good; i++)
        REQUIRE(sum_column(dzr_batch_column(batch, i)) == sums[i]);
    for (int32_t i = 0; i < dzr_schema_n_fields(dzr_batch_schema(batch)); i++)
        (void)sum_column(dzr_batch_column(batch, i));
    const int64_t n_rows = dzr_batch_n_rows(batch);
    dzr_batch_free(batch);
    return n_rows;
}

int64_t check_file(dzr_bytes bytes, bool skip_crc)
{
    counting count = {0};
    const dzr_allocator alloc = {counting_allocate, counting_release, &count};
    const dzr_parquet_read_options options = {.alloc = &alloc,
            .limits = {.footer_bytes = 1 << 20, .page_bytes = PAGE, .row_group_bytes = ROW_GROUP},
            .memory = MEMORY,
            .skip_crc = skip_crc};
    dzr_error err;
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    int64_t n_rows = -1;
    REQUIRE(dzr_source_memory(bytes, NULL, &source, &err) == DZR_OK);
    const dzr_status st = dzr_parquet_reader_open(source, &options, &reader, &err);
    if (st == DZR_OK) {
        const size_t opened = count.now;
        n_rows = 0;
        for (int32_t i = 0; i < DZR_MIN(dzr_parquet_reader_n_row_groups(reader), (int32_t)MOST_GROUPS); i++)
            n_rows += read_group(reader, i, bytes.len);
        REQUIRE(count.now == opened);
    } else {
        check_error(st, &err);
    }
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    REQUIRE(count.now == 0 && count.most <= MEMORY);
    return n_rows;
}
