/* tests/json/test_quick.c - the quick way of plain records (json/quick.c) gives what the thorough one gives. A space
 * before a record is enough for it to go the thorough way, and may change nothing else. */
#include "support.h"

#include "json/quick_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static bool take_double(const char *at, size_t n, double *out)
{
    dzr__quick_number number;
    return dzr__quick_number_at((const uint8_t *)at, n, &number) && dzr__quick_to_double(&number, out);
}

static bool take_float(const char *at, size_t n, float *out)
{
    dzr__quick_number number;
    return dzr__quick_number_at((const uint8_t *)at, n, &number) && dzr__quick_to_float(&number, out);
}

/* ---- single values; each stands in front of bytes that must not matter ---- */

enum { ROOM = 128 };

static size_t lay(char text[ROOM], const char *value)
{
    memset(text, '7', ROOM);
    const size_t n = strlen(value);
    memcpy(text, value, n);
    return n;
}

static void real_numbers_are_rounded_as_strtod_rounds(void **state)
{
    (void)state;
    static const char *const formats[] = {"%.17g", "%.3f", "%.16g", "%.1f", "%.12f", "%.18f", "%.15f"};
    uint64_t seed = 1;
    int64_t n_taken = 0, n_narrow = 0;
    for (int i = 0; i < 300000; i++) {
        const double sizes[] = {1, 100, 1e6, 1e-4};
        const double drawn = (double)(int64_t)draw(&seed) * 0x1p-63 * sizes[draw(&seed) % COUNT(sizes)];
        char value[ROOM / 2], text[ROOM];
        (void)snprintf(value, sizeof value, formats[draw(&seed) % COUNT(formats)], drawn);
        const size_t n = lay(text, value);
        double real = 0;
        float narrow = 0;
        if (take_double(text, n, &real)) {
            const double want = strtod(value, NULL);
            n_taken++;
            if (memcmp(&real, &want, sizeof want) != 0)
                fail_msg("%s: %a and not %a", value, real, want);
        }
        if (take_float(text, n, &narrow)) {
            const float want = strtof(value, NULL);
            n_narrow++;
            if (memcmp(&narrow, &want, sizeof want) != 0)
                fail_msg("%s: %a and not %a", value, (double)narrow, (double)want);
        }
    }
#if LDBL_MANT_DIG == 64
    assert_true(n_taken > 200000 && n_narrow > 200000);
#endif
}

/* The middle between two doubles, or floats, and its neighbours at the last of 19 digits. */
static void quotients_near_a_tie_are_rounded_right_or_left_alone(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < 100000; i++) {
        const double low = 1 + (double)(draw(&seed) >> 12) * 0x1p-52;
        const float narrow_low = 1 + (float)(draw(&seed) >> 41) * 0x1p-23F;
        const long double middles[] = {(long double)low + 0x1p-53L, (long double)narrow_low + 0x1p-24L};
        for (size_t k = 0; k < COUNT(middles); k++) {
            char value[ROOM / 2], text[ROOM];
            (void)snprintf(value, sizeof value, "%.18Lf", middles[k]);
            value[19] = (char)('0' + draw(&seed) % 10);
            const size_t n = lay(text, value);
            double real = 0;
            float narrow = 0;
            if (take_double(text, n, &real))
                assert_true(real == strtod(value, NULL));
            if (take_float(text, n, &narrow))
                assert_true(narrow == strtof(value, NULL));
        }
    }
}

static void whole_numbers_are_those_of_strtoll(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < 200000; i++) {
        char value[ROOM / 2], text[ROOM];
        const int64_t drawn = (int64_t)draw(&seed) >> draw(&seed) % 64;
        (void)snprintf(value, sizeof value, "%" PRId64, drawn);
        int64_t taken = 0;
        const bool fits = dzr__quick_int((const uint8_t *)text, lay(text, value), &taken);
        assert_int_equal(fits, strlen(value) - (value[0] == '-') <= 18);
        assert_true(!fits || taken == drawn);
    }
}

