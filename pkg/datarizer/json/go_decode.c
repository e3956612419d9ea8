/* json/go_decode.c - json_go.h: members of a value that go_scan.c has found sound, put into their fields, and what Go
 * says where they do not fit. Called by services that answer as a Go program did.
 * Spec: Go 1.24's encoding/json, Decoder.Decode into a struct. */
#include "json/internal.h"

#include <datarizer/json_go.h>

#include <stdio.h>

struct dzr_json_go {
    const dzr_allocator *alloc;
    dzr_schema *schema;
    dzr__json_names names;
    dzr_bytebuf scratch;     /* strings that are not as they stand in the text */
    dzr_bytebuf complaint;   /* Go's words */
    char *type_name;         /* "main.User" */
    const char *struct_name; /* "User", inside it */
    dzr__json_go_scan scan;
};

/* ---- making one ---- */

static dzr_status check_types(const dzr_schema *schema, dzr_error *err)
{
    for (int32_t i = 0; i < dzr_schema_n_fields(schema); i++) {
        const dzr_field *const field = dzr_schema_field(schema, i);
        if (field->type.id != DZR_TYPE_STRING && field->type.id != DZR_TYPE_INT64)
            return dzr_fail(err, DZR_ERR_ARG, "field \"%s\" is %s; string and int64 are decoded", field->name,
                    dzr_type_name(field->type));
    }
    return DZR_OK;
}

dzr_status dzr_json_go_new(
        const dzr_schema *schema, const char *type_name, const dzr_allocator *alloc, dzr_json_go **out, dzr_error *err)
{
    DZR_TRY(check_types(schema, err));
    dzr_json_go *const decoder = dzr_alloc_zeroed(alloc, 1, sizeof *decoder, err);
    if (decoder == NULL)
        return DZR_ERR_NOMEM;
    decoder->alloc = decoder->scratch.alloc = decoder->complaint.alloc = alloc;
    const size_t room = strlen(type_name) + 1;
    decoder->type_name = dzr_alloc_array(alloc, room, 1, err);
    if (decoder->type_name == NULL) {
        dzr_release(alloc, decoder);
        return DZR_ERR_NOMEM;
    }
    memcpy(decoder->type_name, type_name, room);
    const char *const dot = strrchr(decoder->type_name, '.');
    decoder->struct_name = dot != NULL ? dot + 1 : decoder->type_name;
    const int32_t n_fields = dzr_schema_n_fields(schema);
    const dzr_field *const fields = n_fields > 0 ? dzr_schema_field(schema, 0) : NULL;
    const dzr_status st = dzr__json_names_init(&decoder->names, fields, n_fields, true, alloc, err);
    if (st != DZR_OK) {
        dzr_release(alloc, decoder->type_name);
        dzr_release(alloc, decoder);
        return st;
    }
    decoder->schema = dzr_schema_hold(schema);
    *out = decoder;
    return DZR_OK;
}

void dzr_json_go_free(dzr_json_go *decoder)
{
    if (decoder == NULL)
        return;
    const dzr_allocator *const alloc = decoder->alloc;
    dzr__json_names_fini(&decoder->names);
    dzr_schema_free(decoder->schema);
    dzr__bytebuf_fini(&decoder->scratch);
    dzr__bytebuf_fini(&decoder->complaint);
    dzr_release(alloc, decoder->type_name);
    dzr_release(alloc, decoder);
}

dzr_bytes dzr_json_go_complaint(const dzr_json_go *decoder)
{
    return (dzr_bytes){decoder->complaint.at, decoder->complaint.len};
}

/* ---- complaints ---- */

static dzr_status complain(dzr_json_go *decoder, dzr_status status, const char *const parts[], dzr_error *err)
{
    decoder->complaint.len = 0;
    for (; *parts != NULL; parts++)
        DZR_TRY(dzr__bytebuf_append(&decoder->complaint, *parts, strlen(*parts), err));
    const size_t shown = DZR_MIN(decoder->complaint.len, (size_t)DZR_ERROR_BYTES);
    return dzr_fail(err, status, "%.*s", (int)shown, (const char *)decoder->complaint.at);
}

