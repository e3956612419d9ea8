/* frame/select.c - of a batch the rows that are wanted, and the fields: what a filter and a choice of columns leave.
 * Called by store/table_view.c. Rows are copied, but strings' data and dictionaries are shared; fields are all shared.
 */
#include "frame/internal.h"

/* ---- rows ---- */

typedef struct selecting {
    const dzr_batch *from;
    dzr_batch *to;
    const dzr_allocator *alloc;
} selecting;

/* The first row of [row, n) that is, or is not, selected; n when there is none. */
static int64_t find_row(const uint8_t *bits, int64_t row, int64_t n, bool selected)
{
    while (row < n) {
        if ((row & 7) == 0 && bits[row >> 3] == (selected ? 0x00 : 0xff)) {
            row += 8;
            continue;
        }
        if (dzr__bit_get(bits, row) == selected)
            return row;
        row++;
    }
    return n;
}

/* The next run of selected rows from *row on, which moves behind it; its length, 0 after the last. */
static int64_t next_run(const uint8_t *bits, int64_t n_rows, int64_t *row, int64_t *first)
{
    *first = find_row(bits, *row, n_rows, true);
    *row = find_row(bits, *first, n_rows, false);
    return *row - *first;
}

static dzr_buffer *select_bits(const uint8_t *from, const uint8_t *bits, int64_t n_rows, int64_t n_out,
        const dzr_allocator *alloc, dzr_error *err)
{
    dzr_buffer *const out = dzr__buffer_new(alloc, dzr__bitmap_bytes(n_out), err);
    if (out == NULL)
        return NULL;
    out->len = out->cap;
    memset(out->at, 0, out->len);
    int64_t n = 0, row = 0, first = 0;
    for (int64_t run; (run = next_run(bits, n_rows, &row, &first)) > 0; n += run)
        dzr__bits_copy(out->at, n, from, first, run);
    return out;
}

static dzr_buffer *select_values(
        const dzr_column *from, const uint8_t *bits, int64_t n_out, const dzr_allocator *alloc, dzr_error *err)
{
    const size_t width = dzr_type_bits(from->type) / 8;
    if (width == 0)
        return select_bits(from->values, bits, from->n_rows, n_out, alloc, err);
    dzr_buffer *const out = dzr__buffer_new(alloc, (size_t)n_out * width, err);
    if (out == NULL)
        return NULL;
    out->len = (size_t)n_out * width;
    uint8_t *to = out->at;
    int64_t row = 0, first = 0;
    for (int64_t run; (run = next_run(bits, from->n_rows, &row, &first)) > 0; to += (size_t)run * width)
        memcpy(to, (const uint8_t *)from->values + (size_t)first * width, (size_t)run * width);
    return out;
}

/* Offsets of the selected lists, and in below, which is zero, which of the child's rows they have. */
static dzr_buffer *select_offsets(const dzr_column *from, const uint8_t *bits, int64_t n_out, uint8_t *below,
        const dzr_allocator *alloc, dzr_error *err)
{
    dzr_buffer *const out = dzr__buffer_new(alloc, (size_t)(n_out + 1) * sizeof(int32_t), err);
    if (out == NULL)
        return NULL;
    out->len = (size_t)(n_out + 1) * sizeof(int32_t);
    const int32_t *const offsets = from->values;
    int32_t *const to = (void *)out->at;
    int64_t n = 0, row = 0, first = 0;
    to[0] = 0;
    while (next_run(bits, from->n_rows, &row, &first) > 0) {
        dzr__bits_fill(below, offsets[first], offsets[row] - offsets[first], true);
        const int32_t moved = offsets[first] - to[n];
        for (int64_t i = first; i < row; i++)
            to[++n] = offsets[i + 1] - moved;
    }
    return out;
}

static dzr_status select_node(const selecting *s, int32_t node, const uint8_t *bits, int64_t n_out, dzr_error *err);

