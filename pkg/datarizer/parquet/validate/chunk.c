/* parquet/validate/chunk.c - one column chunk: every page's header, checksum and content, and what the footer says of
 * them all. A page that can't be decoded ends decoding, but not the walk over headers and checksums.
 * Spec: parquet-format README.md "Column chunks", "Checksumming"; parquet.thrift, ColumnMetaData. */
#include "parquet/validate/validate.h"

enum { MOST_COPY = 64 << 10 };

/* What was seen of the chunk's pages. */
typedef struct pages_seen {
    uint64_t n_bytes, n_bytes_uncompressed; /* headers included */
    int64_t n_levels, n_records;
    int32_t n_data, n_dictionaries, n_counted;
    int64_t dictionary_at, data_at; /* the first of each; -1: none */
    uint32_t encodings;             /* bits of those of data pages */
    dzr_meta_encoding_stats counts[32];
    bool decodes, counts_fit;
    bool is_whole; /* all headers could be read */
} pages_seen;

/* Data pages are of one type here: some writers give pages V2 that of V1. */
static int32_t counted_type(int32_t type)
{
    return type == DZR_PAGE_DATA_V2 ? DZR_PAGE_DATA : type;
}

static void count_page(pages_seen *seen, int32_t type, int32_t encoding)
{
    type = counted_type(type);
    if (encoding >= 0 && encoding < 32 && type == DZR_PAGE_DATA) /* that of a dictionary is not listed by all */
        seen->encodings |= UINT32_C(1) << encoding;
    for (int32_t i = 0; i < seen->n_counted; i++)
        if (seen->counts[i].page_type == type && seen->counts[i].encoding == encoding) {
            seen->counts[i].count++;
            return;
        }
    seen->counts_fit = seen->counts_fit && seen->n_counted < (int32_t)(sizeof seen->counts / sizeof *seen->counts);
    if (seen->counts_fit)
        seen->counts[seen->n_counted++] =
                (dzr_meta_encoding_stats){.page_type = type, .encoding = encoding, .count = 1};
}

/* What a header says, page by page. */
static void note_page(pages_seen *seen, const dzr_meta_page *header, uint64_t at)
{
    if (header->type == DZR_PAGE_DICTIONARY) {
        seen->n_dictionaries++;
        if (seen->dictionary_at < 0)
            seen->dictionary_at = (int64_t)at;
        count_page(seen, header->type, header->dictionary.encoding);
    } else if (header->type == DZR_PAGE_DATA || header->type == DZR_PAGE_DATA_V2) {
        const bool v2 = header->type == DZR_PAGE_DATA_V2;
        if (seen->data_at < 0)
            seen->data_at = (int64_t)at;
        seen->n_levels += v2 ? header->data_v2.num_values : header->data.num_values;
        count_page(seen, header->type, v2 ? header->data_v2.encoding : header->data.encoding);
    }
}

/* Decodes a page, and looks at what came out of it. */
static dzr_status decode(dzr_chunk_check *c, pages_seen *seen, dzr_place place, const dzr_stored_page *page,
        uint64_t n_bytes, dzr_error *err)
{
    dzr_decoder *const d = &c->task->decoder;
    const bool is_nested = d->assembly != NULL, is_data = page->header->type != DZR_PAGE_DICTIONARY;
    const int64_t first = d->row, levels = d->level, records = is_nested ? d->assembly->steps[0].n_rows : d->row;
    dzr_error why;
    const dzr_status st = dzr__decode_page(d, page, &why);
    if (st != DZR_OK) {
        seen->decodes = false;
        return dzr__found_error(c->v, DZR_PARQUET_FOUND_PAGE, place, false, st, &why, err);
    }
    if (!is_data || page->header->type == DZR_PAGE_INDEX)
        return DZR_OK;
    dzr_values_seen values = {.n_levels = d->level - levels, .min = -1, .max = -1};
    values.n_records = (is_nested ? d->assembly->steps[0].n_rows : d->row) - records;
    dzr__values_add(&values, d, c->order, first, d->row);
    DZR_TRY(dzr__check_page_facts(c, place, page, n_bytes, &values, records, err));
    dzr__values_join(&c->all, &values, d, c->order);
    return DZR_OK;
}

