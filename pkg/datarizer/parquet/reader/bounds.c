/* parquet/reader/bounds.c - values as the footer has them, to values of the frame: what bounds are, for people. They go
 * through what decodes a page of PLAIN. Called by `datarizer meta`. Spec: parquet.thrift, Statistics. */
#include "parquet/reader/reader.h"

#include <datarizer/parquet_meta.h>

#include <limits.h>

/* The values as a page has them: BYTE_ARRAY with its length before it, BOOLEAN as bits, null as nothing at all. */
static dzr_status as_page(
        const dzr_decoder *d, const dzr_bytes *values, int32_t n, dzr_bytebuf *page, int32_t *n_set, dzr_error *err)
{
    const size_t size = d->size == 0 ? 1 : dzr__stored_size(d);
    *n_set = 0;
    for (int32_t i = 0; i < n; i++) {
        const dzr_bytes value = values[i];
        if (value.at == NULL)
            continue;
        if (size != 0 ? value.len != size : value.len > INT32_MAX)
            return dzr_fail(err, DZR_ERR_ARG, "a value of %zu bytes, those of the type have %zu", value.len, size);
        const uint32_t len = (uint32_t)value.len;
        const uint8_t bit = (uint8_t)((d->size == 0 && value.at[0] != 0 ? 1u : 0u) << (*n_set & 7));
        if (d->size != 0 && size == 0)
            DZR_TRY(dzr__bytebuf_append(page, &len, sizeof len, err));
        if (d->size != 0)
            DZR_TRY(dzr__bytebuf_append(page, value.at, value.len, err));
        else if ((*n_set & 7) == 0)
            DZR_TRY(dzr__bytebuf_append(page, &bit, 1, err));
        else
            page->at[page->len - 1] |= bit;
        ++*n_set;
    }
    return DZR_OK;
}

/* Decodes n rows, those that are not null with a value each. */
static dzr_status decode(dzr_decoder *d, const dzr_bytes *values, int32_t n, dzr_error *err)
{
    dzr_bytebuf page = {.alloc = d->alloc};
    dzr_buffer *kept = NULL;
    int32_t n_set = 0, index = 0;
    dzr_status st = as_page(d, values, n, &page, &n_set, err);
    if (st == DZR_OK)
        st = dzr__decoder_buffer(d, page.len, &kept, err);
    if (st == DZR_OK && page.len > 0)
        memcpy(kept->at, page.at, page.len);
    dzr__bytebuf_fini(&page);
    if (st == DZR_OK)
        st = dzr__decoder_keep(d, kept, &index, err);
    if (st != DZR_OK)
        return st;
    if (n_set < n) {
        DZR_TRY(dzr__decoder_buffer(d, dzr__bitmap_bytes(n), &d->validity, err));
        memset(d->validity->at, 0, d->validity->len);
        for (int32_t i = 0; i < n; i++)
            if (values[i].at != NULL)
                dzr__bit_set(d->validity->at, i);
    }
    d->n_nulls = n - n_set;
    const dzr_bytes in = {kept->at, kept->len};
    DZR_TRY(dzr__read_values(d, DZR_ENCODING_PLAIN, in, n, n_set, kept->at, index, err));
    d->row = n;
    return DZR_OK;
}

static dzr_status make_batch(const dzr_parquet_reader *reader, int32_t column, dzr_decoder *d, dzr_type type,
        dzr_batch **out, dzr_error *err)
{
    const char *const path = reader->leaves[column].path;
    const char *const zone = dzr_schema_node(reader->schema, reader->leaf_nodes[column])->zone;
    const dzr_field field = {.name = path, .type = type, .nullable = true, .zone = zone};
    dzr_schema *schema = NULL;
    dzr_batch *batch = NULL;
    dzr_status st = dzr_schema_new(&field, 1, reader->alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr__batch_new(schema, d->row, reader->alloc, &batch, err);
    dzr_schema_free(schema);
    if (st == DZR_OK) {
        st = dzr__batch_take_column(batch, 0, d->n_nulls, d->validity, d->values, d->data, d->n_data, err);
        d->validity = d->values = NULL;
        d->n_data = 0;
    }
    if (st == DZR_OK)
        *out = batch;
    else
        dzr_batch_free(batch);
    return st;
}

static dzr_status values_as(const dzr_parquet_reader *reader, int32_t column, dzr_type type, const dzr_bytes *values,
        int32_t n, dzr_batch **out, dzr_error *err)
{
    dzr_decoder d;
    dzr_budget budget = {.limit = reader->limits.row_group_bytes};
    dzr_status st = dzr__decoder_init(
            &d, dzr__stored_type(&reader->leaves[column], type), 0, 0, n, &budget, reader->alloc, err);
    if (st == DZR_OK)
        st = decode(&d, values, n, err);
    if (st == DZR_OK)
        st = dzr__convert(&d, type, err);
    if (st == DZR_OK)
        st = make_batch(reader, column, &d, type, out, err);
    dzr__decoder_fini(&d);
    return st;
}

dzr_status dzr_parquet_reader_values(const dzr_parquet_reader *reader, int32_t column, const dzr_bytes *values,
        int32_t n, dzr_batch **out, dzr_error *err)
{
    DZR_TRY(dzr_parquet_reader_can_read(reader, column, err));
    const dzr_field *const field = dzr_schema_node(reader->schema, reader->leaf_nodes[column]);
    dzr_status st = values_as(reader, column, field->type, values, n, out, err);
    if (st == DZR_ERR_CORRUPT && field->type.id == DZR_TYPE_STRING)
        st = values_as(reader, column, (dzr_type){.id = DZR_TYPE_BINARY}, values, n, out, err);
    st = dzr__reader_status(reader, st, err);
    return st == DZR_OK
                   ? DZR_OK
                   : dzr_fail_at(err, st, "%s: column \"%s\": ", reader->source->name, reader->leaves[column].path);
}
