/* tests/parquet/test_metadata.c - footers and page headers both ways, the schema's tree, and types both ways. */
#include "support.h"

#include "alloc_nth.h"
#include "parquet/metadata/metadata.h"

static dzr_bytes text(const char *from)
{
    return (dzr_bytes){(const uint8_t *)from, strlen(from)};
}

/* ---- a footer with all there is ---- */

static dzr_meta_element elements[] = {
        {.has = 1u << DZR_ELEMENT_NUM_CHILDREN, .num_children = 2},
        {.has = 0xfee & ~(1u << 5),
                .type = DZR_PHYSICAL_FIXED,
                .type_length = 5,
                .repetition = DZR_REPETITION_OPTIONAL,
                .converted = DZR_CONVERTED_DECIMAL,
                .scale = 2,
                .precision = 11,
                .field_id = 77,
                .logical = {.has = 1u << DZR_LOGICAL_DECIMAL, .decimal = {.scale = 2, .precision = 11}},
                .vector_length = 3},
        {.has = 1u << DZR_ELEMENT_TYPE | 1u << DZR_ELEMENT_REPETITION | 1u << DZR_ELEMENT_LOGICAL,
                .type = DZR_PHYSICAL_INT64,
                .repetition = DZR_REPETITION_REQUIRED,
                .logical = {.has = 1u << DZR_LOGICAL_TIMESTAMP,
                        .timestamp = {.utc = true, .unit.has = 1u << DZR_UNIT_NANOS}}},
};
static int32_t encodings[] = {DZR_ENCODING_PLAIN, DZR_ENCODING_RLE_DICTIONARY};
static dzr_bytes path[1];
static dzr_meta_key_value key_values[2];
static dzr_meta_encoding_stats encoding_stats[] = {
        {.page_type = DZR_PAGE_DICTIONARY, .encoding = DZR_ENCODING_PLAIN, .count = 1},
        {.page_type = DZR_PAGE_DATA, .encoding = DZR_ENCODING_RLE_DICTIONARY, .count = 3}};
static dzr_meta_sorting sorting[] = {{.column = 1, .descending = true, .nulls_first = false}};
static dzr_meta_order orders[] = {{.has = 1u << DZR_ORDER_TYPE}, {.has = 1u << DZR_ORDER_IEEE_754_TOTAL}};
static dzr_meta_chunk chunks[2];
static dzr_meta_row_group groups[1];

static dzr_meta_file full_footer(void)
{
    elements[0].name = text("root");
    elements[1].name = text("a");
    elements[2].name = text("b");
    path[0] = text("a");
    key_values[0] = (dzr_meta_key_value){.has = 1u << 2, .key = text("k"), .value = text("v")};
    key_values[1] = (dzr_meta_key_value){.key = text("no value")};
    const dzr_meta_statistics statistics = {.has = 0x3fe,
            .max = text("1"),
            .min = text("2"),
            .null_count = 3,
            .distinct_count = 4,
            .max_value = text("5"),
            .min_value = text(""),
            .max_exact = true,
            .min_exact = false,
            .nan_count = 9};
    const dzr_meta_column column = {.has = 0xfd00,
            .type = DZR_PHYSICAL_FIXED,
            .encodings = {encodings, 2},
            .path = {path, 1},
            .codec = 6,
            .num_values = 7,
            .uncompressed_size = 8,
            .compressed_size = 9,
            .key_values = {key_values, 2},
            .data_page_offset = 1ll << 40,
            .index_page_offset = 11,
            .dictionary_page_offset = 12,
            .statistics = statistics,
            .encoding_stats = {encoding_stats, 2},
            .bloom_offset = 13,
            .bloom_length = 14};
    for (size_t i = 0; i < 2; i++)
        chunks[i] = (dzr_meta_chunk){.has = 0x3fa,
                .file_path = text("elsewhere"),
                .file_offset = 0,
                .meta = column,
                .offset_index_offset = 1,
                .offset_index_length = 2,
                .column_index_offset = 3,
                .column_index_length = 4,
                .encrypted_meta = text("secret")};
    groups[0] = (dzr_meta_row_group){.has = 0xf0,
            .columns = {chunks, 2},
            .total_byte_size = 16,
            .num_rows = 7,
            .sorting = {sorting, 1},
            .file_offset = 4,
            .compressed_size = 18,
            .ordinal = 32767};
    return (dzr_meta_file){.has = 0x3e0,
            .version = 2,
            .schema = {elements, 3},
            .num_rows = 7,
            .row_groups = {groups, 1},
            .key_values = {key_values, 2},
            .created_by = text("me"),
            .column_orders = {orders, 2},
            .signing_key = text("key")};
}

