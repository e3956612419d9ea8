/* tests/query/test_filter.c - filters over a small batch: which rows each expression leaves, and what is said of those
 * that are wrong. tests/tools/test_where.py holds them against DuckDB's answers. */
#include "support.h"

#include "alloc_nth.h"
#include "frame/internal.h"
#include <datarizer/filter.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N_ROWS = 4 };

/* nodes: 0 n, 1 big, 2 x, 3 price, 4 name, 5 yes, 6 day, 7 at, 8 s, 9 a, 10 "b.c", 11 tags, 12 element, 13 local,
 * 14 small, 15 color, 16 its values, 17 id */
static const dzr_field inside[] = {{.name = "a", .type = {.id = DZR_TYPE_INT32}, .nullable = true},
        {.name = "b.c", .type = {.id = DZR_TYPE_INT32}, .nullable = true}};
static const dzr_field element = {.name = "element", .type = {.id = DZR_TYPE_STRING}, .nullable = true};
static const dzr_field colors = {.name = "values", .type = {.id = DZR_TYPE_STRING}};
static const dzr_field fields[] = {{.name = "n", .type = {.id = DZR_TYPE_INT64}, .nullable = true},
        {.name = "big", .type = {.id = DZR_TYPE_UINT64}},
        {.name = "x", .type = {.id = DZR_TYPE_DOUBLE}, .nullable = true},
        {.name = "price", .type = {.id = DZR_TYPE_DECIMAL, .precision = 10, .scale = 2}, .nullable = true},
        {.name = "name", .type = {.id = DZR_TYPE_STRING}, .nullable = true},
        {.name = "yes", .type = {.id = DZR_TYPE_BOOL}, .nullable = true},
        {.name = "day", .type = {.id = DZR_TYPE_DATE}, .nullable = true},
        {.name = "at", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS, .utc = true}, .nullable = true},
        {.name = "s", .type = {.id = DZR_TYPE_STRUCT}, .nullable = true, .children = inside, .n_children = 2},
        {.name = "tags", .type = {.id = DZR_TYPE_LIST}, .nullable = true, .children = &element, .n_children = 1},
        {.name = "local", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_US}, .nullable = true},
        {.name = "small", .type = {.id = DZR_TYPE_FLOAT}, .nullable = true},
        {.name = "color", .type = {.id = DZR_TYPE_DICTIONARY}, .nullable = true, .children = &colors, .n_children = 1},
        {.name = "id", .type = {.id = DZR_TYPE_UUID}, .nullable = true}};

static dzr_bytes text(const char *chars)
{
    return (dzr_bytes){(const uint8_t *)chars, strlen(chars)};
}

/* Row 3 is null wherever that is allowed. */
static dzr_status append_row(dzr_builder *b, int row, dzr_error *err)
{
    static const int64_t numbers[] = {1, -2, INT64_C(9007199254740993)};
    static const uint64_t bigs[] = {0, UINT64_MAX, 7, 1};
    static const double doubles[] = {-0.0, NAN, 9007199254740992.0};
    static const char *const names[] = {"Praha", "100 %", "\xc5\xbdofie"};
    static const uint8_t uuids[3][16] = {{0}, {1}, {2}};
    DZR_TRY(dzr_builder_uint(b, 1, bigs[row], err));
    if (row == 3) {
        static const int32_t top[] = {0, 2, 3, 4, 5, 6, 7, 8, 11, 13, 14, 15, 17};
        for (size_t i = 0; i < sizeof top / sizeof *top; i++)
            DZR_TRY(dzr_builder_null(b, top[i], err));
        return DZR_OK;
    }
    DZR_TRY(dzr_builder_int(b, 0, numbers[row], err));
    DZR_TRY(dzr_builder_double(b, 2, doubles[row], err));
    DZR_TRY(dzr_builder_decimal(b, 3, dzr_decimal_from_int(row * 150 - 150), err)); /* -1.50, 0, 1.50 */
    DZR_TRY(dzr_builder_bytes(b, 4, text(names[row]), err));
    DZR_TRY(dzr_builder_bool(b, 5, row == 0, err));
    DZR_TRY(dzr_builder_int(b, 6, 19753 + row, err));             /* 2024-01-31 */
    DZR_TRY(dzr_builder_int(b, 7, 1706659200001 + row, err));     /* 2024-01-31T00:00:00.001Z */
    DZR_TRY(dzr_builder_int(b, 13, 1706659200000000 + row, err)); /* 2024-01-31 00:00:00 */
    DZR_TRY(dzr_builder_double(b, 14, 0.1 * row, err));
    DZR_TRY(row == 1 ? dzr_builder_null(b, 9, err) : dzr_builder_int(b, 9, row, err));
    DZR_TRY(dzr_builder_int(b, 10, 10 * row, err));
    DZR_TRY(dzr_builder_struct(b, 8, err));
    DZR_TRY(dzr_builder_list(b, 11, err));
    if (row < 2)
        DZR_TRY(dzr_builder_bytes(b, 16, text(row == 0 ? "red" : "blue"), err));
    DZR_TRY(dzr_builder_int(b, 15, row == 2 ? 0 : row, err)); /* red, blue, red */
    return dzr_builder_bytes(b, 17, (dzr_bytes){uuids[row], 16}, err);
}

