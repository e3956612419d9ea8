/* tests/record/test_wide.c - members that are decimals, UUIDs, times, halves and fixed bytes: from JSON, to Parquet
 * and back, to JSON lines. */
#include "support.h"

#include <datarizer/dataframe.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct payment {
    uint8_t id[16];
    int64_t price;
    dzr_decimal total;
    dzr_decimal rate;
    bool has_rate;
    dzr_list parts;
    int32_t at;
    int64_t exactly;
    float share;
    uint8_t mark[3];
    dzr_decimal mass;
} payment;

static const dzr_record_field part = DZR_ELEMENT(dzr_decimal, DZR_DECIMAL(20, 1));
static const dzr_record_field fields[] = {
        DZR_FIELD(payment, id, DZR_UUID),
        DZR_FIELD(payment, price, DZR_DECIMAL(9, 2)),
        DZR_FIELD(payment, total, DZR_DECIMAL(38, 10)),
        DZR_OPTIONAL(payment, rate, has_rate, DZR_DECIMAL(18, 6)),
        DZR_FIELD(payment, parts, DZR_LIST(&part)),
        DZR_FIELD(payment, at, DZR_TIME(DZR_UNIT_MS, true)),
        DZR_FIELD(payment, exactly, DZR_TIME(DZR_UNIT_NS, false)),
        DZR_FIELD(payment, share, DZR_HALF),
        DZR_FIELD(payment, mark, DZR_FIXED(3)),
        DZR_FIELD(payment, mass, DZR_DECIMAL(76, 1)),
};
static const dzr_record_type payment_type = DZR_RECORD(payment, fields);

static const char lines[] = "{\"id\":\"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\",\"price\":-12.50,\"total\":"
                            "1234567890123456789012345678.0123456789,"
                            "\"rate\":0.000001,\"parts\":[0.1,-9999999999999999999.9],\"at\":\"12:34:56.789\","
                            "\"exactly\":\"24:00:00\",\"share\":-2.5,\"mark\":\"AQL/\",\"mass\":"
                            "-123456789012345678901234567890123456789012345678901234567890123456789012345.6}\n"
                            "{\"id\":\"00000000-0000-0000-0000-000000000000\",\"price\":0.00,\"total\":0.0000000000,"
                            "\"rate\":null,\"parts\":[],\"at\":\"00:00:00\",\"exactly\":\"23:59:59.999999999\","
                            "\"share\":65504,\"mark\":\"AAAA\",\"mass\":0.0}\n";

static void check(const dzr_dataframe *frame)
{
    assert_int_equal(dzr_dataframe_length(frame), 2);
    const payment *const p = dzr_dataframe_get(frame, 0);
    assert_int_equal(p->id[0], 0xf8);
    assert_int_equal(p->id[15], 0xf6);
    assert_int_equal(p->price, -1250);
    char text[DZR_DECIMAL_TEXT];
    (void)dzr_decimal_print(p->total, 10, text);
    assert_string_equal(text, "1234567890123456789012345678.0123456789");
    assert_true(p->has_rate && dzr_decimal_compare(p->rate, dzr_decimal_from_int(1)) == 0);
    assert_int_equal(p->parts.n_items, 2);
    (void)dzr_decimal_print(((const dzr_decimal *)p->parts.items)[1], 1, text);
    assert_string_equal(text, "-9999999999999999999.9");
    assert_int_equal(p->at, 45296789);
    assert_true(p->exactly == INT64_C(86400000000000) && p->share == -2.5f);
    assert_memory_equal(p->mark, "\x01\x02\xff", 3);
    assert_false(((const payment *)dzr_dataframe_get(frame, 1))->has_rate);
}

