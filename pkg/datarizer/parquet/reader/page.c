/* parquet/reader/page.c - one page's bytes into a column's buffers: levels to validity, values to slots.
 * Called by chunk.c, page after page. Strings become views into the page, which the column then keeps; everything else
 * is copied or decompressed to its place, and decompressed to a scratch block only where levels or an encoding stand
 * between. Spec: parquet-format README.md "Data Pages"; parquet.thrift, DataPageHeader, DataPageHeaderV2,
 * DictionaryPageHeader. */
#include "parquet/reader/entries.h"

enum { MOST_POPULATED = 4 << 20 };

/* ---- memory ---- */

dzr_status dzr__budget_take(dzr_budget *budget, uint64_t n_bytes, dzr_error *err)
{
    size_t taken = atomic_load_explicit(&budget->taken, memory_order_relaxed);
    do {
        if (n_bytes > budget->limit - taken)
            return dzr_fail(err, DZR_ERR_LIMIT,
                    "%llu bytes more are needed, %zu of the %zu allowed for a row group are taken",
                    (unsigned long long)n_bytes, taken, budget->limit);
    } while (!atomic_compare_exchange_weak_explicit(
            &budget->taken, &taken, taken + (size_t)n_bytes, memory_order_relaxed, memory_order_relaxed));
    return DZR_OK;
}

dzr_status dzr__decoder_buffer(dzr_decoder *d, uint64_t n_bytes, dzr_buffer **out, dzr_error *err)
{
    DZR_TRY(dzr__budget_take(d->budget, n_bytes, err));
    *out = dzr__buffer_new(d->alloc, (size_t)n_bytes, err);
    if (*out == NULL)
        return DZR_ERR_NOMEM;
    (*out)->len = (size_t)n_bytes;
    return DZR_OK;
}

static dzr_status new_bitmap(dzr_decoder *d, dzr_buffer **out, dzr_error *err)
{
    DZR_TRY(dzr__decoder_buffer(d, dzr__bitmap_bytes(d->n_rows), out, err));
    memset((*out)->at, 0, (*out)->len);
    return DZR_OK;
}

dzr_status dzr__decoder_init(dzr_decoder *d, dzr_type type, int32_t digits, uint32_t max_def, int64_t n_rows,
        dzr_budget *budget, const dzr_allocator *alloc, dzr_error *err)
{
    *d = (dzr_decoder){.alloc = alloc,
            .budget = budget,
            .type = type,
            .digits = digits,
            .max_def = max_def,
            .n_rows = n_rows,
            .n_levels = n_rows};
    d->codecs.alloc = alloc;
    d->size = digits != 0 ? DZR_DECIMAL_SLOT : dzr_type_bits(type) / 8;
    if (d->size == 0)
        return new_bitmap(d, &d->values, err);
    uint64_t n_bytes = 0;
    if (__builtin_mul_overflow((uint64_t)n_rows, d->size, &n_bytes))
        n_bytes = UINT64_MAX;
    return dzr__decoder_buffer(d, n_bytes, &d->values, err);
}

dzr_status dzr__decoder_nest(dzr_decoder *d, dzr_assembly *assembly, dzr_error *err)
{
    d->assembly = assembly;
    return new_bitmap(d, &d->validity, err);
}

dzr_status dzr__decoder_room(dzr_decoder *d, int64_t n, dzr_error *err)
{
    if (n <= d->n_rows - d->row)
        return DZR_OK;
    const int64_t n_rows = DZR_MAX(d->row + n, d->n_rows + d->n_rows / 2);
    uint64_t n_bytes = dzr__bitmap_bytes(n_rows);
    if (d->size != 0 && __builtin_mul_overflow((uint64_t)n_rows, d->size, &n_bytes))
        n_bytes = UINT64_MAX;
    DZR_TRY(dzr__grow_zeroed(&d->values, n_bytes, d->budget, d->alloc, err));
    if (d->validity != NULL)
        DZR_TRY(dzr__grow_zeroed(&d->validity, dzr__bitmap_bytes(n_rows), d->budget, d->alloc, err));
    d->n_rows = n_rows;
    return DZR_OK;
}