static dzr_status build(const dzr_allocator *alloc, dzr_batch **out, dzr_error *err)
{
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_status st = dzr_schema_new(fields, sizeof fields / sizeof *fields, alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr_builder_new(schema, alloc, &builder, err);
    for (int row = 0; st == DZR_OK && row < N_ROWS; row++)
        st = append_row(builder, row, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, out, err);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return st;
}

/* expression; the rows it is true of */
static const struct {
    const char *where, *rows;
} answers[] = {
        {"n = 1", "0"},
        {"n != 1", "12"},
        {"not n = 1", "12"},
        {"n > 0.5", "02"},
        {"n < -1.5", "1"},
        {"n = 1.5", ""},
        {"n != 1.5", "012"},
        {"1.0e0 = n", "0"},
        {"0 > n", "1"},
        {"n <= 99999999999999999999999", "012"},
        {"n > -1e40", "012"},
        {"n = 9007199254740992", ""},
        {"n = 9007199254740993", "2"},
        {"n > x", "02"}, /* -0 and 2^53 exactly; NaN is above all */
        {"x < n", "02"},
        {"n < x", "1"},
        {"big = 18446744073709551615", "1"},
        {"big > 18446744073709551614.9", "1"},
        {"big < 18446744073709551616", "0123"},
        {"big >= -1", "0123"},
        {"big > n", "1"},
        {"x = 0", "0"},
        {"x >= 0", "012"},
        {"x = 'NaN'", "1"},
        {"x > 1e300", "1"},
        {"x < 'inf'", "02"},
        {"price = 1.5", "2"},
        {"price >= -1.500", "012"},
        {"price < 1.499", "01"},
        {"price > 1.501", ""},
        {"price in (0, 1.50, 1.505, null)", "12"},
        {"price not in (0, 1.50)", "0"},
        {"price not in (0, null)", ""},
        {"price < n", "02"},
        {"price < 1e90", "012"},
        {"name = 'Praha'", "0"},
        {"name < 'Q'", "01"},
        {"name like 'P%'", "0"},
        {"name like '%a%a'", "0"},
        {"name like 'a%'", ""},
        {"name like 'Prah'", ""},
        {"name like '_raha'", "0"},
        {"name like '_ofie'", "2"},
        {"name ilike '\xc5\xbeOFIE'", "2"},
        {"name ilike '%A_A'", "0"},
        {"name not ilike 'p%'", "12"},
        {"name like '%!%' escape '!'", "1"},
        {"name like '%'", "012"},
        {"name like ''", ""},
        {"name in ('Praha', '100 %')", "01"},
        {"name between 'A' and 'Z'", "0"},
        {"yes", "0"},
        {"not yes", "12"},
        {"yes = false", "12"},
        {"yes >= false", "012"},
        {"yes is not true", "123"},
        {"(yes or n = 1) is null", "3"},
        {"day = '2024-01-31'", "0"},
        {"day > date '2024-01-31'", "12"},
        {"at > '2024-01-31'", "012"},
        {"at = '2024-01-31T01:00:00.002+01:00'", "1"},
        {"at < timestamp '2024-01-31 00:00:00.0019Z'", "0"},
        {"at != '2024-01-31 00:00:00.0025'", "012"},
        {"local > '2024-01-31 00:00:00'", "12"},
        {"local = '2024-01-31T00:00:00.000002'", "2"},
        {"small = 0.1", "1"},
        {"small in (0.1, 0.2)", "12"},
        {"s.a = 2", "2"},
        {"s.a is null", "13"},
        {"s is null", "3"},
        {"s.b.c = 10", "1"},
        {"s.\"b.c\" = 10", "1"},
        {"s.a < s.b.c", "2"},
        {"tags is null", "3"},
        {"tags is not null", "012"},
        {"color = 'red'", "02"},
        {"color != 'red'", "1"},
        {"color like 'b%' or color is null", "13"},
        {"color = name", ""},
        {"id = '01000000-0000-0000-0000-000000000000'", "1"},
        {"n = null", ""},
        {"n = 1 or null", "0"},
        {"n = 1 and null", ""},
        {"(n = 1 and null) is null", "03"},
        {"n = 1 or n = -2 and x = 5", "0"},
        {"(n = 1 or n = -2) and yes", "0"},
        {"not (n = 1 or n = 1 and true)", "12"},
        {"true", "0123"},
        {"NOT FALSE AND true", "0123"},
        {"n between 0 and 10 and not day is null", "0"},
        {"n not between 0 and 10", "12"},
        {"n in (1,-2,3,4,5,6,7,8,9,10,1e2,9007199254740993)", "012"},
};

static void rows_are_those_it_is_true_of(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    assert_ok(build(NULL, &batch, &err));
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        dzr_filter *filter = NULL;
        uint8_t bits = 0xff;
        int64_t n = -1;
        char rows[N_ROWS + 1] = "";
        if (dzr_filter_new(answers[i].where, dzr_batch_schema(batch), NULL, &filter, &err) != DZR_OK)
            fail_msg("%s: %s", answers[i].where, err.message);
        assert_ok(dzr_filter_apply(filter, batch, &bits, &n, &err));
        size_t len = 0;
        for (int row = 0; row < 8; row++)
            if ((bits >> row & 1) != 0)
                rows[len++] = (char)('0' + row);
        if (strcmp(rows, answers[i].rows) != 0)
            fail_msg("%s: rows \"%s\", wanted \"%s\"", answers[i].where, rows, answers[i].rows);
        assert_int_equal(n, len);
        dzr_filter_free(filter);
    }
    dzr_batch_free(batch);
}

