/* json/writer_rows.c - rows of a batch as JSON. Called by writer.c, and by writer_ahead.c in several threads.
 * What a column is was found out before its rows come; short values are printed here, in a buffer whose place no memory
 * holds meanwhile, and copied in blocks of one size where more room is there. writer_value.c has all others. */
#include "json/digits.h"
#include "json/escape.h"
#include "json/writer.h"

#include <math.h>

/* Where text goes, while nobody else looks at the writer's buffer. */
typedef struct place {
    uint8_t *to, *end;
} place;

static place enter(const dzr_json_writer *writer)
{
    return (place){.to = writer->buf.at + writer->buf.len, .end = writer->buf.at + writer->buf.cap};
}

static void leave(dzr_json_writer *writer, place at)
{
    writer->buf.len = (size_t)(at.to - writer->buf.at);
}

static inline dzr_status have_room(dzr_json_writer *writer, place *at, size_t n, dzr_error *err)
{
    if (DZR_LIKELY(n <= (size_t)(at->end - at->to)))
        return DZR_OK;
    leave(writer, *at);
    const dzr_status st = dzr__json_more_room(writer, n, err);
    *at = enter(writer);
    return st;
}

/* ---- values, with room for DZR_JSON_SCALAR_BYTES ---- */

enum { SHORT_BYTES = 256 }; /* of strings that are looked at here */

#ifdef __SSE2__

/* Copies n bytes, 13 or more, and answers which of them stop, somewhere. */
static inline __m128i copy_out_of_line(uint8_t *to, const uint8_t *from, size_t n, bool html)
{
    if (n < 16) {
        const __m128i block = _mm_set_epi64x((long long)dzr__load_u64(from + n - 8), (long long)dzr__load_u64(from));
        memcpy(to, from, 8);
        memcpy(to + n - 8, from + n - 8, 8);
        return dzr__json_stops(block, html);
    }
    __m128i stops = _mm_setzero_si128();
    for (size_t i = 0; i + 16 < n; i += 16) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(from + i));
        _mm_storeu_si128((__m128i *)(void *)(to + i), block);
        stops = _mm_or_si128(stops, dzr__json_stops(block, html));
    }
    const __m128i last = _mm_loadu_si128((const __m128i *)(const void *)(from + n - 16));
    _mm_storeu_si128((__m128i *)(void *)(to + n - 16), last);
    return _mm_or_si128(stops, dzr__json_stops(last, html));
}

/* A string of up to SHORT_BYTES with its quotes, when nothing in it is escaped; NULL when something is. */
static inline uint8_t *put_plain_string(uint8_t *to, const dzr_column *column, const dzr_view *view, bool html)
{
    const size_t n = (size_t)view->len;
    unsigned stops = 0;
    *to++ = '"';
    if (n <= DZR_VIEW_INLINE) { /* the 4 bytes before an inlined value are the view's, too */
        const __m128i block = _mm_srli_si128(_mm_loadu_si128((const __m128i *)(const void *)view), 4);
        _mm_storeu_si128((__m128i *)(void *)to, block);
        stops = (unsigned)_mm_movemask_epi8(dzr__json_stops(block, html)) & ((1U << n) - 1);
    } else {
        const uint8_t *const from = column->data[view->as.ref.buffer].at + view->as.ref.offset;
        stops = (unsigned)_mm_movemask_epi8(copy_out_of_line(to, from, n, html));
    }
    to[n] = '"';
    return stops == 0 ? to + n + 1 : NULL;
}

#else

static inline uint8_t *put_plain_string(uint8_t *to, const dzr_column *column, const dzr_view *view, bool html)
{
    (void)to, (void)column, (void)view, (void)html;
    return NULL;
}

#endif

static inline uint8_t *put_null(uint8_t *to)
{
    memcpy(to, "null", 4);
    return to + 4;
}

static inline uint8_t *put_bool(uint8_t *to, bool value)
{
    memcpy(to, value ? "true\0" : "false", 5);
    return to + 5 - value;
}

/* A string of one place, and its quotes. */
static dzr_status put_string(
        dzr_json_writer *writer, place *at, const dzr__json_cell *cell, int64_t row, dzr_error *err)
{
    const dzr_view *const view = (const dzr_view *)cell->column->values + row;
    if (view->len <= SHORT_BYTES) {
        DZR_TRY(have_room(writer, at, SHORT_BYTES + 16, err));
        uint8_t *const to = put_plain_string(at->to, cell->column, view, writer->html);
        if (DZR_LIKELY(to != NULL)) {
            at->to = to;
            return DZR_OK;
        }
    }
    leave(writer, *at);
    const dzr_status st = dzr__json_write_value(writer, cell->node, cell->column, row, err);
    *at = enter(writer);
    return st;
}