void dzr__decoder_close(dzr_decoder *d)
{
    dzr_release(d->alloc, d->dictionary);
    dzr__spares_give(d->spares, d->scratch);
    d->dictionary = NULL;
    d->scratch = NULL;
    d->scratch_bytes = 0;
    dzr__codecs_fini(&d->codecs);
}

dzr_decoder dzr__decoder_like(const dzr_decoder *d)
{
    return (dzr_decoder){.alloc = d->alloc,
            .budget = d->budget,
            .type = d->type,
            .digits = d->digits,
            .max_def = d->max_def,
            .size = d->size,
            .codecs = {.alloc = d->alloc}};
}

dzr_decoder *dzr__value_decoder(dzr_decoder *d)
{
    return d->entries != NULL ? &d->entries->values : d;
}

void dzr__decoder_fini(dzr_decoder *d)
{
    dzr__buffer_free(d->values);
    dzr__buffer_free(d->validity);
    for (int32_t i = 0; i < d->n_data; i++)
        dzr__buffer_free(d->data[i]);
    dzr_release(d->alloc, d->data);
    dzr__decoder_close(d);
}

dzr_status dzr__decoder_keep(dzr_decoder *d, dzr_buffer *buffer, int32_t *index, dzr_error *err)
{
    if (d->n_data == d->data_room) {
        const int32_t room = d->data_room == 0 ? 8 : d->data_room * 2; /* a buffer a page: far from INT32_MAX */
        dzr_buffer **const data = dzr_alloc_array(d->alloc, (size_t)room, sizeof(dzr_buffer *), err);
        if (data == NULL) {
            dzr__buffer_free(buffer);
            return DZR_ERR_NOMEM;
        }
        if (d->n_data > 0)
            memcpy(data, d->data, (size_t)d->n_data * sizeof(dzr_buffer *));
        dzr_release(d->alloc, d->data);
        d->data = data;
        d->data_room = room;
    }
    *index = d->n_data;
    d->data[d->n_data++] = buffer;
    return DZR_OK;
}

/* ---- what is stored, decompressed ---- */

static void drop_keeper(void *keeper)
{
    dzr__buffer_free(keeper);
}

/* n bytes in a buffer of their own, for views to point into: the decompressed page, or the page where it lies. */
static dzr_status unpack_to_keep(dzr_decoder *d, const dzr_stored_page *page, int32_t codec, dzr_bytes in, size_t n,
        dzr_buffer **out, dzr_error *err)
{
    if (codec == DZR_CODEC_UNCOMPRESSED && page->keeper != NULL) {
        *out = dzr__buffer_foreign(d->alloc, in.at, n, drop_keeper, page->keeper, err);
        if (*out == NULL)
            return DZR_ERR_NOMEM;
        (void)dzr__buffer_hold(page->keeper);
        return DZR_OK;
    }
    dzr_buffer *buffer = NULL;
    DZR_TRY(dzr__decoder_buffer(d, n, &buffer, err));
    if (n <= MOST_POPULATED) /* nobody has looked yet whether it will be so much */
        dzr__memory_populate(buffer->at, n);
    const dzr_status st = dzr__decompress(&d->codecs, codec, in, buffer->at, n, err);
    if (st != DZR_OK) {
        dzr__buffer_free(buffer);
        return st;
    }
    *out = buffer;
    return DZR_OK;
}

/* n bytes that are good until the next page. */
static dzr_status unpack_to_read(dzr_decoder *d, int32_t codec, dzr_bytes in, size_t n, dzr_bytes *out, dzr_error *err)
{
    if (codec == DZR_CODEC_UNCOMPRESSED) {
        *out = in;
        return DZR_OK;
    }
    if (d->scratch == NULL || n > d->scratch_bytes) {
        DZR_TRY(dzr__budget_take(d->budget, n - d->scratch_bytes, err));
        dzr__spares_give(d->spares, d->scratch);
        d->scratch = dzr__spares_take(d->spares, d->alloc, n, err);
        if (d->scratch == NULL)
            return DZR_ERR_NOMEM;
        d->scratch_bytes = n;
    }
    DZR_TRY(dzr__decompress(&d->codecs, codec, in, d->scratch->at, n, err));
    *out = (dzr_bytes){.at = d->scratch->at, .len = n};
    return DZR_OK;
}

