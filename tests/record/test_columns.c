/* tests/record/test_columns.c - columns that are not quite those of a record's table: in another order, missing, extra,
 * of another type, null, wider. */
#include "frames.h"

/* ---- columns that are not quite those of the table ---- */

typedef struct inner_v1 {
    int32_t x;
    dzr_bytes y;
} inner_v1;
static const dzr_record_field inner_v1_fields[] = {
        DZR_FIELD(inner_v1, x, DZR_INT32), DZR_FIELD(inner_v1, y, DZR_STRING)};
static const dzr_record_type inner_v1_type = DZR_RECORD(inner_v1, inner_v1_fields);
static const dzr_record_field an_inner_v1 = DZR_ELEMENT(inner_v1, DZR_STRUCT(&inner_v1_type));

typedef struct v1 {
    int64_t id;
    inner_v1 inner;
    dzr_list list;
    double share;
    bool has_share;
} v1;
static const dzr_record_field v1_fields[] = {
        DZR_FIELD(v1, id, DZR_INT64),
        DZR_FIELD(v1, inner, DZR_STRUCT(&inner_v1_type)),
        DZR_FIELD(v1, list, DZR_LIST(&an_inner_v1)),
        DZR_OPTIONAL(v1, share, has_share, DZR_DOUBLE),
};
static const dzr_record_type v1_type = DZR_RECORD(v1, v1_fields);

/* The same columns in another order, everywhere; share is not optional. */
typedef struct inner_turned {
    dzr_bytes y;
    int32_t x;
} inner_turned;
static const dzr_record_field inner_turned_fields[] = {
        DZR_FIELD(inner_turned, y, DZR_STRING), DZR_FIELD(inner_turned, x, DZR_INT32)};
static const dzr_record_type inner_turned_type = DZR_RECORD(inner_turned, inner_turned_fields);
static const dzr_record_field an_inner_turned = DZR_ELEMENT(inner_turned, DZR_STRUCT(&inner_turned_type));

typedef struct turned {
    double share;
    dzr_list list;
    inner_turned inner;
    int64_t id;
} turned;
static const dzr_record_field turned_fields[] = {
        DZR_FIELD(turned, share, DZR_DOUBLE),
        DZR_FIELD(turned, list, DZR_LIST(&an_inner_turned)),
        DZR_FIELD(turned, inner, DZR_STRUCT(&inner_turned_type)),
        DZR_FIELD(turned, id, DZR_INT64),
};
static const dzr_record_type turned_type = DZR_RECORD(turned, turned_fields);

/* Two of v1's members are gone, one has another type, three are new. */
typedef struct inner_v2 {
    dzr_bytes y;
    float z;
    bool has_z;
} inner_v2;
static const dzr_record_field inner_v2_fields[] = {
        DZR_FIELD(inner_v2, y, DZR_STRING), DZR_OPTIONAL(inner_v2, z, has_z, DZR_FLOAT)};
static const dzr_record_type inner_v2_type = DZR_RECORD(inner_v2, inner_v2_fields);
static const dzr_record_field an_inner_v2 = DZR_ELEMENT(inner_v2, DZR_STRUCT(&inner_v2_type));

typedef struct v2 {
    int64_t id;
    inner_v2 inner;
    dzr_list list;
    int32_t added;
    dzr_bytes note;
    bool has_note;
} v2;
static const dzr_record_field v2_fields[] = {
        DZR_FIELD(v2, id, DZR_INT64),
        DZR_FIELD(v2, inner, DZR_STRUCT(&inner_v2_type)),
        DZR_FIELD(v2, list, DZR_LIST(&an_inner_v2)),
        DZR_FIELD(v2, added, DZR_INT32),
        DZR_OPTIONAL(v2, note, has_note, DZR_STRING),
};
static const dzr_record_type v2_type = DZR_RECORD(v2, v2_fields);

typedef struct other_types {
    dzr_bytes id;
    int64_t inner;
    dzr_list list; /* of int32_t */
    double share;
    bool has_share;
} other_types;
static const dzr_record_field other_fields[] = {
        DZR_FIELD(other_types, id, DZR_STRING),
        DZR_FIELD(other_types, inner, DZR_TIMESTAMP(DZR_UNIT_MS, true)),
        DZR_FIELD(other_types, list, DZR_LIST(&number)),
        DZR_OPTIONAL(other_types, share, has_share, DZR_DOUBLE),
};
static const dzr_record_type other_type = DZR_RECORD(other_types, other_fields);