static void a_footer_with_every_field_comes_back(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_meta_file in = full_footer();
    dzr_bytebuf wire = {0}, again = {0};
    assert_ok(dzr__thrift_write(&wire, &dzr__shape_file, &in, &err));
    dzr_arena arena;
    dzr__arena_init(&arena, NULL, 0);
    dzr_meta_file out;
    const dzr_leaf *leaves = NULL;
    int32_t n_leaves = 0;
    assert_ok(dzr__footer_read((dzr_bytes){wire.at, wire.len}, NULL, &arena, &out, &leaves, &n_leaves, &err));
    assert_ok(dzr__thrift_write(&again, &dzr__shape_file, &out, &err));
    assert_int_equal(again.len, wire.len);
    assert_memory_equal(again.at, wire.at, wire.len);

    assert_int_equal(out.has & 0x3e0, 0x3e0);
    assert_int_equal(out.schema.n, 3);
    assert_int_equal(out.schema.at[1].logical.decimal.precision, 11);
    assert_int_equal(out.schema.at[1].vector_length, 3);
    assert_true(out.schema.at[2].logical.timestamp.utc);
    assert_true(DZR_HAS(&out.schema.at[2].logical.timestamp.unit, DZR_UNIT_NANOS));
    assert_int_equal(out.row_groups.at[0].ordinal, 32767);
    const dzr_meta_chunk *const chunk = &out.row_groups.at[0].columns.at[1];
    assert_true(DZR_HAS(chunk, DZR_CHUNK_CRYPTO) && DZR_HAS(chunk, DZR_CHUNK_ENCRYPTED_META));
    assert_int_equal(chunk->meta.data_page_offset, 1ll << 40);
    assert_int_equal(chunk->meta.statistics.nan_count, 9);
    assert_true(chunk->meta.statistics.max_exact && !chunk->meta.statistics.min_exact);
    assert_true(
            DZR_HAS(&chunk->meta.statistics, DZR_STATISTICS_MIN_VALUE) && chunk->meta.statistics.min_value.len == 0);
    assert_int_equal(chunk->meta.encoding_stats.at[1].count, 3);
    assert_true(DZR_HAS(&out.column_orders.at[1], DZR_ORDER_IEEE_754_TOTAL));

    assert_int_equal(n_leaves, 2);
    assert_string_equal(leaves[0].path, "a");
    assert_int_equal(leaves[0].max_def, 1);
    assert_int_equal(leaves[0].type_length, 5);
    assert_int_equal(leaves[1].max_def, 0);

    for (size_t n = 0; n < wire.len; n++) {
        dzr__arena_fini(&arena);
        const dzr_status st = dzr__footer_read((dzr_bytes){wire.at, n}, NULL, &arena, &out, &leaves, &n_leaves, &err);
        assert_string_equal(dzr_status_name(st), "DZR_ERR_TRUNCATED");
    }
    dzr__arena_fini(&arena);
    dzr__bytebuf_fini(&wire);
    dzr__bytebuf_fini(&again);
}

static dzr_status read_footer(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    const dzr_bytebuf *const wire = ctx;
    dzr_arena arena;
    dzr_meta_file out;
    const dzr_leaf *leaves = NULL;
    int32_t n_leaves = 0;
    dzr__arena_init(&arena, alloc, 0);
    const dzr_status st =
            dzr__footer_read((dzr_bytes){wire->at, wire->len}, NULL, &arena, &out, &leaves, &n_leaves, err);
    dzr__arena_fini(&arena);
    return st;
}

static void the_nth_allocation_fails_over_a_footer(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_meta_file in = full_footer();
    dzr_bytebuf wire = {0};
    assert_ok(dzr__thrift_write(&wire, &dzr__shape_file, &in, &err));
    assert_true(every_request_fails(read_footer, &wire) > 0);
    dzr__bytebuf_fini(&wire);
}