/* ---- levels ---- */

/* The column's bitmap, with the rows so far set. */
static dzr_status need_validity(dzr_decoder *d, dzr_error *err)
{
    if (d->validity != NULL)
        return DZR_OK;
    DZR_TRY(new_bitmap(d, &d->validity, err));
    dzr__bits_fill(d->validity->at, 0, d->row, true);
    return DZR_OK;
}

/* Runs of levels of n rows. A single run for the whole page, which is how most pages without nulls look, costs nothing.
 */
static dzr_status read_level_runs(dzr_decoder *d, dzr_bytes in, int64_t n, int64_t *n_set, dzr_error *err)
{
    dzr_rle levels;
    bool all = true;
    dzr__rle_init(&levels, in.at, in.len, dzr__bit_width(d->max_def));
    if (n > 0)
        DZR_TRY(dzr__rle_next_all(&levels, d->max_def, n, &all, err));
    if (all) {
        *n_set = n;
        if (d->validity != NULL)
            dzr__bits_fill(d->validity->at, d->row, n, true);
        return DZR_OK;
    }
    DZR_TRY(need_validity(d, err));
    return dzr__rle_read_bits(&levels, d->max_def, d->validity->at, d->row, n, n_set, err);
}

/* The levels at the front of a V1 page, whose bytes in then loses; *n_set rows of n have a value. */
static dzr_status read_levels_v1(
        dzr_decoder *d, int32_t encoding, dzr_bytes *in, int64_t n, int64_t *n_set, dzr_error *err)
{
    if (d->max_def == 0) {
        *n_set = n;
        return DZR_OK;
    }
    if (encoding == DZR_ENCODING_RLE) {
        dzr_bytes levels = {0};
        DZR_TRY(dzr__level_bytes(in, &levels, err));
        return read_level_runs(d, levels, n, n_set, err);
    }
    if (encoding != DZR_ENCODING_BIT_PACKED)
        return dzr__unknown_level_encoding(encoding, err);
    size_t used = 0;
    DZR_TRY(need_validity(d, err));
    DZR_TRY(dzr__bit_packed_levels(*in, d->max_def, d->validity->at, d->row, n, &used, n_set, err));
    in->at += used;
    in->len -= used;
    return DZR_OK;
}

/* A nested column's: n levels make *n_rows rows, fewer where lists are null or empty. */
static dzr_status read_nested_levels(
        dzr_decoder *d, dzr_levels *reps, dzr_levels *defs, int64_t n, int64_t *n_rows, int64_t *n_set, dzr_error *err)
{
    return dzr__assemble(d->assembly, reps, defs, n, d->validity->at, n_rows, n_set, err);
}

/* ---- pages ---- */

/* The file's dictionary joins the entries; indices of pages then become the codes of those. */
static dzr_status decode_entries(dzr_decoder *d, const dzr_stored_page *page, dzr_error *err)
{
    dzr_decoder *const values = &d->entries->values;
    DZR_TRY(dzr__decode_dictionary_page(values, page, err));
    const uint32_t n = values->n_dictionary;
    DZR_TRY(dzr__budget_take(d->budget, (uint64_t)n * sizeof(int32_t), err));
    d->dictionary = dzr_alloc_array(d->alloc, n, sizeof(int32_t), err);
    if (d->dictionary == NULL)
        return DZR_ERR_NOMEM;
    DZR_TRY(dzr__entries_add(d->entries, values->dictionary, n, true, (int32_t *)(void *)d->dictionary, err));
    d->n_dictionary = n;
    d->has_dictionary = true;
    dzr_release(values->alloc, values->dictionary);
    values->dictionary = NULL;
    values->n_dictionary = 0;
    values->has_dictionary = false; /* the next chunk has its own */
    return DZR_OK;
}