static dzr_status one_page(dzr_chunk_check *c, dzr_page_cursor *pages, pages_seen *seen, bool *ends, dzr_error *err)
{
    dzr_meta_page header;
    dzr_stored_page page;
    dzr_error why;
    size_t n_header = 0;
    dzr_place place = c->place;
    place.offset = (int64_t)pages->next;
    dzr_status st = dzr__page_cursor_header(pages, &header, &n_header, &why);
    if (st == DZR_OK)
        st = dzr__page_cursor_page(pages, &header, n_header, &page, &why);
    if (st != DZR_OK) {
        *ends = true;
        seen->decodes = seen->is_whole = false;
        return dzr__found_error(c->v, DZR_PARQUET_FOUND_PAGE, place, true, st, &why, err);
    }
    c->v->checked.n_pages++;
    note_page(seen, &header, pages->next);
    const bool is_data = header.type == DZR_PAGE_DATA || header.type == DZR_PAGE_DATA_V2;
    if (is_data)
        place.page = seen->n_data++;
    if (DZR_HAS(&header, DZR_PAGE_HAS_CRC)) {
        c->v->checked.n_crcs++;
        if (dzr__check_page(&page, false, &why) != DZR_OK)
            DZR_TRY(dzr__found(c->v, DZR_PARQUET_FOUND_CRC, place, err, "%s", why.message));
    }
    if (seen->decodes)
        DZR_TRY(decode(c, seen, place, &page, n_header + page.stored.len, err));
    const uint64_t n_bytes = n_header + (uint64_t)header.compressed_size;
    seen->n_bytes += n_bytes;
    seen->n_bytes_uncompressed += n_header + (uint64_t)header.uncompressed_size;
    pages->next += n_bytes;
    return DZR_OK;
}

/* All pages in the bytes that the chunk claims; and behind them, where values are still missing, as of writers that
 * left a header out of the claim. */
static dzr_status walk(dzr_chunk_check *c, pages_seen *seen, dzr_error *err)
{
    dzr_page_cursor pages;
    const uint64_t claimed_end = c->task->offset + (uint64_t)c->task->meta->compressed_size;
    DZR_TRY(dzr__page_cursor_open(&pages, c->task, err));
    dzr_status st = DZR_OK;
    bool ends = false;
    while (st == DZR_OK && !ends && pages.next < pages.end &&
            (pages.next < claimed_end || seen->n_levels < c->task->n_levels))
        st = one_page(c, &pages, seen, &ends, err);
    if (st == DZR_OK)
        st = dzr__span_add(c->v, c->task->offset, DZR_MAX(pages.next, claimed_end) - c->task->offset,
                c->place.row_group, c->place.column, "pages", err);
    dzr__page_cursor_close(&pages);
    return st;
}

/* ---- what the footer says of the pages ---- */

static dzr_status check_number(dzr_chunk_check *c, const char *what, int64_t claimed, int64_t found, dzr_error *err)
{
    return claimed == found ? DZR_OK
                            : dzr__found(c->v, DZR_PARQUET_FOUND_CHUNK, c->place, err,
                                      "it claims %s %lld, its pages %lld", what, (long long)claimed, (long long)found);
}

