/* parquet/reader/assemble.c - a nested column's levels to what stands above its values: offsets of lists, validity of
 * structs and lists, and which of the column's own rows have a value. Called by page.c, page after page, and by plan.c
 * at the chunk's end. Levels come a few hundred at a time, whatever a page claims.
 * Spec: parquet-format README.md "Nested Encoding"; Encodings.md "RLE = 3", "BIT_PACKED = 4". */
#include "parquet/reader/reader.h"

enum { BATCH = 512, FIRST_ROWS = 1024 };

/* ---- where levels come from ---- */

dzr_status dzr__level_bytes(dzr_bytes *in, dzr_bytes *out, dzr_error *err)
{
    const uint32_t n_bytes = in->len >= 4 ? dzr__load_u32(in->at) : 0;
    if (in->len < 4 || n_bytes > in->len - 4)
        return dzr_fail(
                err, DZR_ERR_TRUNCATED, "page of %zu bytes ends inside its levels, which claim %u", in->len, n_bytes);
    *out = (dzr_bytes){.at = in->at + 4, .len = n_bytes};
    in->at += 4 + (size_t)n_bytes;
    in->len -= 4 + (size_t)n_bytes;
    return DZR_OK;
}

dzr_status dzr__unknown_level_encoding(int32_t encoding, dzr_error *err)
{
    const char *const name = dzr__encoding_name(encoding);
    return dzr_fail(err, DZR_ERR_UNSUPPORTED, "levels in encoding %s (%d)", name != NULL ? name : "unknown", encoding);
}

void dzr__levels_v2(dzr_levels *levels, uint32_t max, dzr_bytes bytes)
{
    *levels = (dzr_levels){.max = max};
    dzr__rle_init(&levels->runs, bytes.at, bytes.len, dzr__bit_width(max));
}

dzr_status dzr__levels_v1(dzr_levels *levels, uint32_t max, int32_t encoding, int64_t n, dzr_bytes *in, dzr_error *err)
{
    dzr_bytes bytes = {0};
    *levels = (dzr_levels){.max = max};
    if (max == 0)
        return DZR_OK;
    if (encoding == DZR_ENCODING_RLE) {
        DZR_TRY(dzr__level_bytes(in, &bytes, err));
        dzr__levels_v2(levels, max, bytes);
        return DZR_OK;
    }
    if (encoding != DZR_ENCODING_BIT_PACKED)
        return dzr__unknown_level_encoding(encoding, err);
    const uint64_t n_bytes = ((uint64_t)n * dzr__bit_width(max) + 7) / 8; /* n is a page's: 31 bits */
    if (n_bytes > in->len)
        return dzr_fail(err, DZR_ERR_TRUNCATED, "%lld bit-packed levels of %u bits in %zu bytes", (long long)n,
                dzr__bit_width(max), in->len);
    levels->packed = in->at;
    in->at += n_bytes;
    in->len -= (size_t)n_bytes;
    return DZR_OK;
}

/* The next n levels, each at most max. */
static dzr_status next_levels(dzr_levels *levels, int64_t n, uint32_t *out, dzr_error *err)
{
    if (levels->max == 0) {
        memset(out, 0, (size_t)n * sizeof *out);
        return DZR_OK;
    }
    if (levels->packed == NULL) {
        DZR_TRY(dzr__rle_read(&levels->runs, out, n, err));
    } else {
        dzr__bit_packed_read(levels->packed, dzr__bit_width(levels->max), levels->packed_next, n, out);
        levels->packed_next += n;
    }
    uint32_t top = 0;
    for (int64_t i = 0; i < n; i++)
        top = DZR_MAX(top, out[i]);
    if (top > levels->max)
        return dzr_fail(err, DZR_ERR_CORRUPT, "a level is %u, the highest of this column is %u", top, levels->max);
    return DZR_OK;
}

