/* json/lines_rows.c - lines of text to rows. Called by lines.c and, from several threads, by lines_ahead.c.
 * A block's tokens are found at once: since no string may hold a line feed, a block that simdjson accepts has no token
 * across lines. A line that goes wrong there is taken again on its own for the words; a block that simdjson refuses is
 * taken line by line. */
#include "json/lines.h"

#include "frame/internal.h"

#include <inttypes.h>
#include <stdio.h>

dzr_status dzr__jsonl_rows_init(dzr__jsonl_rows *rows, const char *name, const dzr_jsonl_read_options *options,
        const dzr_allocator *alloc, dzr_error *err)
{
    rows->name = name;
    rows->options = options;
    DZR_TRY(dzr__json_index_init(&rows->index, alloc, err));
    return dzr__json_index_init(&rows->line_index, alloc, err);
}

dzr_status dzr__jsonl_rows_schema(dzr__jsonl_rows *rows, const dzr_schema *schema, const dzr_schema *built,
        bool inferred, const dzr_allocator *alloc, dzr_error *err)
{
    rows->inferred = inferred;
    if (built != schema) {
        const char *const source_info = rows->options->record_info->source_info;
        rows->origin.node = dzr_schema_n_nodes(schema);
        rows->origin.source_info = source_info != NULL ? source_info : rows->name;
    }
    DZR_TRY(dzr_builder_new(built, alloc, &rows->builder, err));
    return dzr__json_record_init(&rows->record, schema, &rows->options->rules, &rows->options->limits, alloc, err);
}

void dzr__jsonl_rows_fini(dzr__jsonl_rows *rows)
{
    dzr__json_record_fini(&rows->record);
    dzr_builder_free(rows->builder);
    dzr__json_index_fini(&rows->index);
    dzr__json_index_fini(&rows->line_index);
}

/* ---- one line ---- */

dzr_status dzr__jsonl_too_long(const char *name, const dzr_jsonl_read_options *options, int64_t line, dzr_error *err)
{
    const dzr_status st = dzr_fail(err, DZR_ERR_LIMIT, "%s: line %" PRId64 ": is longer than the %zu bytes allowed",
            name, line, options->limits.line_bytes);
    if (err != NULL)
        err->line = line;
    return st;
}

dzr_bytes dzr__jsonl_rows_line(dzr__jsonl_rows *rows)
{
    const uint8_t *const start = rows->text + rows->at;
    const size_t left = rows->end - rows->at;
    const uint8_t *const feed = memchr(start, '\n', left);
    const dzr_bytes line = {.at = start, .len = feed != NULL ? (size_t)(feed - start) : left};
    rows->at += line.len + (feed != NULL);
    rows->line++;
    return line;
}

dzr_status dzr__jsonl_rows_fail(const dzr__jsonl_rows *rows, dzr_bytes line, dzr_status st, dzr_error *err)
{
    if (err != NULL) {
        err->line = rows->line;
        if (err->offset >= 0)
            err->offset += (int64_t)(rows->offset + (uint64_t)(line.at - rows->text));
    }
    return dzr_fail_at(err, st, "%s: line %" PRId64 ": ", rows->name, rows->line);
}

dzr_status dzr__jsonl_rows_walk(
        dzr__jsonl_rows *rows, dzr_bytes line, dzr__json_walk *walk, bool *is_blank, dzr_error *err)
{
    if (line.len > rows->options->limits.line_bytes)
        return dzr__jsonl_too_long(rows->name, rows->options, rows->line, err);
    dzr__json_index *const index = &rows->line_index;
    DZR_TRY(dzr__json_index_text(index, line, err));
    *walk = (dzr__json_walk){.text = index->text,
            .len = index->len,
            .next = index->at,
            .end = index->at + index->n,
            .clean = index->clean};
    *is_blank = index->n == 0;
    return DZR_OK;
}

dzr_status dzr__jsonl_end_of_line(const dzr__json_walk *walk, dzr_error *err)
{
    return walk->next < walk->end ? dzr__json_unexpected(walk, *walk->next, "the end of the line", err) : DZR_OK;
}

/* A line on its own into the builder. */
static dzr_status take_alone(dzr__jsonl_rows *rows, dzr_bytes line, dzr_error *err)
{
    dzr__json_walk walk;
    bool is_blank = false;
    DZR_TRY(dzr__jsonl_rows_walk(rows, line, &walk, &is_blank, err));
    if (is_blank)
        return DZR_OK;
    rows->record.misfit.status = DZR_OK;
    dzr_status st = dzr__json_take_record(&rows->record, &walk, rows->builder, err);
    if (st == DZR_OK)
        st = dzr__jsonl_end_of_line(&walk, err);
    if (st == DZR_OK && rows->record.misfit.status != DZR_OK) {
        st = DZR_ERR_TYPE;
        if (err != NULL) {
            *err = rows->record.misfit;
            const size_t n = strlen(err->message);
            if (rows->inferred && n < 300)
                (void)snprintf(
                        err->message + n, sizeof err->message - n, " (as inferred from the records at the start)");
        }
    }
    return st == DZR_OK || st == DZR_ERR_NOMEM ? st : dzr__jsonl_rows_fail(rows, line, st, err);
}

/* ---- blocks ---- */

