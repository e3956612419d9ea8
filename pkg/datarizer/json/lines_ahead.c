/* json/lines_ahead.c - batches of JSON lines by several threads. Called by lines.c.
 * The caller's thread reads text and cuts it where a batch ends, which it knows by counting lines that are not blank;
 * what each piece holds is converted by whichever thread is free, and given out in order. There is one piece more than
 * there are threads: those who wait for a batch find the next ones under way. A failure to read waits behind the lines
 * before it, as if one thread had done everything. */
#include "json/lines.h"

#include "frame/internal.h"

/* The text of a batch, and what becomes of it. */
typedef struct piece {
    dzr__jsonl_rows rows;
    bool has_rows; /* is made */
    dzr_bytebuf text;
    size_t n;           /* bytes of the batch: the rest is the next piece's */
    uint64_t offset;    /* of the text in the source */
    int64_t first_line; /* lines before it */
    int64_t n_lines;    /* of the batch */
    dzr_status pending; /* what went wrong behind its last line, and why */
    dzr_error why;
    dzr_job job;
    const atomic_bool *closing;
    dzr_batch *batch; /* NULL where there are no rows */
} piece;

struct dzr__jsonl_ahead {
    dzr__jsonl_setup setup;
    dzr_pool *pool;
    dzr_bytebuf first_text; /* what was read when the reader was opened */
    dzr_bytes rest;         /* text that was read and belongs to no piece yet: of first_text or of the last piece */
    uint64_t rest_offset;
    int64_t n_lines; /* in pieces so far */
    bool source_ended, cut_all;
    atomic_bool closing;
    int32_t n_pieces, head, n_started;
    piece pieces[];
};

/* ---- cutting ---- */

static bool is_blank(const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at[i] != ' ' && at[i] != '\t' && at[i] != '\r')
            return false;
    return true;
}

static dzr_status read_more(dzr__jsonl_ahead *ahead, piece *p, dzr_error *err)
{
    size_t n = 0;
    DZR_TRY(dzr__bytebuf_reserve(&p->text, DZR__JSONL_BLOCK_BYTES, err));
    DZR_TRY(dzr_source_read(ahead->setup.source, p->text.at + p->text.len, DZR__JSONL_BLOCK_BYTES, &n, err));
    p->text.len += n;
    ahead->source_ended = n == 0;
    return DZR_OK;
}

/* Forgets the text in front, which was blank: there may be any amount of it. */
static void drop_front(piece *p, size_t n, int64_t n_lines)
{
    memmove(p->text.at, p->text.at + n, p->text.len - n);
    p->text.len -= n;
    p->offset += n;
    p->first_line += n_lines;
}

/* Puts the next line, which starts at p->n, into the piece. *is_row when it is to become one. At the end of the text
 * the piece stays as it is. */
static dzr_status cut_line(dzr__jsonl_ahead *ahead, piece *p, bool *is_row, dzr_error *err)
{
    const dzr_jsonl_read_options *const options = ahead->setup.options;
    const uint8_t *feed = NULL;
    for (size_t searched = p->n;;) {
        const size_t left = p->text.len - searched;
        feed = left > 0 ? memchr(p->text.at + searched, '\n', left) : NULL;
        if (feed != NULL || ahead->source_ended)
            break;
        if (p->text.len - p->n > options->limits.line_bytes)
            return dzr__jsonl_too_long(ahead->setup.source->name, options, p->first_line + p->n_lines + 1, err);
        searched = p->text.len;
        DZR_TRY(read_more(ahead, p, err));
    }
    *is_row = false;
    if (p->n == p->text.len)
        return DZR_OK;
    const uint8_t *const line = p->text.at + p->n;
    const size_t len = feed != NULL ? (size_t)(feed - line) : p->text.len - p->n;
    *is_row = len > options->limits.line_bytes || !is_blank(line, len);
    p->n += len + (feed != NULL);
    p->n_lines++;
    return DZR_OK;
}

/* The lines of a batch, the same as lines.c gives it. */
static dzr_status cut(dzr__jsonl_ahead *ahead, piece *p, dzr_error *err)
{
    const uint64_t start = p->offset;
    int64_t n_rows = 0;
    DZR_TRY(dzr__bytebuf_append(&p->text, ahead->rest.at, ahead->rest.len, err));
    while (n_rows < ahead->setup.options->batch_rows &&
            (n_rows == 0 || p->offset + p->n - start < DZR__JSONL_BATCH_BYTES)) {
        bool is_row = false;
        DZR_TRY(cut_line(ahead, p, &is_row, err));
        n_rows += is_row;
        if (ahead->source_ended && p->n == p->text.len)
            break;
        if (n_rows == 0 && p->n >= DZR__JSONL_BLOCK_BYTES) {
            drop_front(p, p->n, p->n_lines);
            p->n = 0;
            p->n_lines = 0;
        }
    }
    return DZR_OK;
}

/* ---- converting ---- */

static dzr_status make_rows(dzr__jsonl_ahead *ahead, piece *p, dzr_error *err)
{
    const dzr__jsonl_setup *const setup = &ahead->setup;
    if (p->has_rows)
        return DZR_OK;
    p->has_rows = true; /* half of them are freed too */
    DZR_TRY(dzr__jsonl_rows_init(&p->rows, setup->source->name, setup->options, setup->alloc, err));
    return dzr__jsonl_rows_schema(&p->rows, setup->schema, setup->built, setup->inferred, setup->alloc, err);
}

