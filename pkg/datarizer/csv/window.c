/* csv/window.c - text of a source, and the fields of its records, some hundred kilobytes at a time. Called by reader.c.
 * Text is read into buffers that columns then point into, so a buffer that somebody else holds is left to them and the
 * record that is not whole yet moves to a new one. */
#include "csv/internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

enum {
    TEXT_BYTES = 1 << 20,   /* of a buffer */
    WINDOW_BYTES = 1 << 18, /* of text that is worked on at once: with its fields it stays in the cache */
};

void dzr__csv_window_fini(dzr__csv_window *window)
{
    dzr__csv_scan_fini(&window->scan);
    dzr__buffer_free(window->text);
    dzr_release(window->alloc, window->fields);
}

/* ---- messages ---- */

/* Line breaks in text[from, to). */
static int64_t count_lines(const dzr__csv_window *window, size_t from, size_t to)
{
    const uint8_t *const text = window->text->at;
    int64_t n = 0;
    for (size_t i = from; i < to; i++)
        n += text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n');
    return n;
}

dzr_status dzr__csv_window_fail(const dzr__csv_window *window, size_t record, int32_t column, size_t at, dzr_status st,
        dzr_error *err, const char *message)
{
    const int64_t line = record >= window->end ? window->line + 1 + count_lines(window, window->end, record)
                                               : window->line + 1 - count_lines(window, record, window->end);
    char place[DZR__JSON_SHOWN + 40] = "";
    char name[DZR__JSON_SHOWN];
    if (column >= 0 && window->names != NULL && column < window->n_columns) {
        const char *const text = window->names[column];
        dzr__json_show((dzr_bytes){(const uint8_t *)text, strlen(text)}, "", name, sizeof name);
        (void)snprintf(place, sizeof place, "column \"%s\": ", name);
    } else if (column >= 0) {
        (void)snprintf(place, sizeof place, "field %d: ", (int)column + 1);
    }
    (void)dzr_fail(err, st, "%s: line %" PRId64 ": %s%s", window->source->name, line, place, message);
    if (err != NULL) {
        err->line = line;
        err->column = column;
        err->offset = (int64_t)(window->text_offset + at);
    }
    return st;
}

/* Puts a failure behind the window's rows. */
static void set_fault(
        dzr__csv_window *window, size_t record, int32_t column, size_t at, dzr_status st, const char *message)
{
    window->fault.status = dzr__csv_window_fail(window, record, column, at, st, &window->fault.err, message);
}

/* ---- text ---- */

/* Room for more text; what is done with goes. */
static dzr_status renew_text(dzr__csv_window *window, dzr_error *err)
{
    dzr_buffer *const old = window->text;
    const size_t from = old == NULL ? 0 : DZR_MIN(window->keep, window->end);
    const size_t left = old == NULL ? 0 : old->len - from;
    const size_t room = DZR_MAX((size_t)TEXT_BYTES, left + DZR_MIN(left, (size_t)64 << 20));
    if (old != NULL && atomic_load(&old->owners) == 1 && room + DZR__CSV_PADDING <= old->cap) {
        memmove(old->at, old->at + from, left);
    } else {
        dzr_buffer *const text = dzr__buffer_new(window->alloc, room + DZR__CSV_PADDING, err);
        if (text == NULL)
            return DZR_ERR_NOMEM;
        if (left > 0)
            memcpy(text->at, old->at + from, left);
        dzr__buffer_free(old);
        window->text = text;
    }
    window->text->len = left;
    window->text_offset += from;
    window->end -= from;
    window->at = window->end;
    if (window->keep != SIZE_MAX)
        window->keep = 0;
    return DZR_OK;
}

/* More text behind what is there. A last record without a line break gets one. */
static dzr_status read_more(dzr__csv_window *window, dzr_error *err)
{
    if (window->source_ended)
        return DZR_OK;
    if (window->text == NULL || window->text->len + DZR__CSV_PADDING >= window->text->cap)
        DZR_TRY(renew_text(window, err));
    dzr_buffer *const text = window->text;
    size_t n = 0;
    DZR_TRY(dzr_source_read(window->source, text->at + text->len, text->cap - DZR__CSV_PADDING - text->len, &n, err));
    text->len += n;
    if (n == 0) {
        window->source_ended = true;
        if (text->len > window->end && text->at[text->len - 1] != '\n' && text->at[text->len - 1] != '\r')
            text->at[text->len++] = '\n';
    }
    memset(text->at + text->len, 0, DZR__CSV_BLOCK);
    return DZR_OK;
}

