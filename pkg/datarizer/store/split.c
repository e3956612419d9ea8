/* store/split.c - the rows of a file into several, one after the other. Called by `datarizer split`.
 * Parts are finished one by one, but none can be seen before all are there: their sinks wait for it, with a file open
 * each and no memory to speak of. */
#include "store/internal.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    DIGITS = 5,         /* of a part's number, at least */
    BATCH_ROWS = 65536, /* at a time, where nobody said */
};

typedef struct split {
    const char *pattern;
    const dzr_split_options *options;
    const dzr_schema *schema;
    dzr_table_write_options write;
    int64_t first_long, part_rows; /* the first so many parts have one row more than part_rows */
    dzr_table_writer **parts;      /* n_parts of them, the last one being written */
    int32_t n_parts, room;
    int64_t left; /* rows that the last part still takes */
    dzr_split_result done;
} split;

static dzr_status part_name(const split *s, int32_t number, dzr_bytebuf *out, dzr_error *err)
{
    const char *const hole = strstr(s->pattern, "{}");
    char digits[16];
    const int n = snprintf(digits, sizeof digits, "%0*" PRId32, DIGITS, number);
    out->len = 0;
    DZR_TRY(dzr__bytebuf_append(out, s->pattern, (size_t)(hole - s->pattern), err));
    DZR_TRY(dzr__bytebuf_append(out, digits, (size_t)n, err));
    return dzr__bytebuf_append(out, hole + 2, strlen(hole + 2) + 1, err);
}

static int64_t rows_of(const split *s, int32_t part)
{
    return s->part_rows + (part < s->first_long ? 1 : 0);
}

/* The last part is all there. */
static dzr_status end_part(split *s, dzr_error *err)
{
    dzr_table_writer *const last = s->parts[s->n_parts - 1];
    DZR_TRY(dzr__table_writer_finish(last, err));
    s->done.n_bytes += dzr_table_writer_n_bytes(last);
    return DZR_OK;
}

static dzr_status begin_part(split *s, dzr_error *err)
{
    if (s->n_parts > 0)
        DZR_TRY(end_part(s, err));
    if (s->n_parts == DZR_SPLIT_MAX_PARTS)
        return dzr_fail(err, DZR_ERR_LIMIT, "%s: more than %d parts", s->pattern, (int)DZR_SPLIT_MAX_PARTS);
    if (s->n_parts == s->room) {
        const int32_t room = s->room > 0 ? 2 * s->room : 16;
        dzr_table_writer **const parts = dzr_alloc_array(s->write.alloc, (size_t)room, sizeof *parts, err);
        if (parts == NULL)
            return DZR_ERR_NOMEM;
        if (s->n_parts > 0)
            memcpy(parts, s->parts, (size_t)s->n_parts * sizeof *parts);
        dzr_release(s->write.alloc, s->parts);
        s->parts = parts;
        s->room = room;
    }
    dzr_bytebuf name = {.alloc = s->write.alloc};
    dzr_status st = part_name(s, s->n_parts + 1, &name, err);
    if (st == DZR_OK)
        st = dzr_table_writer_open((const char *)name.at, s->schema, &s->write, &s->parts[s->n_parts], err);
    dzr__bytebuf_fini(&name);
    if (st == DZR_OK)
        s->left = rows_of(s, s->n_parts++);
    return st;
}

/* The batch's rows go where there is room, from the part at hand on. */
static dzr_status add(split *s, dzr_batch *batch, dzr_error *err)
{
    const int64_t n_rows = dzr_batch_n_rows(batch);
    for (int64_t row = 0; row < n_rows;) {
        while (s->left == 0)
            DZR_TRY(begin_part(s, err));
        const int64_t n = DZR_MIN(s->left, n_rows - row);
        dzr_batch *piece = NULL;
        DZR_TRY(dzr_batch_slice(batch, row, n, &piece, err));
        const dzr_status st = dzr_table_writer_append(s->parts[s->n_parts - 1], piece, err);
        dzr_batch_free(piece);
        DZR_TRY(st);
        row += n;
        s->left -= n;
    }
    s->done.n_rows += n_rows;
    return DZR_OK;
}

