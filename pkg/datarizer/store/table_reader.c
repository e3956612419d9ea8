/* store/table_reader.c - a file of records as batches, whatever its format. Called by convert.c and programs. */
#include "store/internal.h"

struct dzr_table_reader {
    const dzr_allocator *alloc;
    const dzr_cancel *cancel;
    dzr_source *source;
    dzr_parquet_reader *parquet; /* one of the three */
    dzr_jsonl_reader *jsonl;
    dzr_csv_reader *csv;
    dzr_source *lines;      /* of a JSON array in source; NULL: another format */
    int32_t row_group;      /* the next */
    dzr_parquet_scan *scan; /* where something was chosen */
    int64_t n_before;       /* of a text: rows that are not wanted, before those that are */
    int64_t n_left;         /* and how many of those are to come */
    int64_t n_last;         /* or that only so many at the end are wanted; 0: no */
    dzr_batch **last;       /* which are these batches, once the end was seen */
    int32_t n_held, next_held;
    bool seen_end;
    dzr__dead_letter *dead_letter; /* for bad records; NULL: they end it */
    dzr__table_view *view;         /* what becomes of the rows; NULL: they are given out as they are */
};

/* ---- which part of a Parquet file ---- */

/* Whether a column's path is the one that was asked for, or below that. */
static bool is_at_or_below(const char *path, const char *asked)
{
    const size_t n = strlen(asked);
    return strncmp(path, asked, n) == 0 && (path[n] == '\0' || path[n] == '.');
}

/* The columns of all paths asked for, in their order; room for n_columns times all there are. */
static dzr_status find_columns(const dzr_table_reader *reader, const dzr_table_read_options *options, int32_t *out,
        int32_t *n_out, dzr_error *err)
{
    const int32_t n = dzr_parquet_reader_n_columns(reader->parquet);
    *n_out = 0;
    for (int32_t i = 0; i < options->n_columns; i++) {
        const int32_t before = *n_out;
        for (int32_t column = 0; column < n; column++)
            if (is_at_or_below(dzr_parquet_reader_path(reader->parquet, column), options->columns[i]))
                out[(*n_out)++] = column;
        if (*n_out == before)
            return dzr_fail(
                    err, DZR_ERR_ARG, "%s: there is no column \"%.200s\"", reader->source->name, options->columns[i]);
    }
    return DZR_OK;
}

static dzr_status open_scan(dzr_table_reader *reader, const dzr_table_read_options *options, dzr_error *err)
{
    dzr_parquet_scan_options scan = {.row_groups = options->row_groups,
            .n_row_groups = options->n_row_groups,
            .first_row = options->first_row,
            .n_rows = options->n_rows,
            .batch_rows = options->batch_rows};
    if (options->columns == NULL)
        return dzr_parquet_scan_open(reader->parquet, &scan, &reader->scan, err);
    const size_t n = (size_t)dzr_parquet_reader_n_columns(reader->parquet);
    int32_t *const columns = dzr_alloc_array(reader->alloc, n, sizeof *columns * (size_t)options->n_columns, err);
    if (columns == NULL)
        return DZR_ERR_NOMEM;
    scan.columns = columns;
    dzr_status st = find_columns(reader, options, columns, &scan.n_columns, err);
    if (st == DZR_OK)
        st = dzr_parquet_scan_open(reader->parquet, &scan, &reader->scan, err);
    dzr_release(reader->alloc, columns);
    return st;
}

dzr_status dzr__table_reader_range(
        dzr_table_reader *reader, const dzr_table_read_options *options, int64_t first, int64_t n, dzr_error *err)
{
    dzr_table_read_options range = *options;
    range.first_row = first;
    range.n_rows = n;
    dzr_parquet_scan_close(reader->scan);
    reader->scan = NULL;
    return open_scan(reader, &range, err);
}

int64_t dzr__parquet_rows(const dzr_parquet_reader *reader, const dzr_table_read_options *options)
{
    int64_t n_rows = 0;
    if (options->row_groups == NULL)
        return dzr_parquet_reader_n_rows(reader);
    for (int32_t i = 0; i < options->n_row_groups; i++) {
        const int32_t group = options->row_groups[i];
        if (group >= 0 && group < dzr_parquet_reader_n_row_groups(reader) &&
                __builtin_add_overflow(n_rows, dzr_parquet_reader_row_group_rows(reader, group), &n_rows))
            return INT64_MAX;
    }
    return n_rows;
}