static const struct {
    const char *where;
    dzr_status status;
    const char *message;
} mistakes[] = {
        {"", DZR_ERR_SYNTAX, "position 1: the expression ends where a column or a value should stand"},
        {"n =", DZR_ERR_SYNTAX, "position 4: the expression ends where"},
        {"n = 1 and", DZR_ERR_SYNTAX, "position 10: "},
        {"n = 1 n", DZR_ERR_SYNTAX, "position 7: \"n\" stands where and, or or the end should"},
        {"(n = 1", DZR_ERR_SYNTAX, "position 7: the expression ends where and, or or ) should stand"},
        {"n = 'a", DZR_ERR_SYNTAX, "position 5: the string that begins here has no end"},
        {"\"n = 1", DZR_ERR_SYNTAX, "position 1: the name in double quotes that begins here has no end"},
        {"n # 1", DZR_ERR_SYNTAX, "position 3: \"#\" means nothing"},
        {"n", DZR_ERR_SYNTAX, "ends where a comparison"},
        {"1 = 1", DZR_ERR_SYNTAX, "position 1: two values are compared here, and no column"},
        {"1x = 1", DZR_ERR_SYNTAX, "position 1: a number goes over into a name"},
        {"n in 1", DZR_ERR_SYNTAX, "position 6: \"1\" stands where ( and the values of in should"},
        {"n in (1", DZR_ERR_SYNTAX, "a comma or )"},
        {"n in (big)", DZR_ERR_SYNTAX, "a column stands among the values"},
        {"n not 1", DZR_ERR_SYNTAX, "\"1\" stands where in, like, ilike or between should"},
        {"n is 1", DZR_ERR_SYNTAX, "\"1\" stands where null, true or false should"},
        {"n between 1 or 2", DZR_ERR_SYNTAX, "\"or\" stands where and should"},
        {"name like 'a!' escape '!'", DZR_ERR_SYNTAX, "ends with the character that escapes"},
        {"name like 'a' escape 'ab'", DZR_ERR_SYNTAX, "what escapes is one character"},
        {"nam = 'x'", DZR_ERR_NOT_FOUND, "position 1: there is no column \"nam\"; \"name\" is the most like it"},
        {"yes and s.d = 1", DZR_ERR_NOT_FOUND, "position 9: there is no column \"s.d\"; \"s.a\" is the most like it"},
        {"\"\xc5\xbd\" = 1", DZR_ERR_NOT_FOUND, "there is no column"},
        {"name = '\xc5\xbd' and q = 1", DZR_ERR_NOT_FOUND, "position 16: "},
        {"tags.element = 'x'", DZR_ERR_TYPE, "\"tags\" is a list, and a filter does not look into one"},
        {"tags = 'x'", DZR_ERR_TYPE, "column tags is a list, which can't be compared"},
        {"s in (1)", DZR_ERR_TYPE, "column s is a struct, which can't be compared"},
        {"n = '1'", DZR_ERR_TYPE, "position 5: column n is int64: '1' should be a number, without quotes"},
        {"n = true", DZR_ERR_TYPE, "true should be a number"},
        {"name = 1", DZR_ERR_TYPE, "column name is string: 1 should be a string, in single quotes"},
        {"n = name", DZR_ERR_TYPE, "column n is int64: name is string, and these two have no order"},
        {"price < x", DZR_ERR_TYPE, "these two have no order"},
        {"at < local", DZR_ERR_TYPE, "these two have no order"},
        {"n like '1%'", DZR_ERR_TYPE, "column n is int64: '1%' is a pattern, for strings"},
        {"x = 'much'", DZR_ERR_TYPE, "should be a number, without quotes"},
        {"x = 1e400", DZR_ERR_TYPE, "1e400 is beyond its numbers"},
        {"small = 1e39", DZR_ERR_TYPE, "is beyond its numbers"},
        {"day = '2024-02-30'", DZR_ERR_TYPE, "column day is date: '2024-02-30' is no date such as"},
        {"day = '2024-01-31 12:00'", DZR_ERR_TYPE, "is no date"},
        {"day = 5", DZR_ERR_TYPE, "5 should be a string such as '2024-01-31'"},
        {"local = '2024-01-31T00:00:00Z'", DZR_ERR_TYPE, "has a zone, and the column's times have none"},
        {"at = '2024-01-31T00:00:60Z'", DZR_ERR_TYPE, "is no timestamp such as"},
        {"id = 'x'", DZR_ERR_TYPE, "column id is uuid: 'x' is no UUID"},
        {"yes = 1", DZR_ERR_TYPE, "1 should be true or false"},
        {"n = 1 and \xff", DZR_ERR_SYNTAX, "the filter is not UTF-8"},
};