/* How many rows the parts have. */
static dzr_status plan(split *s, const char *in, const dzr_table_read_options *read, dzr_error *err)
{
    const dzr_split_options *const o = s->options;
    const char *const hole = strstr(s->pattern, "{}");
    if (hole == NULL || strstr(hole + 2, "{}") != NULL)
        return dzr_fail(err, DZR_ERR_ARG, "%s: the names of parts take one {}, where their numbers stand", s->pattern);
    if ((o->rows > 0) == (o->parts > 0) || o->rows < 0 || o->parts < 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: parts are so many, or have so many rows each", s->pattern);
    if (o->parts > DZR_SPLIT_MAX_PARTS)
        return dzr_fail(err, DZR_ERR_LIMIT, "%s: more than %d parts", s->pattern, (int)DZR_SPLIT_MAX_PARTS);
    s->part_rows = o->rows;
    if (o->rows > 0)
        return DZR_OK;
    int64_t n = 0;
    if (read->n_row_groups > 0 || read->first_row > 0 || read->n_rows > 0 || read->last_rows > 0 ||
            read->where != NULL || read->offset > 0 || read->has_limit)
        return dzr_fail(err, DZR_ERR_ARG, "%s: so many parts are made of all rows, not of a choice", s->pattern);
    if (strcmp(in, "-") == 0)
        return dzr_fail(err, DZR_ERR_ARG,
                "standard input: its rows can't be counted before it is split into so many "
                "parts; give each a number of rows");
    DZR_TRY(dzr_table_count(in, read, &n, err));
    s->part_rows = n / o->parts;
    s->first_long = n % o->parts;
    return DZR_OK;
}

static dzr_status copy(split *s, dzr_table_reader *reader, dzr_error *err)
{
    DZR_TRY(begin_part(s, err));
    for (;;) {
        dzr_batch *batch = NULL;
        DZR_TRY(dzr_table_reader_next(reader, &batch, err));
        if (batch == NULL)
            break;
        const dzr_status st = add(s, batch, err);
        dzr_batch_free(batch);
        DZR_TRY(st);
    }
    while (s->n_parts < s->options->parts)
        DZR_TRY(begin_part(s, err));
    return end_part(s, err);
}

static dzr_status commit(split *s, dzr_error *err)
{
    for (int32_t i = 0; i < s->n_parts; i++) {
        const dzr_status st = dzr__table_writer_commit_finished(s->parts[i], err);
        if (st != DZR_OK)
            return i == 0 ? st : dzr_fail_at(err, st, "parts 1 to %d are new, the others are not: ", (int)i);
    }
    s->done.n_parts = s->n_parts;
    return DZR_OK;
}

dzr_status dzr_split(const char *in, const dzr_table_read_options *read_options, const char *out,
        const dzr_split_options *options, const dzr_table_write_options *write_options, dzr_split_result *result,
        dzr_error *err)
{
    split s = {.pattern = out, .options = options};
    s.write = write_options != NULL ? *write_options : (dzr_table_write_options){.parquet = DZR_PARQUET_WRITE_DEFAULTS};
    dzr_table_read_options read = read_options != NULL ? *read_options : (dzr_table_read_options){0};
    read.batch_rows = read.batch_rows > 0 ? read.batch_rows : BATCH_ROWS;
    dzr_table_reader *reader = NULL;
    dzr_arena kept;
    dzr__arena_init(&kept, s.write.alloc, 0);
    dzr_status st = plan(&s, in, &read, err);
    if (st == DZR_OK)
        st = dzr_table_reader_open(in, &read, &reader, err);
    if (st == DZR_OK)
        st = dzr__keep(reader, &read, &kept, &s.write.parquet, err);
    if (st == DZR_OK) {
        s.schema = dzr_table_reader_schema(reader);
        st = copy(&s, reader, err);
    }
    if (st == DZR_OK)
        st = commit(&s, err);
    if (st == DZR_OK && result != NULL)
        *result = s.done;
    for (int32_t i = 0; i < s.n_parts; i++)
        dzr_table_writer_close(s.parts[i]);
    dzr_release(s.write.alloc, s.parts);
    dzr_table_reader_close(reader);
    dzr__arena_fini(&kept);
    return st;
}
