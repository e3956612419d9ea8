/* store/sample.c - rows of a file drawn by chance, each set of them as likely as another. Parquet tells how many rows
 * there are, so that their numbers are drawn first and only what is around those is read; of a stream a reservoir is
 * kept. Called by `datarizer sample`. The reservoir is Waterman's (Knuth, TAOCP 3.4.2, algorithm R). */
#include "store/internal.h"

#include <stdlib.h>

/* ---- numbers by chance ---- */

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* One of [0, n), each as likely: what would favour some is drawn again. */
static uint64_t draw_below(uint64_t *state, uint64_t n)
{
    const uint64_t uneven = -n % n;
    uint64_t number = draw(state);
    while (number < uneven)
        number = draw(state);
    return number % n;
}

static int by_number(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* n different numbers of [0, n_rows), ascending; n <= n_rows. Few are drawn until none repeats, of many each row is
 * asked. */
static void draw_rows(uint64_t *state, int64_t n_rows, int64_t n, int64_t *out)
{
    int64_t have = 0;
    if (n > n_rows / 4) {
        for (int64_t row = 0; have < n; row++)
            if (draw_below(state, (uint64_t)(n_rows - row)) < (uint64_t)(n - have))
                out[have++] = row;
        return;
    }
    while (have < n) {
        for (int64_t i = have; i < n; i++)
            out[i] = (int64_t)draw_below(state, (uint64_t)n_rows);
        qsort(out, (size_t)n, sizeof *out, by_number);
        have = n > 0 ? 1 : 0;
        for (int64_t i = 1; i < n; i++)
            if (out[i] != out[have - 1])
                out[have++] = out[i];
    }
}

/* ---- Parquet ---- */

/* Rows that are closer than a usual page has rows are read together; without an offset index, which leads to a page,
 * the way there costs more. */
enum { NEAR = 20000, NEAR_WITHOUT_INDEX = 1000000 };

static int64_t near_rows(const dzr_parquet_reader *parquet)
{
    dzr_parquet_page_index *index = NULL;
    if (dzr_parquet_reader_n_columns(parquet) == 0 || dzr_parquet_reader_n_row_groups(parquet) == 0 ||
            dzr_parquet_reader_page_index(parquet, 0, 0, &index, NULL) != DZR_OK || index == NULL)
        return NEAR_WITHOUT_INDEX;
    dzr_parquet_page_index_free(index);
    return NEAR;
}

/* Rows of the numbers in [rows, rows + n), which the reader gives from number `at` on. */
static dzr_status take_range(
        dzr_table_reader *reader, int64_t at, const int64_t *rows, int64_t n, dzr_builder *builder, dzr_error *err)
{
    for (int64_t i = 0; i < n;) {
        dzr_batch *batch = NULL;
        DZR_TRY(dzr_table_reader_next(reader, &batch, err));
        if (batch == NULL)
            return dzr_fail(err, DZR_ERR_CORRUPT, "row %lld is missing", (long long)rows[i]);
        dzr_status st = DZR_OK;
        for (; st == DZR_OK && i < n && rows[i] - at < dzr_batch_n_rows(batch); i++)
            st = dzr_builder_row(builder, batch, rows[i] - at, err);
        at += dzr_batch_n_rows(batch);
        dzr_batch_free(batch);
        DZR_TRY(st);
    }
    return DZR_OK;
}

static dzr_status sample_parquet(dzr_table_reader *reader, const dzr_table_read_options *options, int64_t n,
        uint64_t seed, dzr_builder *builder, dzr_error *err)
{
    const dzr_parquet_reader *const parquet = dzr_table_reader_parquet(reader);
    const int64_t n_rows = dzr__parquet_rows(parquet, options), together = near_rows(parquet);
    n = DZR_MIN(n, n_rows);
    if (n == 0)
        return DZR_OK;
    int64_t *const rows = dzr_alloc_array(options->alloc, (size_t)n, sizeof *rows, err);
    if (rows == NULL)
        return DZR_ERR_NOMEM;
    draw_rows(&seed, n_rows, n, rows);
    dzr_status st = DZR_OK;
    for (int64_t i = 0, end = 0; st == DZR_OK && i < n; i = end) {
        for (end = i + 1; end < n && rows[end] - rows[end - 1] < together;)
            end++;
        st = dzr__table_reader_range(reader, options, rows[i], rows[end - 1] - rows[i] + 1, err);
        if (st == DZR_OK)
            st = take_range(reader, rows[i], rows + i, end - i, builder, err);
    }
    dzr_release(options->alloc, rows);
    return st;
}

/* ---- a stream ---- */

/* A row of the sample so far, in a batch that has but rows of it. */
typedef struct slot {
    int64_t number; /* of the row, in the file */
    dzr_batch *batch;
    int64_t row;
} slot;

typedef struct reservoir {
    slot *slots;
    int64_t n, n_used; /* slots; those that have a row */
    int64_t *taken;    /* slots that rows of the batch at hand went to */
    int64_t n_seen;
    uint64_t state;
} reservoir;

/* Which rows of a batch stay: their slot says so, and what was there before is let go of. A slot that changes more than
 * once is among those taken once. */
static int64_t choose(reservoir *r, int64_t n_rows)
{
    int64_t n_taken = 0;
    for (int64_t row = 0; row < n_rows; row++) {
        const int64_t number = r->n_seen + row;
        const int64_t at = number < r->n ? number : (int64_t)draw_below(&r->state, (uint64_t)number + 1);
        if (at >= r->n)
            continue;
        if (r->slots[at].batch != NULL || r->slots[at].number < r->n_seen) {
            dzr_batch_free(r->slots[at].batch);
            r->slots[at].batch = NULL;
            r->taken[n_taken++] = at;
        }
        r->slots[at].number = number;
        r->n_used = DZR_MAX(r->n_used, at + 1);
    }
    r->n_seen += n_rows;
    return n_taken;
}

/* Copies what stays of a batch, so that its other rows do not take memory. */
static dzr_status keep(reservoir *r, const dzr_batch *batch, int64_t n_taken, dzr_builder *builder, dzr_error *err)
{
    const int64_t first = r->n_seen - dzr_batch_n_rows(batch);
    for (int64_t i = 0; i < n_taken; i++) {
        slot *const to = &r->slots[r->taken[i]];
        DZR_TRY(dzr_builder_row(builder, batch, to->number - first, err));
        to->row = i;
    }
    dzr_batch *kept = NULL;
    DZR_TRY(dzr_builder_finish(builder, &kept, err));
    for (int64_t i = 0; i < n_taken; i++)
        r->slots[r->taken[i]].batch = dzr_batch_hold(kept);
    dzr_batch_free(kept);
    return DZR_OK;
}

static int by_place(const void *a, const void *b)
{
    const int64_t x = ((const slot *)a)->number, y = ((const slot *)b)->number;
    return (x > y) - (x < y);
}

static dzr_status fill(reservoir *r, dzr_table_reader *reader, dzr_builder *builder, dzr_error *err)
{
    for (;;) {
        dzr_batch *batch = NULL;
        DZR_TRY(dzr_table_reader_next(reader, &batch, err));
        if (batch == NULL)
            break;
        const int64_t n_taken = choose(r, dzr_batch_n_rows(batch));
        const dzr_status st = n_taken > 0 ? keep(r, batch, n_taken, builder, err) : DZR_OK;
        dzr_batch_free(batch);
        DZR_TRY(st);
    }
    qsort(r->slots, (size_t)r->n_used, sizeof *r->slots, by_place);
    for (int64_t i = 0; i < r->n_used; i++)
        DZR_TRY(dzr_builder_row(builder, r->slots[i].batch, r->slots[i].row, err));
    return DZR_OK;
}

static dzr_status sample_stream(dzr_table_reader *reader, const dzr_allocator *alloc, int64_t n, uint64_t seed,
        dzr_builder *builder, dzr_error *err)
{
    reservoir r = {.n = n, .state = seed};
    if (n == 0)
        return DZR_OK;
    r.slots = dzr_alloc_array(alloc, (size_t)n, sizeof *r.slots, err);
    r.taken = r.slots == NULL ? NULL : dzr_alloc_array(alloc, (size_t)n, sizeof *r.taken, err);
    dzr_status st = r.taken == NULL ? DZR_ERR_NOMEM : DZR_OK;
    for (int64_t i = 0; st == DZR_OK && i < n; i++)
        r.slots[i] = (slot){.number = -1};
    if (st == DZR_OK)
        st = fill(&r, reader, builder, err);
    for (int64_t i = 0; r.taken != NULL && i < n; i++)
        dzr_batch_free(r.slots[i].batch);
    dzr_release(alloc, r.slots);
    dzr_release(alloc, r.taken);
    return st;
}

/* ---- both ---- */

dzr_status dzr_table_sample(const char *name, const dzr_table_read_options *options, int64_t n, uint64_t seed,
        dzr_batch **out, dzr_error *err)
{
    static const dzr_table_read_options defaults = {.alloc = NULL};
    if (options == NULL)
        options = &defaults;
    if (n < 0 || options->first_row != 0 || options->n_rows != 0 || options->last_rows != 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: a sample of %lld rows, of a range of rows", name, (long long)n);
    dzr_table_reader *reader = NULL;
    dzr_builder *builder = NULL;
    dzr_status st = dzr_table_reader_open(name, options, &reader, err);
    if (st == DZR_OK && dzr_table_reader_parquet(reader) != NULL) /* the schema is that of the columns asked for */
        st = dzr__table_reader_range(reader, options, 0, 1, err);
    if (st == DZR_OK)
        st = dzr_builder_new(dzr_table_reader_schema(reader), options->alloc, &builder, err);
    if (st == DZR_OK)
        st = dzr_table_reader_parquet(reader) != NULL ? sample_parquet(reader, options, n, seed, builder, err)
                                                      : sample_stream(reader, options->alloc, n, seed, builder, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, out, err);
    dzr_builder_free(builder);
    dzr_table_reader_close(reader);
    return st;
}