/* The end of the next block: whole lines, of which there is one. */
static size_t block_end(const piece *p, size_t at)
{
    if (p->n - at <= DZR__JSONL_BLOCK_BYTES)
        return p->n;
    const uint8_t *const middle = p->text.at + at + DZR__JSONL_BLOCK_BYTES;
    const uint8_t *feed = memrchr(p->text.at + at, '\n', DZR__JSONL_BLOCK_BYTES);
    if (feed == NULL)
        feed = memchr(middle, '\n', p->n - at - DZR__JSONL_BLOCK_BYTES);
    return feed != NULL ? (size_t)(feed - p->text.at) + 1 : p->n;
}

static dzr_status convert(void *ctx, int32_t slot, size_t task, dzr_error *err)
{
    (void)slot;
    (void)task;
    piece *const p = ctx;
    dzr__jsonl_rows *const rows = &p->rows;
    rows->text = p->text.at;
    rows->offset = p->offset;
    rows->line = p->first_line;
    for (rows->at = rows->end = 0; rows->end < p->n;) {
        if (atomic_load_explicit(p->closing, memory_order_relaxed))
            return DZR_OK; /* nobody wants it any more */
        rows->end = block_end(p, rows->at);
        DZR_TRY(dzr__jsonl_rows_index(rows, err));
        while (rows->at < rows->end)
            DZR_TRY(dzr__jsonl_rows_take(rows, err));
    }
    return dzr_builder_n_rows(rows->builder, 0) > 0 ? dzr_builder_finish(rows->builder, &p->batch, err) : DZR_OK;
}

/* ---- pieces in turn ---- */

/* Cuts the next piece and has it converted. What goes wrong is the piece's: those before it come first. */
static void start_piece(dzr__jsonl_ahead *ahead)
{
    piece *const p = &ahead->pieces[(ahead->head + ahead->n_started++) % ahead->n_pieces];
    p->text.len = p->n = 0;
    p->offset = ahead->rest_offset;
    p->first_line = ahead->n_lines;
    p->n_lines = 0;
    p->closing = &ahead->closing;
    p->batch = NULL;
    p->pending = cut(ahead, p, &p->why);
    ahead->cut_all = p->pending != DZR_OK || (ahead->source_ended && p->n == p->text.len);
    ahead->rest = (dzr_bytes){.at = p->text.at + p->n, .len = p->text.len - p->n};
    ahead->rest_offset = p->offset + p->n;
    ahead->n_lines = p->first_line + p->n_lines;
    dzr_error why;
    const dzr_status made = make_rows(ahead, p, &why);
    if (made != DZR_OK) {
        p->pending = made;
        p->why = why;
        p->n = 0;
        ahead->cut_all = true;
    }
    dzr__pool_start(ahead->pool, &p->job, convert, p, p->n > 0 ? 1 : 0);
}

dzr_status dzr__jsonl_ahead_next(dzr__jsonl_ahead *ahead, dzr_batch **out, dzr_error *err)
{
    while (*out == NULL) {
        while (ahead->n_started < ahead->n_pieces && !ahead->cut_all)
            start_piece(ahead);
        if (ahead->n_started == 0)
            return DZR_OK;
        piece *const p = &ahead->pieces[ahead->head];
        DZR_TRY(dzr__pool_wait(ahead->pool, &p->job, err));
        if (p->pending != DZR_OK) {
            if (err != NULL)
                *err = p->why;
            return p->pending;
        }
        *out = p->batch;
        p->batch = NULL;
        ahead->head = (ahead->head + 1) % ahead->n_pieces;
        ahead->n_started--;
    }
    return DZR_OK;
}

/* ---- open and close ---- */

dzr_status dzr__jsonl_ahead_open(const dzr__jsonl_setup *setup, dzr_bytes text, uint64_t offset, bool source_ended,
        dzr__jsonl_ahead **out, dzr_error *err)
{
    const int32_t n_pieces = setup->options->threads + 1;
    dzr__jsonl_ahead *const ahead =
            dzr_alloc_zeroed(setup->alloc, 1, sizeof *ahead + (size_t)n_pieces * sizeof(piece), err);
    if (ahead == NULL)
        return DZR_ERR_NOMEM;
    *out = ahead;
    ahead->setup = *setup;
    ahead->n_pieces = n_pieces;
    ahead->source_ended = source_ended;
    ahead->rest_offset = offset;
    ahead->first_text.alloc = setup->alloc;
    atomic_init(&ahead->closing, false);
    for (int32_t i = 0; i < n_pieces; i++)
        ahead->pieces[i].text.alloc = setup->alloc;
    DZR_TRY(dzr__bytebuf_append(&ahead->first_text, text.at, text.len, err));
    ahead->rest = (dzr_bytes){.at = ahead->first_text.at, .len = text.len};
    return dzr__pool_new(setup->options->threads, setup->alloc, &ahead->pool, err);
}

void dzr__jsonl_ahead_close(dzr__jsonl_ahead *ahead)
{
    if (ahead == NULL)
        return;
    atomic_store_explicit(&ahead->closing, true, memory_order_relaxed);
    for (int32_t i = 0; i < ahead->n_started; i++) {
        piece *const p = &ahead->pieces[(ahead->head + i) % ahead->n_pieces];
        const dzr_status unread = dzr__pool_wait(ahead->pool, &p->job, NULL);
        (void)unread;
        dzr_batch_free(p->batch);
    }
    dzr__pool_free(ahead->pool);
    for (int32_t i = 0; i < ahead->n_pieces; i++) {
        dzr__bytebuf_fini(&ahead->pieces[i].text);
        if (ahead->pieces[i].has_rows)
            dzr__jsonl_rows_fini(&ahead->pieces[i].rows);
    }
    dzr__bytebuf_fini(&ahead->first_text);
    dzr_release(ahead->setup.alloc, ahead);
}