/* ---- open and close ---- */

/* Which rows to scan for, in batches of how many: scans of a view go side by side. */
static dzr_table_read_options parquet_part(const dzr_table_reader *reader, const dzr_table_read_options *options)
{
    dzr_table_read_options part = *options;
    if (options->last_rows > 0) {
        const int64_t n = dzr__parquet_rows(reader->parquet, options);
        part.first_row = n - DZR_MIN(n, options->last_rows);
        part.n_rows = options->last_rows;
    }
    if (options->where != NULL && options->batch_rows == 0)
        part.batch_rows = options->memory != 0 ? 4096 : 65536;
    return part;
}

static dzr_status open_parquet(dzr_table_reader *reader, const dzr_table_read_options *options, dzr_error *err)
{
    const dzr_parquet_read_options parquet = {
            .alloc = options->alloc, .limits = options->limits, .memory = options->memory, .threads = options->threads};
    if (reader->source->n_bytes == DZR_SIZE_UNKNOWN)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED,
                "%s: Parquet is read from its end, which takes a file and not a stream", reader->source->name);
    DZR_TRY(dzr_parquet_reader_open(reader->source, &parquet, &reader->parquet, err));
    const dzr_table_read_options part = parquet_part(reader, options);
    const bool in_part = part.columns != NULL || part.row_groups != NULL || part.first_row != 0 || part.n_rows != 0 ||
                         part.batch_rows != 0 || part.memory != 0;
    if (in_part)
        DZR_TRY(open_scan(reader, &part, err));
    return dzr__table_view_open(
            reader->source->name, dzr_table_reader_schema(reader), reader->parquet, &part, &reader->view, err);
}

/* What is wanted of a text, whose rows have to be read to be counted. */
static dzr_status choose_rows(dzr_table_reader *reader, const dzr_table_read_options *options, dzr_error *err)
{
    if (options->row_groups != NULL)
        return dzr_fail(
                err, DZR_ERR_UNSUPPORTED, "%s: row groups are chosen of Parquet files only", reader->source->name);
    if (options->first_row < 0 || options->n_rows < 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: %lld rows from row %lld on", reader->source->name,
                (long long)options->n_rows, (long long)options->first_row);
    reader->n_before = options->first_row;
    reader->n_left = options->n_rows > 0 ? options->n_rows : INT64_MAX;
    reader->n_last = options->last_rows;
    return DZR_OK;
}

static dzr_status open_jsonl(
        dzr_table_reader *reader, const dzr_table_read_options *options, bool is_array, dzr_error *err)
{
    dzr_jsonl_read_options jsonl = options->jsonl;
    jsonl.alloc = options->alloc;
    jsonl.threads = options->threads;
    if (options->batch_rows != 0)
        jsonl.batch_rows = options->batch_rows;
    DZR_TRY(choose_rows(reader, options, err));
    if (options->dead_letter != NULL) {
        DZR_TRY(dzr__dead_letter_open(
                options->dead_letter, options->max_bad, options->alloc, &reader->dead_letter, err));
        jsonl.bad = dzr__dead_letter_take;
        jsonl.bad_ctx = reader->dead_letter;
    }
    if (is_array)
        DZR_TRY(dzr_json_array_source(reader->source, options->alloc, &reader->lines, err));
    DZR_TRY(dzr_jsonl_reader_open(is_array ? reader->lines : reader->source, &jsonl, &reader->jsonl, err));
    return dzr__table_view_open(
            reader->source->name, dzr_jsonl_reader_schema(reader->jsonl), NULL, options, &reader->view, err);
}

static dzr_status open_csv(
        dzr_table_reader *reader, const dzr_table_read_options *options, char delimiter, dzr_error *err)
{
    dzr_csv_read_options csv = options->csv;
    csv.alloc = options->alloc;
    if (csv.dialect.delimiter == 0)
        csv.dialect.delimiter = delimiter;
    if (options->batch_rows != 0)
        csv.batch_rows = options->batch_rows;
    DZR_TRY(choose_rows(reader, options, err));
    DZR_TRY(dzr_csv_reader_open(reader->source, &csv, &reader->csv, err));
    return dzr__table_view_open(
            reader->source->name, dzr_csv_reader_schema(reader->csv), NULL, options, &reader->view, err);
}

