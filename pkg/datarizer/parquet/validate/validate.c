/* parquet/validate/validate.c - goes through a file: footer, row groups, chunks, then whether every byte of it belongs
 * to something, and to one thing only. Called by `datarizer validate`. */
#include "parquet/validate/validate.h"

#include <stdio.h>
#include <stdlib.h>

const char *dzr_parquet_finding_name(dzr_parquet_finding_kind kind)
{
    static const char *const names[] = {"footer", "layout", "chunk", "page", "crc", "statistics", "page_index", "sizes",
            "bloom_filter", "sorting", "unchecked"};
    return (size_t)kind < sizeof names / sizeof *names ? names[kind] : "unknown";
}

/* ---- findings ---- */

static dzr_status tell(
        dzr_validation *v, dzr_parquet_finding_kind kind, dzr_place place, const char *message, dzr_error *err)
{
    const dzr_parquet_finding finding = {.kind = kind,
            .row_group = place.row_group,
            .column = place.column,
            .page = place.page,
            .offset = place.offset,
            .message = message};
    v->checked.n_findings += kind != DZR_PARQUET_FOUND_UNCHECKED;
    v->checked.n_unchecked += kind == DZR_PARQUET_FOUND_UNCHECKED;
    return v->hook(v->ctx, &finding, err);
}

/* "people.parquet: row group 0, column "id", page 2, byte 4711: " */
static size_t put_place(const dzr_validation *v, dzr_place place, char *text, size_t room)
{
    size_t n = (size_t)snprintf(text, room, "%.300s: ", v->reader->source->name);
    const struct {
        const char *what;
        int64_t number;
    } parts[] = {
            {"row group", place.row_group}, {"column", place.column}, {"page", place.page}, {"byte", place.offset}};
    bool first = true;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].number < 0)
            continue;
        n += (size_t)snprintf(text + n, room - n, "%s%s ", first ? "" : ", ", parts[i].what);
        if (i == 1)
            n += (size_t)snprintf(text + n, room - n, "\"%.300s\"", v->reader->leaves[place.column].path);
        else
            n += (size_t)snprintf(text + n, room - n, "%lld", (long long)parts[i].number);
        first = false;
    }
    return first ? n : n + (size_t)snprintf(text + n, room - n, ": ");
}

dzr_status dzr__found(
        dzr_validation *v, dzr_parquet_finding_kind kind, dzr_place place, dzr_error *err, const char *format, ...)
{
    char message[2 * DZR_ERROR_BYTES];
    const size_t n = put_place(v, place, message, sizeof message);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message + n, sizeof message - n, format, args);
    va_end(args);
    return tell(v, kind, place, message, err);
}

dzr_status dzr__found_error(dzr_validation *v, dzr_parquet_finding_kind kind, dzr_place place, bool has_place,
        dzr_status st, dzr_error *why, dzr_error *err)
{
    if (st == DZR_OK)
        return DZR_OK;
    const bool ends = st == DZR_ERR_NOMEM || st == DZR_ERR_IO || st == DZR_ERR_NET || st == DZR_ERR_HTTP ||
                      st == DZR_ERR_TIMEOUT || st == DZR_ERR_CANCELLED || st == DZR_ERR_NOT_FOUND;
    if (ends) {
        if (err != NULL)
            *err = *why;
        return st;
    }
    if (st == DZR_ERR_UNSUPPORTED || st == DZR_ERR_LIMIT)
        kind = DZR_PARQUET_FOUND_UNCHECKED;
    if (has_place)
        return tell(v, kind, place, why->message, err);
    return dzr__found(v, kind, place, err, "%s", why->message);
}

/* ---- layout ---- */

dzr_status dzr__span_add(dzr_validation *v, uint64_t start, uint64_t n_bytes, int32_t row_group, int32_t column,
        const char *what, dzr_error *err)
{
    if (v->n_spans == v->cap_spans) {
        const size_t cap = v->cap_spans == 0 ? 64 : 2 * v->cap_spans;
        dzr_span *const grown = dzr_alloc_array(v->reader->alloc, cap, sizeof *grown, err);
        if (grown == NULL)
            return DZR_ERR_NOMEM;
        if (v->n_spans > 0)
            memcpy(grown, v->spans, v->n_spans * sizeof *grown);
        dzr_release(v->reader->alloc, v->spans);
        v->spans = grown;
        v->cap_spans = cap;
    }
    v->spans[v->n_spans++] = (dzr_span){.start = start,
            .end = start + DZR_MIN(n_bytes, UINT64_MAX - start),
            .row_group = row_group,
            .column = column,
            .what = what};
    return DZR_OK;
}

static int by_start(const void *a, const void *b)
{
    const dzr_span *const x = a, *const y = b;
    return x->start != y->start ? (x->start > y->start) - (x->start < y->start) : (x->end > y->end) - (x->end < y->end);
}

