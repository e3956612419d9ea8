/* parquet/reader/facts.c - what a file says of itself, as it says it: file, row groups, chunks, headers of pages.
 * Called by `datarizer meta`. Spec: parquet.thrift. */
#include "parquet/reader/scan.h"

#include <datarizer/parquet_meta.h>

/* ---- names ---- */

const char *dzr_parquet_encoding_name(int32_t encoding)
{
    return dzr__encoding_name(encoding);
}

const char *dzr_parquet_page_type_name(int32_t type)
{
    static const char *const names[] = {"DATA_PAGE", "INDEX_PAGE", "DICTIONARY_PAGE", "DATA_PAGE_V2"};
    return type >= 0 && type < (int32_t)(sizeof names / sizeof *names) ? names[type] : NULL;
}

const char *dzr_parquet_codec_name(int32_t codec)
{
    return dzr__compression_name(codec);
}

/* ---- footer ---- */

dzr_parquet_file_facts dzr_parquet_reader_file_facts(const dzr_parquet_reader *reader)
{
    const uint64_t n_bytes = reader->source->n_bytes;
    return (dzr_parquet_file_facts){.version = reader->file.version,
            .n_rows = reader->file.num_rows,
            .n_bytes = n_bytes,
            .footer_offset = reader->pages_end,
            .footer_bytes = n_bytes - DZR_PARQUET_TAIL_BYTES - reader->pages_end,
            .has_column_orders = DZR_HAS(&reader->file, DZR_FILE_COLUMN_ORDERS)};
}

dzr_parquet_group_facts dzr_parquet_reader_group_facts(const dzr_parquet_reader *reader, int32_t row_group)
{
    const dzr_meta_row_group *const group = &reader->file.row_groups.at[row_group];
    const bool has_size = DZR_HAS(group, DZR_ROW_GROUP_COMPRESSED_SIZE);
    uint64_t n_bytes = has_size ? (uint64_t)group->compressed_size : 0; /* may wrap: a file claims what it likes */
    for (int32_t i = 0; !has_size && i < group->columns.n; i++)
        n_bytes += (uint64_t)group->columns.at[i].meta.compressed_size;
    return (dzr_parquet_group_facts){.n_rows = group->num_rows,
            .n_bytes_uncompressed = group->total_byte_size,
            .n_bytes = (int64_t)n_bytes,
            .file_offset = DZR_HAS(group, DZR_ROW_GROUP_FILE_OFFSET) ? group->file_offset : -1,
            .ordinal = DZR_HAS(group, DZR_ROW_GROUP_ORDINAL) ? group->ordinal : -1,
            .n_sorting = group->sorting.n};
}

static int64_t if_there(bool there, int64_t number)
{
    return there ? number : 0;
}

