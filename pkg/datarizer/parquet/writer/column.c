/* parquet/writer/column.c - a column of the row group at hand: its rows become pages as they come, so that what is kept
 * is encoded and compressed. Called by writer.c, a batch's part at a time; what comes out does not depend on how rows
 * were split. Spec: parquet-format README.md "Data Pages", Encodings.md.
 *
 * A chunk begins with a dictionary on trial. Its first page with values is turned into PLAIN, and the dictionary
 * dropped, when entries and codes take more bytes than that, and the page's last quarter gives no hope. Later the
 * dictionary stays until it is full or the end of a page gives none; pages after that are PLAIN, those before keep
 * their codes. */
#include "parquet/writer/writer.h"

enum { WIDE_BYTES = 256 }; /* values of more bytes get no codes: those of a page, side by side, would take too much */

void dzr__column_init(dzr_column_writer *column, const dzr_leaf_path *leaf, const dzr_parquet_write_options *options,
        const dzr_parquet_column_options *own)
{
    const dzr_field *const field = leaf->field;
    const dzr_allocator *const alloc = options->alloc;
    *column = (dzr_column_writer){
            .leaf = leaf,
            .field = field,
            .physical = leaf->physical,
            .width = leaf->width,
            .page_minmax.total = leaf->total_order,
            .minmax.total = leaf->total_order,
            .max_def = leaf->max_def,
            .max_rep = leaf->max_rep,
            .is_nested = leaf->n_steps > 1,
            .page_rows = options->page_rows,
            .page_bytes = options->page_bytes,
            .v2 = options->page_version == 2,
            .encoding = own != NULL ? dzr__encoding_of(own->encoding) : DZR_ENCODING_PLAIN,
            .codec = own != NULL ? own->codec : options->codec,
            .level = own != NULL ? own->level : options->level,
            .validity.alloc = alloc,
            .reps.alloc = alloc,
            .defs.alloc = alloc,
            .plain.alloc = alloc,
            .codes.alloc = alloc,
            .dictionary = {.alloc = alloc, .plain.alloc = alloc, .views.alloc = alloc},
            .pages.alloc = alloc,
            .dictionary_page.alloc = alloc,
    };
    dzr__page_index_init(&column->index, leaf, alloc);
    const bool is_free = own == NULL || own->encoding == DZR_PARQUET_AUTO;
    if (options->dictionary_bytes > 0 && is_free && leaf->physical != DZR_PHYSICAL_BOOLEAN && leaf->width <= WIDE_BYTES)
        column->dictionary.max_bytes = (size_t)options->dictionary_bytes;
    column->use_dictionary = column->on_trial = column->dictionary.max_bytes > 0;
}

void dzr__column_fini(dzr_column_writer *column)
{
    dzr__bytebuf_fini(&column->validity);
    dzr__bytebuf_fini(&column->reps);
    dzr__bytebuf_fini(&column->defs);
    dzr__bytebuf_fini(&column->plain);
    dzr__bytebuf_fini(&column->codes);
    dzr__dictionary_fini(&column->dictionary);
    dzr__page_index_fini(&column->index);
    dzr__segments_fini(&column->pages);
    dzr__segments_fini(&column->dictionary_page);
}

/* ---- dictionary or not ---- */

/* Whether dictionary and codes take fewer bytes than the values in PLAIN, when the page at hand is the first with codes
 * and the last. */
static bool dictionary_pays(const dzr_column_writer *column)
{
    const int64_t code_bytes = (dzr__column_n_codes(column) * dzr__column_code_width(column) + 7) / 8;
    return (int64_t)column->dictionary.plain.len + code_bytes < column->dictionary.plain_bytes;
}

/* Whether that can be expected of the pages to come, by the last quarter of this one: what its new entries (at the size
 * of the average one) and its codes take, beside the average value. Values that come again are mostly seen late: a page
 * that does not pay by itself may well be followed by some that do. A page of nulls says nothing. */
static bool dictionary_will_pay(const dzr_column_writer *column)
{
    const dzr_dictionary *const dictionary = &column->dictionary;
    const uint32_t *const codes = (const uint32_t *)(const void *)column->codes.at;
    const int64_t n = dzr__column_n_codes(column), tail = n / 4;
    if (tail == 0)
        return true;
    uint32_t n_before = column->page_first_entry;
    for (int64_t i = 0; i < n - tail; i++)
        n_before = DZR_MAX(n_before, codes[i] + 1); /* codes are given in order of appearance */
    const double entry_bytes = (double)dictionary->plain.len / dictionary->n;
    const double value_bytes = (double)dictionary->plain_bytes / (double)(column->dictionary_values + n);
    const double taken = (dictionary->n - n_before) * entry_bytes + (double)tail * dzr__column_code_width(column) / 8;
    return taken < (double)tail * value_bytes;
}

