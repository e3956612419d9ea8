/* json/keys.c - the keys of maps. A JSON object has strings for keys; a key of another type is the text its value has,
 * in quotes. Called by writer.c, array.c and lines.c when they get their schema, and by nested.c for each key read. */
#include "json/internal.h"

dzr_status dzr__json_check_keys(const dzr_schema *schema, dzr_error *err)
{
    for (int32_t node = 0; node < dzr_schema_n_nodes(schema); node++) {
        const dzr_field *const field = dzr_schema_node(schema, node);
        if (field->type.id != DZR_TYPE_MAP)
            continue;
        const dzr_field *key = &field->children[0].children[0];
        if (key->type.id == DZR_TYPE_DICTIONARY)
            key = &key->children[0];
        if (key->type.id >= DZR_TYPE_STRUCT)
            return dzr_fail(err, DZR_ERR_UNSUPPORTED, "map \"%s\": JSON has no keys that are a %s", field->name,
                    dzr_type_name(key->type));
    }
    return DZR_OK;
}

/* A number as JSON writes it, and nothing besides. */
static dzr__json_fit read_number(dzr_bytes text, dzr_type type, dzr__json_slot *slot)
{
    if (text.len == 0 || text.len > UINT32_MAX || (text.at[0] != '-' && (text.at[0] < '0' || text.at[0] > '9')))
        return DZR__JSON_BAD_TEXT;
    const uint32_t tokens[] = {0, (uint32_t)text.len};
    dzr__json_walk walk = {.text = text.at, .len = text.len, .next = tokens, .end = tokens + 1, .clean = true};
    dzr__json_number number;
    if (dzr__json_take_number(&walk, &number, NULL) != DZR_OK || number.text.len != text.len)
        return DZR__JSON_BAD_TEXT;
    return type.id == DZR_TYPE_DECIMAL ? dzr__json_fit_decimal(number.text, type, slot)
                                       : dzr__json_fit_number(&number, type.id, slot);
}

dzr_status dzr__json_read_key(
        dzr_bytes text, dzr_type type, dzr_bytebuf *scratch, dzr__json_slot *slot, dzr__json_fit *fit, dzr_error *err)
{
    slot->state = DZR__JSON_SET;
    switch (type.id) {
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID:
    case DZR_TYPE_DATE:
    case DZR_TYPE_TIME:
    case DZR_TYPE_TIMESTAMP:
        return dzr__json_fit_string(text, type, scratch, slot, fit, err);
    case DZR_TYPE_BOOL:
        slot->as.boolean = text.len == 4;
        *fit = (text.len == 4 && memcmp(text.at, "true", 4) == 0) || (text.len == 5 && memcmp(text.at, "false", 5) == 0)
                       ? DZR__JSON_FITS
                       : DZR__JSON_BAD_TEXT;
        return DZR_OK;
    default:
        *fit = read_number(text, type, slot);
        return DZR_OK;
    }
}
