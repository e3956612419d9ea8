/* fuzz/parquet_make.c - see parquet_make.h. A few dozen bytes make a whole file: which types and how they are nested is
 * drawn node by node, and values only by a pattern and a seed for each node. */
#include "parquet_make.h"

#include "frame/internal.h"
#include "require.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- schema ---- */

enum { MOST_NODES = 24, MOST_DEPTH = 3 };

typedef struct fields {
    dzr_field at[MOST_NODES];
    char names[MOST_NODES][8];
    int32_t n;
} fields;

static dzr_type draw_type(draw *d)
{
    const dzr_type_id id = (dzr_type_id)draw_below(d, DZR_TYPE_DURATION + 1);
    dzr_type type = {.id = id};
    if (id == DZR_TYPE_TIMESTAMP || id == DZR_TYPE_TIME || id == DZR_TYPE_DURATION) {
        type.unit = (dzr_time_unit)draw_below(d, 3);
        type.utc = draw_one_in(d, 2);
    } else if (id == DZR_TYPE_DECIMAL) {
        type.precision = 1 + (int32_t)draw_below(d, DZR_DECIMAL_DIGITS);
        type.scale = (int32_t)draw_below(d, (uint32_t)type.precision + 1);
    } else if (id == DZR_TYPE_FIXED) {
        type.width = 1 + (int32_t)draw_below(d, 20);
    }
    return type;
}

static dzr_field *take(fields *room, int32_t n)
{
    dzr_field *const first = &room->at[room->n];
    for (int32_t i = 0; i < n; i++, room->n++) {
        snprintf(room->names[room->n], sizeof room->names[0], "f%d", (int)room->n % 100);
        first[i] = (dzr_field){.name = room->names[room->n]};
    }
    return first;
}

static void draw_field(draw *d, fields *room, int32_t depth, dzr_field *out);

static void draw_children(draw *d, fields *room, int32_t depth, int32_t n, dzr_field *out)
{
    dzr_field *const children = take(room, n);
    out->children = children;
    out->n_children = n;
    for (int32_t i = 0; i < n; i++)
        draw_field(d, room, depth + 1, &children[i]);
}

static void draw_field(draw *d, fields *room, int32_t depth, dzr_field *out)
{
    const bool may_nest = depth < MOST_DEPTH && room->n + 3 <= MOST_NODES;
    const uint32_t kind = draw_below(d, may_nest ? 8 : 4);
    out->nullable = draw_one_in(d, 2);
    if (kind < 4) {
        out->type = draw_type(d);
        out->nullable |= out->type.id == DZR_TYPE_NULL;
    } else if (kind < 5) {
        out->type.id = DZR_TYPE_STRUCT;
        draw_children(d, room, depth, 1 + (int32_t)draw_below(d, 3), out);
    } else if (kind < 7) {
        out->type.id = DZR_TYPE_LIST;
        draw_children(d, room, depth, 1, out);
    } else {
        out->type.id = DZR_TYPE_MAP;
        dzr_field *const entry = take(room, 1);
        out->children = entry;
        out->n_children = 1;
        entry->type.id = DZR_TYPE_STRUCT;
        dzr_field *const pair = take(room, 2);
        entry->children = pair;
        entry->n_children = 2;
        pair[0].type = draw_type(d);
        if (pair[0].type.id == DZR_TYPE_NULL)
            pair[0].type.id = DZR_TYPE_STRING;
        draw_field(d, room, depth + 2, &pair[1]);
    }
}

static dzr_schema *draw_schema(draw *d)
{
    fields room = {.n = 0};
    dzr_schema *schema = NULL;
    dzr_error err;
    const int32_t n = 1 + (int32_t)draw_below(d, 5);
    dzr_field *const top = take(&room, n);
    for (int32_t i = 0; i < n; i++)
        draw_field(d, &room, 1, &top[i]);
    REQUIRE_OK(dzr_schema_new(top, n, NULL, &schema, &err));
    return schema;
}

/* ---- values ---- */

typedef enum pattern { CONSTANT, SEQUENCE, FEW, SMALL, ANY, EXTREME, N_PATTERNS } pattern;

/* How the values and nulls of a node go on. */
typedef struct maker {
    pattern values;
    uint32_t null_one_in; /* 0: none */
    uint64_t state, n;
} maker;

