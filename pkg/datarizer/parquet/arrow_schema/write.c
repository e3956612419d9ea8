/* parquet/arrow_schema/write.c - a tree of struct ArrowSchema as a message of Arrow's IPC format. Called by base64.c.
 * A flatbuffer's offsets lead forwards: what has one is written first, and it is filled in when what it leads to
 * follows. Spec: FlatBuffers, "Internals"; apache/arrow format/Message.fbs, format/Schema.fbs, whose order slots have
 * here. */
#include "parquet/arrow_schema/arrow_schema.h"

enum { VERSION_5 = 4, HEADER_IS_SCHEMA = 1, MAX_SLOTS = 7, ALIGN = 8 };

/* A slot of a table. */
typedef struct slot {
    uint8_t bytes; /* 1, 2, 4 (an offset too) or 8; 0: not there */
    int64_t value;
    size_t at; /* in the flatbuffer, once the table is written */
} slot;

static const uint8_t offset_bytes = sizeof(uint32_t);

typedef struct builder {
    dzr_bytebuf *out;
    size_t start; /* of the flatbuffer, in out */
    int64_t n_dictionaries;
} builder;

static size_t position(const builder *b)
{
    return b->out->len - b->start;
}

/* Makes the offset at byte `from` lead to byte `to`. */
static void point(builder *b, size_t from, size_t to)
{
    dzr__store_u32(b->out->at + b->start + from, (uint32_t)(to - from));
}

static dzr_status put(builder *b, const void *bytes, size_t n, dzr_error *err)
{
    return dzr__bytebuf_append(b->out, bytes, n, err);
}

/* Zeros, until the next byte but `ahead` has an address that is a multiple of `to`. */
static dzr_status align(builder *b, size_t ahead, size_t to, dzr_error *err)
{
    static const uint8_t zeros[ALIGN];
    return put(b, zeros, (to - (position(b) + ahead) % to) % to, err);
}

/* The table of n slots that the offset at `from` leads to, its vtable before it. The largest slots come first, so that
 * all are aligned as the table is. */
static dzr_status put_table(builder *b, size_t from, slot *slots, size_t n, dzr_error *err)
{
    static const uint8_t sizes[] = {8, 4, 2, 1};
    uint8_t table[ALIGN + 8 * MAX_SLOTS] = {0};
    uint16_t vtable[2 + MAX_SLOTS] = {(uint16_t)(2 * (2 + n)), sizeof(int32_t)};
    for (size_t k = 0; k < sizeof sizes; k++)
        for (size_t i = 0; i < n; i++) {
            if (slots[i].bytes != sizes[k])
                continue;
            const uint16_t at = (uint16_t)((vtable[1] + sizes[k] - 1) / sizes[k] * sizes[k]);
            memcpy(table + at, &slots[i].value, sizes[k]); /* its low bytes */
            vtable[2 + i] = at;
            vtable[1] = (uint16_t)(at + sizes[k]);
        }
    DZR_TRY(align(b, vtable[0], ALIGN, err));
    DZR_TRY(put(b, vtable, vtable[0], err));
    const size_t at = position(b);
    dzr__store_u32(table, vtable[0]); /* how far back the vtable is */
    DZR_TRY(put(b, table, vtable[1], err));
    for (size_t i = 0; i < n; i++)
        slots[i].at = at + vtable[2 + i];
    point(b, from, at);
    return DZR_OK;
}

static dzr_status put_text(builder *b, size_t from, dzr_bytes text, dzr_error *err)
{
    static const uint8_t end = 0;
    DZR_TRY(align(b, 0, sizeof(uint32_t), err));
    point(b, from, position(b));
    DZR_TRY(put(b, &(uint32_t){(uint32_t)text.len}, sizeof(uint32_t), err));
    DZR_TRY(put(b, text.at, text.len, err));
    return put(b, &end, 1, err);
}

/* A vector of n offsets, the first at byte *first. */
static dzr_status put_offsets(builder *b, size_t from, int64_t n, size_t *first, dzr_error *err)
{
    static const uint32_t nowhere = 0;
    DZR_TRY(align(b, 0, sizeof(uint32_t), err));
    point(b, from, position(b));
    DZR_TRY(put(b, &(uint32_t){(uint32_t)n}, sizeof(uint32_t), err));
    *first = position(b);
    for (int64_t i = 0; i < n; i++)
        DZR_TRY(put(b, &nowhere, sizeof nowhere, err));
    return DZR_OK;
}

/* ---- fields ---- */

static dzr_status put_type(builder *b, size_t from, const dzr_arrow_wire *wire, dzr_error *err)
{
    const dzr_arrow_param *const params = dzr__arrow_params(wire->type);
    slot slots[DZR_ARROW_PARAMS + 1] = {{0}}; /* and a zone */
    size_t n = 0;
    for (; n < DZR_ARROW_PARAMS && params[n].bytes > 0; n++)
        slots[n] = (slot){.bytes = params[n].bytes, .value = wire->params[n]};
    if (wire->zone.len > 0)
        slots[n++].bytes = offset_bytes;
    DZR_TRY(put_table(b, from, slots, n, err));
    return wire->zone.len > 0 ? put_text(b, slots[n - 1].at, wire->zone, err) : DZR_OK;
}

