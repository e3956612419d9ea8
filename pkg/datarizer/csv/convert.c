/* csv/convert.c - the rows of a window into columns, one column after the other: each in a loop of its own that takes
 * plain values in place. What is not plain goes to value.c, one by one. Called by reader.c.
 * Strings are views into the text, which the column then holds: their bytes are not copied. */
#include "csv/internal.h"
#include "json/quick_value.h"

#include <inttypes.h>
#include <stdio.h>

_Static_assert((int)DZR__CSV_BLOCK >= (int)DZR__QUICK_BEYOND, "what is read behind a field is there");

/* What a loop over a column's rows works with. */
typedef struct rows_job {
    dzr__csv_convert *convert;
    dzr__csv_window *window;
    const dzr__csv_column *column;
    dzr_column_builder *to;
    const dzr__csv_field *field; /* of the first row */
    size_t stride;               /* fields of a record */
    int64_t n_rows;
    int64_t bad_row; /* that failed */
    dzr_status status;
    dzr_error err;
} rows_job;

/* ---- values that are not plain ---- */

/* The place before a value's message, and what to do where the type was a guess. */
static dzr_status name_place(rows_job *job, const dzr__csv_field *field, dzr_status st)
{
    char message[DZR_ERROR_BYTES + 120];
    (void)snprintf(message, sizeof message, "%s%s", job->err.message,
            job->convert->inferred
                    ? " (as inferred from the records at the start: give the column a type, or take a larger sample)"
                    : "");
    const dzr__csv_field *const record = field - job->column->place;
    return dzr__csv_window_fail(job->window, record->start, job->column->place, field->start, st, &job->err, message);
}

static bool put_slowly(rows_job *job, const dzr__csv_field *field)
{
    const dzr__csv_scan *const scan = &job->window->scan;
    uint8_t *const text = job->window->text->at;
    const bool is_quoted = dzr__csv_quoted(scan, text, *field);
    const dzr_bytes content = dzr__csv_content(scan, text, *field, true);
    const dzr_status st = dzr__csv_put_value(job->convert, job->column, content, is_quoted, &job->err);
    job->status = st == DZR_ERR_TYPE || st == DZR_ERR_SYNTAX || st == DZR_ERR_LIMIT ? name_place(job, field, st) : st;
    return st == DZR_OK;
}

/* ---- loops ---- */

typedef bool take_plain(const dzr__csv_column *column, const uint8_t *at, size_t n, uint8_t *values, int64_t row);

static inline __attribute__((always_inline)) void each_row(rows_job *job, take_plain *take)
{
    const dzr__csv_column *const column = job->column;
    dzr_column_builder *const to = job->to;
    const uint8_t *const text = job->window->text->at;
    const dzr__csv_field *field = job->field;
    for (int64_t i = 0; i < job->n_rows; i++, field += job->stride) {
        if (field->len > 0 && take(column, text + field->start, field->len, to->values->at, to->n_rows)) {
            dzr__builder_count(to);
        } else if (field->len == 0 && column->field->nullable) {
            job->status = dzr__builder_mark_null(job->convert->alloc, to, &job->err);
        } else if (!put_slowly(job, field)) {
            job->bad_row = i;
            return;
        }
        if (DZR_UNLIKELY(job->status != DZR_OK)) {
            job->bad_row = i;
            return;
        }
    }
}

static inline bool take_int64(const dzr__csv_column *column, const uint8_t *at, size_t n, uint8_t *values, int64_t row)
{
    (void)column;
    return dzr__quick_int(at, n, (int64_t *)(void *)values + row);
}

static inline bool take_int(const dzr__csv_column *column, const uint8_t *at, size_t n, uint8_t *values, int64_t row)
{
    int64_t value = 0;
    if (!dzr__quick_int(at, n, &value) || value < column->least || value > column->greatest)
        return false;
    const size_t width = column->width;
    memcpy(values + width * (size_t)row, &value, width); /* the low bytes come first */
    return true;
}

static inline bool take_double(const dzr__csv_column *column, const uint8_t *at, size_t n, uint8_t *values, int64_t row)
{
    enum { SAFE_BYTES = 17 }; /* a point and 16 digits, which a double keeps */
    dzr__quick_number number;
    if (!dzr__quick_number_at(at, n, &number) ||
            (column->is_kept && n > SAFE_BYTES &&
                    (number.scale == 0 || number.mantissa >= UINT64_C(100000000000000000))))
        return false;
    return dzr__quick_to_double(&number, (double *)(void *)values + row);
}

static inline bool take_float(const dzr__csv_column *column, const uint8_t *at, size_t n, uint8_t *values, int64_t row)
{
    (void)column;
    dzr__quick_number number;
    return dzr__quick_number_at(at, n, &number) && dzr__quick_to_float(&number, (float *)(void *)values + row);
}

static inline bool take_bool(const dzr__csv_column *column, const uint8_t *at, size_t n, uint8_t *values, int64_t row)
{
    (void)column;
    bool value = false;
    if (!dzr__quick_bool(at, n, &value))
        return false;
    const unsigned bit = 1u << (row & 7);
    values[row >> 3] = (uint8_t)((values[row >> 3] & ~bit) | (value ? bit : 0));
    return true;
}

static inline bool take_date(const dzr__csv_column *column, const uint8_t *at, size_t n, uint8_t *values, int64_t row)
{
    (void)column;
    return dzr__quick_date(at, n, (int32_t *)(void *)values + row);
}

