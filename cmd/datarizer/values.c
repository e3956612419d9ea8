/* cmd/datarizer/values.c - single values and texts in what commands print. Called by stat, report and diff. */
#include "cmd/datarizer/values.h"

#include <math.h>
#include <string.h>
#include <unistr.h>

/* Bytes of text that make whole characters, at most `most`. */
static size_t whole(const char *text, size_t len, size_t most)
{
    if (len <= most)
        return len;
    while (most > 0 && ((uint8_t)text[most] & 0xc0) == 0x80)
        most--;
    return most;
}

static void put(const char *from, size_t len, size_t most, char *text)
{
    const size_t n = whole(from, len, most);
    if (n > 0)
        memcpy(text, from, n);
    memcpy(text + n, n < len ? "..." : "", n < len ? 4 : 1);
}

static void put_binary(dzr_bytes bytes, size_t most, char *text)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;
    for (; n < bytes.len && 2 * n + 2 <= most; n++) {
        text[2 * n] = digits[bytes.at[n] >> 4];
        text[2 * n + 1] = digits[bytes.at[n] & 15];
    }
    memcpy(text + 2 * n, n < bytes.len ? "..." : "", n < bytes.len ? 4 : 1);
}

static void put_nested(const dzr_batch *batch, int32_t field, int64_t row, size_t most, char *text)
{
    dzr_sink *json = NULL;
    text[0] = '\0';
    if (dzr_sink_memory(SIZE_MAX, NULL, &json, NULL) != DZR_OK)
        return;
    if (dzr_json_write_value(json, batch, field, row, NULL) == DZR_OK) {
        const dzr_bytes bytes = dzr_sink_memory_bytes(json);
        put((const char *)bytes.at, bytes.len, most, text);
    }
    dzr_sink_close(json);
}

/* What JSON has no number for. */
static const char *not_finite(const dzr_column *column, int64_t row)
{
    const double value = column->type.id == DZR_TYPE_DOUBLE  ? ((const double *)column->values)[row]
                         : column->type.id == DZR_TYPE_FLOAT ? (double)((const float *)column->values)[row]
                         : column->type.id == DZR_TYPE_HALF
                                 ? dzr_half_to_double(((const uint16_t *)column->values)[row])
                                 : 0;
    return isnan(value) ? "NaN" : !isinf(value) ? NULL : value > 0 ? "Infinity" : "-Infinity";
}

void value_text(const dzr_batch *batch, int32_t field, int64_t row, size_t most, char *text, size_t room)
{
    char scalar[DZR_JSON_SCALAR_BYTES];
    const dzr_column *const column = dzr_column_is_null(dzr_batch_column(batch, field), row)
                                             ? NULL
                                             : dzr_column_resolve(dzr_batch_column(batch, field), &row);
    const dzr_type_id id = column != NULL ? column->type.id : DZR_TYPE_NULL;
    most = most + 4 > room ? room - 4 : most;
    if (column == NULL) {
        put("null", 4, most, text);
    } else if (id == DZR_TYPE_STRING) {
        const dzr_bytes bytes = dzr_column_bytes(column, row);
        put((const char *)bytes.at, bytes.len, most, text);
    } else if (id == DZR_TYPE_BINARY) {
        put_binary(dzr_column_bytes(column, row), most, text);
    } else if (id == DZR_TYPE_FIXED) {
        put_binary(dzr_column_fixed(column, row), most, text);
    } else if (id == DZR_TYPE_STRUCT || id == DZR_TYPE_LIST || id == DZR_TYPE_MAP) {
        put_nested(batch, field, row, most, text);
    } else if (not_finite(column, row) != NULL) {
        put(not_finite(column, row), strlen(not_finite(column, row)), most, text);
    } else {
        const size_t n = dzr_json_print_scalar(column, row, scalar);
        const size_t quote = scalar[0] == '"'; /* dates, times, UUIDs */
        put(scalar + quote, n - 2 * quote, most, text);
    }
}

void print_json_string(dzr_bytes text, FILE *out)
{
    putc('"', out);
    for (size_t i = 0; i < text.len;) {
        ucs4_t code = 0;
        const size_t n = (size_t)u8_mbtouc(&code, text.at + i, text.len - i);
        if (code == '"' || code == '\\')
            fprintf(out, "\\%c", (char)code);
        else if (code < 0x20)
            fprintf(out, "\\u%04x", (unsigned)code);
        else if (code == 0xfffd)
            fputs("\xef\xbf\xbd", out);
        else
            fwrite(text.at + i, 1, n, out);
        i += n;
    }
    putc('"', out);
}

void print_json_text(const char *text, FILE *out)
{
    print_json_string((dzr_bytes){(const uint8_t *)text, strlen(text)}, out);
}

dzr_status print_json_value(const dzr_batch *batch, int32_t field, int64_t row, FILE *out, dzr_error *err)
{
    dzr_sink *json = NULL;
    dzr_status st = dzr_sink_memory(SIZE_MAX, NULL, &json, err);
    if (st == DZR_OK)
        st = dzr_json_write_value(json, batch, field, row, err);
    if (st == DZR_OK) {
        const dzr_bytes bytes = dzr_sink_memory_bytes(json);
        fwrite(bytes.at, 1, bytes.len, out);
    }
    dzr_sink_close(json);
    return st;
}

void print_json_number(double number, FILE *out)
{
    const dzr_column column = {.type = {.id = DZR_TYPE_DOUBLE}, .n_rows = 1, .values = &number};
    char text[DZR_JSON_SCALAR_BYTES];
    (void)dzr_json_print_scalar(&column, 0, text);
    fputs(text, out);
}