/* Three rows of v1; the last one's share is null if `one_null`. */
static const char *write_v1(bool one_null, int64_t row_group_rows)
{
    dzr_error err;
    dzr_dataframe *const frame = new_frame(&v1_type);
    const inner_v1 items[] = {{1, {(const uint8_t *)"one", 3}}, {2, {(const uint8_t *)"two", 3}}};
    for (int64_t i = 0; i < 3; i++) {
        const v1 row = {.id = i,
                .inner = {(int32_t)i * 10, {(const uint8_t *)"y", 1}},
                .list = {items, (size_t)i},
                .share = 0.5,
                .has_share = !one_null || i < 2};
        assert_ok(dzr_dataframe_append(frame, &row, 1, &err));
    }
    const char *const path = in_folder("v1.parquet");
    const dzr_parquet_write_options options = {.row_group_rows = row_group_rows};
    assert_ok(dzr_dataframe_write_parquet(frame, path, &options, &err));
    dzr_dataframe_free(frame);
    return path;
}

static void columns_are_found_in_any_order(void **state)
{
    (void)state;
    dzr_error err;
    const char *const path = write_v1(false, 0);
    dzr_dataframe *const frame = new_frame(&turned_type);
    assert_ok(dzr_dataframe_read_parquet(frame, path, NULL, &err));
    assert_int_equal(dzr_dataframe_length(frame), 3);
    const turned *const row = dzr_dataframe_get(frame, 2);
    assert_int_equal(row->id, 2);
    assert_int_equal(row->inner.x, 20);
    assert_true(row->share == 0.5);
    assert_int_equal(row->list.n_items, 2);
    assert_int_equal(((const inner_turned *)row->list.items)[1].x, 2);
    assert_string_equal((const char *)((const inner_turned *)row->list.items)[1].y.at, "two");
    assert_int_equal(unlink(path), 0);
    dzr_dataframe_free(frame);
}

static void all_that_does_not_fit_is_told_at_once(void **state)
{
    (void)state;
    dzr_error err;
    const char *const path = write_v1(false, 0);
    dzr_dataframe *frame = new_frame(&v2_type);
    assert_fails(dzr_dataframe_read_parquet(frame, path, NULL, &err), DZR_ERR_TYPE,
            "v1.parquet: these are no columns of v2: column \"inner.z\" (float) is missing; "
            "column \"inner.x\" (int32) has no member; column \"list.z\" (float) is missing; "
            "column \"list.x\" (int32) has no member; column \"added\" (int32) is missing; "
            "column \"note\" (string) is missing; column \"share\" (double) has no member");
    assert_int_equal(dzr_dataframe_length(frame), 0);
    const dzr_dataframe_read_options no_extra = {.allow_missing = true};
    assert_fails(dzr_dataframe_read_parquet(frame, path, &no_extra, &err), DZR_ERR_TYPE,
            "v2: column \"inner.x\" (int32) has no member; column \"list.x\" (int32) has no member; "
            "column \"share\" (double) has no member");
    const dzr_dataframe_read_options no_missing = {.allow_extra = true};
    assert_fails(dzr_dataframe_read_parquet(frame, path, &no_missing, &err), DZR_ERR_TYPE,
            "v2: column \"inner.z\" (float) is missing; column \"list.z\" (float) is missing; "
            "column \"added\" (int32) is missing; column \"note\" (string) is missing");
    dzr_dataframe_free(frame);
    frame = new_frame(&other_type);
    const dzr_dataframe_read_options any = {.allow_missing = true, .allow_extra = true};
    assert_fails(dzr_dataframe_read_parquet(frame, path, &any, &err), DZR_ERR_TYPE,
            "other_types: column \"id\" is int64, not string; column \"inner\" is struct, not timestamp[ms, UTC]; "
            "column \"list\" has elements of struct, not int32");
    assert_int_equal(unlink(path), 0);
    dzr_dataframe_free(frame);
}