static void page_headers_come_back(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_meta_page pages[] = {
            {.has = 1u << DZR_PAGE_HAS_CRC | 1u << DZR_PAGE_HAS_DATA,
                    .type = DZR_PAGE_DATA,
                    .uncompressed_size = 1,
                    .compressed_size = 2,
                    .crc = INT32_MIN,
                    .data = {.has = 1u << DZR_DATA_PAGE_STATISTICS,
                            .num_values = 3,
                            .encoding = 8,
                            .def_encoding = 3,
                            .rep_encoding = 4,
                            .statistics = {.has = 1u << 3, .null_count = 1}}},
            {.has = 1u << DZR_PAGE_HAS_DICTIONARY,
                    .type = DZR_PAGE_DICTIONARY,
                    .dictionary = {.has = 1u << 3, .num_values = 5, .encoding = 2, .is_sorted = true}},
            {.has = 1u << DZR_PAGE_HAS_DATA_V2,
                    .type = DZR_PAGE_DATA_V2,
                    .data_v2 = {.has = 1u << 7,
                            .num_values = 1,
                            .num_nulls = 2,
                            .num_rows = 3,
                            .encoding = 4,
                            .def_bytes = 5,
                            .rep_bytes = 6,
                            .is_compressed = false}},
            {.has = 1u << DZR_PAGE_HAS_INDEX, .type = DZR_PAGE_INDEX},
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        dzr_bytebuf wire = {0}, again = {0};
        dzr_meta_page out;
        assert_ok(dzr__thrift_write(&wire, &dzr__shape_page, &pages[i], &err));
        dzr_cursor c = dzr__cursor(wire.at, wire.len);
        assert_ok(dzr__thrift_read(&c, &dzr__shape_page, &out, NULL, &err));
        assert_int_equal(out.has & 0x1f0, pages[i].has);
        assert_int_equal(out.crc, pages[i].crc);
        assert_ok(dzr__thrift_write(&again, &dzr__shape_page, &out, &err));
        assert_int_equal(again.len, wire.len);
        assert_memory_equal(again.at, wire.at, wire.len);
        dzr__bytebuf_fini(&wire);
        dzr__bytebuf_fini(&again);
    }
}

static void shapes_keep_the_rules_of_their_tables(void **state)
{
    (void)state;
    const dzr_thrift_shape *const shapes[] = {&dzr__shape_file, &dzr__shape_page, &dzr__shape_statistics};
    const dzr_thrift_shape *stack[64];
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        stack[n++] = shapes[i];
    while (n > 0) {
        const dzr_thrift_shape *const shape = stack[--n];
        for (uint32_t i = 0; i < shape->n_fields; i++) {
            const dzr_thrift_field *const field = &shape->fields[i];
            assert_true(field->id >= 1 && field->id <= 31);
            assert_true(i == 0 || shape->fields[i - 1].id < field->id);
            assert_true(field->kind == DZR_THRIFT_EMPTY || (field->at >= sizeof(uint32_t) && field->at < shape->size));
            const bool has_shape = field->kind == DZR_THRIFT_STRUCT ||
                                   (field->kind == DZR_THRIFT_LIST && field->of == DZR_THRIFT_STRUCT);
            assert_true(has_shape == (field->shape != NULL));
            if (has_shape)
                stack[n++] = field->shape;
        }
    }
}

/* Fields of a later format: in FileMetaData 20, in SchemaElement a union member 30 of the logical type. */
static void unknown_fields_and_union_members_are_skipped(void **state)
{
    (void)state;
    static const uint8_t footer[] = {
            0x15,
            2, /* version 1 */
            0x19,
            0x2c, /* schema: two elements */
            0x48,
            1,
            'r',
            0x15,
            2,
            0, /* name "r", num_children 1 */
            0x15,
            2,
            0x25,
            0,
            0x18,
            1,
            'a', /* INT32, required, "a" */
            0x6c,
            0x0c,
            0x3c,
            0x18,
            1,
            'x',
            0,
            0, /* logicalType { 30: { 1: "x" } } */
            0x0c,
            0x64,
            0x1c,
            0,
            0,
            0, /* 50: { 1: { } }, end of the element */
            0x16,
            0, /* num_rows */
            0x19,
            0x0c, /* no row groups */
            0x0b,
            0x28,
            1,
            0x88,
            1,
            'k',
            1,
            'v', /* 20: a map of one */
            0,
    };
    dzr_error err;
    dzr_arena arena;
    dzr__arena_init(&arena, NULL, 0);
    dzr_meta_file out;
    const dzr_leaf *leaves = NULL;
    int32_t n_leaves = 0;
    assert_ok(dzr__footer_read((dzr_bytes){footer, sizeof footer}, NULL, &arena, &out, &leaves, &n_leaves, &err));
    assert_int_equal(n_leaves, 1);
    assert_true(DZR_HAS(&out.schema.at[1], DZR_ELEMENT_LOGICAL));
    assert_int_equal(out.schema.at[1].logical.has, 0);
    dzr_type type;
    assert_ok(dzr__type_from_element(&out.schema.at[1], &type, &err));
    assert_string_equal(dzr_type_name(type), "int32");
    dzr__arena_fini(&arena);
}

