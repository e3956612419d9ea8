/* csv/reader.c - CSV from a source into batches: the public face, see csv.h. Called by the store's tables and by
 * programs. The header and a sample settle the columns; then windows of records are converted until a batch is full. */
#include "csv/internal.h"

#include <stdio.h>

enum {
    SAMPLE_BYTES = 16 << 20,
    BATCH_BYTES = 64 << 20,
    DEFAULT_BYTES = 64 << 20, /* of a field and a record */
    MOST_RECORD_BYTES = 1 << 30,
    DEFAULT_BATCH_ROWS = 65536,
    DEFAULT_SAMPLE_ROWS = 10000,
};

struct dzr_csv_reader {
    const dzr_allocator *alloc;
    dzr_csv_read_options options;
    dzr_schema *schema;
    dzr_arena arena; /* names of columns */
    const char **names;
    bool header_quoted;
    dzr__csv_window window;
    int64_t next_row; /* of the window */
    dzr__csv_convert convert;
};

/* ---- options ---- */

static bool may_stand(char byte)
{
    return (byte & 0x80) == 0 && byte != '\n' && byte != '\r';
}

dzr_status dzr__csv_dialect_check(const dzr_csv_dialect *dialect, dzr_csv_dialect *out, dzr_error *err)
{
    dzr_csv_dialect full = *dialect;
    if (full.delimiter == 0)
        full.delimiter = ',';
    if (full.quote == 0)
        full.quote = '"';
    if (!may_stand(full.delimiter) || !may_stand(full.quote))
        return dzr_fail(err, DZR_ERR_ARG, "a delimiter or quote of CSV is one byte of ASCII, and no line break");
    if (full.delimiter == full.quote && !full.no_quotes)
        return dzr_fail(err, DZR_ERR_ARG, "the delimiter and the quote of CSV can't be the same, '%c'", full.quote);
    *out = full;
    return DZR_OK;
}