/* ---- rows ---- */

static void bind(dzr_json_writer *writer, const dzr_batch *batch)
{
    const int32_t n = dzr_schema_n_fields(writer->schema);
    for (int32_t i = 0; i < n; i++) {
        dzr__json_cell *const cell = &writer->cells[i];
        const dzr_column *const column = dzr_batch_column(batch, i);
        const int32_t node = dzr_schema_field_node(writer->schema, i);
        const bool coded = column->type.id == DZR_TYPE_DICTIONARY;
        *cell = (dzr__json_cell){
                .before = writer->before[node].at,
                .n_before = writer->before[node].len,
                .validity = column->validity,
                .codes = coded ? column->values : NULL,
                .column = coded ? column->children[0] : column,
                .node = node,
        };
        cell->id = cell->column->type.id;
    }
}

static inline dzr_status put_cell(
        dzr_json_writer *writer, place *const at, const dzr__json_cell *cell, int64_t row, dzr_error *err)
{
    DZR_TRY(have_room(writer, at, cell->n_before + DZR__JSON_COPY + DZR_JSON_SCALAR_BYTES, err));
    if (DZR_LIKELY(cell->n_before <= DZR__JSON_COPY))
        memcpy(at->to, cell->before, DZR__JSON_COPY);
    else
        memcpy(at->to, cell->before, cell->n_before);
    uint8_t *const to = at->to += cell->n_before;
    char *const text = (char *)to;
    if (cell->validity != NULL && (cell->validity[row >> 3] >> (row & 7) & 1) == 0) {
        at->to = put_null(to);
        return DZR_OK;
    }
    const int64_t i = cell->codes != NULL ? cell->codes[row] : row;
    const void *const values = cell->column->values;
    switch (cell->id) {
    case DZR_TYPE_STRING:
        return put_string(writer, at, cell, i, err);
    case DZR_TYPE_INT32:
        at->to = (uint8_t *)dzr__put_int(text, ((const int32_t *)values)[i]);
        return DZR_OK;
    case DZR_TYPE_INT64:
        at->to = (uint8_t *)dzr__put_int(text, ((const int64_t *)values)[i]);
        return DZR_OK;
    case DZR_TYPE_BOOL:
        at->to = put_bool(to, dzr_column_bool(cell->column, i));
        return DZR_OK;
    case DZR_TYPE_BINARY:
    case DZR_TYPE_FIXED:
    case DZR_TYPE_STRUCT:
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP: {
        leave(writer, *at);
        const dzr_status st = dzr__json_write_value(writer, cell->node, cell->column, i, err);
        *at = enter(writer);
        return st;
    }
    default:
        at->to += dzr__json_print_scalar(cell->column, i, text);
        return DZR_OK;
    }
}

static inline void put_text(place *at, const char *text, size_t n)
{
    memcpy(at->to, text, n);
    at->to += n;
}

static dzr_status put_row(dzr_json_writer *writer, place *at, int32_t n_fields, int64_t row, dzr_error *err)
{
    enum { ROOM = 16 }; /* for any of what stands around rows */
    DZR_TRY(have_room(writer, at, ROOM, err));
    const char *const before = writer->n_rows == 0 ? writer->before_all : writer->between;
    put_text(at, before, strlen(before));
    for (int32_t i = 0; i < n_fields; i++)
        DZR_TRY(put_cell(writer, at, &writer->cells[i], row, err));
    DZR_TRY(have_room(writer, at, ROOM, err));
    put_text(at, writer->after_row, strlen(writer->after_row));
    writer->n_rows++;
    return DZR_OK;
}

dzr_status dzr__json_put_rows(
        dzr_json_writer *writer, const dzr_batch *batch, int64_t *row, int64_t end, dzr_error *err)
{
    const int32_t n_fields = dzr_schema_n_fields(writer->schema);
    dzr_status st = DZR_OK;
    bind(writer, batch);
    place at = enter(writer);
    for (; *row < end; (*row)++) {
        const size_t len = (size_t)(at.to - writer->buf.at);
        st = put_row(writer, &at, n_fields, *row, err);
        if (st != DZR_OK) {
            writer->buf.len = writer->sink == NULL ? len : writer->buf.len;
            return st;
        }
    }
    leave(writer, at);
    return DZR_OK;
}
