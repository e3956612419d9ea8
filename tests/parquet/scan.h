/* tests/parquet/scan.h - scans beside the rows that they are of, and a source that shows nothing in place. */
#ifndef DZR_TESTS_PARQUET_SCAN_H
#define DZR_TESTS_PARQUET_SCAN_H

#include "nested.h"

/* ---- a source without a view, which knows what was read of it ---- */

typedef struct plain_source {
    dzr_source source;
    dzr_bytes bytes;
    uint64_t n_read;
    int64_t calls, fail_at; /* the read that fails, counted from 0; -1: none */
} plain_source;

static inline dzr_status plain_read_at(dzr_source *source, uint64_t offset, void *out, size_t n, dzr_error *err)
{
    plain_source *const self = (plain_source *)source;
    if (self->calls++ == self->fail_at)
        return dzr_fail(err, DZR_ERR_IO, "%s: Input/output error", source->name);
    memcpy(out, self->bytes.at + offset, n);
    self->n_read += n;
    return DZR_OK;
}

static inline void plain_source_init(plain_source *source, dzr_bytes bytes)
{
    static const dzr_source_ops ops = {.read_at = plain_read_at};
    *source = (plain_source){
            .source = {.ops = &ops, .name = "plain", .n_bytes = bytes.len}, .bytes = bytes, .fail_at = -1};
}

/* ---- comparison ---- */

/* The scan gives rows [first, first + n) of `want`, whose schema has the same columns, in batches of batch_rows. */
static inline dzr_status scan_gives(dzr_parquet_reader *reader, const dzr_parquet_scan_options *options,
        const dzr_batch *want, int64_t first, int64_t n, dzr_error *err)
{
    dzr_parquet_scan *scan = NULL;
    const dzr_status opened = dzr_parquet_scan_open(reader, options, &scan, err);
    if (opened != DZR_OK) {
        assert_null(scan);
        return opened;
    }
    const int64_t batch_rows = options->batch_rows > 0 ? options->batch_rows : 65536;
    dzr_status st = DZR_OK;
    while (st == DZR_OK) {
        dzr_batch *batch = NULL;
        st = dzr_parquet_scan_next(scan, &batch, err);
        if (batch == NULL)
            break;
        assert_int_equal(dzr_batch_n_rows(batch), DZR_MIN(batch_rows, n));
        assert_ptr_equal(dzr_batch_schema(batch), dzr_parquet_scan_schema(scan));
        for (int32_t i = 0; i < dzr_schema_n_fields(dzr_batch_schema(batch)); i++)
            for (int64_t row = 0; row < dzr_batch_n_rows(batch); row++)
                assert_same_row(dzr_batch_column(want, i), first + row, dzr_batch_column(batch, i), row);
        first += dzr_batch_n_rows(batch);
        n -= dzr_batch_n_rows(batch);
        dzr_batch_free(batch);
    }
    if (st == DZR_OK)
        assert_int_equal(n, 0);
    dzr_parquet_scan_close(scan);
    return st;
}

/* A struct in a list in a map, and what else nests, beside a flat column. */
static inline dzr_schema *deep_schema(void)
{
    const dzr_field fields[] = {
            LEAF("id", INT64, false),
            GROUP("m", MAP, true,
                    GROUP("key_value", STRUCT, false, LEAF("key", STRING, false),
                            GROUP("value", LIST, true,
                                    GROUP("element", STRUCT, true, LEAF("a", INT32, true), LEAF("b", STRING, true),
                                            GROUP("c", LIST, false, LEAF("element", BOOL, true)))))),
            GROUP("s", STRUCT, true, LEAF("x", DOUBLE, true), LEAF("y", BOOL, true)),
            LEAF("t", STRING, true),
            LEAF("flag", BOOL, true),
    };
    return schema_of(fields, (int32_t)(sizeof fields / sizeof *fields));
}

#endif
