/* tests/parquet/test_types.c - types whose values are stored in another form than a frame holds them: decimals in their
 * four forms, INT96, times, float16, UUIDs, fixed bytes, columns of nothing but nulls. What a file stores, byte by
 * byte, and what comes of it. */
#include "support.h"

#include "handmade.h"

#include <datarizer/parquet.h>

#define BYTES(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})
#define X2(...) __VA_ARGS__, __VA_ARGS__
#define X8(...) X2(X2(X2(__VA_ARGS__)))
#define FF 0xff

/* A file of one PLAIN page of a required column. */
typedef struct stored {
    dzr_meta_element element;
    int32_t n;
    const uint8_t *at;
    size_t len;
} stored;

static dzr_status read_stored(const stored *in, dzr_batch **out, dzr_error *err)
{
    made file;
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    made_init(&file, DZR_TYPE_INT32, false, in->n);
    file.column = in->element;
    file.column.has |= 1u << DZR_ELEMENT_TYPE | 1u << DZR_ELEMENT_REPETITION | 1u << DZR_ELEMENT_TYPE_LENGTH;
    file.column.name = (dzr_bytes){(const uint8_t *)"x", 1};
    file.chunk.meta.type = in->element.type;
    made_page(&file, v1_header(in->n, DZR_ENCODING_PLAIN), in->at, in->len);
    made_finish(&file, 1);
    dzr_status st = dzr_source_memory((dzr_bytes){file.bytes.at, file.bytes.len}, NULL, &source, err);
    if (st == DZR_OK)
        st = dzr_parquet_reader_open(source, NULL, &reader, err);
    if (st == DZR_OK)
        st = dzr_parquet_read_row_group(reader, 0, NULL, 0, out, err);
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr__bytebuf_fini(&file.bytes);
    return st;
}

#define DECIMAL(p, s)                                                                                                  \
    .has = 1u << DZR_ELEMENT_LOGICAL,                                                                                  \
    .logical = {.has = 1u << DZR_LOGICAL_DECIMAL, .decimal = {.precision = (p), .scale = (s)}}
#define FIXED(n) .type = DZR_PHYSICAL_FIXED, .type_length = (n)

static const struct {
    const char *proves;
    stored in;
    const char *first, *last; /* printed */
} decimals[] = {
        {"int32_is_little_endian", {{DECIMAL(9, 2), .type = 1}, 2, BYTES(0x39, 0x30, 0, 0, 0xc7, 0xcf, FF, FF)},
                "123.45", "-123.45"},
        {"int64_too", {{DECIMAL(18, 4), .type = 2}, 2, BYTES(1, 0, 0, 0, 0, 0, 0, 0, X8(FF))}, "0.0001", "-0.0001"},
        {"int64_of_few_digits", {{DECIMAL(2, 0), .type = 2}, 1, BYTES(99, 0, 0, 0, 0, 0, 0, 0)}, "99", "99"},
        {"fixed_is_big_endian", {{DECIMAL(4, 2), FIXED(2)}, 2, BYTES(0x04, 0xd2, 0xfb, 0x2e)}, "12.34", "-12.34"},
        {"one_byte", {{DECIMAL(2, 1), FIXED(1)}, 2, BYTES(99, 0x9d)}, "9.9", "-9.9"},
        {"three_bytes", {{DECIMAL(6, 0), FIXED(3)}, 3, BYTES(0x0f, 0x42, 0x3f, FF, FF, FF, 0xf0, 0xbd, 0xc1)}, "999999",
                "-999999"},
        {"seven_bytes", {{DECIMAL(15, 2), FIXED(7)}, 2, BYTES(0, 0, 0, 0, 0, 0, 1, FF, FF, FF, FF, FF, FF, 0x9c)},
                "0.01", "-1.00"},
        {"eight_bytes_of_any_value",
                {{DECIMAL(19, 0), FIXED(8)}, 2, BYTES(0x7f, FF, FF, FF, FF, FF, FF, FF, 0x80, 0, 0, 0, 0, 0, 0, 0)},
                "9223372036854775807", "-9223372036854775808"},
        {"wider_than_it_needs", {{DECIMAL(4, 2), FIXED(9)}, 2, BYTES(0, 0, 0, 0, 0, 0, 0, 0x04, 0xd2, X8(FF), 0x85)},
                "12.34", "-1.23"},
        {"sixteen_bytes", {{DECIMAL(38, 0), FIXED(16)}, 3, BYTES(X8(0, 0), X8(1, 0), X8(FF, FF))}, "0", "-1"},
        {"wider_than_32_bytes",
                {{DECIMAL(4, 0), FIXED(40)}, 2,
                        BYTES(X8(0, 0, 0, 0), 0, 0, 0, 0, 0, 0, 0, 7, X8(FF, FF, FF, FF), X8(FF))},
                "7", "-1"},
        {"byte_arrays_of_any_length",
                {{DECIMAL(9, 3), .type = 6}, 3, BYTES(1, 0, 0, 0, 5, 3, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, FF, 0xfe)},
                "0.005", "-0.002"},
        {"byte_arrays_of_more_than_a_view_holds",
                {{DECIMAL(9, 0), .type = 6}, 1, BYTES(20, 0, 0, 0, X8(0, 0), 0, 0, 2, 1)}, "513", "513"},
};

