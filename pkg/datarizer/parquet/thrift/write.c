/* parquet/thrift/write.c - the compact protocol, writing: C structs to bytes by the same shapes read.c uses. See
 * thrift.h. */
#include "parquet/thrift/wire.h"

static dzr_status write_uvarint(dzr_bytebuf *out, uint64_t value, dzr_error *err)
{
    uint8_t bytes[10];
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[n++] = (uint8_t)(value | 0x80);
    bytes[n++] = (uint8_t)value;
    return dzr__bytebuf_append(out, bytes, n, err);
}

static dzr_status write_int(dzr_bytebuf *out, int64_t value, dzr_error *err)
{
    return write_uvarint(out, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0), err);
}

static dzr_status write_u8(dzr_bytebuf *out, uint8_t byte, dzr_error *err)
{
    return dzr__bytebuf_append(out, &byte, 1, err);
}

/* A value that is no list, and no field's bool: that one lies in its header. */
static dzr_status write_value(
        dzr_bytebuf *out, uint8_t kind, const dzr_thrift_shape *shape, const void *value, dzr_error *err)
{
    switch (kind) {
    case DZR_THRIFT_BOOL:
        return write_u8(out, *(const bool *)value ? DZR_WIRE_TRUE : DZR_WIRE_FALSE, err);
    case DZR_THRIFT_I8:
        return write_u8(out, (uint8_t) * (const int8_t *)value, err);
    case DZR_THRIFT_I16:
        return write_int(out, *(const int16_t *)value, err);
    case DZR_THRIFT_I32:
        return write_int(out, *(const int32_t *)value, err);
    case DZR_THRIFT_I64:
        return write_int(out, *(const int64_t *)value, err);
    case DZR_THRIFT_BYTES: {
        const dzr_bytes *const bytes = value;
        DZR_TRY(write_uvarint(out, bytes->len, err));
        return dzr__bytebuf_append(out, bytes->at, bytes->len, err);
    }
    case DZR_THRIFT_STRUCT:
        return dzr__thrift_write(out, shape, value, err);
    default:
        return write_u8(out, DZR_WIRE_STOP, err);
    }
}

static dzr_status write_list(dzr_bytebuf *out, const dzr_thrift_field *field, const void *member, dzr_error *err)
{
    dzr_any_list list;
    memcpy(&list, member, sizeof list);
    const uint8_t wire = dzr__wire_of(field->of);
    if (list.n < 15) {
        DZR_TRY(write_u8(out, (uint8_t)((uint32_t)list.n << 4 | wire), err));
    } else {
        DZR_TRY(write_u8(out, 0xf0 | wire, err));
        DZR_TRY(write_uvarint(out, (uint64_t)list.n, err));
    }
    const size_t size = dzr__element_size(field);
    for (int32_t i = 0; i < list.n; i++)
        DZR_TRY(write_value(out, field->of, field->shape, (const uint8_t *)list.at + (size_t)i * size, err));
    return DZR_OK;
}

static dzr_status write_field(
        dzr_bytebuf *out, const dzr_thrift_field *field, uint8_t last_id, const uint8_t *meta, dzr_error *err)
{
    const void *const member = meta + field->at;
    const bool is_bool = field->kind == DZR_THRIFT_BOOL;
    const uint8_t wire = is_bool && !*(const bool *)member ? DZR_WIRE_FALSE : dzr__wire_of(field->kind);
    const uint8_t delta = (uint8_t)(field->id - last_id);
    if (delta < 16) {
        DZR_TRY(write_u8(out, (uint8_t)(delta << 4 | wire), err));
    } else {
        DZR_TRY(write_u8(out, wire, err));
        DZR_TRY(write_int(out, field->id, err));
    }
    if (is_bool)
        return DZR_OK;
    if (field->kind == DZR_THRIFT_LIST)
        return write_list(out, field, member, err);
    return write_value(out, field->kind, field->shape, member, err);
}

dzr_status dzr__thrift_write(dzr_bytebuf *out, const dzr_thrift_shape *shape, const void *meta, dzr_error *err)
{
    uint32_t has;
    memcpy(&has, meta, sizeof has);
    uint8_t last_id = 0;
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        const dzr_thrift_field *const field = &shape->fields[i];
        if (!field->required && (has >> field->id & 1) == 0)
            continue;
        DZR_TRY(write_field(out, field, last_id, meta, err));
        last_id = field->id;
    }
    return write_u8(out, DZR_WIRE_STOP, err);
}