static dzr_status select_children(const selecting *s, int32_t node, const uint8_t *bits, int64_t n_out, dzr_error *err)
{
    const dzr_schema *const schema = dzr_batch_schema(s->from);
    int32_t child = node + 1;
    for (int32_t i = 0; i < dzr_batch_node(s->from, node)->n_children; i++) {
        DZR_TRY(select_node(s, child, bits, n_out, err));
        child = dzr_schema_node_end(schema, child);
    }
    return DZR_OK;
}

static dzr_status share_node(const dzr_batch *from, int32_t node, dzr_batch *to, int32_t to_node, dzr_error *err)
{
    const dzr_column *const column = dzr_batch_node(from, node);
    int32_t n = 0;
    dzr_buffer *const *const buffers = dzr__batch_buffers(from, node, &n);
    for (int32_t i = 0; i < n; i++)
        (void)dzr__buffer_hold(buffers[i]);
    return dzr__batch_take_node(
            to, to_node, column->n_rows, column->n_nulls, buffers[0], buffers[1], buffers + 2, n - 2, err);
}

/* Gives the node its buffers, and `data` besides, held anew. */
static dzr_status take_selected(
        const selecting *s, int32_t node, int64_t n_out, dzr_buffer *validity, dzr_buffer *values, dzr_error *err)
{
    const dzr_column *const from = dzr_batch_node(s->from, node);
    int32_t n_buffers = 0;
    dzr_buffer *const *const buffers = dzr__batch_buffers(s->from, node, &n_buffers);
    for (int32_t i = 0; i < from->n_data; i++)
        (void)dzr__buffer_hold(buffers[i + 2]);
    const int64_t n_nulls = validity == NULL ? 0 : n_out - dzr__bits_count(validity->at, 0, n_out);
    return dzr__batch_take_node(s->to, node, n_out, n_nulls, validity, values, buffers + 2, from->n_data, err);
}

static dzr_status select_list(
        const selecting *s, int32_t node, const uint8_t *bits, int64_t n_out, dzr_buffer *validity, dzr_error *err)
{
    const dzr_column *const from = dzr_batch_node(s->from, node);
    uint8_t *const below = dzr_alloc_zeroed(s->alloc, dzr__bitmap_bytes(from->children[0]->n_rows) + 1, 1, err);
    dzr_buffer *const offsets = below != NULL ? select_offsets(from, bits, n_out, below, s->alloc, err) : NULL;
    if (offsets == NULL) {
        dzr__buffer_free(validity);
        dzr_release(s->alloc, below);
        return DZR_ERR_NOMEM;
    }
    const int64_t n_below = ((const int32_t *)(const void *)offsets->at)[n_out];
    dzr_status st = take_selected(s, node, n_out, validity, offsets, err);
    if (st == DZR_OK)
        st = select_children(s, node, below, n_below, err);
    dzr_release(s->alloc, below);
    return st;
}

static dzr_status select_node(const selecting *s, int32_t node, const uint8_t *bits, int64_t n_out, dzr_error *err)
{
    const dzr_column *const from = dzr_batch_node(s->from, node);
    dzr_buffer *validity = NULL, *values = NULL;
    if (from->validity != NULL) {
        validity = select_bits(from->validity, bits, from->n_rows, n_out, s->alloc, err);
        if (validity == NULL)
            return DZR_ERR_NOMEM;
    }
    if (from->type.id == DZR_TYPE_LIST || from->type.id == DZR_TYPE_MAP)
        return select_list(s, node, bits, n_out, validity, err);
    if (dzr_type_bits(from->type) != 0) {
        values = select_values(from, bits, n_out, s->alloc, err);
        if (values == NULL) {
            dzr__buffer_free(validity);
            return DZR_ERR_NOMEM;
        }
    }
    DZR_TRY(take_selected(s, node, n_out, validity, values, err));
    return from->type.id == DZR_TYPE_DICTIONARY ? share_node(s->from, node + 1, s->to, node + 1, err)
                                                : select_children(s, node, bits, n_out, err);
}