static dzr_status set_options(
        dzr_csv_reader *reader, const char *name, const dzr_csv_read_options *options, dzr_error *err)
{
    dzr_csv_read_options *const own = &reader->options;
    dzr_csv_limits *const limits = &own->limits;
    *own = *options;
    if (own->batch_rows < 0 || own->sample_rows < 0 || limits->columns < 0 || limits->columns > DZR_MAX_COLUMNS ||
            limits->record_bytes > MOST_RECORD_BYTES)
        return dzr_fail(err, DZR_ERR_ARG, "%s: batch_rows, sample_rows or a limit is out of its range", name);
    if (own->schema != NULL && dzr_schema_n_fields(own->schema) == 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: a schema without columns", name);
    if (dzr__csv_dialect_check(&options->dialect, &own->dialect, err) != DZR_OK)
        return dzr_fail_at(err, DZR_ERR_ARG, "%s: ", name);
    own->batch_rows = own->batch_rows == 0 ? DEFAULT_BATCH_ROWS : own->batch_rows;
    own->sample_rows = own->sample_rows == 0 ? DEFAULT_SAMPLE_ROWS : own->sample_rows;
    limits->field_bytes = limits->field_bytes == 0 ? DEFAULT_BYTES : limits->field_bytes;
    limits->record_bytes = limits->record_bytes == 0 ? DEFAULT_BYTES : limits->record_bytes;
    limits->columns = limits->columns == 0 ? DZR_MAX_COLUMNS : limits->columns;
    return DZR_OK;
}

/* ---- the header ---- */

/* Names of the first record's n fields, which end at scan.ends. One that is empty without quotes is "columnN". */
static dzr_status take_names(dzr_csv_reader *reader, size_t n, dzr_error *err)
{
    dzr__csv_window *const window = &reader->window;
    uint8_t *const text = window->text->at;
    size_t start = window->end;
    reader->header_quoted = !reader->options.dialect.no_quotes;
    for (size_t k = 0; k < n; k++) {
        const size_t end = window->end + window->scan.ends[k];
        dzr__csv_field field = {(uint32_t)start, (uint32_t)(end - start)};
        if (k + 1 == n && field.len > 0 && text[end] == '\n' && text[end - 1] == '\r')
            field.len--;
        const bool is_quoted = dzr__csv_quoted(&window->scan, text, field);
        dzr_bytes name = dzr__csv_content(&window->scan, text, field, true);
        char made[32];
        if (name.len == 0 && !is_quoted)
            name = (dzr_bytes){(const uint8_t *)made, (size_t)snprintf(made, sizeof made, "column%zu", k + 1)};
        if (!dzr__utf8_valid(name.at, name.len) || memchr(name.at, 0, name.len) != NULL)
            return dzr__csv_window_fail(window, window->end, (int32_t)k, start, DZR_ERR_SYNTAX, err,
                    "a name in the header that is not UTF-8, or has U+0000 in it");
        reader->names[k] = dzr__arena_text(&reader->arena, name.at, name.len, err);
        if (reader->names[k] == NULL)
            return DZR_ERR_NOMEM;
        reader->header_quoted = reader->header_quoted && is_quoted;
        start = end + 1;
    }
    return DZR_OK;
}

static dzr_status number_names(dzr_csv_reader *reader, size_t n, dzr_error *err)
{
    reader->header_quoted = true; /* there is none that isn't */
    for (size_t k = 0; k < n; k++) {
        char made[32];
        const int len = snprintf(made, sizeof made, "column%zu", k + 1);
        const dzr_schema *const schema = reader->options.schema;
        const char *const told = schema != NULL && (int32_t)k < dzr_schema_n_fields(schema)
                                         ? dzr_schema_field(schema, (int32_t)k)->name
                                         : NULL;
        reader->names[k] = told != NULL ? dzr__arena_text(&reader->arena, told, strlen(told), err)
                                        : dzr__arena_text(&reader->arena, made, (size_t)len, err);
        if (reader->names[k] == NULL)
            return DZR_ERR_NOMEM;
    }
    return DZR_OK;
}

/* The first record that is not blank: how many fields, and their names. */
static dzr_status take_header(dzr_csv_reader *reader, dzr_error *err)
{
    dzr__csv_window *const window = &reader->window;
    const bool no_header = reader->options.dialect.no_header;
    size_t n = 0, len = 0, passed_over = 0;
    DZR_TRY(dzr__csv_window_start(window, err));
    const size_t start = window->end;
    for (;;) {
        DZR_TRY(dzr__csv_window_first(window, &n, &len, err));
        if (n != 1 || len > 2 || (len == 2 && window->text->at[window->end] != '\r'))
            break;
        window->end += len;
        window->line++;
        passed_over++;
        window->keep = no_header ? start : SIZE_MAX;
    }
    const dzr_schema *const schema = reader->options.schema;
    if (n == 0 && no_header) /* nothing, or only lines that are null when there is one column */
        n = schema != NULL ? (size_t)dzr_schema_n_fields(schema) : passed_over > 0;
    if (n == 0)
        return dzr_fail(err, DZR_ERR_TYPE, "%s: is empty: there is no record from which columns could be known%s",
                window->source->name, no_header ? "; give a schema" : "");
    if (n > (size_t)reader->options.limits.columns)
        return dzr_fail(err, DZR_ERR_LIMIT, "%s: the first record has %zu fields, %d columns are allowed",
                window->source->name, n, (int)reader->options.limits.columns);
    reader->names = dzr__arena_zeroed(&reader->arena, n, sizeof *reader->names, err);
    if (reader->names == NULL)
        return DZR_ERR_NOMEM;
    if (no_header) {
        DZR_TRY(number_names(reader, n, err));
        window->end = window->keep != SIZE_MAX ? window->keep : start;
        window->keep = SIZE_MAX;
        window->line = 0;
    } else {
        DZR_TRY(take_names(reader, n, err));
        for (size_t i = window->end; i < window->end + len; i++) /* a name may have line breaks in it */
            window->line +=
                    window->text->at[i] == '\n' || (window->text->at[i] == '\r' && window->text->at[i + 1] != '\n');
        window->end += len;
    }
    window->n_columns = (int32_t)n;
    window->names = reader->names;
    return DZR_OK;
}

/* ---- the schema ---- */

/* Looks at the sample and goes back to its start. */
static dzr_status see_sample(dzr_csv_reader *reader, dzr__csv_seen *seen, dzr_error *err)
{
    dzr__csv_window *const window = &reader->window;
    const int64_t line = window->line;
    int64_t left = reader->options.sample_rows;
    window->keep = window->end;
    while (left > 0 && window->end - window->keep < SAMPLE_BYTES) {
        DZR_TRY(dzr__csv_window_next(window, err));
        if (window->n_rows == 0 && (window->end == window->at || window->fault.status != DZR_OK))
            break;
        int64_t n = DZR_MIN(left, window->n_rows);
        while (n > 0 && window->fields[(n - 1) * window->n_columns].start - window->keep >= SAMPLE_BYTES)
            n--;
        dzr__csv_infer_rows(seen, window, n);
        left -= n;
    }
    window->end = window->keep;
    window->keep = SIZE_MAX;
    window->line = line;
    window->n_rows = 0;
    window->fault.status = DZR_OK; /* it comes again, behind the records before it */
    return DZR_OK;
}

static dzr_status apply_types(dzr_csv_reader *reader, dzr_field *fields, dzr_error *err)
{
    const dzr_schema *const types = reader->options.types;
    for (int32_t i = 0; types != NULL && i < dzr_schema_n_fields(types); i++) {
        const dzr_field *const told = dzr_schema_field(types, i);
        bool found = false;
        for (int32_t k = 0; k < reader->window.n_columns; k++) {
            if (strcmp(fields[k].name, told->name) != 0)
                continue;
            fields[k] = *told;
            fields[k].nullable = true;
            found = true;
        }
        if (!found)
            return dzr_fail(err, DZR_ERR_ARG, "%s: a type is given for column \"%.200s\", which is not there",
                    reader->window.source->name, told->name);
    }
    return DZR_OK;
}

static dzr_status infer_schema(dzr_csv_reader *reader, dzr_error *err)
{
    const size_t n = (size_t)reader->window.n_columns;
    dzr__csv_seen *const seen = dzr_alloc_zeroed(reader->alloc, n, sizeof *seen, err);
    dzr_field *const fields = dzr_alloc_zeroed(reader->alloc, n, sizeof *fields, err);
    dzr_status st = seen == NULL || fields == NULL ? DZR_ERR_NOMEM : see_sample(reader, seen, err);
    if (st == DZR_OK) {
        for (size_t k = 0; k < n; k++)
            fields[k].name = reader->names[k];
        dzr__csv_infer_types(seen, (int32_t)n, reader->header_quoted, fields);
        st = apply_types(reader, fields, err);
    }
    if (st == DZR_OK)
        st = dzr_schema_new(fields, (int32_t)n, reader->alloc, &reader->schema, err);
    dzr_release(reader->alloc, fields);
    dzr_release(reader->alloc, seen);
    return st;
}

/* ---- columns ---- */

static void set_column(dzr__csv_column *column, const dzr_schema *schema, int32_t field, int32_t place)
{
    static const struct {
        int64_t least, greatest;
    } ranges[] = {[DZR_TYPE_INT8] = {INT8_MIN, INT8_MAX},
            [DZR_TYPE_INT16] = {INT16_MIN, INT16_MAX},
            [DZR_TYPE_INT32] = {INT32_MIN, INT32_MAX},
            [DZR_TYPE_UINT8] = {0, UINT8_MAX},
            [DZR_TYPE_UINT16] = {0, UINT16_MAX},
            [DZR_TYPE_UINT32] = {0, UINT32_MAX},
            [DZR_TYPE_UINT64] = {0, INT64_MAX}};
    column->field = dzr_schema_field(schema, field);
    column->node = dzr_schema_field_node(schema, field);
    column->place = place;
    column->width = dzr_type_bits(column->field->type) / 8;
    const size_t id = (size_t)column->field->type.id;
    column->least = id < sizeof ranges / sizeof *ranges ? ranges[id].least : 0;
    column->greatest = id < sizeof ranges / sizeof *ranges ? ranges[id].greatest : 0;
}

/* The nth column of that name, counted from 0: of fields that repeat each takes one; -1. */
static int32_t find_column(const dzr_csv_reader *reader, const char *name, int32_t nth)
{
    for (int32_t k = 0; k < reader->window.n_columns; k++)
        if (strcmp(reader->names[k], name) == 0 && nth-- == 0)
            return k;
    return -1;
}

static dzr_status match_columns(dzr_csv_reader *reader, dzr_error *err)
{
    const dzr_schema *const schema = reader->schema;
    const int32_t n = dzr_schema_n_fields(schema), n_columns = reader->window.n_columns;
    const bool by_place = reader->options.schema == NULL || reader->options.dialect.no_header;
    if (by_place && n != n_columns)
        return dzr_fail(err, DZR_ERR_ARG, "%s: the schema has %d columns, the first record has %d fields",
                reader->window.source->name, (int)n, (int)n_columns);
    for (int32_t i = 0; i < n; i++) {
        const char *const name = dzr_schema_field(schema, i)->name;
        int32_t nth = 0;
        for (int32_t before = 0; !by_place && before < i; before++)
            nth += strcmp(dzr_schema_field(schema, before)->name, name) == 0;
        const int32_t place = by_place ? i : find_column(reader, name, nth);
        if (place < 0)
            return dzr_fail(
                    err, DZR_ERR_ARG, "%s: the header has no column \"%.200s\"", reader->window.source->name, name);
        dzr__csv_column *const column = &reader->convert.columns[i];
        set_column(column, schema, i, place);
        column->is_kept = reader->convert.inferred && column->field->type.id == DZR_TYPE_DOUBLE &&
                          (reader->options.types == NULL || dzr_schema_find(reader->options.types, name) < 0);
    }
    reader->convert.n_columns = n;
    return DZR_OK;
}

/* ---- opening and closing ---- */

static dzr_status open_all(dzr_csv_reader *reader, dzr_error *err)
{
    dzr__csv_convert *const convert = &reader->convert;
    DZR_TRY(take_header(reader, err));
    convert->inferred = reader->options.schema == NULL;
    if (convert->inferred)
        DZR_TRY(infer_schema(reader, err));
    else
        DZR_TRY(dzr_schema_decode(reader->options.schema, reader->alloc, &reader->schema, err));
    const size_t n = (size_t)dzr_schema_n_fields(reader->schema);
    convert->columns = dzr_alloc_zeroed(reader->alloc, n, sizeof *convert->columns, err);
    if (convert->columns == NULL)
        return DZR_ERR_NOMEM;
    DZR_TRY(match_columns(reader, err));
    const dzr_status st = dzr__csv_convert_init(convert, reader->schema, err);
    return st == DZR_ERR_UNSUPPORTED ? dzr_fail_at(err, st, "%s: ", reader->window.source->name) : st;
}

dzr_status dzr_csv_reader_open(
        dzr_source *source, const dzr_csv_read_options *options, dzr_csv_reader **out, dzr_error *err)
{
    static const dzr_csv_read_options defaults = {.schema = NULL};
    if (options == NULL)
        options = &defaults;
    dzr_csv_reader *const reader = dzr_alloc_zeroed(options->alloc, 1, sizeof *reader, err);
    if (reader == NULL)
        return DZR_ERR_NOMEM;
    reader->alloc = reader->window.alloc = reader->window.scan.alloc = reader->convert.alloc = options->alloc;
    dzr__arena_init(&reader->arena, options->alloc, 0);
    dzr_status st = set_options(reader, source->name, options, err);
    if (st == DZR_OK) {
        dzr__csv_window *const window = &reader->window;
        window->source = source;
        window->limits = reader->options.limits;
        window->keep = SIZE_MAX;
        window->scan.delimiter = (uint8_t)reader->options.dialect.delimiter;
        window->scan.quote = (uint8_t)reader->options.dialect.quote;
        window->scan.has_quote = !reader->options.dialect.no_quotes;
        st = open_all(reader, err);
    }
    if (st != DZR_OK) {
        dzr_csv_reader_close(reader);
        return st;
    }
    *out = reader;
    return DZR_OK;
}

const dzr_schema *dzr_csv_reader_schema(const dzr_csv_reader *reader)
{
    return reader->schema;
}

void dzr_csv_reader_close(dzr_csv_reader *reader)
{
    if (reader == NULL)
        return;
    dzr__csv_convert_fini(&reader->convert);
    dzr_release(reader->alloc, reader->convert.columns);
    dzr__csv_window_fini(&reader->window);
    dzr__arena_fini(&reader->arena);
    dzr_schema_free(reader->schema);
    dzr_release(reader->alloc, reader);
}

/* ---- batches ---- */

dzr_status dzr_csv_reader_next(dzr_csv_reader *reader, dzr_batch **out, dzr_error *err)
{
    dzr__csv_window *const window = &reader->window;
    int64_t n_rows = 0;
    uint64_t start = 0; /* of the batch's first record */
    *out = NULL;
    while (n_rows < reader->options.batch_rows) {
        if (reader->next_row == window->n_rows) {
            if (window->fault.status != DZR_OK) {
                if (n_rows > 0)
                    break;
                if (err != NULL)
                    *err = window->fault.err;
                return window->fault.status;
            }
            reader->next_row = 0;
            DZR_TRY(dzr__csv_window_next(window, err));
            if (window->n_rows == 0 && window->fault.status == DZR_OK && window->end == window->at)
                break;
            continue;
        }
        const dzr__csv_field *const fields = window->fields + reader->next_row * window->n_columns;
        int64_t n = DZR_MIN(window->n_rows - reader->next_row, reader->options.batch_rows - n_rows);
        if (n_rows == 0)
            start = window->text_offset + fields->start;
        while (n > 0 && window->text_offset + fields[(n - 1) * window->n_columns].start - start >= BATCH_BYTES)
            n--;
        if (n == 0)
            break;
        DZR_TRY(dzr__csv_convert_rows(&reader->convert, window, reader->next_row, n, err));
        reader->next_row += n;
        n_rows += n;
    }
    return n_rows > 0 ? dzr_builder_finish(reader->convert.builder, out, err) : DZR_OK;
}

dzr_status dzr_csv_reader_count(dzr_csv_reader *reader, int64_t *n_rows, dzr_error *err)
{
    dzr__csv_window *const window = &reader->window;
    int64_t n = window->n_rows - reader->next_row;
    for (;;) {
        reader->next_row = window->n_rows;
        if (window->fault.status != DZR_OK) {
            if (err != NULL)
                *err = window->fault.err;
            return window->fault.status;
        }
        DZR_TRY(dzr__csv_window_next(window, err));
        n += window->n_rows;
        if (window->n_rows == 0 && window->fault.status == DZR_OK && window->end == window->at)
            break;
    }
    *n_rows = n;
    return DZR_OK;
}