dzr_status dzr_parquet_reader_chunk_facts(const dzr_parquet_reader *reader, int32_t row_group, int32_t column,
        dzr_parquet_chunk_facts *out, dzr_error *err)
{
    dzr_parquet_chunk ignored;
    DZR_TRY(dzr_parquet_reader_chunk(reader, row_group, column, &ignored, err)); /* the numbers are right */
    const dzr_meta_chunk *const chunk = &reader->file.row_groups.at[row_group].columns.at[column];
    const dzr_meta_column *const meta = &chunk->meta;
    const dzr_meta_statistics *const statistics = &meta->statistics;
    const bool has_old = DZR_HAS(statistics, DZR_STATISTICS_MIN) && DZR_HAS(statistics, DZR_STATISTICS_MAX);
    *out = (dzr_parquet_chunk_facts){.data_page_offset = meta->data_page_offset,
            .dictionary_page_offset =
                    if_there(DZR_HAS(meta, DZR_COLUMN_DICTIONARY_PAGE_OFFSET), meta->dictionary_page_offset),
            .index_page_offset = if_there(DZR_HAS(meta, DZR_COLUMN_INDEX_PAGE_OFFSET), meta->index_page_offset),
            .n_encodings = meta->encodings.n,
            .n_page_counts = meta->encoding_stats.n,
            .encodings = meta->encodings.at,
            .has_distinct_count = DZR_HAS(statistics, DZR_STATISTICS_DISTINCT_COUNT),
            .has_nan_count = DZR_HAS(statistics, DZR_STATISTICS_NAN_COUNT),
            .n_distinct = statistics->distinct_count,
            .n_nan = statistics->nan_count,
            .has_old_min_max = has_old,
            .old_min = statistics->min,
            .old_max = statistics->max,
            .offset_index_offset = if_there(DZR_HAS(chunk, DZR_CHUNK_OFFSET_INDEX_OFFSET), chunk->offset_index_offset),
            .column_index_offset = if_there(DZR_HAS(chunk, DZR_CHUNK_COLUMN_INDEX_OFFSET), chunk->column_index_offset),
            .bloom_filter_offset = if_there(DZR_HAS(meta, DZR_COLUMN_BLOOM_OFFSET), meta->bloom_offset),
            .offset_index_bytes =
                    (int32_t)if_there(DZR_HAS(chunk, DZR_CHUNK_OFFSET_INDEX_LENGTH), chunk->offset_index_length),
            .column_index_bytes =
                    (int32_t)if_there(DZR_HAS(chunk, DZR_CHUNK_COLUMN_INDEX_LENGTH), chunk->column_index_length),
            .bloom_filter_bytes = (int32_t)if_there(DZR_HAS(meta, DZR_COLUMN_BLOOM_LENGTH), meta->bloom_length),
            .has_string_bytes = DZR_HAS(meta, DZR_COLUMN_SIZES) && DZR_HAS(&meta->sizes, DZR_SIZES_STRING_BYTES),
            .n_string_bytes = meta->sizes.string_bytes,
            .n_reps = meta->sizes.reps.n,
            .n_defs = meta->sizes.defs.n,
            .reps = meta->sizes.reps.at,
            .defs = meta->sizes.defs.at,
            .is_encrypted = DZR_HAS(chunk, DZR_CHUNK_CRYPTO),
            .is_elsewhere = DZR_HAS(chunk, DZR_CHUNK_FILE_PATH) && chunk->file_path.len > 0};
    return DZR_OK;
}

dzr_parquet_page_count dzr_parquet_reader_page_count(
        const dzr_parquet_reader *reader, int32_t row_group, int32_t column, int32_t index)
{
    const dzr_meta_encoding_stats *const entry =
            &reader->file.row_groups.at[row_group].columns.at[column].meta.encoding_stats.at[index];
    return (dzr_parquet_page_count){
            .page_type = entry->page_type, .encoding = entry->encoding, .n_pages = entry->count};
}

/* ---- pages ---- */

static void set_statistics(const dzr_meta_statistics *statistics, dzr_parquet_page_facts *out)
{
    out->null_count = DZR_HAS(statistics, DZR_STATISTICS_NULL_COUNT) ? statistics->null_count : -1;
    out->has_min_max = DZR_HAS(statistics, DZR_STATISTICS_MIN_VALUE) && DZR_HAS(statistics, DZR_STATISTICS_MAX_VALUE);
    if (!out->has_min_max)
        return;
    out->min = statistics->min_value;
    out->max = statistics->max_value;
}

