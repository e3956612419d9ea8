/* json/writer_ahead.c - rows of a batch to text by several threads. Called by writer.c.
 * Rows are laid out in pieces of about PIECE_TEXT, one more than there are threads at a time, and go to the sink in
 * order while others are under way. How many rows a piece has is a guess, by those before; where it turns out too small
 * the piece ends early, and the caller's thread writes the rest of it the way a writer without threads does: memory
 * stays bounded whatever rows hold. The text does not depend on any of this. */
#include "json/writer.h"

enum {
    PIECE_TEXT = 512 << 10,
    PIECE_MOST = 4 << 20,
    FIRST_ROWS = 64, /* of a piece, before anything is known */
    MOST_ROWS = 1 << 16,
};

typedef struct piece {
    dzr_json_writer writer; /* a copy without a sink; its buf is its own */
    const dzr_batch *batch;
    int64_t row, end; /* rows to come */
    dzr_job job;
} piece;

struct dzr__json_ahead {
    dzr_json_writer *writer;
    dzr_pool *pool;
    int64_t piece_rows;
    int32_t n_pieces, head, n_started;
    piece pieces[];
};

dzr_status dzr__json_writer_threads(dzr_json_writer *writer, int32_t n_threads, dzr_error *err)
{
    dzr_pool *pool = NULL;
    DZR_TRY(dzr__pool_new(n_threads, writer->alloc, &pool, err));
    if (pool == NULL)
        return DZR_OK;
    const size_t n_pieces = (size_t)n_threads + 1, n_fields = (size_t)dzr_schema_n_fields(writer->schema);
    dzr__json_cell *const cells = dzr__arena_zeroed(&writer->arena, n_pieces * n_fields, sizeof *cells, err);
    dzr__json_ahead *const ahead =
            cells == NULL ? NULL : dzr_alloc_zeroed(writer->alloc, 1, sizeof *ahead + n_pieces * sizeof(piece), err);
    if (ahead == NULL) {
        dzr__pool_free(pool);
        return DZR_ERR_NOMEM;
    }
    ahead->writer = writer;
    ahead->pool = pool;
    ahead->piece_rows = FIRST_ROWS;
    ahead->n_pieces = (int32_t)n_pieces;
    for (size_t i = 0; i < n_pieces; i++) {
        ahead->pieces[i].writer = *writer;
        ahead->pieces[i].writer.sink = NULL;
        ahead->pieces[i].writer.cells = cells + i * n_fields;
        ahead->pieces[i].writer.buf = (dzr_bytebuf){.alloc = writer->alloc, .max_bytes = PIECE_MOST};
    }
    writer->ahead = ahead;
    return DZR_OK;
}

void dzr__json_ahead_free(dzr__json_ahead *ahead)
{
    if (ahead == NULL)
        return;
    dzr__pool_free(ahead->pool);
    for (int32_t i = 0; i < ahead->n_pieces; i++)
        dzr__bytebuf_fini(&ahead->pieces[i].writer.buf);
    dzr_release(ahead->writer->alloc, ahead);
}

/* Rows while they fit; a row that does not is left for the caller's thread, with those after it. */
static dzr_status lay_out(void *ctx, int32_t slot, size_t task, dzr_error *err)
{
    (void)slot;
    (void)task;
    piece *const p = ctx;
    DZR_TRY(dzr__bytebuf_reserve(&p->writer.buf, PIECE_TEXT, err));
    const dzr_status st = dzr__json_put_rows(&p->writer, p->batch, &p->row, p->end, err);
    return st == DZR_ERR_LIMIT ? DZR_OK : st;
}

static void start_piece(dzr__json_ahead *ahead, const dzr_batch *batch, int64_t first, int64_t n_before)
{
    piece *const p = &ahead->pieces[(ahead->head + ahead->n_started++) % ahead->n_pieces];
    p->batch = batch;
    p->row = first;
    p->end = DZR_MIN(first + ahead->piece_rows, dzr_batch_n_rows(batch));
    p->writer.buf.len = 0;
    p->writer.n_rows = n_before + first;
    dzr__pool_start(ahead->pool, &p->job, lay_out, p, 1);
}

/* The next piece's text to the sink, and what it left over. */
static dzr_status write_piece(dzr__json_ahead *ahead, piece *p, dzr_error *err)
{
    dzr_json_writer *const writer = ahead->writer;
    const int64_t n_rows = p->writer.n_rows - writer->n_rows;
    const size_t n = p->writer.buf.len;
    if (n_rows > 0) {
        const int64_t rows = (int64_t)((double)PIECE_TEXT / ((double)n / (double)n_rows)) + 1;
        ahead->piece_rows = DZR_MIN(rows, (int64_t)MOST_ROWS);
    }
    DZR_TRY(dzr_sink_append(writer->sink, p->writer.buf.at, n, err));
    writer->n_rows += n_rows;
    if (p->row == p->end)
        return DZR_OK;
    DZR_TRY(dzr__json_put_rows(writer, p->batch, &p->row, p->end, err));
    ahead->piece_rows = 1;
    return dzr__json_writer_flush(writer, err);
}

/* Pieces are waited for also after an error: they read the batch. */
dzr_status dzr__json_ahead_append(dzr__json_ahead *ahead, const dzr_batch *batch, dzr_error *err)
{
    const int64_t n_rows = dzr_batch_n_rows(batch), n_before = ahead->writer->n_rows;
    dzr_status st = dzr__json_writer_flush(ahead->writer, err);
    for (int64_t next = 0; st == DZR_OK || ahead->n_started > 0;) {
        while (st == DZR_OK && next < n_rows && ahead->n_started < ahead->n_pieces) {
            start_piece(ahead, batch, next, n_before);
            next = DZR_MIN(next + ahead->piece_rows, n_rows);
        }
        if (ahead->n_started == 0)
            break;
        piece *const p = &ahead->pieces[ahead->head];
        dzr_error why;
        dzr_status done = dzr__pool_wait(ahead->pool, &p->job, &why);
        if (st == DZR_OK && done == DZR_OK)
            done = write_piece(ahead, p, &why);
        ahead->head = (ahead->head + 1) % ahead->n_pieces;
        ahead->n_started--;
        if (st == DZR_OK && done != DZR_OK) {
            st = done;
            if (err != NULL)
                *err = why;
        }
    }
    return st;
}