static void what_is_no_plain_number_is_left_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "-", "+1", "01", "-01", "00", "1 ", " 1", "1e2", "1E2", "1.", ".5", "-.5",
            "1.2.3", "1..2", "0x1", "--1", "1-", "NaN", "Infinity", "12345678901234567890", "1.1234567890123456789",
            "12345678.5", "1,", "1:", "1/", "1.5 ", "1.5e1", "00.5", "null", "\"1\"", "1_0"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        char text[ROOM];
        const size_t n = lay(text, texts[i]);
        double real = 0;
        float narrow = 0;
        int64_t whole = 0;
        if (take_double(text, n, &real) || take_float(text, n, &narrow) ||
                dzr__quick_int((const uint8_t *)text, n, &whole))
            fail_msg("\"%s\" was taken", texts[i]);
    }
}

static void every_date_of_four_digit_years_is_the_same_day(void **state)
{
    (void)state;
    for (int year = 0; year < 10000; year++)
        for (int month = 0; month < 14; month++)
            for (int day = year % 100 == 0 || year > 1900 ? 0 : 27; day < 33; day++) {
                char value[ROOM / 2], text[ROOM];
                (void)snprintf(value, sizeof value, "%04d-%02d-%02d", year, month, day);
                int32_t days = 0, want = 0;
                const bool is_date = dzr__json_read_date((dzr_bytes){(const uint8_t *)value, strlen(value)}, &want);
                const bool fits = dzr__quick_date((const uint8_t *)text, lay(text, value), &days);
                if (fits != is_date || days != want)
                    fail_msg("%s: %d and not %d", value, (int)days, (int)want);
            }
}

static void instants_are_the_same_as_time_c_reads(void **state)
{
    (void)state;
    static const char *const shapes[] = {"2024-02-29T12:34:56Z", "2024-02-29T12:34:56", "2024-02-29T12:34:56.789Z",
            "1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999", "0001-01-01T00:00:00.000001Z",
            "9999-12-31T23:59:59.9Z", "2024-02-29t12:34:56z", "2024-02-29 12:34:56Z", "2024-02-29T12:34:56+02:00",
            "2024-02-29T12:34:56.Z", "2024-02-29T24:00:00Z", "2024-02-29T12:60:00Z", "1677-09-21T00:12:43.145224193Z"};
    static const char bytes[] = "0123456789-:.TZ 59";
    uint64_t seed = 4;
    int64_t n_taken = 0;
    for (int i = 0; i < 400000; i++) {
        char value[ROOM / 2], text[ROOM];
        (void)snprintf(value, sizeof value, "%s", shapes[draw(&seed) % COUNT(shapes)]);
        for (uint64_t changes = draw(&seed) % 4; changes > 0; changes--)
            value[draw(&seed) % strlen(value)] = bytes[draw(&seed) % (sizeof bytes - 1)];
        const dzr_type type = {
                .id = DZR_TYPE_TIMESTAMP, .unit = (dzr_time_unit)(draw(&seed) % 3), .utc = draw(&seed) % 2 != 0};
        int64_t quick = 0, want = 0;
        const bool is_time = dzr__json_read_timestamp((dzr_bytes){(const uint8_t *)value, strlen(value)}, type, &want);
        if (!dzr__quick_timestamp((const uint8_t *)text, lay(text, value), type, &quick))
            continue;
        n_taken++;
        if (!is_time || quick != want)
            fail_msg("%s: %" PRId64 " and not %" PRId64, value, quick, want);
    }
    assert_true(n_taken > 20000);
}

/* ---- records ---- */

static const dzr_field inner[] = {
        {.name = "x", .type.id = DZR_TYPE_INT32, .nullable = true}, {.name = "y", .type.id = DZR_TYPE_STRING}};
static const dzr_field element[] = {{.name = "element", .type.id = DZR_TYPE_INT16}};
static const dzr_field fields[] = {{.name = "id", .type.id = DZR_TYPE_INT64},
        {.name = "small", .type.id = DZR_TYPE_INT8, .nullable = true},
        {.name = "age", .type.id = DZR_TYPE_INT32, .nullable = true}, {.name = "half", .type.id = DZR_TYPE_INT16},
        {.name = "count", .type.id = DZR_TYPE_UINT64, .nullable = true},
        {.name = "score", .type.id = DZR_TYPE_DOUBLE, .nullable = true},
        {.name = "weight", .type.id = DZR_TYPE_FLOAT, .nullable = true},
        {.name = "yes", .type.id = DZR_TYPE_BOOL, .nullable = true},
        {.name = "name", .type.id = DZR_TYPE_STRING, .nullable = true},
        {.name = "day", .type.id = DZR_TYPE_DATE, .nullable = true},
        {.name = "at", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS, .utc = true}, .nullable = true},
        {.name = "a name that is longer than sixteen bytes", .type.id = DZR_TYPE_INT64, .nullable = true},
        {.name = "wei\\rd", .type.id = DZR_TYPE_INT64, .nullable = true},
        {.name = "none", .type.id = DZR_TYPE_NULL, .nullable = true},
        {.name = "in", .type.id = DZR_TYPE_STRUCT, .nullable = true, .children = inner, .n_children = 2},
        {.name = "list", .type.id = DZR_TYPE_LIST, .nullable = true, .children = element, .n_children = 1}};