/* The codes of n entries that the page at hand has, each once, in scratch; or all its codes, where it has fewer of them
 * than the dictionary has entries. */
static dzr_status distinct_codes(
        const dzr_column_writer *column, dzr_bytebuf *scratch, const uint32_t **distinct, int64_t *n, dzr_error *err)
{
    const uint32_t *const codes = (const uint32_t *)(const void *)column->codes.at;
    const size_t n_entries = column->dictionary.n;
    *distinct = codes;
    *n = dzr__column_n_codes(column);
    if (*n <= (int64_t)n_entries)
        return DZR_OK;
    scratch->len = 0;
    DZR_TRY(dzr__bytebuf_reserve(scratch, n_entries * (sizeof(uint32_t) + 1), err));
    uint32_t *const out = (uint32_t *)(void *)scratch->at;
    uint8_t *const seen = (uint8_t *)(out + n_entries);
    memset(seen, 0, n_entries);
    for (int64_t i = 0; i < dzr__column_n_codes(column); i++)
        seen[codes[i]] = 1;
    *distinct = out;
    *n = 0;
    for (uint32_t code = 0; code < n_entries; code++) {
        out[*n] = code;
        *n += seen[code];
    }
    return DZR_OK;
}

/* Takes the values behind the page's codes into its bounds, and says what they take as strings. */
static dzr_status look_at_codes(dzr_column_writer *column, dzr_page_press *press, int64_t *string_bytes, dzr_error *err)
{
    const dzr_dictionary *const dictionary = &column->dictionary;
    const int64_t n_codes = dzr__column_n_codes(column);
    const uint32_t *distinct;
    int64_t n_distinct;
    dzr_bytes data;
    dzr_column values;
    *string_bytes = 0;
    if (n_codes == 0)
        return DZR_OK;
    if (column->physical == DZR_PHYSICAL_BYTE_ARRAY)
        *string_bytes = dictionary->plain_bytes - column->page_first_bytes - n_codes * (int64_t)sizeof(uint32_t);
    DZR_TRY(distinct_codes(column, &press->body, &distinct, &n_distinct, err));
    DZR_TRY(dzr__dictionary_values(dictionary, distinct, n_distinct, &data, &press->scratch, &values, err));
    dzr__minmax_add(&column->page_minmax, &values);
    return DZR_OK;
}

/* The page at hand as PLAIN; the dictionary goes, with nothing stored that needs it. */
static dzr_status end_trial_in_plain(dzr_column_writer *column, dzr_page_press *press, dzr_error *err)
{
    dzr_bytes data;
    dzr_column values;
    int64_t string_bytes = 0;
    DZR_TRY(look_at_codes(column, press, &string_bytes, err));
    if (dzr__column_n_codes(column) > 0) {
        DZR_TRY(dzr__dictionary_values(&column->dictionary, (const uint32_t *)(const void *)column->codes.at,
                dzr__column_n_codes(column), &data, &press->scratch, &values, err));
        DZR_TRY(dzr__plain_write(&column->plain, &values, 0, values.n_rows, err));
    }
    column->plain_bytes += column->dictionary.plain_bytes;
    column->page_plain_bytes = (int64_t)column->plain.len + (column->n_levels - column->n_values) * 4;
    column->codes.len = 0;
    column->use_dictionary = column->on_trial = false;
    dzr__dictionary_close(&column->dictionary);
    dzr__dictionary_clear(&column->dictionary);
    return DZR_OK;
}

/* ---- pages ---- */

static void start_page(dzr_column_writer *column)
{
    column->n_rows = 0;
    column->n_levels = column->n_values = 0;
    column->validity.len = column->reps.len = column->defs.len = column->plain.len = column->codes.len = 0;
    column->page_plain_bytes = 0;
    column->page_first_entry = column->dictionary.n;
    column->page_first_bytes = column->dictionary.plain_bytes;
    column->page_minmax = (dzr_minmax){.total = column->leaf->total_order};
}

