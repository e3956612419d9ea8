/* json/value.c - one value of one member as its column wants it: taken from the text into a slot, from there to the
 * builder. Called by record.c. Between the two the rest of the record is read, because a later duplicate wins. */
#include "json/internal.h"

#include <math.h>

#include <openssl/evp.h>

/* ---- from the text ---- */

static dzr__json_fit fit_int(const dzr__json_number *number, int64_t low, int64_t high, dzr__json_slot *slot)
{
    if (!number->whole)
        return DZR__JSON_OTHER_KIND;
    const uint64_t limit = number->negative ? -(uint64_t)low : (uint64_t)high;
    if (!number->exact || number->mantissa > limit)
        return DZR__JSON_OUT_OF_RANGE;
    slot->as.integer = (int64_t)(number->negative ? -number->mantissa : number->mantissa);
    return DZR__JSON_FITS;
}

/* "-0" is refused as Go refuses it. */
static dzr__json_fit fit_uint(const dzr__json_number *number, uint64_t high, dzr__json_slot *slot)
{
    if (!number->whole)
        return DZR__JSON_OTHER_KIND;
    if (number->negative || !number->exact || number->mantissa > high)
        return DZR__JSON_OUT_OF_RANGE;
    slot->as.natural = number->mantissa;
    return DZR__JSON_FITS;
}

/* Whether the nearest half is a number. */
static bool fits_half(double value)
{
    return isfinite(dzr_half_to_double(dzr_half_from_double(value)));
}

dzr__json_fit dzr__json_fit_number(const dzr__json_number *number, dzr_type_id id, dzr__json_slot *slot)
{
    float narrow = 0;
    switch (id) {
    case DZR_TYPE_INT8:
        return fit_int(number, INT8_MIN, INT8_MAX, slot);
    case DZR_TYPE_INT16:
        return fit_int(number, INT16_MIN, INT16_MAX, slot);
    case DZR_TYPE_INT32:
        return fit_int(number, INT32_MIN, INT32_MAX, slot);
    case DZR_TYPE_INT64:
    case DZR_TYPE_DURATION:
        return fit_int(number, INT64_MIN, INT64_MAX, slot);
    case DZR_TYPE_UINT8:
        return fit_uint(number, UINT8_MAX, slot);
    case DZR_TYPE_UINT16:
        return fit_uint(number, UINT16_MAX, slot);
    case DZR_TYPE_UINT32:
        return fit_uint(number, UINT32_MAX, slot);
    case DZR_TYPE_UINT64:
        return fit_uint(number, UINT64_MAX, slot);
    case DZR_TYPE_DOUBLE:
        return dzr__json_number_double(number, &slot->as.real) ? DZR__JSON_FITS : DZR__JSON_OUT_OF_RANGE;
    case DZR_TYPE_FLOAT:
        if (!dzr__json_number_float(number, &narrow))
            return DZR__JSON_OUT_OF_RANGE;
        slot->as.real = (double)narrow;
        return DZR__JSON_FITS;
    case DZR_TYPE_HALF:
        return dzr__json_number_double(number, &slot->as.real) && fits_half(slot->as.real) ? DZR__JSON_FITS
                                                                                           : DZR__JSON_OUT_OF_RANGE;
    default:
        return DZR__JSON_OTHER_KIND;
    }
}

