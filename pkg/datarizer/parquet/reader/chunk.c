/* parquet/reader/chunk.c - walks the pages of one column chunk: header, sizes, CRC, then the page to page.c.
 * Called by plan.c with the bytes of one chunk, and by the fuzz target of pages with any.
 * How many values there are decides where a chunk ends, not how many bytes the footer claims: some writers left the
 * dictionary page's header out of that. Spec: parquet-format README.md "Column chunks", "Checksumming". */
#include "parquet/reader/reader.h"

/* What the header says about sizes, against the limit and what is left after the header. */
static dzr_status check_sizes(const dzr_meta_page *header, size_t page_bytes, size_t left, dzr_error *err)
{
    if (header->compressed_size < 0 || header->uncompressed_size < 0)
        return dzr_fail(err, DZR_ERR_CORRUPT, "page claims %d bytes, %d of them after decompression",
                header->compressed_size, header->uncompressed_size);
    const size_t larger = (size_t)DZR_MAX(header->compressed_size, header->uncompressed_size);
    if (larger > page_bytes)
        return dzr_fail(err, DZR_ERR_LIMIT, "page of %zu bytes, limit is %zu", larger, page_bytes);
    if ((size_t)header->compressed_size > left)
        return dzr_fail(err, DZR_ERR_TRUNCATED, "page claims %d bytes, %zu are left", header->compressed_size, left);
    return DZR_OK;
}

dzr_status dzr__pages_end(const dzr_decoder *decoder, dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_TRUNCATED, "pages end, %lld of %lld values are missing",
            (long long)(decoder->n_levels - decoder->level), (long long)decoder->n_levels);
}

dzr_status dzr__read_page_header(dzr_cursor *in, size_t n_left, size_t page_bytes, dzr_meta_page *out, dzr_error *err)
{
    const uint8_t *const start = in->at;
    const dzr_status st = dzr__thrift_read(in, &dzr__shape_page, out, NULL, err);
    if (st != DZR_OK)
        return dzr_fail_at(err, st, "page header: ");
    return check_sizes(out, page_bytes, n_left - (size_t)(in->at - start), err);
}

dzr_status dzr__check_page(const dzr_stored_page *page, bool skip_crc, dzr_error *err)
{
    const dzr_meta_page *const header = page->header;
    if (!DZR_HAS(header, DZR_PAGE_HAS_CRC) || skip_crc)
        return DZR_OK;
    const uint32_t crc = dzr__page_crc(page->stored.at, page->stored.len);
    if (crc != (uint32_t)header->crc)
        return dzr_fail(err, DZR_ERR_CORRUPT, "page has CRC %08x, its header says %08x", crc, (uint32_t)header->crc);
    return DZR_OK;
}

dzr_status dzr__decode_page(dzr_decoder *decoder, const dzr_stored_page *page, dzr_error *err)
{
    const dzr_meta_page *const header = page->header;
    switch (header->type) {
    case DZR_PAGE_DATA:
    case DZR_PAGE_DATA_V2: {
        const bool v2 = header->type == DZR_PAGE_DATA_V2;
        if (!DZR_HAS(header, v2 ? DZR_PAGE_HAS_DATA_V2 : DZR_PAGE_HAS_DATA))
            return dzr_fail(err, DZR_ERR_CORRUPT, "data page without a data page header");
        /* a V2 page is compressed in part, and looks at it itself */
        if (!v2 && page->codec == DZR_CODEC_UNCOMPRESSED && header->compressed_size != header->uncompressed_size)
            return dzr_fail(err, DZR_ERR_CORRUPT, "page that is not compressed claims %d bytes, %d after decompression",
                    header->compressed_size, header->uncompressed_size);
        return dzr__decode_data_page(decoder, page, err);
    }
    case DZR_PAGE_DICTIONARY:
        if (!DZR_HAS(header, DZR_PAGE_HAS_DICTIONARY))
            return dzr_fail(err, DZR_ERR_CORRUPT, "dictionary page without a dictionary page header");
        if (page->codec == DZR_CODEC_UNCOMPRESSED && header->compressed_size != header->uncompressed_size)
            return dzr_fail(err, DZR_ERR_CORRUPT, "page that is not compressed claims %d bytes, %d after decompression",
                    header->compressed_size, header->uncompressed_size);
        return dzr__decode_dictionary_page(decoder, page, err);
    case DZR_PAGE_INDEX: /* defined, but never specified: nothing in it is ours */
        return DZR_OK;
    default:
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "page of type %d", header->type);
    }
}

dzr_status dzr__decode_chunk(dzr_decoder *decoder, const dzr_chunk_bytes *chunk, size_t *at, dzr_error *err)
{
    *at = 0;
    while (decoder->level < decoder->n_levels) {
        if (*at == chunk->bytes.len)
            return dzr__pages_end(decoder, err);
        dzr_cursor cursor = dzr__cursor(chunk->bytes.at + *at, chunk->bytes.len - *at);
        dzr_meta_page header;
        DZR_TRY(dzr__read_page_header(&cursor, chunk->bytes.len - *at, chunk->page_bytes, &header, err));
        const dzr_stored_page page = {.header = &header,
                .codec = chunk->codec,
                .stored = {.at = cursor.at, .len = (size_t)header.compressed_size},
                .keeper = chunk->keeper};
        DZR_TRY(dzr__check_page(&page, chunk->skip_crc, err));
        DZR_TRY(dzr__decode_page(decoder, &page, err));
        *at += (size_t)(cursor.at - cursor.start) + page.stored.len;
    }
    return DZR_OK;
}