/* ---- the tree ---- */

#define GROUP(name_, n_, repetition_)                                                                                  \
    {                                                                                                                  \
        .has = 1u << DZR_ELEMENT_REPETITION | 1u << DZR_ELEMENT_NUM_CHILDREN,                                          \
        .name = {(const uint8_t *)name_, sizeof name_ - 1}, .num_children = n_,                                        \
        .repetition = DZR_REPETITION_##repetition_                                                                     \
    }
#define LEAF(name_, repetition_)                                                                                       \
    {                                                                                                                  \
        .has = 1u << DZR_ELEMENT_REPETITION | 1u << DZR_ELEMENT_TYPE,                                                  \
        .name = {(const uint8_t *)name_, sizeof name_ - 1}, .type = DZR_PHYSICAL_INT32,                                \
        .repetition = DZR_REPETITION_##repetition_                                                                     \
    }

static void levels_come_from_the_ancestors(void **state)
{
    (void)state;
    static const dzr_meta_element tree[] = {
            {.num_children = 3},
            GROUP("list", 1, OPTIONAL),
            GROUP("item", 2, REPEATED),
            LEAF("a", OPTIONAL),
            LEAF("b", REQUIRED),
            LEAF("c", REPEATED),
            GROUP("s", 1, REQUIRED),
            LEAF("d", REQUIRED),
    };
    static const struct {
        const char *path;
        int16_t max_def, max_rep;
        int32_t element, parent;
    } want[] = {{"list.item.a", 3, 1, 3, 2}, {"list.item.b", 2, 1, 4, 2}, {"c", 1, 1, 5, 0}, {"s.d", 0, 0, 7, 6}};
    dzr_error err;
    dzr_arena arena;
    dzr__arena_init(&arena, NULL, 0);
    const dzr_parquet_limits limits = dzr__parquet_limits(NULL);
    const dzr_leaf *leaves = NULL;
    int32_t n = 0;
    assert_ok(dzr__leaves_read(tree, 8, &limits, &arena, &leaves, &n, &err));
    assert_int_equal(n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(leaves[i].path, want[i].path);
        assert_int_equal(leaves[i].max_def, want[i].max_def);
        assert_int_equal(leaves[i].max_rep, want[i].max_rep);
        assert_int_equal(leaves[i].element, want[i].element);
        assert_int_equal(leaves[i].parent, want[i].parent);
    }
    dzr__arena_fini(&arena);
}

static const struct {
    const char *proves;
    dzr_meta_element tree[4];
    int32_t n;
    dzr_status want;
    const char *part;
} trees[] = {
        {"no_root", {{0}}, 0, DZR_ERR_CORRUPT, "no root"},
        {"a_root_alone", {{.num_children = 0}}, 1, DZR_OK, ""},
        {"names_may_repeat", {{.num_children = 2}, LEAF("a", REQUIRED), LEAF("a", REQUIRED)}, 3, DZR_OK, ""},
        {"fewer_children_than_said", {{.num_children = 2}, LEAF("a", REQUIRED)}, 2, DZR_ERR_CORRUPT, "element 0"},
        {"fewer_children_than_a_group_said", {{.num_children = 1}, GROUP("g", 2, OPTIONAL), LEAF("a", REQUIRED)}, 3,
                DZR_ERR_CORRUPT, "element 1 (g) has fewer children"},
        {"more_elements_than_children", {{.num_children = 1}, LEAF("a", REQUIRED), LEAF("b", REQUIRED)}, 3,
                DZR_ERR_CORRUPT, "element 2 (b) is nobody's child"},
        {"a_negative_number_of_children", {{.num_children = -1}}, 1, DZR_ERR_CORRUPT, "negative"},
        {"a_group_with_a_negative_number", {{.num_children = 1}, GROUP("g", -7, OPTIONAL)}, 2, DZR_ERR_CORRUPT,
                "element 1 (g) has a negative"},
        {"two_billion_children", {{.num_children = INT32_MAX}, LEAF("a", REQUIRED)}, 2, DZR_ERR_CORRUPT, "fewer"},
        {"a_group_without_children", {{.num_children = 1}, GROUP("g", 0, OPTIONAL)}, 2, DZR_ERR_CORRUPT,
                "neither type nor children"},
        {"a_group_with_a_type",
                {{.num_children = 1}, {.has = 0x2a, .name = {(const uint8_t *)"g", 1}, .num_children = 1},
                        LEAF("a", REQUIRED)},
                3, DZR_ERR_CORRUPT, "(g) has a type and children"},
        {"a_leaf_without_repetition", {{.num_children = 1}, {.has = 2, .name = {(const uint8_t *)"x", 1}}}, 2,
                DZR_ERR_CORRUPT, "(x) has no repetition"},
        {"a_vector", {{.num_children = 1}, {.has = 10, .repetition = 3, .name = {(const uint8_t *)"v", 1}}}, 2,
                DZR_ERR_UNSUPPORTED, "(v) has an unknown repetition"},
        {"a_fixed_without_length", {{.num_children = 1}, {.has = 10, .type = 7, .name = {(const uint8_t *)"f", 1}}}, 2,
                DZR_ERR_CORRUPT, "(f) is FIXED_LEN_BYTE_ARRAY without a length"},
        {"a_name_with_a_zero_byte", {{.num_children = 1}, LEAF("a\0b", REQUIRED)}, 2, DZR_ERR_CORRUPT, "element 1"},
        {"a_name_that_is_not_utf8", {{.num_children = 1}, LEAF("\xff", REQUIRED)}, 2, DZR_ERR_CORRUPT,
                "element 1 has a name that is not UTF-8"},
};

