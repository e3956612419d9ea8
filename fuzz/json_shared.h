/* fuzz/json_shared.h - what the JSON targets share: a schema with every type, nested ones too, and a batch written to
 * bytes. */
#ifndef DZR_FUZZ_JSON_SHARED_H
#define DZR_FUZZ_JSON_SHARED_H

#include "json/internal.h"

#include "counting.h"

#include <stdio.h>

#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);                              \
            __builtin_trap();                                                                                          \
        }                                                                                                              \
    } while (0)

/* Short names, so that a fuzzer finds them; `k` has a fold set of three. */
static inline dzr_schema *json_fuzz_schema(const dzr_allocator *alloc, bool nullable)
{
    const dzr_field inner[] = {
            {.name = "a", .type = {.id = DZR_TYPE_INT8}, .nullable = nullable},
            {.name = "k", .type = {.id = DZR_TYPE_STRING}, .nullable = nullable},
    };
    const dzr_field point = {
            .name = "p", .type = {.id = DZR_TYPE_STRUCT}, .nullable = nullable, .children = inner, .n_children = 2};
    const dzr_field element = {
            .name = "e", .type = {.id = DZR_TYPE_LIST}, .nullable = nullable, .children = &point, .n_children = 1};
    const dzr_field pair[] = {{.name = "key", .type = {.id = DZR_TYPE_INT16}}, element};
    const dzr_field entries = {.name = "entries", .type = {.id = DZR_TYPE_STRUCT}, .children = pair, .n_children = 2};
    const dzr_field fields[] = {
            {.name = "a", .type = {.id = DZR_TYPE_INT32}, .nullable = nullable},
            {.name = "k", .type = {.id = DZR_TYPE_STRING}, .nullable = nullable},
            {.name = "b", .type = {.id = DZR_TYPE_BOOL}, .nullable = nullable},
            {.name = "d", .type = {.id = DZR_TYPE_DOUBLE}, .nullable = nullable},
            {.name = "f", .type = {.id = DZR_TYPE_FLOAT}, .nullable = nullable},
            {.name = "u", .type = {.id = DZR_TYPE_UINT64}, .nullable = nullable},
            {.name = "x", .type = {.id = DZR_TYPE_BINARY}, .nullable = nullable},
            {.name = "y", .type = {.id = DZR_TYPE_DATE}, .nullable = nullable},
            {.name = "t", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS, .utc = true}, .nullable = nullable},
            {.name = "n", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_NS}, .nullable = nullable},
            {.name = "\"\n", .type = {.id = DZR_TYPE_INT64}, .nullable = nullable},
            point,
            {.name = "l", .type = {.id = DZR_TYPE_LIST}, .nullable = nullable, .children = &element, .n_children = 1},
            {.name = "m", .type = {.id = DZR_TYPE_MAP}, .nullable = nullable, .children = &entries, .n_children = 1},
    };
    dzr_schema *schema = NULL;
    REQUIRE(dzr_schema_new(fields, sizeof fields / sizeof *fields, alloc, &schema, NULL) == DZR_OK);
    return schema;
}

/* The batch as text in a sink of its own. */
static inline dzr_sink *json_fuzz_write(
        const dzr_batch *batch, dzr_json_style style, bool html, const dzr_allocator *alloc)
{
    const dzr_json_write_options options = {.alloc = alloc, .style = style, .escape_html = html};
    dzr_sink *sink = NULL;
    dzr_json_writer *writer = NULL;
    REQUIRE(dzr_sink_memory(SIZE_MAX, alloc, &sink, NULL) == DZR_OK);
    REQUIRE(dzr_json_writer_open(sink, dzr_batch_schema(batch), &options, &writer, NULL) == DZR_OK);
    REQUIRE(dzr_json_writer_append(writer, batch, NULL) == DZR_OK);
    REQUIRE(dzr_json_writer_finish(writer, NULL) == DZR_OK);
    dzr_json_writer_close(writer);
    return sink;
}

static inline void json_fuzz_require_same(const dzr_sink *a, const dzr_sink *b)
{
    const dzr_bytes left = dzr_sink_memory_bytes(a), right = dzr_sink_memory_bytes(b);
    REQUIRE(left.len == right.len && (left.len == 0 || memcmp(left.at, right.at, left.len) == 0));
}

#endif
