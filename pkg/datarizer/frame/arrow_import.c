/* frame/arrow_import.c - a batch from other engines through the Arrow C Data Interface; its schema: arrow_schema.c.
 * Buffers are kept where they are when they already have our layout; what differs (a bit offset, offsets instead of
 * views, rubbish under a null) is made anew. */
#include "frame/arrow.h"

#include <assert.h>

/* ---- the array, kept alive by every buffer over it ---- */

typedef struct kept_array {
    _Atomic int64_t owners;
    const dzr_allocator *alloc;
    struct ArrowArray array;
} kept_array;

static void drop_array(void *owner)
{
    kept_array *const kept = owner;
    if (atomic_fetch_sub_explicit(&kept->owners, 1, memory_order_acq_rel) != 1)
        return;
    kept->array.release(&kept->array);
    dzr_release(kept->alloc, kept);
}

static dzr_buffer *buffer_over(kept_array *kept, const void *at, size_t len, dzr_error *err)
{
    dzr_buffer *const buffer = dzr__buffer_foreign(kept->alloc, at, len, drop_array, kept, err);
    if (buffer != NULL)
        atomic_fetch_add_explicit(&kept->owners, 1, memory_order_relaxed);
    return buffer;
}

/* ---- one column ---- */

enum {
    WINDOW_BITS = 30,
    MAX_DATA = 1 << 20
}; /* a view's offset is 31 bits: large data is seen through windows of 1 GiB */

typedef struct import_column {
    kept_array *kept;
    const struct ArrowArray *array;
    const dzr_field *field;
    char layout; /* 'f' fixed width, 'd' decimal, 't' time, 'S' in seconds, 'n' null, 'o' 32-bit offsets, 'O' 64-bit
                    offsets, 'v' views; 's', 'l', 'L' nested; 'c' codes */
    size_t stored_bytes;   /* 'd': of a value in the array */
    int64_t first, n_rows; /* the rows are array's [first, first + n_rows) */
    const uint8_t *under;  /* validity of the struct these rows belong to, from bit 0; NULL: all there */
    int64_t n_nulls;
    dzr_buffer *validity, *values;
    dzr_buffer **data;
    int32_t n_data;
} import_column;

/* A field declared without nulls may have them where the struct it belongs to is null: there they mean nothing. */
static dzr_status check_required(import_column *c, const uint8_t *bits, dzr_error *err)
{
    int64_t n_wrong = 0;
    for (int64_t i = 0; i < c->n_rows; i++)
        n_wrong += !dzr__bit_get(bits, c->first + i) && (c->under == NULL || dzr__bit_get(c->under, i));
    if (n_wrong > 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "column \"%s\" is declared without nulls and has %lld", c->field->name,
                (long long)n_wrong);
    c->n_nulls = 0;
    return DZR_OK;
}

static dzr_status import_validity(import_column *c, dzr_error *err)
{
    const uint8_t *const bits = c->array->buffers[0];
    c->n_nulls = bits == NULL ? 0 : c->n_rows - dzr__bits_count(bits, c->first, c->n_rows);
    if (c->n_nulls == 0)
        return DZR_OK;
    if (!c->field->nullable)
        return check_required(c, bits, err);
    const size_t n_bytes = dzr__bitmap_bytes(c->n_rows);
    if ((c->first & 7) == 0) {
        c->validity = buffer_over(c->kept, bits + (c->first >> 3), n_bytes, err);
        return c->validity != NULL ? DZR_OK : DZR_ERR_NOMEM;
    }
    c->validity = dzr__buffer_new(c->kept->alloc, n_bytes, err);
    if (c->validity == NULL)
        return DZR_ERR_NOMEM;
    c->validity->len = n_bytes;
    c->validity->at[n_bytes - 1] = 0;
    dzr__bits_copy(c->validity->at, 0, bits, c->first, c->n_rows);
    return DZR_OK;
}

static dzr_status import_bits(import_column *c, dzr_error *err)
{
    const size_t n_bytes = dzr__bitmap_bytes(c->n_rows);
    c->values = dzr__buffer_new(c->kept->alloc, n_bytes, err);
    if (c->values == NULL)
        return DZR_ERR_NOMEM;
    c->values->len = n_bytes;
    if (n_bytes == 0)
        return DZR_OK;
    c->values->at[n_bytes - 1] = 0;
    dzr__bits_copy(c->values->at, 0, c->array->buffers[1], c->first, c->n_rows);
    for (size_t i = 0; c->n_nulls > 0 && i < n_bytes; i++)
        c->values->at[i] &= c->validity->at[i];
    return DZR_OK;
}

