/* cmd/datarizer/meta_table.c - `datarizer meta` for people: the file, its columns in total, then, when asked, its row
 * groups, each column of those, and pages. */
#include "cmd/datarizer/meta.h"

#include "cmd/common/try.h"
#include "cmd/datarizer/values.h"

#include <inttypes.h>
#include <string.h>

enum { CELL = 96, BOUND_BYTES = 40, MOST_CELLS = 12 };

/* "1.5 MiB"; bytes below 10 KiB as they are. */
static void put_size(double n_bytes, char out[CELL])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t unit = 0;
    for (; unit + 1 < sizeof units / sizeof *units && n_bytes >= (unit == 0 ? 10240 : 1024); unit++)
        n_bytes /= 1024;
    snprintf(out, CELL, unit == 0 ? "%.0f %s" : "%.1f %s", n_bytes, units[unit]);
}

static void put_ratio(double uncompressed, double compressed, char out[CELL])
{
    snprintf(out, CELL, compressed > 0 ? "%.2f" : "-", uncompressed / compressed);
}

/* Adds a name to a list with commas, once, while there is room. */
static void add_name(char out[CELL], const char *name)
{
    const size_t len = strlen(out), n = strlen(name);
    for (const char *at = out; (at = strstr(at, name)) != NULL; at++)
        if ((at == out || at[-1] == ',') && (at[n] == ',' || at[n] == '\0'))
            return;
    snprintf(out + len, CELL - len, "%s%s", len > 0 ? "," : "", name);
}

static void put_bounds(
        const meta_choice *what, int32_t column, const dzr_parquet_chunk *chunk, char min[CELL], char max[CELL])
{
    dzr_batch *batch = NULL;
    if (!chunk->has_min_max || !meta_bounds(what->parquet, column, chunk->min, chunk->max, &batch))
        return;
    value_text(batch, 0, 0, BOUND_BYTES, min, CELL);
    value_text(batch, 0, 1, BOUND_BYTES, max, CELL);
    dzr_batch_free(batch);
}

/* ---- tables ---- */

typedef struct sheet {
    grid g;
    char cells[MOST_CELLS][CELL];
} sheet;

static dzr_status begin(
        sheet *s, const char *const *names, int32_t n, int32_t first_number, int32_t n_numbers, dzr_error *err)
{
    TRY(grid_begin_text(&s->g, names, n, err));
    for (int32_t i = 0; i < n_numbers; i++)
        s->g.right[first_number + i] = true;
    return DZR_OK;
}

static dzr_status add(sheet *s, dzr_error *err)
{
    const char *texts[MOST_CELLS];
    for (int32_t i = 0; i < MOST_CELLS; i++)
        texts[i] = s->cells[i];
    const dzr_status st = grid_add_text(&s->g, texts, err);
    memset(s->cells, 0, sizeof s->cells);
    return st;
}

static void put_number(char out[CELL], int64_t number)
{
    snprintf(out, CELL, "%" PRId64, number);
}

/* The path as a cell may have it: cut at a character. */
static void put_text(char out[CELL], const char *text)
{
    size_t n = strlen(text);
    if (n >= CELL)
        for (n = CELL - 1; ((uint8_t)text[n] & 0xc0) == 0x80;)
            n--;
    memcpy(out, text, n);
    out[n] = '\0';
}

/* ---- columns, all row groups together ---- */