static void tree_table(void **state)
{
    (void)state;
    const dzr_parquet_limits limits = dzr__parquet_limits(NULL);
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        dzr_error err = {.message = ""};
        dzr_arena arena;
        dzr__arena_init(&arena, NULL, 0);
        const dzr_leaf *leaves = NULL;
        int32_t n = 0;
        const dzr_status st = dzr__leaves_read(trees[i].tree, trees[i].n, &limits, &arena, &leaves, &n, &err);
        if (st != trees[i].want || strstr(err.message, trees[i].part) == NULL)
            fail_msg("%s: %s \"%s\"", trees[i].proves, dzr_status_name(st), err.message);
        assert_true(st == DZR_OK || leaves == NULL);
        dzr__arena_fini(&arena);
    }
}

static void a_tree_has_its_limits(void **state)
{
    (void)state;
    enum { N = 70 };
    dzr_meta_element tree[N] = {{.num_children = 1}};
    const dzr_meta_element group = GROUP("g", 1, OPTIONAL), leaf = LEAF("a", OPTIONAL);
    for (size_t i = 1; i < N - 1; i++)
        tree[i] = group;
    tree[N - 1] = leaf;
    dzr_error err;
    dzr_arena arena;
    dzr__arena_init(&arena, NULL, 0);
    const dzr_leaf *leaves = NULL;
    int32_t n = 0;
    dzr_parquet_limits limits = dzr__parquet_limits(NULL);
    limits.depth = 64;
    assert_fails(dzr__leaves_read(tree, N, &limits, &arena, &leaves, &n, &err), DZR_ERR_LIMIT, "element 64 (g)");
    limits.depth = dzr__parquet_limits(NULL).depth;
    assert_ok(dzr__leaves_read(tree, N, &limits, &arena, &leaves, &n, &err));
    assert_int_equal(leaves[0].max_def, 69);
    limits.schema_nodes = N - 1;
    assert_fails(
            dzr__leaves_read(tree, N, &limits, &arena, &leaves, &n, &err), DZR_ERR_LIMIT, "70 elements, limit is 69");
    dzr__arena_fini(&arena);
}

/* ---- what a footer must hold ---- */

static void footers_that_contradict_themselves_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        dzr_status want;
    } want[] = {{"the file has -1 rows", DZR_ERR_CORRUPT}, {"row group 0: -5 rows", DZR_ERR_CORRUPT},
            {"row group 0: 1 column chunks for 2 columns", DZR_ERR_CORRUPT},
            {"row group 0: column 1 has no metadata", DZR_ERR_CORRUPT}, {"a footer of ", DZR_ERR_LIMIT}};
    for (size_t i = 0; i < 5; i++) {
        dzr_error err;
        dzr_meta_file in = full_footer();
        dzr_parquet_limits limits = {0};
        switch (i) {
        case 0:
            in.num_rows = -1;
            break;
        case 1:
            groups[0].num_rows = -5;
            break;
        case 2:
            groups[0].columns.n = 1;
            break;
        case 3:
            chunks[1].has = 0;
            break;
        default:
            limits.footer_bytes = 100;
            break;
        }
        dzr_bytebuf wire = {0};
        assert_ok(dzr__thrift_write(&wire, &dzr__shape_file, &in, &err));
        dzr_arena arena;
        dzr__arena_init(&arena, NULL, 0);
        dzr_meta_file out;
        const dzr_leaf *leaves = NULL;
        int32_t n = 0;
        assert_fails(dzr__footer_read((dzr_bytes){wire.at, wire.len}, &limits, &arena, &out, &leaves, &n, &err),
                want[i].want, want[i].part);
        dzr__arena_fini(&arena);
        dzr__bytebuf_fini(&wire);
    }
}