static dzr_parquet_page_facts page_facts(const dzr_meta_page *header, uint64_t offset, size_t header_bytes)
{
    dzr_parquet_page_facts out = {.offset = (int64_t)offset,
            .header_bytes = (int32_t)header_bytes,
            .n_bytes = header->compressed_size,
            .n_bytes_uncompressed = header->uncompressed_size,
            .type = header->type,
            .has_crc = DZR_HAS(header, DZR_PAGE_HAS_CRC),
            .crc = (uint32_t)header->crc,
            .is_compressed = true,
            .encoding = -1,
            .n_values = -1,
            .n_nulls = -1,
            .n_rows = -1,
            .rep_encoding = -1,
            .def_encoding = -1,
            .rep_bytes = -1,
            .def_bytes = -1,
            .null_count = -1};
    if (header->type == DZR_PAGE_DATA && DZR_HAS(header, DZR_PAGE_HAS_DATA)) {
        const dzr_meta_data_page *const data = &header->data;
        out.encoding = data->encoding;
        out.n_values = data->num_values;
        out.rep_encoding = data->rep_encoding;
        out.def_encoding = data->def_encoding;
        if (DZR_HAS(data, DZR_DATA_PAGE_STATISTICS))
            set_statistics(&data->statistics, &out);
    } else if (header->type == DZR_PAGE_DATA_V2 && DZR_HAS(header, DZR_PAGE_HAS_DATA_V2)) {
        const dzr_meta_data_page_v2 *const data = &header->data_v2;
        out.encoding = data->encoding;
        out.n_values = data->num_values;
        out.n_nulls = data->num_nulls;
        out.n_rows = data->num_rows;
        out.rep_bytes = data->rep_bytes;
        out.def_bytes = data->def_bytes;
        out.is_compressed = !DZR_HAS(data, DZR_DATA_PAGE_V2_IS_COMPRESSED) || data->is_compressed;
        if (DZR_HAS(data, DZR_DATA_PAGE_V2_STATISTICS))
            set_statistics(&data->statistics, &out);
    } else if (header->type == DZR_PAGE_DICTIONARY && DZR_HAS(header, DZR_PAGE_HAS_DICTIONARY)) {
        out.encoding = header->dictionary.encoding;
        out.n_values = header->dictionary.num_values;
        out.is_sorted = header->dictionary.is_sorted;
    }
    return out;
}

static dzr_status walk(dzr_column_task *task, dzr_parquet_page_visitor each, void *ctx, dzr_error *err)
{
    dzr_page_cursor pages;
    DZR_TRY(dzr__page_cursor_open(&pages, task, err));
    dzr_status st = DZR_OK;
    int64_t n_left = task->n_levels;
    while (st == DZR_OK && n_left > 0) {
        dzr_meta_page header;
        size_t n_bytes = 0;
        if (pages.next == pages.end) {
            st = dzr_fail(err, DZR_ERR_TRUNCATED, "pages end, %lld of %lld values are missing", (long long)n_left,
                    (long long)task->n_levels);
            st = dzr__task_fail(task, st, (int64_t)pages.next, err);
            break;
        }
        st = dzr__page_cursor_header(&pages, &header, &n_bytes, err);
        if (st != DZR_OK)
            break;
        const dzr_parquet_page_facts page = page_facts(&header, pages.next, n_bytes);
        st = each(ctx, &page, err);
        if (page.type != DZR_PAGE_DICTIONARY && page.n_values > 0)
            n_left -= page.n_values;
        pages.next += n_bytes + (uint64_t)page.n_bytes;
    }
    dzr__page_cursor_close(&pages);
    return st;
}

dzr_status dzr_parquet_reader_each_page(const dzr_parquet_reader *reader, int32_t row_group, int32_t column,
        dzr_parquet_page_visitor each, void *ctx, dzr_error *err)
{
    dzr_parquet_chunk ignored;
    DZR_TRY(dzr_parquet_reader_chunk(reader, row_group, column, &ignored, err));
    /* a task without a plan: of a column that is not decoded, whatever its type is */
    dzr_column_task task = {.reader = reader, .column = column, .leaf = &reader->leaves[column]};
    if (dzr__reader_type(reader, column, &task.type, NULL) != DZR_OK)
        task.type.id = DZR_TYPE_NULL;
    dzr_status st = dzr__task_open_chunk(&task, row_group, err);
    if (st == DZR_OK && task.n_levels > 0)
        st = walk(&task, each, ctx, err);
    return dzr__reader_status(reader, st, err);
}