static dzr_status add_total(const meta_choice *what, int32_t column, double of_all, sheet *s, dzr_error *err)
{
    double compressed = 0, uncompressed = 0;
    int64_t n_values = 0, n_nulls = 0;
    bool knows_nulls = true, bloom = false, index = false;
    const char *physical = "";
    for (int32_t i = 0; i < what->n_row_groups; i++) {
        dzr_parquet_chunk chunk;
        dzr_parquet_chunk_facts facts;
        char name[32];
        if (dzr_parquet_reader_chunk(what->parquet, what->row_groups[i], column, &chunk, NULL) != DZR_OK)
            continue; /* encrypted */
        TRY(dzr_parquet_reader_chunk_facts(what->parquet, what->row_groups[i], column, &facts, err));
        physical = chunk.physical_type;
        compressed += (double)chunk.n_bytes;
        uncompressed += (double)chunk.n_bytes_uncompressed;
        n_values = (int64_t)((uint64_t)n_values + (uint64_t)chunk.n_values);
        n_nulls = (int64_t)((uint64_t)n_nulls + (uint64_t)chunk.n_nulls);
        knows_nulls = knows_nulls && chunk.has_null_count;
        bloom = bloom || facts.bloom_filter_offset != 0;
        index = index || facts.column_index_offset != 0;
        add_name(s->cells[2], meta_codec(chunk.codec, name));
        for (int32_t k = 0; k < facts.n_encodings; k++)
            add_name(s->cells[9], meta_encoding(facts.encodings[k], name));
    }
    put_text(s->cells[0], dzr_parquet_reader_path(what->parquet, column));
    put_text(s->cells[1], physical);
    put_number(s->cells[3], n_values);
    if (knows_nulls)
        put_number(s->cells[4], n_nulls);
    put_size(compressed, s->cells[5]);
    put_size(uncompressed, s->cells[6]);
    put_ratio(uncompressed, compressed, s->cells[7]);
    snprintf(s->cells[8], CELL, "%.1f %%", of_all > 0 ? 100 * compressed / of_all : 0.0);
    snprintf(s->cells[10], CELL, "%s%s%s", index ? "pages" : "", index && bloom ? "," : "", bloom ? "bloom" : "");
    return add(s, err);
}

static dzr_status print_columns(const meta_choice *what, sheet *s, dzr_error *err)
{
    static const char *const names[] = {
            "column", "type", "codec", "values", "nulls", "stored", "plain", "ratio", "share", "encodings", "indexes"};
    double of_all = 0;
    for (int32_t i = 0; i < what->n_row_groups; i++)
        of_all += (double)dzr_parquet_reader_group_facts(what->parquet, what->row_groups[i]).n_bytes;
    TRY(begin(s, names, 11, 3, 6, err));
    for (int32_t i = 0; i < what->n_columns; i++)
        TRY(add_total(what, what->columns[i], of_all, s, err));
    return grid_print(&s->g, terminal_width(), stdout, err);
}

/* ---- row groups and their chunks ---- */

static dzr_status add_chunk(const meta_choice *what, int32_t group, int32_t column, sheet *s, dzr_error *err)
{
    dzr_parquet_chunk chunk;
    char name[32];
    put_number(s->cells[0], group);
    put_text(s->cells[1], dzr_parquet_reader_path(what->parquet, column));
    if (dzr_parquet_reader_chunk(what->parquet, group, column, &chunk, NULL) != DZR_OK) {
        put_text(s->cells[2], "encrypted");
        return add(s, err);
    }
    put_text(s->cells[2], meta_codec(chunk.codec, name));
    put_number(s->cells[3], chunk.n_values);
    if (chunk.has_null_count)
        put_number(s->cells[4], chunk.n_nulls);
    put_size((double)chunk.n_bytes, s->cells[5]);
    put_ratio((double)chunk.n_bytes_uncompressed, (double)chunk.n_bytes, s->cells[6]);
    put_bounds(what, column, &chunk, s->cells[7], s->cells[8]);
    if (chunk.has_min_max)
        put_text(s->cells[9], chunk.min_exact && chunk.max_exact ? "exact" : "");
    return add(s, err);
}

static dzr_status print_chunks(const meta_choice *what, sheet *s, dzr_error *err)
{
    static const char *const names[] = {
            "group", "column", "codec", "values", "nulls", "stored", "ratio", "min", "max", "bounds"};
    TRY(begin(s, names, 10, 3, 4, err));
    s->g.right[0] = true;
    for (int32_t i = 0; i < what->n_row_groups; i++)
        for (int32_t k = 0; k < what->n_columns; k++)
            TRY(add_chunk(what, what->row_groups[i], what->columns[k], s, err));
    return grid_print(&s->g, terminal_width(), stdout, err);
}

/* ---- pages ---- */

