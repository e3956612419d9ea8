/* tests/json/test_types.c - values of each type that JSON has no form of its own for: what fits a column, what it is
 * written as again, and what is said of a text that fits none; as values and as the keys of maps. */
#include "support.h"

#include <datarizer/json.h>

#include <stdio.h>

#define TIME(u)                                                                                                        \
    {                                                                                                                  \
        .id = DZR_TYPE_TIME, .unit = DZR_UNIT_##u                                                                      \
    }
#define DECIMAL(p, s)                                                                                                  \
    {                                                                                                                  \
        .id = DZR_TYPE_DECIMAL, .precision = p, .scale = s                                                             \
    }
#define FIXED(n)                                                                                                       \
    {                                                                                                                  \
        .id = DZR_TYPE_FIXED, .width = n                                                                               \
    }
#define HALF                                                                                                           \
    {                                                                                                                  \
        .id = DZR_TYPE_HALF                                                                                            \
    }

/* One line through a column "x"; *sink gets what is written of it. */
static dzr_status through(const dzr_field *field, const char *value, dzr_sink *sink, dzr_error *err)
{
    char line[300];
    const int n = snprintf(line, sizeof line, "{\"x\":%s}\n", value);
    dzr_schema *schema = NULL;
    dzr_source *source = NULL;
    dzr_jsonl_reader *reader = NULL;
    dzr_json_writer *writer = NULL;
    dzr_batch *batch = NULL;
    assert_true(n > 0 && (size_t)n < sizeof line);
    dzr_status st = dzr_schema_new(field, 1, NULL, &schema, err);
    if (st == DZR_OK)
        st = dzr_source_memory((dzr_bytes){(const uint8_t *)line, (size_t)n}, NULL, &source, err);
    if (st == DZR_OK)
        st = dzr_jsonl_reader_open(source, &(dzr_jsonl_read_options){.schema = schema}, &reader, err);
    if (st == DZR_OK)
        st = dzr_jsonl_reader_next(reader, &batch, err);
    if (st == DZR_OK)
        st = dzr_json_writer_open(sink, schema, NULL, &writer, err);
    if (st == DZR_OK)
        st = dzr_json_writer_append(writer, batch, err);
    if (st == DZR_OK)
        st = dzr_json_writer_finish(writer, err);
    dzr_json_writer_close(writer);
    dzr_batch_free(batch);
    dzr_jsonl_reader_close(reader);
    dzr_source_close(source);
    dzr_schema_free(schema);
    return st;
}

static const struct {
    const char *proves;
    dzr_type type;
    const char *in;
    const char *out;     /* NULL: it does not fit, */
    const char *message; /* which is said so; NULL with out NULL: as it came */
} cases[] = {
        {"a_time", TIME(MS), "\"12:34:56.789\"", "\"12:34:56.789\"", NULL},
        {"midnight", TIME(US), "\"00:00:00\"", "\"00:00:00\"", NULL},
        {"the_end_of_the_day", TIME(NS), "\"24:00:00\"", "\"24:00:00\"", NULL},
        {"all_digits_of_a_unit", TIME(NS), "\"23:59:59.999999999\"", "\"23:59:59.999999999\"", NULL},
        {"fewer_digits", TIME(US), "\"01:02:03.5\"", "\"01:02:03.500000\"", NULL},
        {"zeros_beyond_the_unit", TIME(MS), "\"01:02:03.0050\"", "\"01:02:03.005\"", NULL},
        {"finer_than_the_unit", TIME(MS), "\"01:02:03.0005\"", NULL, "string \"01:02:03.0005\" is not time[ms]"},
        {"past_the_day", TIME(MS), "\"24:00:00.001\"", NULL, "string \"24:00:00.001\" is not time[ms]"},
        {"no_minute_60", TIME(MS), "\"01:60:00\"", NULL, "is not time[ms]"},
        {"a_zone", TIME(MS), "\"01:00:00Z\"", NULL, "is not time[ms]"},
        {"a_time_as_a_number", TIME(MS), "5", NULL, "number 5 is not time[ms]"},
        {"a_half", HALF, "-2.5", "-2.5", NULL},
        {"the_largest_half", HALF, "65504", "65504", NULL},
        {"rounded_to_the_nearest", HALF, "0.1", "0.099975586", NULL},
        {"rounded_down_to_the_largest", HALF, "65519.9", "65504", NULL},
        {"half_too_large", HALF, "65520", NULL, "number 65520 is outside the range of half"},
        {"half_far_too_large", HALF, "1e400", NULL, "number 1e400 is outside the range of half"},
        {"half_of_text", HALF, "\"1\"", NULL, "string \"1\" is not half"},
        {"fixed_bytes", FIXED(3), "\"AQL/\"", "\"AQL/\"", NULL},
        {"fixed_bytes_with_padding", FIXED(1), "\"/w==\"", "\"/w==\"", NULL},
        {"too_few_bytes", FIXED(3), "\"AQI=\"", NULL, "string \"AQI=\" is not fixed"},
        {"too_many_bytes", FIXED(3), "\"AQIDBA==\"", NULL, "is not fixed"},
        {"no_base64", FIXED(3), "\"A-L/\"", NULL, "is not fixed"},
        {"a_long_decimal", DECIMAL(76, 2),
                "-12345678901234567890123456789012345678901234567890123456789012345678901234.56",
                "-12345678901234567890123456789012345678901234567890123456789012345678901234.56", NULL},
        {"a_digit_too_many", DECIMAL(3, 1), "100.5", NULL, "number 100.5 is outside the range of decimal"},
        {"null_is_all_that_fits", {.id = DZR_TYPE_NULL}, "null", "null", NULL},
        {"a_value_where_only_null_is", {.id = DZR_TYPE_NULL}, "0", NULL, "number 0 is not null"},
        {"text_where_only_null_is", {.id = DZR_TYPE_NULL}, "\"\"", NULL, "string \"\" is not null"},
        {"null_everywhere", FIXED(3), "null", "null", NULL},
};