static uint64_t next_value(maker *m)
{
    static const uint64_t extremes[] = {
            0, 1, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN, 0x7f7fffff, 0x8000000080008080, 0x7ff8000000000000};
    m->n++;
    switch (m->values) {
    case CONSTANT:
        return m->state;
    case SEQUENCE:
        return m->state + m->n * 7;
    case FEW:
        return m->state * (1 + next_random(&m->state) % 3);
    case SMALL:
        return next_random(&m->state) % 1000;
    case EXTREME:
        return extremes[next_random(&m->state) % (sizeof extremes / sizeof *extremes)];
    default:
        return next_random(&m->state);
    }
}

static dzr_status append_text(dzr_builder *builder, int32_t node, bool utf8, uint64_t number, dzr_error *err)
{
    char text[700];
    int len = snprintf(text, sizeof text, "value %0*llu %s", (int)(number % 31), (unsigned long long)(number >> 8),
            number % 5 == 0 ? "\xc5\xbe\xe6\x9d\x8e\xf0\x9f\x99\x82" : "");
    if (number % 7 == 0)
        len = 0;
    if (number % 61 == 1) { /* longer than a page may be */
        memset(text + len, 'x', sizeof text - (size_t)len);
        len = (int)sizeof text;
    }
    if (!utf8 && len > 8)
        memcpy(text, &number, sizeof number);
    return dzr_builder_bytes(builder, node, (dzr_bytes){(const uint8_t *)text, (size_t)len}, err);
}

static dzr_status append_decimal(dzr_builder *builder, int32_t node, dzr_type type, uint64_t number, dzr_error *err)
{
    char text[DZR_DECIMAL_DIGITS + 2];
    size_t len = 0;
    const size_t n_digits = 1 + (size_t)(number % (uint64_t)type.precision);
    if (number % 3 == 0)
        text[len++] = '-';
    for (size_t i = 0; i < n_digits; i++)
        text[len++] = number % 5 == 0 ? '9' : (char)('0' + (number >> i % 60) % 10);
    dzr_decimal value;
    DZR_TRY(dzr_decimal_parse(text, len, type.precision, 0, &value, err));
    return dzr_builder_decimal(builder, node, value, err);
}

/* Of any bits: NaN, infinities and both zeros are among them. */
static dzr_status append_double(
        dzr_builder *builder, int32_t node, maker *m, dzr_type type, uint64_t number, dzr_error *err)
{
    double value = (double)(int64_t)number / 16;
    if (type.id == DZR_TYPE_HALF) {
        value = dzr_half_to_double((uint16_t)number);
    } else if (type.id == DZR_TYPE_FLOAT) {
        const uint32_t bits = (uint32_t)number;
        float narrow = (float)value;
        if (m->values >= ANY)
            memcpy(&narrow, &bits, sizeof narrow);
        value = (double)narrow;
    } else if (m->values >= ANY) {
        memcpy(&value, &number, sizeof value);
    }
    return dzr_builder_double(builder, node, value, err);
}

/* Cut to the type's bits, which are all a value may have. */
static int64_t as_signed(uint64_t number, uint32_t bits)
{
    return (int64_t)(number << (64 - bits)) >> (64 - bits);
}

static dzr_status append_leaf(dzr_builder *builder, int32_t node, maker *m, dzr_type type, dzr_error *err)
{
    const uint64_t number = next_value(m);
    switch (type.id) {
    case DZR_TYPE_NULL:
        return dzr_builder_null(builder, node, err);
    case DZR_TYPE_BOOL:
        return dzr_builder_bool(builder, node, number % 2 != 0, err);
    case DZR_TYPE_UINT8:
    case DZR_TYPE_UINT16:
    case DZR_TYPE_UINT32:
    case DZR_TYPE_UINT64:
        return dzr_builder_uint(builder, node, number >> (64 - dzr_type_bits(type)), err);
    case DZR_TYPE_HALF:
    case DZR_TYPE_FLOAT:
    case DZR_TYPE_DOUBLE:
        return append_double(builder, node, m, type, number, err);
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return append_text(builder, node, type.id == DZR_TYPE_STRING, number, err);
    case DZR_TYPE_TIME: {
        const uint64_t day = UINT64_C(86400000) * (type.unit == DZR_UNIT_MS          ? 1
                                                          : type.unit == DZR_UNIT_US ? 1000
                                                                                     : 1000000);
        return dzr_builder_int(builder, node, (int64_t)(number % (day + 1)), err);
    }
    case DZR_TYPE_DECIMAL:
        return append_decimal(builder, node, type, number, err);
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID: {
        uint8_t bytes[32];
        const size_t width = dzr_type_bits(type) / 8;
        for (size_t i = 0; i < width; i++)
            bytes[i] = (uint8_t)(number >> 8 * (i % 8));
        return dzr_builder_bytes(builder, node, (dzr_bytes){bytes, width}, err);
    }
    default:
        return dzr_builder_int(builder, node, as_signed(number, dzr_type_bits(type)), err);
    }
}

