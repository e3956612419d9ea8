/* fuzz/parquet_edit.c - see parquet_edit.h: taking apart, changing pages, putting together. What is done to fields by
 * their shapes is in parquet_change.c. */
#include "parquet_edit.h"

#include "parquet/codec/codec.h"
#include "parquet/metadata/metadata.h"
#include "parquet_change.h"

enum { MOST_PAGES = 2000, MOST_CHUNKS = 500, MOST_BODY = 1 << 20, ROOM = 64 << 20 };

typedef struct page {
    dzr_meta_page header;
    dzr_bytes body; /* as stored */
    int copies;
} page;

typedef struct chunk {
    dzr_meta_chunk *meta;
    page *pages;
    int32_t n_pages;
    bool has_offsets, has_bounds;
    dzr_meta_offset_index offsets;
    dzr_meta_column_index bounds;
} chunk;

typedef struct parts {
    dzr_bytes file;
    dzr_arena arena;
    dzr_meta_file meta;
    chunk *chunks;
    page *pages; /* those of a chunk follow each other */
    int32_t n_chunks, n_pages;
} parts;

/* ---- taking apart ---- */

static bool read_part(parts *p, int64_t offset, int32_t len, const dzr_thrift_shape *shape, void *out)
{
    if (offset < 0 || len <= 0 || (uint64_t)offset > p->file.len || (uint64_t)len > p->file.len - (uint64_t)offset)
        return false;
    dzr_cursor c = dzr__cursor(p->file.at + offset, (size_t)len);
    return dzr__thrift_read(&c, shape, out, &p->arena, NULL) == DZR_OK;
}

static int32_t values_of(const dzr_meta_page *header)
{
    return header->type == DZR_PAGE_DATA      ? header->data.num_values
           : header->type == DZR_PAGE_DATA_V2 ? header->data_v2.num_values
                                              : 0;
}

/* Pages until the chunk has its values; those that can't be found are left out. */
static bool read_pages(parts *p, chunk *c)
{
    const dzr_meta_column *const meta = &c->meta->meta;
    const bool has_dictionary = DZR_HAS(meta, DZR_COLUMN_DICTIONARY_PAGE_OFFSET) && meta->dictionary_page_offset > 0;
    const int64_t start =
            has_dictionary ? DZR_MIN(meta->dictionary_page_offset, meta->data_page_offset) : meta->data_page_offset;
    if (start < 0 || (uint64_t)start > p->file.len)
        return false;
    dzr_cursor at = dzr__cursor(p->file.at + start, p->file.len - (size_t)start);
    c->pages = &p->pages[p->n_pages];
    for (int64_t n_values = 0; n_values < meta->num_values && p->n_pages < MOST_PAGES; p->n_pages++) {
        page *const next = &c->pages[c->n_pages];
        if (dzr__thrift_read(&at, &dzr__shape_page, &next->header, NULL, NULL) != DZR_OK ||
                next->header.compressed_size < 0 || !dzr__cursor_has(&at, (uint64_t)next->header.compressed_size))
            return c->n_pages > 0;
        next->body = (dzr_bytes){at.at, (size_t)next->header.compressed_size};
        next->copies = 1;
        at.at += next->body.len;
        n_values += values_of(&next->header);
        c->n_pages++;
    }
    return true;
}

static bool read_chunk(parts *p, dzr_meta_chunk *meta, chunk *c)
{
    c->meta = meta;
    c->has_offsets =
            DZR_HAS(meta, DZR_CHUNK_OFFSET_INDEX_OFFSET) &&
            read_part(p, meta->offset_index_offset, meta->offset_index_length, &dzr__shape_offset_index, &c->offsets);
    c->has_bounds =
            DZR_HAS(meta, DZR_CHUNK_COLUMN_INDEX_OFFSET) &&
            read_part(p, meta->column_index_offset, meta->column_index_length, &dzr__shape_column_index, &c->bounds);
    return read_pages(p, c);
}

