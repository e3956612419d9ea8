/* record/dataframe.c - where records are kept, JSON texts and batches into them and out. The face of the room: programs
 * call it through dataframe.h. Records stand in blocks that never move. */
#include "record/internal.h"

#include <inttypes.h>

enum { BLOCK_RECORDS = 1024 };

dzr_status dzr_dataframe_new(
        const dzr_record_type *type, const dzr_allocator *alloc, dzr_dataframe **out, dzr_error *err)
{
    DZR_TRY(dzr_record_type_check(type, err));
    dzr_dataframe *const frame = dzr_alloc_zeroed(alloc, 1, sizeof *frame, err);
    if (frame == NULL)
        return DZR_ERR_NOMEM;
    frame->type = type;
    frame->alloc = alloc;
    dzr__arena_init(&frame->arena, alloc, 0);
    *out = frame;
    return DZR_OK;
}

void dzr_dataframe_free(dzr_dataframe *frame)
{
    if (frame == NULL)
        return;
    for (size_t i = 0; i < frame->n_blocks; i++)
        dzr_release(frame->alloc, frame->blocks[i]);
    dzr_release(frame->alloc, frame->blocks);
    dzr__arena_fini(&frame->arena);
    dzr_release(frame->alloc, frame);
}

int64_t dzr_dataframe_length(const dzr_dataframe *frame)
{
    return frame->n_records;
}

static uint8_t *slot(const dzr_dataframe *frame, int64_t index)
{
    return frame->blocks[index / BLOCK_RECORDS] + (size_t)(index % BLOCK_RECORDS) * frame->type->size;
}

const void *dzr_dataframe_get(const dzr_dataframe *frame, int64_t index)
{
    return slot(frame, index);
}

void dzr_dataframe_truncate(dzr_dataframe *frame, int64_t n)
{
    if (n < frame->n_records)
        frame->n_records = n;
}

/* ---- appending ---- */

static dzr_status grow_list(dzr_dataframe *frame, dzr_error *err)
{
    const size_t cap = frame->cap_blocks > 0 ? frame->cap_blocks * 2 : 16;
    uint8_t **const blocks = dzr_alloc_array(frame->alloc, cap, sizeof *blocks, err);
    if (blocks == NULL)
        return DZR_ERR_NOMEM;
    if (frame->n_blocks > 0)
        memcpy(blocks, frame->blocks, frame->n_blocks * sizeof *blocks);
    dzr_release(frame->alloc, frame->blocks);
    frame->blocks = blocks;
    frame->cap_blocks = cap;
    return DZR_OK;
}

static dzr_status append_one(dzr_dataframe *frame, const void *record, dzr_error *err)
{
    if ((size_t)(frame->n_records / BLOCK_RECORDS) == frame->n_blocks) {
        if (frame->n_blocks == frame->cap_blocks)
            DZR_TRY(grow_list(frame, err));
        uint8_t *const block = dzr_alloc_array(frame->alloc, BLOCK_RECORDS, frame->type->size, err);
        if (block == NULL)
            return DZR_ERR_NOMEM;
        frame->blocks[frame->n_blocks++] = block;
    }
    DZR_TRY(dzr__record_copy(frame->type, record, slot(frame, frame->n_records), &frame->arena, err));
    frame->n_records++;
    return DZR_OK;
}

dzr_status dzr_dataframe_append(dzr_dataframe *frame, const void *records, int64_t n, dzr_error *err)
{
    const int64_t before = frame->n_records;
    for (int64_t i = 0; i < n; i++) {
        const dzr_status st = append_one(frame, (const uint8_t *)records + (size_t)i * frame->type->size, err);
        if (st != DZR_OK) {
            frame->n_records = before;
            return st;
        }
    }
    return DZR_OK;
}

/* ---- JSON ---- */

static dzr_status parse_elements(dzr_dataframe *frame, dzr_record_parser *parser, dzr__elements *elements,
        const dzr_record_parse_options *options, void *record, dzr_error *err)
{
    dzr_bytes text;
    for (int64_t i = 0; dzr__elements_next(elements, &text); i++) {
        dzr_status st = dzr_record_parse(parser, text, options, record, err);
        if (st == DZR_OK)
            st = append_one(frame, record, err);
        if (st == DZR_OK)
            continue;
        st = dzr_fail_at(err, st, "record %" PRId64 ": ", i);
        if (err != NULL)
            err->record = i;
        return st;
    }
    return DZR_OK;
}

