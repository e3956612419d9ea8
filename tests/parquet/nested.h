/* tests/parquet/nested.h - nested batches of any schema, built from a row number, and the comparison of two. */
#ifndef DZR_TESTS_PARQUET_NESTED_H
#define DZR_TESTS_PARQUET_NESTED_H

#include "rows.h"

/* Numbers that look random and are the same in every run. */
static inline uint64_t next_number(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* A row of node and of all below it. A quarter of what may be null is; lists have 0 to 3 elements. */
static inline dzr_status append_node(dzr_builder *builder, int32_t node, uint64_t *state, dzr_error *err)
{
    const dzr_schema *const schema = dzr_builder_schema(builder);
    const dzr_field *const field = dzr_schema_node(schema, node);
    if (field->nullable && next_number(state) % 4 == 0)
        return dzr_builder_null(builder, node, err);
    if (field->type.id == DZR_TYPE_STRUCT) {
        int32_t child = node + 1;
        for (int32_t i = 0; i < field->n_children; i++) {
            DZR_TRY(append_node(builder, child, state, err));
            child = dzr_schema_node_end(schema, child);
        }
        return dzr_builder_struct(builder, node, err);
    }
    if (field->type.id == DZR_TYPE_LIST || field->type.id == DZR_TYPE_MAP) {
        for (uint64_t n = next_number(state) % 4; n > 0; n--)
            DZR_TRY(append_node(builder, node + 1, state, err));
        return dzr_builder_list(builder, node, err);
    }
    return append_value(builder, node, field->type, (int64_t)(next_number(state) % 200), err);
}

static inline dzr_status nested_rows(const dzr_schema *schema, int64_t n_rows, uint64_t seed,
        const dzr_allocator *alloc, dzr_batch **out, dzr_error *err)
{
    dzr_builder *builder = NULL;
    DZR_TRY(dzr_builder_new(schema, alloc, &builder, err));
    dzr_status st = DZR_OK;
    for (int64_t row = 0; row < n_rows && st == DZR_OK; row++)
        for (int32_t i = 0; i < dzr_schema_n_fields(schema) && st == DZR_OK; i++)
            st = append_node(builder, dzr_schema_field_node(schema, i), &seed, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, out, err);
    dzr_builder_free(builder);
    return st;
}

/* Row i of a is row k of b, nulls and all below what is there. */
static inline void assert_same_row(const dzr_column *a, int64_t i, const dzr_column *b, int64_t k)
{
    assert_int_equal(dzr_column_is_null(a, i), dzr_column_is_null(b, k));
    if (dzr_column_is_null(a, i))
        return;
    const size_t width = dzr_type_bits(a->type) / 8;
    if (a->type.id == DZR_TYPE_STRUCT) {
        for (int32_t c = 0; c < a->n_children; c++)
            assert_same_row(a->children[c], i, b->children[c], k);
    } else if (a->type.id == DZR_TYPE_LIST || a->type.id == DZR_TYPE_MAP) {
        int64_t in_a = 0, in_b = 0;
        const int64_t n = dzr_column_list(a, i, &in_a);
        assert_int_equal(n, dzr_column_list(b, k, &in_b));
        for (int64_t e = 0; e < n; e++)
            assert_same_row(a->children[0], in_a + e, b->children[0], in_b + e);
    } else if (a->type.id == DZR_TYPE_STRING || a->type.id == DZR_TYPE_BINARY) {
        const dzr_bytes left = dzr_column_bytes(a, i), right = dzr_column_bytes(b, k);
        assert_int_equal(left.len, right.len);
        assert_memory_equal(left.at, right.at, left.len);
    } else if (width == 0) {
        assert_int_equal(dzr_column_bool(a, i), dzr_column_bool(b, k));
    } else {
        assert_memory_equal(
                (const uint8_t *)a->values + (size_t)i * width, (const uint8_t *)b->values + (size_t)k * width, width);
    }
}

/* ---- schemas ---- */

#define TYPE(name_)                                                                                                    \
    {                                                                                                                  \
        .id = DZR_TYPE_##name_                                                                                         \
    }
#define LEAF(name_, type_, null_)                                                                                      \
    {                                                                                                                  \
        .name = name_, .type = TYPE(type_), .nullable = null_                                                          \
    }
#define GROUP(name_, type_, null_, ...)                                                                                \
    {                                                                                                                  \
        .name = name_, .type = TYPE(type_), .nullable = null_, .children = (const dzr_field[]){__VA_ARGS__},           \
        .n_children = (int32_t)(sizeof((const dzr_field[]){__VA_ARGS__}) / sizeof(dzr_field))                          \
    }

static inline dzr_schema *schema_of(const dzr_field *fields, int32_t n)
{
    dzr_error err;
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_new(fields, n, NULL, &schema, &err));
    return schema;
}

#endif