/* ---- scanning ---- */

/* Bytes of text from `end` on to be scanned, no more than len; never the CR of a CR LF without its LF. */
static size_t bytes_to_scan(const dzr__csv_window *window, size_t len)
{
    if (window->text == NULL)
        return 0;
    const uint8_t *const text = window->text->at + window->end;
    const size_t left = window->text->len - window->end;
    size_t n = DZR_MIN(len, left);
    while (n > 0 && n < left && text[n - 1] == '\r')
        n++;
    while (n > 0 && n == left && !window->source_ended && text[n - 1] == '\r')
        n--;
    return n;
}

/* Ends of fields that belong to whole records. */
static size_t whole_ends(const dzr__csv_window *window)
{
    const uint8_t *const text = window->text->at + window->end;
    size_t n = window->scan.n_ends;
    while (n > 0 && text[window->scan.ends[n - 1]] == window->scan.delimiter)
        n--;
    return n;
}

/* Scans on from `end` until there is a whole record, a stray quote, or nothing more. *n_ends are those of whole
 * records, *n_scanned bytes were scanned. */
static dzr_status scan_records(dzr__csv_window *window, size_t *n_ends, size_t *n_scanned, dzr_error *err)
{
    for (size_t len = WINDOW_BYTES;;) {
        const size_t n = bytes_to_scan(window, len);
        const size_t left = window->text == NULL ? 0 : window->text->len - window->end;
        *n_ends = 0;
        *n_scanned = n;
        if (n > 0) {
            assert(window->text != NULL);
            DZR_TRY(dzr__csv_scan_text(&window->scan, window->text->at + window->end, n, err));
            *n_ends = whole_ends(window);
            if (*n_ends > 0 || window->scan.stray != SIZE_MAX)
                return DZR_OK;
        }
        if (left == 0 && window->source_ended)
            return DZR_OK;
        if (n > window->limits.record_bytes || (n == left && window->source_ended))
            return DZR_OK;
        if (n >= len) {
            len *= 2;
            continue;
        }
        /* a record longer than this is not looked at again for every little piece that comes */
        const size_t want = left < WINDOW_BYTES ? left + 1 : left * 2;
        do
            DZR_TRY(read_more(window, err));
        while (!window->source_ended && window->text->len - window->end < want);
        len = DZR_MAX(len, window->text->len - window->end);
    }
}

/* What is wrong with a record that begins at `record` and was not scanned to its end; its ends are ends[n_before ..].
 */
static void find_fault(dzr__csv_window *window, size_t record, size_t n_before)
{
    const dzr__csv_scan *const scan = &window->scan;
    const size_t left = window->text->len - record;
    const size_t n_fields = scan->n_ends - n_before;
    const int32_t column = (int32_t)DZR_MIN(n_fields, (size_t)INT32_MAX);
    const size_t limit = window->limits.record_bytes;
    const size_t at = window->end + scan->stray;
    char message[160];
    if (scan->stray != SIZE_MAX && at - record <= limit) {
        set_fault(window, record, column, at, DZR_ERR_SYNTAX,
                window->text->at[at] == scan->quote
                        ? "a quote inside a field that has none around it; put quotes around the field and double this "
                          "one, or read with another quote or none"
                        : "text behind a closing quote; a quote inside quotes is doubled");
        return;
    }
    const size_t field = n_fields == 0 ? record : window->end + scan->ends[scan->n_ends - 1] + 1;
    if (left > limit) {
        (void)snprintf(message, sizeof message, "the record is longer than the %zu bytes allowed%s", limit,
                scan->in_quotes ? "; a quote may be missing" : "");
        set_fault(window, record, -1, record, DZR_ERR_LIMIT, message);
        return;
    }
    set_fault(window, record, column, field, DZR_ERR_SYNTAX,
            "the quote that begins the field is not closed before the end; a quote inside quotes is doubled");
}

/* ---- records ---- */

