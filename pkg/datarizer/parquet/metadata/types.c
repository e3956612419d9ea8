/* parquet/metadata/types.c - the frame's types and the format's, both ways: physical type, logical type and the older
 * converted type. Called by reader/ for each leaf and by writer/ for each field.
 * Spec: parquet-format LogicalTypes.md; parquet.thrift, LogicalType and SchemaElement. */
#include "parquet/metadata/metadata.h"

#include <stdlib.h>

enum { DIGITS_INT32 = 9, DIGITS_INT64 = 18, INTERVAL_BYTES = 12 };

dzr_physical dzr__physical_of(dzr_type type)
{
    switch (type.id) {
    case DZR_TYPE_BOOL:
        return DZR_PHYSICAL_BOOLEAN;
    case DZR_TYPE_INT64:
    case DZR_TYPE_UINT64:
    case DZR_TYPE_TIMESTAMP:
    case DZR_TYPE_DURATION:
        return DZR_PHYSICAL_INT64;
    case DZR_TYPE_TIME:
        return type.unit == DZR_UNIT_MS ? DZR_PHYSICAL_INT32 : DZR_PHYSICAL_INT64;
    case DZR_TYPE_DECIMAL:
        return type.precision <= DIGITS_INT32   ? DZR_PHYSICAL_INT32
               : type.precision <= DIGITS_INT64 ? DZR_PHYSICAL_INT64
                                                : DZR_PHYSICAL_FIXED;
    case DZR_TYPE_HALF:
    case DZR_TYPE_FIXED:
    case DZR_TYPE_UUID:
        return DZR_PHYSICAL_FIXED;
    case DZR_TYPE_FLOAT:
        return DZR_PHYSICAL_FLOAT;
    case DZR_TYPE_DOUBLE:
        return DZR_PHYSICAL_DOUBLE;
    case DZR_TYPE_STRING:
    case DZR_TYPE_BINARY:
        return DZR_PHYSICAL_BYTE_ARRAY;
    default: /* 8, 16 and 32 bits and days; and nothing but nulls, which can stand on anything */
        return DZR_PHYSICAL_INT32;
    }
}

int32_t dzr__fixed_bytes(dzr_type type)
{
    static const uint8_t digits[] = {0, 2, 4, 6, 9, 11, 14, 16, 18, 21, 23, 26, 28, 31, 33, 35, 38, 40, 43, 45, 47, 50,
            52, 55, 57, 59, 62, 64, 67, 69, 71, 74, 76}; /* that always fit so many bytes */
    switch (type.id) {
    case DZR_TYPE_HALF:
        return 2;
    case DZR_TYPE_UUID:
        return DZR_UUID_BYTES;
    case DZR_TYPE_FIXED:
        return type.width;
    case DZR_TYPE_DECIMAL: {
        int32_t n = 1;
        while (digits[n] < type.precision)
            n++;
        return n;
    }
    default:
        return 0;
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
        [DZR_CONVERTED_TIME_MILLIS] = {"TIME", DZR_PHYSICAL_INT32, true,
                {.id = DZR_TYPE_TIME, .unit = DZR_UNIT_MS, .utc = true}},
        [DZR_CONVERTED_TIME_MICROS] = {"TIME", DZR_PHYSICAL_INT64, true,
                {.id = DZR_TYPE_TIME, .unit = DZR_UNIT_US, .utc = true}},
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
        [DZR_CONVERTED_INTERVAL] = {"INTERVAL", DZR_PHYSICAL_FIXED, true,
                {.id = DZR_TYPE_FIXED, .width = INTERVAL_BYTES}},
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

/* A fixed number of bytes, n of them. */
static dzr_status check_fixed(const dzr_meta_element *element, const char *name, int32_t n, dzr_error *err)
{
    DZR_TRY(check_physical(element, name, DZR_PHYSICAL_FIXED, err));
    if (element->type_length == n)
        return DZR_OK;
    return dzr_fail(err, DZR_ERR_CORRUPT, "type %s of %d bytes, it has %d", name, element->type_length, n);
}

static dzr_status from_decimal(
        const dzr_meta_element *element, int32_t precision, int32_t scale, dzr_type *out, dzr_error *err)
{
    if (element->type != DZR_PHYSICAL_INT32 && element->type != DZR_PHYSICAL_INT64 &&
            element->type != DZR_PHYSICAL_FIXED)
        DZR_TRY(check_physical(element, "DECIMAL", DZR_PHYSICAL_BYTE_ARRAY, err));
    if (precision < 1 || scale < 0 || scale > precision)
        return dzr_fail(
                err, DZR_ERR_CORRUPT, "type DECIMAL of %d digits, %d of them after the point", precision, scale);
    if (precision > DZR_DECIMAL_DIGITS)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "type DECIMAL of %d digits, at most %d are supported", precision,
                DZR_DECIMAL_DIGITS);
    *out = (dzr_type){.id = DZR_TYPE_DECIMAL, .precision = precision, .scale = scale};
    return DZR_OK;
}

static dzr_status from_converted(const dzr_meta_element *element, int32_t converted, dzr_type *out, dzr_error *err)
{
    if (converted == DZR_CONVERTED_DECIMAL)
        return from_decimal(element, element->precision, element->scale, out, err);
    if (converted == DZR_CONVERTED_INTERVAL)
        DZR_TRY(check_fixed(element, "INTERVAL", INTERVAL_BYTES, err));
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
            [DZR_PHYSICAL_INT96] = DZR_TYPE_TIMESTAMP,
            [DZR_PHYSICAL_FLOAT] = DZR_TYPE_FLOAT,
            [DZR_PHYSICAL_DOUBLE] = DZR_TYPE_DOUBLE,
            [DZR_PHYSICAL_BYTE_ARRAY] = DZR_TYPE_BINARY,
            [DZR_PHYSICAL_FIXED] = DZR_TYPE_FIXED,
    };
    const char *const name = dzr__physical_name(element->type);
    if (name == NULL)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "physical type %d is not known", (int)element->type);
    *out = (dzr_type){.id = (dzr_type_id)types[element->type]};
    if (out->id == DZR_TYPE_TIMESTAMP)
        out->unit = DZR_UNIT_US; /* INT96, without a zone: nanoseconds would end in the year 2262 */
    if (out->id == DZR_TYPE_FIXED)
        out->width = element->type_length;
    return DZR_OK;
}