static dzr_status parse(dzr_dataframe *frame, dzr_record_parser *parser, dzr_bytes text,
        const dzr_record_parse_options *options, void *record, dzr_error *err)
{
    dzr__elements elements;
    bool is_array = false;
    const dzr_status st = dzr__elements_open(parser, text, &elements, &is_array, err);
    if (st != DZR_OK)
        return dzr_fail_at(err, st, "failed to parse record: ");
    if (is_array)
        return parse_elements(frame, parser, &elements, options, record, err);
    DZR_TRY(dzr_record_parse(parser, text, options, record, err));
    return append_one(frame, record, err);
}

dzr_status dzr_dataframe_parse_json(
        dzr_dataframe *frame, dzr_bytes text, const dzr_record_parse_options *options, dzr_error *err)
{
    dzr_record_parser *parser = NULL;
    DZR_TRY(dzr_record_parser_new(frame->type, frame->alloc, &parser, err));
    const int64_t before = frame->n_records;
    void *const record = dzr_alloc_zeroed(frame->alloc, 1, frame->type->size, err);
    const dzr_status st = record != NULL ? parse(frame, parser, text, options, record, err) : DZR_ERR_NOMEM;
    if (st != DZR_OK)
        frame->n_records = before;
    dzr_release(frame->alloc, record);
    dzr_record_parser_free(parser);
    return st;
}

/* ---- batches ---- */

dzr_status dzr_dataframe_to_batch(const dzr_dataframe *frame, int64_t first, int64_t n, dzr_batch **out, dzr_error *err)
{
    if (first < 0 || n < 0 || first > frame->n_records || n > frame->n_records - first)
        return dzr_fail(err, DZR_ERR_ARG, "%" PRId64 " records from record %" PRId64 " on, there are %" PRId64, n,
                first, frame->n_records);
    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    DZR_TRY(dzr__record_schema(frame->type, NULL, frame->alloc, &schema, err));
    dzr_status st = dzr_builder_new(schema, frame->alloc, &builder, err);
    for (int64_t i = 0; st == DZR_OK && i < n; i++)
        st = dzr__record_put(frame->type, slot(frame, first + i), builder, err);
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, out, err);
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return st;
}

static dzr_status append_row(dzr_dataframe *frame, const dzr__match *matches, const dzr_batch *batch, int64_t row,
        const dzr_dataframe_read_options *options, dzr_arena *lists, void *record, dzr_error *err)
{
    dzr__arena_fini(lists);
    memset(record, 0, frame->type->size);
    DZR_TRY(dzr__record_fill(frame->type, matches, batch, row, lists, record, err));
    const dzr_status st = options != NULL ? dzr__record_hook(options->hook, options->ctx, record, err) : DZR_OK;
    if (st != DZR_OK) {
        if (err != NULL)
            err->record = row;
        return dzr_fail_at(err, st, "row %" PRId64 ": ", row);
    }
    return append_one(frame, record, err);
}

dzr_status dzr_dataframe_append_batch(
        dzr_dataframe *frame, const dzr_batch *batch, const dzr_dataframe_read_options *options, dzr_error *err)
{
    const int64_t before = frame->n_records;
    dzr_arena matched, lists;
    dzr__arena_init(&matched, frame->alloc, 0);
    dzr__arena_init(&lists, frame->alloc, 0);
    dzr__match *matches = NULL;
    void *const record = dzr_alloc_zeroed(frame->alloc, 1, frame->type->size, err);
    dzr_status st = record == NULL ? DZR_ERR_NOMEM
                                   : dzr__record_match(frame->type, dzr_batch_schema(batch), options, &matched,
                                             &matches, NULL, err);
    for (int64_t row = 0; st == DZR_OK && row < dzr_batch_n_rows(batch); row++)
        st = append_row(frame, matches, batch, row, options, &lists, record, err);
    if (st != DZR_OK)
        frame->n_records = before;
    dzr_release(frame->alloc, record);
    dzr__arena_fini(&lists);
    dzr__arena_fini(&matched);
    return st;
}