static void a_small_footer_can_not_take_much_memory(void **state)
{
    (void)state;
    enum { N = 100000 };
    uint8_t *const wire = dzr_alloc_zeroed(NULL, N, 1, NULL);
    const uint8_t start[] = {0x15, 2, 0x39, 0xfc, 0x80, 0x80, 0x06}; /* version 1; row_groups: 98304 of them */
    memcpy(wire, start, sizeof start);
    dzr_error err;
    dzr_arena arena;
    dzr__arena_init(&arena, NULL, 0);
    dzr_meta_file out;
    const dzr_leaf *leaves = NULL;
    int32_t n = 0;
    const dzr_status st = dzr__footer_read((dzr_bytes){wire, N}, NULL, &arena, &out, &leaves, &n, &err);
    assert_true(st == DZR_ERR_LIMIT || st == DZR_ERR_CORRUPT);
    assert_true(arena.total <= (1 << 16) + 64 * N);
    dzr__arena_fini(&arena);
    dzr_release(NULL, wire);
}

/* ---- types ---- */

static void every_type_comes_back_from_its_element(void **state)
{
    (void)state;
    dzr_error err;
    for (int id = DZR_TYPE_BOOL; id < DZR_TYPE_NULL; id++)
        for (int unit = DZR_UNIT_MS; unit <= DZR_UNIT_NS; unit++)
            for (int utc = 0; utc < 2; utc++)
                for (int nullable = 0; nullable < 2; nullable++) {
                    const dzr_field field = {.name = "x",
                            .type = {.id = (dzr_type_id)id,
                                    .unit = (dzr_time_unit)unit,
                                    .utc = utc == 1,
                                    .precision = 8 * unit + 7,
                                    .scale = unit,
                                    .width = unit + 1},
                            .nullable = nullable == 1};
                    dzr_meta_element element;
                    dzr__element_from_field(&field, &element);
                    assert_int_equal(element.repetition, nullable);
                    dzr_type type;
                    assert_ok(dzr__type_from_element(&element, &type, &err));
                    assert_true(dzr_type_equal(type, field.type));
                    if (!DZR_HAS(&element, DZR_ELEMENT_CONVERTED))
                        continue;
                    element.has &= ~(1u << DZR_ELEMENT_LOGICAL); /* the older annotation alone says the same */
                    assert_ok(dzr__type_from_element(&element, &type, &err));
                    assert_true(dzr_type_equal(type, field.type));
                }
}

static void local_times_and_nanoseconds_have_no_converted_type(void **state)
{
    (void)state;
    static const struct {
        dzr_type type;
        int32_t converted; /* -1: none */
    } want[] = {
            {{.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS, .utc = true}, DZR_CONVERTED_TIMESTAMP_MILLIS},
            {{.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_US, .utc = true}, DZR_CONVERTED_TIMESTAMP_MICROS},
            {{.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_NS, .utc = true}, -1},
            {{.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS}, -1},
            {{.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_US}, -1},
            {{.id = DZR_TYPE_STRING}, DZR_CONVERTED_UTF8},
            {{.id = DZR_TYPE_DATE}, DZR_CONVERTED_DATE},
            {{.id = DZR_TYPE_UINT16}, DZR_CONVERTED_UINT_16},
            {{.id = DZR_TYPE_INT8}, DZR_CONVERTED_INT_8},
            {{.id = DZR_TYPE_BINARY}, -1},
            {{.id = DZR_TYPE_DOUBLE}, -1},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const dzr_field field = {.name = "x", .type = want[i].type, .nullable = true};
        dzr_meta_element element;
        dzr__element_from_field(&field, &element);
        assert_int_equal(DZR_HAS(&element, DZR_ELEMENT_CONVERTED), want[i].converted >= 0);
        if (want[i].converted >= 0)
            assert_int_equal(element.converted, want[i].converted);
    }
}