/* Base64 with padding (RFC 4648 section 4), decoded behind what scratch holds. */
static dzr_status fit_base64(
        dzr_bytes text, dzr_bytebuf *scratch, dzr__json_slot *slot, dzr__json_fit *fit, dzr_error *err)
{
    *fit = DZR__JSON_BAD_TEXT;
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.at[text.len - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < text.len - padding; i++) {
        const uint8_t byte = text.at[i], lower = byte | 0x20;
        if (!(byte >= '0' && byte <= '9') && !(lower >= 'a' && lower <= 'z') && byte != '+' && byte != '/')
            return DZR_OK;
    }
    if (text.len % 4 != 0 || text.len > INT32_MAX)
        return DZR_OK;
    const bool inside = scratch->len > 0 && text.at >= scratch->at && text.at < scratch->at + scratch->len;
    const size_t offset = inside ? (size_t)(text.at - scratch->at) : 0;
    DZR_TRY(dzr__bytebuf_reserve(scratch, text.len, err));
    const uint8_t *const from = inside ? scratch->at + offset : text.at; /* reserve may have moved it */
    const int n = text.len == 0 ? 0 : EVP_DecodeBlock(scratch->at + scratch->len, from, (int)text.len);
    if (n < 0)
        return DZR_OK;
    slot->as.bytes.at = NULL;
    slot->as.bytes.offset = scratch->len;
    slot->as.bytes.len = (size_t)n - padding;
    scratch->len += (size_t)n;
    *fit = DZR__JSON_FITS;
    return DZR_OK;
}

dzr_status dzr__json_fit_string(
        dzr_bytes text, dzr_type type, dzr_bytebuf *scratch, dzr__json_slot *slot, dzr__json_fit *fit, dzr_error *err)
{
    int32_t days = 0;
    switch (type.id) {
    case DZR_TYPE_STRING:
        slot->as.bytes.len = text.len;
        slot->as.bytes.at = text.at;
        if (scratch->len > 0 && text.at >= scratch->at && text.at < scratch->at + scratch->len) {
            slot->as.bytes.offset = (size_t)(text.at - scratch->at); /* scratch may move before the row is complete */
            slot->as.bytes.at = NULL;
        }
        *fit = DZR__JSON_FITS;
        return DZR_OK;
    case DZR_TYPE_BINARY:
        return fit_base64(text, scratch, slot, fit, err);
    case DZR_TYPE_FIXED:
        DZR_TRY(fit_base64(text, scratch, slot, fit, err));
        if (*fit == DZR__JSON_FITS && slot->as.bytes.len != (size_t)type.width)
            *fit = DZR__JSON_BAD_TEXT;
        return DZR_OK;
    case DZR_TYPE_TIME:
        *fit = dzr__json_read_time(text, type.unit, &slot->as.integer) ? DZR__JSON_FITS : DZR__JSON_BAD_TEXT;
        return DZR_OK;
    case DZR_TYPE_DATE:
        *fit = dzr__json_read_date(text, &days) ? DZR__JSON_FITS : DZR__JSON_BAD_TEXT;
        slot->as.integer = days;
        return DZR_OK;
    case DZR_TYPE_UUID:
        *fit = dzr_uuid_parse((const char *)text.at, text.len, slot->as.uuid) ? DZR__JSON_FITS : DZR__JSON_BAD_TEXT;
        return DZR_OK;
    case DZR_TYPE_TIMESTAMP:
        *fit = dzr__json_read_timestamp(text, type, &slot->as.integer) ? DZR__JSON_FITS : DZR__JSON_BAD_TEXT;
        return DZR_OK;
    default:
        *fit = DZR__JSON_OTHER_KIND;
        return DZR_OK;
    }
}

dzr__json_fit dzr__json_fit_decimal(dzr_bytes text, dzr_type type, dzr__json_slot *slot)
{
    const dzr_status st =
            dzr_decimal_parse((const char *)text.at, text.len, type.precision, type.scale, &slot->as.decimal, NULL);
    return st == DZR_OK ? DZR__JSON_FITS : DZR__JSON_OUT_OF_RANGE;
}

