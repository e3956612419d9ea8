/* parquet/reader/cut.c - records out of what a column has decoded so far: a batch takes its rows from the front, what
 * is left waits for more pages. Called by scan_column.c. What a view points into is kept while a view does, page by
 * page; the dictionary's page stays for those that come. */
#include "parquet/reader/entries.h"
#include "parquet/reader/plan.h"

int64_t dzr__task_records(const dzr_column_task *task)
{
    return task->n_nodes > 1 ? task->assembly.steps[0].n_rows : task->decoder.row;
}

/* ---- copies of a part ---- */

static dzr_status cut_bits(
        dzr_decoder *d, const dzr_buffer *from, int64_t first, int64_t n, dzr_buffer **out, dzr_error *err)
{
    DZR_TRY(dzr__decoder_buffer(d, dzr__bitmap_bytes(n), out, err));
    if ((*out)->len > 0)
        (*out)->at[(*out)->len - 1] = 0;
    dzr__bits_copy((*out)->at, 0, from->at, first, n);
    return DZR_OK;
}

dzr_status dzr__decoder_share_data(
        const dzr_decoder *from, bool with_dictionary, dzr_decoder *to, int64_t n, dzr_error *err)
{
    if (from->n_data == 0)
        return DZR_OK;
    dzr_view *const views = (dzr_view *)(void *)to->values->at;
    int32_t *const map = dzr_alloc_array(from->alloc, (size_t)from->n_data, sizeof *map, err);
    if (map == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < from->n_data; i++)
        map[i] = -1;
    dzr_status st = DZR_OK;
    if (with_dictionary)
        st = dzr__decoder_keep(
                to, dzr__buffer_hold(from->data[from->dictionary_data]), &map[from->dictionary_data], err);
    for (int64_t i = 0; st == DZR_OK && i < n; i++) {
        if (views[i].len <= DZR_VIEW_INLINE)
            continue;
        int32_t *const index = &map[views[i].as.ref.buffer];
        if (*index < 0)
            st = dzr__decoder_keep(to, dzr__buffer_hold(from->data[views[i].as.ref.buffer]), index, err);
        views[i].as.ref.buffer = *index;
    }
    dzr_release(from->alloc, map);
    return st;
}

static dzr_status cut_values(
        const dzr_decoder *from, int64_t first, int64_t n, bool with_dictionary, dzr_decoder *to, dzr_error *err)
{
    to->row = to->n_rows = n;
    if (from->validity != NULL) {
        DZR_TRY(cut_bits(to, from->validity, first, n, &to->validity, err));
        to->n_nulls = n - dzr__bits_count(to->validity->at, 0, n);
    }
    if (from->size == 0)
        return cut_bits(to, from->values, first, n, &to->values, err);
    DZR_TRY(dzr__decoder_buffer(to, (uint64_t)n * from->size, &to->values, err));
    if (n > 0)
        memcpy(to->values->at, from->values->at + (size_t)first * from->size, (size_t)n * from->size);
    return dzr__has_views(from) ? dzr__decoder_share_data(from, with_dictionary, to, n, err) : DZR_OK;
}

/* The dictionary's page is the first of data now. */
static void point_dictionary(dzr_decoder *d)
{
    if (!d->has_dictionary || !dzr__has_views(d) || d->dictionary_data == 0)
        return;
    dzr_view *const views = (dzr_view *)(void *)d->dictionary;
    for (uint32_t i = 0; i < d->n_dictionary; i++)
        if (views[i].len > DZR_VIEW_INLINE)
            views[i].as.ref.buffer = 0;
    d->dictionary_data = 0;
}

/* All values, by their buffers. The dictionary's page stays, too. */
static dzr_status take_values(dzr_decoder *from, dzr_decoder *to, dzr_error *err)
{
    dzr_buffer *const dictionary =
            from->has_dictionary && dzr__has_views(from) ? dzr__buffer_hold(from->data[from->dictionary_data]) : NULL;
    to->row = to->n_rows = from->row;
    to->n_nulls = from->n_nulls;
    to->values = from->values;
    to->validity = from->validity;
    to->data = from->data;
    to->n_data = from->n_data;
    to->data_room = from->data_room;
    from->values = from->validity = NULL;
    from->data = NULL;
    from->n_data = from->data_room = 0;
    from->n_rows = from->row = from->n_nulls = 0;
    int32_t ignored = 0;
    if (dictionary != NULL)
        DZR_TRY(dzr__decoder_keep(from, dictionary, &ignored, err));
    point_dictionary(from);
    return from->assembly != NULL ? dzr__decoder_nest(from, from->assembly, err) : DZR_OK;
}

/* ---- what is above ---- */

/* Where the rows below row `row` begin. */
static int64_t row_below(const dzr_assembly_step *step, int64_t row)
{
    if (!step->is_list)
        return row;
    return row == step->n_rows ? step[1].n_rows : ((const int32_t *)(const void *)step->offsets->at)[row];
}

