/* json/keys.c - the keys of maps. A JSON object has strings for keys; a key of another type is the text its value has,
 * in quotes. Called by writer.c, array.c and lines.c when they get their schema, and by nested.c for each key read. */
#include "json/internal.h"

dzr_status dzr__json_check_keys(const dzr_schema *schema, dzr_error *err)
{
    for (int32_t node = 0; node < dzr_schema_n_nodes(schema); node++) {
        const dzr_field *const field = dzr_schema_node(schema, node);
        if (field->type.id != DZR_TYPE_MAP)
            continue;
        const dzr_field *const key = &field->children[0].children[0];
        if (key->type.id >= DZR_TYPE_STRUCT)
            return dzr_fail(err, DZR_ERR_UNSUPPORTED, "map \"%s\": JSON has no keys that are a %s", field->name,
                    dzr_type_name(key->type));
    }
    return DZR_OK;
}