static void decimals_of_every_form_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof decimals / sizeof *decimals; i++) {
        dzr_error err = {.message = ""};
        dzr_batch *batch = NULL;
        char first[DZR_DECIMAL_TEXT], last[DZR_DECIMAL_TEXT];
        const dzr_status st = read_stored(&decimals[i].in, &batch, &err);
        if (st != DZR_OK)
            fail_msg("%s: %s", decimals[i].proves, err.message);
        const dzr_column *const x = dzr_batch_column(batch, 0);
        assert_int_equal(x->type.id, DZR_TYPE_DECIMAL);
        dzr_decimal_print(dzr_column_decimal(x, 0), x->type.scale, first);
        dzr_decimal_print(dzr_column_decimal(x, x->n_rows - 1), x->type.scale, last);
        assert_string_equal(first, decimals[i].first);
        assert_string_equal(last, decimals[i].last);
        dzr_batch_free(batch);
    }
}

#define TIME(of)                                                                                                       \
    .has = 1u << DZR_ELEMENT_LOGICAL, .logical = {.has = 1u << DZR_LOGICAL_TIME, .time.unit.has = 1u << (of)}
#define COLUMN "memory: row group 0, column \"x\": "
#define PAGE "memory: row group 0, column \"x\", "

static const struct {
    const char *proves;
    stored in;
    dzr_status want;
    const char *message;
    int64_t record;
} refused[] = {
        {"more_digits_than_the_precision", {{DECIMAL(2, 0), .type = 1}, 2, BYTES(99, 0, 0, 0, 100, 0, 0, 0)},
                DZR_ERR_CORRUPT, PAGE "byte 4: value 1 is no decimal of 2 digits", 1},
        {"more_digits_below_zero",
                {{DECIMAL(6, 0), FIXED(3)}, 4, BYTES(0, 0, 1, 0, 0, 2, 0x0f, 0x42, 0x3f, 0xf0, 0xbd, 0xc0)},
                DZR_ERR_CORRUPT, PAGE "byte 4: value 3 is no decimal of 6 digits", 3},
        {"more_digits_in_the_first_bytes", {{DECIMAL(1, 0), FIXED(1)}, 9, BYTES(1, 10, 3, 4, 5, 6, 7, 8, 9)},
                DZR_ERR_CORRUPT, PAGE "byte 4: value 1 is no decimal of 1 digits", 1},
        {"more_digits_in_more_bytes_than_eight",
                {{DECIMAL(3, 0), FIXED(9)}, 2,
                        BYTES(0, 0, 0, 0, 0, 0, 0, 3, 0xe7, FF, FF, FF, FF, FF, FF, FF, 0xfc, 0x18)},
                DZR_ERR_CORRUPT, PAGE "byte 4: value 1 is no decimal of 3 digits", 1},
        {"more_than_256_bits", {{DECIMAL(76, 0), FIXED(33)}, 1, BYTES(1, X8(0, 0, 0, 0))}, DZR_ERR_CORRUPT,
                COLUMN "value 0 is no decimal of 76 digits", 0},
        {"a_sign_beyond_256_bits", {{DECIMAL(76, 0), FIXED(33)}, 1, BYTES(0, X8(FF, FF, FF, FF))}, DZR_ERR_CORRUPT,
                COLUMN "value 0 is no decimal of 76 digits", 0},
        {"a_decimal_without_bytes", {{DECIMAL(5, 0), .type = 6}, 1, BYTES(0, 0, 0, 0)}, DZR_ERR_CORRUPT,
                COLUMN "value 0 is no decimal of 5 digits", 0},
        {"a_time_before_midnight", {{TIME(DZR_UNIT_MILLIS), .type = 1}, 1, BYTES(FF, FF, FF, FF)}, DZR_ERR_CORRUPT,
                COLUMN "value 0 is -1, which is no time of a day in time[ms]", 0},
        {"a_time_after_the_day", {{TIME(DZR_UNIT_MILLIS), .type = 1}, 2, BYTES(0, 0, 0, 0, 1, 0x5c, 0x26, 5)},
                DZR_ERR_CORRUPT, COLUMN "value 1 is 86400001, which is no time of a day in time[ms]", 1},
        {"int96_past_64_bits", {{.type = 3}, 1, BYTES(0, 0, 0, 0, 0, 0, 0, 0, FF, FF, FF, 0x7f)}, DZR_ERR_UNSUPPORTED,
                COLUMN "value 0 is INT96 of day 2145043059, which 64 bits of microseconds do not reach", 0},
        {"fixed_bytes_that_end_early", {{FIXED(3)}, 2, BYTES(1, 2, 3, 4, 5)}, DZR_ERR_TRUNCATED,
                "page has 5 bytes for 2 values", -1},
};