static dzr_status cut_step(
        const dzr_assembly *from, int32_t i, int64_t first, int64_t n, dzr_assembly *to, dzr_decoder *d, dzr_error *err)
{
    const dzr_assembly_step *const step = &from->steps[i];
    dzr_assembly_step *const out = &to->steps[i];
    *out = *step;
    out->validity = out->offsets = NULL;
    out->n_rows = out->room = n;
    out->n_nulls = 0;
    if (i == from->n_steps - 1) /* the column itself, whose buffers are elsewhere */
        return DZR_OK;
    if (step->nullable && step->validity != NULL) {
        DZR_TRY(cut_bits(d, step->validity, first, n, &out->validity, err));
        out->n_nulls = n - dzr__bits_count(out->validity->at, 0, n);
    }
    if (!step->is_list)
        return DZR_OK;
    DZR_TRY(dzr__decoder_buffer(d, (uint64_t)(n + 1) * sizeof(int32_t), &out->offsets, err));
    int32_t *const offsets = (int32_t *)(void *)out->offsets->at;
    const int64_t base = row_below(step, first);
    for (int64_t row = 0; row <= n; row++)
        offsets[row] = (int32_t)(row_below(step, first + row) - base);
    return DZR_OK;
}

/* *first and *n are records, and become the column's rows. */
static dzr_status cut_above(
        const dzr_assembly *from, int64_t *first, int64_t *n, dzr_assembly *to, dzr_decoder *d, dzr_error *err)
{
    DZR_TRY(dzr__assembly_init(to, from->n_steps, from->n_records - *first, from->budget, from->alloc, err));
    memcpy(to->starts, from->starts, sizeof to->starts);
    to->max_rep = from->max_rep;
    to->last_def = from->last_def;
    for (int32_t i = 0; i < from->n_steps; i++) {
        DZR_TRY(cut_step(from, i, *first, *n, to, d, err));
        const int64_t end = row_below(&from->steps[i], *first + *n);
        *first = row_below(&from->steps[i], *first);
        *n = end - *first;
    }
    return DZR_OK;
}

/* Nothing is left above values that were taken. */
static void empty_above(dzr_assembly *assembly)
{
    assembly->n_records -= assembly->steps[0].n_rows;
    for (int32_t i = 0; i < assembly->n_steps; i++) {
        dzr_assembly_step *const step = &assembly->steps[i];
        dzr__buffer_free(step->validity);
        dzr__buffer_free(step->offsets);
        step->validity = step->offsets = NULL;
        step->n_rows = step->room = step->n_nulls = 0;
    }
}

/* ---- both ---- */

static dzr_status cut(
        dzr_column_task *task, int64_t first, int64_t n, bool take, bool rest, dzr_column_task *out, dzr_error *err)
{
    *out = *task;
    out->fetched = NULL;
    out->decoder = dzr__decoder_like(&task->decoder);
    out->entries = NULL;
    out->dictionary = (dzr_decoder){.alloc = task->decoder.alloc};
    out->assembly = (dzr_assembly){.alloc = task->assembly.alloc};
    if (task->n_nodes > 1)
        DZR_TRY(cut_above(&task->assembly, &first, &n, &out->assembly, &out->decoder, err));
    const bool with_dictionary = rest && task->decoder.has_dictionary && dzr__has_views(&task->decoder);
    if (task->entries != NULL && !rest)
        DZR_TRY(dzr__entries_share(task->entries, &out->dictionary, err));
    if (!take)
        return cut_values(&task->decoder, first, n, with_dictionary, &out->decoder, err);
    if (task->n_nodes > 1)
        empty_above(&task->assembly);
    return take_values(&task->decoder, &out->decoder, err);
}

dzr_status dzr__task_cut(
        dzr_column_task *task, int64_t first, int64_t n, bool take, dzr_column_task *out, dzr_error *err)
{
    return cut(task, first, n, take, false, out, err);
}

dzr_status dzr__task_forget(dzr_column_task *task, int64_t n, dzr_error *err)
{
    dzr_column_task rest;
    dzr_status st = cut(task, n, dzr__task_records(task) - n, false, true, &rest, err);
    if (st != DZR_OK) {
        dzr__task_end(&rest);
        return st;
    }
    dzr_decoder *const d = &task->decoder;
    dzr__buffer_free(d->values);
    dzr__buffer_free(d->validity);
    for (int32_t i = 0; i < d->n_data; i++)
        dzr__buffer_free(d->data[i]);
    dzr_release(d->alloc, d->data);
    d->values = rest.decoder.values;
    d->validity = rest.decoder.validity;
    d->data = rest.decoder.data;
    d->n_data = rest.decoder.n_data;
    d->data_room = rest.decoder.data_room;
    d->row = d->n_rows = rest.decoder.row;
    d->n_nulls = rest.decoder.n_nulls;
    point_dictionary(d);
    if (task->n_nodes > 1) {
        dzr__assembly_fini(&task->assembly);
        task->assembly = rest.assembly;
    }
    return DZR_OK;
}

static uint64_t bytes_of(const dzr_buffer *buffer)
{
    return buffer != NULL ? buffer->cap : 0;
}

void dzr__task_count(const dzr_column_task *task, dzr_budget *budget)
{
    const dzr_decoder *const d = &task->decoder;
    uint64_t n = bytes_of(d->values) + bytes_of(d->validity) + d->scratch_bytes + d->passing_bytes +
                 (uint64_t)d->n_dictionary * d->size;
    for (int32_t i = 0; i < d->n_data; i++)
        n += bytes_of(d->data[i]);
    n += task->entries != NULL ? dzr__entries_bytes(task->entries) : 0;
    for (int32_t i = 0; i < task->assembly.n_steps; i++)
        n += bytes_of(task->assembly.steps[i].validity) + bytes_of(task->assembly.steps[i].offsets);
    budget->taken = (size_t)n;
}
