/* tests/frame/test_types.c - columns of decimals, times, floats of 16 bits, fixed bytes, UUIDs and nothing but nulls:
 * built, sliced, out through Arrow and in again, and what is refused on the way. */
#include "support.h"

#include "alloc_nth.h"
#include "frame/internal.h"
#include <datarizer/arrow.h>

enum { SMALL, LARGE, MS, US, NS, HALF, FIXED, UUID, NOTHING, N_FIELDS };

static const dzr_field fields[N_FIELDS] = {
        {.name = "small", .type = {.id = DZR_TYPE_DECIMAL, .precision = 38, .scale = 2}, .nullable = true},
        {.name = "large", .type = {.id = DZR_TYPE_DECIMAL, .precision = 76, .scale = 76}, .nullable = true},
        {.name = "ms", .type = {.id = DZR_TYPE_TIME, .unit = DZR_UNIT_MS}, .nullable = true},
        {.name = "us", .type = {.id = DZR_TYPE_TIME, .unit = DZR_UNIT_US}, .nullable = true},
        {.name = "ns", .type = {.id = DZR_TYPE_TIME, .unit = DZR_UNIT_NS}, .nullable = true},
        {.name = "half", .type = {.id = DZR_TYPE_HALF}, .nullable = true},
        {.name = "fixed", .type = {.id = DZR_TYPE_FIXED, .width = 5}, .nullable = true},
        {.name = "uuid", .type = {.id = DZR_TYPE_UUID}, .nullable = false},
        {.name = "nothing", .type = {.id = DZR_TYPE_NULL}, .nullable = true},
};

static dzr_decimal decimal_of(int i, int32_t precision)
{
    dzr_decimal value = dzr_decimal_from_int(i % 2 == 0 ? i : -i);
    if (precision > DZR_DECIMAL_DIGITS_128)
        value.word[3] ^= (uint64_t)i; /* far beyond 128 bits */
    return value;
}

static dzr_bytes bytes_of(int i, uint8_t room[16], size_t width)
{
    for (size_t k = 0; k < width; k++)
        room[k] = (uint8_t)((size_t)i * 7 + k);
    return (dzr_bytes){room, width};
}

static bool is_null(int i)
{
    return i % 5 == 4;
}

static dzr_status append_row(dzr_builder *builder, int i, dzr_error *err)
{
    uint8_t room[16];
    DZR_TRY(dzr_builder_bytes(builder, UUID, bytes_of(i, room, 16), err));
    DZR_TRY(dzr_builder_null(builder, NOTHING, err));
    if (is_null(i)) {
        for (int32_t k = SMALL; k < UUID; k++)
            DZR_TRY(dzr_builder_null(builder, k, err));
        return DZR_OK;
    }
    DZR_TRY(dzr_builder_decimal(builder, SMALL, decimal_of(i, 38), err));
    DZR_TRY(dzr_builder_decimal(builder, LARGE, decimal_of(i, 76), err));
    DZR_TRY(dzr_builder_int(builder, MS, i, err));
    DZR_TRY(dzr_builder_int(builder, US, i * 1000L, err));
    DZR_TRY(dzr_builder_int(builder, NS, i * 1000000L, err));
    DZR_TRY(dzr_builder_double(builder, HALF, i * 0.5, err));
    return dzr_builder_bytes(builder, FIXED, bytes_of(i, room, 5), err);
}

