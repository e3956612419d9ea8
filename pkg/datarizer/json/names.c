/* json/names.c - which column, or field of a struct, a member belongs to. Called by record.c when a member is not the
 * one it expected there. Two hash tables over the fields: the names as they are, and, where case does not count,
 * folded. Folding is Unicode's simple case folding, as Go's encoding/json does it. */
#include "json/internal.h"

#include <unicase.h>
#include <unistr.h>

/* Simple folding through upper case puts the members of a fold set together (k, K and the Kelvin sign); of the letters
 * with no fold set of their own only the Turkish i's would be drawn in. */
static ucs4_t fold(ucs4_t code)
{
    enum { CAPITAL_I_WITH_DOT = 0x130, SMALL_I_WITHOUT_DOT = 0x131 };
    if (code < 0x80)
        return code >= 'A' && code <= 'Z' ? code + 0x20 : code;
    if (code == CAPITAL_I_WITH_DOT || code == SMALL_I_WITHOUT_DOT)
        return code;
    return uc_tolower(uc_toupper(code));
}

/* The folded name, which is well-formed UTF-8, into `out`. A folded character takes a byte more at most. */
static dzr_status fold_name(dzr_bytes name, dzr_bytebuf *out, dzr_error *err)
{
    out->len = 0;
    DZR_TRY(dzr__bytebuf_reserve(out, name.len * 2 + 6, err));
    for (size_t at = 0; at < name.len;) {
        ucs4_t code = name.at[at];
        const int n = code < 0x80 ? 1 : u8_mbtouc_unsafe(&code, name.at + at, name.len - at);
        at += (size_t)n;
        out->len += (size_t)u8_uctomb(out->at + out->len, fold(code), 6);
    }
    return DZR_OK;
}

static dzr_bytes column_name(const dzr__json_names *names, int32_t column)
{
    const char *const name = names->fields[column].name;
    return (dzr_bytes){.at = (const uint8_t *)name, .len = strlen(name)};
}

static int32_t look_up(const dzr__json_names *names, const int32_t *table, dzr_bytes name, uint32_t *slot)
{
    const uint32_t mask = names->n_slots - 1;
    for (uint32_t i = dzr__json_hash(name) & mask;; i = (i + 1) & mask) {
        *slot = i;
        if (table[i] == 0)
            return -1;
        const int32_t column = table[i] - 1;
        const dzr_bytes have = table == names->by_name ? column_name(names, column) : names->folded[column];
        if (have.len == name.len && memcmp(have.at, name.at, name.len) == 0)
            return column;
    }
}

/* The first column of a name keeps it; false for a later one. */
static bool enter(const dzr__json_names *names, int32_t *table, dzr_bytes name, int32_t column)
{
    uint32_t slot = 0;
    if (look_up(names, table, name, &slot) >= 0)
        return false;
    table[slot] = column + 1;
    return true;
}

/* The name as a text would most likely have it; one that needs an escape gets no such form and is looked up. */
static dzr_status quote(dzr__json_names *names, int32_t column, dzr_error *err)
{
    const dzr_bytes name = column_name(names, column);
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] < 0x20 || name.at[i] == '"' || name.at[i] == '\\')
            return DZR_OK;
    uint8_t *const quoted = dzr__arena_zeroed(&names->arena, 1, name.len + 3, err);
    if (quoted == NULL)
        return DZR_ERR_NOMEM;
    quoted[0] = quoted[name.len + 1] = '"';
    quoted[name.len + 2] = ':';
    memcpy(quoted + 1, name.at, name.len);
    names->quoted[column] = (dzr_bytes){.at = quoted, .len = name.len + 2};
    return DZR_OK;
}

static dzr_status enter_folded(dzr__json_names *names, int32_t column, dzr_error *err)
{
    DZR_TRY(fold_name(column_name(names, column), &names->folding, err));
    char *const folded = dzr__arena_text(&names->arena, names->folding.at, names->folding.len, err);
    if (folded == NULL)
        return DZR_ERR_NOMEM;
    names->folded[column] = (dzr_bytes){.at = (const uint8_t *)folded, .len = names->folding.len};
    (void)enter(names, names->by_folded, names->folded[column], column);
    return DZR_OK;
}

static dzr_status fill(dzr__json_names *names, dzr_error *err)
{
    const int32_t n = names->n_fields;
    names->n_slots = 16;
    while (names->n_slots < 2 * (uint32_t)n)
        names->n_slots *= 2;
    names->quoted = dzr__arena_zeroed(&names->arena, (size_t)n, sizeof *names->quoted, err);
    names->folded = dzr__arena_zeroed(&names->arena, (size_t)n, sizeof *names->folded, err);
    names->by_name = dzr__arena_zeroed(&names->arena, names->n_slots, sizeof *names->by_name, err);
    names->by_folded = dzr__arena_zeroed(&names->arena, names->n_slots, sizeof *names->by_folded, err);
    if (names->quoted == NULL || names->folded == NULL || names->by_name == NULL || names->by_folded == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < n; i++) {
        if (!enter(names, names->by_name, column_name(names, i), i))
            continue;
        DZR_TRY(quote(names, i, err));
        if (names->fold_case)
            DZR_TRY(enter_folded(names, i, err));
    }
    return DZR_OK;
}

dzr_status dzr__json_names_init(dzr__json_names *names, const dzr_field *fields, int32_t n_fields, bool fold_case,
        const dzr_allocator *alloc, dzr_error *err)
{
    *names = (dzr__json_names){.alloc = alloc, .fields = fields, .n_fields = n_fields, .fold_case = fold_case};
    names->folding.alloc = alloc;
    dzr__arena_init(&names->arena, alloc, 0);
    const dzr_status st = fill(names, err);
    if (st != DZR_OK)
        dzr__json_names_fini(names);
    return st;
}

void dzr__json_names_fini(dzr__json_names *names)
{
    dzr__arena_fini(&names->arena);
    dzr__bytebuf_fini(&names->folding);
}

dzr_status dzr__json_names_find(dzr__json_names *names, dzr_bytes name, int32_t *column, dzr_error *err)
{
    uint32_t slot = 0;
    *column = look_up(names, names->by_name, name, &slot);
    if (*column >= 0 || !names->fold_case)
        return DZR_OK;
    DZR_TRY(fold_name(name, &names->folding, err));
    *column = look_up(names, names->by_folded, (dzr_bytes){names->folding.at, names->folding.len}, &slot);
    return DZR_OK;
}