dzr_status dzr__decode_dictionary_page(dzr_decoder *d, const dzr_stored_page *page, dzr_error *err)
{
    const dzr_meta_dictionary_page *const header = &page->header->dictionary;
    const size_t n_bytes = (size_t)page->header->uncompressed_size;
    if (d->has_dictionary)
        return dzr_fail(err, DZR_ERR_CORRUPT, "a second dictionary page");
    if (d->entries != NULL)
        return decode_entries(d, page, err);
    if (header->encoding != DZR_ENCODING_PLAIN && header->encoding != DZR_ENCODING_PLAIN_DICTIONARY)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "dictionary page in encoding %d", header->encoding);
    const size_t stored = dzr__stored_size(d);
    const size_t smallest = dzr__has_views(d) ? sizeof(uint32_t) : DZR_MAX(stored, 1);
    const size_t most = d->size == 0 ? n_bytes * 8 : n_bytes / smallest;
    if (header->num_values < 0 || (size_t)header->num_values > most)
        return dzr_fail(err, header->num_values < 0 ? DZR_ERR_CORRUPT : DZR_ERR_TRUNCATED,
                "dictionary page claims %d values in %zu bytes", header->num_values, n_bytes);
    dzr_bytes in;
    const uint8_t *base = NULL;
    int32_t buffer = 0;
    if (dzr__has_views(d)) {
        dzr_buffer *kept = NULL;
        DZR_TRY(unpack_to_keep(d, page, page->codec, page->stored, n_bytes, &kept, err));
        DZR_TRY(dzr__decoder_keep(d, kept, &buffer, err));
        in = (dzr_bytes){.at = kept->at, .len = n_bytes};
        base = kept->at;
    } else {
        DZR_TRY(unpack_to_read(d, page->codec, page->stored, n_bytes, &in, err));
    }
    const size_t slot = DZR_MAX(d->size, 1); /* a byte each for booleans */
    DZR_TRY(dzr__budget_take(d->budget, (uint64_t)header->num_values * slot, err));
    d->dictionary = dzr_alloc_array(d->alloc, (size_t)header->num_values, slot, err);
    if (d->dictionary == NULL)
        return DZR_ERR_NOMEM;
    DZR_TRY(dzr__read_plain(d, in, header->num_values, base, buffer, d->dictionary, err));
    d->n_dictionary = (uint32_t)header->num_values;
    d->dictionary_data = buffer;
    d->has_dictionary = true;
    return DZR_OK;
}

/* Whether values of n bytes, stored on their own, are just what the slots of n_values rows hold. */
static bool fits_in_place(const dzr_decoder *d, int32_t encoding, size_t n_bytes, int64_t n_values)
{
    return encoding == DZR_ENCODING_PLAIN && d->entries == NULL && dzr__is_as_stored(d) && n_bytes % d->size == 0 &&
           (int64_t)(n_bytes / d->size) == n_values;
}

/* A part of a page that codec packed: n_values levels; levels, when it has some, are of a V1 page. */
typedef struct packed_part {
    int32_t encoding, rep_encoding, def_encoding;
    int32_t codec;
    dzr_bytes stored;
    size_t n_bytes;
    int64_t n_values;
    int64_t n_rows; /* what those levels make; -1: levels are inside, at the front */
    int64_t n_set;  /* of those, with a value */
} packed_part;

/* The levels inside, after which n_rows and n_set are known. */
static dzr_status read_levels_inside(dzr_decoder *d, packed_part *part, dzr_bytes *in, dzr_error *err)
{
    if (d->assembly == NULL) {
        part->n_rows = part->n_values;
        return read_levels_v1(d, part->def_encoding, in, part->n_values, &part->n_set, err);
    }
    dzr_levels reps, defs;
    DZR_TRY(dzr__levels_v1(&reps, d->assembly->max_rep, part->rep_encoding, part->n_values, in, err));
    DZR_TRY(dzr__levels_v1(&defs, d->max_def, part->def_encoding, part->n_values, in, err));
    return read_nested_levels(d, &reps, &defs, part->n_values, &part->n_rows, &part->n_set, err);
}