typedef struct walk {
    const meta_choice *what;
    sheet *s;
    int32_t group, column, n;
} walk;

static dzr_status add_page(void *ctx, const dzr_parquet_page_facts *page, dzr_error *err)
{
    walk *const w = ctx;
    sheet *const s = w->s;
    char name[32];
    put_number(s->cells[0], w->group);
    put_text(s->cells[1], dzr_parquet_reader_path(w->what->parquet, w->column));
    put_number(s->cells[2], w->n++);
    put_number(s->cells[3], page->offset);
    put_number(s->cells[4], page->header_bytes);
    put_number(s->cells[5], page->n_bytes);
    put_number(s->cells[6], page->n_bytes_uncompressed);
    if (page->n_values >= 0)
        put_number(s->cells[7], page->n_values);
    put_text(s->cells[8], meta_page_type(page->type, name));
    if (page->encoding >= 0)
        put_text(s->cells[9], meta_encoding(page->encoding, name));
    if (page->has_crc)
        snprintf(s->cells[10], CELL, "%08" PRIx32, page->crc);
    TRY(add(s, err));
    return s->g.n_rows >= 1000 ? grid_flush(&s->g, terminal_width(), stdout, err) : DZR_OK;
}

static dzr_status print_pages(const meta_choice *what, sheet *s, dzr_error *err)
{
    static const char *const names[] = {
            "group", "column", "page", "byte", "header", "stored", "plain", "values", "kind", "encoding", "crc"};
    TRY(begin(s, names, 11, 2, 6, err));
    s->g.right[0] = true;
    for (int32_t i = 0; i < what->n_row_groups; i++)
        for (int32_t k = 0; k < what->n_columns; k++) {
            walk w = {.what = what, .s = s, .group = what->row_groups[i], .column = what->columns[k]};
            TRY(dzr_parquet_reader_each_page(what->parquet, w.group, w.column, add_page, &w, err));
        }
    return grid_print(&s->g, terminal_width(), stdout, err);
}

/* ---- the file ---- */

static void print_file(const meta_choice *what)
{
    const dzr_parquet_file_facts file = dzr_parquet_reader_file_facts(what->parquet);
    const int64_t n_rows = dzr_parquet_reader_n_rows(what->parquet);
    const int32_t n_groups = dzr_parquet_reader_n_row_groups(what->parquet);
    char size[CELL], footer[CELL];
    put_size((double)file.n_bytes, size);
    put_size((double)file.footer_bytes, footer);
    print_shown(what->file, stdout);
    printf(": Parquet version %" PRId32 ", %" PRId64 " row%s in %" PRId32
           " row group%s, %s, of which the footer has %s\n",
            file.version, n_rows, n_rows == 1 ? "" : "s", n_groups, n_groups == 1 ? "" : "s", size, footer);
    if (*dzr_parquet_reader_created_by(what->parquet) != '\0') {
        fputs("created by ", stdout);
        print_shown(dzr_parquet_reader_created_by(what->parquet), stdout);
        putchar('\n');
    }
    for (int32_t i = 0; i < dzr_parquet_reader_n_metadata(what->parquet); i++) {
        const dzr_parquet_metadata pair = dzr_parquet_reader_metadata(what->parquet, i);
        char key[CELL] = "";
        snprintf(key, sizeof key, "%.*s", (int)(pair.key.len < CELL ? pair.key.len : CELL - 1),
                (const char *)pair.key.at);
        fputs("metadata ", stdout);
        print_shown(key, stdout);
        printf(": %zu bytes\n", pair.value.len);
    }
    putchar('\n');
}

dzr_status meta_print_tables(const meta_choice *what, dzr_error *err)
{
    sheet s;
    memset(&s, 0, sizeof s);
    print_file(what);
    dzr_status st = print_columns(what, &s, err);
    grid_end(&s.g);
    if (st == DZR_OK && what->chunks) {
        putchar('\n');
        st = print_chunks(what, &s, err);
        grid_end(&s.g);
    }
    if (st == DZR_OK && what->pages) {
        putchar('\n');
        st = print_pages(what, &s, err);
        grid_end(&s.g);
    }
    return st;
}