#define LOGICAL(id) .has = 1u << DZR_ELEMENT_LOGICAL, .logical.has = 1u << (id)
static const struct {
    const char *proves;
    dzr_meta_element element;
    dzr_status want;
    const char *part; /* of the message, or the type's name */
} types[] = {
        {"json_is_text", {LOGICAL(DZR_LOGICAL_JSON), .type = 6}, DZR_OK, "string"},
        {"an_enum_is_text", {LOGICAL(DZR_LOGICAL_ENUM), .type = 6}, DZR_OK, "string"},
        {"bson_is_bytes", {LOGICAL(DZR_LOGICAL_BSON), .type = 6}, DZR_OK, "binary"},
        {"a_required_column_of_nulls_is_its_physical_type", {LOGICAL(DZR_LOGICAL_UNKNOWN), .type = 1}, DZR_OK, "int32"},
        {"geometry_is_bytes", {LOGICAL(17), .type = 6}, DZR_OK, "binary"},
        {"a_converted_type_after_an_unknown_logical_one",
                {.has = 1u << 10 | 1u << 6, .converted = DZR_CONVERTED_UTF8, .type = 6}, DZR_OK, "string"},
        {"an_unknown_converted_type", {.has = 1u << 6, .converted = 99, .type = 6}, DZR_OK, "binary"},
        {"a_negative_converted_type", {.has = 1u << 6, .converted = -1, .type = 6}, DZR_OK, "binary"},
        {"a_decimal", {LOGICAL(DZR_LOGICAL_DECIMAL), .type = 1, .logical.decimal = {.precision = 9, .scale = 2}},
                DZR_OK, "decimal(9, 2)"},
        {"a_decimal_of_strings", {LOGICAL(DZR_LOGICAL_DECIMAL), .type = 6, .logical.decimal = {.precision = 76}},
                DZR_OK, "decimal(76, 0)"},
        {"the_older_decimal", {.has = 1u << 6, .converted = 5, .type = 7, .type_length = 4, .precision = 8, .scale = 8},
                DZR_OK, "decimal(8, 8)"},
        {"a_decimal_of_doubles", {LOGICAL(DZR_LOGICAL_DECIMAL), .type = 5, .logical.decimal = {.precision = 9}},
                DZR_ERR_CORRUPT, "DECIMAL stands on BYTE_ARRAY, not on DOUBLE"},
        {"a_decimal_without_digits", {LOGICAL(DZR_LOGICAL_DECIMAL), .type = 1}, DZR_ERR_CORRUPT, "DECIMAL of 0 digits"},
        {"more_scale_than_digits",
                {LOGICAL(DZR_LOGICAL_DECIMAL), .type = 1, .logical.decimal = {.precision = 2, .scale = 3}},
                DZR_ERR_CORRUPT, "DECIMAL of 2 digits, 3 of them after the point"},
        {"a_decimal_of_77_digits", {LOGICAL(DZR_LOGICAL_DECIMAL), .type = 6, .logical.decimal = {.precision = 77}},
                DZR_ERR_UNSUPPORTED, "DECIMAL of 77 digits, at most 76"},
        {"time_in_ms", {LOGICAL(DZR_LOGICAL_TIME), .type = 1, .logical.time = {.unit.has = 1u << 1}}, DZR_OK,
                "time[ms]"},
        {"time_in_ns_utc", {LOGICAL(DZR_LOGICAL_TIME), .type = 2, .logical.time = {.utc = true, .unit.has = 1u << 3}},
                DZR_OK, "time[ns, UTC]"},
        {"the_older_time", {.has = 1u << 6, .converted = 8, .type = 2}, DZR_OK, "time[us, UTC]"},
        {"time_in_us_in_32_bits", {LOGICAL(DZR_LOGICAL_TIME), .type = 1, .logical.time = {.unit.has = 1u << 2}},
                DZR_ERR_CORRUPT, "TIME stands on INT64, not on INT32"},
        {"time_of_an_unknown_unit", {LOGICAL(DZR_LOGICAL_TIME), .type = 1}, DZR_ERR_UNSUPPORTED, "unknown unit"},
        {"uuid", {LOGICAL(DZR_LOGICAL_UUID), .type = 7, .type_length = 16}, DZR_OK, "uuid"},
        {"a_short_uuid", {LOGICAL(DZR_LOGICAL_UUID), .type = 7, .type_length = 15}, DZR_ERR_CORRUPT,
                "type UUID of 15 bytes, it has 16"},
        {"float16", {LOGICAL(DZR_LOGICAL_FLOAT16), .type = 7, .type_length = 2}, DZR_OK, "half"},
        {"float16_in_4_bytes", {LOGICAL(DZR_LOGICAL_FLOAT16), .type = 4}, DZR_ERR_CORRUPT, "FLOAT16 stands on FIXED"},
        {"interval", {.has = 1u << 6, .converted = 21, .type = 7, .type_length = 12}, DZR_OK, "fixed(12)"},
        {"a_short_interval", {.has = 1u << 6, .converted = 21, .type = 7, .type_length = 8}, DZR_ERR_CORRUPT,
                "type INTERVAL of 8 bytes, it has 12"},
        {"nothing_but_nulls", {LOGICAL(DZR_LOGICAL_UNKNOWN), .type = 1, .repetition = DZR_REPETITION_OPTIONAL}, DZR_OK,
                "null"},
        {"int96", {.type = 3}, DZR_OK, "timestamp[us]"},
        {"fixed", {.type = 7, .type_length = 7}, DZR_OK, "fixed(7)"},
        {"too_wide", {.type = 7, .type_length = 1 << 20 | 1}, DZR_ERR_UNSUPPORTED, "values of 1048577 bytes"},
        {"a_physical_type_nobody_knows", {.type = 8}, DZR_ERR_UNSUPPORTED, "physical type 8 is not known"},
        {"a_negative_physical_type", {.type = -1}, DZR_ERR_UNSUPPORTED, "physical type -1"},
        {"text_on_numbers", {LOGICAL(DZR_LOGICAL_STRING), .type = 1}, DZR_ERR_CORRUPT,
                "type STRING stands on BYTE_ARRAY, not on INT32"},
        {"a_date_in_64_bits", {LOGICAL(DZR_LOGICAL_DATE), .type = 2}, DZR_ERR_CORRUPT, "DATE stands on INT32"},
        {"a_timestamp_in_32_bits", {LOGICAL(DZR_LOGICAL_TIMESTAMP), .type = 1}, DZR_ERR_CORRUPT, "TIMESTAMP stands on"},
        {"a_timestamp_of_an_unknown_unit", {LOGICAL(DZR_LOGICAL_TIMESTAMP), .type = 2}, DZR_ERR_UNSUPPORTED,
                "unknown unit"},
        {"an_integer_of_24_bits", {LOGICAL(DZR_LOGICAL_INTEGER), .type = 1, .logical.integer.bits = 24},
                DZR_ERR_CORRUPT, "INTEGER of 24 bits"},
        {"a_64_bit_integer_in_32", {LOGICAL(DZR_LOGICAL_INTEGER), .type = 1, .logical.integer.bits = 64},
                DZR_ERR_CORRUPT, "INTEGER(64, unsigned) stands on INT64, not on INT32"},
};