static dzr_status complain_of_syntax(dzr_json_go *decoder, dzr_bytes text, bool is_empty, dzr_error *err)
{
    const dzr__json_go_scan *const scan = &decoder->scan;
    char quoted[DZR__JSON_GO_QUOTED] = "";
    const char *parts[] = {"invalid character ", quoted, " ", scan->context, NULL};
    dzr_status status = dzr__json_go_fault(scan);
    if (status != DZR_ERR_TRUNCATED) {
        dzr__json_go_quote(*scan->at, quoted);
    } else {
        parts[0] = is_empty ? "EOF" : "unexpected EOF";
        parts[1] = NULL;
    }
    status = complain(decoder, status, parts, err);
    if (err != NULL && status != DZR_ERR_NOMEM)
        err->offset = scan->at - text.at;
    return status;
}

/* Of the first value that does not fit, which counts when the syntax turns out right. number: NUL-terminated digits
 * that go into the complaint; "" without. */
static dzr_status complain_of_field(
        dzr_json_go *decoder, int32_t column, uint8_t first, const char *number, dzr_error *err)
{
    if (decoder->complaint.len > 0)
        return DZR_ERR_TYPE;
    const dzr_field *const field = dzr_schema_field(decoder->schema, column);
    const char *const parts[] = {"json: cannot unmarshal ", dzr__json_go_kind(first), *number != '\0' ? " " : "",
            number, " into Go struct field ", decoder->struct_name, ".", field->name, " of type ",
            field->type.id == DZR_TYPE_STRING ? "string" : "int", NULL};
    return complain(decoder, DZR_ERR_TYPE, parts, err);
}

/* ---- values ---- */

/* quoted is what was walked over last. scratch is given room for all strings of the text before it holds the first, so
 * the views into it stay. */
static dzr_status take_string(dzr_json_go *decoder, dzr_bytes quoted, dzr_bytes *out, dzr_error *err)
{
    *out = (dzr_bytes){quoted.at + 1, quoted.len - 2};
    if (decoder->scan.is_plain)
        return DZR_OK;
    if (decoder->scratch.len == 0) /* a stray byte becomes three */
        DZR_TRY(dzr__bytebuf_reserve(&decoder->scratch, 3 * (size_t)(decoder->scan.end - quoted.at), err));
    const uint32_t tokens[] = {0, 0};
    dzr__json_walk walk = {.text = quoted.at, .len = quoted.len, .next = tokens, .end = tokens + 1};
    bool replaced = false;
    return dzr__json_take_string(&walk, &decoder->scratch, out, &replaced, err);
}