static dzr_status build(const dzr_allocator *alloc, int n_rows, dzr_batch **out, dzr_error *err)
{
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_status st = dzr_schema_new(fields, N_FIELDS, alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr_builder_new(schema, alloc, &builder, err);
    for (int i = 0; i < n_rows && st == DZR_OK; i++)
        st = append_row(builder, i, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, out, err);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return st;
}

static void check(const dzr_batch *batch, int first, int n_rows)
{
    static const uint8_t zeros[32] = {0};
    const dzr_column *column[N_FIELDS];
    assert_int_equal(dzr_batch_n_rows(batch), n_rows);
    for (int k = 0; k < N_FIELDS; k++)
        column[k] = dzr_batch_column(batch, k);
    assert_null(column[NOTHING]->values);
    assert_int_equal(column[NOTHING]->n_nulls, n_rows);
    for (int row = 0; row < n_rows; row++) {
        const int i = first + row;
        uint8_t room[16];
        assert_memory_equal(dzr_column_fixed(column[UUID], row).at, bytes_of(i, room, 16).at, 16);
        assert_true(dzr_column_is_null(column[NOTHING], row));
        for (int k = SMALL; k < UUID; k++) {
            const size_t width = dzr_type_bits(column[k]->type) / 8;
            assert_int_equal(dzr_column_is_null(column[k], row), is_null(i));
            if (is_null(i))
                assert_memory_equal((const uint8_t *)column[k]->values + width * (size_t)row, zeros, width);
        }
        if (is_null(i))
            continue;
        assert_int_equal(dzr_decimal_compare(dzr_column_decimal(column[SMALL], row), decimal_of(i, 38)), 0);
        assert_int_equal(dzr_decimal_compare(dzr_column_decimal(column[LARGE], row), decimal_of(i, 76)), 0);
        assert_int_equal(((const int32_t *)column[MS]->values)[row], i);
        assert_int_equal(((const int64_t *)column[US]->values)[row], i * 1000L);
        assert_int_equal(((const int64_t *)column[NS]->values)[row], i * 1000000L);
        assert_true(dzr_half_to_double(((const uint16_t *)column[HALF]->values)[row]) == i * 0.5);
        assert_memory_equal(dzr_column_fixed(column[FIXED], row).at, bytes_of(i, room, 5).at, 5);
    }
}

static void types_have_their_names_and_widths(void **state)
{
    (void)state;
    static const struct {
        int field;
        uint32_t bits;
        const char *name, *printed;
    } want[] = {{SMALL, 128, "decimal", "decimal(38, 2)"}, {LARGE, 256, "decimal", "decimal(76, 76)"},
            {MS, 32, "time[ms]", "time[ms]"}, {NS, 64, "time[ns]", "time[ns]"}, {HALF, 16, "half", "half"},
            {FIXED, 40, "fixed", "fixed(5)"}, {UUID, 128, "uuid", "uuid"}, {NOTHING, 0, "null", "null"}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        char text[DZR_TYPE_TEXT];
        const dzr_type type = fields[want[i].field].type;
        assert_int_equal(dzr_type_bits(type), want[i].bits);
        assert_string_equal(dzr_type_name(type), want[i].name);
        assert_string_equal(dzr_type_print(type, text), want[i].printed);
        for (int k = 0; k < N_FIELDS; k++)
            assert_int_equal(dzr_type_equal(type, fields[k].type), k == want[i].field);
    }
    const dzr_type widest = {.id = DZR_TYPE_FIXED, .width = DZR_MAX_WIDTH}, other = {.id = DZR_TYPE_FIXED, .width = 6};
    assert_int_equal(dzr_type_bits(widest), 8u * DZR_MAX_WIDTH);
    assert_false(dzr_type_equal(other, fields[FIXED].type));
}

static void numbers_that_a_type_cannot_have_are_refused(void **state)
{
    (void)state;
    static const struct {
        dzr_type type;
        bool required;
        const char *says;
    } bad[] = {
            {{.id = DZR_TYPE_DECIMAL}, false, "field \"x\": decimal(0, 0): it has 1 to 76 digits"},
            {{.id = DZR_TYPE_DECIMAL, .precision = 77}, false, "decimal(77, 0): it has 1 to 76 digits"},
            {{.id = DZR_TYPE_DECIMAL, .precision = 5, .scale = 6}, false, "decimal(5, 6)"},
            {{.id = DZR_TYPE_DECIMAL, .precision = 5, .scale = -1}, false, "decimal(5, -1)"},
            {{.id = DZR_TYPE_FIXED}, false, "fixed(0): a value has 1 to 1048576 bytes"},
            {{.id = DZR_TYPE_FIXED, .width = DZR_MAX_WIDTH + 1}, false, "fixed(1048577)"},
            {{.id = DZR_TYPE_TIME, .unit = (dzr_time_unit)3}, false, "unknown unit"},
            {{.id = DZR_TYPE_DURATION, .unit = (dzr_time_unit)3}, false, "unknown unit"},
            {{.id = DZR_TYPE_NULL}, true, "nothing but nulls, and is not nullable"},
            {{.id = (dzr_type_id)(DZR_TYPE_DICTIONARY + 1)}, false, "unknown type"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        dzr_error err;
        dzr_schema *schema = NULL;
        const dzr_field field = {.name = "x", .type = bad[i].type, .nullable = !bad[i].required};
        assert_fails(dzr_schema_new(&field, 1, NULL, &schema, &err), DZR_ERR_ARG, bad[i].says);
        assert_null(schema);
    }
}

static void a_duration_has_64_bits_of_its_unit(void **state)
{
    (void)state;
    dzr_error err;
    const dzr_type ms = {.id = DZR_TYPE_DURATION}, ns = {.id = DZR_TYPE_DURATION, .unit = DZR_UNIT_NS};
    assert_string_equal(dzr_type_name(ms), "duration[ms]");
    assert_string_equal(dzr_type_name(ns), "duration[ns]");
    assert_int_equal(dzr_type_bits(ms), 64);
    assert_false(dzr_type_equal(ms, ns));
    const dzr_field field = {.name = "lasted", .type = ns, .nullable = true};
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    assert_ok(dzr_schema_new(&field, 1, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
    assert_ok(dzr_builder_int(builder, 0, INT64_MIN, &err));
    assert_ok(dzr_builder_null(builder, 0, &err));
    assert_ok(dzr_builder_int(builder, 0, INT64_MAX, &err));
    assert_ok(dzr_builder_finish(builder, &batch, &err));
    const dzr_column *const column = dzr_batch_column(batch, 0);
    assert_int_equal(((const int64_t *)column->values)[0], INT64_MIN);
    assert_int_equal(((const int64_t *)column->values)[2], INT64_MAX);
    assert_int_equal(column->n_nulls, 1);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
}

static void built_rows_are_read_back_and_sliced(void **state)
{
    (void)state;
    dzr_error err;
    for (int n = 0; n < 400; n = n * 2 + 1) {
        dzr_batch *batch = NULL;
        assert_ok(build(NULL, n, &batch, &err));
        check(batch, 0, n);
        for (int first = 0; first < n; first += 29) {
            dzr_batch *slice = NULL;
            assert_ok(dzr_batch_slice(batch, first, n - first, &slice, &err));
            check(slice, first, n - first);
            dzr_batch_free(slice);
        }
        dzr_batch_free(batch);
    }
}

static void values_that_do_not_fit_leave_the_column_alone(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_builder *b = NULL;
    dzr_decimal wide = {{0}};
    assert_ok(dzr_schema_new(fields, N_FIELDS, NULL, &schema, &err));
    assert_ok(dzr_builder_new(schema, NULL, &b, &err));
    dzr_schema_free(schema);
    wide.word[2] = 1; /* 2^128: 39 digits */
    assert_fails(dzr_builder_decimal(b, SMALL, wide, &err), DZR_ERR_TYPE, "column \"small\": a value of more than 38");
    wide.word[3] = INT64_MAX; /* 77 digits */
    assert_fails(dzr_builder_decimal(b, LARGE, wide, &err), DZR_ERR_TYPE, "column \"large\": a value of more than 76");
    assert_fails(dzr_builder_decimal(b, MS, wide, &err), DZR_ERR_TYPE, "holds time[ms], not a decimal");
    assert_fails(dzr_builder_int(b, SMALL, 1, &err), DZR_ERR_TYPE, "holds decimal, not an integer");
    assert_fails(dzr_builder_int(b, MS, -1, &err), DZR_ERR_TYPE, "-1 is outside time[ms]");
    assert_fails(dzr_builder_int(b, MS, 86400001, &err), DZR_ERR_TYPE, "86400001 is outside time[ms]");
    assert_fails(dzr_builder_int(b, US, 86400000001, &err), DZR_ERR_TYPE, "is outside time[us]");
    assert_fails(dzr_builder_int(b, NS, 86400000000001, &err), DZR_ERR_TYPE, "is outside time[ns]");
    assert_fails(dzr_builder_double(b, HALF, 65520, &err), DZR_ERR_TYPE, "65520 is outside half");
    assert_fails(dzr_builder_bytes(b, FIXED, (dzr_bytes){(const uint8_t *)"1234", 4}, &err), DZR_ERR_TYPE,
            "column \"fixed\": a value of 4 bytes, it must be 5");
    assert_fails(dzr_builder_bytes(b, UUID, (dzr_bytes){NULL, 0}, &err), DZR_ERR_TYPE, "it must be 16");
    assert_fails(dzr_builder_null(b, UUID, &err), DZR_ERR_TYPE, "column \"uuid\" can't be null");
    assert_fails(dzr_builder_bool(b, NOTHING, true, &err), DZR_ERR_TYPE, "column \"nothing\" holds null, not bool");
    for (int i = 0; i < N_FIELDS; i++)
        assert_int_equal(dzr_builder_n_rows(b, i), 0);
    assert_ok(dzr_builder_int(b, MS, 86400000, &err)); /* 24:00:00 */
    dzr_builder_free(b);
}

/* ---- Arrow ---- */

static void a_batch_goes_out_and_comes_in(void **state)
{
    (void)state;
    static const char *const formats[N_FIELDS] = {
            "d:38,2", "d:76,76,256", "ttm", "ttu", "ttn", "e", "w:5", "w:16", "n"};
    dzr_error err;
    dzr_batch *batch = NULL, *back = NULL;
    struct ArrowSchema schema;
    struct ArrowArray array;
    assert_ok(build(NULL, 200, &batch, &err));
    for (int offset = 0; offset < 20; offset++) {
        assert_ok(dzr_arrow_export_schema(dzr_batch_schema(batch), NULL, &schema, &err));
        assert_ok(dzr_arrow_export_batch(batch, NULL, &array, &err));
        for (int k = 0; k < N_FIELDS; k++)
            assert_string_equal(schema.children[k]->format, formats[k]);
        assert_int_equal(array.children[NOTHING]->n_buffers, 0);
        array.offset = offset;
        array.length = 200 - offset;
        assert_ok(dzr_arrow_import_batch(&array, &schema, NULL, &back, &err));
        assert_true(dzr_schema_equal(dzr_batch_schema(back), dzr_batch_schema(batch)));
        check(back, offset, 200 - offset);
        schema.release(&schema);
        dzr_batch_free(back);
    }
    dzr_batch_free(batch);
}

static void keep_array(struct ArrowArray *array)
{
    array->release = NULL;
}

static void keep_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

/* One column of another producer's, of three rows, the middle one null. */
static dzr_status import_column(
        const char *format, const char *metadata, const void *values, dzr_batch **out, dzr_error *err)
{
    static const uint8_t validity[] = {0x05};
    static struct ArrowArray child; /* outlives this call: the batch may keep it */
    static struct ArrowArray *children[] = {&child};
    static const void *buffers[2], *no_validity[] = {NULL};
    struct ArrowSchema child_schema = {
            .format = format, .name = "c", .metadata = metadata, .flags = ARROW_FLAG_NULLABLE, .release = keep_schema};
    struct ArrowSchema *schemas[] = {&child_schema};
    const struct ArrowSchema schema = {.format = "+s", .n_children = 1, .children = schemas, .release = keep_schema};
    buffers[0] = validity;
    buffers[1] = values;
    child = (struct ArrowArray){.length = 3, .null_count = -1, .n_buffers = 2, .buffers = buffers};
    struct ArrowArray array = {.length = 3,
            .n_buffers = 1,
            .buffers = no_validity,
            .n_children = 1,
            .children = children,
            .release = keep_array};
    return dzr_arrow_import_batch(&array, &schema, NULL, out, err);
}

static void narrow_decimals_and_seconds_are_widened(void **state)
{
    (void)state;
    dzr_error err;
    const int32_t of_32[] = {-12345, 99, 7};
    const int64_t of_64[] = {-12345, 99, 7};
    const int64_t of_256[12] = {-12345, -1, -1, -1, 99, 0, 0, 0, 7, 0, 0, 0};
    const void *const values[] = {of_32, of_64, of_256};
    static const char *const formats[] = {"d:9,2,32", "d:18,2,64", "d:20,2,256"};
    static const int32_t precisions[] = {9, 18, 20};
    dzr_batch *batch = NULL;
    for (int i = 0; i < 3; i++) {
        assert_ok(import_column(formats[i], NULL, values[i], &batch, &err));
        const dzr_column *const column = dzr_batch_column(batch, 0);
        assert_int_equal(column->type.precision, precisions[i]);
        assert_int_equal(dzr_decimal_compare(dzr_column_decimal(column, 0), dzr_decimal_from_int(-12345)), 0);
        assert_int_equal(dzr_decimal_compare(dzr_column_decimal(column, 1), dzr_decimal_from_int(0)), 0);
        assert_int_equal(dzr_decimal_compare(dzr_column_decimal(column, 2), dzr_decimal_from_int(7)), 0);
        dzr_batch_free(batch);
    }
    const int32_t seconds[] = {1, 99, 86400};
    assert_ok(import_column("tts", NULL, seconds, &batch, &err));
    assert_int_equal(dzr_batch_column(batch, 0)->type.unit, DZR_UNIT_MS);
    assert_int_equal(((const int32_t *)dzr_batch_column(batch, 0)->values)[0], 1000);
    assert_int_equal(((const int32_t *)dzr_batch_column(batch, 0)->values)[1], 0);
    assert_int_equal(((const int32_t *)dzr_batch_column(batch, 0)->values)[2], 86400000);
    dzr_batch_free(batch);
}

static void another_extension_comes_as_what_it_is_stored_as(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    const uint8_t values[48] = {1};
    static const char other[] = "\2\0\0\0"
                                "\3\0\0\0key"
                                "\5\0\0\0value"
                                "\24\0\0\0ARROW:extension:name"
                                "\12\0\0\0other.uuid";
    assert_ok(import_column("w:16", other, values, &batch, &err));
    assert_int_equal(dzr_batch_column(batch, 0)->type.id, DZR_TYPE_FIXED);
    dzr_batch_free(batch);
    assert_ok(import_column("w:16", NULL, values, &batch, &err));
    assert_int_equal(dzr_batch_column(batch, 0)->type.width, 16);
    dzr_batch_free(batch);
}

static void what_a_producer_gets_wrong_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    const int32_t numbers[] = {100, 5, -1};
    const int64_t longs[] = {86400000001, 0, 0};
    assert_fails(import_column("d:2,0,32", NULL, numbers, &batch, &err), DZR_ERR_CORRUPT, "row 0: a decimal of more");
    assert_fails(import_column("ttm", NULL, numbers, &batch, &err), DZR_ERR_CORRUPT, "row 2: -1 is no time of a day");
    assert_fails(import_column("tts", NULL, numbers, &batch, &err), DZR_ERR_CORRUPT, "row 2: -1 is no time of a day");
    assert_fails(import_column("ttu", NULL, longs, &batch, &err), DZR_ERR_CORRUPT, "row 0: 86400000001 is no time");
    static const char *const formats[] = {"d:", "d:5", "d:5,", "d:-5,2", "d:5,2,33", "d:5,2,128,", "d:99999999999,2",
            "w:", "w:-1", "w:1,2", "w: 5", "ttx", "nn", "ee"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        assert_fails(import_column(formats[i], NULL, numbers, &batch, &err), DZR_ERR_UNSUPPORTED, formats[i]);
    assert_fails(import_column("d:5,-2", NULL, numbers, &batch, &err), DZR_ERR_UNSUPPORTED, "d:5,-2");
    assert_fails(import_column("d:5,6", NULL, numbers, &batch, &err), DZR_ERR_ARG, "decimal(5, 6)");
    assert_fails(import_column("w:0", NULL, numbers, &batch, &err), DZR_ERR_ARG, "fixed(0)");
    assert_null(batch);
}

static dzr_status round_trip(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    (void)ctx;
    dzr_batch *batch = NULL, *slice = NULL, *back = NULL;
    struct ArrowSchema schema = {.release = NULL};
    struct ArrowArray array = {.release = NULL};
    dzr_status st = build(alloc, 90, &batch, err);
    if (st == DZR_OK)
        st = dzr_batch_slice(batch, 3, 80, &slice, err);
    if (st == DZR_OK)
        st = dzr_arrow_export_schema(dzr_batch_schema(slice), alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr_arrow_export_batch(slice, alloc, &array, err);
    if (st == DZR_OK)
        st = dzr_arrow_import_batch(&array, &schema, alloc, &back, err);
    assert_null(array.release);
    if (schema.release != NULL)
        schema.release(&schema);
    dzr_batch_free(batch);
    dzr_batch_free(slice);
    dzr_batch_free(back);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    assert_true(every_request_fails(round_trip, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(types_have_their_names_and_widths),
            cmocka_unit_test(numbers_that_a_type_cannot_have_are_refused),
            cmocka_unit_test(a_duration_has_64_bits_of_its_unit),
            cmocka_unit_test(built_rows_are_read_back_and_sliced),
            cmocka_unit_test(values_that_do_not_fit_leave_the_column_alone),
            cmocka_unit_test(a_batch_goes_out_and_comes_in),
            cmocka_unit_test(narrow_decimals_and_seconds_are_widened),
            cmocka_unit_test(another_extension_comes_as_what_it_is_stored_as),
            cmocka_unit_test(what_a_producer_gets_wrong_is_refused),
            cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
