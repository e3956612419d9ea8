/* store/count.c - how many rows a file has: what a Parquet footer says, the lines of a text. Called by `datarizer
 * count`.
 */
#include "store/internal.h"

enum { WINDOW = 256 << 10 };

/* Lines that hold more than white space, which comes from one read to the next. */
typedef struct line_count {
    int64_t n;
    bool is_full; /* the line at hand holds something */
} line_count;

static bool is_blank(const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at[i] != ' ' && at[i] != '\t' && at[i] != '\r')
            return false;
    return true;
}

static void count_lines(line_count *count, const uint8_t *at, size_t len)
{
    while (len > 0) {
        const uint8_t *const end = memchr(at, '\n', len);
        const size_t n = end != NULL ? (size_t)(end - at) : len;
        count->is_full = count->is_full || !is_blank(at, n);
        if (end == NULL)
            return;
        count->n += count->is_full;
        count->is_full = false;
        at += n + 1;
        len -= n + 1;
    }
}

/* A byte order mark before the first line is not a part of it. */
static size_t mark_bytes(const uint8_t *at, size_t len)
{
    return len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static dzr_status count_text(dzr_source *source, const dzr_table_read_options *options, int64_t *n_rows, dzr_error *err)
{
    uint8_t *const window = dzr_alloc_array(options->alloc, WINDOW, 1, err);
    if (window == NULL)
        return DZR_ERR_NOMEM;
    line_count count = {0};
    dzr_status st = DZR_OK;
    size_t n_start = 0; /* a mark may come in pieces: the first three bytes are waited for */
    bool started = false;
    for (size_t n = 1; st == DZR_OK && n > 0;) {
        if (dzr_cancel_is_set(options->cancel)) {
            st = dzr_fail(err, DZR_ERR_CANCELLED, "%s: cancelled", source->name);
            break;
        }
        st = dzr_source_read(source, window + n_start, WINDOW - n_start, &n, err);
        if (st != DZR_OK)
            break;
        n_start += n;
        if (!started && n > 0 && n_start < 3)
            continue;
        const size_t n_mark = started ? 0 : mark_bytes(window, n_start);
        count_lines(&count, window + n_mark, n_start - n_mark);
        started = true;
        n_start = 0;
    }
    *n_rows = count.n + count.is_full;
    dzr_release(options->alloc, window);
    return st;
}

static dzr_status count_parquet(
        dzr_source *source, const dzr_table_read_options *options, int64_t *n_rows, dzr_error *err)
{
    const dzr_parquet_read_options parquet = {.alloc = options->alloc, .limits = options->limits, .threads = 1};
    dzr_parquet_reader *reader = NULL;
    if (source->n_bytes == DZR_SIZE_UNKNOWN)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED,
                "%s: Parquet is read from its end, which takes a file and not a stream", source->name);
    DZR_TRY(dzr_parquet_reader_open(source, &parquet, &reader, err));
    *n_rows = dzr_parquet_reader_n_rows(reader);
    dzr_parquet_reader_close(reader);
    return DZR_OK;
}

/* A record of CSV may have line breaks in it. */
static dzr_status count_csv(
        dzr_source *source, const dzr_table_read_options *options, char delimiter, int64_t *n_rows, dzr_error *err)
{
    dzr_csv_read_options csv = options->csv;
    dzr_csv_reader *reader = NULL;
    csv.alloc = options->alloc;
    csv.sample_rows = 1; /* types don't matter */
    if (csv.dialect.delimiter == 0)
        csv.dialect.delimiter = delimiter;
    DZR_TRY(dzr_csv_reader_open(source, &csv, &reader, err));
    const dzr_status st = dzr_csv_reader_count(reader, n_rows, err);
    dzr_csv_reader_close(reader);
    return st;
}

static dzr_status count_array(
        dzr_source *source, const dzr_table_read_options *options, int64_t *n_rows, dzr_error *err)
{
    dzr_source *lines = NULL;
    DZR_TRY(dzr_json_array_source(source, options->alloc, &lines, err));
    const dzr_status st = count_text(lines, options, n_rows, err);
    dzr_source_close(lines);
    return st;
}

static dzr_status count_format(
        dzr_source *source, const dzr_table_read_options *options, dzr_format format, int64_t *n_rows, dzr_error *err)
{
    switch (format) {
    case DZR_FORMAT_PARQUET:
        return count_parquet(source, options, n_rows, err);
    case DZR_FORMAT_JSON:
        return count_array(source, options, n_rows, err);
    case DZR_FORMAT_CSV:
        return count_csv(source, options, ',', n_rows, err);
    case DZR_FORMAT_TSV:
        return count_csv(source, options, '\t', n_rows, err);
    default:
        return count_text(source, options, n_rows, err);
    }
}

dzr_status dzr_table_count(const char *name, const dzr_table_read_options *options, int64_t *n_rows, dzr_error *err)
{
    static const dzr_table_read_options defaults = {.alloc = NULL};
    if (options == NULL)
        options = &defaults;
    dzr_format format = options->format;
    if (format == DZR_FORMAT_BY_NAME)
        DZR_TRY(dzr_format_of(name, &format, err));
    const dzr_store_source_options store = {.alloc = options->alloc, .cancel = options->cancel, .s3 = options->s3};
    dzr_source *source = NULL;
    DZR_TRY(dzr_store_open_source_with(name, &store, &source, err));
    int64_t n = 0;
    const dzr_status st = count_format(source, options, format, &n, err);
    dzr_source_close(source);
    if (st == DZR_OK)
        *n_rows = n;
    return st;
}
