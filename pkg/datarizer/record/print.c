/* record/print.c - a record as Go's json.Marshal writes it. Called by jsonl.c. Strings are copied straight into the
 * line, escaped; numbers are the shortest that read back the same. */
#include "record/internal.h"
#include "json/internal.h"

#include <math.h>
#include <openssl/evp.h>

static dzr_status put(dzr_bytebuf *out, const char *text, dzr_error *err)
{
    return dzr__bytebuf_append(out, text, strlen(text), err);
}

/* The length of the well-formed character at `at`, or 0. */
static size_t character(const uint8_t *at, size_t left)
{
    const size_t n = *at < 0x80 ? 1 : *at < 0xE0 ? 2 : *at < 0xF0 ? 3 : 4;
    return n <= left && dzr__utf8_valid(at, n) ? n : 0;
}

/* As many bytes as are UTF-8. */
static size_t valid_prefix(const uint8_t *at, size_t len)
{
    if (dzr__utf8_valid(at, len))
        return len;
    size_t done = 0;
    for (size_t n; done < len && (n = character(at + done, len - done)) > 0;)
        done += n;
    return done;
}

/* Bytes that are not UTF-8 become \ufffd, one by one. */
static dzr_status put_string(dzr_bytebuf *out, dzr_bytes text, dzr_error *err)
{
    DZR_TRY(put(out, "\"", err));
    for (size_t at = 0; at < text.len;) {
        const size_t n = valid_prefix(text.at + at, text.len - at);
        DZR_TRY(dzr__bytebuf_reserve(out, 6 * n + 16, err));
        out->len += dzr__json_escape((dzr_bytes){text.at + at, n}, true, out->at + out->len);
        at += n;
        if (at < text.len) {
            DZR_TRY(put(out, "\\ufffd", err));
            at++;
        }
    }
    return put(out, "\"", err);
}

static dzr_status put_base64(dzr_bytebuf *out, dzr_bytes bytes, dzr_error *err)
{
    enum { PIECE = 3 << 20 }; /* EVP_EncodeBlock counts in int */
    DZR_TRY(put(out, "\"", err));
    for (size_t at = 0; at < bytes.len; at += PIECE) {
        const size_t n = DZR_MIN(bytes.len - at, (size_t)PIECE);
        DZR_TRY(dzr__bytebuf_reserve(out, (n + 2) / 3 * 4 + 1, err));
        out->len += (size_t)EVP_EncodeBlock(out->at + out->len, bytes.at + at, (int)n);
    }
    return put(out, "\"", err);
}

static dzr_status refuse_number(double value, dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_TYPE, "json: unsupported value: %s",
            isnan(value) ? "NaN"
            : value > 0  ? "+Inf"
                         : "-Inf");
}

static dzr_status put_real(dzr_bytebuf *out, const dzr_record_field *field, const void *value, dzr_error *err)
{
    DZR_TRY(dzr__bytebuf_reserve(out, DZR_JSON_SCALAR_BYTES, err));
    char *const to = (char *)out->at + out->len;
    if (field->type.id == DZR_TYPE_FLOAT || field->type.id == DZR_TYPE_HALF) {
        float narrow;
        memcpy(&narrow, value, sizeof narrow);
        if (field->type.id == DZR_TYPE_HALF) /* as its column would have it */
            narrow = (float)dzr_half_to_double(dzr_half_from_double((double)narrow));
        if (!isfinite(narrow))
            return refuse_number((double)narrow, err);
        out->len += dzr__json_print_float(narrow, DZR__DOUBLE_GO, to);
        return DZR_OK;
    }
    double wide;
    memcpy(&wide, value, sizeof wide);
    if (!isfinite(wide))
        return refuse_number(wide, err);
    out->len += dzr__json_print_double(wide, DZR__DOUBLE_GO, to);
    return DZR_OK;
}