static bool read_file(parts *p)
{
    const dzr_bytes file = p->file;
    if (file.len < 12 || memcmp(file.at + file.len - 4, DZR_PARQUET_MAGIC, 4) != 0)
        return false;
    const uint32_t len = dzr__load_u32(file.at + file.len - 8);
    if (len > file.len - 12)
        return false;
    const dzr_leaf *leaves = NULL;
    int32_t n_leaves = 0;
    if (dzr__footer_read((dzr_bytes){file.at + file.len - 8 - len, len}, NULL, &p->arena, &p->meta, &leaves, &n_leaves,
                NULL) != DZR_OK)
        return false;
    p->arena.max_bytes = ROOM;
    p->chunks = dzr__arena_zeroed(&p->arena, MOST_CHUNKS, sizeof *p->chunks, NULL);
    p->pages = dzr__arena_zeroed(&p->arena, MOST_PAGES, sizeof *p->pages, NULL);
    if (p->chunks == NULL || p->pages == NULL)
        return false;
    for (int32_t g = 0; g < p->meta.row_groups.n; g++)
        for (int32_t i = 0; i < n_leaves && p->n_chunks < MOST_CHUNKS; i++)
            if (!read_chunk(p, &p->meta.row_groups.at[g].columns.at[i], &p->chunks[p->n_chunks++]))
                return false;
    return true;
}

/* ---- changing pages ---- */

/* The header says what the body is again, but for what the body says by itself. */
static void set_body(page *changed, dzr_bytes body, size_t n_uncompressed)
{
    changed->body = body;
    changed->header.compressed_size = (int32_t)body.len;
    changed->header.uncompressed_size = (int32_t)n_uncompressed;
    if (DZR_HAS(&changed->header, DZR_PAGE_HAS_CRC))
        changed->header.crc = (int32_t)dzr__page_crc(body.at, body.len);
}

static void change_stored(parts *p, const chunk *c, page *changed, draw *d)
{
    const dzr_bytes body = change_bytes(&p->arena, changed->body, d);
    set_body(changed, body,
            c->meta->meta.codec == DZR_CODEC_UNCOMPRESSED ? body.len : (size_t)changed->header.uncompressed_size);
}

/* What the codec packed: the body without the levels of a V2 page. */
static void change_unpacked(parts *p, const chunk *c, page *changed, draw *d)
{
    const int32_t codec = c->meta->meta.codec;
    const dzr_meta_data_page_v2 *const v2 = &changed->header.data_v2;
    const int64_t levels = changed->header.type == DZR_PAGE_DATA_V2 ? (int64_t)v2->rep_bytes + v2->def_bytes : 0;
    const int64_t n = changed->header.uncompressed_size - levels;
    if (codec == DZR_CODEC_UNCOMPRESSED || !dzr__codec_known(codec) || !dzr__codec_written((dzr_codec)codec) ||
            levels < 0 || (uint64_t)levels > changed->body.len || n <= 0 || n > MOST_BODY) {
        change_stored(p, c, changed, d);
        return;
    }
    dzr_codecs codecs = {0};
    dzr_bytebuf packed = {0};
    const dzr_bytes in = {changed->body.at + levels, changed->body.len - (size_t)levels};
    uint8_t *const unpacked = dzr__arena_zeroed(&p->arena, (size_t)n, 1, NULL);
    if (unpacked != NULL && dzr__decompress(&codecs, codec, in, unpacked, (size_t)n, NULL) == DZR_OK) {
        const dzr_bytes now = change_bytes(&p->arena, (dzr_bytes){unpacked, (size_t)n}, d);
        if (dzr__compress(&codecs, (dzr_codec)codec, 0, now, &packed, NULL) == DZR_OK) {
            uint8_t *const body = dzr__arena_zeroed(&p->arena, (size_t)levels + packed.len + 1, 1, NULL);
            if (body != NULL) {
                memcpy(body, changed->body.at, (size_t)levels);
                memcpy(body + levels, packed.at, packed.len);
                set_body(changed, (dzr_bytes){body, (size_t)levels + packed.len}, (size_t)levels + now.len);
            }
        }
    }
    dzr__bytebuf_fini(&packed);
    dzr__codecs_fini(&codecs);
}

static void change_order(const chunk *c, page *changed, draw *d)
{
    page *const other = &c->pages[draw_below(d, (uint32_t)c->n_pages)];
    const page keep = *changed;
    switch (draw_below(d, 3)) {
    case 0:
        changed->copies = 0;
        break;
    case 1:
        changed->copies = 2;
        break;
    default:
        *changed = *other;
        *other = keep;
        break;
    }
}

static void change_chunk(parts *p, draw *d)
{
    if (p->n_chunks == 0)
        return;
    chunk *const c = &p->chunks[draw_below(d, (uint32_t)p->n_chunks)];
    if (draw_one_in(d, 4)) {
        if (c->has_bounds && draw_one_in(d, 2))
            change_struct(&p->arena, &dzr__shape_column_index, &c->bounds, d);
        else if (c->has_offsets)
            change_struct(&p->arena, &dzr__shape_offset_index, &c->offsets, d);
        return;
    }
    if (c->n_pages == 0)
        return;
    page *const changed = &c->pages[draw_below(d, (uint32_t)c->n_pages)];
    switch (draw_below(d, 8)) {
    case 0:
    case 1:
    case 2:
        change_struct(&p->arena, &dzr__shape_page, &changed->header, d);
        break;
    case 3:
        change_stored(p, c, changed, d);
        break;
    case 4:
        change_order(c, changed, d);
        break;
    default:
        change_unpacked(p, c, changed, d);
        break;
    }
}