/* What must divide an address for C to read the values there. */
static size_t alignment_of(dzr_type type)
{
    switch (type.id) {
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID:
        return 1;
    case DZR_TYPE_DECIMAL:
        return sizeof(uint64_t);
    default:
        return dzr_type_bits(type) / 8;
    }
}

static dzr_status import_fixed(import_column *c, dzr_error *err)
{
    const size_t width = dzr_type_bits(c->field->type) / 8;
    const uint8_t *const from = (const uint8_t *)c->array->buffers[1] + (size_t)c->first * width;
    const size_t n_bytes = (size_t)c->n_rows * width;
    if (c->n_nulls == 0 && n_bytes > 0 && (uintptr_t)from % alignment_of(c->field->type) == 0) {
        c->values = buffer_over(c->kept, from, n_bytes, err);
        return c->values != NULL ? DZR_OK : DZR_ERR_NOMEM;
    }
    c->values = dzr__buffer_new(c->kept->alloc, n_bytes, err);
    if (c->values == NULL)
        return DZR_ERR_NOMEM;
    c->values->len = n_bytes;
    if (n_bytes > 0)
        memcpy(c->values->at, from, n_bytes);
    for (int64_t i = 0; c->n_nulls > 0 && i < c->n_rows; i++)
        if (!dzr__bit_get(c->validity->at, i))
            memset(c->values->at + (size_t)i * width, 0, width);
    return DZR_OK;
}

/* n_bytes of two's complement, however few. */
static dzr_decimal load_decimal(const uint8_t *at, size_t n_bytes)
{
    if (n_bytes >= 16)
        return dzr_decimal_load(at, n_bytes);
    return dzr_decimal_from_int(n_bytes == 4 ? (int32_t)dzr__load_u32(at) : (int64_t)dzr__load_u64(at));
}

static dzr_status import_decimals(import_column *c, dzr_error *err)
{
    const dzr_type type = c->field->type;
    const size_t width = dzr_type_bits(type) / 8;
    const uint8_t *const from = (const uint8_t *)c->array->buffers[1] + (size_t)c->first * c->stored_bytes;
    if (c->stored_bytes == width) {
        DZR_TRY(import_fixed(c, err));
    } else {
        c->values = dzr__buffer_new(c->kept->alloc, (size_t)c->n_rows * width, err);
        if (c->values == NULL)
            return DZR_ERR_NOMEM;
        c->values->len = c->values->cap;
    }
    for (int64_t i = 0; i < c->n_rows; i++) {
        const bool null = c->n_nulls > 0 && !dzr__bit_get(c->validity->at, i);
        const dzr_decimal value =
                null ? (dzr_decimal){{0}} : load_decimal(from + (size_t)i * c->stored_bytes, c->stored_bytes);
        if (!dzr_decimal_fits(value, type.precision))
            return dzr_fail(err, DZR_ERR_CORRUPT, "column \"%s\", row %lld: a decimal of more than %d digits",
                    c->field->name, (long long)i, type.precision);
        if (c->stored_bytes != width)
            memcpy(c->values->at + (size_t)i * width, value.word, width);
    }
    return DZR_OK;
}

/* Codes of an integer type as int32, kept in place when they are that; each names one of n_values. */
static dzr_status import_codes(import_column *c, char format, int64_t n_values, dzr_error *err)
{
    static const char formats[] = "cCsSiIlL";
    const size_t size = (size_t)1 << (strchr(formats, format) - formats) / 2;
    const uint8_t *const from = (const uint8_t *)c->array->buffers[1] + (size_t)c->first * size;
    if (format == 'i')
        DZR_TRY(import_fixed(c, err));
    else
        c->values = dzr__buffer_new(c->kept->alloc, (size_t)c->n_rows * sizeof(int32_t), err);
    if (c->values == NULL)
        return DZR_ERR_NOMEM;
    c->values->len = c->values->cap;
    for (int64_t i = 0; i < c->n_rows; i++) {
        const bool null = c->n_nulls > 0 && !dzr__bit_get(c->validity->at, i);
        uint64_t code = 0; /* a negative one becomes too large */
        if (!null)
            memcpy(&code, from + (size_t)i * size, size);
        if (!null && (code >= (uint64_t)n_values || code > INT32_MAX))
            return dzr_fail(err, DZR_ERR_CORRUPT, "column \"%s\", row %lld: a code that its dictionary of %lld has not",
                    c->field->name, (long long)i, (long long)n_values);
        if (format != 'i')
            dzr__store_u32(c->values->at + (size_t)i * sizeof(int32_t), (uint32_t)code);
    }
    return DZR_OK;
}