static dzr_status check_encodings(dzr_chunk_check *c, const pages_seen *seen, dzr_error *err)
{
    const dzr_meta_column *const meta = c->task->meta;
    uint32_t listed = 0;
    for (int32_t i = 0; i < meta->encodings.n; i++)
        if (meta->encodings.at[i] >= 0 && meta->encodings.at[i] < 32)
            listed |= UINT32_C(1) << meta->encodings.at[i];
    for (int32_t i = 0; i < 32; i++)
        if ((seen->encodings & ~listed) >> i & 1)
            DZR_TRY(dzr__found(c->v, DZR_PARQUET_FOUND_CHUNK, c->place, err,
                    "pages are in encoding %s (%d), which it does not list",
                    dzr__encoding_name(i) != NULL ? dzr__encoding_name(i) : "unknown", (int)i));
    if (!DZR_HAS(meta, DZR_COLUMN_ENCODING_STATS) || !seen->counts_fit)
        return DZR_OK;
    int64_t n_claimed = 0, n_pages = 0;
    for (int32_t i = 0; i < seen->n_counted; i++)
        n_pages += seen->counts[i].count;
    for (int32_t i = 0; i < meta->encoding_stats.n; i++) {
        const dzr_meta_encoding_stats *const claim = &meta->encoding_stats.at[i];
        int32_t found = 0;
        for (int32_t k = 0; k < seen->n_counted; k++)
            if (seen->counts[k].page_type == counted_type(claim->page_type) &&
                    seen->counts[k].encoding == claim->encoding)
                found += seen->counts[k].count;
        n_claimed += claim->count;
        if (found != claim->count)
            DZR_TRY(dzr__found(c->v, DZR_PARQUET_FOUND_CHUNK, c->place, err,
                    "it claims %d pages of type %d in encoding %d, there are %d", claim->count, claim->page_type,
                    claim->encoding, found));
    }
    return check_number(c, "pages", n_claimed, n_pages, err);
}

static dzr_status check_places(dzr_chunk_check *c, const pages_seen *seen, dzr_error *err)
{
    const dzr_meta_column *const meta = c->task->meta;
    if (seen->data_at >= 0)
        DZR_TRY(check_number(c, "its first data page at byte", meta->data_page_offset, seen->data_at, err));
    if (DZR_HAS(meta, DZR_COLUMN_DICTIONARY_PAGE_OFFSET) && meta->dictionary_page_offset > 0)
        DZR_TRY(check_number(c, "its dictionary page at byte", meta->dictionary_page_offset, seen->dictionary_at, err));
    if (seen->n_dictionaries > 1)
        DZR_TRY(dzr__found(
                c->v, DZR_PARQUET_FOUND_CHUNK, c->place, err, "it has %d dictionary pages", seen->n_dictionaries));
    if (seen->dictionary_at >= 0 && seen->data_at >= 0 && seen->dictionary_at > seen->data_at)
        DZR_TRY(dzr__found(c->v, DZR_PARQUET_FOUND_CHUNK, c->place, err, "its dictionary page is behind a data page"));
    return DZR_OK;
}

static dzr_status check_claims(dzr_chunk_check *c, const pages_seen *seen, dzr_error *err)
{
    const dzr_meta_column *const meta = c->task->meta;
    DZR_TRY(check_number(c, "compressed bytes:", meta->compressed_size, (int64_t)seen->n_bytes, err));
    DZR_TRY(check_number(c, "bytes:", meta->uncompressed_size, (int64_t)seen->n_bytes_uncompressed, err));
    DZR_TRY(check_number(c, "values:", meta->num_values, seen->n_levels, err));
    DZR_TRY(check_places(c, seen, err));
    return check_encodings(c, seen, err);
}

/* ---- one chunk ---- */

/* Levels are all there: what is above the values is complete, and the values can be those of the type. */
static dzr_status finish(dzr_chunk_check *c, dzr_error *err)
{
    dzr_column_task *const task = c->task;
    dzr_error why;
    dzr_status st = task->decoder.assembly != NULL ? dzr__assembly_finish(&task->assembly, &why) : DZR_OK;
    if (st != DZR_OK)
        return dzr__found_error(c->v, DZR_PARQUET_FOUND_PAGE, c->place, false, st, &why, err);
    DZR_TRY(dzr__check_bloom(c, err)); /* of values as they are stored, which converting replaces */
    st = dzr__convert(&task->decoder, task->type, &why);
    return dzr__found_error(c->v, DZR_PARQUET_FOUND_PAGE, c->place, false, st, &why, err);
}

