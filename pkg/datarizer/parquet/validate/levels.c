/* parquet/validate/levels.c - how often each level is there, for histograms that a file has of them: decoding rows does
 * not count them. Called by chunk.c. Spec: parquet.thrift, SizeStatistics; README.md "Data Pages". */
#include "parquet/validate/validate.h"

enum { BATCH = 512 };

static dzr_status count(dzr_levels *levels, int64_t n, int64_t *histogram, dzr_error *err)
{
    uint32_t batch[BATCH];
    if (levels->max == 0) {
        histogram[0] += n;
        return DZR_OK;
    }
    while (n > 0) {
        const int64_t step = DZR_MIN(n, (int64_t)BATCH);
        if (levels->packed == NULL) {
            DZR_TRY(dzr__rle_read(&levels->runs, batch, step, err));
        } else {
            dzr__bit_packed_read(levels->packed, dzr__bit_width(levels->max), levels->packed_next, step, batch);
            levels->packed_next += step;
        }
        for (int64_t i = 0; i < step; i++)
            histogram[DZR_MIN(batch[i], levels->max)]++; /* the decoder has seen that none is above */
        n -= step;
    }
    return DZR_OK;
}

static dzr_status count_v2(
        const dzr_leaf *leaf, const dzr_stored_page *page, int64_t *reps, int64_t *defs, dzr_error *err)
{
    const dzr_meta_data_page_v2 *const header = &page->header->data_v2;
    dzr_levels levels;
    dzr__levels_v2(&levels, (uint32_t)leaf->max_rep, (dzr_bytes){page->stored.at, (size_t)header->rep_bytes});
    DZR_TRY(count(&levels, header->num_values, reps, err));
    dzr__levels_v2(&levels, (uint32_t)leaf->max_def,
            (dzr_bytes){page->stored.at + header->rep_bytes, (size_t)header->def_bytes});
    return count(&levels, header->num_values, defs, err);
}

/* Levels of a V1 page are in what is compressed. */
static dzr_status count_v1(
        dzr_chunk_check *c, const dzr_stored_page *page, int64_t *reps, int64_t *defs, dzr_error *err)
{
    const dzr_leaf *const leaf = c->task->leaf;
    const dzr_meta_data_page *const header = &page->header->data;
    const size_t n_bytes = (size_t)page->header->uncompressed_size;
    dzr_bytes in = page->stored;
    dzr_levels levels;
    if (page->codec != DZR_CODEC_UNCOMPRESSED) {
        c->scratch.len = 0;
        DZR_TRY(dzr__bytebuf_reserve(&c->scratch, n_bytes + 1, err));
        DZR_TRY(dzr__decompress(&c->codecs, page->codec, page->stored, c->scratch.at, n_bytes, err));
        in = (dzr_bytes){c->scratch.at, n_bytes};
    }
    DZR_TRY(dzr__levels_v1(&levels, (uint32_t)leaf->max_rep, header->rep_encoding, header->num_values, &in, err));
    DZR_TRY(count(&levels, header->num_values, reps, err));
    DZR_TRY(dzr__levels_v1(&levels, (uint32_t)leaf->max_def, header->def_encoding, header->num_values, &in, err));
    return count(&levels, header->num_values, defs, err);
}

dzr_status dzr__levels_count(
        dzr_chunk_check *c, const dzr_stored_page *page, int64_t *reps, int64_t *defs, dzr_error *err)
{
    return page->header->type == DZR_PAGE_DATA_V2 ? count_v2(c->task->leaf, page, reps, defs, err)
                                                  : count_v1(c, page, reps, defs, err);
}
