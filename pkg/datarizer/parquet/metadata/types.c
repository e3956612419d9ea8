/* parquet/metadata/types.c - the frame's types and the format's, both ways: physical type, logical type and the older
 * converted type. Called by reader/ for each leaf and by writer/ for each field.
 * Spec: parquet-format LogicalTypes.md; parquet.thrift, LogicalType and SchemaElement. */
#include "parquet/metadata/metadata.h"

dzr_physical dzr__physical_of(dzr_type type)
{
    switch (type.id) {
    case DZR_TYPE_BOOL:
        return DZR_PHYSICAL_BOOLEAN;
    case DZR_TYPE_INT64:
    case DZR_TYPE_UINT64:
    case DZR_TYPE_TIMESTAMP:
        return DZR_PHYSICAL_INT64;
    case DZR_TYPE_FLOAT:
        return DZR_PHYSICAL_FLOAT;
    case DZR_TYPE_DOUBLE:
        return DZR_PHYSICAL_DOUBLE;
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return DZR_PHYSICAL_BYTE_ARRAY;
    case DZR_TYPE_UUID:
        return DZR_PHYSICAL_FIXED;
    case DZR_TYPE_DECIMAL: /* the smallest of the format's forms but for the widest, which is always 16 bytes */
        return type.precision <= 9    ? DZR_PHYSICAL_INT32
               : type.precision <= 18 ? DZR_PHYSICAL_INT64
                                      : DZR_PHYSICAL_FIXED;
    default: /* 8, 16 and 32 bits and days */
        return DZR_PHYSICAL_INT32;
    }
}

bool dzr__type_is_unsigned(dzr_type type)
{
    return type.id == DZR_TYPE_UINT8 || type.id == DZR_TYPE_UINT16 || type.id == DZR_TYPE_UINT32 ||
           type.id == DZR_TYPE_UINT64;
}

/* ---- reading ---- */

/* What each converted type means: the physical type it stands on, and ours; frame false where the frame has none. */
static const struct {
    const char *name;
    dzr_physical physical;
    bool frame;
    dzr_type type;
} converteds[] = {
        [DZR_CONVERTED_UTF8] = {"STRING", DZR_PHYSICAL_BYTE_ARRAY, true, {.id = DZR_TYPE_STRING}},
        [DZR_CONVERTED_MAP] = {"MAP", DZR_PHYSICAL_BYTE_ARRAY, false, {0}},
        [DZR_CONVERTED_MAP_KEY_VALUE] = {"MAP_KEY_VALUE", DZR_PHYSICAL_BYTE_ARRAY, false, {0}},
        [DZR_CONVERTED_LIST] = {"LIST", DZR_PHYSICAL_BYTE_ARRAY, false, {0}},
        [DZR_CONVERTED_ENUM] = {"ENUM", DZR_PHYSICAL_BYTE_ARRAY, true, {.id = DZR_TYPE_STRING}},
        [DZR_CONVERTED_DECIMAL] = {"DECIMAL", DZR_PHYSICAL_BYTE_ARRAY, false, {0}},
        [DZR_CONVERTED_DATE] = {"DATE", DZR_PHYSICAL_INT32, true, {.id = DZR_TYPE_DATE}},
        [DZR_CONVERTED_TIME_MILLIS] = {"TIME", DZR_PHYSICAL_INT32, false, {0}},
        [DZR_CONVERTED_TIME_MICROS] = {"TIME", DZR_PHYSICAL_INT64, false, {0}},
        [DZR_CONVERTED_TIMESTAMP_MILLIS] = {"TIMESTAMP", DZR_PHYSICAL_INT64, true,
                {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS, .utc = true}},
        [DZR_CONVERTED_TIMESTAMP_MICROS] = {"TIMESTAMP", DZR_PHYSICAL_INT64, true,
                {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_US, .utc = true}},
        [DZR_CONVERTED_UINT_8] = {"INTEGER(8, unsigned)", DZR_PHYSICAL_INT32, true, {.id = DZR_TYPE_UINT8}},
        [DZR_CONVERTED_UINT_16] = {"INTEGER(16, unsigned)", DZR_PHYSICAL_INT32, true, {.id = DZR_TYPE_UINT16}},
        [DZR_CONVERTED_UINT_32] = {"INTEGER(32, unsigned)", DZR_PHYSICAL_INT32, true, {.id = DZR_TYPE_UINT32}},
        [DZR_CONVERTED_UINT_64] = {"INTEGER(64, unsigned)", DZR_PHYSICAL_INT64, true, {.id = DZR_TYPE_UINT64}},
        [DZR_CONVERTED_INT_8] = {"INTEGER(8, signed)", DZR_PHYSICAL_INT32, true, {.id = DZR_TYPE_INT8}},
        [DZR_CONVERTED_INT_16] = {"INTEGER(16, signed)", DZR_PHYSICAL_INT32, true, {.id = DZR_TYPE_INT16}},
        [DZR_CONVERTED_INT_32] = {"INTEGER(32, signed)", DZR_PHYSICAL_INT32, true, {.id = DZR_TYPE_INT32}},
        [DZR_CONVERTED_INT_64] = {"INTEGER(64, signed)", DZR_PHYSICAL_INT64, true, {.id = DZR_TYPE_INT64}},
        [DZR_CONVERTED_JSON] = {"JSON", DZR_PHYSICAL_BYTE_ARRAY, true, {.id = DZR_TYPE_STRING}},
        [DZR_CONVERTED_BSON] = {"BSON", DZR_PHYSICAL_BYTE_ARRAY, true, {.id = DZR_TYPE_BINARY}},
        [DZR_CONVERTED_INTERVAL] = {"INTERVAL", DZR_PHYSICAL_FIXED, false, {0}},
};