static dzr_status check_pages(dzr_chunk_check *c, dzr_budget *budget, dzr_error *err)
{
    dzr_column_task *const task = c->task;
    dzr_error why;
    pages_seen seen = {.dictionary_at = -1, .data_at = -1, .decodes = true, .counts_fit = true, .is_whole = true};
    task->as_stored = true;
    const dzr_status prepared = dzr__task_prepare(task, task->n_levels, task->n_rows, budget, &why);
    if (prepared != DZR_OK)
        return dzr__found_error(c->v, DZR_PARQUET_FOUND_CHUNK, c->place, false, prepared, &why, err);
    DZR_TRY(walk(c, &seen, err));
    c->v->checked.n_values += c->all.n_levels;
    if (seen.is_whole)
        DZR_TRY(check_claims(c, &seen, err));
    c->complete = seen.decodes && task->decoder.level == task->n_levels;
    if (!c->complete)
        return DZR_OK;
    DZR_TRY(dzr__check_chunk_facts(c, seen.n_data, err));
    return finish(c, err);
}

/* The page index takes its parts of the file; what is wrong in the index itself is told here. */
static dzr_status open_indexes(dzr_chunk_check *c, const dzr_meta_chunk *chunk, dzr_error *err)
{
    const int32_t group = c->place.row_group, column = c->place.column;
    dzr_error why;
    if (DZR_HAS(chunk, DZR_CHUNK_OFFSET_INDEX_OFFSET) && DZR_HAS(chunk, DZR_CHUNK_OFFSET_INDEX_LENGTH))
        DZR_TRY(dzr__span_add(c->v, (uint64_t)chunk->offset_index_offset, (uint64_t)chunk->offset_index_length, group,
                column, "an offset index", err));
    if (DZR_HAS(chunk, DZR_CHUNK_COLUMN_INDEX_OFFSET) && DZR_HAS(chunk, DZR_CHUNK_COLUMN_INDEX_LENGTH))
        DZR_TRY(dzr__span_add(c->v, (uint64_t)chunk->column_index_offset, (uint64_t)chunk->column_index_length, group,
                column, "a column index", err));
    const dzr_status st = dzr_parquet_reader_page_index(c->v->reader, group, column, &c->index, &why);
    c->v->checked.n_indexes += st == DZR_OK && c->index != NULL;
    return dzr__found_error(c->v, DZR_PARQUET_FOUND_PAGE_INDEX, c->place, true, st, &why, err);
}

/* How many bytes at the front are a copy of what the footer has of a chunk, by itself or in a ColumnChunk; 0: none. */
static dzr_status copy_bytes(
        dzr_bytes bytes, const dzr_meta_column *meta, dzr_arena *arena, size_t *n_bytes, dzr_error *err)
{
    dzr_meta_chunk copy;
    *n_bytes = 0;
    for (int i = 0; i < 2 && *n_bytes == 0; i++) {
        dzr_cursor in = dzr__cursor(bytes.at, bytes.len);
        const dzr_status st = i == 0 ? dzr__thrift_read(&in, &dzr__shape_column, &copy.meta, arena, err)
                                     : dzr__thrift_read(&in, &dzr__shape_chunk, &copy, arena, err);
        if (st == DZR_ERR_NOMEM)
            return st;
        if (st == DZR_OK && copy.meta.num_values == meta->num_values && copy.meta.type == meta->type &&
                copy.meta.compressed_size == meta->compressed_size)
            *n_bytes = (size_t)(in.at - bytes.at);
    }
    return DZR_OK;
}

/* Writers put such a copy behind a chunk's pages, as the format once wanted; nobody reads it. */
static dzr_status pass_copy(dzr_chunk_check *c, const dzr_meta_chunk *chunk, dzr_error *err)
{
    dzr_parquet_reader *const reader = c->v->reader;
    const uint64_t at = c->task->offset + (uint64_t)chunk->meta.compressed_size;
    if (c->task->n_bytes == 0 || at >= reader->pages_end)
        return DZR_OK;
    dzr_arena arena;
    dzr__arena_init(&arena, reader->alloc, (size_t)64 * MOST_COPY);
    size_t n = (size_t)DZR_MIN((uint64_t)MOST_COPY, reader->pages_end - at);
    uint8_t *const bytes = dzr__arena_zeroed(&arena, n, 1, err);
    dzr_status st = bytes == NULL ? dzr__arena_status(err) : dzr_source_read_at(reader->source, at, bytes, n, err);
    if (st == DZR_OK)
        st = copy_bytes((dzr_bytes){bytes, n}, &chunk->meta, &arena, &n, err);
    if (st == DZR_OK && n > 0)
        st = dzr__span_add(c->v, at, n, c->place.row_group, c->place.column, "a copy of column metadata", err);
    dzr__arena_fini(&arena);
    return st;
}

