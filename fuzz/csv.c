/* fuzz/csv.c - CSV with an inferred schema. The first byte: two bits choose the dialect, one whether there is a header,
 * the rest is the size of the pieces the source hands out. Holds: the size of the pieces changes nothing; what is read
 * is the same when written and read again with its schema; a refusal has a message; no memory is left. */
#include "counting.h"
#include "csv/internal.h"
#include "piecewise.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Reads all records and writes them as CSV; *schema is held for the caller when it is NULL. */
static dzr_status read_all(dzr_bytes text, size_t piece, dzr_csv_read_options options, dzr_schema **schema,
        dzr_sink **out, int64_t *n_rows, dzr_error *err)
{
    piecewise from = piecewise_source(text, piece);
    dzr_csv_reader *reader = NULL;
    options.schema = *schema;
    DZR_TRY(dzr_csv_reader_open(&from.source, &options, &reader, err));
    if (*schema == NULL)
        *schema = dzr_schema_hold(dzr_csv_reader_schema(reader));
    dzr_sink *sink = NULL;
    dzr_csv_writer *writer = NULL;
    REQUIRE(dzr_sink_memory(SIZE_MAX, options.alloc, &sink, NULL) == DZR_OK);
    const dzr_csv_write_options write = {.alloc = options.alloc};
    REQUIRE(dzr_csv_writer_open(sink, *schema, &write, &writer, err) == DZR_OK);
    dzr_status st = DZR_OK;
    *n_rows = 0;
    for (;;) {
        dzr_batch *batch = NULL;
        st = dzr_csv_reader_next(reader, &batch, err);
        if (batch == NULL)
            break;
        REQUIRE(st == DZR_OK && dzr_batch_n_rows(batch) > 0 && dzr_batch_n_rows(batch) <= options.batch_rows);
        *n_rows += dzr_batch_n_rows(batch);
        REQUIRE(dzr_csv_writer_append(writer, batch, err) == DZR_OK);
        dzr_batch_free(batch);
    }
    REQUIRE(dzr_csv_writer_finish(writer, err) == DZR_OK);
    dzr_csv_writer_close(writer);
    dzr_csv_reader_close(reader);
    if (st == DZR_OK)
        *out = sink;
    else
        dzr_sink_close(sink);
    return st;
}

static bool same(const dzr_sink *a, const dzr_sink *b)
{
    const dzr_bytes one = dzr_sink_memory_bytes(a), two = dzr_sink_memory_bytes(b);
    return one.len == two.len && (one.len == 0 || memcmp(one.at, two.at, one.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const dzr_csv_dialect dialects[] = {{.delimiter = ','}, {.delimiter = ';', .quote = '\''},
            {.delimiter = '\t', .no_quotes = true}, {.delimiter = '1', .quote = '-'}};
    if (len == 0)
        return 0;
    counting count = {0};
    const dzr_allocator alloc = {counting_allocate, counting_release, &count};
    dzr_error err = {.message = ""}, again;
    dzr_csv_read_options options = {.alloc = &alloc,
            .dialect = dialects[bytes[0] & 3],
            .batch_rows = 1 + (bytes[0] >> 3 & 7),
            .sample_rows = 1 + (bytes[0] >> 5)};
    options.dialect.no_header = (bytes[0] & 4) != 0;
    const dzr_bytes text = {bytes + 1, len - 1};
    dzr_schema *schema = NULL, *second_schema = NULL;
    dzr_sink *first = NULL, *second = NULL, *third = NULL;
    int64_t n_rows = 0, n_again = 0;
    const dzr_status st = read_all(text, SIZE_MAX, options, &schema, &first, &n_rows, &err);
    REQUIRE(read_all(text, 1 + (bytes[0] >> 3), options, &second_schema, &second, &n_again, &again) == st);
    REQUIRE((schema == NULL) == (second_schema == NULL));
    REQUIRE(schema == NULL || dzr_schema_equal(schema, second_schema));
    if (st == DZR_OK) {
        REQUIRE(n_rows == n_again && same(first, second));
        const dzr_csv_read_options plain = {.alloc = &alloc, .batch_rows = 3};
        REQUIRE_OK(read_all(dzr_sink_memory_bytes(first), 7, plain, &schema, &third, &n_again, &err));
        REQUIRE(n_rows == n_again && same(first, third));
    } else {
        REQUIRE(err.message[0] != '\0' && err.line == again.line && err.offset == again.offset &&
                strcmp(err.message, again.message) == 0);
    }
    dzr_sink_close(first);
    dzr_sink_close(second);
    dzr_sink_close(third);
    dzr_schema_free(schema);
    dzr_schema_free(second_schema);
    REQUIRE(count.now == 0);
    return 0;
}