static void mistakes_are_told_with_their_place(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    assert_ok(build(NULL, &batch, &err));
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        dzr_filter *filter = NULL;
        const dzr_status st = dzr_filter_new(mistakes[i].where, dzr_batch_schema(batch), NULL, &filter, &err);
        if (st != mistakes[i].status || strstr(err.message, mistakes[i].message) == NULL)
            fail_msg("%s: %s, \"%s\", wanted \"%s\"", mistakes[i].where, dzr_status_name(st),
                    st == DZR_OK ? "" : err.message, mistakes[i].message);
        assert_null(filter);
    }
    dzr_batch_free(batch);
}

/* As many parentheses, and as many terms. */
static void depth_is_bounded_and_length_is_not_depth(void **state)
{
    (void)state;
    enum { TERMS = 50000 };
    dzr_error err;
    dzr_batch *batch = NULL;
    dzr_filter *filter = NULL;
    char deep[2 * DZR_FILTER_DEPTH + 16];
    assert_ok(build(NULL, &batch, &err));
    for (int n = DZR_FILTER_DEPTH - 1; n <= DZR_FILTER_DEPTH; n++) {
        memset(deep, '(', (size_t)n);
        memcpy(deep + n, "true", 4);
        memset(deep + n + 4, ')', (size_t)n);
        deep[2 * n + 4] = '\0';
        if (n < DZR_FILTER_DEPTH)
            assert_ok(dzr_filter_new(deep, dzr_batch_schema(batch), NULL, &filter, &err));
        else
            assert_fails(dzr_filter_new(deep, dzr_batch_schema(batch), NULL, &filter, &err), DZR_ERR_LIMIT,
                    "more than 100 parentheses and nots");
        dzr_filter_free(filter);
        filter = NULL;
    }
    char *const wide = malloc(TERMS * 9 + 16);
    assert_non_null(wide);
    size_t len = (size_t)sprintf(wide, "n = 1");
    for (int i = 0; i < TERMS; i++)
        len += (size_t)sprintf(wide + len, " or n = 1");
    uint8_t bits = 0;
    assert_ok(dzr_filter_new(wide, dzr_batch_schema(batch), NULL, &filter, &err));
    assert_ok(dzr_filter_apply(filter, batch, &bits, NULL, &err));
    assert_int_equal(bits, 1);
    dzr_filter_free(filter);
    free(wide);
    char *const endless = malloc(DZR_FILTER_BYTES + 2);
    assert_non_null(endless);
    memset(endless, ' ', DZR_FILTER_BYTES + 1);
    endless[DZR_FILTER_BYTES + 1] = '\0';
    filter = NULL;
    assert_fails(dzr_filter_new(endless, dzr_batch_schema(batch), NULL, &filter, &err), DZR_ERR_LIMIT, "the limit is");
    free(endless);
    dzr_batch_free(batch);
}