static dzr_status put_dictionary(builder *b, size_t from, const struct ArrowSchema *field, dzr_error *err)
{
    dzr_arrow_wire index;
    if (!dzr__arrow_wire(field->format, 0, &index) || index.type != DZR_ARROW_INT)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "field \"%.200s\": indices of the Arrow format \"%s\"", field->name,
                field->format);
    slot slots[] = {{8, .value = b->n_dictionaries++}, {offset_bytes, .value = 0},
            {1, .value = (field->flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0}};
    DZR_TRY(put_table(b, from, slots, sizeof slots / sizeof *slots, err));
    return put_type(b, slots[1].at, &index, err);
}

static dzr_status put_metadata(builder *b, size_t from, const char *metadata, dzr_arena *arena, dzr_error *err)
{
    dzr_key_value *notes = NULL;
    int32_t n = 0;
    size_t first = 0;
    DZR_TRY(dzr__arrow_notes(metadata, arena, &notes, &n, err));
    DZR_TRY(put_offsets(b, from, n, &first, err));
    for (int32_t i = 0; i < n; i++) {
        slot pair[] = {{offset_bytes, .value = 0}, {offset_bytes, .value = 0}};
        DZR_TRY(put_table(b, first + (size_t)i * sizeof(uint32_t), pair, 2, err));
        DZR_TRY(put_text(b, pair[0].at, notes[i].key, err));
        DZR_TRY(put_text(b, pair[1].at, notes[i].value, err));
    }
    return DZR_OK;
}

static dzr_status put_fields(
        builder *b, size_t from, const struct ArrowSchema *parent, dzr_arena *arena, dzr_error *err);

static dzr_status put_field(builder *b, size_t from, const struct ArrowSchema *field, dzr_arena *arena, dzr_error *err)
{
    const struct ArrowSchema *const values = field->dictionary != NULL ? field->dictionary : field;
    dzr_arrow_wire wire;
    if (!dzr__arrow_wire(values->format, values->flags, &wire))
        return dzr_fail(
                err, DZR_ERR_UNSUPPORTED, "field \"%.200s\" has the Arrow format \"%s\"", field->name, values->format);
    slot slots[] = {
            {.bytes = offset_bytes}, /* name */
            {.bytes = 1, .value = (field->flags & ARROW_FLAG_NULLABLE) != 0},
            {.bytes = 1, .value = wire.type},
            {.bytes = offset_bytes}, /* type */
            {.bytes = field->dictionary != NULL ? offset_bytes : 0},
            {.bytes = offset_bytes}, /* children: readers want them, if there are none */
            {.bytes = field->metadata != NULL ? offset_bytes : 0},
    };
    DZR_TRY(put_table(b, from, slots, sizeof slots / sizeof *slots, err));
    DZR_TRY(put_text(b, slots[0].at, (dzr_bytes){(const uint8_t *)field->name, strlen(field->name)}, err));
    DZR_TRY(put_type(b, slots[3].at, &wire, err));
    if (field->dictionary != NULL)
        DZR_TRY(put_dictionary(b, slots[4].at, field, err));
    DZR_TRY(put_fields(b, slots[5].at, values, arena, err));
    return field->metadata != NULL ? put_metadata(b, slots[6].at, field->metadata, arena, err) : DZR_OK;
}

static dzr_status put_fields(
        builder *b, size_t from, const struct ArrowSchema *parent, dzr_arena *arena, dzr_error *err)
{
    size_t first = 0;
    DZR_TRY(put_offsets(b, from, parent->n_children, &first, err));
    for (int64_t i = 0; i < parent->n_children; i++)
        DZR_TRY(put_field(b, first + (size_t)i * sizeof(uint32_t), parent->children[i], arena, err));
    return DZR_OK;
}

/* ---- the message ---- */

static dzr_status put_message(builder *b, const struct ArrowSchema *schema, dzr_arena *arena, dzr_error *err)
{
    static const uint32_t root = 0;
    slot message[] = {{2, .value = VERSION_5}, {1, .value = HEADER_IS_SCHEMA}, {offset_bytes, .value = 0}};
    slot header[] = {{.bytes = 2, .value = 0 /* little-endian */}, {.bytes = offset_bytes}, /* fields */
            {.bytes = schema->metadata != NULL ? offset_bytes : 0}};
    DZR_TRY(put(b, &root, sizeof root, err));
    DZR_TRY(put_table(b, 0, message, sizeof message / sizeof *message, err));
    DZR_TRY(put_table(b, message[2].at, header, sizeof header / sizeof *header, err));
    DZR_TRY(put_fields(b, header[1].at, schema, arena, err));
    if (schema->metadata != NULL)
        DZR_TRY(put_metadata(b, header[2].at, schema->metadata, arena, err));
    return align(b, 0, ALIGN, err);
}

dzr_status dzr__arrow_message_write(const struct ArrowSchema *schema, dzr_bytebuf *out, dzr_error *err)
{
    static const uint32_t marker[] = {UINT32_MAX, 0}; /* and the flatbuffer's length */
    DZR_TRY(dzr__bytebuf_append(out, marker, sizeof marker, err));
    builder b = {.out = out, .start = out->len};
    dzr_arena arena;
    dzr__arena_init(&arena, out->alloc, 0);
    const dzr_status st = put_message(&b, schema, &arena, err);
    dzr__arena_fini(&arena);
    if (st == DZR_OK)
        dzr__store_u32(out->at + b.start - sizeof(uint32_t), (uint32_t)position(&b));
    return st;
}