enum { N_FIELDS = COUNT(fields) };

static const char *const good[N_FIELDS][6] = {{"1", "-9223372036854775808", "123456789012345678", "0", "-0", "77"},
        {"1", "-128", "127", "null", "0", "12"}, {"2147483647", "-2147483648", "null", "33", "7", "100"},
        {"1", "-32768", "32767", "5", "6", "7"}, {"18446744073709551615", "1", "null", "123456789", "0", "5"},
        {"0.30212586113792594", "1e300", "-0.0", "null", "62", "0.000123456789012345678"},
        {"62.0", "105.3", "null", "1e-40", "-7.25", "0.1"}, {"true", "false", "null", "true", "false", "true"},
        {"\"\"", "\"twelve bytes\"", "\"thirteen byte\"", "\"\\u00e9\\n\"", "\"\u017dofie and a text of more than 32\"",
                "null"},
        {"\"2024-02-29\"", "\"1969-12-31\"", "null", "\"0000-01-01\"", "\"+12024-01-31\"", "\"9999-12-31\""},
        {"\"2024-02-29T12:34:56.789Z\"", "\"2024-02-29T12:34:56Z\"", "null", "\"2024-02-29T12:34:56+02:00\"",
                "\"1969-12-31T23:59:59.9Z\"", "\"2024-02-29 12:34:56z\""},
        {"1", "2", "3", "null", "4", "5"}, {"1", "2", "3", "null", "4", "5"},
        {"null", "null", "null", "null", "null", "null"},
        {"{\"x\":1,\"y\":\"z\"}", "{\"y\":\"\",\"x\":null}", "null", "{\"y\":\"a long text, for a view\"}",
                "{\"y\":\"q\",\"other\":[1,{}]}", "{\"x\":5,\"y\":\"\\u0041\"}"},
        {"[]", "[1,2,3]", "null", "[-32768]", "[7]", "[1,2,3,4,5,6,7,8,9]"}};
static const char *const odd[] = {"null", "1.5", "\"x\"", "true", "{}", "[]", "01", "-", "tru", "nul", "falsehood",
        "128", "99999999999", "18446744073709551616", "-1", "1e400", "\"2024-02-30\"", "\"\\ud800\"", "\"\\q\"", "[1,2",
        "{\"x\":\"no\",\"y\":1}", "[1,99999]", "", "1 ", "1\t", "\"a\" ", "\"a\"b"};

typedef struct text {
    char at[8192];
    size_t n;
} text;

static void put(text *out, const char *what)
{
    const size_t n = strlen(what);
    assert_true(out->n + n < sizeof out->at);
    memcpy(out->at + out->n, what, n);
    out->n += n;
}

static void put_member(text *out, const char *name, const char *colon, const char *value, bool first)
{
    put(out, first ? "\"" : ",\"");
    put(out, name);
    put(out, "\"");
    put(out, colon);
    put(out, value);
}