static dzr_time_unit unit_of(const dzr_meta_time *time)
{
    return DZR_HAS(&time->unit, DZR_UNIT_MILLIS)   ? DZR_UNIT_MS
           : DZR_HAS(&time->unit, DZR_UNIT_MICROS) ? DZR_UNIT_US
                                                   : DZR_UNIT_NS;
}

static dzr_status from_timestamp(const dzr_meta_element *element, dzr_type *out, dzr_error *err)
{
    const dzr_meta_time *const time = &element->logical.timestamp;
    DZR_TRY(check_physical(element, "TIMESTAMP", DZR_PHYSICAL_INT64, err));
    if (time->unit.has == 0)
        return unsupported(err, "TIMESTAMP of an unknown unit");
    *out = (dzr_type){.id = DZR_TYPE_TIMESTAMP, .unit = unit_of(time), .utc = time->utc};
    return DZR_OK;
}

static dzr_status from_time(const dzr_meta_element *element, dzr_type *out, dzr_error *err)
{
    const dzr_meta_time *const time = &element->logical.time;
    if (time->unit.has == 0)
        return unsupported(err, "TIME of an unknown unit");
    const dzr_type type = {.id = DZR_TYPE_TIME, .unit = unit_of(time), .utc = time->utc};
    DZR_TRY(check_physical(element, "TIME", dzr__physical_of(type), err));
    *out = type;
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
    if (DZR_HAS(logical, DZR_LOGICAL_TIME))
        return from_time(element, out, err);
    if (DZR_HAS(logical, DZR_LOGICAL_UUID)) {
        *out = (dzr_type){.id = DZR_TYPE_UUID};
        return check_fixed(element, "UUID", dzr__fixed_bytes(*out), err);
    }
    if (DZR_HAS(logical, DZR_LOGICAL_FLOAT16)) {
        *out = (dzr_type){.id = DZR_TYPE_HALF};
        return check_fixed(element, "FLOAT16", dzr__fixed_bytes(*out), err);
    }
    if (DZR_HAS(logical, DZR_LOGICAL_UNKNOWN) && element->repetition == DZR_REPETITION_OPTIONAL) {
        *out = (dzr_type){.id = DZR_TYPE_NULL};
        return DZR_OK;
    }
    if (DZR_HAS(logical, DZR_LOGICAL_MAP) || DZR_HAS(logical, DZR_LOGICAL_LIST))
        return unsupported(err, DZR_HAS(logical, DZR_LOGICAL_MAP) ? "MAP" : "LIST");
    *known = false;
    return DZR_OK;
}

dzr_status dzr__type_from_element(const dzr_meta_element *element, dzr_type *out, dzr_error *err)
{
    if (element->type == DZR_PHYSICAL_FIXED && (element->type_length < 1 || element->type_length > DZR_MAX_WIDTH))
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "values of %d bytes, at most %d are supported", element->type_length,
                DZR_MAX_WIDTH);
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