/* The page is stored, in n_bytes: its bounds join the chunk's, and what it holds the index. */
static dzr_status note_page(dzr_column_writer *column, size_t n_bytes, int64_t string_bytes, dzr_error *err)
{
    const dzr_page_facts page = {.n_bytes = n_bytes,
            .n_rows = column->n_rows,
            .n_values = column->n_values,
            .n_nulls = column->n_levels - column->n_values,
            .string_bytes = string_bytes,
            .reps = &column->reps,
            .defs = &column->defs};
    dzr__minmax_merge(&column->minmax, &column->page_minmax);
    return dzr__page_index_add(&column->index, &page, &column->page_minmax, err);
}

/* What the page at hand says of itself. */
static dzr_meta_page page_header(const dzr_column_writer *column, const dzr_page_body *body)
{
    const int32_t encoding = column->use_dictionary ? DZR_ENCODING_RLE_DICTIONARY : column->encoding;
    if (column->v2)
        return (dzr_meta_page){.has = 1u << DZR_PAGE_HAS_DATA_V2,
                .type = DZR_PAGE_DATA_V2,
                .data_v2 = {.num_values = (int32_t)column->n_levels,
                        .num_nulls = (int32_t)(column->n_levels - column->n_values),
                        .num_rows = column->n_rows,
                        .encoding = encoding,
                        .def_bytes = (int32_t)body->def_bytes,
                        .rep_bytes = (int32_t)body->rep_bytes}};
    return (dzr_meta_page){.has = 1u << DZR_PAGE_HAS_DATA,
            .type = DZR_PAGE_DATA,
            .data = {.num_values = (int32_t)column->n_levels,
                    .encoding = encoding,
                    .def_encoding = DZR_ENCODING_RLE,
                    .rep_encoding = DZR_ENCODING_RLE}};
}

static dzr_status store_page(dzr_column_writer *column, dzr_page_press *press, dzr_error *err)
{
    dzr_page_body body;
    dzr_pressed pressed;
    if (column->n_levels > INT32_MAX)
        return dzr_fail(err, DZR_ERR_LIMIT, "a record of %lld values in column \"%s\", limit is %d",
                (long long)column->n_levels, column->leaf->text, INT32_MAX);
    int64_t string_bytes =
            column->physical == DZR_PHYSICAL_BYTE_ARRAY ? (int64_t)column->plain.len - column->n_values * 4 : 0;
    if (column->use_dictionary)
        DZR_TRY(look_at_codes(column, press, &string_bytes, err));
    DZR_TRY(dzr__column_build_body(column, press, &body, err));
    dzr_meta_page page = page_header(column, &body);
    DZR_TRY(dzr__page_press(press, column->codec, column->level, &page, body.levels, body.values, &pressed, err));
    DZR_TRY(dzr__segments_append(&column->pages, pressed.header, pressed.levels, err));
    DZR_TRY(dzr__segments_append(&column->pages, pressed.values, (dzr_bytes){0}, err));
    DZR_TRY(note_page(column, pressed.header.len + pressed.levels.len + pressed.values.len, string_bytes, err));
    column->uncompressed_size += (int64_t)(pressed.header.len + body.levels.len + body.values.len);
    column->chunk_levels += column->n_levels;
    column->chunk_values += column->n_values;
    if (column->use_dictionary) {
        column->n_code_pages++;
        column->dictionary_values += column->n_values;
    } else {
        column->n_value_pages++;
    }
    start_page(column);
    return DZR_OK;
}

/* A page of nulls alone decides nothing: it is stored as PLAIN, and the trial goes on. */
dzr_status dzr__column_end_page(dzr_column_writer *column, dzr_page_press *press, bool last, dzr_error *err)
{
    if (column->n_rows == 0)
        return DZR_OK;
    if (column->on_trial && column->n_values == 0) {
        column->use_dictionary = false;
        DZR_TRY(store_page(column, press, err));
        column->use_dictionary = true;
        return DZR_OK;
    }
    const bool goes_on = column->use_dictionary && !last && dictionary_will_pay(column);
    if (column->on_trial && !goes_on && !dictionary_pays(column))
        DZR_TRY(end_trial_in_plain(column, press, err));
    column->on_trial = false;
    DZR_TRY(store_page(column, press, err));
    if (column->use_dictionary && !goes_on) {
        column->use_dictionary = false;
        dzr__dictionary_close(&column->dictionary);
    }
    return DZR_OK;
}

/* The dictionary takes no more: what has codes is stored, or becomes PLAIN where the dictionary did not pay. */
dzr_status dzr__column_leave_dictionary(dzr_column_writer *column, dzr_page_press *press, dzr_error *err)
{
    if (column->on_trial && !dictionary_pays(column))
        return end_trial_in_plain(column, press, err);
    DZR_TRY(dzr__column_end_page(column, press, true, err));
    column->use_dictionary = column->on_trial = false;
    dzr__dictionary_close(&column->dictionary);
    return DZR_OK;
}