static dzr_status no_time(const import_column *c, int64_t row, int64_t value, dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_CORRUPT, "column \"%s\", row %lld: %lld is no time of a day", c->field->name,
            (long long)row, (long long)value);
}

static dzr_status import_times(import_column *c, dzr_error *err)
{
    const dzr_time_unit unit = c->field->type.unit;
    const int64_t day = dzr__units_a_day(unit);
    DZR_TRY(import_fixed(c, err));
    for (int64_t i = 0; i < c->n_rows; i++) {
        const int64_t value = unit == DZR_UNIT_MS ? ((const int32_t *)(const void *)c->values->at)[i]
                                                  : ((const int64_t *)(const void *)c->values->at)[i];
        if (value < 0 || value > day)
            return no_time(c, i, value, err);
    }
    return DZR_OK;
}

/* Seconds become milliseconds. */
static dzr_status import_seconds(import_column *c, dzr_error *err)
{
    const int32_t *const from = (const int32_t *)c->array->buffers[1] + c->first;
    c->values = dzr__buffer_new(c->kept->alloc, (size_t)c->n_rows * sizeof(int32_t), err);
    if (c->values == NULL)
        return DZR_ERR_NOMEM;
    c->values->len = c->values->cap;
    for (int64_t i = 0; i < c->n_rows; i++) {
        const int32_t seconds = c->n_nulls > 0 && !dzr__bit_get(c->validity->at, i) ? 0 : from[i];
        if (seconds < 0 || seconds > 86400)
            return no_time(c, i, seconds, err);
        dzr__store_u32(c->values->at + (size_t)i * sizeof(int32_t), (uint32_t)seconds * 1000);
    }
    return DZR_OK;
}

static dzr_status import_nulls(import_column *c, dzr_error *err)
{
    const size_t n_bytes = dzr__bitmap_bytes(c->n_rows);
    c->n_nulls = c->n_rows;
    c->validity = dzr__buffer_new(c->kept->alloc, n_bytes, err);
    if (c->validity == NULL)
        return DZR_ERR_NOMEM;
    c->validity->len = n_bytes;
    memset(c->validity->at, 0, n_bytes);
    return DZR_OK;
}

static dzr_status check_text(const import_column *c, int64_t row, const uint8_t *at, size_t len, dzr_error *err)
{
    if (c->field->type.id == DZR_TYPE_STRING && !dzr__utf8_valid(at, len))
        return dzr_fail(err, DZR_ERR_CORRUPT, "column \"%s\", row %lld: the string is not UTF-8", c->field->name,
                (long long)row);
    return DZR_OK;
}

static dzr_status alloc_views(import_column *c, int64_t n_data, dzr_error *err)
{
    if (n_data > MAX_DATA)
        return dzr_fail(err, DZR_ERR_LIMIT, "column \"%s\" has %lld data buffers, limit is %d", c->field->name,
                (long long)n_data, MAX_DATA);
    c->values = dzr__buffer_new(c->kept->alloc, (size_t)c->n_rows * sizeof(dzr_view), err);
    c->data = dzr_alloc_zeroed(c->kept->alloc, (size_t)n_data, sizeof *c->data, err);
    if (c->values == NULL || c->data == NULL)
        return DZR_ERR_NOMEM;
    c->values->len = c->values->cap;
    memset(c->values->at, 0, c->values->len);
    return DZR_OK;
}

static int64_t offset_at(const import_column *c, int64_t row)
{
    return c->layout == 'O' || c->layout == 'L' ? ((const int64_t *)c->array->buffers[1])[row]
                                                : ((const int32_t *)c->array->buffers[1])[row];
}