/* As Go's strconv.ParseInt: digits alone, within 64 bits. */
static bool parse_int(dzr_bytes text, int64_t *out)
{
    const bool negative = text.at[0] == '-';
    int64_t value = 0;
    for (size_t i = negative; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        const int digit = text.at[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
                __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return false;
    }
    *out = value;
    return true;
}

static dzr_status take_int(
        dzr_json_go *decoder, int32_t column, dzr_bytes digits, dzr_json_go_value *value, dzr_error *err)
{
    if (parse_int(digits, &value->number))
        return DZR_OK;
    char *const number = dzr_alloc_array(decoder->alloc, digits.len + 1, 1, err);
    if (number == NULL)
        return DZR_ERR_NOMEM;
    memcpy(number, digits.at, digits.len);
    number[digits.len] = '\0';
    const dzr_status st = complain_of_field(decoder, column, digits.at[0], number, err);
    dzr_release(decoder->alloc, number);
    return st;
}

static dzr_status take_value(
        dzr_json_go *decoder, int32_t column, dzr_bytes token, dzr_json_go_value *value, dzr_error *err)
{
    const uint8_t first = token.at[0];
    if (first == 'n')
        return DZR_OK;
    const bool is_number = first == '-' || (first >= '0' && first <= '9');
    value->is_set = true;
    if (dzr_schema_field(decoder->schema, column)->type.id == DZR_TYPE_STRING) {
        if (first == '"')
            return take_string(decoder, token, &value->text, err);
    } else if (is_number) {
        return take_int(decoder, column, token, value, err);
    }
    return complain_of_field(decoder, column, first, "", err);
}

static dzr_status find_column(dzr_json_go *decoder, dzr_bytes quoted, int32_t *column, dzr_error *err)
{
    const size_t before = decoder->scratch.len;
    dzr_bytes name;
    DZR_TRY(take_string(decoder, quoted, &name, err));
    DZR_TRY(dzr__json_names_find(&decoder->names, name, column, err));
    decoder->scratch.len = before;
    return DZR_OK;
}

/* Past the name and colon; *fit becomes DZR_ERR_TYPE when the value does not fit. */
static dzr_status take_member(dzr_json_go *decoder, dzr_json_go_value *values, dzr_status *fit, dzr_error *err)
{
    dzr__json_go_scan *const scan = &decoder->scan;
    int32_t column = -1;
    DZR_TRY(find_column(decoder, scan->name, &column, err));
    if (!dzr__json_go_space(scan))
        return dzr__json_go_fault(scan);
    const uint8_t *const value = scan->at;
    if (!dzr__json_go_skip(scan))
        return dzr__json_go_fault(scan);
    if (column < 0)
        return DZR_OK;
    const dzr_status st =
            take_value(decoder, column, (dzr_bytes){value, (size_t)(scan->at - value)}, &values[column], err);
    if (st != DZR_ERR_TYPE)
        return st;
    *fit = st;
    return DZR_OK;
}

/* At the opening brace. DZR_ERR_TYPE when the syntax is right and a value does not fit. */
static dzr_status take_members(dzr_json_go *decoder, dzr_json_go_value *values, dzr_error *err)
{
    dzr__json_go_scan *const scan = &decoder->scan;
    dzr_status fit = DZR_OK;
    bool more = false;
    if (!dzr__json_go_open(scan, &more))
        return dzr__json_go_fault(scan);
    while (more) {
        DZR_TRY(take_member(decoder, values, &fit, err));
        if (!dzr__json_go_next(scan, &more))
            return dzr__json_go_fault(scan);
    }
    return fit;
}

dzr_status dzr_json_go_decode(dzr_json_go *decoder, dzr_bytes text, dzr_json_go_value *values, dzr_error *err)
{
    dzr__json_go_scan *const scan = &decoder->scan;
    decoder->complaint.len = decoder->scratch.len = 0;
    memset(values, 0, (size_t)dzr_schema_n_fields(decoder->schema) * sizeof *values);
    const bool is_empty = !dzr__json_go_start(scan, text);
    const uint8_t first = is_empty ? 0 : *scan->at;
    dzr_status st = DZR_OK;
    if (first == '{')
        st = take_members(decoder, values, err);
    else if (!dzr__json_go_skip(scan))
        st = dzr__json_go_fault(scan);
    if (st == DZR_ERR_TRUNCATED || st == DZR_ERR_SYNTAX || st == DZR_ERR_LIMIT)
        return complain_of_syntax(decoder, text, is_empty, err);
    if (st != DZR_OK || first == '{' || first == 'n')
        return st;
    const char *const parts[] = {
            "json: cannot unmarshal ", dzr__json_go_kind(first), " into Go value of type ", decoder->type_name, NULL};
    return complain(decoder, DZR_ERR_TYPE, parts, err);
}

size_t dzr_json_go_write_string(dzr_bytes text, uint8_t *out)
{
    out[0] = '"';
    const size_t n = dzr__json_escape(text, true, out + 1);
    out[n + 1] = '"';
    return n + 2;
}
