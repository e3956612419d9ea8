/* store/format.c - formats and their names. Called by table_reader.c, table_writer.c and programs. */
#include "base/internal.h"
#include <datarizer/table.h>

#include <strings.h>

static const struct {
    const char *name; /* and, after a dot, the ending */
    dzr_format format;
} formats[] = {{"parquet", DZR_FORMAT_PARQUET}, {"jsonl", DZR_FORMAT_JSONL}, {"ndjson", DZR_FORMAT_JSONL}};

const char *dzr_format_name(dzr_format format)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].format == format)
            return formats[i].name;
    return "by name";
}

static bool find(const char *name, dzr_format *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcasecmp(name, formats[i].name) == 0) {
            *out = formats[i].format;
            return true;
        }
    }
    return false;
}

dzr_status dzr_format_find(const char *name, dzr_format *out, dzr_error *err)
{
    return find(name, out) ? DZR_OK : dzr_fail(err, DZR_ERR_ARG, "no format \"%s\"; there are parquet and jsonl", name);
}

dzr_status dzr_format_of(const char *file_name, dzr_format *out, dzr_error *err)
{
    const char *const slash = strrchr(file_name, '/');
    const char *const dot = strrchr(slash != NULL ? slash : file_name, '.');
    if (dot != NULL && find(dot + 1, out))
        return DZR_OK;
    return dzr_fail(
            err, DZR_ERR_ARG, "%s: its name does not tell the format (.parquet, .jsonl and .ndjson do)", file_name);
}