/* ---- rows ---- */

static bool takes_codes(const dzr_column_writer *column)
{
    return column->use_dictionary && !column->on_trial;
}

bool dzr__column_has_plain_strings(const dzr_column_writer *column)
{
    return column->physical == DZR_PHYSICAL_BYTE_ARRAY && !takes_codes(column);
}

/* Fixed widths and codes: the same number for each page, as if no row were null. */
int64_t dzr__column_page_levels(const dzr_column_writer *column)
{
    const size_t width = takes_codes(column) ? sizeof(uint32_t) : column->width;
    if (width > 0)
        return DZR_MAX(column->page_bytes / (int64_t)width, 1);
    return column->physical == DZR_PHYSICAL_BOOLEAN ? (int64_t)column->page_bytes * 8 : INT64_MAX;
}

/* How many of n rows the page at hand still takes. Strings: until the next one would pass page_bytes; a page takes one
 * in any case. */
static int64_t rows_that_fit(dzr_column_writer *column, const dzr_column *in, int64_t first, int64_t n)
{
    const int64_t rows = DZR_MIN((int64_t)column->page_rows, dzr__column_page_levels(column));
    n = DZR_MIN(n, rows - column->n_rows);
    if (!dzr__column_has_plain_strings(column))
        return n;
    const dzr_view *const views = (const dzr_view *)in->values + first;
    int64_t bytes = column->page_plain_bytes;
    for (int64_t i = 0; i < n; i++) {
        const int64_t more = bytes + (int64_t)sizeof(uint32_t) + views[i].len;
        if (more > column->page_bytes && column->n_rows + i > 0) {
            n = i;
            break;
        }
        bytes = more;
    }
    column->page_plain_bytes = bytes;
    return n;
}

/* Bits of the validity of n more rows; none are kept while every row of the page has a value. */
static dzr_status append_validity(
        dzr_column_writer *column, const dzr_column *in, int64_t first, int64_t n, dzr_error *err)
{
    if (column->max_def == 0 || n == 0 || (in->validity == NULL && column->validity.len == 0))
        return DZR_OK;
    dzr_bytebuf *const bits = &column->validity;
    const bool first_bits = bits->len == 0;
    const size_t n_bytes = dzr__bitmap_bytes(column->n_rows + n);
    DZR_TRY(dzr__bytebuf_reserve(bits, n_bytes - bits->len, err));
    bits->len = n_bytes;
    if (first_bits)
        dzr__bits_fill(bits->at, 0, column->n_rows, true);
    if (in->validity == NULL)
        dzr__bits_fill(bits->at, column->n_rows, n, true);
    else
        dzr__bits_copy(bits->at, column->n_rows, in->validity, first, n);
    return DZR_OK;
}

/* Booleans join at the bit where the last ones ended. */
static dzr_status append_bools(dzr_column_writer *column, const dzr_column *values, dzr_error *err)
{
    if (values->n_rows == 0)
        return DZR_OK;
    const size_t n_bytes = dzr__bitmap_bytes(column->n_values + values->n_rows);
    DZR_TRY(dzr__bytebuf_reserve(&column->plain, n_bytes - column->plain.len, err));
    if (n_bytes > column->plain.len)
        column->plain.at[n_bytes - 1] = 0; /* the padding */
    column->plain.len = n_bytes;
    dzr__bits_copy(column->plain.at, column->n_values, values->values, 0, values->n_rows);
    return DZR_OK;
}

dzr_status dzr__column_append_plain(dzr_column_writer *column, const dzr_column *values, dzr_error *err)
{
    const size_t before = column->plain.len;
    dzr__minmax_add(&column->page_minmax, values);
    if (values->type.id == DZR_TYPE_BOOL)
        DZR_TRY(append_bools(column, values, err));
    else
        DZR_TRY(dzr__plain_write(&column->plain, values, 0, values->n_rows, err));
    column->plain_bytes += (int64_t)(column->plain.len - before);
    return DZR_OK;
}

/* Rows up to the one that has the value after the first n_values: all of n when there is none. */
static int64_t rows_of_values(const dzr_column *in, int64_t first, int64_t n, int64_t n_values)
{
    for (int64_t i = 0; i < n; i++)
        if (!dzr_column_is_null(in, first + i) && n_values-- == 0)
            return i;
    return n;
}