static dzr_status append_node(dzr_builder *builder, int32_t node, maker *makers, dzr_error *err)
{
    const dzr_schema *const schema = dzr_builder_schema(builder);
    const dzr_field *const field = dzr_schema_node(schema, node);
    maker *const m = &makers[node];
    if (field->nullable && m->null_one_in != 0 && next_random(&m->state) % m->null_one_in == 0)
        return dzr_builder_null(builder, node, err);
    if (field->type.id == DZR_TYPE_STRUCT) {
        for (int32_t i = 0, child = node + 1; i < field->n_children; i++, child = dzr_schema_node_end(schema, child))
            DZR_TRY(append_node(builder, child, makers, err));
        return dzr_builder_struct(builder, node, err);
    }
    if (field->type.id != DZR_TYPE_LIST && field->type.id != DZR_TYPE_MAP)
        return append_leaf(builder, node, m, field->type, err);
    for (uint64_t n = next_value(m) % (m->values == CONSTANT ? 2 : 4); n > 0; n--)
        DZR_TRY(append_node(builder, node + 1, makers, err));
    return dzr_builder_list(builder, node, err);
}

dzr_batch *make_batch(draw *d)
{
    static const int64_t rows[] = {10, 0, 1, 8, 33, 70, 150, 300};
    static const uint32_t nulls[] = {0, 4, 1, 2, 50};
    dzr_schema *const schema = draw_schema(d);
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    dzr_error err;
    const int64_t n_rows = rows[draw_below(d, sizeof rows / sizeof *rows)];
    maker *const makers = calloc((size_t)dzr_schema_n_nodes(schema), sizeof *makers);
    REQUIRE(makers != NULL);
    for (int32_t i = 0; i < dzr_schema_n_nodes(schema); i++)
        makers[i] = (maker){.values = (pattern)draw_below(d, N_PATTERNS),
                .null_one_in = nulls[draw_below(d, sizeof nulls / sizeof *nulls)],
                .state = draw_number(d, 2)};
    REQUIRE_OK(dzr_builder_new(schema, NULL, &builder, &err));
    for (int64_t row = 0; row < n_rows; row++)
        for (int32_t i = 0; i < dzr_schema_n_fields(schema); i++)
            REQUIRE_OK(append_node(builder, dzr_schema_field_node(schema, i), makers, &err));
    REQUIRE_OK(dzr_builder_finish(builder, &batch, &err));
    dzr_builder_free(builder);
    free(makers);
    dzr_schema_free(schema);
    return batch;
}

/* ---- options ---- */

/* Paths of the leaves, as the file will have them. */
typedef struct paths {
    char text[MOST_NODES][200];
    dzr_parquet_column_options options[MOST_NODES];
    int32_t n;
} paths;

static void add_paths(const dzr_field *field, const char *path, paths *out)
{
    if (field->n_children == 0) {
        snprintf(out->text[out->n++], sizeof out->text[0], "%s", path);
        return;
    }
    static const char *const in_list[] = {"list.element"};
    static const char *const in_map[] = {"key_value.key", "key_value.value"};
    const bool is_map = field->type.id == DZR_TYPE_MAP;
    const dzr_field *const parent = is_map ? field->children : field;
    for (int32_t i = 0; i < parent->n_children; i++) {
        char below[200];
        const dzr_field *const child = &parent->children[i];
        const char *const name = is_map ? in_map[i] : field->type.id == DZR_TYPE_LIST ? in_list[i] : child->name;
        snprintf(below, sizeof below, "%.150s.%s", path, name);
        add_paths(child, below, out);
    }
}

static dzr_codec draw_codec(draw *d)
{
    static const dzr_codec codecs[] = {DZR_CODEC_UNCOMPRESSED, DZR_CODEC_SNAPPY, DZR_CODEC_GZIP, DZR_CODEC_ZSTD,
            DZR_CODEC_LZ4_RAW, DZR_CODEC_BROTLI};
    return codecs[draw_below(d, sizeof codecs / sizeof *codecs)];
}

static void draw_columns(draw *d, const dzr_schema *schema, paths *out)
{
    out->n = 0;
    for (int32_t i = 0; i < dzr_schema_n_fields(schema); i++)
        add_paths(dzr_schema_field(schema, i), dzr_schema_field(schema, i)->name, out);
    for (int32_t i = 0; i < out->n; i++)
        out->options[i] = (dzr_parquet_column_options){.path = out->text[i],
                .encoding = (dzr_parquet_encoding)draw_below(d, DZR_PARQUET_BYTE_STREAM_SPLIT + 1),
                .codec = draw_codec(d)};
}