dzr_status dzr__levels_zeros(dzr_levels *levels, int64_t n, int64_t *n_zeros, dzr_error *err)
{
    uint32_t level[BATCH];
    *n_zeros = 0;
    while (n > 0) {
        const int64_t step = DZR_MIN(n, (int64_t)BATCH);
        DZR_TRY(next_levels(levels, step, level, err));
        for (int64_t i = 0; i < step; i++)
            *n_zeros += level[i] == 0;
        n -= step;
    }
    return DZR_OK;
}

/* ---- begin and end ---- */

dzr_status dzr__assembly_init(dzr_assembly *assembly, int32_t n_steps, int64_t n_records, dzr_budget *budget,
        const dzr_allocator *alloc, dzr_error *err)
{
    *assembly = (dzr_assembly){.alloc = alloc, .budget = budget, .n_steps = n_steps, .n_records = n_records};
    assembly->steps = dzr_alloc_zeroed(alloc, (size_t)n_steps, sizeof *assembly->steps, err);
    return assembly->steps == NULL ? DZR_ERR_NOMEM : DZR_OK;
}

void dzr__assembly_add(dzr_assembly *assembly, int32_t at, const dzr_tree_node *node, const dzr_field *field)
{
    const bool is_list = field->type.id == DZR_TYPE_LIST || field->type.id == DZR_TYPE_MAP;
    assembly->steps[at] = (dzr_assembly_step){
            .exists = (uint32_t)node->exists,
            .def = (uint32_t)node->def,
            .never_null = node->never_null,
            .nullable = field->nullable,
            .is_list = is_list,
    };
    assembly->max_rep = (uint32_t)node->rep;
    if (node->rep > 0 && assembly->starts[node->rep] == 0) /* the first step below that many lists */
        assembly->starts[node->rep] = at;
}

void dzr__assembly_fini(dzr_assembly *assembly)
{
    for (int32_t i = 0; assembly->steps != NULL && i < assembly->n_steps; i++) {
        dzr__buffer_free(assembly->steps[i].validity);
        dzr__buffer_free(assembly->steps[i].offsets);
    }
    dzr_release(assembly->alloc, assembly->steps);
    *assembly = (dzr_assembly){.alloc = assembly->alloc};
}

dzr_status dzr__grow_zeroed(
        dzr_buffer **buffer, size_t n_bytes, dzr_budget *budget, const dzr_allocator *alloc, dzr_error *err)
{
    const size_t had = *buffer == NULL ? 0 : (*buffer)->cap;
    if (n_bytes <= had)
        return DZR_OK;
    DZR_TRY(dzr__budget_take(budget, n_bytes - had, err));
    if (*buffer == NULL) {
        *buffer = dzr__buffer_new(alloc, n_bytes, err);
        if (*buffer == NULL)
            return DZR_ERR_NOMEM;
    } else {
        DZR_TRY(dzr__buffer_grow(*buffer, n_bytes, err));
    }
    memset((*buffer)->at + had, 0, (*buffer)->cap - had);
    (*buffer)->len = (*buffer)->cap;
    return DZR_OK;
}

static dzr_status grow(dzr_assembly *assembly, dzr_buffer **buffer, size_t n_bytes, dzr_error *err)
{
    return dzr__grow_zeroed(buffer, n_bytes, assembly->budget, assembly->alloc, err);
}

/* Room for n rows more, and the offset behind them. */
static dzr_status make_room(dzr_assembly *assembly, dzr_assembly_step *step, int64_t n, dzr_error *err)
{
    const int64_t room = DZR_MAX(step->n_rows + n, DZR_MAX(step->n_rows * 2, (int64_t)FIRST_ROWS));
    if (step->nullable)
        DZR_TRY(grow(assembly, &step->validity, dzr__bitmap_bytes(room), err));
    if (step->is_list)
        DZR_TRY(grow(assembly, &step->offsets, ((size_t)room + 1) * sizeof(int32_t), err));
    step->room = room;
    return DZR_OK;
}