static void set_integer(dzr_meta_element *out, int8_t bits, bool is_signed, dzr_converted converted)
{
    set_logical(out, DZR_LOGICAL_INTEGER);
    out->logical.integer = (dzr_meta_integer){.bits = bits, .is_signed = is_signed};
    set_converted(out, converted);
}

/* The converted types are instants; nanoseconds have none. */
static void set_time(dzr_meta_element *out, dzr_type type)
{
    static const uint8_t units[] = {
            [DZR_UNIT_MS] = DZR_UNIT_MILLIS, [DZR_UNIT_US] = DZR_UNIT_MICROS, [DZR_UNIT_NS] = DZR_UNIT_NANOS};
    const bool is_time = type.id == DZR_TYPE_TIME;
    const dzr_meta_time time = {.utc = type.utc, .unit.has = 1u << units[type.unit]};
    set_logical(out, is_time ? DZR_LOGICAL_TIME : DZR_LOGICAL_TIMESTAMP);
    *(is_time ? &out->logical.time : &out->logical.timestamp) = time;
    if (!type.utc || type.unit == DZR_UNIT_NS)
        return;
    if (type.unit == DZR_UNIT_MS)
        set_converted(out, is_time ? DZR_CONVERTED_TIME_MILLIS : DZR_CONVERTED_TIMESTAMP_MILLIS);
    else
        set_converted(out, is_time ? DZR_CONVERTED_TIME_MICROS : DZR_CONVERTED_TIMESTAMP_MICROS);
}

static void set_decimal(dzr_meta_element *out, dzr_type type)
{
    set_logical(out, DZR_LOGICAL_DECIMAL);
    out->logical.decimal = (dzr_meta_decimal){.precision = type.precision, .scale = type.scale};
    set_converted(out, DZR_CONVERTED_DECIMAL);
    out->has |= 1u << DZR_ELEMENT_PRECISION | 1u << DZR_ELEMENT_SCALE;
    out->precision = type.precision;
    out->scale = type.scale;
}

/* A note that is no number is not one of ours. */
static void set_field_id(dzr_meta_element *out, const dzr_field *field)
{
    const dzr_key_value *const note = dzr_field_note(field, DZR_PARQUET_FIELD_ID);
    char text[16] = "", *end = NULL;
    if (note == NULL || note->value.len == 0 || note->value.len >= sizeof text)
        return;
    memcpy(text, note->value.at, note->value.len);
    const long id = strtol(text, &end, 10);
    if (end != text + note->value.len || id < INT32_MIN || id > INT32_MAX)
        return;
    out->has |= 1u << DZR_ELEMENT_FIELD_ID;
    out->field_id = (int32_t)id;
}

void dzr__element_from_field(const dzr_field *field, dzr_meta_element *out)
{
    const bool is_group = field->type.id >= DZR_TYPE_STRUCT;
    const dzr_physical physical = dzr__physical_of(field->type);
    const bool is_fixed = !is_group && physical == DZR_PHYSICAL_FIXED;
    *out = (dzr_meta_element){
            .has = 1u << (is_group ? DZR_ELEMENT_NUM_CHILDREN : DZR_ELEMENT_TYPE) | 1u << DZR_ELEMENT_REPETITION |
                   (is_fixed ? 1u << DZR_ELEMENT_TYPE_LENGTH : 0),
            .type = is_group ? 0 : (int32_t)physical,
            .type_length = is_fixed ? dzr__fixed_bytes(field->type) : 0,
            .repetition = field->nullable ? DZR_REPETITION_OPTIONAL : DZR_REPETITION_REQUIRED,
            .name = {(const uint8_t *)field->name, strlen(field->name)},
            .num_children = field->n_children,
    };
    set_field_id(out, field);
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
    case DZR_TYPE_TIME:
        set_time(out, field->type);
        break;
    case DZR_TYPE_DECIMAL:
        set_decimal(out, field->type);
        break;
    case DZR_TYPE_HALF:
        set_logical(out, DZR_LOGICAL_FLOAT16);
        break;
    case DZR_TYPE_UUID:
        set_logical(out, DZR_LOGICAL_UUID);
        break;
    case DZR_TYPE_NULL:
        set_logical(out, DZR_LOGICAL_UNKNOWN);
        break;
    case DZR_TYPE_LIST:
        set_logical(out, DZR_LOGICAL_LIST);
        set_converted(out, DZR_CONVERTED_LIST);
        break;
    case DZR_TYPE_MAP:
        set_logical(out, DZR_LOGICAL_MAP);
        set_converted(out, DZR_CONVERTED_MAP);
        break;
    default: /* INT32 and INT64 are what their physical types mean without a word, as are BOOL, FLOAT, DOUBLE, BINARY,
                FIXED; for DURATION there is none, but in Arrow's schema */
        break;
    }
}
