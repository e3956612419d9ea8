/* frame/internal.h - how the rooms that fill and hand out columns work with a batch's buffers.
 * A decoder makes buffers, fills them, and takes them into a batch; a builder (builder.c) does so value by value. */
#ifndef DZR_FRAME_INTERNAL_H
#define DZR_FRAME_INTERNAL_H

#include "base/internal.h"
#include <datarizer/frame.h>

#include <stdatomic.h>

/* ---- buffer: counted bytes, shared by the columns that point into them ---- */
typedef struct dzr_buffer dzr_buffer;
struct dzr_buffer {
    _Atomic int64_t owners;
    const dzr_allocator *alloc;
    uint8_t *at;               /* 64-byte aligned when it is ours */
    size_t len;                /* bytes in use */
    size_t cap;                /* bytes there are */
    void (*drop)(void *owner); /* bytes that another owner keeps: called with `owner` when the last of ours goes */
    void *owner;
};

/* One owner; `cap` bytes, not cleared, len 0. NULL with err filled on DZR_ERR_NOMEM. */
dzr_buffer *dzr__buffer_new(const dzr_allocator *alloc, size_t cap, dzr_error *err);
/* A buffer over bytes that `owner` keeps until drop(owner). On failure drop is not called. */
dzr_buffer *dzr__buffer_foreign(
        const dzr_allocator *alloc, const void *at, size_t len, void (*drop)(void *), void *owner, dzr_error *err);
dzr_buffer *dzr__buffer_hold(dzr_buffer *buffer);
void dzr__buffer_free(dzr_buffer *buffer); /* one owner less; NULL is allowed */
/* Room for at least cap bytes; the content is kept. Only with one owner. */
DZR_MUST_CHECK dzr_status dzr__buffer_grow(dzr_buffer *buffer, size_t cap, dzr_error *err);

/* ---- batch ---- */
/* A batch whose columns are yet to be taken in: n_rows set, columns empty. One owner. */
DZR_MUST_CHECK dzr_status dzr__batch_new(
        const dzr_schema *schema, int64_t n_rows, const dzr_allocator *alloc, dzr_batch **out, dzr_error *err);
/* Gives node `node` its buffers, owner by owner (also when it fails). validity may be NULL (no nulls), values is NULL
 * for a STRUCT and NULL. data[0 .. n_data) are what views point into. validity and values must cover n_rows. */
DZR_MUST_CHECK dzr_status dzr__batch_take_node(dzr_batch *batch, int32_t node, int64_t n_rows, int64_t n_nulls,
        dzr_buffer *validity, dzr_buffer *values, dzr_buffer *const *data, int32_t n_data, dzr_error *err);
/* The same for a node with as many rows as the batch. */
DZR_MUST_CHECK dzr_status dzr__batch_take_column(dzr_batch *batch, int32_t node, int64_t n_nulls, dzr_buffer *validity,
        dzr_buffer *values, dzr_buffer *const *data, int32_t n_data, dzr_error *err);
/* The buffers of a node, borrowed: [0] validity or NULL, [1] values or NULL, [2 ..] data. */
dzr_buffer *const *dzr__batch_buffers(const dzr_batch *batch, int32_t node, int32_t *n_buffers);

/* As dzr_batch_slice, from another allocator than the batch's. */
DZR_MUST_CHECK dzr_status dzr__batch_slice(const dzr_batch *batch, int64_t first, int64_t n_rows,
        const dzr_allocator *alloc, dzr_batch **out, dzr_error *err);

/* A batch of other fields: nodes[i] is the batch's node that becomes node i of schema, whose type and children it has;
 * a STRUCT may have fewer of them; a field's -1 makes it, and all below it, null. Shares all. (select.c)
 * Errors: DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status dzr__batch_project(const dzr_batch *batch, const dzr_schema *schema, const int32_t *nodes,
        const dzr_allocator *alloc, dzr_batch **out, dzr_error *err);

/* Below 0, 0 or above 0, as value i of a stands to value k of b; both are there and of one type. NaN is the same as
 * all: files are not of one mind where it goes; so are values of types without an order. (order.c) */
int dzr__values_order(const dzr_column *a, int64_t i, const dzr_column *b, int64_t k);

/* ---- validity bitmaps, least significant bit first ---- */
static inline size_t dzr__bitmap_bytes(int64_t n_bits)
{
    return ((size_t)n_bits + 7) / 8; /* unsigned: a file may claim any number */
}
static inline bool dzr__bit_get(const uint8_t *bits, int64_t i)
{
    return (bits[i >> 3] >> (i & 7) & 1) != 0;
}
static inline void dzr__bit_set(uint8_t *bits, int64_t i)
{
    bits[i >> 3] = (uint8_t)(bits[i >> 3] | (1u << (i & 7)));
}
static inline void dzr__bit_clear(uint8_t *bits, int64_t i)
{
    bits[i >> 3] = (uint8_t)(bits[i >> 3] & ~(1u << (i & 7)));
}
/* Sets bits [first, first + n) to value. */
void dzr__bits_fill(uint8_t *bits, int64_t first, int64_t n, bool value);
/* How many of bits [first, first + n) are set. */
int64_t dzr__bits_count(const uint8_t *bits, int64_t first, int64_t n);
/* Copies n bits between any two bit positions; the buffers do not overlap. */
void dzr__bits_copy(uint8_t *to, int64_t to_first, const uint8_t *from, int64_t from_first, int64_t n);

/* The greatest value of a TIME: 24:00:00. */
static inline int64_t dzr__units_a_day(dzr_time_unit unit)
{
    return unit == DZR_UNIT_MS ? 86400000 : unit == DZR_UNIT_US ? 86400000000 : 86400000000000;
}

/* A view of a long value in data buffer `buffer` at `offset`, or of a short one inside itself. */
static inline dzr_view dzr__view(const uint8_t *at, int32_t len, int32_t buffer, int32_t offset)
{
    dzr_view view;
    memset(&view, 0, sizeof view);
    view.len = len;
    if (len <= DZR_VIEW_INLINE) {
        if (len > 0)
            memcpy(view.as.inlined, at, (size_t)len);
    } else {
        memcpy(view.as.ref.prefix, at, 4);
        view.as.ref.buffer = buffer;
        view.as.ref.offset = offset;
    }
    return view;
}

#endif