static void what_may_be_missing_stays_zero_and_what_is_extra_is_not_read(void **state)
{
    (void)state;
    dzr_error err;
    const char *const path = write_v1(false, 0);
    dzr_dataframe *const frame = new_frame(&v2_type);
    const dzr_dataframe_read_options any = {.allow_missing = true, .allow_extra = true};
    assert_ok(dzr_dataframe_read_parquet(frame, path, &any, &err));
    assert_int_equal(dzr_dataframe_length(frame), 3);
    const v2 *const row = dzr_dataframe_get(frame, 2);
    assert_int_equal(row->id, 2);
    assert_int_equal(row->added, 0);
    assert_false(row->has_note);
    assert_false(row->inner.has_z);
    assert_string_equal((const char *)row->inner.y.at, "y");
    assert_int_equal(row->list.n_items, 2);
    assert_string_equal((const char *)((const inner_v2 *)row->list.items)[0].y.at, "one");
    assert_int_equal(unlink(path), 0);
    dzr_dataframe_free(frame);
}

static void a_null_without_a_place_is_told_with_its_row(void **state)
{
    (void)state;
    dzr_error err;
    const char *const path = write_v1(true, 2);
    dzr_dataframe *const frame = new_frame(&turned_type);
    assert_fails(dzr_dataframe_read_parquet(frame, path, NULL, &err), DZR_ERR_TYPE,
            "v1.parquet: row group 1, row 0: column \"share\" is null, and its member is not optional");
    assert_int_equal(err.row_group, 1);
    assert_int_equal(err.record, 0);
    assert_int_equal(dzr_dataframe_length(frame), 0);
    assert_int_equal(unlink(path), 0);
    dzr_dataframe_free(frame);
}