static dzr_status import_offsets(import_column *c, dzr_error *err)
{
    const int64_t n_bytes = c->n_rows > 0 ? offset_at(c, c->first + c->n_rows) : 0;
    if (n_bytes < 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "column \"%s\" ends at offset %lld", c->field->name, (long long)n_bytes);
    const uint8_t *const bytes = c->array->buffers[2];
    const int64_t n_windows = (n_bytes + (1 << WINDOW_BITS) - 1) >> WINDOW_BITS;
    DZR_TRY(alloc_views(c, n_windows, err));
    for (; c->n_data < n_windows; c->n_data++) {
        const size_t start = (size_t)c->n_data << WINDOW_BITS;
        c->data[c->n_data] = buffer_over(c->kept, bytes + start, (size_t)n_bytes - start, err);
        if (c->data[c->n_data] == NULL)
            return DZR_ERR_NOMEM;
    }
    dzr_view *const views = (dzr_view *)(void *)c->values->at;
    for (int64_t i = 0; i < c->n_rows; i++) {
        const int64_t start = offset_at(c, c->first + i);
        const int64_t end = offset_at(c, c->first + i + 1);
        if (start < 0 || end < start || end > n_bytes)
            return dzr_fail(err, DZR_ERR_CORRUPT, "column \"%s\", row %lld: offsets %lld to %lld of %lld bytes",
                    c->field->name, (long long)i, (long long)start, (long long)end, (long long)n_bytes);
        if (end - start > INT32_MAX)
            return dzr_fail(err, DZR_ERR_LIMIT,
                    "column \"%s\", row %lld: a value of %lld bytes, it must be under 2 GiB", c->field->name,
                    (long long)i, (long long)(end - start));
        if (end == start || (c->n_nulls > 0 && !dzr__bit_get(c->validity->at, i)))
            continue;
        DZR_TRY(check_text(c, i, bytes + start, (size_t)(end - start), err));
        views[i] = dzr__view(bytes + start, (int32_t)(end - start), (int32_t)(start >> WINDOW_BITS),
                (int32_t)(start & ((1 << WINDOW_BITS) - 1)));
    }
    return DZR_OK;
}

static int64_t list_offset(const import_column *c, int64_t row)
{
    return c->n_rows == 0 ? 0 : offset_at(c, c->first + row);
}

/* Offsets of a list, from 0 on in 32 bits; kept in place when they are that already. */
static dzr_status import_list(import_column *c, dzr_error *err)
{
    if (c->layout == 'l' && c->n_rows > 0 && list_offset(c, 0) == 0) {
        c->values = buffer_over(c->kept, (const int32_t *)c->array->buffers[1] + c->first,
                (size_t)(c->n_rows + 1) * sizeof(int32_t), err);
    } else {
        c->values = dzr__buffer_new(c->kept->alloc, (size_t)(c->n_rows + 1) * sizeof(int32_t), err);
    }
    if (c->values == NULL)
        return DZR_ERR_NOMEM;
    const bool ours = c->values->drop == NULL;
    c->values->len = c->values->cap;
    if (ours)
        dzr__store_u32(c->values->at, 0);
    for (int64_t i = 0; i < c->n_rows; i++) {
        const int64_t start = list_offset(c, i);
        const int64_t end = list_offset(c, i + 1);
        if (start < 0 || end < start)
            return dzr_fail(err, DZR_ERR_CORRUPT, "column \"%s\", row %lld: offsets %lld to %lld", c->field->name,
                    (long long)i, (long long)start, (long long)end);
        if (end - list_offset(c, 0) > INT32_MAX)
            return dzr_fail(
                    err, DZR_ERR_LIMIT, "column \"%s\": more than 2^31 - 1 elements in a batch", c->field->name);
        if (ours)
            ((int32_t *)(void *)c->values->at)[i + 1] = (int32_t)(end - list_offset(c, 0));
    }
    return DZR_OK;
}