dzr_status dzr__jsonl_rows_index(dzr__jsonl_rows *rows, dzr_error *err)
{
    const dzr_bytes text = {.at = rows->text + rows->at, .len = rows->end - rows->at};
    dzr__json_index *const index = &rows->index;
    rows->whole = false;
    if (rows->origin.node > 0) {
        const int64_t now_ms = rows->options->record_info->now_ms;
        rows->origin.now_ms = now_ms != 0 ? now_ms : dzr__clock_ms(CLOCK_REALTIME);
    }
    const dzr_status st = dzr__json_simd_index(index->simd, text.at, text.len, &index->at, &index->n);
    if (st == DZR_ERR_NOMEM)
        return dzr_fail(err, st, "%s: out of memory: simdjson has none for %zu bytes", rows->name, text.len);
    if (st == DZR_OK) {
        rows->walk = (dzr__json_walk){
                .text = text.at, .len = text.len, .next = index->at, .end = index->at + index->n, .clean = true};
        rows->whole = true;
    }
    return DZR_OK;
}

/* A line of a block whose tokens are known. False when it must be taken on its own, with the rows as they were. */
static bool take_in_block(dzr__jsonl_rows *rows, dzr_bytes line)
{
    dzr__json_walk *const walk = &rows->walk;
    const size_t line_end = (size_t)(line.at - walk->text) + line.len;
    if (walk->next == walk->end || *walk->next >= line_end)
        return true; /* blank */
    const int64_t n_rows = dzr_builder_n_rows(rows->builder, 0);
    rows->record.misfit.status = DZR_OK;
    if (line.len <= rows->options->limits.line_bytes &&
            dzr__json_take_record(&rows->record, walk, rows->builder, NULL) == DZR_OK &&
            rows->record.misfit.status == DZR_OK && walk->next[-1] < line_end && *walk->next >= line_end)
        return true;
    dzr_builder_truncate(rows->builder, n_rows);
    return false;
}

/* A line of such a block that is one plain object and nothing else. False when it may be more than that. */
static bool take_quickly(dzr__jsonl_rows *rows)
{
    dzr__json_walk *const walk = &rows->walk;
    const uint8_t *const line = rows->text + rows->at;
    const uint32_t *after = NULL;
    if (walk->next == walk->end || walk->text + *walk->next != line ||
            !dzr__json_quick_take(&rows->record, walk, rows->builder, &after))
        return false;
    const uint8_t *end = walk->text + after[-1] + 1; /* the margin of quick.c is behind it */
    end += *end == '\r';
    const size_t len = (size_t)(end - line);
    if (*end != '\n' || memchr(line, '\n', len) != NULL || len > rows->options->limits.line_bytes ||
            !dzr__json_quick_keep(&rows->record, walk, rows->builder))
        return false;
    walk->next = after;
    rows->at += len + 1;
    rows->line++;
    return true;
}

static dzr_status take_line(dzr__jsonl_rows *rows, dzr_error *err)
{
    if (rows->whole && take_quickly(rows))
        return DZR_OK;
    const dzr_bytes line = dzr__jsonl_rows_line(rows);
    rows->whole = rows->whole && take_in_block(rows, line);
    return rows->whole ? DZR_OK : take_alone(rows, line, err);
}

/* The line's record, and where it came from. */
static dzr_status take_record(dzr__jsonl_rows *rows, dzr_error *err)
{
    if (rows->origin.node == 0)
        return take_line(rows, err);
    const int64_t n_rows = dzr_builder_n_rows(rows->builder, 0);
    const uint8_t *const start = rows->text + rows->at;
    DZR_TRY(take_line(rows, err));
    if (dzr_builder_n_rows(rows->builder, 0) == n_rows)
        return DZR_OK; /* blank */
    dzr_bytes line = {.at = start, .len = (size_t)(rows->text + rows->at - start)};
    line.len -= line.at[line.len - 1] == '\n';
    const dzr_status st = dzr__jsonl_origin_put(&rows->origin, rows->builder, line, rows->whole, err);
    return st == DZR_OK || st == DZR_ERR_NOMEM ? st : dzr__jsonl_rows_fail(rows, line, st, err);
}

dzr_status dzr__jsonl_rows_take(dzr__jsonl_rows *rows, dzr_error *err)
{
    dzr_error why;
    if (rows->options->bad == NULL)
        return take_record(rows, err);
    const int64_t n_rows = dzr_builder_n_rows(rows->builder, 0);
    const size_t start = rows->at;
    const dzr_status st = take_record(rows, &why);
    if (st != DZR_ERR_SYNTAX && st != DZR_ERR_TYPE && st != DZR_ERR_TRUNCATED && st != DZR_ERR_LIMIT) {
        if (st != DZR_OK && err != NULL)
            *err = why;
        return st;
    }
    dzr_builder_truncate(rows->builder, n_rows);
    dzr_bytes raw = {.at = rows->text + start, .len = rows->at - start};
    raw.len -= raw.len > 0 && raw.at[raw.len - 1] == '\n';
    const dzr_bad_record record = {
            .why = &why, .raw = raw, .line = rows->line, .offset = (int64_t)(rows->offset + start)};
    return rows->options->bad(rows->options->bad_ctx, &record, err);
}