/* The offset of row n_rows, which is where the rows below stand now: those of the next step. */
static dzr_status put_offset(dzr_assembly_step *step, dzr_error *err)
{
    const int64_t below = step[1].n_rows;
    if (below > INT32_MAX)
        return dzr_fail(err, DZR_ERR_LIMIT, "more than %d values in the lists of a row group", INT32_MAX);
    ((int32_t *)(void *)step->offsets->at)[step->n_rows] = (int32_t)below;
    return DZR_OK;
}

dzr_status dzr__assembly_finish(dzr_assembly *assembly, dzr_error *err)
{
    if (assembly->steps[0].n_rows != assembly->n_records)
        return dzr_fail(err, DZR_ERR_CORRUPT, "its levels make %lld rows, the row group has %lld",
                (long long)assembly->steps[0].n_rows, (long long)assembly->n_records);
    for (int32_t i = 0; i < assembly->n_steps - 1; i++) {
        dzr_assembly_step *const step = &assembly->steps[i];
        if (!step->is_list)
            continue;
        if (step->offsets == NULL)
            DZR_TRY(make_room(assembly, step, 1, err));
        DZR_TRY(put_offset(step, err));
    }
    return DZR_OK;
}

/* ---- levels ---- */

static dzr_status null_key(dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_CORRUPT, "a map has a key that is null");
}

/* A row of a struct or list above the values. */
static dzr_status add_row(dzr_assembly *assembly, dzr_assembly_step *step, uint32_t def, dzr_error *err)
{
    if (step->n_rows == step->room)
        DZR_TRY(make_room(assembly, step, 1, err));
    if (step->is_list)
        DZR_TRY(put_offset(step, err));
    if (def < step->def) {
        if (step->never_null)
            return null_key(err);
        step->n_nulls++;
    } else if (step->nullable) {
        dzr__bit_set(step->validity->at, step->n_rows);
    }
    step->n_rows++;
    return DZR_OK;
}

static dzr_status too_many_records(const dzr_assembly *assembly, dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_CORRUPT, "its levels make more than the %lld rows of the row group",
            (long long)assembly->n_records);
}

/* What a repetition level may not do: begin with the middle of a row, or go on with a list that is null or empty. */
static dzr_status check_repetition(const dzr_assembly *assembly, uint32_t rep, uint32_t def, dzr_error *err)
{
    if (rep == 0) {
        if (assembly->steps[0].n_rows == assembly->n_records)
            return too_many_records(assembly, err);
        return DZR_OK;
    }
    if (assembly->steps[0].n_rows == 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "its first repetition level is %u, and a row begins with 0", rep);
    const uint32_t exists = assembly->steps[assembly->starts[rep]].exists;
    if (def < exists || assembly->last_def < exists)
        return dzr_fail(err, DZR_ERR_CORRUPT, "repetition level %u goes on with a list that is null or empty", rep);
    return DZR_OK;
}

/* One level: a row for each node that begins here. Returns whether the column itself gets one in *has_row. */
static inline dzr_status add_level(dzr_assembly *assembly, uint32_t rep, uint32_t def, bool *has_row, dzr_error *err)
{
    DZR_TRY(check_repetition(assembly, rep, def, err));
    assembly->last_def = def;
    dzr_assembly_step *const last = &assembly->steps[assembly->n_steps - 1];
    dzr_assembly_step *step = &assembly->steps[assembly->starts[rep]];
    for (; step < last && def >= step->exists; step++)
        DZR_TRY(add_row(assembly, step, def, err));
    *has_row = step == last && def >= step->exists;
    return DZR_OK;
}

/* Bits first on are set where a level is at least `least`; how many. At most BATCH. */
static int64_t set_bits(const uint32_t *levels, int64_t n, uint32_t least, uint8_t *bits, int64_t first)
{
    uint8_t reach[BATCH / 8];
    int64_t n_set = 0;
    for (int64_t i = 0; i < n; i += 8) {
        uint32_t byte = 0;
        for (int64_t k = 0; k < DZR_MIN(n - i, (int64_t)8); k++)
            byte |= (uint32_t)(levels[i + k] >= least) << k;
        reach[i / 8] = (uint8_t)byte;
        n_set += __builtin_popcount(byte);
    }
    dzr__bits_copy(bits, first, reach, 0, n);
    return n_set;
}