static dzr_status open_format(
        dzr_table_reader *reader, const char *name, const dzr_table_read_options *options, dzr_error *err)
{
    dzr_format format = options->format;
    if (format == DZR_FORMAT_BY_NAME)
        DZR_TRY(dzr_format_of(name, &format, err));
    if (options->last_rows < 0 || (options->last_rows > 0 && (options->first_row != 0 || options->n_rows != 0)))
        return dzr_fail(err, DZR_ERR_ARG, "%s: the last %lld rows, from row %lld on", name,
                (long long)options->last_rows, (long long)options->first_row);
    const dzr_store_source_options store = {.alloc = options->alloc, .cancel = options->cancel, .s3 = options->s3};
    DZR_TRY(dzr_store_open_source_with(name, &store, &reader->source, err));
    switch (format) {
    case DZR_FORMAT_PARQUET:
        return open_parquet(reader, options, err);
    case DZR_FORMAT_CSV:
        return open_csv(reader, options, ',', err);
    case DZR_FORMAT_TSV:
        return open_csv(reader, options, '\t', err);
    default:
        return open_jsonl(reader, options, format == DZR_FORMAT_JSON, err);
    }
}

dzr_status dzr_table_reader_open(
        const char *name, const dzr_table_read_options *options, dzr_table_reader **out, dzr_error *err)
{
    static const dzr_table_read_options defaults = {.alloc = NULL};
    if (options == NULL)
        options = &defaults;
    dzr_table_reader *const reader = dzr_alloc_zeroed(options->alloc, 1, sizeof *reader, err);
    if (reader == NULL)
        return DZR_ERR_NOMEM;
    reader->alloc = options->alloc;
    reader->cancel = options->cancel;
    const dzr_status st = open_format(reader, name, options, err);
    if (st != DZR_OK) {
        dzr_table_reader_close(reader);
        return st;
    }
    *out = reader;
    return DZR_OK;
}

void dzr_table_reader_close(dzr_table_reader *reader)
{
    if (reader == NULL)
        return;
    for (int32_t i = reader->next_held; i < reader->n_held; i++)
        dzr_batch_free(reader->last[i]);
    dzr_release(reader->alloc, reader->last);
    dzr__table_view_close(reader->view);
    dzr_parquet_scan_close(reader->scan);
    dzr_parquet_reader_close(reader->parquet);
    dzr_jsonl_reader_close(reader->jsonl);
    dzr__dead_letter_close(reader->dead_letter);
    dzr_csv_reader_close(reader->csv);
    dzr_source_close(reader->lines);
    dzr_source_close(reader->source);
    dzr_release(reader->alloc, reader);
}

const dzr_schema *dzr_table_reader_schema(const dzr_table_reader *reader)
{
    if (reader->view != NULL && dzr__table_view_schema(reader->view) != NULL)
        return dzr__table_view_schema(reader->view);
    if (reader->scan != NULL)
        return dzr_parquet_scan_schema(reader->scan);
    if (reader->csv != NULL)
        return dzr_csv_reader_schema(reader->csv);
    return reader->parquet != NULL ? dzr_parquet_reader_schema(reader->parquet)
                                   : dzr_jsonl_reader_schema(reader->jsonl);
}

const dzr_parquet_scan *dzr__table_reader_scan(const dzr_table_reader *reader)
{
    return reader->scan;
}

const dzr_parquet_reader *dzr_table_reader_parquet(const dzr_table_reader *reader)
{
    return reader->parquet;
}

/* ---- batches ---- */

/* The next rows of a text that are in the range. */
static dzr_status next_lines(dzr_table_reader *reader, dzr_batch **out, dzr_error *err)
{
    while (reader->n_left > 0) {
        dzr_batch *batch = NULL;
        DZR_TRY(reader->csv != NULL ? dzr_csv_reader_next(reader->csv, &batch, err)
                                    : dzr_jsonl_reader_next(reader->jsonl, &batch, err));
        if (batch == NULL)
            return DZR_OK;
        const int64_t n_rows = dzr_batch_n_rows(batch), first = reader->n_before;
        reader->n_before -= n_rows < first ? n_rows : first;
        if (n_rows <= first) {
            dzr_batch_free(batch);
            continue;
        }
        const int64_t n = DZR_MIN(n_rows - first, reader->n_left);
        if (reader->n_left != INT64_MAX)
            reader->n_left -= n;
        if (n == n_rows) {
            *out = batch;
            return DZR_OK;
        }
        const dzr_status st = dzr_batch_slice(batch, first, n, out, err);
        dzr_batch_free(batch);
        return st;
    }
    return DZR_OK;
}