static dzr_batch *empty_batch(const dzr_field *fields, int32_t n)
{
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    assert_ok(dzr_schema_new(fields, n, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return batch;
}

static void columns_that_a_message_has_no_room_for_are_counted(void **state)
{
    (void)state;
    enum { N = 60 };
    dzr_error err;
    dzr_field fields[N];
    char names[N][32];
    for (int i = 0; i < N; i++) {
        (void)printed(names[i], "column_%lld", i);
        fields[i] = (dzr_field){.name = names[i], .type = {.id = DZR_TYPE_DOUBLE}};
    }
    dzr_batch *const batch = empty_batch(fields, N);
    dzr_dataframe *const frame = new_frame(&part_type);
    assert_fails(dzr_dataframe_append_batch(frame, batch, NULL, &err), DZR_ERR_TYPE,
            "part: column \"label\" (string) is missing; column \"marks\" (list) is missing; ");
    const char *const tail = strstr(err.message, "; and ");
    assert_non_null(tail);
    int named = 0, unnamed = 0;
    for (const char *at = err.message; (at = strstr(at, "column \"")) != NULL; at++)
        named++;
    assert_int_equal(sscanf(tail, "; and %d more", &unnamed), 1);
    assert_int_equal(named + unnamed, 3 + N);
    dzr_batch_free(batch);
    dzr_dataframe_free(frame);
}

static void a_column_that_is_there_twice_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_field twice[] = {
            {.name = "x", .type = {.id = DZR_TYPE_DOUBLE}}, {.name = "x", .type = {.id = DZR_TYPE_DOUBLE}}};
    dzr_batch *const batch = empty_batch(twice, 2);
    dzr_dataframe *const frame = new_frame(&hole_type);
    assert_fails(dzr_dataframe_append_batch(frame, batch, NULL, &err), DZR_ERR_TYPE, "column \"x\" is there twice");
    dzr_dataframe_free(frame);
    dzr_batch_free(batch);
}

typedef struct narrow {
    int8_t a;
    int32_t b;
    uint16_t c;
    uint32_t d;
    float e;
    int16_t f;
    int32_t g;
    dzr_list h; /* of uint8_t */
} narrow;
static const dzr_record_field a_byte = DZR_ELEMENT(uint8_t, DZR_UINT8);
static const dzr_record_field narrow_fields[] = {
        DZR_FIELD(narrow, a, DZR_INT8),
        DZR_FIELD(narrow, b, DZR_INT32),
        DZR_FIELD(narrow, c, DZR_UINT16),
        DZR_FIELD(narrow, d, DZR_UINT32),
        DZR_FIELD(narrow, e, DZR_FLOAT),
        DZR_FIELD(narrow, f, DZR_INT16),
        DZR_FIELD(narrow, g, DZR_INT32),
        DZR_FIELD(narrow, h, DZR_LIST(&a_byte)),
};
static const dzr_record_type narrow_type = DZR_RECORD(narrow, narrow_fields);

typedef struct wide {
    int16_t a;
    int64_t b;
    uint32_t c;
    int64_t d;
    double e;
    float f;
    double g;
    dzr_list h; /* of uint64_t */
} wide;
static const dzr_record_field a_word = DZR_ELEMENT(uint64_t, DZR_UINT64);
static const dzr_record_field wide_fields[] = {
        DZR_FIELD(wide, a, DZR_INT16),
        DZR_FIELD(wide, b, DZR_INT64),
        DZR_FIELD(wide, c, DZR_UINT32),
        DZR_FIELD(wide, d, DZR_INT64),
        DZR_FIELD(wide, e, DZR_DOUBLE),
        DZR_FIELD(wide, f, DZR_FLOAT),
        DZR_FIELD(wide, g, DZR_DOUBLE),
        DZR_FIELD(wide, h, DZR_LIST(&a_word)),
};
static const dzr_record_type wide_type = DZR_RECORD(wide, wide_fields);

static void wider_members_take_narrower_numbers_when_asked_to(void **state)
{
    (void)state;
    dzr_error err;
    static const uint8_t bytes[] = {0, 255};
    const narrow rows[] = {
            {INT8_MIN, INT32_MIN, 0, 0, -0.1F, INT16_MIN, INT32_MIN, {NULL, 0}},
            {INT8_MAX, INT32_MAX, UINT16_MAX, UINT32_MAX, 1e30F, INT16_MAX, INT32_MAX, {bytes, 2}},
    };
    dzr_dataframe *const from = new_frame(&narrow_type);
    dzr_dataframe *const to = new_frame(&wide_type);
    dzr_batch *batch = NULL;
    assert_ok(dzr_dataframe_append(from, rows, 2, &err));
    assert_ok(dzr_dataframe_to_batch(from, 0, 2, &batch, &err));
    assert_fails(dzr_dataframe_append_batch(to, batch, NULL, &err), DZR_ERR_TYPE,
            "wide: column \"a\" is int8, not int16; column \"b\" is int32, not int64;");
    const dzr_dataframe_read_options options = {.allow_wider = true};
    assert_ok(dzr_dataframe_append_batch(to, batch, &options, &err));
    for (int64_t i = 0; i < 2; i++) {
        const wide *const w = dzr_dataframe_get(to, i);
        assert_int_equal(w->a, rows[i].a);
        assert_int_equal(w->b, rows[i].b);
        assert_int_equal(w->c, rows[i].c);
        assert_int_equal(w->d, rows[i].d);
        assert_true(w->e == (double)rows[i].e);
        assert_true(w->f == (float)rows[i].f);
        assert_true(w->g == (double)rows[i].g);
        assert_int_equal(w->h.n_items, i * 2);
    }
    assert_int_equal(((const uint64_t *)((const wide *)dzr_dataframe_get(to, 1))->h.items)[1], 255);
    dzr_batch_free(batch);
    batch = NULL;
    assert_ok(dzr_dataframe_to_batch(to, 0, 2, &batch, &err));
    assert_fails(dzr_dataframe_append_batch(from, batch, &options, &err), DZR_ERR_TYPE,
            "narrow: column \"a\" is int16, not int8; column \"b\" is int64, not int32; "
            "column \"c\" is uint32, not uint16; column \"d\" is int64, not uint32; "
            "column \"e\" is double, not float; column \"f\" is float, not int16; "
            "column \"g\" is double, not int32; column \"h\" has elements of uint64, not uint8");
    assert_int_equal(dzr_dataframe_length(from), 2);
    dzr_batch_free(batch);
    dzr_dataframe_free(to);
    dzr_dataframe_free(from);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(columns_are_found_in_any_order),
            cmocka_unit_test(all_that_does_not_fit_is_told_at_once),
            cmocka_unit_test(what_may_be_missing_stays_zero_and_what_is_extra_is_not_read),
            cmocka_unit_test(a_null_without_a_place_is_told_with_its_row),
            cmocka_unit_test(columns_that_a_message_has_no_room_for_are_counted),
            cmocka_unit_test(a_column_that_is_there_twice_is_refused),
            cmocka_unit_test(wider_members_take_narrower_numbers_when_asked_to),
    };
    return cmocka_run_group_tests_name("record: columns", tests, make_folder, drop_folder);
}
