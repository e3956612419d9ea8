/* parquet/writer/page.c - a page's body becomes what is stored: compressed, with CRC and header; and where stored pages
 * wait. Called by column.c. Spec: parquet.thrift, PageHeader. */
#include "parquet/writer/writer.h"

/* ---- segments ---- */

struct dzr_segment {
    dzr_segment *next;
    size_t len, cap;
    uint8_t at[];
};

enum { FIRST_SEGMENT = 4096, LARGEST_SEGMENT = 1 << 20 };

static dzr_status add_segment(dzr_segments *segments, dzr_error *err)
{
    const size_t cap =
            segments->last == NULL ? FIRST_SEGMENT : DZR_MIN(segments->last->cap * 2, (size_t)LARGEST_SEGMENT);
    dzr_segment *const segment = dzr_alloc_array(segments->alloc, 1, sizeof *segment + cap, err);
    if (segment == NULL)
        return DZR_ERR_NOMEM;
    segment->next = NULL;
    segment->len = 0;
    segment->cap = cap;
    if (segments->last == NULL)
        segments->first = segment;
    else
        segments->last->next = segment;
    segments->last = segment;
    return DZR_OK;
}

static dzr_status append_bytes(dzr_segments *segments, dzr_bytes bytes, dzr_error *err)
{
    while (bytes.len > 0) {
        if (segments->writing == NULL || segments->writing->len == segments->writing->cap) {
            dzr_segment *const full = segments->writing;
            if (full == segments->last)
                DZR_TRY(add_segment(segments, err));
            segments->writing = full == NULL ? segments->first : full->next;
        }
        dzr_segment *const segment = segments->writing;
        const size_t n = DZR_MIN(bytes.len, segment->cap - segment->len);
        memcpy(segment->at + segment->len, bytes.at, n);
        segment->len += n;
        segments->n_bytes += n;
        bytes = (dzr_bytes){bytes.at + n, bytes.len - n};
    }
    return DZR_OK;
}

dzr_status dzr__segments_append(dzr_segments *segments, dzr_bytes header, dzr_bytes stored, dzr_error *err)
{
    DZR_TRY(append_bytes(segments, header, err));
    return append_bytes(segments, stored, err);
}

dzr_status dzr__segments_write(const dzr_segments *segments, dzr_sink *sink, dzr_error *err)
{
    for (const dzr_segment *segment = segments->first; segment != NULL && segment->len > 0; segment = segment->next)
        DZR_TRY(dzr_sink_append(sink, segment->at, segment->len, err));
    return DZR_OK;
}

void dzr__segments_clear(dzr_segments *segments)
{
    for (dzr_segment *segment = segments->first; segment != NULL; segment = segment->next)
        segment->len = 0;
    segments->writing = segments->first;
    segments->n_bytes = 0;
}

void dzr__segments_fini(dzr_segments *segments)
{
    while (segments->first != NULL) {
        dzr_segment *const next = segments->first->next;
        dzr_release(segments->alloc, segments->first);
        segments->first = next;
    }
    segments->last = segments->writing = NULL;
    segments->n_bytes = 0;
}

/* ---- press ---- */

void dzr__page_press_init(dzr_page_press *press, const dzr_allocator *alloc)
{
    *press = (dzr_page_press){
            .codecs.alloc = alloc,
            .body.alloc = alloc,
            .stored.alloc = alloc,
            .header.alloc = alloc,
            .scratch.alloc = alloc,
    };
}

void dzr__page_press_fini(dzr_page_press *press)
{
    dzr__codecs_fini(&press->codecs);
    dzr__bytebuf_fini(&press->body);
    dzr__bytebuf_fini(&press->stored);
    dzr__bytebuf_fini(&press->header);
    dzr__bytebuf_fini(&press->scratch);
}

static dzr_status check_size(size_t n, dzr_error *err)
{
    if (n <= INT32_MAX)
        return DZR_OK;
    return dzr_fail(err, DZR_ERR_LIMIT, "a page of %zu bytes, limit is %d", n, INT32_MAX);
}

dzr_status dzr__page_press(dzr_page_press *press, dzr_codec codec, int32_t level, dzr_meta_page *page, dzr_bytes levels,
        dzr_bytes values, dzr_pressed *out, dzr_error *err)
{
    DZR_TRY(check_size(levels.len + values.len, err));
    out->levels = levels;
    out->values = values;
    /* readers give what a V1 page has to its codec; a V2 page says whether they should, and not all take nothing */
    const bool v2 = page->type == DZR_PAGE_DATA_V2;
    bool is_compressed = codec != DZR_CODEC_UNCOMPRESSED && !(v2 && values.len == 0);
    if (is_compressed) {
        DZR_TRY(dzr__compress(&press->codecs, codec, level, values, &press->stored, err));
        is_compressed = !v2 || press->stored.len < values.len;
    }
    if (is_compressed)
        out->values = (dzr_bytes){press->stored.at, press->stored.len};
    const size_t n_stored = levels.len + out->values.len;
    DZR_TRY(check_size(n_stored, err));
    page->uncompressed_size = (int32_t)(levels.len + values.len);
    page->compressed_size = (int32_t)n_stored;
    page->crc = (int32_t)dzr__page_crc_more(dzr__page_crc(levels.at, levels.len), out->values.at, out->values.len);
    page->has |= 1u << DZR_PAGE_HAS_CRC;
    if (v2) {
        page->data_v2.has |= 1u << DZR_DATA_PAGE_V2_IS_COMPRESSED;
        page->data_v2.is_compressed = is_compressed;
    }
    press->header.len = 0;
    DZR_TRY(dzr__thrift_write(&press->header, &dzr__shape_page, page, err));
    out->header = (dzr_bytes){press->header.at, press->header.len};
    return DZR_OK;
}