static void check(const char *proves, const dzr_field *field, const char *in, const char *out, const char *message)
{
    dzr_error err = {.message = ""};
    dzr_sink *sink = NULL;
    char want[300];
    assert_ok(dzr_sink_memory(1 << 16, NULL, &sink, &err));
    const dzr_status st = through(field, in, sink, &err);
    if (out == NULL && (st != DZR_ERR_TYPE || strstr(err.message, message) == NULL))
        fail_msg("%s: %s \"%s\"", proves, dzr_status_name(st), err.message);
    if (out != NULL) {
        const dzr_bytes have = dzr_sink_memory_bytes(sink);
        snprintf(want, sizeof want, "{\"x\":%s}\n", out);
        if (st != DZR_OK || have.len != strlen(want) || memcmp(have.at, want, have.len) != 0)
            fail_msg("%s: %s \"%s\", %.*s", proves, dzr_status_name(st), err.message, (int)have.len,
                    (const char *)have.at);
    }
    dzr_sink_close(sink);
}

static void values_that_fit_come_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const dzr_field field = {.name = "x", .type = cases[i].type, .nullable = true};
        check(cases[i].proves, &field, cases[i].in, cases[i].out, cases[i].message);
    }
}

/* The same in a list, and as the key of a map, where a number stands in quotes. */
static void elements_and_keys_are_read_by_the_same_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char in[300], out[300];
        const dzr_field element = {.name = "element", .type = cases[i].type, .nullable = true};
        const dzr_field list = {.name = "x", .type = {.id = DZR_TYPE_LIST}, .children = &element, .n_children = 1};
        snprintf(in, sizeof in, "[%s]", cases[i].in);
        snprintf(out, sizeof out, "[%s]", cases[i].out != NULL ? cases[i].out : "");
        check(cases[i].proves, &list, in, cases[i].out != NULL ? out : NULL, "member \"x[0]\": ");
        if (cases[i].type.id == DZR_TYPE_NULL || strcmp(cases[i].in, "null") == 0)
            continue;
        const dzr_field entries[] = {
                {.name = "key", .type = cases[i].type}, {.name = "value", .type = {.id = DZR_TYPE_INT32}}};
        const dzr_field entry = {
                .name = "entries", .type = {.id = DZR_TYPE_STRUCT}, .children = entries, .n_children = 2};
        const dzr_field map = {.name = "x", .type = {.id = DZR_TYPE_MAP}, .children = &entry, .n_children = 1};
        const bool quoted = cases[i].in[0] == '"';
        if (cases[i].out == NULL && quoted != (cases[i].type.id == DZR_TYPE_TIME || cases[i].type.id == DZR_TYPE_FIXED))
            continue; /* a number in quotes is no misfit here */
        snprintf(in, sizeof in, quoted ? "{%s:7}" : "{\"%s\":7}", cases[i].in);
        snprintf(out, sizeof out, quoted ? "{%s:7}" : "{\"%s\":7}", cases[i].out != NULL ? cases[i].out : "");
        check(cases[i].proves, &map, in, cases[i].out != NULL ? out : NULL, "member \"x.");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(values_that_fit_come_back),
            cmocka_unit_test(elements_and_keys_are_read_by_the_same_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