static dzr_status import_views(import_column *c, dzr_error *err)
{
    const int64_t n_data = c->array->n_buffers - 3;
    if (n_data < 0)
        return dzr_fail(err, DZR_ERR_ARG, "column \"%s\" comes without its data lengths", c->field->name);
    DZR_TRY(alloc_views(c, n_data, err));
    const int64_t *const lengths = c->array->buffers[2 + n_data];
    for (; c->n_data < n_data; c->n_data++) {
        const int64_t len = lengths[c->n_data];
        if (len < 0)
            return dzr_fail(
                    err, DZR_ERR_CORRUPT, "column \"%s\": data buffer of %lld bytes", c->field->name, (long long)len);
        c->data[c->n_data] = buffer_over(c->kept, c->array->buffers[2 + c->n_data], (size_t)len, err);
        if (c->data[c->n_data] == NULL)
            return DZR_ERR_NOMEM;
    }
    const dzr_view *const from = (const dzr_view *)c->array->buffers[1] + c->first;
    dzr_view *const views = (dzr_view *)(void *)c->values->at;
    for (int64_t i = 0; i < c->n_rows; i++) {
        if (c->n_nulls > 0 && !dzr__bit_get(c->validity->at, i))
            continue;
        const dzr_view view = from[i];
        const uint8_t *at = view.as.inlined;
        if (view.len > DZR_VIEW_INLINE) {
            const int32_t buffer = view.as.ref.buffer;
            if (buffer < 0 || buffer >= n_data || view.as.ref.offset < 0 ||
                    view.as.ref.offset > lengths[buffer] - view.len)
                return dzr_fail(err, DZR_ERR_CORRUPT, "column \"%s\", row %lld: its view points outside the data",
                        c->field->name, (long long)i);
            at = c->data[buffer]->at + view.as.ref.offset;
        } else if (view.len < 0) {
            return dzr_fail(
                    err, DZR_ERR_CORRUPT, "column \"%s\", row %lld: length %d", c->field->name, (long long)i, view.len);
        }
        DZR_TRY(check_text(c, i, at, (size_t)view.len, err));
        views[i] = view.len > DZR_VIEW_INLINE ? view : dzr__view(at, view.len, 0, 0); /* zeros behind a short one */
    }
    return DZR_OK;
}

static dzr_status import_values(import_column *c, dzr_error *err)
{
    switch (c->layout) {
    case 'n':
    case 's':
        return DZR_OK;
    case 'd':
        return import_decimals(c, err);
    case 't':
        return import_times(c, err);
    case 'S':
        return import_seconds(c, err);
    case 'l':
    case 'L':
        return import_list(c, err);
    case 'v':
        return import_views(c, err);
    case 'f':
        return dzr_type_bits(c->field->type) == 1 ? import_bits(c, err) : import_fixed(c, err);
    default:
        return import_offsets(c, err);
    }
}

static void column_fini(import_column *c)
{
    dzr__buffer_free(c->validity);
    dzr__buffer_free(c->values);
    for (int32_t i = 0; i < c->n_data; i++)
        dzr__buffer_free(c->data[i]);
    dzr_release(c->kept->alloc, c->data);
}

static char layout_of(const char *format)
{
    switch (format[0]) {
    case 'd':
    case 'n':
        return format[0];
    case 't':
        return (char)(format[1] != 't' ? 'f' : format[2] == 's' ? 'S' : 't');
    case 'v':
        return 'v';
    case 'u':
    case 'z':
        return 'o';
    case 'U':
    case 'Z':
        return 'O';
    case '+':
        return (char)(format[1] == 'm' ? 'l' : format[1]);
    default:
        return 'f';
    }
}

static dzr_status check_shape(const import_column *c, dzr_error *err)
{
    const int64_t n_buffers = c->layout == 'n'                                           ? 0
                              : c->layout == 's'                                         ? 1
                              : c->layout == 'o' || c->layout == 'O' || c->layout == 'v' ? 3
                                                                                         : 2;
    const struct ArrowArray *const array = c->array;
    if (array->n_buffers < n_buffers || (array->dictionary != NULL) != (c->layout == 'c') ||
            array->n_children != (c->layout == 'c' ? 0 : c->field->n_children) || array->offset < 0 ||
            c->first < array->offset || c->n_rows > array->length - (c->first - array->offset))
        return dzr_fail(err, DZR_ERR_ARG, "column \"%s\" has another shape than its schema says", c->field->name);
    return DZR_OK;
}

static dzr_status import_node(
        dzr_batch *batch, int32_t node, const struct ArrowSchema *schema, import_column c, dzr_error *err);

/* The rows of node's children that belong to its rows: as many for a struct, those its offsets name for a list. */
static dzr_status import_children(
        dzr_batch *batch, int32_t node, const struct ArrowSchema *schema, const import_column *c, dzr_error *err)
{
    const dzr_column *const column = dzr_batch_node(batch, node);
    const bool is_struct = c->layout == 's';
    int32_t child = node + 1;
    if (c->layout == 'c') {
        const struct ArrowArray *const values = c->array->dictionary;
        const import_column all = {.kept = c->kept, .array = values, .first = values->offset, .n_rows = values->length};
        return import_node(batch, child, schema->dictionary, all, err);
    }
    for (int32_t i = 0; i < c->field->n_children; i++) {
        const import_column below = {.kept = c->kept,
                .array = c->array->children[i],
                .first = c->array->children[i]->offset + (is_struct ? c->first : list_offset(c, 0)),
                .n_rows = is_struct ? c->n_rows : ((const int32_t *)column->values)[c->n_rows],
                .under = is_struct ? (column->validity != NULL ? column->validity : c->under) : NULL};
        DZR_TRY(import_node(batch, child, schema->children[i], below, err));
        child = dzr_schema_node_end(dzr_batch_schema(batch), child);
    }
    return DZR_OK;
}