static dzr_status check_layout(dzr_validation *v, dzr_error *err)
{
    uint64_t at = DZR_PARQUET_MAGIC_BYTES;
    const dzr_place nowhere = {-1, -1, -1, -1};
    DZR_TRY(dzr__span_add(v, v->reader->pages_end, 0, -1, -1, "the footer", err));
    qsort(v->spans, v->n_spans, sizeof *v->spans, by_start);
    for (size_t i = 0; i < v->n_spans; i++) {
        const dzr_span *const span = &v->spans[i];
        dzr_place place = nowhere;
        place.row_group = span->row_group;
        place.column = span->column;
        place.offset = (int64_t)span->start;
        if (span->start > at) {
            dzr_place gap = nowhere;
            gap.offset = (int64_t)at;
            DZR_TRY(dzr__found(v, DZR_PARQUET_FOUND_LAYOUT, gap, err, "%llu bytes up to %s belong to nothing",
                    (unsigned long long)(span->start - at), span->what));
        } else if (span->start < at) {
            DZR_TRY(dzr__found(v, DZR_PARQUET_FOUND_LAYOUT, place, err, "%s overlaps what is before it by %llu bytes",
                    span->what, (unsigned long long)(DZR_MIN(at, DZR_MAX(span->end, span->start + 1)) - span->start)));
        }
        at = DZR_MAX(at, span->end);
    }
    return DZR_OK;
}

/* ---- row groups ---- */

static dzr_status check_group(dzr_validation *v, int32_t number, dzr_error *err)
{
    const dzr_meta_row_group *const group = &v->reader->file.row_groups.at[number];
    const dzr_place place = {number, -1, -1, -1};
    uint64_t stored = 0, plain = 0;
    bool known = true;
    for (int32_t i = 0; i < group->columns.n; i++) {
        const dzr_meta_chunk *const chunk = &group->columns.at[i];
        known = known && DZR_HAS(chunk, DZR_CHUNK_META);
        stored += (uint64_t)chunk->meta.compressed_size;
        plain += (uint64_t)chunk->meta.uncompressed_size;
    }
    v->checked.n_row_groups++;
    if (known && DZR_HAS(group, DZR_ROW_GROUP_COMPRESSED_SIZE) && (uint64_t)group->compressed_size != stored)
        DZR_TRY(dzr__found(v, DZR_PARQUET_FOUND_FOOTER, place, err,
                "it claims %lld compressed bytes, its columns %lld together", (long long)group->compressed_size,
                (long long)stored));
    if (known && (uint64_t)group->total_byte_size != plain)
        DZR_TRY(dzr__found(v, DZR_PARQUET_FOUND_FOOTER, place, err, "it claims %lld bytes, its columns %lld together",
                (long long)group->total_byte_size, (long long)plain));
    if (DZR_HAS(group, DZR_ROW_GROUP_ORDINAL) && group->ordinal != (int16_t)number)
        DZR_TRY(dzr__found(v, DZR_PARQUET_FOUND_FOOTER, place, err, "it claims to be number %d", group->ordinal));
    for (int32_t i = 0; i < group->columns.n; i++)
        DZR_TRY(dzr__validate_chunk(v, number, i, err));
    return dzr__check_sorting(v, number, err);
}

static dzr_status check_file(dzr_validation *v, dzr_error *err)
{
    const dzr_parquet_reader *const reader = v->reader;
    const dzr_place nowhere = {-1, -1, -1, -1};
    if (reader->file.num_rows != reader->n_rows)
        DZR_TRY(dzr__found(v, DZR_PARQUET_FOUND_FOOTER, nowhere, err, "it claims %lld rows, its row groups %lld",
                (long long)reader->file.num_rows, (long long)reader->n_rows));
    for (int32_t i = 0; i < reader->file.row_groups.n; i++)
        DZR_TRY(check_group(v, i, err));
    return check_layout(v, err);
}

dzr_status dzr_parquet_validate(dzr_source *source, const dzr_parquet_read_options *options,
        dzr_parquet_finding_hook hook, void *ctx, dzr_parquet_checked *out, dzr_error *err)
{
    static const uint8_t head[DZR_PARQUET_MAGIC_BYTES] = DZR_PARQUET_MAGIC;
    uint8_t magic[sizeof head];
    dzr_error why;
    dzr_validation v = {.hook = hook, .ctx = ctx};
    dzr_parquet_read_options read = options != NULL ? *options : (dzr_parquet_read_options){0};
    read.skip_crc = true; /* looked at here */
    read.threads = 1;
    dzr_status st = dzr_parquet_reader_open(source, &read, &v.reader, &why);
    const dzr_place nowhere = {-1, -1, -1, -1};
    if (st == DZR_ERR_ARG && err != NULL)
        *err = why;
    else if (st != DZR_OK && st != DZR_ERR_ARG)
        st = dzr__found_error(&v, DZR_PARQUET_FOUND_FOOTER, nowhere, true, st, &why, err);
    else if (st == DZR_OK) {
        st = dzr_source_read_at(source, 0, magic, sizeof magic, err); /* a source far away did not show it yet */
        if (st == DZR_OK && memcmp(magic, head, sizeof head) != 0)
            st = dzr__found(&v, DZR_PARQUET_FOUND_FOOTER, nowhere, err, "it does not begin with PAR1");
        if (st == DZR_OK)
            st = check_file(&v, err);
        dzr_release(v.reader->alloc, v.spans);
    }
    dzr_parquet_reader_close(v.reader);
    if (out != NULL)
        *out = v.checked;
    return st;
}