static void type_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        dzr_error err = {.message = ""};
        dzr_type type = {0};
        const dzr_status st = dzr__type_from_element(&types[i].element, &type, &err);
        char text[DZR_TYPE_TEXT];
        const char *const said = st == DZR_OK ? dzr_type_print(type, text) : err.message;
        if (st != types[i].want || strstr(said, types[i].part) == NULL)
            fail_msg("%s: %s \"%s\"", types[i].proves, dzr_status_name(st), said);
    }
}

static void numbers_have_their_names(void **state)
{
    (void)state;
    assert_string_equal(dzr__physical_name(7), "FIXED_LEN_BYTE_ARRAY");
    assert_string_equal(dzr__encoding_name(8), "RLE_DICTIONARY");
    assert_string_equal(dzr__compression_name(7), "LZ4_RAW");
    assert_null(dzr__physical_name(8));
    assert_null(dzr__encoding_name(1));
    assert_null(dzr__encoding_name(-1));
    assert_null(dzr__compression_name(8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_footer_with_every_field_comes_back),
            cmocka_unit_test(the_nth_allocation_fails_over_a_footer),
            cmocka_unit_test(page_headers_come_back),
            cmocka_unit_test(shapes_keep_the_rules_of_their_tables),
            cmocka_unit_test(unknown_fields_and_union_members_are_skipped),
            cmocka_unit_test(levels_come_from_the_ancestors),
            cmocka_unit_test(tree_table),
            cmocka_unit_test(a_tree_has_its_limits),
            cmocka_unit_test(footers_that_contradict_themselves_are_refused),
            cmocka_unit_test(a_small_footer_can_not_take_much_memory),
            cmocka_unit_test(every_type_comes_back_from_its_element),
            cmocka_unit_test(local_times_and_nanoseconds_have_no_converted_type),
            cmocka_unit_test(type_table),
            cmocka_unit_test(numbers_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