static void they_go_through_json_and_parquet(void **state)
{
    (void)state;
    char folder[] = "/tmp/dzr-wide-XXXXXX", jsonl[64], parquet[64], back[sizeof lines + 1] = "";
    assert_non_null(mkdtemp(folder));
    (void)snprintf(jsonl, sizeof jsonl, "%s/a.jsonl", folder);
    (void)snprintf(parquet, sizeof parquet, "%s/a.parquet", folder);
    FILE *file = fopen(jsonl, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(lines, 1, sizeof lines - 1, file), sizeof lines - 1);
    fclose(file);
    dzr_error err;
    dzr_dataframe *read = NULL, *again = NULL;
    assert_ok(dzr_dataframe_new(&payment_type, NULL, &read, &err));
    assert_ok(dzr_dataframe_new(&payment_type, NULL, &again, &err));
    assert_ok(dzr_dataframe_read_jsonl(read, jsonl, NULL, NULL, &err));
    check(read);
    assert_ok(dzr_dataframe_write_parquet(read, parquet, NULL, &err));
    assert_ok(dzr_dataframe_read_parquet(again, parquet, NULL, &err));
    check(again);
    assert_ok(dzr_dataframe_write_jsonl(again, jsonl, &err));
    file = fopen(jsonl, "r");
    assert_non_null(file);
    (void)fread(back, 1, sizeof back - 1, file);
    fclose(file);
    assert_string_equal(back, lines);
    dzr_dataframe_free(read);
    dzr_dataframe_free(again);
    (void)unlink(jsonl);
    (void)unlink(parquet);
    (void)rmdir(folder);
}

static void values_that_do_not_fit_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *json, *says;
    } wrong[] = {
            {"{\"price\":1.234}",
                    "cannot unmarshal number 1.234 into Go struct field payment.price of type decimal.Decimal"},
            {"{\"price\":12345678.90}", "cannot unmarshal number 12345678.90 into Go struct field payment.price"},
            {"{\"price\":\"1\"}", "cannot unmarshal string into Go struct field payment.price"},
            {"{\"id\":\"f81d4fae\"}",
                    "cannot unmarshal string \"f81d4fae\" into Go struct field payment.id of type uuid.UUID"},
            {"{\"at\":\"24:00:00.001\"}",
                    "cannot unmarshal string \"24:00:00.001\" into Go struct field payment.at of type time.Time"},
            {"{\"at\":5}", "cannot unmarshal number into Go struct field payment.at of type time.Time"},
            {"{\"share\":65520}", "cannot unmarshal number 65520 into Go struct field payment.share"},
            {"{\"mark\":\"AQI=\"}", "cannot unmarshal string \"AQI=\" into Go struct field payment.mark"},
            {"{\"id\":7}", "cannot unmarshal number into Go struct field payment.id of type uuid.UUID"},
    };
    dzr_error err;
    dzr_record_parser *parser = NULL;
    assert_ok(dzr_record_parser_new(&payment_type, NULL, &parser, &err));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        payment p;
        const dzr_bytes text = {(const uint8_t *)wrong[i].json, strlen(wrong[i].json)};
        assert_fails(dzr_record_parse(parser, text, NULL, &p, &err), DZR_ERR_TYPE, wrong[i].says);
    }
    dzr_record_parser_free(parser);
}

static void a_table_must_fit_its_decimals(void **state)
{
    (void)state;
    static const dzr_record_field too_long[] = {DZR_FIELD(payment, price, DZR_DECIMAL(19, 2))};
    static const dzr_record_field no_digits[] = {DZR_FIELD(payment, total, DZR_DECIMAL(0, 0))};
    static const dzr_record_field short_uuid[] = {DZR_FIELD(payment, price, DZR_UUID)};
    static const dzr_record_field long_time[] = {DZR_FIELD(payment, exactly, DZR_TIME(DZR_UNIT_MS, false))};
    static const dzr_record_field narrow[] = {DZR_FIELD(payment, mark, DZR_FIXED(4))};
    static const dzr_record_field nothing[] = {DZR_FIELD(payment, mark, DZR_FIXED(0))};
    static const dzr_record_field bits[] = {DZR_FIELD(payment, at, DZR_HALF)};
    static const dzr_record_field digits[] = {DZR_FIELD(payment, mass, DZR_DECIMAL(77, 0))};
    const dzr_record_type types[] = {DZR_RECORD(payment, too_long), DZR_RECORD(payment, no_digits),
            DZR_RECORD(payment, short_uuid), DZR_RECORD(payment, long_time), DZR_RECORD(payment, narrow),
            DZR_RECORD(payment, nothing), DZR_RECORD(payment, bits), DZR_RECORD(payment, digits)};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        dzr_error err;
        assert_fails(dzr_record_type_check(&types[i], &err), DZR_ERR_ARG, "the table of payment.");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(they_go_through_json_and_parquet),
            cmocka_unit_test(values_that_do_not_fit_are_told),
            cmocka_unit_test(a_table_must_fit_its_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
