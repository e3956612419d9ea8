/* parquet/arrow_schema/read.c - a message of Arrow's IPC format that holds a schema, to a tree of struct ArrowSchema.
 * Nothing in it is believed: every offset, length and number of entries is compared with the bytes there are, tables
 * may lie on top of each other, and what they cost is bounded by the arena. Called by base64.c. Spec: FlatBuffers,
 * "Internals"; apache/arrow format/Message.fbs, format/Schema.fbs; slots are the places of fields in their tables
 * there. */
#include "parquet/arrow_schema/arrow_schema.h"

enum {
    MESSAGE_HEADER_TYPE = 1,
    MESSAGE_HEADER = 2,
    HEADER_IS_SCHEMA = 1,
    SCHEMA_FIELDS = 1,
    SCHEMA_METADATA = 2,
    FIELD_NAME = 0,
    FIELD_NULLABLE = 1,
    FIELD_TYPE_TYPE = 2,
    FIELD_TYPE = 3,
    FIELD_DICTIONARY = 4,
    FIELD_CHILDREN = 5,
    FIELD_METADATA = 6,
    DICTIONARY_INDEX = 1,
    DICTIONARY_ORDERED = 2,
    PAIR_KEY = 0,
    PAIR_VALUE = 1,
    TIMESTAMP_ZONE = 1
};

typedef struct walk {
    dzr_bytes in; /* the flatbuffer */
    dzr_arena *arena;
    int32_t n_fields;
} walk;

/* ---- flatbuffers ---- */

/* A table: it begins at byte `at` of the buffer and takes n bytes; its vtable says at which of them each slot is. */
typedef struct table {
    const dzr_bytes *in;
    size_t at, n;
    size_t slots;
    int32_t n_slots;
} table;

static dzr_status broken(size_t at, const char *what, dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_CORRUPT, "byte %zu: %s", at, what);
}