static dzr_status put_whole(dzr_bytebuf *out, const dzr_record_field *field, const void *value, dzr_error *err)
{
    DZR_TRY(dzr__bytebuf_reserve(out, DZR_JSON_SCALAR_BYTES, err));
    char *const to = (char *)out->at + out->len;
    const dzr_type_id id = field->type.id;
    if (id >= DZR_TYPE_UINT8 && id <= DZR_TYPE_UINT64) {
        out->len += dzr__json_print_uint(dzr__load_unsigned(value, field->size), to);
        return DZR_OK;
    }
    const int64_t integer = dzr__load_signed(value, field->size);
    if (field->json_number || (id >= DZR_TYPE_INT8 && id <= DZR_TYPE_INT64)) {
        out->len += dzr__json_print_int(integer, to);
        return DZR_OK;
    }
    *to = '"';
    const size_t n = id == DZR_TYPE_DATE   ? dzr__json_print_date((int32_t)integer, to + 1)
                     : id == DZR_TYPE_TIME ? dzr__json_print_time(integer, field->type.unit, to + 1)
                                           : dzr__json_print_timestamp(integer, field->type, to + 1);
    to[n + 1] = '"';
    out->len += n + 2;
    return DZR_OK;
}

static dzr_status put_wide(dzr_bytebuf *out, const dzr_record_field *field, const void *value, dzr_error *err)
{
    char text[DZR_DECIMAL_TEXT];
    if (field->type.id == DZR_TYPE_DECIMAL) {
        (void)dzr_decimal_print(dzr__member_decimal(value, field), field->type.scale, text);
        return put(out, text, err);
    }
    dzr_uuid_print(value, text);
    DZR_TRY(put(out, "\"", err));
    DZR_TRY(put(out, text, err));
    return put(out, "\"", err);
}

static dzr_status put_value(const dzr_record_field *field, const void *record, dzr_bytebuf *out, dzr_error *err);

static dzr_status put_members(const dzr_record_type *type, const void *record, dzr_bytebuf *out, dzr_error *err)
{
    for (int32_t i = 0; i < type->n_fields; i++) {
        const char *const name = dzr__json_name(&type->fields[i]);
        DZR_TRY(put(out, i == 0 ? "{" : ",", err));
        DZR_TRY(put_string(out, (dzr_bytes){(const uint8_t *)name, strlen(name)}, err));
        DZR_TRY(put(out, ":", err));
        DZR_TRY(put_value(&type->fields[i], record, out, err));
    }
    return put(out, "}", err);
}

static dzr_status put_list(const dzr_record_field *element, const dzr_list *list, dzr_bytebuf *out, dzr_error *err)
{
    for (size_t i = 0; i < list->n_items; i++) {
        DZR_TRY(put(out, i == 0 ? "[" : ",", err));
        DZR_TRY(put_value(element, dzr__item(list, element, i), out, err));
    }
    return put(out, list->n_items == 0 ? "[]" : "]", err);
}

static dzr_status put_value(const dzr_record_field *field, const void *record, dzr_bytebuf *out, dzr_error *err)
{
    const void *const value = dzr__member_of(record, field);
    if (!dzr__member_is_set(record, field))
        return put(out, "null", err);
    switch (field->type.id) {
    case DZR_TYPE_BOOL:
        return put(out, *(const bool *)value ? "true" : "false", err);
    case DZR_TYPE_HALF:
    case DZR_TYPE_FLOAT:
    case DZR_TYPE_DOUBLE:
        return put_real(out, field, value, err);
    case DZR_TYPE_STRING:
        return put_string(out, *(const dzr_bytes *)value, err);
    case DZR_TYPE_BINARY:
        return put_base64(out, *(const dzr_bytes *)value, err);
    case DZR_TYPE_FIXED:
        return put_base64(out, (dzr_bytes){value, field->size}, err);
    case DZR_TYPE_STRUCT:
        return put_members(field->record, value, out, err);
    case DZR_TYPE_LIST:
        return put_list(field->element, value, out, err);
    case DZR_TYPE_UUID:
    case DZR_TYPE_DECIMAL:
        return put_wide(out, field, value, err);
    default:
        return put_whole(out, field, value, err);
    }
}

dzr_status dzr__record_print(const dzr_record_type *type, const void *record, dzr_bytebuf *out, dzr_error *err)
{
    return put_members(type, record, out, err);
}