static dzr_parquet_write_options draw_options(draw *d)
{
    static const int64_t group_rows[] = {0, 1, 10, 64, 1000};
    static const int32_t page_rows[] = {0, 1, 7, 100};
    static const int32_t page_bytes[] = {0, 1, 64, 1000};
    static const int32_t dictionary_bytes[] = {0, -1, 16, 400};
    return (dzr_parquet_write_options){.codec = draw_codec(d),
            .row_group_rows = group_rows[draw_below(d, 5)],
            .row_group_bytes = draw_one_in(d, 4) ? 500 : 0,
            .page_rows = page_rows[draw_below(d, 4)],
            .page_bytes = page_bytes[draw_below(d, 4)],
            .dictionary_bytes = dictionary_bytes[draw_below(d, 4)],
            .page_version = (int32_t)draw_below(d, 3),
            .threads = 1};
}

/* ---- files ---- */

/* Whole, or a few rows at a time. */
static void append_batch(draw *d, dzr_parquet_writer *writer, const dzr_batch *batch)
{
    dzr_error err;
    const int64_t n_rows = dzr_batch_n_rows(batch), step = draw_one_in(d, 2) ? 1 + (int64_t)draw_below(d, 200) : n_rows;
    if (n_rows == 0)
        REQUIRE_OK(dzr_parquet_writer_append(writer, batch, &err));
    for (int64_t row = 0; row < n_rows; row += step) {
        dzr_batch *part = NULL;
        REQUIRE_OK(dzr_batch_slice(batch, row, DZR_MIN(step, n_rows - row), &part, &err));
        REQUIRE_OK(dzr_parquet_writer_append(writer, part, &err));
        dzr_batch_free(part);
    }
}

/* Options of any numbers are taken, or refused by name. */
static void try_wild_options(draw *d, const dzr_schema *schema)
{
    dzr_error err = {.message = ""};
    dzr_sink *sink = NULL;
    dzr_parquet_writer *writer = NULL;
    const dzr_parquet_metadata pair = {.key = {d->at, (size_t)(d->end - d->at)}};
    const dzr_parquet_sorting sorting = {.column = (int8_t)draw_byte(d)};
    const dzr_parquet_write_options options = {.codec = (dzr_codec)draw_below(d, 9),
            .level = (int8_t)draw_byte(d),
            .row_group_rows = (int8_t)draw_byte(d),
            .row_group_bytes = (int8_t)draw_byte(d),
            .page_rows = (int8_t)draw_byte(d),
            .page_bytes = (int8_t)draw_byte(d),
            .dictionary_bytes = (int8_t)draw_byte(d),
            .page_version = (int8_t)draw_below(d, 5) - 1,
            .threads = (int8_t)draw_below(d, 4) - 1,
            .metadata = &pair,
            .n_metadata = draw_one_in(d, 2) ? 1 : 0,
            .sorting = &sorting,
            .n_sorting = draw_one_in(d, 2) ? 1 : 0};
    REQUIRE_OK(dzr_sink_memory(1 << 20, NULL, &sink, &err));
    const dzr_status st = dzr_parquet_writer_open(sink, schema, &options, &writer, &err);
    REQUIRE(st == DZR_OK ||
            ((st == DZR_ERR_ARG || st == DZR_ERR_UNSUPPORTED) && writer == NULL && err.message[0] != '\0'));
    dzr_parquet_writer_close(writer);
    dzr_sink_close(sink);
}

/* Durations are int64 to a reader that does not have Arrow's schema. */
static bool has_durations(const dzr_schema *schema)
{
    for (int32_t i = 0; i < dzr_schema_n_nodes(schema); i++)
        if (dzr_schema_node(schema, i)->type.id == DZR_TYPE_DURATION)
            return true;
    return false;
}

