/* tests/json/test_print.c - what the JSON writer prints in ways of its own, for speed, beside the plain way: floats
 * beside printf and strtod, whole numbers beside printf, dates beside the calendar of base, strings beside their
 * escapes one by one. */
#include "support.h"

#include "base/internal.h"
#include "json/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t next_word(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* ---- floats ---- */

static bool reads_back(const char *text, double value, bool narrow)
{
    return narrow ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
}

/* The fewest digits that read back and are nearest: printf's, which are exact, with more and more. */
static void shortest(double value, bool narrow, char out[40])
{
    for (int n = 0; n <= 17; n++) {
        snprintf(out, 40, "%.*e", n, value);
        if (reads_back(out, value, narrow))
            return;
    }
    fail_msg("%a needs more digits", value);
}

/* Digits without dots and zeros around them, and the exponent of the first. */
static void take_apart(const char *text, char digits[32], int *exponent)
{
    const char *const e = strchr(text, 'e');
    const size_t len = e != NULL ? (size_t)(e - text) : strlen(text);
    int n = 0, before_point = 0, first = 0;
    bool any = false, past_point = false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '.') {
            past_point = true;
            continue;
        }
        any = any || text[i] != '0';
        first -= !any && past_point ? 1 : 0;
        before_point += any && !past_point ? 1 : 0;
        if (any) {
            assert_true(n < 31);
            digits[n++] = text[i];
        }
    }
    while (n > 1 && digits[n - 1] == '0')
        n--;
    digits[n] = '\0';
    *exponent = (before_point > 0 ? before_point - 1 : first - 1) + (e != NULL ? atoi(e + 1) : 0);
}

