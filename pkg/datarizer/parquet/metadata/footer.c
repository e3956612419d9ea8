/* parquet/metadata/footer.c - a footer's bytes as checked metadata, for reader/. */
#include "parquet/metadata/metadata.h"

/* Ceiling of what a footer may take in memory. The smallest chunk that holds something, about 60 bytes, takes 480. */
enum { ARENA_BASE = 1 << 16, ARENA_PER_BYTE = 64 };

dzr_parquet_limits dzr__parquet_limits(const dzr_parquet_limits *limits)
{
    dzr_parquet_limits out = limits != NULL ? *limits : (dzr_parquet_limits){0};
    if (out.footer_bytes == 0)
        out.footer_bytes = (size_t)256 << 20;
    if (out.schema_nodes <= 0)
        out.schema_nodes = 2 * DZR_MAX_COLUMNS + 1; /* as many nodes as a frame may have, a list takes two, the root */
    if (out.depth <= 0)
        out.depth = 2 * DZR_MAX_DEPTH + 2;     /* a list takes two elements, and the root is one */
    out.depth = DZR_MIN(out.depth, INT16_MAX); /* levels are 16 bits */
    if (out.row_groups <= 0)
        out.row_groups = 1000000;
    if (out.page_bytes == 0)
        out.page_bytes = (size_t)512 << 20;
    if (out.row_group_bytes == 0)
        out.row_group_bytes = (size_t)4 << 30;
    return out;
}

static dzr_status check_row_group(const dzr_meta_row_group *group, int32_t n_leaves, dzr_error *err)
{
    if (group->num_rows < 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "%lld rows", (long long)group->num_rows);
    if (group->columns.n != n_leaves)
        return dzr_fail(err, DZR_ERR_CORRUPT, "%d column chunks for %d columns", (int)group->columns.n, (int)n_leaves);
    for (int32_t i = 0; i < n_leaves; i++) {
        const dzr_meta_chunk *const chunk = &group->columns.at[i];
        if (DZR_HAS(chunk, DZR_CHUNK_META) || DZR_HAS(chunk, DZR_CHUNK_ENCRYPTED_META))
            continue;
        const dzr_status st = dzr_fail(err, DZR_ERR_CORRUPT, "column %d has no metadata", (int)i);
        if (err != NULL)
            err->column = i;
        return st;
    }
    return DZR_OK;
}

dzr_status dzr__footer_read(dzr_bytes footer, const dzr_parquet_limits *limits, dzr_arena *arena, dzr_meta_file *out,
        const dzr_leaf **leaves, int32_t *n_leaves, dzr_error *err)
{
    const dzr_parquet_limits lim = dzr__parquet_limits(limits);
    if (footer.len > lim.footer_bytes)
        return dzr_fail(err, DZR_ERR_LIMIT, "a footer of %zu bytes, limit is %zu", footer.len, lim.footer_bytes);
    size_t ceiling = 0;
    if (__builtin_mul_overflow(footer.len, (size_t)ARENA_PER_BYTE, &ceiling) || ceiling > SIZE_MAX - ARENA_BASE)
        ceiling = SIZE_MAX - ARENA_BASE;
    arena->max_bytes = ceiling + ARENA_BASE;
    dzr_cursor c = dzr__cursor(footer.at, footer.len);
    DZR_TRY(dzr__thrift_read(&c, &dzr__shape_file, out, arena, err));
    DZR_TRY(dzr__leaves_read(out->schema.at, out->schema.n, &lim, arena, leaves, n_leaves, err));
    if (out->num_rows < 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "the file has %lld rows", (long long)out->num_rows);
    if (out->row_groups.n > lim.row_groups)
        return dzr_fail(err, DZR_ERR_LIMIT, "%d row groups, limit is %d", (int)out->row_groups.n, (int)lim.row_groups);
    for (int32_t i = 0; i < out->row_groups.n; i++) {
        const dzr_status st = check_row_group(&out->row_groups.at[i], *n_leaves, err);
        if (st != DZR_OK) {
            if (err != NULL)
                err->row_group = i;
            return dzr_fail_at(err, st, "row group %d: ", (int)i);
        }
    }
    return DZR_OK;
}