/* ---- putting together ---- */

static bool put_pages(chunk *c, dzr_bytebuf *out)
{
    dzr_meta_column *const meta = &c->meta->meta;
    const size_t start = out->len;
    int32_t n_data = 0;
    meta->data_page_offset = (int64_t)start;
    for (int32_t i = 0; i < c->n_pages; i++)
        for (int copy = 0; copy < c->pages[i].copies; copy++) {
            const page *const next = &c->pages[i];
            const size_t at = out->len;
            if (dzr__thrift_write(out, &dzr__shape_page, &next->header, NULL) != DZR_OK ||
                    dzr__bytebuf_append(out, next->body.at, next->body.len, NULL) != DZR_OK)
                return false;
            if (next->header.type == DZR_PAGE_DICTIONARY) {
                if (DZR_HAS(meta, DZR_COLUMN_DICTIONARY_PAGE_OFFSET))
                    meta->dictionary_page_offset = (int64_t)at;
                meta->data_page_offset = (int64_t)out->len;
            } else if (n_data < c->offsets.pages.n) {
                dzr_meta_location *const location = &c->offsets.pages.at[n_data++];
                location->offset = (int64_t)at;
                location->n_bytes = (int32_t)(out->len - at);
            }
        }
    meta->compressed_size = (int64_t)(out->len - start);
    return true;
}

static bool put_index(const dzr_thrift_shape *shape, const void *index, dzr_bytebuf *out, int64_t *offset, int32_t *len)
{
    *offset = (int64_t)out->len;
    const dzr_status st = dzr__thrift_write(out, shape, index, NULL);
    *len = (int32_t)((int64_t)out->len - *offset);
    return st == DZR_OK;
}

/* Changes of places come after the places are known. */
static bool put_file(parts *p, uint32_t index_changes, uint32_t footer_changes, draw *d, dzr_bytebuf *out)
{
    bool ok = dzr__bytebuf_append(out, DZR_PARQUET_MAGIC, 4, NULL) == DZR_OK;
    for (int32_t i = 0; ok && i < p->n_chunks; i++)
        ok = put_pages(&p->chunks[i], out);
    for (; index_changes > 0 && p->n_chunks > 0; index_changes--) {
        chunk *const c = &p->chunks[draw_below(d, (uint32_t)p->n_chunks)];
        if (c->has_offsets)
            change_struct(&p->arena, &dzr__shape_offset_index, &c->offsets, d);
    }
    for (int32_t i = 0; ok && i < p->n_chunks; i++) {
        chunk *const c = &p->chunks[i];
        if (c->has_bounds)
            ok = put_index(&dzr__shape_column_index, &c->bounds, out, &c->meta->column_index_offset,
                    &c->meta->column_index_length);
        if (ok && c->has_offsets)
            ok = put_index(&dzr__shape_offset_index, &c->offsets, out, &c->meta->offset_index_offset,
                    &c->meta->offset_index_length);
    }
    for (; footer_changes > 0; footer_changes--)
        change_struct(&p->arena, &dzr__shape_file, &p->meta, d);
    const size_t start = out->len;
    ok = ok && dzr__thrift_write(out, &dzr__shape_file, &p->meta, NULL) == DZR_OK;
    const uint32_t len = (uint32_t)(out->len - start);
    return ok && dzr__bytebuf_append(out, &len, 4, NULL) == DZR_OK &&
           dzr__bytebuf_append(out, DZR_PARQUET_MAGIC, 4, NULL) == DZR_OK;
}

bool edit_file(dzr_bytes file, draw *d, dzr_bytebuf *out)
{
    parts p = {.file = file};
    dzr__arena_init(&p.arena, NULL, ROOM);
    bool ok = read_file(&p);
    if (ok) {
        uint32_t footer_changes = 0, index_changes = 0;
        for (uint32_t n = 1 + draw_below(d, 4); n > 0; n--) {
            const uint32_t what = draw_below(d, 8);
            if (what < 3)
                footer_changes++;
            else if (what == 3)
                index_changes++;
            else
                change_chunk(&p, d);
        }
        ok = put_file(&p, index_changes, footer_changes, d, out);
    }
    dzr__arena_fini(&p.arena);
    return ok;
}