static void check_float(double value, bool narrow)
{
    char want[40], have[DZR__DOUBLE_BYTES + 1], want_digits[32], have_digits[32];
    int want_exponent = 0, have_exponent = 0;
    if (!isfinite(value) || value <= 0)
        return;
    shortest(value, narrow, want);
    const size_t n = narrow ? dzr__json_print_float((float)value, DZR__DOUBLE_GO, have)
                            : dzr__json_print_double(value, DZR__DOUBLE_GO, have);
    have[n] = '\0';
    take_apart(want, want_digits, &want_exponent);
    take_apart(have, have_digits, &have_exponent);
    /* at a power of two what reads back reaches further up than down, so that fewer digits may, without being nearest
     */
    const bool shorter = strlen(have_digits) < strlen(want_digits) && reads_back(have, value, narrow);
    if (!shorter && (strcmp(want_digits, have_digits) != 0 || want_exponent != have_exponent))
        fail_msg("%a as a %s: %s, it should be %s", value, narrow ? "float" : "double", have, want);
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* Every exponent, at its edges and inside. */
static void doubles_are_shortest_and_nearest(void **state)
{
    (void)state;
    uint64_t words = 1;
    for (uint64_t exponent = 0; exponent < 2047; exponent++) {
        check_float(double_of(exponent << 52), false);
        check_float(double_of((exponent << 52) + 1), false);
        check_float(double_of((exponent << 52) - 1), false);
        for (int i = 0; i < 12; i++)
            check_float(double_of(exponent << 52 | next_word(&words) >> 12), false);
    }
}

static void floats_are_shortest_and_nearest(void **state)
{
    (void)state;
    uint64_t words = 2;
    for (uint32_t exponent = 0; exponent < 255; exponent++) {
        check_float(float_of(exponent << 23), true);
        check_float(float_of((exponent << 23) + 1), true);
        check_float(float_of((exponent << 23) - 1), true);
        for (int i = 0; i < 100; i++)
            check_float(float_of(exponent << 23 | (uint32_t)(next_word(&words) >> 41)), true);
    }
}

static void decimals_of_few_digits_come_back_as_they_were(void **state)
{
    (void)state;
    uint64_t words = 3;
    for (int i = 0; i < 30000; i++) {
        const uint64_t word = next_word(&words);
        const double value = (double)(word >> 14 & 0xffffffff) / pow(10, (double)(word % 10));
        check_float(value, false);
        check_float((double)(float)value, true);
    }
}

/* ---- whole numbers ---- */

static void check_int(uint64_t value)
{
    char have[DZR__JSON_INT_BYTES + 1], want[32];
    have[dzr__json_print_uint(value, have)] = '\0';
    snprintf(want, sizeof want, "%llu", (unsigned long long)value);
    assert_string_equal(have, want);
    have[dzr__json_print_int((int64_t)value, have)] = '\0';
    snprintf(want, sizeof want, "%lld", (long long)value);
    assert_string_equal(have, want);
}

static void whole_numbers_of_every_length(void **state)
{
    (void)state;
    uint64_t words = 4;
    for (uint64_t value = 0; value < 200000; value++)
        check_int(value);
    for (uint64_t power = 1; power <= UINT64_C(1000000000000000000); power *= 10)
        for (uint64_t i = 0; i < 3; i++) {
            check_int(power * 10 - 2 + i);
            check_int(0 - (power * 10 - 2 + i));
        }
    for (int i = 0; i < 100000; i++)
        check_int(next_word(&words) >> (i & 63));
    check_int(UINT64_MAX);
    check_int((uint64_t)INT64_MIN);
}

/* ---- dates ---- */

static void check_date(int32_t days)
{
    char have[DZR__JSON_TIME_BYTES + 1], want[DZR__JSON_TIME_BYTES + 1];
    int64_t year = 0;
    int month = 0, day = 0;
    dzr__civil_from_days(days, &year, &month, &day);
    const bool far = year < 0 || year > 9999;
    snprintf(want, sizeof want, "%s%04lld-%02d-%02d", far ? year < 0 ? "-" : "+" : "",
            (long long)(year < 0 ? -year : year), month, day);
    have[dzr__json_print_date(days, have)] = '\0';
    assert_string_equal(have, want);
}

static void every_date_of_ten_thousand_years(void **state)
{
    (void)state;
    for (int32_t days = -719900; days <= 2933300; days++)
        check_date(days);
    check_date(INT32_MIN);
    check_date(INT32_MAX);
}

static void timestamps_of_every_unit(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        dzr_time_unit unit;
        bool utc;
        const char *want;
    } cases[] = {
            {0, DZR_UNIT_MS, true, "1970-01-01T00:00:00Z"},
            {-1, DZR_UNIT_MS, false, "1969-12-31T23:59:59.999"},
            {-1, DZR_UNIT_US, true, "1969-12-31T23:59:59.999999Z"},
            {-1, DZR_UNIT_NS, true, "1969-12-31T23:59:59.999999999Z"},
            {5, DZR_UNIT_NS, true, "1970-01-01T00:00:00.000000005Z"},
            {1706704496789, DZR_UNIT_MS, true, "2024-01-31T12:34:56.789Z"},
            {1709164800000000, DZR_UNIT_US, false, "2024-02-29T00:00:00"},
            {INT64_MAX, DZR_UNIT_NS, true, "2262-04-11T23:47:16.854775807Z"},
            {INT64_MIN, DZR_UNIT_NS, true, "1677-09-21T00:12:43.145224192Z"},
            {INT64_MAX, DZR_UNIT_MS, true, "+292278994-08-17T07:12:55.807Z"},
            {INT64_MIN, DZR_UNIT_MS, true, "-292275055-05-16T16:47:04.192Z"},
            {-62162035200001, DZR_UNIT_MS, true, "0000-02-29T23:59:59.999Z"},
            {-62167219200001, DZR_UNIT_MS, true, "-0001-12-31T23:59:59.999Z"},
            {253402300799999, DZR_UNIT_MS, true, "9999-12-31T23:59:59.999Z"},
            {253402300800000, DZR_UNIT_MS, true, "+10000-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char have[DZR__JSON_TIME_BYTES + 1];
        const dzr_type type = {.id = DZR_TYPE_TIMESTAMP, .unit = cases[i].unit, .utc = cases[i].utc};
        have[dzr__json_print_timestamp(cases[i].value, type, have)] = '\0';
        assert_string_equal(have, cases[i].want);
    }
}

/* ---- strings ---- */

enum { MOST_TEXT = 300 };

/* Byte by byte, as escape.c's comment says; of characters beyond ASCII here is only U+2028. */
static size_t escape_plainly(const char *text, size_t n, bool html, char *to)
{
    char *out = to;
    for (size_t i = 0; i < n; i++) {
        const char c = text[i];
        const char *const special = c == '\0' ? NULL : strchr("\"\"\\\\\bb\ff\nn\rr\tt", c);
        if (html && n - i >= 3 && memcmp(text + i, "\xe2\x80\xa8", 3) == 0) {
            out += sprintf(out, "\\u2028");
            i += 2;
        } else if (special != NULL && (c < 'a' || c > 'z')) {
            *out++ = '\\';
            *out++ = special[1] == '\0' ? special[0] : special[1];
        } else if ((unsigned char)c < 0x20 || (html && (c == '<' || c == '>' || c == '&'))) {
            out += sprintf(out, "\\u%04x", (unsigned)(unsigned char)c);
        } else {
            *out++ = c;
        }
    }
    return (size_t)(out - to);
}

static const dzr_field text_fields[] = {
        {.name = "t", .type = {.id = DZR_TYPE_STRING}}, {.name = "u", .type = {.id = DZR_TYPE_STRING}}};

/* Texts one a row, twice: of every length, plain or with one character to escape, at every place. */
static void strings_of_every_length_with_an_escape_at_every_place(void **state)
{
    (void)state;
    static const char *const escapes[] = {"", "\"", "\\", "\n", "\x1f", "\b", "<", "\xe2\x80\xa8", "\xe2\x80\x94"};
    static const size_t lengths[] = {0, 1, 3, 11, 12, 13, 15, 16, 17, 31, 32, 33, 48, 63, 64, 255, 256, 257, MOST_TEXT};
    for (int html = 0; html < 2; html++)
        for (size_t e = 0; e < sizeof escapes / sizeof *escapes; e++)
            for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
                dzr_error err;
                dzr_schema *schema = NULL;
                dzr_builder *builder = NULL;
                dzr_batch *batch = NULL;
                dzr_sink *sink = NULL;
                dzr_json_writer *writer = NULL;
                char text[MOST_TEXT], *const want = malloc((size_t)MOST_TEXT * (MOST_TEXT * 2 + 40) * 2);
                const size_t n_escape = strlen(escapes[e]), n = lengths[k];
                size_t n_want = 0;
                assert_non_null(want);
                assert_ok(dzr_schema_new(text_fields, 2, NULL, &schema, &err));
                assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
                for (size_t at = 0; at + n_escape <= n; at += 1 + at / 20) {
                    memset(text, 'x', sizeof text);
                    memcpy(text + at, escapes[e], n_escape);
                    for (int32_t field = 0; field < 2; field++) {
                        assert_ok(dzr_builder_bytes(builder, field, (dzr_bytes){(const uint8_t *)text, n}, &err));
                        n_want += (size_t)sprintf(want + n_want, field == 0 ? "{\"t\":\"" : "\",\"u\":\"");
                        n_want += escape_plainly(text, n, html != 0, want + n_want);
                    }
                    n_want += (size_t)sprintf(want + n_want, "\"}\n");
                }
                assert_ok(dzr_builder_finish(builder, &batch, &err));
                assert_ok(dzr_sink_memory((size_t)16 << 20, NULL, &sink, &err));
                assert_ok(dzr_json_writer_open(
                        sink, schema, &(dzr_json_write_options){.escape_html = html != 0}, &writer, &err));
                assert_ok(dzr_json_writer_append(writer, batch, &err));
                assert_ok(dzr_json_writer_finish(writer, &err));
                const dzr_bytes have = dzr_sink_memory_bytes(sink);
                assert_int_equal(have.len, n_want);
                assert_memory_equal(have.at, want, n_want);
                dzr_json_writer_close(writer);
                dzr_sink_close(sink);
                dzr_batch_free(batch);
                dzr_builder_free(builder);
                dzr_schema_free(schema);
                free(want);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(doubles_are_shortest_and_nearest),
            cmocka_unit_test(floats_are_shortest_and_nearest),
            cmocka_unit_test(decimals_of_few_digits_come_back_as_they_were),
            cmocka_unit_test(whole_numbers_of_every_length),
            cmocka_unit_test(every_date_of_ten_thousand_years),
            cmocka_unit_test(timestamps_of_every_unit),
            cmocka_unit_test(strings_of_every_length_with_an_escape_at_every_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