static dzr_status import_node(
        dzr_batch *batch, int32_t node, const struct ArrowSchema *schema, import_column c, dzr_error *err)
{
    assert(schema != NULL);
    c.field = dzr_schema_node(dzr_batch_schema(batch), node);
    c.layout = (char)(schema->dictionary != NULL ? 'c' : layout_of(schema->format));
    if (c.layout == 'd') {
        dzr_type type;
        int32_t bits = 128;
        (void)dzr__arrow_decimal(schema->format, &type, &bits); /* the schema was read from it */
        c.stored_bytes = (size_t)bits / 8;
    }
    DZR_TRY(check_shape(&c, err));
    dzr_status st = c.layout == 'n' ? import_nulls(&c, err) : import_validity(&c, err);
    if (st == DZR_OK)
        st = c.layout == 'c' ? import_codes(&c, schema->format[0], c.array->dictionary->length, err)
                             : import_values(&c, err);
    if (st != DZR_OK) {
        column_fini(&c);
        return st;
    }
    st = dzr__batch_take_node(batch, node, c.n_rows, c.n_nulls, c.validity, c.values, c.data, c.n_data, err);
    dzr_release(c.kept->alloc, c.data);
    DZR_TRY(st);
    return import_children(batch, node, schema, &c, err);
}

static dzr_status import_columns(dzr_batch *batch, kept_array *kept, const struct ArrowSchema *schema, dzr_error *err)
{
    const struct ArrowArray *const root = &kept->array;
    for (int32_t i = 0; i < dzr_schema_n_fields(dzr_batch_schema(batch)); i++) {
        const import_column column = {.kept = kept,
                .array = root->children[i],
                .first = root->offset + root->children[i]->offset,
                .n_rows = root->length};
        const int32_t node = dzr_schema_field_node(dzr_batch_schema(batch), i);
        DZR_TRY(import_node(batch, node, schema->children[i], column, err));
    }
    return DZR_OK;
}

static dzr_status check_root(const struct ArrowArray *root, int32_t n_fields, dzr_error *err)
{
    if (root->n_children != n_fields || root->length < 0 || root->offset < 0)
        return dzr_fail(err, DZR_ERR_ARG, "an array of %lld columns and %lld rows for a schema of %d columns",
                (long long)root->n_children, (long long)root->length, n_fields);
    if (root->null_count != 0 && root->n_buffers > 0 && root->buffers[0] != NULL &&
            dzr__bits_count(root->buffers[0], root->offset, root->length) != root->length)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "rows that are null as a whole");
    return DZR_OK;
}

dzr_status dzr_arrow_import_batch(struct ArrowArray *in, const struct ArrowSchema *in_schema,
        const dzr_allocator *alloc, dzr_batch **out, dzr_error *err)
{
    dzr_schema *schema = NULL;
    dzr_batch *batch = NULL;
    kept_array *kept = NULL;
    dzr_status st = dzr_arrow_import_schema(in_schema, alloc, &schema, err);
    if (st != DZR_OK)
        goto out;
    st = check_root(in, dzr_schema_n_fields(schema), err);
    if (st != DZR_OK)
        goto out;
    st = DZR_ERR_NOMEM;
    kept = dzr_alloc_zeroed(alloc, 1, sizeof *kept, err);
    if (kept == NULL)
        goto out;
    atomic_init(&kept->owners, 1);
    kept->alloc = alloc;
    kept->array = *in;
    in->release = NULL;
    st = dzr__batch_new(schema, kept->array.length, alloc, &batch, err);
    if (st == DZR_OK)
        st = import_columns(batch, kept, in_schema, err);
    if (st == DZR_OK) {
        *out = batch;
        batch = NULL;
    }
out:
    dzr_batch_free(batch);
    if (kept != NULL)
        drop_array(kept); /* from here on the batch's buffers alone keep the array */
    else if (in->release != NULL)
        in->release(in);
    dzr_schema_free(schema);
    return st;
}