static inline bool take_timestamp(
        const dzr__csv_column *column, const uint8_t *at, size_t n, uint8_t *values, int64_t row)
{
    uint8_t spelt[2 * DZR__QUICK_BEYOND]; /* with a T for the space */
    if (n > 10 && n <= DZR__QUICK_BEYOND && at[10] == ' ') {
        memcpy(spelt, at, DZR__QUICK_BEYOND);
        memset(spelt + DZR__QUICK_BEYOND, 0, DZR__QUICK_BEYOND);
        spelt[10] = 'T';
        at = spelt;
    }
    return dzr__quick_timestamp(at, n, column->field->type, (int64_t *)(void *)values + row);
}

/* All other types. */
static void each_slowly(rows_job *job)
{
    const dzr__csv_field *field = job->field;
    for (int64_t i = 0; i < job->n_rows; i++, field += job->stride) {
        if (!put_slowly(job, field)) {
            job->bad_row = i;
            return;
        }
    }
}

/* ---- strings ---- */

/* Up to 12 bytes: 16 may be read, those behind the text become zero. */
static inline dzr_view short_view(const uint8_t *at, size_t n)
{
    static const uint8_t masks[2 * DZR_VIEW_INLINE] = {
            255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}; /* and as many zeros */
    const uint8_t *const mask = masks + DZR_VIEW_INLINE - n;
    dzr_view view = {.len = (int32_t)n};
    uint64_t first = 0, first_mask = 0;
    uint32_t last = 0, last_mask = 0;
    memcpy(&first, at, sizeof first);
    memcpy(&first_mask, mask, sizeof first_mask);
    memcpy(&last, at + 8, sizeof last);
    memcpy(&last_mask, mask + 8, sizeof last_mask);
    first &= first_mask;
    last &= last_mask;
    memcpy(view.as.inlined, &first, sizeof first);
    memcpy(view.as.inlined + 8, &last, sizeof last);
    return view;
}

static void each_string(rows_job *job)
{
    dzr__csv_window *const window = job->window;
    dzr_column_builder *const to = job->to;
    uint8_t *const text = window->text->at;
    const dzr__csv_field *field = job->field;
    for (int64_t i = 0; i < job->n_rows; i++, field += job->stride) {
        if (field->len == 0) {
            if (!job->column->field->nullable) {
                (void)put_slowly(job, field);
                job->bad_row = i;
                return;
            }
            job->status = dzr__builder_mark_null(job->convert->alloc, to, &job->err);
        } else {
            const dzr_bytes content = dzr__csv_content(&window->scan, text, *field, true);
            dzr_view *const view = (dzr_view *)(void *)to->values->at + to->n_rows;
            if (content.len <= DZR_VIEW_INLINE) {
                *view = short_view(content.at, content.len);
            } else {
                if (to->n_data == 0 || to->data[to->n_data - 1] != window->text)
                    job->status = dzr__builder_share_block(job->convert->alloc, to, window->text, &job->err);
                *view = dzr__view(content.at, (int32_t)content.len, to->n_data - 1, (int32_t)(content.at - text));
            }
            dzr__builder_count(to);
        }
        if (DZR_UNLIKELY(job->status != DZR_OK)) {
            job->bad_row = i;
            return;
        }
    }
}

/* ---- columns ---- */

static void run(rows_job *job)
{
    switch (job->column->field->type.id) {
    case DZR_TYPE_INT64:
    case DZR_TYPE_DURATION:
        each_row(job, take_int64);
        return;
    case DZR_TYPE_INT8:
    case DZR_TYPE_INT16:
    case DZR_TYPE_INT32:
    case DZR_TYPE_UINT8:
    case DZR_TYPE_UINT16:
    case DZR_TYPE_UINT32:
    case DZR_TYPE_UINT64:
        each_row(job, take_int);
        return;
    case DZR_TYPE_DOUBLE:
        each_row(job, take_double);
        return;
    case DZR_TYPE_FLOAT:
        each_row(job, take_float);
        return;
    case DZR_TYPE_BOOL:
        each_row(job, take_bool);
        return;
    case DZR_TYPE_STRING:
        each_string(job);
        return;
    case DZR_TYPE_DATE:
        each_row(job, take_date);
        return;
    case DZR_TYPE_TIMESTAMP:
        each_row(job, take_timestamp);
        return;
    default:
        each_slowly(job);
        return;
    }
}

dzr_status dzr__csv_convert_rows(
        dzr__csv_convert *convert, dzr__csv_window *window, int64_t first, int64_t n_rows, dzr_error *err)
{
    rows_job job = {.convert = convert, .window = window, .stride = (size_t)window->n_columns, .n_rows = n_rows};
    const dzr__csv_field *const fields = window->fields + (size_t)first * job.stride;
    dzr_status st = DZR_OK;
    for (int32_t k = 0; k < convert->n_columns; k++) {
        job.column = &convert->columns[k];
        if (job.column->node < 0)
            continue;
        job.to = &convert->builder->columns[job.column->node];
        job.field = fields + job.column->place;
        job.status = DZR_OK;
        while (job.to->cap_rows < job.to->n_rows + job.n_rows)
            DZR_TRY(dzr__builder_grow(convert->alloc, job.to, err));
        run(&job);
        if (job.status == DZR_OK)
            continue;
        st = job.status;
        if (err != NULL)
            *err = job.err;
        if (st == DZR_ERR_NOMEM)
            return st;
        job.n_rows = job.bad_row; /* only a record before this one can be the first that fails */
    }
    return st;
}