static bool is_blank(const uint8_t *text, size_t start, size_t end)
{
    return end == start || (end == start + 1 && text[start] == '\r');
}

/* A record that has not as many fields as the first, from `record` on; its ends begin with ends[i]. */
static void count_fault(dzr__csv_window *window, size_t record, size_t i)
{
    const dzr__csv_scan *const scan = &window->scan;
    const uint8_t *const text = window->text->at + window->end;
    size_t n = 0;
    while (text[scan->ends[i + n]] == scan->delimiter)
        n++;
    n++;
    char message[160];
    (void)snprintf(message, sizeof message,
            "%zu field%s, where there are %d columns; quotes go around a field with a delimiter or line break in it", n,
            n == 1 ? "" : "s", (int)window->n_columns);
    set_fault(window, record, -1, record, DZR_ERR_SYNTAX, message);
}

/* A record, or one of its fields, that is too long. */
static void size_fault(dzr__csv_window *window, size_t record, const dzr__csv_field *fields)
{
    const size_t limit = window->limits.field_bytes;
    char message[80];
    int32_t k = 0;
    while (k < window->n_columns && fields[k].len <= limit)
        k++;
    const bool is_field = k < window->n_columns;
    (void)snprintf(message, sizeof message, "the %s is longer than the %zu bytes allowed",
            is_field ? "field" : "record", is_field ? limit : window->limits.record_bytes);
    set_fault(window, record, is_field ? k : -1, is_field ? fields[k].start : record, DZR_ERR_LIMIT, message);
}

static dzr_status make_room_for_fields(dzr__csv_window *window, size_t n, dzr_error *err)
{
    if (n <= window->cap_fields)
        return DZR_OK;
    const size_t cap = DZR_MAX(n, window->cap_fields * 2);
    dzr__csv_field *const fields = dzr_alloc_array(window->alloc, cap, sizeof *fields, err);
    if (fields == NULL)
        return DZR_ERR_NOMEM;
    dzr_release(window->alloc, window->fields);
    window->fields = fields;
    window->cap_fields = cap;
    return DZR_OK;
}

/* Fields of the records whose ends are ends[0, n_ends), up to one that is not as it should be. Where the records end is
 * returned. */
static size_t take_fields(dzr__csv_window *window, size_t n_ends)
{
    const dzr__csv_scan *const scan = &window->scan;
    const uint8_t *const text = window->text->at;
    const size_t base = window->end;
    const size_t n_columns = (size_t)window->n_columns;
    dzr__csv_field *to = window->fields;
    size_t start = base;
    for (size_t i = 0; i < n_ends;) {
        const size_t record = start;
        if (n_columns > 1 && is_blank(text, start, base + scan->ends[i]) &&
                text[base + scan->ends[i]] != scan->delimiter) {
            start = base + scan->ends[i++] + 1;
            continue;
        }
        bool right = n_ends - i >= n_columns;
        size_t longest = 0;
        for (size_t k = 0; right && k < n_columns; k++) {
            const size_t end = base + scan->ends[i + k];
            const size_t len = end - start;
            right = (text[end] == scan->delimiter) == (k + 1 < n_columns);
            longest = DZR_MAX(longest, len);
            to[k] = (dzr__csv_field){(uint32_t)start, (uint32_t)len};
            start = end + 1;
        }
        if (!right) {
            count_fault(window, record, i);
            return record;
        }
        if (longest > window->limits.field_bytes || start - record > window->limits.record_bytes) {
            size_fault(window, record, to);
            return record;
        }
        dzr__csv_field *const last = &to[n_columns - 1];
        if (last->len > 0 && text[start - 1] == '\n' && text[last->start + last->len - 1] == '\r')
            last->len--;
        to += n_columns;
        i += n_columns;
        window->n_rows++;
    }
    return start;
}

