/* parquet/writer/dictionary.c - distinct values and their codes: one open-addressed table, keys beside codes, never
 * more than half full. Numbers are equal when their bits are (so NaN and -0 keep theirs). Called by column.c with dense
 * values. Spec: parquet-format Encodings.md, "Dictionary Encoding". */
#include "parquet/writer/writer.h"

#include <assert.h>

enum {
    FIRST_SLOTS = 1024,
    SPARSE_SLOTS = 1 << 15, /* tables up to this size are a quarter full at most, larger ones half full */
    /* Slots a new entry may stand from where its hash points. Chance does not get there in a half-full table; values
     * made to share a hash do, and end the dictionary before each look-up takes as long as it has entries. */
    MOST_PROBES = 256,
};

/* code 0 marks an empty slot; otherwise it is one more than the entry's number. */
typedef struct slot32 {
    uint32_t key;
    uint32_t code;
} slot32;

typedef struct slot64 {
    uint64_t key;
    uint32_t code;
    uint32_t unused;
} slot64;

/* Of strings, and of values that have another length than numbers. */
typedef struct slot_string {
    uint32_t hash;
    uint32_t code;
} slot_string;

/* ---- hashing: a product of 128 bits, folded ---- */

__extension__ typedef unsigned __int128 wide;

static inline uint64_t mix(uint64_t a, uint64_t b)
{
    const wide product = (wide)(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xd6e8feb86659fd93u);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint32_t hash_number(uint64_t key)
{
    return (uint32_t)mix(key, 0);
}

/* Two words at a time, the last ones wherever they begin. Up to 24 bytes, as most strings that are no views have, take
 * three words that overlap, without a branch on their number. */
static inline uint32_t hash_bytes(const uint8_t *at, size_t len)
{
    uint64_t h = len;
    if (len < 8) {
        uint64_t word = 0;
        memcpy(&word, at, len);
        return (uint32_t)mix(word, h);
    }
    if (len <= 24)
        return (uint32_t)mix(
                mix(dzr__load_u64(at) ^ h, dzr__load_u64(at + (len - 8) / 2)), dzr__load_u64(at + len - 8));
    for (size_t i = 0; i + 16 < len; i += 16)
        h = mix(dzr__load_u64(at + i) ^ h, dzr__load_u64(at + i + 8));
    return (uint32_t)mix(dzr__load_u64(at + len - 16) ^ h, dzr__load_u64(at + len - 8));
}

/* ---- the table ---- */

typedef enum kind { KIND_32, KIND_64, KIND_STRING, KIND_FIXED } kind;

static kind kind_of(dzr_type type)
{
    switch (dzr__physical_of(type)) {
    case DZR_PHYSICAL_BYTE_ARRAY:
        return KIND_STRING;
    case DZR_PHYSICAL_INT64:
    case DZR_PHYSICAL_DOUBLE:
        return KIND_64;
    case DZR_PHYSICAL_FIXED:
        return KIND_FIXED;
    default:
        return KIND_32;
    }
}

/* Bytes of a value of KIND_FIXED. */
static size_t fixed_size(const dzr_dictionary *dictionary)
{
    return dzr_type_bits(dictionary->type) / 8;
}

static const size_t slot_sizes[] = {[KIND_32] = sizeof(slot32),
        [KIND_64] = sizeof(slot64),
        [KIND_STRING] = sizeof(slot_string),
        [KIND_FIXED] = sizeof(slot_string)};

/* Puts the slots of the old table into the new one, where all keys differ. */
#define MOVE_SLOTS(slot, hash)                                                                                         \
    do {                                                                                                               \
        const slot *const old = dictionary->slots;                                                                     \
        slot *const new = slots;                                                                                       \
        for (uint32_t i = 0; i < dictionary->n_slots; i++) {                                                           \
            if (old[i].code == 0)                                                                                      \
                continue;                                                                                              \
            uint32_t at = (hash) & (n_slots - 1);                                                                      \
            while (new[at].code != 0)                                                                                  \
                at = (at + 1) & (n_slots - 1);                                                                         \
            new[at] = old[i];                                                                                          \
        }                                                                                                              \
    } while (0)

static dzr_status grow_table(dzr_dictionary *dictionary, dzr_error *err)
{
    const uint32_t n_slots = dictionary->n_slots == 0 ? FIRST_SLOTS : dictionary->n_slots * 2;
    const kind of = kind_of(dictionary->type);
    void *const slots = dzr_alloc_zeroed(dictionary->alloc, n_slots, slot_sizes[of], err);
    if (slots == NULL)
        return DZR_ERR_NOMEM;
    assert(dictionary->n_slots == 0 || dictionary->slots != NULL);
    switch (of) {
    case KIND_32:
        MOVE_SLOTS(slot32, hash_number(old[i].key));
        break;
    case KIND_64:
        MOVE_SLOTS(slot64, hash_number(old[i].key));
        break;
    case KIND_STRING:
    case KIND_FIXED:
        MOVE_SLOTS(slot_string, old[i].hash);
        break;
    }
    dzr_release(dictionary->alloc, dictionary->slots);
    dictionary->slots = slots;
    dictionary->n_slots = n_slots;
    return DZR_OK;
}

/* Whether the table has as many entries as it may. A sparse one finds most values where their hash points or beside it,
 * which the loops below look at without a branch; a large one would cost more in cache than that gains. */
static inline bool table_is_full(const dzr_dictionary *dictionary)
{
    const uint32_t n_slots = dictionary->n_slots;
    return dictionary->n >= (n_slots <= SPARSE_SLOTS ? n_slots / 4 : n_slots / 2);
}

/* ---- encoding: each loop ends early, at *n_done, when the dictionary may grow no further ---- */

/* Values of a number. find_<size> is for those that are not at hand: one more than the code; 0 where there is no room,
 * or no memory, which *st then says. */
#define ENCODE_NUMBERS(size, number, slot)                                                                             \
    static __attribute__((noinline))                                                                                   \
    uint32_t find_##size(dzr_dictionary *dictionary, number key, dzr_status *st, dzr_error *err)                       \
    {                                                                                                                  \
        slot *const slots = dictionary->slots;                                                                         \
        const uint32_t mask = dictionary->n_slots - 1, home = hash_number(key) & mask;                                 \
        uint32_t at = home;                                                                                            \
        while (slots[at].code != 0 && slots[at].key != key)                                                            \
            at = (at + 1) & mask;                                                                                      \
        if (slots[at].code != 0)                                                                                       \
            return slots[at].code;                                                                                     \
        if (dictionary->plain.len + sizeof key > dictionary->max_bytes || ((at - home) & mask) > MOST_PROBES)          \
            return 0;                                                                                                  \
        if ((*st = dzr__bytebuf_append(&dictionary->plain, &key, sizeof key, err)) != DZR_OK)                          \
            return 0;                                                                                                  \
        slots[at].key = key;                                                                                           \
        slots[at].code = ++dictionary->n;                                                                              \
        const uint32_t code = dictionary->n;                                                                           \
        if (table_is_full(dictionary))                                                                                 \
            *st = grow_table(dictionary, err);                                                                         \
        return *st == DZR_OK ? code : 0;                                                                               \
    }                                                                                                                  \
                                                                                                                       \
    static dzr_status encode_##size(dzr_dictionary *dictionary, const void *values, int64_t n, uint32_t *codes,        \
            int64_t *n_done, dzr_error *err)                                                                           \
    {                                                                                                                  \
        const number *const in = values;                                                                               \
        dzr_status st = DZR_OK;                                                                                        \
        int64_t i = 0;                                                                                                 \
        for (; i < n; i++) {                                                                                           \
            const slot *const slots = dictionary->slots;                                                               \
            const uint32_t mask = dictionary->n_slots - 1, at = hash_number(in[i]) & mask;                             \
            const slot first = slots[at], second = slots[(at + 1) & mask];                                             \
            uint32_t code = second.key == in[i] ? second.code : 0;                                                     \
            code = first.key == in[i] ? first.code : code;                                                             \
            if (DZR_UNLIKELY(code == 0) && (code = find_##size(dictionary, in[i], &st, err)) == 0)                     \
                break;                                                                                                 \
            codes[i] = code - 1;                                                                                       \
        }                                                                                                              \
        *n_done = i;                                                                                                   \
        return st;                                                                                                     \
    }

ENCODE_NUMBERS(32, uint32_t, slot32)
ENCODE_NUMBERS(64, uint64_t, slot64)

/* A view as two words: a short value is both of them, a long one's first has its length and first bytes. The bytes
 * behind a short value are zero; where a foreign batch breaks that, the value has two entries, which is allowed. */
typedef struct words {
    uint64_t low, high;
} words;

static inline words words_of(const dzr_view *view)
{
    words w;
    memcpy(&w, view, sizeof w);
    return w;
}

/* Of two strings of the same length, 8 or more; as hash_bytes. */
static inline bool same_bytes(const uint8_t *a, const uint8_t *b, size_t len)
{
    const uint64_t differ = dzr__load_u64(a) ^ dzr__load_u64(b);
    const uint64_t at_end = dzr__load_u64(a + len - 8) ^ dzr__load_u64(b + len - 8);
    if (len <= 24)
        return (differ | at_end | (dzr__load_u64(a + (len - 8) / 2) ^ dzr__load_u64(b + (len - 8) / 2))) == 0;
    return (differ | at_end) == 0 && memcmp(a + 8, b + 8, len - 16) == 0;
}

static inline bool same_value(words w, dzr_bytes bytes, const dzr_dictionary *dictionary, uint32_t code)
{
    const dzr_view *const entry = (const dzr_view *)(const void *)dictionary->views.at + (code - 1);
    const words of_entry = words_of(entry);
    if (w.low != of_entry.low)
        return false;
    if (bytes.len <= DZR_VIEW_INLINE)
        return w.high == of_entry.high;
    return same_bytes(bytes.at, dictionary->plain.at + entry->as.ref.offset, bytes.len);
}

static dzr_status add_string(dzr_dictionary *dictionary, const dzr_view *view, dzr_bytes bytes, dzr_error *err)
{
    const uint32_t len = (uint32_t)bytes.len;
    DZR_TRY(dzr__bytebuf_append(&dictionary->plain, &len, sizeof len, err));
    dzr_view entry = *view;
    if (view->len > DZR_VIEW_INLINE) {
        entry.as.ref.buffer = 0;
        entry.as.ref.offset = (int32_t)dictionary->plain.len;
    }
    DZR_TRY(dzr__bytebuf_append(&dictionary->plain, bytes.at, bytes.len, err));
    return dzr__bytebuf_append(&dictionary->views, &entry, sizeof entry, err);
}

/* As find_32. */
static __attribute__((noinline)) uint32_t find_string(dzr_dictionary *dictionary, const dzr_view *view, dzr_bytes bytes,
        uint32_t hash, dzr_status *st, dzr_error *err)
{
    slot_string *const slots = dictionary->slots;
    const uint32_t mask = dictionary->n_slots - 1;
    uint32_t at = hash & mask;
    while (slots[at].code != 0 &&
            !(slots[at].hash == hash && same_value(words_of(view), bytes, dictionary, slots[at].code)))
        at = (at + 1) & mask;
    if (slots[at].code != 0)
        return slots[at].code;
    if (bytes.len + sizeof(uint32_t) > dictionary->max_bytes - dictionary->plain.len ||
            ((at - hash) & mask) > MOST_PROBES)
        return 0;
    if ((*st = add_string(dictionary, view, bytes, err)) != DZR_OK)
        return 0;
    slots[at] = (slot_string){.hash = hash, .code = ++dictionary->n};
    const uint32_t code = dictionary->n;
    if (table_is_full(dictionary))
        *st = grow_table(dictionary, err);
    return *st == DZR_OK ? code : 0;
}

static dzr_status encode_strings(
        dzr_dictionary *dictionary, const dzr_column *values, uint32_t *codes, int64_t *n_done, dzr_error *err)
{
    const dzr_view *const views = values->values;
    dzr_status st = DZR_OK;
    int64_t i = 0, n_bytes = 0;
    for (; i < values->n_rows; i++) {
        const words w = words_of(&views[i]);
        const dzr_bytes bytes = dzr_column_bytes(values, i);
        const uint32_t hash =
                bytes.len <= DZR_VIEW_INLINE ? (uint32_t)mix(w.low, w.high) : hash_bytes(bytes.at, bytes.len);
        const slot_string *const slots = dictionary->slots;
        const uint32_t mask = dictionary->n_slots - 1, at = hash & mask;
        const slot_string first = slots[at], second = slots[(at + 1) & mask];
        uint32_t code = second.hash == hash ? second.code : 0;
        code = first.hash == hash ? first.code : code;
        if (DZR_UNLIKELY(code == 0 || !same_value(w, bytes, dictionary, code)))
            code = find_string(dictionary, &views[i], bytes, hash, &st, err);
        if (DZR_UNLIKELY(code == 0))
            break;
        codes[i] = code - 1;
        n_bytes += (int64_t)(sizeof(uint32_t) + bytes.len);
    }
    dictionary->plain_bytes += n_bytes;
    *n_done = i;
    return st;
}

/* Values of one length, which stand in the dictionary one after the other. */
static dzr_status encode_fixed(
        dzr_dictionary *dictionary, const dzr_column *values, uint32_t *codes, int64_t *n_done, dzr_error *err)
{
    const size_t size = fixed_size(dictionary);
    for (int64_t i = 0; i < values->n_rows; i++) {
        const uint8_t *const value = (const uint8_t *)values->values + size * (size_t)i;
        const uint32_t hash = hash_bytes(value, size);
        slot_string *const slots = dictionary->slots;
        const uint32_t mask = dictionary->n_slots - 1;
        uint32_t at = hash & mask;
        while (slots[at].code != 0 &&
                !(slots[at].hash == hash &&
                        memcmp(dictionary->plain.at + size * (slots[at].code - 1), value, size) == 0))
            at = (at + 1) & mask;
        if (DZR_UNLIKELY(slots[at].code == 0)) {
            if (size > dictionary->max_bytes - dictionary->plain.len || ((at - hash) & mask) > MOST_PROBES)
                return DZR_OK;
            DZR_TRY(dzr__bytebuf_append(&dictionary->plain, value, size, err));
            slots[at] = (slot_string){.hash = hash, .code = ++dictionary->n};
        }
        codes[i] = slots[at].code - 1;
        *n_done = i + 1;
        if (DZR_UNLIKELY(table_is_full(dictionary)))
            DZR_TRY(grow_table(dictionary, err));
    }
    return DZR_OK;
}

dzr_status dzr__dictionary_encode(
        dzr_dictionary *dictionary, const dzr_column *values, dzr_bytebuf *codes, int64_t *n_done, dzr_error *err)
{
    *n_done = 0;
    const int64_t n = values->n_rows;
    if (n == 0)
        return DZR_OK;
    dictionary->type = values->type;
    DZR_TRY(dzr__bytebuf_reserve(codes, (size_t)n * sizeof(uint32_t), err));
    if (dictionary->slots == NULL)
        DZR_TRY(grow_table(dictionary, err));
    uint32_t *const out = (uint32_t *)(void *)(codes->at + codes->len);
    switch (kind_of(values->type)) {
    case KIND_32:
        DZR_TRY(encode_32(dictionary, values->values, n, out, n_done, err));
        dictionary->plain_bytes += *n_done * 4;
        break;
    case KIND_64:
        DZR_TRY(encode_64(dictionary, values->values, n, out, n_done, err));
        dictionary->plain_bytes += *n_done * 8;
        break;
    case KIND_STRING:
        DZR_TRY(encode_strings(dictionary, values, out, n_done, err));
        break;
    case KIND_FIXED:
        DZR_TRY(encode_fixed(dictionary, values, out, n_done, err));
        dictionary->plain_bytes += *n_done * (int64_t)fixed_size(dictionary);
        break;
    }
    codes->len += (size_t)*n_done * sizeof(uint32_t);
    return DZR_OK;
}

/* ---- what it holds ---- */

void dzr__dictionary_entries(const dzr_dictionary *dictionary, dzr_bytes *data, dzr_column *out)
{
    const bool strings = kind_of(dictionary->type) == KIND_STRING;
    *data = (dzr_bytes){dictionary->plain.at, dictionary->plain.len};
    *out = (dzr_column){
            .type = dictionary->type,
            .n_rows = dictionary->n,
            .values = strings ? dictionary->views.at : dictionary->plain.at,
            .data = data,
            .n_data = 1,
    };
}

dzr_status dzr__dictionary_values(const dzr_dictionary *dictionary, const uint32_t *codes, int64_t n, dzr_bytes *data,
        dzr_bytebuf *scratch, dzr_column *out, dzr_error *err)
{
    dzr_column entries;
    dzr__dictionary_entries(dictionary, data, &entries);
    scratch->len = 0;
    DZR_TRY(dzr__bytebuf_reserve(scratch, (size_t)n * DZR_MAX(fixed_size(dictionary), sizeof(dzr_view)), err));
    switch (kind_of(dictionary->type)) {
    case KIND_32:
        for (int64_t i = 0; i < n; i++)
            ((uint32_t *)(void *)scratch->at)[i] = ((const uint32_t *)entries.values)[codes[i]];
        break;
    case KIND_64:
        for (int64_t i = 0; i < n; i++)
            ((uint64_t *)(void *)scratch->at)[i] = ((const uint64_t *)entries.values)[codes[i]];
        break;
    case KIND_STRING:
        for (int64_t i = 0; i < n; i++)
            ((dzr_view *)(void *)scratch->at)[i] = ((const dzr_view *)entries.values)[codes[i]];
        break;
    case KIND_FIXED: {
        const size_t size = fixed_size(dictionary);
        for (int64_t i = 0; i < n; i++)
            memcpy(scratch->at + size * (size_t)i, (const uint8_t *)entries.values + size * codes[i], size);
        break;
    }
    }
    *out = entries;
    out->n_rows = n;
    out->values = scratch->at;
    return DZR_OK;
}

void dzr__dictionary_close(dzr_dictionary *dictionary)
{
    dzr_release(dictionary->alloc, dictionary->slots);
    dictionary->slots = NULL;
    dictionary->n_slots = 0;
}

void dzr__dictionary_clear(dzr_dictionary *dictionary)
{
    dictionary->plain.len = dictionary->views.len = 0;
    dictionary->n = 0;
    dictionary->plain_bytes = 0;
    if (dictionary->slots != NULL)
        memset(dictionary->slots, 0, dictionary->n_slots * slot_sizes[kind_of(dictionary->type)]);
}

void dzr__dictionary_fini(dzr_dictionary *dictionary)
{
    dzr__dictionary_close(dictionary);
    dzr__bytebuf_fini(&dictionary->plain);
    dzr__bytebuf_fini(&dictionary->views);
}