/* Of a chunk without rows no page is needed; what is there, all the same, is passed over. */
static dzr_status pass_pages(dzr_chunk_check *c, const dzr_meta_column *meta, dzr_error *err)
{
    const bool has_dictionary = DZR_HAS(meta, DZR_COLUMN_DICTIONARY_PAGE_OFFSET) && meta->dictionary_page_offset > 0;
    const int64_t at = has_dictionary ? meta->dictionary_page_offset : meta->data_page_offset;
    const uint64_t end = c->v->reader->pages_end;
    if (at < DZR_PARQUET_MAGIC_BYTES || meta->compressed_size <= 0 || (uint64_t)at > end ||
            (uint64_t)meta->compressed_size > end - (uint64_t)at)
        return DZR_OK;
    c->task->offset = (uint64_t)at;
    c->task->n_bytes = (size_t)meta->compressed_size;
    return dzr__span_add(
            c->v, (uint64_t)at, (uint64_t)meta->compressed_size, c->place.row_group, c->place.column, "pages", err);
}

static dzr_status check_chunk(dzr_chunk_check *c, dzr_error *err)
{
    const dzr_parquet_reader *const reader = c->v->reader;
    const dzr_meta_chunk *const chunk = &reader->file.row_groups.at[c->place.row_group].columns.at[c->place.column];
    const dzr_leaf *const leaf = c->task->leaf;
    dzr_error why;
    const dzr_status st = dzr__task_open_chunk(c->task, c->place.row_group, &why);
    if (st != DZR_OK)
        return dzr__found_error(c->v, DZR_PARQUET_FOUND_CHUNK, c->place, true, st, &why, err);
    c->reps = dzr_alloc_zeroed(reader->alloc, (size_t)leaf->max_rep + (size_t)leaf->max_def + 2, sizeof *c->reps, err);
    if (c->reps == NULL)
        return DZR_ERR_NOMEM;
    c->defs = c->reps + leaf->max_rep + 1;
    DZR_TRY(open_indexes(c, chunk, err));
    if (c->task->n_rows == 0)
        DZR_TRY(pass_pages(c, &chunk->meta, err));
    DZR_TRY(pass_copy(c, chunk, err));
    if (c->task->n_rows == 0)
        return DZR_OK;
    dzr_budget budget = {.limit = reader->limits.row_group_bytes};
    return check_pages(c, &budget, err);
}

dzr_status dzr__validate_chunk(dzr_validation *v, int32_t row_group, int32_t column, dzr_error *err)
{
    dzr_read_plan plan;
    dzr_error why;
    dzr_type order;
    dzr_chunk_check c = {.v = v, .place = {row_group, column, -1, -1}, .all = {.min = -1, .max = -1}};
    c.scratch.alloc = c.codecs.alloc = v->reader->alloc;
    v->checked.n_chunks++;
    dzr_status st = dzr__plan_make(&plan, v->reader, row_group, &column, 1, NULL, 0, &why);
    if (st != DZR_OK) {
        st = dzr__found_error(v, DZR_PARQUET_FOUND_CHUNK, c.place, true, st, &why, err);
    } else {
        c.order = dzr__reader_has_order(v->reader, column, &order) && dzr__type_has_order(order) ? &order : NULL;
        c.task = &plan.tasks[0];
        st = check_chunk(&c, err);
    }
    dzr_parquet_page_index_free(c.index);
    dzr_release(v->reader->alloc, c.reps);
    dzr__bytebuf_fini(&c.scratch);
    dzr__codecs_fini(&c.codecs);
    dzr__plan_fini(&plan);
    return st;
}
