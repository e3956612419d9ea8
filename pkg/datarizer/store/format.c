/* store/format.c - formats and their names. Called by table_reader.c, table_writer.c and programs. */
#include "base/internal.h"
#include <datarizer/table.h>

#include <strings.h>

static const struct {
    const char *name; /* and, after a dot, the ending */
    dzr_format format;
} formats[] = {{"parquet", DZR_FORMAT_PARQUET}, {"jsonl", DZR_FORMAT_JSONL}, {"ndjson", DZR_FORMAT_JSONL},
        {"json", DZR_FORMAT_JSON}, {"csv", DZR_FORMAT_CSV}, {"tsv", DZR_FORMAT_TSV}};

const char *dzr_format_name(dzr_format format)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].format == format)
            return formats[i].name;
    return "by name";
}

static bool find(const char *name, size_t len, dzr_format *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (len == strlen(formats[i].name) && strncasecmp(name, formats[i].name, len) == 0) {
            *out = formats[i].format;
            return true;
        }
    }
    return false;
}

dzr_status dzr_format_find(const char *name, dzr_format *out, dzr_error *err)
{
    return find(name, strlen(name), out)
                   ? DZR_OK
                   : dzr_fail(err, DZR_ERR_ARG, "no format \"%s\"; there are parquet, jsonl, json, csv and tsv", name);
}

dzr_status dzr_format_of(const char *file_name, dzr_format *out, dzr_error *err)
{
    const bool is_url = strncmp(file_name, "http://", 7) == 0 || strncmp(file_name, "https://", 8) == 0;
    const size_t len = is_url ? strcspn(file_name, "?#") : strlen(file_name); /* a query is no part of a path */
    size_t dot = len;
    while (dot > 0 && file_name[dot - 1] != '.' && file_name[dot - 1] != '/')
        dot--;
    if (dot > 0 && file_name[dot - 1] == '.' && find(file_name + dot, len - dot, out))
        return DZR_OK;
    return dzr_fail(err, DZR_ERR_ARG,
            "%s: its name does not tell the format (.parquet, .jsonl, .ndjson, .json, .csv and .tsv do)", file_name);
}