static dzr_status unsupported(dzr_error *err, const char *name)
{
    return dzr_fail(err, DZR_ERR_UNSUPPORTED, "type %s is not supported", name);
}

static dzr_status check_physical(const dzr_meta_element *element, const char *name, dzr_physical wanted, dzr_error *err)
{
    if (element->type == (int32_t)wanted)
        return DZR_OK;
    const char *const physical = dzr__physical_name(element->type);
    return dzr_fail(err, DZR_ERR_CORRUPT, "type %s stands on %s, not on %s", name, dzr__physical_name((int32_t)wanted),
            physical != NULL ? physical : "an unknown type");
}

static dzr_status from_decimal(
        const dzr_meta_element *element, int32_t precision, int32_t scale, dzr_type *out, dzr_error *err)
{
    const int32_t physical = element->type;
    if (physical != DZR_PHYSICAL_INT32 && physical != DZR_PHYSICAL_INT64 && physical != DZR_PHYSICAL_FIXED &&
            physical != DZR_PHYSICAL_BYTE_ARRAY)
        return check_physical(element, "DECIMAL", DZR_PHYSICAL_FIXED, err);
    if (precision < 1 || scale < 0 || scale > precision)
        return dzr_fail(
                err, DZR_ERR_CORRUPT, "type DECIMAL of %d digits, %d after the point", (int)precision, (int)scale);
    if (precision > DZR_DECIMAL_DIGITS_128)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "type DECIMAL of %d digits is not supported, %d are", (int)precision,
                (int)DZR_DECIMAL_DIGITS_128);
    *out = (dzr_type){.id = DZR_TYPE_DECIMAL, .precision = precision, .scale = scale};
    return DZR_OK;
}

static dzr_status from_uuid(const dzr_meta_element *element, dzr_type *out, dzr_error *err)
{
    DZR_TRY(check_physical(element, "UUID", DZR_PHYSICAL_FIXED, err));
    if (element->type_length != 16)
        return dzr_fail(err, DZR_ERR_CORRUPT, "type UUID of %d bytes", (int)element->type_length);
    *out = (dzr_type){.id = DZR_TYPE_UUID};
    return DZR_OK;
}

static dzr_status from_converted(const dzr_meta_element *element, int32_t converted, dzr_type *out, dzr_error *err)
{
    if (converted == DZR_CONVERTED_DECIMAL)
        return from_decimal(element, element->precision, element->scale, out, err);
    if (!converteds[converted].frame)
        return unsupported(err, converteds[converted].name);
    DZR_TRY(check_physical(element, converteds[converted].name, converteds[converted].physical, err));
    *out = converteds[converted].type;
    return DZR_OK;
}

static dzr_status from_physical(const dzr_meta_element *element, dzr_type *out, dzr_error *err)
{
    static const int8_t types[] = {
            [DZR_PHYSICAL_BOOLEAN] = DZR_TYPE_BOOL,
            [DZR_PHYSICAL_INT32] = DZR_TYPE_INT32,
            [DZR_PHYSICAL_INT64] = DZR_TYPE_INT64,
            [DZR_PHYSICAL_INT96] = -1,
            [DZR_PHYSICAL_FLOAT] = DZR_TYPE_FLOAT,
            [DZR_PHYSICAL_DOUBLE] = DZR_TYPE_DOUBLE,
            [DZR_PHYSICAL_BYTE_ARRAY] = DZR_TYPE_BINARY,
            [DZR_PHYSICAL_FIXED] = -1,
    };
    const char *const name = dzr__physical_name(element->type);
    if (name == NULL)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "physical type %d is not known", (int)element->type);
    if (types[element->type] < 0)
        return unsupported(err, name);
    *out = (dzr_type){.id = (dzr_type_id)types[element->type]};
    return DZR_OK;
}