/* Cuts the rows before the first that is not UTF-8. */
static void check_text(dzr__csv_window *window, size_t end)
{
    const uint8_t *const text = window->text->at;
    if (dzr__utf8_valid(text + window->end, end - window->end))
        return;
    const dzr__csv_field *field = window->fields;
    for (int64_t row = 0; row < window->n_rows; row++) {
        for (int32_t k = 0; k < window->n_columns; k++, field++) {
            if (dzr__utf8_valid(text + field->start, field->len))
                continue;
            size_t good = 0; /* bytes before the first that is wrong */
            while (dzr__utf8_valid(text + field->start, good + 1) ||
                    (good + 2 <= field->len && dzr__utf8_valid(text + field->start, good + 2)) ||
                    (good + 3 <= field->len && dzr__utf8_valid(text + field->start, good + 3)) ||
                    (good + 4 <= field->len && dzr__utf8_valid(text + field->start, good + 4)))
                good++;
            window->n_rows = row;
            set_fault(window, window->fields[row * window->n_columns].start, k, field->start + good, DZR_ERR_SYNTAX,
                    "bytes that are not UTF-8; convert the file first, as with iconv -f latin1 -t utf8");
            return;
        }
    }
}

dzr_status dzr__csv_window_next(dzr__csv_window *window, dzr_error *err)
{
    size_t n_ends = 0, n_scanned = 0;
    window->n_rows = 0;
    window->at = window->end;
    if (window->fault.status != DZR_OK)
        return DZR_OK;
    DZR_TRY(scan_records(window, &n_ends, &n_scanned, err));
    window->at = window->end;
    if (n_scanned == 0)
        return DZR_OK;
    DZR_TRY(make_room_for_fields(window, n_ends + (size_t)window->n_columns, err));
    const size_t whole = n_ends == 0 ? window->end : window->end + window->scan.ends[n_ends - 1] + 1;
    const size_t end = take_fields(window, n_ends);
    if (window->fault.status == DZR_OK && (window->scan.stray != SIZE_MAX || n_ends == 0))
        find_fault(window, whole, n_ends);
    check_text(window, end);
    /* all lines of what was scanned but those of the record that is not whole */
    window->line += window->fault.status != DZR_OK
                            ? count_lines(window, window->end, end)
                            : window->scan.n_lines - count_lines(window, whole, window->end + n_scanned);
    window->end = end;
    return DZR_OK;
}

dzr_status dzr__csv_window_start(dzr__csv_window *window, dzr_error *err)
{
    do
        DZR_TRY(read_more(window, err));
    while (window->text->len < 3 && !window->source_ended);
    if (window->text->len >= 3 && memcmp(window->text->at, "\xef\xbb\xbf", 3) == 0)
        window->end = 3;
    if (window->source_ended && window->text->len <= 4 && window->end == 3)
        window->text->len = 3; /* nothing but the mark: no record either */
    return DZR_OK;
}

dzr_status dzr__csv_window_first(dzr__csv_window *window, size_t *n_fields, size_t *len, dzr_error *err)
{
    size_t n_ends = 0, n_scanned = 0;
    *n_fields = *len = 0;
    DZR_TRY(scan_records(window, &n_ends, &n_scanned, err));
    if (n_scanned == 0)
        return DZR_OK;
    if (n_ends == 0) {
        find_fault(window, window->end, 0);
        if (err != NULL)
            *err = window->fault.err;
        return window->fault.status;
    }
    const dzr__csv_scan *const scan = &window->scan;
    const uint8_t *const text = window->text->at + window->end;
    while (text[scan->ends[*n_fields]] == scan->delimiter)
        ++*n_fields;
    *len = (size_t)scan->ends[*n_fields] + 1;
    ++*n_fields;
    return DZR_OK;
}

/* ---- fields ---- */

dzr_bytes dzr__csv_content(const dzr__csv_scan *scan, uint8_t *text, dzr__csv_field field, bool change)
{
    uint8_t *const at = text + field.start;
    if (!dzr__csv_quoted(scan, text, field))
        return (dzr_bytes){at, field.len};
    const dzr_bytes inside = {at + 1, field.len - 2};
    const uint8_t *const end = at + 1 + inside.len;
    uint8_t *to = memchr(at + 1, scan->quote, inside.len);
    if (to == NULL || !change)
        return inside;
    for (const uint8_t *from = to; from < end;) {
        const uint8_t byte = *from++;
        from += byte == scan->quote; /* the second of two */
        *to++ = byte;
    }
    const size_t len = (size_t)(to - inside.at);
    memset(to, ' ', inside.len - len); /* so that line breaks are counted as before */
    return (dzr_bytes){inside.at, len};
}