static void values_that_no_type_has_are_refused_with_their_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        dzr_error err = {.message = "", .record = -1};
        dzr_batch *batch = NULL;
        const dzr_status st = read_stored(&refused[i].in, &batch, &err);
        if (st != refused[i].want || strstr(err.message, refused[i].message) == NULL || err.record != refused[i].record)
            fail_msg("%s: %s \"%s\", record %lld", refused[i].proves, dzr_status_name(st), err.message,
                    (long long)err.record);
        assert_null(batch);
        assert_int_equal(err.column, 0);
    }
}

static int64_t read_int96(int64_t nanos, int32_t julian_day)
{
    uint8_t bytes[12];
    dzr_error err;
    dzr_batch *batch = NULL;
    memcpy(bytes, &nanos, sizeof nanos);
    memcpy(bytes + sizeof nanos, &julian_day, sizeof julian_day);
    const stored in = {{.type = DZR_PHYSICAL_INT96}, 1, bytes, sizeof bytes};
    assert_ok(read_stored(&in, &batch, &err));
    const dzr_column *const x = dzr_batch_column(batch, 0);
    assert_int_equal(x->type.id, DZR_TYPE_TIMESTAMP);
    assert_int_equal(x->type.unit, DZR_UNIT_US);
    assert_false(x->type.utc);
    const int64_t value = ((const int64_t *)x->values)[0];
    dzr_batch_free(batch);
    return value;
}

