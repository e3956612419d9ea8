/* json/index.c - where the tokens of a text start: from simdjson, or one by one for texts that simdjson refuses.
 * Called by array.c and lines.c once a page or block of lines, before token.c and record.c walk over the tokens.
 * A token starts at each of []{}:, outside strings, at a string's opening quote, and where a run of other bytes that
 * are no white space begins. What a run holds is checked by who takes it. */
#include "json/internal.h"

dzr_status dzr__json_index_init(dzr__json_index *index, const dzr_allocator *alloc, dzr_error *err)
{
    *index = (dzr__json_index){.alloc = alloc, .simd = dzr__json_simd_new()};
    if (index->simd == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory: simdjson has none for a parser");
    return DZR_OK;
}

void dzr__json_index_fini(dzr__json_index *index)
{
    dzr__json_simd_free(index->simd);
    dzr_release(index->alloc, index->slow);
    *index = (dzr__json_index){.simd = NULL};
}

/* The byte after the string that opens at `at`; len when it has no end. */
static size_t past_string(const uint8_t *text, size_t len, size_t at)
{
    for (size_t i = at + 1; i < len; i++) {
        if (text[i] == '"')
            return i + 1;
        if (text[i] == '\\')
            i++;
    }
    return len;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool is_punctuation(uint8_t byte)
{
    return byte == '{' || byte == '}' || byte == '[' || byte == ']' || byte == ':' || byte == ',';
}

/* Counts the tokens and, with `out`, notes where they start. */
static size_t find_tokens(const uint8_t *text, size_t len, uint32_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < len;) {
        if (is_space(text[i])) {
            i++;
            continue;
        }
        if (out != NULL)
            out[n] = (uint32_t)i;
        n++;
        if (text[i] == '"') {
            i = past_string(text, len, i);
        } else if (is_punctuation(text[i])) {
            i++;
        } else {
            while (i < len && !is_space(text[i]) && !is_punctuation(text[i]))
                i++;
        }
    }
    return n;
}

static dzr_status check_size(dzr_bytes text, dzr_error *err)
{
    if (text.len >= UINT32_MAX)
        return dzr_fail(err, DZR_ERR_LIMIT, "a JSON text of %zu bytes, the limit is 4 GiB", text.len);
    return DZR_OK;
}

dzr_status dzr__json_index_slowly(dzr__json_index *index, dzr_bytes text, dzr_error *err)
{
    DZR_TRY(check_size(text, err));
    const size_t n = find_tokens(text.at, text.len, NULL);
    if (n >= index->slow_cap) {
        uint32_t *const grown = dzr_alloc_array(index->alloc, n + 1, sizeof *grown, err);
        if (grown == NULL)
            return DZR_ERR_NOMEM;
        dzr_release(index->alloc, index->slow);
        index->slow = grown;
        index->slow_cap = n + 1;
    }
    (void)find_tokens(text.at, text.len, index->slow);
    index->slow[n] = (uint32_t)text.len;
    index->text = text.at;
    index->len = text.len;
    index->at = index->slow;
    index->n = n;
    index->clean = false;
    return DZR_OK;
}

dzr_status dzr__json_index_text(dzr__json_index *index, dzr_bytes text, dzr_error *err)
{
    DZR_TRY(check_size(text, err));
    const dzr_status st = dzr__json_simd_index(index->simd, text.at, text.len, &index->at, &index->n);
    if (st == DZR_ERR_NOMEM)
        return dzr_fail(err, st, "out of memory: simdjson has none for a text of %zu bytes", text.len);
    if (st != DZR_OK)
        return dzr__json_index_slowly(index, text, err);
    index->text = text.at;
    index->len = text.len;
    index->clean = true;
    return DZR_OK;
}