static dzr_status from_timestamp(const dzr_meta_element *element, dzr_type *out, dzr_error *err)
{
    const dzr_meta_time *const time = &element->logical.timestamp;
    DZR_TRY(check_physical(element, "TIMESTAMP", DZR_PHYSICAL_INT64, err));
    if (time->unit.has == 0)
        return unsupported(err, "TIMESTAMP of an unknown unit");
    *out = (dzr_type){.id = DZR_TYPE_TIMESTAMP,
            .unit = DZR_HAS(&time->unit, DZR_UNIT_MILLIS)   ? DZR_UNIT_MS
                    : DZR_HAS(&time->unit, DZR_UNIT_MICROS) ? DZR_UNIT_US
                                                            : DZR_UNIT_NS,
            .utc = time->utc};
    return DZR_OK;
}

static dzr_status from_integer(const dzr_meta_element *element, dzr_type *out, dzr_error *err)
{
    const dzr_meta_integer *const integer = &element->logical.integer;
    const int32_t first = integer->is_signed ? DZR_CONVERTED_INT_8 : DZR_CONVERTED_UINT_8;
    switch (integer->bits) {
    case 8:
        return from_converted(element, first, out, err);
    case 16:
        return from_converted(element, first + 1, out, err);
    case 32:
        return from_converted(element, first + 2, out, err);
    case 64:
        return from_converted(element, first + 3, out, err);
    default:
        return dzr_fail(err, DZR_ERR_CORRUPT, "type INTEGER of %d bits; there are 8, 16, 32 and 64", integer->bits);
    }
}