dzr_sink *make_file(draw *d, const dzr_batch *batch)
{
    paths columns;
    dzr_error err = {.message = ""};
    dzr_sink *sink = NULL;
    dzr_parquet_writer *writer = NULL;
    const dzr_schema *const schema = dzr_batch_schema(batch);
    dzr_parquet_write_options options = draw_options(d);
    draw_columns(d, schema, &columns);
    if (draw_one_in(d, 2)) {
        options.columns = columns.options;
        options.n_columns = columns.n;
    }
    options.threads = draw_one_in(d, 16) ? 2 : 1;
    options.no_arrow_schema = draw_one_in(d, 2) && !has_durations(schema);
    const dzr_parquet_metadata pair = {.key = {(const uint8_t *)"key", 3}, .value = {(const uint8_t *)"value", 5}};
    const dzr_parquet_sorting sorting = {.descending = true};
    if (draw_one_in(d, 4)) {
        options.metadata = &pair;
        options.sorting = &sorting;
        options.n_metadata = options.n_sorting = 1;
    }
    if (draw_one_in(d, 16))
        try_wild_options(d, schema);
    REQUIRE_OK(dzr_sink_memory(16 << 20, NULL, &sink, &err));
    dzr_status st = dzr_parquet_writer_open(sink, schema, &options, &writer, &err);
    if (st == DZR_ERR_ARG) { /* an encoding that is not the column's */
        REQUIRE(options.n_columns > 0 && strstr(err.message, "options for column \"") != NULL);
        REQUIRE(writer == NULL && dzr_sink_memory_bytes(sink).len == 0);
        for (int32_t i = 0; i < columns.n && st == DZR_ERR_ARG; i++) {
            options.columns = &columns.options[i];
            options.n_columns = 1;
            st = dzr_parquet_writer_open(sink, schema, &options, &writer, &err);
        }
        options.n_columns = 0;
        if (st == DZR_ERR_ARG)
            st = dzr_parquet_writer_open(sink, schema, &options, &writer, &err);
    }
    if (st == DZR_ERR_UNSUPPORTED) {
        REQUIRE(writer == NULL && err.message[0] != '\0');
        dzr_sink_close(sink);
        return NULL;
    }
    REQUIRE(st == DZR_OK);
    append_batch(d, writer, batch);
    REQUIRE_OK(dzr_parquet_writer_finish(writer, &err));
    dzr_parquet_writer_close(writer);
    return sink;
}

dzr_source *made_source(const dzr_sink *sink)
{
    dzr_error err;
    dzr_source *source = NULL;
    REQUIRE_OK(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
    return source;
}

/* ---- comparison ---- */

static bool same_row(const dzr_column *a, int64_t i, const dzr_column *b, int64_t k)
{
    if (b->type.id == DZR_TYPE_DICTIONARY && !dzr_column_is_null(b, k))
        return same_row(a, i, b->children[0], ((const int32_t *)b->values)[k]);
    if (dzr_column_is_null(a, i) || dzr_column_is_null(b, k))
        return dzr_column_is_null(a, i) && dzr_column_is_null(b, k);
    const size_t width = dzr_type_bits(a->type) / 8;
    if (a->type.id == DZR_TYPE_STRUCT) {
        for (int32_t c = 0; c < a->n_children; c++)
            if (!same_row(a->children[c], i, b->children[c], k))
                return false;
        return true;
    }
    if (a->type.id == DZR_TYPE_LIST || a->type.id == DZR_TYPE_MAP) {
        int64_t in_a = 0, in_b = 0;
        const int64_t n = dzr_column_list(a, i, &in_a);
        bool same = n == dzr_column_list(b, k, &in_b);
        for (int64_t e = 0; same && e < n; e++)
            same = same_row(a->children[0], in_a + e, b->children[0], in_b + e);
        return same;
    }
    if (a->type.id == DZR_TYPE_STRING || a->type.id == DZR_TYPE_BINARY) {
        const dzr_bytes left = dzr_column_bytes(a, i), right = dzr_column_bytes(b, k);
        return left.len == right.len && memcmp(left.at, right.at, left.len) == 0;
    }
    if (a->type.id == DZR_TYPE_BOOL)
        return dzr_column_bool(a, i) == dzr_column_bool(b, k);
    return memcmp((const uint8_t *)a->values + (size_t)i * width, (const uint8_t *)b->values + (size_t)k * width,
                   width) == 0;
}

static bool same_types(const dzr_column *a, const dzr_column *b)
{
    if (b->type.id == DZR_TYPE_DICTIONARY)
        b = b->children[0];
    bool same = dzr_type_equal(a->type, b->type) && a->n_children == b->n_children;
    for (int32_t i = 0; same && i < a->n_children; i++)
        same = same_types(a->children[i], b->children[i]);
    return same;
}

bool same_rows(const dzr_column *a, int64_t first, const dzr_column *b)
{
    bool same = same_types(a, b);
    for (int64_t row = 0; same && row < b->n_rows; row++)
        same = same_row(a, first + row, b, row);
    return same;
}
