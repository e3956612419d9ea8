/* parquet/writer/dictionary.c - distinct values and their codes: one open-addressed table, keys beside codes, never
 * more than half full. Numbers are equal when their bits are (so NaN and -0 keep theirs). Called by column.c with dense
 * values. Spec: parquet-format Encodings.md, "Dictionary Encoding". */
#include "parquet/writer/writer.h"

#include <assert.h>

enum {
    FIRST_SLOTS = 1024,
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

static uint32_t hash_bytes(const uint8_t *at, size_t len)
{
    uint64_t h = len;
    for (; len > 16; at += 16, len -= 16)
        h = mix(dzr__load_u64(at) ^ h, dzr__load_u64(at + 8));
    uint64_t last[2] = {0};
    memcpy(last, at, len);
    return (uint32_t)mix(last[0] ^ h, last[1]);
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

/* Whether another entry would leave the table more than half full. */
static inline bool table_is_full(const dzr_dictionary *dictionary)
{
    return dictionary->n >= dictionary->n_slots / 2;
}

/* ---- encoding ---- */

/* Values of a number of `size` bytes. The loop ends early when the dictionary may grow no further. */
#define ENCODE_NUMBERS(name, number, slot, key_of)                                                                     \
    static dzr_status name(dzr_dictionary *dictionary, const void *values, int64_t n, uint32_t *codes,                 \
            int64_t *n_done, dzr_error *err)                                                                           \
    {                                                                                                                  \
        const number *const in = values;                                                                               \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            const number key = in[i];                                                                                  \
            slot *const slots = dictionary->slots;                                                                     \
            const uint32_t mask = dictionary->n_slots - 1;                                                             \
            uint32_t at = hash_number(key) & mask;                                                                     \
            while (slots[at].code != 0 && slots[at].key != key)                                                        \
                at = (at + 1) & mask;                                                                                  \
            if (DZR_UNLIKELY(slots[at].code == 0)) {                                                                   \
                if (dictionary->plain.len + sizeof key > dictionary->max_bytes ||                                      \
                        ((at - hash_number(key)) & mask) > MOST_PROBES)                                                \
                    return DZR_OK;                                                                                     \
                DZR_TRY(dzr__bytebuf_append(&dictionary->plain, &key, sizeof key, err));                               \
                slots[at].key = key;                                                                                   \
                slots[at].code = ++dictionary->n;                                                                      \
                codes[i] = dictionary->n - 1;                                                                          \
                *n_done = i + 1;                                                                                       \
                if (table_is_full(dictionary))                                                                         \
                    DZR_TRY(grow_table(dictionary, err));                                                              \
                continue;                                                                                              \
            }                                                                                                          \
            codes[i] = slots[at].code - 1;                                                                             \
            *n_done = i + 1;                                                                                           \
        }                                                                                                              \
        return DZR_OK;                                                                                                 \
    }

ENCODE_NUMBERS(encode_32, uint32_t, slot32, )
ENCODE_NUMBERS(encode_64, uint64_t, slot64, )

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

static inline bool same_value(words w, dzr_bytes bytes, const dzr_view *entry, const uint8_t *plain)
{
    const words of_entry = words_of(entry);
    if (w.low != of_entry.low)
        return false;
    if (bytes.len <= DZR_VIEW_INLINE)
        return w.high == of_entry.high;
    return memcmp(bytes.at, plain + entry->as.ref.offset, bytes.len) == 0;
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

static dzr_status encode_strings(
        dzr_dictionary *dictionary, const dzr_column *values, uint32_t *codes, int64_t *n_done, dzr_error *err)
{
    const dzr_view *const views = values->values;
    for (int64_t i = 0; i < values->n_rows; i++) {
        const words w = words_of(&views[i]);
        const dzr_bytes bytes = dzr_column_bytes(values, i);
        const uint32_t hash =
                bytes.len <= DZR_VIEW_INLINE ? (uint32_t)mix(w.low, w.high) : hash_bytes(bytes.at, bytes.len);
        slot_string *const slots = dictionary->slots;
        const dzr_view *const entries = (const dzr_view *)(const void *)dictionary->views.at;
        const uint32_t mask = dictionary->n_slots - 1;
        uint32_t at = hash & mask;
        while (slots[at].code != 0 &&
                !(slots[at].hash == hash && same_value(w, bytes, &entries[slots[at].code - 1], dictionary->plain.at)))
            at = (at + 1) & mask;
        if (DZR_UNLIKELY(slots[at].code == 0)) {
            if (bytes.len + sizeof(uint32_t) > dictionary->max_bytes - dictionary->plain.len ||
                    ((at - hash) & mask) > MOST_PROBES)
                return DZR_OK;
            DZR_TRY(add_string(dictionary, &views[i], bytes, err));
            slots[at] = (slot_string){.hash = hash, .code = ++dictionary->n};
        }
        codes[i] = slots[at].code - 1;
        *n_done = i + 1;
        dictionary->plain_bytes += (int64_t)(sizeof(uint32_t) + bytes.len);
        if (DZR_UNLIKELY(table_is_full(dictionary)))
            DZR_TRY(grow_table(dictionary, err));
    }
    return DZR_OK;
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