static void int96_is_microseconds_and_never_wraps(void **state)
{
    (void)state;
    const int64_t day = INT64_C(86400000000);
    assert_int_equal(read_int96(0, 2440588), 0);
    assert_int_equal(read_int96(1999, 2440588), 1);
    assert_int_equal(read_int96(-1, 2440588), -1); /* nanoseconds may be negative: rounded down */
    assert_int_equal(read_int96(-2000, 2440588), -2);
    assert_int_equal(read_int96(day * 1000, 2440587), 0); /* or a whole day */
    assert_int_equal(read_int96(0, 0), -2440588 * day);
    assert_int_equal(read_int96(0, 2440588 + 106751990), 106751990 * day); /* in the year 294247 */
}

static void fixed_bytes_halves_and_uuids_are_read_as_they_stand(void **state)
{
    (void)state;
    static const uint8_t bytes[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
    const struct {
        stored in;
        dzr_type_id id;
        size_t width;
    } cases[] = {{{{FIXED(4)}, 8, bytes, 32}, DZR_TYPE_FIXED, 4}, {{{FIXED(1)}, 32, bytes, 32}, DZR_TYPE_FIXED, 1},
            {{{FIXED(32)}, 1, bytes, 32}, DZR_TYPE_FIXED, 32},
            {{{.has = 1u << DZR_ELEMENT_LOGICAL, .logical.has = 1u << DZR_LOGICAL_UUID, FIXED(16)}, 2, bytes, 32},
                    DZR_TYPE_UUID, 16},
            {{{.has = 1u << DZR_ELEMENT_LOGICAL, .logical.has = 1u << DZR_LOGICAL_FLOAT16, FIXED(2)}, 16, bytes, 32},
                    DZR_TYPE_HALF, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr_error err;
        dzr_batch *batch = NULL;
        assert_ok(read_stored(&cases[i].in, &batch, &err));
        const dzr_column *const x = dzr_batch_column(batch, 0);
        assert_int_equal(x->type.id, cases[i].id);
        assert_int_equal(dzr_type_bits(x->type) / 8, cases[i].width);
        assert_memory_equal(x->values, bytes, sizeof bytes);
        dzr_batch_free(batch);
    }
}

static dzr_status read_unknown(const uint8_t *levels, size_t n_bytes, dzr_batch **out, dzr_error *err)
{
    const stored in = {{.has = 1u << DZR_ELEMENT_LOGICAL,
                               .logical.has = 1u << DZR_LOGICAL_UNKNOWN,
                               .type = DZR_PHYSICAL_INT32,
                               .repetition = DZR_REPETITION_OPTIONAL},
            3, levels, n_bytes};
    return read_stored(&in, out, err);
}

static void a_column_of_nulls_has_no_values(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    static const uint8_t nulls[] = {2, 0, 0, 0, 6, 0}, one[] = {2, 0, 0, 0, 3, 2, 7, 0, 0, 0};
    assert_ok(read_unknown(nulls, sizeof nulls, &batch, &err));
    const dzr_column *const x = dzr_batch_column(batch, 0);
    assert_int_equal(x->type.id, DZR_TYPE_NULL);
    assert_int_equal(x->n_nulls, 3);
    assert_null(x->values);
    dzr_batch_free(batch);
    batch = NULL;
    assert_fails(read_unknown(one, sizeof one, &batch, &err), DZR_ERR_CORRUPT, COLUMN "value 1 is not null");
    assert_null(batch);
}

/* ---- order ---- */

static int compare(dzr_type type, dzr_bytes a, dzr_bytes b)
{
    assert_true(dzr__bound_valid(type, a) && dzr__bound_valid(type, b));
    const int forth = dzr__bounds_compare(type, a, b), back = dzr__bounds_compare(type, b, a);
    assert_int_equal(forth > 0, back < 0);
    assert_int_equal(forth<0, back> 0);
    return (forth > 0) - (forth < 0);
}

#define BOUND(...) ((dzr_bytes){BYTES(__VA_ARGS__)})

static void bounds_have_the_order_of_their_type(void **state)
{
    (void)state;
    const dzr_type decimal = {.id = DZR_TYPE_DECIMAL, .precision = 30}, half = {.id = DZR_TYPE_HALF},
                   fixed = {.id = DZR_TYPE_FIXED, .width = 2};
    assert_int_equal(compare(decimal, BOUND(1), BOUND(2)), -1);
    assert_int_equal(compare(decimal, BOUND(FF), BOUND(0)), -1);
    assert_int_equal(compare(decimal, BOUND(FF, 0), BOUND(FF)), -1);
    assert_int_equal(compare(decimal, BOUND(0, 0xff), BOUND(0x7f)), 1);
    assert_int_equal(compare(decimal, BOUND(0, 0, 5), BOUND(5)), 0);
    assert_int_equal(compare(decimal, BOUND(FF, FF, 0x80), BOUND(0x80)), 0);
    assert_int_equal(compare(decimal, BOUND(0x80, 0), BOUND(0x7f, FF)), -1);
    assert_false(dzr__bound_valid(decimal, (dzr_bytes){0}));
    assert_int_equal(compare(half, BOUND(0, 0x3c), BOUND(0, 0xc0)), 1); /* 1 and -2 */
    assert_int_equal(compare(half, BOUND(0, 0x80), BOUND(0, 0)), 0);
    assert_false(dzr__bound_valid(half, BOUND(1, 0x7c))); /* NaN */
    assert_int_equal(compare(fixed, BOUND(0x80, 0), BOUND(0x7f, FF)), 1);
    assert_false(dzr__bound_valid(fixed, BOUND(1)));
    assert_int_equal(dzr__ordered_as(decimal, DZR_PHYSICAL_INT32).id, DZR_TYPE_INT32);
    assert_int_equal(dzr__ordered_as(decimal, DZR_PHYSICAL_INT64).id, DZR_TYPE_INT64);
    assert_int_equal(dzr__ordered_as(decimal, DZR_PHYSICAL_BYTE_ARRAY).id, DZR_TYPE_DECIMAL);
    assert_false(dzr__type_has_order(dzr__ordered_as((dzr_type){.id = DZR_TYPE_TIMESTAMP}, DZR_PHYSICAL_INT96)));
}

/* ---- files of writers that knew converted types alone ---- */

static const struct {
    dzr_converted converted;
    dzr_physical physical;
    int32_t type_length;
    const uint8_t *at; /* one value */
    size_t len;
    const char *type;
} older[] = {
        {DZR_CONVERTED_UTF8, DZR_PHYSICAL_BYTE_ARRAY, 0, BYTES(1, 0, 0, 0, 'x'), "string"},
        {DZR_CONVERTED_ENUM, DZR_PHYSICAL_BYTE_ARRAY, 0, BYTES(1, 0, 0, 0, 'x'), "string"},
        {DZR_CONVERTED_DECIMAL, DZR_PHYSICAL_INT32, 0, BYTES(99, 0, 0, 0), "decimal(5, 2)"},
        {DZR_CONVERTED_DECIMAL, DZR_PHYSICAL_INT64, 0, BYTES(99, 0, 0, 0, 0, 0, 0, 0), "decimal(5, 2)"},
        {DZR_CONVERTED_DECIMAL, DZR_PHYSICAL_FIXED, 3, BYTES(0, 0, 99), "decimal(5, 2)"},
        {DZR_CONVERTED_DECIMAL, DZR_PHYSICAL_BYTE_ARRAY, 0, BYTES(1, 0, 0, 0, 99), "decimal(5, 2)"},
        {DZR_CONVERTED_DATE, DZR_PHYSICAL_INT32, 0, BYTES(FF, FF, FF, FF), "date"},
        {DZR_CONVERTED_TIME_MILLIS, DZR_PHYSICAL_INT32, 0, BYTES(1, 0, 0, 0), "time[ms, UTC]"},
        {DZR_CONVERTED_TIME_MICROS, DZR_PHYSICAL_INT64, 0, BYTES(1, 0, 0, 0, 0, 0, 0, 0), "time[us, UTC]"},
        {DZR_CONVERTED_TIMESTAMP_MILLIS, DZR_PHYSICAL_INT64, 0, BYTES(X8(FF)), "timestamp[ms, UTC]"},
        {DZR_CONVERTED_TIMESTAMP_MICROS, DZR_PHYSICAL_INT64, 0, BYTES(X8(FF)), "timestamp[us, UTC]"},
        {DZR_CONVERTED_UINT_8, DZR_PHYSICAL_INT32, 0, BYTES(FF, 0, 0, 0), "uint8"},
        {DZR_CONVERTED_UINT_16, DZR_PHYSICAL_INT32, 0, BYTES(FF, FF, 0, 0), "uint16"},
        {DZR_CONVERTED_UINT_32, DZR_PHYSICAL_INT32, 0, BYTES(FF, FF, FF, FF), "uint32"},
        {DZR_CONVERTED_UINT_64, DZR_PHYSICAL_INT64, 0, BYTES(X8(FF)), "uint64"},
        {DZR_CONVERTED_INT_8, DZR_PHYSICAL_INT32, 0, BYTES(0x80, FF, FF, FF), "int8"},
        {DZR_CONVERTED_INT_16, DZR_PHYSICAL_INT32, 0, BYTES(0, 0x80, FF, FF), "int16"},
        {DZR_CONVERTED_INT_32, DZR_PHYSICAL_INT32, 0, BYTES(FF, FF, FF, FF), "int32"},
        {DZR_CONVERTED_INT_64, DZR_PHYSICAL_INT64, 0, BYTES(X8(FF)), "int64"},
        {DZR_CONVERTED_JSON, DZR_PHYSICAL_BYTE_ARRAY, 0, BYTES(2, 0, 0, 0, '{', '}'), "string"},
        {DZR_CONVERTED_BSON, DZR_PHYSICAL_BYTE_ARRAY, 0, BYTES(1, 0, 0, 0, FF), "binary"},
        {DZR_CONVERTED_INTERVAL, DZR_PHYSICAL_FIXED, 12, BYTES(1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0), "fixed(12)"},
};

static dzr_meta_element older_element(size_t i)
{
    return (dzr_meta_element){
            .has = 1u << DZR_ELEMENT_CONVERTED | 1u << DZR_ELEMENT_PRECISION | 1u << DZR_ELEMENT_SCALE,
            .converted = (int32_t)older[i].converted,
            .type = (int32_t)older[i].physical,
            .type_length = older[i].type_length,
            .precision = 5,
            .scale = 2};
}

static void converted_types_alone_are_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof older / sizeof *older; i++) {
        char text[DZR_TYPE_TEXT];
        dzr_error err;
        dzr_batch *batch = NULL;
        const stored in = {older_element(i), 1, older[i].at, older[i].len};
        assert_ok(read_stored(&in, &batch, &err));
        assert_string_equal(dzr_type_print(dzr_batch_column(batch, 0)->type, text), older[i].type);
        dzr_batch_free(batch);
    }
}

static void converted_types_on_another_physical_type_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof older / sizeof *older; i++) {
        dzr_error err;
        dzr_batch *batch = NULL;
        stored in = {older_element(i), 1, BYTES(X8(0))};
        in.element.type = DZR_PHYSICAL_DOUBLE;
        assert_fails(read_stored(&in, &batch, &err), DZR_ERR_CORRUPT, ", not on DOUBLE");
        assert_null(batch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(decimals_of_every_form_are_read),
            cmocka_unit_test(values_that_no_type_has_are_refused_with_their_row),
            cmocka_unit_test(int96_is_microseconds_and_never_wraps),
            cmocka_unit_test(fixed_bytes_halves_and_uuids_are_read_as_they_stand),
            cmocka_unit_test(a_column_of_nulls_has_no_values),
            cmocka_unit_test(bounds_have_the_order_of_their_type),
            cmocka_unit_test(converted_types_alone_are_known),
            cmocka_unit_test(converted_types_on_another_physical_type_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
