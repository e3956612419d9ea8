/* fuzz/filter.c - expressions of any text over a batch of every kind of column.
 * Holds: one that is refused says a position inside it; one that is taken is true of no row that `not` of it is true
 * of, and of each row either it, its not, or `is null` of it is true; a row's answer does not depend on the others. */
#include "require.h"

#include "frame/internal.h"
#include <datarizer/filter.h>

#include <math.h>
#include <stdlib.h>

enum { N_ROWS = 70, MOST = 4000 };

static const dzr_field inside[] = {{.name = "a", .type = {.id = DZR_TYPE_INT16}, .nullable = true},
        {.name = "b.c", .type = {.id = DZR_TYPE_HALF}, .nullable = true}};
static const dzr_field element = {.name = "element", .type = {.id = DZR_TYPE_INT8}, .nullable = true};
static const dzr_field colors = {.name = "values", .type = {.id = DZR_TYPE_STRING}};
static const dzr_field fields[] = {{.name = "n", .type = {.id = DZR_TYPE_INT64}, .nullable = true},
        {.name = "u", .type = {.id = DZR_TYPE_UINT64}, .nullable = true},
        {.name = "x", .type = {.id = DZR_TYPE_DOUBLE}, .nullable = true},
        {.name = "f", .type = {.id = DZR_TYPE_FLOAT}, .nullable = true},
        {.name = "p", .type = {.id = DZR_TYPE_DECIMAL, .precision = 60, .scale = 5}, .nullable = true},
        {.name = "t", .type = {.id = DZR_TYPE_STRING}, .nullable = true},
        {.name = "y", .type = {.id = DZR_TYPE_BOOL}, .nullable = true},
        {.name = "d", .type = {.id = DZR_TYPE_DATE}, .nullable = true},
        {.name = "at", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_US, .utc = true}, .nullable = true},
        {.name = "s", .type = {.id = DZR_TYPE_STRUCT}, .nullable = true, .children = inside, .n_children = 2},
        {.name = "l", .type = {.id = DZR_TYPE_LIST}, .nullable = true, .children = &element, .n_children = 1},
        {.name = "c", .type = {.id = DZR_TYPE_DICTIONARY}, .nullable = true, .children = &colors, .n_children = 1},
        {.name = "none", .type = {.id = DZR_TYPE_NULL}, .nullable = true}};

/* nodes: 0 n, 1 u, 2 x, 3 f, 4 p, 5 t, 6 y, 7 d, 8 at, 9 s, 10 a, 11 b.c, 12 l, 13 element, 14 c, 15 values, 16 none */
static dzr_status append_row(dzr_builder *b, int64_t row, dzr_error *err)
{
    static const char *const texts[] = {"", "a", "Abc", "%_", "\xc5\xbdofie and a longer text", "2024-01-31"};
    static const int32_t top[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 16};
    const char *const text = texts[row % 6];
    const dzr_bytes bytes = {(const uint8_t *)text, strlen(text)};
    const double number = row % 11 == 0 ? NAN : (double)(row - 20) / 4;
    if (row < 6)
        DZR_TRY(dzr_builder_bytes(b, 15, bytes, err));
    if (row % 10 == 9) {
        for (size_t i = 0; i < sizeof top / sizeof *top; i++)
            DZR_TRY(dzr_builder_null(b, top[i], err));
        return DZR_OK;
    }
    DZR_TRY(dzr_builder_int(b, 0, row % 3 == 0 ? INT64_MAX - row : row - 10, err));
    DZR_TRY(dzr_builder_uint(b, 1, row % 4 == 0 ? UINT64_MAX - (uint64_t)row : (uint64_t)row, err));
    DZR_TRY(dzr_builder_double(b, 2, number, err));
    DZR_TRY(dzr_builder_double(b, 3, number, err));
    DZR_TRY(dzr_builder_decimal(b, 4, dzr_decimal_from_int((row - 30) * 123456), err));
    DZR_TRY(dzr_builder_bytes(b, 5, bytes, err));
    DZR_TRY(dzr_builder_bool(b, 6, row % 2 == 0, err));
    DZR_TRY(dzr_builder_int(b, 7, 19723 + row, err));
    DZR_TRY(dzr_builder_int(b, 8, 1706659200000000 + row * 500000, err));
    if (row % 7 == 0) {
        DZR_TRY(dzr_builder_null(b, 9, err));
    } else {
        DZR_TRY(dzr_builder_int(b, 10, row, err));
        DZR_TRY(dzr_builder_double(b, 11, number, err));
        DZR_TRY(dzr_builder_struct(b, 9, err));
    }
    DZR_TRY(dzr_builder_list(b, 12, err));
    DZR_TRY(dzr_builder_int(b, 14, row % 6, err));
    return dzr_builder_null(b, 16, err);
}

static dzr_batch *build(void)
{
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    REQUIRE(dzr_schema_new(fields, sizeof fields / sizeof *fields, NULL, &schema, &err) == DZR_OK);
    REQUIRE(dzr_builder_new(schema, NULL, &builder, &err) == DZR_OK);
    for (int64_t row = 0; row < N_ROWS; row++)
        REQUIRE_OK(append_row(builder, row, &err));
    REQUIRE_OK(dzr_builder_finish(builder, &batch, &err));
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return batch;
}

/* Whether the expression inside of `format` is taken; its rows. */
static bool ask(const char *format, const char *expression, const dzr_batch *batch, uint8_t *bits, dzr_error *err)
{
    char text[MOST + 64];
    dzr_filter *filter = NULL;
    (void)snprintf(text, sizeof text, format, expression);
    if (dzr_filter_new(text, dzr_batch_schema(batch), NULL, &filter, err) != DZR_OK)
        return false;
    REQUIRE(dzr_filter_apply(filter, batch, bits, NULL, err) == DZR_OK);
    dzr_filter_free(filter);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { BYTES = (N_ROWS + 7) / 8 };
    static dzr_batch *batch; /* the same for all */
    char expression[MOST + 1];
    uint8_t is[BYTES], is_not[BYTES], unknown[BYTES], part[BYTES];
    dzr_error err;
    if (size > MOST)
        return 0;
    if (batch == NULL)
        batch = build();
    memcpy(expression, data, size);
    expression[size] = '\0';
    if (!ask("%s", expression, batch, is, &err)) {
        REQUIRE(err.offset >= -1 && err.offset <= (int64_t)size);
        return 0;
    }
    /* parentheses around it may be one too many */
    if (!ask("not (%s)", expression, batch, is_not, &err) || !ask("(%s) is null", expression, batch, unknown, &err))
        return 0;
    for (size_t i = 0; i < BYTES; i++) {
        const uint8_t all = i + 1 == BYTES && N_ROWS % 8 != 0 ? (uint8_t)((1 << N_ROWS % 8) - 1) : 0xff;
        REQUIRE((is[i] & is_not[i]) == 0 && (is[i] & unknown[i]) == 0 && (is_not[i] & unknown[i]) == 0);
        REQUIRE((is[i] | is_not[i] | unknown[i]) == all);
    }
    const int64_t first = (int64_t)(size % 60);
    dzr_batch *slice = NULL;
    REQUIRE(dzr_batch_slice(batch, first, 9, &slice, &err) == DZR_OK);
    REQUIRE(ask("%s", expression, slice, part, &err));
    for (int64_t row = 0; row < 9; row++)
        REQUIRE(dzr__bit_get(part, row) == dzr__bit_get(is, first + row));
    dzr_batch_free(slice);
    return 0;
}