static dzr_status decode_part(dzr_decoder *d, const dzr_stored_page *page, packed_part *part, dzr_error *err)
{
    if (part->n_rows >= 0 && part->n_set == part->n_rows &&
            fits_in_place(d, part->encoding, part->n_bytes, part->n_set)) {
        uint8_t *const to = d->values->at + d->size * (size_t)d->row;
        dzr__memory_populate(to, part->n_bytes);
        DZR_TRY(dzr__decompress(&d->codecs, part->codec, part->stored, to, part->n_bytes, err));
        d->row += part->n_rows;
        d->level += part->n_values;
        return DZR_OK;
    }
    dzr_bytes in;
    const uint8_t *base = NULL;
    int32_t buffer = 0;
    const bool may_have_values = part->n_rows < 0 || part->n_set > 0;
    dzr_decoder *const keeper = dzr__value_decoder(d);
    if (dzr__views_into_page(keeper, part->encoding) && may_have_values) {
        dzr_buffer *kept = NULL;
        DZR_TRY(unpack_to_keep(d, page, part->codec, part->stored, part->n_bytes, &kept, err));
        DZR_TRY(dzr__decoder_keep(keeper, kept, &buffer, err));
        in = (dzr_bytes){.at = kept->at, .len = part->n_bytes};
        base = kept->at;
    } else {
        DZR_TRY(unpack_to_read(d, part->codec, part->stored, part->n_bytes, &in, err));
    }
    if (part->n_rows < 0)
        DZR_TRY(read_levels_inside(d, part, &in, err));
    dzr__memory_populate(d->values->at + d->size * (size_t)d->row, d->size * (size_t)part->n_rows);
    DZR_TRY(dzr__read_values(d, part->encoding, in, part->n_rows, part->n_set, base, buffer, err));
    d->row += part->n_rows;
    d->level += part->n_values;
    d->n_nulls += part->n_rows - part->n_set;
    return DZR_OK;
}

static dzr_status check_n_values(const dzr_decoder *d, int32_t n_values, dzr_error *err)
{
    if (n_values < 0 || n_values > d->n_levels - d->level)
        return dzr_fail(err, DZR_ERR_CORRUPT, "page claims %d values, %lld are left", n_values,
                (long long)(d->n_levels - d->level));
    return DZR_OK;
}

static dzr_status decode_v1(dzr_decoder *d, const dzr_stored_page *page, dzr_error *err)
{
    const dzr_meta_data_page *const header = &page->header->data;
    DZR_TRY(check_n_values(d, header->num_values, err));
    DZR_TRY(dzr__check_encoding(dzr__value_decoder(d), header->encoding, err));
    const bool has_levels = d->max_def > 0 || d->assembly != NULL;
    packed_part part = {.encoding = header->encoding,
            .rep_encoding = header->rep_encoding,
            .def_encoding = header->def_encoding,
            .codec = page->codec,
            .stored = page->stored,
            .n_bytes = (size_t)page->header->uncompressed_size,
            .n_values = header->num_values,
            .n_rows = has_levels ? -1 : header->num_values,
            .n_set = header->num_values};
    return decode_part(d, page, &part, err);
}

/* What the levels of a V2 page take, at its front. */
static dzr_status v2_level_bytes(const dzr_stored_page *page, int64_t *n_bytes, dzr_error *err)
{
    const dzr_meta_data_page_v2 *const header = &page->header->data_v2;
    *n_bytes = (int64_t)header->rep_bytes + header->def_bytes;
    if (header->rep_bytes < 0 || header->def_bytes < 0 || (uint64_t)*n_bytes > page->stored.len ||
            *n_bytes > page->header->uncompressed_size)
        return dzr_fail(err, DZR_ERR_CORRUPT, "page of %zu bytes claims levels of %d and %d bytes", page->stored.len,
                header->rep_bytes, header->def_bytes);
    return DZR_OK;
}