/* Takes in n rows, which fit the page; fewer, with *full set, when the dictionary ends before. */
static dzr_status append_rows(dzr_column_writer *column, dzr_page_press *press, const dzr_column *in, int64_t first,
        int64_t *n, bool *full, dzr_error *err)
{
    dzr_column values;
    DZR_TRY(dzr__dense(column->leaf, in, first, *n, &press->scratch, &values, err));
    int64_t n_done = values.n_rows;
    if (column->use_dictionary) {
        DZR_TRY(dzr__dictionary_encode(&column->dictionary, &values, &column->codes, &n_done, err));
        *full = n_done < values.n_rows;
        if (*full)
            *n = rows_of_values(in, first, *n, n_done);
        values.n_rows = n_done;
    } else {
        DZR_TRY(dzr__column_append_plain(column, &values, err));
    }
    dzr__minmax_count_nan(&column->page_minmax, &values);
    DZR_TRY(append_validity(column, in, first, *n, err));
    column->n_rows += (int32_t)*n;
    column->n_levels += *n;
    column->n_values += n_done;
    return DZR_OK;
}

dzr_status dzr__column_append(dzr_column_writer *column, dzr_page_press *press, const dzr_column *in, int64_t first,
        int64_t n, dzr_error *err)
{
    if (column->max_def == 0 && in->n_nulls > 0)
        return dzr_fail(err, DZR_ERR_ARG, "column \"%s\" is not nullable, and has nulls", column->field->name);
    while (n > 0) {
        int64_t rows = rows_that_fit(column, in, first, n);
        if (rows == 0) {
            DZR_TRY(dzr__column_end_page(column, press, false, err));
            continue;
        }
        bool full = false;
        DZR_TRY(append_rows(column, press, in, first, &rows, &full, err));
        if (full)
            DZR_TRY(dzr__column_leave_dictionary(column, press, err));
        first += rows;
        n -= rows;
    }
    return DZR_OK;
}

/* ---- the chunk's end ---- */

static dzr_status store_dictionary(dzr_column_writer *column, dzr_page_press *press, dzr_error *err)
{
    const dzr_dictionary *const dictionary = &column->dictionary;
    dzr_meta_page page = {
            .has = 1u << DZR_PAGE_HAS_DICTIONARY,
            .type = DZR_PAGE_DICTIONARY,
            .dictionary = {.num_values = (int32_t)dictionary->n, .encoding = DZR_ENCODING_PLAIN},
    };
    dzr_pressed pressed;
    DZR_TRY(dzr__page_press(press, column->codec, column->level, &page, (dzr_bytes){0},
            (dzr_bytes){dictionary->plain.at, dictionary->plain.len}, &pressed, err));
    column->dictionary_uncompressed = (int64_t)(pressed.header.len + dictionary->plain.len);
    return dzr__segments_append(&column->dictionary_page, pressed.header, pressed.values, err);
}

dzr_status dzr__column_end(dzr_column_writer *column, dzr_page_press *press, dzr_error *err)
{
    DZR_TRY(dzr__column_end_page(column, press, true, err));
    return column->n_code_pages > 0 ? store_dictionary(column, press, err) : DZR_OK;
}

static dzr_status copy_bytes(dzr_bytes *bytes, dzr_arena *arena, dzr_error *err)
{
    const char *const copy = dzr__arena_text(arena, bytes->at, bytes->len, err);
    if (copy == NULL)
        return dzr__arena_status(err);
    bytes->at = (const uint8_t *)copy;
    return DZR_OK;
}

static dzr_status fill_statistics(dzr_column_writer *column, dzr_arena *arena, dzr_meta_statistics *out, dzr_error *err)
{
    out->has = 1u << DZR_STATISTICS_NULL_COUNT;
    out->null_count = column->chunk_levels - column->chunk_values;
    dzr__minmax_finish(&column->minmax, column->leaf, out);
    if (DZR_HAS(out, DZR_STATISTICS_MIN_VALUE))
        DZR_TRY(copy_bytes(&out->min_value, arena, err));
    if (DZR_HAS(out, DZR_STATISTICS_MAX_VALUE))
        DZR_TRY(copy_bytes(&out->max_value, arena, err));
    return DZR_OK;
}

static void add_encoding(dzr_meta_column *meta, int32_t encoding)
{
    for (int32_t i = 0; i < meta->encodings.n; i++)
        if (meta->encodings.at[i] == encoding)
            return;
    meta->encodings.at[meta->encodings.n++] = encoding;
}