/* n levels of a column below structs alone: each is a row of every step. levels NULL: they are all the highest. */
static dzr_status add_records(
        dzr_assembly *assembly, const uint32_t *levels, int64_t n, uint8_t *validity, int64_t *n_set, dzr_error *err)
{
    dzr_assembly_step *const last = &assembly->steps[assembly->n_steps - 1];
    for (dzr_assembly_step *step = assembly->steps; step <= last; step++) {
        const bool is_last = step == last;
        int64_t n_here = n;
        if (!is_last && step->n_rows + n > step->room)
            DZR_TRY(make_room(assembly, step, n, err));
        uint8_t *const bits = is_last ? validity : step->nullable ? step->validity->at : NULL;
        if (levels == NULL) {
            if (bits != NULL)
                dzr__bits_fill(bits, step->n_rows, n, true);
        } else if (bits != NULL) {
            n_here = set_bits(levels, n, step->def, bits, step->n_rows);
        } else { /* nulls of a struct that can't be null are those above it */
            for (int64_t i = 0; i < n; i++)
                n_here -= levels[i] < step->def;
        }
        if (!is_last)
            step->n_nulls += n - n_here;
        else
            *n_set += n_here;
        step->n_rows += n;
    }
    return DZR_OK;
}

/* The same as dzr__assemble for a column that has no list above it. */
static dzr_status assemble_records(
        dzr_assembly *assembly, dzr_levels *defs, int64_t n, uint8_t *validity, int64_t *n_set, dzr_error *err)
{
    uint32_t def[BATCH];
    bool all = defs->max == 0;
    if (n > assembly->n_records - assembly->steps[0].n_rows)
        return too_many_records(assembly, err);
    if (n > 0 && defs->max > 0 && defs->packed == NULL)
        DZR_TRY(dzr__rle_next_all(&defs->runs, defs->max, n, &all, err));
    if (all)
        return add_records(assembly, NULL, n, validity, n_set, err);
    while (n > 0) {
        const int64_t step = DZR_MIN(n, (int64_t)BATCH);
        DZR_TRY(next_levels(defs, step, def, err));
        DZR_TRY(add_records(assembly, def, step, validity, n_set, err));
        n -= step;
    }
    return DZR_OK;
}

dzr_status dzr__assemble(dzr_assembly *assembly, dzr_levels *reps, dzr_levels *defs, int64_t n, uint8_t *validity,
        int64_t *n_rows, int64_t *n_set, dzr_error *err)
{
    uint32_t rep[BATCH], def[BATCH];
    dzr_assembly_step *const last = &assembly->steps[assembly->n_steps - 1];
    *n_rows = *n_set = 0;
    if (assembly->max_rep == 0) {
        *n_rows = n;
        return assemble_records(assembly, defs, n, validity, n_set, err);
    }
    while (n > 0) {
        const int64_t step = DZR_MIN(n, (int64_t)BATCH);
        DZR_TRY(next_levels(reps, step, rep, err));
        DZR_TRY(next_levels(defs, step, def, err));
        for (int64_t i = 0; i < step; i++) {
            bool has_row = false;
            DZR_TRY(add_level(assembly, rep[i], def[i], &has_row, err));
            if (!has_row)
                continue;
            if (def[i] == last->def) {
                dzr__bit_set(validity, last->n_rows);
                ++*n_set;
            } else if (last->never_null) {
                return null_key(err);
            }
            last->n_rows++;
            ++*n_rows;
        }
        n -= step;
    }
    return DZR_OK;
}

dzr_status dzr__assembly_pass(dzr_assembly *assembly, dzr_error *err)
{
    dzr_assembly_step *const last = &assembly->steps[assembly->n_steps - 1];
    bool has_row = false;
    DZR_TRY(add_level(assembly, 0, last->def, &has_row, err));
    last->n_rows++;
    return DZR_OK;
}
