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

void dzr__page_press_init(dzr_page_press *press, const dzr_allocator *alloc, dzr_codec codec, int32_t level)
{
    *press = (dzr_page_press){
            .codecs.alloc = alloc,
            .codec = codec,
            .level = level,
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

dzr_status dzr__page_press(dzr_page_press *press, dzr_meta_page *page, dzr_bytes body, dzr_bytes *header,
        dzr_bytes *stored, dzr_error *err)
{
    DZR_TRY(check_size(body.len, err));
    *stored = body;
    if (press->codec != DZR_CODEC_UNCOMPRESSED) {
        DZR_TRY(dzr__compress(&press->codecs, press->codec, press->level, body, &press->stored, err));
        *stored = (dzr_bytes){press->stored.at, press->stored.len};
        DZR_TRY(check_size(stored->len, err));
    }
    page->uncompressed_size = (int32_t)body.len;
    page->compressed_size = (int32_t)stored->len;
    page->crc = (int32_t)dzr__page_crc(stored->at, stored->len);
    page->has |= 1u << DZR_PAGE_HAS_CRC;
    press->header.len = 0;
    DZR_TRY(dzr__thrift_write(&press->header, &dzr__shape_page, page, err));
    *header = (dzr_bytes){press->header.at, press->header.len};
    return DZR_OK;
}