/* Repetition levels, then definition levels, both as they are and without a length of their own, then the values. */
static dzr_status decode_v2(dzr_decoder *d, const dzr_stored_page *page, dzr_error *err)
{
    const dzr_meta_data_page_v2 *const header = &page->header->data_v2;
    DZR_TRY(check_n_values(d, header->num_values, err));
    DZR_TRY(dzr__check_encoding(dzr__value_decoder(d), header->encoding, err));
    int64_t level_bytes = 0;
    DZR_TRY(v2_level_bytes(page, &level_bytes, err));
    int64_t n_rows = header->num_values, n_set = n_rows;
    const dzr_bytes rep_bytes = {.at = page->stored.at, .len = (size_t)header->rep_bytes};
    const dzr_bytes def_bytes = {.at = page->stored.at + header->rep_bytes, .len = (size_t)header->def_bytes};
    if (d->assembly != NULL) {
        dzr_levels reps, defs;
        dzr__levels_v2(&reps, d->assembly->max_rep, rep_bytes);
        dzr__levels_v2(&defs, d->max_def, def_bytes);
        DZR_TRY(read_nested_levels(d, &reps, &defs, header->num_values, &n_rows, &n_set, err));
    } else if (d->max_def > 0) {
        DZR_TRY(read_level_runs(d, def_bytes, header->num_values, &n_set, err));
    }
    /* writers count nulls in lists in more than one way */
    if (d->assembly == NULL && header->num_nulls != header->num_values - n_set)
        return dzr_fail(err, DZR_ERR_CORRUPT, "page claims %d nulls, its levels say %lld", header->num_nulls,
                (long long)(header->num_values - n_set));
    const bool is_compressed = !DZR_HAS(header, DZR_DATA_PAGE_V2_IS_COMPRESSED) || header->is_compressed;
    packed_part part = {.encoding = header->encoding,
            .codec = is_compressed ? page->codec : DZR_CODEC_UNCOMPRESSED,
            .stored = {.at = page->stored.at + level_bytes, .len = page->stored.len - (size_t)level_bytes},
            .n_bytes = (size_t)(page->header->uncompressed_size - level_bytes),
            .n_values = header->num_values,
            .n_rows = n_rows,
            .n_set = n_set};
    if (part.codec == DZR_CODEC_UNCOMPRESSED && part.stored.len != part.n_bytes)
        return dzr_fail(err, DZR_ERR_CORRUPT, "page claims %zu bytes of values, it has %zu that are not compressed",
                part.n_bytes, part.stored.len);
    return decode_part(d, page, &part, err);
}

dzr_status dzr__decode_data_page(dzr_decoder *d, const dzr_stored_page *page, dzr_error *err)
{
    return page->header->type == DZR_PAGE_DATA_V2 ? decode_v2(d, page, err) : decode_v1(d, page, err);
}

dzr_status dzr__count_records(dzr_decoder *d, const dzr_stored_page *page, int64_t *n, dzr_error *err)
{
    const dzr_meta_page *const header = page->header;
    const bool v2 = header->type == DZR_PAGE_DATA_V2;
    const int32_t n_values = v2 ? header->data_v2.num_values : header->data.num_values;
    dzr_levels reps;
    DZR_TRY(check_n_values(d, n_values, err));
    if (v2) {
        int64_t level_bytes = 0;
        DZR_TRY(v2_level_bytes(page, &level_bytes, err));
        dzr__levels_v2(&reps, d->assembly->max_rep,
                (dzr_bytes){.at = page->stored.at, .len = (size_t)header->data_v2.rep_bytes});
    } else {
        dzr_bytes in;
        DZR_TRY(unpack_to_read(d, page->codec, page->stored, (size_t)header->uncompressed_size, &in, err));
        DZR_TRY(dzr__levels_v1(&reps, d->assembly->max_rep, header->data.rep_encoding, n_values, &in, err));
    }
    return dzr__levels_zeros(&reps, n_values, n, err);
}