static void add_encoding_stats(dzr_meta_column *meta, int32_t page_type, int32_t encoding, int32_t n_pages)
{
    if (n_pages > 0)
        meta->encoding_stats.at[meta->encoding_stats.n++] =
                (dzr_meta_encoding_stats){.page_type = page_type, .encoding = encoding, .count = n_pages};
}

/* Lists what the pages really have: levels only in an optional column, a dictionary only where one was stored. */
static dzr_status fill_encodings(
        const dzr_column_writer *column, dzr_arena *arena, dzr_meta_column *meta, dzr_error *err)
{
    const bool codes = column->n_code_pages > 0;
    const int32_t data_page = column->v2 ? DZR_PAGE_DATA_V2 : DZR_PAGE_DATA;
    meta->encodings.at = dzr__arena_zeroed(arena, 3, sizeof *meta->encodings.at, err);
    if (meta->encodings.at == NULL)
        return dzr__arena_status(err);
    meta->encoding_stats.at = dzr__arena_zeroed(arena, 3, sizeof *meta->encoding_stats.at, err);
    if (meta->encoding_stats.at == NULL)
        return dzr__arena_status(err);
    meta->has |= 1u << DZR_COLUMN_ENCODING_STATS;
    add_encoding(meta, column->encoding); /* of data pages; PLAIN, of the dictionary too */
    if (column->max_def > 0)              /* repetition levels are never alone */
        add_encoding(meta, DZR_ENCODING_RLE);
    if (codes)
        add_encoding(meta, DZR_ENCODING_RLE_DICTIONARY);
    add_encoding_stats(meta, DZR_PAGE_DICTIONARY, DZR_ENCODING_PLAIN, codes ? 1 : 0);
    add_encoding_stats(meta, data_page, DZR_ENCODING_RLE_DICTIONARY, column->n_code_pages);
    add_encoding_stats(meta, data_page, column->encoding, column->n_value_pages);
    return DZR_OK;
}

static void start_chunk(dzr_column_writer *column)
{
    dzr__dictionary_clear(&column->dictionary);
    dzr__page_index_clear(&column->index);
    dzr__segments_clear(&column->pages);
    dzr__segments_clear(&column->dictionary_page);
    column->use_dictionary = column->on_trial = column->dictionary.max_bytes > 0;
    column->minmax = (dzr_minmax){.total = column->leaf->total_order};
    column->chunk_levels = column->chunk_values = column->dictionary_values = 0;
    column->plain_bytes = column->uncompressed_size = 0;
    column->n_value_pages = column->n_code_pages = 0;
    start_page(column);
}

/* The pages of `segments` to the sink, counted. */
static dzr_status write_pages(const dzr_segments *segments, int64_t uncompressed, dzr_sink *sink, uint64_t *offset,
        dzr_meta_column *meta, dzr_error *err)
{
    DZR_TRY(dzr__segments_write(segments, sink, err));
    *offset += segments->n_bytes;
    meta->compressed_size += (int64_t)segments->n_bytes;
    meta->uncompressed_size += uncompressed;
    return DZR_OK;
}

dzr_status dzr__column_flush(dzr_column_writer *column, dzr_sink *sink, uint64_t *offset, dzr_arena *arena,
        dzr_indexes *indexes, dzr_meta_chunk *chunk, dzr_error *err)
{
    dzr_meta_column *const meta = &chunk->meta;
    *meta = (dzr_meta_column){
            .has = 1u << DZR_COLUMN_STATISTICS,
            .type = (int32_t)column->physical,
            .codec = (int32_t)column->codec,
            .num_values = column->chunk_levels,
    };
    if (column->n_code_pages > 0) {
        meta->has |= 1u << DZR_COLUMN_DICTIONARY_PAGE_OFFSET;
        meta->dictionary_page_offset = (int64_t)*offset;
        DZR_TRY(write_pages(&column->dictionary_page, column->dictionary_uncompressed, sink, offset, meta, err));
    }
    DZR_TRY(fill_statistics(column, arena, &meta->statistics, err));
    DZR_TRY(fill_encodings(column, arena, meta, err));
    DZR_TRY(dzr__page_index_finish(&column->index, *offset, indexes, arena, chunk, err));
    meta->data_page_offset = (int64_t)*offset;
    DZR_TRY(write_pages(&column->pages, column->uncompressed_size, sink, offset, meta, err));
    start_chunk(column);
    return DZR_OK;
}