static void it_says_which_nodes_it_looks_at(void **state)
{
    (void)state;
    dzr_error err;
    dzr_batch *batch = NULL;
    dzr_filter *filter = NULL;
    assert_ok(build(NULL, &batch, &err));
    assert_ok(dzr_filter_new(
            "tags is null and (s.a = 1 or n < x) and n in (1)", dzr_batch_schema(batch), NULL, &filter, &err));
    const int32_t want[] = {0, 2, 9, 11};
    assert_int_equal(dzr_filter_n_nodes(filter), 4);
    for (int32_t i = 0; i < 4; i++)
        assert_int_equal(dzr_filter_node(filter, i), want[i]);
    dzr_filter_free(filter);
    dzr_batch_free(batch);
}

static dzr_status filter_all(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    dzr_batch *batch = NULL, *selected = NULL;
    dzr_filter *filter = NULL;
    dzr_status st = build(alloc, &batch, err);
    if (st == DZR_OK)
        st = dzr_filter_new(ctx, dzr_batch_schema(batch), alloc, &filter, err);
    if (st == DZR_OK)
        st = dzr_filter_batch(filter, batch, alloc, &selected, err);
    if (st == DZR_OK)
        assert_int_equal(dzr_batch_n_rows(selected), 2);
    dzr_batch_free(selected);
    dzr_filter_free(filter);
    dzr_batch_free(batch);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char where[] = "(n in (1, 2, 3) or x = 0.5 or color like '%d') and name ilike '%_%' and id in "
                   "('00000000-0000-0000-0000-000000000000', '02000000-0000-0000-0000-000000000000')";
    assert_true(every_request_fails(filter_all, where) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(rows_are_those_it_is_true_of),
            cmocka_unit_test(mistakes_are_told_with_their_place),
            cmocka_unit_test(depth_is_bounded_and_length_is_not_depth),
            cmocka_unit_test(it_says_which_nodes_it_looks_at),
            cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