/* *known is false for an annotation that says nothing to us: the next older kind then decides. */
static dzr_status from_logical(const dzr_meta_element *element, bool *known, dzr_type *out, dzr_error *err)
{
    const dzr_meta_logical *const logical = &element->logical;
    *known = true;
    if (DZR_HAS(logical, DZR_LOGICAL_STRING))
        return from_converted(element, DZR_CONVERTED_UTF8, out, err);
    if (DZR_HAS(logical, DZR_LOGICAL_ENUM))
        return from_converted(element, DZR_CONVERTED_ENUM, out, err);
    if (DZR_HAS(logical, DZR_LOGICAL_JSON))
        return from_converted(element, DZR_CONVERTED_JSON, out, err);
    if (DZR_HAS(logical, DZR_LOGICAL_BSON))
        return from_converted(element, DZR_CONVERTED_BSON, out, err);
    if (DZR_HAS(logical, DZR_LOGICAL_DATE))
        return from_converted(element, DZR_CONVERTED_DATE, out, err);
    if (DZR_HAS(logical, DZR_LOGICAL_TIMESTAMP))
        return from_timestamp(element, out, err);
    if (DZR_HAS(logical, DZR_LOGICAL_INTEGER))
        return from_integer(element, out, err);
    if (DZR_HAS(logical, DZR_LOGICAL_DECIMAL))
        return from_decimal(element, logical->decimal.precision, logical->decimal.scale, out, err);
    if (DZR_HAS(logical, DZR_LOGICAL_UUID))
        return from_uuid(element, out, err);
    static const struct {
        int id;
        const char *name;
    } others[] = {{DZR_LOGICAL_MAP, "MAP"}, {DZR_LOGICAL_LIST, "LIST"}, {DZR_LOGICAL_TIME, "TIME"},
            {DZR_LOGICAL_FLOAT16, "FLOAT16"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (DZR_HAS(logical, others[i].id))
            return unsupported(err, others[i].name);
    *known = false;
    return DZR_OK;
}

dzr_status dzr__type_from_element(const dzr_meta_element *element, dzr_type *out, dzr_error *err)
{
    if (DZR_HAS(element, DZR_ELEMENT_LOGICAL)) {
        bool known = false;
        DZR_TRY(from_logical(element, &known, out, err));
        if (known)
            return DZR_OK;
    }
    if (DZR_HAS(element, DZR_ELEMENT_CONVERTED) && element->converted >= 0 &&
            (size_t)element->converted < sizeof converteds / sizeof *converteds)
        return from_converted(element, element->converted, out, err);
    return from_physical(element, out, err);
}

/* ---- writing ---- */

static void set_logical(dzr_meta_element *out, int id)
{
    out->has |= 1u << DZR_ELEMENT_LOGICAL;
    out->logical.has = 1u << id;
}

static void set_converted(dzr_meta_element *out, dzr_converted converted)
{
    out->has |= 1u << DZR_ELEMENT_CONVERTED;
    out->converted = (int32_t)converted;
}

static void set_decimal(dzr_meta_element *out, dzr_type type)
{
    set_logical(out, DZR_LOGICAL_DECIMAL);
    out->logical.decimal.precision = out->precision = type.precision;
    out->logical.decimal.scale = out->scale = type.scale;
    out->has |= 1u << DZR_ELEMENT_PRECISION | 1u << DZR_ELEMENT_SCALE;
    set_converted(out, DZR_CONVERTED_DECIMAL);
}

static void set_integer(dzr_meta_element *out, int8_t bits, bool is_signed, dzr_converted converted)
{
    set_logical(out, DZR_LOGICAL_INTEGER);
    out->logical.integer = (dzr_meta_integer){.bits = bits, .is_signed = is_signed};
    set_converted(out, converted);
}

/* The converted types are instants; nanoseconds have none. */
static void set_timestamp(dzr_meta_element *out, dzr_type type)
{
    static const uint8_t units[] = {
            [DZR_UNIT_MS] = DZR_UNIT_MILLIS, [DZR_UNIT_US] = DZR_UNIT_MICROS, [DZR_UNIT_NS] = DZR_UNIT_NANOS};
    set_logical(out, DZR_LOGICAL_TIMESTAMP);
    out->logical.timestamp = (dzr_meta_time){.utc = type.utc, .unit.has = 1u << units[type.unit]};
    if (type.utc && type.unit != DZR_UNIT_NS)
        set_converted(out, type.unit == DZR_UNIT_MS ? DZR_CONVERTED_TIMESTAMP_MILLIS : DZR_CONVERTED_TIMESTAMP_MICROS);
}

void dzr__element_from_field(const dzr_field *field, dzr_meta_element *out)
{
    const bool is_group = field->type.id >= DZR_TYPE_STRUCT;
    *out = (dzr_meta_element){
            .has = 1u << (is_group ? DZR_ELEMENT_NUM_CHILDREN : DZR_ELEMENT_TYPE) | 1u << DZR_ELEMENT_REPETITION,
            .type = is_group ? 0 : (int32_t)dzr__physical_of(field->type),
            .repetition = field->nullable ? DZR_REPETITION_OPTIONAL : DZR_REPETITION_REQUIRED,
            .name = {(const uint8_t *)field->name, strlen(field->name)},
            .num_children = field->n_children,
    };
    if (!is_group && out->type == DZR_PHYSICAL_FIXED) {
        out->type_length = 16;
        out->has |= 1u << DZR_ELEMENT_TYPE_LENGTH;
    }
    switch (field->type.id) {
    case DZR_TYPE_INT8:
        set_integer(out, 8, true, DZR_CONVERTED_INT_8);
        break;
    case DZR_TYPE_INT16:
        set_integer(out, 16, true, DZR_CONVERTED_INT_16);
        break;
    case DZR_TYPE_UINT8:
        set_integer(out, 8, false, DZR_CONVERTED_UINT_8);
        break;
    case DZR_TYPE_UINT16:
        set_integer(out, 16, false, DZR_CONVERTED_UINT_16);
        break;
    case DZR_TYPE_UINT32:
        set_integer(out, 32, false, DZR_CONVERTED_UINT_32);
        break;
    case DZR_TYPE_UINT64:
        set_integer(out, 64, false, DZR_CONVERTED_UINT_64);
        break;
    case DZR_TYPE_STRING:
        set_logical(out, DZR_LOGICAL_STRING);
        set_converted(out, DZR_CONVERTED_UTF8);
        break;
    case DZR_TYPE_DATE:
        set_logical(out, DZR_LOGICAL_DATE);
        set_converted(out, DZR_CONVERTED_DATE);
        break;
    case DZR_TYPE_TIMESTAMP:
        set_timestamp(out, field->type);
        break;
    case DZR_TYPE_UUID:
        set_logical(out, DZR_LOGICAL_UUID);
        break;
    case DZR_TYPE_DECIMAL:
        set_decimal(out, field->type);
        break;
    case DZR_TYPE_LIST:
        set_logical(out, DZR_LOGICAL_LIST);
        set_converted(out, DZR_CONVERTED_LIST);
        break;
    case DZR_TYPE_MAP:
        set_logical(out, DZR_LOGICAL_MAP);
        set_converted(out, DZR_CONVERTED_MAP);
        break;
    default: /* INT32 and INT64 are what their physical types mean without a word, as are BOOL, FLOAT, DOUBLE, BINARY */
        break;
    }
}