dzr_status dzr__json_take_value(dzr__json_walk *walk, const dzr_field *field, const dzr_json_rules *rules,
        dzr_bytebuf *scratch, dzr__json_slot *slot, dzr__json_fit *fit, dzr_error *err)
{
    dzr__json_slot taken = {.state = DZR__JSON_SET};
    dzr__json_number number;
    dzr_bytes text;
    bool replaced = false;
    const uint8_t first = dzr__json_peek(walk);
    switch (first) {
    case '"':
        DZR_TRY(dzr__json_take_string(walk, scratch, &text, &replaced, err));
        DZR_TRY(dzr__json_fit_string(text, field->type, scratch, &taken, fit, err));
        if (replaced && !rules->replace_invalid)
            *fit = DZR__JSON_BAD_UTF8;
        break;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        DZR_TRY(dzr__json_take_number(walk, &number, err));
        *fit = field->type.id == DZR_TYPE_DECIMAL ? dzr__json_fit_decimal(number.text, field->type, &taken)
                                                  : dzr__json_fit_number(&number, field->type.id, &taken);
        break;
    case 't':
    case 'f':
        taken.as.boolean = first == 't';
        DZR_TRY(first == 't' ? dzr__json_take_literal(walk, "true", 4, err)
                             : dzr__json_take_literal(walk, "false", 5, err));
        *fit = field->type.id == DZR_TYPE_BOOL ? DZR__JSON_FITS : DZR__JSON_OTHER_KIND;
        break;
    case 'n':
        DZR_TRY(dzr__json_take_literal(walk, "null", 4, err));
        *fit = field->nullable || rules->null_is_zero ? DZR__JSON_FITS : DZR__JSON_IS_NULL;
        taken.state = DZR__JSON_NULL;
        if (!field->nullable) /* Go leaves a plain value as it was */
            return DZR_OK;
        break;
    default:
        return dzr__json_unexpected(walk, *walk->next, "a value", err);
    }
    if (*fit == DZR__JSON_FITS)
        *slot = taken;
    return DZR_OK;
}

/* ---- to the builder ---- */

dzr_status dzr__json_put_value(const dzr__json_slot *slot, const dzr_field *field, const dzr_bytebuf *scratch,
        dzr_builder *builder, int32_t column, dzr_error *err)
{
    if (slot->state != DZR__JSON_SET)
        return dzr_builder_null(builder, column, err);
    switch (field->type.id) {
    case DZR_TYPE_BOOL:
        return dzr_builder_bool(builder, column, slot->as.boolean, err);
    case DZR_TYPE_INT8:
    case DZR_TYPE_INT16:
    case DZR_TYPE_INT32:
    case DZR_TYPE_INT64:
    case DZR_TYPE_DATE:
    case DZR_TYPE_TIME:
    case DZR_TYPE_TIMESTAMP:
    case DZR_TYPE_DURATION:
        return dzr_builder_int(builder, column, slot->as.integer, err);
    case DZR_TYPE_UINT8:
    case DZR_TYPE_UINT16:
    case DZR_TYPE_UINT32:
    case DZR_TYPE_UINT64:
        return dzr_builder_uint(builder, column, slot->as.natural, err);
    case DZR_TYPE_FLOAT:
    case DZR_TYPE_DOUBLE:
    case DZR_TYPE_HALF:
        return dzr_builder_double(builder, column, slot->as.real, err);
    case DZR_TYPE_UUID:
        return dzr_builder_bytes(builder, column, (dzr_bytes){slot->as.uuid, DZR_UUID_BYTES}, err);
    case DZR_TYPE_DECIMAL:
        return dzr_builder_decimal(builder, column, slot->as.decimal, err);
    case DZR_TYPE_STRUCT:
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP: /* nested.c's */
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
    case DZR_TYPE_FIXED:
    case DZR_TYPE_NULL:       /* nothing fits it, */
    case DZR_TYPE_DICTIONARY: /* and none are read */
        break;
    }
    const uint8_t *at = slot->as.bytes.at;
    if (at == NULL && slot->as.bytes.len > 0)
        at = scratch->at + slot->as.bytes.offset;
    return dzr_builder_bytes(builder, column, (dzr_bytes){.at = at, .len = slot->as.bytes.len}, err);
}