/* The same record in two texts, but for the spaces. One in `odds` values is not to be expected there. */
static void put_record(text *compact, text *spaced, uint64_t *seed, uint64_t odds)
{
    static const char *const colons[] = {":", ":", ":", ": "};
    int order[N_FIELDS];
    bool first = true;
    for (int i = 0; i < N_FIELDS; i++)
        order[i] = i;
    if (draw(seed) % 8 == 0)
        for (int i = N_FIELDS - 1; i > 0; i--) {
            const int other = (int)(draw(seed) % (uint64_t)(i + 1)), kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
    put(compact, "{");
    put(spaced, " {"); /* the thorough way */
    for (int i = 0; i < N_FIELDS; i++) {
        const int field = order[i];
        const uint64_t what = draw(seed) % 64;
        const char *const name = field == 12 ? "wei\\\\rd" : fields[field].name;
        const char *const value = draw(seed) % odds == 0 ? odd[draw(seed) % COUNT(odd)] : good[field][draw(seed) % 6];
        const char *const colon = colons[draw(seed) % COUNT(colons)];
        if (what == 0 && fields[field].nullable)
            continue;
        if (what == 1) {
            put_member(compact, "unknown", colon, value, first);
            put_member(spaced, "unknown", ":  ", value, first);
            first = false;
        }
        put_member(compact, what == 2 ? "AGE" : name, colon, value, first);
        put_member(spaced, what == 2 ? "AGE" : name, ":  ", value, first);
        first = false;
        if (what == 3) {
            const char *const again = good[field][draw(seed) % 6];
            put_member(compact, name, colon, again, false);
            put_member(spaced, name, ":  ", again, false);
        }
    }
    static const char *const ends[] = {"}\n", "}\n", "}\n", "}\r\n", "} \n", "}\n\n"};
    const char *const end = ends[draw(seed) % COUNT(ends)];
    put(compact, end);
    put(spaced, end);
}

static const char filler[] = "                                                                                "
                             "                                                                                \n";

/* All rows as JSON lines, those before the error too. */
static dzr_status read_all(
        const text *in, const dzr_schema *schema, dzr_json_rules rules, dzr_sink **out, dzr_error *err)
{
    dzr_error unused;
    dzr_source *source = NULL;
    dzr_jsonl_reader *reader = NULL;
    dzr_json_writer *writer = NULL;
    const dzr_jsonl_read_options options = {.schema = schema, .rules = rules, .batch_rows = 5};
    assert_int_equal(dzr_source_memory((dzr_bytes){(const uint8_t *)in->at, in->n}, NULL, &source, &unused), DZR_OK);
    assert_int_equal(dzr_jsonl_reader_open(source, &options, &reader, &unused), DZR_OK);
    assert_int_equal(dzr_sink_memory(1 << 20, NULL, out, &unused), DZR_OK);
    assert_int_equal(dzr_json_writer_open(*out, schema, NULL, &writer, &unused), DZR_OK);
    dzr_status st = DZR_OK;
    for (;;) {
        dzr_batch *batch = NULL;
        st = dzr_jsonl_reader_next(reader, &batch, err);
        if (batch == NULL)
            break;
        assert_int_equal(dzr_json_writer_append(writer, batch, &unused), DZR_OK);
        dzr_batch_free(batch);
    }
    assert_int_equal(dzr_json_writer_finish(writer, &unused), DZR_OK);
    dzr_json_writer_close(writer);
    dzr_jsonl_reader_close(reader);
    dzr_source_close(source);
    return st;
}

static void white_space_changes_neither_rows_nor_errors(void **state)
{
    (void)state;
    static text compact, spaced;
    dzr_error err, err_spaced;
    dzr_schema *schema = NULL;
    uint64_t seed = 5;
    int n_failed = 0;
    assert_ok(dzr_schema_new(fields, N_FIELDS, NULL, &schema, &err));
    for (int i = 0; i < 4000; i++) {
        const dzr_json_rules rules[] = {{.fold_case = false}, DZR_JSON_RULES_GO, {.refuse_unknown = true}};
        const dzr_json_rules rule = rules[draw(&seed) % COUNT(rules)];
        dzr_sink *out = NULL, *out_spaced = NULL;
        compact.n = spaced.n = 0;
        for (uint64_t n = 1 + draw(&seed) % 6; n > 0; n--)
            put_record(&compact, &spaced, &seed, i % 2 == 0 ? UINT64_MAX : 60);
        put(&compact, filler); /* so that the last record is far from the end */
        put(&spaced, filler);
        err.line = err_spaced.line = 0;
        const dzr_status st = read_all(&compact, schema, rule, &out, &err);
        const dzr_status st_spaced = read_all(&spaced, schema, rule, &out_spaced, &err_spaced);
        n_failed += st != DZR_OK;
        const dzr_bytes have = dzr_sink_memory_bytes(out), want = dzr_sink_memory_bytes(out_spaced);
        if (st != st_spaced || err.line != err_spaced.line || have.len != want.len ||
                (want.len > 0 && memcmp(have.at, want.at, want.len) != 0))
            fail_msg("%.*s\nis read as (%s)\n%.*s\nand with spaces as (%s)\n%.*s", (int)compact.n, compact.at,
                    st == DZR_OK ? "OK" : err.message, (int)have.len, (const char *)have.at,
                    st_spaced == DZR_OK ? "OK" : err_spaced.message, (int)want.len, (const char *)want.at);
        dzr_sink_close(out);
        dzr_sink_close(out_spaced);
    }
    dzr_schema_free(schema);
    assert_true(n_failed > 500 && n_failed < 3500);
}

/* What is left to the thorough way must not be all. */
static void plain_records_go_the_quick_way(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool is_plain;
    } cases[] = {{"{\"id\":1,\"half\":2}", true}, {"{\"id\": 1, \"half\": 2}", true},
            {"{\"half\":2,\"id\":1,\"yes\":false,\"name\":\"\\n\"}", true}, {"{\"id\":1,\"half\":2,\"new\":[1]}", true},
            {"{\"id\":1,\"half\":2,\"in\":{\"y\":\"\"},\"list\":[1]}", true}, {"{\"id\":1,\"id\":2,\"half\":2}", false},
            {"{\"id\":1,\"half\":2,\"count\":18446744073709551615}", true}, {"{\"id\":1}", false},
            {"{\"id\":1,  \"half\" :2}", true}, {"{\"id\":1.5,\"half\":2}", false}, {"{\"id\":1,\n\"half\":2}", true},
            {"{\"id\":1,\"half\":2,\"new\":[\n]}", true}, {"{\"id\":null,\"half\":2}", false}, {"{}", false},
            {"[]", false}, {"{\"id\":1,\"half\":2,}", false}, {"{\"id\":1,\"half\":2,\"in\":{\"y\":1}}", false},
            {"{\"id\":1,\"half\":2,\"list\":{}}", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        dzr_error err;
        dzr_schema *schema = NULL;
        dzr_builder *builder = NULL;
        dzr__json_record record;
        dzr__json_index index;
        static text in;
        in.n = 0;
        put(&in, cases[i].line);
        put(&in, filler);
        put(&in, filler);
        assert_ok(dzr_schema_new(fields, N_FIELDS, NULL, &schema, &err));
        assert_ok(dzr_builder_new(schema, NULL, &builder, &err));
        assert_ok(dzr__json_record_init(&record, schema, NULL, NULL, NULL, &err));
        assert_ok(dzr__json_index_init(&index, NULL, &err));
        assert_ok(dzr__json_index_text(&index, (dzr_bytes){(const uint8_t *)in.at, in.n}, &err));
        dzr__json_walk walk = {
                .text = index.text, .len = index.len, .next = index.at, .end = index.at + index.n, .clean = true};
        const uint32_t *after = NULL;
        const bool is_plain =
                dzr__json_quick_take(&record, &walk, builder, &after) && dzr__json_quick_keep(&record, &walk, builder);
        if (is_plain != cases[i].is_plain)
            fail_msg("%s: %s", cases[i].line, is_plain ? "is plain" : "is not plain");
        for (int32_t node = 0; node < dzr_schema_n_fields(schema); node++)
            assert_int_equal(dzr_builder_n_rows(builder, dzr_schema_field_node(schema, node)), is_plain);
        assert_true(!is_plain || after == walk.end);
        assert_true(walk.next == index.at);
        dzr__json_index_fini(&index);
        dzr__json_record_fini(&record);
        dzr_builder_free(builder);
        dzr_schema_free(schema);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(real_numbers_are_rounded_as_strtod_rounds),
            cmocka_unit_test(quotients_near_a_tie_are_rounded_right_or_left_alone),
            cmocka_unit_test(whole_numbers_are_those_of_strtoll),
            cmocka_unit_test(what_is_no_plain_number_is_left_alone),
            cmocka_unit_test(every_date_of_four_digit_years_is_the_same_day),
            cmocka_unit_test(instants_are_the_same_as_time_c_reads),
            cmocka_unit_test(white_space_changes_neither_rows_nor_errors),
            cmocka_unit_test(plain_records_go_the_quick_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