dzr_status dzr_batch_select(
        const dzr_batch *batch, const uint8_t *selection, const dzr_allocator *alloc, dzr_batch **out, dzr_error *err)
{
    const dzr_schema *const schema = dzr_batch_schema(batch);
    const int64_t n_rows = dzr_batch_n_rows(batch), n_out = dzr__bits_count(selection, 0, n_rows);
    if (n_out == n_rows) {
        *out = dzr_batch_hold(batch);
        return DZR_OK;
    }
    selecting s = {.from = batch, .alloc = alloc};
    DZR_TRY(dzr__batch_new(schema, n_out, alloc, &s.to, err));
    for (int32_t i = 0; i < dzr_schema_n_fields(schema); i++) {
        const dzr_status st = select_node(&s, dzr_schema_field_node(schema, i), selection, n_out, err);
        if (st != DZR_OK) {
            dzr_batch_free(s.to);
            return st;
        }
    }
    *out = s.to;
    return DZR_OK;
}

/* ---- fields ---- */

static dzr_buffer *zeros(size_t n_bytes, const dzr_allocator *alloc, dzr_error *err)
{
    dzr_buffer *const buffer = dzr__buffer_new(alloc, n_bytes, err);
    if (buffer == NULL)
        return NULL;
    buffer->len = n_bytes;
    memset(buffer->at, 0, n_bytes);
    return buffer;
}

/* Nothing but nulls, or zeros where that is not allowed, which is under a STRUCT that is null. */
static dzr_status null_node(dzr_batch *to, int32_t node, int64_t n_rows, const dzr_allocator *alloc, dzr_error *err)
{
    const dzr_field *const field = dzr_schema_node(dzr_batch_schema(to), node);
    const bool is_list = field->type.id == DZR_TYPE_LIST || field->type.id == DZR_TYPE_MAP;
    const size_t n_values = (size_t)n_rows + is_list, bits = dzr_type_bits(field->type);
    dzr_buffer *const validity = field->nullable ? zeros(dzr__bitmap_bytes(n_rows), alloc, err) : NULL;
    if (field->nullable && validity == NULL)
        return DZR_ERR_NOMEM;
    dzr_buffer *const values = bits == 0 ? NULL : zeros((n_values * bits + 7) / 8, alloc, err);
    if (bits != 0 && values == NULL) {
        dzr__buffer_free(validity);
        return DZR_ERR_NOMEM;
    }
    return dzr__batch_take_node(to, node, n_rows, field->nullable ? n_rows : 0, validity, values, NULL, 0, err);
}

/* Of node `at`, and of what is below it. */
static dzr_status null_nodes(dzr_batch *to, int32_t at, int64_t n_rows, const dzr_allocator *alloc, dzr_error *err)
{
    const dzr_schema *const schema = dzr_batch_schema(to);
    const dzr_type_id id = dzr_schema_node(schema, at)->type.id;
    DZR_TRY(null_node(to, at, n_rows, alloc, err));
    for (int32_t child = at + 1; child < dzr_schema_node_end(schema, at); child = dzr_schema_node_end(schema, child))
        DZR_TRY(null_nodes(to, child, id == DZR_TYPE_STRUCT ? n_rows : 0, alloc, err));
    return DZR_OK;
}

dzr_status dzr__batch_project(const dzr_batch *batch, const dzr_schema *schema, const int32_t *nodes,
        const dzr_allocator *alloc, dzr_batch **out, dzr_error *err)
{
    dzr_batch *to = NULL;
    DZR_TRY(dzr__batch_new(schema, dzr_batch_n_rows(batch), alloc, &to, err));
    for (int32_t node = 0; node < dzr_schema_n_nodes(schema); node++) {
        const dzr_status st = nodes[node] >= 0 ? share_node(batch, nodes[node], to, node, err)
                                               : null_nodes(to, node, dzr_batch_n_rows(batch), alloc, err);
        if (st != DZR_OK) {
            dzr_batch_free(to);
            return st;
        }
        if (nodes[node] < 0)
            node = dzr_schema_node_end(schema, node) - 1;
    }
    *out = to;
    return DZR_OK;
}