static uint16_t load_u16(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* at is inside the buffer, or anywhere else. */
static bool fits(const dzr_bytes *in, size_t at, uint64_t n)
{
    return at <= in->len && n <= in->len - at;
}

/* What the offset at byte `at` (which is there) points to, in *out: somewhere behind it with room for another number.
 */
static dzr_status follow(const dzr_bytes *in, size_t at, size_t *out, dzr_error *err)
{
    const uint32_t offset = dzr__load_u32(in->at + at);
    if (offset == 0 || !fits(in, at, (uint64_t)offset + sizeof(uint32_t)))
        return broken(at, "an offset to nowhere", err);
    *out = at + offset;
    return DZR_OK;
}

/* The table at byte `at`, which has room for a number. */
static dzr_status read_table(const dzr_bytes *in, size_t at, table *out, dzr_error *err)
{
    const int64_t vtable = (int64_t)at - (int32_t)dzr__load_u32(in->at + at);
    if (vtable < 0 || !fits(in, (size_t)vtable, 4))
        return broken(at, "a table without a vtable", err);
    const uint16_t vtable_bytes = load_u16(in->at + vtable), n = load_u16(in->at + vtable + 2);
    if (vtable_bytes < 4 || !fits(in, (size_t)vtable, vtable_bytes) || n < 4 || !fits(in, at, n))
        return broken(at, "a table that is longer than what is left", err);
    *out = (table){.in = in, .at = at, .n = n, .slots = (size_t)vtable + 4, .n_slots = (vtable_bytes - 4) / 2};
    return DZR_OK;
}

/* The byte where a slot's n bytes are; 0 when the table does not have them. */
static size_t slot_at(const table *t, int32_t slot, size_t n)
{
    if (slot >= t->n_slots)
        return 0;
    const size_t at = load_u16(t->in->at + t->slots + 2 * (size_t)slot);
    return at < 4 || at > t->n || n > t->n - at ? 0 : t->at + at;
}

/* A number of 1, 2 or 4 bytes. */
static int32_t number(const table *t, int32_t slot, size_t n_bytes, int32_t otherwise)
{
    const size_t at = slot_at(t, slot, n_bytes);
    if (at == 0)
        return otherwise;
    const uint8_t *const byte = t->in->at + at;
    return n_bytes == 1 ? *byte : n_bytes == 2 ? (int16_t)load_u16(byte) : (int32_t)dzr__load_u32(byte);
}

/* The table in a slot; *has is false when there is none. */
static dzr_status slot_table(const table *t, int32_t slot, table *out, bool *has, dzr_error *err)
{
    const size_t at = slot_at(t, slot, sizeof(uint32_t));
    size_t target = 0;
    *has = at != 0;
    if (at == 0)
        return DZR_OK;
    DZR_TRY(follow(t->in, at, &target, err));
    return read_table(t->in, target, out, err);
}

/* A vector of n entries of n_bytes each, the first at byte *first; one that is not there has none. */
static dzr_status slot_vector(const table *t, int32_t slot, size_t n_bytes, size_t *first, uint32_t *n, dzr_error *err)
{
    const size_t at = slot_at(t, slot, sizeof(uint32_t));
    size_t target = 0;
    *n = 0;
    *first = 0;
    if (at == 0)
        return DZR_OK;
    DZR_TRY(follow(t->in, at, &target, err));
    const uint32_t count = dzr__load_u32(t->in->at + target);
    if (!fits(t->in, target + sizeof count, (uint64_t)count * n_bytes))
        return broken(target, "a vector that is longer than what is left", err);
    *n = count;
    *first = target + sizeof count;
    return DZR_OK;
}

static dzr_status slot_text(const table *t, int32_t slot, dzr_bytes *out, dzr_error *err)
{
    size_t first = 0;
    uint32_t n = 0;
    DZR_TRY(slot_vector(t, slot, 1, &first, &n, err));
    *out = (dzr_bytes){t->in->at + first, n};
    return DZR_OK;
}

/* Entry i of a vector of tables. */
static dzr_status entry_table(const table *t, size_t first, uint32_t i, table *out, dzr_error *err)
{
    size_t target = 0;
    DZR_TRY(follow(t->in, first + (size_t)i * sizeof(uint32_t), &target, err));
    return read_table(t->in, target, out, err);
}

/* ---- fields ---- */

static dzr_status arena_status(const dzr_error *err)
{
    return err != NULL ? err->status : DZR_ERR_NOMEM;
}

static void release_nothing(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static dzr_status read_metadata(walk *w, const table *of, int32_t slot, const char **out, dzr_error *err)
{
    size_t first = 0;
    uint32_t n = 0;
    DZR_TRY(slot_vector(of, slot, sizeof(uint32_t), &first, &n, err));
    dzr_key_value *const notes = dzr__arena_zeroed(w->arena, n, sizeof *notes, err);
    if (notes == NULL)
        return arena_status(err);
    for (uint32_t i = 0; i < n; i++) {
        table pair;
        DZR_TRY(entry_table(of, first, i, &pair, err));
        DZR_TRY(slot_text(&pair, PAIR_KEY, &notes[i].key, err));
        DZR_TRY(slot_text(&pair, PAIR_VALUE, &notes[i].value, err));
    }
    return dzr__arrow_metadata(notes, (int32_t)n, w->arena, out, err);
}

/* The type's table may be left out where it has nothing to say. */
static dzr_status read_type(walk *w, const table *field, const char **format, int64_t *flags, dzr_error *err)
{
    table type;
    bool has = false;
    dzr_arrow_wire wire = {.type = number(field, FIELD_TYPE_TYPE, 1, 0)};
    const dzr_arrow_param *const params = dzr__arrow_params(wire.type);
    DZR_TRY(slot_table(field, FIELD_TYPE, &type, &has, err));
    for (int32_t i = 0; params != NULL && i < DZR_ARROW_PARAMS; i++)
        if (params[i].bytes > 0)
            wire.params[i] = has ? number(&type, i, params[i].bytes, params[i].otherwise) : params[i].otherwise;
    if (has && wire.type == DZR_ARROW_TIMESTAMP)
        DZR_TRY(slot_text(&type, TIMESTAMP_ZONE, &wire.zone, err));
    *format = dzr__arrow_format(&wire, w->arena, flags, err);
    return *format != NULL ? DZR_OK : arena_status(err);
}

/* A field with a dictionary has the type of its values; in the C Data Interface it has that of the indices, and the
 * values' hang on it. Without a word, indices are 32 bits. */
static dzr_status read_dictionary(walk *w, const table *field, struct ArrowSchema *out, dzr_error *err)
{
    table dictionary, index;
    bool has = false, has_index = false;
    DZR_TRY(slot_table(field, FIELD_DICTIONARY, &dictionary, &has, err));
    if (!has)
        return DZR_OK;
    DZR_TRY(slot_table(&dictionary, DICTIONARY_INDEX, &index, &has_index, err));
    const dzr_arrow_param *const params = dzr__arrow_params(DZR_ARROW_INT);
    dzr_arrow_wire wire = {.type = DZR_ARROW_INT, .params = {32, 1}};
    for (int32_t i = 0; has_index && i < 2; i++)
        wire.params[i] = number(&index, i, params[i].bytes, params[i].otherwise);
    struct ArrowSchema *const values = dzr__arena_zeroed(w->arena, 1, sizeof *values, err);
    const char *const format = values == NULL ? NULL : dzr__arrow_format(&wire, w->arena, &out->flags, err);
    if (format == NULL)
        return arena_status(err);
    *values = (struct ArrowSchema){.format = out->format,
            .name = "",
            .flags = out->flags & ARROW_FLAG_MAP_KEYS_SORTED,
            .n_children = out->n_children,
            .children = out->children,
            .release = release_nothing};
    out->format = format;
    out->flags &= ~(int64_t)ARROW_FLAG_MAP_KEYS_SORTED;
    out->flags |= number(&dictionary, DICTIONARY_ORDERED, 1, 0) != 0 ? ARROW_FLAG_DICTIONARY_ORDERED : 0;
    out->n_children = 0;
    out->children = NULL;
    out->dictionary = values;
    return DZR_OK;
}

static dzr_status read_fields(
        walk *w, const table *parent, int32_t slot, int32_t depth, struct ArrowSchema *out, dzr_error *err);

static dzr_status read_field(walk *w, const table *field, int32_t depth, struct ArrowSchema *out, dzr_error *err)
{
    dzr_bytes name = {0};
    if (++w->n_fields > DZR_MAX_COLUMNS)
        return dzr_fail(err, DZR_ERR_LIMIT, "more fields than %d", DZR_MAX_COLUMNS);
    if (depth > DZR_MAX_DEPTH)
        return dzr_fail(err, DZR_ERR_LIMIT, "nested deeper than %d", DZR_MAX_DEPTH);
    *out = (struct ArrowSchema){.release = release_nothing};
    DZR_TRY(slot_text(field, FIELD_NAME, &name, err));
    out->name = dzr__arena_text(w->arena, name.at, name.len, err);
    if (out->name == NULL)
        return arena_status(err);
    DZR_TRY(read_type(w, field, &out->format, &out->flags, err));
    DZR_TRY(read_metadata(w, field, FIELD_METADATA, &out->metadata, err));
    DZR_TRY(read_fields(w, field, FIELD_CHILDREN, depth + 1, out, err));
    out->flags |= number(field, FIELD_NULLABLE, 1, 0) != 0 ? ARROW_FLAG_NULLABLE : 0;
    return read_dictionary(w, field, out, err);
}

/* The fields in a vector, as children. */
static dzr_status read_fields(
        walk *w, const table *parent, int32_t slot, int32_t depth, struct ArrowSchema *out, dzr_error *err)
{
    size_t first = 0;
    uint32_t n = 0;
    DZR_TRY(slot_vector(parent, slot, sizeof(uint32_t), &first, &n, err));
    struct ArrowSchema **const children = dzr__arena_zeroed(w->arena, n, sizeof(struct ArrowSchema *), err);
    struct ArrowSchema *const nodes = children == NULL ? NULL : dzr__arena_zeroed(w->arena, n, sizeof *nodes, err);
    if (nodes == NULL)
        return arena_status(err);
    for (uint32_t i = 0; i < n; i++) {
        table field;
        children[i] = &nodes[i];
        DZR_TRY(entry_table(parent, first, i, &field, err));
        DZR_TRY(read_field(w, &field, depth, &nodes[i], err));
    }
    out->children = children;
    out->n_children = n;
    return DZR_OK;
}

/* ---- the message ---- */

/* The flatbuffer behind its length; before that there is a marker, but for writers older than Arrow 0.15. */
static dzr_status unwrap(dzr_bytes message, dzr_bytes *out, dzr_error *err)
{
    dzr_cursor c = dzr__cursor(message.at, message.len);
    uint32_t n = 0;
    DZR_TRY(dzr__read_u32le(&c, &n, err));
    if (n == UINT32_MAX)
        DZR_TRY(dzr__read_u32le(&c, &n, err));
    out->len = n;
    return dzr__cursor_take(&c, n, &out->at, err);
}

dzr_status dzr__arrow_message_read(dzr_bytes message, dzr_arena *arena, struct ArrowSchema *out, dzr_error *err)
{
    walk w = {.arena = arena};
    table root, schema;
    size_t at = 0;
    bool has = false;
    DZR_TRY(unwrap(message, &w.in, err));
    if (!fits(&w.in, 0, sizeof(uint32_t)))
        return broken(0, "a message of nothing", err);
    DZR_TRY(follow(&w.in, 0, &at, err));
    DZR_TRY(read_table(&w.in, at, &root, err));
    DZR_TRY(slot_table(&root, MESSAGE_HEADER, &schema, &has, err));
    if (!has || number(&root, MESSAGE_HEADER_TYPE, 1, 0) != HEADER_IS_SCHEMA)
        return broken(at, "a message that is no schema", err);
    *out = (struct ArrowSchema){.format = "+s", .name = "", .release = release_nothing};
    DZR_TRY(read_metadata(&w, &schema, SCHEMA_METADATA, &out->metadata, err));
    return read_fields(&w, &schema, SCHEMA_FIELDS, 1, out, err);
}