/* Adds a batch to those held, and lets go of those in front that the last rows do not reach into. */
static dzr_status hold(dzr_table_reader *reader, dzr_batch *batch, int32_t *cap, int64_t *n_rows, dzr_error *err)
{
    if (reader->n_held == *cap) {
        const int32_t room = *cap == 0 ? 8 : *cap * 2; /* a batch has a row at least, and memory */
        dzr_batch **const grown = dzr_alloc_array(reader->alloc, (size_t)room, sizeof(dzr_batch *), err);
        if (grown == NULL) {
            dzr_batch_free(batch);
            return DZR_ERR_NOMEM;
        }
        if (*cap > 0)
            memcpy(grown, reader->last, (size_t)reader->n_held * sizeof(dzr_batch *));
        dzr_release(reader->alloc, reader->last);
        reader->last = grown;
        *cap = room;
    }
    reader->last[reader->n_held++] = batch;
    *n_rows += dzr_batch_n_rows(batch);
    int32_t n = 0;
    for (; *n_rows - dzr_batch_n_rows(reader->last[n]) >= reader->n_last; n++) {
        *n_rows -= dzr_batch_n_rows(reader->last[n]);
        dzr_batch_free(reader->last[n]);
    }
    reader->n_held -= n;
    memmove(reader->last, reader->last + n, (size_t)reader->n_held * sizeof(dzr_batch *));
    return DZR_OK;
}

/* Reads to the end, and keeps the last rows. */
static dzr_status find_last(dzr_table_reader *reader, dzr_error *err)
{
    int32_t cap = 0;
    int64_t n_rows = 0;
    reader->seen_end = true;
    for (;;) {
        dzr_batch *batch = NULL;
        DZR_TRY(next_lines(reader, &batch, err));
        if (batch == NULL)
            break;
        DZR_TRY(hold(reader, batch, &cap, &n_rows, err));
        if (dzr_cancel_is_set(reader->cancel))
            return dzr_fail(err, DZR_ERR_CANCELLED, "%s: cancelled", reader->source->name);
    }
    if (n_rows <= reader->n_last)
        return DZR_OK;
    dzr_batch *const first = reader->last[0];
    const int64_t n_over = n_rows - reader->n_last;
    DZR_TRY(dzr_batch_slice(first, n_over, dzr_batch_n_rows(first) - n_over, &reader->last[0], err));
    dzr_batch_free(first);
    return DZR_OK;
}

static dzr_status next_of_last(dzr_table_reader *reader, dzr_batch **out, dzr_error *err)
{
    if (!reader->seen_end)
        DZR_TRY(find_last(reader, err));
    if (reader->next_held < reader->n_held)
        *out = reader->last[reader->next_held++];
    return DZR_OK;
}

/* The next rows, before the view. */
static dzr_status next_rows(dzr_table_reader *reader, dzr_batch **out, dzr_error *err)
{
    *out = NULL;
    if (dzr_cancel_is_set(reader->cancel))
        return dzr_fail(err, DZR_ERR_CANCELLED, "%s: cancelled", reader->source->name);
    if (reader->n_last > 0)
        return next_of_last(reader, out, err);
    if (reader->parquet == NULL)
        return next_lines(reader, out, err);
    if (reader->scan != NULL)
        return dzr_parquet_scan_next(reader->scan, out, err);
    if (reader->row_group == dzr_parquet_reader_n_row_groups(reader->parquet))
        return DZR_OK;
    return dzr_parquet_read_row_group(reader->parquet, reader->row_group++, NULL, 0, out, err);
}

dzr_status dzr_table_reader_next(dzr_table_reader *reader, dzr_batch **out, dzr_error *err)
{
    if (reader->view == NULL)
        return next_rows(reader, out, err);
    return dzr__table_view_next(reader->view, reader, next_rows, out, err);
}

dzr_status dzr__table_reader_end(dzr_table_reader *reader, int64_t *n_bad, dzr_error *err)
{
    *n_bad = 0;
    if (reader->dead_letter == NULL)
        return DZR_OK;
    *n_bad = dzr__dead_letter_n(reader->dead_letter);
    return dzr__dead_letter_commit(reader->dead_letter, err);
}
