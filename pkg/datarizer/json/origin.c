/* json/origin.c - RecordInfo: where each row of JSON lines came from, as its last column. Called by lines.c for the
 * schema and by lines_rows.c for each row that was taken. Room record has the same of C structs, and the hash from
 * here. The hash is libcrypto's by its plain calls: those by EVP take a quarter longer for a record of 200 bytes. */
#define OPENSSL_API_COMPAT 0x10100000L /* that is where they are not deprecated yet */

#include "json/lines.h"

#include "frame/builder.h"

#include <openssl/sha.h>

enum { RAW_DATA = 1, ROW_HASH, INGEST_TIMESTAMP, SOURCE_INFO }; /* nodes after the group's own */

dzr_status dzr__jsonl_origin_schema(
        const dzr_schema *schema, bool is_text, const dzr_allocator *alloc, dzr_schema **out, dzr_error *err)
{
    static const char name[] = "_recordinfo";
    const dzr_field members[] = {{.name = "_raw_data", .type.id = is_text ? DZR_TYPE_STRING : DZR_TYPE_BINARY},
            {.name = "_row_hash", .type.id = DZR_TYPE_STRING},
            {.name = "_ingest_timestamp", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS, .utc = true}},
            {.name = "_source_info", .type.id = DZR_TYPE_STRING}};
    const int32_t n = dzr_schema_n_fields(schema);
    if (dzr_schema_find(schema, name) >= 0)
        return dzr_fail(err, DZR_ERR_TYPE, "there is a column \"%s\" already", name);
    dzr_field *const fields = dzr_alloc_zeroed(alloc, (size_t)n + 1, sizeof *fields, err);
    if (fields == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < n; i++)
        fields[i] = *dzr_schema_field(schema, i);
    fields[n] = (dzr_field){.name = name,
            .type.id = DZR_TYPE_STRUCT,
            .children = members,
            .n_children = sizeof members / sizeof *members};
    const dzr_status st = dzr_schema_new(fields, n + 1, alloc, out, err);
    dzr_release(alloc, fields);
    return st;
}

bool dzr__sha256_hex(dzr_bytes text, char out[DZR__SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t sum[SHA256_DIGEST_LENGTH];
    SHA256_CTX context;
    if (SHA256_Init(&context) != 1 || SHA256_Update(&context, text.at, text.len) != 1 ||
            SHA256_Final(sum, &context) != 1)
        return false;
    for (size_t i = 0; i < sizeof sum; i++) {
        out[2 * i] = digits[sum[i] >> 4];
        out[2 * i + 1] = digits[sum[i] & 15];
    }
    return true;
}

/* The same bytes in every row stand in the column once. */
static dzr_status put_again(const dzr_allocator *alloc, dzr_column_builder *column, dzr_bytes value, dzr_error *err)
{
    if (column->n_rows == 0)
        return dzr__builder_put_bytes(alloc, column, value, err);
    DZR_TRY(dzr__builder_room(alloc, column, err));
    dzr_view *const views = (dzr_view *)(void *)column->values->at;
    views[column->n_rows] = views[column->n_rows - 1];
    dzr__builder_count(column);
    return DZR_OK;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static dzr_bytes trimmed(dzr_bytes line)
{
    while (line.len > 0 && is_space(line.at[line.len - 1]))
        line.len--;
    for (; line.len > 0 && is_space(*line.at); line.len--)
        line.at++;
    return line;
}

dzr_status dzr__jsonl_origin_put(
        const dzr__jsonl_origin *origin, dzr_builder *builder, dzr_bytes line, bool is_utf8, dzr_error *err)
{
    const dzr_bytes text = trimmed(line), source = {(const uint8_t *)origin->source_info, strlen(origin->source_info)};
    const int32_t node = origin->node;
    dzr_column_builder *const columns = builder->columns + node;
    char hex[DZR__SHA256_HEX];
    if (!dzr__sha256_hex(text, hex))
        return dzr_fail(err, DZR_ERR_NOMEM, "libcrypto can't hash %zu bytes", text.len);
    if (columns[RAW_DATA].field.type.id == DZR_TYPE_STRING && !is_utf8 && !dzr__utf8_valid(text.at, text.len))
        return dzr_fail(err, DZR_ERR_TYPE, "is not UTF-8, as column \"_raw_data\" has to be");
    if (text.len > INT32_MAX)
        return dzr_fail(
                err, DZR_ERR_LIMIT, "a record of %zu bytes, column \"_raw_data\" holds less than 2 GiB", text.len);
    DZR_TRY(dzr__builder_put_bytes(builder->alloc, &columns[RAW_DATA], text, err));
    DZR_TRY(dzr__builder_put_bytes(
            builder->alloc, &columns[ROW_HASH], (dzr_bytes){(const uint8_t *)hex, sizeof hex}, err));
    DZR_TRY(dzr_builder_int(builder, node + INGEST_TIMESTAMP, origin->now_ms, err));
    DZR_TRY(put_again(builder->alloc, &columns[SOURCE_INFO], source, err));
    return dzr_builder_struct(builder, node, err);
}
